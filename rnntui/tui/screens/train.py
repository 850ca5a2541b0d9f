"""Train a network: a form, and then the run as it goes. The trainer is a process of its own; this only looks at it."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Footer, Static

from rnntui.records import RunRecord, TrainRequest
from rnntui.service.run.run_view import RunView
from rnntui.text import visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.keys import key_of
from rnntui.tui.safe import shown_line
from rnntui.tui.training import train_messages
from rnntui.tui.training.run_watch import RunWatch
from rnntui.tui.training.train_form import TrainForm
from rnntui.tui.widgets.loss_chart import LossChart
from rnntui.tui.widgets.text_tree import TextTree

if TYPE_CHECKING:
    from rnntui.service.services import Services

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
        "shows the plan to change it. English prose begins from the starter; {start-from} chooses another model, or "
        "nothing. Training runs in a process of its own: you can chat, or quit, and it goes on. While it learns, "
        "{zoom} zooms into the end of the curve; at the end {report} is the report."
    )

    def __init__(self, services: "Services") -> None:
        super().__init__(services)
        self._watch = RunWatch(services, self._desk, self._turn, self._show_news, self._let_go)
        self._looks: Timer | None = None
        self._listens: Timer | None = None
        self._is_looking = False
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
        self._looks = self.set_interval(_LOOK_SECONDS, self._watch.look, pause=True)
        self._listens = self.set_interval(_LISTEN_SECONDS, self._watch.listen, pause=True)
        self.begin_form()
        self._show_face()
        self.find_run()

    def on_screen_resume(self) -> None:
        """Look at the run again; one may have been started elsewhere, and another model may be there."""
        self._show_bases()
        if self._watch.run is None:
            self.find_run()
        self._set_looking()
        self._watch.look()

    def on_screen_suspend(self) -> None:
        """Nobody sees it: no looking."""
        self._set_looking(is_hidden=True)

    @property
    def is_idle(self) -> bool:
        """True when no file is being looked into and no run goes on."""
        return self._inspection is None and (not self._watch.is_on or self._watch.view.is_over)

    @property
    def is_looking(self) -> bool:
        """True while the timer runs."""
        return self._is_looking

    @property
    def view(self) -> RunView:
        """What is known of the run."""
        return self._watch.view

    # ---- the run

    def find_run(self) -> None:
        """Look for the run that goes on, or one that was broken off, and show it."""
        self._watch.find(self._say_wrong)

    def begin_run(self, request: TrainRequest) -> None:
        """Start a run and show it, or the one that it waits for."""
        self._watch.begin(request, self._take_started, self._refuse_start)

    def _take_started(self, run: RunRecord) -> None:
        self.end_inspection()
        if run.is_queued:
            self.app.notify(f'"{visible_line(run.name, 60)}" waits for its turn and starts by itself.')
            self.find_run()

    def _refuse_start(self, sentence: str) -> None:
        self._say_wrong(sentence)
        self._refuse(sentence)

    def _refuse(self, sentence: str) -> None:
        self.app.notify(sentence, severity="error")

    def _turn(self) -> None:
        """Another run is to be shown, or none."""
        self._show_face()
        self._set_looking()

    def show_sign(self, what: str) -> None:
        """What takes its time, where sentences stand on the page that is shown."""
        if not self._watch.is_on:
            super().show_sign(what)
        elif what:
            self._put("run-message", shown_line(f"{what} …"))
        else:
            self._show_run()

    def _set_looking(self, *, is_hidden: bool = False) -> None:
        if self._looks is None or self._listens is None:
            return
        goes_on = self._watch.run is not None and (not self._watch.view.is_over or self._watch.run.is_running)
        self._is_looking = goes_on and not is_hidden and self.is_current
        (self._looks.resume if self._is_looking else self._looks.pause)()
        (self._listens.resume if goes_on and not self._is_looking else self._listens.pause)()

    def _show_news(self, has_ended: bool) -> None:
        self._show_run()
        self._set_looking()
        if has_ended:
            self._ring()

    def take_file(self, typed: str) -> None:
        """Add what a line of text names, where it can be seen: a run that is shown makes room for the form.

        It does so after a run that is being looked for was found: its page would hide the form again.
        """
        self.add_files(typed, lambda _: self._watch.leave())

    def _let_go(self, name: str, sentence: str) -> None:
        """There is nothing to follow any more: its folder was removed, or cannot be read. The form says why."""
        self._say_wrong(sentence)
        if not self.is_current:
            name = visible_line(name, 60)
            self.app.notify(f'The run of "{name}" can no longer be followed: {sentence}', severity="error")

    def _ring(self) -> None:
        """A run is over: a bell for whoever is elsewhere, and a line for whoever looks at another screen."""
        self.app.bell()
        if not self.is_current and self._watch.run is not None:
            name = visible_line(self._watch.run.name, 60)
            what = "failed" if self._watch.view.failure else "is over"
            self.app.notify(f'Training of "{name}" {what}; {key_of(self.app, "show-train")} shows it.')

    def _show_face(self) -> None:
        is_run = self._watch.is_on
        self.query_one("#form").display = not is_run
        self.query_one("#run").display = is_run
        self.query_one("#chosen").display = bool(self._files)
        if is_run:
            self._show_run()
            self.set_focus(None)
        else:
            self.set_focus(self.query_one("#path"))  # at once, or it would take the keys of a run that is found now
        self.refresh_bindings()

    def _show_run(self) -> None:
        view = self._watch.view
        self._put("run-title", train_messages.title(view, self._watch.run))
        self._show_bar()
        self._put("run-figures", train_messages.figures(view, self._cells))
        chart = self.query_one(LossChart)
        whole = view.whole_seconds or (self._watch.run.budget_seconds if self._watch.run else 0.0)
        chart.show(view.training_curve, view.validation_curve, view.baselines, whole)
        self._put("samples", train_messages.samples(view))
        stopping = self._watch.is_stopping
        self._put("run-message", train_messages.message(view, self._can_go_on, self._key, is_stopping=stopping))
        self._show_buttons()

    def _put(self, name: str, content: Content) -> None:
        """Show a text where it has changed; a line that stays one line needs no new layout of the whole screen."""
        fresh = content.plain, tuple(content.spans)
        if self._put_before.get(name) == fresh:
            return
        self._put_before[name] = fresh
        self.query_one(f"#{name}", Static).update(content, layout=name in _GROWING)

    def _show_bar(self) -> None:
        self._put("run-bar", train_messages.bar(self._watch.view, self._cells))

    @property
    def _cells(self) -> int:
        margins = 4 if self.has_class("-tall") else 2
        return max(10, self.size.width - margins)

    def _show_buttons(self) -> None:
        view = self._watch.view
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
        return self._watch.view.is_over and self._watch.run is not None and self._watch.run.can_resume

    @property
    def _is_learning(self) -> bool:
        """True while there is something to pause or to stop: it may be preparing, but not measuring at the end."""
        return self._watch.is_on and not (
            self._watch.view.is_over or self._watch.is_stopping or self._watch.view.phase == "measuring"
        )

    @property
    def _model_id(self) -> str:
        finished = self._watch.view.finished
        return (finished.model_id if finished else "") or self._watch.view.checkpoint_model_id

    @property
    def _reported_id(self) -> str:
        """The model of a run that was measured to its end; empty before that."""
        finished = self._watch.view.finished
        return finished.model_id if finished and finished.reason != "interrupted" else ""

    def on_resize(self, event: events.Resize) -> None:
        """The bar is as long as the screen is wide."""
        if self._watch.is_on:
            self._show_bar()
            self._put("run-figures", train_messages.figures(self._watch.view, self._cells))

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
        return self._can_go_on or self._watch.view.phase == "paused"

    def _key(self, action_id: str) -> str:
        return key_of(self.app, action_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys mean something now."""
        view, is_run = self._watch.view, self._watch.is_on
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
            self._watch.go_on(self._refuse)
        elif self._is_learning:
            self._watch.pause(self._refuse)

    @on(Button.Pressed, "#stop")
    def action_stop_training(self) -> None:
        """End training now and keep the best weights."""
        if self._is_learning:
            self._watch.stop(self._refuse)

    @on(Button.Pressed, "#more")
    def action_more_time(self) -> None:
        """Give the run some more minutes."""
        if self._is_learning:
            self._watch.extend(_MORE_MINUTES, self._say_more_time, self._refuse)

    def _say_more_time(self) -> None:
        again = key_of(self.app, "more-time")
        message = f"It gets {_MORE_MINUTES:g} more minutes after this step; {again} again gives as many more."
        self._put("run-message", shown_line(message, "$text-success"))

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
        was_over = self._watch.view.is_over
        self._watch.leave()
        if was_over:
            self._watch.find_next(self._say_wrong)

    def action_folder_up(self) -> None:
        """Show the folder above in the tree."""
        self.query_one(TextTree).show_parent()
