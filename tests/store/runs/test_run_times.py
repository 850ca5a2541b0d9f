import math
import random
from pathlib import Path

import pytest

from rnntui.errors import StorageError
from rnntui.store.runs.run_times import RunTimes, read_times


def written(path: Path, *times: float) -> Path:
    with RunTimes(path) as file:
        for number, seconds in enumerate(times):
            file.append(number, seconds)
    return path


def test_times_come_back_to_the_last_bit(tmp_path: Path) -> None:
    dice = random.Random(1)
    times = [0.0, 5e-324, 1 / 3, 1e300, *(dice.uniform(0, 1e4) for _ in range(200))]
    assert list(read_times(written(tmp_path / "times", *times))) == times
    assert list(read_times(tmp_path / "nothing")) == []


@pytest.mark.parametrize("cut", range(1, 31))
def test_a_line_cut_off_anywhere_is_passed_over_and_written_again(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "times", 1.5, 2.5)
    path.write_bytes(path.read_bytes()[:-cut])
    kept = list(read_times(path))
    assert kept == [1.5]
    with RunTimes(path) as file:
        file.append(1, 7.5)
        file.append(2, 8.5)
    assert list(read_times(path)) == [1.5, 7.5, 8.5]


def test_a_missing_time_is_a_gap_and_the_later_of_two_counts(tmp_path: Path) -> None:
    with RunTimes(tmp_path / "times") as file:
        for number, seconds in ((0, 1.0), (3, 4.0), (0, 2.0)):
            file.append(number, seconds)
    first, gap, other, last = read_times(tmp_path / "times")
    assert (first, last) == (2.0, 4.0)
    assert math.isnan(gap)
    assert math.isnan(other)


def test_what_is_no_time_is_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path / "times", 1.0)
    with path.open("ab") as file:
        file.write(b"x" * 100_000 + b"\n\xff\n")
        file.write(b"ffffffffffff 3ff0000000000000\n")  # a number that no run reaches
        file.write(b"000000000001 7ff0000000000000\n")  # infinite
        file.write(b"000000000001 4000000000000000\n")
    assert list(read_times(path)) == [1.0, 2.0]


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "times").symlink_to("/dev/zero")
    with pytest.raises(StorageError):
        read_times(tmp_path / "times")
    with pytest.raises(StorageError):
        RunTimes(tmp_path / "times")
