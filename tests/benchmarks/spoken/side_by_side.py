"""Speak in many rows side by side: what `Generator` draws, several times as fast, and ways that it does not have.

The rules are written here a second time, for whole tables of probabilities; `difference` says how far the two are
apart. B = rows, V = vocabulary size, H = hidden size.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from rnntui.lm.generator import Generator
from rnntui.lm.mix.cache_model import CACHE_COMPONENTS, RecentTokens
from rnntui.lm.mix.mixture import CountContexts
from rnntui.lm.model import HiddenState
from rnntui.lm.repetition import find_repeated_runs, token_lengths
from rnntui.lm.sampling import LOGIT_RULES, REPETITION_WINDOW, LogitRule, RuleContext, coin, filtered_probabilities
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID
from rnntui.setting_fields import changed
from rnntui.settings import PRESETS, SamplerSettings, preset

ROWS = 48
_NEVER = 1e-30
_HALVINGS = 20


@dataclass(frozen=True, slots=True)
class Way:
    """How to draw: the program's settings, and what only this benchmark can do."""

    sampler: SamplerSettings
    network_temperature: float = 1.0
    """Of the network before it is mixed."""
    mirostat: float = 0.0
    """Bits of surprise that mirostat 2 aims at; 0 leaves it out."""
    mirostat_rate: float = 0.1

    @property
    def is_own(self) -> bool:
        """True when the program cannot draw like this."""
        return self.network_temperature != 1.0 or self.mirostat > 0.0


@dataclass(slots=True)
class _Row:
    number: int
    unread: list[int]
    seed: int
    contexts: CountContexts = ()
    recent: RecentTokens = field(default_factory=RecentTokens)
    said: list[int] = field(default_factory=list)
    words: int = 0
    position: int = 0
    is_read: bool = False
    limit: float = 0.0
    """Of mirostat, bits."""


class SideBySide:
    """Speaks for many prompts at once, each from an empty memory."""

    def __init__(self, generator: Generator, way: Way) -> None:
        self._generator = generator
        self._way = way
        self._tokenizer = generator.tokenizer
        size = len(self._tokenizer)
        self._begins = np.array([not self._tokenizer.is_continuation(token) for token in range(size)])
        self._lengths = token_lengths(self._tokenizer)
        self._unsure = torch.tensor(generator._hardly_learned, dtype=torch.long)
        self._is_word = self._begins & [any(map(str.isalnum, self._tokenizer.piece(token))) for token in range(size)]

    @torch.inference_mode()
    def say(self, prompts: Sequence[str], words: int, seed: int) -> list[str]:
        """For each prompt what comes after it, at least so many words and the beginning of another."""
        waiting = list(enumerate(prompts))[::-1]
        answers = [""] * len(prompts)
        rows = [self._begun(*waiting.pop(), seed) for _ in range(min(ROWS, len(prompts)))]
        state = self._generator.model.zero_state(len(rows))
        while rows:
            hidden, state = self._read(rows, state)
            drawing = [at for at, row in enumerate(rows) if not row.unread]
            if drawing:
                self._draw([rows[at] for at in drawing], hidden[drawing])
            is_done = [self._is_over(row, words) for row in rows]
            for at in np.flatnonzero(is_done):
                answers[rows[at].number] = self._tokenizer.decode(rows[at].said)
                if waiting:
                    rows[at] = self._begun(*waiting.pop(), seed)
                    for part in state.parts.values():
                        part[:, at] = 0.0
                    is_done[at] = False
            if any(is_done):
                kept = [at for at, done in enumerate(is_done) if not done]
                rows = [rows[at] for at in kept]
                state = HiddenState({name: part[:, kept] for name, part in state.parts.items()})
        return answers

    def difference(self, prompt: str, tokens: int, seed: int) -> float:
        """The largest difference between a word's chance here and in `Generator`, over so many places of one text."""
        generator, sampler = self._generator, self._way.sampler
        generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
        row = self._begun(0, prompt, seed)
        generator.feed(row.unread)
        state, largest = generator.model.zero_state(1), 0.0
        while row.unread:
            hidden, state = self._read([row], state)
        for _ in range(tokens):
            blend = generator.distribution(sampler.voice)
            theirs = filtered_probabilities(blend.log_probabilities, generator.context(sampler, blend))
            largest = max(largest, float((self._chances([row], hidden)[0] - theirs).abs().max()))
            step = generator.sample(sampler, seed)
            generator.commit(step)
            row.unread.append(step.token_id)
            hidden, state = self._read([row], state)
            row.is_read = False
        return largest

    def _begun(self, number: int, prompt: str, seed: int) -> _Row:
        return _Row(number, self._tokenizer.encode(prompt), seed * 1_000_003 + number, limit=2 * self._way.mirostat)

    @torch.inference_mode()
    def _read(self, rows: Sequence[_Row], state: HiddenState) -> tuple[Tensor, HiddenState]:
        """Read one token in each row; [B,H] and the memory after it."""
        tokens = []
        for row in rows:
            is_prompt = not row.said
            token = row.unread.pop(0)
            row.position += 1
            row.is_read = is_prompt
            row.recent = row.recent.after(token, is_own=not is_prompt)
            if self._generator.mixture:
                row.contexts = self._generator.mixture.advance(row.contexts, token)
            tokens.append(token)
        hidden, state = self._generator.model(torch.tensor([tokens]), state)
        return hidden[0], HiddenState({name: part.clone() for name, part in state.parts.items()})

    def _is_over(self, row: _Row, words: int) -> bool:
        return row.words > words or len(row.said) > 8 * words

    def _draw(self, rows: Sequence[_Row], hidden: Tensor) -> None:
        chances = self._chances(rows, hidden)
        sums = torch.cumsum(chances, dim=1, dtype=torch.float64)
        coins = torch.tensor([coin(row.seed, row.position + 1) for row in rows], dtype=torch.float64)
        tokens = torch.searchsorted(sums, (coins * sums[:, -1])[:, None], right=True)[:, 0]
        for at, (row, token) in enumerate(zip(rows, tokens.tolist(), strict=True)):
            row.unread.append(token)
            row.said.append(token)
            row.words += int(self._is_word[token])
            if self._way.mirostat:
                surprise = -math.log2(max(float(chances[at, token]), _NEVER))
                row.limit -= self._way.mirostat_rate * (surprise - self._way.mirostat)

    @torch.inference_mode()
    def _chances(self, rows: Sequence[_Row], hidden: Tensor) -> Tensor:
        """[B,V], what may be drawn; they sum to one."""
        sampler = self._way.sampler
        chances = self._mixed(rows, self._generator.model.log_probabilities(hidden))
        chances[:, UNKNOWN_ID] = 0.0
        if self._generator.lexicon and sampler.spelling != "free":
            for row, line in zip(rows, chances, strict=True):
                is_apart = sampler.spelling == "apart"
                known = self._generator.lexicon.known_next(row.recent.ids(), row.is_read, is_apart)
                kept = line * torch.from_numpy(known)
                if float(kept.max()) > 0:
                    line.copy_(kept)
        for row, line in zip(rows, chances, strict=True):
            for rule in self._looking_back(row):
                logs = rule(line.double().log(), self._context(row))
                line.copy_(torch.softmax(logs, dim=0))
        chances /= chances.sum(dim=1, keepdim=True)
        for cut in self._cuts(rows, sampler):
            chances = cut(chances)
            chances /= chances.sum(dim=1, keepdim=True)
        return chances

    def _context(self, row: _Row) -> RuleContext:
        found = find_repeated_runs(row.recent.ids(), self._lengths)
        return RuleContext(self._way.sampler, row.recent.last(REPETITION_WINDOW), repeated_run=found)

    def _looking_back(self, row: _Row) -> Iterator[LogitRule]:
        """The rules of the program that depend on the words before; they are seldom needed."""
        sampler = self._way.sampler
        if sampler.repetition_penalty != 1.0:
            yield LOGIT_RULES["repetition_penalty"]
        found = find_repeated_runs(row.recent.ids(), self._lengths) if sampler.loop_penalty else None
        if found and (found.lengths > sampler.loop_length).any():
            yield LOGIT_RULES["loop_penalty"]

    def _mixed(self, rows: Sequence[_Row], network: Tensor) -> Tensor:
        if self._way.network_temperature != 1.0:
            network = torch.log_softmax(network / self._way.network_temperature, dim=1)
        mixture = self._generator.mixture
        if mixture is None or self._way.sampler.voice == "network":
            return network.exp().index_fill(1, self._unsure, 0.0)
        chances = network.exp()
        for row, line in zip(rows, chances, strict=True):
            shares, said, heard = mixture.component_distributions(row.contexts, row.recent, self._way.sampler.own_words)
            (network_share, own), recent, base = np.split(shares, (2, 2 + CACHE_COMPONENTS))
            line *= float(network_share)
            alone = line[self._unsure]
            line += torch.from_numpy(heard.distribution(recent.tolist(), line.numel()).astype(np.float32))
            for share, counted in zip((own, *base), said, strict=True):
                line += torch.from_numpy((share * counted).astype(np.float32))
            together = line[self._unsure]
            line[self._unsure] = torch.where(together - alone > alone, together, 0.0)
        return chances

    def _cuts(self, rows: Sequence[_Row], sampler: SamplerSettings) -> Iterator[Callable[[Tensor], Tensor]]:
        if sampler.temperature != 1.0:
            yield lambda chances: (chances.clamp(min=_NEVER).log() / max(sampler.temperature, 0.02)).softmax(dim=1)
        if sampler.top_k:
            yield lambda chances: _at_least(chances, torch.topk(chances, sampler.top_k, dim=1).values[:, -1:])
        if sampler.typical_p < 1.0:
            yield lambda chances: _typical(chances, sampler.typical_p)
        if sampler.top_p < 1.0:
            yield lambda chances: _at_least(chances, _nucleus_edge(chances, sampler.top_p))
        if sampler.min_p > 0.0:
            yield lambda chances: _at_least(chances, chances.amax(dim=1, keepdim=True) * sampler.min_p)
        if sampler.eta > 0.0:
            yield lambda chances: _at_least(chances, _eta(chances, sampler.eta))
        if self._way.mirostat:
            limits = torch.tensor([row.limit for row in rows])[:, None]
            yield lambda chances: _at_least(chances, torch.exp2(-limits))


def _at_least(chances: Tensor, floor: Tensor) -> Tensor:
    """Nothing below a floor [B,1], but the likeliest word."""
    floor = torch.minimum(floor, chances.amax(dim=1, keepdim=True))
    return torch.where(chances >= floor, chances, 0.0)


def _nucleus_edge(chances: Tensor, share: float) -> Tensor:
    falling = torch.from_numpy(-np.sort(-chances.numpy(), axis=1))
    inside = torch.cumsum(falling, dim=1) - falling < share
    return falling.gather(1, inside.sum(dim=1, keepdim=True).clamp(min=1) - 1)


def _entropy(chances: Tensor) -> Tensor:
    """[B,1], in nats."""
    return -(chances * chances.clamp(min=_NEVER).log()).sum(dim=1, keepdim=True)


def _typical(chances: Tensor, share: float) -> Tensor:
    """The words whose surprise is nearest to the expected one and that together reach a share, by halving."""
    distance = (-chances.clamp(min=_NEVER).log() - _entropy(chances)).abs()
    low, high = torch.zeros(len(chances), 1), torch.full((len(chances), 1), 20.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_enough = torch.where(distance <= middle, chances, 0.0).sum(dim=1, keepdim=True) >= share
        low, high = torch.where(is_enough, low, middle), torch.where(is_enough, middle, high)
    return torch.where(distance <= high, chances, 0.0)


def _eta(chances: Tensor, epsilon: float) -> Tensor:
    return torch.minimum(torch.tensor(epsilon), math.sqrt(epsilon) * torch.exp(-_entropy(chances)))


def way_named(name: str) -> Way:
    """A way from its name.

    Args:
        name: "default", a preset, or fields of `SamplerSettings` and of `Way`, such as "top_p=0.8,mirostat=5", or both.
    """
    sampler = SamplerSettings(stop="words", max_words=100_000)
    own = {field.name for field in dataclasses.fields(Way)} - {"sampler"}
    beside: dict[str, float] = {}
    for part in name.split(","):
        field, _, value = part.partition("=")
        if field in own:
            beside[field] = float(value)
        elif part != "default":
            sampler = changed(sampler, **(preset(part) if part in PRESETS else {field: value}))
    return Way(sampler, **beside)
