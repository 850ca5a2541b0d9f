"""Ids -> batches for teacher forcing: every row reads the whole text without ever jumping.

    text      0 1 2 3 4 5 6 7 8 9 10 11        rows = 3, bptt_length = 2
    row 0     [0 1][2 3][4 5] ...              row r starts at r/rows of the text and goes on around its end,
    row 1     [4 5][6 7][8 9] ...              so the memory of each row is carried from batch to batch and
    row 2     [8 9][10 11][0 1] ...            the window borders move from pass to pass

Targets are the inputs advanced by one token: what the network should predict does not depend on what it did predict.
Knows nothing of models.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.lm.train.train_state import TrainState


@dataclass(frozen=True, slots=True)
class Batch:
    """A window of the text in each row."""

    inputs: Tensor
    """[T,B]"""
    targets: Tensor
    """[T,B], the inputs advanced by one."""
    cursor: int
    """Tokens each row has read before this window."""

    def select(self, rows: slice) -> "Batch":
        """The same window in some of the rows."""
        return Batch(self.inputs[:, rows].contiguous(), self.targets[:, rows].contiguous(), self.cursor)

    def to(self, device: torch.device) -> "Batch":
        """The same window where the network is. A graphics card fetches it while it still computes the last one."""
        if device.type == "cpu":
            return self
        return Batch(_send(self.inputs, device), _send(self.targets, device), self.cursor)


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
            tokens = self.ids[(window + starts + cursor) % length].long()  # [T+1,B]
            yield Batch(tokens[:-1], tokens[1:], cursor)
            cursor += self.bptt_length

    def passes(self, cursor: int) -> float:
        """How often the text was read when every row is at `cursor`."""
        return cursor * self.rows / self.ids.numel()


class TextReader:
    """Where a run stands in its text: the batch that is next, and how much was read.

    Args:
        ids: [N], the text; N at least 2.
        rows: B
        bptt_length: T

    Attributes:
        rows: B by now; halved where memory is full.
        cursor: Tokens that each row has read.
    """

    def __init__(self, ids: Tensor, rows: int, bptt_length: int) -> None:
        self._ids = ids
        self._bptt_length = bptt_length
        self._more_read = 0  # tokens, beyond what the rows that are left have read
        self.rows = rows
        self.cursor = 0
        self._batches = self._from_cursor()

    @property
    def tokens_read(self) -> int:
        """Tokens, counted as often as they were read."""
        return self.cursor * self.rows + self._more_read

    @property
    def passes(self) -> float:
        """How often the text was read."""
        return self.tokens_read / self._ids.numel()

    def next_batch(self) -> Batch:
        """The batch at the cursor, which stays until `advance`."""
        return next(self._batches)

    def advance(self) -> None:
        """The batch was learned from."""
        self.cursor += self._bptt_length

    def halve_rows(self) -> None:
        """Read on in every second row, each from where it is; the batch at the cursor is read again."""
        before, self.rows = self.rows, self.rows // 2
        self._more_read += self.cursor * (before - self.rows)
        self._batches = self._from_cursor()

    def state(self) -> TrainState:
        """What a run needs to go on from here."""
        return TrainState({}, {"cursor": self.cursor, "more_read": self._more_read, "rows": self.rows})

    def restore(self, state: TrainState) -> None:
        """Go on from there, in the rows that this run has."""
        self.cursor, self._more_read = state.facts["cursor"], state.facts["more_read"]
        self._batches = self._from_cursor()

    def _from_cursor(self) -> Iterator[Batch]:
        return Streams(self._ids, self.rows, self._bptt_length).batches(self.cursor)


def _send(tokens: Tensor, device: torch.device) -> Tensor:
    if device.type != "cuda":
        return tokens.to(device)
    return tokens.pin_memory().to(device, non_blocking=True)


def windows(ids: Tensor, length: int, rows: int = 1) -> Iterator[tuple[Tensor, Tensor]]:
    """A text once, in order, for evaluation: inputs and targets, each [T,B] with T at most `length`.

    With more than one row the text is cut into that many parts; tokens that do not fill the last column are left out.
    Every token but the first of each part is a target exactly once.
    """
    columns = (ids.numel() - 1) // rows
    inputs = ids[: columns * rows].view(rows, columns).T
    targets = ids[1 : columns * rows + 1].view(rows, columns).T
    for start in range(0, columns, length):
        yield inputs[start : start + length], targets[start : start + length]
