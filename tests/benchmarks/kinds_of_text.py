"""Files of many kinds, each trained on for a minute, and ten lines that its model says, unselected.

    python -m tests.benchmarks.kinds_of_text FOLDER [--minutes 1] [--lines 10] [--only NAME ...] [--from nothing]

The real command in a data folder of its own, one file after the other in alphabetical order: how the file was read,
bits per character of counting, network and mixture on its held-out end, and what is said at temperature .7 and seeds
1, 2, ... after the first words of lines that stand at equal distances in the text.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rnntui.lm.text.text_source import read_document
from tests.benchmarks.seed_novel import machine

_LONGEST = 160
_LEAST = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", default="1")
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--from", dest="base", default="", help='"nothing" for a beginning without the starter')
    options = parser.parse_args()
    print(machine())
    for file in sorted(options.folder.iterdir()):
        if file.is_file() and (not options.only or file.stem in options.only):
            with tempfile.TemporaryDirectory() as folder:
                _show(file, folder, options)


def _show(file: Path, folder: str, options: argparse.Namespace) -> None:
    facts = [json.loads(line) for line in _rnntui(folder, "inspect", str(file), "--json").splitlines()]
    found = next(entry for entry in facts if "texts" in entry)
    text = found["texts"][0]
    kinds = sorted({f"{entry['kind']} {'joined' if entry['are_joined'] else 'kept'}" for entry in text["passages"]})
    print(f"\n## {file.name}: {text['format']}, {text['encoding']}, {found['words']:,} words and marks")
    print(f"lines: {', '.join(kinds) or 'as its format has them'}")
    for note in (*found["warnings"], *found["notes"]):
        print(f"- {note}")
    base = ["--from", options.base] if options.base else []
    train = ["train", str(file), "--name", "it", "--minutes", options.minutes, "--seed", "1", *base]
    _rnntui(folder, *train)
    figures = json.loads(_rnntui(folder, "models", "show", "it", "--json").splitlines()[0])["figures"]
    known = {
        **{name: bits for name, bits in figures["baselines"].items() if name.startswith("counting")},
        "network": figures["bits_per_character"],
        "mixture": figures["mixture_bits_per_character"],
    }
    print("bits per character: " + ", ".join(f"{name} {bits:.3f}" for name, bits in known.items()))
    for seed, prompt in enumerate(_prompts(file, options.lines), start=1):
        reply = _rnntui(folder, "gen", prompt, "--model", "it", "--seed", str(seed), "--temperature", "0.7")
        print(f"> {' ⏎ '.join(line for line in reply.split(chr(10)) if line.strip())[:_LONGEST]}", flush=True)


def _prompts(file: Path, count: int) -> list[str]:
    """The first words of lines at equal distances; of a script without spaces the first characters."""
    lines = [line.strip() for line in read_document(file).text.split("\n") if len(line.strip()) > _LEAST]
    chosen = [lines[len(lines) * number // (count + 1)] for number in range(1, count + 1)]
    return [" ".join(line.split()[:2]) if " " in line[:_LEAST] else line[:4] for line in chosen]


def _rnntui(folder: str, *words: str) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "rnntui", words[0], "--data-dir", folder, *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    main()
