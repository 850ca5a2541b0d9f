"""How well a model predicts a text, with simpler models on the same text beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnntui.errors import InputError
from rnntui.events import Preparing
from rnntui.records import ModelCard
from rnntui.service.loading import load_model
from rnntui.service.preparing import told
from rnntui.service.run_view import MUCH_SEEN
from rnntui.store.library import Library

_LEARNED_AT_LEAST = 0.7
"""Share of its texts that a model learns from, when nothing is said of a much larger held-out part."""


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
    seen_share: float | None
    """Share of the words that stand in runs of twelve and more in what the model keeps of its training text, 0 to 1;
    None when it keeps nothing of it."""
    is_all_kept: bool
    """False when it has learned from more than it keeps: then more may be known."""
    baselines: dict[str, float]
    """Bits per character of simpler models on the same text, by name; "uniform" gives every piece the same chance. More
    than that only where the model keeps its counts."""
    mixture_bits_per_character: float
    """Of the network together with counting and recent words; 0 when the model keeps no counts."""

    @property
    def remark(self) -> str:
        """What to think of the figures when the text is not new to the model; empty when it is."""
        if self.trained_on:
            return f"The model was trained on {', '.join(self.trained_on)}: these figures show memory, not skill."
        if self.seen_share is not None and self.seen_share >= MUCH_SEEN:
            least = "" if self.is_all_kept else "at least "
            return (
                f"The model has learned {least}{100 * self.seen_share:.0f} % of this text word for word: "
                "these figures show memory, not skill."
            )
        if self.is_all_kept:
            return ""
        if self.seen_share is None:
            return (
                "Whether it has learned from parts of this text cannot be said: it keeps nothing of what it has read."
            )
        return "It keeps only the end of what it has learned from, and this text has nothing of that end."


def evaluate(library: Library, card: ModelCard, files: Sequence[Path]) -> Iterator[Preparing | Evaluation]:
    """Read files from an empty memory and score every word.

    Raises:
        CorpusError: If a file cannot be read or is too short.
        ModelFileError: If the model is damaged.
    """
    import torch

    from rnntui.lm.evaluation import baseline_bits_looks, measure_looks
    from rnntui.lm.reading import read_document
    from rnntui.lm.seen_before import share_seen

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
    loaded = load_model(library, card)
    text, kept = "\n\n".join(texts), loaded.counted_ids
    asked = torch.tensor(loaded.tokenizer.encode(text), dtype=torch.long)
    seen_share = None
    if kept is not None:
        seen_share = yield from told(share_seen(kept, asked, loaded.tokenizer), "looking for what it has learned from")
    figures = yield from told(measure_looks(loaded.model, loaded.tokenizer, text, loaded.mixture), "measuring")
    compared = yield from told(baseline_bits_looks(kept, loaded.tokenizer, text), "counting, for comparison")
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
        seen_share,
        kept is not None and _is_all(card, loaded.tokenizer.decode(kept.tolist())),
        compared,
        figures.mixture_bits_per_character,
    )


def _is_all(card: ModelCard, kept: str) -> bool:
    """Whether a model keeps all that it has learned from; the end of each text was only measured on."""
    return len(kept) > _LEARNED_AT_LEAST * sum(source.characters for source in card.sources)
