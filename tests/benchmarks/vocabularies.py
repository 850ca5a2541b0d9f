"""Vocabularies of the same text compared: how many parts of words, or how many words where there are no spaces.

    python -m tests.benchmarks.vocabularies --results FILE [--minutes M] [--seed N] TEXT:WAY[,WAY...] ...

A way is a number of parts (400), or a number of words beside single characters (w4000); "auto" is what the program
chooses. TEXT is a file, or "japanese", "thai", "han": invented text whose words are known; then the share of these that
were found is printed too. Each text is cut to the same length and trained for so many *counted* minutes: a step takes
what it takes on a machine that reads `planner.USUAL_TOKENS_PER_SECOND`, so that what else this machine does changes
nothing. Results are added to FILE, one JSON object a line; what is there is not run again.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.lm.progress import run_to_end
from rnntui.lm.text.text_source import read_document
from rnntui.lm.tokens import word_choice
from rnntui.lm.tokens.corpus import CountedText, TrainingText, tail_split
from rnntui.lm.tokens.segmenter import unspaced_letters
from rnntui.lm.tokens.splitting import split
from rnntui.lm.tokens.text_counts import WordCount
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.planner import REFERENCE, USUAL_TOKENS_PER_SECOND, plan_model, relative_cost
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import ModelConfig, TrainConfig
from tests.benchmarks.seed_novel import machine
from tests.odd_texts.languages import without_spaces

INVENTED = ("japanese", "thai", "han")


class CountedClock:
    """Says what time it is on a machine of a known speed: each step takes what its tokens take there."""

    def __init__(self, shape: ModelConfig, config: TrainConfig) -> None:
        tokens = config.rows * config.bptt_length
        self._step = tokens * relative_cost(shape, config.rows) / USUAL_TOKENS_PER_SECOND
        self.seconds = 0.0

    def poll(self) -> str:
        """One more step."""
        self.seconds += self._step
        return "run"


def cut_text(whole: str, characters: int) -> TrainingText:
    """A text cut to a length, its last tenth held out."""
    text = whole[:characters]
    end = int(0.9 * len(text))
    cut = max(text.rfind(" ", end - 2_000, end), text.rfind("\n", end - 2_000, end))
    training, tuning = tail_split(text[:cut], cut)
    return TrainingText(training, text[cut:].lstrip(), tuning=tuning)


def counted_text(text: TrainingText) -> CountedText:
    """What the program's first pass finds in a text, as far as a vocabulary is chosen by it."""
    counts = Counter(split(text.training))
    return CountedText(
        sources=(),
        cuts=(),
        counts=counts,
        alphabet=frozenset(text.training),
        pieces=counts.total(),
        words=counts.total(),
        characters=len(text.training),
        held_out=text.validation,
        tuning=text.tuning,
        recent=text.training,
        opening="",
        notes=(),
        repeated_share=0.0,
        repeated_example="",
        unspaced_share=0.0,
    )


def tokenizer_of(text: TrainingText, way: str, limit: int) -> Tokenizer:
    """The vocabulary that a way gives."""
    counted = counted_text(text)
    if way.isdigit():
        return Tokenizer.from_counts(counted.counts, counted.alphabet, limit, int(way))
    numbers = word_choice._NUMBERS
    word_choice._NUMBERS = (int(way[1:]),) if way.startswith("w") else numbers
    try:
        return run_to_end(word_choice.tokenizer_steps(counted, limit, REFERENCE.word_parts))[0]
    finally:
        word_choice._NUMBERS = numbers


def trained(text: TrainingText, tokenizer: Tokenizer, minutes: float, seed: int) -> dict[str, Any]:
    """Train for so many counted minutes and measure on the held-out text."""
    tokens = len(tokenizer.encode(text.training))
    shape, config = plan_model(tokens, 60 * minutes, {"seed": seed})
    clock = CountedClock(shape, config)
    control = RunControl(clock=lambda: clock.seconds, poll=clock.poll)
    trainer = Trainer(TrainerInputs(text, tokenizer, shape, config), control)
    began = time.process_time()
    for _ in trainer.run():
        pass
    assert trainer.measured is not None
    count = WordCount(tokenizer)
    count.add(torch.tensor(tokenizer.encode(text.validation), dtype=torch.int32))
    return {
        "network": trainer.measured.bits_per_character,
        "mixture": trainer.measured.mixture_bits_per_character,
        "without_network": trainer.measured.bits_without_network,
        "hidden": shape.hidden_size,
        "steps": trainer.steps,
        "passes": trainer.passes,
        "tokens": tokens,
        "entries": len(tokenizer),
        "spelled_share": count.spelled_words / max(1, count.words),
        "processor_seconds": time.process_time() - began,
    }


def found_share(tokenizer: Tokenizer, sentences: list[list[str]]) -> dict[str, float]:
    """How many words of the lexicon have entries, and how many entries of several letters are words of it."""
    lexicon = {word for sentence in sentences for word in sentence if len(split(word)) > 1}
    letters = unspaced_letters(piece for piece in tokenizer.pieces if len(piece) == 1)
    made = {piece for piece in tokenizer.pieces if piece[0] in letters and len(split(piece)) > 1}
    both = len(lexicon & made)
    return {"found": both / len(lexicon), "right": both / max(1, len(made))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", metavar="TEXT:WAYS")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--characters", type=int, default=480_000)
    parser.add_argument("--vocabulary", type=int, default=REFERENCE.vocabulary_limit)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = arguments.results.read_text(encoding="utf-8").splitlines() if arguments.results.is_file() else []
    known = [json.loads(line) for line in lines]
    print(machine(), flush=True)
    for entry in arguments.texts:
        name, _, ways = entry.rpartition(":")
        sentences: list[list[str]] = []
        if name in INVENTED:
            whole, sentences = without_spaces(name, arguments.seed, arguments.characters)
        else:
            whole = read_document(Path(name)).text
        text = cut_text(whole, arguments.characters)
        for way in ways.split(","):
            key = {"text": Path(name).stem, "way": way, "minutes": arguments.minutes, "seed": arguments.seed}
            key |= {"characters": arguments.characters, "vocabulary": arguments.vocabulary}
            if any(all(row.get(field) == value for field, value in key.items()) for row in known):
                continue
            tokenizer = tokenizer_of(text, way, arguments.vocabulary)
            row = key | (found_share(tokenizer, sentences) if sentences else {})
            row |= trained(text, tokenizer, arguments.minutes, arguments.seed)
            with arguments.results.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
            print(row, flush=True)


if __name__ == "__main__":
    main()
