"""One huge piece, of whatever a text is made of: read in the memory of a part, in time that grows with its size."""

import io
import json
import random
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnntui.errors import CorpusError
from rnntui.lm.progress import run_to_end
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.text_source import TextFile, WrittenText
from rnntui.lm.tokens import corpus
from rnntui.lm.tokens.corpus import count_text
from rnntui.records import ReadOptions
from rnntui.text import clean
from tests.peak_memory import peak_memory

PROSE = "the cat saw a dog and then it was a cold evening in the old house of men "
PARAGRAPH = f"{PROSE * 8}\n\n"
FAR_TOO_MANY_SECONDS = 15.0
"""Each takes under a second; what looks at a piece again for each of its parts takes minutes."""


def repeated(unit: str, *, before: str = "", after: str = "") -> Callable[[int], Iterator[str]]:
    def made(size: int) -> Iterator[str]:
        yield before
        for _ in range(size // 100_000):
            yield unit * (100_000 // len(unit))
        yield after

    return made


def scattered(letters: str) -> Callable[[int], Iterator[str]]:
    def made(size: int) -> Iterator[str]:
        dice = random.Random(1)
        for _ in range(size // 100_000):
            yield "".join(dice.choices(letters, k=100_000))

    return made


def nested(size: int) -> Iterator[str]:
    for _ in range(size // 200_000):
        yield '{"a":' * 20_000 + '""' + "}" * 20_000 + "\n"


def one_record(unit: str, close: str = "]") -> Callable[[int], Iterator[str]]:
    return repeated(unit, before="[", after=f'""{close}\n' + json.dumps({"text": PROSE}) + "\n")


PIECES: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "one line of words": (".txt", repeated(PROSE)),
    "one line without spaces": (".txt", scattered("abcdefghijklmnop")),
    "one line of a licence's words": (".txt", repeated("Project Gutenberg and ")),
    "one line of Chinese": (".txt", scattered("".join(map(chr, range(0x4E00, 0x5600))))),
    "one letter": (".txt", repeated("a")),
    "line ends": (".txt", repeated("\n", before="The end.", after="The end.")),
    "line ends of an old machine": (".txt", repeated("\r", before="The end.", after="The end.")),
    "spaces": (".txt", repeated(" ", before="The end.", after="The end.")),
    "tabs": (".txt", repeated("\t", before="The end.", after="The end.")),
    "short lines": (".txt", repeated("ab\n")),
    "marks on one letter": (".txt", repeated("\u0301\u0316", before="a")),
    "syllables never ended": (".txt", repeated("\u1100")),
    "control characters and words": (".txt", repeated(PROSE + "\x1b")),
    "joined pictures": (".txt", repeated("\U0001f468\u200d")),
    "notes never closed": (".txt", repeated("[Transcriber's note: ")),
    "notes closed far away": (".txt", repeated("[Transcriber's note: " * 1_000 + "]")),
    "notes one after another": (".txt", repeated("\n\nTranscriber's Notes\nword")),
    "brackets": (".txt", repeated("[")),
    "licences": (
        ".txt",
        repeated("*** START OF THE PROJECT GUTENBERG EBOOK\n*** END OF THE PROJECT GUTENBERG EBOOK\n"),
    ),
    "licences with notes": (
        ".txt",
        repeated(
            "*** START OF THE PROJECT GUTENBERG EBOOK\n\n\nTranscriber's Notes\n"
            "*** END OF THE PROJECT GUTENBERG EBOOK\n"
        ),
    ),
    "after the licence": (".txt", repeated(PROSE, before="*** END OF THE PROJECT GUTENBERG EBOOK\n")),
    "credits": (".txt", repeated("Produced by\n\n", before="*** START OF THE PROJECT GUTENBERG EBOOK\n")),
    "hyphens at line ends": (".txt", repeated(f"{PROSE[:59]}-\n")),
    "record without an end": (".jsonl", repeated("x", before='{"a": ', after="\n" + json.dumps({"text": PROSE}))),
    "number without an end": (".jsonl", repeated("1", before="[", after="\n" + json.dumps({"text": PROSE}))),
    "text without an end": (".jsonl", repeated("x", before='{"text": "')),
    "no record at all": (".jsonl", repeated("x")),
    "lists in a record": (".jsonl", one_record("[],")),
    "objects in a record": (".jsonl", one_record("{},")),
    "numbers in a record": (".jsonl", one_record("1.5,")),
    "records nested deeply": (".jsonl", nested),
    "broken records": (".jsonl", repeated('{"text": \n')),
    "short records": (".jsonl", repeated('{"text":"ab"}\n')),
    "records with many fields": (
        ".jsonl",
        repeated("{" + ",".join(f'"name{at}":"ab"' for at in range(7_000)) + "}\n"),
    ),
    "commas": (".csv", repeated(",", after=f"\nid,text\n1,{PROSE}\n")),
    "cells of two letters": (".csv", repeated("ab,", after=f"\nid,text\n1,{PROSE}\n")),
    "quotes": (".csv", repeated('"')),
    "a row of cells with lines": (".csv", repeated('"a\n",', before="id,text\n")),
    "a cell without an end": (".csv", repeated("word\n", before='id,text\n1,"')),
    "short rows": (".csv", repeated("1,ab\n", before="id,text\n")),
    "tags": (".html", repeated("<div>")),
    "a tag without an end": (".html", repeated("x", before="<a href='")),
    "tags without an end": (".html", repeated("<a b='")),
    "scripts": (".html", repeated("<script>x</script>")),
    "a hidden part": (".html", repeated("<b>word</b> ", before="<nav>")),
    "a comment without an end": (".html", repeated("-", before="<!--")),
    "tabs that are kept": (".html", repeated("\t", before="<pre>")),
    "ampersands": (".html", repeated("&")),
    "references": (".html", repeated("&amp;" * 9 + "&notanentityatallbutalongwordthatgoeson")),
    "a number of a character": (".html", repeated("1", before="&#")),
}


SIZES = {"notes never closed": 3_000_000, "notes closed far away": 3_000_000, "one line of words": 2_000_000}
"""Of those that are read fast."""


def written(folder: Path, kind: str, size: int = 0) -> Path:
    suffix, parts = PIECES[kind]
    path = folder / f"text{suffix}"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts(size or SIZES.get(kind, 600_000)))
    return path


def surveyed(path: Path) -> TextFile:
    file = TextFile(path, ReadOptions(field="text") if path.suffix == ".csv" else None)
    for _ in file.survey():
        pass
    return file


def opening_of(path: Path) -> str:
    """The first 10,000 characters of the text in a file, which is read to its end; or the sentence that refuses it."""
    opening = ""
    try:
        for part in surveyed(path).parts(Findings()):
            opening += part[: 10_000 - len(opening)]
    except CorpusError as problem:
        return problem.sentence
    return opening


@pytest.mark.parametrize("kind", PIECES)
def test_a_huge_piece_is_read_or_refused_in_little_memory_and_not_for_ever(tmp_path: Path, kind: str) -> None:
    path, begun = written(tmp_path, kind), time.process_time()
    with peak_memory() as peak:
        assert len(opening_of(path)) <= 10_000
    assert peak.megabytes < 80
    assert time.process_time() - begun < FAR_TOO_MANY_SECONDS


@pytest.mark.parametrize("kind", [kind for kind in PIECES if kind.startswith(("one line", "one letter", "spaces"))])
def test_what_is_read_of_a_line_is_given_on_before_the_line_ends(tmp_path: Path, kind: str) -> None:
    file = surveyed(written(tmp_path, kind, 5_000_000))
    given = 0
    for part in file.parts(Findings()):
        given += len(part.encode())
        assert file.passed - given < 0.7 * file.size, "it is kept"


@pytest.mark.parametrize("kind", ["record without an end", "lists in a record", "objects in a record"])
def test_a_record_that_is_too_much_is_left_out_and_the_next_is_read(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind, 9_000_000)
    with peak_memory() as peak:
        assert PROSE.strip() in opening_of(path)
    assert peak.megabytes < 100


def test_zero_bytes_are_refused_before_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "zeros.txt"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # takes no room on the disk
    text = TextFile(path)
    with pytest.raises(CorpusError, match="not a text file"):
        list(text.survey())
    assert text.passed < 2 << 20


def packed(chapters: int, data: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        items = "".join(f'<item id="i{at}" href="{at}"/>' for at in range(chapters))
        spine = "".join(f'<itemref idref="i{at}"/>' for at in range(chapters))
        archive.writestr("META-INF/container.xml", '<rootfile full-path="a.opf"/>')
        archive.writestr("a.opf", f"<manifest>{items}</manifest><spine>{spine}</spine>")
        for at in range(chapters):
            archive.writestr(str(at), data)
    return stream.getvalue()


def test_a_book_that_says_it_is_huge_inside_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(packed(20, "word " * 600_000))
    with peak_memory() as peak:
        assert "MB unpacked" in opening_of(path)
    assert peak.megabytes < 10


def test_a_list_of_files_that_is_longer_than_a_book_has_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed(1, PROSE))
    at = data.rindex(b"PK\x05\x06")
    data[at:at] = bytes(8 << 20)
    end = data.rindex(b"PK\x05\x06")
    size = int.from_bytes(data[end + 12 : end + 16], "little") + (8 << 20)
    data[end + 12 : end + 16] = size.to_bytes(4, "little")
    path = tmp_path / "a.epub"
    path.write_bytes(data)
    with peak_memory() as peak:
        assert "damaged, or no e-book" in opening_of(path)
    assert peak.megabytes < 14


def test_a_long_chapter_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    dice = random.Random(1)
    path.write_bytes(packed(1, "".join(dice.choices(("<p>cat", " dog", " saw", "\u201cNo\u201d"), k=400_000))))
    with peak_memory() as peak:
        assert opening_of(path).startswith(("cat", "dog", "saw", "\u201cNo\u201d"))
    assert peak.megabytes < 20


def test_more_characters_than_a_vocabulary_can_hold_are_refused_in_one_sentence() -> None:
    every = "".join(map(chr, (*range(0x21, 0xD800), *range(0xE000, 0x12000))))
    with pytest.raises(CorpusError, match="different characters; no script has so many"):
        run_to_end(count_text([WrittenText("all.txt", every * 2 + PROSE * 200)], 0.1))


def test_long_pieces_that_all_differ_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "_MOST_KINDS_BYTES", 1 << 20)
    monkeypatch.setattr(corpus, "_BETWEEN_LOOKS", 100_000)
    dice = random.Random(1)
    words = " ".join("".join(dice.choices("abcdefgh", k=60)) for _ in range(20_000))
    counted = run_to_end(count_text([WrittenText("long.txt", PARAGRAPH * 100 + words)], 0.1))
    assert sum(map(len, counted.counts)) < 1 << 20
    assert counted.counts[" cat"] >= 800
    assert counted.words > 30_000


def test_of_many_files_the_share_that_is_done_rises_to_the_whole() -> None:
    texts = [WrittenText(f"{at}.txt", f"{PARAGRAPH} {at}") for at in range(300)]
    shares = [share for share, _ in count_text(texts, 0.1)]
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_marks_are_put_in_order_as_the_standard_says_unless_there_is_a_flood_of_them() -> None:
    dice = random.Random(1)
    for _ in range(500):
        text = "".join(dice.choices("ae\u0301\u0316\u0327 \u1100\u1161\u11a8é\u0f73", k=60))
        assert clean(text).text == unicodedata.normalize("NFC", text)
    begun = time.process_time()
    assert len(clean("a" + "\u0301\u0316" * 100_000).text) == 200_000
    assert time.process_time() - begun < FAR_TOO_MANY_SECONDS
