"""A run that goes on: with what, and why its numbers may differ from those of one that was never broken off."""

import dataclasses
import platform
from dataclasses import dataclass

from rnntui.records import RunManifest
from rnntui.settings import TrainConfig
from rnntui.text import plural, visible_line


@dataclass(frozen=True, slots=True)
class ResumeOptions:
    """What a person wants to be other than before, where a run goes on."""

    threads: int = 0
    """Of each process; 0 takes as many as before, all processes together."""
    processes: int = 0
    """That learn together; 0 takes as many as before."""
    device: str = ""
    """One of DEVICES; empty takes that of before, or the processor where it is gone."""


AS_BEFORE = ResumeOptions()


def resume_config(config: TrainConfig, options: ResumeOptions, started: int = 0) -> TrainConfig:
    """As a run began, but for what was asked for when it goes on; other processes share the threads there were.

    Args:
        config: As it began.
        options: What was asked for.
        started: Processes that are there already; 0 where that is open.

    Raises:
        InputError: If there are more processes than rows.
    """
    from rnntui.lm.hardware.devices import find_device
    from rnntui.lm.train.planner import check_rows

    processes = options.processes or started or config.processes
    threads = options.threads or max(1, config.threads * config.processes // processes)
    is_gone = not options.device and find_device(config.device).refusal
    device = "cpu" if is_gone else options.device or config.device
    return check_rows(dataclasses.replace(config, threads=threads, processes=processes, device=device))


def explain_differences(plan: RunManifest, config: TrainConfig, *, has_other_rules: bool) -> str:
    """Why the numbers will not be those of an undisturbed run; empty when they will."""
    import torch

    reasons = []
    if config.processes != plan.config.processes:
        reasons.append(f"{plural(config.processes, 'process')} instead of {plan.config.processes}")
    if config.threads != plan.config.threads:
        reasons.append(f"{plural(config.threads, 'thread')} instead of {plan.config.threads}")
    if config.device != plan.config.device:
        reasons.append(f"{config.device} instead of {plan.config.device}")
    elif plan.processor != processor(config.device):
        reasons.append("another kind of processor")
    if plan.torch_version != torch.__version__:
        reasons.append(f"torch {torch.__version__} instead of {visible_line(plan.torch_version, 40)}")
    if has_other_rules:
        reasons.append("newer rules for reading the text")
    if not reasons:
        return ""
    return f"It goes on with {' and '.join(reasons)}: the numbers will not be identical to those of an undisturbed run."


def processor(device: str) -> str:
    """What decides how sums are rounded: the kind of processor, as torch uses it, and the graphics card if one does."""
    import torch

    from rnntui.lm.hardware.devices import find_device

    kind = f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
    return kind if device == "cpu" else f"{kind}, {find_device(device).described}"
