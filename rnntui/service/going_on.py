"""A run that goes on: with what, and why its numbers may differ from those of one that was never broken off."""

import dataclasses
import platform

from rnntui.records import RunPlan
from rnntui.settings import TrainConfig
from rnntui.text import plural, visible_line


def going_on(config: TrainConfig, threads: int, processes: int) -> TrainConfig:
    """As a run began, but for what was asked for when it goes on; other processes share the threads there were.

    Args:
        config: As it began.
        threads: Of each process; 0 leaves them.
        processes: That learn together; 0 leaves them.

    Raises:
        InputError: If there are more of them than rows.
    """
    from rnntui.lm.planner import shared_rows

    processes = processes or config.processes
    threads = threads or max(1, config.threads * config.processes // processes)
    return shared_rows(dataclasses.replace(config, threads=threads, processes=processes))


def differences(plan: RunPlan, config: TrainConfig, *, has_other_rules: bool) -> str:
    """Why the numbers will not be those of an undisturbed run; empty when they will."""
    import torch

    reasons = []
    if config.processes != plan.config.processes:
        reasons.append(f"{plural(config.processes, 'process')} instead of {plan.config.processes}")
    if config.threads != plan.config.threads:
        reasons.append(f"{plural(config.threads, 'thread')} instead of {plan.config.threads}")
    if plan.torch_version != torch.__version__:
        reasons.append(f"torch {torch.__version__} instead of {visible_line(plan.torch_version, 40)}")
    if plan.processor != processor():
        reasons.append("another kind of processor")
    if has_other_rules:
        reasons.append("newer rules for reading the text")
    if not reasons:
        return ""
    return f"It goes on with {' and '.join(reasons)}: the numbers will not be identical to those of an undisturbed run."


def processor() -> str:
    """What decides how sums are rounded: the kind of processor, as torch uses it."""
    import torch

    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
