"""Where a network that has learned is put: on a device that has room for it, or on the one that reads faster."""

import time
from collections.abc import Callable

import torch
from torch import Tensor

from rnntui.lm.evaluation import mean_nats
from rnntui.lm.hardware.devices import CPU, free_unused, is_out_of_memory
from rnntui.lm.model import WordRNN

_TRIED_WORDS = 4_096
_ROWS = 8


def move_if_it_fits(model: WordRNN, device: torch.device) -> bool:
    """Send a network to a device and let it say a word there; False, and it is back, when memory is too full for it."""
    try:
        _say_a_word(model.to(device))
    except RuntimeError as problem:
        if not is_out_of_memory(problem):
            raise
    else:
        return True
    model.to(CPU)  # the problem is gone by now, and with it what it held
    free_unused()
    return False


def move_to_faster_device(
    model: WordRNN, device: torch.device, ids: Tensor, clock: Callable[[], float] = time.perf_counter
) -> None:
    """Let a network read the beginning of a text on the processor and on another device, and leave it on the faster.

    Args:
        model: In any mode.
        device: Another one than the processor.
        ids: [N], at least a few words in each of eight rows.
        clock: Seconds that only rise.
    """
    piece = ids[:_TRIED_WORDS].long()
    here, there = (_seconds(model.to(where), piece, clock) for where in (CPU, device))
    model.to(device if there < here else CPU)


def _seconds(model: WordRNN, ids: Tensor, clock: Callable[[], float]) -> float:
    mean_nats(model, ids, _ROWS)  # the first time, a device prepares itself
    began = clock()
    mean_nats(model, ids, _ROWS)
    return clock() - began


@torch.inference_mode()
def _say_a_word(model: WordRNN) -> None:
    state = model.step(0, model.zero_state())
    float(model.log_probabilities(state.parts["h"][-1, 0]).sum())
