"""What else can be chosen before training: empty fields are planned, and say what is planned for them.

Made from the settings' own ranges and help. A value that does not fit is said beside the field, as soon as it is typed.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Label, Static

from rnntui.config import AppSettings
from rnntui.errors import InputError, RnntuiError
from rnntui.records import ReadOptions
from rnntui.setting_fields import checked_value, form_fields, is_left_open
from rnntui.settings import DEVICE_CHOICES, ModelConfig, TrainConfig
from rnntui.text import clean
from rnntui.tui.file_choice import find_files
from rnntui.tui.safe import shown_line
from rnntui.tui.training.train_choices import AdvancedChoices, FieldProblem
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_input import TextInput

SHAPE = form_fields(ModelConfig)
"""What a model that goes on keeps."""
_LINES = {"join": True, "keep": False}
_KEPT = "the model keeps its own"


@dataclass(frozen=True, slots=True)
class AdvancedField:
    """One field: what it is called, what it means, and what a typed text is worth."""

    name: str
    label: str
    help: str
    check: Callable[[str], object]
    """Typed text -> value, None for what is left open; refuses what does not fit."""
    planned: str = ""
    """What an empty field means, where no plan says so."""
    is_path: bool = False


def _setting_field(owner: type, name: str, label: str = "") -> AdvancedField:
    entry = next(entry for entry in dataclasses.fields(owner) if entry.name == name)
    shown = label or name.replace("_", " ")
    choices = entry.metadata["choices"]
    text = entry.metadata["help"] + (f": {', '.join(choices)}" if choices else "")
    planned = "measured" if entry.metadata["is_measured"] else ""

    def check(typed: str) -> object:
        return None if is_left_open(owner, name, typed) else checked_value(owner, name, typed, shown)

    return AdvancedField(name, shown, text, check, planned)


def _parse_device(typed: str) -> str | None:
    choice = checked_value(AppSettings, "device", typed, "device")
    return None if choice == DEVICE_CHOICES[0] else str(choice)


def _find_file(typed: str) -> Path:
    files = find_files(typed)
    if len(files) != 1:
        raise InputError("Only one file can be held out.", "Name a single file.")
    return files[0]


def _parse_lines(typed: str) -> bool:
    if typed not in _LINES:
        raise InputError("Lines cannot be treated like that.", "Write join or keep, or nothing.")
    return _LINES[typed]


FIELDS = (
    *(_setting_field(ModelConfig, name, "vocabulary" if name == "vocabulary_limit" else "") for name in SHAPE),
    *(_setting_field(TrainConfig, name) for name in form_fields(TrainConfig)),
    dataclasses.replace(_setting_field(AppSettings, "device"), check=_parse_device, planned="auto"),
    AdvancedField("validation", "held-out file", "a text to measure on", _find_file, "end of the text", True),
    AdvancedField("encoding", "encoding", "of the files, such as utf-8 or cp1252", str, "found out"),
    AdvancedField("field", "field or column", "of .jsonl and .csv files: where the text is", str, "the longest"),
    AdvancedField(
        "lines", "wrapped lines", "join or keep lines that were broken to a width", _parse_lines, "found out"
    ),
)
_READING = ("validation", "encoding", "field", "lines")


class AdvancedFields(VerticalScroll):
    """One row for each field: its name, its value, and what it means or what is wrong with it."""

    DEFAULT_CSS = """
    AdvancedFields { height: 1fr; scrollbar-size-vertical: 1; }
    AdvancedFields > .advanced-row { height: auto; min-height: 1; }
    AdvancedFields .advanced-name { width: 16; color: $foreground; }
    AdvancedFields Input, AdvancedFields PathInput {
        width: 20; height: 1; border: none; padding: 0 1; margin-right: 2; background: $surface;
    }
    AdvancedFields Input:focus { background: $primary-muted; border: none; }
    AdvancedFields .advanced-help {
        width: 1fr; height: auto; max-height: 2; color: $text-disabled;
    }
    AdvancedFields .advanced-help.-wrong { color: $text-error; max-height: 4; }
    """
    HELP = (
        "What is left empty is planned from the text and the minutes; the grey value is the plan. Tab goes to the next "
        "field, {advanced} folds them again. What does not fit is said beside it."
    )

    class Changed(Message):
        """A value changed that the plan depends on."""

    class ReadingChanged(Message):
        """What is read, or how, changed: the files have to be looked into again."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._is_made = False
        """The rows are most of the form's widgets, and few people look at them: they are made when they are seen."""
        self._is_kept = False
        self._plan: tuple[ModelConfig, TrainConfig] | None = None
        self._said = ReadOptions()
        """What was said of the files; what the rows say of them overrules it."""

    async def unfold(self, name: str) -> None:
        """Show the rows, made now if they were not yet, with the cursor in this field."""
        if not self._is_made:
            await self.mount_all([_make_row(field) for field in FIELDS])
            self._is_made = True
            self.keep_shape(self._is_kept)
            if self._plan:
                self.show_plan(*self._plan)
            self._write_reading()
        self._input(name).focus()

    @property
    def reading(self) -> ReadOptions:
        """What the person says of the files."""
        if not self._is_made:
            return self._said
        lines, _ = self._check(find_field("lines"))
        return dataclasses.replace(
            self._said,
            encoding=self._text_of("encoding"),
            field=self._text_of("field"),
            join_lines=lines if isinstance(lines, bool) else None,
        )

    def take_reading(self, options: ReadOptions) -> None:
        """Something else is said of the files."""
        self._said = options
        if self._is_made:
            self._write_reading()
        self.post_message(self.ReadingChanged())

    def _write_reading(self) -> None:
        said = self._said
        self._input("encoding").value = said.encoding
        self._input("lines").value = next((word for word, meant in _LINES.items() if meant == said.join_lines), "")

    @property
    def choices(self) -> AdvancedChoices:
        """What is set, and the first field that does not fit."""
        if not self._is_made:
            return AdvancedChoices(options=self._said)
        checks = {field.name: self._check(field) for field in FIELDS}
        values = {name: value for name, (value, _) in checks.items()}
        problem = next((FieldProblem(name, sentence) for name, (_, sentence) in checks.items() if sentence), None)
        overrides = {
            name: value
            for name, value in values.items()
            if name not in _READING and isinstance(value, str | int | float)
        }
        return AdvancedChoices(overrides, self.reading, str(values["validation"] or ""), problem)

    def show_plan(self, model: ModelConfig, config: TrainConfig) -> None:
        """Show what is planned for the empty fields."""
        self._plan = (model, config)
        if not self._is_made:
            return
        planned: Mapping[str, object] = {**dataclasses.asdict(model), **dataclasses.asdict(config)}
        for field in FIELDS:
            if field.name in planned and not field.planned:
                self._input(field.name).placeholder = shown_line(_format(planned[field.name])).plain

    def keep_shape(self, is_kept: bool) -> None:
        """A model that goes on has its shape already."""
        self._is_kept = is_kept
        for name in SHAPE if self._is_made else ():
            control = self._input(name)
            control.disabled = is_kept
            if is_kept:
                control.clear()
            self._show_about(find_field(name))

    def _input(self, name: str) -> Input:
        return self.query_one(f"#advanced-{name}", Input)

    def _text_of(self, name: str) -> str:
        return clean(self._input(name).value).text.strip()

    def _check(self, field: AdvancedField) -> tuple[object, str]:
        """A value and no sentence, or nothing and what is wrong with it; an empty field is nothing."""
        typed = self._text_of(field.name)
        if not typed or self._input(field.name).disabled:
            return None, ""
        try:
            return field.check(typed), ""
        except RnntuiError as problem:
            return None, str(problem)

    def _show_about(self, field: AdvancedField) -> None:
        _, sentence = self._check(field)
        about = self.query_one(f"#about-{field.name}", Static)
        about.set_class(bool(sentence), "-wrong")
        usual = _KEPT if self._input(field.name).disabled else field.help
        about.update(shown_line(sentence or usual, "", 300))

    @on(Input.Changed)
    def _check_typed(self, event: Input.Changed) -> None:
        event.stop()
        field = find_field((event.input.id or "").removeprefix("advanced-"))
        if not field.is_path:  # a path is complete when the person says so
            self._show_about(field)
        if field.name not in _READING:
            self.post_message(self.Changed())

    @on(Input.Submitted)
    @on(Input.Blurred)
    def _check_settled(self, event: Input.Submitted | Input.Blurred) -> None:
        event.stop()
        field = find_field((event.input.id or "").removeprefix("advanced-"))
        self._show_about(field)
        if field.name in _READING:
            self.post_message(self.ReadingChanged())
        if isinstance(event, Input.Submitted):
            self.screen.focus_next()

    @on(PathInput.PathsPasted)
    def _take_pasted(self, event: PathInput.PathsPasted) -> None:
        event.stop()
        self._input("validation").value = event.text.splitlines()[0].strip("'\"") if event.text else ""


def _make_row(field: AdvancedField) -> Horizontal:
    return Horizontal(
        Label(shown_line(field.label), classes="advanced-name"),
        _make_input(field),
        Static(shown_line(field.help), id=f"about-{field.name}", classes="advanced-help"),
        classes="advanced-row",
    )


def _make_input(field: AdvancedField) -> Input:
    name = f"advanced-{field.name}"
    control = PathInput(id=name) if field.is_path else TextInput(id=name)
    control.compact = True
    control.placeholder = shown_line(field.planned).plain
    control.cursor_blink = False
    return control


def find_field(name: str) -> AdvancedField:
    """The field with this name."""
    return next(field for field in FIELDS if field.name == name)


def _format(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
