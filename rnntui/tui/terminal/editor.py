"""The prompt in the person's own editor. Knows where editors are named; nothing of screens."""

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rnntui.errors import InputError
from rnntui.files import open_to_read, read_up_to
from rnntui.text import clean, visible_line

_LARGEST = 10_000_000


def find_editor(environment: Mapping[str, str]) -> list[str]:
    """The editor that the environment names, else one that is usually there.

    Raises:
        InputError: If there is none.
    """
    named = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError:
        words = []
    words = words or next(([name] for name in ("nano", "vim", "vi") if shutil.which(name)), [])
    if not words or not shutil.which(words[0]):
        shown = f' "{visible_line(words[0], 60)}"' if words else ""
        raise InputError(f"There is no editor{shown} to open.", "Set EDITOR to the name of one.")
    return words


def edit_text(text: str, command: list[str], write: Callable[[Path, bytes], None]) -> str:
    """The text after the person has changed it in an editor, which has the terminal meanwhile.

    Args:
        text: What stands in the prompt.
        command: The editor with its arguments.
        write: Writes a file.

    Raises:
        InputError: If the editor fails or leaves nothing to read; the text is as it was then.
        StorageError: If the disk refuses.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="rnntui-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "prompt.txt"
            write(file, text.encode("utf-8", "replace"))
            _edit(command, file)
            with open_to_read(file) as descriptor:
                data = read_up_to(descriptor, _LARGEST)
            return clean(data.decode("utf-8", "replace")).text.rstrip("\n")
    except OSError as problem:
        raise InputError(
            f"What the editor wrote cannot be read: {problem.strerror}; the prompt is as it was.", "Write here instead."
        ) from problem


def _edit(command: list[str], file: Path) -> None:
    try:
        done = subprocess.run([*command, str(file)], check=False)  # noqa: S603  the person's own choice
    except OSError as problem:
        raise InputError(f"The editor did not start: {problem.strerror}.", "Set EDITOR to another one.") from problem
    if done.returncode:
        raise InputError("The editor ended with an error; the prompt is as it was.", "Try again, or set EDITOR.")
