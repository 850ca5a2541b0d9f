"""A question on the screen: the passage, the words or a line to type into, how sure, what it was, and the score."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from rnntui.service.play.game import GameState
from rnntui.service.play.rules import Guess, Question, Verdict
from rnntui.tui.play.choice_grid import ChoiceGrid
from rnntui.tui.play.game_text import passage_of, rounds_text, verdict_text
from rnntui.tui.play.passage_view import PassageView
from rnntui.tui.play.score_chart import ScoreChart
from rnntui.tui.play.sureness_bar import SurenessBar
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.widgets.text_input import TextInput

_LONGEST_WORD = 80
_SHOWN_ROUNDS = 12


class Board(Vertical):
    """Shows a question and its answer; says what the person guesses, and when they have looked at the answer."""

    class Guessed(Message):
        """The person says a word, or that they have no idea."""

        def __init__(self, guess: Guess) -> None:
            self.guess = guess
            super().__init__()

    class GoOn(Message):
        """The answer has been looked at."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state: GameState | None = None
        self._question: Question | None = None
        self._verdict: Verdict | None = None
        self._is_warned = False

    def compose(self) -> ComposeResult:
        """The question on the left, the score on the right, or below where it is narrow."""
        yield Static(id="play-head")
        with Horizontal(id="play-table"):
            with Vertical(id="play-question"):
                yield PassageView(id="play-passage")
                yield ChoiceGrid(id="play-choices")
                typed = TextInput(id="play-typed", compact=True, max_length=_LONGEST_WORD)
                typed.cursor_blink = False
                yield typed
                yield SurenessBar(id="play-sureness")
                yield Static(id="play-verdict")
            with Vertical(id="play-score"):
                yield Static(joined(("Bits a word, fewer are better", "bold")), id="play-score-title")
                yield ScoreChart(id="play-chart")
                yield Static(id="play-history")

    # ---- what is shown

    def clear(self) -> None:
        """Nothing is asked yet."""
        self._state = self._question = self._verdict = None
        self.query_one(PassageView).show(Content(""))
        self.say("…")

    def say(self, what: str) -> None:
        """Tell in the first line what goes on."""
        self.query_one("#play-head", Static).update(
            joined(("Guess the next word  ", "bold $text-primary"), shown_line(what, "$text-muted", 300))
        )

    def ask(self, question: Question, state: GameState) -> None:
        """Show a question."""
        self._state, self._question, self._verdict, self._is_warned = state, question, None, False
        self.query_one(ChoiceGrid).ask(question)
        self.query_one("#play-typed", Input).value = ""
        self._show()

    def reveal(self, verdict: Verdict, state: GameState) -> None:
        """Show the answer, in the game that has it."""
        self._state, self._verdict = state, verdict
        self.query_one(ChoiceGrid).reveal(verdict, state.players)
        self._show()

    def take_keys(self) -> None:
        """Let the words, or the line to type into, hear the keys."""
        is_chosen = bool(self._question and self._question.choices)
        self.screen.set_focus(self.query_one("#play-choices" if is_chosen else "#play-typed"))

    def step_sureness(self) -> None:
        """How sure the next word will be said."""
        self.query_one(SurenessBar).step()

    def on_resize(self) -> None:
        """Other texts fit."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        state, question = self._state, self._question
        if state is None or question is None:
            return
        opened = state.opened
        self.say(f"{question.number} of {opened.rounds} · {opened.text} · seed {opened.seed} · {opened.model}")
        is_narrow, is_tall = self.screen.has_class("-narrow"), self.screen.has_class("-tall")
        self.query_one(ScoreChart).show(state, 3 if is_tall and not is_narrow else 1)
        self.query_one("#play-history", Static).update(joined(rounds_text(state, _SHOWN_ROUNDS)))
        self.query_one(PassageView).show(passage_of(question, self._verdict))
        answer = self.query_one("#play-verdict", Static)
        answer.display = self._verdict is not None
        if self._verdict:
            answer.update(joined(verdict_text(self._verdict, state, not is_tall)))

    # ---- what the person says

    @on(ChoiceGrid.Taken)
    def _take_choice(self, event: ChoiceGrid.Taken) -> None:
        self._say_guess(event.word)

    @on(ChoiceGrid.GoOn)
    def _follow_choice(self) -> None:
        self.post_message(self.GoOn())

    @on(Input.Submitted, "#play-typed")
    def _take_typed(self, event: Input.Submitted) -> None:
        event.stop()
        word = event.input.value.strip()
        if self._verdict is not None:
            self.post_message(self.GoOn())
        elif word or self._is_warned:
            self._say_guess(word)
        else:
            self._is_warned = True
            answer = self.query_one("#play-verdict", Static)
            answer.update(joined(("Write a word; Enter again says that you have no idea.", "$text-muted")))
            answer.display = True

    def _say_guess(self, word: str) -> None:
        confidence = self.query_one(SurenessBar).confidence if word else 0.0
        self.post_message(self.Guessed(Guess(word, confidence)))
