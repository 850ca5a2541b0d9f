"""Documents of office programs: their words come out, and what is built to do harm ends in a sentence."""

import contextlib
import gzip
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.lm.text.formats import archives
from tests.effort import examples
from tests.odd_texts import documents
from tests.odd_texts.documents import archive, flat_document, open_document, pdf, rich_text, word, word_text
from tests.odd_texts.reading import read_file, read_in_parts

TEXTS = ["The miller saw the mill.", "“Was it old?” — “It’s older.”", "Äpfel & <Öl>, žluťoučký kůň, 日本語."]
JOINED = "\n\n".join(TEXTS)


def run(text: str, facts: str = "") -> str:
    return f"<w:r><w:rPr>{facts}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(inside: str, facts: str = "") -> str:
    return f'<w:p w:rsidR="00AB12CD"><w:pPr>{facts}</w:pPr>{inside}</w:p>'


# ---- Word -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.docx", "A.DOCX", "a.txt", "a", "a.doc", "a.odt"])
def test_a_word_document_is_known_by_its_content(name: str) -> None:
    text, findings = read_file(name, word_text(TEXTS))
    assert text == JOINED
    assert findings.format == "a Word document"


ITEM = "<w:numPr/>"
WORD_CASES = {
    "a line break": (paragraph("<w:r><w:t>One</w:t><w:br/><w:t>two</w:t></w:r>"), "One\ntwo"),
    "a tab": (paragraph('<w:r><w:t>One</w:t><w:tab/><w:t xml:space="preserve"> two</w:t></w:r>'), "One\t two"),
    "stops of tabs": (paragraph(run("One"), '<w:tabs><w:tab w:val="left"/></w:tabs>'), "One"),
    "a hyphen that holds": (paragraph("<w:r><w:t>two</w:t><w:noBreakHyphen/><w:t>fold</w:t></w:r>"), "two-fold"),
    "deleted": (paragraph(run("One") + '<w:del w:id="1"><w:r><w:delText>gone</w:delText></w:r></w:del>'), "One"),
    "moved away": (paragraph(f"<w:moveFrom>{run('gone')}</w:moveFrom><w:moveTo>{run('One')}</w:moveTo>"), "One"),
    "inserted": (paragraph(f"<w:ins>{run('One')}</w:ins>{run(' two', '<w:del/>')}"), "One two"),
    "hidden": (paragraph(run("gone", "<w:vanish/>") + run("One")), "One"),
    "not hidden": (paragraph(run("One", '<w:vanish w:val="0"/>')), "One"),
    "a field": (paragraph("<w:r><w:instrText>PAGE \\* gone</w:instrText></w:r>" + run("One")), "One"),
    "items": (paragraph(run("a"), ITEM) + paragraph(run("b"), ITEM) + paragraph(run("One")), "a\nb\n\nOne"),
    "a text box twice": (
        paragraph(
            "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>"
            + paragraph(run("Box"))
            + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
            + paragraph(run("Box"))
            + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>"
        ),
        "Box",
    ),
    "contents": (paragraph(run("One 3"), '<w:pStyle w:val="TOC1"/>') + paragraph(run("One")), "One"),
    "a formula": (paragraph(run("One") + "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"), "One"),
    "a link": (paragraph(f'<w:hyperlink r:id="r1">{run("One")}</w:hyperlink>'), "One"),
    "white space between tags": (paragraph(f"\n  {run('One')}\n  {run(' two')}\n"), "One two"),
    "entities": (paragraph(run("a &lt;b&gt; &amp;amp; &#x41;")), "a <b> &amp; A"),
    "typed line by line": (
        "".join(paragraph(run(line) if line else "") for line in ("a", "b", "", "c", "d", "", "e", "f", "", "g")),
        "a\nb\n\nc\nd\n\ne\nf\n\ng",
    ),
}


@pytest.mark.parametrize("kind", WORD_CASES)
def test_of_a_word_document_what_a_reader_sees_is_read(kind: str) -> None:
    body, text = WORD_CASES[kind]
    assert read_file("a.docx", word(body))[0] == text


def test_tables_are_read_row_by_row() -> None:
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in row) + "</w:tr>" for row in ("ab", "cd")
    )
    body = paragraph(run("Before.")) + f"<w:tbl>{rows}</w:tbl>" + paragraph(run("After."))
    assert read_file("a.docx", word(body))[0] == "Before.\n\na\tb\nc\td\n\nAfter."


def test_notes_and_comments_are_left_out_and_counted() -> None:
    marks = '<w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:commentReference w:id="1"/></w:r>'
    text, findings = read_file("a.docx", word(paragraph(run("One.") + marks), word__footnotes="<w:p>no</w:p>"))
    assert text == "One."
    assert findings.left_out == {"footnote": 1, "comment": 1}


def test_the_main_part_may_have_another_name() -> None:
    relations = '<Relationships><Relationship Type="x/officeDocument" Target="/word/document2.xml"/></Relationships>'
    body = documents.WORD.format(paragraph(run("One.")))
    entries = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relations, "word/document2.xml": body}
    assert read_file("a.docx", archive(entries))[0] == "One."


# ---- OpenDocument and FictionBook -------------------------------------------------------------------------------

OPEN_CASES = {
    "spaces": ('<text:p>One<text:s text:c="1"/>two\n   three</text:p>', "One two three"),
    "spans": ("<text:p>O<text:span>ne</text:span> <text:span>two</text:span></text:p>", "One two"),
    "breaks": ("<text:p>One<text:line-break/>two<text:tab/>three</text:p>", "One\ntwo\tthree"),
    "a heading": ("<text:h>Head</text:h><text:p>One</text:p>", "Head\n\nOne"),
    "deleted": ("<text:tracked-changes><text:deletion><text:p>gone</text:p></text:deletion></text:tracked-changes>"
    "<text:p>One</text:p>", "One"),
    "a note": ("<text:p>One<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>gone</text:p>"
    "</text:note-body></text:note> two</text:p>", "One two"),
    "a comment": ("<text:p>One<office:annotation><text:p>gone</text:p></office:annotation></text:p>", "One"),
    "items": ("<text:list><text:list-item><text:p>a</text:p></text:list-item><text:list-item><text:p>b</text:p>"
    "</text:list-item></text:list><text:p>One</text:p>", "a\nb\n\nOne"),
    "an empty paragraph": ("<text:p/><text:p>One</text:p><text:p/>", "One"),
    "a table": ("<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
    "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
    "<text:p>One</text:p>", "a\tb\n\nOne"),
    "contents": ("<text:table-of-content><text:p>One 3</text:p></text:table-of-content><text:p>One</text:p>", "One"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPEN_CASES)
def test_of_an_open_document_what_a_reader_sees_is_read(kind: str) -> None:
    body, text = OPEN_CASES[kind]
    assert read_file("a.odt", open_document(body))[0] == text
    assert read_file("a.fodt", flat_document(body))[0] == text
    assert read_file("a.txt", open_document(body))[1].format == "an OpenDocument text"


BOOK = (
    '<?xml version="1.0" encoding="utf-8"?><FictionBook><description><title-info><book-title>No</book-title>'
    '</title-info></description><body><title><p>Глава</p></title><section><p>Слово<a type="note" href="#1">[1]</a> и '
    "<emphasis>дело</emphasis>.</p><poem><stanza><v>раз</v><v>два</v></stanza><stanza><v>три</v></stanza></poem></section>"
    '</body><body name="notes"><section><p>gone</p></section></body><binary>AAAA</binary></FictionBook>'
)


@pytest.mark.parametrize("name", ["a.fb2", "a.xml", "a"])
def test_a_fiction_book_is_read_without_its_notes(name: str) -> None:
    text, findings = read_file(name, BOOK)
    assert text == "Глава\n\nСлово и дело.\n\nраз\nдва\n\nтри"
    assert findings.left_out["footnote"] == 1


# ---- what cannot be read ----------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
BAD = {
    "an old document": ("a.doc", documents.old_word(), "old office program"),
    "a locked new one": ("a.docx", documents.old_word("EncryptedPackage"), "locked by a password"),
    "a locked OpenDocument": (
        "a.odt",
        open_document("<text:p>x</text:p>", **{"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
        "locked by a password",
    ),
    "a book for Kindle": ("a.mobi", documents.kindle_book(), "Kindle"),
    "a workbook": ("a.xlsx", archive({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), "workbook"),
    "slides": ("a.pptx", archive({"[Content_Types].xml": "x", "ppt/slides.xml": "x"}), "presentation"),
    "no document": ("a.docx", b"PK\x03\x04 nothing", "damaged, or no Word document"),
    "plain text": ("a.docx", JOINED.encode(), "damaged, or no Word document"),
    "cut off": ("a.docx", word_text(TEXTS * 99)[:-300], "damaged"),
    "without its text": ("a.docx", archive({"[Content_Types].xml": "x", "word/x.xml": "x"}), "damaged"),
    "a bomb": ("a.docx", word("<w:p>" * 8_000_000), "more than 16 MB"),
    "a bomb that hides its size": ("a.odt", open_document("<text:p>" * 8_000_000), "more than 16 MB"),
    "packed in an unusual way": (
        "a.docx",
        archive({"[Content_Types].xml": "x", "word/document.xml": "x"}, zipfile.ZIP_BZIP2),
        "unusual way",
    ),
    "an archive without its suffix": ("a.txt", archive({"a.txt": "x"}), "is an archive"),
    "packed without its suffix": ("a.txt", gzip.compress(JOINED.encode()), "is an archive"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_read_is_one_sentence(kind: str) -> None:
    name, data, sentence = BAD[kind]
    with pytest.raises(CorpusError, match=sentence) as problem:
        read_file(name, data)
    assert problem.value.next_step


def test_no_entity_of_a_document_is_expanded() -> None:
    body = documents.WORD.format(paragraph(run("&c;&c; One.")))
    text, _ = read_file("a.docx", archive({"[Content_Types].xml": "", "word/document.xml": LAUGHS + body}))
    assert text == "&c;&c; One."


def test_nesting_takes_no_memory_and_no_depth() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 50_000 + paragraph(run("One.")) + "<w:ins>" * 50_000
    assert read_file("a.docx", word(deep))[0].strip() == "One."


def test_a_document_in_a_packed_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = word_text(TEXTS)
    assert read_file("a.docx.gz", gzip.compress(data))[0] == JOINED
    from rnntui.lm.text import text_source

    monkeypatch.setattr(text_source, "_LARGEST_PACKED_DOCUMENT", 100)
    with pytest.raises(CorpusError, match="in a packed file"):
        read_file("a.docx.gz", gzip.compress(data))


def test_entries_together_are_no_bomb_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_LARGEST", 1_000)
    with pytest.raises(CorpusError, match="unpacked"):
        read_file("a.docx", word_text(TEXTS * 20))


@settings(max_examples=examples(60), deadline=None)
@given(at=st.integers(0, 2_000), byte=st.integers(0, 255), kind=st.sampled_from(["docx", "odt", "fb2", "rtf", "pdf"]))
def test_a_document_with_any_byte_changed_is_read_or_refused(at: int, byte: int, kind: str) -> None:
    whole = {
        "docx": word_text(TEXTS),
        "odt": open_document("<text:p>One</text:p>" * 20),
        "fb2": BOOK.encode(),
        "rtf": rich_text("One. \\par Two. \\u8211? x" * 20).encode(),
        "pdf": pdf([["One line.", "Two lines."], ["Three."]]),
    }[kind]
    data = bytearray(whole)
    data[at % len(data)] = byte
    with contextlib.suppress(CorpusError):
        assert read_file(f"a.{kind}", bytes(data))


# ---- rich text --------------------------------------------------------------------------------------------------

FONTS = r"\ansi\ansicpg1252{\fonttbl{\f0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 C;}{\f3\fcharset238 D;}}"
RICH_CASES = {
    "escapes": (r"Caf\'e9 \'93x\'94", "Café “x”"),
    "Unicode": (r"a \u8211? b\u8217\'92s \uc0\u8211 c", "a – b’s –c"),
    "a surrogate pair": (r"\u-10179?\u-8704?", "😀"),
    "half a pair": (r"a\u-8704?b", "a\ufffdb"),
    "fallback of two": (r"\uc2\u8211--x{\uc1\u8211-y}\u8211--z", "–x–y–z"),
    "Cyrillic": (r"\f1\'cf\'f0\'e8\f0  ok", "При ok"),
    "Japanese": (r"\f2\'83A\'83\'42\f0 .", "アィ."),
    "Polish": (r"{\f3 za\'bf\'f3\'b3\'e6}", "zażółć"),
    "signs": (r"\ldblquote a\rdblquote\emdash b\endash c\rquote\~d\_e\-f", "“a”—b–c’ d-ef"),
    "braces": (r"\{a\} \\b", "{a} \\b"),
    "paragraphs": (r"a\par b\line c\tab d\pard\par e", "a\n\nb\nc\td\n\ne"),
    "line ends of the file": ("one \r\ntwo\nx", "one twox"),
    "line ends as paragraphs": ("a\\\nb", "a\n\nb"),
    "hidden": (r"a{\v gone} b\v gone\v0 c", "a bc"),
    "deleted": (r"a{\deleted gone}b", "ab"),
    "a field": (r'{\field{\*\fldinst HYPERLINK "gone"}{\fldrslt link}}', "link"),
    "a picture": (r"a{\pict\pngblip 89504e47}b", "ab"),
    "raw bytes": ("a{\\pict\\bin4 }{}}b}c", "ac"),
    "a note": (r"a{\footnote gone {\b deep}} b", "a b"),
    "heads": (r"{\header gone\par}a{\footer gone}", "a"),
    "unknown groups": (r"a{\*\gone {deep} x}b{\unknown c}", "abc"),
    "a table": (r"\trowd a\cell b\cell\row c\cell d\cell\row\pard e", "a\tb\nc\td\ne"),
    "unbalanced": (r"a}}} b", "a b"),
    "unfinished": (r"a {\b b", "a b"),
}  # fmt: skip


@pytest.mark.parametrize("kind", RICH_CASES)
def test_of_a_rich_text_what_a_reader_sees_is_read(kind: str) -> None:
    body, text = RICH_CASES[kind]
    for size in (1, 5, 10_000):
        assert read_in_parts(".rtf", rich_text(body, FONTS), size)[0].strip() == text


def test_a_rich_text_is_known_by_its_content_and_plain_text_by_not_being_one() -> None:
    text, findings = read_file("letter.doc", rich_text(r"Dear\par Orla"))
    assert (text, findings.format) == ("Dear\n\nOrla", "rich text")
    text, findings = read_file("letter.rtf", "Dear Orla, {this} is plain.")
    assert (text, findings.format) == ("Dear Orla, {this} is plain.", "plain text")


def test_what_a_rich_text_has_beside_its_words_is_counted() -> None:
    _, findings = read_in_parts(".rtf", rich_text(r"a{\footnote A note.}{\pict 00}{\header H}"), 50)
    assert findings.left_out == {"footnote": 1, "picture": 1, "running head": 1}
    assert {example.text for example in findings.examples} == {"A note.", "", "H"}


def test_a_rich_text_nested_without_an_end_is_one_sentence() -> None:
    with pytest.raises(CorpusError, match="nested deeper"):
        read_file("a.rtf", "{\\rtf1" + "{" * 100_000)


@settings(max_examples=examples(60), deadline=None)
@given(st.text(alphabet="\\{}'*u0123456789abcdefpr \n\x80é-", max_size=200))
def test_any_marks_at_all_are_read(body: str) -> None:
    assert read_in_parts(".rtf", "{\\rtf1 " + body, 7)[0] is not None
