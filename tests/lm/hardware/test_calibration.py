"""The speed of this machine, on a clock of our own."""

import itertools
from typing import Any

import pytest
import torch

from rnntui.lm.hardware import bfloat16
from rnntui.lm.hardware.calibration import (
    Candidate,
    Trial,
    best_trial_steps,
    fastest,
    speed_steps,
    trial_steps,
)
from rnntui.lm.progress import run_to_end
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learned, Learner
from rnntui.lm.train.planner import REFERENCE, REFERENCE_BATCH_SIZE
from rnntui.setting_fields import changed
from tests.pretended_device import pretended

TINY = changed(REFERENCE, vocabulary_limit=100, hidden_size=4, embedding_size=4, softmax_head=0)


def test_the_speed_is_words_over_the_time_of_a_usual_step() -> None:
    ticks = itertools.count()
    # Each step looks at the clock three times, the last two half a second apart.
    assert run_to_end(speed_steps(0.0, lambda: 0.5 * next(ticks))) == REFERENCE_BATCH_SIZE * 64 / 0.5


def test_the_speed_can_be_given_up_after_any_step() -> None:
    ticks = itertools.count()
    looks = speed_steps(100.0, lambda: 0.5 * next(ticks))
    assert 0 < next(looks) < 1
    looks.close()


def test_candidates_take_turns_so_that_all_meet_the_same_machine() -> None:
    candidates = (Candidate(), Candidate(threads=1))
    # A turn of two looks at the clock six times: begun, ended and how much is over, for each of them.
    passing = itertools.accumulate(itertools.chain([0.0], itertools.cycle([0.0, 2.0, 0.0, 0.0, 1.0, 0.0])))
    slow, fast = run_to_end(trial_steps(candidates, TINY, 2, 0.0, lambda: next(passing)))
    assert (slow.candidate, fast.candidate) == candidates
    assert fast.words_per_second == 2 * slow.words_per_second


def test_a_card_without_room_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    whole_step = Learner.step

    def step(learner: Learner, batch: Batch, *rest: Any) -> Learned | None:
        if learner.model.device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return whole_step(learner, batch, *rest)

    with pretended("cuda") as card:
        monkeypatch.setattr(
            "rnntui.lm.hardware.calibration.open_device", lambda name: torch.device("cpu") if name == "cpu" else card
        )
        candidates = (Candidate(device="cpu"), Candidate(device="cuda"))
        assert min(trial.words_per_second for trial in run_to_end(trial_steps(candidates, TINY, 2, 0.0))) > 0
        monkeypatch.setattr(Learner, "step", step)
        here, there = run_to_end(trial_steps(candidates, TINY, 2, 0.0))
    assert there.words_per_second == 0.0
    assert fastest((there, here)) == here


def test_a_later_candidate_is_taken_only_where_it_is_clearly_faster() -> None:
    one, other = Candidate(), Candidate(threads=1)
    assert fastest([Trial(one, 100.0), Trial(other, 104.0)]).candidate == one
    assert fastest([Trial(one, 100.0), Trial(other, 106.0)]).candidate == other


def test_threads_are_as_they_were_after_a_trial() -> None:
    before = torch.get_num_threads()
    run_to_end(trial_steps((Candidate(threads=before + 1),), TINY, 2, 0.0))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_hundred_steps_tell_whether_a_faster_way_learns_the_same(
    monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    if is_broken:  # a gate that is squashed in another way
        monkeypatch.setattr(bfloat16, "_double_g", torch.clone)
    exact, rounded = Trial(Candidate(), 100.0), Trial(Candidate(arithmetic="bfloat16"), 200.0)
    taken = run_to_end(best_trial_steps((exact, rounded), REFERENCE))
    assert taken == (exact if is_broken else rounded)
