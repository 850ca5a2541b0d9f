"""Prove the promises of the README: `python -m tests.proofs [P1 P2 ...]`.

Prints the date, the commit and the machine, and for each promise how many cases were tried, the worst of them, and
each case that broke it. Ends with 1 if a promise is broken. The whole takes an hour or two on two
cores, `--share 0.05` some minutes. `--data FOLDER` names a folder with plain-text books, frankenstein.txt among them;
what needs them is left out without it, and that is said.
"""

import argparse
import importlib
import os
import platform
import subprocess
import sys
import tempfile
import time
import traceback
from datetime import datetime
from pathlib import Path

from rnntui.paths import ENDS_WITH_VARIABLE
from tests.proofs import PROMISES, Proof, Setup

ROOT = Path(__file__).parents[2]


def commit() -> str:
    """The commit of the tree, and whether it has been changed since; "no repository" for a bare copy."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "no repository"
    return name.stdout.strip() + (" with changes" if changed.stdout.strip() else "")


def machine() -> str:
    """The processor, its cores, the system and Python's version."""
    name = platform.processor() or platform.machine()
    cpu = Path("/proc/cpuinfo")
    if cpu.is_file():
        models = [line for line in cpu.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def prove(name: str, setup: Setup) -> Proof:
    """Runs one module of this folder. A proof that fails itself is a broken promise."""
    setup.folder.mkdir(parents=True)
    try:
        return importlib.import_module(f"tests.proofs.{name}").prove(setup)
    except Exception:
        return Proof(0, "the proof itself failed", (traceback.format_exc(),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("promises", nargs="*", metavar="PROMISE", help=f"{', '.join(PROMISES)}, or names of modules")
    parser.add_argument("--data", type=Path, default=None, help="folder with plain-text books")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="how much of the whole proof: 1 is all cases")
    arguments = parser.parse_args()
    known = {*PROMISES, *(module for promise in PROMISES.values() for module in promise.modules)}
    if unknown := set(arguments.promises) - known:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(PROMISES)}")

    os.environ[ENDS_WITH_VARIABLE] = str(os.getpid())  # no trainer outlives the proofs
    print(f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z} · commit {commit()} · {machine()} · seed {arguments.seed}")
    made: dict[str, str] = {}
    is_whole = True
    with tempfile.TemporaryDirectory(prefix="rnntui-proofs-") as folder:
        for name, promise in PROMISES.items():
            chosen = {name, *promise.modules}.intersection(arguments.promises or [name])
            modules = promise.modules if name in chosen else tuple(chosen)
            if modules:
                print(f"\n{name}  {promise.text}", flush=True)
            for module in modules:
                if module in made:
                    print(f"    {module}: {made[module]}, see above")
                    continue
                begun = time.monotonic()
                setup = Setup(Path(folder) / module, arguments.seed, arguments.share, arguments.data)
                proof = prove(module, setup)
                made[module] = f"BROKEN in {len(proof.broken)}" if proof.broken else "holds"
                is_whole = is_whole and not proof.broken
                _show(module, made[module], proof, time.monotonic() - begun)
    sys.exit(0 if is_whole else 1)


def _show(module: str, verdict: str, proof: Proof, seconds: float) -> None:
    print(f"    {module}: {verdict} · {proof.cases:,} cases · worst: {proof.worst} · {seconds:,.0f} s")
    for sentence in proof.broken:
        print(f"      broken: {sentence}")
    for sentence in proof.left_out:
        print(f"      left out: {sentence}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
