"""The tests of the language model: one thread, tiny networks, and texts that fit on a screen."""

from collections.abc import Iterator

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """A trainer may set the number of threads; the next test does not inherit it."""
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(1)
