"""How well a trained model reads a text that it has not learned from, and how far counting that text alone would come.

A few thousand words from all over the text say it, in a second. N = words, T = time steps, B = rows, V = vocabulary
size.
"""

import math
from collections.abc import Generator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from rnntui.errors import CorpusError
from rnntui.lm.evaluation import UNKNOWN_CHARACTER_NATS, bits_per_character
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model import WordRNN
from rnntui.lm.tokens.splitting import blocks
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer

_PLACES = 8
_LONGEST_SEGMENT = 2_500
"""Characters: 4,500 words of English in all places together."""
_SHARE = 0.2
"""Of a short text, at most so much is looked at: the rest is what counting learns from."""
_MOST_TOKENS = 800
"""Of a segment: what is spelled letter by letter needs no more places to be known as foreign."""
_MOST_COUNTED = 1_500_000
"""Characters that counting learns from here, the last of them: a third of a second, and .03 bits from what all of a
long text would give."""


def segments_of(text: str) -> tuple[list[str], str]:
    """Segments from all over a text, and what is left of it between them.

    Args:
        text: Cleaned text.
    """
    length = min(_LONGEST_SEGMENT, int(_SHARE * len(text) / _PLACES))
    step = len(text) // _PLACES
    starts = [number * step + (step - length) // 2 for number in range(_PLACES)]
    found, rest, before = [], [], 0
    for start in starts:
        found.append(text[start : start + length])
        rest.append(text[before:start])
        before = start + length
    return found, "\n\n".join([*rest, text[before:]])[-_MOST_COUNTED:]


@torch.inference_mode()
def read_bits(model: WordRNN, tokenizer: Tokenizer, segments: Sequence[str]) -> float:
    """Bits per character of segments that a network reads side by side, each from an empty memory.

    Args:
        model: In any mode; read without dropout.
        tokenizer: Its vocabulary.
        segments: Cleaned text; the first word of each is given.

    Raises:
        CorpusError: If there is nothing to read.
    """
    rows = [torch.tensor(tokenizer.encode(segment)[:_MOST_TOKENS]) for segment in segments]
    rows = [row for row in rows if row.numel() > 1]
    if not rows:
        raise CorpusError("The text is too short to measure.", "Choose a longer text.")
    was_training = model.training
    model.eval()
    ids = pad_sequence(rows, padding_value=-1)  # [T,B]
    hidden, _ = model(ids[:-1].clamp(min=0).to(model.device))
    asked = ids[1:] >= 0
    targets = ids[1:][asked]
    logs = model.target_log_probabilities(hidden[asked.to(model.device)], targets.to(model.device))
    model.train(was_training)
    return _bits(-float(logs.double().sum()), targets, tokenizer)


def counting_bits(rest: str, tokenizer: Tokenizer, segments: Sequence[str]) -> Generator[float, None, float]:
    """Bits per character of the same segments for counting that has learned from the rest; yields what is done.

    Args:
        rest: Text between the segments.
        tokenizer: The vocabulary that the text has of its own.
        segments: As for `read_bits`.
    """
    learned, done = list[int](), 0
    for block in blocks(rest):
        learned += tokenizer.encode(block)
        done += len(block)
        yield 0.6 * done / len(rest)
    counting = KneserNey(torch.tensor(learned, dtype=torch.long), len(tokenizer))
    yield 0.8
    rows = [torch.tensor(tokenizer.encode(segment), dtype=torch.long) for segment in segments]
    nats = -sum(float(counting.log_probabilities(row)[1:].sum()) for row in rows)
    return _bits(nats, torch.cat([row[1:] for row in rows]), tokenizer)


def _bits(nats: float, targets: Tensor, tokenizer: Tokenizer) -> float:
    """Per character of the targets [N]; characters that nobody knows cost what they cost everywhere."""
    unknown = int((targets == UNKNOWN_ID).sum()) * UNKNOWN_CHARACTER_NATS
    characters = sum(len(tokenizer.piece(word)) for word in targets.tolist())
    return bits_per_character(nats + unknown, characters) if math.isfinite(nats) else math.inf
