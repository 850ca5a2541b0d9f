"""Random walks through everything a conversation can do, checked after each step against an oracle.

The oracle knows nothing of snapshots, trails or heads: it reads the visible branch from an empty memory, word by word.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

from rnntui.chat_events import SideSaid
from rnntui.errors import InputError
from rnntui.events import WordForced, WordSampled
from rnntui.lm.generator import Generator, GeneratorState
from rnntui.lm.model import HiddenState
from rnntui.records import SamplerSpan, Turn
from rnntui.service.chat.chat import Chat
from rnntui.service.chat.state_restore import text_since_empty
from rnntui.service.compare.chat_comparison import HERE, Start
from rnntui.service.compare.variants import Variant
from rnntui.service.export.conversation_file import collect_conversation, from_json_lines, to_json_lines
from rnntui.service.export.replay import Verdict, replay
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings

SAMPLER = SamplerSettings(max_words=7, stop="words", repetition_penalty=1.3, own_words=0.25)
NO_REREADING = {"send", "stop", "forget", "undo", "redo", "undo and redo", "sibling", "reopen", "same dice", "settings"}
LONG = "the mouse saw the cat and the cat saw a mouse; " * 8
PROMPTS = ["The cat", "Mice are small.", "", "xyz ", "\n\n", '"I am', "it y", "a catalog", LONG, "MICE, ß—“no”"]

VARIANTS = [
    Variant("temperature", 0.3),
    Variant("seed", 5),
    Variant("memory", "forgotten"),
    Variant("drafts", 2),
    Variant("style", "careful"),
]

number = st.integers(0, 10_000)
STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(PROMPTS), number),
    st.tuples(st.just("stop"), st.sampled_from(PROMPTS), st.integers(0, 9)),
    st.tuples(st.just("cut"), number, number),
    st.tuples(st.just("forget"), number, number),
    st.tuples(st.just("undo"), number, number),
    st.tuples(st.just("redo"), number, number),
    st.tuples(st.just("undo and redo"), number, number),
    st.tuples(st.just("rewind"), number, number),
    st.tuples(st.just("sibling"), number, st.sampled_from([-1, 1])),
    st.tuples(st.just("retry"), number, number),
    st.tuples(st.just("same dice"), number, number),
    st.tuples(st.just("edit"), number, st.sampled_from(["The cat saw", "a mouse", 'zq! "a', "it ya", LONG])),
    st.tuples(st.just("branch"), number, number),
    st.tuples(st.just("say draft"), number, number),
    st.tuples(st.just("look"), number, number),
    st.tuples(st.just("keep"), number, number),
    st.tuples(st.just("switch"), number, number),
    st.tuples(st.just("retry with another model"), number, number),
    st.tuples(st.just("compare"), number, number),
    st.tuples(st.just("compare with another model"), number, number),
    st.tuples(st.just("reopen"), number, number),
    st.tuples(st.just("settings"), number, number),
)


@dataclass
class VersionChoice:
    """One conversation that is walked through, and everything that was ever seen in its tree."""

    services: Services
    chat: Chat
    models: tuple[str, str]
    speakers: dict[str, Generator]
    seen: dict[int, Turn] = field(default_factory=dict)
    steps: int = 0

    # ---- what is done ----

    def take(self, name: str, one: object, other: object) -> None:
        """Do one step; a refusal in a sentence is a fine answer."""
        reread = self.chat.facts.counters.tokens_reread
        fresh = self.chat._place.fresh_turn_id
        try:
            self._do(name, one, other)
        except InputError:
            assert name not in {"send", "stop", "forget", "reopen", "settings"}
        self.steps += 1
        extra = self.chat.facts.counters.tokens_reread - (0 if name == "reopen" else reread)
        if name in NO_REREADING:
            assert extra == 0, (name, extra)
        elif "switch" not in name and "model" not in name:
            assert extra < 32, (name, extra)  # it goes back to a word first, beyond the few that are in memory
        self.check(allowed_to_shrink=fresh if name == "cut" else 0)

    def _do(self, name: str, one: object, other: object) -> None:
        chat = self.chat
        match name:
            case "send":
                list(chat.send(str(one)))
            case "stop":
                self._stopped(chat.send(str(one)), int(str(other)))
            case "cut":
                end = chat.facts.counters.position
                list(chat.cut(max(0, end - int(str(one)) % 9)))
            case "forget":
                list(chat.forget())
            case "undo":
                list(chat.undo())
            case "redo":
                list(chat.redo())
            case "undo and redo":
                self._undo_and_redo()
            case "sibling":
                list(chat.show_sibling(self._turn(one).turn_id, int(str(other))))
            case "edit":
                list(chat.edit(self._turn(one).turn_id, str(other)))
            case "switch":
                list(chat.switch(self._other_model()))
            case "reopen":
                self._reopen()
            case "settings":
                temperature = [0.0, 0.5, 0.8, 2.0][int(str(one)) % 4]
                seed = [None, 3, 4][int(str(other)) % 3]
                drafts = [1, 1, 2, 3][int(str(other)) // 3 % 4]
                chat.set_sampler(dataclasses.replace(chat.sampler, temperature=temperature, seed=seed, drafts=drafts))
            case _:
                self._at_a_word(name, one, other)

    def _at_a_word(self, name: str, one: object, other: object) -> None:
        chat, turn = self.chat, self._any_turn(one)
        kept = int(str(other)) % (len(turn.token_ids) + 1)
        match name:
            case "rewind":
                list(chat.rewind(turn.turn_id, kept))
            case "retry":
                list(chat.retry(turn.turn_id, kept))
            case "same dice":
                self._same_dice(turn)
            case "say draft":
                list(chat.say_draft(turn.turn_id, min(kept, len(turn.token_ids) - 1), int(str(one)) % 3))
            case "branch":
                list(chat.branch(turn.turn_id, kept, 5 + int(str(one)) % 20, go_on=int(str(other)) % 3 > 0))
            case "look":
                list(chat.inspection.inspect(turn.turn_id, kept))
            case "keep":
                list(chat.save_memory(f"memory {self.steps} of {chat.session.session_id}", turn.turn_id, kept))
            case "compare":
                self._compare(VARIANTS[int(str(other)) % len(VARIANTS)], turn, kept, int(str(one)))
            case "compare with another model":
                self._compare(Variant("model", self._other_model()), turn, kept, int(str(one)))
            case "retry with another model":
                list(chat.retry(turn.turn_id, kept, model=self._other_model()))

    def _compare(self, variant: Variant, turn: Turn, kept: int, choice: int) -> None:
        """Write two sides, which leaves everything as it is, then take one over, whole or the first half of it."""
        before, start = self.facts(), HERE if choice % 2 else Start(turn.turn_id, kept, PROMPTS[choice % 7])
        events = list(self.chat.comparison.write(variant, start))
        assert self.facts() == before
        side = choice // 2 % 2
        said = [event for event in events if isinstance(event, SideSaid) and event.side == side]
        taken = said[: max(1, len(said) // (1 + choice // 4 % 2))]
        list(self.chat.comparison.take(side, len(taken)))
        assert self.chat.facts.turns[-1].text.endswith("".join(event.piece for event in taken))

    def _stopped(self, events: Iterator[object], after: int) -> None:
        shown = []
        for count, event in enumerate(events):
            if isinstance(event, WordSampled | WordForced):
                shown.append(event)
            if count == after:
                break
        events.close()  # type: ignore[attr-defined]
        if shown:
            assert self.chat.facts.counters.position >= shown[-1].position
            assert self.chat.facts.turns[-1].text.endswith(shown[-1].piece)

    def _undo_and_redo(self) -> None:
        before = self.facts()
        if not self.chat.facts.can_undo:
            return
        list(self.chat.undo())
        self.check()
        assert self.chat.facts.can_redo
        list(self.chat.redo())
        assert self.facts() == before

    def _same_dice(self, turn: Turn) -> None:
        """With the same dice, settings and model the same words come, whatever happened in between."""
        list(self.chat.retry(turn.turn_id, same_seed=True))
        reply = self.chat.facts.turns[-1]
        plain = dataclasses.replace(
            SAMPLER, temperature=self.chat.sampler.temperature, seed=reply.draws[0].sampler.seed
        )  # type: ignore[union-attr]
        if turn.draws and {draw.sampler for draw in turn.draws} == {plain} and turn.model_id == reply.model_id:
            length = min(len(turn.token_ids), len(reply.token_ids))
            assert turn.token_ids[:length] == reply.token_ids[:length]

    def _reopen(self) -> None:
        if not self.chat.session.session_id:
            return
        before = self.facts()
        self.chat = self.services.open_chat(session_id=self.chat.session.session_id)
        list(self.chat.load())
        assert self.chat.facts.counters.tokens_reread == 0
        after = self.facts()
        if self.chat.facts.turns:
            assert after[:6] == before[:6]

    # ---- what holds ----

    def facts(self) -> tuple[object, ...]:
        """What undo and redo must bring back."""
        chat = self.chat
        return (
            chat.facts.turns,
            chat.facts.head,
            self.memory.state.to_bytes(),
            self.memory.position,
            self.memory.recent,
            chat.facts.card,
            chat.seed,
            chat.sampler,
        )

    @property
    def memory(self) -> GeneratorState:
        """What the conversation remembers."""
        return self.chat._speaker.generator.memory

    def check(self, allowed_to_shrink: int = 0) -> None:
        """All the invariants that a person could see broken."""
        chat = self.chat
        expected, speaker = self.replayed()
        actual = self.memory
        assert actual.state.to_bytes() == expected.state.to_bytes()
        assert actual.position == expected.position
        assert actual.recent == expected.recent
        assert actual.contexts == expected.contexts
        assert not actual.recent.ids().size or actual.is_read == expected.is_read
        generator = chat._speaker.generator
        speaker.memory = expected
        assert generator.log_probabilities().equal(speaker.log_probabilities())
        if not chat.session.session_id:
            return
        assert self.services.conversations.branch(chat.session.session_id) == chat.facts.turns
        self._check_tree(allowed_to_shrink)

    def _check_tree(self, allowed_to_shrink: int) -> None:
        rows = self.services._database.rows(
            "SELECT turn_id FROM turns WHERE session_id = ?", (self.chat.session.session_id,)
        )
        stored = {row[0]: self.services.conversations.turn(row[0]) for row in rows}
        for turn_id, turn in self.seen.items():
            if turn_id == allowed_to_shrink:
                assert turn.token_ids[: len(stored[turn_id].token_ids)] == stored[turn_id].token_ids
            else:
                assert stored[turn_id] == turn
        self.seen = stored
        for turn in self.chat.facts.turns:
            siblings = self.services.conversations.tree.siblings(turn.session_id, turn.parent_id)
            assert self.chat.facts.siblings(turn.turn_id) == siblings

    def check_export(self) -> None:
        """All branches go out to a file and come in as a conversation that goes on alike; all can be said again."""
        if not self.chat.session.session_id:
            return
        sessions, library = self.services.conversations, self.services.library
        whole = collect_conversation(sessions, library, sessions.session(self.chat.session.session_id))
        read = from_json_lines(to_json_lines(whole), "walk")
        assert read == whole
        planted = sessions.insert_conversation(read.session, read.turns, root=read.root)
        assert collect_conversation(sessions, library, planted) == whole
        there = self.services.open_chat(session_id=planted.session_id)
        list(there.load())
        memory = there._speaker.generator.memory
        assert memory.state.to_bytes() == self.memory.state.to_bytes()
        assert (memory.position, memory.recent) == (self.memory.position, self.memory.recent)
        stored = sessions.session(self.chat.session.session_id).sampler  # what was set since comes with the next turn
        assert (there.sampler, there.facts.card) == (stored, self.chat.facts.card)
        if stored == self.chat.sampler and any(turn.sampler for turn in self.chat.facts.turns):
            assert there.seed == self.chat.seed
        *_, verdict = replay(library, whole)
        assert isinstance(verdict, Verdict)
        assert verdict.is_identical

    def replayed(self) -> tuple[GeneratorState, Generator]:
        """The oracle: the visible branch, read from an empty memory, and every reply drawn once more on the way."""
        chat = self.chat
        turns = chat.facts.turns
        model_id = turns[0].model_id if turns else chat.facts.card.model_id
        speaker = self.speakers[model_id]
        memory = GeneratorState(speaker.model.zero_state(), 0)
        if chat.root and chat.root.model_id == model_id:
            state = HiddenState.from_bytes(chat.root.blob, speaker.model.config)
            memory = speaker.state_from(state, 0, chat.root.recent_ids)
        for at, turn in enumerate(turns):
            speaker = self.speakers[turn.model_id]
            speaker.memory = memory
            if turn.role == "forget":
                speaker.reset()
            elif turn.role == "switch":
                speaker.memory = GeneratorState(speaker.model.zero_state(), 0)
                speaker.feed(speaker.tokenizer.encode(speaker.reader.in_terms(text_since_empty(turns[:at]))))
                speaker.memory = dataclasses.replace(speaker.memory, position=turn.start_position)
            self._read(speaker, turn)
            memory = speaker.memory
        return memory, speaker

    def _read(self, speaker: Generator, turn: Turn) -> None:
        assert speaker.memory.position == turn.start_position
        assert len(turn.logprobs) == len(turn.token_ids)
        draws = [SamplerSpan(0, None)] * len(turn.token_ids)
        for draw in turn.draws:
            draws[draw.start :] = [draw] * (len(draws) - draw.start)
        for token, draw, logprob in zip(turn.token_ids, draws, turn.logprobs, strict=True):
            if draw.sampler is not None:
                assert draw.sampler.seed is not None
                step = speaker.sample(draw.sampler, draw.sampler.seed, draft=draw.draft)
                assert (step.token_id, step.logprob) == (token, logprob)
            speaker.feed([token], is_drawn=draw.sampler is not None)

    def _other_model(self) -> str:
        return next(name for name in self.models if name != self.chat.facts.card.name)

    def _turn(self, choice: object) -> Turn:
        if not self.chat.facts.turns:
            raise InputError("There is no turn.", "Send something first.")
        return self.chat.facts.turns[int(str(choice)) % len(self.chat.facts.turns)]

    def _any_turn(self, choice: object) -> Turn:
        """A turn of the whole tree, visible or not."""
        whole = [turn for turn in self.seen.values() if len(turn.logprobs) == len(turn.token_ids)]
        if not whole:
            raise InputError("There is no turn.", "Send something first.")
        return whole[int(str(choice)) % len(whole)]


def begun(services: Services, models: tuple[str, str], make: Callable[[], Chat]) -> VersionChoice:
    """A walk at its beginning."""
    chat = make()
    chat.set_sampler(SAMPLER)
    list(chat.load())
    cards = [services.find_model(name) for name in models]
    speakers = {card.model_id: load_generator(services.library, card) for card in cards}
    return VersionChoice(services, chat, models, speakers)
