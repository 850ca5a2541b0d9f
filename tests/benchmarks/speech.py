"""Does what is said read like the book? How well a classifier tells it apart, and what an independent judge says.

    python -m tests.benchmarks.speech --books PATH ... [--model NAME] [--judge PATH ...] [--learned PATH ...]
        [--settings NAME ...] [--passages N] [--draws N] [--cores N] [--share S] [--examples N]

Each PATH is a text file or a folder of them. Of the books, or of their last share S, places are taken at even
distances: twelve words are read from an empty memory, sixty are said. "AUC": a classifier of words and letters tells
what was said from what the book says there (.5 is a guess); each draw has dice of its own, all are shown. "others":
the same, asked about books of which it has learned nothing, so that their names give nothing away. "judge": bits per
character that counting over the judge's texts gives, against what it gives to the book; too high is salad, too low is
mush. "distinct", "2": shares of different words and pairs; "again 4": of runs of four that stood in the passage
before. "copied": the share of runs of eight words that stand in the learned texts, and the longest run.

A setting is "default", the name of a preset, or fields with commas: "top_p=0.8,temperature=0.9". Beside those of the
program: "network_temperature" (before mixing) and "mirostat" (bits; Basu et al. 2021) with "mirostat_rate". Texts are
compared as they are: give a model whose texts were typographic typographic books.
"""

import argparse
import dataclasses
import itertools
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.config import Config
from rnntui.lm.generator import Generator
from rnntui.lm.text.text_source import read_document
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from tests.benchmarks.seed_novel import machine
from tests.benchmarks.spoken.judging import Copied, Judge, distinct, repeated
from tests.benchmarks.spoken.passages import PASSAGE_WORDS, Passage, first_words, passages_of
from tests.benchmarks.spoken.side_by_side import SideBySide, way_named
from tests.benchmarks.spoken.telling_apart import Told, tell_apart

SETTINGS = (
    "default",
    "voice=network",
    "top_p=1",
    "top_p=0.95",
    "top_p=0.8",
    "temperature=0.9",
    "temperature=0.8",
    "top_p=1,min_p=0.01",
    "top_p=1,min_p=0.05",
    "top_p=1,typical_p=0.95",
    "top_p=1,eta=0.0003",
    "top_p=1,eta=0.002",
    "top_p=1,mirostat=6",
)
_CHECKED_TOKENS = 40
_CLOSE = 1e-4
_loaded: dict[str, Generator] = {}


@dataclass(frozen=True, slots=True)
class Job:
    """One draw of all passages."""

    model: str
    setting: str
    seed: int
    passages: tuple[Passage, ...]


def speaker(model: str) -> Generator:
    """The model, loaded once in each process."""
    torch.set_num_threads(1)
    if model not in _loaded:
        services = Services(find_paths(), Config())
        _loaded[model] = load_generator(services.library, services.find_model(model))
    return _loaded[model]


def said(job: Job) -> tuple[list[str], Told, float]:
    """What is said in all places, how well it is told from the book, and tokens a second of processor time."""
    generator, way = speaker(job.model), way_named(job.setting)
    began = time.process_time()
    answers = SideBySide(generator, way).say([passage.prompt for passage in job.passages], PASSAGE_WORDS, job.seed)
    tokens = sum(len(generator.tokenizer.encode(answer)) for answer in answers)
    speed = tokens / (time.process_time() - began)
    answers = [first_words(answer) for answer in answers]
    return answers, told_of(answers, [passage.own for passage in job.passages], job.passages), speed


def told_of(said: Sequence[str], own: Sequence[str], passages: Sequence[Passage]) -> Told:
    return tell_apart(said, own, [passage.book for passage in passages])


def check(model: str, setting: str, prompt: str) -> float:
    """The largest difference between a chance here and in the program; settings that it does not have are not checked.

    Raises:
        SystemExit: If the two are not the same.
    """
    way = way_named(setting)
    if way.is_own:
        return 0.0
    difference = SideBySide(speaker(model), way).difference(prompt, _CHECKED_TOKENS, 1)
    if difference > _CLOSE:
        raise SystemExit(f"{setting}: a word's chance differs from the program's by {difference:.2g}.")
    return difference


def texts_at(paths: Sequence[Path], share: float = 1.0) -> list[tuple[str, str]]:
    """Names and texts of files, and of those in folders; or the last share of each."""
    files = [file for path in paths for file in (sorted(path.glob("*.txt")) if path.is_dir() else [path])]
    texts = [(file.name, read_document(file).text) for file in files]
    return [(name, text[-max(1, round(share * len(text))) :]) for name, text in texts]


def as_spoken(generator: Generator, passage: Passage) -> Passage:
    """A passage with what the model can say: a character that it does not know is shown as one."""
    own, later = (generator.tokenizer.decode(generator.tokenizer.encode(text)) for text in (passage.own, passage.later))
    return dataclasses.replace(passage, own=own, later=later)


def row(name: str, told: Sequence[Told], judged: Sequence[float], texts: Sequence[str]) -> str:
    areas = [each.auc for each in told]
    others = statistics.mean(each.auc_of_other_books for each in told)
    shown = " ".join(f"{area:.3f}" for area in areas)
    judges = "".join(f"{share:8.3f}" for share in judged)
    varied = f"{distinct(texts, 1):9.3f}{distinct(texts, 2):7.3f}{100 * repeated(texts):7.2f} %"
    return f"{name:36} {statistics.mean(areas):6.3f}  {shown:20}{others:8.3f}{judges}{varied}"


def results(jobs: Sequence[Job], cores: int) -> Iterator[tuple[list[str], Told, float]]:
    """What `said` gives for each job, in order, from so many processes."""
    if cores == 1:
        yield from map(said, jobs)
        return
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(said, jobs)


def show_copied(learned: Sequence[Path], share: float, groups: dict[str, list[str]]) -> None:
    """For each group of texts what of it stands in the learned ones, of which the beginning was learned from."""
    texts = [text[: round(share * len(text))] for _, text in texts_at(learned)]
    for name, (copied, longest) in zip(groups, Copied(texts).shares(list(groups.values())), strict=True):
        print(f"{name:36} copied runs of eight {100 * copied:.2f} %, longest {longest} words")


def arguments_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=Path, nargs="+", required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of each book, its end")
    parser.add_argument("--model", default="starter")
    parser.add_argument("--judge", type=Path, nargs="+", action="append", default=[], help="again for another judge")
    parser.add_argument("--learned", type=Path, nargs="*", default=[], help="what the model learned from")
    parser.add_argument("--learned-share", type=float, default=1.0, help="of each of these, its beginning")
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS))
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--examples", type=int, default=0, help="passages to show of each setting")
    parser.add_argument("--signs", type=int, default=0, help="features to show that gave the speech away")
    return parser.parse_args()


def main() -> None:
    arguments = arguments_of()
    generator, draws = speaker(arguments.model), arguments.draws
    found = passages_of(texts_at(arguments.books, arguments.share), arguments.passages)
    passages = tuple(as_spoken(generator, passage) for passage in found)
    print(f"{machine()}, {arguments.model}, {len(passages)} passages, seeds 1 to {draws}", flush=True)
    for setting in arguments.settings:
        check(arguments.model, setting, passages[0].prompt)
    prompts, own = [passage.prompt for passage in passages], [passage.own for passage in passages]
    judges = [Judge([text for _, text in texts_at(paths)]) for paths in arguments.judge]
    expected = [judge.bits(prompts, own) for judge in judges]
    print(f"judges, bits per character of the book: {', '.join(f'{bits:.3f}' for bits in expected) or 'none'}")
    columns = "".join(f"{f'judge {number}':>8}" for number in range(1, len(judges) + 1))
    print(f"{'setting':36} {'AUC':>6}  {'each draw':20}{'others':>8}{columns}{'distinct':>9}{'2':>7}{'again 4':>9}")
    later = told_of([passage.later for passage in passages], own, passages)
    print(row("the book, a little later", [later], [1.0] * len(judges), own), flush=True)
    seeds = range(1, draws + 1)
    jobs = [Job(arguments.model, setting, seed, passages) for setting in arguments.settings for seed in seeds]
    done = results(jobs, arguments.cores)
    groups = {"the book": own}
    for setting in arguments.settings:
        answers, told, speeds = zip(*itertools.islice(done, draws), strict=True)
        texts = groups[setting] = [answer for draw in answers for answer in draw]
        judged = [judge.bits(prompts * draws, texts) / bits for judge, bits in zip(judges, expected, strict=True)]
        print(row(setting, told, judged, answers[0]) + f"  {statistics.mean(speeds):.0f} tokens/s", flush=True)
        if arguments.signs:
            print(f"    said: {'  '.join(told[0].signs_of_speech[: arguments.signs])}")
            print(f"    book: {'  '.join(told[0].signs_of_book[: arguments.signs])}", flush=True)
        for number in range(arguments.examples):
            at = number * len(passages) // arguments.examples
            print(f"    {prompts[at]!r} {texts[at]!r}", flush=True)
    if arguments.learned:
        show_copied(arguments.learned, arguments.learned_share, groups)


if __name__ == "__main__":
    main()
