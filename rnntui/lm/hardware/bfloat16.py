"""Reading with products in bfloat16: numbers of two bytes with the range of float32 and 8 of its 24 digits.

What is summed, squashed, carried or changed stays in float32: only what is multiplied with a matrix is rounded, and the
sums in a product are float32 too.  Source: Kalamkar et al. 2019, "A study of bfloat16 for deep learning training".
T = time steps, B = rows, E = inputs, H = hidden size.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

Product: TypeAlias = Callable[[Tensor, Tensor | None], Tensor]
"""[B,K] and a bias [N] or None -> [B,N]"""


def read_lstm(
    vectors: Tensor, hidden: Tensor, cell: Tensor, matrix: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The output of one layer of an LSTM, as `torch.nn.LSTM` does but for rounding, with gradients for all arguments.

    Args:
        vectors: [T,B,E]
        hidden: [B,H], the state before.
        cell: [B,H], likewise.
        matrix: [4*H,E+H], from input and hidden state written side by side, in float32.
        bias: [4*H]

    Returns:
        The outputs [T,B,H], and the state after: hidden [B,H] and cell [B,H].
    """
    said: tuple[Tensor, Tensor] = _LSTM.apply(vectors, hidden, cell, matrix, bias)  # type: ignore[no-untyped-call]
    return said[0], said[0][-1], said[1]


class _LSTM(torch.autograd.Function):
    """One product for input and hidden state side by side at each step; one for the gradient of all weights.

    The gate g = tanh(z) is 2 sigmoid(2z) - 1, so that one sigmoid does for all four gates; the doubling is done to the
    weights, and exactly. torch's own LSTM in bfloat16 takes as long for the way back as in float32 with many units, see
    tests/benchmarks/LOG.md.
    """

    @staticmethod
    def forward(
        ctx: Any, vectors: Tensor, hidden: Tensor, cell: Tensor, matrix: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor]:
        steps, rows, inputs = vectors.shape
        size = hidden.shape[1]
        doubled = _double_g(matrix).bfloat16()
        beside = _double_g(bias).bfloat16()
        product = _product(doubled, rows)
        read = vectors.new_empty(steps + 1, rows, inputs + size, dtype=torch.bfloat16)
        read[:-1, :, :inputs] = vectors
        read[0, :, inputs:] = hidden
        gates, cells = vectors.new_empty(steps, rows, 4 * size), vectors.new_empty(steps + 1, rows, size)
        said, squashed = vectors.new_empty(steps, rows, size), vectors.new_empty(steps, rows, size)
        cells[0] = cell
        minus_one, g = vectors.new_tensor(-1.0), vectors.new_empty(rows, size)
        for time in range(steps):
            i, f, half_g, o = gates[time].copy_(product(read[time], beside)).sigmoid_().chunk(4, dim=1)
            torch.add(minus_one, half_g, alpha=2, out=g)
            after = torch.mul(i, g, out=cells[time + 1]).addcmul_(f, cells[time])
            tanh = torch.add(after, after, out=squashed[time]).sigmoid_()
            torch.add(minus_one, tanh, alpha=2, out=tanh)
            read[time + 1, :, inputs:] = torch.mul(o, tanh, out=said[time])
        ctx.save_for_backward(read, gates, cells, squashed, doubled)
        return said, cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_said: Tensor, to_last_cell: Tensor) -> tuple[Tensor, ...]:
        read, gates, cells, squashed, doubled = ctx.saved_tensors
        steps, rows, size = squashed.shape
        inputs = read.shape[2] - size
        product = _product(doubled.t(), rows)
        to_gates = torch.empty_like(gates, dtype=torch.bfloat16)
        to_read = torch.empty_like(read[:-1])
        to_hidden, to_cell = torch.zeros_like(cells[0]), to_last_cell.clone()
        minus_one, zeros = gates.new_tensor(-1.0), torch.zeros_like(to_cell)
        work, g, errors = torch.empty_like(to_cell), torch.empty_like(to_cell), torch.empty_like(gates[0])
        to_i, to_f, to_half_g, to_o = errors.chunk(4, dim=1)
        for time in range(steps - 1, -1, -1):
            i, f, half_g, o = gates[time].chunk(4, dim=1)
            tanh = squashed[time]
            to_hidden += to_said[time]
            torch.mul(to_hidden, o, out=work)
            to_cell += torch.ops.aten.tanh_backward.grad_input(work, tanh, grad_input=work)
            torch.add(minus_one, half_g, alpha=2, out=g)
            torch.mul(to_cell, g, out=to_i)
            torch.mul(to_cell, cells[time], out=to_f)
            torch.addcmul(zeros, to_cell, i, value=2, out=to_half_g)
            torch.mul(to_hidden, tanh, out=to_o)
            torch.ops.aten.sigmoid_backward.grad_input(errors, gates[time], grad_input=errors)
            to_cell *= f
            to_read[time] = product(to_gates[time].copy_(errors), None)
            to_hidden.copy_(to_read[time, :, inputs:])
        all_errors = to_gates.flatten(0, 1)  # [T*B,4*H]
        to_matrix = _double_g(torch.mm(all_errors.t(), read[:-1].flatten(0, 1)).float())
        ones = all_errors.new_ones(1, steps * rows)
        to_bias = _double_g(torch.mm(ones, all_errors).float().squeeze(0))
        return to_read[:, :, :inputs].float(), to_hidden, to_cell, to_matrix, to_bias


def _double_g(weights: Tensor) -> Tensor:
    """A copy with the rows of the gate g doubled, [4*H,...]."""
    copy = weights.clone()
    copy.view(4, -1)[2].mul_(2)
    return copy


def _product(matrix: Tensor, rows: int) -> Product:
    """Products with one matrix [N,K] for many steps of so many rows; laid out once for the kernel, where it can be."""
    if matrix.device.type != "cpu" or not _CAN_LAY_OUT:
        return lambda read, bias: functional.linear(read, matrix, bias)
    laid_out = torch.ops.mkldnn._reorder_linear_weight(matrix.contiguous(), rows)
    return lambda read, bias: torch.ops.mkldnn._linear_pointwise(read, laid_out, bias, "none", [], "")


def _can_lay_out() -> bool:
    """Whether oneDNN multiplies with a matrix in its own layout here; torch does so itself, but promises nothing."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    one = torch.ones(1, 1, dtype=torch.bfloat16)
    try:
        laid_out = torch.ops.mkldnn._reorder_linear_weight(one, 1)
        return float(torch.ops.mkldnn._linear_pointwise(one, laid_out, None, "none", [], "")) == 1.0
    except (AttributeError, RuntimeError, TypeError):
        return False


_CAN_LAY_OUT = _can_lay_out()
