"""Several ends of a sentence are sampled from one state, and the one with the best score becomes text.

A state is a few kilobytes: many drafts can begin at the same place. Each is sampled by the function that samples
every token, with randomness of its own: it depends on the state, the settings, the seed and the number of the draft,
and on nothing else. So every draft can be sampled again from these.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.chat_events import DraftHeard, DraftsJudged, Thinking, WordSampled
from rnntui.lm.generator import Ending, Generator, GeneratorState, Step, count_words
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from collections.abc import Generator as Steps

LONGEST = 60
"""A draft has at most so many words, however long its sentence becomes."""
_TOKENS_PER_WORD = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to go on to the end of a sentence."""

    number: int
    """From 0; the first one is what would be sampled without drafts."""
    steps: tuple[Step, ...]
    """At least one."""
    upcoming: Step
    """What this draft would say after its end."""
    score: float

    def as_event(self, generator: Generator) -> DraftHeard:
        """As a plain value."""
        words = count_words(generator.tokenizer, (step.token_id for step in self.steps))
        bits = -sum(step.logprob for step in self.steps) / math.log(2)
        text = "".join(step.piece for step in self.steps)
        return DraftHeard(self.number, text, words, self.score, bits / max(1, words))


@dataclass(frozen=True, slots=True)
class SpokenToken:
    """One token that is part of the text now, and how it came about."""

    step: Step
    reason: str
    """Why the text ends with it; empty while it goes on."""
    drawn_with: SamplerSettings
    draft: int = 0
    begins: bool = False
    """Whether it is the first one of a draft that was chosen among others."""

    def as_event(self, memory: tuple[float, ...] = ()) -> WordSampled:
        """As an event, with the output of the top layer after it where somebody wants to see that."""
        step = self.step
        return WordSampled(
            step.position,
            step.token_id,
            step.piece,
            step.logprob,
            step.rank,
            step.entropy_bits,
            step.alternatives,
            memory,
            step.shares,
            step.drawable_bits,
        )


def uses_drafts(settings: SamplerSettings) -> bool:
    """Whether there is anything to choose from: without chance all drafts are the same."""
    return settings.drafts > 1 and settings.temperature > 0 and settings.top_k != 1


def speak(
    generator: Generator,
    settings: Callable[[], SamplerSettings],
    seed: int,
    alternatives: int = 0,
    first: tuple[SamplerSettings, int] | None = None,
) -> Iterator[Thinking | DraftsJudged | SpokenToken]:
    """Go on with the text until the stop rule ends it, thinking before each sentence where the settings say so.

    Every token is part of the text when it is yielded; drafts are not, and leave the memory as it is.

    Args:
        generator: Goes on from its state; each yielded token is part of its text.
        settings: Asked before every word. Other ones than before end what was thought: the rest is thought anew.
        seed: Together with position and draft, all the randomness there is.
        alternatives: How many likeliest words each step lists.
        first: The settings and the number of a draft that is said first, whatever else there is to choose from.
    """
    ending = Ending(generator.tokenizer)
    while True:
        if first is None and not uses_drafts(settings()):
            said = yield from _one_by_one(generator, settings, seed, alternatives, ending)
        else:
            said = yield from _after_thinking(generator, settings, seed, alternatives, ending, first)
            first = None
        if said:
            return


def think(
    generator: Generator, memory: GeneratorState, settings: SamplerSettings, seed: int, alternatives: int = 0
) -> "Steps[Thinking, None, tuple[Draft, ...]]":
    """All drafts of the next sentence, from the first one on. The generator's memory is not moved.

    Args:
        generator: Draws them.
        memory: Where they begin.
        settings: How many, and how they are drawn.
        seed: Of all randomness, together with positions and draft numbers.
        alternatives: How many likeliest words each step lists.
    """
    drafts = []
    for number in range(settings.drafts):
        drafts.append((yield from _sample_draft(generator, memory, settings, seed, number, alternatives)))
    return tuple(drafts)


def best_of(drafts: tuple[Draft, ...]) -> Draft:
    """The one with the highest score; of equal ones the first."""
    return max(drafts, key=lambda draft: (draft.score, -draft.number))


def _one_by_one(
    generator: Generator, settings: Callable[[], SamplerSettings], seed: int, alternatives: int, ending: Ending
) -> "Steps[SpokenToken, None, bool]":
    """Word by word, until the text ends (True) or the settings ask for drafts."""
    drawn_with = settings()

    def asked() -> SamplerSettings:
        nonlocal drawn_with
        drawn_with = settings()
        return drawn_with

    for step, reason in generator.generate(asked, seed, alternatives, ending):
        yield SpokenToken(step, reason, drawn_with)
        if reason:
            return True
        if uses_drafts(settings()):
            break
    return False


def _after_thinking(
    generator: Generator,
    settings: Callable[[], SamplerSettings],
    seed: int,
    alternatives: int,
    ending: Ending,
    first: tuple[SamplerSettings, int] | None,
) -> "Steps[Thinking | DraftsJudged | SpokenToken, None, bool]":
    """One sentence, until the text ends (True), or the sentence does, or the settings are others."""
    asked = settings()
    chosen = asked
    if first:
        chosen, number = first
        draft = yield from _sample_draft(generator, generator.memory, chosen, seed, number, alternatives)
    else:
        drafts = yield from think(generator, generator.memory, chosen, seed, alternatives)
        draft = best_of(drafts)
        heard = tuple(one.as_event(generator) for one in drafts)
        yield DraftsJudged(generator.memory.position, draft.number, heard)
    followers = (*draft.steps[1:], draft.upcoming)
    for step, upcoming in zip(draft.steps, followers, strict=True):
        generator.commit(step)
        reason = ending.after(step, upcoming, chosen)
        yield SpokenToken(step, reason, chosen, draft.number, step is draft.steps[0])
        if reason:
            return True
        if settings() != asked:
            break
    return False


def _sample_draft(
    generator: Generator, memory: GeneratorState, settings: SamplerSettings, seed: int, number: int, alternatives: int
) -> "Steps[Thinking, None, Draft]":
    """One draft, to the end of the sentence or paragraph, or until it is long enough.

    Where it ends does not depend on what the reply has said so far, so that it can be drawn again from the memory.
    """
    most = min(LONGEST, settings.max_words)
    ending = Ending(generator.tokenizer)
    yield Thinking(number, settings.drafts, 0)
    steps = [_sample_after(generator, memory, settings, seed, number, alternatives)]
    while True:
        yield Thinking(number, settings.drafts, len(steps))
        upcoming = _sample_after(generator, steps[-1].memory, settings, seed, number, alternatives)
        ending.after(steps[-1], upcoming, settings)
        is_long = ending.words >= most and not generator.tokenizer.is_continuation(upcoming.token_id)
        if ending.is_sentence_over or is_long or len(steps) >= _TOKENS_PER_WORD * most:
            return Draft(number, tuple(steps), upcoming, score_draft(steps))
        steps.append(upcoming)


def _sample_after(
    generator: Generator, memory: GeneratorState, settings: SamplerSettings, seed: int, number: int, alternatives: int
) -> Step:
    """A word after another memory; that of the generator is moved only meanwhile."""
    before = generator.memory
    generator.memory = memory
    try:
        return generator.sample(settings, seed, alternatives, number)
    finally:
        generator.memory = before


def score_draft(steps: Sequence[Step]) -> float:
    """How good a draft is, in bits a token: 0 is the best there is.

    What people say tells about as much as the one who listens expects to be told: a draft is scored by how far its
    surprise is from the entropy of the distributions it was sampled from.
    Source: Meister et al. 2023 (typical sampling), of whole sentences instead of words.

    Args:
        steps: Its tokens, at least one.
    """
    surprise = -sum(step.logprob for step in steps) / math.log(2)
    expected = sum(step.entropy_bits for step in steps)
    return -abs(surprise - expected) / len(steps)
