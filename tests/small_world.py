"""A small world with a known grammar: text to train on in seconds, without any file at hand."""

import random
from pathlib import Path

from rnntui.records import TrainRequest

SIZES = {"Dinosaurs": "big", "Elephants": "big", "Whales": "big", "Mice": "small", "Ants": "small", "Bees": "small"}
PLACES = ("in the forest", "by the sea", "on the hill", "under the moon", "near the old house")


def world_text(words: int = 4_000, seed: int = 1) -> str:
    """Sentences in which the animal decides the adjective two words later."""
    dice, lines, count = random.Random(seed), [], 0
    while count < words:
        animal = dice.choice(list(SIZES))
        sentence = f"{animal} are {SIZES[animal]} and live {dice.choice(PLACES)}."
        count += len(sentence.split())
        lines.append(sentence)
    return "\n\n".join(" ".join(lines[at : at + 8]) for at in range(0, len(lines), 8))


def world_request(folder: Path, minutes: float = 0.05, name: str = "world") -> TrainRequest:
    """A request to train a tiny network on a small world for a few seconds."""
    file = folder / "world.txt"
    file.write_text(world_text(), encoding="utf-8")
    overrides: dict[str, str | int | float | bool] = {"hidden_size": 24, "rows": 4, "bptt_length": 16, "threads": 1}
    return TrainRequest((str(file),), name, minutes, "", overrides)
