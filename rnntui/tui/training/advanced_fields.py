"""What else can be chosen before training: empty fields are planned, and say what is planned for them.

Made from the settings' own ranges and help. A value that does not fit is said beside the field, as soon as it is typed.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Label, Static

from rnntui.config import AppSettings
from rnntui.errors import InputError, RnntuiError
from rnntui.records import ReadOptions
from rnntui.settings import DEVICE_CHOICES, ModelConfig, TrainConfig, checked_value, is_left_open
from rnntui.text import clean
from rnntui.tui.file_choice import chosen_files
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_input import TextInput

SHAPE = ("cell", "hidden_size", "embedding_size", "layers", "vocabulary_limit")
"""What a model that goes on keeps."""
_TRAINING = ("dropout", "learning_rate", "rows", "seed", "threads", "processes", "arithmetic")
_LINES = {"join": True, "keep": False}
_KEPT = "the model keeps its own"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field with a value that does not fit."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    label: str
    help: str
    check: Callable[[str], object]
    planned: str = ""
    """What an empty field means, where no plan says so."""
    is_path: bool = False


def _setting(owner: type, name: str, label: str = "") -> _Field:
    entry = next(entry for entry in dataclasses.fields(owner) if entry.name == name)
    shown = label or name.replace("_", " ")
    choices = entry.metadata["choices"]
    text = entry.metadata["help"] + (f": {', '.join(choices)}" if choices else "")
    planned = "measured" if entry.metadata["is_measured"] else ""

    def checked(typed: str) -> object:
        return None if is_left_open(owner, name, typed) else checked_value(owner, name, typed, shown)

    return _Field(name, shown, text, checked, planned)


def _device(typed: str) -> str | None:
    choice = checked_value(AppSettings, "device", typed, "device")
    return None if choice == DEVICE_CHOICES[0] else str(choice)


def _one_file(typed: str) -> Path:
    files = chosen_files(typed)
    if len(files) != 1:
        raise InputError("Only one file can be held out.", "Name a single file.")
    return files[0]


def _lines(typed: str) -> bool:
    if typed not in _LINES:
        raise InputError("Lines cannot be treated like that.", "Write join or keep, or nothing.")
    return _LINES[typed]


FIELDS = (
    *(_setting(ModelConfig, name, "vocabulary" if name == "vocabulary_limit" else "") for name in SHAPE),
    *(_setting(TrainConfig, name) for name in _TRAINING),
    dataclasses.replace(_setting(AppSettings, "device"), check=_device, planned="auto"),
    _Field("validation", "held-out file", "a text to measure on", _one_file, "end of the text", True),
    _Field("encoding", "encoding", "of the files, such as utf-8 or cp1252", str, "found out"),
    _Field("field", "field or column", "of .jsonl and .csv files: where the text is", str, "the longest"),
    _Field("lines", "wrapped lines", "join or keep lines that were broken to a width", _lines, "found out"),
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

    def compose(self) -> ComposeResult:
        """The rows."""
        for field in FIELDS:
            with Horizontal(classes="advanced-row"):
                yield Label(shown_line(field.label), classes="advanced-name")
                yield _control(field)
                yield Static(shown_line(field.help), id=f"about-{field.name}", classes="advanced-help")

    @property
    def wrong(self) -> Wrong | None:
        """The first field with a value that does not fit."""
        for field in FIELDS:
            _, sentence = self._checked(field)
            if sentence:
                return Wrong(field.name, sentence)
        return None

    @property
    def overrides(self) -> dict[str, str | int | float | bool]:
        """Fields of ModelConfig and TrainConfig that are set and fit."""
        values = {field.name: self._checked(field)[0] for field in FIELDS if field.name not in _READING}
        return {name: value for name, value in values.items() if isinstance(value, str | int | float)}

    @property
    def validation_file(self) -> str:
        """Held-out text of its own, as an absolute path; empty when there is none, or it does not fit."""
        value, _ = self._checked(_field("validation"))
        return str(value) if value else ""

    @property
    def reading(self) -> ReadOptions:
        """How the files are to be read."""
        lines, _ = self._checked(_field("lines"))
        return ReadOptions(self._typed("encoding"), self._typed("field"), lines if isinstance(lines, bool) else None)

    def show_plan(self, model: ModelConfig, config: TrainConfig) -> None:
        """Show what is planned for the empty fields."""
        planned: Mapping[str, object] = {**dataclasses.asdict(model), **dataclasses.asdict(config)}
        for field in FIELDS:
            if field.name in planned and not field.planned:
                self._input(field.name).placeholder = shown_line(_written(planned[field.name])).plain

    def keep_shape(self, is_kept: bool) -> None:
        """A model that goes on has its shape already."""
        for name in SHAPE:
            control = self._input(name)
            control.disabled = is_kept
            if is_kept:
                control.clear()
            self._show_about(_field(name))

    def go_to(self, name: str) -> None:
        """Put the cursor into a field."""
        self._input(name).focus()

    def _input(self, name: str) -> Input:
        return self.query_one(f"#advanced-{name}", Input)

    def _typed(self, name: str) -> str:
        return clean(self._input(name).value).text.strip()

    def _checked(self, field: _Field) -> tuple[object, str]:
        """A value and no sentence, or nothing and what is wrong with it; an empty field is nothing."""
        typed = self._typed(field.name)
        if not typed or self._input(field.name).disabled:
            return None, ""
        try:
            return field.check(typed), ""
        except RnntuiError as problem:
            return None, str(problem)

    def _show_about(self, field: _Field) -> None:
        _, sentence = self._checked(field)
        about = self.query_one(f"#about-{field.name}", Static)
        about.set_class(bool(sentence), "-wrong")
        usual = _KEPT if self._input(field.name).disabled else field.help
        about.update(shown_line(sentence or usual, "", 300))

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        event.stop()
        field = _field((event.input.id or "").removeprefix("advanced-"))
        if not field.is_path:  # a path is complete when the person says so
            self._show_about(field)
        if field.name not in _READING:
            self.post_message(self.Changed())

    @on(Input.Submitted)
    @on(Input.Blurred)
    def _settle(self, event: Input.Submitted | Input.Blurred) -> None:
        event.stop()
        field = _field((event.input.id or "").removeprefix("advanced-"))
        self._show_about(field)
        if field.name in _READING:
            self.post_message(self.ReadingChanged())
        if isinstance(event, Input.Submitted):
            self.screen.focus_next()

    @on(PathInput.PathsPasted)
    def _take_pasted(self, event: PathInput.PathsPasted) -> None:
        event.stop()
        self._input("validation").value = event.text.splitlines()[0].strip("'\"") if event.text else ""


def _control(field: _Field) -> Input:
    name = f"advanced-{field.name}"
    control = PathInput(id=name) if field.is_path else TextInput(id=name)
    control.compact = True
    control.placeholder = shown_line(field.planned).plain
    control.cursor_blink = False
    return control


def _field(name: str) -> _Field:
    return next(field for field in FIELDS if field.name == name)


def _written(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
