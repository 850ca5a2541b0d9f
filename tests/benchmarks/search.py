"""How long it takes to search a million words, and to commit a turn.

    python -m tests.benchmarks.search [--words N]

Fills a fresh file with conversations of made-up sentences whose words are as unevenly frequent as those of a language
(Zipf's law), then prints the median and the longest of many searches for each kind of query, and of many turns as they
are stored: the person's turn, and a reply's end with its settings and a memory of 4 kB.
"""

import argparse
import dataclasses
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

from rnntui.records import Snapshot, Turn
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.sessions import Sessions

VOCABULARY = 20_000
TURNS_IN_ONE = 400
REPEATS = 30


def word(rank: int) -> str:
    """A made-up word; each rank has its own, and beginnings are shared as in a language."""
    syllables = ("ta", "no", "ri", "se", "lu", "ka", "me", "vo", "di", "pa")
    return "".join(syllables[int(digit)] for digit in str(rank))


def fill(sessions: Sessions, words: int, dice: random.Random) -> int:
    """Conversations with so many words in all. Returns how many turns they have."""
    names = [word(rank) for rank in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 2) for rank in range(VOCABULARY)))
    count = turns = 0
    while count < words:
        planted: list[Turn] = []
        session = sessions.create(f"conversation {turns}", "m", SamplerSettings(), "inline", "")
        while count < words and len(planted) < TURNS_IN_ONE:
            said = dice.choices(names, cum_weights=weights, k=dice.randint(5, 35))
            number = len(planted) + 1
            ids, scores = tuple(range(len(said))), (-1.0,) * len(said)
            planted.append(
                Turn(number, "", number - 1 or None, "person", " " + " ".join(said), ids, scores, "complete", 0, "m")
            )
            count += len(said)
        turns += len(planted)
        sessions.insert_conversation(dataclasses.replace(session, head_turn_id=len(planted)), planted)
    return turns


def timed(what: Callable[[], object], repeats: int = REPEATS) -> tuple[float, float]:
    """Median and longest, in milliseconds."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        what()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken), max(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "db") as database:
        sessions = Sessions(database)
        turns = fill(sessions, arguments.words, random.Random(1))
        began = time.perf_counter()
        sessions.search("tano")
        indexed = time.perf_counter() - began
        size = (Path(folder) / "db").stat().st_size / 1e6
        print(f"{os.cpu_count()} cores; {arguments.words:,} words in {turns:,} turns, {size:.0f} MB")
        print(f"the first search, which indexes all of it  {indexed:8.2f} s")
        queries = {
            "the commonest word": word(0),
            "a word of medium frequency": word(500),
            "a rare word": word(19_000),
            "a word that is not there": "xyz",
            "a beginning of one letter": "t",
            "a beginning of two letters": "no",
            "two common words": f"{word(0)} {word(1)}",
            "three beginnings": "ta no r",
            "a phrase": f'"{word(0)} {word(1)} {word(2)}"',
        }
        for name, query in queries.items():
            median, longest = timed(lambda query=query: sessions.search(query))
            print(f"search: {name:32} {median:8.1f} ms   longest {longest:6.1f}")
        session = sessions.create("new", "m", SamplerSettings(), "inline", "")
        said = Turn(
            0, session.session_id, None, "person", " some words that are said" * 4, (7,) * 20, (), "complete", 0, "m"
        )
        median, longest = timed(lambda: sessions.add_turn(said), 60)
        print(f"commit: the person's turn                {median:8.1f} ms   longest {longest:6.1f}")
        reply = dataclasses.replace(said, role="network", logprobs=(-1.0,) * 20, sampler=SamplerSettings(seed=1))
        stored = sessions.add_turn(reply)
        memory = Snapshot(0, 20, "m", b"x" * 4096)
        median, longest = timed(lambda: sessions.finish_turn(stored, memory), 60)
        print(f"commit: a reply with its memory          {median:8.1f} ms   longest {longest:6.1f}")
        median, longest = timed(lambda: sessions.search("words"), 5)
        print(f"search: right after 120 new turns        {median:8.1f} ms   longest {longest:6.1f}")


if __name__ == "__main__":
    main()
