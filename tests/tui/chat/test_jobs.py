"""One job and the pace at which its words are let out, without a queue and without widgets."""

import pytest

from rnntui.chat_events import PromptScored, Thinking, TurnStored, WordSampled
from rnntui.tui.chat.work.jobs import Job, Kind, Pace, TurnsChanged, position_after
from tests.tui.fakes import FakeChat, card


class Source:
    """Events that a thread would have made by now."""

    def __init__(self, events: list[object]) -> None:
        self.events = events

    def take(self, most: int | None = None) -> list[object]:
        taken = self.events if most is None else self.events[:most]
        self.events = self.events[len(taken) :]
        return taken


def word(position: int = 1) -> WordSampled:
    return WordSampled(position, 1, " a", -1.0, 1, 1.0, (), ())


def job(kind: Kind, text: str = "") -> Job:
    return Job(FakeChat(card(), " a b"), kind, lambda chat: iter(()), text)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", Kind)
def test_what_only_asks_may_be_refused_and_does_not_write(kind: Kind) -> None:
    assert not (kind.is_question and kind.writes)
    assert kind.is_refusable or not kind.is_question


def test_a_job_that_writes_says_how_far_it_is() -> None:
    sending = job(Kind.SEND, "hello")
    assert sending.phase == "reading"
    assert not sending.record(Thinking(0, 4, 1))
    assert sending.phase == "thinking"
    assert sending.record(word())
    assert sending.phase == "writing"
    sending.is_stopping = True
    assert not sending.record(word())
    assert sending.phase == "stopping"
    assert job(Kind.CUT).phase == "stopping"
    assert job(Kind.LOAD).phase == "load"


def test_a_prompt_is_stored_before_it_is_read() -> None:
    sending = job(Kind.SEND, "hello")
    sending.record(TurnsChanged(TurnStored(1, "person", "hello"), ()))
    assert (sending.prompt_is_stored, sending.prompt_is_read) == (True, False)
    sending.record(PromptScored(1, (" hello",), (-1.0,), (), 0))
    assert sending.prompt_is_read


def test_only_events_that_move_the_end_of_the_text_tell_where_it_is() -> None:
    assert position_after(word(7)) == 7
    assert position_after(PromptScored(1, (" a", " b"), (-1.0, -1.0), (), 3)) == 5
    assert position_after(Thinking(0, 4, 1)) is None


def test_words_are_let_out_as_time_passes_and_the_first_at_once() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    pace.words_per_second = 10.0
    pace.start()
    source, sending = Source([word() for _ in range(20)]), job(Kind.SEND)
    assert len(pace.take(sending, source)) == 1  # type: ignore[arg-type]
    assert pace.take(sending, source) == []  # type: ignore[arg-type]
    now[0] += 0.1
    assert len(pace.take(sending, source)) == 1  # type: ignore[arg-type]
    now[0] += 60
    assert len(pace.take(sending, source)) == 1, "a pause is not followed by a burst"  # type: ignore[arg-type]


def test_what_is_no_word_costs_no_time() -> None:
    pace = Pace(lambda: 100.0)
    pace.words_per_second = 1.0
    pace.start()
    marks: list[object] = [Thinking(0, 2, 1), Thinking(1, 2, 1), word(), Thinking(0, 2, 1), word()]
    source = Source(marks)
    assert len(pace.take(job(Kind.WRITE), source)) == 3  # type: ignore[arg-type]


def test_everything_is_let_out_at_full_speed_and_of_what_does_not_write() -> None:
    pace = Pace(lambda: 100.0)
    assert len(pace.take(job(Kind.SEND), Source([word()] * 9))) == 9  # type: ignore[arg-type]
    pace.words_per_second = 1.0
    assert len(pace.take(job(Kind.INSPECT), Source([word()] * 9))) == 9  # type: ignore[arg-type]


def test_the_network_may_be_further_ahead_the_faster_words_are_let_out() -> None:
    pace = Pace(lambda: 100.0)
    ahead = []
    for rate in (1.0, 100.0, 100_000.0, 0.0):
        pace.words_per_second = rate
        ahead.append(pace.capacity(drafts=1))
    assert ahead == sorted(ahead)
    pace.words_per_second = 1.0
    assert pace.capacity(drafts=4) > pace.capacity(drafts=1)
