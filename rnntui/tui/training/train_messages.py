"""What the training screen says: of the chosen files, of the plan, and of a run as it goes. Knows no widget."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textual.content import Content

from rnntui.errors import TrainingError
from rnntui.events import BaseChosen, CorpusInspected, Expectation, Preparing, StepLogged
from rnntui.records import ModelCard, RunRecord
from rnntui.service.export.report import beginning_in_words, old_text_in_words
from rnntui.service.pipeline.plan_preview import PlanPreview
from rnntui.service.run.run_view import (
    BEST_POSSIBLE,
    COUNTING,
    MUCH_SEEN,
    RunView,
    held_out_seen_in_words,
    work_in_words,
)
from rnntui.text import duration, visible_line
from rnntui.tui.file_choice import SAMPLES
from rnntui.tui.safe import joined, shown, shown_line

_LEAST_SHARE = 0.005
_WIDE = 100


def render_empty_report() -> Content:
    """What stands there before a file is chosen."""
    return joined(
        ("What is in your files appears here before anything is trained.\n\n", "$foreground-muted"),
        (
            "A short story is just enough; a novel is good; several by one author are better. "
            "Nothing leaves this machine.",
            "$foreground-disabled",
        ),
    )


def render_file(file: Path) -> Content:
    """One chosen file."""
    folder = "needs no file" if str(file) in SAMPLES else visible_line(str(file.parent), 60)
    return joined(shown_line(file.name, "bold", 40), (f"  {folder}", "$foreground-disabled"))


def describe_preparing(event: Preparing) -> str:
    """What is being done, how much of it is, and how long the rest takes."""
    return f"{event.what} …{work_in_words(event).removeprefix(event.what)}"


def render_report(
    report: CorpusInspected,
    compared: Mapping[str, float],
    expectations: Sequence[Expectation],
    speed: float,
    beginning: BaseChosen | None = None,
) -> Content:
    """What was found in the files.

    Args:
        report: Of the look into them.
        compared: Bits per character of simpler models, by name.
        expectations: What would be built in each of the times.
        speed: Words per second that were measured here; 0 before that, they are those of an ordinary machine then.
        beginning: What a run would begin from by itself; None while that is not known.
    """
    encodings = ", ".join(sorted({visible_line(name, 20) for name in report.encodings}))
    parts: list[str | Content | tuple[str, str]] = [
        (f"{report.words:,}", "bold $foreground"),
        (" words   ", "$foreground-muted"),
        (f"{report.vocabulary_size:,}", "bold $foreground"),
        (" in the vocabulary   ", "$foreground-muted"),
        (f"{encodings}\n", "$foreground-muted"),
        (f"{100 * report.spelled_share:.1f} %", "bold $foreground"),
        (" of the held-out words would be spelled\n", "$foreground-muted"),
    ]
    for name in (COUNTING, BEST_POSSIBLE):
        if name in compared:
            parts += [
                (f"{compared[name]:.3f}", "bold $foreground"),
                (f" bits per character: {name}\n", "$foreground-muted"),
            ]
    if expectations:
        how = f"measured here: {speed:,.0f} tokens/s" if speed else "on an ordinary machine"
        parts += [(f"{format_expectations(expectations)}\n", "$foreground-muted")]
        parts += [(f"({how})\n", "$foreground-disabled")]
    if beginning:
        parts += [shown_line(beginning_in_words(beginning), "$foreground-muted", 300), "\n"]
    for note in report.notes:
        parts += [shown_line(note, "$text-warning"), "\n"]
    return joined(
        *parts,
        ("\nIt begins:\n", "$foreground-disabled"),
        shown(re.sub(r"\n{3,}", "\n\n", report.preview[:1_500]), "italic"),
    )


def format_expectations(expectations: Sequence[Expectation]) -> str:
    """What would be built in each of the times."""
    spans = [
        f"{entry.minutes:3g} min: {entry.cell} {entry.layers}×{entry.hidden_size}, {format_passes(entry.passes)}"
        for entry in expectations
    ]
    return "\n".join(spans)


def render_plan(
    minutes: float, made: PlanPreview, report: CorpusInspected, base: ModelCard | None, is_measured: bool
) -> Content:
    """What the chosen minutes build."""
    model = made.model
    known = f"{min(model.vocabulary_limit, report.vocabulary_size):,} words known"
    if base:
        known = f"its {base.vocabulary_size:,} words and new ones"
    start = f"go on from {visible_line(base.name, 30)}, " if base else ""
    return shown_line(
        f"{minutes:g} min: {start}{model.cell} {model.layers}×{model.hidden_size}, "
        f"{known}, {format_passes(made.passes, is_about=not is_measured)}",
        "$foreground-muted",
    )


def format_passes(passes: float, *, is_about: bool = False) -> str:
    """How often a text is read, in words."""
    about = "about " if is_about else ""
    if passes < 0.9:
        return f"{about}{100 * passes:.0f} % read"
    return f"read {about}{passes:,.0f} times" if passes >= 1.5 else f"read {about}once"


def render_title(view: RunView, run: RunRecord | None) -> Content:
    """The run's name and what it builds."""
    started = view.started
    name = shown_line(started.name if started else run.name if run else "", "bold $text-primary", 40)
    if started is None:
        return name
    facts = (
        f"  {started.cell} {started.layers}×{started.hidden_size} · {started.parameters / 1e6:.1f} M numbers · "
        f"{started.training_words:,} words to learn from · {started.vocabulary_size:,} known"
    )
    return joined(name, (facts, "$foreground-muted"))


def render_bar(view: RunView, cells: int) -> Content:
    """How much of the run's time is over: preparing, learning and measuring."""
    fraction = min(1.0, max(0.0, view.fraction))
    left = f" · {duration(view.seconds_left)} left" if not view.is_over else ""
    words = f"  {100 * fraction:3.0f} %   {duration(view.seconds)} of {duration(view.whole_seconds)}{left}"
    words = words if view.whole_seconds else "  starting"
    room = max(4, cells - len(words))
    full = round(fraction * room)
    return joined(("━" * full, "$primary"), ("─" * (room - full), "$foreground-disabled"), (words, "$foreground"))


def render_figures(view: RunView, cells: int) -> Content:
    """The numbers of the moment on one line; where there is no room the less important ones are left out."""
    entries = _list_figures(view, cells < _WIDE)
    while len(entries) > 1 and sum(len(text) + 3 for text, _, _ in entries) - 3 > cells:
        entries.remove(max(entries, key=lambda entry: entry[2]))
    spread = [part for text, style, _ in entries for part in ((" · ", "$foreground-disabled"), (text, style))]
    return joined(*spread[1:])


def _list_figures(view: RunView, is_narrow: bool) -> list[tuple[str, str, int]]:
    """Words, style, and how soon they can be left out: the highest first."""
    speed, clipped = ("tok/s", "clip") if is_narrow else ("tokens/s", "clipped")
    progress, best, final = view.progress, view.best, view.final
    entries: list[tuple[str, str, int]] = []
    if progress:
        entries.append((f"training {progress.bits_per_character:.3f}", "$text-primary", 0))
    if final:
        entries.append((f"all held-out text {final.bits_per_character:.3f} bits/char", "bold $foreground", 0))
        if best:
            entries.append((f"best quick look at a part {best.bits_per_character:.3f}", "$warning", 1))
    elif view.evaluated and best:
        is_told = best.bits_per_character == view.evaluated.bits_per_character
        entries.append((f"quick look {view.evaluated.bits_per_character:.3f}", "$warning", 1))
        entries.append((f"best {best.bits_per_character:.3f} bits/char", "bold $foreground", 6 if is_told else 2))
    if progress and not view.is_over:
        entries.append((f"{progress.words_per_second:,.0f} {speed}", "$foreground-muted", 3))
        entries.append((f"rate {progress.learning_rate:.2g}", "$foreground-muted", 4))
        entries.append((f"{clipped} {_format_share(progress)}", "$foreground-muted", 5))
        entries.append((f"{progress.passes:.1f} times read", "$foreground-muted", 7))
    return entries


def _format_share(progress: StepLogged) -> str:
    share = progress.clipped_share
    return "<1 %" if 0 < share < _LEAST_SHARE else f"{100 * share:.0f} %"


def render_message(view: RunView, can_go_on: bool, key: Callable[[str], str], *, is_stopping: bool = False) -> Content:
    """What is going on, in a sentence or two.

    Args:
        view: The run.
        can_go_on: It is over before its time.
        key: Tells what to press for an action.
        is_stopping: It was told to stop, and may not have heard it.
    """
    if can_go_on:
        return render_offer(view, key)
    if view.phase == "measuring" and view.measuring:
        if view.measuring.is_stopped:
            return shown_line(f"Stopping, the best weights are kept: {view.doing} …", "$text-warning")
        return shown_line(f"Learning is over: {view.doing} …", "$foreground-muted")
    if is_stopping and not view.is_over:
        what = "the best weights are kept and measured" if view.started else "nothing was learned yet"
        return shown_line(f"Stopping after what it is doing now; {what} …", "$text-warning")
    match view.phase:
        case "waiting":
            return shown_line("The trainer is starting; its minutes have not begun …", "$foreground-muted")
        case "preparing":
            return shown_line(f"Preparing: {view.doing} …", "$foreground-muted")
        case "paused" if view.remark:
            return shown_line(view.remark, "$text-warning", 400)
        case "paused":
            return shown_line(f"Paused; the time stands still. {key('pause')} goes on.", "$text-warning")
        case "failed" if view.failure:
            return shown_line(f"{view.failure.sentence} {view.failure.next_step}".rstrip(), "$text-error", 400)
        case "finished" if view.finished:
            return render_farewell(view, key)
        case _ if view.remark:
            return shown_line(view.remark, "$text-warning", 400)
        case _:
            old = view.old_text
            told = old_text_in_words(old.base_name, old.before, old.after) if old else ""
            told = beginning_in_words(view.beginning) if view.beginning and not (old and old.after) else told
            meant = f"{view.in_words or told} " if view.in_words or told else ""
            chat = f"chat ({key('show-chat')})"
            return shown_line(f"{meant}It learns by itself: {chat} or quit, and it goes on.", "$foreground-muted", 400)


def render_offer(view: RunView, key: Callable[[str], str]) -> Content:
    """A run that is over before its time."""
    done = f" after {duration(view.progress.seconds)}" if view.progress else " before its first step"
    if view.failure and view.failure.exit_code != TrainingError.exit_code:  # not only a process that is gone
        cause = f"{view.failure.sentence} {view.failure.next_step}".rstrip()
        return joined(shown_line(cause, "$text-error", 400), (f" {key('pause')} goes on.", "$foreground"))
    if view.phase == "finished":
        return joined(
            render_farewell(view, key), (f" {key('pause')} goes on with the rest of its time.", "$foreground")
        )
    model = f" {key('chat-with-it')} talks with the best so far." if view.checkpoint_model_id else ""
    return joined(
        (f"It was broken off{done}. ", "bold $text-warning"),
        (f"{key('pause')} goes on from exactly there; nothing is lost but the last seconds.{model}", "$foreground"),
    )


def render_farewell(view: RunView, key: Callable[[str], str]) -> Content:
    """What came of it."""
    finished = view.finished
    if finished is None or not (finished.model_id or view.checkpoint_model_id):
        return shown_line("Training was stopped before there was anything to keep.", "$text-warning")
    if not finished.model_id:
        return shown_line(f"Stopped; the best so far is kept. {key('chat-with-it')} talks with it.", "$foreground")
    beaten = [name for name, value in view.baselines.items() if value > finished.bits_per_character]
    compared = f", better than {visible_line(beaten[-1], 40)}" if beaten else ""
    seen = f" {held_out_seen_in_words(view.held_out_seen_share)}" if view.held_out_seen_share >= MUCH_SEEN else ""
    return joined(
        ("Done: ", "bold $text-success"),
        shown_line(finished.name, "bold", 40),
        (
            f" needs {finished.bits_per_character:.3f} bits per character on all held-out text{compared}.{seen} "
            f"{key('chat-with-it')} talks with it, {key('report')} is its report.",
            "$foreground",
        ),
    )
