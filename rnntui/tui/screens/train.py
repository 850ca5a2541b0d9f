"""Train a network: a form, and then the run as it goes. The trainer is a process of its own; this only looks at it."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Footer, Static

from rnntui.errors import RnntuiError
from rnntui.records import RunRecord
from rnntui.service.run_view import RunView, fold_all, going_on
from rnntui.text import visible_line
from rnntui.tui import train_texts
from rnntui.tui.actions import bindings_for
from rnntui.tui.keys import key_of
from rnntui.tui.safe import shown_line
from rnntui.tui.screens.train_form import TrainForm
from rnntui.tui.widgets.loss_chart import LossChart
from rnntui.tui.widgets.text_tree import TextTree

if TYPE_CHECKING:
    from rnntui.service.services import Services
    from rnntui.service.training import RunFollower

_LOOK_SECONDS = 0.25
_LISTEN_SECONDS = 2.0
"""So often a run that nobody looks at is asked whether it still goes on."""
_GROWING = {"samples", "run-message"}
_MORE_MINUTES = 5.0
_GO_ON = "Go on"


class TrainScreen(TrainForm):
    """The form, or the run that goes on."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("train")
    HELP = (
        "Choose one or more text files, a name and how long it may take; the rest is planned for you, and {advanced} "
        "shows the plan to change it. {start-from} goes on from a model that is there. Training runs in a process of "
        "its own: you can chat, or quit, and it goes on. While it learns, {zoom} zooms into the end of the curve; at "
        "the end {report} is the report."
    )

    def __init__(self, services: "Services") -> None:
        super().__init__(services)
        self._run: RunRecord | None = None
        self._left_alone = ""  # a run that was broken off and that the person does not want to go on with now
        self._follower: RunFollower | None = None
        self._view = RunView()
        self._looks: Timer | None = None
        self._listens: Timer | None = None
        self._is_looking = False
        self._is_stopping = False  # the person has said so; the trainer may not have heard it
        self._put_before: dict[str, object] = {}
        self._buttons_before: object = None

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """Both faces; one is shown."""
        yield from self.compose_form()
        with Vertical(id="run"):
            yield Static(id="run-title")
            yield Static(id="run-bar")
            yield Static(id="run-figures")
            with Horizontal(id="run-body"):
                yield LossChart(id="chart")
                with VerticalScroll(id="samples-scroll"):
                    yield Static(id="samples")
            yield Static(id="run-message")
            with Horizontal(id="run-buttons"):
                yield Button(shown_line("Pause"), id="pause", compact=True)
                yield Button(shown_line("Stop, keep best"), id="stop", compact=True)
                yield Button(shown_line("More time"), id="more", compact=True)
                yield Button(shown_line("Report"), id="see-report", variant="primary", compact=True)
                yield Button(shown_line("Chat with it"), id="chat-with-it", variant="primary", compact=True)
                yield Button(shown_line("Zoom ×1"), id="zoom", compact=True)
                yield Button(shown_line("Another run"), id="another", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Re-attach to a run that is going on, or show the form."""
        self._looks = self.set_interval(_LOOK_SECONDS, self._look, pause=True)
        self._listens = self.set_interval(_LISTEN_SECONDS, self._listen, pause=True)
        self.begin_form()
        self.find_run()
        if self._follower is None:
            self._show_face()

    def on_screen_resume(self) -> None:
        """Look at the run again; one may have been started elsewhere, and another model may be there."""
        self._show_bases()
        if self._run is None:
            self.find_run()
        self._set_looking()
        self._look()

    def on_screen_suspend(self) -> None:
        """Nobody sees it: no looking."""
        self._set_looking(is_hidden=True)

    @property
    def is_idle(self) -> bool:
        """True when no file is being looked into and no run goes on."""
        return self._inspection is None and (self._follower is None or self._view.is_over)

    @property
    def is_looking(self) -> bool:
        """True while the timer runs."""
        return self._is_looking

    @property
    def view(self) -> RunView:
        """What is known of the run."""
        return self._view

    # ---- the run

    def find_run(self) -> None:
        """The run that goes on, or one that was broken off."""
        try:
            run = self._services.training.active() or self._broken_off()
        except RnntuiError as problem:
            self._say(str(problem), is_wrong=True)
            return
        if run is not None:
            self.follow(run)

    def _active_run(self) -> RunRecord | None:
        with contextlib.suppress(RnntuiError):
            return self._services.training.active()
        return None

    def _broken_off(self) -> RunRecord | None:
        run = self._services.training.interrupted()
        return None if run and run.run_id == self._left_alone else run

    def follow(self, run: RunRecord) -> None:
        """Show this run from its beginning."""
        self._run = run
        self._follower = self._services.training.follow(run.run_id)
        self._view = RunView()
        self._is_stopping = False
        self._show_face()
        self._set_looking()
        self._look()

    def _set_looking(self, *, is_hidden: bool = False) -> None:
        if self._looks is None or self._listens is None:
            return
        goes_on = self._run is not None and (not self._view.is_over or self._run.is_running)
        self._is_looking = goes_on and not is_hidden and self.is_current
        (self._looks.resume if self._is_looking else self._looks.pause)()
        (self._listens.resume if goes_on and not self._is_looking else self._listens.pause)()

    def _look(self) -> None:
        if self._follower is None or self._run is None:
            return
        try:
            news = self._follower.poll()
        except RnntuiError as problem:  # its folder was removed, or cannot be read any more
            self._let_go(problem)
            return
        if news or self._view.phase == "waiting":
            was_over = self._view.is_over
            self._view = fold_all(news, self._view)
            self._show_run()
            if self._view.is_over and not was_over and self._run.is_running:
                self._ring()
        if self._view.is_over and self._run.is_running:
            self._look_at_the_end()

    def take_file(self, typed: str) -> None:
        """Add what a line of text names, where it can be seen: a run that is shown makes room for the form."""
        if self._run is not None:
            self._left_alone = self._run.run_id
            self._to_form()
        self.add_files(typed)

    def _to_form(self) -> None:
        self._run, self._follower, self._view = None, None, RunView()
        self._set_looking()
        self._show_face()

    def _let_go(self, problem: RnntuiError) -> None:
        """There is nothing to follow any more: back to the form, with a sentence why."""
        name = visible_line(self._run.name, 60) if self._run else ""
        self._to_form()
        self._say(str(problem), is_wrong=True)
        if not self.is_current:
            self.app.notify(f'The run of "{name}" can no longer be followed: {problem}', severity="error")

    def _listen(self) -> None:
        """Nobody looks: say when it is over, and be quiet until then."""
        if self._follower is None:
            return
        with contextlib.suppress(RnntuiError):  # looking says what is wrong
            if self._follower.is_running:
                return
        self._look()

    def _ring(self) -> None:
        """A run is over: a bell for whoever is elsewhere, and a line for whoever looks at another screen."""
        self.app.bell()
        if not self.is_current and self._run is not None:
            name = visible_line(self._run.name, 60)
            what = "failed" if self._view.failure else "is over"
            self.app.notify(f'Training of "{name}" {what}; {key_of(self.app, "show-train")} shows it.')

    def _look_at_the_end(self) -> None:
        """The last event comes before the end of the process, and only after that the run can go on."""
        if self._run is None:
            return
        with contextlib.suppress(RnntuiError):
            self._run = self._services.training.record(self._run.run_id)
        if not self._run.is_running:
            self._set_looking()
            self._show_run()

    def _show_face(self) -> None:
        is_run = self._follower is not None
        self.query_one("#form").display = not is_run
        self.query_one("#run").display = is_run
        self.query_one("#chosen").display = bool(self._files)
        if is_run:
            self._show_run()
            self.set_focus(None)
        else:
            self.query_one("#path").focus()
        self.refresh_bindings()

    def _show_run(self) -> None:
        view = self._view
        self._put("run-title", train_texts.title(view, self._run))
        self._show_bar()
        self._put("run-figures", train_texts.figures(view, self._cells))
        chart = self.query_one(LossChart)
        whole = view.whole_seconds or (self._run.budget_seconds if self._run else 0.0)
        chart.show(view.training_curve, view.validation_curve, view.baselines, whole)
        self._put("samples", train_texts.samples(view))
        stopping = self._is_stopping
        self._put("run-message", train_texts.message(view, self._can_go_on, self._key, is_stopping=stopping))
        self._show_buttons()

    def _put(self, name: str, content: Content) -> None:
        """Show a text where it has changed; a line that stays one line needs no new layout of the whole screen."""
        fresh = content.plain, tuple(content.spans)
        if self._put_before.get(name) == fresh:
            return
        self._put_before[name] = fresh
        self.query_one(f"#{name}", Static).update(content, layout=name in _GROWING)

    def _show_bar(self) -> None:
        self._put("run-bar", train_texts.bar(self._view, self._cells))

    @property
    def _cells(self) -> int:
        margins = 4 if self.has_class("-tall") else 2
        return max(10, self.size.width - margins)

    def _show_buttons(self) -> None:
        view = self._view
        states = {
            "pause": self._can_go_on or (self._is_learning and view.started is not None),
            "stop": self._is_learning,
            "more": self._is_learning and view.started is not None,
            "see-report": bool(self._reported_id),
            "chat-with-it": bool(self._model_id),
            "zoom": True,
            "another": True,
        }
        fresh = (tuple(states.values()), self._can_go_on, view.phase, bool(view.failure))
        if fresh == self._buttons_before:  # a footer that is drawn anew costs more than all the rest
            return
        self._buttons_before = fresh
        for name, is_possible in states.items():
            button = self.query_one(f"#{name}", Button)
            button.disabled = not is_possible
            if name in {"pause", "stop", "more"}:  # what is past makes room for what comes after
                button.display = is_possible or self._is_learning
        self.query_one("#see-report").display = bool(self._reported_id)
        self._name_button("pause", _GO_ON if self._waits else "Pause")
        self._name_button("another", "Back to the form" if view.failure else "Another run")
        self.refresh_bindings()

    def _name_button(self, name: str, words: str) -> None:
        button = self.query_one(f"#{name}", Button)
        button.label = shown_line(words)
        button.refresh(layout=True)  # Textual keeps the width of the old words

    @property
    def _can_go_on(self) -> bool:
        """True when the run is over, but not its time."""
        return self._view.is_over and self._run is not None and self._run.can_resume

    @property
    def _is_learning(self) -> bool:
        """True while there is something to pause or to stop: it may be preparing, but not measuring at the end."""
        return not (self._view.is_over or self._is_stopping or self._view.phase == "measuring")

    @property
    def _model_id(self) -> str:
        finished = self._view.finished
        return (finished.model_id if finished else "") or self._view.checkpoint_model_id

    @property
    def _reported_id(self) -> str:
        """The model of a run that was measured to its end; empty before that."""
        finished = self._view.finished
        return finished.model_id if finished and finished.reason != "interrupted" else ""

    def on_resize(self, event: events.Resize) -> None:
        """The bar is as long as the screen is wide."""
        if self._follower:
            self._show_bar()
            self._put("run-figures", train_texts.figures(self._view, self._cells))

    # ---- actions

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The footer calls a key by what it does now: the one that pauses goes on with what is over or waits."""
        active = super().active_bindings
        if not self._waits:
            return active
        return {
            key: entry._replace(binding=dataclasses.replace(entry.binding, description=_GO_ON))
            if entry.binding.id == "pause"
            else entry
            for key, entry in active.items()
        }

    @property
    def _waits(self) -> bool:
        """True when the run can go on: it is paused, or over before its time."""
        return self._can_go_on or self._view.phase == "paused"

    def _key(self, action_id: str) -> str:
        return key_of(self.app, action_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys mean something now."""
        view, is_run = self._view, self._follower is not None
        possible = {
            "start": not is_run,
            "folder_up": not is_run,
            "advanced": not is_run,
            "start_from": not is_run,
            "zoom": is_run,
            "see_report": is_run and bool(self._reported_id),
            "pause": is_run and (self._can_go_on or self._is_learning),
            "stop_training": is_run and self._is_learning,
            "more_time": is_run and view.started is not None and self._is_learning,
            "chat_with_it": is_run and bool(self._model_id),
            "another": is_run,
        }
        return possible.get(action, True)

    @on(Button.Pressed, "#pause")
    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._can_go_on:
            self._go_on()
            return
        if self._run is None or not self._is_learning:
            return
        training = self._services.training
        self._order(training.resume if self._view.phase == "paused" else training.pause)

    def _go_on(self) -> None:
        """Go on with a run that was broken off or stopped, from exactly where it was."""
        if self._run is None or self._follower is None:
            return
        try:
            self._run = self._services.training.resume(self._run.run_id)
        except RnntuiError as problem:
            self.app.notify(str(problem), severity="error")
            return
        self._follower.go_on()
        self._is_stopping = False
        self._view = going_on(self._view)
        self._show_run()
        self._set_looking()

    @on(Button.Pressed, "#stop")
    def action_stop_training(self) -> None:
        """End training now and keep the best weights."""
        if self._run is not None and self._is_learning and self._order(self._services.training.stop):
            self._is_stopping = True
            self._show_run()

    @on(Button.Pressed, "#more")
    def action_more_time(self) -> None:
        """Give the run some more minutes."""
        if self._run is None or not self._is_learning:
            return
        self._order(lambda run_id: self._services.training.extend(run_id, _MORE_MINUTES))
        again = key_of(self.app, "more-time")
        message = f"It gets {_MORE_MINUTES:g} more minutes after this step; {again} again gives as many more."
        self._put("run-message", shown_line(message, "$text-success"))

    def _order(self, order: Callable[[str], object]) -> bool:
        """Tell the run what is wished; False, with a sentence why, when that cannot be told."""
        if self._run is None:
            return False
        try:
            order(self._run.run_id)
        except RnntuiError as problem:
            self.app.notify(str(problem), severity="error")
            return False
        return True

    @on(Button.Pressed, "#chat-with-it")
    def action_chat_with_it(self) -> None:
        """Open the new model in a new chat."""
        if self._model_id:
            self.post_message(self.ChatWanted(self._model_id))

    class ChatWanted(Message):
        """The person wants to talk with this model."""

        def __init__(self, model_id: str) -> None:
            self.model_id = model_id
            super().__init__()

    class ReportWanted(Message):
        """The person wants to read how this model came about."""

        def __init__(self, model_id: str) -> None:
            self.model_id = model_id
            super().__init__()

    @on(Button.Pressed, "#see-report")
    def action_see_report(self) -> None:
        """Read the report of the new model."""
        if self._reported_id:
            self.post_message(self.ReportWanted(self._reported_id))

    @on(Button.Pressed, "#zoom")
    @on(LossChart.Clicked)
    def action_zoom(self) -> None:
        """Show the whole curve, its last half or its last quarter."""
        self.query_one("#zoom", Button).label = shown_line(f"Zoom ×{self.query_one(LossChart).zoom()}")

    @on(Button.Pressed, "#another")
    def action_another(self) -> None:
        """Back to the form, with everything as it was; or to the run that has started meanwhile."""
        if self._run is None:
            return
        was_over, self._left_alone = self._view.is_over, self._run.run_id
        following = self._active_run() if was_over else None
        if following and following.run_id != self._run.run_id:
            self.follow(following)
            return
        self._to_form()

    def action_folder_up(self) -> None:
        """Show the folder above in the tree."""
        self.query_one(TextTree).show_parent()
