"""Every setting of the draw in one dialog, made from the fields' own ranges and help; the pace and the join as well."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Label, Select, Static

from rnntui.config import AppSettings
from rnntui.errors import InputError
from rnntui.setting_fields import accepted_words, changed, checked_value, word_for
from rnntui.settings import SamplerSettings
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.text_input import TextInput


@dataclass(frozen=True, slots=True)
class ChosenSettings:
    """What the person settled on."""

    sampler: SamplerSettings
    pace: float
    join: str


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field of a settings class, and the value it has."""

    owner: type
    name: str
    value: object

    @property
    def facts(self) -> dict[str, object]:
        """What the settings class declares of it: help, range, choices."""
        entry = next(entry for entry in dataclasses.fields(self.owner) if entry.name == self.name)
        return dict(entry.metadata)

    @property
    def label(self) -> str:
        """Its name as it stands beside it."""
        return word_for(self.owner, self.name)

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that it can have; empty where there are too many to list."""
        choices = self.facts["choices"]
        return choices if isinstance(choices, tuple) else ()

    @property
    def text(self) -> str:
        """The value as it is typed; empty for none."""
        return "" if self.value is None else f"{self.value:.12g}" if isinstance(self.value, float) else str(self.value)


class SettingsScreen(Dialog[ChosenSettings]):
    """Closes with the chosen settings, or with nothing when the person went back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("settings")
    HELP = "Tab moves between the fields, Enter or {settings-take} applies all of them, Esc goes back without a change."

    def __init__(self, sampler: SamplerSettings, pace: float, join: str) -> None:
        super().__init__()
        self._sampler = sampler
        own = [SettingField(SamplerSettings, entry.name, getattr(sampler, entry.name)) for entry in _fields()]
        self._fields = (*own, SettingField(AppSettings, "pace", pace), SettingField(AppSettings, "join", join))

    def compose(self) -> ComposeResult:
        """One row for each field, with its help or what is wrong with it below."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("How the next word is drawn"), classes="dialog-title")
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._fields:
                    with Horizontal(classes="field"):
                        yield Label(shown_line(field.label), classes="field-name")
                        yield self._control(field)
                    yield Static(shown_line(str(field.facts["help"])), id=f"help-{field.name}", classes="field-help")
            with Horizontal(classes="buttons"):
                yield Button(shown_line("Apply"), id="take", variant="primary", compact=True)
                yield Button(shown_line("Back"), id="leave", compact=True)

    def _control(self, field: SettingField) -> Input | Select[str]:
        if field.choices:
            named = zip(accepted_words(field.owner, field.name), field.choices, strict=True)
            options = [(shown_line(word), choice) for word, choice in named]
            return Select(options, value=str(field.value), allow_blank=False, compact=True, id=f"field-{field.name}")
        control = TextInput(field.text, id=f"field-{field.name}", compact=True, placeholder="")
        control.cursor_blink = False
        return control

    @on(Input.Blurred)
    @on(Input.Changed)
    def _check(self, event: Input.Blurred | Input.Changed) -> None:
        name = (event.input.id or "").removeprefix("field-")
        field = next(entry for entry in self._fields if entry.name == name)
        self._check_field(field)

    def _check_field(self, field: SettingField) -> tuple[object, bool]:
        control = self.query_one(f"#field-{field.name}")
        text = control.value if isinstance(control, Input | Select) else ""
        below = self.query_one(f"#help-{field.name}", Static)
        try:
            value = checked_value(field.owner, field.name, None if _is_none(field, text) else text)
        except InputError as problem:
            below.update(shown_line(str(problem)))
            below.add_class("-wrong")
            return None, False
        below.update(shown_line(str(field.facts["help"])))
        below.remove_class("-wrong")
        return value, True

    @on(Input.Submitted)
    @on(Button.Pressed, "#take")
    def action_take(self) -> None:
        """Take all fields, if all of them fit; otherwise go to the first that does not."""
        checked = {field.name: self._check_field(field) for field in self._fields}
        wrong = next((name for name, (_, fits) in checked.items() if not fits), None)
        if wrong:
            self.query_one(f"#field-{wrong}").focus()
            return
        values = {name: value for name, (value, _) in checked.items()}
        pace, join = float(str(values.pop("pace"))), str(values.pop("join"))
        self.dismiss(ChosenSettings(changed(self._sampler, **values), pace, join))

    @on(Button.Pressed, "#leave")
    def _leave(self) -> None:
        self.action_leave()


def _fields() -> tuple[dataclasses.Field[object], ...]:
    return dataclasses.fields(SamplerSettings)


def _is_none(field: SettingField, text: object) -> bool:
    return field.name == "seed" and str(text).strip() == ""
