"""A linear recurrence over time, h[t] = a[t] * h[t-1] + b[t], and its gradients.

T = time steps, B = rows, H = units.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def linear_scan(factors: Tensor, terms: Tensor, start: Tensor) -> Tensor:
    """All states h[1] ... h[T] of the recurrence.

    Args:
        factors: a, [T,B,H]; between 0 and 1, or states may grow without end.
        terms: b, [T,B,H]
        start: h[0], [B,H]

    Returns:
        [T,B,H]
    """
    states: Tensor = _LinearScan.apply(factors, terms, start)  # type: ignore[no-untyped-call]
    return states


def scan_in_order(factors: Tensor, terms: Tensor, start: Tensor) -> Tensor:
    """The recurrence step by step: the fewest operations, and the fastest where a step keeps all cores busy."""
    states, state = torch.empty_like(terms), start
    for at, (factor, term) in enumerate(zip(factors, terms, strict=True)):
        state = torch.addcmul(term, factor, state, out=states[at])
    return states


def scan_in_parallel(factors: Tensor, terms: Tensor, start: Tensor) -> Tensor:
    """The recurrence in log2(T) passes over all steps: for a device that waits at every step.

    Two steps in a row are one: h -> a2 (a1 h + b1) + b2 = (a2 a1) h + (a2 b1 + b2). After a pass with distance d every
    entry stands for 2d steps. Factors are never divided by, so no logarithms are needed.
    Source: Hillis and Steele 1986, "Data parallel algorithms".
    """
    terms = torch.cat((torch.addcmul(terms[:1], factors[:1], start), terms[1:]))
    distance = 1
    while distance < len(terms):
        later = factors[distance:]
        terms = torch.cat((terms[:distance], torch.addcmul(terms[distance:], later, terms[:-distance])))
        factors = torch.cat((factors[:distance], later * factors[:-distance]))
        distance *= 2
    return terms


def _scan(factors: Tensor, terms: Tensor, start: Tensor) -> Tensor:
    scan = scan_in_order if terms.device.type == "cpu" else scan_in_parallel
    return scan(factors, terms, start)


class _LinearScan(torch.autograd.Function):
    """The gradient of a scan is a scan from the end: to_h[t] = to_output[t] + a[t+1] * to_h[t+1]."""

    @staticmethod
    def forward(ctx: Any, factors: Tensor, terms: Tensor, start: Tensor) -> Tensor:
        states = _scan(factors, terms, start)
        ctx.save_for_backward(factors, states, start)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        factors, states, start = ctx.saved_tensors
        following = torch.cat((factors[1:], torch.zeros_like(factors[:1])))
        to_states = _scan(following.flip(0), to_outputs.flip(0), torch.zeros_like(start)).flip(0)
        before = torch.cat((start.unsqueeze(0), states[:-1]))
        return to_states * before, to_states, to_states[0] * factors[0]
