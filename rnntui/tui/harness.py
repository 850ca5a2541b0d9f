r"""The real app without a terminal, driven by a script: for tests, demonstrations and screenshots.

One step a line; empty lines and lines that begin with # are skipped:

    type TEXT                 press each character; \n is not a key, use `press enter`
    press KEY [KEY ...]       such as `press enter`, `press ctrl+t right right`
    paste TEXT                as one paste
    click SELECTOR [X Y]      such as `click #start`, with a place inside the widget
    focus SELECTOR
    resize 80x24
    wait-for text TEXT        until the screen shows TEXT; also `wait-for no text TEXT`
    wait-for SELECTOR         until a widget is there and shown; also `wait-for no SELECTOR`
    wait-idle                 until nothing is read, written, loaded or looked into
    expect text TEXT          the screen shows TEXT now; also `expect no text TEXT`
    screenshot FILE.svg
    timeout SECONDS           for the waits that follow; 30 at first
"""

import asyncio
import html
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.css.errors import StylesheetError
from textual.css.query import InvalidQueryFormat, NoMatches, WrongType
from textual.events import Paste
from textual.pilot import OutOfBounds, Pilot

from rnntui.errors import InputError
from rnntui.text import visible_line, whole_number
from rnntui.tui.terminal.textual_internals import rows_of

if TYPE_CHECKING:
    from rnntui.tui.app import RnntuiApp

_TIMEOUT_SECONDS = 30.0
_POLL_SECONDS = 0.02
_LONGEST_SIDE = 500
_LONGEST_TIMEOUT = 86_400.0
Write = Callable[[str, str], None]


@dataclass(slots=True)
class Report:
    """What came of a script."""

    steps: int = 0
    """Steps that were carried out."""
    screenshots: dict[str, str] = field(default_factory=dict)
    """SVG text by the file name in the script."""
    screen: str = ""
    """The screen as text after the last step."""


def screen_text(app: "RnntuiApp") -> str:
    """What the screen shows now, as lines of text without colours."""
    strips = rows_of(app.screen)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def screenshot(app: "RnntuiApp") -> str:
    """What the screen shows now, as SVG."""
    return app.export_screenshot(title=html.escape("rnntui"))


async def run_script(
    app: "RnntuiApp", steps: Iterable[str], size: tuple[int, int] = (80, 24), write: Write | None = None
) -> Report:
    """Carry out the steps on a fresh app without a terminal.

    Args:
        app: An app that is not running yet.
        steps: Lines of a script.
        size: Columns and rows at the start.
        write: Called with a file name and SVG text for each screenshot; without it they are only in the report.

    Raises:
        InputError: If a step is not understood or an expectation fails; the sentence names the line.
    """
    script = _Script(app, write)
    async with app.run_test(size=size, notifications=True, tooltips=False) as pilot:
        await pilot.pause()
        for number, line in enumerate(steps, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                await script.step(pilot, number, line.rstrip("\r\n"))
        script.report.screen = screen_text(app)
        await app.action_quit()
    return script.report


def drive(
    app_factory: Callable[[], "RnntuiApp"], script: str, size: tuple[int, int] = (80, 24), write: Write | None = None
) -> Report:
    """`run_script` for callers without an event loop.

    Raises:
        InputError: As `run_script`.
    """

    async def main() -> Report:
        return await run_script(app_factory(), script.splitlines(), size, write)

    return asyncio.run(main())


class _Script:
    def __init__(self, app: "RnntuiApp", write: Write | None) -> None:
        self.app = app
        self.report = Report()
        self._write = write
        self._timeout = _TIMEOUT_SECONDS

    async def step(self, pilot: Pilot[None], number: int, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        steps: dict[str, Callable[[Pilot[None], str], Awaitable[None]]] = {
            "type": self._type,
            "press": self._press,
            "paste": self._paste,
            "click": self._click,
            "focus": self._focus,
            "resize": self._resize,
            "wait-for": self._wait_for,
            "wait-idle": self._wait_idle,
            "expect": self._expect,
            "screenshot": self._screenshot,
            "timeout": self._set_timeout,
        }
        if word not in steps:
            raise InputError(
                f'Line {number}: "{visible_line(word, 40)}" is not a step.', f"Steps are {', '.join(steps)}."
            )
        try:
            await steps[word](pilot, rest.strip() if word != "type" else rest)
        except _Failure as failure:
            raise InputError(f"Line {number}: {failure}", failure.next_step) from None
        self.report.steps += 1

    async def _type(self, pilot: Pilot[None], text: str) -> None:
        await pilot.press(*[_KEY_NAMES.get(character, character) for character in text])

    async def _press(self, pilot: Pilot[None], keys: str) -> None:
        if not keys:
            raise _Failure("press needs the name of a key.", "Write it after the word, such as press enter.")
        await pilot.press(*keys.split())

    async def _paste(self, pilot: Pilot[None], text: str) -> None:
        target = self.app.focused or self.app.screen
        target.post_message(Paste(text))
        await pilot.pause()

    async def _click(self, pilot: Pilot[None], rest: str) -> None:
        selector, *place = rest.split() or [""]
        offset = (0, 0)
        if len(place) == 2:
            offset = (whole_number(place[0]) or 0, whole_number(place[1]) or 0)
        if not selector:
            raise _Failure("click needs to know what.", "Write a selector after it, such as click #start.")
        try:
            await pilot.click(selector, offset=offset) if place else await pilot.click(selector)
        except (NoMatches, OutOfBounds, InvalidQueryFormat, StylesheetError):
            raise _Failure(f'there is no "{visible_line(selector, 60)}" on the screen to click.') from None

    async def _focus(self, pilot: Pilot[None], selector: str) -> None:
        if not self._is_shown(selector):
            raise _Failure(f'there is no "{visible_line(selector, 60)}" on the screen.')
        self.app.screen.query(selector).first().focus()
        await pilot.pause()

    async def _resize(self, pilot: Pilot[None], rest: str) -> None:
        columns, rows = (whole_number(side) or 0 for side in (*rest.split("x", 1), "")[:2])
        if not (0 < columns <= _LONGEST_SIDE and 0 < rows <= _LONGEST_SIDE):
            raise _Failure(
                f'"{visible_line(rest, 40)}" is not a size.',
                f"Write columns x rows, such as 80x24, at most {_LONGEST_SIDE} each.",
            )
        await pilot.resize_terminal(columns, rows)
        await pilot.pause()

    async def _wait_for(self, pilot: Pilot[None], rest: str) -> None:
        holds = self._claim(rest)
        if not await self._until(pilot, holds):
            raise _Failure(f'after {self._timeout:g} seconds still not: "{visible_line(rest, 80)}".')

    async def _wait_idle(self, pilot: Pilot[None], rest: str) -> None:
        if not await self._until(pilot, lambda: self.app.is_idle):
            raise _Failure(f"after {self._timeout:g} seconds the app is still busy.")

    async def _expect(self, pilot: Pilot[None], rest: str) -> None:
        await pilot.pause()
        if not self._claim(rest)():
            raise _Failure(f'expected "{visible_line(rest, 80)}", but the screen says otherwise.')

    async def _screenshot(self, pilot: Pilot[None], name: str) -> None:
        if not name.endswith(".svg"):
            raise _Failure("a screenshot needs a file name that ends in .svg.")
        await pilot.pause()
        svg = self.report.screenshots[name] = screenshot(self.app)
        if self._write:
            self._write(name, svg)

    async def _set_timeout(self, pilot: Pilot[None], rest: str) -> None:
        try:
            seconds = float(rest)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= _LONGEST_TIMEOUT:  # which nan is not either
            raise _Failure(
                f'"{visible_line(rest, 40)}" is not a number of seconds.', f"Write one from 0 to {_LONGEST_TIMEOUT:g}."
            )
        self._timeout = seconds

    def _claim(self, rest: str) -> Callable[[], bool]:
        wanted = rest
        is_absent = wanted.startswith("no ")
        if is_absent:
            wanted = wanted.removeprefix("no ")
        if wanted.startswith("text "):
            text = wanted.removeprefix("text ").strip()
            return lambda: (text in self._flat()) != is_absent
        if not wanted:
            raise _Failure("what should be there is missing.", "Write text and the words, or a selector.")
        return lambda: self._is_shown(wanted) != is_absent

    def _flat(self) -> str:
        """The screen, also with every line joined to the next: a sentence may have been wrapped."""
        shown = screen_text(self.app)
        return shown + "\n" + " ".join(shown.split())

    def _is_shown(self, selector: str) -> bool:
        try:
            return any(widget.is_on_screen for widget in self.app.screen.query(selector))
        except (InvalidQueryFormat, WrongType):
            raise _Failure(f'"{visible_line(selector, 60)}" is not a selector.') from None

    async def _until(self, pilot: Pilot[None], holds: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + self._timeout
        await pilot.pause()
        while not holds():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        await pilot.pause()
        return True


class _Failure(Exception):
    """A step that could not be carried out; the line is added by whoever knows it."""

    def __init__(self, sentence: str, next_step: str = "") -> None:
        self.next_step = next_step
        super().__init__(sentence)


_KEY_NAMES = {" ": "space", "\t": "tab"}
