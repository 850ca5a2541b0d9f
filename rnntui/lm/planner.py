"""What to build from so many words in so many minutes, when the person does not say. Knows nothing of files."""

from collections.abc import Mapping

from rnntui.settings import ModelConfig, TrainConfig, changed

WORDS_PER_SECOND = 10_000
"""Assumed training speed on two cores; only the number of passes over the text is estimated from it."""
_CHARACTERS_PER_TOKEN = 4.4
"""Of English prose; only the plan depends on it."""


def estimated_words(text: str) -> int:
    """About how many tokens a text has, before there is a vocabulary to count them with."""
    return int(len(text) / _CHARACTERS_PER_TOKEN)


def plan(words: int, seconds: float, overrides: Mapping[str, object]) -> tuple[ModelConfig, TrainConfig]:
    """Sizes and rates for a text and a budget.

    Args:
        words: Tokens in the training part.
        seconds: The time budget.
        overrides: Fields of ModelConfig and TrainConfig that the person has set.

    Raises:
        InputError: If an override does not fit its field.
    """
    passes = seconds * WORDS_PER_SECOND / max(1, words)
    shape = {name: value for name, value in overrides.items() if name in ModelConfig.__dataclass_fields__}
    rest = {name: value for name, value in overrides.items() if name not in ModelConfig.__dataclass_fields__}
    size = _hidden_size(words, passes)
    if "hidden_size" in shape and "embedding_size" not in shape:
        shape["embedding_size"] = shape["hidden_size"]
    model = changed(
        ModelConfig(vocabulary_limit=_vocabulary_limit(words), embedding_size=size, hidden_size=size), **shape
    )
    config = TrainConfig(
        budget_seconds=seconds,
        rows=16 if words >= 50_000 else 8,
        bptt_length=64,
        dropout=_dropout(passes),
        learning_rate=_learning_rate(model.cell),
    )
    return model, changed(config, **rest)


def _hidden_size(words: int, passes: float) -> int:
    if words < 60_000 or passes < 0.5:
        return 192
    return 256 if passes < 8 else 320


def _vocabulary_limit(words: int) -> int:
    return 13_000 if words < 1_500_000 else 16_000


def _dropout(passes: float) -> float:
    """More the more often the text is read: what is read once cannot be learned by heart."""
    for limit, dropout in ((2.0, 0.1), (4.0, 0.2), (8.0, 0.3), (16.0, 0.4)):
        if passes < limit:
            return dropout
    return 0.5


def _learning_rate(cell: str) -> float:
    return 4e-3 if cell == "elman" else 1.2e-2
