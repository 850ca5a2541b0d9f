"""Thinking before speaking: drafts are drawn alike at every time, the best is said, and one draft is plain speech."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator

import pytest

from rnntui.chat_events import DraftsJudged, Thinking
from rnntui.lm import drafts
from rnntui.lm.drafts import Draft, SpokenToken, best_of, score_draft, speak, think
from rnntui.lm.generator import Generator, words_of
from rnntui.lm.sampling import coin
from rnntui.settings import SamplerSettings
from tests.lm.test_generator import DARING, PROMPT, Reciter, feed, same_memory, speaker

FOUR = dataclasses.replace(DARING, drafts=4)


def prompted() -> Generator:
    generator = speaker()
    feed(generator, PROMPT)
    return generator


def all_of(generator: Generator, settings: SamplerSettings, seed: int = 5) -> tuple[Draft, ...]:
    thinking = think(generator, generator.memory, settings, seed)
    while True:
        try:
            next(thinking)
        except StopIteration as ended:
            found: tuple[Draft, ...] = ended.value
            return found


def said(events: Iterator[object]) -> list[SpokenToken]:
    return [event for event in events if isinstance(event, SpokenToken)]


def words(draft: Draft) -> list[int]:
    return [step.token_id for step in draft.steps]


def changing_after(count: int, first: SamplerSettings, then: SamplerSettings) -> Callable[[], SamplerSettings]:
    asked = itertools.count(1)
    return lambda: first if next(asked) <= count else then


def test_one_draft_is_plain_speech_to_the_bit() -> None:
    plain = list(prompted().generate(lambda: DARING, 5, 3))
    spoken = said(speak(prompted(), lambda: DARING, 5, 3))
    assert [one.reason for one in spoken] == [reason for _, reason in plain]
    for one, (step, _) in zip(spoken, plain, strict=True):
        assert same_memory(one.step.memory, step.memory)
        assert dataclasses.replace(one.step, memory=step.memory) == step
    assert {(one.draft, one.begins) for one in spoken} == {(0, False)}


@pytest.mark.parametrize("without_chance", [{"temperature": 0.0}, {"top_k": 1}])
def test_without_chance_nothing_is_thought_of(without_chance: dict[str, float]) -> None:
    chosen = dataclasses.replace(FOUR, **without_chance)  # type: ignore[arg-type]
    events = list(speak(prompted(), lambda: chosen, 5))
    assert all(isinstance(event, SpokenToken) for event in events)


def test_the_first_draft_is_what_would_be_said_without_others() -> None:
    first, *others = all_of(prompted(), FOUR)
    plain = [step.token_id for step, _ in prompted().generate(lambda: DARING, 5)]
    assert words(first) == plain[: len(first.steps)]
    assert any(words(other) != words(first) for other in others)


def test_every_draft_has_dice_of_its_own() -> None:
    thrown = {coin(seed, position, draft) for seed in (1, 2, 12) for position in (1, 2, 12) for draft in range(16)}
    assert len(thrown) == 9 * 16
    assert coin(7, 3, 0) == coin(7, 3)


def test_drafts_come_out_alike_whatever_was_thought_before_and_move_no_memory() -> None:
    generator = prompted()
    before = generator.memory
    once = all_of(generator, FOUR)
    assert generator.memory is before
    all_of(generator, FOUR, seed=6)
    again = all_of(generator, FOUR)
    assert [words(draft) for draft in once] == [words(draft) for draft in again]
    assert [draft.score for draft in once] == [draft.score for draft in again]


def test_the_memory_stands_still_whenever_somebody_may_look() -> None:
    generator = prompted()
    memory = generator.memory
    for event in speak(generator, lambda: FOUR, 5):
        if isinstance(event, SpokenToken):
            memory = event.step.memory
        assert same_memory(generator.memory, memory)


def test_the_best_draft_of_each_sentence_is_said_word_by_word() -> None:
    generator = prompted()
    spoken: list[SpokenToken] = []
    expected: tuple[Draft, ...] = ()
    for event in speak(generator, lambda: FOUR, 5):
        if isinstance(event, DraftsJudged):
            listener = speaker()
            listener.memory = generator.memory
            expected = all_of(listener, FOUR)
            assert event.said == best_of(expected).number
            assert [draft.text for draft in event.drafts] == [
                "".join(step.piece for step in draft.steps) for draft in expected
            ]
            spoken = []
        if isinstance(event, SpokenToken):
            spoken.append(event)
            chosen = best_of(expected)
            assert event.draft == chosen.number
            assert event.begins == (len(spoken) == 1)
            assert [one.step.token_id for one in spoken] == words(chosen)[: len(spoken)]


def test_what_is_said_can_be_drawn_again_from_the_number_of_its_draft() -> None:
    spoken = said(speak(prompted(), lambda: FOUR, 5))
    again = prompted()
    for one in spoken:
        step = again.sample(one.drawn_with, 5, draft=one.draft)
        assert (step.token_id, step.logprob) == (one.step.token_id, one.step.logprob)
        again.commit(step)
    assert len({one.draft for one in spoken}) > 1


def test_of_equal_drafts_the_first_is_said() -> None:
    generator = Reciter(speaker().tokenizer, " The mouse. The cat saw a mouse. The cat.")
    event = next(event for event in speak(generator, lambda: FOUR, 5) if isinstance(event, DraftsJudged))
    assert event.said == 0
    assert {draft.text for draft in event.drafts} == {" The mouse."}


def test_a_draft_ends_with_its_sentence_quotes_included() -> None:
    text = " “I am a mouse,” said the mouse. “The cat saw the mouse!” The cat.\n\nMice"
    generator = Reciter(speaker().tokenizer, text)
    settings = dataclasses.replace(FOUR, drafts=2, max_words=40)
    heard = [event.drafts[0].text for event in itertools.islice(speak(generator, lambda: settings, 5), 200)
             if isinstance(event, DraftsJudged)]  # fmt: skip
    assert heard[:3] == [" “I am a mouse,” said the mouse.", " “The cat saw the mouse!”", " The cat."]


def test_a_sentence_that_never_ends_is_said_in_pieces() -> None:
    generator = Reciter(speaker().tokenizer, " hum")
    settings = dataclasses.replace(FOUR, drafts=2, max_words=150)
    events = list(speak(generator, lambda: settings, 5))
    judged = [event for event in events if isinstance(event, DraftsJudged)]
    assert [draft.words for event in judged for draft in event.drafts][:4] == [drafts.LONGEST] * 4
    assert len(judged) == 3
    assert said(iter(events))[-1].reason == "words"


def test_the_word_limit_ends_the_reply_inside_a_draft() -> None:
    generator = prompted()
    settings = dataclasses.replace(FOUR, max_words=3)
    spoken = said(speak(generator, lambda: settings, 5))
    assert spoken[-1].reason == "words"
    counted = list(words_of(generator.tokenizer, [one.step.token_id for one in spoken]))
    assert sum(any(generator.tokenizer.piece(token).strip().isalnum() for token in word) for word in counted) == 3


@pytest.mark.parametrize(
    ("stop", "text", "said_at_all"),
    [
        ("sentence", " The cat saw a mouse. Mice are small.", " The cat saw a mouse."),
        ("paragraph", " The cat. The mouse.\n\nMice are small.", " The cat. The mouse.\n\n"),
    ],
)
def test_the_stop_rule_holds_after_thinking(stop: str, text: str, said_at_all: str) -> None:
    generator = Reciter(speaker().tokenizer, text)
    settings = dataclasses.replace(FOUR, stop=stop)
    spoken = said(speak(generator, lambda: settings, 5))
    assert "".join(one.step.piece for one in spoken) == said_at_all
    assert spoken[-1].reason == stop


def test_other_settings_in_the_middle_of_a_sentence_are_thought_of_at_once() -> None:
    cold = dataclasses.replace(FOUR, temperature=0.4)
    events = list(speak(prompted(), changing_after(4, FOUR, cold), 5))
    spoken = said(iter(events))
    assert [one.drawn_with for one in spoken[:3]] == [FOUR] * 3
    assert {one.drawn_with for one in spoken[3:]} == {cold}
    assert spoken[3].begins


def test_drafts_can_be_asked_for_and_given_up_while_words_come() -> None:
    more = said(speak(prompted(), changing_after(5, DARING, FOUR), 5))
    assert any(one.begins for one in more)
    assert more[0].drawn_with == DARING
    fewer = said(speak(prompted(), changing_after(3, FOUR, DARING), 5))
    assert fewer[0].begins
    assert fewer[-1].drawn_with == DARING


def test_a_wanted_draft_is_said_first_and_thinking_goes_on_after_it() -> None:
    wanted = all_of(prompted(), FOUR)[3]
    asked = dataclasses.replace(FOUR, drafts=2)
    events = list(speak(prompted(), lambda: asked, 5, first=(FOUR, 3)))
    spoken = said(iter(events))
    length = len(wanted.steps)
    assert [one.step.token_id for one in spoken[:length]] == words(wanted)
    assert {(one.drawn_with, one.draft) for one in spoken[:length]} == {(FOUR, 3)}
    assert {event.of_drafts for event in events[length:] if isinstance(event, Thinking)} >= {2}
    assert {one.drawn_with for one in spoken[length:]} == {asked}


def test_a_sign_of_life_comes_before_every_word_that_is_drawn() -> None:
    seen = []
    for event in speak(prompted(), lambda: FOUR, 5):
        if isinstance(event, DraftsJudged):
            break
        assert isinstance(event, Thinking)
        seen.append((event.draft, event.tokens))
    for number in range(4):
        counts = [count for draft, count in seen if draft == number]
        assert counts == list(range(len(counts)))


@pytest.mark.parametrize(("surprises", "best"), [((1.0, 4.0, 9.0), 1), ((9.0, 1.0, 5.0), 2), ((5.0, 3.0, 4.0), 2)])
def test_a_draft_is_judged_by_how_far_it_is_from_what_was_to_be_expected(
    surprises: tuple[float, ...], best: int
) -> None:
    step = prompted().sample(FOUR, 5)
    heard = [dataclasses.replace(step, logprob=-bits * math.log(2), entropy_bits=4.0) for bits in surprises]
    scores = [score_draft([one] * 3) for one in heard]
    assert max(range(3), key=scores.__getitem__) == best
    assert scores == pytest.approx([-abs(bits - 4) for bits in surprises])
    assert score_draft([heard[0], heard[2]]) == pytest.approx(-abs(surprises[0] + surprises[2] - 8) / 2)
