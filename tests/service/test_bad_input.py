"""Whatever a person chooses ends in work, or in one sentence with a next step."""

import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from rnntui.errors import CorpusError, RnntuiError
from rnntui.events import BaselinesMeasured, CorpusInspected, Preparing, TrainEvent
from rnntui.lm.tokens import corpus
from rnntui.service.services import Services
from tests.odd_texts.languages import without_spaces

ENGLISH = "".join(f"The cat saw {at} dogs, and dog {at % 7} saw the cat again. " for at in range(400))
GERMAN = "Schöne Grüße aus Köln: Äpfel, Öl und Überfluß weiß heißen Käse. " * 300
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. " * 300
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 200
CHINESE = "我是一只猫，名字还没有。在哪里出生的，我完全不知道。" * 200
THAI = "ฉันรักแมวและแมวรักฉันแต่หมาไม่รักใครเลย " * 200
HEBREW = "שלום עולם, החתול ראה את הכלב והכלב ראה את החתול. " * 400
ARABIC = "رأى القط الكلب في البيت الكبير ثم رأى الكلب القط مرة أخرى. " * 400
WORK = ""


def distinct_words(count: int) -> str:
    letters = itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=5)
    return " ".join("".join(word) for word in itertools.islice(letters, count))


def scattered(count: int) -> bytes:
    return random.Random(1).randbytes(count)


def written(data: bytes, name: str = "text.txt") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return write


def encoded(text: str, encoding: str) -> Callable[[Path], Path]:
    return written(text.encode(encoding))


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def loop(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a" / "text.txt"


def folder_in_itself(folder: Path) -> Path:
    (folder / "inner").mkdir()
    (folder / "inner" / "outer").symlink_to(folder)
    return folder / "inner" / "outer" / "inner"


def forbidden(folder: Path) -> Path:
    path = written(ENGLISH.encode())(folder)
    path.chmod(0)
    return path


ONE_BAD_BYTE = (ENGLISH * 20).encode()
TABLE: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "empty": (written(b""), "is empty", ""),
    "one word": (written(b"Cat."), "1 word to train on", ""),
    "one word repeated": (written(b"cat " * 5_000), WORK, "cat cat"),
    "one letter repeated": (written(b"c" * 9_000), "words to train on", ""),
    "fewer words than one batch": (written(ENGLISH[:13_000].encode()), WORK, "The cat saw 0 dogs"),
    "binary": (written(scattered(100_000)), "not a text file", ""),
    "binary after text": (written(b"The cat." + bytes(50_000)), "not a text file", ""),
    "UTF-16 with a mark": (encoded(GERMAN, "utf-16"), WORK, "Schöne Grüße aus Köln"),
    "UTF-16 little end first": (encoded(GERMAN, "utf-16-le"), WORK, "Schöne Grüße aus Köln"),
    "UTF-16 big end first": (encoded(GERMAN, "utf-16-be"), WORK, "Schöne Grüße aus Köln"),
    "UTF-32 with a mark": (encoded(GERMAN, "utf-32"), WORK, "Schöne Grüße aus Köln"),
    "UTF-32 little end first": (encoded(GERMAN, "utf-32-le"), WORK, "Schöne Grüße aus Köln"),
    "UTF-32 big end first": (encoded(GERMAN, "utf-32-be"), WORK, "Schöne Grüße aus Köln"),
    "Latin-1": (encoded(GERMAN, "latin-1"), WORK, "Schöne Grüße aus Köln"),
    "cp1252": (encoded("“Schöne Grüße” – " + GERMAN, "cp1252"), WORK, "“Schöne Grüße” –"),
    "Shift-JIS": (encoded(JAPANESE, "shift_jis"), WORK, "吾輩は猫である"),
    "GB18030": (encoded(CHINESE, "gb18030"), WORK, "我是一只猫"),
    "KOI8-R": (encoded(RUSSIAN, "koi8_r"), WORK, "Все счастливые семьи"),
    "one bad byte": (written(ONE_BAD_BYTE[:200_001] + b"\xff" + ONE_BAD_BYTE[200_001:]), WORK, "The cat saw 0 dogs"),
    "one line without a space": (written(scattered(100_000).hex().encode()), WORK, scattered(8).hex()),
    "distinct words": (written(distinct_words(20_000).encode()), WORK, "aaaaa aaaab"),
    "Chinese and Japanese": (encoded(CHINESE + JAPANESE, "utf-8"), WORK, "我是一只猫"),
    "Thai": (encoded(THAI, "utf-8"), WORK, "ฉันรักแมว"),
    "Hebrew": (encoded(HEBREW, "utf-8"), WORK, "שלום עולם"),
    "Arabic": (encoded(ARABIC, "utf-8"), WORK, "رأى القط"),
    "pipe": (pipe, "not an ordinary file", ""),
    "device": (lambda folder: Path("/dev/zero"), "not an ordinary file", ""),
    "loop of links": (loop, "cannot be read", ""),
    "folder in itself": (folder_in_itself, "is a folder", ""),
    "missing": (lambda folder: folder / "nothing.txt", "There is no file", ""),
    "newline and escape in its name": (written(ENGLISH.encode(), "a\nb\x1b[31mc.txt"), WORK, "The cat saw 0 dogs"),
}


def inspected(services: Services, *files: Path) -> list[TrainEvent]:
    return list(services.training.inspect([str(file) for file in files]))


def build_report(events: list[TrainEvent]) -> CorpusInspected:
    return next(event for event in events if isinstance(event, CorpusInspected))


@pytest.mark.parametrize("kind", TABLE)
def test_everything_ends_in_work_or_in_one_sentence(
    kind: str, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "_MOST_TYPES", 9_000)
    monkeypatch.setattr(corpus, "_TYPES_AFTER_FORGETTING", 6_000)
    make, refusal, beginning = TABLE[kind]
    path = make(tmp_path)
    if refusal:
        with pytest.raises(CorpusError, match=refusal) as problem:
            inspected(services, path)
        assert problem.value.sentence.endswith(".")
        assert problem.value.sentence.isprintable()
        assert problem.value.next_step.endswith(".")
        return
    events = inspected(services, path)
    report = build_report(events)
    assert report.preview.startswith(beginning)
    assert report.training_words >= corpus.LEAST_WORDS
    assert all(note.isprintable() for note in report.notes)
    (baselines,) = (event for event in events if isinstance(event, BaselinesMeasured))
    assert all(bits >= 0 for bits in baselines.bits_per_character.values())


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_one_sentence(services: Services, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="may not be read"):
        inspected(services, forbidden(tmp_path))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda path: path.write_bytes(ENGLISH.encode() * 2), "changed while it was read"),
        (lambda path: path.write_bytes(ENGLISH[:-9].encode()), "changed while it was read"),
        (lambda path: path.unlink(), "There is no file"),
    ],
    ids=["grows", "shrinks", "vanishes"],
)
def test_a_file_that_changes_while_it_is_read_is_one_sentence(
    change: Callable[[Path], None], sentence: str, services: Services, tmp_path: Path
) -> None:
    path = written(ENGLISH.encode())(tmp_path)
    events = services.training.inspect([str(path)])
    assert isinstance(next(events), Preparing)
    change(path)
    with pytest.raises(RnntuiError, match=sentence):
        list(events)


def test_one_bad_byte_is_counted_and_the_rest_stays_utf_8(services: Services, tmp_path: Path) -> None:
    report = build_report(inspected(services, TABLE["one bad byte"][0](tmp_path)))
    assert report.encodings == ("utf-8",)
    assert any("1 character could not be read" in note for note in report.notes)


@pytest.mark.parametrize("kind", ["Chinese and Japanese", "Thai"])
def test_scripts_without_spaces_are_told(kind: str, services: Services, tmp_path: Path) -> None:
    report = build_report(inspected(services, TABLE[kind][0](tmp_path)))
    assert any("no spaces between words" in note for note in report.notes)


def test_a_text_without_spaces_says_what_it_is_read_in_and_counts_that(services: Services, tmp_path: Path) -> None:
    text, sentences = without_spaces("japanese", 1, 60_000, words=400)
    (tmp_path / "japanese.txt").write_text(text, encoding="utf-8")
    report = build_report(inspected(services, tmp_path / "japanese.txt"))
    assert any("words that were found in it: counting needs" in note for note in report.notes)
    marks = text.count("。") + text.count("，")
    assert 0.7 < report.words / (sum(map(len, sentences)) + marks) < 1.4
    assert report.words < 0.8 * report.characters


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("make", "beginning"),
    [
        (lambda: (ENGLISH * 2_300).encode()[:52_000_000] + b"\xff" + ENGLISH.encode(), "The cat saw 0 dogs"),
        (lambda: random.Random(1).randbytes(50_000_000).hex().encode(), "e"),
        (lambda: distinct_words(5_000_000).encode(), "aaaaa aaaab"),
    ],
    ids=["one bad byte in 50 MB", "100 MB without a space", "5 million distinct words"],
)
def test_the_largest_of_the_table(
    make: Callable[[], bytes], beginning: str, services: Services, tmp_path: Path
) -> None:
    assert build_report(inspected(services, written(make())(tmp_path))).preview
