"""One long text read in several rows at once, and in the end as if in one row from its beginning.

A row alone leaves most of a processor idle: each word waits for the one before, and all recurrent weights are read for
it. Rows that read different places share the weights, but only the first begins with the right memory:

    row 0     0 1 2 3 4 5     its memory at the end is the right one for row 1,
    row 1     6 7 8 9 ...     which is read again from there, window by window, until that makes no difference any more.

A network forgets: memories that differ by everything come together tenfold every few hundred words. Where they do not,
all is read again, row by row. Memories stay on the processor, wherever the network is. T = time steps, R = rows,
H = hidden size, N = words.
"""

from collections.abc import Generator, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from rnntui.lm.generator import one_thread
from rnntui.lm.hardware.devices import CPU
from rnntui.lm.model import HiddenState, WordRNN

ROWS = 8
"""More are no faster."""
LEAST_PER_ROW = 4_096
"""Words. The starter's memories of the same place are alike after 2,000 to 3,000."""
MOST_AT_ONCE = ROWS << 14
"""Words. A longer text is read in pieces of so many, each from the memory after the one before."""
_STEPS = 256
_ALIKE = 1e-3
"""Largest difference between two memories that count as the same; the words after it then differ by 1e-9 of their
nats, a hundredth of what the order of the sums makes."""


def log_probability_steps(
    model: WordRNN, ids: Tensor, state: HiddenState | None = None, rows: int = 0
) -> Generator[float, None, tuple[Tensor, HiddenState]]:
    """Natural logarithm of the probability of each word of a text but the first; yields the share that is done.

    Args:
        model: In any mode; read without dropout.
        ids: [N], at least one.
        state: The memory before the first word; an empty one when None.
        rows: At most so many; 0 takes what is fastest.

    Returns:
        [N-1] in float64, and the memory before the last word: for going on with the last word as the first.
    """
    words, state = ids.numel() - 1, state or model.zero_state().to(CPU)
    logs, done = [torch.empty(0, dtype=torch.float64)], 0
    for start in range(0, words, MOST_AT_ONCE):
        part = ids[start : start + MOST_AT_ONCE + 1].long()
        piece, before, size = _Piece(model, part, rows), done, part.numel() - 1
        for read in piece.read(state):
            done = max(done, before + min(size, read))
            yield done / words
        done, state = before + size, piece.after
        logs.append(piece.logs())
    return torch.cat(logs), state


class _Piece:
    """A piece of text in rows.

    Args:
        model: The network.
        ids: [N+1]; N words are read and as many are scored.
        rows: At most so many; 0 takes what is fastest.
    """

    def __init__(self, model: WordRNN, ids: Tensor, rows: int) -> None:
        words = ids.numel() - 1
        self._model = model
        self._count = count = max(1, min(rows or ROWS, words // LEAST_PER_ROW if not rows else words))
        length = words // count
        self._inputs = ids[: count * length].view(count, length)  # [R,T]
        self._targets = ids[1 : count * length + 1].view(count, length)
        self._rest = ids[count * length :]  # fewer words than rows
        self._logs = torch.empty(count, length, dtype=torch.float64)
        self._rest_logs = torch.empty(0, dtype=torch.float64)
        self._before: list[dict[str, Tensor]] = []  # the memories at the beginning of each window
        self.after = model.zero_state().to(CPU)
        self._read = 0

    def logs(self) -> Tensor:
        """All logarithms [N], after `read`."""
        return torch.cat((self._logs.flatten(), self._rest_logs))

    def read(self, state: HiddenState) -> Generator[int, None, None]:
        """Read all of it from this memory on; yields how many words were read, those read again included."""
        rows = list(range(self._count))
        empty = self._model.zero_state(self._count - 1).to(CPU)
        begin = {name: torch.cat((part, empty.parts[name]), dim=1) for name, part in state.parts.items()}
        ends = {name: torch.empty_like(part) for name, part in begin.items()}
        while rows:
            reached, end = yield from self._windows(rows, begin)
            for name, memory in ends.items():
                memory[:, reached] = end[name]
            rows = [row + 1 for row in reached if row + 1 < self._count]
            begin = {name: memory[:, [row - 1 for row in rows]] for name, memory in ends.items()}
        self.after = HiddenState(MappingProxyType({name: memory[:, -1:].clone() for name, memory in ends.items()}))
        if self._rest.numel() > 1:
            self._rest_logs, self.after = self._score(self._rest[None, :-1], self._rest[None, 1:], self.after)
            self._rest_logs = self._rest_logs.flatten()

    def _windows(
        self, rows: Sequence[int], memories: dict[str, Tensor]
    ) -> Generator[int, None, tuple[list[int], dict[str, Tensor]]]:
        """Read some rows from these memories [L,R,H] on, each until it goes on as it did before.

        Returns:
            The rows that were read to their end, and their memories there.
        """
        reading = list(rows)
        for number, start in enumerate(range(0, self._inputs.shape[1], _STEPS)):
            if number == len(self._before):
                self._before.append({name: part.clone() for name, part in memories.items()})
            else:
                is_other = _differ(memories, {name: part[:, reading] for name, part in self._before[number].items()})
                reading = [row for row, other in zip(reading, is_other.tolist(), strict=True) if other]
                memories = {name: part[:, is_other] for name, part in memories.items()}
                if not reading:
                    break
                for name, part in self._before[number].items():
                    part[:, reading] = memories[name]
            window = slice(start, start + _STEPS)
            state = HiddenState(MappingProxyType(memories))
            logs, after = self._score(self._inputs[reading, window], self._targets[reading, window], state)
            self._logs[reading, window] = logs
            memories = dict(after.parts)
            self._read += logs.numel()
            yield self._read
        return reading, memories

    def _score(self, inputs: Tensor, targets: Tensor, state: HiddenState) -> tuple[Tensor, HiddenState]:
        """The logarithms [R,T] of targets [R,T] after inputs [R,T], and the memory after them.

        On one thread: two gain a third where nothing else runs, and lose most of their time waiting for each other at
        every word where something does.
        """
        was_training, device = self._model.training, self._model.device
        self._model.eval()
        with one_thread(), torch.inference_mode():
            hidden, after = self._model(inputs.T.contiguous().to(device), state.to(device))
            logs = self._model.target_log_probabilities(hidden.flatten(0, 1), targets.T.flatten().to(device))
        self._model.train(was_training)
        return logs.cpu().double().view(inputs.shape[1], inputs.shape[0]).T, after.to(CPU)


def _differ(one: dict[str, Tensor], other: dict[str, Tensor]) -> Tensor:
    """[R], in which rows two memories are not alike."""
    gaps = [(part - other[name]).abs().amax(dim=(0, 2)) for name, part in one.items()]
    return torch.stack(gaps).amax(dim=0) > _ALIKE
