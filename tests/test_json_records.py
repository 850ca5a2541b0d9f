"""What is stored as JSON: a surprise is refused with its field, and what is older is completed."""

import dataclasses
import json
import math
import typing
from dataclasses import dataclass

import pytest

from rnntui import events, json_records
from rnntui.events import BaselinesMeasured, Evaluated, Preparing, WordsSuggested, from_json, to_json
from rnntui.json_records import DecodeRules, JsonMismatch
from rnntui.records import ModelCard, RunManifest
from rnntui.setting_fields import earlier_values
from rnntui.settings import SamplerSettings


@dataclass(frozen=True)
class Inner:
    number: int


@dataclass(frozen=True)
class Outer:
    name: str
    share: float
    is_odd: bool
    inner: Inner
    numbers: tuple[float, ...]
    by_name: dict[str, Inner]
    either: str | int | None = None


WHOLE = {
    "name": "a",
    "share": 0.5,
    "is_odd": True,
    "inner": {"number": 1},
    "numbers": [1, 2.5],
    "by_name": {"x": {"number": 2}},
    "either": 3,
}


def test_a_record_comes_back_as_it_was() -> None:
    record = Outer("a", 0.5, True, Inner(1), (1.0, 2.5), {"x": Inner(2)}, 3)
    assert json_records.decode_record(Outer, WHOLE) == record
    assert json_records.decode_record(Outer, json_records.parse_object(json_records.format_record(record))) == record
    assert json_records.decode_record(Outer, {**WHOLE, "either": None}).either is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": 1}, 'has no text in the field "name"'),
        ({"name": "x" * 20_001}, 'has more than 20,000 characters in the field "name"'),
        ({"share": "1"}, 'has no number in the field "share"'),
        ({"share": True}, 'has no number in the field "share"'),
        ({"share": None}, 'has no number in the field "share"'),
        ({"share": math.inf}, 'has an impossible number in the field "share"'),
        ({"share": math.nan}, 'has an impossible number in the field "share"'),
        ({"share": 10**30}, 'has an impossible number in the field "share"'),
        ({"is_odd": 1}, 'has neither true nor false in the field "is_odd"'),
        ({"inner": 1}, 'has no object in the field "inner"'),
        ({"inner": {}}, 'lacks the field "inner.number"'),
        ({"inner": {"number": 1.0}}, 'has no whole number in the field "inner.number"'),
        ({"inner": {"number": 1, "more": 2}}, 'has the unknown field "inner.more"'),
        ({"numbers": 1}, 'has no list in the field "numbers"'),
        ({"numbers": [1, []]}, 'has no number in the field "numbers[1]"'),
        ({"by_name": []}, 'has no object in the field "by_name"'),
        ({"by_name": {"x": {"number": "2"}}}, 'has no whole number in the field "by_name.x.number"'),
        ({"either": 1.5}, 'has no text in the field "either"'),
        ({"more": 1}, 'has the unknown field "more"'),
    ],
)
def test_a_surprise_is_refused_with_its_field(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(JsonMismatch) as caught:
        json_records.decode_record(Outer, {**WHOLE, **change})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_every_field_is_needed_unless_defaults_may_be_missing(name: str) -> None:
    values = {other: value for other, value in WHOLE.items() if other != name}
    with pytest.raises(JsonMismatch, match=f'lacks the field "{name}"'):
        json_records.decode_record(Outer, values)
    rules = DecodeRules(are_defaults_optional=True)
    if name == "either":
        assert json_records.decode_record(Outer, values, rules=rules).either is None
        return
    with pytest.raises(JsonMismatch, match=f'lacks the field "{name}"'):
        json_records.decode_record(Outer, values, rules=rules)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "is not JSON, or cut off"),
        (b'{"a": ', "is not JSON, or cut off"),
        (b'{"a": "\xff"}', "is not JSON, or cut off"),
        (b"[1]", "is not a JSON object"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', 'has the field "b" twice'),
        (b'{"a": NaN}', "has an impossible number (NaN)"),
        (b'{"a": -Infinity}', "has an impossible number (-Infinity)"),
        (b'{"a": ' + b"[" * 100_000 + b"}", "is nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "is not JSON, or cut off"),
    ],
)
def test_text_that_is_no_object_of_ours_is_refused(text: bytes, sentence: str) -> None:
    with pytest.raises(JsonMismatch) as caught:
        json_records.parse_object(text)
    assert str(caught.value) == sentence


def test_text_of_too_many_values_is_refused_unread() -> None:
    assert json_records.parse_object(b'{"a": [1, 2, 3]}', most_values=4) == {"a": [1, 2, 3]}
    with pytest.raises(JsonMismatch, match="more than 3 values"):
        json_records.parse_object(b'{"a": [1, 2, 3]}', most_values=3)


def test_what_earlier_versions_did_not_write_is_what_held_then() -> None:
    settings = {kind: earlier_values(kind) for kind in json_records._SETTINGS}
    for kind, added in {**json_records._ADDED, **settings}.items():
        known = {entry.name for entry in dataclasses.fields(kind)}
        assert set(added) <= known, kind
        assert added, kind
    kept = {name: value for name, value in dataclasses.asdict(SamplerSettings()).items() if name != "typical_p"}
    assert json_records.decode_record(SamplerSettings, kept).typical_p == 1.0
    del kept["temperature"]
    with pytest.raises(JsonMismatch, match='lacks the field "temperature"'):
        json_records.decode_record(SamplerSettings, kept)
    assert {ModelCard, RunManifest} <= set(json_records._ADDED)


def test_a_setting_out_of_its_range_is_refused_in_the_words_of_the_setting() -> None:
    values = {**dataclasses.asdict(SamplerSettings()), "temperature": 99.0}
    with pytest.raises(JsonMismatch, match=r"cannot be used: .*temperature"):
        json_records.decode_record(SamplerSettings, values)


# ---- events


def test_an_event_may_lack_what_was_added_since_and_nothing_else() -> None:
    assert from_json('{"event": "Preparing", "what": "x"}') == Preparing("x")
    for line in (
        '{"event": "Preparing"}',
        '{"event": "Preparing", "what": "x", "more": 1}',
        '{"event": "Preparing", "what": "x", "what": "y"}',
        '{"event": "Preparing", "what": 1}',
        '{"event": "Nothing"}',
        '{"event": ["Preparing"], "what": "x"}',
        '{"what": "x"}',
        '{"event": "Preparing", "what": "x", "fraction": true}',
        '{"event": "WordsSuggested", "unknown": "x"}',
        '{"event": "BaselinesMeasured", "bits_per_character": {"x": "y"}}',
    ):
        with pytest.raises(ValueError, match=r"\w"):
            from_json(line)


def test_a_number_that_is_none_and_an_infinite_one_come_back() -> None:
    event = Evaluated(1, 2.0, math.nan, math.inf, -math.inf, True, False)
    line = to_json(event)
    assert '"loss_nats": null' in line
    again = from_json(line)
    assert isinstance(again, Evaluated)
    assert math.isnan(again.loss_nats)
    assert (again.bits_per_character, again.perplexity) == (math.inf, -math.inf)


def test_half_a_character_in_a_name_does_not_stop_an_event() -> None:
    event = BaselinesMeasured({"caf\udce9": 1.0})
    assert from_json(to_json(event)) == event


_UNKNOWN = object()


def _example(hint: object) -> object:
    """A value of a type as JSON has it; nothing where it may be nothing."""
    if type(None) in typing.get_args(hint):
        return None
    plain: dict[object, object] = {str: "x", int: 3, float: 0.5, bool: True}
    return plain.get(hint, {} if typing.get_origin(hint) is dict else [] if typing.get_origin(hint) else _UNKNOWN)


def test_every_event_can_be_told_and_read_back() -> None:
    kinds = [kind for kind in typing.get_args(events.Event) if kind is not WordsSuggested]
    assert len(kinds) > 30
    for kind in kinds:
        hints = typing.get_type_hints(kind)
        values = {name: _example(hint) for name, hint in hints.items()}
        if _UNKNOWN in values.values():
            continue
        line = json.dumps({"event": kind.__name__, **values})
        assert json.loads(to_json(from_json(line))) == json.loads(line), kind
