"""Make every change of the list in a copy of the tree and see whether its tests notice.

    python -m tests.mutations                     all of them, two at a time
    python -m tests.mutations --only sampling     those whose file or description has this word
    python -m tests.mutations --write             and write the table tests/mutations/README.md

Exit code 1 when fewer than 95 of 100 were noticed. A change after which nothing can be imported counts as noticed, so
each must leave code that runs: see the test that holds the list.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.mutations import Mutation
from tests.mutations.changes import MUTATIONS

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("README.md")
LEAST_SHARE = 0.95
_COPIED = ("rnntui", "tests", "assets", "pyproject.toml", "README.md")
_MINUTES = 20
_SKIPPED = shutil.ignore_patterns("__pycache__", ".hypothesis", "benchmarks")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--only", default="", help="changes whose file or description has this word")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name} anew")
    arguments = parser.parse_args()
    chosen = [each for each in MUTATIONS if arguments.only in f"{each.file} {each.breaks}"]
    with tempfile.TemporaryDirectory() as folder:
        copies: Queue[Path] = Queue()
        for number in range(arguments.jobs):
            copies.put(_copy_tree(Path(folder) / str(number)))
        with ThreadPoolExecutor(arguments.jobs) as pool:
            found = list(pool.map(lambda each: _try(each, copies), chosen))
    killed = sum(is_noticed for is_noticed, _ in found)
    print(f"{killed} of {len(chosen)} noticed")
    if arguments.write:
        TABLE.write_text(_table(list(zip(chosen, found, strict=True))), encoding="utf-8")
    return 0 if killed >= LEAST_SHARE * len(chosen) else 1


def _copy_tree(target: Path) -> Path:
    target.mkdir()
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=_SKIPPED)
        else:
            shutil.copy(source, target / name)
    return target


def _try(mutation: Mutation, copies: "Queue[Path]") -> tuple[bool, str]:
    """Whether the tests noticed a change, and the first that did."""
    tree = copies.get()
    file = tree / "rnntui" / mutation.file
    before = file.read_text(encoding="utf-8")
    begun = time.monotonic()
    try:
        assert before.count(mutation.old) == 1, f"{mutation.file}: {mutation.old}"
        file.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "-rfE"]
        done = subprocess.run(
            [*command, *(f"tests/{test}" for test in mutation.tests)],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "CI": "1"},
            capture_output=True,
            text=True,
            timeout=60 * _MINUTES,
        )
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        assert done.returncode in (0, 1), f"{mutation.breaks}: the tests could not be run\n{done.stdout}{done.stderr}"
        noticed_by = failed[0].partition(" - ")[0].partition("::")[2] if failed else ""
    except subprocess.TimeoutExpired:
        noticed_by = "it never ends"
    finally:
        file.write_text(before, encoding="utf-8")
        copies.put(tree)
    said = f"noticed by {noticed_by}" if noticed_by else "SURVIVED"
    print(f"{mutation.file}: {mutation.breaks}: {said} ({time.monotonic() - begun:.0f} s)", flush=True)
    return bool(noticed_by), noticed_by


def _table(found: list[tuple[Mutation, tuple[bool, str]]]) -> str:
    rows = "\n".join(
        f"| {each.breaks} | `{each.file}` | {noticed_by if is_noticed else '**nothing**'} |"
        for each, (is_noticed, noticed_by) in found
    )
    killed = sum(is_noticed for _, (is_noticed, _) in found)
    return (
        f"# Changes that the tests notice: {killed} of {len(found)}\n\nWritten by `python -m tests.mutations --write`."
        f"\n\n| What is broken | Where | Noticed by |\n|---|---|---|\n{rows}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
