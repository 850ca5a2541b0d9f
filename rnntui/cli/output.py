"""Writing for people and for programs: data to standard output, narration to standard error, both safe to look at."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from rnntui.errors import RnntuiError
from rnntui.text import visible, visible_line


class Output:
    """Where a command writes.

    Args:
        is_json: One JSON object per line instead of text.
    """

    def __init__(self, is_json: bool) -> None:
        self.is_json = is_json

    def text(self, text: str, end: str = "\n") -> None:
        """Data for a person: foreign text is made visible first."""
        _write(sys.stdout, visible(text) + end)

    def result(self, values: dict[str, Any]) -> None:
        """Data for a program: one object on one line, in ASCII, so that no control byte can hide in it."""
        _write(sys.stdout, json.dumps(values) + "\n")

    def say(self, sentence: str) -> None:
        """Narration."""
        _write(sys.stderr, visible_line(sentence, 600) + "\n")

    def error(self, error: RnntuiError) -> None:
        """One sentence and what to do about it."""
        if self.is_json:
            self.result({"error": error.sentence, "next_step": error.next_step, "exit_code": error.exit_code})
        self.say(f"rnntui: {error}")


def plain(value: Any) -> Any:
    """A dataclass, with everything inside it, as JSON-able values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def table(rows: Sequence[tuple[str, ...]], heading: tuple[str, ...]) -> str:
    """Columns that line up; numbers to the right."""
    cells = [heading, *([visible_line(cell, 60) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heading))]
    numeric = [all(_is_number(row[at]) for row in cells[1:]) and bool(rows) for at in range(len(heading))]
    lines = []
    for row in cells:
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace("-", "").strip().isdigit() or cell in {"", "-"}


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()
