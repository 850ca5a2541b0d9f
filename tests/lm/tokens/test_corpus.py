"""Files of all kinds: text comes in whole whatever its encoding, and the rest is refused in one sentence."""

import os
import re
import socket
import struct
import textwrap
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.lm.progress import run_to_end
from rnntui.lm.text import cleanup
from rnntui.lm.text.encodings.survey import Survey, decoded
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.lines import wrapping
from rnntui.lm.text.lines.wrapping import rejoin_lines
from rnntui.lm.text.text_source import LARGEST_FILE, WrittenText, check_file, read_document
from rnntui.lm.tokens.corpus import LEAST_WORDS, CountedText, TrainingText, count_text, training_blocks
from rnntui.lm.tokens.splitting import split
from rnntui.lm.tokens.tokenizer import Tokenizer
from tests.effort import examples

DATA = Path(__file__).parents[3].parent / "shared" / "data"
SENTENCE = "The cat saw the dog, and the dog saw the cat. "
GERMAN = "Schöne Grüße aus Köln: Äpfel, Öl und Überfluß weiß heißen Käse. "
FRENCH = "Où est passé le garçon? Là-bas, à l’école; l’été dernier il était déjà élève. "


def a_file(tmp_path: Path, data: bytes, name: str = "text.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def decode(data: bytes, name: str) -> tuple[str, str, list[str]]:
    survey = Survey(len(data))
    survey.feed(data)
    survey.finish()
    encoding = survey.choose(name)
    return "".join(decoded([data], encoding)), encoding.name, [encoding.note] if encoding.note else []


def remove_licence(text: str) -> tuple[str, list[str]]:
    findings = Findings()
    return "".join(cleanup.remove_licence([text], findings)), findings.notes()


def unwrapped(text: str) -> tuple[str, list[str]]:
    findings = Findings()
    return "".join(rejoin_lines([text], None, findings)), findings.notes()


def counted(texts: list[WrittenText], share: float, validation: tuple[WrittenText, ...] = ()) -> CountedText:
    work = count_text(texts, share, validation)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def split_text(texts: list[WrittenText], share: float, validation: tuple[WrittenText, ...] = ()) -> TrainingText:
    found = counted(texts, share, validation)
    return TrainingText("".join(training_blocks(texts, found.cuts)), found.held_out, found.notes, found.tuning)


def document(text: str, name: str = "text.txt") -> WrittenText:
    return WrittenText(name, text)


# ---- what cannot be read ----------------------------------------------------------------------------------------


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = zlib.compress(bytes(at * at % 251 for at in range(30_000)))
    header = struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def a_zip(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("book", SENTENCE * 300)
    return path


def a_folder(tmp_path: Path) -> Path:
    (tmp_path / "novels").mkdir()
    return tmp_path / "novels"


def a_pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def a_loop(tmp_path: Path) -> Path:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return tmp_path / "loop"


def a_socket(tmp_path: Path) -> Path:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.relpath(tmp_path / "socket"))
    listener.close()
    return tmp_path / "socket"


def a_huge_file(tmp_path: Path) -> Path:
    path = a_file(tmp_path, b"The cat. ")
    os.truncate(path, LARGEST_FILE + 1)
    return path


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda tmp: tmp / "none.txt", "There is no file"),
    "below a file": (lambda tmp: a_file(tmp, b"x") / "y.txt", "cannot be read"),
    "zero byte in its name": (lambda tmp: tmp / "a\0b", "There is no file"),
    "name too long": (lambda tmp: tmp / ("a" * 5_000), "cannot be read"),
    "folder": (a_folder, "is a folder"),
    "pipe": (a_pipe, "not an ordinary file"),
    "endless zeros": (lambda tmp: Path("/dev/zero"), "not an ordinary file"),
    "nothing": (lambda tmp: Path("/dev/null"), "not an ordinary file"),
    "socket": (a_socket, "cannot be read|not an ordinary file"),
    "symbolic loop": (a_loop, "cannot be read"),
    "huge": (a_huge_file, "16,384 MB are the most"),
    "empty": (lambda tmp: a_file(tmp, b""), "is empty"),
    "white space only": (lambda tmp: a_file(tmp, b" \n\t\r\n \n"), "has no text in it"),
    "byte order mark only": (lambda tmp: a_file(tmp, b"\xef\xbb\xbf"), "has no text in it"),
    "numbers": (lambda tmp: a_file(tmp, struct.pack("<500H", *(at % 30 for at in range(500)))), "not a text file"),
    "numbers behind a mark": (lambda tmp: a_file(tmp, b"\xff\xfe" + b"\x01\x02\x03\0" * 300), "not a text file"),
    "picture": (lambda tmp: a_file(tmp, png(), "picture.txt"), "not a text file"),
    "archive": (a_zip, "is an archive"),
    "archive without zeros": (lambda tmp: a_file(tmp, b"PK\x03\x04" + b"abc" * 900), "is an archive"),
    "pdf": (
        lambda tmp: a_file(tmp, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj << /Type /Catalog >>\n" * 40),
        "damaged, or no PDF",
    ),
    "program": (
        lambda tmp: a_file(tmp, b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" * 400),
        "not a text file",
    ),
    "compressed": (lambda tmp: a_file(tmp, zlib.compress(os.urandom(9_000))), "not a text file"),
    "zeros": (lambda tmp: a_file(tmp, bytes(4_000)), "not a text file|no text"),
    "escapes": (lambda tmp: a_file(tmp, b"\x01\x02\x03\x04 cat " * 400), "not a text file"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_text_file_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    make, sentence = HOSTILE[kind]
    path = make(tmp_path)
    with pytest.raises(CorpusError, match=sentence) as problem:
        read_document(path)
    shown = problem.value.sentence
    assert path.name[:40].replace("\0", "\u2400") in shown
    assert shown.endswith(".")
    assert "\n" not in shown
    assert problem.value.next_step.endswith(".")


@pytest.mark.parametrize(
    "kind", ["missing", "folder", "pipe", "endless zeros", "huge", "empty", "zero byte in its name"]
)
def test_what_can_be_refused_without_reading_is(tmp_path: Path, kind: str) -> None:
    make, sentence = HOSTILE[kind]
    with pytest.raises(CorpusError, match=sentence):
        check_file(make(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = a_file(tmp_path, SENTENCE.encode())
    path.chmod(0)
    with pytest.raises(CorpusError, match="may not be read"):
        read_document(path)


@pytest.mark.parametrize(
    "name", ["a\x1b]52;c;Zg==\x07.txt", "[@click=app.quit].txt", "\ud800.txt", "b\nc.txt", "\u202egpj.txt"]
)
def test_a_hostile_name_is_made_visible(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError) as problem:
        read_document(tmp_path / name)
    assert all(letter.isprintable() for letter in problem.value.sentence)
    problem.value.sentence.encode()


@settings(max_examples=examples(150), deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda part: part * 40)))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        text, encoding, notes = decode(data, "any.txt")
    except CorpusError:
        return
    assert isinstance(text, str)
    assert "".encode(encoding) is not None
    assert all(note.endswith(".") or note.endswith('".') for note in notes)


# ---- encodings --------------------------------------------------------------------------------------------------

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32": "utf-32",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
    "latin-1": "cp1252",
    "cp1252": "cp1252",
}


@pytest.mark.parametrize("text", [GERMAN * 60, FRENCH.replace("’", "'") * 60], ids=["German", "French"])
@pytest.mark.parametrize(("written", "read"), ENCODINGS.items(), ids=ENCODINGS)
def test_accents_survive_every_encoding(tmp_path: Path, text: str, written: str, read: str) -> None:
    found = read_document(a_file(tmp_path, text.encode(written)))
    assert found.text == text
    assert found.encoding == read


@pytest.mark.parametrize("times", [1, 2])
def test_a_few_umlauts_in_a_long_plain_text_survive_latin_1(tmp_path: Path, times: int) -> None:
    text = SENTENCE * 200 + "Herr Müller. " * times + SENTENCE * 200
    found = read_document(a_file(tmp_path, text.encode("latin-1")))
    assert found.text == text
    assert found.encoding == "cp1252"


@pytest.mark.parametrize("quote", ["“Yes,” said the cat — “it’s late…” "])
def test_windows_quotes_survive(tmp_path: Path, quote: str) -> None:
    found = read_document(a_file(tmp_path, (quote + SENTENCE).encode("cp1252") * 50))
    assert found.text == (quote + SENTENCE) * 50


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "Съешь ещё этих мягких французских булок, да выпей чаю. Все счастливые семьи похожи друг на друга. ",
            "cp1251",
        ),
        ("Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. ", "koi8_r"),
        ("吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。", "shift_jis"),
        ("我是一只猫，名字还没有。在哪里出生的，我完全不知道。", "gb18030"),
    ],
)
def test_other_code_pages_are_guessed_and_the_guess_is_said(tmp_path: Path, text: str, encoding: str) -> None:
    found = read_document(a_file(tmp_path, (text * 40).encode(encoding)))
    assert found.text.replace("\n", " ").startswith(text.strip()[:30])
    assert any("encoding was found to be" in note for note in found.notes)


@pytest.mark.parametrize("bad", [b"\xff", b"\x80", b"\xc3", b"\xe2\x80"])
@pytest.mark.parametrize("text", [SENTENCE * 300, GERMAN * 200], ids=["English", "German"])
def test_one_bad_byte_leaves_utf_8_what_it_is(tmp_path: Path, text: str, bad: bytes) -> None:
    data = text.encode()
    middle = data.index(b" ", len(data) // 2)
    found = read_document(a_file(tmp_path, data[:middle] + bad + data[middle:]))
    assert found.encoding == "utf-8"
    assert found.text.replace("\ufffd", "") == text
    assert found.text.count("\ufffd") == 1
    assert any("1 character could not be read" in note for note in found.notes)


def test_a_text_cut_inside_a_character_is_still_utf_8(tmp_path: Path) -> None:
    found = read_document(a_file(tmp_path, (GERMAN * 40 + "ö").encode()[:-1]))
    assert found.encoding == "utf-8"
    assert found.text.startswith(GERMAN)


def test_every_kind_of_newline_becomes_one(tmp_path: Path) -> None:
    found = read_document(a_file(tmp_path, b"The cat.\r\nThe dog.\rThe cat.\n\r\nThe dog.\x0cThe end."))
    assert found.text == "The cat.\nThe dog.\nThe cat.\n\nThe dog.\nThe end."


def test_a_few_zero_bytes_inside_a_text_go_and_are_counted(tmp_path: Path) -> None:
    data = (SENTENCE * 300).encode()
    found = read_document(a_file(tmp_path, data[:900] + b"\0\0" + data[900:]))
    assert "\0" not in found.text
    assert len(found.text.split()) >= 300 * 10
    assert any("2 zero bytes" in note for note in found.notes)


def test_control_characters_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read_document(a_file(tmp_path, (SENTENCE * 300 + "\x1b[31mr\x01e\x02d\x1b[0m").encode()))
    assert found.text.endswith("red")
    assert "Left out: 2 terminal codes, 2 control characters." in found.notes


def test_text_is_composed_so_that_equal_words_are_equal(tmp_path: Path) -> None:
    found = read_document(a_file(tmp_path, unicodedata.normalize("NFD", GERMAN * 20).encode()))
    assert found.text == GERMAN * 20


def test_a_document_knows_its_source(tmp_path: Path) -> None:
    found = read_document(a_file(tmp_path, GERMAN.encode() * 9, "grüße.txt"))
    assert (found.source.name, found.source.characters, found.source.encoding) == (
        "grüße.txt",
        len(found.text),
        "utf-8",
    )
    assert re.fullmatch("[0-9a-f]{64}", found.source.sha256)


@pytest.mark.skipif(not (DATA / "die-verwandlung.latin1.txt").exists(), reason="the novel is not beside the project")
def test_the_metamorphosis_keeps_its_umlauts() -> None:
    found = read_document(DATA / "die-verwandlung.latin1.txt")
    assert "Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte" in found.text
    assert "ungeheueren Ungeziefer" in found.text
    assert not set("�Ã¼¤Œ") & set(found.text)
    assert set("äöüÄÖÜß") <= set(found.text)
    assert found.encoding == "cp1252"


@pytest.mark.skipif(not DATA.is_dir(), reason="the novels are not beside the project")
@pytest.mark.parametrize("path", sorted(DATA.glob("*.txt")), ids=lambda path: path.name)
def test_the_novels_are_read_whole_and_without_their_licence(path: Path) -> None:
    found = read_document(path)
    assert not re.search("Project Gutenberg(-tm)? License|General Terms of Use|START OF TH", found.text)
    assert "\ufffd" not in found.text
    assert len(found.text) > 0.75 * path.stat().st_size, "the book is most of the file"


# ---- what surrounds a book --------------------------------------------------------------------------------------

HEADER = "The Project Gutenberg eBook of Cats\n\nTitle: Cats\n\n"
START = "*** START OF THE PROJECT GUTENBERG EBOOK CATS ***\n"
END = "*** END OF THE PROJECT GUTENBERG EBOOK CATS ***\n"
LICENCE = "\nSection 1. General Terms of Use and Redistributing Project Gutenberg works\n"
BOOK = "\nThe cat saw the dog.\n\nThe end.\n\n"


@pytest.mark.parametrize(
    "text",
    [
        HEADER + START + BOOK + END + LICENCE,
        HEADER + START.replace("*** ", "***").replace(" ***", "***") + BOOK + END + LICENCE,
        HEADER + START.replace("THE", "THIS") + BOOK + END.replace("THE", "THIS") + LICENCE,
        HEADER + START.title() + BOOK + "End of the Project Gutenberg EBook of Cats, by A. Cat\n\n" + END + LICENCE,
        HEADER + START + BOOK,
        BOOK + END + LICENCE,
    ],
)
def test_the_licence_around_a_book_is_left_out(text: str) -> None:
    body, notes = remove_licence(text)
    assert body.strip() == BOOK.strip()
    assert len(notes) == 1


def test_a_text_that_only_speaks_of_gutenberg_is_left_as_it_is() -> None:
    text = "He read the START OF THE PROJECT GUTENBERG EBOOK aloud.\nThe end of the Project Gutenberg was near.\n"
    assert remove_licence(text) == (text, [])


def wrapped_book(width: int = 70) -> tuple[str, str]:
    """A book wrapped to a width, and the same one line per paragraph."""
    words = ["the", "cat", "saw", "a", "dog", "and", "remembered", "nothing", "whatever", "extraordinary", "about"]
    paragraphs = [
        " ".join(words[(start * 7 + at * (at + start)) % len(words)] for at in range(60 + start)) for start in range(12)
    ]
    heading, verse = (
        "CHAPTER ONE\nIn which it rains",
        "The cat is fat,\nthe dog is not,\nand that is that,\nit is a lot.",
    )
    items = "  one cat\n  two dogs\n  three mice"
    parts = [heading, *paragraphs[:6], verse, items, *paragraphs[6:]]
    filled = [textwrap.fill(part, width) if part in paragraphs else part for part in parts]
    return "\n\n".join(filled), "\n\n".join(parts)


@pytest.mark.parametrize("width", [60, 70, 76])
def test_wrapped_paragraphs_become_lines_and_verse_and_headings_stay(width: int) -> None:
    wrapped, expected = wrapped_book(width)
    text, notes = unwrapped(wrapped)
    assert text.strip().split("\n") == expected.split("\n")
    assert len(notes) == 1


def test_unwrapping_twice_changes_nothing_more() -> None:
    once = unwrapped(wrapped_book()[0])[0].strip()
    assert unwrapped(once)[0].strip() == once


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line",
        "\n".join(["The cat is fat,", "the dog is not,"] * 60),
        "\n".join(f"{number},{number * number},cat" for number in range(200)),
        "\n\n".join([SENTENCE * 5] * 80),
    ],
)
def test_text_without_a_common_width_is_left_as_it_is(text: str) -> None:
    assert unwrapped(text) == (text, [])


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.text(alphabet="ab \n", max_size=90), max_size=80).map("\n".join))
def test_unwrapping_never_loses_a_word(text: str) -> None:
    assert unwrapped(text)[0].split() == text.split()


# ---- two parts --------------------------------------------------------------------------------------------------


def story(words: int = 6_000) -> str:
    return "".join(f"The cat saw {number} dogs." + ("\n\n" if number % 7 == 0 else " ") for number in range(words // 5))


def test_too_little_text_says_how_much_is_needed() -> None:
    with pytest.raises(CorpusError, match=r"has [\d,]+ words to train on; 2,000 are the minimum\."):
        split_text([document(story(1_000))], 0.1)
    with pytest.raises(CorpusError, match=r"The 2 files together have 1,\d\d\d words"):
        split_text([document(story(1_000)), document(story(1_000))], 0.1)


def test_many_small_files_together_are_enough() -> None:
    assert len(split_text([document(story(800))] * 4, 0.1).training.split()) >= LEAST_WORDS


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_the_last_part_is_held_out_and_nothing_is_lost_or_seen_twice(share: float) -> None:
    text = split_text([document(story())], share)
    assert "\n\n".join((text.training, text.tuning, text.validation)).split() == story().split()
    assert len(text.validation) == pytest.approx(share * len(story()), abs=0.03 * len(story()))
    assert text.training.endswith("dogs.")


def test_each_file_gives_its_own_last_part() -> None:
    texts = [story(), story().replace("cat", "cow")]
    text = split_text([document(one) for one in texts], 0.1)
    for animal in ("cat", "cow"):
        assert animal in text.training
        assert animal in text.validation
    assert text.training.split("\n\n")[-1] != text.validation.split("\n\n")[0]


def test_a_held_out_file_leaves_the_training_text_whole() -> None:
    text = split_text([document(story())], 0.1, [document("The cow saw the sun. " * 9)])
    assert f"{text.training}\n\n{text.tuning}".split() == story().split()
    assert text.validation.split() == ("The cow saw the sun. " * 9).split()


def test_a_held_out_file_without_words_is_refused() -> None:
    with pytest.raises(CorpusError, match="held-out text has fewer than 20 words"):
        split_text([document(story())], 0.1, [document("The cow.")])


def test_one_gigantic_line_can_be_split() -> None:
    text = split_text([document("cat " * 5_000), document("c" * 5_000)], 0.2)
    assert text.validation
    assert len(text.training.split()) >= 3_600
    assert text.tuning


def test_notes_name_the_file_they_are_about() -> None:
    notes = split_text([document(story() + "\x01 end.", "a\x1bb.txt")], 0.1).notes
    assert notes == ("a\u241bb.txt: Left out: 1 control character.",)


def test_held_out_text_never_enters_the_vocabulary() -> None:
    marked = story() + "\n\n" + "Only here zygotes zygotes ярко. " * 60
    text = split_text([document(marked)], 0.1)
    tokenizer = Tokenizer.train([text.training], 10_000)
    assert tokenizer.id_of(" zygotes") is None
    assert not tokenizer.knows("я")
    assert "zygotes" in tokenizer.spelled_words(text.validation)


# ---- hyphens and transcribers -----------------------------------------------------------------------------------


def filled(paragraph: str, width: int = 60) -> str:
    """Wrapped to a width, with hyphens where a word does not fit; "|" marks where a word may be broken."""
    lines, line = [], ""
    for word in paragraph.split():
        start, _, end = word.partition("|")
        if len(line) + len(start + end) < width:
            line += f"{start}{end} "
        elif end and len(line) + len(start) < width:
            lines.append(f"{line}{start}{'' if start.endswith('-') else '-'}")
            line = f"{end} "
        else:
            lines.append(line.rstrip())
            line = f"{start}{end} "
    return "\n".join([*lines, line.rstrip()])


def test_words_broken_at_a_line_end_are_mended_and_compounds_keep_their_hyphen() -> None:
    words = ["some|thing", "well-|known", "re|membered", "a", "cat", "no|thing", "mother-in-|law", "what|ever", "the"]
    paragraphs = [" ".join(words[(at * at + start) % len(words)] for at in range(90 + start)) for start in range(9)]
    text, notes = unwrapped("\n\n".join(filled(paragraph) for paragraph in paragraphs))
    assert text.split() == "\n\n".join(paragraphs).replace("|", "").split()
    assert any("broken at a line end were mended" in note for note in notes)


def test_a_dash_at_a_line_end_gets_no_space() -> None:
    paragraph = " ".join(["He said it again--and", "then she said--nothing at all,"] * 40)
    wrapped = "\n".join(textwrap.wrap(paragraph.replace("--", "-- "), 60)).replace("-- ", "--")
    assert unwrapped("\n\n".join([wrapped] * 3))[0].split() == "\n\n".join([paragraph] * 3).split()


@pytest.mark.parametrize("size", [7, 100, 5_000])
def test_a_book_in_parts_is_read_as_the_whole(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "_LAYOUT_SAMPLE", 6_000)
    text = wrapped_book()[0]
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    assert "".join(rejoin_lines(parts, None, Findings())) == unwrapped(text)[0]


@pytest.mark.parametrize(
    "around",
    [
        "Produced by A. Cat and the\nOnline Team\n\n\n\n{}",
        "E-text prepared by A. Cat\n\n\nTranscriber's Note:\n\nSpelling was kept.\n\nAll of it.\n\n\n\n{}",
        "[Transcriber’s Note: the pictures\nwere left out.]\n\n{}",
        "{}\n\nTRANSCRIBER'S NOTES\n\nSpelling was kept.\n\nIt was odd.\n",
        "{}\n\n[Transcriber's note: Spelling was kept.]\n",
    ],
)
def test_what_transcribers_added_is_left_out(around: str) -> None:
    text = HEADER + START + "\n" + around.format(BOOK.strip()) + "\n" + END + LICENCE
    assert remove_licence(text)[0].strip() == BOOK.strip()


def test_several_books_in_one_file_lose_all_their_licences() -> None:
    text = (HEADER + START + BOOK + END + LICENCE) * 3
    assert remove_licence(text)[0].split() == (BOOK * 3).split()


@settings(max_examples=examples(40), deadline=None)
@given(size=st.integers(1, 400))
def test_a_licence_is_found_wherever_parts_end(size: int) -> None:
    text = HEADER + START + BOOK * 40 + END + LICENCE
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleanup, "_OPENING", 200)
        patch.setattr(cleanup, "_HELD_BACK", 300)
        assert "".join(cleanup.remove_licence(parts, Findings())).split() == (BOOK * 40).split()


def test_what_is_forgotten_of_very_many_words_still_counts_as_words_and_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rnntui.lm.tokens.corpus._MOST_TYPES", 400)
    monkeypatch.setattr("rnntui.lm.tokens.corpus._TYPES_AFTER_FORGETTING", 300)
    words = [
        f"wort{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{number // 676 * 'ä'}" for number in range(3_000)
    ]
    text = WrittenText("many.txt", " ".join(words) + " the end." * 300)
    counted = run_to_end(count_text([text], 0.1))
    assert len(counted.counts) <= 400
    assert "ä" in counted.alphabet
    pieces = split("".join(training_blocks([text], counted.cuts)))
    assert counted.words == sum(any(map(str.isalnum, piece)) for piece in pieces)
