"""Where a network speaks and is measured, when a person has chosen a device or left it open."""

from collections.abc import Generator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from rnntui.events import Preparing
    from rnntui.lm.model import WordRNN

_TRIED_SECONDS = 2.0
_LOOKS_FOR_A_CARD = 50_000
"""Words. A shorter text is measured on the processor before a graphics card has begun."""


def require_device(choice: str) -> None:
    """Refuse a device that is not there, before any work is done for it.

    Raises:
        InputError: With the reason.
    """
    if choice in {"auto", "cpu"}:
        return
    from rnntui.lm.hardware.devices import open_device

    open_device(choice)


def device_facts(choice: str) -> dict[str, str]:
    """What was found to compute on, and what is taken for what and why: by name, for a report.

    Where there is a graphics card, it and the processor train the planner's reference shape for a moment.

    Args:
        choice: What the person prefers, one of DEVICE_CHOICES.
    """
    from rnntui.lm.hardware.devices import SPEAKING_REASON, find_devices

    every = find_devices()
    cards = [device.name for device in every if device.name != "cpu" and not device.refusal]
    facts = {device.name: device.described or f"not used: {device.refusal}" for device in every}
    if choice != "auto":
        asked = f"{choice}: asked for by config.toml or RNNTUI_DEVICE"
        return {**facts, "training_on": asked, "speaking_on": asked}
    training = _compare_speeds(["cpu", *cards]) if cards else "cpu: there is nothing else here"
    return {**facts, "training_on": training, "speaking_on": f"cpu: {SPEAKING_REASON}"}


def _compare_speeds(names: list[str]) -> str:
    from rnntui.lm.hardware.calibration import Candidate, fastest, trial_steps
    from rnntui.lm.progress import run_to_end

    trials = run_to_end(trial_steps([Candidate(device=name) for name in names], seconds=_TRIED_SECONDS))
    speeds = ", ".join(f"{trial.candidate.device} {trial.words_per_second:,.0f}" for trial in trials)
    return f"{fastest(trials).candidate.device}: tokens a second were {speeds}; each run tries again"


def send_speaker(model: "WordRNN", choice: str) -> str:
    """Send a network to where it shall speak and let it say a first word there.

    Left open, it stays on the processor: see `SPEAKING_REASON`. A memory too full for it sends it back.

    Returns:
        What the person should know of it; empty when it is where it was to be.

    Raises:
        DeviceError: If the device cannot compute it.
        InputError: If the device is not there.
    """
    if choice in {"auto", "cpu"}:
        return ""
    from rnntui.lm.hardware.devices import open_device, translate_device_errors
    from rnntui.lm.hardware.placement import move_if_it_fits

    device = open_device(choice)
    with translate_device_errors(device):
        return "" if move_if_it_fits(model, device) else f"The memory of {choice} is full: it speaks on the processor."


def send_reader(model: "WordRNN", choice: str, ids: "Tensor") -> "Generator[Preparing, None, None]":
    """Send a network to where a text shall be measured: to the faster device, where that is left open.

    Raises:
        DeviceError: If the device cannot compute it.
        InputError: If the device is not there.
    """
    if choice == "cpu" or (choice == "auto" and ids.numel() < _LOOKS_FOR_A_CARD):
        return
    from rnntui.events import Preparing
    from rnntui.lm.hardware.devices import best_card, open_device, translate_device_errors
    from rnntui.lm.hardware.placement import move_if_it_fits, move_to_faster_device

    name = best_card() if choice == "auto" else choice
    if not name:
        return
    device = open_device(name)
    with translate_device_errors(device):
        if not move_if_it_fits(model, device):
            yield Preparing(f"the memory of {name} is full: measuring on the processor")
        elif choice == "auto":
            yield Preparing(f"trying whether {name} measures faster")
            move_to_faster_device(model, device, ids)
