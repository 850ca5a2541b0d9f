"""How much memory a person's machine lends the program: python -m tests.benchmarks.memory.

Prints the resident size of each process at its highest and at its end, and of `import torch` alone to compare with.
`gen` has let its model go by then. The app is the real one, without a terminal, with the starter and one reply.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.seed_novel import machine

TELL = """
import atexit, sys
from pathlib import Path

@atexit.register
def tell():
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(line for line in lines if line.startswith("VmRSS")).split()[1])
"""
TORCH = """
import torch
"""
GEN = """
from rnntui.cli.main import run
run(["--data-dir", sys.argv[1], "gen", "It was", "--max-words", "100"])
"""
APP = """
import asyncio, gc
gc.disable()  # as the command does
from pathlib import Path
from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.service.services import Services
from rnntui.tui.app import RnntuiApp

async def main():
    async with RnntuiApp(Services(find_paths(Path(sys.argv[1])), Config())).run_test(size=(120, 36)) as pilot:
        await pilot.press(*"Hello", "enter")
        for _ in range(100):
            await pilot.pause(0.1)
        await pilot.app.action_quit()

asyncio.run(main())
"""


def megabytes(code: str, folder: str) -> tuple[float, float]:
    """The resident size of a process that runs this code: the highest, and the last."""
    command = [sys.executable, "-c", TELL + code, folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read().splitlines()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{code} ended with {process.returncode}")
    return used.ru_maxrss / 1024, int(told[-1]) / 1024


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        for name, code in {"import torch": TORCH, "rnntui gen": GEN, "rnntui, one reply": APP}.items():
            highest, last = megabytes(code, str(Path(folder) / "data"))
            print(f"{name:20} {highest:6.0f} MB at most, {last:6.0f} MB at the end", flush=True)


if __name__ == "__main__":
    main()
