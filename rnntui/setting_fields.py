"""A field of settings that knows how it is shown, checked and read back, and what is asked of such fields.

The dataclasses themselves are in `rnntui.settings`.
"""

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rnntui.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slider:
    """How the app moves a setting by keys and mouse, and how it writes the value. Every field may be left out."""

    label: str = ""
    """What a person calls it, wherever it is named; empty for the field's name in words. Beside a bar stand as many of
    its words as there is room for."""
    stops: tuple[object, ...] = ()
    """The values that a step goes through; empty for evenly spaced ones."""
    step: float = 0.0
    """Between evenly spaced values; 0 is a twentieth of the range."""
    last: float | None = None
    """The last of these; None for the highest value there is."""
    fine: float | None = None
    """A small step; 0 where there is none, None for a fifth of the step."""
    snaps: bool = True
    """True when a step from between two stops goes to the nearer one in that direction; False adds the step."""
    shown: str = ""
    """Format of a value, such as "{:,} words"; empty for the plain number or word."""
    names: Mapping[object, str] = field(default_factory=dict)
    """Single values that are written as a word, and may be typed so."""
    is_in_panel: bool = True
    """False where there is no room for it: the dialog of all settings has it all the same."""


def setting(
    default: Any,
    *,
    help: str,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    is_measured: bool = False,
    off: float | None = None,
    slider: Slider = Slider(),
    flag: bool | str = False,
    form_row: int = 0,
    earlier: Any = None,
) -> Any:
    """A dataclass field that knows how it is shown, checked and read back.

    Args:
        default: Its usual value.
        help: What it does.
        low: Smallest value; None where that makes no sense.
        high: Largest value, likewise.
        unit: Of a number.
        choices: The words that are allowed; empty for any.
        is_measured: Found out by trying, where the person does not say it or says "auto".
        flag: Whether `rnntui train` has a flag for it, or the flag's own name without the dashes.
        form_row: Its place among the rows of the form for a training; 0 where it has none.
        earlier: What held before the field was there, for files that lack it; None where no version was without it.
        off: A rule of sampling changes nothing while it is there; presets that do not name it put it there.
        slider: How it is turned in the panel.
    """
    facts = {
        "help": help,
        "low": low,
        "high": high,
        "unit": unit,
        "choices": choices,
        "is_measured": is_measured,
        "off": off,
        "slider": slider,
        "flag": flag,
        "form_row": form_row,
        "earlier": earlier,
    }
    return field(default=default, metadata=facts)


def flags(owner: type) -> dict[str, str]:
    """The fields of a settings class that `rnntui train` has flags for, by their names there, without dashes."""
    marked = ((entry.name, entry.metadata["flag"]) for entry in dataclasses.fields(owner))
    return {name if flag is True else flag: name for name, flag in marked if flag}


def form_fields(owner: type) -> tuple[str, ...]:
    """The fields of a settings class that the form for a training has rows for, in the order of the rows."""
    rows = [(entry.metadata["form_row"], entry.name) for entry in dataclasses.fields(owner)]
    return tuple(name for row, name in sorted(rows) if row)


def earlier_values(owner: type) -> dict[str, object]:
    """What held for the fields of a settings class that files of earlier versions lack."""
    marked = ((entry.name, entry.metadata["earlier"]) for entry in dataclasses.fields(owner))
    return {name: value for name, value in marked if value is not None}


def facts_of(owner: type, name: str) -> Mapping[str, Any]:
    """What a settings class declares of one of its fields."""
    return next(entry for entry in dataclasses.fields(owner) if entry.name == name).metadata


def word_for(owner: type, name: str) -> str:
    """What a field of a settings class is called, wherever a person reads it."""
    return facts_of(owner, name)["slider"].label or name.replace("_", " ")


def shown_value(owner: type, name: str, value: object) -> str:
    """How a value is written, wherever a person reads it."""
    slider: Slider = facts_of(owner, name)["slider"]
    if value in slider.names:
        return slider.names[value]
    if slider.shown:
        return slider.shown.format(value)
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def accepted_words(owner: type, name: str) -> tuple[str, ...]:
    """The choices of a field as a person reads them; empty for a number or a text. What is kept is accepted as well."""
    return tuple(shown_value(owner, name, choice) for choice in facts_of(owner, name)["choices"])


@functools.cache
def setting_type(owner: type, name: str) -> tuple[type, bool]:
    """The plain type of a field, and whether None is allowed."""
    hint = typing.get_type_hints(owner)[name]
    parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    plain = next(part for part in parts if part is not type(None))
    return plain, type(None) in parts


def is_left_open(owner: type, name: str, value: object) -> bool:
    """Whether "auto" stands for a field of `owner` that is measured then."""
    return value == "auto" and bool(facts_of(owner, name)["is_measured"])


def checked_value(owner: type, name: str, value: object, shown_as: str = "") -> Any:
    """A value for the field `name` of `owner`, converted to its type and inside its range.

    Args:
        owner: One of the settings dataclasses.
        name: A field of it.
        value: A string from a flag, a number from a slider or a configuration file, or None where that is allowed.
        shown_as: How the person knows the field ("--top-k"); the field's name in words when empty.

    Raises:
        InputError: If the value is of the wrong kind, not finite, or outside the range.
    """
    facts = facts_of(owner, name)
    label = shown_as or word_for(owner, name)
    kind, optional = setting_type(owner, name)
    if value is None and optional:
        return None
    value = _as_meant(facts, value)
    if facts["choices"]:
        if value not in facts["choices"]:
            words = facts["choices"] if label.startswith("--") else accepted_words(owner, name)
            raise InputError(f"{label} cannot be {_quoted(value)}.", f"Choose {_listed(words)}.")
        return value
    if kind is bool:
        return _checked_bool(label, value)
    if kind is str:
        return _checked_word(label, value)
    number = _checked_number(label, kind, value)
    if not facts["low"] <= number <= facts["high"]:
        raise InputError(
            f"{label} cannot be {_quoted(value)}.",
            f"Give a number from {_plain(facts['low'])} to {_plain(facts['high'])}.",
        )
    return number


def changed(settings: T, **values: object) -> T:
    """A copy of a settings dataclass with some fields replaced, each checked.

    Raises:
        InputError: If a name is not a field, or a value does not fit.
    """
    owner = type(settings)
    known = {entry.name for entry in dataclasses.fields(owner)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            raise InputError(f"There is no setting {_quoted(name)}.", f"Known settings are {_listed(sorted(known))}.")
    fresh = {name: checked_value(owner, name, value) for name, value in values.items()}
    return dataclasses.replace(settings, **fresh)  # type: ignore[type-var]


def from_mapping(owner: type[T], values: Mapping[str, object]) -> T:
    """Build a settings dataclass from stored names and values, each checked; missing fields take their defaults."""
    return changed(owner(), **values)


def _as_meant(facts: Mapping[str, Any], value: object) -> object:
    """A value that was typed as it is shown, or "off" for a rule, as it is kept."""
    if not isinstance(value, str):
        return value
    typed = value.strip().casefold()
    names = facts["slider"].names
    is_off = typed == "off" and facts["off"] is not None
    return facts["off"] if is_off else next((kept for kept, name in names.items() if name == typed), value)


def _checked_bool(label: str, value: object) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise InputError(f"{label} cannot be {_quoted(value)}.", "Say yes or no.")


def _checked_word(label: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise InputError(f"{label} must be text, not {_quoted(value)}.", 'Put it in quotes, such as "name".')


def _checked_number(label: str, kind: type, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InputError(f"{label} must be a number, not {_quoted(value)}.", "Write it with digits, such as 0.8.")
    try:
        number = float(value)
        whole = int(value) if isinstance(value, (int, str)) and kind is int else None
    except (ValueError, OverflowError):
        kind_word = "a whole number" if kind is int else "a number"
        example = "40" if kind is int else "0.8"
        raise InputError(
            f"{label} must be {kind_word}, not {_quoted(value)}.", f"Write it with digits, such as {example}."
        ) from None
    if not math.isfinite(number):
        raise InputError(f"{label} cannot be {_quoted(value)}.", "Give an ordinary, finite number.")
    if kind is int:
        if whole is None and number != int(number):
            raise InputError(f"{label} must be a whole number, not {_quoted(value)}.", "Leave out the decimals.")
        return int(number) if whole is None else whole
    return number


def _quoted(value: object) -> str:
    if not isinstance(value, (str, int, float, type(None))):
        return f"a {type(value).__name__}"
    try:
        text = str(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "a number with thousands of digits"
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'


def _plain(number: float) -> str:
    return f"{number:,.12g}" if abs(number) < 1e15 else str(int(number))


def _listed(words: typing.Iterable[str]) -> str:
    *most, last = [str(word) for word in words]
    return f"{', '.join(most)} or {last}" if most else last
