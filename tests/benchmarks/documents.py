"""How fast documents of each kind are read, and how much memory that takes, beside plain text in the same run.

python -m tests.benchmarks.documents [--megabytes 20] [--kinds "a PDF" "rich text"]
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.text_source import TextFile
from tests.peak_memory import peak_memory
from tests.proofs.huge_texts import KINDS, PROSE, repeated

Write = Callable[[Path, int], list[Path]]
PLAIN: tuple[str, Write, int] = (".txt", repeated(f"{PROSE}\n\n"), 0)
READ = (
    *("a Word document", "an OpenDocument text", "an e-book in XML", "rich text", "a PDF", "Markdown", "TeX"),
    *("a screenplay", "a notebook", "source code", "subtitles"),
)


def read(path: Path) -> tuple[float, float, float]:
    """Megabytes of text, seconds of the processor, megabytes of memory."""
    begun, characters = time.process_time(), 0
    with peak_memory() as peak:
        text, findings = TextFile(path), Findings()
        for _ in text.survey():
            pass
        for part in text.parts(findings):
            characters += len(part)
    return characters / 1e6, time.process_time() - begun, peak.megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--kinds", nargs="+", default=READ)
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; made by a script")
    with tempfile.TemporaryDirectory() as folder:
        plain = 0.0
        for name in ("plain text", *args.kinds):
            suffix, write, _ = PLAIN if name == "plain text" else KINDS[name]
            path = Path(folder) / f"text{suffix}"
            write(path, int(args.megabytes * 1e6))
            size = path.stat().st_size / 1e6
            text, seconds, memory = read(path)
            path.unlink()
            plain = plain or size / seconds
            speed = size / max(seconds, 1e-9)
            print(
                f"{name:24}{size:6.0f} MB, text {text:6.1f} MB {speed:7.1f} MB/s, {speed / plain:5.2f} of plain text, "
                f"{memory:4.0f} MB of memory",
                flush=True,
            )


if __name__ == "__main__":
    main()
