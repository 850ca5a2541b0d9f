"""Whether the game is fair: `python -m tests.benchmarks.guessing [--seeds 12] [--model NAME]`.

Of eight words nothing may tell which one was put among them. If that holds, what a calibrated voice gives to the eight
is what happens: its bits are, on average, those that it expects (the entropy of its shares). All voices together are
fitted on held-out text; for them the gap should be within two standard errors of 0. No idea costs 3 bits. Also how long
a question takes to be made.
"""

import argparse
import math
import statistics
import time

from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.service.play.rules import PlayRequest, Question
from rnntui.service.play.scoring import bits_of
from rnntui.service.services import Services

_ROUNDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--model", default="")
    parser.add_argument("file", nargs="?", default="")
    arguments = parser.parse_args()
    play = Services(find_paths(), Config()).play
    asked: list[Question] = []
    seconds: list[float] = []
    for seed in range(arguments.seeds):
        request = PlayRequest(arguments.model, arguments.file, seed=seed, rounds=_ROUNDS)
        began = time.perf_counter()
        for event in play.begin(request):
            if isinstance(event, Question):
                asked.append(event)
                seconds.append(time.perf_counter() - began)
            began = time.perf_counter()
    print(f"{len(asked)} questions of {arguments.seeds} seeds; the slowest took {max(seconds):.2f} s to be made,")
    print(f"the median {1000 * statistics.median(seconds):.0f} ms")
    for voice in asked[0].given:
        paid = [bits_of(question.given[voice]) for question in asked]
        expected = [sum(share * bits_of(share) for share in question.shares[voice]) for question in asked]
        gaps = [one - other for one, other in zip(paid, expected, strict=True)]
        error = statistics.stdev(gaps) / math.sqrt(len(gaps))
        print(
            f"{voice:<9} {statistics.mean(paid):.3f} bits a word, {statistics.mean(expected):.3f} expected: "
            f"gap {statistics.mean(gaps):+.3f} (standard error {error:.3f})"
        )


if __name__ == "__main__":
    main()
