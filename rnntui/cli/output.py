"""Writing for people and for programs: data to standard output, narration to standard error, both safe to look at."""

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

from rnntui.chat_events import PromptReading
from rnntui.cli.process.streams import tell, write_data
from rnntui.errors import RnntuiError, StorageError
from rnntui.text import is_numeric, visible, visible_line

_LONGEST_SENTENCE = 600


class Output:
    """Where a command writes.

    Args:
        is_json: One JSON object per line instead of text.
    """

    def __init__(self, is_json: bool) -> None:
        self.is_json = is_json

    def text(self, text: str, end: str = "\n") -> None:
        """Data for a person: foreign text is made visible first."""
        write_data(visible(text) + end)

    def result(self, values: dict[str, Any]) -> None:
        """Data for a program: one object on one line, in ASCII, so that no control byte can hide in it."""
        import json

        write_data(json.dumps(values) + "\n")

    def say(self, sentence: str) -> None:
        """Narration."""
        tell(visible_line(sentence, 3 * _LONGEST_SENTENCE) + "\n")

    def error(self, error: RnntuiError) -> None:
        """One sentence and what to do about it."""
        if self.is_json:
            with contextlib.suppress(StorageError, BrokenPipeError):  # when writing is what went wrong
                self.result({"error": error.sentence, "next_step": error.next_step, "exit_code": error.exit_code})
        sentence = visible_line(error.sentence, _LONGEST_SENTENCE)  # each for itself, so that the advice is never cut
        self.say(f"rnntui: {sentence} {visible_line(error.next_step, _LONGEST_SENTENCE)}".rstrip())


def reading_in_words(reading: PromptReading) -> str:
    """What to say of a prompt as it was read, as a sentence."""
    return f"{reading.note[:1].upper()}{reading.note[1:]}."


def to_values(value: Any) -> Any:
    """A dataclass, with everything inside it, as JSON-able values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def render_table(rows: Sequence[tuple[str, ...]], heading: tuple[str, ...]) -> str:
    """Columns that line up; numbers to the right."""
    cells = [heading, *([visible_line(cell, 60) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heading))]
    numeric = [all(is_numeric(row[at]) for row in cells[1:]) and bool(rows) for at in range(len(heading))]
    lines = []
    for row in cells:
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)
