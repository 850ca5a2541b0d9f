"""What a training run takes at most in each of its phases, above `import torch` alone.

    python -m tests.benchmarks.training_memory FILE... [--minutes M] [-- OTHER FLAGS]

The real command in a process of its own, with a fresh data folder; the system is asked fifty times a second. Private
memory is what nobody else could have; pages of mapped files, which the system takes back when it needs them, stand
beside it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

from tests.benchmarks.seed_novel import machine

_MEGABYTE = 1024
_PAUSE_SECONDS = 0.02


class Phases:
    """The most memory that a process took while it told of each thing."""

    def __init__(self) -> None:
        self.now = "start"
        self.peaks: dict[str, tuple[float, float]] = {}

    def see(self, process: int) -> None:
        """Ask once."""
        try:
            lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, ProcessLookupError):
            return
        values = dict(line.split(":", 1) for line in lines if line.startswith(("RssAnon", "RssFile")))
        if len(values) < 2:
            return
        private, mapped = (int(values[name].split()[0]) / _MEGABYTE for name in ("RssAnon", "RssFile"))
        before = self.peaks.get(self.now, (0.0, 0.0))
        self.peaks[self.now] = (max(before[0], private), max(before[1], mapped))

    def follow(self, lines: IO[str]) -> None:
        """Name the phases by the events of a run."""
        for line in lines:
            event = json.loads(line)
            what = event.get("what", "")
            kind = event.get("event", event.get("type", ""))
            what = "reading" if what.startswith("reading ") else what
            self.now = what or {"StepLogged": "training"}.get(kind, str(kind) or self.now)


def bare() -> tuple[float, float]:
    """Private memory and mapped files of a process that has loaded torch and does nothing."""
    phases = Phases()
    code = "import torch, sys; print('{}', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        phases.see(process.pid)
        process.terminate()
    return phases.peaks["start"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0)
    arguments, others = parser.parse_known_args()
    base = bare()
    print(f"{machine()}; import torch alone: {base[0]:,.0f} MB private, {base[1]:,.0f} MB of files")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rnntui", "--data-dir", folder, "train", *map(str, arguments.files)]
        command += ["--minutes", str(arguments.minutes), "--json", *others]
        phases, ended = Phases(), threading.Event()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout is not None
            reader = threading.Thread(target=phases.follow, args=(process.stdout,))
            reader.start()
            while process.poll() is None:
                phases.see(process.pid)
                ended.wait(_PAUSE_SECONDS)
            reader.join()
    print(f"{'phase':60} {'private':>8} {'files':>8}  MB above")
    for name, (private, mapped) in phases.peaks.items():
        print(f"{name[:60]:60} {private - base[0]:8,.0f} {mapped - base[1]:8,.0f}")


if __name__ == "__main__":
    main()
