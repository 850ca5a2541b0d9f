"""Bytes of all kinds become characters, and what was repaired is counted."""

import codecs

import pytest

from rnntui.errors import CorpusError
from rnntui.lm.text.encodings.repairs import BROKEN, GARBLED, OTHER, ZEROS
from rnntui.lm.text.encodings.survey import Survey, decoded
from rnntui.lm.text.findings import Findings

SENTENCE = "The quiet ferry waited beside the crooked harbour. "
QUOTED = "“It wasn’t the cobbler,” said Orla — “it’s late…”\n"
FRENCH = "L’été dernier, la maîtresse reçut une lettre étrange où était le garçon. À l’aube, rien.\n"


def read(data: bytes, block: int = 1 << 20) -> tuple[str, str, Findings]:
    blocks = [data[at : at + block] for at in range(0, len(data), block)]
    survey, findings = Survey(len(data)), Findings()
    for part in blocks:
        survey.feed(part)
    survey.finish()
    encoding = survey.choose("text.txt")
    return "".join(decoded(blocks, encoding, findings)), encoding.name, findings


def cesu(text: str) -> bytes:
    wide = text.encode("utf-16-be")
    units = [wide[at : at + 2] for at in range(0, len(wide), 2)]
    return b"".join(chr(int.from_bytes(unit)).encode("utf-8", "surrogatepass") for unit in units)


@pytest.mark.parametrize("block", [1 << 20, 7, 1])
def test_lines_of_two_encodings_are_read_in_theirs(block: int) -> None:
    text, name, findings = read((QUOTED.encode() * 3 + QUOTED.encode("cp1252")) * 20, block)
    assert text == QUOTED * 80
    assert name == "utf-8"
    assert findings.treated[OTHER] == 20 * sum(character > "\x7f" for character in QUOTED)


@pytest.mark.parametrize("page", ["cp1252", "mac_roman", "cp437"])
@pytest.mark.parametrize("line", ["She sat in the café all day.", "It was 3° below zero.", "A fee of £30 a year."])
def test_one_odd_byte_in_a_plain_text_is_a_code_page_or_said_not_to_be_sure(page: str, line: str) -> None:
    data = (SENTENCE * 6 + line).encode(page)
    survey = Survey(len(data))
    survey.feed(data)
    survey.finish()
    encoding = survey.choose("text.txt")
    assert "\ufffd" not in "".join(decoded([data], encoding))
    assert not encoding.is_sure or data.decode(encoding.name) == data.decode(page)


def test_half_of_the_lines_may_be_in_a_code_page() -> None:
    text, name, _ = read((FRENCH.encode() + FRENCH.encode("cp1252")) * 20)
    assert (text, name) == (FRENCH * 40, "utf-8")


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("gb18030", "老磨坊主一大早打开门，看着河面。船在哪里？他的女儿问。\n"),
        ("shift_jis", "年をとった粉屋は朝早く戸を開けて、川のほうを見た。\n"),
        ("euc_kr", "늙은 방앗간 주인은 아침 일찍 문을 열고 강을 바라보았다.\n"),
    ],
)
def test_lines_of_utf_8_and_of_two_bytes_for_a_character(page: str, line: str) -> None:
    assert read((line.encode() + line.encode(page)) * 20)[:2] == (line * 40, "utf-8")
    assert read(line.encode(page) * 40)[0] == line * 40


def test_letters_struck_over_and_bells_are_a_text() -> None:
    bold = "".join(f"{letter}\b{letter}" for letter in "The ferry waited") + "\x07\n"
    assert read((bold * 40).encode())[0] == bold * 40


def test_russian_lines_of_two_encodings_are_read_in_theirs() -> None:
    line = "Старый мельник открыл дверь и посмотрел на реку.\n"
    text, _, _ = read((line.encode() * 3 + line.encode("cp1251")) * 20)
    assert text == line * 80


@pytest.mark.parametrize("block", [1 << 20, 5])
def test_characters_written_as_two_halves_are_joined(block: int) -> None:
    line = "The ferry 😀 waited — 𝄞 sang.\n"
    text, name, findings = read(cesu(line) * 30, block)
    assert (text, name) == (line * 30, "utf-8")
    assert findings.treated[BROKEN] == 0


def test_a_half_of_a_character_inside_a_word_goes_and_is_counted() -> None:
    text, _, findings = read(QUOTED.encode() * 9 + b"lan\xed\xa0\xbdtern " * 4)
    assert text == QUOTED * 9 + "lantern " * 4
    assert findings.treated[BROKEN] == 4


@pytest.mark.parametrize("overlong", [b"\xc0\xaf", b"\xc0\x80", b"\xe0\x80\xaf"])
def test_overlong_forms_are_no_characters(overlong: bytes) -> None:
    text, _, _ = read((QUOTED.encode() + b"a " + overlong + b" b\n") * 9)
    assert text == (QUOTED + "a \ufffd b\n") * 9


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("It wasnâ€™t late.", "It wasn’t late."),
        ("Ã¢â‚¬Å“Hello", "“Hello"),
        ("the cafÃ© was shut", "the café was shut"),
        ("РџСЂРёРІРµС‚, СЃРѕСЃРµРґ", "Привет, сосед"),
        ("“Real,” said he of the cafÃ©.", "“Real,” said he of the café."),
    ],
)
def test_garbled_characters_are_mended_where_that_is_certain(garbled: str, meant: str) -> None:
    text, _, findings = read((SENTENCE + garbled + "\n").encode() * 5)
    assert text == (SENTENCE + meant + "\n") * 5
    assert findings.treated[GARBLED] >= 5


@pytest.mark.parametrize(
    "line",
    [
        "NÃO à IRMÃ”",
        "C’est l’été — voilà",
        "zażółć gęślą jaźń",
        "“Сё — так”, сказала она",
        "Âge, Ânes et Île",
        "½ kg à 5 £",
    ],
)
def test_what_only_looks_garbled_stays(line: str) -> None:
    text, _, findings = read((line + "\n").encode() * 5)
    assert text == (line + "\n") * 5
    assert findings.treated[GARBLED] == 0


@pytest.mark.parametrize("block", [1 << 20, 1, 2])
@pytest.mark.parametrize(
    ("data", "meant"),
    [
        (b"the lan\0tern fell\n", "the lantern fell\n"),
        (b"Orla\0\0\0\0\0Quill\n", "Orla Quill\n"),
        (b"the ferry\0\0\0\n", "the ferry\n"),
        (b"the \0ferry\n", "the ferry\n"),
        ("l\0é\0a\0 now\n".encode(), "léa now\n"),
    ],
)
def test_zero_bytes_go_or_become_a_space(data: bytes, meant: str, block: int) -> None:
    text, _, findings = read(SENTENCE.encode() * 20 + data, block)
    assert text == SENTENCE * 20 + meant
    assert findings.treated[ZEROS] == data.count(0)


def test_entries_that_end_with_zeros_become_lines() -> None:
    text, _, _ = read(b"the ferry\0the harbour\0the lantern\0" * 30)
    assert text == ("the ferry\nthe harbour\nthe lantern\n" * 30).rstrip("\n")


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
@pytest.mark.parametrize("text", [SENTENCE * 20, "Старый мельник открыл дверь.\n" * 20], ids=["English", "Russian"])
def test_wide_characters_are_read_with_and_without_a_mark(name: str, text: str) -> None:
    assert read(text.encode(name))[0].removeprefix("\ufeff") == text


@pytest.mark.parametrize(
    ("name", "text"), [("iso2022_jp", "舟はどこにあるの、と娘が聞いた。\n"), ("hz", "船在哪里？女儿问。\n")]
)
def test_encodings_of_7_bits_are_found_by_their_escapes(name: str, text: str) -> None:
    assert read((text * 9).encode(name))[0] == text * 9


def test_a_character_cut_by_the_end_is_no_other_encoding() -> None:
    text, name, _ = read((QUOTED * 9 + "é").encode()[:-1])
    assert (text, name) == (QUOTED * 9 + "\ufffd", "utf-8")


def test_a_byte_order_mark_before_and_between_leaves_the_text_what_it_is() -> None:
    data = codecs.BOM_UTF8 + QUOTED.encode() + codecs.BOM_UTF8 + QUOTED.encode()
    assert read(data)[0].replace("\ufeff", "") == QUOTED * 2


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9, "a PNG picture"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 9, "a program"),
        (b"SQLite format 3\0" + bytes(range(256)) * 9, "an SQLite database"),
        (b"\x1f\x8b\x08\0" + bytes(range(256)) * 9, "packed with gzip"),
        (bytes(9_000), "not a text file"),
        (bytes(range(256)) * 40, "not a text file"),
    ],
)
def test_what_is_no_text_is_named(data: bytes, what: str) -> None:
    with pytest.raises(CorpusError, match=what):
        read(data)
