"""One function per command: ask the services, print the answer. Each returns an exit code."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rnntui.cli.commands.conversations import replay, sessions
from rnntui.cli.commands.gen import gen
from rnntui.cli.commands.inspect import InspectionNarrator
from rnntui.cli.commands.manual import manual
from rnntui.cli.main import EXIT_OK, paths_of
from rnntui.cli.narration import TrainingNarrator
from rnntui.cli.output import Output, plain, table
from rnntui.cli.parser import FIELD_OF_FLAG, TRAIN_FLAGS
from rnntui.config import load_config, with_device
from rnntui.errors import InputError, RnntuiError
from rnntui.events import (
    Failed,
    Preparing,
    RunResumed,
    RunStarted,
    TrainEvent,
)
from rnntui.files import state_of
from rnntui.paths import Paths, absolute_path, named_path
from rnntui.records import FROM_NOTHING, WHERE_IT_HELPS, ModelCard, ReadOptions, RunRecord, TrainRequest
from rnntui.service.evaluation import Evaluation
from rnntui.service.export.report import advice, figures_of, sentences
from rnntui.service.export.report_pages import to_html, to_markdown
from rnntui.service.export.text_render import plain_text, render_all
from rnntui.service.pipeline.resume_settings import Otherwise
from rnntui.service.run.followers import follow_torchrun, torchrun_place
from rnntui.service.run.run_view import work_in_words
from rnntui.service.run.training import Training
from rnntui.service.services import Services
from rnntui.service.timestamps import local_time
from rnntui.settings import TrainConfig, checked_value, is_left_open
from rnntui.text import visible_line

_SAMPLE = "sample:"
_SPEED_SECONDS = 2.0
_TOLD_SHARE = 0.05
_WORTH_TELLING_SECONDS = 10.0
"""How far measuring has come is said after so much of it, when it takes so long still."""
_MAY_CHANGE = ("threads", "processes")
"""Flags that a run may go on with in another way."""


def train(chosen: Any, output: Output) -> int:
    """Train a network."""
    if torchrun_place()[0] > 0:  # the first one does all the rest
        follow_torchrun()
        return EXIT_OK
    services = _services(chosen)
    if chosen.resume:
        return _resume(chosen, services, output)
    if not chosen.files:
        raise InputError("No file was named to train on.", "Name at least one text file, or a sample; see --help.")
    minutes = _minutes(chosen.minutes or "5")
    overrides = {}
    for flag, owner in TRAIN_FLAGS.items():
        value = getattr(chosen, flag)
        field = FIELD_OF_FLAG.get(flag, flag)
        if value is not None and not is_left_open(owner, field, value):
            overrides[field] = checked_value(owner, field, value, f"--{flag.replace('_', '-')}")
    files = tuple(_located(file) for file in chosen.files)
    name = chosen.name or Path(files[0]).name.split(".")[0].removeprefix(_SAMPLE)
    base = _base(chosen.base, services)
    request = TrainRequest(files, name, minutes, _located(chosen.validation), overrides, _reading(chosen), base)
    if chosen.queue:
        return _queued(services.training.start(request, may_wait=True), output)
    return _trained(services.training, services.training.run_here(request), output)


def _base(wanted: str, services: Services) -> str:
    """What `TrainRequest.base_model` is for what was typed after --from."""
    if wanted == FROM_NOTHING:
        return ""
    return services.library.find(wanted).model_id if wanted not in {"", WHERE_IT_HELPS} else WHERE_IT_HELPS


def inspect(chosen: Any, output: Output) -> int:
    """Look into text files before training."""
    services = _services(chosen)
    files = [_located(file) for file in chosen.files]
    seconds = 0.0 if services.training.active() else _SPEED_SECONDS
    with InspectionNarrator(output, seconds > 0) as narrator:
        for event in services.training.inspect(files, _reading(chosen), _located(chosen.validation), seconds):
            narrator.tell(event)
    return EXIT_OK


def evaluate(chosen: Any, output: Output) -> int:
    """Measure a model on files."""
    services, told = _services(chosen), Preparing("")
    for event in services.evaluate([named_path(file) for file in chosen.files], chosen.model):
        if not isinstance(event, Evaluation):
            is_far = event.fraction >= told.fraction + _TOLD_SHARE and event.eta_seconds >= _WORTH_TELLING_SECONDS
            if not output.is_json and (event.what != told.what or is_far):
                told = event
                output.say(f"{work_in_words(event)} ...")
            continue
        if output.is_json:
            output.result(plain(event))
            continue
        mixed = event.mixture_bits_per_character
        rows = [
            ("bits per character", f"{event.bits_per_character:.3f}"),
            *([("  with counting and recent words", f"{mixed:.3f}")] if mixed else []),
            *((f"  {name}", f"{bits:.3f}") for name, bits in reversed(event.baselines.items())),
            *((f"  share of {name}", f"{share:.0%}") for name, share in event.shares.items()),
            ("perplexity per word", f"{event.perplexity:.1f}"),
            ("words and marks", f"{event.words:,}"),
            ("characters", f"{event.characters:,}{_as_written(event)}"),
            ("words spelled", f"{event.spelled_words:,}"),
            ("unknown characters", f"{event.unknown_characters:,}"),
            ("words per second", f"{event.words_per_second:,.0f}"),
        ]
        output.text(table(rows, (f"{event.model} on {', '.join(event.files)}", "")))
        if event.remark:
            output.say(event.remark)
    return EXIT_OK


def _as_written(event: Evaluation) -> str:
    """How long the text is in its own form, where that is another length."""
    other = event.original_characters
    return f" ({other:,} with the quotes, dashes and dots it has)" if other not in {0, event.characters} else ""


def models(chosen: Any, output: Output) -> int:
    """List, show, rename, remove models."""
    services = _services(chosen)
    if chosen.action == "list":
        return _list_models(services, output)
    if not chosen.name:
        raise InputError(f"models {chosen.action} needs the name of a model.", "See rnntui models.")
    card = services.library.find(chosen.name)
    if chosen.action == "rename":
        if not chosen.new_name:
            raise InputError("models rename needs a new name.", "Write: rnntui models rename OLD NEW.")
        card = services.library.rename(card.model_id, chosen.new_name)
        output.say(f"It is called {card.name} now.")
    elif chosen.action == "remove":
        services.library.remove(card.model_id)
        output.say(f"The model {card.name} was removed.")
    elif chosen.action == "show":
        return _show_model(services, card, chosen, output)
    if output.is_json:
        output.result(plain(card))
    return EXIT_OK


def runs(chosen: Any, output: Output) -> int:
    """List and steer training runs."""
    training = _services(chosen).training
    if chosen.action == "list":
        records = training.runs()
        if output.is_json:
            for record in records:
                output.result(plain(record))
            return EXIT_OK
        rows = [(entry.run_id, entry.name, _run_state(entry), local_time(entry.started_at)) for entry in records]
        output.text(table(rows, ("run", "model", "state", "started")) if rows else "No training run yet.")
        return EXIT_OK
    run = _chosen_run(training.runs(), chosen.run)
    if chosen.action == "show":
        return _show_run(training, run, output)
    steps: dict[str, Callable[[str], object]] = {
        "pause": training.pause,
        "resume": training.resume,
        "stop": training.stop,
        "extend": lambda run_id: training.extend(run_id, _minutes(chosen.minutes)),
        "remove": training.remove,
    }
    steps[chosen.action](run.run_id)
    if output.is_json:
        output.result({"run": run.run_id, "done": chosen.action})
    else:
        output.say(f"{chosen.action}: {run.run_id} ({run.name}).")
    return EXIT_OK


def where(chosen: Any, output: Output) -> int:
    """Print every location."""
    paths = paths_of(chosen)
    places = {
        "data": paths.data_dir,
        "models": paths.models,
        "runs": paths.runs,
        "prepared texts": paths.corpora,
        "conversations": paths.database,
        "log": paths.log_file,
        "configuration": paths.config_file,
        "starter model": paths.starter_model,
    }
    if output.is_json:
        output.result({name.replace(" ", "_"): str(path) for name, path in places.items()})
        return EXIT_OK
    rows = [(name, str(path), state_of(path)) for name, path in places.items()]
    width = max(len(name) for name in places)
    for name, path, remark in rows:
        output.text(f"{name.ljust(width)}  {path}{'  (' + remark + ')' if remark else ''}")
    return EXIT_OK


def doctor(chosen: Any, output: Output) -> int:
    """Print versions, the torch build, threads and what the terminal can do."""
    from rnntui.cli.commands.doctor import facts, write_bundle

    if chosen.bundle:
        return write_bundle(paths_of(chosen), chosen.bundle, output)
    found = facts(paths_of(chosen), _preferred_device(paths_of(chosen)))
    if output.is_json:
        output.result(found)
        return EXIT_OK
    width = max(len(name) for name in found)
    for name, value in found.items():
        output.text(f"{name.replace('_', ' ').ljust(width)}  {value}")
    return EXIT_OK


def drive(chosen: Any, output: Output) -> int:
    """Run the real app without a terminal."""
    from rnntui.cli.commands.drive import drive_app

    return drive_app(_services(chosen, open_store=True), chosen, output)


def lab(chosen: Any, output: Output) -> int:
    """See how a recurrent network works."""
    from rnntui.cli.commands.lab import lab as run_lab

    return run_lab(chosen, output)


COMMANDS: dict[str, Callable[[Any, Output], int]] = {
    "gen": gen,
    "train": train,
    "inspect": inspect,
    "eval": evaluate,
    "models": models,
    "runs": runs,
    "sessions": sessions,
    "replay": replay,
    "manual": manual,
    "where": where,
    "doctor": doctor,
    "drive": drive,
    "lab": lab,
}


def _queued(run: RunRecord, output: Output) -> int:
    if output.is_json:
        output.result(plain(run))
        return EXIT_OK
    when = "It waits for its turn" if run.is_queued else "It has started"
    output.say(f"{when}; see rnntui runs show {run.run_id}, or F4 in the app.")
    return EXIT_OK


def _resume(chosen: Any, services: Services, output: Output) -> int:
    """Go on with a run; everything but threads, processes and the device was settled when it began."""
    settled = ("files", "base", "queue", "name", "minutes", "validation", "encoding", "field", *TRAIN_FLAGS)
    if any(getattr(chosen, name) for name in settled if name not in _MAY_CHANGE) or chosen.join_lines is not None:
        raise InputError(
            "A run goes on as it began.", "Give --resume alone, or with --threads, --processes or --device."
        )
    training = services.training
    renamed = {card.model_id for card in services.models() if card.name == chosen.resume}
    run = _resumable(training.runs(), chosen.resume, renamed)
    threads = int(checked_value(TrainConfig, "threads", chosen.threads or 0, "--threads"))
    processes = int(checked_value(TrainConfig, "processes", chosen.processes, "--processes")) if chosen.processes else 0
    device = "" if chosen.device in {None, "auto"} else services.config.app.device
    otherwise = Otherwise(threads, processes, device)
    return _trained(training, training.resume_here(run.run_id, otherwise), output, run.run_id)


def _trained(training: Training, work: Iterator[TrainEvent], output: Output, run_id: str = "") -> int:
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


def _resumable(records: list[RunRecord], wanted: str, renamed: set[str]) -> RunRecord:
    """The newest run that is meant, by id, by the name or the id of its model, or "last".

    Args:
        records: All runs, newest first.
        wanted: What was written.
        renamed: Ids of the models that are called so now.
    """
    meant = [run for run in records if wanted in (run.run_id, run.name, "last") or run.model_id in {wanted, *renamed}]
    if not records and wanted == "last":
        raise _no_run_yet()
    if not meant:
        raise InputError(f'There is no training run "{visible_line(wanted, 60)}".', "See rnntui runs.")
    return next((run for run in meant if run.can_resume), meant[0])


def _no_run_yet() -> InputError:
    return InputError("There is no training run yet.", "Start one: rnntui train FILE --minutes 5.")


def _services(chosen: Any, *, open_store: bool = False) -> Services:
    paths = paths_of(chosen)
    config = with_device(load_config(paths.config_file), getattr(chosen, "device", None))
    return Services.open(paths, config) if open_store else Services(paths, config)


def _preferred_device(paths: Paths) -> str:
    """What --device is without a flag; a configuration that cannot be read is no reason to say nothing."""
    try:
        return load_config(paths.config_file).app.device
    except RnntuiError:
        return "auto"


def _located(file: str) -> str:
    """A path that means the same in every folder; the name of a sample stays as it is."""
    if not file or file.startswith(_SAMPLE):
        return file
    if "://" in file[:12]:
        raise InputError(
            f'"{visible_line(file, 160)}" is an address, and rnntui makes no connections.',
            "Save the text as a file and name that.",
        )
    return str(absolute_path(file))


def _reading(chosen: Any) -> ReadOptions:
    return ReadOptions(chosen.encoding, chosen.field, chosen.join_lines, bool(chosen.typographic))


def _minutes(written: str) -> float:
    budget = next(entry for entry in dataclasses.fields(TrainConfig) if entry.name == "budget_seconds").metadata
    shown = visible_line(written, 40)
    try:
        minutes = float(written)
    except ValueError:
        raise InputError(f'--minutes must be a number, not "{shown}".', "Write it as 5 or 0.5.") from None
    if not budget["low"] <= minutes * 60 <= budget["high"]:
        most = f"{budget['high'] / 60:,.0f} ({budget['high'] / 86_400:.0f} days)"
        raise InputError(f'--minutes cannot be "{shown}".', f"Give minutes from {budget['low'] / 60:.2f} to {most}.")
    return minutes


def _list_models(services: Services, output: Output) -> int:
    cards = services.models()
    problems = services.library.problems()
    if output.is_json:
        for card in cards:
            output.result(plain(card))
    else:
        heading = ("model", "cell", "hidden", "words", "bits/char", "minutes", "made")
        rows = [
            (
                card.name,
                card.config.cell,
                str(card.config.hidden_size),
                f"{card.training_words:,}",
                f"{card.figures.bits_per_character:.3f}",
                f"{card.minutes:g}",
                local_time(card.made_at),
            )
            for card in cards
        ]
        output.text(table(rows, heading) if rows else "No model here yet.")
    for folder, sentence in problems:
        output.say(f"Left out: {folder}: {sentence}")
    return EXIT_OK


def _show_model(services: Services, card: ModelCard, chosen: Any, output: Output) -> int:
    """The report of a model: printed, as an object, or written into files."""
    report = services.library.report(card.model_id)
    sizes = services.library.sizes(card.model_id)
    figures = figures_of(card, report, sizes)
    for file, write in ((chosen.markdown, to_markdown), (chosen.html, to_html)):
        if file:
            services.write(named_path(file), write(card.name, figures).encode("utf-8", "replace"))
            output.say(f"The report is in {visible_line(file, 200)}.")
    if output.is_json:
        output.result(
            {
                **plain(card),
                "report": plain(report),
                "sizes": sizes,
                "sentences": list(sentences(card, report)),
                "advice": list(advice(card, report)),
            }
        )
    elif not (chosen.markdown or chosen.html):
        columns = max(60, min(110, shutil.get_terminal_size().columns))
        output.text("\n".join(plain_text(line) for line in render_all(figures, columns)))
    return EXIT_OK


def _run_state(run: RunRecord) -> str:
    if run.is_running:
        return "running"
    if run.is_queued:
        return "waits"
    if run.has_failed:
        return "failed"
    if not run.finished:
        return "broken off"
    if run.can_resume:
        return "stopped"
    return "done" if run.model_id else "failed"


def _chosen_run(records: list[RunRecord], run_id: str) -> RunRecord:
    if not records:
        raise _no_run_yet()
    found = next((record for record in records if record.run_id == run_id), None) if run_id else records[0]
    if found is None:
        raise InputError(f'There is no training run "{visible_line(run_id, 60)}".', "See rnntui runs.")
    return found


def _show_run(training: Any, run: RunRecord, output: Output) -> int:
    with TrainingNarrator(output, is_replay=True) as narrator:
        follower = training.follow(run.run_id)
        for event in follower.poll():
            narrator.tell(event)
            if isinstance(event, Failed):
                output.say(f"{event.sentence} {event.next_step}")
    if unreadable := follower.unreadable_lines:
        which = (
            f"Line {unreadable[0]:,}"
            if len(unreadable) == 1
            else f"{len(unreadable):,} lines, first {unreadable[0]:,},"
        )
        output.say(f"{which} of what the run told could not be read and was passed over.")
    return EXIT_OK
