"""The moments of a run at which it was asked to write a line: what it said, and its figures just then.

Known while it runs, from its events, and afterwards, from the report that stays with the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rnntui.events import Evaluated, SampleDrawn, StepLogged
from rnntui.records import RunReport


@dataclass(frozen=True, slots=True)
class Moment:
    """One look: the same prompt and the same dice at every moment of a run. A number that was not kept is 0."""

    step: int
    seconds: float
    """Of the person's minutes."""
    prompt: str
    text: str
    bits_per_character: float
    """On a part of the held-out text."""
    training_bits_per_character: float = 0.0
    """On what it was just learning from."""
    learning_rate: float = 0.0
    tokens: int = 0
    """Read by then."""
    passes: float = 0.0
    """How often the text was read by then."""


def moment_of(sample: SampleDrawn, look: Evaluated | None, progress: StepLogged | None) -> Moment:
    """The moment of a sample.

    Args:
        sample: What was written.
        look: The last evaluation; an earlier version told the time and quality of a sample only there.
        progress: The last step that was told.
    """
    belongs = look if look and look.step == sample.step else None
    seconds = sample.seconds or (belongs.seconds if belongs else 0.0)
    bits = sample.bits_per_character or (belongs.bits_per_character if belongs else 0.0)
    moment = Moment(sample.step, seconds, sample.prompt, sample.text, bits)
    if progress is None:
        return moment
    figures = (progress.bits_per_character, progress.learning_rate, progress.words, progress.passes)
    return Moment(sample.step, seconds, sample.prompt, sample.text, bits, *figures)


def moments_of_report(report: RunReport | None) -> tuple[Moment, ...]:
    """The moments that a report kept, oldest first; none of a report of an earlier version, which kept no times."""
    samples = report.samples if report else ()
    return tuple(
        Moment(
            sample.step,
            sample.seconds,
            sample.prompt,
            sample.text,
            sample.bits_per_character,
            sample.training_bits_per_character,
            sample.learning_rate,
            sample.tokens,
            sample.passes,
        )
        for sample in samples
        if sample.seconds
    )


def figures_in_words(moment: Moment) -> str:
    """The figures of a moment on one line; what was not kept is left out."""
    parts = []
    if moment.bits_per_character > 0:
        parts.append(f"held out {moment.bits_per_character:.3f} bits/char")
    if moment.training_bits_per_character > 0:
        parts.append(f"training {moment.training_bits_per_character:.3f}")
    if moment.learning_rate > 0:
        parts.append(f"rate {moment.learning_rate:.2g}")
    if moment.tokens:
        parts.append(f"{moment.tokens:,} tokens, {moment.passes:.1f} times the text")
    return " · ".join(parts)


def nearest_moment(moments: Sequence[Moment], seconds: float) -> int | None:
    """Which of the moments is nearest to a time; None where there is none."""
    if not moments:
        return None
    return min(range(len(moments)), key=lambda at: abs(moments[at].seconds - seconds))
