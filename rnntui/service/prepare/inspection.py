"""Files as a person sees them before training: what they hold, what would be built, what simpler models reach."""

import dataclasses
import itertools
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from rnntui.events import BaselinesMeasured, CorpusInspected, Expectation, Preparing, SpeedMeasured, TrainEvent
from rnntui.records import ReadOptions
from rnntui.service.pipeline.plan_preview import preview_plan
from rnntui.service.prepare.data_prep import (
    SurveyedText,
    baselines,
    best_possible,
    choose_tokenizer,
    count_tokens,
    overlap_notes,
    report_progress,
    report_speed,
    survey_files,
)
from rnntui.service.prepare.worth import MUCH_REPEATED, warnings_of
from rnntui.settings import ModelConfig
from rnntui.store.corpora import Corpora

if TYPE_CHECKING:
    from torch import Tensor

    from rnntui.lm.model_file import LoadedModel
    from rnntui.lm.tokens.corpus import CountedText
    from rnntui.lm.tokens.tokenizer import Tokenizer

EXPECTED_MINUTES = (1.0, 5.0, 15.0, 60.0)
_PREVIEW = 600
_IDS_AT_ONCE = 1 << 15
_MOST_COUNTED = 1_200_000
"""Words that the comparison counts: up to 200 MB of memory meanwhile."""
_MUCH_REPEATED = 0.02
_SPELLING = "looking for words without an entry"


def inspect(
    files: Sequence[str],
    corpora: Corpora,
    reading: ReadOptions,
    share: float,
    validation_file: str = "",
    speed_seconds: float = 0.0,
    begin: "Callable[[CountedText], Generator[TrainEvent, None, LoadedModel | None]] | None" = None,
) -> Iterator[TrainEvent]:
    """Look at files before anything is trained: `Preparing` events, a `CorpusInspected`, then `BaselinesMeasured`.

    With `speed_seconds` above 0 the speed of this machine is measured for so long, and a `SpeedMeasured` follows.

    Args:
        files: Paths, or names of samples.
        corpora: Where prepared texts are kept.
        reading: What the person says of the files.
        share: How much of each text is held out.
        validation_file: Held-out text of its own; empty holds out the end of each file.
        speed_seconds: See above.
        begin: Finds the model that a run would begin from; None takes it to begin with nothing.

    Raises:
        CorpusError: If one of them cannot be trained on.
    """
    from rnntui.lm.train.planner import plan_model

    survey = yield from survey_files(files, reading, share, validation_file)
    counted = yield from count_tokens(survey, corpora)
    base = (yield from begin(counted)) if begin else None
    shape = base.card.config if base else None
    tokenizer, note = yield from choose_tokenizer(counted, plan_model(counted.pieces, 300.0, {})[0])
    yield Preparing(_SPELLING)
    held_out = yield from _encode(counted.held_out, tokenizer, _SPELLING)
    found = yield from _describe(survey, counted, held_out, tokenizer, files, shape)
    yield dataclasses.replace(found, notes=(*found.notes, note)) if note else found
    yield (yield from _compare(counted, held_out, tokenizer, files))
    if speed_seconds > 0:
        from rnntui.lm.hardware.calibration import Candidate, arithmetics, fastest, trial_steps

        ways = [Candidate(arithmetic=name) for name in arithmetics("cpu")]
        trials = yield from report_speed(trial_steps(ways, seconds=speed_seconds))
        speed = fastest(trials).words_per_second
        yield SpeedMeasured(speed, _expectations(counted, len(tokenizer), speed, shape))


def _describe(
    survey: SurveyedText,
    counted: "CountedText",
    held_out: "Tensor",
    tokenizer: "Tokenizer",
    files: Sequence[str],
    shape: ModelConfig | None,
) -> Generator[TrainEvent, None, CorpusInspected]:
    """What was found in the files."""
    words, spelled = yield from _count_words(held_out, tokenizer, _SPELLING)
    learned = counted.pieces - sum(count for piece, count in counted.counts.items() if piece.isspace())
    if tokenizer.costs is not None:  # it was counted letter by letter
        learned = round(counted.characters * words / max(1, len(counted.held_out)))
    tuning = yield from _encode(counted.tuning, tokenizer, _SPELLING)
    tuning_words, _ = yield from _count_words(tuning, tokenizer, _SPELLING)
    own_end = len(counted.held_out) if survey.validation else 0
    return CorpusInspected(
        files=tuple(text.name for text in survey.texts),
        encodings=tuple(text.encoding for text in survey.texts),
        characters=sum(source.characters for source in counted.sources) + own_end,
        words=learned + tuning_words + words,
        vocabulary_size=len(tokenizer),
        preview=counted.opening[:_PREVIEW],
        notes=(*overlap_notes(counted), *survey.notes, *counted.notes, *_repeats(counted, files), *_limits(counted)),
        held_out_characters=len(counted.held_out),
        spelled_share=spelled / max(1, words),
        repeated_share=counted.repeated_share,
        expectations=_expectations(counted, len(tokenizer), base=shape),
        training_words=counted.pieces,
        texts=counted.texts,
        warnings=warnings_of(counted, shape, best_possible(counted.held_out, files)),
    )


def _compare(
    counted: "CountedText", held_out: "Tensor", tokenizer: "Tokenizer", files: Sequence[str]
) -> Generator[TrainEvent, None, BaselinesMeasured]:
    """What simpler models reach on the held-out text, and how much of it they have read."""
    from rnntui.lm.text.overlap import overlap_share

    learned = yield from _encode(f"{counted.recent}\n\n{counted.tuning}", tokenizer, "counting, for comparison")
    learned = learned[-_MOST_COUNTED:]
    compared = yield from baselines(counted.held_out, learned, tokenizer, files)
    seen_share = yield from report_progress(
        overlap_share(learned, held_out, tokenizer), "looking for held-out text in what is learned from"
    )
    return BaselinesMeasured(compared, seen_share)


def _expectations(
    counted: "CountedText", vocabulary_size: int, words_per_second: float = 0.0, base: ModelConfig | None = None
) -> tuple[Expectation, ...]:
    """What would be built in each of the times; 0 words per second stand for an ordinary machine.

    The vocabulary depends on the text alone.
    """
    found = []
    for minutes in EXPECTED_MINUTES:
        made = preview_plan(counted.pieces, 60.0 * minutes, {}, base, words_per_second)
        model, passes = made.model, round(made.passes, 2)
        found.append(Expectation(minutes, model.cell, model.layers, model.hidden_size, vocabulary_size, passes))
    return tuple(found)


def _repeats(counted: "CountedText", files: Sequence[str]) -> list[str]:
    if counted.repeated_share < _MUCH_REPEATED or best_possible(counted.held_out, files) is not None:
        return []  # a grammar repeats itself, and its best possible is known all the same
    if counted.repeated_share >= MUCH_REPEATED:
        return []  # a warning says it
    return [
        f"{100 * counted.repeated_share:.0f} % of the long sentences stand there more than once, "
        f'such as "{counted.repeated_example}"; what is also held out makes figures look too good.'
    ]


def _limits(counted: "CountedText") -> list[str]:
    from rnntui.lm.tokens.corpus import MOST_RECENT

    if counted.characters <= MOST_RECENT and counted.pieces <= _MOST_COUNTED:
        return []
    return [
        f"Counting has read the last {MOST_RECENT:,} characters here, and not more than {_MOST_COUNTED:,} words; a "
        "training run counts more of them and comes to another figure."
    ]


def _encode(text: str, tokenizer: "Tokenizer", what: str) -> Generator[TrainEvent, None, "Tensor"]:
    """A text as [N] ids; events while they are made."""
    import torch

    from rnntui.lm.tokens.splitting import blocks

    ids = array("q")
    for block in blocks(text):
        ids.extend(tokenizer.encode(block))
        yield Preparing(what)
    return torch.frombuffer(ids, dtype=torch.long) if ids else torch.empty(0, dtype=torch.long)


def _count_words(ids: "Tensor", tokenizer: "Tokenizer", what: str) -> Generator[TrainEvent, None, tuple[int, int]]:
    """How many words and punctuation marks a text [N] has, and how many of them are spelled; events meanwhile."""
    from rnntui.lm.generator import words_of

    count = spelled = 0
    parts = (ids[start : start + _IDS_AT_ONCE].tolist() for start in range(0, ids.numel(), _IDS_AT_ONCE))
    for tokens in words_of(tokenizer, itertools.chain.from_iterable(parts)):
        count += 1
        spelled += len(tokens) > 1
        if count % _IDS_AT_ONCE == 0:
            yield Preparing(what)
    return count, spelled
