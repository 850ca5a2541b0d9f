"""Read tokens, carry the state, sample the next one: a model with its state.

Knows nothing of sessions, files or screens. Position counts the tokens read since the start of the session; the text is
never read twice.
"""

import contextlib
import copy
import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.errors import ModelFileError
from rnntui.events import Alternative
from rnntui.lm.hardware.devices import CPU, translate_device_errors
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import CountContexts, MixedDistribution, Mixture
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.repetition import find_repeated_runs, token_lengths
from rnntui.lm.sampling import REPETITION_WINDOW, RuleContext, coin, filtered_probabilities, openness, sample
from rnntui.lm.text.streams import UNSPACED
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.settings import VOICES, SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.reading.prompt_reader import PromptReader

_SCORED_AT_ONCE = 32
_SENTENCE_ENDS = frozenset(".!?…。！？؟।॥")
_CLOSERS = frozenset("\"'”’»)]」』）》】")
_ABBREVIATIONS = frozenset(
    ("Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Capt", "Col", "Gen", "Lt", "Sgt", "Rev", "Hon", "Jr", "Sr", "vs", "No")
)
_CLINGING = frozenset(".,;:!?…)]”’،؛؟।॥。，、；：！？）」』】》")
_QUOTES = "\"'“”‘’"
_UNSPACED_MARKS = frozenset("。，、；：！？「」『』（）《》【】・ー…—")
_TOKENS_PER_WORD = 8


@dataclass(frozen=True, slots=True)
class GeneratorState:
    """Everything that a sample depends on: an immutable value, a few kilobytes large, and always on the processor.

    The rest beside the hidden state is a pure function of the last tokens read.
    """

    state: HiddenState
    position: int
    recent: RecentTokens = field(default_factory=RecentTokens)
    """The last tokens read since the state was reset."""
    contexts: CountContexts = ()
    """The context of each counting after them; empty without a mixture."""
    is_read: bool = False
    """Whether the last of them was read, not sampled: a person's word may end where the network's may not."""


@dataclass(frozen=True, slots=True)
class Step:
    """One sampled token, and the state after it was read."""

    position: int
    token_id: int
    piece: str
    logprob: float
    """Natural logarithm of its probability before any sampling rule."""
    rank: int
    entropy_bits: float
    alternatives: tuple[Alternative, ...]
    memory: GeneratorState
    shares: tuple[float, ...] = ()
    """How much of its probability came from each of `mixture.COMPONENTS`; empty when the network speaks alone."""
    drawable_bits: float = 0.0
    """Entropy after all sampling rules; 0 as well where no alternatives were asked for."""


class Generator:
    """A model with its state: reads, samples, and can be set to any earlier state.

    Args:
        model: In evaluation mode; its weights are not changed, and must not be by others.
        tokenizer: Its vocabulary.
        mixture: Counting and the cache model, to be mixed with the network; None for the network alone.
        lexicon: The words of the training text; without it every word may be invented.
        hardly_learned: Ranges of ids that the network alone must not bring up; they may be sampled where the other
            components make up most of their probability.

    Attributes:
        memory: The state now; assign an earlier one to go back.
        note: What the person should know of the device; empty when there is nothing.
        tokens_read: Tokens fed since this object was made; `tokens_reread` counts those that had been read before.
    """

    def __init__(
        self,
        model: WordRNN,
        tokenizer: Tokenizer,
        mixture: Mixture | None = None,
        lexicon: Lexicon | None = None,
        hardly_learned: Iterable[tuple[int, int]] = (),
    ) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.mixture = mixture
        self.lexicon = lexicon
        self._hardly_learned = [number for span in hardly_learned for number in range(*span)]
        self._words = model.packed_words()
        self._layers = model.packed_layers()
        self.memory = GeneratorState(model.zero_state().to(CPU), 0)
        self.note = ""
        self.tokens_read = 0
        self.tokens_reread = 0

    @functools.cached_property
    def reader(self) -> "PromptReader":
        """Turns what a person types into what this model reads."""
        from rnntui.lm.reading.prompt_reader import PromptReader

        return PromptReader(self.tokenizer, self.mixture.counting if self.mixture else None)

    def beside(self, memory: GeneratorState) -> "Generator":
        """The same network with a memory of its own: what one reads or says, the other does not know."""
        twin = copy.copy(self)  # the weights, and what was packed of them, are shared
        twin.memory, twin.tokens_read, twin.tokens_reread = memory, 0, 0
        return twin

    def state_from(
        self,
        state: HiddenState,
        position: int,
        recent_ids: Sequence[int],
        is_read: bool = False,
        are_own: Sequence[bool] = (),
    ) -> GeneratorState:
        """A state from its parts.

        Args:
            state: Hidden state after the last token.
            position: How many tokens were read since the start of the conversation.
            recent_ids: The tokens read since the last reset, or the last `cache_model.WINDOW` of them.
            is_read: Whether the last of them was read, not sampled.
            are_own: For each of them, whether the network sampled it; empty where all were read.
        """
        if max(recent_ids, default=0) >= len(self.tokenizer):  # a damaged or foreign file names words there are none of
            recent_ids = are_own = ()
        recent = RecentTokens(recent_ids, are_own)
        contexts = self.mixture.contexts_after(recent.ids().tolist()) if self.mixture else ()
        return GeneratorState(state, position, recent, contexts, is_read)

    def reset(self) -> None:
        """Reset the hidden state. The position stays, and with it the randomness of later samples."""
        self.memory = GeneratorState(self.model.zero_state().to(CPU), self.memory.position)

    @torch.inference_mode()
    def feed(
        self,
        ids: Sequence[int],
        *,
        again: bool = False,
        voice: str = VOICES[0],
        passed: list[GeneratorState] | None = None,
        is_drawn: bool | Sequence[bool] = False,
    ) -> list[float]:
        """Read words; each is scored just before it is read.

        Args:
            ids: Any number of tokens, also none.
            again: True when these words were read before, for the honest count.
            voice: Whose expectation scores them, one of VOICES.
            passed: The memory after each of the words is added here; it costs nothing to keep.
            is_drawn: True when the network chose these words; or for each, whether it did.

        Returns:
            The natural logarithm of each word's probability, given everything before it.

        Raises:
            ModelFileError: If a score is not a finite number; nothing was read then.
        """
        before = self.memory
        drawn = iter([is_drawn] * len(ids) if isinstance(is_drawn, bool) else is_drawn)
        scores: list[float] = []
        for start in range(0, len(ids), _SCORED_AT_ONCE):
            part = ids[start : start + _SCORED_AT_ONCE]
            outputs, recent = [], self.memory.recent
            for word in part:
                outputs.append(self.memory.state.parts["h"][-1])  # [1,H], before the word
                self.memory = self._after(word, not next(drawn))
                if passed is not None:
                    passed.append(self.memory)
            # Word by word, so that the last bit of a score does not depend on how a text was cut into pieces.
            rows = zip(outputs, torch.split(torch.tensor(part), 1), strict=True)
            device = self.model.device
            logs = torch.cat([self.model.target_log_probabilities(*_sent(pair, device)) for pair in rows]).cpu()
            if self.mixture and voice == "mixture" and torch.isfinite(logs).all():
                logs = self.mixture.score(part, logs, recent)
            scores += logs.tolist()
        if not all(map(math.isfinite, scores)):
            self.memory = before
            raise _not_finite()
        self.tokens_read += len(ids)
        self.tokens_reread += len(ids) if again else 0
        return scores

    def log_probabilities(self, voice: str = VOICES[0], own_words: float = 1.0) -> Tensor:
        """Natural logarithm of the probability of every possible next word, before any rule: [V] in float64.

        Args:
            voice: One of VOICES; without a mixture the network speaks alone.
            own_words: How much the words count here that the network said itself: see `SamplerSettings`.
        """
        return self.distribution(voice, own_words).log_probabilities

    @torch.inference_mode()
    def distribution(self, voice: str = VOICES[0], own_words: float = 1.0) -> MixedDistribution:
        """The next word's distribution and where it comes from; without parts when the network speaks alone.

        Raises:
            DeviceError: If the device failed.
            ModelFileError: If a score is not a finite number.
        """
        with translate_device_errors(self.model.device):
            output = self.memory.state.parts["h"][-1, 0].to(self.model.device)
            scores = self.model.log_probabilities(output, self._words).cpu().double()
        if not math.isfinite(float(scores.sum())):
            raise _not_finite()
        if self.mixture is None or voice == "network":
            return MixedDistribution(scores, ())
        return self.mixture.mix(scores, self.memory.contexts, self.memory.recent, own_words)

    def is_begun(self, word: int) -> bool:
        """True for a token that begins words of the training text and is none."""
        return self.lexicon is not None and self.lexicon.only_begins(word)

    def context(self, settings: SamplerSettings, distribution: MixedDistribution | None = None) -> RuleContext:
        """What the sampling rules see now.

        Args:
            settings: Of the draw.
            distribution: The distribution that is drawn from, as far as it is there already.
        """
        recent, known = self.memory.recent, None
        if self.lexicon and settings.spelling != "free":
            is_apart = settings.spelling == "apart"
            known = torch.from_numpy(self.lexicon.known_next(recent.ids(), self.memory.is_read, is_apart))
        if self._hardly_learned:
            known = self._without_hardly_learned(
                known, distribution or self.distribution(settings.voice, settings.own_words)
            )
        found = find_repeated_runs(recent.ids(), self._lengths) if settings.loop_penalty else None
        return RuleContext(settings, recent.last(REPETITION_WINDOW), (UNKNOWN_ID,), known, found)

    @functools.cached_property
    def _lengths(self) -> npt.NDArray[np.float64]:
        return token_lengths(self.tokenizer)

    def _without_hardly_learned(self, known: Tensor | None, distribution: MixedDistribution) -> Tensor:
        """[V], what may come next when the network alone must not bring up entries that it has hardly learned."""
        known = torch.ones(len(self.tokenizer), dtype=torch.bool) if known is None else known
        unsure = torch.tensor(self._hardly_learned)
        if not distribution.parts:
            return known.index_fill(0, unsure, value=False)
        network, *others = (part[unsure] for part in distribution.parts)
        known[unsure] &= sum(others[1:], others[0]) > network
        return known

    @torch.inference_mode()
    def sample(self, settings: SamplerSettings, seed: int, alternatives: int = 0, draft: int = 0) -> Step:
        """Draw the next word without reading it. The step holds the memory after it was read.

        The draw depends on the memory, the settings, the seed, the position and the draft, and on nothing else.
        """
        distribution = self.distribution(settings.voice, settings.own_words)
        logs = distribution.log_probabilities
        probabilities = filtered_probabilities(logs, self.context(settings, distribution))
        position = self.memory.position + 1
        word = sample(probabilities, coin(seed, position, draft))
        return Step(
            position,
            word,
            self.tokenizer.piece(word),
            float(logs[word]),
            int((logs > logs[word]).sum()) + 1,
            distribution.entropy_bits(),
            self._likeliest(logs, probabilities, alternatives),
            self._after(word),
            distribution.shares(word) if distribution.parts else (),
            openness(probabilities) if alternatives else 0.0,
        )

    def commit(self, step: Step) -> None:
        """Make a drawn word part of the text."""
        self.memory = step.memory
        self.tokens_read += 1

    def generate(
        self,
        settings: Callable[[], SamplerSettings],
        seed: int,
        alternatives: int = 0,
        ending: "Ending | None" = None,
    ) -> Iterator[tuple[Step, str]]:
        """Go on with the text until the stop rule ends it; every yielded word is part of the text when it is yielded.

        Takes the first sample of each token, however many drafts the settings ask for: those are `drafts.speak`'s.

        Args:
            settings: Asked before every word, so that they can change while words appear.
            seed: Together with the position, all the randomness there is.
            alternatives: How many likeliest words each step lists.
            ending: Has seen the reply so far; None where it begins here.

        Yields:
            The step, and why the text ends with it: "" while it goes on, else "paragraph", "sentence" or "words".
        """
        ending = ending or Ending(self.tokenizer)
        chosen = settings()
        step = self.sample(chosen, seed, alternatives)
        while True:
            self.commit(step)
            upcoming = self.sample(chosen, seed, alternatives)
            reason = ending.after(step, upcoming, chosen)
            yield step, reason
            if reason:
                return
            # Settings may have changed while the consumer looked at the word: the next draw obeys them.
            before, chosen = chosen, settings()
            step = upcoming if chosen == before else self.sample(chosen, seed, alternatives)

    def _after(self, word: int, is_read: bool = False) -> GeneratorState:
        with translate_device_errors(self.model.device):
            state = self.model.step(word, self.memory.state, self._layers).to(CPU)
        contexts = self.mixture.advance(self.memory.contexts, word) if self.mixture else ()
        return GeneratorState(
            state, self.memory.position + 1, self.memory.recent.after(word, not is_read), contexts, is_read
        )

    def alternatives(self, tokens: Sequence[int], logs: Tensor, probabilities: Tensor) -> tuple[Alternative, ...]:
        """Some tokens with what they are and how likely.

        Args:
            tokens: Which.
            logs: [V], natural logarithms of the probabilities before any rule.
            probabilities: [V], after all rules.
        """
        where = torch.tensor(tokens, dtype=torch.long)
        rows = zip(tokens, logs[where].exp().tolist(), probabilities[where].tolist(), strict=True)
        return tuple(Alternative(self.tokenizer.piece(word), word, p, q, self.is_begun(word)) for word, p, q in rows)

    def _likeliest(self, logs: Tensor, probabilities: Tensor, count: int) -> tuple[Alternative, ...]:
        if count == 0:
            return ()
        return self.alternatives(torch.topk(logs, min(count, logs.numel())).indices.tolist(), logs, probabilities)


class Ending:
    """Decides where a reply ends: after the word, looking at the word that would come next.

    Attributes:
        is_sentence_over: Whether a sentence or a paragraph is over after the last word.
        words: How many words and marks came: as `count_words` counts them.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.is_sentence_over = False
        self.words = 0
        self._tokenizer = tokenizer
        self._tokens = 0
        self._piece = ""  # the text of a piece so far: a spelled one arrives in several steps
        self._is_counted = True  # the rest of a word that began before
        self._last_word = ""
        self._closing = False

    def after(self, step: Step, upcoming: Step, settings: SamplerSettings) -> str:
        """Why the reply ends after one more word, with another upcoming: "paragraph", "sentence", "words"; else ""."""
        self._tokens += 1
        self._count(step)
        is_paragraph = "\n\n" in self._piece and bool(self._last_word)
        is_sentence = self._ends_sentence(step, upcoming)
        self.is_sentence_over = is_paragraph or is_sentence
        if settings.stop == "paragraph" and is_paragraph:
            return "paragraph"
        if settings.stop == "sentence" and is_sentence:
            return "sentence"
        full = self.words >= settings.max_words and self._may_start_word(upcoming)
        return "words" if full or self._tokens >= _TOKENS_PER_WORD * settings.max_words else ""

    def _count(self, step: Step) -> None:
        if not self._tokenizer.is_continuation(step.token_id):
            self._piece, self._is_counted = "", False
        self._piece += step.piece
        if self._piece.strip() and not self._is_counted:
            self.words += 1
            self._is_counted = True
        if any(character.isalnum() for character in self._piece):
            self._last_word = self._piece.strip()

    def _may_start_word(self, step: Step) -> bool:
        """True for a word or mark, and for the space that a spelled word begins with."""
        if self._tokenizer.is_continuation(step.token_id):
            return False
        return bool(step.piece.strip()) or not step.piece.strip(" \t")

    def _ends_sentence(self, step: Step, upcoming: Step) -> bool:
        piece = step.piece.strip()
        if piece in _SENTENCE_ENDS and self._last_word:
            self._closing = not (piece == "." and (self._last_word in _ABBREVIATIONS or len(self._last_word) == 1))
        elif piece not in _CLOSERS:
            self._closing = False
        next_closes = upcoming.piece in _CLOSERS or upcoming.piece in _SENTENCE_ENDS
        return self._closing and not next_closes


def join_turn(before: str, prompt: str, rule: str, tokenizer: Tokenizer) -> str:
    """A prompt as a writer would set it after the text before it, so that no word is spelled for want of its space.

    Args:
        before: The end of the text so far; empty at the start or when the memory is empty.
        prompt: What the person typed, without regard to what stands before.
        rule: "inline" goes on in the line, "paragraph" starts a new one.
        tokenizer: Knows which words have an entry only with their leading space.

    Returns:
        The prompt with the white space before it that should be fed.
    """
    body = prompt.strip(" \t") if rule == "inline" else prompt.strip()
    if not body.strip():
        return body
    gap = _gap(before, body, rule)
    if gap.endswith(" ") or body[0].isspace():
        return gap + body
    bare, spaced = tokenizer.encode(body[:80]), tokenizer.encode(" " + body[:80])
    if not before:  # nothing stands before: take the commoner form; ids of words are in order of frequency
        rank = bare[0] if len(tokenizer.piece(bare[0])) > 1 else len(tokenizer)  # a single letter has no such order
        return " " + body if (len(spaced), spaced[0]) < (len(bare), rank) else body
    at_line_start = (gap or before)[-1] == "\n"
    return gap + " " + body if at_line_start and len(spaced) < len(bare) else gap + body


def _gap(before: str, body: str, rule: str) -> str:
    if not before or before[-1].isspace():
        return "" if rule == "inline" or not before else "\n" * max(0, 2 - _trailing_newlines(before))
    if rule == "paragraph":
        return "\n\n"
    is_unspaced = _is_unspaced(before.rstrip(_QUOTES)[-1:]) and _is_unspaced(body.lstrip(_QUOTES)[:1])
    return "" if is_unspaced or body[0] in _CLINGING or body[0].isspace() else " "


def _is_unspaced(character: str) -> bool:
    """True for what stands in scripts without spaces between words."""
    return character in _UNSPACED_MARKS or UNSPACED.match(character) is not None


def _trailing_newlines(text: str) -> int:
    return len(text) - len(text.rstrip("\n"))


def words_of(tokenizer: Tokenizer, ids: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """The words and punctuation marks of a text, each as its tokens: a spelled word is one, white space is none.

    The rest of a word that began before the text is left out.
    """
    tokens: list[int] = []
    for token in ids:
        if tokenizer.is_continuation(token):
            tokens += [token] if tokens else []
            continue
        if _is_word(tokenizer, tokens):
            yield tuple(tokens)
        tokens = [token]
    if _is_word(tokenizer, tokens):
        yield tuple(tokens)


def _is_word(tokenizer: Tokenizer, tokens: Sequence[int]) -> bool:
    return any(tokenizer.piece(token).strip() for token in tokens)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One word at a time gains nothing from more threads: waking them costs more than they save."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def count_words(tokenizer: Tokenizer, ids: Iterable[int]) -> int:
    """Words and punctuation marks in a text: a spelled word counts once, white space does not count."""
    return sum(1 for _ in words_of(tokenizer, ids))


def _sent(tensors: Iterable[Tensor], device: torch.device) -> list[Tensor]:
    return [tensor.to(device) for tensor in tensors]


def _not_finite() -> ModelFileError:
    return ModelFileError("The network's scores are not finite numbers.", "Train the model again or use another.")
