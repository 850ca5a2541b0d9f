"""Books of Aozora: the words that are printed large stay, in any encoding and however the file comes."""

import pytest

from tests.odd_texts.reading import read_file, read_in_parts

HEAD = (
    "港の猫\n山田花子\n\n-------------------------------------------------------\n【テキスト中に現れる記号について】\n\n"
    "《》：ルビ\n（例）港《みなと》\n\n｜：ルビの付く文字列の始まりを特定する記号\n（例）赤い｜帆船《ほぶね》\n"
    "-------------------------------------------------------\n\n"
)
BODY = (
    "　［＃５字下げ］一［＃「一」は中見出し］\n"
    "　港《みなと》に一匹の猫がいた。赤い｜帆船《ほぶね》が来る日には、いつも"
    "岸壁《がんぺき》に坐っていた［＃「坐っていた」に傍点］。\n"
    "「《海》の歌」を※［＃「口＋愛」、第3水準1-15-23］うたう人もあった。\n"
)
FOOT = "\n\n底本：「港の猫」どこか文庫\n　　　1987（昭和62）年9月29日第1刷発行\n入力：だれか\n校正：べつの人\n"
PLAIN = (
    "　一\n　港に一匹の猫がいた。赤い帆船が来る日には、いつも岸壁に坐っていた。\n「《海》の歌」をうたう人もあった。\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_readings_notes_and_the_colophon_are_left_out(encoding: str, end: str) -> None:
    text, findings = read_file("neko.txt", (HEAD + BODY * 60 + FOOT).replace("\n", end).encode(encoding))
    assert findings.format == "a book of Aozora"
    assert text == "港の猫\n山田花子\n\n\n" + (PLAIN * 60).rstrip("\n")
    assert (findings.left_out["reading"], findings.left_out["note"], findings.left_out["colophon"]) == (180, 240, 1)


def test_where_parts_end_makes_no_difference() -> None:
    assert {read_in_parts(".aozora", HEAD + BODY * 9 + FOOT, size)[0] for size in (1, 7, 4_096)} == {
        "港の猫\n山田花子\n\n\n" + PLAIN * 9 + "\n\n"
    }


def test_titles_in_such_brackets_make_no_book_of_aozora() -> None:
    written = "他读了《红楼梦》和《西游记》，又读了一遍《水浒传》。\n" * 200
    text, findings = read_file("a.txt", written)
    assert findings.format == "plain text"
    assert text.count("《红楼梦》") == 200


def test_a_rule_that_is_never_closed_takes_nothing_away() -> None:
    text, _ = read_in_parts(".aozora", "港\n" + "-" * 40 + "\n" + BODY * 40, 64)
    assert text.count("帆船") == 40
