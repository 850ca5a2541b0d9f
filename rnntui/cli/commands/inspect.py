"""`rnntui inspect`: what is in text files; a line of progress on standard error, the findings on standard output."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Self

from rich.console import Console
from rich.status import Status

from rnntui.cli.arguments import locate_text, read_options
from rnntui.cli.context import load_services
from rnntui.cli.output import Output, render_table
from rnntui.cli.texts_read import PAGES, pages_with_more, passage_examples, summary_lines, warning_lines, wrapped
from rnntui.errors import EXIT_OK
from rnntui.events import (
    BaseChosen,
    BaselinesMeasured,
    CorpusInspected,
    Expectation,
    Preparing,
    SpeedMeasured,
    TrainEvent,
    to_json,
)
from rnntui.service.export.report import beginning_in_words
from rnntui.service.prepare.facts_in_words import grouped_notes
from rnntui.service.run.run_view import MUCH_SEEN, held_out_seen_in_words, work_in_words
from rnntui.text import visible_line

_PREVIEW = 400
_SPEED_SECONDS = 2.0


def inspect(args: Any, output: Output) -> int:
    """Look into text files before training."""
    services = load_services(args)
    files = [locate_text(file) for file in args.files]
    if args.show and not output.is_json:
        return _show(
            args.show, services.training.inspect(files, read_options(args), locate_text(args.validation)), output
        )
    seconds = 0.0 if services.training.active() else _SPEED_SECONDS
    with InspectionNarrator(output, seconds > 0) as narrator:
        for event in services.training.inspect(files, read_options(args), locate_text(args.validation), seconds):
            narrator.tell(event)
    return EXIT_OK


def _show(what: str, work: Iterator[TrainEvent], output: Output) -> int:
    """One page about the texts; what would be built of them is not asked."""
    with InspectionNarrator(output) as narrator:
        for event in work:
            if isinstance(event, CorpusInspected):
                output.text("\n".join(PAGES[what](event.texts)))
                break
            if isinstance(event, Preparing):
                narrator.tell(event)
    return EXIT_OK


class InspectionNarrator:
    """Shows the events of a look into files as they come.

    Args:
        output: Where findings go.
        is_speed_measured: True when a `SpeedMeasured` will come, with what to expect here.
    """

    def __init__(self, output: Output, is_speed_measured: bool = False) -> None:
        self._output = output
        self._is_speed_measured = is_speed_measured
        self._console = Console(stderr=True, markup=False, highlight=False, emoji=False)
        self._status = Status("", console=self._console) if self._console.is_terminal and not output.is_json else None

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        if self._status:
            self._status.stop()

    def tell(self, event: TrainEvent) -> None:
        """One more event."""
        if self._output.is_json:
            if not isinstance(event, Preparing):
                self._output.result(json.loads(to_json(event)))
            return
        match event:
            case Preparing():
                self._say_doing(event)
            case BaseChosen():
                self._output.text(beginning_in_words(event))
            case CorpusInspected():
                self._report(event)
            case BaselinesMeasured():
                self._baselines(event)
            case SpeedMeasured():
                self._output.text(
                    f"\nThis machine trains {event.words_per_second:,.0f} tokens a second. It would build"
                )
                self._expected(event.expectations)

    def _say_doing(self, event: Preparing) -> None:
        if self._status:
            self._status.update(visible_line(work_in_words(event), 70).replace("[", "("))

    def _report(self, event: CorpusInspected) -> None:
        for line in warning_lines(event.warnings):
            self._output.text(line)
        named = zip(event.files, event.encodings, strict=True)
        files = [f"{visible_line(name, 60)} ({encoding})" for name, encoding in named]
        listed = ", ".join(files[:6]) + (f" and {len(files) - 6:,} more" if len(files) > 6 else "")
        said = (
            listed,
            f"{event.words:,} words and marks, {event.characters:,} characters, "
            f"{event.held_out_characters:,} of them held out to measure on",
            f"{event.vocabulary_size:,} entries in the vocabulary; {100 * event.spelled_share:.1f} % of the held-out "
            "words are not among them and are spelled",
        )
        for sentence in said:
            self._output.text("\n".join(wrapped(sentence)))
        for line in summary_lines(event.texts):
            self._output.text(line)
        for note in grouped_notes(event.notes, event.files, event.texts):
            self._output.text("\n".join(wrapped(f"- {visible_line(note, 400)}")))
        if shown := list(passage_examples(event.texts)):
            self._output.text(
                "\n".join(("\nIts lines, as they stand there (-) and as they are learned from (+):", *shown))
            )
        if pages := pages_with_more(event.texts):
            self._output.text(f"All of it: the same with {', '.join(f'--show {page}' for page in pages)}")
        self._output.text(f"\nIt begins:\n{event.preview[:_PREVIEW].strip()}\n")
        if not self._is_speed_measured:
            self._expected(event.expectations)

    def _expected(self, expectations: Sequence[Expectation]) -> None:
        heading = ("minutes", "network", "vocabulary", "times read")
        self._output.text(render_table([_row(entry) for entry in expectations], heading))

    def _baselines(self, event: BaselinesMeasured) -> None:
        rows = [(name, f"{bits:.3f}") for name, bits in event.bits_per_character.items()]
        self._output.text("\n" + render_table(rows, ("on the held-out text", "bits/char")))
        if event.seen_share >= MUCH_SEEN:
            self._output.text(f"- {held_out_seen_in_words(event.seen_share)}")


def _row(entry: Expectation) -> tuple[str, ...]:
    network = f"{entry.cell} {entry.layers} x {entry.hidden_size}"
    return f"{entry.minutes:g}", network, f"{entry.vocabulary_size:,}", f"{entry.passes:.1f}"
