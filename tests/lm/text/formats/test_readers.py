"""Files that are not plain text: their words come out, and what is built to do harm ends in a count or a sentence."""

import contextlib
import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats import archives, tables
from rnntui.lm.text.formats.readers import READERS
from rnntui.lm.text.text_source import read_document
from rnntui.records import ReadOptions
from tests.effort import examples

SENTENCE = "The cat saw the dog, and the dog saw the cat."


def a_file(tmp_path: Path, name: str, data: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(parts: list[str], suffix: str, field: str = "") -> tuple[str, Findings]:
    findings = Findings()
    return "".join(READERS[suffix].read(parts, ReadOptions(field=field), findings)), findings


# ---- JSON lines -------------------------------------------------------------------------------------------------


def lines(*records: object) -> str:
    return "\n".join(json.dumps(record) for record in records) + "\n"


def test_the_field_with_most_text_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    path = a_file(tmp_path, "a.jsonl", lines(*({"id": str(at), "text": f"{SENTENCE} {at}"} for at in range(9))))
    found = read_document(path)
    assert found.text.split("\n\n") == [f"{SENTENCE} {at}" for at in range(9)]
    assert 'The text was taken from the field "text"; --field takes another: "id".' in " ".join(found.notes)


def test_a_field_can_be_chosen_also_inside_an_object(tmp_path: Path) -> None:
    path = a_file(tmp_path, "a.jsonl", lines(*({"long": SENTENCE * 3, "m": {"said": f"Yes {at}."}} for at in range(3))))
    assert read_document(path, ReadOptions(field="m.said")).text == "Yes 0.\n\nYes 1.\n\nYes 2."
    with pytest.raises(CorpusError, match=r'no field "title"') as problem:
        read_document(path, ReadOptions(field="title"))
    assert '"m.said"' in problem.value.next_step


@pytest.mark.parametrize("bad", ["{", "[" * 100_000, "nonsense", '{"text": 1}', '{"a":' * 5_000, "\ud800", "1" * 9_000])
def test_broken_lines_are_left_out(bad: str) -> None:
    text, findings = read([lines({"text": "One."}), bad + "\n", lines({"text": "Two."})], ".jsonl")
    assert text.split() == ["One.", "Two."]
    assert findings.skipped <= 1


def test_a_line_without_an_end_is_left_out_and_never_held_whole() -> None:
    endless = ["x" * 400] * 50
    text, findings = read([lines({"text": "One."}), *endless, "\n", lines({"text": "Two."})], ".jsonl")
    assert text.split() == ["One.", "Two."]
    assert findings.skipped == 1


def test_terminal_codes_spelled_in_json_do_not_get_through(tmp_path: Path) -> None:
    path = a_file(tmp_path, "a.jsonl", '{"text": "red \\u001b[31m \\ud800 end"}\n')
    assert read_document(path).text == "red  \ufffd end"


def test_a_file_of_no_json_is_plain_text_whatever_its_name_says(tmp_path: Path) -> None:
    assert read_document(a_file(tmp_path, "a.jsonl", "The cat.\n" * 50)).text.startswith("The cat.\nThe cat.")


def test_a_line_separator_inside_a_record_ends_a_line_and_not_the_record(tmp_path: Path) -> None:
    path = a_file(tmp_path, "a.jsonl", '{"text": "one\u2028two\u2029three"}\n{"text": "four"}\n')
    assert read_document(path).text == "one\ntwo\n\nthree\n\nfour"


# ---- tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_column_of_a_table_is_read_whatever_separates_it(tmp_path: Path, sign: str) -> None:
    rows = [f'{at}{sign}Anna{sign}"She said: ""no"", {at};\nand left."' for at in range(30)]
    path = a_file(tmp_path, "a.csv", "\r\n".join([sign.join(["id", "who", "what"]), *rows]))
    assert read_document(path).text.split("\n\n")[3] == 'She said: "no", 3;\nand left.'
    assert set(read_document(path, ReadOptions(field="who")).text.split()) == {"Anna"}
    assert set(read_document(path, ReadOptions(field="2")).text.split()) == {"Anna"}
    with pytest.raises(CorpusError, match=r'no column "title"'):
        read_document(path, ReadOptions(field="title"))


def test_a_table_without_a_heading_loses_no_row(tmp_path: Path) -> None:
    path = a_file(tmp_path, "a.csv", "".join(f"{at},{SENTENCE[:-1]} {at}.\n" for at in range(5)))
    assert read_document(path, ReadOptions(field="2")).text.startswith("The cat saw the dog")


def test_a_cell_without_an_end_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_LONGEST_RECORD", 1_000)
    rows = [f"{at},word{at}\n" for at in range(300)]
    text, findings = read(["id,text\n", *rows, '1,"', "x\n" * 3_000, '"\n', *rows], ".csv", "text")
    assert text.split()[:300] == [f"word{at}" for at in range(300)]
    assert findings.skipped >= 1


@settings(max_examples=examples(60), deadline=None)
@given(
    parts=st.lists(st.text(alphabet=',;"\t\n ab1|\\{}:', max_size=40), max_size=8),
    kind=st.sampled_from([".csv", ".jsonl"]),
)
def test_any_table_is_read_or_refused(parts: list[str], kind: str) -> None:
    with contextlib.suppress(CorpusError):
        read(parts, kind)


# ---- pages ------------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html><html><head><title>No</title><style>p { color: red }</style></head><body>
<nav><a href="/">menu</a></nav><h1>One &amp; two</h1><p>The <b>cat</b>
saw&nbsp;the dog&#x2014;twice.</p><script>alert("no")</script><ul><li>first<li>second</ul>
<p>End<br>of it.</body></html>"""


def test_a_page_gives_its_words_in_paragraphs(tmp_path: Path) -> None:
    found = read_document(a_file(tmp_path, "a.html", PAGE * 3))
    assert found.text.startswith("One & two\n\nThe cat saw the dog—twice.\n\nfirst\nsecond\n\nEnd\nof it.\n\n")
    assert not {"menu", "No", "alert", "color"} & set(found.text.replace("(", " ").split())


@settings(max_examples=examples(60), deadline=None)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_where_a_page_is_cut_makes_no_difference(sizes: list[int]) -> None:
    parts, start = [], 0
    for size in sizes:
        parts.append(PAGE[start : start + size])
        start += size
    whole, _ = read([PAGE], ".html")
    assert read([*parts, PAGE[start:]], ".html")[0].split() == whole.split()


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 50_000,
        "<" * 100_000,
        "<!" * 50_000,
        "<!--" * 30_000,
        "<a b='" * 30_000,
        "&" * 100_000,
        "&#99999999999999999999;" * 500,
        "<script>" * 1_000 + "x" * 10_000,
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>&c;' * 500,
        "</" * 50_000,
        "<p " + "a" * 400_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_markup_ends(hostile: str) -> None:
    text, _ = read([f"<p>{SENTENCE}</p>", hostile], ".html")
    assert SENTENCE in text
    assert len(text) < 2 * len(hostile) + 100, "nothing is expanded"


def test_a_tag_that_does_not_end_is_text() -> None:
    text, _ = read([SENTENCE, "<a href='", *["x" * 10_000] * 9, f"<p>{SENTENCE}</p> 1 < 2 and 3 > 2"], ".html")
    assert text.count(SENTENCE) == 2
    assert text.endswith("1 < 2 and 3 > 2")


# ---- books ------------------------------------------------------------------------------------------------------

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'


def book(chapters: dict[str, str], order: list[str] | None = None, **more: bytes) -> bytes:
    order = list(chapters) if order is None else order
    package = "<opf:package><manifest>{}</manifest><spine>{}</spine></opf:package>"
    items = "".join(f'<item id="i{at}" href="{name}"/>' for at, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="i{list(chapters).index(name)}"/>' for name in order)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OPS/book.opf", package.format(items, spine))
        for name, text in chapters.items():
            archive.writestr(f"OPS/{name}", text)
        for name, data in more.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("META/", "META-INF/"), data)
    return stream.getvalue()


def test_a_book_is_read_in_the_order_of_its_chapters(tmp_path: Path) -> None:
    data = book({"two.xhtml": "<p>Second.</p>", "one.xhtml": "<p>First &amp; best.</p>"}, ["one.xhtml", "two.xhtml"])
    found = read_document(a_file(tmp_path, "a.epub", data))
    assert found.text.split("\n\n") == ["First & best.", "Second."]
    assert found.encoding == "epub"


def _with_method(data: bytes, method: int) -> bytes:
    return data.replace(struct.pack("<H", 8) + b"\0\0", struct.pack("<H", method) + b"\0\0")


HOSTILE_BOOKS = {
    "no archive": (SENTENCE.encode() * 20, "no e-book"),
    "cut off": (book({"a": SENTENCE * 50})[:-200], "damaged"),
    "no container": (b"PK\x05\x06" + bytes(18), "damaged"),
    "no chapters": (book({}), "no chapters"),
    "bomb": (book({"a.xhtml": "<p>a</p>" * 4_000_000}), "more than 16 MB"),
    "locked": (book({"a": SENTENCE}, META__encryption_xml=b"<EncryptedData/>"), "locked by its seller"),
    "chapter outside": (book({"../../../etc/passwd": SENTENCE}), "no chapters"),
}


@pytest.mark.parametrize("kind", HOSTILE_BOOKS)
def test_a_book_that_cannot_be_read_is_one_sentence(tmp_path: Path, kind: str) -> None:
    data, sentence = HOSTILE_BOOKS[kind]
    with pytest.raises(CorpusError, match=sentence) as problem:
        read_document(a_file(tmp_path, "a\x1b.epub", data))
    assert "\x1b" not in problem.value.sentence
    assert problem.value.next_step


def test_many_chapters_together_are_no_bomb_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_LARGEST", 10_000)
    with pytest.raises(CorpusError, match="unpacked"):
        read_document(a_file(tmp_path, "a.epub", book({f"{at}.xhtml": SENTENCE * 50 for at in range(9)})))


@settings(max_examples=examples(60), deadline=None)
@given(at=st.integers(0, 2_000), byte=st.integers(0, 255))
def test_a_book_with_any_byte_changed_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    data = bytearray(book({"a.xhtml": f"<p>{SENTENCE}</p>" * 20, "b.xhtml": "<p>More.</p>"}))
    data[at % len(data)] = byte
    path = a_file(tmp_path_factory.mktemp("book"), "a.epub", bytes(data))
    with contextlib.suppress(CorpusError):
        assert read_document(path).text.strip()
