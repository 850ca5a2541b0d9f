"""One thing a person can do, and the places where its key is heard."""

from dataclasses import dataclass

PLACES = {
    "everywhere": "Everywhere",
    "chat": "Chat",
    "prompt": "Chat, in the prompt",
    "temperature": "Chat, on the temperature bar",
    "sampling": "Chat, on the settings of the draw",
    "transcript": "Chat, at a word",
    "alternatives": "Chat, what else",
    "find": "Chat, in the line to find words",
    "tour": "Chat, on the tour",
    "help": "Help",
    "manual": "Manual",
    "models": "Models",
    "report": "Report",
    "sessions": "Conversations",
    "branches": "Versions",
    "compare": "Side by side",
    "versions-compared": "Versions side by side",
    "drafts": "Drafts",
    "memories": "Memories",
    "settings": "Settings",
    "themes": "Themes",
    "log": "Log",
    "origin": "A place in the book",
    "train": "Training",
    "reading": "How a text was read",
    "runs": "Training runs",
    "history": "How a model learned",
    "lab": "Lab",
    "play": "Play",
    "choices": "Play, at the words",
}
HEARD_TOGETHER = {
    ("chat", "prompt"),
    ("chat", "temperature"),
    ("chat", "transcript"),
    ("chat", "alternatives"),
    ("chat", "sampling"),
    ("chat", "find"),
    ("chat", "tour"),
    ("play", "choices"),
}
"""Places of which the second one is inside the first, so that a key may mean only one thing in both."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do."""

    id: str
    keys: tuple[str, ...]
    """Empty when it has no key of its own."""
    label: str
    help: str
    where: str
    run: str
    slash: str = ""
    """The word after the slash in the prompt; empty when it makes no sense there."""
    argument: str = ""
    """What may follow the slash word, in capitals; empty when nothing may."""
    footer: int = 0
    """Its place in the footer among the keys of `where`, from 1; 0 keeps it out. Keys with one place stand together."""
    footer_label: str = ""
    """What the footer calls it; empty for its label."""
    also: str = ""
    """What other programs call it, for whoever searches: words with spaces between them."""
    in_palette: bool = True
    priority: bool = False
    """Heard before the focused widget."""

    @property
    def owner(self) -> str:
        """What carries it out: "app", "screen", a part of the chat screen, or "" for the place where it is heard."""
        return self.run.partition("(")[0].rpartition(".")[0]

    @property
    def call(self) -> str:
        """The Textual action: what a part of the chat screen does is handed on by the screen."""
        if self.owner in {"", "app", "screen"}:
            return self.run
        name, _, arguments = self.run.removeprefix(f"{self.owner}.").partition("(")
        return f"screen.call_part({', '.join(filter(None, (repr(self.owner), repr(name), arguments.rstrip(')'))))})"

    @property
    def call_anywhere(self) -> str:
        """The same for whoever does not stand in its place, such as the palette."""
        return self.call if self.call.startswith(("app.", "screen.")) else f"screen.{self.call}"
