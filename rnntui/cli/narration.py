"""Tell a training run on the command line: a progress bar on standard error, results on standard output."""

import json
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from rnntui.cli.output import Output
from rnntui.cli.texts_read import summary_lines, warning_lines
from rnntui.events import (
    BaseChosen,
    BaselinesMeasured,
    CheckpointSaved,
    Evaluated,
    Measuring,
    OldTextMeasured,
    Preparing,
    RowsHalved,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SampleDrawn,
    SpeedMeasured,
    StepLogged,
    TextsRead,
    TrainEvent,
    to_json,
)
from rnntui.service.export.report import (
    beginning_in_words,
    compared_in_words,
    early_in_words,
    old_text_in_words,
    together_in_words,
    workers_in_words,
)
from rnntui.service.prepare.facts_in_words import grouped_notes
from rnntui.service.run.run_view import COUNTING, MUCH_SEEN, WITHOUT_NETWORK, RunView, fold, held_out_seen_in_words
from rnntui.text import duration, visible_line
from rnntui.text_facts import TextFacts

_DIFFERENT = 0.0005
"""Two figures that are shown with three digits."""


class TrainingNarrator:
    """Shows events as they come.

    Args:
        output: Where results go.
        is_replay: True for a run that is only looked at: no progress bar.
    """

    def __init__(self, output: Output, is_replay: bool = False) -> None:
        self._output = output
        self._console = Console(stderr=True, markup=False, highlight=False, emoji=False)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            TextColumn("{task.fields[left]}", markup=False),
            console=self._console,
            transient=True,
            disable=output.is_json or is_replay or not self._console.is_terminal,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: TaskID | None = None
        self._view = RunView()
        self._meant = ""
        self._doing = ""
        self._is_stopping = False
        self._texts: tuple[TextFacts, ...] = ()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._progress.stop()

    def tell(self, event: TrainEvent) -> None:
        """One more event."""
        if self._output.is_json:
            self._output.result(json.loads(to_json(event)))
            return
        self._view = fold(self._view, event)
        match event:
            case Preparing() | Measuring():
                self._show_work(event)
            case BaselinesMeasured():
                self._show_baselines(event)
            case SpeedMeasured():
                self._say(
                    f"this machine trains about {event.words_per_second:,.0f} tokens a second: sizes for that speed"
                )
            case BaseChosen():
                self._say(beginning_in_words(event))
            case OldTextMeasured() if event.before or not self._view.beginning:
                self._say(old_text_in_words(event.base_name, event.before, event.after))
            case TextsRead():
                self._texts = event.texts
                for line in (*warning_lines(event.warnings), *summary_lines(event.texts)):
                    self._say(line)
            case RunStarted():
                self._show_start(event)
            case StepLogged():
                self._show_step(event)
            case Evaluated() if not event.is_final:
                self._show_evaluation(event)
            case SampleDrawn():
                width = min(120, self._console.width) if self._console.is_terminal else 120
                self._say(visible_line(f"{event.prompt} |{event.text}", max(20, width - 1)))
            case CheckpointSaved():
                return
            case RunPaused():
                self._say(event.reason or "Paused; the time stands still.")
            case RunResumed():
                self._say(event.note or f"It goes on after {duration(event.seconds)} of its time.")
            case RowsHalved():
                self._say(event.note)
            case RunFinished():
                self._show_end(event)

    def _show_start(self, event: RunStarted) -> None:
        for note in grouped_notes(event.notes, [text.name for text in self._texts], self._texts):
            self._say(note)
        self._say(
            f"{event.cell} with {event.layers} x {event.hidden_size} units, {event.parameters:,} parameters, "
            f"{event.vocabulary_size:,} entries in the vocabulary; {event.training_words:,} words to learn from, "
            f"{event.validation_words:,} held out; "
            f"{workers_in_words(event.processes, event.threads, event.arithmetic)}; Ctrl-C stops and keeps the best"
        )

    def _show_baselines(self, event: BaselinesMeasured) -> None:
        bits = event.bits_per_character.get(COUNTING)
        if bits and WITHOUT_NETWORK not in event.bits_per_character:  # it comes again when the run ends
            self._say(f"counting with 5 words reaches {bits:.3f} bits per character: the number to beat")
        if event.seen_share >= MUCH_SEEN:
            self._say(held_out_seen_in_words(event.seen_share))

    def _show_evaluation(self, event: Evaluated) -> None:
        mark = "  best so far" if event.is_best else ""
        bits = event.bits_per_character
        self._say(f"{duration(event.seconds):>7}  held out {bits:.3f} bits/char at a quick look{mark}")
        if self._view.in_words != self._meant:
            self._meant = self._view.in_words
            self._say(f"           {self._meant}")

    def _show_work(self, event: Preparing | Measuring) -> None:
        """Work before the first step or after the last one: each kind a line, its progress on the bar."""
        if isinstance(event, Measuring) and event.is_stopped and not self._is_stopping:
            self._is_stopping = True
            self._say("Stopping; the best weights are kept and measured. Ctrl-C again ends at once.")
        if event.what != self._doing:
            self._doing = event.what
            self._say(f"{event.what} ...")
        self._show_bar(self._view.doing)

    def _show_step(self, event: StepLogged) -> None:
        self._show_bar(f"{event.bits_per_character:.3f} bits/char  {event.words_per_second:,.0f} tokens/s")

    def _show_bar(self, what: str) -> None:
        """How much of the run's time is over, which is not only learning."""
        view = self._view
        if self._task is None:
            self._task = self._progress.add_task("", total=1.0, left="")
        left = f"{duration(view.seconds)} of {duration(view.whole_seconds)} · {duration(view.seconds_left)} left"
        self._progress.update(self._task, completed=view.fraction, description=visible_line(what, 60), left=left)

    def _show_end(self, event: RunFinished) -> None:
        self._progress.stop()  # results do not begin in the middle of its line
        if self._console.is_terminal:
            self._console.bell()
        if event.reason == "interrupted":
            self._say("It was told to leave; what it has learned so far is kept.")
            return
        if not event.model_id:
            self._say("Stopped before there was anything to keep.")
            return
        self._output.text(
            f"{event.name}: {event.bits_per_character:.3f} bits per character, perplexity {event.perplexity:.1f} "
            f"per word on all held-out text, after {duration(self._view.seconds)}, {duration(event.seconds)} of them "
            f"learning ({event.words_per_second:,.0f} tokens/s)"
        )
        if self._view.was_early and self._view.progress:
            self._say(early_in_words(self._view.progress.passes))
        looked = self._view.best
        if looked and abs(looked.bits_per_character - event.bits_per_character) >= _DIFFERENT:
            self._say(
                f"The best of the quick looks, at a part of the held-out text, said {looked.bits_per_character:.3f}."
            )
        if COUNTING in self._view.baselines:
            counting = self._view.baselines[COUNTING]
            self._output.text(compared_in_words(event.bits_per_character, "counting", counting))
        if together := event.mixture_bits_per_character:
            without = self._view.baselines.get(WITHOUT_NETWORK, 0.0)
            self._output.text(together_in_words(together, event.bits_per_character, without))
        self._say(f'Talk to it: rnntui --model "{visible_line(event.name)}"')

    def _say(self, sentence: str) -> None:
        if self._progress.disable:
            self._output.say(sentence)
        else:
            self._console.print(visible_line(sentence, 600), soft_wrap=True)
