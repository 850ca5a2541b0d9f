"""How well a model predicts a text, with simpler models on the same text beside it."""

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
    baselines: dict[str, float]
    """Bits per character of simpler models on the same text, by name; "uniform" gives every piece the same chance. More
    than that only where the model keeps its counts."""
    mixture_bits_per_character: float
    """Of the network together with counting and recent words; 0 when the model keeps no counts."""


def evaluate(library: Library, card: ModelCard, files: Sequence[Path]) -> Iterator[Preparing | Evaluation]:
    """Read files from an empty memory and score every word.

    Raises:
        CorpusError: If a file cannot be read or is too short.
        ModelFileError: If the model is damaged.
    """
    from rnntui.lm.evaluation import baseline_bits, measure
    from rnntui.lm.model_file import COUNTS, VOCABULARY, WEIGHTS, unpack
    from rnntui.lm.reading import read_document

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
    loaded = unpack(card, stored[WEIGHTS], stored[VOCABULARY], stored.get(COUNTS, b""))
    yield Preparing("measuring")
    text = "\n\n".join(texts)
    figures = measure(loaded.model, loaded.tokenizer, text, loaded.mixture)
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
        baseline_bits(loaded.counted_ids, loaded.tokenizer, text),
        figures.mixture_bits_per_character,
    )
