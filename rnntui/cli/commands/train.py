"""`rnntui train`: train a network, or go on with a run that was broken off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnntui.cli.arguments import SAMPLE, locate_text, parse_minutes, read_options
from rnntui.cli.command_table import TRAIN_FLAGS
from rnntui.cli.commands.runs import no_run_yet
from rnntui.cli.context import load_services
from rnntui.cli.narration import TrainingNarrator
from rnntui.cli.output import Output, to_values
from rnntui.errors import EXIT_OK, InputError, RnntuiError
from rnntui.events import RunResumed, RunStarted, TrainEvent
from rnntui.records import FROM_NOTHING, WHERE_IT_HELPS, RunRecord, TrainRequest
from rnntui.service.pipeline.resume_settings import ResumeOptions
from rnntui.service.run.followers import follow_torchrun, torchrun_place
from rnntui.service.run.training import Training
from rnntui.service.services import Services
from rnntui.setting_fields import checked_value, is_left_open
from rnntui.settings import TrainConfig
from rnntui.text import visible_line

_MAY_CHANGE = ("threads", "processes")
"""Flags that a run may go on with in another way."""


def train(args: Any, output: Output) -> int:
    """Train a network."""
    if torchrun_place()[0] > 0:  # the first one does all the rest
        follow_torchrun()
        return EXIT_OK
    services = load_services(args)
    if args.resume:
        return _resume(args, services, output)
    if not args.files:
        raise InputError("No file was named to train on.", "Name at least one text file, or a sample; see --help.")
    minutes = parse_minutes(args.minutes or "5")
    overrides = {}
    for flag, (owner, field) in TRAIN_FLAGS.items():
        value = getattr(args, flag)
        if value is not None and not is_left_open(owner, field, value):
            overrides[field] = checked_value(owner, field, value, f"--{flag.replace('_', '-')}")
    files = tuple(locate_text(file) for file in args.files)
    name = args.name or Path(files[0]).name.split(".")[0].removeprefix(SAMPLE)
    base = _find_base(args.base, services)
    request = TrainRequest(files, name, minutes, locate_text(args.validation), overrides, read_options(args), base)
    if args.queue:
        return _report_queued(services.training.start(request, may_wait=True), output)
    return _narrate(services.training, services.training.run_here(request), output)


def _find_base(wanted: str, services: Services) -> str:
    """What `TrainRequest.base_model` is for what was typed after --from."""
    if wanted == FROM_NOTHING:
        return ""
    return services.library.find(wanted).model_id if wanted not in {"", WHERE_IT_HELPS} else WHERE_IT_HELPS


def _report_queued(run: RunRecord, output: Output) -> int:
    if output.is_json:
        output.result(to_values(run))
        return EXIT_OK
    when = "It waits for its turn" if run.is_queued else "It has started"
    output.say(f"{when}; see rnntui runs show {run.run_id}, or F4 in the app.")
    return EXIT_OK


def _resume(args: Any, services: Services, output: Output) -> int:
    """Go on with a run; everything but threads, processes and the device was settled when it began."""
    settled = ("files", "base", "queue", "name", "minutes", "validation", "encoding", "field", *TRAIN_FLAGS)
    if any(getattr(args, name) for name in settled if name not in _MAY_CHANGE) or args.join_lines is not None:
        raise InputError(
            "A run goes on as it began.", "Give --resume alone, or with --threads, --processes or --device."
        )
    training = services.training
    renamed = {card.model_id for card in services.models() if card.name == args.resume}
    run = _find_resumable(training.runs(), args.resume, renamed)
    threads = int(checked_value(TrainConfig, "threads", args.threads or 0, "--threads"))
    processes = int(checked_value(TrainConfig, "processes", args.processes, "--processes")) if args.processes else 0
    device = "" if args.device in {None, "auto"} else services.config.app.device
    options = ResumeOptions(threads, processes, device)
    return _narrate(training, training.resume_here(run.run_id, options), output, run.run_id)


def _narrate(training: Training, work: Iterator[TrainEvent], output: Output, run_id: str = "") -> int:
    """Tell a run from beginning to end, and how to go on with it when that is not its end."""
    others = {run.run_id for run in training.runs()} - {run_id}
    has_begun = is_refused = False
    try:
        with TrainingNarrator(output) as narrator:
            for event in work:
                narrator.tell(event)
                has_begun = has_begun or isinstance(event, (RunStarted, RunResumed))
    except RnntuiError:
        is_refused = not has_begun  # the sentence says what to do first
        raise
    finally:
        if not output.is_json and not is_refused:
            for run in training.runs():
                if run.run_id not in others and run.can_resume:
                    output.say(f"Go on with it: rnntui train --resume {run.run_id}")
    return EXIT_OK


def _find_resumable(records: list[RunRecord], wanted: str, renamed: set[str]) -> RunRecord:
    """The newest run that is meant, by id, by the name or the id of its model, or "last".

    Args:
        records: All runs, newest first.
        wanted: What was written.
        renamed: Ids of the models that are called so now.
    """
    meant = [run for run in records if wanted in (run.run_id, run.name, "last") or run.model_id in {wanted, *renamed}]
    if not records and wanted == "last":
        raise no_run_yet()
    if not meant:
        raise InputError(f'There is no training run "{visible_line(wanted, 60)}".', "See rnntui runs.")
    return next((run for run in meant if run.can_resume), meant[0])
