"""What a person typed, pasted or dropped -> the text files that are meant. Reads folders, opens no file."""

import os
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rnntui.errors import CorpusError
from rnntui.files import is_there
from rnntui.text import visible_line

SAMPLES = ("sample:counting", "sample:animals", "sample:python")
"""Texts that need no file; the first two are written by the program."""
TEXT_SUFFIXES = (
    *(".txt", ".text", ".md", ".markdown", ".rst", ".org", ".log"),
    *(".html", ".htm", ".xhtml", ".epub", ".json", ".jsonl", ".ndjson", ".csv", ".tsv"),
    *(".docx", ".odt", ".fodt", ".pdf", ".rtf", ".fb2", ".srt", ".vtt", ".sbv", ".ass", ".ssa", ".sub", ".lrc"),
    *(".tex", ".latex", ".fountain", ".ipynb", ".mbox", ".eml", ".chat", ".transcript", ".stamped", ".aozora"),
    *(".py", ".js", ".ts", ".jsx", ".tsx", ".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".kt", ".go", ".rs", ".rb"),
    *(".php", ".cs", ".swift", ".scala", ".lua", ".pl", ".r", ".jl", ".hs", ".ml", ".clj", ".ex", ".erl", ".lisp"),
    *(".el", ".sh", ".bash", ".zsh", ".fish", ".ps1", ".sql", ".css", ".scss"),
)
"""What a folder offers; a file that is named by itself may have any suffix."""
_PACKED = (".gz", ".zst")
_ARCHIVE = ".zip"
_MOST_FILES = 2_000


def find_files(typed: str) -> list[Path]:
    """The files that a line names: one path, or several as a terminal writes them when they are dropped.

    A folder stands for the text files directly in it, a pattern such as `*.txt` for what it matches.

    Raises:
        CorpusError: If a path is not there, or a folder holds no text file.
    """
    files: list[Path] = []
    for name in _split_names(typed):
        files += _files_of(name)
    if not files:
        raise CorpusError("No file was named.", "Type a path, or choose a file in the tree.")
    return list(dict.fromkeys(files))


def find_text_files(folder: Path) -> list[Path]:
    """The text files directly in a folder, by name, hidden ones left out.

    Raises:
        CorpusError: If the folder cannot be read.
    """
    try:
        return sorted(entry for entry in folder.iterdir() if _is_taken(entry) and entry.is_file())[:_MOST_FILES]
    except OSError as problem:
        raise CorpusError(
            f'The folder "{_quote(folder)}" cannot be read: {problem.strerror}.', "Choose another one."
        ) from problem


def is_text_name(path: Path) -> bool:
    """True for a name that a folder of texts would offer: a text, a packed one, or an archive of texts."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]] or [""]
    inner = suffixes[0] if suffixes[-1] in _PACKED else suffixes[-1]
    return inner in (*TEXT_SUFFIXES, _ARCHIVE) and not path.name.startswith(".")


def _is_taken(path: Path) -> bool:
    """True for what a folder stands for as a whole: an archive in it may hold anything."""
    return is_text_name(path) and path.suffix.lower() != _ARCHIVE


def complete_path(typed: str) -> str | None:
    """What the path most likely goes on as: the first folder or text file that begins like it; None when none does."""
    return next(iter(list_completions(typed, 1)), None)


def list_completions(typed: str, most: int) -> list[str]:
    """How a path may go on: text files first, then folders, which end in a slash; at most so many."""
    if not typed or "\n" in typed:
        return []
    _, _, start = typed.rpartition("/")
    try:
        entries = sorted(_folder_of(typed).iterdir(), key=lambda entry: (not is_text_name(entry), entry.name.lower()))
        fitting = [entry for entry in entries[:_MOST_FILES] if _fits(entry, start)][:most]
        endings = ["/" if entry.is_dir() else "" for entry in fitting]
    except (OSError, RuntimeError, ValueError):
        return []
    before = typed[: len(typed) - len(start)]
    return [f"{before}{entry.name}{ending}" for entry, ending in zip(fitting, endings, strict=True)]


def folder_named(typed: str) -> Path | None:
    """The folder in which a path that is being typed stands; None when there is none, or it names none."""
    if "/" not in typed or "\n" in typed:
        return None
    try:
        folder = _folder_of(typed)
        return _absolute(folder) if folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _folder_of(typed: str) -> Path:
    head, _, _ = typed.rpartition("/")
    return Path(f"{head}/" if "/" in typed else ".").expanduser()


def suggest_name(files: Iterable[Path]) -> str:
    """A model name made from the first file's name."""
    first = next(iter(files), None)
    if first is None:
        return ""
    words = (
        re.sub(r"[^\w]+", "-", first.stem.removeprefix("sample:").split(".")[0], flags=re.UNICODE).strip("-_").lower()
    )
    return words[:40] or "my-text"


def _fits(entry: Path, start: str) -> bool:
    if not entry.name.startswith(start) or (entry.name.startswith(".") and not start.startswith(".")):
        return False
    return is_text_name(entry) or entry.is_dir()


def _split_names(typed: str) -> list[str]:
    names: list[str] = []
    for line in typed.replace("\x00", "").splitlines():
        plain = line.strip()
        if plain and is_there(_to_path(plain)):
            names.append(plain)
            continue
        names += _split_words(plain)
    return names


def _split_words(line: str) -> list[str]:
    """A line as a shell would cut it; as a whole when its quotes do not close or the pieces do not exist."""
    if sys.platform == "win32":
        return [line.strip('"')] if line else []
    try:
        words = shlex.split(line)
    except ValueError:
        return [line]
    if len(words) > 1 and not all(is_there(_to_path(word)) for word in words):
        return [line]
    return words


def _to_path(name: str) -> Path:
    if name.startswith("file://"):
        name = unquote(urlsplit(name).path)
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _files_of(name: str) -> list[Path]:
    path = _to_path(name)
    if name in SAMPLES:
        return [path]
    if is_there(path) and path.is_dir():
        files = find_text_files(path)
        if not files:
            raise CorpusError(
                f'The folder "{_quote(path)}" holds no text file.', f"Text files end in {', '.join(TEXT_SUFFIXES[:3])}."
            )
        return [_absolute(file) for file in files]
    if is_there(path):
        return [_absolute(path)]
    matching = _match(path)
    if not matching:
        raise CorpusError(f'There is no file "{_quote(path)}".', "Check the spelling; Tab completes a path.")
    return matching


def _match(path: Path) -> list[Path]:
    if not any(sign in path.name for sign in "*?["):
        return []
    try:
        return sorted(_absolute(entry) for entry in path.parent.glob(path.name) if entry.is_file())[:_MOST_FILES]
    except (OSError, ValueError, NotImplementedError):
        return []


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links


def _quote(path: Path) -> str:
    return visible_line(str(path), 120)
