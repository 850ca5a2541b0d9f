"""`rnntui doctor`: what this machine, this installation and this terminal can do."""

import contextlib
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from rnntui import __version__
from rnntui.cli.context import preferred_device, resolve_paths
from rnntui.cli.output import Output
from rnntui.config import Config, load_config
from rnntui.errors import EXIT_OK, InputError, RnntuiError
from rnntui.files import is_there, state_of
from rnntui.paths import DATA_DIR_VARIABLE, Paths, find_paths, named_path
from rnntui.service.devices import device_facts
from rnntui.service.export.diagnostics import report_text
from rnntui.service.services import Services
from rnntui.text import visible_line

_OF_THE_PERSON = {"data_folder", "models"}
"""Facts that name a folder of theirs, or may quote one."""
PACKAGES = ("textual", "tokenizers", "safetensors", "platformdirs")
_BELONGING = ("nvidia-", "cuda-", "triton", "pytorch-triton")
"""Packages that come along with a torch for graphics cards, by the beginnings of their names."""
_CPU_BUILD_BYTES = 700_000_000
"""What torch 2.13 takes where it is built for processors alone; other versions differ little."""
_DRIVERS = (Path("/proc/driver/nvidia"), Path("/dev/dxg"))
"""Signs of a graphics card, also where torch cannot use it: Linux, and Linux within Windows."""
_NEXT_STEP = "To get them back, make the virtual environment anew as the README says for Linux without a GPU."


def doctor(args: Any, output: Output) -> int:
    """Print versions, the torch build, threads and what the terminal can do."""
    paths = resolve_paths(args)
    if args.bundle:
        return _write_bundle(paths, args.bundle, output)
    found = collect_facts(paths, preferred_device(paths))
    if output.is_json:
        output.result(found)
        return EXIT_OK
    width = max(len(name) for name in found)
    for name, value in found.items():
        output.text(f"{name.replace('_', ' ').ljust(width)}  {value}")
    return EXIT_OK


def collect_facts(paths: Paths, device: str = "auto") -> dict[str, str | int | bool]:
    """Everything worth knowing when something does not work, by name. Imports torch.

    Args:
        paths: Where things are kept.
        device: What the person prefers to compute on, one of DEVICE_CHOICES.
    """
    found: dict[str, str | int | bool] = {
        "rnntui": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        **_torch_facts(device),
        **{name: _version(name) for name in PACKAGES},
        "sqlite": sqlite3.sqlite_version,
        "data_folder": _folder_fact(paths),
        "data_folder_chosen_by": _folder_source(paths),
        "models": _models_fact(paths),
        "terminal": _terminal_fact(),
        "colours": _colour_fact(),
        "encoding": sys.stdout.encoding or "unknown",
    }
    return found


def _write_bundle(paths: Paths, name: str, output: Output) -> int:
    """Write the report for those who mend the program into a new file that only its owner may read.

    Raises:
        InputError: If the file is there already.
        StorageError: If the disk refuses.
    """
    path = named_path(name)
    if is_there(path):
        raise InputError(f'"{visible_line(str(path), 160)}" is there already.', "Choose another name or remove it.")
    problem = ""
    try:
        config = load_config(paths.config_file)
    except RnntuiError:
        config, problem = Config(), "cannot be read"
    services = Services(paths, config)
    known: dict[str, str | int | bool] = {
        **{
            name: "missing" if str(value).startswith("missing") else value
            for name, value in collect_facts(paths, config.app.device).items()
            if name not in _OF_THE_PERSON
        },
        "free_space": _free_space(paths),
        "configuration": problem or state_of(paths.config_file) or "is there",
    }
    services.write(path, report_text(services, known).encode("utf-8", "replace"), is_private=True)
    if output.is_json:
        output.result({"report": str(path)})
        return EXIT_OK
    output.say(f"The report is in {visible_line(str(path), 200)}: versions, sizes and counts, no text.")
    return EXIT_OK


def _free_space(paths: Paths) -> str:
    for folder in (paths.data_dir, *paths.data_dir.parents):
        with contextlib.suppress(OSError, ValueError):
            return f"{shutil.disk_usage(folder).free / 2**30:,.1f} GiB"
    return "unknown"


def _folder_source(paths: Paths) -> str:
    is_from_environment = os.environ.get(DATA_DIR_VARIABLE) and paths.data_dir == find_paths().data_dir
    return DATA_DIR_VARIABLE if is_from_environment else "platform or flag"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"


def _torch_facts(device: str) -> dict[str, str | int | bool]:
    try:
        import torch
    except ImportError as problem:
        return {"torch": f"missing ({problem}); install rnntui again"}
    capability = torch.backends.cpu.get_cpu_capability()
    return {
        "torch": str(torch.__version__),
        "torch_build": "CPU" if torch.version.cuda is None else f"CUDA {torch.version.cuda}",
        "torch_space": describe_torch_space(),
        "processor_instructions": capability,
        "cores": os.cpu_count() or 1,
        "threads_in_training": torch.get_num_threads(),
        "threads_in_chat": 1,
        **device_facts(device),
    }


def _models_fact(paths: Paths) -> str | int:
    try:
        return len(Services(paths).models())
    except RnntuiError as problem:
        return problem.sentence


def _folder_fact(paths: Paths) -> str:
    folder = paths.data_dir
    if remark := state_of(folder):
        return f"{folder} ({remark})"
    if not os.access(folder, os.W_OK):
        return f"{folder} (cannot be written)"
    try:
        return f"{folder} ({shutil.disk_usage(folder).free / 2**30:,.1f} GiB free)"
    except OSError as problem:
        return f"{folder} (does not say how much is free: {problem.strerror})"


def _terminal_fact() -> str:
    if not sys.stdout.isatty():
        return "standard output is not a terminal"
    size = shutil.get_terminal_size()
    return f"{os.environ.get('TERM', 'unknown')}, {size.columns} x {size.lines}"


def _colour_fact() -> str:
    if os.environ.get("NO_COLOR"):
        return "none (NO_COLOR is set)"
    if os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}:
        return "16 million"
    return "256" if "256" in os.environ.get("TERM", "") else "16 or unknown"


def describe_torch_space() -> str:
    """A size on disk; with a hint where most of it is for graphics cards and this machine has none. Imports torch."""
    import torch

    taken = _installed_bytes(metadata.distributions())
    has_card = torch.cuda.is_available() or any(sign.exists() for sign in _DRIVERS)
    return _describe(taken, torch.version.cuda is not None and not has_card)


def _installed_bytes(packages: Iterable[metadata.Distribution]) -> int:
    """Of torch and of what came along with it, as their packages say."""
    names = ((package.metadata["Name"] or "", package) for package in packages)
    ours = (package for name, package in names if name == "torch" or name.startswith(_BELONGING))
    return sum(file.size or 0 for package in ours for file in package.files or ())


def _describe(taken: int, is_wasted: bool) -> str:
    size = f"{taken / 1e9:.1f} GB"
    if not is_wasted:
        return size
    wasted = max(0, taken - _CPU_BUILD_BYTES) / 1e9
    return f"{size}, {wasted:.1f} GB of it for graphics cards, and there is none here. {_NEXT_STEP}"
