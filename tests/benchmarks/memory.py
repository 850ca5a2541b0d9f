"""How much memory a person's machine lends the program: python -m tests.benchmarks.memory.

Prints the highest resident size of each process, and of `import torch` alone to compare with. The app is the real one,
without a terminal, with the starter loaded and one reply drawn.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.seed_novel import machine

APP = """
import asyncio, sys
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


def peak_megabytes(command: list[str]) -> float:
    """The highest resident size of a process that ends by itself."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_maxrss / 1024


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(machine())
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "data")
        for name, command in {
            "import torch": [python, "-c", "import torch"],
            "rnntui gen": [python, "-m", "rnntui", "--data-dir", data, "gen", "It was", "--max-words", "100"],
            "rnntui, one reply": [python, "-c", APP, data],
        }.items():
            print(f"{name:20} {peak_megabytes(command):6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
