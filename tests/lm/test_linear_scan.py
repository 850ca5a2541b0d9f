"""The linear recurrence: both ways of scanning against a loop, split anywhere, with gradients."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnntui.lm.linear_scan import linear_scan, scan_in_order, scan_in_parallel
from tests.effort import examples

quick = settings(max_examples=examples(25), deadline=None)


def example(steps: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    dice = torch.Generator().manual_seed(seed)
    factors = torch.rand(steps, 2, 3, dtype=torch.float64, generator=dice)
    terms = torch.randn(steps, 2, 3, dtype=torch.float64, generator=dice)
    return factors, terms, torch.randn(2, 3, dtype=torch.float64, generator=dice)


def by_loop(factors: Tensor, terms: Tensor, start: Tensor) -> Tensor:
    states = [start]
    for factor, term in zip(factors, terms, strict=True):
        states.append(factor * states[-1] + term)
    return torch.stack(states[1:])


@quick
@given(steps=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_both_scans_equal_a_loop(steps: int, seed: int) -> None:
    given_values = example(steps, seed)
    expected = by_loop(*given_values)
    for scan in (scan_in_order, scan_in_parallel, linear_scan):
        torch.testing.assert_close(scan(*given_values), expected, rtol=0, atol=1e-12)
    again = example(steps, seed)
    assert all(one.equal(other) for one, other in zip(given_values, again, strict=True)), "nothing is changed in place"


@quick
@given(steps=st.integers(2, 20), seed=st.integers(0, 2**32), data=st.data())
def test_a_scan_can_be_split_anywhere(steps: int, seed: int, data: st.DataObject) -> None:
    factors, terms, start = example(steps, seed)
    cut = data.draw(st.integers(1, steps - 1), "cut")
    for scan in (scan_in_order, scan_in_parallel):
        first = scan(factors[:cut], terms[:cut], start)
        second = scan(factors[cut:], terms[cut:], first[-1])
        torch.testing.assert_close(torch.cat((first, second)), scan(factors, terms, start), rtol=0, atol=1e-12)


@quick
@given(steps=st.integers(1, 12), seed=st.integers(0, 2**32))
def test_gradients_are_those_of_a_loop(steps: int, seed: int) -> None:
    given_values = [values.requires_grad_() for values in example(steps, seed)]
    weights = torch.randn(steps, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + 1))
    ours, theirs = (
        torch.autograd.grad((scan(*given_values) * weights).sum(), given_values) for scan in (linear_scan, by_loop)
    )
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-12)


def test_factors_of_zero_and_one_cut_off_and_keep() -> None:
    factors = torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0]).view(5, 1, 1)
    terms = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]).view(5, 1, 1)
    for scan in (scan_in_order, scan_in_parallel):
        assert scan(factors, terms, torch.full((1, 1), 7.0)).flatten().tolist() == [8.0, 2.0, 5.0, 9.0, 5.0]
