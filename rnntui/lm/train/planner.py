"""What to build from so many tokens in so many minutes, when the person does not say. Knows nothing of files.

The rules are few and stand here alone, each with its measurement in tests/benchmarks/LOG.md: one seed for each of the
choices, three for what comes of them in up to 15 minutes, none for more than 30. One number decides nearly everything:
how often the text can be read in the time, its *passes*.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rnntui.errors import InputError
from rnntui.setting_fields import changed
from rnntui.settings import CELL_FACTS, OPTIMIZER_RATES, ModelConfig, TrainConfig
from rnntui.text import plural

REFERENCE = ModelConfig(
    "lstm", 13_000, 256, 256, 1, True, softmax_head=300, softmax_groups=8, softmax_growth=2.5, word_parts=400
)
"""The shape whose training speed stands for the speed of a machine."""
REFERENCE_BATCH_SIZE = 32
USUAL_TOKENS_PER_SECOND = 12_000
"""Of REFERENCE in its rows on two cores, where nothing was measured yet."""
_CHARACTERS_PER_TOKEN = 4.4
"""Of English prose; only the plan depends on it."""
_SMALL_TEXT = 60_000
"""Tokens: below this a wider network learns the text by heart before it learns the language."""


@dataclass(frozen=True, slots=True)
class _Size:
    """When a width pays: in a shorter time a smaller one reads more of the text, a short text is learned by heart."""

    hidden: int
    embedding: int
    passes: float
    """It can read the text at least so often."""
    tokens: int
    """And at least so many tokens in all."""


_SIZES = (_Size(512, 256, 9.0, 5_000_000), _Size(384, 256, 2.8, 1_600_000), _Size(256, 256, 2.0, 0))
"""The widest first."""
_SMALL_SIZES = (192, 192)
"""Where none of them pays."""
_ROWS = ((50_000, 8), (300_000, 16), (math.inf, REFERENCE_BATCH_SIZE))
"""Below so many tokens so many rows: a short text gives few steps, and more but smaller ones teach more."""
_ROWS_OF_A_STEP = 13.7
"""What a step costs beside its rows, in rows: measured with 16 and 32."""


@dataclass(frozen=True, slots=True)
class _Regularization:
    """How much dropout. More the more often the text is read: what is read once cannot be learned by heart."""

    passes: float
    """Up to so many."""
    dropout: float
    word_dropout: float
    recurrent_dropout: float


_REGULARIZATION = (
    _Regularization(1.0, 0.0, 0.0, 0.0),
    _Regularization(2.0, 0.1, 0.0, 0.0),
    _Regularization(6.0, 0.2, 0.0, 0.0),
    _Regularization(10.5, 0.3, 0.0, 0.0),
    _Regularization(20.0, 0.4, 0.1, 0.3),
    _Regularization(float("inf"), 0.5, 0.1, 0.3),
)


_GENTLE, _GENTLE_ABROAD = 0.25, 0.7
"""Share of the usual learning rate for a model that has learned already: more washes away what it knows. A library's
768 units, 3.4 times over a book: at 0.12, 0.29, 0.58 of the rate 1.369, 1.361, 1.365 bits per character, and 7, 9, 13 %
more on its old text; a language that is new to it needs a larger one, see tests/benchmarks/LOG.md."""
_MOST_PASSES = 5.0
"""So often a text is read on top of a model that knows its language, however much time there is. The same 768 units, at
0.29 of the rate: 3.4 passes 1.361, 10 passes 1.368 with .5 silenced, and 1.374 at 0.12 of the rate with all silencing
there is; the last weights alone 1.379, 1.449, 1.391."""
_ABROAD = 0.7
"""A text of which it has entries for less than that is in another language: English prose .9 and more, French .5."""
_FAMILIAR = 1.15
"""A text is one to go on with where the base reads it at no more than so many times what counting comes to that has
learned the text itself. Of 17 texts, whole and cut to 7,000 words: English prose 0.70 to 1.07; French, German, Italian
1.29 to 2.54, code 2.2, tables and logs above 3. Counting needs text, so a short one is the clearer case."""
_FOREIGN = 2.0
"""Where it needs so many times what it needs on text of its own, nobody knows the text, and counting is no measure."""


_MANY_FORMS = 0.1
"""Where more of the text than this are words that stand there once, parts do not pay: single characters spell so many
better. Two Russian novels (.13, .12): 400 parts 2.253 2.221, none 2.235 2.192. German, Italian (.07, .10): 400 parts
1.799 1.843, none 1.802 1.848. More than 400, or parts of the words seen once, helped nowhere."""


_GAIN_AT_FIRST, _GAIN_FADES = 0.045, 10.0
"""Bits per character that twice the time is worth after few passes, and the passes after which it is worth 1/e of that.
*War and Peace*, planned anew for each time: 1, 5, 15, 30 minutes are 1.3, 5.6, 12, 16.2 passes and 1.692, 1.611, 1.577,
1.567, .035 .022 .010 for each doubling; the rule says .034 .020 .011."""
_TEXT_SHARE = 0.25
_TUNING_SHARE = 0.5
"""Of that on top of a model that knows the language already."""
SHARE_FROM_STARTER = 0.25
"""What a book needs less that begins from the starter: in a minute each, eight books needed 19 to 29 % less."""


def gain_of_time(passes: float, *, is_tuning: bool = False) -> float:
    """About how many bits per character as much time again would bring.

    Args:
        passes: How often the text was read.
        is_tuning: True on top of a trained model, which reads no more than `_MOST_PASSES` times.
    """
    between = math.sqrt(2) * passes
    gain = _GAIN_AT_FIRST * math.exp(-between / _GAIN_FADES)
    if not is_tuning:
        return gain
    return _TUNING_SHARE * gain if passes < _MOST_PASSES / 2 else 0.0


def gain_of_text(memory: float) -> float:
    """At least how many bits per character as much text again would bring, read as often.

    Text that was learned from is below, and other text above, what endless text would come to, by as much; twice the
    text halves both. It leaves out that more text brings more words and a larger network: of 44,000 words .10 were
    estimated, and 86,000 of the same book needed .27 less.

    Args:
        memory: By how much it is better on what it has learned from than anyone would be, in bits per character.

    Source: Amari and Murata 1993, Statistical theory of learning curves under entropic loss criterion.
    """
    return _TEXT_SHARE * memory


def does_better_from(base_bits: float, counting_bits: float, usual_bits: float) -> bool:
    """Whether training does better to begin from a trained model than from nothing.

    Args:
        base_bits: Bits per character that the model, which has not learned from it, needs on the text.
        counting_bits: What counting needs there that has learned from the rest of it.
        usual_bits: What the model needs on held-out text of its own; 0 where that was not measured.
    """
    is_known = not usual_bits or base_bits <= _FOREIGN * usual_bits
    return is_known and base_bits <= _FAMILIAR * counting_bits


def plan_tuning(config: TrainConfig, known_share: float, passes: float) -> dict[str, object]:
    """How to learn on top of a trained model, where it differs from learning from nothing: fields of TrainConfig.

    Args:
        config: The plan for a network of its shape that begins with nothing.
        known_share: How much of the text the model has entries for, 0 to 1.
        passes: How often the text can be read in the time.
    """
    if known_share < _ABROAD:
        return {"learning_rate": _GENTLE_ABROAD * config.learning_rate, "keeps_base": True}
    regularization = _regularization(min(passes, _MOST_PASSES))
    return {
        "learning_rate": _GENTLE * config.learning_rate,
        "keeps_base": True,
        "most_passes": _MOST_PASSES,
        "dropout": regularization.dropout,
        "word_dropout": regularization.word_dropout,
        "recurrent_dropout": regularization.recurrent_dropout,
    }


def parts_that_pay(most: int, pieces: int, repeated: int) -> int:
    """How many parts of words a vocabulary should have.

    Args:
        most: That the shape has room for.
        pieces: In the training text.
        repeated: Those of them that stand there more than once.
    """
    return most if pieces - repeated <= _MANY_FORMS * pieces else 0


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has, before there is a vocabulary to count them with."""
    return int(len(text) / _CHARACTERS_PER_TOKEN)


def plan_model(
    tokens: int, seconds: float, overrides: Mapping[str, object], tokens_per_second: float = USUAL_TOKENS_PER_SECOND
) -> tuple[ModelConfig, TrainConfig]:
    """Sizes and rates for a text and a budget.

    Args:
        tokens: In the training part.
        seconds: The time budget.
        overrides: Fields of ModelConfig and TrainConfig that the person has set.
        tokens_per_second: How fast this machine trains REFERENCE.

    Raises:
        InputError: If an override does not fit its field, or there are more processes than rows.
    """
    shape = {name: value for name, value in overrides.items() if name in ModelConfig.__dataclass_fields__}
    rest = {name: value for name, value in overrides.items() if name not in ModelConfig.__dataclass_fields__}
    if "hidden_size" in shape and "embedding_size" not in shape:
        shape["embedding_size"] = shape["hidden_size"]
    usual_rows = next(rows for below, rows in _ROWS if tokens < below)
    wished = changed(TrainConfig(rows=usual_rows), **rest)
    readable = seconds * tokens_per_second / max(1, tokens) / _cost_of_few(wished.rows)
    hidden_size, embedding_size = _sizes(tokens, readable)
    usual = changed(
        REFERENCE,
        vocabulary_limit=13_000 if tokens < 1_500_000 else 16_000,
        embedding_size=embedding_size,
        hidden_size=hidden_size,
    )
    model = changed(usual, **shape)
    passes = readable / relative_cost(model)
    regularization = _regularization(passes)
    config = TrainConfig(
        budget_seconds=seconds,
        rows=wished.rows,
        bptt_length=64,
        dropout=regularization.dropout,
        word_dropout=regularization.word_dropout,
        recurrent_dropout=regularization.recurrent_dropout,
        learning_rate=_learning_rate(model, wished.optimizer),
    )
    return model, check_rows(changed(config, **rest))


def check_rows(config: TrainConfig) -> TrainConfig:
    """The same, if every process has a row to read.

    Raises:
        InputError: If there are more processes than rows.
    """
    if config.processes > config.rows:
        raise InputError(
            f"{plural(config.rows, 'row')} cannot be shared by {plural(config.processes, 'process')}.",
            "Take fewer --processes, or more --rows.",
        )
    return config


def relative_cost(model: ModelConfig, rows: int = REFERENCE_BATCH_SIZE) -> float:
    """Time that training takes per token, with REFERENCE in its rows as 1: layers, output, optimizer, steps.

    Args:
        model: The shape.
        rows: Batch size.
    """
    return _cost_of_few(rows) * _operations(model) / _operations(REFERENCE)


def _regularization(passes: float) -> _Regularization:
    return next(rule for rule in _REGULARIZATION if passes < rule.passes)


def _cost_of_few(rows: int) -> float:
    return (_ROWS_OF_A_STEP / rows + 1) / (_ROWS_OF_A_STEP / REFERENCE_BATCH_SIZE + 1)


def _operations(model: ModelConfig) -> float:
    cell = CELL_FACTS[model.cell]
    widths = [model.embedding_size] + [model.hidden_size] * (model.layers - 1)
    layers = sum(cell.multiplications(width, model.hidden_size) for width in widths)
    return layers + 900 * model.embedding_size + 23 * model.vocabulary_limit


def _sizes(tokens: int, readable: float) -> tuple[int, int]:
    """Hidden and embedding size.

    Args:
        tokens: Of the text.
        readable: How often REFERENCE could read it in as many rows.
    """
    for size in _SIZES if tokens >= _SMALL_TEXT else ():
        passes = readable / relative_cost(changed(REFERENCE, hidden_size=size.hidden, embedding_size=size.embedding))
        if passes >= size.passes and passes * tokens >= size.tokens:
            return size.hidden, size.embedding
    return _SMALL_SIZES


def _learning_rate(model: ModelConfig, optimizer: str) -> float:
    """Wider networks need smaller steps."""
    return (
        OPTIMIZER_RATES[optimizer] * CELL_FACTS[model.cell].learning_rate * math.sqrt(min(1.0, 256 / model.hidden_size))
    )
