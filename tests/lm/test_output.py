"""The output layer: a proper distribution whatever the grouping, and a loss that is its logarithm."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnntui.lm import output
from rnntui.lm.output import OutputWeights, PackedWords, group_limits
from rnntui.setting_fields import changed
from rnntui.settings import ModelConfig
from tests.effort import examples

SHAPES = {"plain": (40, 0), "two parts": (40, 12), "three parts": (101, 10), "five parts": (101, -10)}
every_shape = pytest.mark.parametrize(("vocabulary", "head"), SHAPES.values(), ids=SHAPES)


def limits_of(vocabulary: int, head: int) -> tuple[int, ...]:
    """Two groups at most; more and finer ones where the head is below zero."""
    finer = {"softmax_groups": 5, "softmax_growth": 1.7} if head < 0 else {}
    return group_limits(vocabulary, changed(ModelConfig(), softmax_head=abs(head), **finer))


def random_weights(
    vocabulary: int, head: int, seed: int = 0, width: int = 6, dtype: torch.dtype = torch.float64
) -> OutputWeights:
    dice = torch.Generator().manual_seed(seed)
    limits = limits_of(vocabulary, head)
    groups = len(limits) - 1
    sizes = ((vocabulary, width), (vocabulary,), (groups, width), (groups,))
    words, bias, group_words, group_bias = (torch.randn(size, dtype=dtype, generator=dice) for size in sizes)
    return OutputWeights(words, bias, group_words, group_bias, limits)


def random_rows(rows: int, vocabulary: int, seed: int = 1, width: int = 6) -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(seed)
    hidden = torch.randn(rows, width, dtype=torch.float64, generator=dice)
    return hidden, torch.randint(vocabulary, (rows,), generator=dice)


def gathered(weights: OutputWeights, hidden: Tensor, targets: Tensor) -> Tensor:
    return -weights.log_probabilities(hidden).gather(1, targets.unsqueeze(1)).sum()


def test_the_example_shapes_are_what_they_are_called() -> None:
    assert [len(limits_of(*shape)) for shape in SHAPES.values()] == [1, 2, 3, 5]


@every_shape
def test_scoring_every_word_gives_the_same_loss_and_gradient(
    vocabulary: int, head: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnntui.lm.output._SCORES_AT_ONCE", 8 * vocabulary)
    weights, (hidden, targets) = random_weights(vocabulary, head), random_rows(30, vocabulary)
    every = [
        part.requires_grad_() for part in (hidden, weights.words, weights.bias, weights.groups, weights.group_bias)
    ]
    losses = weights.loss_nats(hidden, targets), -weights.dense_target_log_probabilities(hidden, targets).sum()
    assert losses[1].item() == pytest.approx(losses[0].item(), abs=1e-9)
    one, other = (torch.autograd.grad(loss, every, allow_unused=True, materialize_grads=True) for loss in losses)
    for expected, found in zip(one, other, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-9, rtol=0)


@settings(max_examples=examples(200), deadline=None)
@given(
    vocabulary=st.integers(1, 200_000),
    more=st.integers(0, 50_000),
    head=st.integers(0, 200_000),
    groups=st.integers(1, 16),
    growth=st.floats(1.5, 64.0),
)
def test_groups_cover_every_word_once(vocabulary: int, more: int, head: int, groups: int, growth: float) -> None:
    config = ModelConfig(softmax_head=head, softmax_groups=groups, softmax_growth=growth)
    limits = group_limits(vocabulary, config)
    assert limits[-1] == vocabulary
    assert list(limits) == sorted(set(limits))
    assert limits[0] > 0
    assert len(limits) <= groups + 1
    assert group_limits(vocabulary + more, config)[: len(limits) - 1] == limits[:-1]


def test_models_of_before_keep_their_two_groups() -> None:
    assert group_limits(40_000, ModelConfig(softmax_head=1_000)) == (1_000, 4_000, 40_000)
    assert group_limits(5_000, ModelConfig(softmax_head=1_000)) == (1_000, 5_000)


@every_shape
@pytest.mark.parametrize("scale", [0.0, 1.0, 50.0])
def test_probabilities_of_all_words_sum_to_one(vocabulary: int, head: int, scale: float) -> None:
    weights = random_weights(vocabulary, head)
    hidden, _ = random_rows(30, vocabulary)
    logs = weights.log_probabilities(scale * hidden)
    assert logs.shape == (30, vocabulary)
    torch.testing.assert_close(logs.exp().sum(-1), torch.ones(30, dtype=torch.float64))
    torch.testing.assert_close(weights.log_probabilities(scale * hidden.view(5, 6, 6)), logs.view(5, 6, vocabulary))


@every_shape
@settings(max_examples=examples(20), deadline=None)
@given(rows=st.integers(1, 300), seed=st.integers(0, 1_000))
def test_the_loss_is_the_gathered_logarithm(vocabulary: int, head: int, rows: int, seed: int) -> None:
    weights = random_weights(vocabulary, head, seed)
    hidden, targets = random_rows(rows, vocabulary, seed + 1)
    expected = gathered(weights, hidden, targets)
    torch.testing.assert_close(weights.loss_nats(hidden, targets), expected, rtol=1e-10, atol=1e-8)


@every_shape
@settings(max_examples=examples(15), deadline=None)
@given(rows=st.integers(1, 300), seed=st.integers(0, 1_000))
def test_the_losss_gradients_are_those_of_the_gathered_logarithm(
    vocabulary: int, head: int, rows: int, seed: int
) -> None:
    weights = random_weights(vocabulary, head, seed)
    hidden, targets = random_rows(rows, vocabulary, seed + 1)
    parameters = [hidden, weights.words, weights.bias, weights.groups, weights.group_bias]
    for parameter in parameters:
        parameter.requires_grad_()
    ours = torch.autograd.grad(weights.loss_nats(hidden, targets), parameters, allow_unused=True)
    reference = torch.autograd.grad(gathered(weights, hidden, targets), parameters, allow_unused=True)
    for mine, other, parameter in zip(ours, reference, parameters, strict=True):
        zeros = torch.zeros_like(parameter)
        torch.testing.assert_close(
            zeros if mine is None else mine, zeros if other is None else other, rtol=1e-9, atol=1e-9
        )


@settings(max_examples=examples(15), deadline=None)
@given(rows=st.integers(1, 300), seed=st.integers(0, 1_000))
def test_a_torch_without_a_chunked_loss_learns_the_same(rows: int, seed: int) -> None:
    weights = random_weights(40, 0, seed)
    hidden, targets = random_rows(rows, 40, seed + 1)
    parameters = [hidden, weights.words, weights.bias]
    for parameter in parameters:
        parameter.requires_grad_()
    loss = gathered(weights, hidden, targets)
    expected = (loss, *torch.autograd.grad(loss, parameters))
    for is_there in {output.HAS_CHUNKED_LOSS, False}:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(output, "HAS_CHUNKED_LOSS", is_there)
            loss = weights.loss_nats(hidden, targets)
        found = (loss, *torch.autograd.grad(loss, parameters))
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-9)


@every_shape
@pytest.mark.parametrize("scale", [1.0, 0.125])
def test_a_scaled_loss_has_scaled_gradients(vocabulary: int, head: int, scale: float) -> None:
    weights = random_weights(vocabulary, head)
    hidden, targets = random_rows(300, vocabulary)
    parameters = [hidden, weights.words, weights.bias, weights.groups, weights.group_bias]
    for parameter in parameters:
        parameter.requires_grad_()
    scaled = weights.loss_nats(hidden, targets, scale)
    torch.testing.assert_close(scaled, scale * weights.loss_nats(hidden, targets))
    ours = torch.autograd.grad(scaled * 3.0, parameters, materialize_grads=True)  # a plain softmax has no groups
    reference = torch.autograd.grad(weights.loss_nats(hidden, targets), parameters, materialize_grads=True)
    torch.testing.assert_close(ours, tuple(3.0 * scale * gradient for gradient in reference))


def test_a_loss_without_gradients_touches_no_weight() -> None:
    weights = random_weights(101, 10)
    before = [part.clone() for part in (weights.words, weights.bias)]
    hidden, targets = random_rows(20, 101)
    with torch.no_grad():
        loss = weights.loss_nats(hidden, targets)
    torch.testing.assert_close(loss, gathered(weights, hidden, targets))
    torch.testing.assert_close([weights.words, weights.bias], before)


@pytest.mark.parametrize("group", [(0, 10), (10, 40), (40, 101)], ids=["head", "first group", "second group"])
def test_groups_without_targets_cost_nothing_wrong(group: tuple[int, int]) -> None:
    weights = random_weights(101, 10)
    hidden, _ = random_rows(20, 101)
    targets = torch.arange(20) % (group[1] - group[0]) + group[0]
    torch.testing.assert_close(weights.loss_nats(hidden, targets), gathered(weights, hidden, targets))


@pytest.mark.parametrize("word", [0, 9, 10, 39, 40, 100])
def test_words_at_the_borders_of_groups_are_in_the_right_group(word: int) -> None:
    weights = random_weights(101, 10)
    hidden, _ = random_rows(1, 101)
    loss = weights.loss_nats(hidden, torch.tensor([word]))
    torch.testing.assert_close(loss, -weights.log_probabilities(hidden)[0, word])


def test_float32_agrees_with_float64() -> None:
    for vocabulary, head in SHAPES.values():
        exact = random_weights(vocabulary, head)
        rough = OutputWeights(
            *(getattr(exact, name).float() for name in ("words", "bias", "groups", "group_bias")), exact.limits
        )
        hidden, targets = random_rows(200, vocabulary)
        loss = rough.loss_nats(hidden.float(), targets)
        torch.testing.assert_close(loss.double(), exact.loss_nats(hidden, targets), rtol=1e-5, atol=1e-3)


fbgemm = pytest.mark.skipif(
    "fbgemm" not in torch.backends.quantized.supported_engines, reason="this processor has no half-precision product"
)


@fbgemm
@pytest.mark.parametrize("head", [0, 10])
def test_packed_words_say_the_same_from_half_the_bytes(head: int) -> None:
    dice = torch.Generator().manual_seed(3)
    limits = limits_of(57, head)
    weights = OutputWeights(
        torch.randn(57, 24, generator=dice).half().float(),
        torch.randn(57, generator=dice),
        torch.randn(len(limits) - 1, 24, generator=dice),
        torch.randn(len(limits) - 1, generator=dice),
        limits,
    )
    packed = PackedWords.of(weights)
    assert packed
    for shape in ((24,), (3, 24), (2, 3, 24)):
        hidden = torch.randn(shape, generator=dice)
        expected, got = weights.log_probabilities(hidden), weights.log_probabilities(hidden, packed)
        assert got.shape == expected.shape
        assert torch.allclose(got, expected, atol=1e-5)
        assert torch.equal(got, weights.log_probabilities(hidden, packed))


def test_words_with_more_digits_than_half_precision_are_not_packed() -> None:
    weights = OutputWeights(torch.full((5, 4), 0.1), torch.zeros(5), torch.zeros(0, 4), torch.zeros(0), (5,))
    assert PackedWords.of(weights) is None
