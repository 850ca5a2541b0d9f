"""The form of the training screen: which text, from what, how long, and what will be built of it."""

import contextlib
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, DirectoryTree, Input, Label, OptionList, Select, Static
from textual.widgets.option_list import Option

from rnntui.errors import InputError, RnntuiError
from rnntui.events import (
    BaseChosen,
    BaselinesMeasured,
    CorpusInspected,
    Expectation,
    Failed,
    Preparing,
    SpeedMeasured,
    TrainEvent,
)
from rnntui.paths import working_folder
from rnntui.records import FROM_NOTHING, WHERE_IT_HELPS, ModelCard, TrainRequest
from rnntui.service.background import Background
from rnntui.service.run.plan_preview import other_shape
from rnntui.service.run.run_view import MUCH_SEEN, held_out_seen_in_words
from rnntui.text import visible_line
from rnntui.tui.file_choice import SAMPLES, chosen_files, default_name
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.training import train_messages
from rnntui.tui.training.advanced_fields import AdvancedFields
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_input import TextInput
from rnntui.tui.widgets.text_tree import TextTree
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_PRESETS = (1, 5, 15, 30, 60)
_MOST_MINUTES = 30 * 24 * 60.0
_SPEED_SECONDS = 5.0
_USUAL_WORDS = 100_000
"""Before a file is chosen the plan is that for a text of so many words."""


class TrainForm(Screen[None]):
    """What is asked before a run. The screen that is made of this shows the run."""

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
        self._beginning: BaseChosen | None = None
        self._looked_with: object = None  # what decides how the files are read, when they were looked into
        self._bases: tuple[ModelCard, ...] = ()
        self._desk = Desk(self, self.show_sign)
        self._suggested_name = ""
        self._is_form_there = False

    # ---- what it is made of

    def compose_form(self) -> ComposeResult:
        """Files on the left, what was found in them on the right, the plan below."""
        with Vertical(id="form"):
            yield Static(joined(("Train a network on your own text", "bold $text-primary")), id="form-title")
            with Horizontal(id="columns"):
                with Vertical(id="files"):
                    yield PathInput(id="path")
                    yield TextTree(working_folder(), id="tree")
                    with Horizontal(id="samples-row"):
                        yield Label(shown_line("or a sample"), id="samples-name")
                        for name in SAMPLES:
                            label = name.partition(":")[2]
                            yield Button(shown_line(label), id=f"sample-{label}", classes="sample", compact=True)
                with Vertical(id="chosen-files"):
                    yield OptionList(id="chosen", compact=True)
                    with VerticalScroll(id="report-scroll"):
                        yield Static(train_messages.before_report(), id="report")
            yield AdvancedFields(id="advanced-fields")
            with Horizontal(classes="row"):
                yield Label(shown_line("name"), classes="row-name")
                yield _still(TextInput(id="name", compact=True, placeholder="from the first file"))
                yield Label(shown_line("start from"), id="base-name")
                content = _base_options(())
                yield Select(content, value=WHERE_IT_HELPS, allow_blank=False, compact=True, id="base")
            with Horizontal(classes="row"):
                yield Label(shown_line("minutes"), classes="row-name")
                yield _still(TextInput("5", id="minutes", compact=True, restrict=r"[0-9.]*"))
                for minutes in _PRESETS:
                    yield Button(shown_line(str(minutes)), id=f"minutes-{minutes}", classes="preset", compact=True)
                yield Button(shown_line("Start"), id="start", variant="primary", compact=True, disabled=True)
                yield Button(shown_line("More settings"), id="advanced", compact=True)
            yield Static(id="form-message")

    def begin_form(self) -> None:
        """Show what may be chosen, and the plan for a usual text."""
        self.query_one(AdvancedFields).display = False
        self._show_bases()
        self._is_form_there = True
        self._plan()

    @property
    def files(self) -> list[Path]:
        """The chosen files."""
        return list(self._files)

    def begin_run(self, request: TrainRequest) -> None:
        """Start a run and turn to it. The screen knows how."""
        raise NotImplementedError

    def show_sign(self, what: str) -> None:
        """What takes its time, below the form; "" shows the plan again."""
        if what:
            self._say(f"{what} …")
        else:
            self._plan()

    # ---- choosing files

    def add_files(self, typed: str, then: Callable[[bool], None] = lambda is_added: None) -> None:
        """Add what a line of text names, or say below the form that it names nothing.

        Args:
            typed: Paths, as they are typed, pasted or dropped.
            then: Called afterwards; False when nothing was added.
        """

        def add(files: list[Path]) -> None:
            self._set_files([*self._files, *(file for file in files if file not in self._files)])
            then(True)

        def refuse(sentence: str) -> None:
            self._say_wrong(sentence)
            then(False)

        self._desk.do("looking for the files", lambda: chosen_files(typed), add, refuse)

    def _set_files(self, files: Sequence[Path]) -> None:
        self._files = list(files)
        chosen = self.query_one("#chosen", OptionList)
        chosen.clear_options()
        chosen.add_options(
            [Option(joined(("✕ ", "$foreground-disabled"), train_messages.file_row(file))) for file in self._files]
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
        def clear(is_added: bool) -> None:
            if is_added and event.input.value == event.value:
                event.input.clear()

        if event.value.strip():
            self.add_files(event.value, clear)

    @on(PathInput.PathsPasted)
    def _add_pasted(self, event: PathInput.PathsPasted) -> None:
        def show(is_added: bool) -> None:
            if not is_added:
                self.query_one("#path", Input).value = visible_line(event.text, 1_000)

        self.add_files(event.text, show)

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
        self._report, self._inspection, self._compared, self._beginning = None, None, {}, None
        fields = self.query_one(AdvancedFields)
        self._looked_with = (fields.reading, fields.validation_file)
        self._show_start()
        report = self.query_one("#report", Static)
        if not self._files:
            report.update(train_messages.before_report())
            return
        report.update(shown_line("looking into the files …", "$foreground-muted"))
        names, seconds = [str(file) for file in self._files], 0.0 if self._speed else _SPEED_SECONDS
        self._inspection = Background(
            self._services.training.inspect(names, *self._looked_with, seconds), wake=self._wake
        )

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self.post_message(self.WorkWaits())

    def on_train_form_work_waits(self) -> None:
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
                report.update(shown_line(train_messages.doing(event), "$foreground-muted"))
            case CorpusInspected() | BaselinesMeasured() | SpeedMeasured() | BaseChosen():
                self._learn(event)
                self._show_report()
            case Failed():
                sentence = f"{event.sentence} {event.next_step}".rstrip()
                report.update(shown_line(sentence, "$text-error", 600))
                if self.query_one(AdvancedFields).display:  # the report is behind it
                    self._say_wrong(sentence)
            case _:
                pass
        self._show_start()

    def _learn(self, event: CorpusInspected | BaselinesMeasured | SpeedMeasured | BaseChosen) -> None:
        match event:
            case CorpusInspected():
                self._report = event
                self._plan()
            case BaseChosen():
                self._beginning = event
            case BaselinesMeasured():
                self._compared = event.bits_per_character
                if event.seen_share >= MUCH_SEEN and self._report:
                    notes = (held_out_seen_in_words(event.seen_share), *self._report.notes)
                    self._report = dataclasses.replace(self._report, notes=notes)
            case SpeedMeasured():
                self._speed = event
                self._plan()

    def _show_report(self) -> None:
        if self._report is None:
            return
        speed = self._speed.words_per_second if self._speed else 0.0
        content = train_messages.report_text(
            self._report, self._compared, self._expected(), speed, self._told_beginning
        )
        self.query_one("#report", Static).update(content)

    def _expected(self) -> list[Expectation]:
        """What would be built in each of the times: planned as the chosen time is, at the same speed."""
        if self._report is None:
            return []
        words, speed = self._report.training_words, self._speed.words_per_second if self._speed else 0.0
        found, base = [], self._base
        for usual in self._report.expectations:
            made = self._services.training.preview_plan(
                words, 60.0 * usual.minutes, {}, base.config if base else None, speed
            )
            model, size = made.model, usual.vocabulary_size
            found.append(Expectation(usual.minutes, model.cell, model.layers, model.hidden_size, size, made.passes))
        return found

    def _show_start(self) -> None:
        self.query_one("#start", Button).disabled = self._report is None
        self.refresh_bindings()

    # ---- what will be built

    def _show_bases(self) -> None:
        """The models that training can go on from."""
        self._desk.ask(self._services.models, self._take_bases, lambda _: self._take_bases(()))

    def _take_bases(self, found: Sequence[ModelCard]) -> None:
        bases = tuple(found)
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
        """What a run would begin from; None for nothing."""
        chosen = self.query_one("#base", Select).value
        if chosen == WHERE_IT_HELPS:
            return self._begun_from(self.query_one(AdvancedFields).overrides)
        return next((card for card in self._bases if card.model_id == chosen), None)

    @property
    def _is_settled(self) -> bool:
        """The person has chosen a model, which has its shape."""
        return self.query_one("#base", Select).value not in {WHERE_IT_HELPS, ""}

    @property
    def _told_beginning(self) -> BaseChosen | None:
        """What the run would choose, where the choice is left to it and nothing that is typed says otherwise."""
        found, is_open = self._beginning, self.query_one("#base", Select).value == WHERE_IT_HELPS
        return found if is_open and found and (self._base or not found.is_taken) else None

    def _begun_from(self, overrides: Mapping[str, object]) -> ModelCard | None:
        """What a run would choose by itself, as far as the look into the files has told."""
        found = self._beginning
        wanted = found.base_model if found and found.is_taken else ""
        card = next((card for card in self._bases if card.model_id == wanted), None)
        return None if card is None or other_shape(overrides, card.config) else card

    def _plan(self) -> None:
        """Show what the minutes, the fields and the model to go on from will build."""
        base, fields = self._base, self.query_one(AdvancedFields)
        words = self._report.training_words if self._report else 0
        try:
            minutes = self._minutes()
        except InputError as problem:
            self._say_wrong(str(problem))
            return
        try:
            made = self._services.training.preview_plan(
                words or _USUAL_WORDS,
                60.0 * minutes,
                fields.overrides,
                base.config if base else None,
                self._speed.words_per_second if self._speed else 0.0,
            )
        except RnntuiError as problem:
            self._say_wrong(str(problem))
            return
        fields.show_plan(made.model, made.config)
        content = Content("")
        if self._report:
            content = train_messages.plan_line(minutes, made, self._report, base, self._speed is not None)
        self.query_one("#form-message", Static).update(content)

    @on(Select.Changed, "#base")
    def _change_base(self) -> None:
        self.query_one(AdvancedFields).keep_shape(self._is_settled)
        self._plan()
        self._show_report()

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
            self.call_after_refresh(fields.go_to, first or ("dropout" if self._is_settled else "cell"))
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
        if self._is_form_there:
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
            self._say_wrong(str(problem))
            self.app.notify(str(problem), severity="error")

    def _start(self) -> None:
        if not self._files:
            raise InputError("No file is chosen yet.", "Type a path or choose a file in the tree.")
        if self._report is None:
            raise InputError("The files cannot be trained on yet.", "Wait for the look into them, or remove a bad one.")
        fields = self.query_one(AdvancedFields)
        if wrong := fields.wrong:
            self._show_advanced(True, wrong.name)
            raise InputError(wrong.sentence, "Correct it, or leave it empty.")
        request = TrainRequest(
            tuple(str(file) for file in self._files),
            self.query_one("#name", Input).value.strip() or default_name(self._files),
            self._minutes(),
            fields.validation_file,
            fields.overrides,
            fields.reading,
            str(self.query_one("#base", Select).value),
        )
        self.begin_run(request)

    def end_inspection(self) -> None:
        """A trainer has started."""
        if self._inspection:  # measuring here what the trainer measures now would spoil both figures
            self._inspection.stop()

    def _minutes(self) -> float:
        typed = self.query_one("#minutes", Input).value
        try:
            minutes = float(typed)
        except ValueError:
            minutes = math.nan
        if not 0 < minutes <= _MOST_MINUTES:
            raise InputError(f'The time cannot be "{typed}" minutes.', "Give a number above 0, such as 5.")
        return minutes

    def _say(self, sentence: str) -> None:
        self.query_one("#form-message", Static).update(shown_line(sentence, "$foreground-muted", 400))

    def _say_wrong(self, sentence: str) -> None:
        self.query_one("#form-message", Static).update(shown_line(sentence, "$text-error", 400))


def _still(control: Input) -> Input:
    """No blinking: a blinking cursor is a timer that never rests."""
    control.cursor_blink = False
    return control


def _base_options(cards: Sequence[ModelCard]) -> list[tuple[Content, str]]:
    usual = [(shown_line("what helps"), WHERE_IT_HELPS), (shown_line(FROM_NOTHING), "")]
    return [*usual, *((shown_line(card.name, "", 40), card.model_id) for card in cards)]
