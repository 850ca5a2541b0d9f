"""What the training screen says of a run as it goes. Knows no widget."""

from collections.abc import Callable

from textual.content import Content

from rnntui.errors import TrainingError
from rnntui.events import StepLogged
from rnntui.records import RunRecord
from rnntui.service.export.report import beginning_in_words, old_text_in_words
from rnntui.service.run.run_view import (
    MUCH_SEEN,
    RunView,
    held_out_seen_in_words,
)
from rnntui.text import duration, visible_line
from rnntui.tui.safe import joined, shown_line

_LEAST_SHARE = 0.005
_MOST_WARNINGS = 3
_WIDE = 100
_STEP_CELLS = 16
"""Of the bar of one piece of work before the first step."""


def render_steps(view: RunView) -> Content:
    """What is done before the first step: what is over, what goes on with how much of it, and what comes."""
    if view.phase not in {"waiting", "preparing"}:
        return shown_line("After each quick look at held-out text it writes a line here.", "$foreground-disabled")
    parts: list[str | Content | tuple[str, str]] = [("Before it learns\n", "bold $text-primary")]
    if not view.steps_before:
        parts.append(("▸ starting the trainer …\n", "$foreground"))
    for step in view.steps_before[:-1]:
        parts += [("✓ ", "$text-success"), shown_line(step.what, "$foreground-muted", 60), "\n"]
    for step in view.steps_before[-1:]:
        left = f" {duration(step.eta_seconds)} left" if step.eta_seconds >= 1 else ""
        full = round(step.fraction * _STEP_CELLS)
        parts += [("▸ ", "$text-primary"), shown_line(step.what, "bold", 60), " …\n"]
        if step.fraction:
            parts += [
                ("  " + "━" * full, "$primary"),
                ("─" * (_STEP_CELLS - full), "$foreground-disabled"),
                (f" {100 * step.fraction:.0f} %{left}\n", "$foreground"),
            ]
    parts.append(("  then it learns\n", "$foreground-disabled"))
    for warning in view.warnings[:_MOST_WARNINGS]:
        parts += [("\n! ", "bold $text-warning"), shown_line(warning, "$text-warning", 400), "\n"]
    return joined(*parts)


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
            entries.append((f"best quick look at a part {best.bits_per_character:.3f}", "$text-warning", 1))
    elif view.evaluated and best:
        is_told = best.bits_per_character == view.evaluated.bits_per_character
        entries.append((f"quick look {view.evaluated.bits_per_character:.3f}", "$text-warning", 1))
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
    warned = f" Before it learned, this was said: {view.warnings[0]}" if view.warnings else ""
    return joined(
        ("Done: ", "bold $text-success"),
        shown_line(finished.name, "bold", 40),
        (
            f" needs {finished.bits_per_character:.3f} bits per character on all held-out text{compared}.{seen} "
            f"{key('chat-with-it')} talks with it, {key('report')} is its report.",
            "$foreground",
        ),
        shown_line(warned, "$text-warning", 300),
    )
