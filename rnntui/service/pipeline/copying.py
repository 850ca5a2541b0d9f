"""At the end of a run: the index of what was learned from, and how much of what the model writes stands there."""

import dataclasses
import logging
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from rnntui.errors import InputError, OriginError, StorageError
from rnntui.events import Measuring, Preparing, TrainEvent
from rnntui.records import Copying, TrainRequest
from rnntui.service.origin.building import LearnedText, build
from rnntui.service.pipeline.preparation import Prepared, RunResources, validation_share
from rnntui.settings import SamplerSettings
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.origin.index_file import IndexParts
    from rnntui.lm.train.trainer import Trainer

log = logging.getLogger(__name__)

_WRITING = "writing, to see how much of it stands in the text"


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """What came of it."""

    index: "IndexParts"
    copying: Copying


def look_for_copies(
    request: TrainRequest, prepared: Prepared, trainer: "Trainer", resources: RunResources
) -> Generator[TrainEvent, None, Looked | None]:
    """Index the text of a run and measure its model; None where the text cannot be indexed, or the run is broken off.

    Nothing of this ends a run: what it has learned is worth more.
    """

    def told(what: str, fraction: float) -> Measuring:
        return Measuring(what, fraction, trainer.all_seconds, 0.0, trainer.reason == "stopped")

    learned = LearnedText(
        prepared.text_key,
        request.files,
        dataclasses.replace(request.reading, is_typographic=prepared.is_typographic),
        validation_share(request.overrides),
        request.validation_file,
    )
    work = build(learned, resources.corpora)
    try:
        while True:
            event = next(work)
            if isinstance(event, Preparing):
                yield told(event.what, event.fraction)
            if resources.control() == "suspend":
                return None
    except StopIteration as end:
        index: IndexParts = end.value
    except (InputError, OriginError, StorageError) as problem:
        log.warning("the text was not indexed: %s", problem)
        return None
    share, words = yield from _measure(index, prepared, trainer, told)
    beside, temperature = round(index.human_share, 4), SamplerSettings().temperature
    return Looked(index, Copying(round(share, 4), words, beside, index.human_words, temperature))


def _measure(
    index: "IndexParts", prepared: Prepared, trainer: "Trainer", told: Callable[[str, float], Measuring]
) -> Generator[TrainEvent, None, tuple[float, int]]:
    """The share of what the model writes, and how many words that were."""
    from rnntui.lm.generator import Generator as Speaker
    from rnntui.lm.origin.copying import CopyFinder, copied_share
    from rnntui.lm.origin.samples import words_to_write, write_replies
    from rnntui.lm.origin.words import spoken_words
    from rnntui.lm.tokens.lexicon import Lexicon

    wanted = words_to_write(trainer.budget_seconds)
    lexicon = Lexicon.of(trainer.data.counted_ids, prepared.tokenizer)
    speaker = Speaker(trainer.model, prepared.tokenizer, trainer.mixture, lexicon)
    finder = CopyFinder(index.opened())
    words, copied = 0, 0.0
    for reply in write_replies(speaker, prepared.text.validation, wanted, trainer.config.seed):
        said = [found.word for found in spoken_words(reply)]
        copied += copied_share(finder.runs(said), len(said)) * len(said)
        words += len(said)
        yield told(_WRITING, min(1.0, words / wanted))
    return copied / max(1, words), words


def keep_index(looked: Looked, model_id: str, library: Library) -> None:
    """Keep the index beside the model; where the disk refuses, it is made when it is asked for."""
    try:
        library.origins.keep(model_id, looked.index.to_bytes())
    except StorageError as problem:
        log.warning("the index was not kept: %s", problem)
