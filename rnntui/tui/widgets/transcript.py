"""The conversation as rows: own words and the network's, wrapped as they arrive.

Only the rows that changed are drawn again. The person's rows carry a bar in the gutter, so that both voices can be told
apart without colour. Knows nothing of chats; it shows what it is given.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo, ScrollUp
from textual.selection import Selection
from textual.strip import Strip

from rnntui.text import visible, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.widgets.wrapping import Wrapper

_GUTTERS = {"person": "▌ ", "network": "  ", "mark": "", "note": "  ", "error": "! "}
_GUTTER_CELLS = 2
_LONGEST_ROW = 96
_NEAR_THE_END = 2
_CURSOR = "▌"


@dataclass(slots=True)
class _Block:
    """One turn, mark, note or error, followed by its remark, if any, and one row of air."""

    kind: str
    wrapper: Wrapper
    pieces: list[str] = field(default_factory=list)
    remark: str = ""
    is_waiting: bool = False
    first_row: int = 0

    @property
    def row_count(self) -> int:
        return len(self.wrapper.rows) + (2 if self.remark else 1)

    def add(self, text: str) -> int:
        """Let the block grow; returns the index of its first changed row."""
        cleaned = _as_shown(text)
        if not self.pieces:
            cleaned = cleaned.lstrip(" \n")
        if not cleaned:
            return len(self.wrapper.rows) - 1
        self.pieces.append(cleaned)
        return self.wrapper.add(cleaned)

    def wrap(self, width: int) -> None:
        """Cut the same text into rows of another width."""
        self.wrapper = Wrapper(width)
        for piece in self.pieces:
            self.wrapper.add(piece)


class Transcript(ScrollView, can_focus=True):
    """Turns, marks and errors, newest at the end."""

    DEFAULT_CSS = """
    Transcript {
        height: 1fr;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .transcript--person { color: $text-primary; text-style: bold; }
        & > .transcript--gutter { color: $primary; }
        & > .transcript--network { color: $foreground; }
        & > .transcript--waiting { color: $text-muted; text-style: italic; }
        & > .transcript--mark { color: $text-accent; }
        & > .transcript--remark { color: $text-disabled; }
        & > .transcript--note { color: $text-muted; text-style: italic; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--cursor { color: $accent; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--person",
        "transcript--gutter",
        "transcript--network",
        "transcript--waiting",
        "transcript--mark",
        "transcript--remark",
        "transcript--note",
        "transcript--error",
        "transcript--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("transcript")
    ALLOW_SELECT = True
    HELP = (
        "The conversation. A bar marks your words. Scroll with the wheel or the page keys; End follows the newest word."
    )

    class FollowChanged(Message):
        """The view follows the newest word, or stays where the person scrolled to while words arrive below."""

        def __init__(self, is_following: bool, is_behind: bool) -> None:
            self.is_following = is_following
            self.is_behind = is_behind
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: list[_Block] = []
        self._row_count = 0
        self._strips: LRUCache[int, Strip] = LRUCache(512)
        self._is_following = True
        self._is_behind = False
        self._is_open = False
        self._text_width = 0

    # ---- what a screen tells it

    @property
    def is_blank(self) -> bool:
        """True before the first turn."""
        return not self._blocks

    @property
    def is_following(self) -> bool:
        """True while the view stays at the newest word."""
        return self._is_following

    @property
    def text(self) -> str:
        """Everything that is shown, turns separated by newlines."""
        return "\n".join(block.wrapper.text for block in self._blocks)

    @property
    def story(self) -> str:
        """What both voices wrote since the memory was last emptied."""
        told: list[str] = []
        for block in self._blocks:
            if block.kind == "mark":
                told.clear()
            elif block.kind in {"person", "network"}:
                told.append(block.wrapper.text)
        return "\n".join(told)

    @property
    def last_network_text(self) -> str:
        """The newest words of the network, as shown; empty when it has not spoken."""
        return next((block.wrapper.text for block in reversed(self._blocks) if block.kind == "network"), "")

    @property
    def has_waiting(self) -> bool:
        """True while own words are shown that were not read yet."""
        return any(block.is_waiting for block in self._blocks)

    def clear(self) -> None:
        """Show nothing."""
        self._blocks.clear()
        self._is_open = False
        self._row_count = 0
        self._strips.clear()
        self.virtual_size = Size(0, 0)
        self.follow()
        self.refresh()

    def add_person(self, text: str, *, is_waiting: bool = False) -> None:
        """Own words; dimmed while they wait to be read."""
        self._add_block("person", text, is_waiting=is_waiting)
        self.follow()

    def settle_person(self) -> None:
        """The oldest waiting words are being read now."""
        block = next((entry for entry in self._blocks if entry.is_waiting), None)
        if block:
            block.is_waiting = False
            self._redraw_from(block.first_row)

    def drop_person(self, text: str) -> None:
        """Own words at the end that went back into the prompt are no longer part of the conversation."""
        self.close()
        last = self._blocks[-1] if self._blocks else None
        if last and last.kind == "person" and last.wrapper.text == _as_shown(text).strip():
            del self._blocks[-1]
            self._lay_out()

    def add_network(self, text: str) -> None:
        """A finished contribution of the network."""
        self._add_block("network", text)

    def add_mark(self, sentence: str) -> None:
        """A line across: the memory was emptied, another model goes on."""
        self._add_block("mark", visible_line(sentence))

    def add_note(self, sentence: str) -> None:
        """A remark in passing."""
        self._add_block("note", sentence)

    def add_error(self, sentence: str) -> None:
        """Something went wrong."""
        self._add_block("error", sentence)
        self.follow()

    def extend(self, pieces: Iterable[str]) -> None:
        """More words of the network, each with its own leading space; opens a turn when none is open."""
        if not self._is_open:
            self._add_block("network", "")
            self._is_open = True
        block = self._blocks[-1]
        changed = min([len(block.wrapper.rows), *(block.add(piece) for piece in pieces)])
        self._grown(block.first_row + changed)

    def close(self, remark: str = "") -> None:
        """The network's turn is over; `remark` stands small below it."""
        if not self._is_open:
            return
        self._is_open = False
        block = self._blocks[-1]
        block.remark = visible_line(remark)
        self._grown(block.first_row + len(block.wrapper.rows) - 1)

    def follow(self) -> None:
        """Go to the newest word and stay with it."""
        self._set_following(True)
        self.call_after_refresh(self._keep_at_end)

    # ---- rows

    def _add_block(self, kind: str, text: str, *, is_waiting: bool = False) -> None:
        self.close()
        block = _Block(kind, Wrapper(self._width_of(kind)), is_waiting=is_waiting, first_row=self._row_count)
        block.add(text)
        self._blocks.append(block)
        self._grown(block.first_row)

    def _width_of(self, kind: str) -> int:
        return 10_000 if kind == "mark" else max(1, self._text_width or 76)

    def _grown(self, first_changed: int) -> None:
        last = self._blocks[-1]
        before, self._row_count = self._row_count, last.first_row + last.row_count
        self._redraw_from(first_changed)
        if self._row_count != before:
            self.virtual_size = Size(self.size.width, self._row_count)
        if self._is_following:
            self._keep_at_end()
        elif not self._is_behind:
            self._is_behind = True
            self.post_message(self.FollowChanged(False, True))

    def _redraw_from(self, row: int) -> None:
        for index in range(row, self._row_count):
            self._strips.discard(index)
        self.refresh_lines(row, max(1, self._row_count - row))

    def _lay_out(self) -> None:
        firsts = accumulate((block.row_count for block in self._blocks), initial=0)
        for block, first in zip(self._blocks, firsts, strict=False):
            block.first_row = first
        self._row_count = sum(block.row_count for block in self._blocks)
        self._strips.clear()
        self.virtual_size = Size(self.size.width, self._row_count)
        self.refresh()
        if self._is_following:
            self.call_after_refresh(self._keep_at_end)

    def _on_resize(self, event: events.Resize) -> None:
        width = max(1, min(_LONGEST_ROW, self.scrollable_content_region.width - _GUTTER_CELLS - 1))
        if width == self._text_width:
            return
        self._text_width = width
        for block in self._blocks:
            if block.kind != "mark":
                block.wrap(width)
        self._lay_out()

    def notify_style_update(self) -> None:
        """Colours changed: nothing drawn so far is right any more."""
        super().notify_style_update()
        self._strips.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """The selected part changed."""
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the visible part."""
        index = y + self.scroll_offset.y
        if not 0 <= index < self._row_count:
            return Strip.blank(self.size.width, self.rich_style)
        selection = self.text_selection
        strip = self._strips.get(index) if selection is None else None
        if strip is None or strip.cell_length != self.size.width:
            strip = self._drawn(index, selection)
            if selection is None:
                self._strips[index] = strip
        return strip.apply_offsets(0, index)

    def _drawn(self, index: int, selection: Selection | None) -> Strip:
        block, row = self._locate(index)
        segments = self._segments(block, row)
        span = selection.get_span(index) if selection else None
        if span:
            segments = _selected(segments, span, self.screen.get_component_rich_style("screen--selection"))
        strip = Strip(segments)
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _locate(self, index: int) -> tuple[_Block, int]:
        place = bisect_right(self._blocks, index, key=lambda block: block.first_row) - 1
        block = self._blocks[place]
        return block, index - block.first_row

    def _segments(self, block: _Block, row: int) -> list[Segment]:
        if row >= len(block.wrapper.rows):
            return self._remark(block, row)
        text = block.wrapper.rows[row].text
        if block.kind == "mark":
            return [Segment(self._ruled(text), self._style("mark"))]
        kind = "waiting" if block.is_waiting else block.kind
        gutter = Segment(_GUTTERS[block.kind], self._style("error" if kind == "error" else "gutter"))
        segments = [gutter, Segment(text, self._style(kind))]
        if self._is_open and block is self._blocks[-1] and row == len(block.wrapper.rows) - 1:
            segments.append(Segment(_CURSOR, self._style("cursor")))
        return segments

    def _remark(self, block: _Block, row: int) -> list[Segment]:
        if not block.remark or row > len(block.wrapper.rows):
            return []
        return [Segment("  " + block.remark, self._style("remark"))]

    def _ruled(self, text: str) -> str:
        room = self._text_width + _GUTTER_CELLS
        line = f"── {text} "
        return line + "─" * max(2, room - cell_len(line))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"transcript--{name}")

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: without gutters, and without the breaks that only the width made."""
        parts: list[str] = []
        first = selection.start.y if selection.start else 0
        last = min(selection.end.y if selection.end else self._row_count, self._row_count - 1)
        for index in range(max(0, first), last + 1):
            block, row = self._locate(index)
            if row >= len(block.wrapper.rows):
                continue
            span = selection.get_span(index)
            if span is None:
                continue
            gutter = len(_GUTTERS[block.kind])
            text = block.wrapper.rows[row].text
            start, end = max(0, span[0] - gutter), len(text) if span[1] == -1 else max(0, span[1] - gutter)
            join = block.wrapper.rows[row].join if row else "\n"
            parts += [join if parts else "", text[start:end]]
        return "".join(parts), "\n"

    # ---- following

    def _keep_at_end(self) -> None:
        if self._is_following and self.is_mounted:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def _set_following(self, is_following: bool) -> None:
        if is_following == self._is_following:
            return
        self._is_following = is_following
        if is_following:
            self._is_behind = False
        self.post_message(self.FollowChanged(is_following, self._is_behind))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Reaching the end by scrolling down follows again."""
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value >= self.max_scroll_y:
            self._set_following(True)

    def _stop_following(self) -> None:
        if self.max_scroll_y > 0:
            self._set_following(False)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._stop_following()
        super()._on_mouse_scroll_up(event)

    def _on_scroll_up(self, event: ScrollUp) -> None:
        self._stop_following()
        super()._on_scroll_up(event)

    def _on_scroll_to(self, message: ScrollTo) -> None:
        if message.y is not None and message.y < self.max_scroll_y - _NEAR_THE_END:
            self._stop_following()
        super()._on_scroll_to(message)

    def action_scroll_up(self) -> None:
        """One row back."""
        self._stop_following()
        super().action_scroll_up()

    def action_page_up(self) -> None:
        """One page back."""
        self._stop_following()
        super().action_page_up()

    def action_scroll_home(self) -> None:
        """To the first word."""
        self._stop_following()
        super().action_scroll_home()

    def action_scroll_end(self) -> None:
        """To the newest word."""
        self.follow()


def _as_shown(text: str) -> str:
    return visible(text).replace("\t", "    ")


def _selected(segments: list[Segment], span: tuple[int, int], style: Style) -> list[Segment]:
    """The segments with the characters of `span` in another style."""
    start, end = span
    out: list[Segment] = []
    position = 0
    for segment in segments:
        text = segment.text
        cuts = [max(0, min(len(text), cut - position)) for cut in (start, len(text) + position if end == -1 else end)]
        parts = (text[: cuts[0]], text[cuts[0] : max(cuts)], text[max(cuts) :])
        styles = (segment.style, (segment.style or Style()) + style, segment.style)
        out += [Segment(part, part_style) for part, part_style in zip(parts, styles, strict=True) if part]
        position += len(text)
    return out
