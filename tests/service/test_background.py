"""Background work: bounded, stoppable, and no error gets lost."""

import threading
from collections.abc import Iterator

from rnntui.errors import InputError
from rnntui.events import Failed
from rnntui.service.background import Background


def test_all_events_arrive_in_order() -> None:
    work = Background(iter(range(10)), capacity=100)
    assert work.join(5)
    assert work.take() == list(range(10))
    assert work.is_finished


def test_a_full_queue_holds_the_work_back() -> None:
    produced: list[int] = []
    full = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(100):
            produced.append(number)
            if number == 4:
                full.set()
            yield number

    work = Background(numbers(), capacity=4)
    assert full.wait(5)
    assert produced == [0, 1, 2, 3, 4]
    work.stop()
    assert work.join(5)
    assert work.take() == [0, 1, 2, 3]


def test_stopping_closes_the_work_in_its_own_thread() -> None:
    closed_in: list[str] = []

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed_in.append(threading.current_thread().name)

    work = Background(endless(), capacity=2)
    work.stop()
    assert work.join(5)
    assert closed_in == ["rnntui-work"]


def test_our_errors_become_their_sentences() -> None:
    def work() -> Iterator[int]:
        yield 1
        raise InputError("No.", "Yes.")

    background = Background(work())
    assert background.join(5)
    assert background.take() == [1, Failed("No.", "Yes.", 2)]


def test_even_a_panic_becomes_an_event() -> None:
    class Panic(BaseException):
        pass

    def work() -> Iterator[int]:
        yield 1
        raise Panic

    background = Background(work())
    assert background.join(5)
    assert isinstance(background.take()[-1], Failed)


def test_the_consumer_is_woken() -> None:
    woken = threading.Event()
    background = Background(iter([1]), wake=woken.set)
    assert woken.wait(5)
    assert background.join(5)
