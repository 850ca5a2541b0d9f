"""A model that a run goes on from: its shape, weights, counts and own text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.events import OldTextMeasured
from rnntui.records import ModelCard, Source
from rnntui.settings import ModelConfig
from rnntui.text import visible_line

if TYPE_CHECKING:
    from torch import Tensor

    from rnntui.lm.mix.count_table import CountTable
    from rnntui.lm.mix.mixture import Floats, Inherited
    from rnntui.lm.model import WordRNN
    from rnntui.lm.model_file import LoadedModel
    from rnntui.lm.text.text_source import Text
    from rnntui.lm.tokens.corpus import CountedText
    from rnntui.lm.tokens.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Base:
    """A model to go on from, and how well it does on the end of its own text."""

    loaded: "LoadedModel"
    """Without its mixture: what is needed of that is in its counts."""
    old_text: str
    """Empty when the model keeps no text."""
    before: float
    counts: "tuple[CountTable, ...]" = ()
    """What it had counted, and the model before it."""
    gate: "Floats | None" = None
    """Of its mixture; None where it has none."""
    words: "Tensor | None" = None
    """[N], what it has counted itself, where it went on from another; None where it did not, or keeps no more than the
    end of that."""

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return self.loaded.card

    @property
    def shape(self) -> ModelConfig:
        """Its shape, which stays."""
        return self.loaded.card.config

    def known_share(self, counted: "CountedText") -> float:
        """How much of a text it has entries for, by its words and marks, 0 to 1."""
        known = sum(count for piece, count in counted.counts.items() if self.loaded.tokenizer.id_of(piece) is not None)
        return known / max(1, sum(counted.counts.values()))

    def notes_on_known_texts(self, sources: Sequence[Source], held_out: "Sequence[Text]") -> list[str]:
        """A note for each text that the model has learned from before, so that nobody takes memory for skill.

        Args:
            sources: What is learned from now; figures come from ends that may have been held out before as well.
            held_out: What is only measured on.
        """
        known = {source.sha256 for source in self.card.sources}
        kinds: tuple[tuple[Sequence[Source | Text], str], ...] = ((sources, "may"), (held_out, "will"))
        return [
            f"{visible_line(text.name)}: The model before has learned from it; figures {word} show memory, not skill."
            for texts, word in kinds
            for text in texts
            if text.sha256 in known
        ]

    def inherited_mixture(self, tuning: str, tokenizer: "Tokenizer") -> "Inherited":
        """What the new model, with this vocabulary, takes over from the mixture."""
        import torch

        from rnntui.lm.mix.mixture import Inherited
        from rnntui.lm.mix.mixture_fit import choose_base_table

        ids = torch.tensor(tokenizer.encode(tuning), dtype=torch.long)
        return Inherited(choose_base_table(self.counts, ids, len(tokenizer)), self.gate, self.words)

    def all_sources(self, sources: Sequence[Source]) -> tuple[Source, ...]:
        """Everything learned from, each text once."""
        return tuple({source.sha256: source for source in (*self.card.sources, *sources)}.values())

    def measure_old_text(self, model: "WordRNN | None" = None, tokenizer: "Tokenizer | None" = None) -> OldTextMeasured:
        """How well the old text is still known; before training without a model."""
        from rnntui.lm.evaluation import measure

        after = 0.0
        if model and tokenizer and self.old_text:
            after = measure(model, tokenizer, self.old_text).bits_per_character
        return OldTextMeasured(self.card.name, self.before, after)

    def extend_weights(self, config: ModelConfig, ids: "Tensor", tokenizer: "Tokenizer") -> "dict[str, Tensor]":
        """The weights to begin with, by their PyTorch names."""
        import torch

        from rnntui.lm.tokens.vocabulary_extension import extend_weights

        return extend_weights(self.loaded.model, config, torch.bincount(ids, minlength=len(tokenizer)))
