"""Packed texts: read as they are, and whatever is built to do harm, cut off or damaged ends in one sentence."""

import contextlib
import gzip
import importlib
import io
import json
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rnntui.errors import CorpusError
from rnntui.lm.text import compression
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.text_source import Document, open_texts, read_document
from rnntui.records import ReadOptions
from tests.odd_texts import documents
from tests.small_world import world_text

try:
    zstd = importlib.import_module(compression._ZSTD)
except ImportError:
    zstd = None
needs_zstd = pytest.mark.skipif(zstd is None, reason="backports.zstd is not installed")
TEXT = world_text()
PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd.compress if zstd else bytes}
PACKED = [".gz", pytest.param(".zst", marks=needs_zstd)]


def zipped(folder: Path, members: dict[str, str | bytes], name: str = "books.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return path


def read_documents(path: Path) -> list[Document]:
    documents = []
    for text in open_texts(path)[0]:
        for _ in text.survey():
            pass
        documents.append(Document(text.name, "".join(text.parts(Findings())), text.encoding, text.sha256, ()))
    return documents


def refusal(path: Path) -> str:
    with pytest.raises(CorpusError) as refused:
        read_documents(path)
    sentence = str(refused.value)
    assert path.name[:40] in sentence
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_text_is_the_text_itself(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "world.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / f"world.txt{suffix}").write_bytes(PACKERS[suffix](TEXT.encode()))
    plain, found = read_document(tmp_path / "world.txt"), read_document(tmp_path / f"world.txt{suffix}")
    assert (found.text, found.sha256, found.encoding) == (plain.text, plain.sha256, plain.encoding)


@pytest.mark.parametrize("suffix", PACKED)
def test_a_text_packed_in_parts_is_read_to_its_end(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"world.txt{suffix}"
    path.write_bytes(PACKERS[suffix](b"It was the best of times,\n\n") + PACKERS[suffix](b"it was the worst of times."))
    assert read_document(path).text == "It was the best of times,\n\nit was the worst of times."


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize(
    ("inner", "data"),
    [(".jsonl", json.dumps({"text": "A dog saw a cat."})), (".html", "<p>A dog saw a cat.</p><script>x()</script>")],
)
def test_the_inner_suffix_says_how_a_text_is_read(tmp_path: Path, suffix: str, inner: str, data: str) -> None:
    path = tmp_path / f"cats{inner}{suffix}"
    path.write_bytes(PACKERS[suffix](data.encode()))
    assert read_document(path).text == "A dog saw a cat."


def test_every_text_of_an_archive_is_read_and_the_rest_is_said(tmp_path: Path) -> None:
    members = {
        "books/": "",
        "books/one.txt": "One book.",
        "books/two.html": "<p>Two books.</p>",
        "readme": "Three.",
        "cover.jpg": b"\xff\xd8",
        "inner.zip": b"PK",
        "__MACOSX/._one.txt": "no",
        "empty.txt": "",
    }
    path = zipped(tmp_path, members)
    texts, notes = open_texts(path)
    assert [text.name for text in texts] == ["books.zip/one.txt", "books.zip/two.html", "books.zip/readme"]
    assert notes == ["books.zip: 2 files in it are not read from an archive: cover.jpg, inner.zip."]
    assert [document.text for document in read_documents(path)] == ["One book.", "Two books.", "Three."]


def test_documents_in_an_archive_are_read_and_hidden_files_and_copies_are_not(tmp_path: Path) -> None:
    members = {
        "a/one.docx": documents.word_text(["One document."]),
        "a/two.rtf": documents.rich_text("Two."),
        "b/three.pdf": documents.pdf([["Three pages."]]),
        "b/film.srt": documents.subtitles(["Four cues."]),
        "b/copy of two.rtf": documents.rich_text("Two."),
        ".git/config.txt": "no",
        "b/.hidden.txt": "no",
    }
    path = zipped(tmp_path, members)
    assert [found.text for found in read_documents(path)] == ["One document.", "Two.", "Three pages.", "Four cues."]
    assert open_texts(path)[1] == ["books.zip: 1 file in it is there twice: copy of two.rtf."]


def test_hostile_names_in_an_archive_are_only_names(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"../../etc/x\x1b[31m.txt": "One.", "/abs/[bold]y.txt": "Two.", "a\\..\\z.txt": "Three."})
    texts, _ = open_texts(path)
    assert [text.name.rpartition("/")[2] for text in texts] == ["x\x1b[31m.txt", "[bold]y.txt", "z.txt"]
    assert [document.text for document in read_documents(path)] == ["One.", "Two.", "Three."]
    assert list(tmp_path.iterdir()) == [path]


def test_two_texts_of_one_name_in_an_archive_are_both_read(tmp_path: Path) -> None:
    path = tmp_path / "twins.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "First.")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", "Second.")
    assert [document.text for document in read_documents(path)] == ["First.", "Second."]


def _locked(path: Path) -> Path:
    """The mark of a password on the first member."""
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + place] |= 1
    path.write_bytes(bytes(data))
    return path


def test_a_locked_archive_is_one_sentence(tmp_path: Path) -> None:
    assert "password" in refusal(_locked(zipped(tmp_path, {"a.txt": "secret"})))


def test_a_locked_text_among_others_is_left_out_and_said(tmp_path: Path) -> None:
    texts, notes = open_texts(_locked(zipped(tmp_path, {"a.txt": "secret", "b.txt": "open"})))
    assert [text.name for text in texts] == ["books.zip/b.txt"]
    assert notes == ["books.zip: 1 file in it is locked by a password: a.txt."]


@pytest.mark.parametrize("members", [{}, {"x.jpg": b"1"}, {"folder/": b""}], ids=["nothing", "a picture", "a folder"])
def test_an_archive_without_texts_is_one_sentence(tmp_path: Path, members: dict[str, str | bytes]) -> None:
    assert "no text" in refusal(zipped(tmp_path, members))


@pytest.mark.parametrize("suffix", [*PACKED, ".zip"])
def test_what_is_cut_off_at_any_place_is_one_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"world.txt{suffix}"
    whole = zipped(tmp_path, {"a.txt": TEXT}).read_bytes() if suffix == ".zip" else PACKERS[suffix](TEXT.encode())
    dice = random.Random(3)
    for length in (1, 2, 10, len(whole) - 1, *(dice.randrange(3, len(whole)) for _ in range(20))):
        path.write_bytes(whole[:length])
        refusal(path)


@pytest.mark.parametrize("suffix", [*PACKED, ".zip"])
def test_what_is_altered_at_any_place_is_read_or_one_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"world.txt{suffix}"
    small = zipped(tmp_path, {"a.txt": TEXT[:2_000]}).read_bytes()
    whole = small if suffix == ".zip" else PACKERS[suffix](TEXT[:2_000].encode())
    dice = random.Random(4)
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(damaged))
        with contextlib.suppress(CorpusError):
            read_documents(path)


@pytest.mark.parametrize("suffix", [*PACKED, ".zip"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_LEAST_REFUSED", 1 << 20)
    data = b"all work and no play " * 400_000
    if suffix == ".zip":
        path = zipped(tmp_path, {"bomb.txt": data})
    else:
        path = tmp_path / f"bomb.txt{suffix}"
        path.write_bytes(PACKERS[suffix](data))
    assert "far larger inside" in refusal(path)


def test_an_archive_that_understates_its_texts_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.txt": "x" * 100_000})
    data = bytearray(path.read_bytes())
    place = data.find(b"PK\x01\x02") + 24
    data[place : place + 4] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    assert "damaged" in refusal(path)


@needs_zstd
def test_a_window_that_would_take_gigabytes_is_one_sentence(tmp_path: Path) -> None:
    option = zstd.CompressionParameter
    path = tmp_path / "wide.txt.zst"
    with zstd.ZstdFile(path, "w", options={option.window_log: 31, option.enable_long_distance_matching: 1}) as file:
        file.write(TEXT.encode())
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "a.7z", "a.gz.gz", "a.zip.zst", "a.tar"])
def test_what_holds_no_single_text_is_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert "npack" in refusal(path)


def test_without_the_library_the_sentence_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "world.txt.zst"
    path.write_bytes(b"(\xb5/\xfd" + TEXT.encode())
    monkeypatch.setitem(sys.modules, compression._ZSTD, None)
    assert "backports.zstd" in refusal(path)


def test_what_is_said_of_a_file_holds_for_its_packed_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt.gz"
    path.write_bytes(gzip.compress("Zu spät für süße Träume.".encode("cp1252")))
    assert read_document(path, ReadOptions(encoding="cp1252")).text == "Zu spät für süße Träume."


def test_unpacking_takes_little_memory_at_a_time() -> None:
    data = gzip.compress(bytes(3 << 20))
    blocks = list(compression.decompress(io.BytesIO(data), "zeros.txt.gz", len(data)))
    assert max(map(len, blocks)) <= 1 << 20
    assert sum(map(len, blocks)) == 3 << 20
