"""The card of the tour: between the conversation and the prompt, so that it hides nothing of what it explains."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from rnntui.tui.actions import bindings_for
from rnntui.tui.keys import key_of, run_own_binding, with_keys
from rnntui.tui.safe import joined
from rnntui.tui.tour.stops import STOPS
from rnntui.tui.tour.tour import Tour
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services
    from rnntui.tui.screens.chat import ChatScreen

_LOOK_SECONDS = 0.05
_DIGITS = frozenset("123456789")


class TourCard(Static, can_focus=True):
    """Says what happens, and takes the keys that lead on.

    Args:
        screen: Where it happens.
        services: Keep conversations.
    """

    DEFAULT_CSS = """
    TourCard {
        height: auto;
        max-width: 98;
        padding: 0 1;
        border-left: thick $primary;
        background: $surface;
        &:focus { border-left: thick $accent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("tour")
    HELP = "The tour goes on with {tour-next}, back with {tour-back}; {tour-leave} leaves it: all is as it was before."

    def __init__(self, screen: "ChatScreen", services: "Services") -> None:
        super().__init__(id="tour")
        self._parts = screen.parts
        self._is_idle: Callable[[], bool] = lambda: screen.is_idle
        self._waiting: list[Callable[[], None]] = []
        self._is_choosing = False
        """True between a digit and the end of the list from which it chooses."""
        self._timer: Timer | None = None
        self._tour = Tour(screen.parts, services, Desk(screen), self._wait)

    def on_mount(self) -> None:
        """Go to the first stop."""
        self._timer = self.set_interval(_LOOK_SECONDS, self._look, pause=True)
        self._tour.begin()
        self._show()

    # ---- what was asked for, one after the other

    def _wait(self, then: Callable[[], None]) -> None:
        """Call a function when nothing is read or written any more, and then take the keys again."""
        self._waiting.append(then)
        self.remove_class("-ready")
        if self._timer:
            self._timer.resume()

    def _look(self) -> None:
        self._is_choosing = self._is_choosing and self._parts.words.is_open
        if self._is_choosing or not self._is_idle():
            return
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()
        if not self._waiting and self._timer:
            self._timer.pause()
            self.call_after_refresh(self._be_ready)

    def _be_ready(self) -> None:
        """What this stop shows is there."""
        self.app.clear_notifications()  # on a small screen they would cover what is explained
        self.focus()
        self.add_class("-ready")

    # ---- keys

    def action_next(self) -> None:
        """The next stop; after the last one, back to where the person was."""
        self._go(1)

    def action_back(self) -> None:
        """The stop before."""
        self._go(-1)

    def action_leave(self) -> None:
        """Back to where the person was."""
        self._leave(keeps=False)

    def action_keep(self) -> None:
        """Leave, but stay in the tour's conversation."""
        self._leave(keeps=True)

    async def on_key(self, event: events.Key) -> None:
        """A digit is for the words that could have stood there; other letters that mean nothing here are typed."""
        if event.character in _DIGITS and self._parts.words.is_open:
            event.stop()
            event.prevent_default()
            self._parts.stage.alternatives.post_message(events.Key(event.key, event.character))
            self._is_choosing = True
            self._wait(lambda: None)
        elif event.is_printable:
            await run_own_binding(self, event)

    def _go(self, by: int) -> None:
        self._is_choosing = False
        if self._tour.is_elsewhere or not (self._tour.go(by) or by < 0):
            self._leave(keeps=False)
            return
        self._show()

    def _leave(self, *, keeps: bool) -> None:
        if self._timer:
            self._timer.stop()
        self._tour.leave(keeps=keeps)
        self.remove()

    # ---- how it looks

    def _show(self) -> None:
        at, stop = self._tour.at, STOPS[self._tour.at]
        is_last = at == len(STOPS) - 1
        place = "" if is_last else f"{at + 1} of {len(STOPS) - 1}  "
        ways = [f"{key_of(self.app, 'tour-next')} {'back to where you were' if is_last else 'goes on'}"]
        ways += [f"{key_of(self.app, 'tour-keep')} keeps this conversation"] if is_last else []
        ways += [f"{key_of(self.app, 'tour-back')} back"] if at > 0 and not is_last else []
        ways += [] if is_last else [f"{key_of(self.app, 'tour-leave')} leaves the tour"]
        self.update(
            joined(
                (f"{place}{stop.title}\n", "bold $text-primary"),
                Content(f"{with_keys(self.app, stop.says)}\n"),
                (" · ".join(ways), "$foreground-muted"),
            )
        )


async def begin_tour(screen: "ChatScreen", services: "Services") -> None:
    """Begin the tour on a screen, or go back to its card."""
    cards = screen.query(TourCard)
    if cards:
        cards.first().focus()
        return
    card = TourCard(screen, services)
    await screen.query_one("#conversation").mount(card, before=screen.prompt)
    card.focus()
