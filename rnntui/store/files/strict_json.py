"""JSON that is checked before it is believed: bytes <-> frozen dataclasses, with every surprise refused by name.

Knows the plain types that records are made of; nothing of files.
"""

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
from rnntui.settings import ModelConfig, SamplerSettings, TrainConfig, from_mapping

R = TypeVar("R")

LONGEST_TEXT = 20_000
_SETTINGS = (ModelConfig, SamplerSettings, TrainConfig)
_ADDED: dict[type, dict[str, object]] = {
    ModelConfig: {"softmax_groups": 2, "softmax_growth": 4.0, "word_parts": 0},
    SamplerSettings: {
        "spelling": "free",
        "typical_p": 1.0,
        "eta": 0.0,
        "own_words": 1.0,
        "loop_penalty": 0.0,
        "loop_length": 5,
        "drafts": 1,
    },
    SamplerSpan: {"draft": 0},
    TrainConfig: {"device": "cpu", "arithmetic": "float32", "processes": 1, "keeps_base": False, "most_passes": 0.0},
    ModelCard: {
        "hardly_learned": [],
        "device": "cpu",
        "processes": 1,
        "arithmetic": "float32",
        "weight_kind": "float16",
        "base_name": "",
        "base_counts_bytes": 0,
        "is_typographic": False,
    },
    ReadOptions: {"is_typographic": False},
    Source: {"title": "", "author": "", "origin": "", "licence": ""},
    RunManifest: {"base_model": "", "is_typographic": False},
    RunReport: {
        "easier_share": 0.0,
        "held_out_seen_share": 0.0,
        "processes": 1,
        "arithmetic": "float32",
        "beginning": None,
    },
}
"""Fields that what was written before does not have, and what held then."""
_LARGEST_WHOLE = 2**63 - 1


class Mismatch(Exception):
    """The text is not what it should be; says which field and why, as part of a sentence."""


def dumps(record: Any) -> bytes:
    """A dataclass, or the values of one by name, as JSON, readable by people, one field a line."""
    values = record if isinstance(record, dict) else dataclasses.asdict(record)
    try:
        return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()
    except UnicodeEncodeError:  # half a character, as in odd file names: only escaped can it be kept
        return (json.dumps(values, indent=1) + "\n").encode()


def line(values: Mapping[str, Any]) -> bytes:
    """One line of JSON in ASCII, so that no control byte can hide in it; numbers come back to the last bit.

    Raises:
        Mismatch: If a number is infinite or not a number, for which JSON has no word.
    """
    try:
        return (json.dumps(values, allow_nan=False) + "\n").encode()
    except ValueError:
        raise Mismatch("holds a number that is not finite") from None


def loads(data: bytes, most_values: int | None = None) -> dict[str, Any]:
    """The object that the bytes spell.

    Args:
        data: The whole text.
        most_values: Text with more signs of lists and objects is refused unread: three bytes can become two hundred.

    Raises:
        Mismatch: If they are not UTF-8, not JSON, nested too deeply, or name something twice.
    """
    if most_values is not None and sum(map(data.count, (b",", b"[", b"{"))) > most_values:
        raise Mismatch(f"has more than {most_values:,} values")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise Mismatch("is nested too deeply") from None
    except ValueError:  # also bad UTF-8 and numbers of thousands of digits
        raise Mismatch("is not JSON, or cut off") from None
    if not isinstance(value, dict):
        raise Mismatch("is not a JSON object")
    return value


def record_from(kind: type[R], values: object, place: str = "", longest_text: int = LONGEST_TEXT) -> R:
    """A dataclass from what JSON gave: exactly its fields, each of its type, numbers finite, settings in range.

    Args:
        kind: The dataclass.
        values: What stands there.
        place: How the value is called in a sentence, such as "config."; empty at the top.
        longest_text: How many characters a text may have.

    Raises:
        Mismatch: If a field is missing that was always there, or one is unknown, of another type or out of range.
    """
    if not isinstance(values, dict):
        raise Mismatch(f"has no object in the field {_quoted(place.rstrip('.'))}")
    hints = _hints(typing.cast(type, kind))
    values = completed(kind, values)
    for name in hints:
        if name not in values:
            raise Mismatch(f"lacks the field {_quoted(place + name)}")
    for name in values:
        if name not in hints:
            raise Mismatch(f"has the unknown field {_quoted(place + name)}")
    typed = {name: _typed(hint, values[name], place + name, longest_text) for name, hint in hints.items()}
    if kind not in _SETTINGS:
        return kind(**typed)
    try:
        return from_mapping(kind, typed)
    except InputError as problem:
        raise Mismatch(f"cannot be used: {problem.sentence.rstrip('.')}") from problem


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def completed(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored names and values, with what held before the fields were there that they lack."""
    return {**_ADDED.get(kind, {}), **values}


def _typed(hint: Any, value: object, place: str, longest: int) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return record_from(hint, value, f"{place}.", longest)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return _one_of(inner, value, place, longest)
    if origin is tuple:
        if not isinstance(value, list):
            raise Mismatch(f"has no list in the field {_quoted(place)}")
        return tuple(_typed(inner[0], entry, f"{place}[{number}]", longest) for number, entry in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise Mismatch(f"has no object in the field {_quoted(place)}")
        return {
            _text(name, place, longest): _typed(inner[1], entry, f"{place}.{name}", longest)
            for name, entry in value.items()
        }
    return _plain(hint, value, place, longest)


def _plain(kind: Any, value: object, place: str, longest: int) -> Any:
    if kind is str:
        return _text(value, place, longest)
    if kind is bool:
        if not isinstance(value, bool):
            raise Mismatch(f"has neither true nor false in the field {_quoted(place)}")
        return value
    if isinstance(value, bool) or not isinstance(value, int if kind is int else (int, float)):
        number = "whole number" if kind is int else "number"
        raise Mismatch(f"has no {number} in the field {_quoted(place)}")
    if abs(value) > _LARGEST_WHOLE if isinstance(value, int) else not math.isfinite(value):
        raise Mismatch(f"has an impossible number in the field {_quoted(place)}")
    return value if kind is int else float(value)


def _one_of(kinds: tuple[Any, ...], value: object, place: str, longest: int) -> Any:
    if value is None and type(None) in kinds:
        return None
    if type(value) in kinds:
        return _plain(type(value), value, place, longest)
    others = [kind for kind in kinds if kind is not type(None)]
    return _typed(others[0], value, place, longest)


def _text(value: object, place: str, longest: int) -> str:
    if not isinstance(value, str):
        raise Mismatch(f"has no text in the field {_quoted(place)}")
    if len(value) > longest:
        raise Mismatch(f"has more than {longest:,} characters in the field {_quoted(place)}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise Mismatch(f"has the field {_quoted(twice)} twice")
    return values


def _no_constant(name: str) -> None:
    raise Mismatch(f"has an impossible number ({name})")


def _quoted(place: str) -> str:
    return f'"{place[:80]}"'
