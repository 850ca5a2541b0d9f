"""How often lines are joined or kept wrongly, by kind of text, over made-up texts that no rule was set by.

    python -m tests.benchmarks.line_kinds [--seeds 100] [--first 1000]

Every kind of `tests.odd_texts.lines` is made with so many seeds; a line end is wrong when it is joined and should stay,
or stays and should be joined.
"""

import argparse
import itertools
import time
from collections import Counter

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.lines.wrapping import rejoin_lines
from tests.odd_texts.lines import KINDS

_MARKS = str.maketrans("", "", " \t\u3000->")


def places_of_breaks(text: str) -> set[int]:
    """After how many signs that are no space, hyphen or quote mark a line ends."""
    return set(itertools.accumulate(len(line.translate(_MARKS)) for line in text.split("\n")))


def main() -> None:
    """Print a row for each kind with errors, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1_000)
    chosen = parser.parse_args()
    seconds = 0.0
    total: Counter[str] = Counter()
    print(f"{'kind':38} texts with errors  wrongly joined  wrongly kept")
    for name, make in KINDS.items():
        found: Counter[str] = Counter()
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            made = make(seed)
            begun = time.process_time()
            text = "".join(rejoin_lines([made.text], None, Findings()))
            seconds += time.process_time() - begun
            expected, got = places_of_breaks(made.expected), places_of_breaks(text)
            found["ends"] += len(places_of_breaks(made.text))
            found["joined"] += len(expected - got)
            found["kept"] += len(got - expected)
            found["texts"] += expected != got
        total.update(found)
        if found["texts"]:
            shares = (found["texts"] / chosen.seeds, found["joined"] / found["ends"], found["kept"] / found["ends"])
            print(f"{name:38} {shares[0]:17.1%} {shares[1]:15.2%} {shares[2]:13.2%}")
    wrong = total["joined"] + total["kept"]
    print(
        f"{len(KINDS)} kinds, {chosen.seeds} texts each: "
        f"{wrong / total['ends']:.2%} of {total['ends']:,} line ends wrong "
        f"({total['joined'] / total['ends']:.2%} joined, {total['kept'] / total['ends']:.2%} kept); {seconds:.1f} s"
    )


if __name__ == "__main__":
    main()
