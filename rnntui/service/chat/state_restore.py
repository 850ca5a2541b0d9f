"""The memory after any word of any turn: kept in the cache, else stored with a turn, else read once more.

The memory is a function of the branch alone: it starts with the root (empty unless the conversation began with a kept
memory), reads every token of every turn with the same one-step function, is emptied by a "forget", and at a "switch" is
what the new model says after reading the text since the last "forget" from an empty memory. The position counts the
tokens of the turns; neither a forget nor a switch moves it, so what is sampled later stays the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from rnntui.errors import ModelFileError
from rnntui.records import SavedState, Snapshot, Turn
from rnntui.service.chat.state_cache import SPARSE_STEP, StateCache
from rnntui.store.conversations.sessions import Sessions
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, GeneratorState


class StateRestorer:
    """Memories of one conversation.

    Args:
        sessions: Where memories are stored with the turns.
        root: The memory the conversation began with; None is an empty one.
    """

    def __init__(self, sessions: Sessions, root: SavedState | None) -> None:
        self._sessions = sessions
        self._root = root
        self.cache = StateCache()

    def restore(self, generator: "Generator", model_id: str, turns: tuple[Turn, ...]) -> str:
        """Put the memory after these turns into a generator. Words that have to be read again are counted there.

        Args:
            generator: The network that speaks at the end of them.
            model_id: Its id; the last turn is one of its own.
            turns: A branch from its first turn on.

        Returns:
            Where the memory came from: "empty", "snapshot" or "replay".
        """
        source, start, skip = self._restore_nearest(generator, model_id, turns)
        for turn in turns[start:]:
            ids = ids_of(turn, model_id, generator)[skip:]
            if ids:
                source = "replay"
                self._reread(generator, turn, ids, skip)
            skip = 0
            if turn.role == "forget":
                generator.reset()
            end = turn.start_position + len(turn.token_ids)
            generator.memory = replace(generator.memory, position=end)
        if turns and turns[-1].token_ids:
            self.cache.add(turns[-1].turn_id, len(turns[-1].token_ids), generator.memory)
        return source

    def _reread(self, generator: "Generator", turn: Turn, ids: tuple[int, ...], skipped: int) -> None:
        passed: list[GeneratorState] = []
        own = _own_mask(turn, skipped + len(ids))[skipped:]
        generator.feed(ids, again=True, passed=passed, is_drawn=own)
        for number, memory in enumerate(passed[-SPARSE_STEP:], skipped + 1 + max(0, len(passed) - SPARSE_STEP)):
            self.cache.add(turn.turn_id, number, memory)

    def _restore_nearest(self, generator: "Generator", model_id: str, turns: tuple[Turn, ...]) -> tuple[str, int, int]:
        """Put the newest known memory in place; the turn and the token in it from which on one has to read."""
        for at in reversed(range(len(turns))):
            turn = turns[at]
            if turn.model_id != model_id:
                self._reread_transcript(generator, turns[: at + 1])
                return "replay", at + 1, 0
            kept = len(turn.token_ids)
            found = self.cache.nearest(turn.turn_id, kept)
            if found and found[1] == kept:
                generator.memory = found[0]
                return "snapshot", at + 1, 0
            stored = self._find_stored(generator, model_id, turns[: at + 1])
            if found and (stored is None or found[1] > stored.position - turn.start_position):
                generator.memory = found[0]
                return "snapshot", at, found[1]
            if stored:
                generator.memory = stored
                reached = stored.position - turn.start_position
                return ("snapshot", at + 1, 0) if reached == kept else ("snapshot", at, reached)
            if turn.role == "forget":
                generator.memory = self._empty_state(generator, turn.start_position)
                return "empty", at + 1, 0
            if turn.role == "switch":  # whatever it began with: the root's own model may have come back
                self._reread_transcript(generator, turns[: at + 1])
                return "replay", at + 1, 0
        generator.memory = self._root_state(generator, model_id)
        return "empty", 0, 0

    def _find_stored(self, generator: "Generator", model_id: str, turns: tuple[Turn, ...]) -> "GeneratorState | None":
        """The newest stored memory inside the last of these turns; None when there is none, or it is damaged."""
        from rnntui.lm.model import HiddenState

        turn = turns[-1]
        snapshot = self._sessions.tree.nearest(turn.turn_id, model_id, turn.start_position + len(turn.token_ids))
        if snapshot is None or snapshot.position < turn.start_position:
            return None
        try:
            state = HiddenState.from_bytes(snapshot.blob, generator.model.config)
        except ModelFileError:
            return None
        kept = snapshot.position - turn.start_position
        reached = replace(turn, token_ids=turn.token_ids[:kept])
        recent, are_own = self._recent_tokens(generator, model_id, (*turns[:-1], reached))
        return generator.state_from(state, snapshot.position, recent, _is_read(turn, kept), are_own)

    def take_over(self, generator: "Generator", turns: tuple[Turn, ...]) -> int:
        """Let a new model read in its own terms what was said since the memory was last empty; returns how many tokens.

        Args:
            generator: The new model.
            turns: Before the mark that it took over.
        """
        return self._read(generator, turns, ids_in_terms(generator, turns))

    def _reread_transcript(self, generator: "Generator", turns: tuple[Turn, ...]) -> None:
        """The same once more, as it was read then."""
        self._read(generator, turns, _transcript_ids(generator, turns))

    def _read(self, generator: "Generator", turns: tuple[Turn, ...], ids: tuple[int, ...]) -> int:
        end = turns[-1].start_position + len(turns[-1].token_ids) if turns else 0
        generator.memory = self._empty_state(generator, 0)
        generator.feed(ids, again=True)
        generator.memory = replace(generator.memory, position=end)
        return len(ids)

    def _root_state(self, generator: "Generator", model_id: str) -> "GeneratorState":
        from rnntui.lm.model import HiddenState

        if self._root is None or self._root.model_id != model_id:
            return self._empty_state(generator, 0)
        try:
            state = HiddenState.from_bytes(self._root.blob, generator.model.config)
        except ModelFileError as problem:
            raise ModelFileError(
                f'The memory "{visible_line(self._root.name, 60)}" that this conversation began with is damaged.',
                "Start a new conversation.",
            ) from problem
        return generator.state_from(state, 0, self._root.recent_ids)

    def _recent_tokens(
        self, generator: "Generator", model_id: str, turns: tuple[Turn, ...]
    ) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """The last tokens read since the memory was last empty, as the memory carries them, and which it drew."""
        from rnntui.lm.mix.cache_model import WINDOW

        parts: list[tuple[int, ...]] = []
        own: list[list[bool]] = []
        count = 0
        for at in reversed(range(len(turns))):
            if turns[at].role == "forget" or count >= WINDOW:
                break
            if turns[at].model_id != model_id or turns[at].role == "switch":  # what was before was read as text
                parts.append(_transcript_ids(generator, turns[: at + 1]))
                own.append([False] * len(parts[-1]))
                break
            parts.append(ids_of(turns[at], model_id, generator))
            own.append(_own_mask(turns[at], len(parts[-1])))
            count += len(parts[-1])
        else:
            if self._root and self._root.model_id == model_id:
                parts.append(self._root.recent_ids)
                own.append([False] * len(parts[-1]))
        ids = tuple(word for part in reversed(parts) for word in part)[-WINDOW:]
        return ids, tuple(is_own for part in reversed(own) for is_own in part)[-WINDOW:]

    def _empty_state(self, generator: "Generator", position: int) -> "GeneratorState":
        from rnntui.lm.generator import GeneratorState

        return GeneratorState(generator.model.zero_state(), position)


def snapshots_every(turn: Turn, first: int, memories: "Iterable[GeneratorState]") -> tuple[Snapshot, ...]:
    """The memories of a turn that are stored, so that no rewind has to read more than 31 words again.

    Args:
        turn: A stored turn.
        first: The number of tokens after which the first memory stands.
        memories: One after each token from there on.
    """
    return tuple(
        Snapshot(turn.turn_id, memory.position, turn.model_id, memory.state.to_bytes())
        for number, memory in enumerate(memories, first)
        if number % SPARSE_STEP == 0
    )


def sampled_mask(turn: Turn) -> list[bool]:
    """For each token of a turn, whether the network sampled it; draws may begin behind the end of one that was cut."""
    sampled = [False] * len(turn.token_ids)
    for span in turn.draws:
        sampled[span.start :] = [span.sampler is not None] * max(0, len(sampled) - span.start)
    return sampled


def _own_mask(turn: Turn, tokens: int) -> list[bool]:
    """The same, for as many tokens as were read: of a turn that was read as text the network sampled none."""
    sampled = sampled_mask(turn)
    return sampled if len(sampled) == tokens else [False] * tokens


def _is_read(turn: Turn, kept: int) -> bool:
    """Whether a person wrote or chose the last of the first `kept` tokens."""
    return not any(sampled_mask(turn)[max(0, kept - 1) : kept])


def text_since_empty(turns: tuple[Turn, ...], longest: int | None = None) -> str:
    """What these turns say since the memory was last empty, or only the `longest` last characters of it."""
    parts: list[str] = []
    count = 0
    for turn in reversed(turns):
        if turn.role == "forget" or (longest is not None and count >= longest):
            break
        parts.append(turn.text)
        count += len(turn.text)
    text = "".join(reversed(parts))
    return text if longest is None else text[-longest:]


def ids_of(turn: Turn, model_id: str, generator: "Generator") -> tuple[int, ...]:
    """The tokens of a turn; where they cannot be this model's, those of its text."""
    if turn.model_id == model_id and max(turn.token_ids, default=0) < len(generator.tokenizer):
        return turn.token_ids
    return tuple(generator.tokenizer.encode(generator.tokenizer.in_form(turn.text)))


def ids_in_terms(generator: "Generator", turns: tuple[Turn, ...]) -> tuple[int, ...]:
    """The tokens of what these turns say since the memory was last empty, in the terms of another model."""
    return tuple(generator.tokenizer.encode(generator.reader.in_terms(text_since_empty(turns))))


def is_read_in_terms(turn: Turn) -> bool:
    """Whether a model that took over read in its own terms what was said before: not so in earlier versions."""
    return turn.role == "switch" and turn.words > 0


def _transcript_ids(generator: "Generator", turns: tuple[Turn, ...]) -> tuple[int, ...]:
    if is_read_in_terms(turns[-1]):
        return ids_in_terms(generator, turns)
    return tuple(generator.tokenizer.encode(generator.tokenizer.in_form(text_since_empty(turns))))
