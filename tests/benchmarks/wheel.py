"""How large the wheel is, and what in it is the starter and the manual: python -m tests.benchmarks.wheel.

Builds it with pip, as an installation does, in a folder of its own.
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MOST_MEGABYTES = 48.0
ROOT = Path(__file__).parents[2]


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, str(ROOT)]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            entries = [entry for entry in archive.infolist() if "/assets/" in entry.filename]
        for entry in entries:
            packed, plain = entry.compress_size / 1e6, entry.file_size / 1e6
            print(f"{entry.filename:48} {packed:7.2f} MB packed, {plain:7.2f} MB")
        megabytes = wheel.stat().st_size / 1e6
        print(f"{wheel.name:48} {megabytes:7.2f} MB; {MOST_MEGABYTES:g} are the most")
        shipped = {f"rnntui/{path.relative_to(ROOT).as_posix()}" for path in _shipped()}
        if missing := sorted(shipped - {entry.filename for entry in entries}):
            sys.exit(f"The wheel lacks {', '.join(missing)}.")
        if megabytes > MOST_MEGABYTES:
            sys.exit("The wheel is too large.")


def _shipped() -> list[Path]:
    return [path for folder in ("starter", "manual") for path in (ROOT / "assets" / folder).iterdir()]


if __name__ == "__main__":
    main()
