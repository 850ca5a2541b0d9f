"""All figures of the program on this machine: `python -m tests.benchmarks --data FOLDER`.

FOLDER holds plain-text books, war-and-peace.txt among them. Without further options it takes about half an hour on two
cores, during which nothing else should run; --minutes 1 5 15 30 --texts novel pride-and-prejudice.txt english and the
like take as long as they say. Every part is a program of its own: `python -m tests.benchmarks.NAME --help`.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def parts(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """The programs with their arguments."""
    data = ["--data", str(arguments.data)]
    novel = str(arguments.data / "war-and-peace.txt")
    numbers = {name: list(map(str, getattr(arguments, name))) for name in ("minutes", "seeds")}
    chosen = ["--minutes", *numbers["minutes"], "--seeds", *numbers["seeds"], "--texts", *arguments.texts]
    return {
        "quality": [*data, *chosen],
        "training_speed": [novel],
        "growth": data,
        "preparing": [],
        "speaking": [],
        "conversations": [],
        "search": [],
        "waiting_times": [],
        "lab_times": [],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the books")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 5.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--texts", nargs="+", default=["novel"])
    parser.add_argument("--only", nargs="+", default=[], help="names of parts")
    arguments = parser.parse_args()
    failed = []
    for name, options in parts(arguments).items():
        if arguments.only and name not in arguments.only:
            continue
        print(f"\n==== {name} {' '.join(options)}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *options], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"These parts failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
