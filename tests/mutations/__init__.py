"""Small changes of meaning that the tests must notice: each is made in a copy of the tree, and its tests must fail.

A test that passes whatever the code does proves nothing. Line coverage does not show it; a changed line does. The list
holds training choices, wiring, state, storage and what people see; `python -m tests.mutations` makes every change in
turn and writes which were noticed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One change of one place."""

    breaks: str
    """What goes wrong by it, in a few words: "top-p drops the word that crosses the limit"."""
    file: str
    """Below rnntui/."""
    old: str
    """Stands in the file exactly once."""
    new: str
    tests: tuple[str, ...]
    """Files or tests below tests/, as pytest takes them, one of which must fail."""
