"""A text read in several rows costs what it costs read in one, whether the network forgets soon, late or never."""

import pytest
import torch
from torch import Tensor

from rnntui.lm import parallel_rows
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.parallel_rows import log_probability_steps
from rnntui.lm.progress import run_to_end
from rnntui.settings import CELL_NAMES, ModelConfig

V = 50


def network(cell: str, layers: int = 1, spread: float = 0.5) -> WordRNN:
    model = WordRNN(ModelConfig(cell, 1_000, 8, 12, layers, True, 0), V)
    dice = torch.Generator().manual_seed(3)
    for weight in model.parameters():
        weight.data.uniform_(-spread, spread, generator=dice)
    return model


def text(words: int) -> Tensor:
    return torch.randint(V, (words,), generator=torch.Generator().manual_seed(words))


def one_row(model: WordRNN, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Word by word, the memory carried all the way."""
    state, logs = model.zero_state(), []
    model.eval()
    with torch.no_grad():
        for at in range(ids.numel() - 1):
            state = model.step(int(ids[at]), state)
            logs.append(model.log_probabilities(state.parts["h"][-1, 0])[ids[at + 1]].double())
    return torch.stack(logs), state.parts["h"]


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel_rows, "_STEPS", 16)
    monkeypatch.setattr(parallel_rows, "LEAST_PER_ROW", 40)


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("words", [2, 79, 80, 701])
def test_rows_cost_what_one_row_costs(cell: str, layers: int, words: int) -> None:
    model, ids = network(cell, layers), text(words)
    logs, state = run_to_end(log_probability_steps(model, ids))
    by_hand, memory = one_row(model, ids)
    torch.testing.assert_close(logs, by_hand, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(state.parts["h"], memory, rtol=0, atol=2e-3)


def test_a_memory_that_never_fades_is_put_right_in_every_row() -> None:
    model = network("gru")
    with torch.no_grad():
        model.recurrent.get_parameter("bias_hh_l0")[12:24] = 30.0  # the update gate: keep everything
        model.recurrent.get_parameter("bias_hh_l0")[12:18] = 0.0
    ids = text(400)
    start = HiddenState({"h": torch.rand(1, 1, 12, generator=torch.Generator().manual_seed(1))})
    logs, _ = run_to_end(log_probability_steps(model, ids, start))
    whole, _ = run_to_end(log_probability_steps(model, ids, start, rows=1))
    other, _ = run_to_end(log_probability_steps(model, ids, rows=1))
    assert float((whole[-50:] - other[-50:]).abs().max()) > 0.01, "the first memory still matters at the end"
    torch.testing.assert_close(logs, whole, rtol=1e-3, atol=1e-3)


def test_memories_that_come_together_are_not_read_again_to_the_end() -> None:
    model, ids = network("lstm", spread=0.1), text(8 * 400 + 1)
    read = max(log_probability_steps(model, ids), default=0.0)
    assert read == 1.0
    piece = parallel_rows._Piece(model, ids, 8)
    assert 3_200 < max(piece.read(model.zero_state())) < 4_000


def test_pieces_of_a_text_cost_what_the_whole_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    model, ids = network("lstm"), text(1_000)
    whole, state = run_to_end(log_probability_steps(model, ids))
    first, between = run_to_end(log_probability_steps(model, ids[:301]))
    second, end = run_to_end(log_probability_steps(model, ids[300:], between))
    torch.testing.assert_close(torch.cat((first, second)), whole, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(end.parts["c"], state.parts["c"], rtol=0, atol=2e-3)
    monkeypatch.setattr(parallel_rows, "MOST_AT_ONCE", 130)
    logs, _ = run_to_end(log_probability_steps(model, ids))
    torch.testing.assert_close(logs, whole, rtol=1e-3, atol=1e-3)


def test_progress_only_rises() -> None:
    told = list(log_probability_steps(network("lstm"), text(900)))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_one_word_alone_costs_nothing() -> None:
    logs, _ = run_to_end(log_probability_steps(network("gru"), text(1)))
    assert logs.numel() == 0
