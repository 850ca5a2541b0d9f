"""The table of actions looked at as a whole: which keys clash in it, and how it stands in the manual."""

from itertools import combinations

from rnntui.tui.action import HEARD_TOGETHER, PLACES, Action
from rnntui.tui.actions import ACTIONS
from rnntui.tui.slash_commands import PLAIN_SETTING_WORDS

_INSIDE_OUT = {"escape", "ctrl+z"}
"""Keys that go one step back, from the inside out: the innermost place that has something to take back hears them."""


def clashes(actions: tuple[Action, ...] | None = None) -> list[str]:
    """One sentence for each key or slash word that would mean two things in one place.

    Args:
        actions: A table like ACTIONS, which is looked at when there is none.
    """
    found = []
    for one, other in combinations(actions or ACTIONS, 2):
        together = one.where == other.where or "everywhere" in {one.where, other.where}
        together = together or (one.where, other.where) in HEARD_TOGETHER
        is_inside = one.where != other.where
        for key in set(one.keys) & set(other.keys):
            if together and not (key in _INSIDE_OUT and is_inside):
                found.append(f'The key {key} means both "{one.label}" and "{other.label}".')
        if one.slash and one.slash == other.slash:
            found.append(f'/{one.slash} means both "{one.label}" and "{other.label}".')
    return found


def keys_markdown() -> str:
    """The table of keys and slash words for the README, in Markdown."""
    lines = ["| Where | Key | In the prompt | What it does | Id |", "|---|---|---|---|---|"]
    for place, name in PLACES.items():
        for entry in (entry for entry in ACTIONS if entry.where == place):
            keys = ", ".join(f"`{key}`" for key in entry.keys)
            slash = f"`/{entry.slash}{' ' + entry.argument if entry.argument else ''}`" if entry.slash else ""
            lines.append(f"| {name} | {keys} | {slash} | {entry.help} | `{entry.id}` |")
    settings = ", ".join(f"`/{word}`" for word in PLAIN_SETTING_WORDS)
    lines.append(f"| Chat |  | {settings} | set one field of the draw, such as `/top-k 40` |  |")
    return "\n".join(lines) + "\n"
