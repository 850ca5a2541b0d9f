"""Conversations with models of several texts: what is typed is read, shown and kept in the terms of who reads it."""

import dataclasses

import pytest

from rnntui.chat_events import PromptReading, WordsSuggested
from rnntui.events import PromptScored, from_json, to_json
from rnntui.lm.generator import join_turn
from rnntui.records import Turn
from rnntui.service.chat.chat import Chat
from rnntui.service.chat.facts import count_written_words
from rnntui.service.chat.state_restore import text_since_empty
from rnntui.service.compare.chat_comparison import HERE
from rnntui.service.compare.one_prompt import Compared, compare_once
from rnntui.service.compare.variants import Variant
from rnntui.service.export.conversation_file import collect_conversation
from rnntui.service.export.replay import Verdict, replay
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.odd_texts.prompts import TYPED, text_of
from tests.small_models import save_small_model

SHORT = SamplerSettings(max_words=3, stop="words", seed=1)
_MODELS = ("typographic", "straight", "german", "russian", "capitals", "chinese")
TYPED_BY_MODEL = {name: next(typed for typed in TYPED if typed.text == name) for name in _MODELS}
"""One prompt for each of some models."""


@pytest.fixture
def spoken(services: Services) -> Services:
    for name in _MODELS:
        save_small_model(services.library, name=name, text=text_of(name))
    return services


def _read(chat: Chat, written: str) -> PromptReading:
    (scored,) = [event for event in chat.send(written) if isinstance(event, PromptScored)]
    assert scored.reading is not None
    assert from_json(to_json(scored)) == scored
    return scored.reading


def test_the_transcript_has_what_was_read_and_the_event_says_what_was_changed(spoken: Services) -> None:
    for name, typed in TYPED_BY_MODEL.items():
        chat = spoken.open_chat(name)
        chat.set_sampler(SHORT)
        reading = _read(chat, typed.written)
        assert (chat.facts.turns[0].text.strip(), reading.text) == (typed.read, typed.read)
        assert typed.note in reading.note
        assert spoken.conversations.branch(chat.session.session_id)[0].text.strip() == typed.read


def test_each_model_reads_what_was_said_before_in_its_own_terms(spoken: Services) -> None:
    chat = spoken.open_chat("typographic")
    chat.set_sampler(SHORT)
    list(chat.send('"I don\'t know," she said -- and left...'))
    said = text_since_empty(chat.facts.turns)
    list(chat.switch("straight"))
    generator = load_generator(spoken.library, spoken.find_model("straight"))
    generator.feed(generator.tokenizer.encode(generator.reader.in_terms(said)), again=True)
    assert chat._speaker.generator.memory.state.to_bytes() == generator.memory.state.to_bytes()
    assert '"I don\'t know," she said -- and left...' in generator.reader.in_terms(said)
    assert chat.facts.word_count == sum(count_written_words(turn) for turn in chat.facts.turns if turn.text)
    list(chat.undo())
    list(chat.redo())
    list(chat.send("“Who”"))
    assert '"Who"' in text_since_empty(chat.facts.turns)
    _assert_reads_back(spoken, chat)


def test_a_switch_of_an_earlier_version_is_read_again_as_it_was(spoken: Services) -> None:
    chat = spoken.open_chat("typographic")
    chat.set_sampler(SHORT)
    list(chat.send("“I don’t know,” she said"))
    list(chat.switch("straight"))
    switch = chat.facts.turns[-1]
    with spoken._database.transaction() as connection:  # as it was stored before
        connection.execute("UPDATE turns SET words = NULL WHERE turn_id = ?", (switch.turn_id,))
        connection.execute("DELETE FROM snapshots WHERE turn_id = ?", (switch.turn_id,))
    again = spoken.open_chat(session_id=chat.session.session_id)
    list(again.load())
    generator = load_generator(spoken.library, spoken.find_model("straight"))
    generator.feed(generator.tokenizer.encode(text_since_empty(again.facts.turns)), again=True)
    assert again._speaker.generator.memory.state.to_bytes() == generator.memory.state.to_bytes()
    list(again.send("and left"))
    _assert_reads_back(spoken, again)


def _assert_reads_back(services: Services, chat: Chat) -> None:
    *_, verdict = replay(services.library, collect_conversation(services.conversations, services.library, chat.session))
    assert isinstance(verdict, Verdict)
    assert verdict.is_identical


def test_an_edit_reads_only_what_was_changed(spoken: Services) -> None:
    chat = spoken.open_chat("typographic")
    list(chat.send("“I don’t know,” she said"))
    turn = chat.facts.turns[0]
    as_kept_before = dataclasses.replace(turn, text=turn.text.replace("’", "'"))
    edited = chat._speaker.reader_of(turn).read_instead('“I don\'t know,” he said "so"', as_kept_before.text)
    assert edited.text == "“I don't know,” he said “so”"
    list(chat.edit(turn.turn_id, '“I don’t know,” she said "so"', go_on=False))
    assert chat.facts.turns[0].text.strip() == "“I don’t know,” she said “so”"


def test_words_that_are_typed_are_underlined_as_they_were_typed(spoken: Services) -> None:
    chat = spoken.open_chat("capitals")
    (said,) = (event for event in chat.inspection.suggest("The catalog, a mouse") if isinstance(event, WordsSuggested))
    assert said.unknown == ("catalog",)


def test_two_sides_read_a_prompt_each_in_its_own_terms(spoken: Services) -> None:
    variant = Variant("model", "capitals")
    *_, found = compare_once(spoken.library, spoken.find_model("straight"), "“the cat”", SHORT, variant)
    assert isinstance(found, Compared)
    assert [side.reading.text for side in found.sides] == ['"the cat"', '"THE CAT"']
    chat = spoken.open_chat("straight")
    chat.set_sampler(SHORT)
    list(chat.send("he said"))
    list(chat.comparison.write(variant, HERE))
    list(chat.comparison.take(1, 1))
    _assert_reads_back(spoken, chat)


def test_a_prompt_that_was_stored_and_not_read_is_read_as_it_was_stored(spoken: Services) -> None:
    chat = spoken.open_chat("straight")
    chat.set_sampler(SHORT)
    list(chat.send("he said"))
    last = chat.facts.turns[-1]
    tokenizer = chat._speaker.generator.tokenizer
    whole = join_turn(last.text, '"Who"', "inline", tokenizer)
    turn = chat._place.new_turn("person", last.model_id, whole, tuple(tokenizer.encode(whole)))
    stored: Turn = chat._place.store(turn)
    again = spoken.open_chat(session_id=chat.session.session_id)
    (scored,) = [event for event in again.load() if isinstance(event, PromptScored)]
    assert (scored.turn_id, scored.reading) == (stored.turn_id, None)
    assert again.facts.turns[-1].text == whole
