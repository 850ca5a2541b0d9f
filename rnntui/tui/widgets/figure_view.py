"""Figures of the lab in colour: the same lines that the command line prints, as wide as there is room."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from rnntui.figures import Figure
from rnntui.service.export.text_render import Line, Span, render_all
from rnntui.text import visible

_STYLES = {
    "": "$foreground",
    "title": "bold $text-primary",
    "muted": "$foreground-muted",
    "warning": "$text-warning",
    "good": "bold $text-success",
    "bad": "bold $text-error",
    "bar": "$primary",
    "second": "$warning",
    "axis": "$foreground-muted",
    "series-0": "bold $warning",
    "series-1": "bold $success",
    "series-2": "bold $primary",
    "series-3": "bold $error",
}
_SHADES = 5


class FigureView(Static):
    """Draws figures again whenever its width changes."""

    DEFAULT_CSS = """
    FigureView { height: auto; text-wrap: nowrap; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._figures: tuple[Figure, ...] = ()

    def show(self, figures: Sequence[Figure]) -> None:
        """Show these in place of the others."""
        self._figures = tuple(figures)
        self._render_figures()

    def on_resize(self) -> None:
        """Another width needs other lines."""
        self._render_figures()

    def _render_figures(self) -> None:
        if self.size.width < 1:
            return
        lines = render_all(self._figures, self.size.width)
        content = Content("\n").join(_content(line) for line in lines)
        self.update(content)


def _content(line: Line) -> Content:
    return Content.assemble(*((visible(span.text), _style(span)) for span in line))


def _style(span: Span) -> str:
    if span.role not in {"heat", "tint"}:
        return _STYLES.get(span.role, "$foreground")
    level = span.level if span.level == span.level else 0.0
    shade = round(min(1.0, abs(level)) ** 0.7 * _SHADES) * 100 // _SHADES
    name = "$warning" if level > 0 else "$primary"
    if span.role == "tint":
        return f"$foreground on {name} {shade * 6 // 10}%" if shade else "$foreground"
    return f"{name} {30 + shade * 7 // 10}%"
