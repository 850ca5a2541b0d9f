"""`rnntui runs`: list and steer training runs."""

import shutil
from collections.abc import Callable
from typing import Any

from rnntui.cli.arguments import parse_minutes
from rnntui.cli.context import load_services
from rnntui.cli.narration import TrainingNarrator
from rnntui.cli.output import Output, render_table, to_values
from rnntui.errors import EXIT_OK, InputError
from rnntui.events import Failed
from rnntui.records import RunRecord
from rnntui.service.export.text_render import wrap
from rnntui.service.run.run_moments import figures_in_words
from rnntui.service.run.run_state_words import state_in_words
from rnntui.service.run.run_view import fold_all
from rnntui.service.run.training import Training
from rnntui.service.timestamps import local_time
from rnntui.text import duration, visible_line


def runs(args: Any, output: Output) -> int:
    """List and steer training runs."""
    training = load_services(args).training
    if args.action == "list":
        records = training.runs()
        if output.is_json:
            for record in records:
                output.result(to_values(record))
            return EXIT_OK
        rows = [(entry.run_id, entry.name, state_in_words(entry), local_time(entry.started_at)) for entry in records]
        output.text(render_table(rows, ("run", "model", "state", "started")) if rows else "No training run yet.")
        return EXIT_OK
    run = _find_run(training.runs(), args.run)
    if args.action == "show":
        return _show_samples(training, run, output) if args.samples else _show(training, run, output)
    steps: dict[str, Callable[[str], object]] = {
        "pause": training.pause,
        "resume": training.resume,
        "stop": training.stop,
        "extend": lambda run_id: training.extend(run_id, parse_minutes(args.minutes)),
        "remove": training.remove,
    }
    steps[args.action](run.run_id)
    if output.is_json:
        output.result({"run": run.run_id, "done": args.action})
    else:
        output.say(f"{args.action}: {run.run_id} ({run.name}).")
    return EXIT_OK


def no_run_yet() -> InputError:
    """What to say where a run is needed and there is none."""
    return InputError("There is no training run yet.", "Start one: rnntui train FILE --minutes 5.")


def _find_run(records: list[RunRecord], run_id: str) -> RunRecord:
    if not records:
        raise no_run_yet()
    found = next((record for record in records if record.run_id == run_id), None) if run_id else records[0]
    if found is None:
        raise InputError(f'There is no training run "{visible_line(run_id, 60)}".', "See rnntui runs.")
    return found


def _show_samples(training: Training, run: RunRecord, output: Output) -> int:
    """What it wrote at each look, the oldest first."""
    moments = fold_all(training.follow(run.run_id).poll()).moments
    if output.is_json:
        for moment in moments:
            output.result(to_values(moment))
        return EXIT_OK
    if not moments:
        output.say("It has written nothing yet: the first sample comes with the first look at held-out text.")
        return EXIT_OK
    columns = max(60, min(110, shutil.get_terminal_size().columns))
    lines = [f'What it wrote after "{visible_line(moments[-1].prompt.strip(), 200)}", with the same dice', ""]
    for moment in moments:
        lines += [f"At {duration(moment.seconds)} it said:  {figures_in_words(moment)}"]
        lines += [f"    {line}" for line in wrap(moment.text.strip(), columns - 4)]
    output.text("\n".join(lines))
    return EXIT_OK


def _show(training: Training, run: RunRecord, output: Output) -> int:
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
