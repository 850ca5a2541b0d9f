"""Thinking before speaking: which judge picks sentences that read like the book, from how many drafts, and how fast.

    python -m tests.benchmarks.drafts --books PATH ... [--model NAME] [--places N] [--context N] [--seed N]
        [--words N]

Each PATH is a text file or a folder of them. At so many places in the books, where a sentence begins, the tokens before
it are read from an empty memory, and the most drafts of the sentence are drawn; all judges choose among the same ones.
"AUC": how well a classifier tells the chosen sentences from the book's own at the same places (.5 is a guess), in
brackets for books of which it has learned nothing. "surprise": bits a token. "words": of a sentence. "again": the
share of pairs of tokens that stand in what was read. The last lines are the speed: tokens said in a second of processor
time, drafts included, and against one draft.
"""

import argparse
import dataclasses
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import numpy as np
import torch

from rnntui.chat_events import Thinking
from rnntui.config import Config
from rnntui.lm.drafts import Draft, SpokenToken, speak, think
from rnntui.lm.generator import Ending, Generator, Step, count_words
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.benchmarks.seed_novel import machine
from tests.benchmarks.speech import texts_at
from tests.benchmarks.spoken.telling_apart import tell_apart

COUNTS = (1, 2, 4, 8)
SETTINGS = SamplerSettings(drafts=max(COUNTS), stop="words", max_words=100_000)
_NATS = float(np.log(2))
_TOO_LONG = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """One way to go on from a place, with what the judges may look at."""

    text: str
    surprise: float
    """Bits a token."""
    expected: float
    """Bits a token that the network was unsure of."""
    words: int
    again: float
    score: float = 0.0
    """Of the program's own judge."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence begins in a book."""

    book: str
    own: Sentence
    drafts: tuple[Sentence, ...]


Judge = Callable[[Sentence, float], float]
"""From a sentence and the mean surprise of the books' own to a score; the highest is said."""
JUDGES: dict[str, Judge] = {
    "typical (the program's)": lambda one, _: one.score,
    "likeliest": lambda one, _: -one.surprise,
    "likeliest without repetition": lambda one, _: -one.surprise - 6.0 * one.again,
    "nearest to the books' surprise": lambda one, usual: -abs(one.surprise - usual),
    "most repetition": lambda one, _: one.again,
}


def described(generator: Generator, steps: Sequence[Step], read: Sequence[int], score: float = 0.0) -> Sentence:
    ids = [step.token_id for step in steps]
    known, pairs = set(itertools.pairwise(read)), list(itertools.pairwise(ids))
    return Sentence(
        "".join(step.piece for step in steps),
        -sum(step.logprob for step in steps) / len(steps) / _NATS,
        sum(step.entropy_bits for step in steps) / len(steps),
        count_words(generator.tokenizer, ids),
        sum(pair in known for pair in pairs) / max(1, len(pairs)),
        score,
    )


def own_sentence(generator: Generator, ids: Sequence[int]) -> list[Step]:
    """What stands in the book, scored as it is read, to the end of its sentence."""
    ending, steps = Ending(generator.tokenizer), list[Step]()
    for at, word in enumerate(ids[:_TOO_LONG]):
        blend = generator.distribution(SETTINGS.voice, SETTINGS.own_words)
        piece, logprob = generator.tokenizer.piece(word), float(blend.log_probabilities[word])
        generator.feed([word])
        steps.append(Step(at, word, piece, logprob, 0, blend.entropy_bits(), (), generator.memory))
        follower = dataclasses.replace(steps[-1], piece=generator.tokenizer.piece(ids[at + 1]), token_id=ids[at + 1])
        ending.after(steps[-1], follower, SETTINGS)
        if ending.is_sentence_over:
            break
    return steps


def drawn(generator: Generator, seed: int) -> tuple[Draft, ...]:
    thinking = think(generator, generator.memory, SETTINGS, seed)
    while True:
        try:
            next(thinking)
        except StopIteration as ended:
            drafts: tuple[Draft, ...] = ended.value
            return drafts


def place(generator: Generator, book: str, ids: Sequence[int], at: int, context: int, seed: int) -> Place:
    read = ids[at - context : at]
    generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
    generator.feed(read)
    memory = generator.memory
    own = described(generator, own_sentence(generator, ids[at:]), read)
    generator.memory = memory
    drafts = [described(generator, draft.steps, read, draft.score) for draft in drawn(generator, seed)]
    return Place(book, own, tuple(drafts))


def beginnings(generator: Generator, ids: Sequence[int], count: int, context: int) -> list[int]:
    """So many places where a sentence begins, at even distances."""
    ends = {token for token in range(len(generator.tokenizer)) if generator.tokenizer.piece(token) in {".", "!", "?"}}
    found = [at for at in range(context, len(ids) - 2 * _TOO_LONG) if ids[at - 1] in ends]
    return [found[int((number + 0.5) * len(found) / count)] for number in range(count)]


def row(name: str, count: int, chosen: Sequence[Sentence], places: Sequence[Place]) -> str:
    told = tell_apart([one.text for one in chosen], [one.own.text for one in places], [one.book for one in places])
    surprise, words, again = (
        statistics.mean(values)
        for values in zip(*((one.surprise, float(one.words), one.again) for one in chosen), strict=True)
    )
    area = f"{told.auc:.3f} ({told.auc_of_other_books:.3f})"
    return f"{name:32}{count:3}  {area:16}{surprise:8.2f}{words:8.1f}{100 * again:8.1f} %"


def speed(generator: Generator, drafts: int, prompt: Sequence[int], words: int) -> float:
    """Tokens said in a second of processor time."""
    settings = dataclasses.replace(SETTINGS, drafts=drafts)
    generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
    generator.feed(prompt)
    said, began = 0, time.process_time()
    for event in speak(generator, lambda: settings, 1):
        if said >= words and (drafts == 1 or isinstance(event, Thinking)):  # a sentence is over
            break
        said += isinstance(event, SpokenToken)
    return said / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=Path, nargs="+", required=True)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--places", type=int, default=480)
    parser.add_argument("--context", type=int, default=200, help="tokens that are read before each place")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, default=400, help="tokens said to measure the speed")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    services = Services(find_paths(), Config())
    generator = load_generator(services.library, services.find_model(arguments.model))
    books = [(name, generator.tokenizer.encode(text)) for name, text in texts_at(arguments.books)]
    each = max(1, arguments.places // len(books))
    places = [
        place(generator, name, ids, at, arguments.context, arguments.seed + number)
        for name, ids in books
        for number, at in enumerate(beginnings(generator, ids, each, arguments.context))
    ]
    print(f"{machine()}, {arguments.model}, {len(places)} places, seed {arguments.seed}", flush=True)
    usual = statistics.mean(one.own.surprise for one in places)
    own = (usual, statistics.mean(one.own.words for one in places), statistics.mean(one.own.again for one in places))
    print(f"{'judge':32}{'of':>3}  {'AUC':16}{'surprise':>8}{'words':>8}{'again':>8}")
    print(f"{'the book':53}{own[0]:8.2f}{own[1]:8.1f}{100 * own[2]:8.1f} %")
    print(row("no choice", 1, [one.drafts[0] for one in places], places), flush=True)
    print(row("no choice, the last one", 1, [one.drafts[-1] for one in places], places), flush=True)
    for name, judge in JUDGES.items():
        for count in COUNTS[1:]:
            chosen = [max(one.drafts[:count], key=lambda draft: judge(draft, usual)) for one in places]
            print(row(name, count, chosen, places), flush=True)
    prompt = books[0][1][: arguments.context]
    rates = {count: speed(generator, count, prompt, arguments.words) for count in COUNTS}
    for count, rate in rates.items():
        print(f"best of {count}: {rate:6.1f} tokens/s of processor time, {rate / rates[1]:.3f} of one draft")


if __name__ == "__main__":
    main()
