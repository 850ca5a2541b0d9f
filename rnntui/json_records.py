"""The one decoder of JSON: text <-> frozen dataclasses, checked before it is believed, every surprise refused by name.

Knows the plain types that records and events are made of; nothing of files. What a file holds beyond its types, whoever
reads it checks with `require`.
"""

import contextlib
import dataclasses
import functools
import json
import math
import types
import typing
from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from rnntui.errors import InputError
from rnntui.records import ModelCard, ReadOptions, RunManifest, RunReport, SamplerSpan, Source
from rnntui.setting_fields import earlier_values, from_mapping
from rnntui.settings import UNCUT, ModelConfig, SamplerSettings, TrainConfig
from rnntui.text import quote

R = TypeVar("R")

_SETTINGS = (ModelConfig, SamplerSettings, TrainConfig)
_FIRST_RULES = frozenset({"top_k", "top_p", "min_p", "repetition_penalty"})
"""Rules of sampling that all that was ever written names; a later one was off before it was there."""
_ADDED: dict[type, dict[str, object]] = {
    SamplerSettings: {name: off for name, off in UNCUT.items() if name not in _FIRST_RULES},
    SamplerSpan: {"draft": 0},
    ModelCard: {
        "hardly_learned": [],
        "device": "cpu",
        "processes": 1,
        "arithmetic": "float32",
        "weight_kind": "float16",
        "base_name": "",
        "base_counts_bytes": 0,
        "is_typographic": False,
        "copying": None,
        "left_out": [],
    },
    ReadOptions: {"is_typographic": False, "speakers": [], "leave_out": []},
    Source: {"title": "", "author": "", "origin": "", "licence": ""},
    RunManifest: {"base_model": "", "is_typographic": False},
    RunReport: {
        "easier_share": 0.0,
        "held_out_seen_share": 0.0,
        "processes": 1,
        "arithmetic": "float32",
        "beginning": None,
        "warnings": [],
    },
}
"""Fields that what was written before does not have, and what held then; those of settings say it themselves."""
_LARGEST_WHOLE = 2**63 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class DecodeRules:
    """How much may be missing or odd in what is read."""

    longest_text: int = 20_000
    """Characters."""
    are_defaults_optional: bool = False
    """True where every field with a default may be missing; False where only what earlier versions lack may be."""
    has_special_numbers: bool = False
    """True where null in place of a number is not-a-number, and infinity is a word; False where neither is a number."""


STRICT = DecodeRules()


class JsonMismatch(ValueError):
    """The text is not what it should be; says which field and why, as part of a sentence."""


def format_record(record: Any) -> bytes:
    """A dataclass, or the values of one by name, as JSON, readable by people, one field a line."""
    values = record if isinstance(record, dict) else dataclasses.asdict(record)
    try:
        return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()
    except UnicodeEncodeError:  # half a character, as in odd file names: only escaped can it be kept
        return (json.dumps(values, indent=1) + "\n").encode()


def format_line(values: Mapping[str, Any]) -> bytes:
    """One line of JSON in ASCII, so that no control byte can hide in it; numbers come back to the last bit.

    Raises:
        JsonMismatch: If a number is infinite or not a number, for which JSON has no word.
    """
    try:
        return (json.dumps(values, allow_nan=False) + "\n").encode()
    except ValueError:
        raise JsonMismatch("holds a number that is not finite") from None


def parse_object(data: bytes | str, most_values: int | None = None, rules: DecodeRules = STRICT) -> dict[str, Any]:
    """The object that the text spells.

    Args:
        data: The whole text, or its bytes.
        rules: What may be odd in it.
        most_values: Text with more signs of lists and objects is refused unread: three bytes can become two hundred.

    Raises:
        JsonMismatch: If they are not UTF-8, not JSON, nested too deeply, or name something twice.
    """
    constant = float if rules.has_special_numbers else _no_constant
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        if most_values is not None and sum(map(text.count, ",[{")) > most_values:
            raise JsonMismatch(f"has more than {most_values:,} values")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=constant)
    except JsonMismatch:
        raise
    except RecursionError:
        raise JsonMismatch("is nested too deeply") from None
    except ValueError:  # also bad UTF-8 and numbers of thousands of digits
        raise JsonMismatch("is not JSON, or cut off") from None
    if not isinstance(value, dict):
        raise JsonMismatch("is not a JSON object")
    return value


def decode_record(kind: type[R], values: object, place: str = "", rules: DecodeRules = STRICT) -> R:
    """A dataclass from what JSON gave: exactly its fields, each of its type, numbers in range, settings too.

    Args:
        kind: The dataclass.
        values: What stands there.
        place: How the value is called in a sentence, such as "config."; empty at the top.
        rules: What may be missing or odd in it.

    Raises:
        JsonMismatch: If a field is missing that must be there, or one is unknown, of another type or out of range.
    """
    if not isinstance(values, dict):
        raise JsonMismatch(f"has no object in the field {_field(place.rstrip('.'))}")
    hints = _hints(typing.cast(type, kind))
    values = add_missing_fields(kind, values)
    optional = _optional_fields(typing.cast(type, kind)) if rules.are_defaults_optional else frozenset()
    for name in hints:
        if name not in values and name not in optional:
            raise JsonMismatch(f"lacks the field {_field(place + name)}")
    for name in values:
        if name not in hints:
            raise JsonMismatch(f"has the unknown field {_field(place + name)}")
    typed = {name: _typed(hints[name], values[name], place + name, rules) for name in hints if name in values}
    if kind not in _SETTINGS:
        return kind(**typed)
    try:
        return from_mapping(kind, typed)
    except InputError as problem:
        raise JsonMismatch(f"cannot be used: {problem.sentence.rstrip('.')}") from problem


def require(holds: bool, name: str, what: str) -> None:
    """Refuse a value of the right type that cannot stand in its field.

    Args:
        holds: Whether it can.
        name: The field.
        what: What it has instead, such as "a number out of range".

    Raises:
        JsonMismatch: If it cannot.
    """
    if not holds:
        raise JsonMismatch(f"has {what} in the field {_field(name)}")


@functools.cache
def _optional_fields(kind: type) -> frozenset[str]:
    return frozenset(entry.name for entry in dataclasses.fields(kind) if entry.default is not dataclasses.MISSING)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def add_missing_fields(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored names and values, with what held before the fields were there that they lack."""
    of_settings = earlier_values(kind) if kind in _SETTINGS else {}
    return {**_ADDED.get(kind, {}), **of_settings, **values}


def _typed(hint: Any, value: object, place: str, rules: DecodeRules) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return decode_record(hint, value, f"{place}.", rules)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return _one_of(inner, value, place, rules)
    if origin is tuple:
        if not isinstance(value, list):
            raise JsonMismatch(f"has no list in the field {_field(place)}")
        return tuple(_typed(inner[0], entry, f"{place}[{number}]", rules) for number, entry in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise JsonMismatch(f"has no object in the field {_field(place)}")
        return {
            _text(name, place, rules): _typed(inner[1], entry, f"{place}.{name}", rules)
            for name, entry in value.items()
        }
    return _plain(hint, value, place, rules)


def _plain(kind: Any, value: object, place: str, rules: DecodeRules) -> Any:
    if kind is str:
        return _text(value, place, rules)
    if kind is bool:
        if not isinstance(value, bool):
            raise JsonMismatch(f"has neither true nor false in the field {_field(place)}")
        return value
    if value is None and kind is float and rules.has_special_numbers:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int if kind is int else (int, float)):
        number = "whole number" if kind is int else "number"
        raise JsonMismatch(f"has no {number} in the field {_field(place)}")
    is_possible = abs(value) <= _LARGEST_WHOLE if isinstance(value, int) else math.isfinite(value)
    if not is_possible and not (isinstance(value, float) and rules.has_special_numbers):
        raise JsonMismatch(f"has an impossible number in the field {_field(place)}")
    return value if kind is int else float(value)


def _one_of(kinds: tuple[Any, ...], value: object, place: str, rules: DecodeRules) -> Any:
    if value is None and type(None) in kinds:
        return None
    if type(value) in kinds:
        return _plain(type(value), value, place, rules)
    first, *others = [kind for kind in kinds if kind is not type(None)]
    try:
        return _typed(first, value, place, rules)
    except JsonMismatch as problem:
        for kind in others:
            with contextlib.suppress(JsonMismatch):
                return _typed(kind, value, place, rules)
        raise problem


def _text(value: object, place: str, rules: DecodeRules) -> str:
    if not isinstance(value, str):
        raise JsonMismatch(f"has no text in the field {_field(place)}")
    if len(value) > rules.longest_text:
        raise JsonMismatch(f"has more than {rules.longest_text:,} characters in the field {_field(place)}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise JsonMismatch(f"has the field {_field(twice)} twice")
    return values


def _no_constant(name: str) -> None:
    raise JsonMismatch(f"has an impossible number ({name})")


def _field(place: str) -> str:
    """The name of a field, which may come from anybody, as a sentence holds it."""
    return quote(place, 80)
