"""The first page of the game: what it is, what is played with, and what was reached before."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Label, Static

from rnntui.errors import InputError
from rnntui.records import GameResult
from rnntui.service.play.rules import LARGEST_SEED, MODES, MOST_ROUNDS, USUAL_ROUNDS, PlayRequest, new_seed
from rnntui.service.play.words import HOW_IT_IS_SCORED, describe_result
from rnntui.text import visible_line
from rnntui.tui.safe import joined, shown, shown_line
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_input import TextInput

_WHAT_IT_IS = (
    "A passage that the network has never read stops before a word. Guess the word, say how sure you are, and see what "
    "the network and mere counting had expected."
)
_SHOWN_RESULTS = 8


class StartForm(VerticalScroll, can_focus=False):
    """Two buttons begin; three fields may stay empty."""

    class Begun(Message):
        """The person wants to play."""

        def __init__(self, mode: str) -> None:
            self.mode = mode
            super().__init__()

    def compose(self) -> ComposeResult:
        """Rules, buttons, fields, results."""
        yield Static(joined(("Guess the next word", "bold $text-primary")), classes="play-title")
        yield Static(shown(f"{_WHAT_IT_IS} {HOW_IT_IS_SCORED}"), classes="play-rules")
        with Horizontal(classes="play-row"):
            yield Button(shown_line("Choose of eight"), id="play-choose", variant="primary", compact=True)
            yield Button(shown_line("Type the word"), id="play-type", compact=True)
        with Horizontal(classes="play-row"):
            yield Label(shown_line("text"), classes="play-name")
            yield PathInput(id="play-text")
        with Horizontal(classes="play-row"):
            yield Label(shown_line("seed"), classes="play-name")
            yield self._field("play-seed", "new")
            yield Label(shown_line("rounds"), classes="play-name")
            yield self._field("play-rounds", str(USUAL_ROUNDS))
        yield Static(id="play-said")
        yield Static(id="play-results")

    def on_mount(self) -> None:
        """An empty field means what stands in it in grey."""
        self.query_one(PathInput).placeholder = "what the model has not read; or a file of yours"

    def _field(self, name: str, usual: str) -> Input:
        field = TextInput(id=name, compact=True, max_length=19, placeholder=shown_line(usual).plain)
        field.cursor_blink = False
        return field

    def read(self, model: str, mode: str) -> PlayRequest:
        """What is asked for.

        Args:
            model: Id of the model to play against; empty for the preferred one.
            mode: One of MODES.

        Raises:
            InputError: If a field holds no number that can be; the cursor is there then.
        """
        seed = self._number("play-seed", 0, LARGEST_SEED)
        rounds = self._number("play-rounds", 1, MOST_ROUNDS)
        return PlayRequest(
            model=model,
            file=self.query_one(PathInput).value.strip(),
            seed=new_seed() if seed is None else seed,
            mode=mode,
            rounds=USUAL_ROUNDS if rounds is None else rounds,
        )

    def say(self, sentence: str, style: str = "$text-error") -> None:
        """Tell why a game does not begin."""
        self.query_one("#play-said", Static).update(shown(sentence, style))

    def show_results(self, results: Sequence[GameResult]) -> None:
        """List the newest games."""
        lines: list[str | Content] = []
        for result in reversed(results[-_SHOWN_RESULTS:]):
            lines += ["\n", shown_line(f"{describe_result(result, results)}  ({visible_line(result.text, 60)})")]
        heading = [("Before, bits a word:", "bold")] if lines else []
        self.query_one("#play-results", Static).update(joined(*heading, *lines))

    @on(Button.Pressed)
    def _begin(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Begun(MODES[event.button.id == "play-type"]))

    @on(Input.Submitted)
    def _begin_from_field(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Begun(MODES[0]))

    @on(PathInput.PathsPasted)
    def _take_path(self, event: PathInput.PathsPasted) -> None:
        self.query_one(PathInput).value = event.text.splitlines()[0].strip() if event.text.strip() else ""

    def _number(self, name: str, low: int, high: int) -> int | None:
        field = self.query_one(f"#{name}", Input)
        text = field.value.strip()
        if not text:
            return None
        if text.isdecimal() and low <= int(text) <= high:
            return int(text)
        field.focus()
        what = name.removeprefix("play-")
        raise InputError(
            f'The {what} cannot be "{visible_line(text, 40)}".', f"Write a whole number from {low} to {high:,}."
        )
