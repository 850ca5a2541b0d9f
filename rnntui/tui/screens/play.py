"""The game: a first page, a question after the other, and what it came to.

Everything is computed in the background, one question ahead; the screen shows and scores.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen

from rnntui.chat_events import Failed
from rnntui.errors import InputError
from rnntui.events import Preparing
from rnntui.records import GameResult
from rnntui.service.play.game import GameState, PlayEvent
from rnntui.service.play.rules import MODES, Opened, Question
from rnntui.service.play.scoring import score
from rnntui.service.play.words import describe_best, describe_end
from rnntui.tui.action import Action
from rnntui.tui.actions import bindings_for
from rnntui.tui.footer.captions import Caption, own_caption
from rnntui.tui.footer.hints import Hint
from rnntui.tui.footer.key_line import KeyLine
from rnntui.tui.play.board import Board
from rnntui.tui.play.end_page import EndPage
from rnntui.tui.play.game_text import end_text
from rnntui.tui.play.start_form import StartForm
from rnntui.tui.single_run import SingleRun
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_AHEAD = 2
"""Questions that are made before they are asked."""
STAGES = ("start", "waiting", "asked", "answered", "over")


class PlayScreen(Screen[None]):
    """Guess the next word against the network and against counting.

    Args:
        services: What the program can do.
        model: Asked for the id of the model to play against, whenever a game begins; empty for the preferred one.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("play")
    HELP = (
        "Guess the next word of a passage that the network has not read. 1 to 8 or a click choose a word, {play-sure} "
        "says how sure you are, Enter goes on, {play-leave} ends the game with the score so far.\n\nEveryone pays in "
        "bits for the word that came: 1 bit where it was given a half, 2 for a quarter, 3 for an eighth. Fewer are "
        "better, and nobody pays less on average than who says honestly how sure they are."
    )

    class Advanced(Message):
        """The game has made something."""

    def __init__(self, services: "Services", model: Callable[[], str]) -> None:
        super().__init__()
        self._services = services
        self._model = model
        self._desk = Desk(self)
        self._work = SingleRun[PlayEvent](lambda: self.post_message(self.Advanced()), _AHEAD)
        self._results: list[GameResult] = []
        self._mode = MODES[0]
        self.stage = STAGES[0]
        """One of STAGES."""
        self.state: GameState | None = None
        """The game; None before one was opened."""
        self.question: Question | None = None
        """What is asked; None before the first question."""

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """All pages; the stage decides which one is shown."""
        yield StartForm(id="play-start")
        yield Board(id="play-game")
        yield EndPage(id="play-over")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the first page."""
        self._go_to("start")

    def on_screen_resume(self) -> None:
        """What was reached may have changed."""
        if self.stage == "start":
            self._read_results()

    @property
    def is_idle(self) -> bool:
        """True when the person is to say something, and everything is kept."""
        return self.stage != "waiting" and not self._desk.is_busy

    @property
    def _form(self) -> StartForm:
        return self.query_one(StartForm)

    @property
    def _board(self) -> Board:
        return self.query_one(Board)

    def _go_to(self, stage: str) -> None:
        """Show a stage, and let its part take the keys."""
        self.stage = stage
        for name in STAGES:
            self.set_class(name == stage, f"-{name}")
        self.set_class(self._mode == MODES[1], "-typed")
        if stage in {"asked", "answered"}:
            self._board.take_keys()
        elif stage != "waiting":
            self.set_focus(self.query_one("#play-choose" if stage == "start" else "#play-again"))
        self.refresh_bindings()

    # ---- beginning

    @on(StartForm.Begun)
    def _begin(self, event: StartForm.Begun) -> None:
        self._start(event.mode)

    def action_again(self) -> None:
        """Another game with the same text, and another seed unless one stands in its field."""
        self._start(self._mode)

    def _start(self, mode: str) -> None:
        try:
            request = self._form.read(self._model(), mode)
        except InputError as problem:
            self._go_to("start")
            self._form.say(str(problem))
            return
        self._mode, self.state, self.question = mode, None, None
        self._form.say("")
        self._board.clear()
        self._go_to("waiting")
        self._work.request(lambda: self._services.play.begin(request))
        self._advance()

    # ---- what the game makes

    @on(Advanced)
    def _advance(self) -> None:
        while self.stage == "waiting":
            taken = self._work.advance(1)
            if not taken:
                if self._work.is_idle:
                    self._finish()
                return
            self._take(taken[0])

    def _take(self, event: PlayEvent | Failed) -> None:
        match event:
            case Preparing():
                share = f" {100 * event.fraction:.0f} %" if 0 < event.fraction < 1 else ""
                self._board.say(f"{event.what}{share} …")
            case Opened():
                self.state = GameState(event)
                if event.remark:
                    self.app.notify(event.remark, severity="warning")
            case Question() if self.state:
                self.question = event
                self._board.ask(event, self.state)
                self._go_to("asked")
            case Failed():
                self._work.stop()
                self._go_to("start")
                self._form.say(f"{event.sentence} {event.next_step}".rstrip())

    # ---- answering

    @on(Board.Guessed)
    def _answer(self, event: Board.Guessed) -> None:
        if self.stage != "asked" or self.question is None or self.state is None:
            return
        verdict = score(self.question, event.guess)
        self.state = self.state.after(verdict)
        self._board.reveal(verdict, self.state)
        self._go_to("answered")

    @on(Board.GoOn)
    def _go_on(self) -> None:
        if self.stage != "answered" or self.state is None:
            return
        if self.state.is_over:
            self._finish()
            return
        self._go_to("waiting")
        self._advance()

    def action_next_sureness(self) -> None:
        """How sure the next word will be said; where nothing is asked, to the next field."""
        if self.stage not in {"asked", "answered"}:
            self.focus_next()
            return
        self._board.step_sureness()

    # ---- ending

    def action_leave(self) -> None:
        """One step back: from a question to the score, from there to the first page, from there to the chat."""
        if self.stage in {"asked", "answered", "waiting"}:
            self._finish()
        elif self.stage == "over":
            self._go_to("start")
        else:
            self.app.call_later(self.app.run_action, "show('chat')")

    def _finish(self) -> None:
        self._work.stop()
        state = self.state
        if state is None or not state.verdicts:
            self._go_to("start")
            return
        best, opened = describe_best(self._results, state), state.opened
        text = end_text(describe_end(state), best, opened.command, opened.text_code, opened.model)
        self.query_one(EndPage).show(text)
        self._desk.do("", lambda: self._services.play.keep(state), self._tell, self._tell)
        self._go_to("over")
        self._read_results()

    @on(EndPage.Wanted)
    async def _do_as_wanted(self, event: EndPage.Wanted) -> None:
        await self.run_action(event.action)

    def action_copy_line(self) -> None:
        """Put the line for a friend on the clipboard."""
        if self.state is not None:
            self.app.copy_to_clipboard(self.state.opened.command)

    def _read_results(self) -> None:
        self._desk.do("", lambda: self._services.play.results(), self._take_results, self._tell)

    def _take_results(self, results: list[GameResult]) -> None:
        self._results = results
        self._form.show_results(results)

    def _tell(self, problem: str) -> None:
        if problem:
            self.app.notify(problem, severity="warning")

    # ---- keys

    def action_page_up(self) -> None:
        """Scroll back."""
        self._page.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll on."""
        self._page.scroll_page_down(animate=False)

    @property
    def _page(self) -> VerticalScroll:
        pages = {"start": "#play-start", "over": "#play-over"}
        return self.query_one(pages.get(self.stage, "#play-passage"), VerticalScroll)

    def caption(self, entry: Action | Hint) -> Caption | None:
        """What the footer calls a key; None leaves it out."""
        if isinstance(entry, Hint):
            return self._caption_of_hint(entry)
        match entry.id:
            case "choice-take":
                return Caption("Next" if self.stage == "answered" else "Say it")
            case "choice-none":
                return own_caption(entry) if self.stage == "asked" else None
            case "play-sure":
                return own_caption(entry) if self.stage == "asked" else None
            case "play-leave":
                return Caption("Score" if self.stage == "answered" else "Back")
            case _:
                return own_caption(entry)

    def _caption_of_hint(self, hint: Hint) -> Caption | None:
        is_typed = self._mode == MODES[1]
        if hint.where == "play" and is_typed and self.stage == "answered":
            return Caption("Next")
        return own_caption(hint) if self.stage == "asked" and is_typed == (hint.where == "play") else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys mean something now."""
        if action == "copy_line":
            return self.stage == "over"
        if action == "again":
            return self.stage != "waiting"
        return True
