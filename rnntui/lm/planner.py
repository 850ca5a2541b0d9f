"""What to build from so many words in so many minutes, when the person does not say. Knows nothing of files.

The rules are few and stand here alone. Those for five minutes are measured, see tests/benchmarks/LOG.md; those for more
passes are not yet. One number decides nearly everything: how often the text can be read in the time, its *passes*.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rnntui.settings import ModelConfig, TrainConfig, changed

REFERENCE = ModelConfig("lstm", 13_000, 256, 256, 1, True, softmax_head=300, softmax_groups=8, softmax_growth=2.5)
"""The shape whose training speed stands for the speed of a machine."""
USUAL_WORDS_PER_SECOND = 13_500
"""Of REFERENCE on two cores, where nothing was measured yet."""
_CHARACTERS_PER_TOKEN = 4.4
"""Of English prose; only the plan depends on it."""
_SMALL_TEXT = 60_000
"""Words: below this a wider network learns the text by heart before it learns the language."""
_SIZES = ((512, 256), (384, 256), (256, 256))
"""Hidden and embedding size, the widest first."""
_SMALL_SIZES = (192, 192)
_FEW_PASSES = 2.0
"""When the smallest of _SIZES reads a text less often, a smaller network that reads more of it does better."""
_WORTHWHILE_PASSES = 8.0
"""A wider network pays when it can still read the text so often."""


@dataclass(frozen=True, slots=True)
class _Regularisation:
    """How much to silence. More the more often the text is read: what is read once cannot be learned by heart."""

    passes: float
    """Up to so many."""
    dropout: float
    word_dropout: float
    recurrent_dropout: float


_REGULARISATION = (
    _Regularisation(1.0, 0.0, 0.0, 0.0),
    _Regularisation(2.0, 0.1, 0.0, 0.0),
    _Regularisation(6.0, 0.2, 0.0, 0.0),
    _Regularisation(8.0, 0.3, 0.0, 0.0),
    _Regularisation(16.0, 0.4, 0.1, 0.3),
    _Regularisation(float("inf"), 0.5, 0.1, 0.3),
)


def estimated_words(text: str) -> int:
    """About how many tokens a text has, before there is a vocabulary to count them with."""
    return int(len(text) / _CHARACTERS_PER_TOKEN)


def plan(
    words: int, seconds: float, overrides: Mapping[str, object], words_per_second: float = USUAL_WORDS_PER_SECOND
) -> tuple[ModelConfig, TrainConfig]:
    """Sizes and rates for a text and a budget.

    Args:
        words: Tokens in the training part.
        seconds: The time budget.
        overrides: Fields of ModelConfig and TrainConfig that the person has set.
        words_per_second: How fast this machine trains REFERENCE.

    Raises:
        InputError: If an override does not fit its field.
    """
    shape = {name: value for name, value in overrides.items() if name in ModelConfig.__dataclass_fields__}
    rest = {name: value for name, value in overrides.items() if name not in ModelConfig.__dataclass_fields__}
    if "hidden_size" in shape and "embedding_size" not in shape:
        shape["embedding_size"] = shape["hidden_size"]
    readable = seconds * words_per_second / max(1, words)
    hidden_size, embedding_size = _sizes(words, readable)
    usual = changed(
        REFERENCE,
        vocabulary_limit=13_000 if words < 1_500_000 else 16_000,
        embedding_size=embedding_size,
        hidden_size=hidden_size,
    )
    model = changed(usual, **shape)
    passes = readable / relative_cost(model)
    silenced = next(rule for rule in _REGULARISATION if passes < rule.passes)
    config = TrainConfig(
        budget_seconds=seconds,
        rows=32 if words >= 50_000 else 8,
        bptt_length=64,
        dropout=silenced.dropout,
        word_dropout=silenced.word_dropout,
        recurrent_dropout=silenced.recurrent_dropout,
        learning_rate=_learning_rate(model),
    )
    return model, changed(config, **rest)


def relative_cost(model: ModelConfig) -> float:
    """Time that training takes per word, with REFERENCE as 1: products of the layers, the output, the optimizer."""
    return _operations(model) / _operations(REFERENCE)


def _operations(model: ModelConfig) -> float:
    gates = {"elman": 1, "gru": 3, "lstm": 4}[model.cell]
    widths = [model.embedding_size] + [model.hidden_size] * (model.layers - 1)
    layers = sum(gates * model.hidden_size * (width + model.hidden_size) for width in widths)
    return layers + 900 * model.embedding_size + 23 * model.vocabulary_limit


def _sizes(words: int, readable: float) -> tuple[int, int]:
    """Hidden and embedding size.

    Args:
        words: Of the text.
        readable: How often REFERENCE could read it.
    """
    if words < _SMALL_TEXT or readable < _FEW_PASSES:
        return _SMALL_SIZES
    for hidden, embedding in _SIZES:
        shape = changed(REFERENCE, hidden_size=hidden, embedding_size=embedding)
        if readable / relative_cost(shape) >= _WORTHWHILE_PASSES:
            return hidden, embedding
    return _SIZES[-1]


def _learning_rate(model: ModelConfig) -> float:
    """Wider networks need smaller steps; an Elman unit has no gates to hold them back."""
    rate = 4e-3 if model.cell == "elman" else 1.2e-2
    return rate * math.sqrt(min(1.0, 256 / model.hidden_size))
