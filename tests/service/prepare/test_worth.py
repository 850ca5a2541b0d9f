"""What is said of texts before minutes are spent on them, and that nothing is said of a text that is worth them."""

import argparse
import dataclasses
from pathlib import Path

import pytest

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.text_source import Text, TextFile, WrittenText
from rnntui.lm.text.worth.doubts import Look, look_for_doubts, main_language
from rnntui.lm.text.worth.excerpts import LENGTH, MOST, Excerpts
from rnntui.lm.text.worth.languages import language_shares, script_of
from rnntui.lm.tokens.corpus import CountedText, count_text
from rnntui.service.prepare.worth import FEW_WORDS, MOST_WARNINGS, SENTENCES, percent, warnings_of
from rnntui.settings import ModelConfig
from rnntui.text_facts import Doubt, TextFacts
from tests.odd_texts.worth import CASES, FUNCTION_WORDS, interleaved, log, numbers, prose

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def seen(text: str, part: int = 65_536) -> Excerpts:
    excerpts = Excerpts()
    parts = (text[start : start + part] for start in range(0, len(text), part))
    assert "".join(excerpts.watched(parts)) == text
    return excerpts


def look_at(text: str) -> Look:
    return Look.at(seen(text))


def counted(*texts: Text) -> CountedText:
    work = count_text(texts, 0.1)
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: CountedText = end.value
            return found


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_a_text(name: str) -> None:
    for seed in (1, 2):
        case = CASES[name](seed)
        assert {doubt.kind for doubt in look_for_doubts(Look.at(seen(case.text)))} == case.kinds, (name, seed)


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the books")
def test_nothing_is_said_of_books() -> None:
    library = sorted((DATA / "library").glob("[!e]*/*.txt")) + sorted((DATA / "library" / "en").glob("*.txt"))[::12]
    for path in [*library, *DATA.glob("shelf/*.txt")]:
        file = TextFile(path)
        list(file.survey())
        excerpts = Excerpts()
        for _ in excerpts.watched(file.parts(Findings())):
            pass
        assert look_for_doubts(Look.at(excerpts)) == (), path
        language = {"de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "ru": "Russian"}
        assert main_language(Look.at(excerpts)) == language.get(path.parent.name, "English"), path


def test_source_code_is_not_taken_for_a_bad_scan() -> None:
    code = Path(argparse.__file__).read_text(encoding="utf-8")
    look = Look.at(seen(code))
    assert "garbled" in {doubt.kind for doubt in look_for_doubts(look)}
    assert "garbled" not in {doubt.kind for doubt in look_for_doubts(look, "source code")}


def test_every_kind_has_its_sentence_and_a_text_that_earns_it() -> None:
    earned = {kind for make in CASES.values() for kind in make(1).kinds}
    assert earned == set(SENTENCES)


def test_excerpts_are_few_and_spread_over_the_whole_text() -> None:
    for length in (0, 1, 999, 39_000, 250_000, 3_000_000):
        text = "".join(chr(0x4E00 + at % 20_000) for at in range(length))
        for part in (7_001, 65_536):
            found = seen(text, part).texts
            assert len(found) <= MOST
            assert sum(map(len, found)) >= min(length, LENGTH * MOST // 3)
            assert all(excerpt in text for excerpt in found[:3])
    assert seen("It is one.\n" * 9).texts == ["It is one.\n" * 9]
    assert seen("a\nb\n").line_ends == 2


def test_a_language_is_told_by_its_words_and_a_script_by_its_letters() -> None:
    for language in FUNCTION_WORDS:
        shares, pieces = language_shares([prose(1, 100, language)])
        assert next(iter(shares)) == language
        assert shares[language] > 0.95
        assert pieces > 20
        assert main_language(look_at(prose(1, 100, language))) == language
    assert main_language(look_at(prose(1, 100, "Greek"))) == "Greek"
    assert main_language(look_at("qx zv " * 4_000)) == ""
    assert [script_of(letter) for letter in "aжωש字かกé×"] == [
        *("Latin", "Cyrillic", "Greek", "Hebrew", "Chinese or Japanese", "Chinese or Japanese", "Thai", "Latin"),
        "Latin",
    ]


def test_one_text_is_warned_of_without_its_name_and_several_by_name_once() -> None:
    (alone,) = [line for line in warnings_of(counted(WrittenText("a.txt", log(1, 1_500)))) if "log" in line]
    assert alone.startswith("100 % of the lines begin with a date or a time")
    texts = [WrittenText(f"{name}.txt", log(at, 400)) for at, name in enumerate("abcd")]
    others = [WrittenText(f"p{at}.txt", prose(at + 10)) for at in range(3)]
    two = [line for line in warnings_of(counted(*texts[:2], *others)) if "log" in line]
    assert [line.split(": ")[0] for line in two] == ["a.txt, b.txt"]
    four = [line for line in warnings_of(counted(*texts, *others)) if "log" in line]
    assert [line.split(": ")[0] for line in four] == ["4 of 7 texts, such as a.txt"]


def test_little_text_is_warned_of_with_what_comes_of_it() -> None:
    few = warnings_of(counted(WrittenText("a.txt", prose(1, 400))))
    assert len(few) == 1
    assert "words are few: in 5 minutes they are read" in few[0]
    assert "100,000" in few[0]
    (gone_on,) = warnings_of(counted(WrittenText("a.txt", prose(1, 400))), ModelConfig())
    assert "they are read 5 times and taken over a little" in gone_on
    enough = counted(WrittenText("a.txt", prose(1, 1_000)))
    assert enough.words > FEW_WORDS
    assert warnings_of(enough) == ()


def test_the_gravest_stands_first_and_there_are_not_too_many() -> None:
    text = counted(WrittenText("a.txt", prose(1, 400)))
    doubts = tuple(Doubt(kind, 0.5, "English and French") for kind in SENTENCES)
    texts = tuple(TextFacts(f"{kind}.txt", doubts=(doubt,)) for kind, doubt in zip(SENTENCES, doubts, strict=True))
    source = text.sources[0]
    many = dataclasses.replace(text, texts=texts, sources=(source,) * len(texts))
    said = warnings_of(many)
    assert len(said) == MOST_WARNINGS
    assert [line.split(".txt")[0] for line in said] == list(SENTENCES)[:MOST_WARNINGS]


def test_texts_in_several_languages_are_warned_of_together() -> None:
    texts = [
        WrittenText(f"{name}.txt", prose(at, 500, name)) for at, name in enumerate(("English", "German", "Russian"))
    ]
    (said,) = warnings_of(counted(*texts))
    assert said.startswith("The texts are in 3 languages (")
    little = [WrittenText("a.txt", prose(1, 2_000)), WrittenText("b.txt", prose(2, 60, "German"))]
    assert warnings_of(counted(*little)) == ()


def test_repeated_sentences_are_warned_of() -> None:
    text = prose(1, 800)
    (said,) = warnings_of(counted(WrittenText("a.txt", text + text[: len(text) // 2])))
    assert "of the long sentences stand there more than once" in said


def test_a_text_whose_best_possible_is_known_was_made_to_be_learned() -> None:
    text = counted(WrittenText("a.txt", numbers()))
    assert warnings_of(text)
    assert warnings_of(text, best_possible=1.2) == ()
    assert warnings_of(counted(WrittenText("sample:counting", numbers()), WrittenText("b.txt", prose(1, 900)))) == ()


def test_an_encoding_that_is_not_sure_is_warned_of_with_both_openings() -> None:
    text = counted(WrittenText("a.txt", prose(1, 900)))
    facts = dataclasses.replace(
        text.texts[0],
        encoding="cp1252",
        is_encoding_sure=False,
        other_encoding="cp850",
        openings=("Grüße", "Gr³áe"),
    )
    (said,) = warnings_of(dataclasses.replace(text, texts=(facts,)))
    assert "cp1252 or in cp850" in said
    assert "“Grüße” or “Gr³áe”" in said
    assert "--encoding" in said


def test_doubts_are_kept_with_the_counted_text() -> None:
    text = counted(WrittenText("a.txt", interleaved(prose(1, 900), prose(2, 900, "German"))))
    again = CountedText.from_bytes(text.to_bytes())
    assert again.texts == text.texts
    assert again.texts[0].doubts[0].kind == "languages"
    assert warnings_of(again) == warnings_of(text) != ()


def test_a_share_that_is_nearly_all_is_not_called_all() -> None:
    assert [percent(share) for share in (0.0012, 0.034, 0.5, 0.994, 0.99999, 1.0)] == [
        *("0.1 %", "3 %", "50 %", "99.4 %", "99.9 %", "100 %")
    ]


def test_pictures_and_signs_that_part_a_text_do_not_make_it_a_bad_scan() -> None:
    lines = prose(1, 600).splitlines()
    with_pictures = "\n".join(f"{line} 😂 🙈 ❤️ 👍🏽 🇩🇪" for line in lines)
    parted = "\n%\n".join(line[:60] for line in prose(2, 600).split(". "))
    for text in (with_pictures, parted):
        assert "garbled" not in {doubt.kind for doubt in look_for_doubts(look_at(text))}


def test_levels_in_the_brackets_of_a_log_are_no_markup() -> None:
    text = "\n".join(f"2026-03-0{at % 9 + 1} 10:17:{at % 60:02} [main] [http] WARN: it failed" for at in range(400))
    assert {doubt.kind for doubt in look_for_doubts(look_at(text))} & {"log", "markup"} == {"log"}


def test_languages_of_one_script_are_told_apart_where_they_have_letters_of_their_own() -> None:
    told = {
        "من به خانه‌ی شما نمی‌آیم، پدر چه گفت و ژاله کجا است؟ ": "Persian",
        "ذهب الولد إلى السوق وجلس عند النهر. ": "Arabic",
        "یہ لڑکا بازار گیا ہے، میں نے اسے کہا تھا۔ ": "Urdu",
        "吾輩は猫である。名前はまだ無い。": "Japanese",
        "他早上去市场买菜，老人坐在河边。": "Chinese",
    }
    assert {text: main_language(look_at(text * 200)) for text in told} == told
