"""What to try next with a model, what pays most first: by the planner's own estimates, said with numbers.

An estimate is worth what the measurements behind it are worth: it tells half a tenth of a bit from a hundredth.
"""

import shlex
from collections.abc import Iterator

from rnntui.records import ModelCard, RunReport
from rnntui.service.run.run_view import BEST_POSSIBLE, COUNTING, LEARNING_AT_LEAST
from rnntui.text import plural, visible_line

BY_HEART = 0.12
"""So much better on learned text, beyond what is easier there for anyone, means that it knows passages by heart. Of
five models three had read their text at most 1.4 times and were .03 to .06 better, two 6 times: .31 and .38."""
_EASIER_AT_MOST = 0.13
"""Where it was not measured: of six books it is -.01 to .06, and .13 in *Alice*, whose end is unlike its beginning."""
_FEW_PASSES = 3.0
_STILL_FALLING = 0.01
"""Improvement over the last quarter of the time, as a share, from which more time is worth it."""
_SMALL_TEXT = 100_000
_MUCH_SPELLED = 0.06
_NEARLY_BEST = 0.05
_HUNDREDTH = 0.0095
_WORTH_SAYING = 0.005
"""Bits per character: less is in the noise of another seed."""


def advice(card: ModelCard, report: RunReport | None) -> Iterator[str]:
    """What to try next, what pays most first."""
    figures = card.figures
    go_on = f"rnntui train --resume {shlex.quote(visible_line(card.name, 60))}"
    if not figures.words:
        yield (
            f"Its training has not come to its end: go on ({go_on}), or train anew when its run is gone. "
            "Until then the network speaks alone."
        )
        return
    best = figures.baselines.get(BEST_POSSIBLE)
    if best and figures.bits_per_character < (1 + _NEARLY_BEST) * best:
        yield "Nothing: hardly anything is left to learn in this text."
        return
    was_falling = report is not None and _last_fall(report) > _STILL_FALLING and not _was_early(card, report)
    is_by_heart = report is not None and memory_share(card, report) > BY_HEART and not was_falling
    if report and report.reason == "stopped" and not is_by_heart:
        yield f"Go on: the run was stopped before its time was over ({go_on})."
    time = (0.0, "") if is_by_heart else _more_time(card, report)
    text = _more_text(card, report)
    for gain, sentence in sorted((time, text, _starter(card, report)), key=lambda entry: -entry[0]):
        if gain >= _WORTH_SAYING:
            yield sentence
    yield from _other_ways(card, is_by_heart=is_by_heart, is_text_said=text[0] >= _WORTH_SAYING)


def first_advice(card: ModelCard, report: RunReport | None) -> str:
    """What pays most; empty where there is nothing to say."""
    return next(advice(card, report), "")


# ---- what pays how much: bits per character and the sentence -------------------------------------------------------


def _more_time(card: ModelCard, report: RunReport | None) -> tuple[float, str]:
    """As many minutes again."""
    from rnntui.lm.train.planner import gain_of_time

    if report and _was_early(card, report):  # more minutes would not be used
        return 0.0, ""
    minutes = report.budget_seconds / 60 if report and report.budget_seconds else card.minutes
    gain = gain_of_time(card.passes, is_tuning=bool(card.base_name))
    why = f" It has read the text only {card.passes:.1f} times." if card.passes < _FEW_PASSES else ""
    if report and (fall := _last_fall(report)) > _STILL_FALLING:
        gain = max(gain, fall * card.figures.bits_per_character / 2)
        why = why or " It was still getting better."
    more = f"{minutes:.3g} more minute{'' if minutes == 1 else 's'}"
    return gain, f"More time: {more}, {_about(gain)} ({2 * minutes:.3g} instead of {minutes:.3g}).{why}"


def _more_text(card: ModelCard, report: RunReport | None) -> tuple[float, str]:
    """As much text again, read as often."""
    from rnntui.lm.train.planner import gain_of_text

    if report is None:
        return 0.0, ""
    gain = gain_of_text(memory_share(card, report) * card.figures.bits_per_character)
    words = plural(card.training_words, "word")
    return gain, f"More text, by the same author or of the same kind: {words} more, {_about(gain, 'at least')}."


def _starter(card: ModelCard, report: RunReport | None) -> tuple[float, str]:
    """To begin from what ships with the program, where the person had said not to."""
    from rnntui.lm.train.planner import SHARE_FROM_STARTER

    is_asked = report is not None and report.beginning is None and not card.base_name
    if not is_asked or "--from nothing" not in card.command:
        return 0.0, ""
    gain = SHARE_FROM_STARTER * card.figures.bits_per_character
    return gain, f"Begin from the starter, if this is English prose (no --from nothing): {_about(gain)}."


def _about(gain: float, word: str = "about") -> str:
    return f"{word} {gain:.{2 if gain >= _HUNDREDTH else 3}f} bits per character less"


def _other_ways(card: ModelCard, *, is_by_heart: bool, is_text_said: bool) -> Iterator[str]:
    """What nobody can say a number for."""
    figures = card.figures
    if is_by_heart:
        yield "A higher --dropout: it knows passages by heart, and more minutes will not help."
    if card.training_words < _SMALL_TEXT and not is_text_said:
        yield f"More text: {card.training_words:,} words are few; 100,000 and more make a model worth talking to."
    if figures.spelled_share > _MUCH_SPELLED:
        spelled = f"{100 * figures.spelled_share:.1f} % of the held-out words had to be spelled"
        if card.vocabulary_size >= card.config.vocabulary_limit:
            yield f"A larger --vocabulary: {spelled}."
        elif not is_text_said:
            yield f"More text: {spelled}, and every word that stands there twice has its entry already."
    counting = figures.baselines.get(COUNTING)
    if card.counts_sha256 and counting and figures.bits_per_character > counting:
        yield "Let it speak with counting, as it does by itself: alone it is still worse than counting."


# ---- what a report tells --------------------------------------------------------------------------------------------


def memory_share(card: ModelCard, report: RunReport) -> float:
    """How much better it is on what it has learned from than anyone would be, as a share."""
    return max(0.0, gap_share(card, report) - max(0.0, report.easier_share or _EASIER_AT_MOST))


def gap_share(card: ModelCard, report: RunReport) -> float:
    """How much better it is on what it has learned from, as a share."""
    reached = card.figures.bits_per_character
    if report.seen_bits_per_character <= 0 or reached <= 0:
        return 0.0
    return max(0.0, (reached - report.seen_bits_per_character) / reached)


def was_early(report: RunReport, learned_seconds: float) -> bool:
    """True when passes ended a run, and not its time, of which learning has at least a half."""
    return (
        report.reason == "budget"
        and bool(report.base_name)
        and learned_seconds < LEARNING_AT_LEAST * report.budget_seconds
    )


def _was_early(card: ModelCard, report: RunReport) -> bool:
    return was_early(report, 60 * card.minutes)


def _last_fall(report: RunReport) -> float:
    """By what share the last quarter of the time has made it better."""
    curve = [point for point in report.held_out_curve if len(point) == 2]
    if len(curve) < 4:
        return 0.0
    begin, end = curve[0][0], curve[-1][0]
    before = min(bits for seconds, bits in curve if seconds <= begin + 0.75 * (end - begin))
    return max(0.0, (before - curve[-1][1]) / before)
