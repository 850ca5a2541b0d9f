"""From a request to a model in the library, as one iterator of events. The same work for a process and a command.

    prepare -> Prepared -> build_trainer -> Trainer -> decide -> RunManifest -> resume -> learn -> finish -> a model

Each stage is a generator of events that gives the next one a value; what it does, its module says.
"""

import dataclasses
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from rnntui.events import BaselinesMeasured, Preparing, RunFinished, TrainEvent
from rnntui.records import WHERE_IT_HELPS, RunManifest, TrainRequest
from rnntui.service.export.report import build_report
from rnntui.service.pipeline.checkpoint_saver import CheckpointSaver
from rnntui.service.pipeline.copying import keep_index, look_for_copies
from rnntui.service.pipeline.learning import learn, resume
from rnntui.service.pipeline.preparation import Prepared, RunResources, prepare
from rnntui.service.pipeline.resume_settings import AS_BEFORE, ResumeOptions, processor
from rnntui.service.prepare.data_prep import baselines, report_progress
from rnntui.service.prepare.time_left import TimeLeft
from rnntui.service.run.run_journal import read_events
from rnntui.service.run.run_view import fold_all
from rnntui.service.timestamps import utc_now
from rnntui.store.library import new_model_id

if TYPE_CHECKING:
    from rnntui.lm.train.trainer import Trainer


def train(request: TrainRequest, resources: RunResources, options: ResumeOptions = AS_BEFORE) -> Iterator[TrainEvent]:
    """Train what was asked for, from the beginning or from where it was broken off.

    The best model is in the library from the first evaluation on. The minutes begin when PyTorch is loaded.

    Args:
        request: Files, name, minutes, and what else was set.
        resources: What the run works with.
        options: What is to be other than before, where a run goes on.

    Raises:
        CorpusError: If the text cannot be trained on.
        InputError: If a setting does not fit, or the text has changed since the run began.
        StorageError: If the model cannot be saved.
        TrainingError: If the numbers explode again and again.
    """
    budget = 60.0 * request.minutes
    yield Preparing("loading PyTorch", budget_seconds=budget)
    import rnntui.lm.train.trainer  # noqa: F401  the seconds that PyTorch takes to load are not of the run

    began, is_new, remaining = time.monotonic(), resources.folder.manifest() is None, TimeLeft()
    for event in _stages(request, resources, options, began):
        if isinstance(event, Preparing):
            # What is prepared again when a run goes on was paid when it began.
            passed = time.monotonic() - began if is_new else 0.0
            event = dataclasses.replace(remaining.estimate(event), seconds=passed, budget_seconds=budget)
        yield event


def _stages(
    request: TrainRequest, resources: RunResources, options: ResumeOptions, began: float
) -> Iterator[TrainEvent]:
    prepared = yield from prepare(request, resources, options)
    trainer = yield from _build_trainer(request, prepared, resources, began)
    plan = prepared.plan or (yield from _decide(request, prepared, trainer, resources))
    seen_share = yield from _measure_baselines(prepared, plan, trainer)
    yield Preparing("measuring how long measuring will take")
    yield from resume(trainer, prepared, plan, resources.folder)
    saver = _saver(request, prepared, plan, trainer, resources)
    yield from learn(trainer, saver, resources)
    if trainer.reason == "interrupted":
        yield saver.interrupted()
    else:
        yield from _finish(request, prepared, trainer, saver, resources, seen_share)


def _build_trainer(
    request: TrainRequest, prepared: Prepared, resources: RunResources, began: float
) -> Generator[TrainEvent, None, "Trainer"]:
    """The network with its first weights, and the loop that it learns in."""
    from rnntui.lm.train.budget import StepClock
    from rnntui.lm.train.inputs import RunControl, TrainerInputs
    from rnntui.lm.train.trainer import Trainer

    folder, journal, group = resources.folder, resources.journal, resources.group
    text, tokenizer, base = prepared.text, prepared.tokenizer, prepared.base
    step_clock = StepClock(time.monotonic, folder.times() if prepared.plan else (), journal.record_time)
    yield Preparing("preparing the network" if group.count == 1 else "waiting for the processes that learn together")
    inputs = TrainerInputs(
        text,
        tokenizer,
        prepared.model,
        prepared.config,
        request.name,
        looks_for_copies=True,
        weights=base.extend_weights(prepared.model, text.numbers(tokenizer), tokenizer) if base else None,
        first_new_entry=base.card.vocabulary_size if base else 0,
        inherited=base.inherited_mixture(text.tuning, tokenizer) if base else None,
    )
    control = RunControl(
        resources.control,
        journal.extra_seconds,
        time.monotonic,
        step_clock,
        began=began,
        ranks=group.connect_all(),
    )
    return Trainer(inputs, control)


def _decide(
    request: TrainRequest, prepared: Prepared, trainer: "Trainer", resources: RunResources
) -> Generator[TrainEvent, None, RunManifest]:
    """What a run that begins now has decided, kept in its folder: whoever goes on with it decides nothing anew."""
    import torch

    from rnntui.lm.model_file import sha256

    compared = yield from baselines(
        prepared.text.validation, trainer.data.counted_ids, prepared.tokenizer, request.files
    )
    vocabulary = prepared.tokenizer.to_bytes()
    plan = RunManifest(
        prepared.model,
        prepared.config,
        new_model_id(request.name, utc_now()),
        prepared.text_key,
        sha256(vocabulary),
        compared,
        str(torch.__version__),
        processor(prepared.config.device),
        base_model=prepared.base.card.model_id if prepared.base and request.base_model == WHERE_IT_HELPS else "",
        is_typographic=prepared.is_typographic,
    )
    resources.folder.save_manifest(plan, vocabulary)
    return plan


def _measure_baselines(prepared: Prepared, plan: RunManifest, trainer: "Trainer") -> Generator[TrainEvent, None, float]:
    """What simpler models and the base reach; the share of held-out text that counting has read is passed on."""
    from rnntui.lm.text.overlap import overlap_share

    share: float = yield from report_progress(
        overlap_share(trainer.data.counted_ids, trainer.data.validation, prepared.tokenizer),
        "looking for held-out text in what is learned from",
    )
    yield BaselinesMeasured(plan.baselines, share)
    if prepared.base:
        yield prepared.base.measure_old_text()
    return share


def _saver(
    request: TrainRequest, prepared: Prepared, plan: RunManifest, trainer: "Trainer", resources: RunResources
) -> CheckpointSaver:
    base = prepared.base
    sources = base.all_sources(prepared.sources) if base else prepared.sources
    tokenizer, card = prepared.tokenizer, base.card if base else None
    return CheckpointSaver(request, resources.library, sources, tokenizer, trainer, plan, card)


def _finish(
    request: TrainRequest,
    prepared: Prepared,
    trainer: "Trainer",
    saver: CheckpointSaver,
    resources: RunResources,
    seen_share: float,
) -> Iterator[TrainEvent]:
    """Say what was reached, and save the model with its figures and the report of the run."""
    if prepared.base:
        yield prepared.base.measure_old_text(trainer.model, prepared.tokenizer)
    yield BaselinesMeasured(saver.baselines(), seen_share)
    looked = yield from look_for_copies(request, prepared, trainer, resources)
    view = fold_all(read_events(resources.folder))
    report = build_report(view, trainer.reason, trainer.tokens_per_second)
    card = saver.save_measured(report, looked.copying if looked else None)
    if looked:
        keep_index(looked, card.model_id, resources.library)
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
