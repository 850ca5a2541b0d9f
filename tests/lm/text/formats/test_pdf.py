"""Of a PDF the text layer is read, in paragraphs, without what stands at the edges of its pages."""

import random
import sys
import zlib

import pytest

from rnntui.errors import CorpusError
from rnntui.lm.text.formats import pdf as reader
from rnntui.records import ReadOptions
from tests.odd_texts.documents import pdf, pdf_of
from tests.odd_texts.reading import read_file

WORDS = ["the", "miller", "saw", "a", "wooden", "mill", "by", "another", "quiet", "river", "where", "nobody", "came"]


def paragraphs(number: int, seed: int = 1) -> list[str]:
    dice = random.Random(seed)
    return [" ".join(dice.choices(WORDS, k=dice.randrange(40, 80))).capitalize() + "." for _ in range(number)]


def wrapped(text: str, width: int = 66) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def pages(lines: list[str], on_each: int = 30) -> list[list[str]]:
    return [lines[at : at + on_each] for at in range(0, len(lines), on_each)]


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a"])
def test_wrapped_lines_are_paragraphs_again_over_the_ends_of_pages(name: str, is_packed: bool) -> None:
    texts = paragraphs(12)
    text, findings = read_file(name, pdf(pages([line for one in texts for line in wrapped(one)]), is_packed=is_packed))
    assert " ".join(text.split()) == " ".join(texts)
    assert text.count("\n\n") >= 6
    assert "\n" not in text.replace("\n\n", "")
    assert findings.format == "a PDF"


def test_heads_feet_and_numbers_of_pages_are_left_out_and_counted() -> None:
    texts = paragraphs(40)
    body = pages([line for one in texts for line in wrapped(one)])
    book = [["A Novel" if at % 2 else "Chapter One", *lines, f"- {at + 7} -"] for at, lines in enumerate(body)]
    text, findings = read_file("a.pdf", pdf(book))
    assert " ".join(text.split()) == " ".join(texts)
    assert findings.left_out == {"running head": len(body), "page number": len(body)}


def test_lines_that_differ_are_no_heads() -> None:
    body = [[f"{word} begins", *wrapped(one)] for word, one in zip("ABCDEFGH", paragraphs(8), strict=True)]
    text, findings = read_file("a.pdf", pdf(body))
    assert text.count("begins") == 8
    assert not findings.left_out


def test_broken_words_are_mended_and_compounds_keep_their_hyphen() -> None:
    long = "and so the miller of the village went on and on along the river "
    lines = [
        f"{long}to the har-",
        f"bour, and {long}to a well-known,",
        f"{long}and well-",
        f"known place. {long}harbour",
    ]
    text, findings = read_file("a.pdf", pdf([[*lines, *wrapped(paragraphs(1)[0])]]))
    assert "to the harbour, and" in text
    assert "and well-known place" in text
    assert findings.words_mended == 1


def test_verse_keeps_its_lines_and_so_does_everything_when_asked() -> None:
    verse = ["O mill, O mill,", "beside the quiet river so very long and wide,", "be still,", "be still."] * 4
    assert read_file("a.pdf", pdf([verse]))[0].split("\n") == verse
    lines = wrapped(paragraphs(1)[0])
    assert read_file("a.pdf", pdf([lines]), ReadOptions(join_lines=False))[0].split("\n") == lines


def test_pages_without_text_are_said() -> None:
    with pytest.raises(CorpusError, match="pictures of pages") as problem:
        read_file("a.pdf", pdf([[], []]))
    assert "OCR" in problem.value.next_step
    text, findings = read_file("a.pdf", pdf([["Hello."], []]))
    assert text == "Hello."
    assert findings.remarks == ["1 page without text, maybe pictures."]


def test_without_the_library_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(CorpusError, match="pypdf is missing") as problem:
        read_file("a.pdf", pdf([["Hello."]]))
    assert "rnntui[formats]" in problem.value.next_step


def _locked(password: str) -> bytes:
    import io

    from pypdf import PdfWriter

    writer, stream = PdfWriter(clone_from=io.BytesIO(pdf([["Secret."]]))), io.BytesIO()
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


def test_a_password_is_asked_for_in_a_sentence_and_none_is_none() -> None:
    with pytest.raises(CorpusError, match="locked by a password"):
        read_file("a.pdf", _locked("secret"))
    assert read_file("a.pdf", _locked(""))[0] == "Secret."


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def drawn(content: bytes) -> bytes:
    """One page that draws this, and itself where it says so."""
    data = zlib.compress(content)
    place = b"/Resources << /Font << /F1 5 0 R >> /XObject << /X 4 0 R >> >>"
    head = f"<< /Type /XObject /Subtype /Form /Length {len(data)} /Filter /FlateDecode ".encode() + place
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R " + place + b" >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    return pdf_of([CATALOGUE, ONE, page, head + b" >>\nstream\n" + data + b"\nendstream", font])


HOSTILE = {
    "nothing in it": b"%PDF-1.4 nothing",
    "plain text": b"It is no document at all.",
    "cut off": pdf([["Hello."]])[:-200],
    "pages that hold themselves": pdf_of([CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]),
    "pages in a ring": pdf_of(
        [CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 9 >>", b"<< /Kids [2 0 R] /Count 9 >>"]
    ),
    "lists in lists": pdf_of([CATALOGUE, ONE, b"[" * 100_000]),
    "a page of millions of signs": drawn(b"BT " + b"(x) Tj " * 900_000),
    "a page that unpacks without an end": drawn(b"0" * 100_000_000),
    "states in states": drawn(b"q " * 2_500_000),
    "lists in a page": drawn(b"[" * 100_000),
    "dictionaries in a page": drawn(b"<<" * 100_000),
    "texts in a page": drawn(b"(" * 100_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_made_to_do_harm_ends_in_a_sentence(kind: str) -> None:
    with pytest.raises(CorpusError) as problem:
        read_file("a.pdf", HOSTILE[kind])
    assert problem.value.next_step


def test_a_page_that_draws_itself_comes_to_an_end() -> None:
    assert "Hello" in read_file("a.pdf", drawn(b"BT /F1 11 Tf (Hello) Tj ET /X Do /X Do"))[0]


def test_a_page_that_takes_too_long_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10_000))
    monkeypatch.setattr(reader.time, "monotonic", lambda: next(ticks))
    text, findings = read_file("a.pdf", pdf([["One."], ["x"] * 30]))
    assert text == "One."
    assert findings.remarks == ["1 page could not be read and left no text."]
