"""Work that a screen asks for and does not wait for: storage, files, lists. The screen goes on taking keys meanwhile.

    self._desk.do("writing", lambda: archive.export_conversation(session_id, path), self._say_written, self._say)

The first function runs in a thread of its own and touches no widget; what comes of it is given to the second one where
widgets live, or its refusal, a sentence, to the third.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.screen import ModalScreen
from textual.widget import Widget

from rnntui.chat_events import Failed
from rnntui.errors import InputError, RnntuiError
from rnntui.service.background import Background

GROUP = "desk"
"""Textual's name for all work of desks, so that whoever leaves the app can wait for it."""
_SIGN_SECONDS = 0.15
"""Work that is quicker shows no sign: it would only flash up."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    """What came of a piece of work: whatever that is, or why it could not be done."""

    value: T | None = None
    refusal: RnntuiError | None = None


class Desk:
    """The work of one screen: in the order in which it was asked for, one piece after another.

    A screen that is closed meanwhile changes nothing of what was asked for; what comes of it is then told by the app.

    Args:
        owner: Whose work it is.
        sign: Shows what goes on when it takes longer, such as "writing"; "" takes that away again.
    """

    def __init__(self, owner: Widget | App[Any], sign: Callable[[str], None] = lambda what: None) -> None:
        self._owner = owner
        self._sign = sign
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._newest = 0
        self._answer = 0
        """The numbers of the newest question, and of the newest that was answered."""

    @property
    def is_busy(self) -> bool:
        """True while something is done, or waits to be."""
        return self._waiting > 0

    @property
    def is_asking(self) -> bool:
        """True while the answer to the newest question is not there."""
        return self._answer < self._newest

    @property
    def _is_there(self) -> bool:
        """False for a dialog that was closed, also while Textual is still taking it down."""
        owner = self._owner
        if isinstance(owner, App):
            return True
        return owner.is_attached and (not isinstance(owner, ModalScreen) or owner in owner.app.screen_stack)

    def do(
        self,
        what: str,
        work: Callable[[], T],
        then: Callable[[T], None],
        refused: Callable[[str], None],
        closed: Callable[[T], str] = lambda result: "",
    ) -> None:
        """Do something after what was asked for before.

        Args:
            what: The sign of it.
            work: Runs in a thread; touches no widget.
            then: Takes what came of it, if the screen is still there.
            refused: Takes the sentence of an error, if the screen is still there; otherwise it becomes a toast.
            closed: What the person is told in a toast when the screen is no longer there; nothing for "".
        """
        self._waiting += 1
        self._run(self._do_in_turn(what, work, then, refused, closed))

    def ask(
        self, work: Callable[[], T], then: Callable[[T], None], refused: Callable[[str], None], what: str = ""
    ) -> None:
        """Find something out at once, beside what is done; of several questions only the newest is answered.

        Args:
            work: Runs in a thread; touches no widget.
            then: Takes the answer, if the screen is still there and nothing else was asked since.
            refused: Takes the sentence of an error, likewise.
            what: The sign of it; "" shows none.
        """
        self._newest += 1
        self._run(self._answer_newest(self._newest, work, then, refused, what))

    def _run(self, work: Coroutine[None, None, None]) -> None:
        self._owner.app.run_worker(work, group=GROUP)  # the app's: it outlives the screen

    async def _do_in_turn(
        self,
        what: str,
        work: Callable[[], T],
        then: Callable[[T], None],
        refused: Callable[[str], None],
        closed: Callable[[T], str],
    ) -> None:
        async with self._turn:
            try:
                result = await self._run_with_sign(what, work)
            except RnntuiError as problem:
                self._waiting -= 1
                self._refuse(str(problem), refused)
                return
            self._waiting -= 1
            if self._is_there:
                then(result)
            elif sentence := closed(result):
                self._owner.app.notify(sentence)

    async def _answer_newest(
        self,
        number: int,
        work: Callable[[], T],
        then: Callable[[T], None],
        refused: Callable[[str], None],
        what: str,
    ) -> None:
        try:
            result = await self._run_with_sign(what, work)
        except RnntuiError as problem:
            if self._is_newest(number):
                refused(str(problem))
            return
        if self._is_newest(number):
            then(result)

    def _is_newest(self, number: int) -> bool:
        if number != self._newest:
            return False
        self._answer = number
        return self._is_there

    def _refuse(self, sentence: str, refused: Callable[[str], None]) -> None:
        if self._is_there:
            refused(sentence)
        else:
            self._owner.app.notify(sentence, severity="error")

    async def _run_with_sign(self, what: str, work: Callable[[], T]) -> T:
        """Do it, with a sign while it lasts if it lasts."""
        task = asyncio.ensure_future(in_background(work))
        await asyncio.wait({task}, timeout=_SIGN_SECONDS)
        if task.done() or not what:
            return await task
        self._show(what)
        try:
            return await task
        finally:
            self._show("")

    def _show(self, what: str) -> None:
        if self._is_there:
            self._sign(what)


async def in_background(work: Callable[[], T]) -> T:
    """Do something in a thread of its own, and wait for it while everything else goes on.

    Whoever stops waiting leaves the thread to its end; it holds up no exit.

    Raises:
        RnntuiError: What the work raised, as one sentence; a bug becomes one too.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            loop.call_soon_threadsafe(changed.set)

    background: Background[_Outcome[T]] = Background(_once(work), wake=wake)
    while not (taken := background.take()):
        await changed.wait()
        changed.clear()
    outcome = taken[0]
    if isinstance(outcome, Failed):
        raise RnntuiError(outcome.sentence, outcome.next_step)
    if outcome.refusal:
        raise outcome.refusal
    return outcome.value  # type: ignore[return-value]  # None is a result as well


def _once(work: Callable[[], T]) -> "Iterator[_Outcome[T]]":
    """A refusal is an answer, not a failure that belongs into the log."""
    try:
        outcome = _Outcome(work())
    except RnntuiError as problem:
        outcome = _Outcome(refusal=problem)
    except OSError as problem:
        outcome = _Outcome(
            refusal=InputError(
                f"The system refused: {problem.strerror or 'no reason given'}.",
                "Check the name and the disk, and try again.",
            )
        )
    yield outcome
