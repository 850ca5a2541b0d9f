"""What is known of each word of a conversation: how likely it was, and what else could have stood there.

Probabilities are those that were stored with the turns. Ranks and other words are not stored: the model is asked for
them, with the memory that it had before each word. Where the model is gone, its words cannot be told apart either, and
a turn is only text.
"""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from rnntui.errors import RnntuiError
from rnntui.records import SamplerSpan, Session, Turn
from rnntui.service.chat.facts import surprise
from rnntui.service.chat.state_restore import StateRestorer, sampled_mask
from rnntui.service.export.exporters import reply_and_before
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, GeneratorState
    from rnntui.service.services import Services

ALTERNATIVES = 5
"""So many words are told that could have stood in the place of one."""


@dataclass(frozen=True, slots=True)
class WordFacts:
    """A word or punctuation mark; one that is spelled with several tokens is one."""

    text: str
    """With the white space before it."""
    bits: float
    """How surprising it was: -log2 of its probability before any rule of the draw."""
    rank: int = 0
    """1 for the likeliest; 0 where it is not known, or the word is spelled."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """The likeliest beginnings of words at this place with their probabilities; empty where they are not known."""
    is_chosen: bool = False
    """Whether a person chose it inside a reply."""

    @property
    def probability(self) -> float:
        """Before any rule of the draw."""
        return float(2.0**-self.bits)


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """A turn, or a mark between two."""

    role: str
    """One of ROLES."""
    text: str
    words: tuple[WordFacts, ...]
    """Together they are the text; empty where they are not known, and for a mark."""
    model: str
    """What the model is called that read or wrote it."""
    status: str
    settings: SamplerSettings | None
    """How it was drawn, seed included; None for the person's turns."""
    bits_per_word: float
    """Of the whole turn, as stored; 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """A conversation, or a reply and what it goes on from."""

    title: str
    turns: tuple[TurnFacts, ...]
    missing: tuple[str, ...]
    """Names of models that are not here, or damaged: nothing is known of single words of theirs."""


def find_word_facts(services: "Services", session: Session, reply_id: int = 0) -> ConversationFacts:
    """All that is known of the visible branch of a conversation.

    Args:
        services: Where it and its models are; models are loaded for it, and dropped afterwards.
        session: Which.
        reply_id: Only this turn, and the person's before it; 0 for all.

    Raises:
        StorageError: If the database refuses.
    """
    turns = tuple(services.conversations.branch(session.session_id))
    reader = _Reader(services, session, turns)
    wanted = reply_and_before(turns, reply_id)
    found = tuple(reader.read(at) for at, turn in enumerate(turns) if turn in wanted)
    return ConversationFacts(session.title, found, tuple(reader.missing))


class _Reader:
    """Reads the turns of one branch, from its first on or from any other."""

    def __init__(self, services: "Services", session: Session, turns: tuple[Turn, ...]) -> None:
        self.missing: dict[str, None] = {}
        self._services = services
        self._turns = turns
        self._states = StateRestorer(services.conversations, services.conversations.tree.root(session.session_id))
        self._cards = {card.model_id: card for card in services.models()}
        self._loaded: tuple[str, Generator | None] = ("", None)

    def read(self, at: int) -> TurnFacts:
        turn = self._turns[at]
        card = self._cards.get(turn.model_id)
        name = card.name if card else turn.model_id
        words: tuple[WordFacts, ...] = ()
        if turn.token_ids and len(turn.logprobs) == len(turn.token_ids):
            generator = self._generator(turn.model_id)
            if generator is None:
                self.missing[name] = None
            elif max(turn.token_ids) < len(generator.tokenizer):
                words = tuple(self._words(generator, turn, at))
        bits = surprise(turn, turn.words or len(words)) if turn.logprobs and (turn.words or words) else 0.0
        return TurnFacts(turn.role, turn.text, words, name, turn.status, turn.sampler, bits)

    def _generator(self, model_id: str) -> "Generator | None":
        if self._loaded[0] != model_id:
            from rnntui.service.model_loader import load_generator

            generator = None
            with contextlib.suppress(RnntuiError):
                if card := self._cards.get(model_id):
                    self._loaded = ("", None)  # not two large ones at once
                    generator = load_generator(self._services.library, card, self._services.config.app.device)
            self._loaded = (model_id, generator)
        return self._loaded[1]

    def _words(self, generator: "Generator", turn: Turn, at: int) -> Iterator[WordFacts]:
        memories = self._memories(generator, turn, at)
        tokenizer, sampled = generator.tokenizer, sampled_mask(turn)
        texts = _texts(turn, [tokenizer.piece(token) for token in turn.token_ids])
        starts = [number for number, token in enumerate(turn.token_ids) if not tokenizer.is_continuation(token)]
        ends = [0, *(number for number in starts if number), len(turn.token_ids)]
        for first, end in pairwise(ends):
            bits = -sum(turn.logprobs[first:end]) / math.log(2)
            is_chosen = turn.role == "network" and not any(sampled[first:end])
            rank, others = _look(generator, memories[first], turn, first) if memories else (0, ())
            yield WordFacts("".join(texts[first:end]), bits, rank if end - first == 1 else 0, others, is_chosen)

    def _memories(self, generator: "Generator", turn: Turn, at: int) -> "list[GeneratorState]":
        """The memory before each token of a turn; none where it cannot be found any more."""
        try:
            self._states.restore(generator, turn.model_id, self._turns[:at])
            before = generator.memory
            passed: list[GeneratorState] = []
            generator.feed(turn.token_ids, again=True, passed=passed, is_drawn=sampled_mask(turn))
        except RnntuiError:
            return []
        return [before, *passed[:-1]]


def _texts(turn: Turn, pieces: list[str]) -> list[str]:
    """What stands in the turn for each token: of a character that the model has never seen, the character itself."""
    if sum(map(len, pieces)) != len(turn.text):
        return pieces
    ends = list(accumulate(map(len, pieces), initial=0))
    return [turn.text[start:end] for start, end in pairwise(ends)]


def _look(
    generator: "Generator", memory: "GeneratorState", turn: Turn, at: int
) -> tuple[int, tuple[tuple[str, float], ...]]:
    """The rank of a token, and the likeliest ones in its place, as they were when it was drawn or read."""
    import torch

    from rnntui.service.chat.next_token import AS_READ

    how = _span_at(turn, at)
    sampler = (how.sampler if how else turn.sampler) or AS_READ
    generator.memory = memory
    logs = generator.log_probabilities(sampler.voice, sampler.own_words)
    best = torch.topk(logs, min(ALTERNATIVES, logs.numel()))
    others = zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
    rank = int((logs > logs[turn.token_ids[at]]).sum()) + 1
    return rank, tuple((generator.tokenizer.piece(token), probability) for token, probability in others)


def _span_at(turn: Turn, at: int) -> SamplerSpan | None:
    """How one of the tokens of a turn came about."""
    return next((span for span in reversed(turn.draws) if span.start <= at), None)
