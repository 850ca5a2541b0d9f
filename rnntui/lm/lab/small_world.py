"""A small world with a known grammar: text to train on in seconds, in which the animal decides the adjective."""

import random

SIZES = {"Dinosaurs": "big", "Elephants": "big", "Whales": "big", "Mice": "small", "Ants": "small", "Bees": "small"}
PLACES = ("in the forest", "by the sea", "on the hill", "under the moon", "near the old house")


def world_text(words: int = 4_000, seed: int = 1) -> str:
    """Sentences in which the animal decides the adjective two words later."""
    rng, lines, count = random.Random(seed), [], 0  # noqa: S311  a toy, not a secret
    while count < words:
        animal = rng.choice(list(SIZES))
        sentence = f"{animal} are {SIZES[animal]} and live {rng.choice(PLACES)}."
        count += len(sentence.split())
        lines.append(sentence)
    return "\n\n".join(" ".join(lines[at : at + 8]) for at in range(0, len(lines), 8))
