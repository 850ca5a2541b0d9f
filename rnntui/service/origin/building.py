"""The index of the text that a run learns from, or has learned from. A generator of events.

What was split while the words were counted is taken from the prepared texts, else the files are split again. A file is
read once more to find its lines; one that is gone or has changed since has none.
"""

import contextlib
import logging
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.errors import InputError, OriginError
from rnntui.events import TrainEvent
from rnntui.records import ReadOptions
from rnntui.service.prepare.data_prep import count_tokens, read_counted, report_progress, survey_files
from rnntui.store.corpora import Corpora, NotWholeError

if TYPE_CHECKING:
    from rnntui.lm.origin.builder import LearnedFile
    from rnntui.lm.origin.index_file import IndexParts
    from rnntui.lm.text.text_source import Text
    from rnntui.lm.tokens.corpus import CountedText

log = logging.getLogger(__name__)

WHAT = "indexing the text, to see where words come from"


@dataclass(frozen=True, slots=True)
class LearnedText:
    """What a run learned from, as far as it can be found again."""

    key: str
    """Its name among prepared texts."""
    files: tuple[str, ...] = ()
    """Paths, or names of samples; empty when nobody knows them."""
    reading: ReadOptions = ReadOptions()
    share: float = 0.0
    """How much of each text was held out."""
    validation_file: str = ""


def build(learned: LearnedText, corpora: Corpora) -> Generator[TrainEvent, None, "IndexParts"]:
    """The index of a text.

    Raises:
        OriginError: If neither the prepared text nor its files are there as they were.
    """
    from rnntui.lm.origin.builder import build_index

    texts = yield from _find_texts(learned)
    counted = read_counted(learned.key, corpora)
    if counted is None:
        counted = yield from _count_again(learned, corpora)
    files = learned_files(counted, texts)
    try:
        return (yield from report_progress(build_index(corpora.pieces(learned.key), files, counted.held_out), WHAT))
    except NotWholeError:
        splits = _split_again(counted, texts)
        return (yield from report_progress(build_index(splits, files, counted.held_out), WHAT))


def learned_files(counted: "CountedText", texts: "Sequence[Text]") -> "list[LearnedFile]":
    """The texts of a counted one, with their files where these are still what was counted."""
    from rnntui.lm.origin.builder import LearnedFile
    from rnntui.lm.text.text_source import TextFile

    there = {text.sha256: text for text in texts}
    files = []
    for source, cut in zip(counted.sources, counted.cuts, strict=True):
        text = there.get(source.sha256)
        raw = text.raw_parts() if isinstance(text, TextFile) and text.has_lines else None
        files.append(LearnedFile(source.name, source.sha256, cut, raw))
    return files


def _find_texts(learned: LearnedText) -> "Generator[TrainEvent, None, tuple[Text, ...]]":
    """The files, looked at; none where one of them cannot be read any more."""
    if learned.files:
        with contextlib.suppress(InputError):
            found = yield from survey_files(learned.files, learned.reading, learned.share, learned.validation_file)
            return found.texts
    return ()


def _count_again(learned: LearnedText, corpora: Corpora) -> Generator[TrainEvent, None, "CountedText"]:
    try:
        found = yield from survey_files(learned.files, learned.reading, learned.share, learned.validation_file)
    except InputError as problem:
        raise gone(str(problem.sentence)) from problem
    if found.key != learned.key:
        raise gone("Its files have changed since.")
    return (yield from count_tokens(found, corpora))


def _split_again(counted: "CountedText", texts: "Sequence[Text]") -> Iterator[tuple[float, bytes]]:
    from rnntui.lm.tokens.corpus import split_text

    there = {text.sha256: text for text in texts}
    found = [there[source.sha256] for source in counted.sources if source.sha256 in there]
    if len(found) < len(counted.sources):
        raise gone("Its files are not there any more, or have changed since.")
    return split_text(found, counted.cuts)


def gone(why: str) -> OriginError:
    """The error where a text is not there any more."""
    return OriginError(
        f"What the model has learned from cannot be looked at. {why}", "Put the files back as they were."
    )


def same_sources(counted: "CountedText", hashes: Sequence[str]) -> bool:
    """Whether a counted text is all that a model has learned from itself: the last of its sources."""
    own = [source.sha256 for source in counted.sources]
    return bool(own) and list(hashes[-len(own) :]) == own
