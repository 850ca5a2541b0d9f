"""What the form says of the chosen files and of what the minutes build, in sentences; figures stand in More settings.

Knows no widget.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from textual.content import Content

from rnntui.events import BaseChosen, CorpusInspected, Expectation, Preparing
from rnntui.records import ModelCard
from rnntui.service.export.report import beginning_in_words
from rnntui.service.pipeline.plan_preview import PlanPreview
from rnntui.service.prepare.facts_in_words import grouped_notes, read_as, summary, summary_of_all
from rnntui.service.run.run_view import BEST_POSSIBLE, COUNTING, work_in_words
from rnntui.text import duration, visible_line
from rnntui.text_facts import TextFacts
from rnntui.tui.file_choice import SAMPLES
from rnntui.tui.safe import joined, shown, shown_line

_ENOUGH, _PLENTY = 100_000, 1_000_000
"""Words from which a model is worth talking to, and a pleasure."""
_MENDED = re.compile(
    r"header and licence were left out|notes were left out|joined into paragraphs|at a line end .+ mended"
    r"|control characters? became|became “ ”|as marks of a printed book|between scenes got one form|it is read once"
)
"""What was put right in the files: good news, and nothing to warn of."""


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
    parts: list[str | Content | tuple[str, str]] = [
        (f"{report.words:,} words and marks", "bold $foreground"),
        (f": {_worth_in_words(report.words)}\n", "$foreground-muted"),
    ]
    for warning in report.warnings:
        parts += [("! ", "bold $text-warning"), shown_line(warning, "$text-warning", 400), "\n"]
    for name, words in _how_read(report.texts):
        parts += [(f"{name:<9} ", "$foreground-disabled"), shown_line(words, "$foreground-muted", 300), "\n"]
    if expectations:
        parts.append((f"{format_expectations(expectations)}\n", "$foreground"))
        how = f"measured here: {speed:,.0f} tokens/s" if speed else "on an ordinary machine"
        parts.append((f"({how})\n", "$foreground-disabled"))
    for name, meant in ((COUNTING, "what the network has to beat"), (BEST_POSSIBLE, "what no model can beat")):
        if name in compared:
            told = f"Bits per character: {compared[name]:.3f} by {name}, {meant}\n"
            parts.append((told, "$foreground-muted"))
    if beginning:
        parts += [shown_line(beginning_in_words(beginning), "$foreground-muted", 300), "\n"]
    for note in sorted(grouped_notes(report.notes, report.files, report.texts), key=is_mended):
        mark = ("✓ ", "$text-success") if is_mended(note) else ("! ", "bold $text-warning")
        parts += [mark, shown_line(note, "$foreground-muted" if is_mended(note) else "$text-warning"), "\n"]
    return joined(
        *parts,
        ("\nIt begins:\n", "$foreground-disabled"),
        shown(re.sub(r"\n{3,}", "\n\n", report.preview[:1_500]), "italic"),
    )


def _how_read(texts: Sequence[TextFacts]) -> list[tuple[str, str]]:
    if len(texts) == 1:
        return [("read as", read_as(texts[0])), *summary(texts[0])]
    return summary_of_all(texts)


def render_warning(warnings: Sequence[str]) -> Content:
    """The gravest warning, and how many more there are."""
    if not warnings:
        return Content("")
    more = f" ({len(warnings) - 1} more above)" if len(warnings) > 1 else ""
    return joined(("! ", "bold $text-warning"), shown_line(warnings[0], "$text-warning", 400), (more, "$text-warning"))


def is_mended(note: str) -> bool:
    """True for a note that says what was put right, and not what to think of."""
    return bool(_MENDED.search(note))


def _worth_in_words(words: int) -> str:
    if words >= _PLENTY:
        return "plenty; talking to it will be a pleasure"
    if words >= _ENOUGH:
        return "enough for a model worth talking to"
    return f"from {_ENOUGH:,} on it is worth talking to"


def format_expectations(expectations: Sequence[Expectation]) -> str:
    """How often the text is read in each of the times."""
    kept = list(expectations)
    while len(kept) > 1 and kept[-1].passes == kept[-2].passes:  # more minutes are not used
        kept.pop()
    rows = [f"{_minutes_in_words(entry.minutes):>10}  {passes_in_words(entry.passes)}" for entry in kept]
    if len(kept) < len(expectations):
        rows[-1] += ", which is enough; more minutes are given back"
    return "\n".join(rows)


def render_outlook(
    minutes: float, made: PlanPreview, report: CorpusInspected, base: ModelCard | None, is_measured: bool
) -> Content:
    """What the chosen minutes come to, as a sentence."""
    start = f'it goes on from "{visible_line(base.name, 30)}" and ' if base else "it "
    about = passes_in_words(made.passes, is_about=not is_measured)
    return shown_line(f"In {_minutes_in_words(minutes)} {start}{about}.{_given_back(made)}", "$foreground-muted", 300)


def _given_back(made: PlanPreview) -> str:
    """Why a run is over before its time; empty where it is not."""
    if not made.is_early:
        return ""
    return (
        f" That is enough on top of a model that knows the language: it is over after about {duration(made.seconds)}."
    )


def render_plan(
    minutes: float, made: PlanPreview, report: CorpusInspected, base: ModelCard | None, is_measured: bool
) -> Content:
    """What the chosen minutes build, in figures."""
    model = made.model
    known = f"{min(model.vocabulary_limit, report.vocabulary_size):,} words known"
    if base:
        known = f"its {base.vocabulary_size:,} words and new ones"
    start = f"go on from {visible_line(base.name, 30)}, " if base else ""
    encodings = ", ".join(sorted({visible_line(name, 20) for name in report.encodings}))
    spelled = f"{100 * report.spelled_share:.1f} % of the held-out words would be spelled"
    return joined(
        shown_line(
            f"{minutes:g} min: {start}{model.cell} {model.layers}×{model.hidden_size}, {known}, "
            f"{passes_in_words(made.passes, is_about=not is_measured)}",
            "$foreground-muted",
        ),
        (
            f"\n{encodings}, {spelled}",
            "$foreground-muted",
        ),
    )


def passes_in_words(passes: float, *, is_about: bool = False) -> str:
    """How often a text is read."""
    about = "about " if is_about else ""
    if passes < 0.9:
        return f"reads {about}{100 * passes:.0f} % of the text"
    return f"reads the text {about}{passes:,.0f} times" if passes >= 1.5 else f"reads the text {about}once"


def _minutes_in_words(minutes: float) -> str:
    return f"{minutes:g} minutes" if minutes != 1 else "1 minute"
