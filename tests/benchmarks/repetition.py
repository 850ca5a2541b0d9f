"""Does it repeat itself? Distinct-n and the longest repeat at several settings, beside a person's text of that length.

    python -m tests.benchmarks.repetition --text FILE --learned FILE ... [--model NAME] [--words N] [--samples N] ...

FILE is text of the kind that the model learned from, best a part it has not seen; its pieces of N words give both
the prompts and the yardstick. "distinct 1, 2, 3" is the share of different runs of so many words (Li et al. 2016),
"again 4" the share of runs of four that stood in the sample before, "longest" the longest run that comes twice (mean
over samples, and the worst one). "distance" sums up how far the five means are from the person's, each divided by the
person's own spread over the pieces: the smaller the more alike. "new" is the share of words, found in plain text by
an expression that shares nothing with the rules of the draw, that stand neither in the files that the model learned
from (--learned) nor in the prompt: a person's are real, those of a network are invented or glued together.
"""

import argparse
import dataclasses
import re
import statistics
from collections.abc import Sequence
from pathlib import Path

import torch

from rnntui.config import Config
from rnntui.lm.generator import Generator
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.benchmarks.seed_novel import machine

PROMPT = 12
_LEAST_SPREAD = (0.01, 0.01, 0.01, 0.01, 1.0)
SETTINGS = (
    {},
    {"voice": "network"},
    {"spelling": "known"},
    {"spelling": "free"},
    {"voice": "network", "spelling": "known"},
    {"voice": "network", "spelling": "free"},
    {"loop_penalty": 0.0},
    {"temperature": 0.0},
    {"temperature": 0.0, "loop_penalty": 0.0},
    {"temperature": 0.5},
    {"temperature": 0.65},
    {"temperature": 0.9},
    {"temperature": 1.0},
    {"temperature": 1.0, "top_p": 0.9},
    {"temperature": 1.0, "top_p": 1.0, "min_p": 0.02},
    {"temperature": 1.0, "top_p": 1.0, "min_p": 0.05},
    {"temperature": 1.0, "top_p": 1.0, "min_p": 0.1},
    {"repetition_penalty": 1.1},
    {"repetition_penalty": 1.2},
)


def figures(ids: Sequence[int]) -> list[float]:
    """Distinct 1, 2, 3, repeated 4, and the longest repeat of one sample."""
    distinct = []
    for length in (1, 2, 3):
        runs = [tuple(ids[at : at + length]) for at in range(len(ids) - length + 1)]
        distinct.append(len(set(runs)) / len(runs))
    fours = [tuple(ids[at : at + 4]) for at in range(len(ids) - 3)]
    return [*distinct, 1 - len(set(fours)) / len(fours), float(longest_repeat(ids))]


def longest_repeat(ids: Sequence[int]) -> int:
    """Length of the longest run that occurs twice; the two may overlap."""
    longest, before = 0, [0] * (len(ids) + 1)
    for one in range(1, len(ids) + 1):
        row = [0] * (len(ids) + 1)
        for other in range(one + 1, len(ids) + 1):
            if ids[one - 1] == ids[other - 1]:
                row[other] = before[other - 1] + 1
                longest = max(longest, row[other])
        before = row
    return longest


def written(generator: Generator, prompt: Sequence[int], sampler: SamplerSettings, words: int, seed: int) -> list[int]:
    """So many words after a prompt, from an empty memory."""
    generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
    generator.feed(prompt)
    steps = generator.generate(lambda: sampler, seed)
    return [step.token_id for (step, _), _ in zip(steps, range(words), strict=False)]


def plain_words(text: str) -> list[str]:
    """The words of a text: letters, with apostrophes of any form between them."""
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.replace("’", "'"))


def plain_text(file: Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def new_share(known: set[str], prompts: Sequence[str], samples: Sequence[str]) -> float:
    """Which part of the words is not known; the cut-off last ones do not count."""
    count = new = 0
    for prompt, said in zip(prompts, samples, strict=True):
        words = plain_words(prompt + said)[len(plain_words(prompt)) : -1]
        heard = known.union(plain_words(prompt))
        count += len(words)
        new += sum(word not in heard for word in words)
    return new / max(1, count)


def row(name: str, samples: list[list[float]], person: list[list[float]], new: float) -> str:
    means = [statistics.mean(column) for column in zip(*samples, strict=True)]
    others = [(statistics.mean(column), statistics.stdev(column)) for column in zip(*person, strict=True)]
    distance = sum(
        abs(mine - theirs) / max(spread, least)
        for mine, (theirs, spread), least in zip(means, others, _LEAST_SPREAD, strict=True)
    )
    shown = "".join(f"{mean:10.3f}" for mean in means[:4])
    longest = f"{means[4]:8.1f}{max(sample[4] for sample in samples):7.0f}"
    return f"{name:44}{shown}{longest}{distance:10.2f}{100 * new:7.2f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--learned", type=Path, nargs="+", required=True, help="what the model learned from")
    parser.add_argument("--model", default="")
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    services = Services(find_paths(), Config())
    card = services.find_model(arguments.model)
    generator = load_generator(services.library, card)
    ids = generator.tokenizer.encode(arguments.text.read_text(encoding="utf-8").replace("\n", " "))
    step = max(arguments.words + PROMPT, len(ids) // arguments.samples)
    pieces = [ids[at : at + arguments.words + PROMPT] for at in range(0, len(ids) - arguments.words - PROMPT, step)]
    print(f"{machine()}, {card.name}, {len(pieces)} samples of {arguments.words} words, seed {arguments.seed}")
    heading = "".join(f"{name:>10}" for name in ("distinct 1", "2", "3", "again 4"))
    print(f"{'settings':44}{heading} longest  worst  distance      new")
    known = set(plain_words("\n".join(map(plain_text, arguments.learned))))
    prompts, texts = [piece[:PROMPT] for piece in pieces], [piece[PROMPT:] for piece in pieces]
    person = [figures(text) for text in texts]
    spelled = [generator.tokenizer.decode(prompt) for prompt in prompts]
    itself = new_share(known, spelled, list(map(generator.tokenizer.decode, texts)))
    print(row("the text itself", person, person, itself), flush=True)
    usual = SamplerSettings(stop="words", max_words=100_000)
    for changes in SETTINGS:
        sampler = dataclasses.replace(usual, **changes)
        said = [
            written(generator, prompt, sampler, arguments.words, arguments.seed + number)
            for number, prompt in enumerate(prompts)
        ]
        name = ", ".join(f"{key} {value}" for key, value in changes.items()) or "as it is by default"
        new = new_share(known, spelled, list(map(generator.tokenizer.decode, said)))
        print(row(name, list(map(figures, said)), person, new), flush=True)


if __name__ == "__main__":
    main()
