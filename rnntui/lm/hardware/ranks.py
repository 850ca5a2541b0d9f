"""What several processes that learn together do at once: rank 0 leads, the others follow. Starts no process.

Each has the whole network and reads its own rows of every batch; the gradients are averaged, so that all make the same
step. Rank 0 alone knows the text, the clock and what the person wants. Before each collective operation it says what
comes, in a message of two parts:

    [kind, bytes that follow, learning rate]    then the batch's tokens, or a state, or nothing

so the others need no text, no folder and no clock, and no rank decides on its own. T = time steps, B = batch size.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from rnntui.errors import InputError, ProcessLostError
from rnntui.lm.model import HiddenState
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.train_state import TrainState, pack, unpack

BEGIN, RESTORE, STEP, GATHER, END = range(5)
"""What comes next: a network to build, a state to go on from, a step, the hidden states of all, or nothing more."""
_FOREVER = timedelta(days=3_650)
"""How long a rank waits for another: an evaluation and a pause take what they take, and a rank that dies is noticed at
once, because its connections close."""
_ONE_BUCKET = 4_096
"""Megabytes of gradients averaged in one go: the tied matrix is most of them and is complete last, so that there is
nothing to overlap."""
_LOOPBACK = {"linux": "lo", "darwin": "lo0"}
"""What leads from a machine to itself: processes of one machine speak through it alone."""


class SingleProcess:
    """One process: all rows are its own, and there are no others.

    Attributes:
        number: 0 leads.
        count: Processes in all.
        is_over: True when the others are not needed any more, or one of them is lost.
    """

    number = 0
    count = 1
    is_over = False

    def own_rows(self, rows: int) -> slice:
        """Which of so many rows this process reads."""
        return slice(0, rows)

    def average_gradients(self, module: nn.Module) -> nn.Module:
        """The same module, whose gradients are the mean over all processes when they have been worked out."""
        return module

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a number over all processes, the same to the last bit in each."""
        return value

    @contextlib.contextmanager
    def collective(self) -> Iterator[None]:
        """Around a collective operation, which all of them do at once.

        Raises:
            ProcessLostError: If one of them has ended.
        """
        yield

    def begin(self, state: TrainState, *, is_new: bool) -> None:
        """Let the others begin, or go on from another state.

        Args:
            state: With everything a step needs, and the hidden state of all rows.
            is_new: True for a network that they do not know yet.
        """

    def announce_step(self, batch: Batch, rate: float) -> None:
        """Let the others take a step; this process takes it as well."""

    def gather(self, state: HiddenState | None) -> HiddenState | None:
        """The hidden state of all rows, from that of this process's rows."""
        return state

    def select_own(self, state: HiddenState | None) -> HiddenState | None:
        """The hidden state of this process's rows, from that of all."""
        return state

    def end(self) -> None:
        """Let the others end."""


class Ranks(SingleProcess):
    """One of several processes, connected to all others.

    Args:
        number: 0 leads.
        count: Processes in all, at least 2 and at most as many as there are rows.

    Attributes:
        is_begun: True while the others have something to do.
    """

    def __init__(self, number: int, count: int) -> None:
        self.number, self.count = number, count
        self._all_rows = 0
        self.is_begun = False
        self._is_mid_step = False

    def own_rows(self, rows: int) -> slice:
        """Which of so many rows this process reads: as many as any other, or one more."""
        self._all_rows = rows
        return slice(*_row_range(rows, self.count, self.number))

    def average_gradients(self, module: nn.Module) -> nn.Module:
        """See `SingleProcess`.  Source: Li et al. 2020, PyTorch Distributed."""
        from torch.nn.parallel import DistributedDataParallel

        for weight in module.parameters():
            if not weight.numel():
                weight.requires_grad_(False)  # it has no gradient, and would be waited for
        with self.collective():
            return DistributedDataParallel(
                module,
                bucket_cap_mb=_ONE_BUCKET,
                gradient_as_bucket_view=True,
            )

    def mean(self, value: Tensor) -> Tensor:
        """See `SingleProcess`."""
        import torch.distributed as dist

        total = value.detach().clone()
        with self.collective():
            dist.all_reduce(total)
        self._is_mid_step = False
        return total / self.count

    @contextlib.contextmanager
    def collective(self) -> Iterator[None]:
        """See `SingleProcess`."""
        try:
            yield
        except RuntimeError as problem:
            if not _is_connection_error(problem):
                raise
            self.is_begun, self.is_over = False, True
            raise process_lost_error(self.count) from problem

    def begin(self, state: TrainState, *, is_new: bool) -> None:
        """See `SingleProcess`."""
        self._broadcast(BEGIN if is_new else RESTORE, payload=_as_tensor(pack(state)))
        self.is_begun = True

    def announce_step(self, batch: Batch, rate: float) -> None:
        """See `SingleProcess`."""
        self._broadcast(STEP, rate, torch.stack((batch.inputs, batch.targets)).cpu())
        self._is_mid_step = True

    def gather(self, state: HiddenState | None) -> HiddenState | None:
        """See `SingleProcess`; before the beginning and after the end, what is given is that of all rows."""
        if not self.is_begun or state is None:
            return state
        self._broadcast(GATHER)
        return self.send_own(state)

    def send_own(self, state: HiddenState) -> HiddenState:
        """The hidden state of all rows, for rank 0; every rank sends its own."""
        parts = {name: self._sum_shares(part) for name, part in state.parts.items()}
        return HiddenState(MappingProxyType(parts))

    def select_own(self, state: HiddenState | None) -> HiddenState | None:
        """See `SingleProcess`."""
        if state is None:
            return None
        own = self.own_rows(next(iter(state.parts.values())).shape[1])
        return HiddenState(MappingProxyType({name: part[:, own].clone() for name, part in state.parts.items()}))

    def end(self) -> None:
        """See `SingleProcess`; in the middle of a step, they notice that this process is gone."""
        import torch.distributed as dist

        if self.is_begun and not self._is_mid_step:
            with contextlib.suppress(ProcessLostError):
                self._broadcast(END)
        self.is_begun, self.is_over = False, True
        if dist.is_initialized():
            dist.destroy_process_group()

    def receive(self) -> "Message":
        """The next message, for all ranks but 0."""
        import torch.distributed as dist

        with self.collective():
            head = torch.zeros(3, dtype=torch.float64)
            dist.broadcast(head, 0)
            kind, size, rate = int(head[0]), int(head[1]), float(head[2])
            payload = torch.empty(size, dtype=torch.uint8)
            if size:
                dist.broadcast(payload, 0)
        return Message(kind, rate, payload)

    def _broadcast(self, kind: int, rate: float = 0.0, payload: Tensor | None = None) -> None:
        import torch.distributed as dist

        data = torch.empty(0, dtype=torch.uint8) if payload is None else payload.contiguous().view(-1).view(torch.uint8)
        with self.collective():
            dist.broadcast(torch.tensor([kind, data.numel(), rate], dtype=torch.float64), 0)
            if data.numel():
                dist.broadcast(data, 0)

    def _sum_shares(self, part: Tensor) -> Tensor:
        """[L,b,H] of each rank -> [L,B,H], by a sum: shares may differ in size, which a gathering does not take."""
        import torch.distributed as dist

        whole = torch.zeros(part.shape[0], self._all_rows, part.shape[2], dtype=part.dtype)
        whole[:, self.own_rows(self._all_rows)] = part.cpu()
        with self.collective():
            dist.reduce(whole, 0)
        return whole


@dataclass(frozen=True, slots=True)
class Message:
    """A message of rank 0."""

    kind: int
    rate: float
    payload: Tensor
    """Bytes."""

    def state(self) -> TrainState:
        """What BEGIN and RESTORE bring."""
        return unpack(self.payload.numpy().tobytes())

    def batch(self, rows: int) -> Batch:
        """What STEP brings.

        Args:
            rows: B
        """
        inputs, targets = self.payload.view(torch.int64).view(2, -1, rows)
        return Batch(inputs, targets, 0)


def process_lost_error(count: int) -> ProcessLostError:
    """What to say when one of so many processes has ended."""
    return ProcessLostError(
        f"One of the {count} processes that learn together has ended.",
        "Go on from what was kept last, if it had come so far.",
    )


def connect(number: int, count: int, file: str = "") -> Ranks:
    """Connect to all other processes; waits until all are there.

    Args:
        number: 0 leads.
        count: Processes in all.
        file: Through which processes of one machine find each other, so that nothing listens anywhere; it is not there
            yet. Without one they find each other as torchrun says.

    Raises:
        InputError: If this PyTorch cannot do it.
        ProcessLostError: If a connection fails.
    """
    import torch.distributed as dist

    if not dist.is_available() or not dist.is_gloo_available():
        raise InputError("This PyTorch cannot let several processes learn together.", "Leave out --processes.")
    if file and sys.platform in _LOOPBACK:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", _LOOPBACK[sys.platform])
    try:
        store = dist.FileStore(file, count) if file else None  # type: ignore[attr-defined]
        place: dict[str, Any] = {"store": store, "rank": number, "world_size": count} if file else {}
        dist.init_process_group(_backend(number, count), timeout=_FOREVER, **place)
    except RuntimeError as problem:
        raise ProcessLostError(
            f"The {count} processes that are to learn together could not be connected.",
            "Try again; with --processes 1 none is needed.",
        ) from problem
    ranks = Ranks(number, count)
    ranks.average_gradients(
        nn.Linear(1, 1)
    )  # with its first module PyTorch loads for a second what the others need as well
    return ranks


def _backend(number: int, count: int) -> str:
    """Gloo for what is on processors, NCCL for what is on graphics cards, of which each process then has its own."""
    import torch.distributed as dist

    here = int(os.environ.get("LOCAL_WORLD_SIZE", count))
    if not dist.is_nccl_available() or torch.cuda.device_count() < here:
        return "gloo"
    torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", number)))
    return "cpu:gloo,cuda:nccl"


def _row_range(rows: int, count: int, number: int) -> tuple[int, int]:
    return number * rows // count, (number + 1) * rows // count


def _as_tensor(data: bytes) -> Tensor:
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def _is_connection_error(problem: RuntimeError) -> bool:
    import torch.distributed as dist

    return isinstance(problem, dist.DistError) or any(word in str(problem) for word in ("gloo", "onnection", "NCCL"))
