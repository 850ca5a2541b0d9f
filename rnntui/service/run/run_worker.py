"""The work of one run in this process: its lock held, its events logged, its end logged, whatever it is."""

import dataclasses
import logging
import math
import os
from collections.abc import Callable, Iterator

from rnntui.errors import ProcessLostError, RnntuiError, TrainingError
from rnntui.events import Preparing, RunFinished, RunResumed, RunStarted, TrainEvent, to_failure
from rnntui.paths import ENDS_WITH_VARIABLE
from rnntui.service.pipeline.preparation import RunResources
from rnntui.service.pipeline.resume_settings import ResumeOptions
from rnntui.service.pipeline.run_pipeline import train
from rnntui.service.run.followers import FollowerGroup
from rnntui.service.run.run_journal import RunJournal
from rnntui.store.corpora import Corpora
from rnntui.store.files.processes import is_alive
from rnntui.store.library import Library
from rnntui.store.runs.run_folder import RunFolder

log = logging.getLogger(__name__)

_ENDINGS = {"stop": "stopped", "suspend": "interrupted"}
"""Wishes that end a run before training, and the reason it gives."""


def work(
    folder: RunFolder, library: Library, corpora: Corpora, wanted: Callable[[], str], options: ResumeOptions
) -> Iterator[TrainEvent]:
    """Train what a run was asked, from its beginning or from where it was broken off.

    Args:
        folder: Of the run; no other trainer may be at work there.
        library: Where the model goes.
        corpora: Where prepared texts are kept.
        wanted: What this process wants ("run", "stop" or "suspend"); the run's orders are read as well.
        options: What is to be other than before, where a run goes on.
    """
    group = FollowerGroup(folder.meeting_place, folder.log_file)
    with folder.presence.lock(), RunJournal(folder) as journal, group:

        def control() -> str:
            group.need_all()
            asked = "suspend" if is_left_alone() else wanted()
            ordered = journal.command()
            return journal.poll(ordered if asked == "run" else asked)

        name, has_begun = folder.run_id, False
        try:
            request = folder.request()
            name = request.name
            events = train(request, RunResources(library, corpora, folder, journal, group, control), options)
            for event in _stoppable(events, name, control, folder.states.exist()):
                journal.log_event(event)
                has_begun = has_begun or isinstance(event, (RunStarted, RunResumed))
                if isinstance(event, RunFinished) and event.reason == "budget":
                    journal.remove_states()
                yield event
        except GeneratorExit:
            raise
        except KeyboardInterrupt:  # the second one: no problem, and nothing to learn from it
            journal.log_event(_interrupted_event(name))
            raise
        except BaseException as error:  # a process ends here: whoever follows must learn of it
            _log_failure(error, journal, has_begun)
            raise


def is_left_alone() -> bool:
    """True when the process with which trainers are to end is gone."""
    number = os.environ.get(ENDS_WITH_VARIABLE, "")
    return number.isdecimal() and not is_alive(int(number))


def _log_failure(error: BaseException, journal: RunJournal, has_begun: bool) -> None:
    """Tell why the run ended; after an explosion of its numbers there is nothing to go on from."""
    if not isinstance(error, RnntuiError):
        log.exception("training failed")
    is_exploded = isinstance(error, TrainingError) and not isinstance(error, ProcessLostError)
    if is_exploded:  # it would explode again
        journal.remove_states()
    is_refusal = journal.is_going_on and not has_begun and not is_exploded
    journal.log_event(dataclasses.replace(to_failure(error), is_refusal=is_refusal))


def _interrupted_event(name: str) -> RunFinished:
    """The end of a process whose run can go on."""
    return RunFinished("interrupted", "", name, 0.0, 0, 0.0, math.nan, math.nan)


def _stoppable(
    work: Iterator[TrainEvent], name: str, control: Callable[[], str], has_learned: bool
) -> Iterator[TrainEvent]:
    """The events of a run, which can be stopped before training too; each percent of preparing comes once.

    Args:
        work: The run.
        name: What its model is called.
        control: Says what is wanted: "run", "pause", "stop" or "suspend".
        has_learned: True for a run that goes on, so that nothing is over when it is stopped before its first step.
    """
    last: tuple[str, int] = ("", 0)
    for event in work:
        if isinstance(event, Preparing):
            if (wanted := control()) in _ENDINGS:
                end = _interrupted_event(name)
                yield end if has_learned else dataclasses.replace(end, reason=_ENDINGS[wanted])
                return
            doing = event.what, int(100 * event.fraction)
            if doing == last:
                continue
            last = doing
        yield event
