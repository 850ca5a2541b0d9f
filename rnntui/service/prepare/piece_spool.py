"""The pieces of a text between counting and numbering: kept while words are counted, so that it is split only once."""

import contextlib
import hashlib
import logging
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Self, TypeVar

from rnntui.errors import StorageError
from rnntui.events import Preparing, TrainEvent
from rnntui.store.corpora import Corpora, NewRecords

if TYPE_CHECKING:
    from rnntui.lm.text.text_source import Text
    from rnntui.lm.tokens.segments import WorkerPool
    from rnntui.lm.tokens.tokenizer import Tokenizer

R = TypeVar("R")
log = logging.getLogger(__name__)


class PieceSpool:
    """What is split while words are counted, kept for numbering; a disk that refuses costs time later, nothing now."""

    def __init__(self, key: str, corpora: Corpora) -> None:
        self._ending = contextlib.ExitStack()
        self._file: NewRecords | None = None
        with self._without_refusals():
            self._file = self._ending.enter_context(corpora.new_pieces(key))

    def add(self, split: bytes) -> None:
        """Keep the next segment."""
        with self._without_refusals():
            if self._file and split:
                self._file.write(split)

    def complete(self) -> None:
        """It was the last."""
        with self._without_refusals():
            if self._file:
                self._file.complete()

    @contextlib.contextmanager
    def _without_refusals(self) -> Iterator[None]:
        try:
            yield
        except StorageError as problem:
            log.warning("the split text could not be kept: %s", problem)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        self._ending.close()


def keep_pieces(work: Generator[tuple[float, bytes], None, R], pieces: PieceSpool) -> Generator[Preparing, None, R]:
    """Count a text and keep its pieces on the way; the result is passed on."""
    while True:
        try:
            fraction, split = next(work)
        except StopIteration as end:
            result: R = end.value
            return result
        pieces.add(split)
        yield Preparing("counting words", fraction)


def encode_pieces(
    key: str, vocabulary: str, tokenizer: "Tokenizer", corpora: Corpora, helpers: "WorkerPool | None"
) -> Iterator[TrainEvent]:
    """Number what was split before.

    Raises:
        NotWholeError: If what was split is not there as a whole.
        StorageError: If the disk refuses.
    """
    from rnntui.lm.tokens.segments import numbered

    digest = hashlib.sha256()
    with corpora.new_ids(key, vocabulary) as file:
        for fraction, data in numbered(corpora.pieces(key), tokenizer, helpers):
            digest.update(data)
            file.write(data)
            yield Preparing("turning words into numbers", fraction)
        corpora.keep_ids_hash(key, vocabulary, digest.hexdigest())
        file.complete()


def split_again(
    key: str, texts: "Sequence[Text]", cuts: Sequence[int], corpora: Corpora, helpers: "WorkerPool | None"
) -> Iterator[TrainEvent]:
    """Split a text that was counted, but of which no pieces were kept.

    Raises:
        CorpusError: If a file changed since it was counted.
        StorageError: If the disk refuses.
    """
    from rnntui.lm.tokens.corpus import split_text

    with corpora.new_pieces(key) as file:
        for fraction, split in split_text(texts, cuts, helpers):
            if split:
                file.write(split)
            yield Preparing("splitting the text into words", fraction)
        file.complete()
