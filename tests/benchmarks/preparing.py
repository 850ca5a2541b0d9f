"""How fast texts are prepared for training, and how much memory each phase takes, whatever their size.

    python -m tests.benchmarks.preparing [--data FOLDER] [--megabytes 1 100 2000] [--processors 1 2]

With a folder of books the text is prose: all of it, again and again with other letters exchanged in each copy, so that
no passage stands there twice and new words go on coming, each copy a file. Without one it is generated: words drawn by
rank as in English, in lines wrapped to 72 characters. Each size and number of processors runs in a process of its own;
the numbers of processors alternate, because the machine is not always the same.

Memory is the peak above a process that has loaded the trainer: what this process and those that help it hold alone,
looked at 20 times a second. Pages of the mapped file of numbers, which the system may take back at any time, are told
apart.
"""

import argparse
import dataclasses
import hashlib
import json
import random
import string
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PHASES = ("looked at", "counted", "vocabulary", "numbered", "found again", "trainer made", "words counted", "compared")


def write_texts(folder: Path, megabytes: float, data: Path | None = None) -> list[Path]:
    """Texts of so many megabytes together, the same every time."""
    left = int(megabytes * 1_000_000)
    if data is None:
        path = folder / "text.txt"
        _write_generated(path, left)
        return [path]
    prose = b"\n\n".join(path.read_bytes() for path in sorted(data.rglob("*.txt")))
    paths = []
    while left > 0:
        copy = prose[:left].translate(_exchanged(len(paths))) if paths else prose[:left]
        paths.append(folder / f"books-{len(paths)}.txt")
        paths[-1].write_bytes(copy)
        left -= len(copy)
    return paths


def _exchanged(copy: int) -> bytes:
    """A table that exchanges small letters, another way for each copy."""
    dice = random.Random(copy)
    letters = string.ascii_lowercase
    others = "".join(dice.sample(letters, len(letters)))
    return bytes.maketrans(letters.encode(), others.encode())


def _write_generated(path: Path, characters: int) -> None:
    dice = random.Random(1)
    syllables = [a + b for a in "bdfgklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en", "ing")]
    words = ["".join(dice.choices(syllables, k=1 + at % 4)) for at in range(60_000)]
    weights = [1 / (at + 3) for at in range(len(words))]
    left = characters
    with path.open("w", encoding="utf-8") as file:
        while left > 0:
            drawn = dice.choices(words, weights, k=60_000)
            drawn += [f"{dice.choice(words)}{dice.choice(words)}" for _ in range(600)]
            dice.shuffle(drawn)
            paragraphs = [" ".join(drawn[at : at + 120]) + "." for at in range(0, len(drawn), 120)]
            text = "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in paragraphs) + "\n\n"
            for _ in range(1 if characters < 200_000_000 else 20):  # else writing it would take too long
                file.write(text[:left])
                left -= min(left, len(text))


@dataclasses.dataclass
class Phase:
    """What one phase took."""

    seconds: float = 0.0
    megabytes: float = 0.0
    """At most, above the process before."""
    mapped: float = 0.0
    """At most, of mapped files."""
    longest: float = 0.0
    """Seconds between two signs of life."""


class Watch:
    """Measures phases."""

    def __init__(self) -> None:
        self.phases: dict[str, Phase] = {}
        self._before = sum(_memory())
        self._mapped_before = _mapped()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        phase = self.phases[name] = Phase()
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(0.05):
                phase.megabytes = max(phase.megabytes, sum(_memory()) - self._before)
                phase.mapped = max(phase.mapped, _mapped() - self._mapped_before)

        looking = threading.Thread(target=look)
        looking.start()
        began = time.perf_counter()
        try:
            yield
        finally:
            phase.seconds = time.perf_counter() - began
            ended.set()
            looking.join()

    def finished(self, name: str, work):  # type: ignore[no-untyped-def]
        """Go through the events of a phase."""
        with self.phase(name):
            last = time.perf_counter()
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    return end.value
                now = time.perf_counter()
                self.phases[name].longest = max(self.phases[name].longest, now - last)
                last = now


def measure(paths: list[Path], processors: int) -> None:
    """Prepare texts in this process and print the figures as JSON."""
    import torch

    from rnntui.lm.text.overlap import overlap_share
    from rnntui.lm.train.inputs import TrainerInputs
    from rnntui.lm.train.planner import REFERENCE
    from rnntui.lm.train.trainer import Trainer
    from rnntui.records import ReadOptions
    from rnntui.service.prepare import data_prep
    from rnntui.setting_fields import changed
    from rnntui.settings import TrainConfig
    from rnntui.store.corpora import Corpora

    torch.set_num_threads(1)
    torch.bincount(torch.zeros(1_000, dtype=torch.int32))
    watch = Watch()
    with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
        corpora = Corpora(Path(folder))
        chosen = watch.finished("looked at", data_prep.survey_files([str(path) for path in paths], ReadOptions(), 0.1))
        counted = watch.finished("counted", data_prep.count_tokens(chosen, corpora, processors))
        with watch.phase("vocabulary"):
            tokenizer = data_prep.build_tokenizer(counted, REFERENCE)
        text = watch.finished("numbered", data_prep.encode_corpus(chosen, counted, tokenizer, corpora, processors))
        text = watch.finished("found again", data_prep.encode_corpus(chosen, counted, tokenizer, corpora, processors))
        with watch.phase("trainer made"):
            shape = changed(REFERENCE, vocabulary_limit=len(tokenizer))
            trainer = Trainer(TrainerInputs(text, tokenizer, shape, TrainConfig(threads=1)))
        with watch.phase("words counted"):
            count = int(trainer.data.token_counts.sum())
        watch.finished("compared", overlap_share(trainer.data.counted_ids, trainer.data.validation, tokenizer))
        digest = hashlib.sha256(counted.to_bytes())
        for start in range(0, count, 1 << 22):
            digest.update(text.ids[start : start + (1 << 22)].numpy().tobytes())
    found = {name: dataclasses.asdict(phase) for name, phase in watch.phases.items()}
    print(json.dumps({"phases": found, "numbers": count, "hash": digest.hexdigest()[:12]}))


def _memory() -> list[float]:
    """Megabytes that this process and its children hold alone: anonymous pages, not those of mapped files."""
    children = Path("/proc/self/task").glob("*/children")
    processes = ["self", *(number for path in children for number in path.read_text(encoding="ascii").split())]
    return [_of_status(process, "RssAnon:") for process in processes]


def _mapped() -> float:
    return _of_status("self", "RssFile:")


def _of_status(process: str, name: str) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:  # it has just ended
        return 0.0
    return int(status.partition(name)[2].split()[0]) / 1024 if name in status else 0.0


def run(paths: list[Path], processors: int) -> dict:  # type: ignore[type-arg]
    """Measure in a process of its own, on so many processors."""
    command = [sys.executable, "-m", "tests.benchmarks.preparing", "--processors", str(processors)]
    done = subprocess.run([*command, "--files", *map(str, paths)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def main() -> None:
    """Run each size in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with books")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[1.0, 100.0])
    parser.add_argument("--processors", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--files", type=Path, nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.files:
        measure(chosen.files, chosen.processors[0])
        return
    compare(chosen.megabytes, chosen.data, chosen.processors, chosen.rounds)


def compare(sizes: list[float], data: Path | None, processors: list[int], rounds: int = 1) -> None:
    """Prepare texts of these sizes, in megabytes, and print the tables."""
    from tests.benchmarks.seed_novel import machine

    print(machine())
    for megabytes in sizes:
        with tempfile.TemporaryDirectory() as folder:
            paths = write_texts(Path(folder), megabytes, data)
            for number in range(rounds):
                results = {count: run(paths, count) for count in processors}
                print(f"\n{megabytes:,.0f} MB in {len(paths)} files, round {number + 1}")
                show(megabytes, results)


def show(megabytes: float, results: dict) -> None:  # type: ignore[type-arg]
    """A table for each number of processors, and how they compare."""
    speeds = {}
    for processors, result in results.items():
        phases = {name: Phase(**values) for name, values in result["phases"].items()}
        speeds[processors] = megabytes / sum(phases[name].seconds for name in PHASES[:4])
        print(f"\n{processors} processors: {result['numbers']:,} numbers, hash {result['hash']}")
        print(f"{'phase':14} {'s':>8} {'MB/s':>7} {'peak MB':>8} {'mapped':>7} {'longest wait s':>15}")
        for name in PHASES:
            phase = phases[name]
            print(
                f"{name:14} {phase.seconds:8.2f} {megabytes / max(phase.seconds, 1e-3):7.1f} {phase.megabytes:8.0f} "
                f"{phase.mapped:7.0f} {phase.longest:15.2f}"
            )
        print(f"prepared at {speeds[processors]:.2f} MB/s")
    first = next(iter(speeds))
    for processors in list(speeds)[1:]:
        print(f"{processors} processors are {speeds[processors] / speeds[first]:.2f} times as fast as {first}")


if __name__ == "__main__":
    main()
