"""In which ways training is tried before a run begins: devices, and several processes where they may pay."""

import logging
import re
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import ProcessLostError
from rnntui.events import TrainEvent
from rnntui.records import TrainRequest
from rnntui.service.prepare.data_prep import report_speed
from rnntui.service.run.followers import FollowerGroup
from rnntui.setting_fields import checked_value
from rnntui.settings import TrainConfig

if TYPE_CHECKING:
    from rnntui.lm.hardware.calibration import Candidate, Trial

log = logging.getLogger(__name__)

_WORTH_TRYING = ((4, 300.0), (2, 900.0))
"""So many threads and seconds. On two cores two processes of one thread are 1.05 to 1.1 times as fast as one of two,
see tests/benchmarks/LOG.md, and what they need to begin is paid back after five minutes; more threads wait for each
other more often."""
_MOST_TRIED = 4
_LARGE_TEXT_BYTES = 1_500_000
"""A shorter text is read in fewer rows, of which each process would have too few."""
_ROOM_BYTES = 3 << 30
"""A process that learns takes about 400 MB beside its network."""
_DECIDED = ("threads", "device", "rows")
"""Who says one of these is not surprised with more processes."""
_SECONDS = 2.0


def requested_threads(request: TrainRequest) -> int:
    """Processor threads that may be used; 0 where nothing was said of them."""
    return int(checked_value(TrainConfig, "threads", request.overrides.get("threads", 0)))


def requested_processes(request: TrainRequest, group: FollowerGroup) -> int:
    """How many processes are to learn together; 0 where nothing was said of them."""
    asked = request.overrides.get("processes")
    return group.wanted or (int(checked_value(TrainConfig, "processes", asked)) if asked is not None else 0)


def processes_to_start(request: TrainRequest, size: int, group: FollowerGroup) -> int:
    """How many to start while the text is still read: those that were asked for, or as many as are worth trying.

    Args:
        request: What was asked for.
        size: Bytes of the text.
        group: What torchrun has started, if it has.
    """
    import torch

    if requested := requested_processes(request, group):
        return requested
    threads, seconds = torch.get_num_threads(), 60.0 * request.minutes
    is_open = not any(name in request.overrides for name in _DECIDED)
    is_long = any(threads >= most and seconds >= least for most, least in _WORTH_TRYING)
    is_worth_it = is_open and is_long and size >= _LARGE_TEXT_BYTES and not torch.cuda.is_available()
    return min(threads, _MOST_TRIED) if is_worth_it and _has_room() else 1


def find_fastest(request: TrainRequest, group: FollowerGroup) -> Generator[TrainEvent, None, "Trial"]:
    """The fastest way to train here among those that are open; what is not needed is ended.

    Raises:
        ProcessLostError: If one of the processes that were asked for has ended.
    """
    import torch

    if threads := requested_threads(request):
        torch.set_num_threads(threads)
    try:
        best = yield from _find_fastest(request, group)
    except ProcessLostError as problem:
        if requested_processes(request, group):
            raise
        log.warning("only one process learns: %s", problem)
        group.dismiss()
        best = yield from _find_fastest(request, group)
    if best.candidate.processes == 1:
        group.dismiss()
    return best


def _find_fastest(request: TrainRequest, group: FollowerGroup) -> Generator[TrainEvent, None, "Trial"]:
    from rnntui.lm.hardware.calibration import fastest, trial_steps

    ranks = group.connect_all()
    work = trial_steps(_candidates(request, group), seconds=min(_SECONDS, request.minutes), ranks=ranks)
    return fastest((yield from report_speed(work)))


def _candidates(request: TrainRequest, group: FollowerGroup) -> "list[Candidate]":
    """The ways that were not decided about, the usual one first. What is multiplied is tried when there is a shape."""
    import torch

    from rnntui.lm.hardware.calibration import Candidate

    arithmetic = str(request.overrides.get("arithmetic", "float32"))
    together = Candidate(
        threads=requested_threads(request) or max(1, torch.get_num_threads() // group.count),
        processes=group.count,
        device=str(request.overrides.get("device", "cpu")),
        arithmetic=arithmetic,
    )
    if requested_processes(request, group) > 1:
        return [together]
    alone = [Candidate(device=name, arithmetic=arithmetic) for name in _devices(request)]
    return [*alone, together] if group.count > 1 else alone


def _has_room() -> bool:
    """Whether there is memory for a few more processes; True where the system does not tell."""
    try:
        facts = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return True
    found = re.search(r"^MemAvailable: +([0-9]+) kB$", facts, re.MULTILINE)
    return found is None or 1024 * int(found[1]) >= _ROOM_BYTES


def _devices(request: TrainRequest) -> list[str]:
    from rnntui.lm.hardware.devices import find_devices

    if asked := request.overrides.get("device"):
        return [str(asked)]
    return [device.name for device in find_devices() if not device.refusal]
