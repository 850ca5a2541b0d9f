"""The one thing in which two sides differ: how it is written, checked and named. No models, no torch."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rnntui.errors import InputError
from rnntui.setting_fields import changed, checked_value, shown_value, word_for
from rnntui.settings import PRESETS, SamplerSettings, preset
from rnntui.text import quote, visible_line

MODEL, MEMORY, STYLE, SEED = "model", "memory", "style", "seed"
FORGOTTEN = "forgotten"
LONGEST = 1_000
"""A side has at most so many words: the memory after each of them is kept, so that it can be taken over."""
_FIELDS = {entry.name: entry.metadata for entry in dataclasses.fields(SamplerSettings)}
_STEP = 0.5
_COOLEST = 0.1
_WRITTEN = tuple(
    re.compile(name + rest, re.DOTALL)
    for name, rest in (
        (r"\s*([^=:]*[^\s=:])", r"\s*[=:](.*)"),
        (r"\s*([^\s=:]+\s+[^\s=:]+)", r"(?:\s+(.*))?"),
        (r"\s*([^\s=:]+)", r"(.*)"),
    )
)
"""A name and its value: with a sign between them, a name of two words, a name of one."""


def _words_for(name: str) -> tuple[str, ...]:
    """What a person may call a setting: as the flags, the panel and the slash words do."""
    return tuple(filter(None, (name.replace("_", "-"), word_for(SamplerSettings, name).replace(" ", "-"))))


_NAMES: dict[str, str] = {
    **{word: name for name in _FIELDS for word in _words_for(name)},
    **{
        "temp": "temperature",
        "stop-rule": "stop",
        "preset": STYLE,
        STYLE: STYLE,
        MODEL: MODEL,
        MEMORY: MEMORY,
        "forget": MEMORY,
    },
}
WORDS = (*(name.replace("_", "-") for name in _FIELDS), STYLE, MODEL, MEMORY)
"""What two sides can differ in, as it is written on a command line."""
_CANONICAL = {word: name.replace("_", "-") for word, name in _NAMES.items()}


@dataclass(frozen=True, slots=True)
class Variant:
    """What is different in B."""

    what: str
    """A field of SamplerSettings, or one of "model", "memory" and "style"."""
    value: object
    """The value there, checked; the name of a model or preset; of "memory" always "forgotten"."""

    @property
    def is_sampling(self) -> bool:
        """True when both sides are one model with one memory, and only draw differently."""
        return self.what not in {MODEL, MEMORY}

    def sampler(self, as_set: SamplerSettings) -> SamplerSettings:
        """How B samples, when A samples like this. Of another model or memory: the same."""
        if self.what == STYLE:
            return changed(as_set, **preset(str(self.value)))
        return changed(as_set, **{self.what: self.value}) if self.is_sampling else as_set


def parse_name(text: str) -> tuple[str, str]:
    """What is to be different, and the value as it was written, from "temperature=0.5", "top-k 40" or "memory".

    Raises:
        InputError: If nothing is called so.
    """
    word = ""
    for pattern in _WRITTEN:
        if found := pattern.fullmatch(text):
            word = found.group(1)
            if name := _NAMES.get("-".join(word.lower().replace("_", "-").split())):
                return name, (found.group(2) or "").strip()
    raise InputError(
        f"Two sides cannot differ in {quote(word)}.",
        f"{_meant(word, _CANONICAL)}Choose {', '.join(WORDS[:-1])} or {WORDS[-1]}.",
    )


def parse_variant(text: str, shown_as: str = "") -> Variant:
    """The difference that a person wrote as "temperature=0.5", "model=NAME" or "memory=forgotten".

    Args:
        text: What was written.
        shown_as: The flag it stands behind; empty for none.

    Raises:
        InputError: If there is no such setting, its value is missing, or it does not fit.
    """
    name, value = parse_name(text)
    if not value and name != MEMORY:
        example = {MODEL: "NAME", STYLE: next(iter(PRESETS))}.get(name) or _example(name)
        word = name.replace("_", "-")
        raise InputError(
            f"{word} needs a value to compare with.", f"Write {shown_as} {word}={example}.".replace("  ", " ")
        )
    return variant_of(name, value)


def variant_of(name: str, value: object) -> Variant:
    """A difference of this kind with this value, checked; the name of a model is not looked up.

    Raises:
        InputError: If the value does not fit.
    """
    if name == MODEL:
        return Variant(MODEL, str(value))
    if name == MEMORY:
        return Variant(MEMORY, _forgotten(str(value)))
    if name == STYLE:
        return Variant(STYLE, _style(str(value)))
    checked = checked_value(SamplerSettings, name, value, name.replace("_", "-"))
    if checked is None:
        raise InputError("The seed of B must be a number.", "Write seed=7.")
    return Variant(name, checked)


def usual_variant(sampler: SamplerSettings) -> Variant:
    """Half a degree cooler, or hotter where it is cool already."""
    cooler, hotter = (round(sampler.temperature + by, 3) for by in (-_STEP, _STEP))
    return Variant("temperature", cooler if cooler >= _COOLEST else hotter)


def describe_sides(variant: Variant, sampler: SamplerSettings, seed: int, model: str) -> tuple[str, str]:
    """What A and B are called: "temperature 1.00" and "temperature 0.50".

    Args:
        variant: In what they differ.
        sampler: How A samples.
        seed: Of A.
        model: The name of A's.
    """
    other = visible_line(str(variant.value), 40)
    match variant.what:
        case "model":
            return f"model {visible_line(model, 40)}", f"model {other}"
        case "memory":
            return "memory kept", "memory forgotten"
        case "style":
            return "as it is set", f"preset {other}"
        case "seed":
            return f"seed {seed}", f"seed {variant.value}"
    name = name_of(variant.what)
    return f"{name} {value_text(variant.what, getattr(sampler, variant.what))}", f"{name} {value_text(*_pair(variant))}"


def name_of(what: str) -> str:
    """What can be different, as people read it in the panel."""
    if what not in _FIELDS:
        return "preset" if what == STYLE else what
    return word_for(SamplerSettings, what)


def value_text(what: str, value: object) -> str:
    """How a value of a setting is written."""
    if what in _FIELDS and what != "seed":
        return shown_value(SamplerSettings, what, value)
    return str(value)


def _pair(variant: Variant) -> tuple[str, object]:
    return variant.what, variant.value


def _example(name: str) -> str:
    facts = _FIELDS[name]
    if facts["choices"]:
        return str(facts["choices"][-1])
    return {"temperature": "0.5", SEED: "7"}.get(name, f"{max(facts['low'], min(40, facts['high'])):g}")


def _meant(word: str, known: Mapping[str, str]) -> str:
    import difflib  # only for whoever has mistyped

    near = difflib.get_close_matches(word[:60].lower(), list(known), 1, 0.6)
    return f"Did you mean {known[near[0]]}? " if near else ""


def _forgotten(value: str) -> str:
    if value.lower() not in {"", FORGOTTEN, "forget", "empty"}:
        raise InputError(f"The memory of B cannot be {quote(value)}.", "Write memory=forgotten; A keeps its memory.")
    return FORGOTTEN


def _style(value: str) -> str:
    if value not in PRESETS:
        raise InputError(
            f"There is no preset {quote(value)}.",
            f"{_meant(value, {name: name for name in PRESETS})}Choose {', '.join(PRESETS)}.",
        )
    return value
