"""Bad input never crashes or hangs: each crafted file, setting, variable, flag and stream ends in work or one sentence.

One helper process imports the program once and forks for each case of `bad_inputs`, so that hundreds take seconds;
what cannot be set up once Python runs goes through a shell, scripts through `rnntui drive`. A case is broken when it
ends with another code than 0 and 2 to 5, when its error is not exactly one sentence, when there is a traceback, when it
needs more than 5 s of the processor or 20 s of the clock, or 300 MB more than a bare process.
"""

import argparse
import contextlib
import os
import random
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.proofs import Proof, Setup
from tests.proofs.bad_inputs import SCRIPTS, STREAMS, Case, fixed_cases, flag_cases, random_cases

ROOT = Path(__file__).parents[2]
CPU_SECONDS, CLOCK_SECONDS, MEGABYTES = 5, 20.0, 300
SENTENCE = re.compile(r"rnntui: [^\n]{10,1600}[.?]")
IN_THE_SUITE = 60


@dataclass(frozen=True)
class Outcome:
    """What one use came to."""

    code: int
    seconds: float
    megabytes: float
    told: str

    def broken(self, case: Case) -> str:
        """What is wrong with it, as a sentence; empty when nothing is."""
        problem = self._problem()
        return f"{case.name}: {problem} (ended with {self.code}, said {self.told[:300]!r})." if problem else ""

    def _problem(self) -> str:
        if self.code < 0 or self.seconds > CLOCK_SECONDS:
            return f"killed after {self.seconds:.1f} s"
        if self.code not in {0, 2, 3, 4, 5}:
            return "another code than 0 and 2 to 5"
        if "Traceback" in self.told or any(ord(sign) < 32 and sign != "\n" for sign in self.told):
            return "a traceback or a control character"
        sentences = [line for line in self.told.splitlines() if line.startswith("rnntui: ")]
        if self.code and not (len(sentences) == 1 and SENTENCE.fullmatch(sentences[0])):
            return "not exactly one sentence"
        return f"{self.megabytes:.0f} MB above the bare process" if self.megabytes > MEGABYTES else ""


def prove(setup: Setup) -> Proof:
    """Runs every table, and random cases."""
    flags = flags_with_values()
    tables = [*fixed_cases(), *flag_cases(flags)]
    if setup.share < 1:
        tables = random.Random(setup.seed).sample(tables, setup.cases(len(tables), IN_THE_SUITE))
    cases = [*tables, *random_cases(setup.seed, setup.cases(5_000, 20), flags)]
    cases.sort(key=lambda case: case.needs_torch)
    heavy = [case.needs_torch for case in cases].index(True)
    outcomes = [*outcomes_of(cases[:heavy], setup.folder, ""), *outcomes_of(cases[heavy:], setup.folder, "torch")]
    others = [*scripts(setup), *shells(setup)]
    cases += [case for case, _ in others]
    outcomes += [outcome for _, outcome in others]
    broken = [sentence for case, outcome in zip(cases, outcomes, strict=True) if (sentence := outcome.broken(case))]
    slowest = max(range(len(cases)), key=lambda at: outcomes[at].seconds)
    largest = max(range(len(cases)), key=lambda at: outcomes[at].megabytes)
    worst = (
        f"{outcomes[slowest].seconds:.2f} s ({cases[slowest].name[:60]}), "
        f"{outcomes[largest].megabytes:.0f} MB ({cases[largest].name[:60]})"
    )
    return Proof(len(cases), worst, tuple(broken))


def flags_with_values() -> dict[str, list[str]]:
    """Every flag that takes a value, by command, as the parser knows them."""
    from rnntui.cli.parser import build_parser

    commands = next(action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return {
        name: [action.option_strings[-1] for action in parser._actions if action.option_strings and action.nargs != 0]
        for name, parser in commands.choices.items()
    }


def outcomes_of(cases: Iterable[Case], folder: Path, loaded: str) -> Iterator[Outcome]:
    """Run the cases in forks of one helper process that has loaded torch, or not: without it a fork is cheap."""
    table = folder / f"cases{loaded}"
    table.write_text("\n".join(case.to_line() for case in cases), encoding="utf-8")
    helper = subprocess.run(
        [sys.executable, "-m", "tests.proofs.bad_input", str(table), str(folder), loaded],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for line in helper.stdout.splitlines():
        code, seconds, megabytes, told = line.split("\t", 3)
        yield Outcome(int(code), float(seconds), float(megabytes), told.encode().decode("unicode_escape"))


def scripts(setup: Setup) -> Iterator[tuple[Case, Outcome]]:
    """Scripts for `rnntui drive`, in the real app."""
    names = random.Random(setup.seed).sample(sorted(SCRIPTS), setup.cases(len(SCRIPTS), 1))
    for number, name in enumerate(names):
        folder = setup.folder / f"script-{number}"
        folder.mkdir()
        (folder / "script").write_bytes(SCRIPTS[name].encode("utf-8", "surrogatepass"))
        yield in_a_shell(Case(f"drive: {name}", shell_line="RNNTUI drive script"), folder)


def shells(setup: Setup) -> Iterator[tuple[Case, Outcome]]:
    """Standard streams and what else has to be there before Python starts."""
    names = random.Random(setup.seed).sample(sorted(STREAMS), setup.cases(len(STREAMS), 4))
    for number, name in enumerate(names):
        folder = setup.folder / f"shell-{number}"
        folder.mkdir()
        yield in_a_shell(Case(f"streams: {name}", shell_line=STREAMS[name]), folder)


def in_a_shell(case: Case, folder: Path) -> tuple[Case, Outcome]:
    """One line for a shell. What is told to a closed standard error cannot be judged, its code can."""
    begun = time.monotonic()
    line = case.shell_line.replace("RNNTUI", f"{sys.executable} -m rnntui")
    process = subprocess.Popen(
        ["sh", "-c", line],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RNNTUI_DATA_DIR": str(folder / "data"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        told = process.communicate(timeout=60)[1].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return case, Outcome(-9, time.monotonic() - begun, 0, "")
    if process.returncode and "2>" in case.shell_line:
        told = "rnntui: It was told to nobody."
    told = told.replace("\0", "")  # an error in UTF-16
    return case, Outcome(process.returncode, min(time.monotonic() - begun, CLOCK_SECONDS), 0, told)


# ---- the helper process -----------------------------------------------------------------------------------------


def main(table: str, folder: str, loaded: str) -> None:
    """Print one line for each case: exit code, seconds, megabytes above a bare process, what was said."""
    import rnntui.cli.commands.train
    import rnntui.service.services

    if loaded:
        import rnntui.lm.train.trainer
        import rnntui.service.pipeline.run_pipeline  # noqa: F401

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bare = in_a_fork(Case("bare", ("where",)), Path(folder), 0.0).megabytes
    for line in Path(table).read_text(encoding="utf-8").splitlines():
        case = Case.from_line(line)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
            outcome = in_a_fork(case, Path(own), bare)
        told = outcome.told.encode("unicode_escape").decode()
        print(f"{outcome.code}\t{outcome.seconds:.3f}\t{outcome.megabytes:.1f}\t{told}", flush=True)


def in_a_fork(case: Case, folder: Path, bare: float, before: Callable[[], None] | None = None) -> Outcome:
    """One use of the program in a fork of this process, watched over.

    Args:
        case: The use.
        folder: A folder of its own.
        bare: Megabytes of a process that does nothing.
        before: What is done in the fork before it becomes the program.
    """
    alive, is_alive = os.pipe()
    told = folder / "told"
    begun = time.monotonic()
    child = os.fork()
    if not child:
        os.close(alive)
        _use(case, folder, told, before)
    os.close(is_alive)
    if not select.select([alive], [], [], CLOCK_SECONDS)[0]:  # the pipe ends with the child
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    os.close(alive)
    text = told.read_bytes().decode("utf-8", "replace") if told.exists() else ""
    megabytes = used.ru_maxrss / 1024 - bare
    return Outcome(os.waitstatus_to_exitcode(status), time.monotonic() - begun, megabytes, text)


def _use(case: Case, folder: Path, told: Path, before: Callable[[], None] | None) -> None:
    """In the child: set everything up, and be the program."""
    code = 99
    try:
        file = made(case, folder)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        os.chdir(folder)
        own = {
            "RNNTUI_DATA_DIR": str(folder / "data"),
            "RNNTUI_CONFIG": str(folder / "config.toml"),
            "HOME": str(folder),
        }
        os.environ.update({**own, **case.environment})
        output = os.open(folder / "output", os.O_WRONLY | os.O_CREAT, 0o600)
        error = os.open(told, os.O_WRONLY | os.O_CREAT, 0o600)
        for number, stream in enumerate((os.open(os.devnull, os.O_RDONLY), output, error)):
            os.dup2(stream, number)
        sys.argv = ["rnntui", *(argument.replace("FILE", os.fsdecode(file)) for argument in case.arguments)]
        from rnntui.cli.process.program import main as be_the_program

        if before:
            before()
        be_the_program()
    except BaseException as problem:
        os.write(2, f"Traceback: {problem!r}".encode())
    finally:
        os._exit(code)


def made(case: Case, folder: Path) -> bytes:
    """Make the file of a case; returns its name."""
    name = {
        "long name": b"a" * 300,
        "name of control characters": b"\x1b]52;c;aGk=\x07\n[/b]",
        "name that is not UTF-8": b"\xff\xfe",
    }.get(case.kind, case.file.encode("utf-8", "surrogateescape"))
    path = folder / os.fsdecode(case.place.encode() or name)
    (folder / "data").mkdir(exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    links = {"link to /dev/zero", "link to /dev/full", "link to /proc/self/mem"}
    if case.kind == "folder":
        path.mkdir()
    elif case.kind == "pipe":
        os.mkfifo(path)
    elif case.kind == "socket":
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
            os.chdir(path.parent)
            listener.bind(path.name)
    elif case.kind in links:
        path.symlink_to(case.kind.removeprefix("link to "))
    elif case.kind in {"loop of links", "dangling link"}:
        path.symlink_to(path if case.kind[0] == "l" else folder / "nowhere")
    elif case.kind == "8 GB of holes":
        with path.open("wb") as file:
            file.truncate(8 << 30)
    elif case.kind not in {"missing", "long name"}:
        contents = {"noise": random.Random(3).randbytes(70_000), "NULs": bytes(70_000), "content": case.content}
        path.write_bytes(contents.get(case.kind, b""))
    return os.fsencode(path) if not case.place else b"nothing.txt"


if __name__ == "__main__":
    main(*sys.argv[1:])
