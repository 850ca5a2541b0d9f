import itertools

import pytest
import torch

from rnntui.lm.lab import memory
from rnntui.settings import CELL_NAMES
from tests.lab_oracle import divergence_bits, hidden_of, memory_of, probabilities_of, small_bench


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_the_memory_is_that_of_torch_nn(cell: str) -> None:
    bench = small_bench(cell)
    found = list(memory.run(bench))[-1].result
    theirs = memory_of(bench.model, bench.prompt_ids())
    assert torch.tensor([entry.units for entry in found.words]).allclose(theirs, atol=1e-5)
    moved = torch.diff(theirs, dim=0, prepend=torch.zeros(1, theirs.shape[1])).pow(2).mean(dim=1).sqrt()
    assert [entry.change for entry in found.words] == pytest.approx(moved.tolist(), abs=1e-5)


def test_forgetting_costs_what_the_definition_says() -> None:
    bench = small_bench()
    ids = bench.prompt_ids()
    found = list(memory.run(bench))[-1].result
    carried, forgotten = (probabilities_of(bench.model, hidden_of(bench.model, part))[-1] for part in (ids, ids[-1:]))
    assert found.forgotten_kl_bits == pytest.approx(divergence_bits(carried, forgotten), abs=1e-5)
    assert found.compared[0].carried == pytest.approx(carried.max(), abs=1e-6)
    assert found.compared[0].forgotten == pytest.approx(forgotten[carried.argmax()], abs=1e-6)


def test_words_fed_are_counted_and_none_is_read_again() -> None:
    bench = small_bench()
    found = list(memory.run(bench))[-1].result
    assert found.words_fed == len(bench.prompt_ids()) + memory.WRITTEN
    assert found.tokens_reread == 0


def test_a_memory_that_is_not_carried_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = small_bench()
    assert memory.two_pieces_difference(bench.model, bench.prompt_ids()) < 1e-5
    whole = type(bench.model).forward
    monkeypatch.setattr(type(bench.model), "forward", lambda self, inputs, state=None: whole(self, inputs))
    assert memory.two_pieces_difference(bench.model, bench.prompt_ids()) > 1e-3


def test_times_are_the_middle_ones_of_the_clock() -> None:
    lengths = itertools.cycle((1.0, 2.0, 1.0, 2.0, 50.0, 2.0))  # carried, read again, in turn; one carried step is slow
    readings = itertools.accumulate(length for pair in zip(itertools.repeat(0.0), lengths) for length in pair)
    bench = small_bench()
    timed = memory._timed(bench.model, 4, 1, lambda: next(readings))
    assert (timed.carried_milliseconds, timed.reread_milliseconds) == (1000.0, 2000.0)
