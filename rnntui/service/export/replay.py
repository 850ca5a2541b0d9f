"""Say an exported conversation again and compare: every token, and every log-probability to the last bit.

A reply follows from the memory, the settings, the seed and the position, so the same model on the same machine must
come out the same. On another machine or another build of torch sums may round otherwise; then this says how far off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.records import ModelCard, SamplerSpan, Turn
from rnntui.service.chat.state_restore import is_read_in_terms, text_since_empty
from rnntui.service.export.conversation_file import ConversationFile, ModelMark
from rnntui.service.model_loader import load_generator
from rnntui.settings import SamplerSettings
from rnntui.store.library import Library
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, GeneratorState


@dataclass(frozen=True, slots=True)
class TurnReplayed:
    """What came of one turn."""

    number: int
    role: str
    model: str
    tokens: int
    is_identical: bool
    difference: str
    """What was different first; empty when nothing was."""
    off_by_nats: float
    """The largest distance between a recorded log-probability and the one found now."""
    seed: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a whole conversation."""

    is_identical: bool
    turns: int
    replies: int
    tokens: int
    turns_that_differ: int
    off_by_nats: float
    models: tuple[str, ...]


def replay(library: Library, conversation: ConversationFile, device: str = "auto") -> Iterator[TurnReplayed | Verdict]:
    """Say every turn of every branch again: one `TurnReplayed` each, then the `Verdict`.

    Args:
        library: Where its models are.
        conversation: As it was exported.
        device: Where they speak, one of DEVICE_CHOICES: only what was said on the same device comes out the same.

    Raises:
        DeviceError: If the device cannot compute them.
        InputError: If a model that speaks in it is not in the library, or a token is not in the model's vocabulary.
        ModelFileError: If a model is damaged.
    """
    replayer = _Replayer(library, conversation, device)
    done = []
    for turn in conversation.turns:
        done.append(replayer.replay_turn(turn))
        yield done[-1]
    differing = sum(not turn.is_identical for turn in done)
    replies = sum(turn.role == "network" for turn in done)
    off = max((turn.off_by_nats for turn in done), default=0.0)
    tokens = sum(turn.tokens for turn in done)
    yield Verdict(differing == 0, len(done), replies, tokens, differing, off, tuple(sorted({t.model for t in done})))


class _Replayer:
    """The memories after the turns that were said again, as long as another turn follows from them."""

    def __init__(self, library: Library, conversation: ConversationFile, device: str) -> None:
        self._library = library
        self._device = device
        self._turns = conversation.turns
        self._root = conversation.root
        self._cards = {mark.model_id: _card_for(library, mark) for mark in _model_of(conversation)}
        self._generators: dict[str, Generator] = {}
        self._memories: dict[int, tuple[str, GeneratorState]] = {}
        self._last_child = {turn.parent_id: turn.turn_id for turn in conversation.turns}

    def replay_turn(self, turn: Turn) -> TurnReplayed:
        card = self._cards[turn.model_id]
        generator = self._generator(turn.model_id)
        if max(turn.token_ids, default=0) >= len(generator.tokenizer):
            raise InputError(
                f'Turn {turn.turn_id} holds a token that the model "{visible_line(card.name, 60)}" does not have.',
                "The file was changed after it was exported: export the conversation again.",
            )
        generator.memory = self._memory_before(turn, generator)
        found = _Comparison()
        if generator.memory.position != turn.start_position and turn.token_ids:
            found.note(f"it begins at position {generator.memory.position}, recorded was {turn.start_position}")
        if turn.role == "forget":
            generator.reset()
        elif turn.role == "network":
            _resample(generator, turn, found)
        else:
            _rescore(generator, turn, found)
        self._keep(turn, generator)
        return TurnReplayed(
            turn.turn_id,
            turn.role,
            card.name,
            len(turn.token_ids),
            found.first == "",
            found.first,
            found.off_by,
            _last_seed(turn),
        )

    def _generator(self, model_id: str) -> "Generator":
        if model_id not in self._generators:
            self._generators[model_id] = load_generator(self._library, self._cards[model_id], self._device)
        return self._generators[model_id]

    def _keep(self, turn: Turn, generator: "Generator") -> None:
        if turn.turn_id in self._last_child:
            self._memories[turn.turn_id] = (turn.model_id, generator.memory)
        if turn.parent_id is not None and self._last_child[turn.parent_id] == turn.turn_id:
            del self._memories[turn.parent_id]

    def _memory_before(self, turn: Turn, generator: "Generator") -> "GeneratorState":
        """The memory after the turn before; another model's conversation is read once, as its own words."""
        empty = generator.state_from(generator.model.zero_state(), 0, ())
        if turn.parent_id is None:
            return self._first(turn, generator, empty)
        model_id, memory = self._memories[turn.parent_id]
        if model_id == turn.model_id:
            return memory
        generator.memory = empty
        said = text_since_empty(tuple(self._way_to(turn.parent_id)))
        read = generator.reader.in_terms if is_read_in_terms(turn) else generator.tokenizer.in_form
        generator.feed(generator.tokenizer.encode(read(said)), again=True)
        return replace(generator.memory, position=turn.start_position)

    def _first(self, turn: Turn, generator: "Generator", empty: "GeneratorState") -> "GeneratorState":
        """What the conversation began with."""
        from rnntui.lm.model import HiddenState

        root = self._root
        if root is None or root.model_id != turn.model_id or turn.role == "switch":  # who takes over has read nothing
            return empty
        return generator.state_from(HiddenState.from_bytes(root.blob, generator.model.config), 0, root.recent_ids)

    def _way_to(self, number: int) -> list[Turn]:
        way: list[Turn] = []
        place: int | None = number
        while place is not None:
            way.append(self._turns[place - 1])
            place = way[-1].parent_id
        return way[::-1]


class _Comparison:
    """The first difference, and how far the numbers are apart."""

    def __init__(self) -> None:
        self.first = ""
        self.off_by = 0.0

    def note(self, difference: str) -> None:
        self.first = self.first or difference

    def compare(self, at: int, recorded: float, found: float) -> None:
        if recorded == found:
            return
        self.off_by = max(self.off_by, abs(recorded - found))
        self.note(f"the log-probability of token {at + 1} is {found!r}, recorded was {recorded!r}")


def _resample(generator: "Generator", turn: Turn, found: _Comparison) -> None:
    pieces = []
    for at, (token, how) in enumerate(zip(turn.token_ids, _spans_of(turn), strict=True)):
        settings = how.sampler
        if settings is None:  # a word that a person chose
            _score(generator, turn, at, found)
        elif settings.seed is None:
            found.note("it was recorded without its seed")
            _score_sampled(generator, turn, at, settings, found)
        else:
            step = generator.sample(settings, settings.seed, draft=how.draft)
            if step.token_id == token:
                found.compare(at, turn.logprobs[at] if turn.logprobs else step.logprob, step.logprob)
                generator.commit(step)
            else:
                recorded = visible_line(generator.tokenizer.piece(token), 40)
                found.note(f'token {at + 1} is "{visible_line(step.piece, 40)}", recorded was "{recorded}"')
                _score_sampled(generator, turn, at, settings, found)
        pieces.append(generator.tokenizer.piece(token))
    if turn.text not in ("".join(pieces), generator.tokenizer.decode(turn.token_ids)):
        found.note("the text is not what its tokens spell")


def _rescore(generator: "Generator", turn: Turn, found: _Comparison) -> None:
    if turn.role == "person" and not _spells(generator.tokenizer.decode(turn.token_ids), turn.text):
        found.note("the text is not what its tokens spell")
    scores = generator.feed(turn.token_ids)
    for at, recorded in enumerate(turn.logprobs):
        found.compare(at, recorded, scores[at])


def _spells(spelled: str, text: str) -> bool:
    """True when tokens say a text, in which a character that the model has never seen may be any.

    With a word inside that was chosen from the table, a text need not become these tokens again.
    """
    from rnntui.lm.tokens.splitting import UNKNOWN_SHOWN

    pairs = zip(spelled, text, strict=False)
    return len(spelled) == len(text) and all(one in (other, UNKNOWN_SHOWN) for one, other in pairs)


def _score_sampled(generator: "Generator", turn: Turn, at: int, settings: SamplerSettings, found: _Comparison) -> None:
    """A token that is not drawn again is still compared with the table that it was drawn from, and read."""
    token = turn.token_ids[at]
    if turn.logprobs:
        logs = generator.log_probabilities(settings.voice, settings.own_words)
        found.compare(at, turn.logprobs[at], float(logs[token]))
    generator.feed((token,), again=True, is_drawn=True)


def _score(generator: "Generator", turn: Turn, at: int, found: _Comparison) -> None:
    """A token that a person chose is read, and its probability compared."""
    (score,) = generator.feed(turn.token_ids[at : at + 1], again=True)
    if turn.logprobs:
        found.compare(at, turn.logprobs[at], score)


def _spans_of(turn: Turn) -> list[SamplerSpan]:
    """How each token came about."""
    draws = [SamplerSpan(0, turn.sampler)] * len(turn.token_ids)
    for draw in turn.draws:
        draws[draw.start :] = [draw] * (len(draws) - draw.start)
    return draws


def _last_seed(turn: Turn) -> int | None:
    """The dice of the words that were drawn last; None where none were."""
    drawn = [draw.sampler for draw in _spans_of(turn) if draw.sampler]
    return drawn[-1].seed if drawn else None


def _model_of(conversation: ConversationFile) -> Sequence[ModelMark]:
    """The models that some turn names."""
    named = {turn.model_id for turn in conversation.turns}
    marks = {mark.model_id: mark for mark in conversation.models}
    return [marks.get(model_id, ModelMark(model_id, model_id)) for model_id in sorted(named)]


def _card_for(library: Library, mark: ModelMark) -> ModelCard:
    found = next((card for card in library.cards() if mark.fits(card)), None)
    if found:
        return found
    weights = mark.files.get("weights", "")
    described = f", weights {visible_line(weights, 80)[:12]}" if weights else ""
    raise InputError(
        f'The model that spoke here ("{visible_line(mark.name, 60)}"{described}) is not in the library.',
        'Get that very model from where the file came from; "rnntui models" lists what is here.',
    )
