"""What can compute here: the processor, an NVIDIA card through CUDA, an Apple one through mps. And why not.

Knows nothing of networks. Every sentence of PyTorch or a driver is foreign text and is made harmless before it is told.
"""

import contextlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from rnntui.errors import DeviceError, InputError, MemoryFullError, RnntuiError
from rnntui.settings import DEVICES
from rnntui.text import plural, visible_line

CPU = torch.device("cpu")
SPEAKING_REASON = (
    "a word at a time is a few hundred thousand products, done before a graphics card has heard of them, so a model "
    "speaks on the processor unless --device says otherwise"
)
_LONGEST_REASON = 160
_OUT_OF_MEMORY = (
    "CUDA out of memory",
    "MPS backend out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "DefaultCPUAllocator",
)
"""How those say it that have no exception for it."""
_NOT_THERE = ("not currently implemented for the MPS", "not currently supported on the MPS", "Cannot convert a MPS")


@dataclass(frozen=True, slots=True)
class Found:
    """One device, as it was found."""

    name: str
    """One of DEVICES."""
    described: str
    """What it is and how much memory it has; empty where there is none."""
    refusal: str
    """Why it cannot be used; empty when it can."""


def find_device(name: str) -> Found:
    """Look for a device. One that is there has computed a sum, so that a driver which does not fit is noticed."""
    if name == "cpu":
        return Found(name, plural(torch.get_num_threads(), "thread"), "")
    refusal = _cuda_refusal() if name == "cuda" else _mps_refusal()
    if refusal:
        return Found(name, "", refusal)
    try:
        described = _described_cuda() if name == "cuda" else _described_mps()
        float(torch.ones(2, device=_device(name)).sum())
    except (RuntimeError, AssertionError, NotImplementedError) as problem:
        return Found(name, "", f"it was found and does not compute: {_harmless(problem)}")
    return Found(name, described, "")


def find_devices() -> tuple[Found, ...]:
    """Every device that this program can use, the processor first."""
    return tuple(find_device(name) for name in DEVICES)


def open_device(name: str) -> torch.device:
    """A device to compute on, made to round as the processor does: no shortened float32, no sums in random order.

    Raises:
        InputError: If it is not there, with the reason.
    """
    if name == "cpu":
        return CPU
    looked = find_device(name)
    if looked.refusal:
        raise InputError(f"Nothing can be computed on {name} here: {looked.refusal}.", "Use --device cpu, or auto.")
    if name == "cuda":
        _round_like_a_processor()
    return _device(name)


def best_card() -> str:
    """The name of a device other than the processor that is there; empty where there is none."""
    return next((device.name for device in find_devices() if device.name != "cpu" and not device.refusal), "")


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether a problem of PyTorch's means that memory is full, that of a card or of the machine."""
    if isinstance(problem, torch.OutOfMemoryError):
        return True
    return isinstance(problem, RuntimeError) and any(words in str(problem) for words in _OUT_OF_MEMORY)


@contextlib.contextmanager
def translate_device_errors(device: torch.device) -> Iterator[None]:
    """What a device gives up with comes out as a sentence; what has nothing to do with it, as it was.

    Raises:
        DeviceError: If it lacks an operation, or its driver gave up.
        MemoryFullError: If there is no memory left.
    """
    try:
        yield
    except RnntuiError:
        raise
    except RuntimeError as problem:  # NotImplementedError is one
        if is_out_of_memory(problem):
            raise memory_full(device.type) from problem
        if isinstance(problem, NotImplementedError) or any(words in str(problem) for words in _NOT_THERE):
            raise DeviceError(
                f"This torch lacks an operation of the network on {device.type}: {_harmless(problem)}.",
                "Use --device cpu.",
            ) from problem
        if isinstance(problem, getattr(torch, "AcceleratorError", ())):
            raise DeviceError(
                f"{device.type} gave up: {_harmless(problem)}.", "Look at its driver, or use --device cpu."
            ) from problem
        raise


def memory_owner(name: str) -> str:
    """Whose memory is full when that of a device is."""
    return "this machine" if name == "cpu" else name


def memory_full(name: str) -> MemoryFullError:
    """What to say when the memory of a device is full."""
    return MemoryFullError(
        f"The memory of {memory_owner(name)} is full.",
        "Close other programs, take fewer --rows or a smaller --hidden-size"
        + (", or use --device cpu." if name != "cpu" else "."),
    )


def free_unused() -> None:
    """Give back what a device keeps for later, before something smaller is tried."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _device(name: str) -> torch.device:
    return torch.device(name, torch.cuda.current_device() if name == "cuda" else 0)


def _cuda_refusal() -> str:
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return "torch is a build without CUDA"
    with warnings.catch_warnings(record=True) as said:  # an old driver is told as a warning
        warnings.simplefilter("always")
        if torch.cuda.is_available():
            return ""
    if said:
        return f"{_harmless(said[-1].message)} ({_driver()})"
    return f"there is no NVIDIA card, or its driver is not installed ({_driver()})"


def _mps_refusal() -> str:
    if not torch.backends.mps.is_built():
        return "torch is a build without mps"
    return "" if torch.backends.mps.is_available() else "there is no Apple card, or macOS is too old for this torch"


def _described_cuda() -> str:
    cards = []
    for number in range(torch.cuda.device_count()):
        card = torch.cuda.get_device_properties(number)
        cards.append(f"{visible_line(card.name, 60)} with {card.total_memory / 2**30:,.1f} GiB")
    return f"{', '.join(cards)}; {_driver()}"


def _driver() -> str:
    """Of which CUDA the driver is, and of which this torch; the driver must not be older."""
    ask = getattr(torch._C, "_cuda_getDriverVersion", None)
    number = 0
    with contextlib.suppress(RuntimeError):
        number = ask() if ask else 0
    driver = f"the driver knows CUDA {number // 1000}.{number % 1000 // 10}" if number else "no driver answers"
    return f"{driver}, torch was built for CUDA {torch.version.cuda}"


def _described_mps() -> str:
    return f"Apple card with {torch.mps.recommended_max_memory() / 2**30:,.1f} GiB"


def _round_like_a_processor() -> None:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else sums may be added up in another order each time
    torch.backends.cudnn.deterministic = True
    recurrent: Any = getattr(torch.backends.cudnn, "rnn", None)
    if recurrent is not None:
        recurrent.fp32_precision = "ieee"  # else recurrent layers drop 13 bits of every number
    else:
        torch.backends.cudnn.allow_tf32 = False
    # Silenced weights are tensors of their own; putting them side by side is not worth a warning.
    warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")


def _harmless(problem: object) -> str:
    return visible_line(str(problem).strip().split("\n")[0], _LONGEST_REASON).rstrip(".")
