"""The manual that ships with the program: Markdown pages, by name. Shows none of them."""

import difflib
import re

from rnntui.errors import InputError, StorageError
from rnntui.files import shipped_folder
from rnntui.text import visible_line

_READING_ORDER = (
    "first-steps",
    "words-and-numbers",
    "speaking",
    "keys",
    "commands",
    "preferences",
    "training",
    "texts",
    "bigger-machines",
    "lab",
    "playing",
    "privacy",
    "reliability",
    "figures",
    "architecture",
    "contributing",
)
"""A page that is not named here comes after these."""
_LONGEST_NAME = 60
_MARKS = re.compile(r"^<!-- .* -->\n", re.MULTILINE)
"""Where a table that is made from the program begins and ends; a reader need not see that."""


def page_names() -> tuple[str, ...]:
    """The names of all pages, in the order in which they are best read."""
    found = sorted(page.stem for page in shipped_folder("manual").glob("*.md"))
    first = [name for name in _READING_ORDER if name in found]
    return (*first, *(name for name in found if name not in first))


def read_page(name: str) -> str:
    """The Markdown of a page; its first line is its title.

    Raises:
        InputError: If no page has that name; the nearest one is named.
        StorageError: If the page cannot be read.
    """
    names = page_names()
    if name not in names:
        near = difflib.get_close_matches(name[:_LONGEST_NAME].lower(), names, 1, 0.6)
        meant = f'Did you mean "{near[0]}"? ' if near else ""
        raise InputError(
            f'The manual has no page "{visible_line(name, _LONGEST_NAME)}".',
            f"{meant}Its pages are {', '.join(names[:-1])} and {names[-1]}." if names else "Install rnntui again.",
        )
    page = shipped_folder("manual") / f"{name}.md"
    try:
        return _MARKS.sub("", page.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise StorageError(f'"{page}" cannot be read.', "Install rnntui again.") from problem


def page_title(name: str) -> str:
    """What a page is about, from its first line.

    Raises:
        InputError: If no page has that name.
        StorageError: If the page cannot be read.
    """
    return read_page(name).partition("\n")[0].removeprefix("# ").strip()
