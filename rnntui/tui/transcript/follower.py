"""Where a view stands while rows arrive below: at the newest one, or where the person scrolled to.

Knows nothing of what the rows say.
"""

import math
from collections.abc import Callable

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar

_EIGHTHS = 8
_ROWS_AROUND = 2
"""The rows beside one that is to be seen."""


class Follower:
    """Keeps a view at its end while it follows, and its scroll bar where it should be.

    Args:
        view: Has rows of text, one below the other.
        tell: Called when the view follows or stays from now on, and when it falls behind: whether it follows, and
            whether rows have arrived below what is seen.
    """

    def __init__(self, view: ScrollView, tell: Callable[[bool, bool], object]) -> None:
        self._view = view
        self._tell = tell
        self._is_following = True
        self._is_behind = False
        self._thumb = (0, 0)

    @property
    def is_following(self) -> bool:
        """True while the view stays at the newest row."""
        return self._is_following

    def follow(self) -> None:
        """Go to the newest row and stay with it."""
        self._set_following(True)
        self._view.call_after_refresh(self._to_end)

    def stay(self) -> None:
        """Stay here, whatever arrives below; where all rows are visible there is nothing to leave."""
        if self._view.max_scroll_y > 0:
            self._set_following(False)

    def reveal(self, row: int) -> None:
        """Let a row be seen, with one on each side where there is room."""
        height = self._view.size.height
        if height:
            beside = 1 if height > _ROWS_AROUND else 0
            region = Region(0, max(0, row - beside), 1, 1 + 2 * beside)
            self._view.scroll_to_region(region, animate=False, immediate=True, x_axis=False)

    def take_growth(self, before: int, count: int) -> None:
        """There are so many rows now, where there were fewer; the last ones may have changed."""
        if count != before:
            self._set_height(before, count)
        if self._is_following:
            self._to_end()
        elif not self._is_behind:
            self._is_behind = True
            self._tell(False, True)

    def take_layout(self, count: int) -> None:
        """There are so many rows now, and any of them may stand elsewhere."""
        self._view.virtual_size = Size(self._view.size.width, count)
        if self._is_following:
            self._view.call_after_refresh(self._to_end)

    def take_scroll(self, before: float, now: float) -> None:
        """The view has scrolled; reaching the end by scrolling down follows again."""
        self._move_bar()
        if now > before and now >= self._view.max_scroll_y:
            self._set_following(True)

    def _to_end(self) -> None:
        if self._is_following and self._view.is_mounted:
            self._view.scroll_end(animate=False, immediate=True, x_axis=False)

    def _set_following(self, is_following: bool) -> None:
        if is_following == self._is_following:
            return
        self._is_following = is_following
        if is_following:
            self._is_behind = False
        self._tell(is_following, self._is_behind)

    def _set_height(self, before: int, count: int) -> None:
        """More rows; the screen is laid out again only when the scroll bar comes or goes."""
        view = self._view
        size = Size(view.size.width, count)
        if min(before, count) <= view.size.height or not view.show_vertical_scrollbar:
            view.virtual_size = size
            return
        view.set_reactive(ScrollView.virtual_size, size)
        view.scroll_y = view.validate_scroll_y(view.scroll_y)
        if not self._is_following:  # otherwise it scrolls next
            self._move_bar()

    def _move_bar(self) -> None:
        """Say to the scroll bar where things are; it is rendered again only where it looks different then."""
        view = self._view
        if not view.show_vertical_scrollbar:
            return
        bar, window = view.vertical_scrollbar, view.container_size.height
        thumb = _thumb(bar.size.height, view.virtual_size.height, window, view.scroll_y)
        before, self._thumb = self._thumb, thumb
        bar.set_reactive(ScrollBar.window_virtual_size, view.virtual_size.height)
        bar.set_reactive(ScrollBar.window_size, window)
        bar.set_reactive(ScrollBar.position, view.scroll_y)
        if thumb != before:  # the rows between its old and its new place, of them all
            first = min(before[0], thumb[0]) // _EIGHTHS
            last = (max(sum(before), sum(thumb)) + _EIGHTHS - 1) // _EIGHTHS
            bar.refresh(Region(0, first, bar.size.width, last - first + 1))


def _thumb(height: int, rows: int, window: int, position: float) -> tuple[int, int]:
    """Where a scroll bar's thumb begins and how long it is, in eighths of a cell."""
    if height < 1 or rows <= window or window < 1:
        return 0, 0
    cells = max(1.0, window * height / rows)
    return int((height - cells) * position / (rows - window) * _EIGHTHS), math.ceil(cells * _EIGHTHS)
