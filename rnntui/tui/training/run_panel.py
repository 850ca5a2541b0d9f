"""A run as it goes: its name, how much of its time is over, its figures, its curve and what it wrote."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from rnntui.tui.keys import key_of
from rnntui.tui.runs.run_history import RunHistory
from rnntui.tui.runs.run_past import RunPast, past_of_view
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.training import train_messages
from rnntui.tui.training.run_state import RunState

RESUME = "Go on"
"""What the key that pauses does with a run that waits."""
LAY_OVER, TAKE_OFF = "Compare", "Alone"
"""What the key that lays another run over this one does."""
_GROWING = {"run-message"}
_PASSING = {"pause", "stop", "more"}
"""Buttons that make room for others when the run is over."""
_BUTTON_ACTIONS = {
    "pause": "pause",
    "stop": "stop_training",
    "more": "more_time",
    "see-report": "see_report",
    "chat-with-it": "chat_with_it",
    "zoom": "zoom",
    "overlay": "overlay",
    "another": "another",
}


class RunPanel(Vertical):
    """Shows the state of a run; what its buttons mean is decided by the screen."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state = RunState()
        self._shown: dict[str, object] = {}
        """What each line and the row of buttons were made from."""

    def compose(self) -> ComposeResult:
        """Lines, curve and samples, a sentence, and buttons."""
        yield Static(id="run-title")
        yield Static(id="run-bar")
        yield Static(id="run-figures")
        yield RunHistory(id="run-body")
        yield Static(id="run-message")
        with Horizontal(id="run-buttons"):
            yield Button(shown_line("Pause"), id="pause", compact=True)
            yield Button(shown_line("Stop, keep best"), id="stop", compact=True)
            yield Button(shown_line("More time"), id="more", compact=True)
            yield Button(shown_line("Report"), id="see-report", variant="primary", compact=True)
            yield Button(shown_line("Chat with it"), id="chat-with-it", variant="primary", compact=True)
            yield Button(shown_line("Zoom ×1"), id="zoom", compact=True)
            yield Button(shown_line(LAY_OVER), id="overlay", compact=True)
            yield Button(shown_line("Another run"), id="another", compact=True)

    def show(self, state: RunState) -> None:
        """Show this state, whatever of it has changed."""
        self._state = state
        view = state.view
        self._update_static("run-title", train_messages.render_title(view, state.record))
        self._show_width()
        whole = view.whole_seconds or (state.record.budget_seconds if state.record else 0.0)
        if view.finished:  # nothing more is drawn until it goes on
            whole = view.seconds
        self.history.show(past_of_view(view, state.name, whole), train_messages.render_steps(view))
        message = train_messages.render_message(view, state.can_resume, self._key, is_stopping=state.is_stopping)
        if state.advice:
            message = joined(message, "\n", shown_line(f"To try next: {state.advice}", "$foreground", 300))
        self._update_static("run-message", message)
        self._show_buttons()

    def say(self, sentence: str, style: str = "") -> None:
        """Say something in the place of the run's own sentence, until there is another one."""
        self._update_static("run-message", shown_line(sentence, style))

    @property
    def history(self) -> RunHistory:
        """Its curve, with the slider, and what it said."""
        return self.query_one(RunHistory)

    def zoom(self) -> None:
        """Show the whole curve, its last half or its last quarter."""
        self.query_one("#zoom", Button).label = shown_line(f"Zoom ×{self.history.zoom()}")

    def lay_over(self, other: RunPast | None) -> None:
        """Draw another run on the same axis, or none."""
        self.history.lay_over(other)
        self._name_button("overlay", TAKE_OFF if other else LAY_OVER)

    def on_resize(self) -> None:
        """The bar is as long as the panel is wide."""
        if self._state.is_on:
            self._show_width()

    def _show_width(self) -> None:
        cells = max(10, self.content_size.width or self.screen.size.width - self.gutter.width)
        self._update_static("run-bar", train_messages.render_bar(self._state.view, cells))
        self._update_static("run-figures", train_messages.render_figures(self._state.view, cells))

    def _update_static(self, name: str, content: Content) -> None:
        """Show a text where it has changed; a line that stays one line needs no new layout of the whole screen."""
        if self._is_fresh(name, (content.plain, tuple(content.spans))):
            self.query_one(f"#{name}", Static).update(content, layout=name in _GROWING)

    def _show_buttons(self) -> None:
        state, possible = self._state, self._state.possible_actions
        has_failed = bool(state.view.failure)
        if not self._is_fresh("run-buttons", (possible, state.can_resume, state.view.phase, has_failed)):
            return  # a footer that is drawn anew costs more than all the rest
        for name, action in _BUTTON_ACTIONS.items():
            button = self.query_one(f"#{name}", Button)
            button.disabled = action not in possible
            if name in _PASSING:
                button.display = action in possible or state.is_learning
        self.set_class(state.is_learning, "-learning")  # then a narrow screen has no room for all of them
        self.query_one("#see-report").display = bool(state.report_id)
        self._name_button("pause", RESUME if state.is_resumable else "Pause")
        self._name_button("another", "Back to the form" if has_failed else "Another run")
        self.refresh_bindings()

    def _is_fresh(self, name: str, made_from: object) -> bool:
        if self._shown.get(name) == made_from:
            return False
        self._shown[name] = made_from
        return True

    def _name_button(self, name: str, words: str) -> None:
        button = self.query_one(f"#{name}", Button)
        button.label = shown_line(words)
        button.refresh(layout=True)  # Textual keeps the width of the old words

    def _key(self, action_id: str) -> str:
        return key_of(self.app, action_id)
