"""Kill the program while it prepares a text, again and again, and see whether it comes to the same numbers.

    python -m tests.benchmarks.preparing_killed [--data FOLDER] [--megabytes 200] [--kills 10] [--seed 1]

Each life is a process that looks at the text, counts it and numbers it in one folder of prepared texts, and is killed
with SIGKILL at a random instant. After the last kill one life comes to its end. What it has then, counts and numbers,
is compared with what an undisturbed process makes of the text. Of each kill the phase is told that it fell into, and
of each life what it found done already; a helping process that outlives the one that started it ends everything.
"""

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rnntui.store.files.processes import is_alive
from tests.benchmarks.preparing import write_texts

SECONDS_TO_END = 30.0


def prepare(folder: Path, paths: list[Path], processors: int) -> None:
    """One life: prints each phase as it begins, and the hash of everything at the end."""
    from rnntui.lm.train.planner import REFERENCE
    from rnntui.records import ReadOptions
    from rnntui.service.prepare import data_prep
    from rnntui.store.corpora import Corpora

    corpora, last = Corpora(folder), ""

    def finished(work):  # type: ignore[no-untyped-def]
        nonlocal last
        while True:
            try:
                what = next(work).what
            except StopIteration as end:
                return end.value
            if what.split(" ")[0] != last:
                last = what.split(" ")[0]
                print(last, flush=True)

    chosen = finished(data_prep.survey_files([str(path) for path in paths], ReadOptions(), 0.1))
    counted = finished(data_prep.count_tokens(chosen, corpora, processors))
    tokenizer = data_prep.build_tokenizer(counted, REFERENCE)
    text = finished(data_prep.encode_corpus(chosen, counted, tokenizer, corpora, processors))
    digest = hashlib.sha256(counted.to_bytes())
    for start in range(0, text.ids.numel(), 1 << 22):
        digest.update(text.ids[start : start + (1 << 22)].numpy().tobytes())
    print(json.dumps(digest.hexdigest()), flush=True)


class Life:
    """A process that prepares."""

    def __init__(self, folder: Path, paths: list[Path], processors: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.preparing_killed", "--processors", str(processors)]
        command += ["--folder", str(folder), "--files", *map(str, paths)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.began = time.perf_counter()

    def killed_after(self, seconds: float) -> list[str]:
        """The phases that it came to; all of them when it ended before."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            helpers = self._helpers()
            self._process.kill()
            self._process.wait()
            ends = time.perf_counter() + SECONDS_TO_END
            while any(map(is_alive, helpers)):
                if time.perf_counter() > ends:
                    sys.exit("a helping process outlives the one that started it")
                time.sleep(0.01)
        return self.told()

    def told(self) -> list[str]:
        """What it has printed."""
        assert self._process.stdout
        with self._process.stdout as stdout:
            return stdout.read().decode().splitlines()

    def _helpers(self) -> list[int]:
        children = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return [int(number) for path in children for number in path.read_text(encoding="ascii").split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with books")
    parser.add_argument("--megabytes", type=float, default=200.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processors", type=int, default=2)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--files", type=Path, nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.folder:
        prepare(chosen.folder, chosen.files, chosen.processors)
        return
    from tests.benchmarks.seed_novel import machine

    dice = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as place:
        paths = write_texts(Path(place), chosen.megabytes, chosen.data)
        life = Life(Path(place) / "undisturbed", paths, chosen.processors)
        expected = life.told()
        seconds = time.perf_counter() - life.began
        print(f"{machine()}\n{chosen.megabytes:,.0f} MB, seed {chosen.seed}: undisturbed {seconds:.1f} s, {expected}")
        for number in range(chosen.kills):
            instant = dice.uniform(0, seconds)
            phases = Life(Path(place) / "killed", paths, chosen.processors).killed_after(instant)
            print(f"kill {number + 1:3} after {instant:6.1f} s: {', '.join(phases) or 'starting'}", flush=True)
            if phases[-1:] == expected[-1:]:  # it came to its end before
                shutil.rmtree(Path(place) / "killed")
        found = Life(Path(place) / "killed", paths, chosen.processors).told()
        print(f"at last: {found}")
        if found[-1] != expected[-1]:
            sys.exit("the numbers differ")
        print("The numbers are those of the undisturbed process.")


if __name__ == "__main__":
    main()
