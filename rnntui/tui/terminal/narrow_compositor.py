"""A compositor that asks for what has changed and for nothing else, so that keys and words are painted sooner."""

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import NULL_REGION, Region
from textual.strip import Strip


class NarrowCompositor(Compositor):
    """Of each widget that something changed in, the rows that changed; of what lies behind others, nothing.

    Textual's own draws a box around all changes and then asks every widget whose container meets that box for all of
    its rows, most of them only to throw them away: with a word in the transcript and a bar in the side panel that is
    the whole screen, 25 widgets, thirty times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changed: tuple[Region, ...] = ()
        """Parts of the screen that are painted now; empty for all of it."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed since the last time; None when nothing did."""
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        painted: list[Region] = []
        for widget, (region, clip) in self.visible_widgets.items():  # from front to back
            seen = region.intersection(clip)
            common = [_common(seen, part) for part in self._changed]
            changed = [part for part in common if part and not _within(part, painted)]
            if not changed:
                continue
            top, bottom = min(part.y for part in changed), max(part.bottom for part in changed)
            rows = Region(seen.x, top, seen.width, bottom - top)
            painted.append(rows)
            yield rows, clip, widget.render_lines(rows.translate((-region.x, -region.y)))


def _common(one: Region, other: Region) -> Region:
    """What two regions share. Textual's own method would remember every pair of them, 25 more for every word."""
    x, y, width, height = one
    other_x, other_y, other_width, other_height = other
    left, right = max(x, other_x), min(x + width, other_x + other_width)
    top, bottom = max(y, other_y), min(y + height, other_y + other_height)
    return Region(left, top, right - left, bottom - top) if right > left and bottom > top else NULL_REGION


def _within(part: Region, regions: list[Region]) -> bool:
    return any(region.contains_region(part) for region in regions)
