"""How fast a model speaks on one thread, against a bare PyTorch sampling loop with the same weights in the same run.

    python -m tests.benchmarks.speaking [--model NAME] [--words N] [--rounds N] [--seed N] [--drafts N ...]

The bare loop is what one would write with PyTorch alone: nn.LSTMCell, projection, one matrix product, softmax,
multinomial. It draws from the whole table at temperature 1; so does the first row of ours, scores and snapshots
included. The others draw as the program does by default; a model that went on from another speaks without the counting
of that one as well. Rounds alternate, so that all meet the same machine.
"""

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator

import torch

from rnntui.config import Config
from rnntui.lm.drafts import SpokenToken, speak
from rnntui.lm.generator import Generator, Step
from rnntui.lm.mix.mixture import Mixture, starting_gate
from rnntui.lm.mix.table_file import table_bytes
from rnntui.lm.model import WordRNN
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.benchmarks.seed_novel import machine

WHOLE_TABLE = SamplerSettings(voice="network", top_p=1.0, spelling="free", stop="words", max_words=100_000)
BY_DEFAULT = SamplerSettings(stop="words", max_words=100_000)
NETWORK = SamplerSettings(voice="network", stop="words", max_words=100_000)
LONG = 20_000


def bare(model: WordRNN, seed: int) -> Iterator[object]:
    """A word at each step."""
    torch.manual_seed(seed)
    size = model.config.hidden_size
    cell = torch.nn.LSTMCell(model.config.embedding_size, size)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict({name: model.recurrent.state_dict()[f"{name}_l0"] for name in names})
    hidden, carried = torch.zeros(1, size), torch.zeros(1, size)
    word = torch.tensor([0])
    with torch.inference_mode():
        while True:
            hidden, carried = cell(model.embedding(word), (hidden, carried))
            said = hidden if model.projection is None else model.projection(hidden)
            scores = torch.nn.functional.linear(said, model.embedding.weight, model.output_bias)
            word = torch.multinomial(torch.softmax(scores, dim=-1), 1)[0]
            yield word


def ours(generator: Generator, settings: SamplerSettings, seed: int) -> Iterator[tuple[Step, str]]:
    return generator.generate(lambda: settings, seed)


def without_base(generator: Generator) -> Generator:
    """The same model without what its base had counted."""
    assert generator.mixture is not None
    own = generator.mixture.counting
    mixture = Mixture(own, starting_gate(own.order))
    return Generator(generator.model, generator.tokenizer, mixture, generator.lexicon)


def thought_of(generator: Generator, drafts: int, seed: int) -> Iterator[SpokenToken]:
    """As much is said; the drafts that are not come on top."""
    settings = dataclasses.replace(BY_DEFAULT, drafts=drafts)
    return (event for event in speak(generator, lambda: settings, seed) if isinstance(event, SpokenToken))


def best_of(generator: Generator, drafts: int, seed: int) -> Callable[[], Iterator[object]]:
    return lambda: thought_of(generator, drafts, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="")
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drafts", type=int, nargs="*", default=[2, 4, 8], help="thinking before speaking")
    arguments = parser.parse_args()
    services = Services(find_paths(), Config())
    card = services.find_model(arguments.model)
    generator = load_generator(services.library, card)
    assert card.config.cell == "lstm"
    assert card.config.layers == 1
    assert card.config.tied
    makers: dict[str, Callable[[], Iterator[object]]] = {
        "bare loop, whole table": lambda: bare(generator.model, arguments.seed),
        "network, whole table": lambda: ours(generator, WHOLE_TABLE, arguments.seed),
        "network, default draw": lambda: ours(generator, NETWORK, arguments.seed),
    }
    three: Generator | None = None
    if generator.mixture:
        makers["mixture, default draw"] = lambda: ours(generator, BY_DEFAULT, arguments.seed)
        if (base := generator.mixture.base) is not None:
            three = without_base(generator)
            makers["without the base's counting"] = lambda: ours(three, BY_DEFAULT, arguments.seed)
            print(f"{card.name} keeps {table_bytes(base) / 1e6:.1f} MB of what its base had counted")
        makers[f"mixture after {LONG:,} words"] = lambda: ours(generator, BY_DEFAULT, arguments.seed)
    for drafts in arguments.drafts:
        makers[f"best of {drafts}, default draw"] = best_of(generator, drafts, arguments.seed)
    print(f"{machine()}, seed {arguments.seed}, {arguments.words} words in each of {arguments.rounds} rounds, medians")
    print(
        f"{card.name}: {card.vocabulary_size:,} pieces of {card.config.embedding_size}, {card.config.hidden_size} units"
    )
    empty = generator.memory
    dice = torch.Generator().manual_seed(arguments.seed)
    generator.feed((card.vocabulary_size ** torch.rand(LONG, generator=dice)).long().tolist())
    long = generator.memory
    rates: dict[str, list[float]] = {}
    for _ in range(arguments.rounds):
        for name, make in makers.items():
            for speaker in (generator, *([three] if three else [])):
                speaker.memory = long if name.startswith("mixture after") else empty
            words = make()
            next(words)
            began = time.perf_counter()
            for _ in range(arguments.words):
                next(words)
            rates.setdefault(name, []).append(arguments.words / (time.perf_counter() - began))
    first = next(iter(rates.values()))
    for name, values in rates.items():
        ratio = statistics.median(mine / bare for mine, bare in zip(values, first, strict=True))
        print(f"{name:28} {statistics.median(values):7,.0f} words/s   {ratio:5.2f} x the bare loop")


if __name__ == "__main__":
    main()
