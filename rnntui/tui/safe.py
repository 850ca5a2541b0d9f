"""Foreign text on its way to a widget: never a `str`, always `Content` without markup, links or control characters.

Textual parses plain strings as markup in almost every widget, and `escape` leaves holes. Everything that a person, a
file or a model wrote goes through one of these functions.
"""

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter, Monochrome

from rnntui.text import unjoined, visible, visible_line

_TAB = "    "


def shown(text: str, style: str = "") -> Content:
    """Text as it is, on as many lines as it has.

    Args:
        text: Anything, from anywhere.
        style: A Textual style of ours, such as "bold $text-accent"; never part of the text.
    """
    return Content.styled(unjoined(visible(text)).replace("\t", _TAB), style)


def shown_line(text: str, style: str = "", limit: int = 200) -> Content:
    """Text on one line, cut with an ellipsis after `limit` characters: for names, titles and sentences."""
    return Content.styled(unjoined(visible_line(text, limit)), style)


def shown_name(text: str, cells: int) -> Content:
    """Text on one line, exactly `cells` wide: for columns."""
    line = Content(unjoined(visible_line(text, max(4, 2 * cells))))
    return line.truncate(cells, ellipsis=True, pad=True)


def joined(*parts: str | Content | tuple[str, str]) -> Content:
    """Several parts after each other: our own words as `str` or (words, style), foreign text as `Content`."""
    return Content.assemble(*(unjoined(visible(part)) if isinstance(part, str) else part for part in parts))


class ControlCharacterFilter(LineFilter):
    """The last line of defence: no control character of any text reaches the terminal, whoever forgot to clean it.

    A character that takes no cell is left out, so that columns stay where they are.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, with control characters, direction overrides and lone surrogates left out or replaced."""
        if all(segment.text.isascii() and segment.text.isprintable() for segment in segments):
            return segments
        return [_harmless(segment) for segment in segments]


class WithoutColor(Monochrome):
    """Shades of grey for NO_COLOR. Textual's own ends the app where something is drawn without any style."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments without colours."""
        return super().apply([segment if segment.style else _styled(segment) for segment in segments], background)


def _styled(segment: Segment) -> Segment:
    return Segment(segment.text, Style.null(), segment.control)


def _harmless(segment: Segment) -> Segment:
    text, style, control = segment
    if control or text.isprintable():
        return segment
    return Segment(text.translate(_REPLACED), style)


_OVERRIDES = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF)
_REPLACED: dict[int, str] = {
    **{code: "" for code in (*range(0x20), *range(0x7F, 0xA0), *_OVERRIDES)},
    **{code: "\ufffd" for code in range(0xD800, 0xE000)},
}
