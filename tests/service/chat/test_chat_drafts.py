"""Drafts are ordinary parts of turns: stored, undone, cut, replayed, looked at, and said instead of one another."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnntui.chat_events import ChatEvent, DraftsJudged, DraftsLooked, ReplyBegun, Thinking, TurnFinished, WordSampled
from rnntui.errors import InputError
from rnntui.paths import find_paths
from rnntui.records import SamplerSpan, Turn
from rnntui.service.background import Background
from rnntui.service.chat.chat import Chat
from rnntui.service.export.conversation_file import collect_conversation, from_json_lines, to_json_lines
from rnntui.service.export.replay import Verdict, replay
from rnntui.service.generation import generate_once
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.rows import pack_spans, unpack_spans

FOUR = SamplerSettings(temperature=1.3, top_p=1.0, max_words=40, stop="words", seed=5, drafts=4)


def opened(services: Services) -> Chat:
    chat = services.new_chat("small")
    chat.set_sampler(FOUR)
    return chat


def talked(services: Services) -> Chat:
    chat = opened(services)
    list(chat.send("The cat saw a mouse."))
    return chat


def looked(chat: Chat, turn: Turn, index: int) -> DraftsLooked:
    return next(event for event in chat.inspection.list_drafts(turn.turn_id, index) if isinstance(event, DraftsLooked))


def judged(events: list[ChatEvent]) -> list[DraftsJudged]:
    return [event for event in events if isinstance(event, DraftsJudged)]


def sentence(turn: Turn, number: int) -> tuple[int, ...]:
    ends = [*(draw.start for draw in turn.draws[1:]), len(turn.token_ids)]
    return turn.token_ids[turn.draws[number].start : ends[number]]


def test_a_reply_says_of_each_sentence_which_draft_it_is(services: Services) -> None:
    chat = opened(services)
    events = list(chat.send("The cat saw a mouse."))
    turn = chat.facts.turns[-1]
    thoughts = judged(events)
    assert [draw.draft for draw in turn.draws] == [thought.said for thought in thoughts]
    assert {draw.draft for draw in turn.draws} > {0}
    assert all(draw.sampler == FOUR for draw in turn.draws)
    tokenizer = chat.facts.tokenizers[turn.model_id]
    for number, thought in enumerate(thoughts[:-1]):
        assert thought.position == turn.start_position + turn.draws[number].start
        assert tokenizer.decode(sentence(turn, number)) == thought.drafts[thought.said].text


def test_what_is_stored_is_what_was_said_after_a_restart(services: Services) -> None:
    chat = talked(services)
    again = services.open_chat(session_id=chat.session.session_id)
    list(again.load())
    assert again.facts.turns == chat.facts.turns
    assert again.sampler.drafts == 4
    assert again.facts.counters.tokens_reread == 0


def test_an_export_with_drafts_comes_back_and_is_said_again_to_the_bit(services: Services) -> None:
    chat = talked(services)
    list(chat.send("Mice are small."))
    whole = collect_conversation(services.conversations, services.library, chat.session)
    assert from_json_lines(to_json_lines(whole), "drafts") == whole
    *_, verdict = replay(services.library, whole)
    assert isinstance(verdict, Verdict)
    assert verdict.is_identical


def test_a_replay_tells_another_draft_from_the_one_that_was_said(services: Services) -> None:
    chat = talked(services)
    whole = collect_conversation(services.conversations, services.library, chat.session)
    reply = whole.turns[-1]
    other = tuple(dataclasses.replace(draw, draft=(draw.draft + 1) % 4) for draw in reply.draws)
    changed = dataclasses.replace(whole, turns=(*whole.turns[:-1], dataclasses.replace(reply, draws=other)))
    *_, verdict = replay(services.library, changed)
    assert not verdict.is_identical


def test_undo_and_redo_bring_back_the_reply_and_the_memory(services: Services) -> None:
    chat = talked(services)
    before, memory = chat.facts.turns, chat.facts.memory()
    list(chat.undo())
    assert chat.facts.turns == ()
    list(chat.redo())
    assert (chat.facts.turns, chat.facts.memory()) == (before, memory)


def test_the_same_dice_think_the_same(services: Services) -> None:
    chat = talked(services)
    first = chat.facts.turns[-1]
    list(chat.retry(same_seed=True))
    again = chat.facts.turns[-1]
    assert again.turn_id != first.turn_id
    assert (again.token_ids, again.draws, again.logprobs) == (first.token_ids, first.draws, first.logprobs)


def test_a_reply_that_is_cut_inside_a_sentence_goes_on_from_there(services: Services) -> None:
    chat = talked(services)
    turn = chat.facts.turns[-1]
    kept = turn.draws[1].start + 2
    list(chat.cut(turn.start_position + kept))
    assert chat.facts.turns[-1].token_ids == turn.token_ids[:kept]
    events = list(chat.send(""))
    assert judged(events)
    *_, verdict = replay(services.library, collect_conversation(services.conversations, services.library, chat.session))
    assert verdict.is_identical


@pytest.mark.parametrize("after", [1, 7, 60])
def test_stopping_while_it_thinks_keeps_what_was_said_and_nothing_of_the_drafts(services: Services, after: int) -> None:
    chat = opened(services)
    list(chat.load())
    before = chat.facts.counters.position
    said: list[WordSampled] = []
    thoughts = 0
    events = chat.send("The cat saw a mouse.")
    for event in events:
        if isinstance(event, WordSampled):
            said.append(event)
        thoughts += isinstance(event, Thinking)
        if isinstance(event, Thinking) and thoughts >= after and (said or after < 60):
            break
    events.close()  # type: ignore[attr-defined]
    end = said[-1].position if said else chat.facts.turns[-1].start_position + len(chat.facts.turns[-1].token_ids)
    assert chat.facts.counters.position == end > before
    assert [turn.role for turn in chat.facts.turns] == ["person", "network"][: 1 + bool(said)]
    again = services.open_chat(session_id=chat.session.session_id)
    list(again.load())
    assert (again.facts.turns, again.facts.memory()) == (chat.facts.turns, chat.facts.memory())


def test_a_stop_is_heard_within_a_word_although_nobody_takes_events(services: Services) -> None:
    chat = opened(services)
    list(chat.load())
    chat.set_sampler(dataclasses.replace(FOUR, drafts=16))
    work = Background(chat.send("The cat"), 2, passes=lambda event: isinstance(event, Thinking))
    while not any(isinstance(event, ReplyBegun) for event in work.take()):
        pass
    while not any(isinstance(event, Thinking) and event.draft for event in work.take()):
        pass
    work.stop()
    assert work.join(30)
    assert not any(isinstance(event, DraftsJudged) for event in work.take())


def test_signs_of_life_do_not_fill_the_queue() -> None:
    thinking = [Thinking(number, 4, 0) for number in range(50)]
    work = Background(iter([*thinking, thinking[0]]), 2, passes=lambda event: isinstance(event, Thinking))
    assert work.join(30)
    assert work.take() == [thinking[0]]
    between = TurnFinished(1, "network", "complete", 1, 1, 1.0, 1.0, "words", 1)
    mixed = Background(iter([thinking[0], between, thinking[1], thinking[2]]), 2, passes=lambda e: e in thinking)
    assert mixed.join(30)
    assert mixed.take() == [thinking[0], between, thinking[2]]


def test_every_draft_of_a_sentence_can_be_looked_at_later(services: Services) -> None:
    chat = opened(services)
    thoughts = judged(list(chat.send("The cat saw a mouse.")))
    turn = chat.facts.turns[-1]
    again = services.open_chat(session_id=chat.session.session_id)
    memory = chat.facts.memory()
    for number, thought in enumerate(thoughts):
        for index in {turn.draws[number].start, turn.draws[number].start + len(sentence(turn, number)) - 1}:
            found = looked(again, turn, index)
            assert (found.index, found.said) == (turn.draws[number].start, thought.said)
            assert found.drafts == thought.drafts
    assert again.facts.memory() == memory
    assert again.facts.turns == chat.facts.turns


def test_another_draft_is_said_in_a_version_of_its_own(services: Services) -> None:
    chat = talked(services)
    old = chat.facts.turns[-1]
    found = looked(chat, old, old.draws[1].start)
    other = next(draft for draft in found.drafts if draft.draft != found.said)
    list(chat.say_draft(old.turn_id, old.draws[1].start + 1, other.draft))
    fresh = chat.facts.turns[-1]
    start = old.draws[1].start
    assert chat.facts.siblings(old.turn_id) == (old.turn_id, fresh.turn_id)
    assert fresh.token_ids[:start] == old.token_ids[:start]
    assert fresh.draws[:2] == (old.draws[0], SamplerSpan(start, old.draws[1].sampler, other.draft))
    tokenizer = chat.facts.tokenizers[old.model_id]
    assert tokenizer.decode(fresh.token_ids[start:]).startswith(other.text)
    assert len(fresh.draws) > 2
    list(chat.undo())
    assert chat.facts.turns[-1] == old
    *_, verdict = replay(services.library, collect_conversation(services.conversations, services.library, chat.session))
    assert verdict.is_identical


def test_the_first_sentence_of_a_reply_can_be_another_draft_too(services: Services) -> None:
    chat = talked(services)
    old = chat.facts.turns[-1]
    other = (old.draws[0].draft + 1) % 4
    list(chat.say_draft(old.turn_id, 0, other))
    assert chat.facts.turns[-1].draws[0] == SamplerSpan(0, FOUR, other)
    assert chat.facts.turns[-1].parent_id == old.parent_id


def test_what_was_not_thought_of_has_no_drafts(services: Services) -> None:
    chat = opened(services)
    chat.set_sampler(dataclasses.replace(FOUR, drafts=1))
    list(chat.send("The cat"))
    person, reply = chat.facts.turns
    for turn in (person, reply):
        with pytest.raises(InputError, match="no other draft"):
            list(chat.inspection.list_drafts(turn.turn_id, 0))
    with pytest.raises(InputError, match="has no word"):
        list(chat.inspection.list_drafts(reply.turn_id, len(reply.token_ids)))


@pytest.mark.parametrize("draft", [-1, 4, 99])
def test_a_draft_that_is_not_there_is_refused(services: Services, draft: int) -> None:
    chat = talked(services)
    before = chat.facts.turns
    with pytest.raises(InputError, match="There is no draft"):
        list(chat.say_draft(chat.facts.turns[-1].turn_id, 0, draft))
    with pytest.raises(InputError, match="stands there"):
        list(chat.say_draft(chat.facts.turns[-1].turn_id, 0, chat.facts.turns[-1].draws[0].draft))
    assert chat.facts.turns == before


def test_draws_without_drafts_are_read_as_the_first_ones() -> None:
    old = json.dumps([[0, dataclasses.asdict(FOUR)], [3, None]])
    assert unpack_spans(old, FOUR) == (SamplerSpan(0, FOUR), SamplerSpan(3, None))


def test_many_sentences_are_stored_in_few_bytes() -> None:
    warm = dataclasses.replace(FOUR, temperature=1.4)
    draws = (
        SamplerSpan(0, None),
        *(SamplerSpan(number, FOUR, number % 4) for number in range(1, 500)),
        SamplerSpan(500, warm, 2),
    )
    turn = Turn(1, "s", None, "network", "", (), (), "complete", 0, "m", FOUR, "", draws)
    packed = pack_spans(turn)
    assert packed is not None
    assert unpack_spans(packed, FOUR) == draws
    assert len(packed) < 30 * len(draws)


@pytest.mark.parametrize("damaged", ['[[0, "as before", "x"]]', "[[0, null, -1]]", "[[0, null, 1, 2]]", "[[0]]"])
def test_damaged_draws_are_read_as_the_settings_of_the_turn(damaged: str) -> None:
    assert unpack_spans(damaged, FOUR) == (SamplerSpan(0, FOUR),)


def test_one_prompt_is_gone_on_with_from_drafts(services: Services) -> None:
    card = services.find_model("small")
    events = list(generate_once(services.library, card, "The cat saw a mouse.", FOUR))
    text = "".join(event.piece for event in events if isinstance(event, WordSampled))
    heard = "".join(event.drafts[event.said].text for event in judged(events))
    assert text
    assert heard.startswith(text)
    plain = list(generate_once(services.library, card, "The cat saw a mouse.", dataclasses.replace(FOUR, drafts=1)))
    assert not any(isinstance(event, DraftsJudged | Thinking) for event in plain)


_WRITE = """
import sys
from rnntui.chat_events import Thinking, WordSampled
from rnntui.paths import find_paths
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from pathlib import Path
services = Services(find_paths(Path(sys.argv[1])))
chat = services.new_chat("small")
chat.set_sampler(SamplerSettings(temperature=1.3, top_p=1.0, max_words=40, stop="words", seed=5, drafts=4))
words = thoughts = 0
for event in chat.send("The cat saw a mouse."):
    words += isinstance(event, WordSampled)
    thoughts += isinstance(event, Thinking)
    if isinstance(event, Thinking) and event.draft == 2 and event.tokens > 1 and words >= int(sys.argv[2]):
        print("thinking", flush=True)
        sys.stdin.read()
"""


@pytest.mark.parametrize("after_words", [0, 1])
def test_killed_while_it_thinks_the_same_sentence_is_thought_of_again(
    services: Services, tmp_path: Path, after_words: int
) -> None:
    whole = talked(services).facts.turns[-1]
    command = [sys.executable, "-c", _WRITE, str(tmp_path / "data"), str(after_words)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "thinking\n"
        os.kill(writer.pid, signal.SIGKILL)
    fresh = Services(find_paths(tmp_path / "data"))
    session = fresh.conversations.sessions()[0]
    chat = fresh.open_chat(session_id=session.session_id)
    list(chat.send(""))
    said: Iterator[int] = iter(token for turn in chat.facts.turns if turn.role == "network" for token in turn.token_ids)
    assert tuple(said)[: len(whole.token_ids)] == whole.token_ids
    fresh.close()
