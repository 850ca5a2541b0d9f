"""How much disk the installed torch takes, and whether this machine can use all of it."""

from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

_BELONGING = ("nvidia-", "cuda-", "triton", "pytorch-triton")
"""Packages that come along with a torch for graphics cards, by the beginnings of their names."""
_CPU_BUILD_BYTES = 700_000_000
"""What torch 2.13 takes where it is built for processors alone; other versions differ little."""
_DRIVERS = (Path("/proc/driver/nvidia"), Path("/dev/dxg"))
"""Signs of a graphics card, also where torch cannot use it: Linux, and Linux within Windows."""
_NEXT_STEP = "To get them back, make the virtual environment anew as the README says for Linux without a GPU."


def torch_space() -> str:
    """A size on disk; with a hint where most of it is for graphics cards and this machine has none. Imports torch."""
    import torch

    taken = _installed_bytes(metadata.distributions())
    has_card = torch.cuda.is_available() or any(sign.exists() for sign in _DRIVERS)
    return _told(taken, torch.version.cuda is not None and not has_card)


def _installed_bytes(packages: Iterable[metadata.Distribution]) -> int:
    """Of torch and of what came along with it, as their packages say."""
    names = ((package.metadata["Name"] or "", package) for package in packages)
    ours = (package for name, package in names if name == "torch" or name.startswith(_BELONGING))
    return sum(file.size or 0 for package in ours for file in package.files or ())


def _told(taken: int, is_wasted: bool) -> str:
    size = f"{taken / 1e9:.1f} GB"
    if not is_wasted:
        return size
    wasted = max(0, taken - _CPU_BUILD_BYTES) / 1e9
    return f"{size}, {wasted:.1f} GB of it for graphics cards, and there is none here. {_NEXT_STEP}"
