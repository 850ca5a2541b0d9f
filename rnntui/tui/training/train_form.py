"""The form of the training screen: which text, from what, how long, and what will be built of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Label, OptionList, Select, Static
from textual.widgets.option_list import Option

from rnntui.chat_events import Failed
from rnntui.errors import RnntuiError
from rnntui.events import BaseChosen, BaselinesMeasured, CorpusInspected, Preparing, SpeedMeasured, TrainEvent
from rnntui.records import TrainRequest
from rnntui.tui.file_choice import suggest_name
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.training import form_messages
from rnntui.tui.training.advanced_fields import AdvancedFields
from rnntui.tui.training.file_chooser import FileChooser
from rnntui.tui.training.file_inspection import FileInspection
from rnntui.tui.training.form_rows import BaseSelect, MinutesField
from rnntui.tui.training.reading_bar import ReadingBar
from rnntui.tui.training.train_choices import TrainChoices, plan_run, plan_usual_times
from rnntui.tui.widgets.text_input import TextInput
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services


class TrainForm(Vertical):
    """What is asked before a run; says when one is to begin.

    Args:
        services: Know the models, and inspect files.
        desk: Where they are asked.
        id: The widget's id.
    """

    class Inspected(Message):
        """The inspection of the files has told something."""

    class Submitted(Message):
        """A run is to begin."""

        def __init__(self, request: TrainRequest) -> None:
            self.request = request
            super().__init__()

    def __init__(self, services: "Services", desk: Desk, id: str | None = None) -> None:
        super().__init__(id=id)
        self._services = services
        self._desk = desk
        self.inspection = FileInspection(services.training, lambda: self.post_message(self.Inspected()))
        """Finds out what is in the files."""
        self.files: tuple[Path, ...] = ()
        """The chosen files."""
        self._suggested_name = ""

    def compose(self) -> ComposeResult:
        """Files on the left, what was found in them on the right, the plan below."""
        fields = AdvancedFields(id="advanced-fields")
        self.reading = ReadingBar(fields, id="reading")
        """How the files are read."""
        yield Static(joined(("Train a network on your own text", "bold $text-primary")), id="form-title")
        with Horizontal(id="columns"):
            yield FileChooser(self._desk, id="files")
            with Vertical(id="chosen-files"):
                yield OptionList(id="chosen", compact=True)
                yield self.reading
                with VerticalScroll(id="report-scroll"):
                    yield Static(form_messages.render_empty_report(), id="report")
        yield fields
        yield Static(id="form-warning")
        with Horizontal(classes="row"):
            yield Label(shown_line("name"), classes="row-name")
            name = TextInput(id="name", compact=True, placeholder="from the first file")
            name.cursor_blink = False
            yield name
            yield Label(shown_line("start from"), id="base-name")
            yield BaseSelect(id="base")
        with Horizontal(classes="row"):
            yield Label(shown_line("minutes"), classes="row-name")
            yield MinutesField()
            yield Button(shown_line("Start"), id="start", variant="primary", compact=True, disabled=True)
            yield Button(shown_line("More settings"), id="advanced", compact=True)
        yield Static(id="form-message")

    def on_mount(self) -> None:
        """Show what may be chosen, and the plan for a usual text."""
        self.query_one(AdvancedFields).display = False
        self.query_one("#chosen").display = False
        self.query_one("#form-warning").display = False
        self.offer_models()
        self.show_plan()

    @property
    def choices(self) -> TrainChoices:
        """What is chosen now."""
        name, base = self.query_one("#name", Input).value, str(self.query_one(BaseSelect).value)
        return TrainChoices(
            self.files, name, self.query_one(MinutesField).text, base, self.query_one(AdvancedFields).choices
        )

    @property
    def _is_unfolded(self) -> bool:
        return self.query_one(AdvancedFields).display

    @property
    def is_idle(self) -> bool:
        """True when no file is being inspected."""
        return not self.inspection.is_running

    # ---- choosing files

    def add_files(self, typed: str, then: Callable[[bool], None] = lambda is_added: None) -> None:
        """Add what a line of text names, or say below the form that it names nothing.

        Args:
            typed: Paths, as they are typed, pasted or dropped.
            then: Called afterwards; False when nothing was added.
        """
        self.query_one(FileChooser).find(typed, then)

    @on(FileChooser.Found)
    def _add_found(self, event: FileChooser.Found) -> None:
        if fresh := [file for file in event.files if file not in self.files]:
            self._set_files([*self.files, *fresh])
        else:
            self.show_plan()

    @on(FileChooser.Refused)
    def _say_refused(self, event: FileChooser.Refused) -> None:
        self.say_wrong(event.sentence)

    @on(OptionList.OptionSelected, "#chosen")
    def _remove_selected(self, event: OptionList.OptionSelected) -> None:
        self._set_files([file for number, file in enumerate(self.files) if number != event.option_index])

    def _set_files(self, files: Sequence[Path]) -> None:
        self.files = tuple(files)
        self.reading.forget()
        chosen = self.query_one("#chosen", OptionList)
        chosen.clear_options()
        chosen.add_options(
            [Option(joined(("✕ ", "$foreground-disabled"), form_messages.render_file(file))) for file in files]
        )
        chosen.display = bool(files)
        name = self.query_one("#name", Input)
        if name.value in {"", self._suggested_name}:
            self._suggested_name = suggest_name(files)
            name.value = self._suggested_name
        self.say("")
        self._inspect()

    # ---- inspecting them

    def _inspect(self) -> None:
        self.inspection.begin(self.files, self.query_one(AdvancedFields).choices)
        self._show_start()
        self._show_warnings(())
        content = form_messages.render_empty_report()
        if self.files:
            content = shown_line("looking into the files …", "$foreground-muted")
        self.query_one("#report", Static).update(content)

    def end_inspection(self) -> None:
        """Inspect no further: measuring here what a trainer measures now would spoil both figures."""
        self.inspection.stop()

    def on_train_form_inspected(self) -> None:
        """Show what the inspection has told."""
        for event in self.inspection.take():
            self.show_inspected(event)

    def show_inspected(self, event: TrainEvent | Failed) -> None:
        """Show one event of the inspection, which the survey knows already."""
        report = self.query_one("#report", Static)
        match event:
            case Preparing() if self.inspection.survey.report is None:
                report.update(shown_line(form_messages.describe_preparing(event), "$foreground-muted"))
            case CorpusInspected() | SpeedMeasured():
                self.show_plan()
                self._show_report()
            case BaselinesMeasured() | BaseChosen():
                self._show_report()
            case Failed():
                sentence = f"{event.sentence} {event.next_step}".rstrip()
                self.reading.show((), sentence)
                report.update(shown_line(sentence, "$text-error", 600))
                if self._is_unfolded:  # the report is behind it
                    self.say_wrong(sentence)
            case _:
                pass
        self._show_start()

    def _show_report(self) -> None:
        survey, choices, cards = self.inspection.survey, self.choices, self.query_one(BaseSelect).cards
        if survey.report is None:
            return
        expected = plan_usual_times(self._services.training.preview_plan, survey, choices.find_base(survey, cards))
        beginning = choices.find_beginning(survey, cards)
        content = form_messages.render_report(
            survey.report, survey.baselines, expected, survey.words_per_second, beginning
        )
        self.query_one("#report", Static).update(content)
        self.reading.show(survey.report.texts)
        self._show_warnings(survey.report.warnings)

    def _show_warnings(self, warnings: Sequence[str]) -> None:
        said = self.query_one("#form-warning", Static)
        said.display = bool(warnings)
        said.update(form_messages.render_warning(warnings))

    def _show_start(self) -> None:
        self.query_one("#start", Button).disabled = self.inspection.survey.report is None
        self.refresh_bindings()

    # ---- what will be built

    def offer_models(self) -> None:
        """Read which models there are to begin from."""
        offer = self.query_one(BaseSelect).show_cards
        self._desk.ask(self._services.models, offer, lambda _: offer(()))

    def show_plan(self) -> None:
        """Show what the minutes, the fields and the model to begin from will build."""
        choices, survey = self.choices, self.inspection.survey
        base = choices.find_base(survey, self.query_one(BaseSelect).cards)
        try:
            plan = plan_run(self._services.training.preview_plan, choices, survey, base)
        except RnntuiError as problem:
            self.say_wrong(str(problem))
            return
        self.query_one(AdvancedFields).show_plan(plan.model, plan.config)
        content = Content("")
        if survey.report:
            minutes, is_measured = choices.budget_minutes, survey.speed is not None
            render = form_messages.render_plan if self._is_unfolded else form_messages.render_outlook
            content = render(minutes, plan, survey.report, base, is_measured)
        self.query_one("#form-message", Static).update(content)

    @on(Select.Changed, "#base")
    def _change_base(self) -> None:
        self.query_one(AdvancedFields).keep_shape(self.choices.has_base)
        self.show_plan()
        self._show_report()

    @on(AdvancedFields.Changed)
    @on(Input.Changed, "#minutes")
    def _change_plan(self) -> None:
        self.show_plan()

    @on(AdvancedFields.ReadingChanged)
    def _inspect_again(self) -> None:
        if self.files and self.inspection.is_outdated(self.query_one(AdvancedFields).choices):
            self._inspect()

    @on(Button.Pressed, "#advanced")
    def toggle_advanced(self) -> None:
        """Show the fields that are planned otherwise, or fold them."""
        self._show_advanced(not self._is_unfolded)

    def _show_advanced(self, is_shown: bool, first: str = "") -> None:
        fields = self.query_one(AdvancedFields)
        fields.display = is_shown
        self.query_one("#columns").display = not is_shown
        self.query_one("#advanced", Button).label = shown_line("Fewer settings" if is_shown else "More settings")
        self.show_plan()
        if is_shown:
            self.call_after_refresh(fields.unfold, first or ("dropout" if self.choices.has_base else "cell"))
        else:
            self.call_after_refresh(self.query_one("#path").focus)

    # ---- starting

    @on(Input.Submitted, "#name")
    def _go_to_minutes(self) -> None:
        self.query_one("#minutes").focus()

    @on(Input.Submitted, "#minutes")
    @on(Button.Pressed, "#start")
    def submit(self) -> None:
        """Ask for a run on the chosen files, or say what is wrong."""
        choices = self.choices
        try:
            request = choices.request(self.inspection.survey)
        except RnntuiError as problem:
            if self.inspection.survey.report and choices.advanced.problem:
                self._show_advanced(True, choices.advanced.problem.name)
            self.say_wrong(str(problem))
            self.app.notify(str(problem), severity="error")
            return
        self.post_message(self.Submitted(request))

    def say(self, sentence: str, style: str = "$foreground-muted") -> None:
        """Say something below the form."""
        self.query_one("#form-message", Static).update(shown_line(sentence, style, 400))

    def say_wrong(self, sentence: str) -> None:
        """Say what is wrong below the form."""
        self.say(sentence, "$text-error")
