"""What is multiplied is found by trying it at the planned shape, and only where trying can pay."""

from collections.abc import Generator, Sequence

import pytest

from rnntui.lm.hardware import calibration
from rnntui.lm.hardware.calibration import Candidate, Trial
from rnntui.lm.progress import run_to_end
from rnntui.records import TrainRequest
from rnntui.service.pipeline.arithmetic_trial import plan_with_trial
from rnntui.service.pipeline.plan_preview import preview_plan
from rnntui.settings import ModelConfig

WORDS = 600_000
USUAL = Trial(Candidate(threads=2), 10_000.0)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Candidate, ModelConfig]]:
    """A machine with fast products in bfloat16: twice as fast for wide networks, no faster for narrow ones."""
    tried: list[tuple[Candidate, ModelConfig]] = []

    def trial_steps(
        ways: Sequence[Candidate], shape: ModelConfig, _rows: int, _seconds: float
    ) -> Generator[float, None, tuple[Trial, ...]]:
        yield 0.5
        tried.extend((way, shape) for way in ways)
        gain = 2.0 if shape.hidden_size >= 256 else 1.0
        return tuple(Trial(way, 5_000.0 * (gain if way.arithmetic == "bfloat16" else 1.0)) for way in ways)

    monkeypatch.setattr(calibration, "trial_steps", trial_steps)
    monkeypatch.setattr(calibration, "multiplies_faster", lambda _name: True)
    return tried


def request(minutes: float, **overrides: str | int) -> TrainRequest:
    return TrainRequest(("/a.txt",), "a", minutes, overrides=dict(overrides))


def test_the_plan_goes_by_the_speed_of_the_faster_arithmetic(tried: list[tuple[Candidate, ModelConfig]]) -> None:
    made, speed = run_to_end(plan_with_trial(USUAL, request(5), WORDS, None))
    assert (made.config.arithmetic, speed) == ("bfloat16", 20_000.0)
    assert made == preview_plan(WORDS, 300.0, {"arithmetic": "bfloat16"}, None, 20_000.0)
    first = preview_plan(WORDS, 300.0, {}, None, 10_000.0).model
    assert [shape for _, shape in tried] == [first, first]
    assert [(way.arithmetic, way.threads) for way, _ in tried] == [("float32", 2), ("bfloat16", 2)]


def test_float32_is_kept_where_it_is_no_slower_for_the_planned_shape(
    tried: list[tuple[Candidate, ModelConfig]],
) -> None:
    made, speed = run_to_end(plan_with_trial(USUAL, request(5, hidden_size=64), WORDS, None))
    assert (made, speed) == (preview_plan(WORDS, 300.0, {"hidden_size": 64}, None, 10_000.0), 10_000.0)
    assert len(tried) == 2


@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
def test_what_was_asked_for_is_not_tried(tried: list[tuple[Candidate, ModelConfig]], arithmetic: str) -> None:
    way = Trial(Candidate(arithmetic=arithmetic), 10_000.0)
    made, speed = run_to_end(plan_with_trial(way, request(5, arithmetic=arithmetic), WORDS, None))
    assert (made.config.arithmetic, speed, tried) == (arithmetic, 10_000.0, [])


def test_a_run_of_seconds_and_a_machine_without_fast_bfloat16_try_nothing(
    tried: list[tuple[Candidate, ModelConfig]], monkeypatch: pytest.MonkeyPatch
) -> None:
    short, _ = run_to_end(plan_with_trial(USUAL, request(0.9), WORDS, None))
    monkeypatch.setattr(calibration, "multiplies_faster", lambda _name: False)
    slow, _ = run_to_end(plan_with_trial(USUAL, request(5), WORDS, None))
    assert (short.config.arithmetic, slow.config.arithmetic, tried) == ("float32", "float32", [])


def test_a_faster_way_that_learns_otherwise_is_not_taken(
    tried: list[tuple[Candidate, ModelConfig]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def alike(*_arguments: object) -> Generator[float, None, bool]:
        yield 0.5
        return False

    monkeypatch.setattr(calibration, "_learn_alike", alike)
    made, speed = run_to_end(plan_with_trial(USUAL, request(5), WORDS, None))
    assert (made, speed) == (preview_plan(WORDS, 300.0, {}, None, 10_000.0), 10_000.0)
    assert len(tried) == 2
