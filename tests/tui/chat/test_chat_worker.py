"""The worker alone: what is shown when, and where text and memory stand after a stop."""

import threading
import time
from collections.abc import Callable, Iterator

from rnntui.errors import InputError
from rnntui.events import ChatEvent, Failed, PromptRead, TurnFinished, TurnStored, UnitFollowed, WordSampled
from rnntui.tui.chat.work.chat_worker import ChatWorker
from rnntui.tui.chat.work.jobs import Kind, PromptReturned, RequestRefused, Stopped, TurnsChanged, WorkerEvent
from tests.tui.fakes import FakeChat, Gate, card, pieces_of


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Seat:
    """A worker with a chat, and everything it let out."""

    def __init__(self, reply: str = " one two three four five six seven eight", pace: float = 0.0) -> None:
        self.clock = Clock()
        self.woken = threading.Event()
        self.worker = ChatWorker(self.woken.set, self.clock)
        self.worker.pace.words_per_second = pace
        self.chat = FakeChat(card(), reply)
        self.seen: list[WorkerEvent] = []
        self.worker.open(self.chat)  # type: ignore[arg-type]

    def until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline
            self.seen += self.worker.advance()

    def until_idle(self) -> None:
        self.until(lambda: self.worker.is_idle)

    @property
    def words(self) -> list[str]:
        return [event.piece for event in self.seen if isinstance(event, WordSampled)]


def test_a_reply_is_shown_to_its_last_word() -> None:
    seat = Seat()
    seat.worker.send("hello there")
    seat.until_idle()
    assert seat.words == pieces_of(seat.chat.reply)
    assert isinstance(seat.seen[-1], TurnFinished)


def test_a_prompt_waits_until_the_model_is_loaded() -> None:
    seat = Seat()
    seat.chat.loading.close()
    seat.worker.send("hello")
    seat.seen += seat.worker.advance()
    assert seat.worker.phase == "load"
    assert seat.chat.sent == []
    seat.chat.loading.open()
    seat.until_idle()
    assert seat.chat.sent == ["hello"]


def test_words_appear_at_the_chosen_pace() -> None:
    seat = Seat(pace=10.0)
    seat.until_idle()
    seat.worker.send("hello")
    seat.until(lambda: seat.words)
    for _ in range(200):
        seat.seen += seat.worker.advance()
    assert len(seat.words) == 1
    seat.clock.now += 0.1
    seat.until(lambda: len(seat.words) == 2)
    for _ in range(200):
        seat.seen += seat.worker.advance()
    assert len(seat.words) == 2


def test_a_slow_network_is_not_followed_by_a_burst() -> None:
    seat = Seat(pace=10.0)
    seat.until_idle()
    seat.chat.words.close()
    seat.worker.send("hello")
    seat.until(lambda: seat.worker.shown_position)
    seat.clock.now += 60
    seat.chat.words.open()
    seat.until(lambda: seat.words)
    assert len(seat.words) <= 1


def test_stopping_takes_text_and_memory_back_to_the_last_word_shown() -> None:
    seat = Seat(pace=10.0)
    seat.until_idle()
    seat.worker.send("hello there")
    seat.until(lambda: seat.words)
    seat.clock.now += 0.1
    seat.until(lambda: len(seat.words) == 2)
    seat.until(lambda: seat.chat.words.passed >= 4)
    seat.worker.stop()
    seat.until_idle()
    assert seat.words == [" one", " two"]
    assert seat.chat.network_text == " one two"
    assert seat.chat.counters.position == seat.worker.shown_position == 4
    assert seat.chat.cuts == [4]
    assert isinstance(seat.seen[-1], Stopped)


def test_nothing_is_cut_when_the_network_was_not_ahead() -> None:
    seat = Seat()
    seat.until_idle()
    seat.chat.words.close()
    seat.chat.words.let(2)
    seat.worker.send("hello")
    seat.until(lambda: len(seat.words) == 2)
    seat.worker.stop()
    seat.chat.words.open()
    seat.until_idle()
    assert seat.chat.network_text.startswith(" one two")
    assert seat.chat.counters.position == seat.worker.shown_position


def test_stopping_before_the_first_word_leaves_no_reply() -> None:
    seat = Seat()
    seat.until_idle()
    seat.chat.words.close()
    seat.worker.send("hello there")
    seat.until(lambda: seat.worker.shown_position == 2)
    seat.worker.stop()
    seat.chat.words.open()
    seat.until_idle()
    assert seat.words == []
    assert seat.chat.network_text == ""
    assert seat.chat.counters.position == 2


def test_stopping_gives_waiting_prompts_back() -> None:
    seat = Seat()
    seat.until_idle()
    seat.chat.words.close()
    seat.worker.send("first")
    seat.worker.send("second")
    seat.until(lambda: seat.worker.shown_position == 1)
    assert seat.worker.stop() == [PromptReturned("second")]
    seat.chat.words.open()
    seat.until_idle()
    assert seat.chat.sent == ["first"]


def test_an_empty_prompt_lets_the_network_go_on_and_can_be_stopped() -> None:
    seat = Seat(pace=10.0)
    seat.until_idle()
    seat.worker.send("")
    seat.until(lambda: seat.words)
    seat.until(lambda: seat.chat.words.passed >= 3)
    seat.worker.stop()
    seat.until_idle()
    assert seat.chat.network_text == " one"


def test_a_failed_load_gives_every_waiting_prompt_back_and_the_next_one_tries_again() -> None:
    seat = Seat()
    seat.chat.load_problem = ValueError("no")
    seat.worker.send("hello")
    seat.until_idle()
    assert PromptReturned("hello") in seat.seen
    assert any(isinstance(event, Failed) for event in seat.seen)
    seat.chat.load_problem = None
    seat.worker.send("hello again")
    seat.until_idle()
    assert seat.chat.sent == ["hello again"]


def test_opening_another_chat_cuts_the_old_one_where_it_was_seen() -> None:
    seat = Seat(pace=10.0)
    seat.until_idle()
    seat.worker.send("hello")
    seat.until(lambda: seat.words)
    seat.until(lambda: seat.chat.words.passed >= 3)
    other = FakeChat(card("other"), " other words")
    seat.worker.open(other)  # type: ignore[arg-type]
    seat.until_idle()
    assert seat.chat.network_text == " one"
    assert other.is_loaded
    assert seat.words == [" one"]


def test_nothing_of_a_closed_conversation_is_let_out_after_the_next_one_is_open() -> None:
    seat = Seat()
    seat.until_idle()
    begun, going_on = threading.Event(), Gate()
    going_on.close()

    def follow(unit: int) -> Iterator[ChatEvent]:
        begun.set()
        going_on.step()
        yield UnitFollowed(1, unit, (0.5,))

    for kind in (Kind.FOLLOW, Kind.MOVE):
        begun.clear()
        chat = seat.worker.chat
        seat.worker.submit(lambda chat: follow(3), kind)
        seat.until(begun.is_set)
        seat.worker.open(FakeChat(card("other"), " other words"))  # type: ignore[arg-type]
        opened = len(seat.seen)
        going_on.let(1)
        seat.until_idle()
        assert seat.worker.chat is not chat
        assert not [event for event in seat.seen[opened:] if isinstance(event, UnitFollowed)], kind


def test_waiting_prompts_come_back_in_the_order_they_were_written() -> None:
    seat = Seat()
    seat.until_idle()
    seat.chat.words.close()
    for text in ("first", "second", "third"):
        seat.worker.send(text)
    seat.until(lambda: seat.worker.shown_position == 1)
    prompt = ""
    for given in seat.worker.stop():  # each is put before what stands in the prompt
        prompt = f"{given.text}\n{prompt}".strip()
    assert prompt == "second\nthird"
    seat.chat.words.open()
    seat.until_idle()


def test_a_prompt_that_is_still_read_comes_back_when_another_chat_is_opened() -> None:
    seat = Seat()
    seat.until_idle()
    reading = Gate()
    reading.close()

    def read_slowly(text: str) -> Iterator[ChatEvent]:
        yield TurnStored(1, "person", text)
        reading.step()
        yield PromptRead(1, 9)

    seat.chat.send = read_slowly  # type: ignore[method-assign]
    seat.worker.send("a long text")
    seat.until(lambda: seat.seen and isinstance(seat.seen[-1], TurnsChanged))
    assert seat.worker.has_unread_prompt
    seat.worker.open(FakeChat(card("other"), " other words"))  # type: ignore[arg-type]
    assert not seat.worker.has_unread_prompt
    reading.open()
    seat.until_idle()
    assert [event for event in seat.seen if isinstance(event, PromptReturned)] == [PromptReturned("a long text")]


def test_a_prompt_is_taken_in_from_when_it_waits_until_it_was_read() -> None:
    seat = Seat()
    seat.chat.loading.close()
    assert not seat.worker.has_unread_prompt
    seat.worker.send("")
    assert not seat.worker.has_unread_prompt
    seat.worker.send("first")
    seat.seen += seat.worker.advance()
    assert seat.worker.phase == "load"
    assert seat.worker.has_unread_prompt
    seat.chat.words.close()
    seat.chat.loading.open()
    seat.until(lambda: seat.chat.sent == [""])
    assert seat.worker.has_unread_prompt
    seat.worker.stop()
    assert not seat.worker.has_unread_prompt
    seat.chat.words.open()
    seat.until_idle()


def test_an_edit_comes_back_with_its_turn_as_long_as_its_conversation_is_open() -> None:
    for is_left in (False, True):
        seat = Seat()
        seat.chat.loading.close()
        seat.worker.submit(lambda chat: chat.edit(3, "other words"), Kind.WRITE, "other words", 3)
        given = seat.worker.open(FakeChat(card("other"), " words")) if is_left else seat.worker.stop()  # type: ignore[arg-type]
        assert given == [PromptReturned("other words", 0 if is_left else 3)]
        seat.chat.loading.open()


def test_a_unit_that_is_not_there_is_refused_as_a_look() -> None:
    seat = Seat()
    seat.until_idle()

    def refuse(chat: object) -> Iterator[ChatEvent]:
        raise InputError("There is no unit 400.", "Choose a smaller number.")
        yield

    seat.worker.submit(refuse, Kind.FOLLOW)  # type: ignore[arg-type]
    seat.until_idle()
    assert seat.seen[-1] == RequestRefused("There is no unit 400. Choose a smaller number.", Kind.FOLLOW)
