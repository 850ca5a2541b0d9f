"""What can be typed in a place although no action is bound to it, such as digits and letters; for the footer alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to type in one place of the table of actions."""

    where: str
    keys: str
    """As it stands in the footer, such as "1-9"."""
    label: str
    footer: int
    """Its place among the keys of `where`, as an action has one."""
    press: str = ""
    """The key that a click presses; empty where there are several."""


HINTS: tuple[Hint, ...] = (
    Hint("prompt", "Tab", "Complete", 2, "tab"),
    Hint("prompt", "↑↓", "Choose", 3),
    Hint("temperature", "type", "a number", 3),
    Hint("sampling", "type", "a number", 3),
    Hint("alternatives", "1-9", "Say it", 1),
    Hint("alternatives", "type", "Search", 2),
    Hint("alternatives", "u", "Rewind", 4, "u"),
    Hint("find", "Enter", "Next", 1, "enter"),
    Hint("help", "type", "Narrow it", 1),
    Hint("manual", "type", "Find", 3),
    Hint("models", "Enter", "Go on with it", 1, "enter"),
    Hint("sessions", "Enter", "Open", 1, "enter"),
    Hint("branches", "Enter", "Go there", 1, "enter"),
    Hint("drafts", "Enter", "Say it instead", 1, "enter"),
    Hint("memories", "Enter", "Begin from it", 1, "enter"),
    Hint("play", "Enter", "Say it", 1, "enter"),
    Hint("choices", "1-8", "Say it", 1),
    Hint("themes", "Enter", "Keep it", 1, "enter"),
    Hint("settings", "Tab", "Next field", 2, "tab"),
)
