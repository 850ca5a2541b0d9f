import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.tui.file_choice import SAMPLES, TEXT_SUFFIXES, complete_path, find_files, is_text_name, suggest_name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.txt", "b c.txt", "d.md", ".hidden.txt", "e.png"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("a.txt", ["a.txt"]),
        ("b c.txt", ["b c.txt"]),
        (r"b\ c.txt", ["b c.txt"]),
        ("'b c.txt' a.txt", ["b c.txt", "a.txt"]),
        ("a.txt\nd.md\n", ["a.txt", "d.md"]),
        ("~/a.txt", ["a.txt"]),
        (".", ["a.txt", "b c.txt", "d.md"]),
        ("*.txt", [".hidden.txt", "a.txt", "b c.txt"]),
        ("e.png", ["e.png"]),
        ("a.txt a.txt", ["a.txt"]),
    ],
)
def test_what_is_typed_names_files(folder: Path, typed: str, names: list[str]) -> None:
    assert find_files(typed) == [folder / name for name in names]


def test_a_dropped_file_address_names_its_file(folder: Path) -> None:
    assert find_files(f"file://{folder}/b%20c.txt") == [folder / "b c.txt"]


@given(st.text(max_size=40))
def test_nothing_that_is_typed_raises_anything_but_a_sentence(typed: str) -> None:
    with contextlib.suppress(CorpusError):
        find_files(typed)
    complete_path(typed)


def test_completion_offers_files_before_folders(folder: Path) -> None:
    assert complete_path("b") == "b c.txt"
    assert complete_path("s") == "sub/"
    assert complete_path(f"{folder}/d") == f"{folder}/d.md"
    assert complete_path("~/a") == "~/a.txt"
    assert complete_path("e") is None
    assert complete_path("zzz") is None


@pytest.mark.parametrize(
    ("file", "name"), [("Moby Dick.txt", "moby-dick"), ("../x/À la.latin1.txt", "à-la"), ("---.txt", "my-text")]
)
def test_a_model_is_named_after_its_file(file: str, name: str) -> None:
    assert suggest_name([Path(file)]) == name


def test_every_format_and_sample_that_can_be_read_is_offered() -> None:
    from rnntui.lm.text import sample_texts
    from rnntui.lm.text.formats.readers import READERS

    assert set(READERS) <= set(TEXT_SUFFIXES)
    assert tuple(sample_texts.PREFIX + name for name in sample_texts.SAMPLES) == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_chosen_by_its_name(folder: Path, name: str) -> None:
    assert [str(file) for file in find_files(name)] == [name]
    assert suggest_name(find_files(name)) == name.removeprefix("sample:")


def test_packed_texts_and_archives_are_offered_and_a_folder_stands_for_no_archive(tmp_path: Path) -> None:
    names = ["a.txt.gz", "b.jsonl.zst", "books.zip", "c.tar.gz", "d.gz", "e.txt", ".f.txt.gz", "picture.png.zst"]
    for name in names:
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [name for name in names if is_text_name(tmp_path / name)] == [
        "a.txt.gz",
        "b.jsonl.zst",
        "books.zip",
        "e.txt",
    ]
    assert [path.name for path in find_files(str(tmp_path))] == ["a.txt.gz", "b.jsonl.zst", "e.txt"]
    assert find_files(str(tmp_path / "books.zip")) == [tmp_path / "books.zip"]
