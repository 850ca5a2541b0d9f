"""The conversation on the screen: rows of text that follow the newest word, and a cursor on any word of them.

What it shows is its `content`, which others change; where the word cursor stands is its `cursor`. Knows nothing of what
is done with a word; it says which one is meant.
"""

from typing import ClassVar

from rich.style import Style
from textual import events, on
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo, ScrollUp
from textual.selection import Selection
from textual.strip import Strip

from rnntui.tui.actions import bindings_for
from rnntui.tui.terminal.textual_internals import render_again
from rnntui.tui.transcript.follower import Follower
from rnntui.tui.transcript.highlights import HIGHLIGHTS
from rnntui.tui.transcript.row_renderer import (
    GUTTER_CELLS,
    STYLES,
    ArrowTarget,
    RowRenderer,
    WordTarget,
    selected_text,
    target_at,
)
from rnntui.tui.transcript.transcript_content import Change, TranscriptContent
from rnntui.tui.transcript.turn_block import Block
from rnntui.tui.transcript.word_cursor import WordCursor

_LONGEST_ROW = 96
_NEAR_THE_END = 2
_KEPT_ROWS = 512
_WRAP_SECONDS = 0.01
"""How long blocks are wrapped to a new width before the next frame is let through."""
_AT_A_WORD = frozenset({"word", "row", "turn", "first_word", "last_word", "open_word"})


class Transcript(ScrollView, can_focus=True):
    """Turns, marks and errors, newest at the end, and a cursor on any of their words."""

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
        & > .transcript--remark { color: $foreground 60%; }
        & > .transcript--note { color: $text-muted; text-style: italic; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--cursor { color: $text-accent; }
        & > .transcript--word { text-style: reverse bold; }
        & > .transcript--surprise-0 { color: $foreground 60%; text-style: none; }
        & > .transcript--surprise-1 { color: $foreground; text-style: none; }
        & > .transcript--surprise-2 { color: $text-success; text-style: italic; }
        & > .transcript--surprise-3 { color: $text-warning; text-style: underline; }
        & > .transcript--unit-0 { color: $text-primary; text-style: bold italic; }
        & > .transcript--unit-1 { color: $text-primary; text-style: italic; }
        & > .transcript--unit-2 { color: $text-muted; text-style: none; }
        & > .transcript--unit-3 { color: $text-warning; text-style: underline; }
        & > .transcript--unit-4 { color: $text-warning; text-style: bold underline; }
        & > .transcript--copied { text-style: underline; }
        & > .transcript--differs { background: $accent; text-style: bold; }
        & > .transcript--found { background: $warning-muted; text-style: underline; }
        & > .transcript--surprise-4 { color: $text-error; text-style: bold underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{name}" for name in STYLES}
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("transcript")
    HELP = (
        "The conversation. A bar marks your words. Scroll with the wheel or the page keys; End follows the newest "
        "word. Click on a word, or go to it with {inspect} and the arrow keys, to see what else could have stood there."
    )
    ALLOW_SELECT = True

    class FollowChanged(Message):
        """The view follows the newest word, or stays where the person scrolled to while words arrive below."""

        def __init__(self, is_following: bool, is_behind: bool) -> None:
            self.is_following = is_following
            self.is_behind = is_behind
            super().__init__()

    class WordOpened(Message):
        """The person wants to know what else could have stood here."""

        def __init__(self, turn_id: int, index: int) -> None:
            self.turn_id = turn_id
            self.index = index
            super().__init__()

    class SiblingWanted(Message):
        """The person clicked on an arrow beside the number of a turn's versions."""

        def __init__(self, turn_id: int, by: int) -> None:
            self.turn_id = turn_id
            self.by = by
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.content = TranscriptContent(self._show_change)
        self.cursor = WordCursor(self.content, self._show_cursor)
        self.follower = Follower(self, lambda *state: self.post_message(self.FollowChanged(*state)))
        self._renderer = RowRenderer(self.content, self.cursor, self._find_style)
        self._strips: LRUCache[int, Strip] = LRUCache(_KEPT_ROWS)
        """Finished rows: with padding, background and filters, so that a row that moves is not made again."""
        self._strips_are_for: object = None
        self._text_width = 0
        self._is_wrapping = False

    # ---- what is rendered again

    def _show_change(self, change: Change) -> None:
        rows = self.content.rows
        if change.kind == "end":
            self.follower.follow()
        elif change.kind == "restyled":
            self._render_again(change.first_row, change.count)
        elif change.kind == "grown":
            self._render_again(change.first_row, max(change.count, rows.count) - change.first_row)
            self.follower.take_growth(change.count, rows.count)
        else:
            self.cursor.leave_removed()
            self._strips.clear()
            self.follower.take_layout(rows.count)
            self.refresh()

    def _render_again(self, first: int, count: int) -> None:
        if count > _KEPT_ROWS:
            self._strips.clear()
        for row in range(first, first + min(count, _KEPT_ROWS)):
            self._strips.discard(row)
        self.refresh_lines(first, max(1, count))

    def _show_cursor(self, before: Block | None) -> None:
        """The cursor has left one block, and stands in another or nowhere."""
        block = self.cursor.block
        for changed in (before, block):
            if changed:
                self._render_again(*changed.rendered_rows)
        if block is None:
            return
        self.follower.stay()
        if not block.is_wrapped:
            self.content.rows.wrap_around(block, self.size.height)
            self.content.rows.lay_out()
            self._show_change(Change("moved"))
        self.follower.reveal(block.first_row + self.cursor.row)

    # ---- rendering

    def notify_style_update(self) -> None:
        """Colours changed: nothing rendered so far is right any more."""
        super().notify_style_update()
        self._strips.clear()
        self._renderer.forget_styles()

    def selection_updated(self, selection: Selection | None) -> None:
        """The selected part changed."""
        self._strips.clear()
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written, and how it ends."""
        return selected_text(self.content.rows, selection), "\n"

    def render_lines(self, crop: Region) -> list[Strip]:
        """The visible part; only rows that are new are made, the others have at most moved."""
        if self.text_selection is not None:
            return super().render_lines(crop)
        width = self.region.width
        surroundings = (width, self.size.width, self.gutter, self.background_colors)
        if surroundings != self._strips_are_for:
            self._strips.clear()
            self._strips_are_for = surroundings
        first = self.scroll_offset.y - self.gutter.top
        known = {y: self._strips.get(first + y) for y in crop.line_range if y >= self.gutter.top}
        for y in crop.line_range:
            if known.get(y) is None:
                self._make_rows(y, next((end for end in range(y, crop.bottom) if known.get(end)), crop.bottom), known)
        rows = [strip for y in crop.line_range if (strip := known[y]) is not None]
        return [row.crop(*crop.column_span) for row in rows] if crop.column_span != (0, width) else rows

    def _make_rows(self, start: int, end: int, known: dict[int, Strip | None]) -> None:
        """Let Textual make some rows of the visible part, and keep them."""
        part = Region(0, start, self.region.width, end - start)
        render_again(self, part)
        for y, strip in zip(part.line_range, super().render_lines(part), strict=True):
            known[y] = strip
            if y >= self.gutter.top:
                self._strips[self.scroll_offset.y - self.gutter.top + y] = strip

    def render_line(self, y: int) -> Strip:
        """One row of the visible part, without what surrounds it."""
        row, width = y + self.scroll_offset.y, self.size.width
        if self.text_selection is None:
            return self._renderer.render(row, width).apply_offsets(0, row)
        strip = self._renderer.render_selected(row, width, self.text_selection, _selection_style(self))
        return strip.apply_offsets(0, row)

    def _find_style(self, name: str) -> Style:
        if name in HIGHLIGHTS:
            return self.get_component_rich_style(f"transcript--{name}", partial=True)
        return self.get_component_rich_style(f"transcript--{name}") if name else self.rich_style

    # ---- another width

    def on_resize(self) -> None:
        """Wrap what is visible to the new width at once, and the rest in between; the cursor's word stays in sight."""
        width = max(1, min(_LONGEST_ROW, self.scrollable_content_region.width - GUTTER_CELLS - 1))
        if self.cursor.block:
            self.follower.stay()
        if width != self._text_width:
            self._take_width(width)
        if block := self.cursor.block:
            self.follower.reveal(block.first_row + self.cursor.row)

    def _take_width(self, width: int) -> None:
        rows = self.content.rows
        anchor = None if self.follower.is_following else rows.anchor_at(self.scroll_offset.y)
        self._text_width = width
        rows.set_width(width)
        rows.wrap_visible(self.size.height, anchor)
        if self.cursor.block:
            rows.wrap_around(self.cursor.block, self.size.height)
        rows.lay_out()
        self._show_change(Change("moved"))
        if anchor:
            self.scroll_to(y=rows.row_of(anchor), animate=False, immediate=True)
        self._wrap_later()

    def _wrap_later(self) -> None:
        if not self._is_wrapping and not self.content.rows.is_wrapped:
            self._is_wrapping = True
            self.set_timer(_WRAP_SECONDS, self._wrap_some)

    def _wrap_some(self) -> None:
        """A few blocks at a time, so that keys and words come through in between."""
        self._is_wrapping = False
        rows = self.content.rows
        anchor = None if self.follower.is_following else rows.anchor_at(self.scroll_offset.y)
        rows.wrap_some(_WRAP_SECONDS)
        self._show_change(Change("moved"))
        if anchor:
            self.scroll_to(y=rows.row_of(anchor), animate=False, immediate=True)
        self._wrap_later()

    # ---- the word cursor

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows and letters mean something only while there is a word cursor."""
        return self.cursor.block is not None or action not in _AT_A_WORD

    def action_word(self, by: int) -> None:
        """The next word, or the one before."""
        self.cursor.step(by)

    def action_row(self, by: int) -> None:
        """The word below, or above."""
        self.cursor.step_row(by)

    def action_turn(self, by: int) -> None:
        """The first word of the next turn, or of this one, or of the one before."""
        self.cursor.step_turn(by)

    def action_first_word(self) -> None:
        """The first word of all."""
        self.cursor.to_first_word()

    def action_last_word(self) -> None:
        """The newest word."""
        self.cursor.to_last_word()

    def action_open_word(self) -> None:
        """What else could stand here."""
        if self.cursor.place:
            self.post_message(self.WordOpened(*self.cursor.place))

    def on_click(self, event: events.Click) -> None:
        """A click on a word opens it; on an arrow of a remark it walks between the versions of a turn."""
        place = event.get_content_offset(self)
        if self.text_selection is not None or place is None:
            return
        target = target_at(self.content.rows, place.y + self.scroll_offset.y, place.x)
        if isinstance(target, ArrowTarget):
            self.post_message(self.SiblingWanted(target.turn_id, target.by))
        elif isinstance(target, WordTarget) and self.content.has_tokens(target.block):
            event.stop()
            self.focus()
            self.cursor.set(target.block, target.block.index_at(target.offset))
            self.action_open_word()

    # ---- scrolling

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Another part of the rows is visible."""
        self.follower.take_scroll(old_value, new_value)
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)

    @on(events.MouseScrollUp)
    @on(ScrollUp)
    def _leave_end(self) -> None:
        self.follower.stay()

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The thumb of the scroll bar was moved."""
        if message.y is not None and message.y < self.max_scroll_y - _NEAR_THE_END:
            self.follower.stay()

    def action_scroll_up(self) -> None:
        """One row back."""
        self.follower.stay()
        super().action_scroll_up()

    def action_page_up(self) -> None:
        """One page back."""
        self.follower.stay()
        super().action_page_up()

    def action_scroll_home(self) -> None:
        """To the first word."""
        self.follower.stay()
        super().action_scroll_home()

    def action_scroll_end(self) -> None:
        """To the newest word."""
        self.follower.follow()


def _selection_style(transcript: Transcript) -> Style:
    """What is put over selected text; the colour of its ground is no colour for text."""
    if transcript.app.no_color:  # shades of grey are too near to each other
        return transcript.rich_style + Style(reverse=True)
    style = transcript.screen.get_component_rich_style("screen--selection")
    return style if style.color != style.bgcolor else Style(bgcolor=style.bgcolor)
