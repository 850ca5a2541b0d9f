"""Every private name of Textual that the program uses, behind functions that do without where a name is missing.

Tested with Textual 8.2.8; pyproject.toml admits no other minor version. No other file uses a private name of Textual,
and tests/tui/terminal/test_textual_internals.py has a test for each one here.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import ModuleType
from typing import IO, Any

from rich.console import RenderableType
from textual import events
from textual._ansi_sequences import SYNC_END as SYNC_END
from textual._ansi_sequences import SYNC_START as SYNC_START
from textual._compositor import ChopsUpdate as ChopsUpdate
from textual._compositor import Compositor
from textual._compositor import CompositorUpdate as CompositorUpdate
from textual._compositor import LayoutUpdate as LayoutUpdate
from textual._context import active_message_pump
from textual._time import get_time as get_time
from textual._xterm_parser import BRACKETED_PASTE_END as BRACKETED_PASTE_END
from textual._xterm_parser import BRACKETED_PASTE_START as BRACKETED_PASTE_START
from textual._xterm_parser import XTermParser as XTermParser
from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.geometry import NULL_REGION, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

# ---- styles


def mark_as_styled(screen: Screen[Any], app: App[Any]) -> None:
    """Say that a screen has the current styles, where Textual would give it the same ones once more."""
    with suppress(AttributeError):
        screen._css_update_count = app._css_update_count


def add_size_classes(screen: Screen[Any], app: App[Any]) -> None:
    """Give a screen the classes of the window's size before it is styled; Textual adds them after, and styles again."""
    classes_for = getattr(screen, "_get_breakpoint_classes", None)
    if classes_for is None:
        return
    width, height = app.size
    screen.add_class(
        *classes_for(width, app.HORIZONTAL_BREAKPOINTS),
        *classes_for(height, app.VERTICAL_BREAKPOINTS),
    )


# ---- painting


class NarrowCompositor(Compositor):
    """Of each widget that something changed in, the rows that changed; of what lies behind others, nothing.

    Textual's own draws a box around all changes and then asks every widget whose container meets that box for all of
    its rows, most of them only to throw them away: with a word in the transcript and a bar in the side panel that is
    the whole screen, 25 widgets, thirty times a second, 16 of them for nothing.
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
            common = [_overlap(seen, part) for part in self._changed]
            changed = [part for part in common if part and not any(done.contains_region(part) for done in painted)]
            if not changed:
                continue
            top, bottom = min(part.y for part in changed), max(part.bottom for part in changed)
            rows = Region(seen.x, top, seen.width, bottom - top)
            painted.append(rows)
            yield rows, clip, widget.render_lines(rows.translate((-region.x, -region.y)))


def _overlap(one: Region, other: Region) -> Region:
    """What two regions share. Textual's own method would remember every pair of them, 25 more for every word."""
    x, y, width, height = one
    other_x, other_y, other_width, other_height = other
    left, right = max(x, other_x), min(x + width, other_x + other_width)
    top, bottom = max(y, other_y), min(y + height, other_y + other_height)
    return Region(left, top, right - left, bottom - top) if right > left and bottom > top else NULL_REGION


def paint_only_changes(screen: Screen[Any]) -> None:
    """Give a screen that was not shown yet the narrow compositor."""
    if isinstance(getattr(screen, "_compositor", None), Compositor) and hasattr(Compositor, "_get_renders"):
        screen._compositor = NarrowCompositor()


def rows_of(screen: Screen[Any]) -> list[Strip]:
    """What a screen shows, row by row; nothing where Textual does not tell."""
    compositor = getattr(screen, "_compositor", None)
    return compositor.render_strips() if isinstance(compositor, Compositor) else []


def render_again(widget: Widget, part: Region) -> None:
    """Let the next `render_lines` of a widget make these rows anew.

    With it a transcript keeps its finished rows itself, and a row that only moves is not made again: 9 ms of processor
    time a paint instead of 25, in 120x36 at 1,000 words a second.
    """
    with suppress(AttributeError):
        widget._styles_cache.set_dirty(part)


def filter_frames(app: App[Any], change: Callable[[RenderableType | None], RenderableType | None]) -> None:
    """Let every frame pass through a function before it is written.

    On a line of 15 kB/s a frame that holds only what differs from the one before is 2 to 4 times shorter.
    """
    display = getattr(app, "_display", None)
    if display is None:
        return

    def display_changed(screen: Screen[Any], renderable: RenderableType | None) -> None:
        display(screen, change(renderable))

    app._display = display_changed  # type: ignore[method-assign]


# ---- the terminal


class TerminalWriter(WriterThread):
    """Writes to the terminal in a thread of its own, and knows how much has not left yet."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._given = self._gone = 0

    @property
    def waiting(self) -> int:
        """Characters that were given and are not written yet; those being written count."""
        return self._given - self._gone

    def write(self, text: str) -> None:
        """Write text when what was given before has left."""
        self._given += len(text)
        super().write(text)

    def run(self) -> None:
        """Write what is given, each piece as soon as the terminal takes it."""
        while (text := self._queue.get()) is not None:
            self._file.write(text)
            self._file.flush()
            self._gone += len(text)


def use_in_driver(module: ModuleType, parser: type[XTermParser]) -> None:
    """Let a driver's module make its parser and its writer from these classes; it makes them by itself, by name."""
    for name, ours in (("XTermParser", parser), ("WriterThread", TerminalWriter)):
        if hasattr(module, name):
            setattr(module, name, ours)


def writer_of(driver: Driver) -> TerminalWriter | None:
    """What a driver writes to; None while it does not draw, or where it is not ours."""
    writer = getattr(driver, "_writer_thread", None)
    return writer if isinstance(writer, TerminalWriter) else None


def driver_of(app: App[Any]) -> Driver | None:
    """The driver of an app that runs; None before."""
    return getattr(app, "_driver", None)


def is_lent(driver: Driver) -> bool:
    """True while another program, such as an editor, has the terminal."""
    return not getattr(driver, "_auto_restart", True)


def is_resume_announced(driver: Driver) -> bool:
    """True when a driver was asked to stop, and will tell the app when it goes on."""
    return bool(getattr(driver, "_must_signal_resume", True))


def announce_resume(driver: Driver) -> None:
    """Let a driver tell the app when it goes on."""
    if hasattr(driver, "_must_signal_resume"):
        driver._must_signal_resume = True


def is_between_sequences(parser: XTermParser) -> bool:
    """True when a parser is in the middle of no key."""
    return getattr(getattr(parser, "_awaiting", None), "timeout", None) is None


def keys_with_alt(parser: XTermParser, character: str) -> list[events.Key]:
    """What a parser makes of a character that came with Alt held."""
    found = list(parser._sequence_to_key_events(f"\x1b{character}"))
    return found or list(parser._sequence_to_key_events(character, alt=True))


# ---- the end of an app


def loop_of(app: App[Any]) -> asyncio.AbstractEventLoop | None:
    """The event loop that an app runs in; None when it does not run. Signal handlers ask from outside of it."""
    loop = getattr(app, "_loop", None)
    return loop if isinstance(loop, asyncio.AbstractEventLoop) and not loop.is_closed() else None


def is_leaving(app: App[Any]) -> bool:
    """True since an app was told to exit."""
    return bool(getattr(app, "_exit", False))


def is_closing_here(app: App[Any]) -> bool:
    """True when what is being carried out belongs to an app or a widget that is being taken away."""
    here = active_message_pump.get(None)
    return is_leaving(app) or (
        isinstance(here, Widget)
        and any(
            getattr(node, name, False)
            for node in here.ancestors_with_self
            for name in ("_closing", "_closed", "_pruning")
        )
    )


def take_errors(
    app: App[Any], ignores: Callable[[Exception], bool], tell: Callable[[BaseException | None], None]
) -> None:
    """Decide what becomes of an error that nobody caught: Textual writes all local variables to the terminal.

    Args:
        app: Not running yet.
        ignores: Asked first; True keeps the app running.
        tell: Ends the app otherwise; given the error.
    """
    handle = getattr(app, "_handle_exception", None)
    if handle is None or not hasattr(app, "_fatal_error"):
        return

    def handle_unless_ignored(error: Exception) -> None:
        if not ignores(error):
            handle(error)

    app._handle_exception = handle_unless_ignored  # type: ignore[method-assign]
    app._fatal_error = lambda: tell(getattr(app, "_exception", None))  # type: ignore[method-assign]


def end_with(app: App[Any], exit_code: int, last_words: RenderableType) -> None:
    """End an app that may be in no state to take messages: nothing but these words is left on the terminal."""
    try:
        app._return_code = exit_code
        app._exit_renderables[:] = [last_words]
        app._close_messages_no_wait()
    except AttributeError:
        app.exit(return_code=exit_code, message=last_words)


def take_toast(app: App[Any], is_meant: Callable[[str], bool]) -> str:
    """Take a toast off the screen; what it said, or "" when none is meant."""
    found = next((toast for toast in getattr(app, "_notifications", ()) if is_meant(toast.message)), None)
    if found is None or not hasattr(app, "_unnotify"):
        return ""
    app._unnotify(found, refresh=False)
    return str(found.message)


# ---- keys and text


def own_keys(app: App[Any]) -> dict[str, str]:
    """The keys that `set_keymap` gave, by the id of the binding; Textual has no other way to ask."""
    return getattr(app, "_keymap", {})


def bindings_of(widget: Widget, key: str) -> list[Binding]:
    """What a widget itself binds to a key, the person's own keys included."""
    chain = getattr(widget.screen, "_modal_binding_chain", None)
    if chain is None:
        active = widget.screen.active_bindings.get(key)
        return [active.binding] if active and active.node is widget else []
    return [binding for node, bindings in chain if node is widget for binding in bindings.key_to_bindings.get(key, ())]


def bindings_heard(screen: Screen[Any]) -> list[ActiveBinding]:
    """What is bound to keys now, from the focus outwards.

    Textual's own list lacks what stands behind the scrolling of a widget that cannot scroll, which passes the key on.
    """
    active = screen.active_bindings
    chain = getattr(screen, "_modal_binding_chain", ())
    passed_on = {key for key, heard in active.items() if heard.binding.action.startswith("scroll_")}
    behind = [
        ActiveBinding(node, binding, True, binding.tooltip)
        for node, bindings in chain
        for key, binding in bindings
        if key in passed_on and binding.id
    ]
    return [*behind, *active.values()]


def forget_lines(area: TextArea) -> None:
    """Render the lines of a text area again although its text is the same."""
    with suppress(AttributeError):
        area._line_cache.clear()
    area.refresh()


def keep_cursor_in_text(area: TextArea) -> None:
    """Textual asks for the cursor's place in the middle of an undo, too, when it may stand where the text has ended."""

    def recompute() -> None:
        place = area.clamp_visitable(area.cursor_location)
        area._cursor_offset = area.wrapped_document.location_to_offset(place)

    if hasattr(area, "_recompute_cursor_offset"):
        area._recompute_cursor_offset = recompute  # type: ignore[method-assign]
