import numpy as np
import pytest

from rnntui.lm.lab import counting
from rnntui.lm.lab.counting import LENGTH, NUMBERS, count_on, starts, windows
from rnntui.lm.lab.toy import toy_network, train_toy
from tests.lab_oracle import hidden_of, probabilities_of, small_bench


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_learns_to_count_from_starts_it_has_never_seen(seed: int) -> None:
    found = list(counting.run(small_bench(seed=seed)))[-1].result
    assert found.held_out_accuracy == 1.0
    assert not set(found.training_starts) & set(found.held_out_starts)
    assert len(found.held_out_starts) > 15
    assert found.written == tuple(range(11, NUMBERS))
    assert found.counts_to == NUMBERS - 1


def test_accuracy_is_counted_as_by_hand() -> None:
    model = toy_network("elman", NUMBERS, counting.SIZE, 1)
    training, held_out = starts(1)
    list(train_toy(model, lambda _: windows(training), counting.ToySettings(12, 2e-2)))
    right = 0
    for start in held_out:
        numbers = list(range(start, start + LENGTH + 1))
        guesses = probabilities_of(model, hidden_of(model, numbers[:-1])).argmax(axis=1)
        right += int((guesses == np.array(numbers[1:])).sum())
    share = counting.right_share(model, *windows(held_out))
    assert 0 < share < 1
    assert share == pytest.approx(right / (LENGTH * len(held_out)))


def test_going_on_from_the_memory_is_reading_everything_again() -> None:
    model = toy_network("elman", NUMBERS, counting.SIZE, 1)
    written = count_on(model, (7, 8, 9), 6)
    numbers = [7, 8, 9]
    for number in written:
        assert number == probabilities_of(model, hidden_of(model, numbers))[-1].argmax()
        numbers.append(number)
