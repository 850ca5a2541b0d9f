"""Every error is one sentence with a next step; the log is private, keeps its size and holds nobody's words.

Looks at every place of the program that makes an error (as source), then provokes problems in a data folder whose
prompts, titles, turns, files and settings hold a planted word: known errors through the command line, and bugs by
letting many functions of the program fail with the word in their message. The word must be in no log, in no report
for those who mend the program, and, where it was not typed in the command itself, in nothing that is said.
"""

import ast
import logging
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from tests.proofs import Proof, Setup
from tests.proofs.bad_input import SENTENCE, Outcome, in_a_fork
from tests.proofs.bad_inputs import Case

ROOT = Path(__file__).parents[2]
CLASSES = {"RnntuiError", "InputError", "CorpusError", "ModelFileError", "StorageError", "TrainingError"}
PLANTED = "zanzibarquartz"
VERB = re.compile(
    r"\b(is|are|was|were|has|have|had|cannot|can|could|may|must|needs?|does|did|do|says?|holds?|lacks?|refused|ended|"
    r"changed|goes|begins|belongs?|knows?|takes|came|stands|names|fits?|makes|speaks|stays|reads?|shows?|exists|exploded)\b"
)

BROKEN_FUNCTIONS = (
    ("rnntui.store.library", "Library", "cards", ("models",)),
    ("rnntui.store.library", "Library", "find", ("models", "show", "starter")),
    ("rnntui.store.library", "Library", "report", ("models", "show", "starter")),
    ("rnntui.store.runs.runs", "Runs", "records", ("runs",)),
    ("rnntui.store.conversations.sessions", "Sessions", "sessions", ("sessions",)),
    ("rnntui.store.conversations.sessions", "Sessions", "find", ("sessions", "show", "1")),
    ("rnntui.store.conversations.sessions", "Sessions", "search", ("sessions", "search", PLANTED)),
    ("rnntui.store.conversations.sessions", "Sessions", "insert_conversation", ("sessions", "duplicate", "", "copy")),
    ("rnntui.store.conversations.sessions", "Sessions", "rename", ("sessions", "rename", "", "other")),
    ("rnntui.store.conversations.sessions", "Sessions", "delete", ("sessions", "delete", "")),
    ("rnntui.store.conversations.database", "Database", "__init__", ("sessions",)),
    ("rnntui.service.services", "Services", "find_model", ("gen", PLANTED)),
    ("rnntui.service.services", "Services", "models", ("models",)),
    ("rnntui.cli.commands.models", "", "render_table", ("models",)),
    ("rnntui.cli.context", "", "load_config", ("models",)),
    ("rnntui.cli.commands.gen", "", "generate_once", ("gen", PLANTED, "--model", "starter")),
    ("rnntui.cli.commands.where", "", "state_of", ("where",)),
    ("rnntui.cli.commands.replay", "", "read_conversation", ("replay", f"{PLANTED}.jsonl")),
    ("rnntui.store.files.durable", "", "read_file", ("models",)),
)
"""Functions that are made to fail, and a use that calls them."""

KNOWN_ERRORS = (
    ("gen", "x", "--model", "nobody"),
    ("sessions", "show", "no such conversation"),
    ("sessions", "export", "", "no/such/folder/x.md"),
    ("sessions", "import", "private.jsonl"),
    ("replay", "private.jsonl"),
    ("sessions", "export", "", "private.txt"),
    ("models", "show", "starter", "--html", "private.txt/x"),
    ("train", "--resume"),
)
"""Uses of the folder with the planted word that come to an error; the word is in none of them."""


def prove(setup: Setup) -> Proof:
    """Looks at the source, then provokes."""
    places, broken = _source()
    left_out: tuple[str, ...] = ()
    if not hasattr(os, "fork"):
        return Proof(places, "no place of the source", tuple(broken), ("this system has no fork to provoke errors in",))
    helper = subprocess.run(
        [sys.executable, "-m", "tests.proofs.errors", str(setup.folder), str(setup.cases(4))],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    provoked, *sentences = helper.stdout.splitlines()
    broken += [sentence for sentence in sentences if sentence]
    worst = f"{places} places that make an error, {provoked} provoked"
    return Proof(places + int(provoked), worst, tuple(broken), left_out)


# ---- the source -------------------------------------------------------------------------------------------------


def _source() -> tuple[int, list[str]]:
    """How many places make an error, and a sentence for each that makes a poor one."""
    places, broken = 0, []
    for path in sorted((ROOT / "rnntui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES:
                places += 1
                if problem := _poor(node):
                    broken.append(f"{path.relative_to(ROOT)}:{node.lineno} {problem}: {ast.unparse(node)[:120]}")
    return places, broken


def _poor(call: ast.Call) -> str:
    """What an error lacks as it stands in the source; empty when nothing. "{}" stands for what is filled in."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return ""
    parts = [*call.args, *(keyword.value for keyword in call.keywords)]
    if len(parts) < 2:
        return "has no next step"
    sentence, next_step = _written(parts[0]), _written(parts[1])
    if next_step is not None and not next_step.endswith((".", "?", "{}")):
        return "has a next step that is no sentence"
    if sentence is None:
        return ""
    if not sentence.endswith((".", "?", "{}")):
        return "is no sentence"
    if len(sentence.split()) < 3 and "{}" not in sentence:
        return "does not say what"
    if not VERB.search(sentence) and not re.search(r"\{\}\.?$", sentence):
        return "has no verb"
    return ""


def _written(node: ast.expr) -> str | None:
    """A text as it stands in the source; None when it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


# ---- the helper process -----------------------------------------------------------------------------------------


def main(folder: str, rounds: str) -> None:
    """Print how many problems were provoked, then one line for each that showed the planted word or was told badly."""

    template = Path(folder) / "template"
    session = _plant(template)
    cases = [*_known(session), *_bugs(session)]
    broken: list[str] = []
    for number, (case, fail) in enumerate(cases * int(rounds)):
        own = Path(folder) / f"case-{number}"
        shutil.copytree(template, own)
        outcome = in_a_fork(case, own, 0.0, fail)
        broken += _judged(case, outcome, own / "data", is_bug=fail is not None)
    _log_keeps_its_size(Path(folder) / "log", broken)
    broken += _report(template)
    print(len(cases) * int(rounds) + 2)
    print("\n".join(broken))


def _plant(folder: Path) -> str:
    """A data folder with the word in everything a person writes; returns the id of the conversation."""
    from rnntui.config import Config
    from rnntui.paths import find_paths
    from rnntui.records import Session, Turn
    from rnntui.service.services import Services
    from rnntui.settings import SamplerSettings

    (folder / "data").mkdir(parents=True)
    services = Services(find_paths(folder / "data"), Config())
    sampler, now = SamplerSettings(), "2026-01-02T03:04:05+00:00"
    turns = [
        Turn(
            1, "", None, "person", f"Tell me of {PLANTED}.", (5, 6), (-1.0, -2.0), "complete", 0, "starter", None, now
        ),
        Turn(
            2, "", 1, "network", f" The {PLANTED} came.", (7, 8), (-1.0, -2.0), "complete", 2, "starter", sampler, now
        ),
    ]
    session = Session("", f"on {PLANTED}", "starter", sampler, head_turn_id=2, created_at=now, updated_at=now)
    kept = services.conversations.insert_conversation(session, turns)
    services.close()
    (folder / "private.txt").write_text(f"{PLANTED} and more\n", encoding="utf-8")
    (folder / "private.jsonl").write_text(f'{{"{PLANTED}": "{PLANTED}"}}\n', encoding="utf-8")
    (folder / "config.toml").write_text(f"[app]\nmodel = '{PLANTED}'\n", encoding="utf-8")
    return kept.session_id


def _known(session: str) -> Iterator[tuple[Case, None]]:
    for use in KNOWN_ERRORS:
        arguments = tuple(argument or session for argument in use)
        yield Case(" ".join(use), arguments), None


def _bugs(session: str) -> Iterator[tuple[Case, Callable[[], None]]]:
    for number, (module, owner, name, use) in enumerate(BROKEN_FUNCTIONS):
        arguments = tuple(argument or session for argument in use)
        yield Case(f"a bug in {owner or module}.{name}", arguments), _failing(module, owner, name, number)


def _failing(module: str, owner: str, name: str, number: int) -> Callable[[], None]:
    """What makes a function fail with the word in its message, in the process that calls it."""
    problems = (ValueError(PLANTED), OSError(5, PLANTED, f"/home/{PLANTED}"), sqlite3.DatabaseError(PLANTED))

    def fail(*_arguments: object, **_named: object) -> None:
        try:
            raise problems[number % len(problems)]
        except Exception as problem:
            raise RuntimeError(f"while reading {PLANTED}") from problem

    def install() -> None:
        place = import_module(module)
        setattr(getattr(place, owner) if owner else place, name, fail)

    return install


def _judged(case: Case, outcome: Outcome, data: Path, is_bug: bool) -> Iterator[str]:
    """Sentences about what was told and kept badly."""
    told, log = outcome.told, data / "rnntui.log"
    if not SENTENCE.fullmatch(told.rstrip("\n")):
        yield f"{case.name}: not exactly one sentence was said: {told[:300]!r}."
    if PLANTED in told and not any(PLANTED in argument for argument in case.arguments):
        yield f"{case.name}: what was said holds the planted word: {told[:300]!r}."
    if is_bug and outcome.code != 70:
        yield f"{case.name}: ended with {outcome.code} instead of 70."
    if is_bug and ("RuntimeError" not in _text(log) or str(log) not in told):
        yield f"{case.name}: the log has no details, or is not named."
    if PLANTED in _text(log):
        yield f"{case.name}: the log holds the planted word."
    if log.exists() and stat.S_IMODE(log.stat().st_mode) != 0o600:
        yield f"{case.name}: the log may be read by others."


def _log_keeps_its_size(folder: Path, broken: list[str]) -> None:
    """Write more than the log may hold, under a umask that forbids nothing."""
    from rnntui.store.files.log import LARGEST_LOG, PrivateLog

    logger = logging.Logger("rnntui.proof")
    logger.addHandler(PrivateLog(folder / "rnntui.log"))
    before = os.umask(0)
    logger.error("%s", "x" * 100)
    line = (folder / "rnntui.log").stat().st_size
    (folder / "rnntui.log").write_bytes(b"x" * (LARGEST_LOG - 3 * line // 2))
    for _ in range(10):
        logger.error("%s", "x" * 100)
    os.umask(before)
    files = {path.name: path.stat() for path in folder.iterdir()}
    if set(files) != {"rnntui.log", "rnntui.log.1"} or any(found.st_size > LARGEST_LOG for found in files.values()):
        broken.append(f"The log does not keep its size: {sorted(files)}.")
    if stat.S_IMODE(files["rnntui.log"].st_mode) != 0o600:
        broken.append("The log may be read by others under umask 0.")


def _report(folder: Path) -> Iterator[str]:
    """The report for those who mend the program, after an older log with words in it."""
    (folder / "data" / "rnntui.log").write_text(
        f"2025-01-02 03:04:05,678 ERROR rnntui a bug\nValueError: {PLANTED}\n", encoding="utf-8"
    )
    outcome = in_a_fork(Case("report", ("doctor", "--bundle", "report.txt")), folder, 0.0)
    report = folder / "report.txt"
    text = _text(report)
    if outcome.code or "integrity" not in text or "turns" not in text:
        yield f"No report was written: {outcome.told[:300]!r}."
        return
    if PLANTED in text or str(folder) in text:
        yield "The report holds the planted word, or the folder's name."
    if stat.S_IMODE(report.stat().st_mode) != 0o600:
        yield "The report may be read by others."


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
