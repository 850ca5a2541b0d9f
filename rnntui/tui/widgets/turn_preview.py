"""The words of some turns as one reads them in the conversation, to look at before it is opened."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rnntui.text import visible
from rnntui.tui.safe import joined, shown

if TYPE_CHECKING:
    from rnntui.records import Turn

_SIGNS = {"forget": "· memory emptied ·", "switch": "· another model ·"}
_LONGEST = 3_000
"""Characters of a turn; of a longer one its end is shown."""
_BEFORE_A_MARK = 300


class TurnPreview(VerticalScroll, can_focus=False):
    """The end of a conversation, or what is around words in it: prompts bold, replies plain."""

    DEFAULT_CSS = """
    TurnPreview { scrollbar-size-vertical: 1; }
    TurnPreview > Static { width: 1fr; height: auto; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Static()

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, content: Content, *, at_end: bool) -> None:
        """Show turns that were rendered, from their beginning or to their end."""
        self._text.update(content)
        self.call_after_refresh(self.scroll_end if at_end else self.scroll_home, animate=False)


def render_ending(turns: "Sequence[Turn]") -> Content:
    """The end of a conversation, oldest turn first."""
    texts = [turn.text[-_LONGEST:] for turn in turns]
    texts[:1] = [text.lstrip() for text in texts[:1]]
    return joined(*map(_render, turns, texts))


def render_place(turn: "Turn", words: Sequence[str]) -> Content:
    """A turn around the first place of some words, which are marked wherever they stand in it.

    Args:
        turn: Where they were found.
        words: Compared without regard to case.
    """
    text = turn.text
    first = min((at for at in (_fold(text).find(_fold(word)) for word in words) if at >= 0), default=0)
    start = max(0, first - _BEFORE_A_MARK)
    content = joined("… " if start else "", _render(turn, text[start : start + _LONGEST]))
    folded = _fold(content.plain)
    for word in filter(None, map(_fold, words)):
        at = -1
        while (at := folded.find(word, at + 1)) >= 0:
            content = content.stylize("bold reverse", at, at + len(word))
    return content


def _render(turn: "Turn", text: str) -> Content:
    if turn.role in _SIGNS:
        return joined((f"\n{_SIGNS[turn.role]}\n", "$foreground-disabled"))
    return shown(text, "bold" if turn.role == "person" else "")


def _fold(text: str) -> str:
    """Without regard to capitals; every character stays in its place."""
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in visible(text))
