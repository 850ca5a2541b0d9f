"""Train a network: a form, and then the run as it goes. The trainer is a process of its own; this only looks at it."""

import contextlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
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
from textual.widgets import Button, DirectoryTree, Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from rnntui.errors import InputError, RnntuiError, TrainingError
from rnntui.events import BaselinesMeasured, CorpusInspected, Failed, Preparing, TrainEvent
from rnntui.records import RunRecord, TrainRequest
from rnntui.service.background import Background
from rnntui.service.run_view import BEST_POSSIBLE, COUNTING, RunView, fold_all, going_on
from rnntui.text import visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.file_choice import SAMPLES, chosen_files, default_name
from rnntui.tui.safe import joined, shown, shown_line
from rnntui.tui.widgets.loss_chart import LossChart, duration
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
_SHOWN_SAMPLES = 12


class TrainScreen(Screen[None]):
    """The form, or the run that goes on."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("train")
    HELP = (
        "Choose one or more text files, a name and how long it may take; the rest is planned for you. Training runs in "
        "a process of its own: you can chat, or quit, and it goes on."
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
                        yield Static(_before_report(), id="report")
            with Horizontal(classes="row"):
                yield Label(shown_line("name"), classes="row-name")
                yield _still(Input(id="name", compact=True, placeholder="from the first file"))
            with Horizontal(classes="row"):
                yield Label(shown_line("minutes"), classes="row-name")
                yield _still(Input("5", id="minutes", compact=True, restrict=r"[0-9.]*"))
                for minutes in _PRESETS:
                    yield Button(shown_line(str(minutes)), id=f"minutes-{minutes}", classes="preset", compact=True)
                yield Button(shown_line("Start"), id="start", variant="primary", compact=True, disabled=True)
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
                yield Button(shown_line("Stop, keep the best"), id="stop", compact=True)
                yield Button(shown_line("Chat with it"), id="chat-with-it", variant="primary", compact=True)
                yield Button(shown_line("Train another"), id="another", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Re-attach to a run that is going on, or show the form."""
        self._looks = self.set_interval(_LOOK_SECONDS, self._look, pause=True)
        self._listens = self.set_interval(_LISTEN_SECONDS, self._listen, pause=True)
        self._find_run()
        if self._follower is None:
            self._show_face()

    def on_screen_resume(self) -> None:
        """Look at the run again; one may have been started elsewhere."""
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
        chosen.add_options([Option(joined(("✕ ", "$foreground-disabled"), _file_row(file))) for file in self._files])
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
        self._show_start()
        report = self.query_one("#report", Static)
        if not self._files:
            report.update(_before_report())
            return
        report.update(shown_line("looking into the files …", "$foreground-muted"))
        self._inspection = Background(
            self._services.training.inspect([str(file) for file in self._files]), wake=self._wake
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
                report.update(shown_line(_doing(event), "$foreground-muted"))
            case CorpusInspected() | BaselinesMeasured():
                if isinstance(event, CorpusInspected):
                    self._report = event
                else:
                    self._compared = event.bits_per_character
                if self._report:
                    report.update(_report_text(self._report, self._compared))
            case Failed():
                report.update(shown_line(f"{event.sentence} {event.next_step}".rstrip(), "$text-error", 600))
            case _:
                pass
        self._show_start()

    def _show_start(self) -> None:
        self.query_one("#start", Button).disabled = self._report is None
        self.refresh_bindings()

    # ---- starting

    @on(Button.Pressed, ".preset")
    def _take_preset(self, event: Button.Pressed) -> None:
        self.query_one("#minutes", Input).value = (event.button.id or "").removeprefix("minutes-")

    @on(Input.Changed, "#minutes")
    def _mark_preset(self, event: Input.Changed) -> None:
        for minutes in _PRESETS:
            self.query_one(f"#minutes-{minutes}").set_class(event.value == str(minutes), "-chosen")

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
        name = self.query_one("#name", Input).value.strip() or default_name(self._files)
        request = TrainRequest(tuple(str(file) for file in self._files), name, self._minutes())
        run = self._services.training.start(request, may_wait=True)
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
        self._put("run-title", _title(view, self._run))
        self._show_bar()
        self._put("run-figures", _figures(view))
        budget = view.started.budget_seconds if view.started else 0.0
        chart = self.query_one(LossChart)
        chart.show(view.training_curve, view.validation_curve, view.baselines, budget)
        self._put("samples", _samples(view))
        self._put("run-message", _message(view, self._can_go_on))
        self._show_buttons()

    def _put(self, name: str, content: Content) -> None:
        """Show a text where it has changed; a line that stays one line needs no new layout of the whole screen."""
        fresh = content.plain, tuple(content.spans)
        if self._put_before.get(name) == fresh:
            return
        self._put_before[name] = fresh
        self.query_one(f"#{name}", Static).update(content, layout=name in _GROWING)

    def _show_bar(self) -> None:
        self._put("run-bar", _bar(self._view, max(10, self.size.width - 4)))

    def _show_buttons(self) -> None:
        view = self._view
        states = {
            "pause": self._can_go_on or (not view.is_over and view.started is not None),
            "stop": not view.is_over,
            "chat-with-it": bool(self._model_id),
            "another": True,
        }
        fresh = (tuple(states.values()), self._can_go_on, view.phase, bool(view.failure))
        if fresh == self._buttons_before:  # a footer that is drawn anew costs more than all the rest
            return
        self._buttons_before = fresh
        for name, is_possible in states.items():
            self.query_one(f"#{name}", Button).disabled = not is_possible
        waits = self._can_go_on or view.phase == "paused"
        self.query_one("#pause", Button).label = shown_line("Go on" if waits else "Pause")
        self.query_one("#another", Button).label = shown_line("Back to the form" if view.failure else "Train another")
        self.refresh_bindings()

    @property
    def _can_go_on(self) -> bool:
        """True when the run is over, but not its time."""
        return self._view.is_over and self._run is not None and self._run.can_resume

    @property
    def _model_id(self) -> str:
        finished = self._view.finished
        return (finished.model_id if finished else "") or self._view.checkpoint_model_id

    def on_resize(self, event: events.Resize) -> None:
        """The bar is as long as the screen is wide."""
        if self._follower:
            self._show_bar()

    # ---- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys mean something now."""
        view, is_run = self._view, self._follower is not None
        possible = {
            "start": not is_run,
            "folder_up": not is_run,
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


def _before_report() -> Content:
    return joined(
        ("What is in your files appears here before anything is trained.\n\n", "$foreground-muted"),
        (
            "A short story is too little; a novel is good; several by one author are better. "
            "Nothing leaves this machine.",
            "$foreground-disabled",
        ),
    )


def _file_row(file: Path) -> Content:
    folder = "needs no file" if str(file) in SAMPLES else visible_line(str(file.parent), 60)
    return joined(shown_line(file.name, "bold", 40), (f"  {folder}", "$foreground-disabled"))


def _doing(event: Preparing) -> str:
    return f"{event.what} …{f' {100 * event.fraction:.0f} %' if event.fraction else ''}"


def _report_text(report: CorpusInspected, compared: Mapping[str, float]) -> Content:
    encodings = ", ".join(sorted({visible_line(name, 20) for name in report.encodings}))
    parts: list[str | Content | tuple[str, str]] = [
        (f"{report.words:,}", "bold $foreground"),
        (" words   ", "$foreground-muted"),
        (f"{report.vocabulary_size:,}", "bold $foreground"),
        (" different ones   ", "$foreground-muted"),
        (f"{encodings}\n", "$foreground-muted"),
        (f"{100 * report.spelled_share:.1f} %", "bold $foreground"),
        (" of the held-out words would be spelled\n", "$foreground-muted"),
    ]
    for name in (COUNTING, BEST_POSSIBLE):
        if name in compared:
            parts += [
                (f"{compared[name]:.3f}", "bold $foreground"),
                (f" bits per character: {name}\n", "$foreground-muted"),
            ]
    if report.expectations:
        parts += [(f"{_expected(report)}\n", "$foreground-muted")]
    for note in report.notes:
        parts += [shown_line(note, "$text-warning"), "\n"]
    return joined(
        *parts,
        ("\nIt begins:\n", "$foreground-disabled"),
        shown(re.sub(r"\n{3,}", "\n\n", report.preview[:1_500]), "italic"),
    )


def _expected(report: CorpusInspected) -> str:
    """What would be built in each of the times."""
    spans = [
        f"{entry.minutes:3g} min: {entry.cell} {entry.layers}×{entry.hidden_size}, {_times(entry.passes)}"
        for entry in report.expectations
    ]
    return "\n".join(spans)


def _times(passes: float) -> str:
    return (
        f"read {passes:,.0f} times" if passes >= 1.5 else "read once" if passes >= 0.9 else f"{100 * passes:.0f} % read"
    )


def _title(view: RunView, run: RunRecord | None) -> Content:
    started = view.started
    name = shown_line(started.name if started else run.name if run else "", "bold $text-primary", 40)
    if started is None:
        return name
    facts = (
        f"  {started.cell} {started.layers}×{started.hidden_size} · {started.parameters / 1e6:.1f} M numbers · "
        f"{started.training_words:,} words to learn from · {started.vocabulary_size:,} known"
    )
    return joined(name, (facts, "$foreground-muted"))


def _bar(view: RunView, cells: int) -> Content:
    progress = view.progress
    fraction = 1.0 if view.phase == "finished" else progress.fraction if progress else 0.0
    seconds = view.finished.seconds if view.finished else progress.seconds if progress else 0.0
    left = f" · {duration(progress.eta_seconds)} left" if progress and not view.is_over else ""
    words = f"  {min(1.0, max(0.0, fraction)) * 100:3.0f} %   {duration(seconds)}{left}"
    room = max(4, cells - len(words))
    full = round(min(1.0, max(0.0, fraction)) * room)
    return joined(("━" * full, "$primary"), ("─" * (room - full), "$foreground-disabled"), (words, "$foreground"))


def _figures(view: RunView) -> Content:
    progress, best = view.progress, view.best
    parts: list[tuple[str, str]] = []
    if progress:
        parts.append((f"training {progress.bits_per_character:.3f}", "$text-primary"))
    if view.evaluated:
        parts.append((f"validation {view.evaluated.bits_per_character:.3f}", "$warning"))
    if best:
        parts.append((f"best {best.bits_per_character:.3f} bits/char", "bold $foreground"))
    if progress and not view.is_over:
        parts.append((f"{progress.words_per_second:,.0f} words/s", "$foreground-muted"))
        parts.append((f"rate {progress.learning_rate:.2g}", "$foreground-muted"))
        parts.append((f"{progress.passes:.1f} times read", "$foreground-muted"))
    spread = [part for entry in parts for part in ((" · ", "$foreground-disabled"), entry)]
    return joined(*spread[1:])


def _samples(view: RunView) -> Content:
    if not view.samples:
        return shown_line("After each look at held-out text it writes a line here.", "$foreground-disabled")
    parts: list[str | Content | tuple[str, str]] = []
    for sample in reversed(view.samples[-_SHOWN_SAMPLES:]):
        parts += [(f"step {sample.step:,}\n", "$foreground-disabled")]
        parts += [shown_line(sample.prompt, "bold"), shown(sample.text.rstrip()[:1_000]), "\n\n"]
    return joined(*parts)


def _message(view: RunView, can_go_on: bool) -> Content:
    if can_go_on:
        return _offer(view)
    match view.phase:
        case "waiting":
            return shown_line("The trainer is starting …", "$foreground-muted")
        case "preparing":
            return shown_line(f"{view.doing} …", "$foreground-muted")
        case "paused" if view.remark:
            return shown_line(view.remark, "$text-warning", 400)
        case "paused":
            return shown_line("Paused; the time stands still. Space goes on.", "$text-warning")
        case "failed" if view.failure:
            return shown_line(f"{view.failure.sentence} {view.failure.next_step}".rstrip(), "$text-error", 400)
        case "finished" if view.finished:
            return _farewell(view)
        case _ if view.remark:
            return shown_line(view.remark, "$text-warning", 400)
        case _:
            meant = f"{view.in_words} " if view.in_words else ""
            return shown_line(
                f"{meant}It learns by itself: chat (F3) or quit, and it goes on.", "$foreground-muted", 300
            )


def _offer(view: RunView) -> Content:
    """A run that is over before its time."""
    done = f" after {duration(view.progress.seconds)}" if view.progress else " before its first step"
    if view.failure and view.failure.exit_code != TrainingError.exit_code:  # not only a process that is gone
        cause = f"{view.failure.sentence} {view.failure.next_step}".rstrip()
        return joined(shown_line(cause, "$text-error", 400), (" Space goes on.", "$foreground"))
    if view.phase == "finished":
        return joined(_farewell(view), (" Space goes on with the rest of its time.", "$foreground"))
    model = " c talks with the best so far." if view.checkpoint_model_id else ""
    return joined(
        (f"It was broken off{done}. ", "bold $text-warning"),
        (f"Space goes on from exactly there; nothing is lost but the last seconds.{model}", "$foreground"),
    )


def _farewell(view: RunView) -> Content:
    finished = view.finished
    if finished is None or not (finished.model_id or view.checkpoint_model_id):
        return shown_line("Training was stopped before there was anything to keep.", "$text-warning")
    if not finished.model_id:
        return shown_line("Stopped; the best so far is kept. c talks with it.", "$foreground")
    beaten = [name for name, value in view.baselines.items() if value > finished.bits_per_character]
    compared = f", better than {visible_line(beaten[-1], 30)}" if beaten else ""
    return joined(
        ("Done: ", "bold $text-success"),
        shown_line(finished.name, "bold", 40),
        (f" needs {finished.bits_per_character:.3f} bits per character{compared}. c talks with it.", "$foreground"),
    )
