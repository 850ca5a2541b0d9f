"""Ids -> batches for teacher forcing: every row reads the whole text without ever jumping.

    text      0 1 2 3 4 5 6 7 8 9 10 11        rows = 3, bptt_length = 2
    row 0     [0 1][2 3][4 5] ...              row r starts at r/rows of the text and goes on around its end,
    row 1     [4 5][6 7][8 9] ...              so the memory of each row is carried from batch to batch and
    row 2     [8 9][10 11][0 1] ...            the window borders move from pass to pass

Targets are the inputs advanced by one word: what the network should say next does not depend on what it did say.
Knows nothing of models.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """A window of the text in each row."""

    inputs: Tensor
    """[T,B]"""
    targets: Tensor
    """[T,B], the inputs advanced by one."""
    cursor: int
    """Words each row has read before this window."""

    def of(self, rows: slice) -> "Batch":
        """The same window in some of the rows."""
        return Batch(self.inputs[:, rows].contiguous(), self.targets[:, rows].contiguous(), self.cursor)

    def on(self, device: torch.device) -> "Batch":
        """The same window where the network is. A graphics card fetches it while it still computes the last one."""
        if device.type == "cpu":
            return self
        return Batch(_sent(self.inputs, device), _sent(self.targets, device), self.cursor)


@dataclass(frozen=True, slots=True)
class Streams:
    """An endless walk through a text in several rows at once.

    Args:
        ids: [N], the text; N at least 2.
        rows: B
        bptt_length: T
    """

    ids: Tensor
    rows: int
    bptt_length: int

    def batches(self, cursor: int = 0) -> Iterator[Batch]:
        """Batches without end, from any place: the cursor is all there is to remember."""
        length = self.ids.numel()
        starts = torch.arange(self.rows) * length // self.rows  # [B]
        window = torch.arange(self.bptt_length + 1).unsqueeze(1)  # [T+1,1]
        while True:
            words = self.ids[(window + starts + cursor) % length].long()  # [T+1,B]
            yield Batch(words[:-1], words[1:], cursor)
            cursor += self.bptt_length

    def passes(self, cursor: int) -> float:
        """How often the text was read when every row is at `cursor`."""
        return cursor * self.rows / self.ids.numel()


def _sent(words: Tensor, device: torch.device) -> Tensor:
    if device.type != "cuda":
        return words.to(device)
    return words.pin_memory().to(device, non_blocking=True)


def windows(ids: Tensor, length: int, rows: int = 1) -> Iterator[tuple[Tensor, Tensor]]:
    """A text once, in order, for measuring: inputs and targets, each [T,B] with T at most `length`.

    With more than one row the text is cut into that many parts; words that do not fill the last column are left out.
    Every word but the first of each part is a target exactly once.
    """
    columns = (ids.numel() - 1) // rows
    inputs = ids[: columns * rows].view(rows, columns).T
    targets = ids[1 : columns * rows + 1].view(rows, columns).T
    for start in range(0, columns, length):
        yield inputs[start : start + length], targets[start : start + length]
