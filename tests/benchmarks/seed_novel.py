"""The article's own task: its filter and split of a novel, five minutes of training, bits per character held out.

    python tests/benchmarks/seed_novel.py PATH [--minutes M] [--seed N] [--counting-only] [--FIELD VALUE ...]

PATH is the plain text of *War and Peace*. Everything is chosen by the program from words and minutes, unless FIELD, any
field of ModelConfig or TrainConfig such as --learning-rate, says otherwise. Counting is measured in the same run, alone
and with recent words; --counting-only measures these and trains nothing.
"""

import argparse
import dataclasses
import functools
import math
import platform
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.events import Evaluated, RunStarted, SampleDrawn, StepLogged
from rnntui.lm.hardware.calibration import speed_steps
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import Mixture, fit_gates
from rnntui.lm.mix.ngram import KneserNey, baseline_nats
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.corpus import TrainingText, tail_split
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.planner import estimate_tokens, plan_model
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import ModelConfig, TrainConfig


def seed_text(path: Path) -> TrainingText:
    """The filter and split of the article's companion code: 90 % of the characters train, the rest is held out."""
    kept = re.sub(r"[^A-Za-z0-9 \-.;,\n?!]", "", path.read_text(encoding="utf-8"))
    text = re.sub(" +", " ", kept.replace("\n", " "))
    cut = int(len(text) * 0.9)
    training, tuning = tail_split(text[:cut], cut)
    return TrainingText(training, text[cut:], tuning=tuning)


def machine() -> str:
    """What the figures were measured on."""
    processor = f"{platform.machine()} with {torch.backends.cpu.get_cpu_capability()}"
    return f"{processor}, torch {torch.__version__}, {torch.get_num_threads()} threads"


@dataclass(frozen=True, slots=True)
class Result:
    """What a training came to, in bits per character on the held-out text."""

    network: float
    mixture: float
    counting: float
    counting_and_recent: float
    """Without any network, with shares of their own: what a network has to beat."""
    perplexity: float
    words_per_second: float
    seconds: float
    """From the first look at the text to the last measurement."""
    passes: float
    shape: ModelConfig
    planned_speed: float
    """Words per second of the planner's reference shape, measured before the plan was made."""


def trained(
    text: TrainingText, minutes: float, chosen: Mapping[str, object], tell: Callable[[str], None] = print
) -> Result:
    """Train as the program does, with what it chooses by itself unless `chosen` says otherwise."""
    began = time.perf_counter()
    if "threads" in chosen:
        torch.set_num_threads(int(str(chosen["threads"])))
    speed = run_to_end(speed_steps(min(2.0, minutes)))
    model_config, config = plan_model(estimate_tokens(text.training), 60 * minutes, chosen, speed)
    tell(f"{speed:.0f} words/s of the reference shape: {model_config} {config}")
    tokenizer = Tokenizer.train([text.training], model_config.vocabulary_limit, model_config.word_parts)
    inputs = TrainerInputs(text, tokenizer, model_config, config)
    trainer = Trainer(inputs, RunControl(clock=time.perf_counter, began=began))
    tell(f"looking at the machine, tokenizer and reading: {time.perf_counter() - began:.1f} s")
    for event in trainer.run():
        match event:
            case RunStarted():
                tell(f"{event.training_words} words, {event.parameters} parameters")
            case StepLogged() if event.step % 100 < 10:
                words = f"{event.words_per_second:6.0f} words/s"
                tell(f"  {event.seconds:5.0f} s  {event.bits_per_character:.3f} train  {words}")
            case Evaluated():
                mark = " (final)" if event.is_final else ""
                tell(f"  {event.seconds:5.0f} s  {event.bits_per_character:.4f} held out{mark}")
            case SampleDrawn():
                tell(f"           {event.prompt!r} -> {event.text!r}")
    seconds = time.perf_counter() - began
    assert trainer.measured is not None
    held_out = torch.tensor(tokenizer.encode(text.validation))
    counted = {
        name: nats / math.log(2) / len(text.validation)
        for name, nats in baseline_nats(trainer.data.counted_ids, held_out, len(tokenizer)).items()
    }
    for name, bits in counted.items():
        tell(f"{bits:.4f} bits/char: {name}, {bits / trainer.measured.bits_per_character:.3f} x the network")
    return Result(
        trainer.measured.bits_per_character,
        trainer.measured.mixture_bits_per_character,
        counted["counting, 5 words"],
        trainer.measured.bits_without_network,
        trainer.measured.perplexity,
        trainer.tokens_per_second,
        seconds,
        trainer.passes,
        model_config,
        speed,
    )


def without_network(text: TrainingText, tokenizer: Tokenizer) -> tuple[float, float]:
    """Bits per character on the held-out text of counting, and of counting and recent words, as a run measures them."""
    learned, tuning, held_out = (
        torch.tensor(tokenizer.encode(part)) for part in (text.training, text.tuning, text.validation)
    )
    nothing = torch.full((held_out.numel(),), -math.inf, dtype=torch.float64)
    before = RecentTokens(tuning[:1].tolist())
    gates = fit_gates(KneserNey(learned, len(tokenizer)), tuning[1:].tolist(), nothing[: tuning.numel() - 1], before)
    counting = KneserNey(torch.cat((learned, tuning)), len(tokenizer))
    mixture = Mixture(counting, gates.together, None, gates.without_network)
    alone = counting.log_probabilities(held_out[1:], held_out[:1])
    mixed = mixture.score_parts(
        held_out[1:].tolist(), nothing[1:], RecentTokens(held_out[:1].tolist())
    ).logs_without_network
    assert mixed is not None
    alone_bits, mixed_bits = (-float(logs.sum()) / math.log(2) / len(text.validation) for logs in (alone, mixed))
    return alone_bits, mixed_bits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--counting-only", action="store_true")
    fields = {entry.name for owner in (ModelConfig, TrainConfig) for entry in dataclasses.fields(owner)}
    for name in sorted(fields - {"budget_seconds"}):
        parser.add_argument(f"--{name.replace('_', '-')}")
    arguments = vars(parser.parse_args())
    if not arguments["path"].is_file():
        sys.exit(f"{arguments['path']} is not there; give the path of the novel.")
    chosen = {name: value for name, value in arguments.items() if name in fields and value is not None}
    text = seed_text(arguments["path"])
    print(machine())
    print(
        f"characters: {len(text.training)} train, {len(text.tuning)} tune, {len(text.validation)} held out", flush=True
    )
    if arguments["counting_only"]:
        shape, _ = plan_model(estimate_tokens(text.training), 60 * arguments["minutes"], chosen)
        tokenizer = Tokenizer.train([text.training], shape.vocabulary_limit, shape.word_parts)
        alone, mixed = without_network(text, tokenizer)
        print(f"{len(tokenizer):,} pieces, bits/char: counting {alone:.4f}, counting and recent words {mixed:.4f}")
        return
    result = trained(text, arguments["minutes"], chosen, functools.partial(print, flush=True))
    print(f"{result.mixture:.4f} bits/char: network, counting and recent words together")
    print(f"{result.counting_and_recent:.4f} bits/char: counting and recent words without the network")
    print(
        f"{result.network:.4f} bits/char, perplexity {result.perplexity:.1f}, {result.words_per_second:.0f} words/s "
        f"with evaluations, {result.seconds:.0f} s in all, {result.passes:.2f} passes"
    )


if __name__ == "__main__":
    main()
