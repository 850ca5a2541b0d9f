"""Train a network: a form, and then the run as it goes. The trainer is a process of its own; this only looks at it."""

import contextlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Button, DirectoryTree, Footer, Input, Label, OptionList, Select, Static
from textual.widgets.option_list import Option

from rnntui.errors import InputError, RnntuiError
from rnntui.events import BaselinesMeasured, CorpusInspected, Expectation, Failed, Preparing, SpeedMeasured, TrainEvent
from rnntui.records import ModelCard, RunRecord, TrainRequest
from rnntui.service.background import Background
from rnntui.service.run_view import RunView, fold_all, going_on
from rnntui.text import visible_line
from rnntui.tui import train_texts
from rnntui.tui.actions import bindings_for
from rnntui.tui.file_choice import SAMPLES, chosen_files, default_name
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.widgets.advanced_fields import AdvancedFields
from rnntui.tui.widgets.loss_chart import LossChart
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_tree import TextTree

if TYPE_CHECKING:
    from rnntui.service.services import Services
    from rnntui.service.training import RunFollower

_LOOK_SECONDS = 0.25
_LISTEN_SECONDS = 2.0
"""So often a run that nobody looks at is asked whether it still goes on."""
_PRESETS = (1, 5, 15, 30, 60)
_GROWING = {"samples", "run-message"}
_MORE_MINUTES = 5.0
_MOST_MINUTES = 30 * 24 * 60.0
_SPEED_SECONDS = 5.0
_FROM_NOTHING = ""
_USUAL_WORDS = 100_000
"""Before a file is chosen the plan is that for a text of so many words."""


class TrainScreen(Screen[None]):
    """The form, or the run that goes on."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("train")
    HELP = (
        "Choose one or more text files, a name and how long it may take; the rest is planned for you, and alt+a shows "
        "the plan to change it. alt+s goes on from a model that is there. Training runs in a process of its own: you "
        "can chat, or quit, and it goes on. While it learns, z zooms into the end of the curve; at the end r is the "
        "report."
    )

    class WorkWaits(Message):
        """Something happened in the background."""

    def __init__(self, services: "Services") -> None:
        super().__init__()
        self._services = services
        self._files: list[Path] = []
        self._inspection: Background[TrainEvent] | None = None
        self._report: CorpusInspected | None = None
        self._compared: dict[str, float] = {}
        self._speed: SpeedMeasured | None = None
        self._looked_with: object = None  # what decides how the files are read, when they were looked into
        self._bases: tuple[ModelCard, ...] = ()
        self._suggested_name = ""
        self._run: RunRecord | None = None
        self._left_alone = ""  # a run that was broken off and that the person does not want to go on with now
        self._follower: RunFollower | None = None
        self._view = RunView()
        self._looks: Timer | None = None
        self._listens: Timer | None = None
        self._is_looking = False
        self._put_before: dict[str, object] = {}
        self._buttons_before: object = None

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """Both faces; one is shown."""
        with Vertical(id="form"):
            yield Static(joined(("Train a network on your own text", "bold $text-primary")), id="form-title")
            with Horizontal(id="columns"):
                with Vertical(id="files"):
                    yield PathInput(id="path")
                    yield TextTree(Path.cwd(), id="tree")
                    with Horizontal(id="samples-row"):
                        yield Label(shown_line("or a sample"), id="samples-name")
                        for name in SAMPLES:
                            label = name.partition(":")[2]
                            yield Button(shown_line(label), id=f"sample-{label}", classes="sample", compact=True)
                with Vertical(id="chosen-files"):
                    yield OptionList(id="chosen", compact=True)
                    with VerticalScroll(id="report-scroll"):
                        yield Static(train_texts.before_report(), id="report")
            yield AdvancedFields(id="advanced-fields")
            with Horizontal(classes="row"):
                yield Label(shown_line("name"), classes="row-name")
                yield _still(Input(id="name", compact=True, placeholder="from the first file"))
                yield Label(shown_line("start from"), id="base-name")
                content = _base_options(())
                yield Select(content, value=_FROM_NOTHING, allow_blank=False, compact=True, id="base")
            with Horizontal(classes="row"):
                yield Label(shown_line("minutes"), classes="row-name")
                yield _still(Input("5", id="minutes", compact=True, restrict=r"[0-9.]*"))
                for minutes in _PRESETS:
                    yield Button(shown_line(str(minutes)), id=f"minutes-{minutes}", classes="preset", compact=True)
                yield Button(shown_line("Start"), id="start", variant="primary", compact=True, disabled=True)
                yield Button(shown_line("More settings"), id="advanced", compact=True)
            yield Static(id="form-message")
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
        self.query_one(AdvancedFields).display = False
        self._show_bases()
        self._plan()
        self._find_run()
        if self._follower is None:
            self._show_face()

    def on_screen_resume(self) -> None:
        """Look at the run again; one may have been started elsewhere, and another model may be there."""
        self._show_bases()
        if self._run is None:
            self._find_run()
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

    @property
    def files(self) -> list[Path]:
        """The chosen files."""
        return list(self._files)

    # ---- choosing files

    def add_files(self, typed: str) -> bool:
        """Add what a line of text names; False, with a sentence below, when it names nothing."""
        try:
            files = chosen_files(typed)
        except RnntuiError as problem:
            self._say(str(problem), is_wrong=True)
            return False
        self._set_files([*self._files, *(file for file in files if file not in self._files)])
        return True

    def _set_files(self, files: Sequence[Path]) -> None:
        self._files = list(files)
        chosen = self.query_one("#chosen", OptionList)
        chosen.clear_options()
        chosen.add_options(
            [Option(joined(("✕ ", "$foreground-disabled"), train_texts.file_row(file))) for file in self._files]
        )
        chosen.display = bool(self._files)
        self._suggest_name()
        self._say("")
        self._inspect()

    def _suggest_name(self) -> None:
        name = self.query_one("#name", Input)
        if name.value in {"", self._suggested_name}:
            self._suggested_name = default_name(self._files)
            name.value = self._suggested_name

    @on(Input.Submitted, "#path")
    def _add_typed(self, event: Input.Submitted) -> None:
        if event.value.strip() and self.add_files(event.value):
            event.input.clear()

    @on(PathInput.PathsPasted)
    def _add_pasted(self, event: PathInput.PathsPasted) -> None:
        if not self.add_files(event.text):
            self.query_one("#path", Input).value = visible_line(event.text, 1_000)

    @on(DirectoryTree.FileSelected)
    def _add_selected(self, event: DirectoryTree.FileSelected) -> None:
        file = event.path.absolute()
        if file not in self._files:
            self._set_files([*self._files, file])

    @on(Button.Pressed, ".sample")
    def _add_sample(self, event: Button.Pressed) -> None:
        self.add_files(f"sample:{(event.button.id or '').removeprefix('sample-')}")

    @on(OptionList.OptionSelected, "#chosen")
    def _remove_selected(self, event: OptionList.OptionSelected) -> None:
        files = list(self._files)
        del files[event.option_index]
        self._set_files(files)

    # ---- looking into the files

    def _inspect(self) -> None:
        if self._inspection:
            self._inspection.stop()
        self._report, self._inspection, self._compared = None, None, {}
        fields = self.query_one(AdvancedFields)
        self._looked_with = (fields.reading, fields.validation_file)
        self._show_start()
        report = self.query_one("#report", Static)
        if not self._files:
            report.update(train_texts.before_report())
            return
        report.update(shown_line("looking into the files …", "$foreground-muted"))
        names, seconds = [str(file) for file in self._files], 0.0 if self._speed else _SPEED_SECONDS
        self._inspection = Background(
            self._services.training.inspect(names, *self._looked_with, seconds), wake=self._wake
        )

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self.post_message(self.WorkWaits())

    def on_train_screen_work_waits(self) -> None:
        """The inspection has something."""
        if self._inspection is None:
            return
        for event in self._inspection.take():
            self._show_inspected(event)
        if self._inspection and self._inspection.is_finished:
            self._inspection = None

    def _show_inspected(self, event: TrainEvent) -> None:
        report = self.query_one("#report", Static)
        match event:
            case Preparing() if self._report is None:
                report.update(shown_line(train_texts.doing(event), "$foreground-muted"))
            case CorpusInspected() | BaselinesMeasured() | SpeedMeasured():
                self._learn(event)
                self._show_report()
            case Failed():
                sentence = f"{event.sentence} {event.next_step}".rstrip()
                report.update(shown_line(sentence, "$text-error", 600))
                if self.query_one(AdvancedFields).display:  # the report is behind it
                    self._say(sentence, is_wrong=True)
            case _:
                pass
        self._show_start()

    def _learn(self, event: CorpusInspected | BaselinesMeasured | SpeedMeasured) -> None:
        match event:
            case CorpusInspected():
                self._report = event
                self._plan()
            case BaselinesMeasured():
                self._compared = event.bits_per_character
            case SpeedMeasured():
                self._speed = event
                self._plan()

    def _show_report(self) -> None:
        if self._report is None:
            return
        speed = self._speed.words_per_second if self._speed else 0.0
        content = train_texts.report_text(self._report, self._compared, self._expected(), speed)
        self.query_one("#report", Static).update(content)

    def _expected(self) -> list[Expectation]:
        """What would be built in each of the times, at the speed that was measured; empty before that."""
        if self._report is None or self._speed is None:
            return []
        words, speed = self._report.training_words, self._speed.words_per_second
        found = []
        for usual in self._report.expectations:
            made = self._services.training.planned(words, 60.0 * usual.minutes, {}, None, speed)
            model, size = made.model, usual.vocabulary_size
            found.append(Expectation(usual.minutes, model.cell, model.layers, model.hidden_size, size, made.passes))
        return found

    def _show_start(self) -> None:
        self.query_one("#start", Button).disabled = self._report is None
        self.refresh_bindings()

    # ---- what will be built

    def _show_bases(self) -> None:
        """The models that training can go on from."""
        try:
            bases = tuple(self._services.models())
        except RnntuiError:
            bases = ()
        if bases == self._bases:
            return
        self._bases = bases
        choice = self.query_one("#base", Select)
        before = choice.value
        content = _base_options(bases)
        choice.set_options(content)
        if before in {card.model_id for card in bases}:
            choice.value = before

    @property
    def _base(self) -> ModelCard | None:
        chosen = self.query_one("#base", Select).value
        return next((card for card in self._bases if card.model_id == chosen), None)

    def _plan(self) -> None:
        """Show what the minutes, the fields and the model to go on from will build."""
        base, fields = self._base, self.query_one(AdvancedFields)
        words = self._report.training_words if self._report else 0
        try:
            minutes = self._minutes()
        except InputError as problem:
            self._say(str(problem), is_wrong=True)
            return
        try:
            made = self._services.training.planned(
                words or _USUAL_WORDS,
                60.0 * minutes,
                fields.overrides,
                base.config if base else None,
                self._speed.words_per_second if self._speed else 0.0,
            )
        except RnntuiError as problem:
            self._say(str(problem), is_wrong=True)
            return
        fields.show_plan(made.model, made.config)
        content = Content("")
        if self._report:
            content = train_texts.plan_line(minutes, made, self._report, base, self._speed is not None)
        self.query_one("#form-message", Static).update(content)

    @on(Select.Changed, "#base")
    def _change_base(self) -> None:
        self.query_one(AdvancedFields).keep_shape(self._base is not None)
        self._plan()

    @on(AdvancedFields.Changed)
    def _change_plan(self) -> None:
        self._plan()

    @on(AdvancedFields.ReadingChanged)
    def _look_again(self) -> None:
        fields = self.query_one(AdvancedFields)
        if self._files and self._looked_with != (fields.reading, fields.validation_file):
            self._inspect()

    def action_start_from(self) -> None:
        """Choose a model to go on from."""
        choice = self.query_one("#base", Select)
        choice.focus()
        choice.action_show_overlay()

    @on(Button.Pressed, "#advanced")
    def action_advanced(self) -> None:
        """Show the fields that are planned otherwise, or fold them."""
        self._show_advanced(not self.query_one(AdvancedFields).display)

    def _show_advanced(self, is_shown: bool, first: str = "") -> None:
        fields = self.query_one(AdvancedFields)
        fields.display = is_shown
        self.query_one("#columns").display = not is_shown
        self.query_one("#advanced", Button).label = shown_line("Fewer settings" if is_shown else "More settings")
        if is_shown:
            self.call_after_refresh(fields.go_to, first or ("cell" if self._base is None else "dropout"))
        else:
            self.call_after_refresh(self.query_one("#path").focus)

    # ---- starting

    @on(Button.Pressed, ".preset")
    def _take_preset(self, event: Button.Pressed) -> None:
        self.query_one("#minutes", Input).value = (event.button.id or "").removeprefix("minutes-")

    @on(Input.Changed, "#minutes")
    def _mark_preset(self, event: Input.Changed) -> None:
        for minutes in _PRESETS:
            self.query_one(f"#minutes-{minutes}").set_class(event.value == str(minutes), "-chosen")
        if self._looks is not None:  # the form is there
            self._plan()

    @on(Input.Submitted, "#name")
    def _to_minutes(self) -> None:
        self.query_one("#minutes").focus()

    @on(Input.Submitted, "#minutes")
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Start training on the chosen files."""
        try:
            self._start()
        except RnntuiError as problem:
            self._say(str(problem), is_wrong=True)
            self.app.notify(str(problem), severity="error")

    def _start(self) -> None:
        if not self._files:
            raise InputError("No file is chosen yet.", "Type a path or choose a file in the tree.")
        if self._report is None:
            raise InputError("The files cannot be trained on yet.", "Wait for the look into them, or remove a bad one.")
        fields = self.query_one(AdvancedFields)
        if wrong := fields.wrong:
            self._show_advanced(True, wrong.name)
            raise InputError(wrong.sentence)
        request = TrainRequest(
            tuple(str(file) for file in self._files),
            self.query_one("#name", Input).value.strip() or default_name(self._files),
            self._minutes(),
            fields.validation_file,
            fields.overrides,
            fields.reading,
            self._base.model_id if self._base else "",
        )
        run = self._services.training.start(request, may_wait=True)
        if self._inspection:  # measuring here what the trainer measures now would spoil both figures
            self._inspection.stop()
        if run.is_queued:
            self.app.notify(f'"{visible_line(run.name, 60)}" waits for its turn and starts by itself.')
            self._find_run()
            return
        self._follow(run)

    def _minutes(self) -> float:
        typed = self.query_one("#minutes", Input).value
        try:
            minutes = float(typed)
        except ValueError:
            minutes = math.nan
        if not 0 < minutes <= _MOST_MINUTES:
            raise InputError(f'The time cannot be "{typed}" minutes.', "Give a number above 0, such as 5.")
        return minutes

    def _say(self, sentence: str, *, is_wrong: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.update(shown_line(sentence, "$text-error" if is_wrong else "$foreground-muted", 400))

    # ---- the run

    def _find_run(self) -> None:
        try:
            run = self._services.training.active() or self._broken_off()
        except RnntuiError as problem:
            self._say(str(problem), is_wrong=True)
            return
        if run is not None:
            self._follow(run)

    def _active_run(self) -> RunRecord | None:
        with contextlib.suppress(RnntuiError):
            return self._services.training.active()
        return None

    def _broken_off(self) -> RunRecord | None:
        run = self._services.training.interrupted()
        return None if run and run.run_id == self._left_alone else run

    def _follow(self, run: RunRecord) -> None:
        self._run = run
        self._follower = self._services.training.follow(run.run_id)
        self._view = RunView()
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
        news = self._follower.poll()
        if news or self._view.phase == "waiting":
            was_over = self._view.is_over
            self._view = fold_all(news, self._view)
            self._show_run()
            if self._view.is_over and not was_over and self._run.is_running:
                self._ring()
        if self._view.is_over and self._run.is_running:
            self._look_at_the_end()

    def _listen(self) -> None:
        """Nobody looks: say when it is over, and be quiet until then."""
        if self._follower is not None and not self._follower.is_running:
            self._look()

    def _ring(self) -> None:
        """A run is over: a bell for whoever is elsewhere, and a line for whoever looks at another screen."""
        self.app.bell()
        if not self.is_current and self._run is not None:
            name = visible_line(self._run.name, 60)
            self.app.notify(f'Training of "{name}" {"failed" if self._view.failure else "is over"}; F4 shows it.')

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
        budget = view.started.budget_seconds if view.started else 0.0
        chart = self.query_one(LossChart)
        chart.show(view.training_curve, view.validation_curve, view.baselines, budget)
        self._put("samples", train_texts.samples(view))
        self._put("run-message", train_texts.message(view, self._can_go_on))
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
            "pause": self._can_go_on or (not view.is_over and view.started is not None),
            "stop": not view.is_over,
            "more": not view.is_over and view.started is not None,
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
                button.display = is_possible or not view.is_over
        self.query_one("#see-report").display = bool(self._reported_id)
        waits = self._can_go_on or view.phase == "paused"
        self.query_one("#pause", Button).label = shown_line("Go on" if waits else "Pause")
        self.query_one("#another", Button).label = shown_line("Back to the form" if view.failure else "Another run")
        self.refresh_bindings()

    @property
    def _can_go_on(self) -> bool:
        """True when the run is over, but not its time."""
        return self._view.is_over and self._run is not None and self._run.can_resume

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
            "pause": is_run and (self._can_go_on or not view.is_over),
            "stop_training": is_run and not view.is_over,
            "more_time": is_run and view.started is not None and not view.is_over,
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
        if self._run is None or self._view.is_over:
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
        self._view = going_on(self._view)
        self._show_run()
        self._set_looking()

    @on(Button.Pressed, "#stop")
    def action_stop_training(self) -> None:
        """End training now and keep the best weights."""
        if self._run is not None and not self._view.is_over:
            self._order(self._services.training.stop)
            self._put(
                "run-message", shown_line("Stopping after this step; the best weights are kept.", "$text-warning")
            )

    @on(Button.Pressed, "#more")
    def action_more_time(self) -> None:
        """Give the run some more minutes."""
        if self._run is None or self._view.is_over:
            return
        self._order(lambda run_id: self._services.training.extend(run_id, _MORE_MINUTES))
        message = f"It gets {_MORE_MINUTES:g} more minutes after this step; m again gives as many more."
        self._put("run-message", shown_line(message, "$text-success"))

    def _order(self, order: Callable[[str], object]) -> None:
        if self._run is None:
            return
        try:
            order(self._run.run_id)
        except RnntuiError as problem:
            self.app.notify(str(problem), severity="error")

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
            self._follow(following)
            return
        self._run, self._follower, self._view = None, None, RunView()
        self._set_looking()
        self._show_face()

    def action_folder_up(self) -> None:
        """Show the folder above in the tree."""
        self.query_one(TextTree).show_parent()


def _still(control: Input) -> Input:
    """No blinking: a blinking cursor is a timer that never rests."""
    control.cursor_blink = False
    return control


def _base_options(cards: Sequence[ModelCard]) -> list[tuple[Content, str]]:
    return [(shown_line("nothing"), _FROM_NOTHING), *((shown_line(card.name, "", 40), card.model_id) for card in cards)]
