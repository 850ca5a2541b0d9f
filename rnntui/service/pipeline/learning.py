"""The loop of a run: resumed from the newest state, checkpoints saved, a disk that refuses waited for."""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rnntui.errors import StorageError, TrainingError
from rnntui.events import Evaluated, RowsHalved, RunPaused, RunResumed, StepLogged, TrainEvent
from rnntui.records import RunManifest
from rnntui.service.pipeline.checkpoint_saver import CheckpointSaver
from rnntui.service.pipeline.preparation import Prepared, RunResources
from rnntui.service.pipeline.resume_settings import explain_differences
from rnntui.store.runs.run_folder import RunFolder

if TYPE_CHECKING:
    from rnntui.lm.train.trainer import Trainer


def resume(trainer: "Trainer", prepared: Prepared, plan: RunManifest, folder: RunFolder) -> Iterator[TrainEvent]:
    """Go on from the newest state that fits, and say what the person should know of it. A new run has none."""
    from rnntui.lm.train.train_state import unpack

    note = explain_differences(plan, prepared.config, has_other_rules=plan.text_key != prepared.text_key)
    is_damaged = False
    for data in folder.states.read():
        try:
            trainer.restore(unpack(data))
        except TrainingError:
            is_damaged = True
            continue
        yield RunResumed(trainer.all_seconds, note)
        return
    if is_damaged:
        yield RunResumed(0.0, "What was kept of the run is damaged; it begins again.")


def learn(trainer: "Trainer", saver: CheckpointSaver, resources: RunResources) -> Iterator[TrainEvent]:
    """Train until the time is over or somebody stops it; states and the best weights are kept on the way.

    Args:
        trainer: Begun or resumed.
        saver: Where the best weights go.
        resources: What the run works with.
    """
    from rnntui.lm.train.train_state import pack_later

    plan, journal = saver.plan, resources.journal
    journal.start_saving(lambda: pack_later(trainer.state()))
    for event in trainer.run():
        if isinstance(event, RunPaused) and journal.refusal:
            event = dataclasses.replace(event, reason=_waiting_for_disk(journal.refusal))
        if isinstance(event, RowsHalved):
            plan = dataclasses.replace(plan, config=dataclasses.replace(plan.config, rows=event.rows))
            resources.folder.save_manifest(plan, saver.tokenizer.to_bytes())
        yield event
        if isinstance(event, StepLogged) and event.fraction >= 1.0:
            journal.save()  # measuring may take long, and a kill should not lose what was learned before it
        if isinstance(event, Evaluated) and event.is_best and not event.is_final:
            yield from saver.save_best(event, journal)


def _waiting_for_disk(refusal: StorageError) -> str:
    return f"{refusal} Training goes on by itself when the disk takes it."
