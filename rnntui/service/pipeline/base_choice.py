"""What a run begins from: which model, how well it reads the text, and what becomes of the text it knew before.

Decided when the text is counted and before it is numbered: the vocabulary, the plan and the weights depend on it.
"""

import dataclasses
import logging
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING

from rnntui.errors import ModelFileError
from rnntui.events import BaseChosen, Preparing, TrainEvent
from rnntui.records import WHERE_IT_HELPS, ModelCard, ReadOptions, RunManifest, TrainRequest
from rnntui.service.model_loader import load_model
from rnntui.service.pipeline.base import Base
from rnntui.service.pipeline.plan_preview import other_shape
from rnntui.service.prepare.data_prep import build_tokenizer, report_progress
from rnntui.store.library import Library
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.mix.count_table import CountTable
    from rnntui.lm.model_file import LoadedModel
    from rnntui.lm.tokens.corpus import CountedText

log = logging.getLogger(__name__)

_LOOKING = "looking at the text through the starter"


def choose_reading(request: TrainRequest, plan: RunManifest | None, library: Library) -> ReadOptions:
    """How the files are read: as the run began, else in the form of quotes and dashes of the model to go on from.

    Args:
        request: What the person asked for.
        plan: What the run decided when it began; None when it begins now.
        library: Where models are.

    Raises:
        InputError: If a model that was asked for is not there.
    """
    reading, card = request.reading, None
    if plan:
        return dataclasses.replace(reading, is_typographic=plan.is_typographic)
    if request.base_model == WHERE_IT_HELPS:
        card = library.starter()
        card = None if card and _reason_against(request.files, request.overrides, card) else card
    elif request.base_model:
        card = library.find(request.base_model)
    return dataclasses.replace(reading, is_typographic=True) if card and card.is_typographic else reading


def choose_base(
    request: TrainRequest, plan: RunManifest | None, counted: "CountedText", library: Library
) -> Generator[TrainEvent, None, Base | None]:
    """The model to go on from; None begins with nothing. A run that goes on begins as it began.

    Args:
        request: What the person asked for.
        plan: What the run decided when it began; None when it begins now.
        counted: The text.
        library: Where models are.

    Raises:
        InputError: If a model that was asked for is not there.
        ModelFileError: If it is damaged.
    """
    if request.base_model != WHERE_IT_HELPS:
        return (yield from _read(request.base_model, library)) if request.base_model else None
    if plan:
        return (yield from _read(plan.base_model, library)) if plan.base_model else None
    loaded = yield from choose_by_text(request.files, request.overrides, counted, library)
    return (yield from _measure(loaded, library)) if loaded else None


def choose_by_text(
    files: Sequence[str], overrides: Mapping[str, object], counted: "CountedText", library: Library
) -> "Generator[TrainEvent, None, LoadedModel | None]":
    """The model that ships with the program where a text does better to begin from it, and an event that says why.

    Args:
        files: What was chosen; a sample begins with nothing, because its best possible is reached so.
        overrides: Fields that the person has set: another shape is no shape of that model.
        counted: The text; the held-out part has no say in this.
        library: Where models are.
    """
    card = library.starter()
    if card is None:
        return None
    if reason := _reason_against(files, overrides, card):
        yield BaseChosen(card.model_id, card.name, False, reason=reason)
        return None
    yield Preparing(f"loading {visible_line(card.name, 60)}")
    try:
        loaded = load_model(library, card)
    except ModelFileError as problem:  # nobody asked for it
        log.warning("the starter cannot be gone on from: %s", problem)
        yield BaseChosen(card.model_id, card.name, False, reason="the starter cannot be read")
        return None
    event = yield from _compare_with_starter(loaded, counted)
    yield event
    return loaded if event.is_taken else None


def _compare_with_starter(loaded: "LoadedModel", counted: "CountedText") -> Generator[TrainEvent, None, BaseChosen]:
    from rnntui.lm.familiarity import counting_bits, read_bits, segments_of
    from rnntui.lm.train.planner import REFERENCE, does_better_from

    yield Preparing(_LOOKING)
    card = loaded.card
    segments, rest = segments_of(counted.recent)
    own = read_bits(loaded.model, loaded.tokenizer, [loaded.tokenizer.in_form(segment) for segment in segments])
    yield Preparing(_LOOKING, 0.5)
    others = yield from report_progress(counting_bits(rest, build_tokenizer(counted, REFERENCE), segments), _LOOKING)
    is_taken = does_better_from(own, others, card.figures.bits_per_character)
    return BaseChosen(card.model_id, card.name, is_taken, round(own, 4), round(others, 4))


def _reason_against(files: Sequence[str], overrides: Mapping[str, object], card: ModelCard) -> str:
    """Why the text need not be compared; empty where it must be."""
    from rnntui.lm.text.sample_texts import is_sample

    if any(map(is_sample, files)):
        return "a sample shows what can be learned from nothing"
    other = other_shape(overrides, card.config)
    if not other:
        return ""
    flag = other.replace("_limit", "").replace("_", "-")
    return f"--{flag} {overrides[other]} is not that of the starter ({getattr(card.config, other)})"


def _read(model_id: str, library: Library) -> Generator[TrainEvent, None, Base]:
    card = library.find(model_id)
    yield Preparing(f"loading {visible_line(card.name, 60)}")
    return (yield from _measure(load_model(library, card), library))


def _measure(loaded: "LoadedModel", library: Library) -> Generator[TrainEvent, None, Base]:
    from rnntui.lm.evaluation import measure
    from rnntui.lm.mix.mixture_fit import count_base_steps
    from rnntui.lm.mix.ngram import KneserNey
    from rnntui.lm.tokens.vocabulary_extension import tuning_text

    kept, mixture = loaded.counted_ids, loaded.mixture
    counts: tuple[CountTable, ...] = ()
    went_on = mixture is not None and mixture.base is not None and isinstance(mixture.counting, KneserNey)
    words = kept if went_on else None
    old_text, gate = library.old_text(loaded.card.model_id), mixture.gate if mixture else None
    loaded = dataclasses.replace(loaded, mixture=None)
    if kept is not None and mixture is not None:
        counts = yield from report_progress(count_base_steps(mixture, kept), "taking over what it has counted")
        old_text = old_text or tuning_text(kept, loaded.tokenizer)
    del mixture
    if not old_text:
        return Base(loaded, "", 0.0, counts, gate, words)
    yield Preparing("measuring it on text of its own that it has not learned from")
    before = measure(loaded.model, loaded.tokenizer, old_text).bits_per_character
    return Base(loaded, old_text, before, counts, gate, words)
