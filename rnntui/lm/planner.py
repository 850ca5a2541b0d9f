"""What to build from so many words in so many minutes, when the person does not say. Knows nothing of files.

The rules are few and stand here alone, each with its measurement in tests/benchmarks/LOG.md: three seeds for one and
five minutes, one for 15 and 30, none for more. One number decides nearly everything: how often the text can be read in
the time, its *passes*.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rnntui.settings import ModelConfig, TrainConfig, changed

REFERENCE = ModelConfig(
    "lstm", 13_000, 256, 256, 1, True, softmax_head=300, softmax_groups=8, softmax_growth=2.5, word_parts=400
)
"""The shape whose training speed stands for the speed of a machine."""
USUAL_WORDS_PER_SECOND = 13_500
"""Of REFERENCE on two cores, where nothing was measured yet."""
_CHARACTERS_PER_TOKEN = 4.4
"""Of English prose; only the plan depends on it."""
_SMALL_TEXT = 60_000
"""Words: below this a wider network learns the text by heart before it learns the language."""
_SIZES = ((512, 256, 4_000_000), (384, 256, 1_200_000), (256, 256, 0))
"""Hidden and embedding size, the widest first, and how many words must be read in all before it pays."""
_SMALL_SIZES = (192, 192)
_FEW_PASSES = 2.0
"""When the smallest of _SIZES reads a text less often, a smaller network that reads more of it does better."""
_WORTHWHILE_PASSES = 8.0
"""A wider network pays when it can still read the text so often."""
_ROWS = ((50_000, 8), (300_000, 16), (math.inf, 32))
"""Below so many words so many rows: a short text gives few steps, and more but smaller ones teach more."""
_ROWS_OF_A_STEP = 13.7
"""What a step costs beside its rows, in rows: measured with 16 and 32."""


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
    usual_rows = next(rows for below, rows in _ROWS if words < below)
    rows = changed(TrainConfig(rows=usual_rows), **rest).rows
    readable = seconds * words_per_second / max(1, words) / _cost_of_few(rows)
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
        rows=rows,
        bptt_length=64,
        dropout=silenced.dropout,
        word_dropout=silenced.word_dropout,
        recurrent_dropout=silenced.recurrent_dropout,
        learning_rate=_learning_rate(model),
    )
    return model, changed(config, **rest)


def relative_cost(model: ModelConfig, rows: int = 32) -> float:
    """Time that training takes per word, with REFERENCE in 32 rows as 1: layers, output, optimizer, steps.

    Args:
        model: The shape.
        rows: Places in the text that are read side by side.
    """
    return _cost_of_few(rows) * _operations(model) / _operations(REFERENCE)


def _cost_of_few(rows: int) -> float:
    return (_ROWS_OF_A_STEP / rows + 1) / (_ROWS_OF_A_STEP / 32 + 1)


def _operations(model: ModelConfig) -> float:
    gates = {"elman": 1, "gru": 3, "lstm": 4}[model.cell]
    widths = [model.embedding_size] + [model.hidden_size] * (model.layers - 1)
    layers = sum(gates * model.hidden_size * (width + model.hidden_size) for width in widths)
    return layers + 900 * model.embedding_size + 23 * model.vocabulary_limit


def _sizes(words: int, readable: float) -> tuple[int, int]:
    """Hidden and embedding size.

    Args:
        words: Of the text.
        readable: How often REFERENCE could read it in as many rows.
    """
    if words < _SMALL_TEXT or readable < _FEW_PASSES:
        return _SMALL_SIZES
    for hidden, embedding, least in _SIZES:
        passes = readable / relative_cost(changed(REFERENCE, hidden_size=hidden, embedding_size=embedding))
        if passes >= _WORTHWHILE_PASSES and passes * words >= least:
            return hidden, embedding
    return _SIZES[-1][:2]


def _learning_rate(model: ModelConfig) -> float:
    """Wider networks need smaller steps; an Elman unit has no gates to hold them back."""
    rate = 4e-3 if model.cell == "elman" else 1.2e-2
    return rate * math.sqrt(min(1.0, 256 / model.hidden_size))
