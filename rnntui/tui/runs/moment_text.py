"""What stands beside the curve: what the network said at the chosen moment, its figures then, and what came before."""

import re

from textual.content import Content

from rnntui.service.run.run_moments import Moment, figures_in_words, nearest_moment
from rnntui.text import duration, visible_line
from rnntui.tui.runs.run_past import RunPast
from rnntui.tui.safe import joined, shown, shown_line

_LONGEST_TEXT = 1_000
_MOST_EARLIER = 12


def render_moments(past: RunPast, at: int, keys: str, other: RunPast | None = None) -> Content:
    """The moment at which the slider stands, and those before it.

    Args:
        past: Of the run.
        at: Which moment.
        keys: How the slider is moved, in words.
        other: A run that is laid over it: what that said at nearly the same time.
    """
    moment = past.moments[at]
    parts: list[str | Content | tuple[str, str]] = [*_heading(past, at, keys)]
    parts += _said(moment, has_prompt=True)
    if figures := figures_in_words(moment):
        parts += ["\n", shown_line(figures, "$foreground-muted")]
    parts.append("\n")
    nearest = nearest_moment(other.moments, moment.seconds) if other else None
    if other and nearest is not None:
        theirs = other.moments[nearest]
        name = visible_line(other.name, 30)
        parts += ["\n", shown_line(f"{name} at {duration(theirs.seconds)}", "bold $text-success"), "\n"]
        parts += [*_said(theirs, has_prompt=True), "\n"]
        parts += [shown_line(figures_in_words(theirs), "$foreground-muted"), "\n"]
    earlier = past.moments[max(0, at - _MOST_EARLIER) : at]
    if earlier:
        parts.append(("\nBefore that, with the same dice\n", "$foreground-disabled"))
    for before in reversed(earlier):
        parts += [_line(before), *_said(before, has_prompt=False), "\n"]
    return joined(*parts)


def _heading(past: RunPast, at: int, keys: str) -> list[str | Content | tuple[str, str]]:
    newest = len(past.moments) - 1
    which = "the newest" if at == newest else f"{at + 1} of {newest + 1}"
    return [
        (f"At {duration(past.moments[at].seconds)} it said", "bold $text-warning"),
        (f"  {which}", "$foreground-muted"),
        (f"  {keys}\n" if newest else "\n", "$foreground-disabled"),
    ]


def _said(moment: Moment, *, has_prompt: bool) -> list[str | Content | tuple[str, str]]:
    """The sample, run on in the paragraph of what it was to go on from."""
    text = re.sub(r"\n\s*\n", "\n", moment.text.rstrip()[:_LONGEST_TEXT])
    if has_prompt:
        return [shown_line(moment.prompt.rstrip() or "…", "bold", 300), shown(text)]
    return [shown(f"…{text}", "$foreground-muted")]


def _line(moment: Moment) -> Content:
    if not (moment.seconds and moment.bits_per_character):  # told by an earlier version
        return joined((f"step {moment.step:,}  ", "$foreground-disabled"))
    return joined(
        (f"{duration(moment.seconds)}  ", "$foreground-muted"), (f"{moment.bits_per_character:.3f}  ", "$text-warning")
    )
