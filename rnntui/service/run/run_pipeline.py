"""From a request to a model in the library, as one iterator of events. The same work for a process and a command."""

import contextlib
import dataclasses
import itertools
import math
import shlex
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import InputError, RnntuiError, StorageError, TrainingError
from rnntui.events import (
    BaselinesMeasured,
    CheckpointSaved,
    Evaluated,
    Preparing,
    RowsHalved,
    RunFinished,
    RunPaused,
    RunResumed,
    SpeedMeasured,
    StepLogged,
    TrainEvent,
)
from rnntui.records import (
    FROM_NOTHING,
    WHERE_IT_HELPS,
    Metrics,
    ModelCard,
    RunManifest,
    RunReport,
    Source,
    TrainRequest,
)
from rnntui.service.export.report import report_of
from rnntui.service.prepare.data_prep import (
    baselines,
    build_tokenizer,
    count_tokens,
    encode_corpus,
    report_progress,
    restore_survey,
    survey_files,
)
from rnntui.service.prepare.time_left import TimeLeft
from rnntui.service.run.arithmetic_trial import plan_with_trial
from rnntui.service.run.base_choice import Base, choose_base, choose_reading
from rnntui.service.run.followers import FollowerGroup
from rnntui.service.run.resume import AS_BEFORE, Otherwise, differences, going_on, processor
from rnntui.service.run.run_journal import RunJournal
from rnntui.service.run.run_view import WITHOUT_NETWORK, fold_all
from rnntui.service.run.trial_setups import find_fastest, processes_to_start, requested_threads
from rnntui.service.timestamps import utc_now
from rnntui.settings import ModelConfig, TrainConfig, checked_value
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library, new_model_id

if TYPE_CHECKING:
    from rnntui.lm.tokens.corpus import CountedText
    from rnntui.lm.tokens.tokenizer import Tokenizer
    from rnntui.lm.train.trainer import Trainer

_LONGEST_FILE_NAMES = 2_000
"""Characters of the command on a card; what does not fit is counted."""


def train(
    request: TrainRequest,
    library: Library,
    corpora: Corpora,
    journal: RunJournal,
    control: Callable[[], str],
    company: FollowerGroup,
    otherwise: Otherwise = AS_BEFORE,
) -> Iterator[TrainEvent]:
    """Train what was asked for, from the beginning or from where it was broken off.

    The best model is in the library from the first evaluation on. The minutes begin when PyTorch is loaded.

    Args:
        request: Files, name, minutes, and what else was set.
        library: Where the model goes.
        corpora: Where prepared texts are kept.
        journal: What the run has kept so far, and where it goes on keeping.
        control: Asked between steps: "run", "pause", "stop" (keeps the best) or "suspend" (goes on another time).
        company: The processes that learn together; started when it is known how many there shall be.
        otherwise: What is to be other than before, where a run goes on.

    Raises:
        CorpusError: If the text cannot be trained on.
        InputError: If a setting does not fit, or the text has changed since the run began.
        StorageError: If the model cannot be saved.
        TrainingError: If the numbers explode again and again.
    """
    budget = 60.0 * request.minutes
    yield Preparing("loading PyTorch", budget_seconds=budget)
    import rnntui.lm.train.trainer  # noqa: F401  the seconds that PyTorch takes to load are not of the run

    began, is_counted, remaining = time.monotonic(), journal.plan() is None, TimeLeft()
    for event in _trained(request, library, corpora, journal, control, company, otherwise, began):
        if isinstance(event, Preparing):
            # What is prepared again when a run goes on was paid when it began.
            passed = time.monotonic() - began if is_counted else 0.0
            event = dataclasses.replace(remaining.estimate(event), seconds=passed, budget_seconds=budget)
        yield event


def _trained(
    request: TrainRequest,
    library: Library,
    corpora: Corpora,
    journal: RunJournal,
    control: Callable[[], str],
    company: FollowerGroup,
    otherwise: Otherwise,
    began: float,
) -> Iterator[TrainEvent]:
    import torch

    from rnntui.lm.model_file import sha256
    from rnntui.lm.text.overlap import overlap_share
    from rnntui.lm.tokens.vocabulary_extension import extend_config, extend_tokenizer
    from rnntui.lm.train.inputs import RunControl, TrainerInputs
    from rnntui.lm.train.step_clock import StepClock
    from rnntui.lm.train.train_state import pack_later
    from rnntui.lm.train.trainer import Trainer

    plan = journal.plan()
    reading = choose_reading(request, plan, library)
    share = validation_share(request.overrides)
    chosen = yield from survey_files(request.files, reading, share, request.validation_file)
    if plan:
        chosen = yield from restore_survey(chosen, plan.text_key, plan.vocabulary_sha256, corpora)
    may_use = otherwise.threads or (plan.config.threads if plan else requested_threads(request))
    going = going_on(plan.config, otherwise, company.wanted) if plan else None
    company.start(going.processes if going else processes_to_start(request, chosen.size, company))
    counted = yield from count_tokens(chosen, corpora, may_use)
    base = yield from choose_base(request, plan, counted, library)
    if not (base or plan) and reading != request.reading:  # it was read in the form of a model that is no help
        reading = request.reading
        chosen = yield from survey_files(request.files, reading, share, request.validation_file)
        counted = yield from count_tokens(chosen, corpora, may_use)
    if plan and going:
        model_config, config = plan.model, going
    else:
        model_config, config = yield from _planned(request, counted, base, company)
    torch.set_num_threads(config.threads)
    tokenizer = _kept_tokenizer(plan, journal, library) if plan else None
    if tokenizer is None:
        yield Preparing("choosing the vocabulary")
    if tokenizer is None and base:
        tokenizer = extend_tokenizer(base.loaded.tokenizer, counted.counts, counted.alphabet)
    elif tokenizer is None:
        tokenizer = build_tokenizer(counted, model_config)
    if base:
        model_config = extend_config(model_config, len(base.loaded.tokenizer), len(tokenizer))
    vocabulary = tokenizer.to_bytes()
    if plan and plan.vocabulary_sha256 != sha256(vocabulary):
        raise InputError(
            "This version of the program or of its libraries chooses other words than the one that began the run, and "
            "the words of that one are lost.",
            "Go on with that version, or start a new training.",
        )
    text = yield from encode_corpus(chosen, counted, tokenizer, corpora, may_use)
    if base:
        text = dataclasses.replace(text, notes=(*text.notes, *base.familiar(counted.sources, chosen.validation)))
    step_clock = StepClock(time.monotonic, journal.times() if plan else (), journal.record_time)
    yield Preparing("preparing the network" if company.count == 1 else "waiting for the processes that learn together")
    inputs = TrainerInputs(
        text,
        tokenizer,
        model_config,
        config,
        request.name,
        weights=base.extend_weights(model_config, text.numbers(tokenizer), tokenizer) if base else None,
        first_new_entry=base.card.vocabulary_size if base else 0,
        inherited=base.inherited(text.tuning, tokenizer) if base else None,
    )
    run_control = RunControl(
        control, journal.extra_seconds, time.monotonic, step_clock, began=began, ranks=company.connected()
    )
    trainer = Trainer(inputs, run_control)
    if plan is None:
        compared = yield from baselines(counted, trainer.data.counted_ids, tokenizer, request.files)
        plan = RunManifest(
            model_config,
            config,
            new_model_id(request.name, utc_now()),
            chosen.key,
            sha256(vocabulary),
            compared,
            str(torch.__version__),
            processor(config.device),
            base_model=base.card.model_id if base and request.base_model == WHERE_IT_HELPS else "",
            is_typographic=reading.is_typographic,
        )
        journal.keep_plan(plan, vocabulary)
    seen_share = yield from report_progress(
        overlap_share(trainer.data.counted_ids, trainer.data.validation, tokenizer),
        "looking for held-out text in what is learned from",
    )
    yield BaselinesMeasured(plan.baselines, seen_share)
    if base:
        yield base.measured()
    yield Preparing("measuring how long measuring will take")
    has_other_rules = plan.text_key != chosen.key
    yield from _restored(trainer, journal, differences(plan, config, has_other_rules=has_other_rules))
    sources = base.with_sources(counted.sources) if base else counted.sources
    keeper = _Keeper(request, library, sources, tokenizer, trainer, plan, base.card if base else None)
    journal.start_saving(lambda: pack_later(trainer.state()))
    for event in trainer.run():
        if isinstance(event, RunPaused) and journal.refusal:
            event = dataclasses.replace(event, reason=_reason(journal.refusal))
        if isinstance(event, RowsHalved):
            plan = dataclasses.replace(plan, config=dataclasses.replace(plan.config, rows=event.rows))
            journal.keep_plan(plan, vocabulary)
        yield event
        if isinstance(event, StepLogged) and event.fraction >= 1.0:
            journal.save()  # measuring may take long, and a kill should not lose what was learned before it
        if isinstance(event, Evaluated) and event.is_best and not event.is_final:
            yield from keeper.keep(event, journal)
    if trainer.reason == "interrupted":
        yield keeper.left()
        return
    if base:
        yield base.measured(trainer.model, tokenizer)
    yield BaselinesMeasured(keeper.simpler(), seen_share)
    card = keeper.keep_measured(report_of(fold_all(journal.events()), trainer.reason, trainer.tokens_per_second))
    yield RunFinished(
        trainer.reason,
        card.model_id,
        card.name,
        trainer.seconds,
        trainer.steps,
        trainer.tokens_per_second,
        card.figures.bits_per_character,
        card.figures.perplexity,
        card.figures.mixture_bits_per_character,
        trainer.all_seconds,
    )


def _planned(
    request: TrainRequest, counted: "CountedText", base: Base | None, company: FollowerGroup
) -> Generator[TrainEvent, None, tuple[ModelConfig, TrainConfig]]:
    """What to build, from the words, the minutes and the speed of this machine; a model to go on from has its shape."""
    import torch

    best = yield from find_fastest(request, company)
    made, speed = yield from plan_with_trial(
        best, request, counted.pieces, base.shape if base else None, base.known_share(counted) if base else 1.0
    )
    yield SpeedMeasured(speed, ())
    way = best.candidate
    return made.model, dataclasses.replace(made.config, threads=way.threads or torch.get_num_threads())


def _kept_tokenizer(plan: RunManifest, journal: RunJournal, library: Library) -> "Tokenizer | None":
    """The vocabulary that a run began with, as its folder or its model keeps it; None when neither does."""
    from rnntui.lm.model_file import VOCABULARY, sha256
    from rnntui.lm.tokens.tokenizer import Tokenizer

    kept = journal.vocabulary()
    if sha256(kept) != plan.vocabulary_sha256:  # a run of an earlier version keeps none
        with contextlib.suppress(RnntuiError):
            kept = library.read(plan.model_id)[VOCABULARY]
    return Tokenizer.from_bytes(kept) if sha256(kept) == plan.vocabulary_sha256 else None


def _restored(trainer: "Trainer", journal: RunJournal, note: str) -> Iterator[TrainEvent]:
    """Go on from the newest state that fits, and say what the person should know of it."""
    from rnntui.lm.train.train_state import unpack

    is_damaged = False
    for data in journal.states():
        try:
            trainer.restore(unpack(data))
        except TrainingError:
            is_damaged = True
            continue
        yield RunResumed(trainer.all_seconds, note)
        return
    if is_damaged:
        yield RunResumed(0.0, "What was kept of the run is damaged; it begins again.")


def _reason(refusal: StorageError) -> str:
    return f"{refusal} Training goes on by itself when the disk takes it."


@dataclass(slots=True)
class _Keeper:
    """Writes the best weights so far under one model id."""

    request: TrainRequest
    library: Library
    sources: tuple[Source, ...]
    tokenizer: "Tokenizer"
    trainer: "Trainer"
    plan: RunManifest
    base: ModelCard | None = None
    """What the run went on from; None when it began with nothing."""

    def keep(self, event: Evaluated, journal: RunJournal) -> Iterator[TrainEvent]:
        """Save the weights of an evaluation. A disk that refuses is waited for; these weights are in the state."""
        try:
            card = self._save(Metrics(bits_per_character=event.bits_per_character, baselines=self.plan.baselines))
        except StorageError as problem:
            journal.refuse(problem)
        else:
            yield CheckpointSaved(event.step, card.model_id)

    def left(self) -> RunFinished:
        """The end of a process, not of a run."""
        trainer, name = self.trainer, self.request.name
        try:
            figures = self.library.find(self.plan.model_id).figures
        except InputError:
            return RunFinished("interrupted", "", name, trainer.seconds, trainer.steps, 0.0, math.nan, math.nan)
        return RunFinished(
            "interrupted",
            self.plan.model_id,
            name,
            trainer.seconds,
            trainer.steps,
            trainer.tokens_per_second,
            figures.bits_per_character,
            math.nan,
        )

    def keep_measured(self, report: RunReport) -> ModelCard:
        measured = self.trainer.measured
        assert measured is not None  # noqa: S101  the trainer's last event says so
        return self._save(
            Metrics(
                measured.bits_per_character,
                measured.perplexity,
                measured.words,
                measured.characters,
                measured.spelled_words / max(1, measured.words),
                self.simpler(),
                measured.mixture_bits_per_character,
            ),
            report,
        )

    def simpler(self) -> dict[str, float]:
        """Bits per character of simpler models on the held-out text, with all but the network once that is known."""
        measured = self.trainer.measured
        bits = measured.bits_without_network if measured else 0.0
        return self.plan.baselines | ({WITHOUT_NETWORK: bits} if bits else {})

    def _save(self, figures: Metrics, report: RunReport | None = None) -> ModelCard:
        import torch

        from rnntui.lm.model_file import pack, sha256

        asked = dataclasses.replace(self.request, minutes=self.trainer.budget_seconds / 60)
        weights, vocabulary = pack(self.trainer.best_weights(), self.tokenizer)
        counts = self.trainer.counts
        card = ModelCard(
            model_id=self.plan.model_id,
            name=self._name(),
            made_at=utc_now(),
            config=self.trainer.model.config,
            vocabulary_size=len(self.tokenizer),
            sources=self.sources,
            training_words=self.trainer.data.training.numel(),
            minutes=round(self.trainer.seconds / 60, 2),
            passes=round(self.trainer.passes, 3),
            figures=figures,
            command=command_of(asked, self.trainer.config.seed, self.base.name if self.base else FROM_NOTHING),
            torch_version=str(torch.__version__),
            seed=self.trainer.config.seed,
            weights_sha256=sha256(weights),
            vocabulary_sha256=sha256(vocabulary),
            weights_bytes=len(weights),
            counts_sha256=sha256(counts) if counts else "",
            hardly_learned=self._hardly_learned(),
            base_counts_bytes=self.trainer.base_counts_bytes if counts else 0,
            processes=self.plan.config.processes,
            device=self.trainer.config.device,
            arithmetic=self.plan.config.arithmetic,
            base_name=self.base.name if self.base else "",
            is_typographic=self.plan.is_typographic,
        )
        self.library.save(card, weights, vocabulary, counts, report)
        return card

    def _hardly_learned(self) -> tuple[tuple[int, int], ...]:
        """What a vocabulary has grown by is said when it was learned."""
        from rnntui.lm.tokens.vocabulary_extension import hardly_learned

        if self.base is None:
            return ()
        trainer, base = self.trainer, self.base
        counts = trainer.data.token_counts
        return hardly_learned(counts, trainer.passes, trainer.steps, base.vocabulary_size, base.hardly_learned)

    def _name(self) -> str:
        """The model may have been given another name since it was first kept."""
        kept = (card.name for card in self.library.cards() if card.model_id == self.plan.model_id)
        return next(kept, self.request.name)


def command_of(request: TrainRequest, seed: int, base_name: str = FROM_NOTHING) -> str:
    """The command that trains this again; files by name, because folders are nobody's business.

    Args:
        request: What was asked for.
        seed: Of the run.
        base_name: The model it began from.
    """
    names = [file if file.startswith("sample:") else Path(file).name for file in request.files]
    lengths = itertools.accumulate(len(shlex.quote(name)) for name in names)
    shown = max(1, sum(length <= _LONGEST_FILE_NAMES for length in lengths))
    words = ["rnntui", "train", *names[:shown], "--name", request.name, "--minutes", f"{request.minutes:g}"]
    words += ["--from", base_name]
    if request.validation_file:
        words += ["--validation", Path(request.validation_file).name]
    reading = request.reading
    words += ["--encoding", reading.encoding] if reading.encoding else []
    words += ["--field", reading.field] if reading.field else []
    words += ["--typographic"] if reading.is_typographic else []
    words += [] if reading.join_lines is None else ["--join-lines" if reading.join_lines else "--keep-lines"]
    flags = {"vocabulary_limit": "vocabulary"}
    for name, value in sorted(request.overrides.items()):
        if name != "seed":
            words += [f"--{flags.get(name, name).replace('_', '-')}", str(value)]
    command = shlex.join([*words, "--seed", str(seed)])
    return f"{command}  # and {len(names) - shown:,} more files" if shown < len(names) else command


def validation_share(overrides: Mapping[str, str | int | float | bool]) -> float:
    """How much of each text is held out."""
    default = TrainConfig.__dataclass_fields__["validation_share"].default
    return float(checked_value(TrainConfig, "validation_share", overrides.get("validation_share", default)))
