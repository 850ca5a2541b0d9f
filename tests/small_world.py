"""A request to train on the lab's small world, without any file at hand."""

from pathlib import Path

from rnntui.lm.lab.small_world import SIZES, world_text
from rnntui.records import TrainRequest

__all__ = ["SIZES", "world_request", "world_text"]


def world_request(folder: Path, minutes: float = 0.05, name: str = "world") -> TrainRequest:
    """A request to train a tiny network on a small world for a few seconds."""
    file = folder / "world.txt"
    file.write_text(world_text(), encoding="utf-8")
    overrides: dict[str, str | int | float | bool] = {"hidden_size": 24, "rows": 4, "bptt_length": 16, "threads": 1}
    return TrainRequest((str(file),), name, minutes, "", overrides)
