"""Books that no starter has read: what is known of them at once, and what minutes of training make of it.

    python -m tests.benchmarks.shelf --data FOLDER [--models NAME[@DATA_DIR] ...] [--minutes M ...] [--books NAME ...]
        [--cut WORDS ...] [--seeds N ...] [--parallel 1|2] [--results FILE]

Two tables. The first: each model reads each book as a whole, without training (`rnntui eval`); ratios are to the first
model. The second: `rnntui train BOOK --minutes M` from nothing and as it does by default, on the book's held-out end,
in bits per character for the network and for the mixture. Both arms of a pair run at the same time, each on a core of
its own with one thread, so that what else the machine does falls on both (`--parallel 1`: one after the other). With
`--cut` only the first so many words of each book are learned from, what a writer with a few short stories has.
"forgets" is how much more the model needs for text of its base after training than before.

A model that reads one form of quotes and dashes is measured on the text in that form, which is a little shorter or
longer. All figures here are total bits over the characters of the *original* cleaned text: bits per character as the
program says them, times the length of the text in that form over the length of the original (of the whole book for the
first table, of its last tenth for the second).

Every run is the real command in a fresh data folder. Results are added to FILE, one JSON object a line; what is there
already is not run again, and the tables are of all that is there.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded

from rnntui.lm.text.text_source import read_document
from rnntui.records import ReadOptions
from tests.benchmarks.seed_novel import machine

ARMS = {"nothing": ("--from", "nothing"), "default": ()}
_HELD_OUT = 0.1
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Results:
    """What is known, in a file of JSON lines."""

    path: Path
    lock: threading.Lock

    def rows(self) -> list[Row]:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def has(self, **key: Any) -> bool:
        return any(all(row.get(name) == value for name, value in key.items()) for row in self.rows())

    def add(self, row: Row) -> None:
        with self.lock, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the books")
    parser.add_argument("--models", nargs="*", default=["starter"], help="for the first table; none leaves it out")
    parser.add_argument("--minutes", type=float, nargs="*", default=[])
    parser.add_argument("--books", nargs="*", default=[])
    parser.add_argument("--cut", type=int, nargs="*", default=[0], help="words; 0 for the whole book")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--parallel", type=int, choices=(1, 2), default=2)
    parser.add_argument("--results", type=Path, default=Path("shelf.jsonl"))
    parser.add_argument("--nice", type=int, default=0)
    arguments = parser.parse_args()
    os.nice(arguments.nice)
    results = Results(arguments.results, threading.Lock())
    files = {path.stem: path for path in sorted(arguments.data.glob("*.txt"))}
    books = {name: files[name] for name in arguments.books or files}
    print(f"{machine()}, bits per character of the original text, results in {arguments.results}", flush=True)
    work: list[list[Callable[[], Row]]] = []
    for name, book in books.items():
        for model in arguments.models:
            if not results.has(kind="eval", book=name, model=model):
                work.append([lambda name=name, book=book, model=model: evaluated(name, book, model)])
    for minutes in arguments.minutes:
        for cut in arguments.cut:
            for seed in arguments.seeds:
                for name, book in books.items():
                    key = {"kind": "train", "book": name, "cut": cut, "minutes": minutes, "seed": seed}
                    pair = [
                        lambda key=key, book=book, arm=arm: trained(key | {"arm": arm}, book)
                        for arm in ARMS
                        if not results.has(**key, arm=arm)
                    ]
                    work += [pair] if arguments.parallel == 2 else [[one] for one in pair]
    for at, tasks in enumerate(work, start=1):
        side_by_side(tasks, results)
        print(f"{at} of {len(work)} done", file=sys.stderr, flush=True)
    rows = results.rows()
    first_table([row for row in rows if row["kind"] == "eval" and row["book"] in books], arguments.models)
    second_table([row for row in rows if row["kind"] == "train" and row["book"] in books])


def side_by_side(tasks: Sequence[Callable[[], Row]], results: Results) -> None:
    """Run tasks at the same time, each on a core of its own where there are so many."""
    cores = sorted(os.sched_getaffinity(0))
    problems: list[str] = []

    def work(task: Callable[[], Row], core: int) -> None:
        os.sched_setaffinity(0, {core})  # of this thread, and of the processes that it starts
        try:
            results.add(task())
        except subprocess.CalledProcessError as problem:
            problems.append(f"{' '.join(map(str, problem.cmd))}\n{problem.stderr}")

    threads = [threading.Thread(target=work, args=(task, cores[at % len(cores)])) for at, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        sys.exit("\n".join(problems))


def told(arguments: Sequence[str], data_dir: Path | str) -> list[Row]:
    """What a command says, as objects."""
    command = [sys.executable, "-m", "rnntui", *arguments, "--json"]
    command += ["--data-dir", str(data_dir)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return [json.loads(line) for line in done.stdout.splitlines()]


def form_ratio(book: Path, card: Row, share: float) -> float:
    """How long the end of a text is in the form that a model reads, over how long it is."""
    if not card.get("is_typographic"):
        return 1.0
    plain, formed = (read_document(book, ReadOptions(is_typographic=form)).text for form in (False, True))
    end, formed_end = plain[-int(len(plain) * share) :], formed[-int(len(formed) * share) :]
    if share < 1.0:  # the same passage in both: from where its own form begins
        formed_end = formed[-len(_formed(end)) :]
    return len(formed_end) / len(end)


def _formed(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "end.txt"
        path.write_text(text, encoding="utf-8")
        return read_document(path, ReadOptions(is_typographic=True, join_lines=False)).text


def evaluated(name: str, book: Path, model: str) -> Row:
    """A model reads a book without training."""
    called, _, place = model.partition("@")
    with tempfile.TemporaryDirectory() as folder:
        where = place or folder
        (card,) = told(["models", "show", called], where)
        (found,) = told(["eval", str(book), "--model", called], where)
    ratio = form_ratio(book, card, 1.0)
    return {
        **{"kind": "eval", "book": name, "model": model, "ratio": ratio},
        "network": ratio * found["bits_per_character"],
        "mixture": ratio * found["mixture_bits_per_character"],
        "baselines": {key: ratio * bits for key, bits in found["baselines"].items()},
    }


def trained(key: Row, book: Path) -> Row:
    """One training, in a fresh data folder."""
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / book.name
        text.write_text(cut_to(read_document(book).text, key["cut"]), encoding="utf-8")
        options = ["--name", "book", "--minutes", f"{key['minutes']:g}", "--seed", str(key["seed"]), "--threads", "1"]
        events = told(["train", str(text), *options, *ARMS[key["arm"]]], Path(folder) / "data")
        (card,) = told(["models", "show", "book"], Path(folder) / "data")
        ratio = form_ratio(text, card, _HELD_OUT)
    figures, report = card["figures"], card.get("report") or {}
    before, after = report.get("old_text_before", 0.0), report.get("old_text_after", 0.0)
    finished = next(event for event in events if event["event"] == "RunFinished")
    return {
        **key,
        "ratio": ratio,
        "network": ratio * figures["bits_per_character"],
        "mixture": ratio * figures["mixture_bits_per_character"],
        "baselines": {name: ratio * bits for name, bits in figures["baselines"].items()},
        "base": report.get("base_name", ""),
        "forgets": after / before - 1 if before and after else None,
        "passes": card["passes"],
        "words_per_second": finished["words_per_second"],
    }


def cut_to(text: str, words: int) -> str:
    """The first so many words of a text and the rest of their paragraph; 0 for all of it."""
    if not words:
        return text
    found = [match.end() for match, _ in zip(re.finditer(r"\S+", text), range(words), strict=False)]
    end = text.find("\n\n", found[-1]) if len(found) == words else -1
    return text if end < 0 else text[: end + 1]


def first_table(rows: Sequence[Row], models: Sequence[str]) -> None:
    """Without training."""
    if not rows:
        return
    found = {(row["book"], row["model"]): row for row in rows}
    books = sorted({row["book"] for row in rows})
    shown = [model for model in models if any((book, model) in found for book in books)]
    if not shown:
        return
    print(f"\nwithout training\n{'':32}" + "".join(f"{model[:26]:>28}" for model in shown))
    print(f"{'':32}" + f"{'network':>14}{'mixture':>14}" * len(shown))
    for book in books:
        of_book = [found.get((book, model)) for model in shown]
        print(f"{book:32}" + "".join(_two(row) if row else " " * 28 for row in of_book))
    whole = [book for book in books if all((book, model) in found for model in shown)]
    if not whole:
        return
    means = [
        {name: statistics.mean(found[book, model][name] for book in whole) for name in ("network", "mixture")}
        for model in shown
    ]
    print(f"{f'mean of {len(whole)}':32}" + "".join(map(_two, means)))
    first = means[0]
    changes = [{name: 100 * (mean[name] / first[name] - 1) for name in mean} for mean in means]
    print(f"{'against the first, %':32}" + "".join(f"{c['network']:>+14.1f}{c['mixture']:>+14.1f}" for c in changes))


def _two(row: Row) -> str:
    return f"{row['network']:>14.4f}{row['mixture']:>14.4f}"


def second_table(rows: Sequence[Row]) -> None:
    """With training: means over seeds for each book, then over books."""
    if not rows:
        return
    for minutes, cut in sorted({(row["minutes"], row["cut"]) for row in rows}):
        of_setting = [row for row in rows if (row["minutes"], row["cut"]) == (minutes, cut)]
        print(f"\n{minutes:g} minutes, {f'the first {cut:,} words' if cut else 'whole books'}")
        heading = f"{'nothing':>9}{'':>9}{'default':>10}{'':>9}{'network':>10}{'mixture':>9}{'forgets':>9}"
        print(f"{'':32}{heading}  began from")
        lines: list[tuple[float, ...]] = []
        for book in sorted({row["book"] for row in of_setting}):
            arms = {arm: [r for r in of_setting if (r["book"], r["arm"]) == (book, arm)] for arm in ARMS}
            seeds = set.intersection(*({row["seed"] for row in arm} for arm in arms.values()))
            if not seeds:
                continue
            nothing, default = ([row for row in arms[arm] if row["seed"] in seeds] for arm in ARMS)
            figures = tuple(_mean(arm, name) for arm in (nothing, default) for name in ("network", "mixture"))
            forgets = [row["forgets"] for row in default if row["forgets"] is not None]
            lines.append((*figures, statistics.mean(forgets) if forgets else 0.0))
            bases = ", ".join(sorted({row["base"] or "nothing" for row in default}))
            print(f"{book:32}{_line(lines[-1])}  {bases}")
        if lines:
            print(
                f"{f'mean of {len(lines)}':32}{_line([statistics.mean(column) for column in zip(*lines, strict=True)])}"
            )
    _sooner(rows)


def _line(figures: Sequence[float]) -> str:
    network, mixture, network_after, mixture_after, forgets = figures
    changes = (100 * (network_after / network - 1), 100 * (mixture_after / mixture - 1), 100 * forgets)
    both = f"{network:>9.4f}{mixture:>9.4f}{network_after:>10.4f}{mixture_after:>9.4f}"
    return both + f"{changes[0]:>+9.1f}%{changes[1]:>+8.1f}%{changes[2]:>+8.1f}%"


def _mean(rows: Iterable[Row], name: str) -> float:
    return statistics.mean(row[name] for row in rows)


def _sooner(rows: Sequence[Row]) -> None:
    """On how many books the fewest minutes by default are better than the most from nothing."""
    whole = [row for row in rows if not row["cut"]]
    minutes = sorted({row["minutes"] for row in whole})
    if len(minutes) < 2:
        return
    few, many = minutes[0], minutes[-1]
    books = sorted({row["book"] for row in whole})
    pairs = []
    for book in books:
        short = [r for r in whole if (r["book"], r["arm"], r["minutes"]) == (book, "default", few)]
        long = [r for r in whole if (r["book"], r["arm"], r["minutes"]) == (book, "nothing", many)]
        if short and long:
            pairs.append(_mean(short, "mixture") < _mean(long, "mixture"))
    print(f"\n{few:g} minutes by default are better than {many:g} from nothing on {sum(pairs)} of {len(pairs)} books")


if __name__ == "__main__":
    main()
