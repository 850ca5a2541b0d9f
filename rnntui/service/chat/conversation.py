"""The work of a conversation: load who speaks, read what was said, write, and move to another place.

Each method yields events as it goes and leaves text and memory whole wherever it is stopped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rnntui.events import (
    BranchMoved,
    ChatEvent,
    ModelSwitched,
    PromptRead,
    PromptScored,
    ReplyBegun,
    StateRebuilt,
    TurnFinished,
    TurnStored,
    WordForced,
)
from rnntui.records import Head, History, ModelCard, Snapshot, Turn
from rnntui.service.chat.conversation_state import ConversationState, publishes
from rnntui.service.chat.facts import end_of, surprise
from rnntui.service.chat.reply_writer import ReplyWriter
from rnntui.service.chat.state_restore import along
from rnntui.service.chat.undo import marked
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.generator import GeneratorState

ALTERNATIVES = 10
"""How many likely words are listed with each generated one."""
_FEED_WORDS = 256


class Conversation(ConversationState):
    """A conversation that can read and speak; what a person does with it is the chat's."""

    # ---- models ----

    @publishes
    def load(self) -> Iterator[ChatEvent]:
        """Load the model and put the memory of the conversation in place.

        A model that did not speak last reads the transcript once, which needs nothing of the one before it.

        Raises:
            ModelFileError: If the model is missing or damaged.
        """
        turns = self._branch.turns
        if turns and turns[-1].model_id != self._card.model_id:
            yield from self._switched(self._card)
            return
        yield from self._speakers.load(self._card)
        generator = self._speakers.get(self._card.model_id)
        before = self._speakers.words_reread
        is_unread = bool(turns) and turns[-1].role == "person" and not turns[-1].logprobs
        source = self._remembering.restore(generator, self._card.model_id, turns[:-1] if is_unread else turns)
        self._generator = generator
        yield StateRebuilt(source, generator.memory.position, self._speakers.words_reread - before)
        if is_unread:  # a crash came between storing the prompt and reading it
            yield from self._read(turns[-1], 0, (Head(turns[-1].parent_id), self._branch.history))

    def _ready(self) -> Iterator[ChatEvent]:
        if self._generator is None:
            yield from self.load()

    def _loaded(self, card: ModelCard) -> Iterator[ChatEvent]:
        yield from self._speakers.load(self._card)  # counts as used, so that it is not the one that is dropped
        yield from self._speakers.load(card)

    def _loaded_for(self, turn: Turn) -> Iterator[ChatEvent]:
        yield from self._ready()
        if turn.model_id != self._card.model_id:
            yield from self._loaded(self._speakers.card(turn.model_id))

    def _switched(self, card: ModelCard) -> Iterator[ChatEvent]:
        yield from self._whole_head()
        yield from self._speakers.load(card)
        generator = self._speakers.get(card.model_id)
        words = self._remembering.read_transcript(generator, self._branch.turns)
        before = self._card, self._generator
        self._card, self._generator = card, generator
        try:
            turn_id = self._stored_switch()
        except BaseException:
            self._card, self._generator = before
            raise
        yield ModelSwitched(turn_id, card.model_id, card.name, words, generator.memory.position)

    def _stored_switch(self) -> int:
        if self._branch.turns or self.root:
            return self._stored(self._new("switch"), snapshot=self._snapshot()).turn_id
        if self._session.session_id:
            self._sessions.set_model(self._session.session_id, self._card.model_id)
        self._session = replace(self._session, model_id=self._card.model_id)
        return 0

    # ---- moving the head ----

    def _go_to(self, turn_id: int, kept: int | None, reason: str) -> Iterator[ChatEvent]:
        turn = self._branch.turn(turn_id)
        yield from self._loaded_for(turn)
        head, history = self._head_at(turn, kept), marked(self._branch.history, self._branch.head)
        yield from self._move(head, history, reason, (turn,))

    def _move(
        self, head: Head, history: History, reason: str, left: tuple[Turn, ...] | None = None
    ) -> Iterator[ChatEvent]:
        """Show another branch with its memory, then store where the conversation stands.

        Before the first turn, the model of what is left behind speaks; None leaves what is visible.
        """
        yield from self._ready()
        turns, before = self._branch.up_to(head), self._branch.turns
        card = self._card_after(turns or (left or before)[:1])
        yield from self._loaded(card)
        reread = self._speakers.words_reread
        self._generator = self._restored(card.model_id, turns)
        self._card = card
        self._fresh_turn_id = 0
        unchanged = self._branch.show(head, history)
        prompts = [turn.text.strip() for turn in before[unchanged:] if turn.role == "person"]
        try:
            yield BranchMoved(
                reason,
                unchanged,
                turns[-1].turn_id if turns else 0,
                self._generator.memory.position,
                self._speakers.words_reread - reread,
                prompts[0] if prompts and reason == "undo" else "",
            )
        finally:  # shown first, stored right after: a head is not worth a wait
            self._store_head()

    def _whole_head(self) -> Iterator[ChatEvent]:
        """Before something is said after words in the middle of a turn, these become a turn of their own."""
        if self._branch.head.kept is None:
            return
        visible = self._branch.turns[-1]
        begun = replace(visible, turn_id=0, created_at=self._now())
        snapshot = self._snapshot() if self._generator else None
        turn = self._stored(begun, visible.turn_id, snapshot)
        yield BranchMoved("rewind", len(self._branch.turns) - 1, turn.turn_id, end_of(turn), 0, "")

    # ---- reading ----

    def _rewrite(self, old: Turn, kept: int, text: str, ids: tuple[int, ...]) -> Iterator[ChatEvent]:
        """Another turn of the person's beside an old one that begins with the same tokens; the head is after them."""
        before = self._branch.head, self._branch.history
        fresh = replace(self._like(old, kept), text=text, token_ids=ids, status="complete")
        yield from self._read(self._stored(fresh, old.turn_id), kept, before)

    def _read(self, turn: Turn, kept: int, before: tuple[Head, History]) -> Iterator[ChatEvent]:
        """Read the tokens of a stored turn after the first `kept`, each scored before it is read."""
        generator = self._speaker()
        tokenizer, ids = generator.tokenizer, turn.token_ids[kept:]
        began, memory = self._clock(), generator.memory
        scores: list[float] = []
        snapshots: list[Snapshot] = []
        try:
            yield TurnStored(turn.turn_id, "person", turn.text)
            for start in range(0, len(ids), _FEED_WORDS):
                passed: list[GeneratorState] = []
                first = kept + start + 1
                scores += generator.feed(ids[start : start + _FEED_WORDS], passed=passed)
                for number, after in enumerate(passed, first):
                    self._remembering.trail.add(turn.turn_id, number, after)
                snapshots += along(turn, first, passed)
                if len(ids) > _FEED_WORDS:
                    yield PromptRead(len(scores), len(ids))
            turn = replace(turn, logprobs=turn.logprobs[:kept] + tuple(scores))
            finished = self._finished(turn, self._clock() - began, "read", snapshots)
        except BaseException:
            self._take_back(memory, before)
            raise
        pieces = tuple(tokenizer.piece(word) for word in turn.token_ids)
        unknown = tuple(tokenizer.spelled_words(turn.text))
        yield PromptScored(turn.turn_id, pieces, turn.logprobs, unknown, turn.start_position)
        yield finished

    def _take_back(self, memory: "GeneratorState", before: tuple[Head, History]) -> None:
        """A prompt that was not read to its end leaves the branch; it stays in the tree."""
        self._speaker().restore(memory)
        self._branch.show(*before)
        self._store_head()

    def _joined(self, prompt: str, turns: tuple[Turn, ...]) -> str:
        from rnntui.lm.generator import join_turn

        text = self._text_in_memory(turns)
        return join_turn(text, prompt, self.join, self._speaker().tokenizer)

    # ---- speaking ----

    def _go_on(self, seed: int) -> Iterator[ChatEvent]:
        """Let the network write from the head on: in the reply it stands in, else as a turn of its own."""
        if self._branch.head.kept is not None and self._branch.turns[-1].role == "network":
            old = self._branch.turn(self._branch.turns[-1].turn_id)
            yield from self._speak(self._like(old, self._branch.head.kept), seed, begins_like=old.turn_id)
            return
        yield from self._whole_head()
        yield from self._speak(self._new("network"), seed)

    def _speak(
        self,
        begun: Turn,
        seed: int,
        forced: tuple[int, ...] = (),
        goes_on: bool = True,
        begins_like: int = 0,
        first: tuple[SamplerSettings, int] | None = None,
    ) -> Iterator[ChatEvent]:
        """Write a turn from the tokens it begins with on: first the chosen words, then drawn ones.

        Args:
            begun: The turn, not stored yet.
            seed: The dice.
            forced: Tokens that a person chose.
            goes_on: Whether the network writes on after them.
            begins_like: A turn that begins with the same tokens; 0 for none.
            first: The settings and the number of a draft that is said before anything else is thought of.
        """
        from rnntui.lm.drafts import Said, speak

        generator = self._speaker()

        def settings() -> SamplerSettings:
            return replace(self.sampler, seed=seed)

        began, memory, reason = self._clock(), generator.memory, "stopped"
        turn = self._stored(replace(begun, status="partial", sampler=settings()), begins_like)
        reply = ReplyWriter(self._sessions, turn, self._remembering.trail, self._clock)

        def finished(status: str) -> TurnFinished:
            generator.restore(memory)  # of the last word that was yielded: the generator may have run ahead
            return self._finished(reply.so_far(status), self._clock() - began, reason, reply.taken_snapshots())

        try:
            yield ReplyBegun(turn.turn_id, len(begun.token_ids), seed)
            for word in forced:
                (score,) = generator.feed((word,))
                memory = generator.memory
                piece = generator.tokenizer.piece(word)
                reply.add(word, piece, score, memory)
                yield WordForced(memory.position, word, piece, score, memory.state.numbers())
            for event in speak(generator, settings, seed, ALTERNATIVES, first) if goes_on else ():
                if isinstance(event, Said):
                    memory, reason = event.step.memory, event.reason or reason
                    reply.say(event)
                    yield event.heard(memory.state.numbers())
                else:
                    yield event
                reply.save_when_due()
        except GeneratorExit:
            finished("stopped")
            raise
        except BaseException:
            finished("interrupted")
            raise
        yield finished("complete" if goes_on else "stopped")

    def _finished(self, turn: Turn, seconds: float, reason: str, snapshots: Iterable[Snapshot] = ()) -> TurnFinished:
        """Store how a turn ended together with the memory after it; a reply without words leaves the branch."""
        turn = replace(turn, words=self._count_words(turn))
        if turn.role == "network" and not turn.token_ids:
            head = Head(turn.parent_id)
            self._sessions.finish_turn(turn, None, head=head, sampler=self.sampler)
            self._branch.replace_last(turn)
            self._branch.show(head, self._branch.history)
        else:
            self._sessions.finish_turn(turn, self._snapshot(), snapshots, sampler=self.sampler)
            self._branch.replace_last(turn)
            self._fresh_turn_id = turn.turn_id if turn.role == "network" else 0
        return TurnFinished(
            turn.turn_id,
            turn.role,
            turn.status,
            self._speaker().memory.position,
            turn.words,
            seconds,
            surprise(turn, turn.words),
            reason,
            turn.sampler.seed if turn.sampler and turn.sampler.seed is not None else self._seed,
        )
