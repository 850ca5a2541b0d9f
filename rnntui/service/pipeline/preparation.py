"""What is decided before a network learns: its text, the model it goes on from, its shape and its vocabulary."""

import contextlib
import dataclasses
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.errors import InputError, RnntuiError
from rnntui.events import Preparing, SpeedMeasured, TextsRead, TrainEvent
from rnntui.records import ReadOptions, RunManifest, Source, TrainRequest
from rnntui.service.pipeline.arithmetic_trial import plan_with_trial
from rnntui.service.pipeline.base import Base
from rnntui.service.pipeline.base_choice import choose_base, choose_reading
from rnntui.service.pipeline.resume_settings import ResumeOptions, resume_config
from rnntui.service.pipeline.trial_setups import find_fastest, processes_to_start, requested_threads
from rnntui.service.prepare.data_prep import (
    SurveyedText,
    best_possible,
    choose_tokenizer,
    count_tokens,
    encode_corpus,
    restore_survey,
    survey_files,
)
from rnntui.service.prepare.worth import warnings_of
from rnntui.service.run.followers import FollowerGroup
from rnntui.service.run.run_journal import RunJournal
from rnntui.setting_fields import checked_value
from rnntui.settings import ModelConfig, TrainConfig
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library
from rnntui.store.runs.run_folder import RunFolder

if TYPE_CHECKING:
    from rnntui.lm.tokens.corpus import CountedText, PreparedText
    from rnntui.lm.tokens.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class RunResources:
    """What a run works with."""

    library: Library
    """Where the model goes, and the model to go on from is."""
    corpora: Corpora
    """Where prepared texts are kept."""
    folder: RunFolder
    """What the run has kept so far."""
    journal: RunJournal
    """Where it logs and keeps what happens."""
    group: FollowerGroup
    """The processes that learn together; started when it is known how many there shall be."""
    control: Callable[[], str]
    """Asked between steps: "run", "pause", "stop" (keeps the best) or "suspend" (goes on another time)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that the network of a run is made of."""

    text: "PreparedText"
    tokenizer: "Tokenizer"
    model: ModelConfig
    config: TrainConfig
    base: Base | None
    """What it goes on from; None begins with nothing."""
    plan: RunManifest | None
    """What the run decided when it began; None when it begins now."""
    text_key: str
    """The name of the text among prepared ones."""
    sources: tuple[Source, ...]
    """The texts that are learned from now."""
    is_typographic: bool
    """The form of quotes and dashes in which the text is read."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The text, read and counted, and the model that it is to be learned by."""

    survey: SurveyedText
    text: "CountedText"
    reading: ReadOptions
    base: Base | None
    config: TrainConfig | None
    """How a run that was broken off goes on; None when it begins now."""
    threads: int
    """Processor threads that preparing may use; 0 for all there are."""


def prepare(
    request: TrainRequest, resources: RunResources, options: ResumeOptions
) -> Generator[TrainEvent, None, Prepared]:
    """Read the text and decide on base, shape and vocabulary, or find what was decided when the run began.

    Args:
        request: What was asked for.
        resources: What the run works with.
        options: What is to be other than before, where a run goes on.

    Raises:
        CorpusError: If the text cannot be trained on.
        InputError: If a setting does not fit, or the text has changed since the run began.
        StorageError: If the disk refuses.
    """
    import torch

    plan = resources.folder.manifest()
    counted = yield from _count(request, plan, resources, options)
    base = counted.base
    if plan and counted.config:
        model, config = plan.model, counted.config
    else:
        model, config = yield from _plan_sizes(request, counted.text, base, resources.group)
    torch.set_num_threads(config.threads)
    tokenizer = yield from _choose_vocabulary(plan, counted, model, resources)
    if base:
        from rnntui.lm.tokens.vocabulary_extension import extend_config

        model = extend_config(model, len(base.loaded.tokenizer), len(tokenizer))
    text = yield from encode_corpus(counted.survey, counted.text, tokenizer, resources.corpora, counted.threads)
    if base:
        notes = base.notes_on_known_texts(counted.text.sources, counted.survey.validation)
        text = dataclasses.replace(text, notes=(*text.notes, *notes))
    return Prepared(
        text,
        tokenizer,
        model,
        config,
        base,
        plan,
        counted.survey.key,
        counted.text.sources,
        counted.reading.is_typographic,
    )


def validation_share(overrides: Mapping[str, str | int | float | bool]) -> float:
    """How much of each text is held out."""
    default = TrainConfig.__dataclass_fields__["validation_share"].default
    return float(checked_value(TrainConfig, "validation_share", overrides.get("validation_share", default)))


def _count(
    request: TrainRequest, plan: RunManifest | None, resources: RunResources, options: ResumeOptions
) -> Generator[TrainEvent, None, _Counted]:
    """Read and count the text, start the processes that learn together meanwhile, and choose the base."""
    corpora, group = resources.corpora, resources.group
    reading, share = choose_reading(request, plan, resources.library), validation_share(request.overrides)
    survey = yield from survey_files(request.files, reading, share, request.validation_file)
    if plan:
        survey = yield from restore_survey(survey, plan.text_key, plan.vocabulary_sha256, corpora)
    threads = options.threads or (plan.config.threads if plan else requested_threads(request))
    config = resume_config(plan.config, options, group.wanted) if plan else None
    group.start(config.processes if config else processes_to_start(request, survey.size, group))
    text = yield from count_tokens(survey, corpora, threads)
    base = yield from choose_base(request, plan, text, resources.library)
    if not (base or plan) and reading != request.reading:  # it was read in the form of a model that is no help
        reading = request.reading
        survey = yield from survey_files(request.files, reading, share, request.validation_file)
        text = yield from count_tokens(survey, corpora, threads)
    warnings = warnings_of(text, base.shape if base else None, best_possible(text.held_out, request.files))
    facts = (dataclasses.replace(found, left_out_examples=(), passages=()) for found in text.texts)
    yield TextsRead(tuple(facts), warnings)
    return _Counted(survey, text, reading, base, config, threads)


def _plan_sizes(
    request: TrainRequest, counted: "CountedText", base: Base | None, group: FollowerGroup
) -> Generator[TrainEvent, None, tuple[ModelConfig, TrainConfig]]:
    """What to build, from the words, the minutes and the speed of this machine; a model to go on from has its shape."""
    import torch

    best = yield from find_fastest(request, group)
    made, speed = yield from plan_with_trial(
        best, request, counted.pieces, base.shape if base else None, base.known_share(counted) if base else 1.0
    )
    yield SpeedMeasured(speed, ())
    way = best.candidate
    return made.model, dataclasses.replace(made.config, threads=way.threads or torch.get_num_threads())


def _choose_vocabulary(
    plan: RunManifest | None, counted: _Counted, shape: ModelConfig, resources: RunResources
) -> "Generator[TrainEvent, None, Tokenizer]":
    """The vocabulary: that of the run's beginning, the base's with new words, or the most frequent words.

    Raises:
        InputError: If the run began with another one, which is lost.
    """
    from rnntui.lm.model_file import sha256
    from rnntui.lm.tokens.vocabulary_extension import extend_tokenizer

    tokenizer = _stored_vocabulary(plan, resources) if plan else None
    if tokenizer is None:
        yield Preparing("choosing the vocabulary")
        base, text = counted.base, counted.text
        if base:
            tokenizer = extend_tokenizer(base.loaded.tokenizer, text.counts, text.alphabet)
        else:
            tokenizer, _ = yield from choose_tokenizer(text, shape)
    if plan and plan.vocabulary_sha256 != sha256(tokenizer.to_bytes()):
        raise InputError(
            "This version of the program or of its libraries chooses other words than the one that began the run, and "
            "the words of that one are lost.",
            "Go on with that version, or start a new training.",
        )
    return tokenizer


def _stored_vocabulary(plan: RunManifest, resources: RunResources) -> "Tokenizer | None":
    """The vocabulary that a run began with, as its folder or its model keeps it; None when neither does."""
    from rnntui.lm.model_file import VOCABULARY, sha256
    from rnntui.lm.tokens.tokenizer import Tokenizer

    kept = resources.folder.vocabulary()
    if sha256(kept) != plan.vocabulary_sha256:  # a run of an earlier version keeps none
        with contextlib.suppress(RnntuiError):
            kept = resources.library.read(plan.model_id)[VOCABULARY]
    return Tokenizer.from_bytes(kept) if sha256(kept) == plan.vocabulary_sha256 else None
