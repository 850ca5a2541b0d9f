"""Files -> what a trainer needs: surveyed, counted, encoded, and kept for the next time. A generator of events.

Every step yields at least once for each megabyte, so that whoever asked can stop it within a moment.
"""

import dataclasses
import hashlib
import json
import logging
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rnntui.errors import InputError, StorageError
from rnntui.events import Preparing, TrainEvent
from rnntui.records import ReadOptions
from rnntui.service.prepare.piece_spool import PieceSpool, encode_pieces, keep_pieces, split_again
from rnntui.service.prepare.worker_pool import start_workers
from rnntui.service.run.run_view import BEST_POSSIBLE
from rnntui.settings import ModelConfig
from rnntui.store.corpora import Corpora, NotWholeError
from rnntui.text import plural, visible_line

if TYPE_CHECKING:
    from torch import Tensor

    from rnntui.lm.text.text_source import Text
    from rnntui.lm.tokens.corpus import CountedText, PreparedText
    from rnntui.lm.tokens.tokenizer import Tokenizer

R = TypeVar("R")
log = logging.getLogger(__name__)

RULES = 4
"""Counts up when the same files give other pieces than before."""
_READ_BY_EARLIER_RULES = ("encoding", "field", "join_lines")
"""What could be said of a file then."""
_MOST_OVERLAPS = 10
"""Pairs of texts that are named."""
_ALMOST_ALL = 0.995


@dataclasses.dataclass(frozen=True, slots=True)
class SurveyedText:
    """Surveyed texts, those learned from and those held out, and the name of all that decides what is made of them."""

    texts: "tuple[Text, ...]"
    validation: "tuple[Text, ...]"
    share: float
    key: str
    notes: tuple[str, ...]
    earlier_keys: frozenset[str] = frozenset()
    """What earlier versions called the same texts, which they read by other rules."""

    @property
    def size(self) -> int:
        """Bytes that are learned from, before anything is left out."""
        return sum(text.size for text in self.texts)


def report_speed(work: Generator[float, None, R]) -> Generator[TrainEvent, None, R]:
    """How fast this machine trains; events while it is measured."""
    return (yield from report_progress(work, "measuring how fast this machine trains"))


def survey_files(
    files: Sequence[str], reading: ReadOptions, share: float, validation_file: str = ""
) -> Generator[TrainEvent, None, SurveyedText]:
    """Look at every byte of the files once: encodings, hashes, duplicates.

    Raises:
        CorpusError: If one of them is not text.
        InputError: If a sample or an encoding does not exist.
    """
    if not files:
        raise InputError("No file was named to train on.", "Name at least one text file.")
    texts: list[Text] = []
    notes: list[str] = []
    known: dict[str, str] = {}
    for text in (yield from _survey(files, reading, notes)):
        if text.sha256 in known:
            same = visible_line(known[text.sha256])
            notes.append(f"{visible_line(text.name)}: The same as {same}; it is read once.")
            continue
        known[text.sha256] = text.name
        texts.append(text)
    validation = yield from _survey([validation_file] if validation_file else [], reading, notes)
    contents = [[[text.sha256, text.suffix] for text in part] for part in (texts, validation)]
    earlier = {name: getattr(reading, name) for name in _READ_BY_EARLIER_RULES}
    later = ("is_typographic", "speakers", "leave_out")
    earlier |= {name: getattr(reading, name) for name in later if getattr(reading, name)}
    return SurveyedText(
        tuple(texts),
        tuple(validation),
        share,
        _key(RULES, contents, earlier, share),
        tuple(notes),
        frozenset(_key(rules, contents, earlier, share) for rules in range(1, RULES)),
    )


def restore_survey(
    chosen: SurveyedText, key: str, vocabulary_sha256: str, corpora: Corpora
) -> Generator[TrainEvent, None, SurveyedText]:
    """Surveyed texts for a run that began with them, by the rules that it began with if those texts are still kept.

    Args:
        chosen: What the run is to go on with.
        key: Of its plan.
        vocabulary_sha256: Of its plan.
        corpora: Where prepared texts are kept.

    Raises:
        InputError: If they are other texts.
    """
    if key == chosen.key:
        return chosen
    if key not in chosen.earlier_keys:
        raise InputError("The text is not what it was when the run began.", "Put it back, or start a new training.")
    work = corpora.ids_path(key, _short(vocabulary_sha256))
    path = yield from report_progress(work, "looking whether the numbers are whole")
    return dataclasses.replace(chosen, key=key) if path and read_counted(key, corpora) else chosen


def count_tokens(
    chosen: SurveyedText, corpora: Corpora, threads: int = 0
) -> Generator[TrainEvent, None, "CountedText"]:
    """Count pieces and keep the held-out part apart, or take what was kept of the last time.

    Both ways give the same to the last bit: what was counted now is read back from the bytes that are kept of it.

    Args:
        chosen: The texts.
        corpora: Where prepared texts are kept.
        threads: Processors that may be used; 0 for all there are.

    Raises:
        CorpusError: If there is too little text.
    """
    from rnntui.lm.tokens.corpus import CountedText, count_text

    if kept := read_counted(chosen.key, corpora):
        return _rename_sources(kept, chosen)
    with start_workers(chosen.size, threads) as helpers, PieceSpool(chosen.key, corpora) as pieces:
        passes = count_text(chosen.texts, chosen.share, chosen.validation, helpers)
        counted = yield from keep_pieces(passes, pieces)
        pieces.complete()
    yield Preparing("counting words", 1.0)
    data = counted.to_bytes()
    try:
        corpora.keep_counted(chosen.key, data)
    except StorageError as problem:  # a cache that cannot be written costs time the next time, and nothing now
        log.warning("the counted text could not be kept: %s", problem)
    yield Preparing("counting words", 1.0)
    return CountedText.from_bytes(data)


def encode_corpus(
    chosen: SurveyedText, counted: "CountedText", tokenizer: "Tokenizer", corpora: Corpora, threads: int = 0
) -> Generator[TrainEvent, None, "PreparedText"]:
    """The training part as numbers in a file of the cache, made now or before.

    Args:
        chosen: The texts.
        counted: What was found in them.
        tokenizer: Their vocabulary.
        corpora: Where prepared texts are kept.
        threads: Processors that may be used; 0 for all there are.

    Raises:
        CorpusError: If a file changed since it was counted.
        StorageError: If the disk refuses.
    """
    from rnntui.lm.tokens.corpus import PreparedText, map_ids

    vocabulary = _short(hashlib.sha256(tokenizer.to_bytes()).hexdigest())
    path = yield from report_progress(corpora.ids_path(chosen.key, vocabulary), "looking whether the numbers are whole")
    ids = map_ids(path, len(tokenizer)) if path else None
    if ids is None:
        with start_workers(chosen.size, threads) as helpers:
            try:
                yield from encode_pieces(chosen.key, vocabulary, tokenizer, corpora, helpers)
            except NotWholeError:
                yield from split_again(chosen.key, chosen.texts, counted.cuts, corpora, helpers)
                yield from encode_pieces(chosen.key, vocabulary, tokenizer, corpora, helpers)
        ids = map_ids(corpora.path_of(chosen.key, vocabulary), len(tokenizer))
        if ids is None:
            raise StorageError("The prepared text cannot be read back.", "Check the disk and start again.")
    notes = (*overlap_notes(counted), *chosen.notes, *counted.notes)
    return PreparedText(ids, counted.characters, counted.held_out, notes, counted.tuning)


def choose_tokenizer(
    counted: "CountedText", shape: ModelConfig
) -> Generator[TrainEvent, None, "tuple[Tokenizer, str]"]:
    """The vocabulary of a counted text for a network of this shape; for one without spaces a sentence on its words.

    Args:
        counted: The text.
        shape: The network.
    """
    from rnntui.lm.tokens.word_choice import tokenizer_steps

    work = tokenizer_steps(counted, shape.vocabulary_limit, _word_parts(counted, shape))
    tokenizer, choice = yield from report_progress(work, "choosing the vocabulary")
    return tokenizer, choice.note if choice else ""


def build_tokenizer(counted: "CountedText", shape: ModelConfig) -> "Tokenizer":
    """The same at once; a text without spaces is taken in single characters."""
    from rnntui.lm.tokens.tokenizer import Tokenizer

    parts = _word_parts(counted, shape)
    return Tokenizer.from_counts(counted.counts, counted.alphabet, shape.vocabulary_limit, parts)


def _word_parts(counted: "CountedText", shape: ModelConfig) -> int:
    """Parts of words for a network of this shape."""
    from rnntui.lm.train.planner import parts_that_pay

    repeated = sum(count for count in counted.counts.values() if count > 1)
    return parts_that_pay(shape.word_parts, counted.pieces, repeated)


def baselines(
    held_out: str, learned: "Tensor", tokenizer: "Tokenizer", files: Sequence[str]
) -> Generator[TrainEvent, None, dict[str, float]]:
    """Bits per character of simpler models on the held-out text, and the best possible where that is known.

    Args:
        held_out: The text that is measured on.
        learned: [N] ids that counting learns from.
        tokenizer: Its vocabulary.
        files: What was chosen.
    """
    from rnntui.lm.evaluation import baseline_bits_steps
    from rnntui.lm.hardware.allocator import return_freed_memory

    with return_freed_memory():
        work = baseline_bits_steps(learned, tokenizer, held_out)
        found = yield from report_progress(work, "counting, for comparison")
    best = best_possible(held_out, files)
    return found if best is None else {**found, BEST_POSSIBLE: best}


def check_name(file: str) -> None:
    """Refuse a file or sample that is not there, without reading it.

    Raises:
        CorpusError: If a file is missing, no regular file, too large, unreadable or empty.
        InputError: If there is no such sample.
    """
    from rnntui.lm.text.sample_texts import find_sample, is_sample
    from rnntui.lm.text.text_source import check_file

    if is_sample(file):
        find_sample(file)
    else:
        check_file(Path(file))


def _key(rules: int, contents: Sequence[object], reading: Mapping[str, object], share: float) -> str:
    """The name of all that decides what is made of some files."""
    return hashlib.sha256(json.dumps([rules, *contents, reading, share]).encode()).hexdigest()[:32]


def _short(sha256: str) -> str:
    """The name of a vocabulary among prepared texts."""
    return sha256[:32]


def read_counted(key: str, corpora: Corpora) -> "CountedText | None":
    """What was kept of the first pass over a text; None when there is nothing that can be read."""
    from rnntui.lm.tokens.corpus import CountedText

    if not (data := corpora.counted(key)):
        return None
    try:
        return CountedText.from_bytes(data)
    except (ValueError, RecursionError):
        log.warning("a prepared text could not be read and is made again")
        return None


def report_progress(work: Generator[float, None, R], what: str) -> Generator[Preparing, None, R]:
    """Shares that are done, as events; the result is passed on."""
    while True:
        try:
            fraction = next(work)
        except StopIteration as end:
            result: R = end.value
            return result
        yield Preparing(what, fraction)


def _survey(files: Sequence[str], reading: ReadOptions, notes: list[str]) -> Generator[TrainEvent, None, "list[Text]"]:
    """All texts of some files, looked at; what to know of archives is added to the notes."""
    from rnntui.lm.text.sample_texts import find_sample, is_sample
    from rnntui.lm.text.text_source import open_texts

    texts: list[Text] = []
    for file in files:
        if is_sample(file):
            texts.append(find_sample(file).readable(reading.is_typographic))
            continue
        found, left_out = open_texts(Path(file), reading)
        texts += found
        notes += left_out
    for text in texts:
        for fraction in text.survey():
            yield Preparing(f"reading {visible_line(text.name)}", fraction)
    return texts


def _rename_sources(counted: "CountedText", chosen: SurveyedText) -> "CountedText":
    """The same content may come under other names. Notes begin with the name; those of held-out texts keep theirs."""
    sources, notes = [], list(counted.notes)
    for source, text in zip(counted.sources, chosen.texts, strict=True):
        sources.append(dataclasses.replace(source, name=text.name))
        before, after = (f"{visible_line(name)}: " for name in (source.name, text.name))
        notes = [after + note.removeprefix(before) if note.startswith(before) else note for note in notes]
    return dataclasses.replace(counted, sources=tuple(sources), notes=tuple(notes))


def best_possible(held_out: str, files: Sequence[str]) -> float | None:
    """Bits per character that no model can do better than, where the one file is a sample; else None."""
    from rnntui.lm.text.sample_texts import find_sample, is_sample

    if len(files) != 1 or not is_sample(files[0]):
        return None
    return find_sample(files[0]).best_bits_per_character(held_out)


def overlap_notes(counted: "CountedText") -> list[str]:
    """What several of the texts have in common, the worst first."""
    names = [visible_line(source.name, 100) for source in counted.sources]
    pairs = [(names[found.text], _percent(found.share), names[found.other]) for found in counted.overlaps]
    notes = [f"{text}: {share} of it stands in {other} too and is read twice." for text, share, other in pairs]
    del notes[_MOST_OVERLAPS:]
    if len(counted.overlaps) > _MOST_OVERLAPS:
        others = len(counted.overlaps) - _MOST_OVERLAPS
        notes.append(f"{plural(others, 'more text')} have much in common with another, which is read twice.")
    if counted.common.texts:
        notes.append(
            f"The same passages stand in {counted.common.texts:,} of the texts, about {counted.common.characters:,} "
            f"letters in each: they are read {counted.common.texts:,} times."
        )
    return notes


def _percent(share: float) -> str:
    return "all" if share > _ALMOST_ALL else f"{100 * share:.0f} %"
