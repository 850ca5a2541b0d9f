"""How sure the person is of the next word: three steps, changed with a key or a click."""

from textual import events
from textual.content import Content
from textual.widget import Widget

from rnntui.service.play.scoring import SURENESS
from rnntui.tui.safe import joined

_STEPS = tuple(SURENESS)
_TITLE = "How sure? "
_SHORTEST = 52
"""Cells from which the percentages fit."""


class SurenessBar(Widget):
    """One line; the chosen step has a full circle."""

    DEFAULT_CSS = """
    SurenessBar { height: 1; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._step = 1

    @property
    def confidence(self) -> float:
        """How likely the person finds their word."""
        return SURENESS[_STEPS[self._step]]

    def step(self) -> None:
        """The next step; after the last the first."""
        self._step = (self._step + 1) % len(_STEPS)
        self.refresh()

    def render(self) -> Content:
        """All steps."""
        parts: list[str | tuple[str, str]] = [(_TITLE, "$text-muted")]
        for number, label in enumerate(self._labels()):
            parts.append((label, "bold $text-accent" if number == self._step else ""))
        return joined(*parts)

    def on_click(self, event: events.Click) -> None:
        """Take the step under the mouse."""
        at = len(_TITLE)
        for number, label in enumerate(self._labels()):
            if at <= event.x < at + len(label):
                self._step = number
                self.refresh()
            at += len(label)

    def _labels(self) -> list[str]:
        has_room = self.size.width >= _SHORTEST
        return [
            f"{'●' if number == self._step else '○'} {name}{f' {100 * SURENESS[name]:.0f} %' if has_room else ''}   "
            for number, name in enumerate(_STEPS)
        ]
