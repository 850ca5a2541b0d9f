"""How a text that is being typed may go on: whole words, spelled ones to their end."""

from collections.abc import Sequence

import pytest
import torch

from rnntui.lm.sampling import RuleContext
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.service.chat.autocomplete import complete
from rnntui.settings import SamplerSettings

TOKENIZER = Tokenizer.train([" the cat the cat walks walks talks talks\n.o"], 100)


class Scripted:
    """Says what it was told to say, and remembers what it was fed."""

    memory = "as before"
    tokens_read = 7

    def __init__(self, *says: str, tokenizer: Tokenizer = TOKENIZER, invented: str = "") -> None:
        self.tokenizer = tokenizer
        self._invented = torch.tensor(tokenizer.encode(invented), dtype=torch.long)
        self._says = [word for piece in says for word in tokenizer.encode(piece)]
        self.fed: list[int] = []
        self.prompt = 0

    def feed(self, words: Sequence[int], voice: str = "mixture", is_drawn: bool = False) -> None:
        self.fed += words
        self.memory = "moved"
        self.tokens_read += len(words)

    def context(self, sampler: SamplerSettings) -> RuleContext:
        known = torch.ones(len(self.tokenizer), dtype=torch.bool).index_fill(0, self._invented, False)
        return RuleContext(sampler, (), (UNKNOWN_ID,), None if sampler.spelling == "free" else known)

    def restore(self, memory: str) -> None:
        self.memory = memory

    def log_probabilities(self, voice: str = "mixture", own_words: float = 1.0) -> torch.Tensor:
        logs = torch.full((len(self.tokenizer),), -9.0)
        logs[self._says[len(self.fed) - self.prompt]] = -0.1
        logs[TOKENIZER.encode(" talks")] = -0.2
        return logs


@pytest.mark.parametrize(
    ("typed", "ends_with_space", "says", "suggested"),
    [
        (" the", True, (" cat", " walks", " the", " cat"), "cat walks the"),
        (" the", True, (" cat", " tacos", " the", " cat"), "cat tacos the"),
        (" the", True, (" tacos", " cat", ".", "."), "tacos cat."),
        (" the", True, (" cat", "\n"), "cat"),
        (" the c", False, (" cat", " walks", " the", " the"), "at walks the"),
        (" the w", False, (" walksta", " the", " cat", " cat"), "alksta the cat"),
    ],
)
def test_whole_words_are_suggested(typed: str, ends_with_space: bool, says: tuple[str, ...], suggested: str) -> None:
    generator = Scripted(*says)
    generator.prompt = len(TOKENIZER.encode(" the"))
    assert complete(generator, typed, ends_with_space, SamplerSettings()) == suggested  # type: ignore[arg-type]
    assert (generator.memory, generator.tokens_read) == ("as before", 7)


def test_the_middle_of_a_word_is_never_the_beginning_of_a_suggestion() -> None:
    generator = Scripted(" tacos")
    generator.prompt = -1  # it would go on with the second part of its word
    assert complete(generator, " the", True, SamplerSettings()) == ""  # type: ignore[arg-type]


def test_a_beginning_that_has_an_entry_is_no_word_yet() -> None:
    parts = Tokenizer.train([" tan ten tin ton tun tap cat cat.\n" * 2], 80, parts=9)
    assert len(parts.encode(" t")) == 1
    generator = Scripted(" totop", " cat", "\n", tokenizer=parts)
    assert complete(generator, " t", False, SamplerSettings()) == "otop cat"  # type: ignore[arg-type]


def test_a_word_that_comes_to_no_end_is_not_suggested() -> None:
    generator = Scripted(" cat", " " + "t" * 90)
    generator.prompt = len(TOKENIZER.encode(" the"))
    assert complete(generator, " the", True, SamplerSettings()) == "cat"  # type: ignore[arg-type]


@pytest.mark.parametrize(("spelling", "suggested"), [("free", "walks cat"), ("apart", "talks cat")])
def test_what_may_not_be_said_is_not_suggested(spelling: str, suggested: str) -> None:
    generator = Scripted(" walks", " cat", "\n", invented=" walks")
    generator.prompt = len(TOKENIZER.encode(" the"))
    sampler = SamplerSettings(spelling=spelling)
    assert complete(generator, " the", True, sampler) == suggested  # type: ignore[arg-type]
