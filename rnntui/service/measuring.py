"""How well a model predicts a text, with uniform guessing and its own training figure beside it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnntui.errors import InputError
from rnntui.events import Preparing
from rnntui.records import ModelCard
from rnntui.store.library import Library


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a model on a text; names are those of the command line's JSON."""

    model: str
    files: tuple[str, ...]
    bits_per_character: float
    perplexity: float
    words: int
    characters: int
    spelled_words: int
    unknown_characters: int
    seconds: float
    words_per_second: float
    trained_on: tuple[str, ...]
    """Those of the files that the model learned from, so that nobody takes memory for skill."""
    uniform_bits_per_character: float
    """What guessing every piece of the vocabulary with the same probability would cost."""


def evaluate(library: Library, card: ModelCard, files: Sequence[Path]) -> Iterator[Preparing | Evaluation]:
    """Read files from an empty memory and score every word.

    Raises:
        CorpusError: If a file cannot be read or is too short.
        ModelFileError: If the model is damaged.
    """
    from rnntui.lm.corpus import read_document
    from rnntui.lm.evaluation import measure
    from rnntui.lm.model_file import VOCABULARY, WEIGHTS, unpack

    if not files:
        raise InputError("No file was named to measure on.", "Name at least one text file.")
    texts, familiar = [], []
    known = {source.sha256 for source in card.sources}
    for file in files:
        yield Preparing(f"reading {file.name}")
        document = read_document(file)
        texts.append(document.text)
        familiar += [file.name] if document.sha256 in known else []
    yield Preparing(f"loading {card.name}")
    stored = library.read(card.model_id)
    loaded = unpack(card, stored[WEIGHTS], stored[VOCABULARY])
    yield Preparing("measuring")
    figures = measure(loaded.model, loaded.tokenizer, "\n\n".join(texts))
    yield Evaluation(
        card.name,
        tuple(file.name for file in files),
        figures.bits_per_character,
        figures.perplexity,
        figures.words,
        figures.characters,
        figures.spelled_words,
        figures.unknown_characters,
        figures.seconds,
        figures.words / max(figures.seconds, 1e-9),
        tuple(familiar),
        figures.tokens * math.log2(card.vocabulary_size) / figures.characters,
    )
