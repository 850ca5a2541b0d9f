"""One line that always says where things stand; what matters least is left out first when it gets narrow."""

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from rnntui.tui.safe import joined, shown, shown_line

_SEPARATOR = " · "


class StatusLine(Static):
    """Parts in order, each with its importance; the widget shows as many as fit."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        padding: 0 1;
        color: $text-muted;
        background: $surface;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: tuple[tuple[int, str], ...] = ()

    def show(self, *parts: tuple[int, str]) -> None:
        """Show these parts.

        Args:
            parts: Importance (1 stays longest) and text, in the order in which they stand.
        """
        kept = tuple(part for part in parts if part[1])
        if kept == self._parts:
            return
        self._parts = kept
        self.update(self._fit(), layout=False)

    @property
    def words(self) -> str:
        """All parts, also those that do not fit."""
        return _SEPARATOR.join(text for _, text in self._parts)

    def on_resize(self) -> None:
        """Other parts may fit now."""
        self.update(self._fit(), layout=False)

    def _fit(self) -> Content:
        parts = list(self._parts)
        room = max(10, self.size.width - 2)
        while len(parts) > 1 and cell_len(_SEPARATOR.join(text for _, text in parts)) > room:
            parts.remove(max(parts, key=lambda part: part[0]))
        first, *rest = [text for _, text in parts] or [""]
        others = "".join(_SEPARATOR + text for text in rest)
        return joined(shown_line(first, "bold $foreground"), shown(others))
