"""Dropout: what is dropped, where it is the same, and that on average nothing changes."""

import dataclasses

import pytest
import torch
from torch import Tensor

from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.regularization import Regularization
from rnntui.settings import ModelConfig, TrainConfig

SHAPE = ModelConfig("lstm", 200, 16, 16, 1, True, 0)
CONFIG = TrainConfig(rows=4, bptt_length=8, dropout=0.0)
PLACES = 40_000


def regularization(**choices: float) -> Regularization:
    config = dataclasses.replace(CONFIG, **choices)  # type: ignore[arg-type]
    return Regularization(config, SHAPE.vocabulary_limit, torch.Generator().manual_seed(1))


def network() -> WordRNN:
    model = WordRNN(SHAPE, SHAPE.vocabulary_limit)
    model.initialise(torch.Generator().manual_seed(2))
    return model


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_dropout_leaves_the_mean_as_it_was(share: float) -> None:
    values = torch.linspace(0.5, 1.5, PLACES).expand(3, CONFIG.rows, PLACES)
    dropped = regularization(dropout=share).locked_dropout(values)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.02)
    assert float((dropped == 0).float().mean()) == pytest.approx(share, abs=0.01)


def test_one_mask_is_locked_for_all_steps_of_a_window_and_differs_between_rows() -> None:
    dropped = regularization(dropout=0.5).locked_dropout(torch.ones(6, CONFIG.rows, 64))
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert len({tuple(row.tolist()) for row in dropped[0]}) == CONFIG.rows


def test_dropped_entries_are_dropped_in_the_whole_window() -> None:
    inputs = torch.arange(SHAPE.vocabulary_limit).repeat(2, 1)  # [2,V]: every token twice
    vectors = regularization(word_dropout=0.5).embedding_dropout(torch.ones(*inputs.shape, 3), inputs)
    assert torch.equal(vectors[0], vectors[1])
    assert {round(value, 3) for value in vectors.flatten().tolist()} == {0.0, 2.0}
    assert 0.2 < float((vectors[0, :, 0] == 0).float().mean()) < 0.8


def test_only_recurrent_weights_are_dropped() -> None:
    model = network()
    dropped = regularization(recurrent_dropout=0.25).weight_drop(model.recurrent)
    assert set(dropped) == {"weight_hh_l0"}
    whole = dict(model.recurrent.named_parameters())["weight_hh_l0"]
    kept = dropped["weight_hh_l0"] != 0
    torch.testing.assert_close(dropped["weight_hh_l0"][kept], whole[kept] / 0.75)
    assert 0.1 < 1 - float(kept.float().mean()) < 0.4


def test_dropped_weights_learn_through_the_real_ones() -> None:
    model = network()
    vectors = torch.randn(5, 2, 16, generator=torch.Generator().manual_seed(1))
    dropped = regularization(recurrent_dropout=0.25).weight_drop(model.recurrent)
    hidden, _ = model.forward_embeddings(vectors, None, dropped)
    hidden.sum().backward()
    gradient = dict(model.recurrent.named_parameters())["weight_hh_l0"].grad
    assert gradient is not None
    assert bool(gradient.any())


def test_one_row_of_fifty_begins_a_window_with_zeros() -> None:
    rows = 200
    resets = regularization(rows=rows)
    state = HiddenState({"h": torch.ones(1, rows, 3), "c": torch.ones(1, rows, 3)})
    zeroed = 0
    for _ in range(50):
        after = resets.random_state_reset(state)
        assert after is not None
        is_reset = after.parts["h"][0, :, 0] == 0
        assert torch.equal(after.parts["h"] == 0, is_reset[None, :, None].expand(1, rows, 3)), "a row at a time"
        assert torch.equal(after.parts["h"], after.parts["c"]), "all parts of it"
        zeroed += int(is_reset.sum())
    assert zeroed / (50 * rows) == pytest.approx(0.02, abs=0.005)
    assert resets.random_state_reset(None) is None


def test_a_step_reads_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    for name in ("locked_dropout", "embedding_dropout", "weight_drop", "random_state_reset"):
        whole = getattr(Regularization, name)

        def spy(self: Regularization, *given: Tensor, name: str = name, whole=whole) -> object:  # type: ignore[no-untyped-def]
            called.append(name)
            return whole(self, *given)

        monkeypatch.setattr(Regularization, name, spy)
    learner = Learner(network(), CONFIG, torch.Generator().manual_seed(3))
    tokens = torch.arange(36).view(9, 4)
    learner.step(Batch(tokens[:-1], tokens[1:], 0), None, 0.01)
    assert sorted(called) == [
        "embedding_dropout",
        "locked_dropout",
        "locked_dropout",
        "random_state_reset",
        "weight_drop",
    ]
