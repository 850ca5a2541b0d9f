"""A request to train on the lab's small world, without any file at hand."""

import itertools
import random
from pathlib import Path

from rnntui.lm.lab.small_world import SIZES, world_text
from rnntui.records import TrainRequest

__all__ = ["SCRIPTS", "SIZES", "rare_words_text", "world_request", "world_text"]

SCRIPTS = {
    "latin": (("un", "re", "ed", "ing", "er", "ly", "ness", "th", "or", "ka", "mi", "son"), " "),
    "cyrillic": (("по", "на", "ет", "ать", "ий", "ова", "при", "ми", "ка", "ски", "ве", "то"), " "),
    "han": ("她水壶着梯子上灯笼走过果渡船在雾里老磨坊主点雀没有人回答鞋匠的女儿慢靠岸炉唱歌", ""),
}
"""The syllables of a made-up language, and what stands between its words."""


def rare_words_text(script: str = "latin", words: int = 6_000, seed: int = 1) -> str:
    """A text with as many words seen once as a book has, some of them parts of many others."""
    syllables, space = SCRIPTS[script]
    dice = random.Random(seed)
    stems = list(dict.fromkeys("".join(dice.choices(syllables, k=2)) for _ in range(60)))
    known = [stem + "".join(dice.choices(syllables, k=dice.choice((1, 2, 2, 3)))) for stem in stems for _ in range(40)]
    dice.shuffle(known)
    weights = [1 / rank for rank in range(1, len(known) + 1)]
    said = iter([*dice.choices(known, weights, k=words // 2), *stems, *dice.choices(known, weights, k=words // 2)])
    sentences = iter(lambda: space.join(itertools.islice(said, dice.randint(4, 12))), "")
    stop = ". " if space else "。"
    return "\n\n".join(iter(lambda: "".join(f"{line}{stop}" for line in itertools.islice(sentences, 6)), ""))


def world_request(folder: Path, minutes: float = 0.03, name: str = "world") -> TrainRequest:
    """A request to train a tiny network on a small world for a few seconds."""
    file = folder / "world.txt"
    file.write_text(world_text(), encoding="utf-8")
    overrides: dict[str, str | int | float | bool] = {"hidden_size": 24, "rows": 4, "bptt_length": 16, "threads": 1}
    return TrainRequest((str(file),), name, minutes, "", overrides)
