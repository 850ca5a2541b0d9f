"""The article's own task: its filter and split of a novel, five minutes of training, bits per character held out.

    python tests/benchmarks/seed_novel.py PATH [--minutes M] [--seed N] [--FIELD VALUE ...]

PATH is the plain text of *War and Peace*. Everything is chosen by the program from words and minutes, unless FIELD, any
field of ModelConfig or TrainConfig such as --learning-rate, says otherwise. Counting is measured in the same run.
"""

import argparse
import dataclasses
import math
import platform
import re
import sys
import time
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.events import Evaluated, RunStarted, SampleDrawn, StepLogged
from rnntui.lm.corpus import TrainingText, hold_back
from rnntui.lm.ngram import baseline_nats
from rnntui.lm.planner import estimated_words, plan
from rnntui.lm.tokenizer import Tokenizer
from rnntui.lm.trainer import Trainer
from rnntui.settings import ModelConfig, TrainConfig


def seed_text(path: Path) -> TrainingText:
    """The filter and split of the article's companion code: 90 % of the characters train, the rest is held out."""
    kept = re.sub(r"[^A-Za-z0-9 \-.;,\n?!]", "", path.read_text(encoding="utf-8"))
    text = re.sub(" +", " ", kept.replace("\n", " "))
    cut = int(len(text) * 0.9)
    (training,), (tuning,) = hold_back([text[:cut]])
    return TrainingText(training, text[cut:], tuning=tuning)


def machine() -> str:
    """What the figures were measured on."""
    processor = f"{platform.machine()} with {torch.backends.cpu.get_cpu_capability()}"
    return f"{processor}, torch {torch.__version__}, {torch.get_num_threads()} threads"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    fields = {entry.name for owner in (ModelConfig, TrainConfig) for entry in dataclasses.fields(owner)}
    for name in sorted(fields - {"budget_seconds"}):
        parser.add_argument(f"--{name.replace('_', '-')}")
    arguments = vars(parser.parse_args())
    if not arguments["path"].is_file():
        sys.exit(f"{arguments['path']} is not there; give the path of the novel.")
    chosen = {name: value for name, value in arguments.items() if name in fields and value is not None}
    text = seed_text(arguments["path"])
    model_config, config = plan(estimated_words(text.training), 60 * arguments["minutes"], chosen)
    print(machine())
    print(f"characters: {len(text.training)} train, {len(text.validation)} held out; {model_config} {config}")
    began = time.perf_counter()
    tokenizer = Tokenizer.train([text.training], model_config.vocabulary_limit)
    trainer = Trainer(text, tokenizer, model_config, config)
    print(f"tokenizer and reading: {time.perf_counter() - began:.1f} s", flush=True)
    for event in trainer.run():
        match event:
            case RunStarted():
                print(f"{event.training_words} words, {event.parameters} parameters")
            case StepLogged() if event.step % 100 < 10:
                speed = f"{event.words_per_second:6.0f} words/s"
                print(f"  {event.seconds:5.0f} s  {event.bits_per_character:.3f} train  {speed}")
            case Evaluated():
                mark = " (final)" if event.is_final else ""
                print(f"  {event.seconds:5.0f} s  {event.bits_per_character:.4f} held out{mark}", flush=True)
            case SampleDrawn():
                print(f"           {event.prompt!r} -> {event.text!r}")
    assert trainer.measured is not None
    held_out = torch.tensor(tokenizer.encode(text.validation))
    began = time.perf_counter()
    for name, nats in baseline_nats(trainer.counted_ids, held_out, len(tokenizer)).items():
        bits = nats / math.log(2) / len(text.validation)
        print(f"{bits:.4f} bits/char: {name}, {bits / trainer.measured.bits_per_character:.3f} x the network")
    print(f"  (all of them counted in {time.perf_counter() - began:.1f} s)")
    print(f"{trainer.measured.mixture_bits_per_character:.4f} bits/char: network, counting and recent words together")
    print(
        f"{trainer.measured.bits_per_character:.4f} bits/char, perplexity {trainer.measured.perplexity:.1f}, "
        f"{trainer.words_per_second:.0f} words/s with evaluations, {trainer.seconds:.0f} s, seed {config.seed}, "
        f"{trainer.passes:.2f} passes"
    )


if __name__ == "__main__":
    main()
