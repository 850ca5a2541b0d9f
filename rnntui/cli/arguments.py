"""Arguments that several commands have in common, as the values that the services take."""

import dataclasses
from typing import Any

from rnntui.errors import InputError
from rnntui.paths import absolute_path
from rnntui.records import ReadOptions
from rnntui.settings import TrainConfig
from rnntui.text import visible_line

SAMPLE = "sample:"
"""How the name of a text begins that comes with the program."""


def locate_text(name: str) -> str:
    """A path that means the same in every folder; the name of a sample, or none, stays as it is.

    Raises:
        InputError: If it is an address, or nothing can have that name.
    """
    if not name or name.startswith(SAMPLE):
        return name
    if "://" in name[:12]:
        raise InputError(
            f'"{visible_line(name, 160)}" is an address, and rnntui makes no connections.',
            "Save the text as a file and name that.",
        )
    return str(absolute_path(name))


def read_options(args: Any) -> ReadOptions:
    """How text files are to be read."""
    return ReadOptions(
        args.encoding,
        args.field,
        args.join_lines,
        bool(args.typographic),
        tuple(dict.fromkeys(args.speaker)),
        tuple(dict.fromkeys(args.leave_out)),
    )


def parse_minutes(written: str) -> float:
    """Minutes of training.

    Raises:
        InputError: If it is no number, or no budget that a run may have.
    """
    budget = next(entry for entry in dataclasses.fields(TrainConfig) if entry.name == "budget_seconds").metadata
    shown = visible_line(written, 40)
    try:
        minutes = float(written)
    except ValueError:
        raise InputError(f'--minutes must be a number, not "{shown}".', "Write it as 5 or 0.5.") from None
    if not budget["low"] <= minutes * 60 <= budget["high"]:
        most = f"{budget['high'] / 60:,.0f} ({budget['high'] / 86_400:.0f} days)"
        raise InputError(f'--minutes cannot be "{shown}".', f"Give minutes from {budget['low'] / 60:.2f} to {most}.")
    return minutes
