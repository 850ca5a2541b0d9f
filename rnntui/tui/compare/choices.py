"""What may differ in B, and the way from value to value: by the steps of the sliders. Knows no widgets."""

import dataclasses
from collections.abc import Sequence

from rnntui.service.compare.variants import FORGOTTEN, MEMORY, MODEL, SEED, STYLE, Variant, usual_variant
from rnntui.settings import PRESETS, SamplerSettings
from rnntui.tui.panel.slider_rows import row_of

_FIRST = ("temperature", STYLE, SEED, MODEL, MEMORY, "top_k", "top_p", "min_p", "repetition_penalty", "loop_penalty")
_USUAL: dict[str, object] = {
    "top_k": 40,
    "top_p": 0.9,
    "min_p": 0.1,
    "repetition_penalty": 1.3,
    "loop_penalty": 0.0,
    "voice": "network",
    "drafts": 4,
}
"""Where B begins; one step away from A where A is there already, and for all others."""
_LARGEST_SEED = 2**63 - 1


class Choices:
    """The one thing that is different in B, as it is chosen; each kind of difference keeps its value.

    Args:
        sampler: How A samples.
        seed: Of A.
        model: The name of A's model.
    """

    def __init__(self, sampler: SamplerSettings, seed: int, model: str) -> None:
        self._sampler = sampler
        self._seed = seed
        self._model = model
        self._models: tuple[str, ...] = ()
        first = usual_variant(sampler)
        self._what = first.what
        self._values: dict[str, object] = {first.what: first.value}

    @property
    def variant(self) -> Variant:
        """What is different now."""
        return Variant(self._what, self._value(self._what))

    @property
    def kinds(self) -> tuple[str, ...]:
        """All that can differ, in the order in which they are gone through."""
        names = [entry.name for entry in dataclasses.fields(SamplerSettings)]
        known = (*_FIRST, *(name for name in names if name not in _FIRST))
        return tuple(name for name in known if name != MODEL or self._others or MODEL in self._values)

    def set_models(self, names: Sequence[str]) -> None:
        """The models there are, by name."""
        self._models = tuple(names)

    def choose(self, variant: Variant) -> None:
        """This is different from now on."""
        self._what = variant.what
        self._values[variant.what] = variant.value

    def choose_kind(self, what: str) -> None:
        """Something of this kind is different from now on."""
        self._what = what

    def next_kind(self, by: int) -> None:
        """Another kind of difference, so many further on, or back."""
        kinds = self.kinds
        self._what = kinds[(kinds.index(self._what) + by) % len(kinds)]

    def step(self, by: int, *, is_fine: bool = False) -> bool:
        """The next value of B, or the one before; False where there is none."""
        before = self.variant
        self._values[self._what] = self._stepped(self._what, before.value, by, is_fine)
        return self.variant != before

    @property
    def _others(self) -> tuple[str, ...]:
        return tuple(name for name in self._models if name != self._model)

    def _value(self, what: str) -> object:
        if what not in self._values:
            self._values[what] = self._usual(what)
        return self._values[what]

    def _usual(self, what: str) -> object:
        """Where B begins."""
        if what == MODEL:
            return self._others[0]
        if what == MEMORY:
            return FORGOTTEN
        if what == STYLE:
            others = (name for name in PRESETS if Variant(STYLE, name).sampler(self._sampler) != self._sampler)
            return next(others)
        current = self._seed if what == SEED else getattr(self._sampler, what)
        wanted = _USUAL.get(what, current)
        if wanted != current:
            return wanted
        up = self._stepped(what, current, 1, False)
        return up if up != current else self._stepped(what, current, -1, False)

    def _stepped(self, what: str, value: object, by: int, is_fine: bool) -> object:
        if what == MEMORY:
            return value
        if what in {MODEL, STYLE}:
            named = self._others if what == MODEL else tuple(PRESETS)
            return named[(named.index(str(value)) + by) % len(named)] if str(value) in named else value
        if what == SEED:
            return max(0, min(_LARGEST_SEED, int(str(value)) + by))
        row = row_of(SamplerSettings, what)
        return row.move_finely(value, by) if is_fine else row.move(value, by)
