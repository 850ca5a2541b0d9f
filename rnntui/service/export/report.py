"""What a finished training tells: figures against simpler models, the curve, samples, and what to try next.

The facts are the card and the report that is kept beside it; here they become figures, which the command line draws
and `report_pages` writes as Markdown and HTML.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rnntui.events import BaseChosen
from rnntui.figures import Bar, Bars, Chart, Figure, Note, Series, Table
from rnntui.records import Beginning, ModelCard, RunReport, RunSample, Source
from rnntui.service.export.advice import BY_HEART, advice, gap_share, memory_share, was_early
from rnntui.service.origin.sentences import copying_in_words, has_verdict
from rnntui.service.run.run_view import (
    BEST_POSSIBLE,
    COUNTING,
    LAST_WORD,
    MUCH_SEEN,
    WITHOUT_NETWORK,
    Point,
    RunView,
    held_out_seen_in_words,
)
from rnntui.service.timestamps import local_time
from rnntui.text import duration, plural, visible_line

_MOST_POINTS = 160
_MOST_SAMPLES = 12
_LONGEST_SAMPLE = 600
_SETTLED_FROM = 0.08
"""The first points of a curve are far above the rest and would flatten it."""
_EASIER = 0.005
_NOTHING = 0.01
"""Bits per character; a model that needs less has nothing left to learn, and a share of it says nothing."""
_MOST_TEXTS = 8
"""Texts that are named, where there are more."""


# ---- what is kept -----------------------------------------------------------------------------------------------


def build_report(view: RunView, reason: str, words_per_second: float) -> RunReport:
    """The report of a run that has just been measured."""
    started, final, old = view.started, view.final, view.old_text
    samples = tuple(
        RunSample(
            sample.step,
            visible_line(sample.prompt, 200),
            sample.text[:_LONGEST_SAMPLE],
            round(sample.seconds, 2),
            _rounded(sample.bits_per_character),
            _rounded(sample.training_bits_per_character),
            _rounded(sample.learning_rate, 8),
            sample.tokens,
            _rounded(sample.passes, 3),
        )
        for sample in view.moments[-_MOST_SAMPLES:]
    )
    return RunReport(
        seen_bits_per_character=final.seen_bits_per_character if final else 0.0,
        training_curve=_sample_evenly(view.training_curve),
        held_out_curve=_sample_evenly(view.validation_curve),
        samples=samples,
        reason=reason,
        budget_seconds=started.budget_seconds if started else 0.0,
        words_per_second=words_per_second,
        threads=started.threads if started else 0,
        notes=started.notes if started else (),
        base_name=old.base_name if old else "",
        old_text_before=old.before if old else 0.0,
        old_text_after=old.after if old else 0.0,
        easier_share=final.easier_share if final else 0.0,
        held_out_seen_share=view.held_out_seen_share,
        processes=started.processes if started else 1,
        arithmetic=started.arithmetic if started else "float32",
        beginning=_beginning(view.beginning) if view.beginning else None,
        warnings=view.warnings,
    )


def _rounded(number: float, digits: int = 5) -> float:
    return round(number, digits) if math.isfinite(number) else 0.0


def _beginning(event: BaseChosen) -> Beginning:
    return Beginning(
        event.base_name, event.is_taken, event.bits_per_character, event.counting_bits_per_character, event.reason
    )


def _sample_evenly(curve: Sequence[Point]) -> tuple[tuple[float, ...], ...]:
    """At most so many points; each the mean of its neighbours."""
    known = [point for point in curve if math.isfinite(point.bits_per_character)]
    size = max(1, math.ceil(len(known) / _MOST_POINTS))
    groups = [known[at : at + size] for at in range(0, len(known), size)]
    return tuple(
        (round(group[-1].seconds, 2), round(sum(point.bits_per_character for point in group) / len(group), 5))
        for group in groups
    )


# ---- what is shown ----------------------------------------------------------------------------------------------


def figures_of(card: ModelCard, report: RunReport | None, sizes: Mapping[str, int] | None = None) -> tuple[Figure, ...]:
    """Everything that is known of how a model came about, in the order in which it is read."""
    figures: list[Figure] = [_facts(card, report, sizes or {})]
    if card.figures.baselines:
        figures.append(_comparison(card))
    figures += [Note(f"Before it learned, this was said: {warning}") for warning in (report.warnings if report else ())]
    figures += map(Note, sentences(card, report))
    if report and report.training_curve:
        figures.append(_chart(card, report))
    if report and report.samples:
        figures.append(_samples_table(report.samples))
    figures += [Note(f"Noticed in the files: {note}", "muted") for note in (report.notes if report else ())]
    figures += [Note(f"To try next: {tip}") for tip in advice(card, report)]
    return (*figures, Note(f"To train it again, in the folder of its files: {card.command}", "muted"))


def sentences(card: ModelCard, report: RunReport | None) -> Iterator[str]:
    """The figures in words."""
    figures = card.figures
    reached = figures.bits_per_character
    if report and report.held_out_seen_share >= MUCH_SEEN:
        yield held_out_seen_in_words(report.held_out_seen_share)
    for name in (LAST_WORD, COUNTING):
        if name in figures.baselines:
            yield compared_in_words(reached, name, figures.baselines[name])
    if together := figures.mixture_bits_per_character:
        yield together_in_words(together, reached, figures.baselines.get(WITHOUT_NETWORK, 0.0))
    if best := figures.baselines.get(BEST_POSSIBLE):
        more = 100 * (reached - best) / best
        yield f"The best possible model of this text needs {best:.3f}; the network needs {max(0.0, more):.1f} % more."
    if report and report.seen_bits_per_character > 0:
        yield _seen_in_words(card, report)
    if card.copying and has_verdict(card.copying):
        yield copying_in_words(card.copying)
    if report and report.beginning:
        yield beginning_in_words(report.beginning, is_over=True)
    if report and was_early(report, 60 * card.minutes):
        yield early_in_words(card.passes)
    if report and report.base_name and (report.old_text_before or not report.beginning):
        yield old_text_in_words(report.base_name, report.old_text_before, report.old_text_after)


def compared_in_words(reached: float, name: str, other: float) -> str:
    """A network beside a simpler model, both in bits per character."""
    if other < _NOTHING:
        return f"The text is no task: {name} needs {other:.3f} bits per character; the network needs {reached:.3f}."
    if reached > 2 * other:
        return f"The network needs {reached / other:.1f} times as much as {name} ({other:.3f})."
    share = 100 * (other - reached) / other
    return f"The network is {abs(share):.1f} % {'better' if share > 0 else 'worse'} than {name} ({other:.3f})."


def together_in_words(together: float, alone: float, without_network: float = 0.0) -> str:
    """The mixture that speaks, beside the network alone and beside all the others, in bits per character.

    Args:
        together: Of the mixture.
        alone: Of the network.
        without_network: Of counting and recent words alone; 0 where that was not measured.
    """
    others = f" Those two alone, without the network, need {without_network:.3f}." if without_network else ""
    if together < alone:
        return f"Together with counting and recent words it reaches {together:.3f}; that is how it speaks.{others}"
    return (
        f"Together with counting and recent words, as it speaks, it needs {together:.3f}: no gain over the "
        f"network alone ({alone:.3f}). --voice network lets that speak alone.{others}"
    )


def _seen_in_words(card: ModelCard, report: RunReport) -> str:
    """What it needs on text that it has learned from, and how much of the difference is memory."""
    gap, memory = gap_share(card, report), memory_share(card, report)
    is_measured = report.easier_share != 0.0
    less = f"{100 * gap:.0f} % less than on held-out text" if gap > 0 else "no less than on held-out text"
    easier = 100 * (gap - memory)
    why = f", of which {easier:.0f} % would be less for anyone: that text has given the vocabulary"
    told = f"{less}{why}" if is_measured and gap - memory > _EASIER else less
    needs = f"On text that it has learned from it needs {report.seen_bits_per_character:.3f}, {told}"
    if has_verdict(card.copying):  # which says it better: a gap also comes from the vocabulary
        return f"{needs}."
    by_heart = "it knows passages by heart" if memory > BY_HEART else "it learns the language, not the text"
    return f"{needs}: {by_heart}."


def beginning_in_words(chosen: Beginning | BaseChosen, *, is_over: bool = False) -> str:
    """What a run begins from, and why.

    Args:
        chosen: By the run.
        is_over: True for a run of the past.
    """
    begins, reads, would = ("began", "read", "would have reached") if is_over else ("begins", "reads", "would reach")
    if chosen.reason:
        return f"It {begins} from nothing, because {visible_line(chosen.reason, 200)}."
    name = "the starter" if chosen.base_name == "starter" else f'"{visible_line(chosen.base_name, 60)}"'
    figures = (
        f"this text at {chosen.bits_per_character:.2f} bits per character; "
        f"counting alone {would} {chosen.counting_bits_per_character:.2f}."
    )
    if chosen.is_taken:
        return f"It {begins} from {name}, which {reads} {figures}"
    return f"It {begins} from nothing: {name} {reads} {figures}"


def early_in_words(passes: float) -> str:
    """Why a run from a model was over before its time."""
    return f"It was done before its minutes: on top of a model a text is learned by heart after {passes:.0f} times."


def old_text_in_words(name: str, before: float, after: float) -> str:
    """What going on with another text has cost on the old one."""
    base = f'It went on from "{visible_line(name, 60)}"'
    if not before:
        return f"{base}, which keeps no text to say how much of it was forgotten."
    if not after:
        return f"{base}, which needs {before:.3f} bits per character on the end of its own text."
    share = 100 * (after - before) / before
    changed = f"{abs(share):.0f} % {'more' if share > 0 else 'less'}"
    return f"{base}. On the end of its old text it needed {before:.3f} before and needs {after:.3f} now, {changed}."


def _facts(card: ModelCard, report: RunReport | None, sizes: Mapping[str, int]) -> Table:
    config, figures = card.config, card.figures
    rows = [
        (
            "network",
            f"{config.cell}, {config.layers} x {config.hidden_size} units, vocabulary of {card.vocabulary_size:,}",
        ),
        ("text", _texts(card.sources)),
        *_licences(card.sources),
        ("learned from", f"{card.training_words:,} words, {card.passes:.1f} times over"),
        ("trained", _training_in_words(card, report)),
        *_sizes(card, sizes),
    ]
    if card.base_counts_bytes:
        megabytes = card.base_counts_bytes / 1e6
        rows.append(("counted before", f"{megabytes:.1f} MB of what the model that it went on from had counted"))
    if card.is_typographic:
        rows.append(("form", "reads and writes “ ” ‘ ’ — …, whatever quotes, dashes and dots a text has"))
    if card.base_name:
        rows.insert(1, ("began from", visible_line(card.base_name, 60)))
    if card.arithmetic != "float32":
        rows.append(("arithmetic", f"products in {card.arithmetic}; sums, weights and all figures in float32"))
    if figures.words:
        rows += [
            ("bits per character", f"{figures.bits_per_character:.3f} on {figures.characters:,} held-out characters"),
            ("perplexity", f"{figures.perplexity:.1f} per word and punctuation mark"),
            ("spelled", f"{100 * figures.spelled_share:.1f} % of the held-out words are not in the vocabulary"),
        ]
    else:
        rows.append(("bits per character", f"{figures.bits_per_character:.3f} at a quick look while it is trained"))
    return Table("", ("model", visible_line(card.name, 60)), tuple(rows))


def _texts(sources: Sequence[Source]) -> str:
    """All texts, or of very many the largest."""
    if len(sources) <= _MOST_TEXTS:
        return ", ".join(f"{_name_of(source)} ({source.characters:,} characters)" for source in sources)
    largest = sorted(sources, key=lambda source: -source.characters)[:_MOST_TEXTS]
    shown = ", ".join(map(_name_of, largest))
    characters = sum(source.characters for source in sources)
    return f"{len(sources):,} texts, {characters:,} characters: {shown} and {len(sources) - _MOST_TEXTS:,} more"


def _name_of(source: Source) -> str:
    title = f"{source.title} by {source.author}" if source.title and source.author else source.title
    return visible_line(title or source.name, 100)


def _licences(sources: Sequence[Source]) -> Iterator[tuple[str, str]]:
    """How many texts have which licence, where that is known."""
    known = Counter(source.licence for source in sources if source.licence)
    if known:
        shown = ", ".join(f"{visible_line(licence, 60)} ({plural(count, 'text')})" for licence, count in known.items())
        yield "licence", f"{shown}; each is named by rnntui models show --json"


def _sizes(card: ModelCard, sizes: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """What each file of a model takes."""
    if not sizes:
        return
    is_small = card.weight_kind == "int8"
    parts = [
        f"{name.partition('.')[0].replace('-', ' ')} {size / 1e6:.1f}"
        + (" (a byte a number)" if is_small and name.startswith("weights") else "")
        for name, size in sizes.items()
    ]
    yield "size", f"{sum(sizes.values()) / 1e6:.1f} MB: {', '.join(parts)}"


def _training_in_words(card: ModelCard, report: RunReport | None) -> str:
    made = f"seed {card.seed}, torch {card.torch_version}, {local_time(card.made_at)}"
    if report is None:
        return f"{_minutes(card.minutes)}, {made}"
    learned_by = workers_in_words(report.processes, report.threads, report.arithmetic)
    early = "then stopped" if report.reason == "stopped" else "the rest is preparing and measuring"
    return (
        f"learned for {card.minutes:g} of {_minutes(report.budget_seconds / 60)} ({early}) at "
        f"{report.words_per_second:,.0f} tokens/s, {learned_by}, {made}"
    )


def workers_in_words(processes: int, threads: int, arithmetic: str) -> str:
    """What learned, such as "2 threads", "2 processes of 1 thread" or "1 thread in bfloat16"."""
    each = plural(threads, "thread")
    workers = each if processes == 1 else f"{plural(processes, 'process')} of {each}"
    return workers if arithmetic == "float32" else f"{workers} in {arithmetic}"


def _minutes(number: float) -> str:
    return f"{number:g} minute{'' if number == 1 else 's'}"


def _comparison(card: ModelCard) -> Bars:
    """Every model on the same held-out text, the worst first."""
    figures = card.figures
    values = dict(figures.baselines) | {"this network": figures.bits_per_character}
    if figures.mixture_bits_per_character:
        values["all together"] = figures.mixture_bits_per_character
    ordered = sorted(values.items(), key=lambda entry: -entry[1])
    return Bars(
        "Bits per character on held-out text; less is better",
        tuple(Bar(visible_line(name, 40), bits, f"{bits:.3f}") for name, bits in ordered),
    )


def _chart(card: ModelCard, report: RunReport) -> Chart:
    training = _points(report.training_curve)
    held_out = _points(report.held_out_curve)
    settled = training[int(len(training) * _SETTLED_FROM) :] if len(training) > 12 else training
    values = [bits for _, bits in (*settled, *held_out[len(held_out) // 4 :])]
    end = max(seconds for seconds, _ in (*training, *held_out))
    series = [Series("training", "·", training), Series("held out", "o", held_out)]
    for name, mark in ((COUNTING, "-"), (BEST_POSSIBLE, "=")):
        bits = card.figures.baselines.get(name)
        if bits and bits < 1.3 * max(values):
            values.append(bits)
            series.append(Series(name, mark, tuple((end * at / 40, bits) for at in range(41))))
    low, high = min(values), max(values)
    margin = max(0.01, 0.05 * (high - low))
    inside = tuple(_inside(entry, high + margin) for entry in series)
    return Chart(
        "Bits per character over the minutes of the run", inside, "minutes", "bits", low - margin, high + margin
    )


def _points(curve: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, float], ...]:
    """(minutes, bits per character)."""
    return tuple((round(point[0] / 60, 2), point[1]) for point in curve if len(point) == 2)


def _inside(series: Series, high: float) -> Series:
    return Series(series.name, series.mark, tuple(point for point in series.points if point[1] <= high))


def _samples_table(samples: Sequence[RunSample]) -> Table:
    if not all(sample.seconds and sample.bits_per_character for sample in samples):  # of an earlier version
        rows = tuple((f"{sample.step:,}", f"{sample.prompt} | {sample.text.strip()}") for sample in samples)
        return Table("What it wrote, with the same prompt and the same dice", ("step", "text"), rows)
    moments = tuple(
        (duration(sample.seconds), f"{sample.bits_per_character:.3f}", sample.text.strip()) for sample in samples
    )
    title = f'What it wrote after "{samples[-1].prompt.strip()}", with the same dice'
    return Table(title, ("after", "bits", "text"), moments)
