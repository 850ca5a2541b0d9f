import numpy as np
import pytest
import torch

from rnntui.lm.lab import gradients
from rnntui.lm.lab.bench import own_writing
from rnntui.lm.lab.gradients import clip, fresh_network, gradient_norms
from rnntui.lm.model import WordRNN
from rnntui.settings import CELL_NAMES
from tests.lab_oracle import module_of, small_bench


def _norms_by_torch(model: WordRNN, text: torch.Tensor, back: int) -> tuple[float, float]:
    """Cut the text k steps before its end, make the memory there a leaf, and let PyTorch's module do the rest."""
    module, vectors = module_of(model), model.embedding(text[:-1]).detach()
    steps = vectors.shape[0] - back
    _, state = module(vectors[:steps])
    parts = state if isinstance(state, tuple) else (state,)
    leaves = [part.detach().requires_grad_() for part in parts]
    said = leaves[0][-1:]
    if back:
        said, _ = module(vectors[steps:], tuple(leaves) if len(leaves) > 1 else leaves[0])
    loss = torch.nn.functional.cross_entropy(_scores(model, said[-1]), text[-1], reduction="sum")
    found = torch.autograd.grad(loss, leaves, allow_unused=True)
    rows = [torch.zeros(text.shape[1]) if grad is None else grad.pow(2).sum(dim=(0, 2)) for grad in found]
    return float(rows[0].sqrt().mean()), float(sum(rows).sqrt().mean())


def _scores(model: WordRNN, hidden: torch.Tensor) -> torch.Tensor:
    said = hidden if model.projection is None else hidden @ model.projection.weight.T
    return said @ model.embedding.weight.T + model.output_bias


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("layers", [1, 2])
def test_norms_are_those_of_a_memory_made_a_leaf(cell: str, layers: int) -> None:
    bench = small_bench(cell, layers)
    text = own_writing(bench.model, 13, 3, 1)
    hidden, memory = gradient_norms(bench.model, text[:-1], text[-1])
    assert len(hidden) == 12
    for back in (0, 1, 2, 5, 11):
        assert (hidden[back], memory[back]) == pytest.approx(_norms_by_torch(bench.model, text, back), rel=1e-3)


def test_the_norm_agrees_with_finite_differences() -> None:
    bench = small_bench("elman")
    text = own_writing(bench.model, 5, 1, 1)
    module, vectors = module_of(bench.model).double(), bench.model.embedding(text[:-1]).detach().double()
    _, state = module(vectors[:2])
    state, losses = state.detach(), []
    with torch.no_grad():
        for unit in range(state.shape[2]):
            for sign in (1, -1):
                moved = state.clone()
                moved[0, 0, unit] += sign * 1e-5
                said, _ = module(vectors[2:], moved)
                scores = _scores(bench.model.double(), said[-1])
                losses.append(float(torch.nn.functional.cross_entropy(scores, text[-1])))
    slopes = (np.array(losses[::2]) - np.array(losses[1::2])) / 2e-5
    hidden, _ = gradient_norms(bench.model.float(), text[:-1], text[-1])
    assert hidden[2] == pytest.approx(np.linalg.norm(slopes), rel=1e-3)


def test_clipping_shortens_and_does_not_turn() -> None:
    model = fresh_network("elman", 50, 1)
    text = own_writing(model, 12, 2, 1)
    hidden, _ = model(text[:-1])
    loss = torch.nn.functional.cross_entropy(_scores(model, hidden).flatten(0, 1), text[1:].flatten())
    used = [weight for weight in model.parameters() if weight.numel()]
    theirs = torch.cat([grad.flatten() for grad in torch.autograd.grad(loss, used)])
    found = clip("x", model, text, 1e-3)
    assert found.norm_before == pytest.approx(float(theirs.norm()), rel=1e-3)
    assert (found.norm_after, found.cosine) == pytest.approx((1e-3, 1.0), rel=1e-3)
    gentle = clip("x", model, text, 1e3)
    assert gentle.norm_after == pytest.approx(gentle.norm_before)


def test_the_loaded_network_is_left_as_it_was() -> None:
    bench = small_bench()
    before = {name: weight.clone() for name, weight in bench.model.state_dict().items()}
    found = list(gradients.run(bench))[-1].result
    assert [entry.name for entry in found.fading] == ["your network", *CELL_NAMES]
    assert all(weight.equal(before[name]) for name, weight in bench.model.state_dict().items())
    assert all(weight.grad is None for weight in bench.model.parameters())
    elman = found.fading[1].relative
    assert elman[-1] < 1e-6 < elman[1]
