"""What the loop penalty costs a person's text, and what it does to what is said.

    python -m tests.benchmarks.loops --text FILE ... [--model NAME] [--words N] [--seed N]

For each text: which share of its words the rule lowers, and bits per character with the rule and without, everything
mixed, read from an empty memory. Then how often the four words in a row came that came most often in N words of plain
text after eight prompts, at several temperatures, and the speed of both, in turns.
"""

import argparse
import dataclasses
import itertools
import math
import re
import time
from collections import Counter
from pathlib import Path

import torch

from rnntui.config import Config
from rnntui.lm.generator import Generator, join_turn
from rnntui.lm.sampling import LOGIT_RULES
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.benchmarks.seed_novel import machine

PROMPTS = (
    "It was a cold evening and the old man",
    "She said",
    "Once upon a time",
    "“Who is there?”",
    "The ship",
    "I love my cute dog",
    "In the morning",
    "He did not know",
)
TEMPERATURES = (0.0, 0.5, 1.0)


def cost(generator: Generator, text: str) -> tuple[int, int, float]:
    """Tokens of a text, how many of them the rule lowers, and the bits that all of it costs in all."""
    usual = SamplerSettings(spelling="free")
    generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
    ids, lowered, bits = generator.tokenizer.encode(text), 0, 0.0
    for token in ids:
        context = generator.context(usual)
        if context.repeated_run is not None and (context.repeated_run.lengths > usual.loop_length).any():
            before = generator.log_probabilities()
            after = torch.log_softmax(LOGIT_RULES["loop_penalty"](before, context), dim=0)
            lowered += bool((LOGIT_RULES["loop_penalty"](before, context) < before)[token])
            bits += float(before[token] - after[token]) / math.log(2)
        generator.feed([token])
    return len(ids), lowered, bits


def said(generator: Generator, prompt: str, sampler: SamplerSettings, seed: int) -> tuple[str, float]:
    """What follows a prompt, and the words per second."""
    generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
    generator.feed(generator.tokenizer.encode(join_turn("", prompt, "inline", generator.tokenizer)))
    began = time.perf_counter()
    text = "".join(step.piece for step, _ in generator.generate(lambda: sampler, seed))
    return text, sampler.max_words / (time.perf_counter() - began)


def most_often(text: str, words: int) -> int:
    """How often the four words in a row came that came most often."""
    found = re.findall(r"\w+", text.lower())[:words]
    return max(Counter(zip(*(found[start:] for start in range(4)), strict=False)).values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, nargs="*", default=[])
    parser.add_argument("--model", default="")
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--most", type=int, default=100_000, help="characters of each text")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    services = Services(find_paths(), Config())
    card = services.find_model(arguments.model)
    generator = load_generator(services.library, card)
    print(f"{machine()}, {card.name}, seed {arguments.seed}")
    for file in arguments.text:
        text = file.read_text(encoding="utf-8-sig")[: arguments.most]
        tokens, lowered, bits = cost(generator, text)
        print(
            f"{file.name:40}{lowered:6} of {tokens:,} lowered, {bits / len(text):+.5f} bits per character", flush=True
        )
    usual = SamplerSettings(stop="words", max_words=arguments.words)
    for temperature in TEMPERATURES:
        counts: dict[float, list[int]] = {0.0: [], usual.loop_penalty: []}
        speeds: dict[float, list[float]] = {penalty: [] for penalty in counts}
        for (number, prompt), penalty in itertools.product(enumerate(PROMPTS), counts):
            sampler = dataclasses.replace(usual, temperature=temperature, loop_penalty=penalty)
            text, speed = said(generator, prompt, sampler, arguments.seed + number)
            counts[penalty].append(most_often(text, arguments.words))
            speeds[penalty].append(speed)
        ratio = sorted(on / off for on, off in zip(speeds[usual.loop_penalty], speeds[0.0], strict=True))
        print(f"temperature {temperature:g}: {counts}, speed {ratio[len(ratio) // 2]:.3f} of that without", flush=True)


if __name__ == "__main__":
    main()
