"""A matrix in one byte a number: each row as whole numbers and the step between them.

What comes back has the 11 significant bits of half precision, like any weight that is kept: the same floats on every
machine, and no loss where they are packed for speaking. R = rows, C = columns.
"""

import torch
from torch import Tensor

LARGEST_STEP = 511.0
"""128 of them are still a number of half precision."""
_MOST = 127


def quantize(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The whole numbers [R,C] in int8, and the step [R] in half precision: the largest number of a row is 127 of them.

    Args:
        matrix: [R,C]
    """
    steps = (matrix.float().abs().amax(dim=1) / _MOST).clamp(max=LARGEST_STEP).to(torch.float16)
    divisors = torch.where(steps > 0, steps.float(), 1.0)  # a row of noughts stays one
    numbers = (matrix.float() / divisors[:, None]).round().clamp(-_MOST, _MOST).to(torch.int8)
    return numbers, steps


def dequantize(numbers: Tensor, steps: Tensor) -> Tensor:
    """The matrix [R,C] in float32. A product of 8 and 11 bits is exact; it is rounded once, to half precision.

    Args:
        numbers: [R,C] in int8.
        steps: [R] in half precision, at most LARGEST_STEP.
    """
    return (numbers.float() * steps.float()[:, None]).to(torch.float16).float()
