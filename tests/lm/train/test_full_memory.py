"""Memory that is too full for all rows: half of them are tried, and go on where they were."""

import dataclasses

import pytest
import torch

from rnntui.errors import MemoryFullError
from rnntui.events import Evaluated, RowsHalved, StepLogged
from rnntui.lm.model import HiddenState
from rnntui.lm.train.batches import Batch, Streams
from rnntui.lm.train.learner import Learned, Learner
from rnntui.lm.train.train_state import TrainState, pack, reduce_rows, unpack
from rnntui.lm.train.trainer import Trainer
from tests.lm.train.test_train_state import CONFIG, trainer

OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


class _Memory:
    """Takes so many rows, and from a certain step on fewer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rows: int, from_step: int = 0) -> None:
        self.words = self.steps = 0
        whole_step = Learner.step

        def step(learner: Learner, batch: Batch, state: HiddenState | None, rate: float) -> Learned | None:
            if self.steps >= from_step and batch.inputs.shape[1] > rows:
                raise OUT_OF_MEMORY
            self.steps += 1
            self.words += batch.inputs.numel()
            return whole_step(learner, batch, state, rate)

        monkeypatch.setattr(Learner, "step", step)


def finished_run(run: Trainer) -> list[object]:
    return list(run.run())


@pytest.mark.parametrize(("rows", "told"), [(2, [2]), (1, [2, 1])])
@pytest.mark.parametrize("from_step", [0, 7])
def test_half_the_rows_are_tried_until_they_fit(
    rows: int, told: list[int], from_step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, run = _Memory(monkeypatch, rows, from_step), trainer("lstm")
    events = finished_run(run)
    halved = [event for event in events if isinstance(event, RowsHalved)]
    assert [event.rows for event in halved] == told
    assert halved[0].note == "The memory of this machine is full with 4 rows: 2 rows from now on."
    assert isinstance(events[-1], Evaluated)
    assert run.steps == memory.steps
    assert run.passes == memory.words / run.data.training.numel()  # every word that was read counts once
    assert [event.words for event in events if isinstance(event, StepLogged)][-1] == memory.words


def test_memory_that_is_too_full_for_one_row_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _Memory(monkeypatch, 0)
    with pytest.raises(MemoryFullError, match=r"The memory of this machine is full\."):
        finished_run(trainer("lstm"))


def test_the_rows_that_are_left_read_the_places_they_would_have_read() -> None:
    ids, cursor = torch.arange(1_003), 40
    whole, half = (next(Streams(ids, rows, 8).batches(cursor)).inputs for rows in (6, 3))
    assert torch.equal(half, whole[:, ::2])


def test_a_state_of_more_rows_goes_on_in_fewer() -> None:
    state = unpack(pack(left_after_steps(CONFIG.rows)))
    after = trainer("lstm", config=dataclasses.replace(CONFIG, rows=2))
    after.restore(state)
    kept = after.state()
    assert torch.equal(kept.tensors["carried.h"], state.tensors["carried.h"][:, ::2])
    assert after.passes == state.facts["cursor"] * CONFIG.rows / after.data.training.numel()
    assert isinstance(finished_run(after)[-1], Evaluated)


def test_rows_that_cannot_be_halved_begin_with_an_empty_memory() -> None:
    state = left_after_steps(3)
    fewer = reduce_rows(state, 1)
    assert not [name for name in fewer.tensors if name.startswith("carried.")]
    assert fewer.facts["more_read"] == 2 * state.facts["cursor"]


def left_after_steps(rows: int) -> TrainState:
    """The state of a run that was left in the middle."""
    looks = iter(range(100))
    config = dataclasses.replace(CONFIG, rows=rows)
    run = trainer("lstm", config=config, control=lambda: "suspend" if next(looks) == 5 else "run")
    finished_run(run)
    return run.state()
