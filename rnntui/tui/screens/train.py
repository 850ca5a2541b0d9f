"""Train a network: a form, and then the run as it goes. The trainer is a process of its own; this only watches it."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.screen import Screen
from textual.widgets import Button, ContentSwitcher

from rnntui.records import RunRecord
from rnntui.text import visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.footer.key_line import KeyLine
from rnntui.tui.keys import key_of
from rnntui.tui.messages import ChatRequested, ReportRequested
from rnntui.tui.runs.run_chooser import RunChooser
from rnntui.tui.training.form_rows import BaseSelect
from rnntui.tui.training.run_panel import RESUME, RunPanel
from rnntui.tui.training.run_poller import RunPoller
from rnntui.tui.training.run_state import RunState
from rnntui.tui.training.run_watch import RunWatch
from rnntui.tui.training.train_form import TrainForm
from rnntui.tui.widgets.text_tree import TextTree
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_MORE_MINUTES = 5.0
IN_FORM: dict[str, Callable[[TrainForm], None]] = {
    "start-from": lambda form: form.query_one(BaseSelect).open(),
    "folder-up": lambda form: form.query_one(TextTree).show_parent(),
    "how-read": lambda form: form.reading.open(),
    "turn-lines": lambda form: form.reading.turn_lines(),
}
"""Actions that parts of the form carry out."""


class TrainScreen(Screen[None]):
    """The form, or the run that goes on."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("train")
    HELP = (
        "Choose one or more text files, a name and how long it may take; the rest is planned for you, and {advanced} "
        "shows the plan to change it. English prose begins from the starter; {start-from} chooses another model, or "
        "nothing. Training runs in a process of its own: you can chat, or quit, and it goes on. While it learns, "
        "{moment-before} and {moment-after} go back and on through what it said, as a click there does; {zoom} "
        "zooms into its end, {overlay} lays another run over it. {report} is the report of what is done, {runs} lists "
        "all runs."
    )

    def __init__(self, services: "Services") -> None:
        super().__init__()
        desk = Desk(self, self._show_progress)
        self._chooser = RunChooser(self, services.training, desk)
        self.run_watch = RunWatch(services.training, desk, self)
        """The run that is shown."""
        self.form = TrainForm(services, desk, id="form")
        """What is chosen for the next run."""
        self._panel = RunPanel(id="run")
        self.poller = RunPoller(self, self.run_watch)
        """Decides when the run is asked what is new."""
        self._is_below_dialog = False

    def compose(self) -> ComposeResult:
        """Both views, of which one is shown."""
        with ContentSwitcher(id="views", initial="form"):
            yield self.form
            yield self._panel
        yield KeyLine()

    def on_mount(self) -> None:
        """Re-attach to a run that is going on, or show the form."""
        self.poller.start()
        self._switch_view()
        self.find_run()

    def on_screen_resume(self) -> None:
        """Poll the run again; one may have been started elsewhere, and another model may be there."""
        self.form.offer_models()
        if not self.run_watch.state.is_on and not self._is_below_dialog:
            self.find_run()
        self._adjust_polling()
        self.run_watch.poll()

    def on_screen_suspend(self) -> None:
        """Nobody sees it: poll seldom. Whoever only opens a dialog over the form comes back to the form."""
        self._is_below_dialog = self in self.app.screen_stack
        self._adjust_polling(is_hidden=True)

    @property
    def is_idle(self) -> bool:
        """True when no file is being inspected and no run goes on."""
        return self.form.is_idle and (not self.run_watch.state.is_on or self.run_watch.state.view.is_over)

    # ---- which run

    def find_run(self) -> None:
        """Look for the run that goes on, or one that was broken off, and show it."""
        self.run_watch.find(self.form.say_wrong)

    def take_file(self, typed: str) -> None:
        """Add what a line of text names, where it can be seen: a run that is shown makes room for the form.

        It does so after a run that is being looked for was found: its panel would hide the form again.
        """
        self.form.add_files(typed, lambda _: self.run_watch.leave())

    def on_train_form_submitted(self, event: TrainForm.Submitted) -> None:
        """Start a run and show it, or the one that it waits for."""

        def take(run: RunRecord) -> None:
            self.form.end_inspection()
            if run.is_queued:
                self.app.notify(f'"{visible_line(run.name, 60)}" waits for its turn and starts by itself.')
                self.find_run()

        def refuse(sentence: str) -> None:
            self.form.say_wrong(sentence)
            _refuser(self.app)(sentence)

        self.run_watch.begin(event.request, take, refuse)

    # ---- what is shown of it

    def show_run(self, state: RunState, *, has_switched: bool = False, has_ended: bool = False) -> None:
        """Show what is new of the run, or another one."""
        if has_switched:
            self._switch_view()
        else:
            self._panel.show(state)
        self._adjust_polling()
        if has_ended:
            _announce_end(self, state)

    def show_lost(self, name: str, sentence: str) -> None:
        """Its folder was removed, or cannot be read: the form, which is shown again, says why."""
        self.form.say_wrong(sentence)
        if not self.is_current:
            name = visible_line(name, 60)
            self.app.notify(f'The run of "{name}" can no longer be followed: {sentence}', severity="error")

    def _switch_view(self) -> None:
        is_run = self.run_watch.state.is_on
        self._panel.lay_over(None)
        self.query_one(ContentSwitcher).current = "run" if is_run else "form"
        if is_run:
            self._panel.show(self.run_watch.state)
            self.set_focus(None)
        else:
            self.set_focus(self.query_one("#path"))  # at once, or it would take the keys of a run that is found now
        self.refresh_bindings()

    def _adjust_polling(self, *, is_hidden: bool = False) -> None:
        self.poller.adjust(self.run_watch.state, is_seen=self.is_current and not is_hidden)

    def _show_progress(self, what: str) -> None:
        """What takes its time, where sentences stand in the view that is shown; "" takes it away again."""
        if self.run_watch.state.is_on:
            (self._panel.say(f"{what} …") if what else self._panel.show(self.run_watch.state))
        elif what:
            self.form.say(f"{what} …")
        else:
            self.form.show_plan()

    # ---- actions

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The footer calls a key by what it does now: the one that pauses goes on with what is over or waits."""
        active = super().active_bindings
        if not self.run_watch.state.is_resumable:
            return active
        return {
            key: entry._replace(binding=dataclasses.replace(entry.binding, description=RESUME))
            if entry.binding.id == "pause"
            else entry
            for key, entry in active.items()
        }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys mean something now."""
        return action in self.run_watch.state.possible_actions or action not in _OWN_ACTIONS

    def action_start(self) -> None:
        """Start training on the chosen files."""
        self.form.submit()

    def action_advanced(self) -> None:
        """Show the fields that are planned otherwise, or fold them."""
        self.form.toggle_advanced()

    def action_in_form(self, name: str) -> None:
        """What a part of the form does: one of IN_FORM."""
        IN_FORM[name](self.form)

    @on(Button.Pressed, "#pause")
    def action_pause(self) -> None:
        """Pause, or go on."""
        self.run_watch.toggle_pause(_refuser(self.app))

    @on(Button.Pressed, "#stop")
    def action_stop_training(self) -> None:
        """End training now and keep the best weights."""
        self.run_watch.stop(_refuser(self.app))

    @on(Button.Pressed, "#more")
    def action_more_time(self) -> None:
        """Give the run some more minutes."""
        again = key_of(self.app, "more-time")
        sentence = f"It gets {_MORE_MINUTES:g} more minutes after this step; {again} again gives as many more."
        self.run_watch.extend(_MORE_MINUTES, lambda: self._panel.say(sentence, "$text-success"), _refuser(self.app))

    @on(Button.Pressed, "#chat-with-it")
    def action_chat_with_it(self) -> None:
        """Open the new model in a new chat."""
        if model_id := self.run_watch.state.model_id:
            self.post_message(ChatRequested(model_id))

    @on(Button.Pressed, "#see-report")
    def action_see_report(self) -> None:
        """Read the report of the new model."""
        if model_id := self.run_watch.state.report_id:
            self.post_message(ReportRequested(model_id))

    @on(Button.Pressed, "#zoom")
    def action_zoom(self) -> None:
        """Show the whole curve, its last half or its last quarter."""
        self._panel.zoom()

    @on(Button.Pressed, "#overlay")
    def action_overlay(self) -> None:
        """Draw another run on the same axis, chosen from the list; or this one alone again."""
        if self._panel.history.other:
            self._panel.lay_over(None)
            return
        shown = self.run_watch.state.record
        self._chooser.choose_other(shown.run_id if shown else "", self._panel.lay_over, _refuser(self.app))

    def action_runs(self) -> None:
        """All runs: one of them is shown."""
        self._chooser.choose(lambda run: self.run_watch.watch(run, _refuser(self.app)))

    def action_moment(self, by: int) -> None:
        """Another moment of the run: what it said, and its figures."""
        self._panel.history.move(by)

    @on(Button.Pressed, "#another")
    def action_another(self) -> None:
        """Back to the form, with everything as it was; or to the run that has started meanwhile."""
        was_over = self.run_watch.state.view.is_over
        self.run_watch.leave()
        if was_over:
            self.run_watch.find_next(self.form.say_wrong)


def _announce_end(screen: TrainScreen, state: RunState) -> None:
    """A run is over: a bell for whoever is elsewhere, and a line for whoever looks at another screen."""
    screen.app.bell()
    if not screen.is_current:
        what = "failed" if state.view.failure else "is over"
        shows = key_of(screen.app, "show-train")
        screen.app.notify(f'Training of "{visible_line(state.name, 60)}" {what}; {shows} shows it.')


def _refuser(app: App[Any]) -> Callable[[str], None]:
    return lambda sentence: app.notify(sentence, severity="error")


_OWN_ACTIONS = {name.removeprefix("action_") for name in vars(TrainScreen) if name.startswith("action_")}
