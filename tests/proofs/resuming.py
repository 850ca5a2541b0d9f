"""P2, and the training part of P1: runs begun in fresh data folders, killed at random instants, and gone on with.

Each case has a data folder of its own, in which nothing was ever prepared. A run is begun by the command line or by the
queue, harmed at random instants (in its first seconds, while the text is prepared, while it learns) and gone on with:
by the command line, by the app, or by a trainer of its own; from another working folder, under another name, after a
pause, on top of another model. At its end the same plan and the same recorded times are given to a run in another
fresh folder that nobody disturbs: weights, counts, vocabulary and figures must be the same to the last bit.
"""

import asyncio
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnntui.cli.process.ending import leave
from rnntui.errors import InputError
from rnntui.events import Preparing, RunResumed, RunStarted, StepLogged
from rnntui.paths import CONFIG_VARIABLE, DATA_DIR_VARIABLE, ENDS_WITH_VARIABLE, find_paths
from rnntui.records import RunRecord
from rnntui.service.services import Services
from rnntui.settings import CELL_NAMES
from tests.proofs import Proof, Setup
from tests.small_world import rare_words_text
from tests.trainers import is_same, trainers, undisturbed

ROOT = Path(__file__).parents[2]
BOOKS = ("frankenstein.txt", "alice.txt")
MINUTES, FEWEST_MINUTES, MINUTES_WITH_STATES, MINUTES_FOR_THE_WORST = 0.1, 0.02, 0.45, 1.5
"""A trainer keeps its state every 15 s: shorter runs that are killed begin again, and use the same times again."""
PATIENCE_SECONDS = 240.0
MOST_LOST_SECONDS = 30.0
SMALL = ("--rows", "8", "--bptt-length", "16", "--threads", "1")
FIRST_SECONDS = (0.1, 3.0)


@dataclass(frozen=True)
class Way:
    """How a run is begun, harmed and gone on with."""

    name: str
    harm: signal.Signals = signal.SIGKILL
    begins: str = "command"
    goes_on: str = "command"


WAYS = (
    Way("by its name"),
    Way("from another working folder", signal.SIGINT),
    Way("by the app", goes_on="app"),
    Way("in the queue", begins="queue", goes_on="trainer"),
    Way("renamed"),
    Way("on top of a model", signal.SIGINT),
    Way("with a pause", signal.SIGTERM),
    Way("by a trainer of its own", goes_on="trainer"),
)


class Broken(Exception):
    """What was promised and is not so."""


class Case:
    """One data folder with what happens in it."""

    def __init__(self, folder: Path, way: Way, file: Path, minutes: float, dice: random.Random, cell: str) -> None:
        self.way, self.minutes, self.dice, self.cell = way, minutes, dice, cell
        self._folder, self._file = folder, file
        self.data_dir = folder / "data"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir(parents=True)
        self._environment = {
            **os.environ,
            DATA_DIR_VARIABLE: str(self.data_dir),
            CONFIG_VARIABLE: str(folder / "config.toml"),
            ENDS_WITH_VARIABLE: str(os.getpid()),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
        }
        self._numbers = itertools.count()
        self.training = Services(find_paths(self.data_dir)).training
        self.lost: list[float] = []

    # ---- commands

    def command(self, *words: str, folder: Path | None = None, program: Sequence[str] = ("-m", "rnntui")) -> "Command":
        return Command([sys.executable, *program, *words], folder or self._file.parent, self._environment, self._said())

    def _said(self) -> Path:
        return self._folder / f"said-{next(self._numbers)}"

    def done(self, *words: str, folder: Path | None = None) -> None:
        """Run a command to its end, which must be a good one."""
        self.command(*words, folder=folder).end()

    def begin(self, name: str = "book") -> "Command":
        shape = () if self.way.name == "on top of a model" else ("--hidden-size", "32", "--cell", self.cell)
        base = ("--from", "base") if self.way.name == "on top of a model" else ()
        queue = ("--queue",) if self.way.begins == "queue" else ()
        given = ("train", self._file.name, "--name", name, "--minutes", f"{self.minutes}", *SMALL, *shape, *base)
        return self.command(*given, *queue)

    # ---- the run

    def run(self, name: str = "book") -> RunRecord | None:
        return next((run for run in self.training.runs() if run.name == name), None)

    def told(self, kind: type, name: str = "book") -> bool:
        run = self.run(name)
        return run is not None and any(isinstance(event, kind) for event in self.training.follow(run.run_id).poll())

    def kill(self, command: "Command | None") -> None:
        """Harm whoever is at work: the command itself, or the trainer it has started."""
        if command is not None:
            command.send(self.way.harm)
            return
        run = self.run()
        for process in trainers(run.run_id) if run else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, self.way.harm)
        wait_until(lambda: not self.training.active(), "the trainer does not end")

    def strike(self, command: "Command | None", moment: str) -> str:
        """Wait for a moment and harm. Returns the moment in words."""
        over = (lambda: not command.is_running) if command else (lambda: not self.training.active())
        if moment == "its first seconds":
            seconds = self.dice.uniform(*FIRST_SECONDS)
        elif moment == "preparing":
            wait_until(lambda: over() or self.told(Preparing), "it does not begin to prepare")
            seconds = self.dice.uniform(0.0, 2.0)
        else:
            wait_until(lambda: over() or self.told(StepLogged) or self.told(RunStarted), "it does not begin to learn")
            has_states = self.minutes >= MINUTES_WITH_STATES
            earliest, latest = (30, 45) if has_states else (0, 60)
            seconds = self.minutes * self.dice.uniform(earliest, latest)
        until = time.monotonic() + seconds
        wait_until(lambda: over() or time.monotonic() >= until, "it neither ends nor goes on")
        self.kill(command)
        return f"{seconds:.2f} s into {moment}"

    def go_on(self) -> "Command | None":
        """Go on as the way says; None when a trainer of its own does the work."""
        run = self.run()
        if run is None or self.way.goes_on == "command":
            return self.begin() if run is None else self._resumed_by_command(run)
        if self.way.goes_on == "app" and not run.finished:
            self.command(program=("-c", "from tests.proofs.resuming import go_on_in_app; go_on_in_app()")).end()
        elif run.can_resume:
            self.done("runs", "resume", run.run_id)
        return None

    def _resumed_by_command(self, run: RunRecord) -> "Command":
        if self.way.name == "renamed" and run.model_id:
            self.done("models", "rename", run.model_id, "another name")
            return self.command("train", "--resume", "another name")
        if self.way.name == "from another working folder":
            return self.command("train", "--resume", run.run_id, folder=self.elsewhere)
        return self.command("train", "--resume", self.dice.choice(("book", "last")))

    def pause_once(self) -> None:
        """Let it stand still for a moment while it learns."""
        run = self.run()
        if run is None or not run.is_running:
            return
        self.done("runs", "pause", run.run_id)
        with contextlib.suppress(InputError):  # it has ended meanwhile
            self.training.resume(run.run_id)

    def finish(self, command: "Command | None", name: str = "book") -> RunRecord:
        """Wait for the end, which must be that of its time."""
        if command is not None:
            command.end()
        wait_until(lambda: (run := self.run(name)) is not None and not run.is_running and not run.is_queued, "no end")
        run = self.run(name)
        if run is None or run.can_resume or not run.model_id:
            raise Broken(f"the run does not come to its end: {run}")
        return run

    def note_losses(self, run: RunRecord) -> None:
        """Seconds of training that had been told before it went on from before them, or began again."""
        reached = first = 0.0
        has_begun = False
        for event in self.training.follow(run.run_id).poll():
            match event:
                case StepLogged():
                    first = first or event.seconds
                    reached = max(reached, event.seconds)
                case RunResumed():
                    if event.note:
                        raise Broken(f"it went on differently: {event.note}")
                    self.lost.append(reached - event.seconds)
                case RunStarted():
                    if has_begun:
                        self.lost.append(reached - first)
                    reached, first, has_begun = 0.0, 0.0, True

    def compare(self, run: RunRecord) -> None:
        """Repeat the run without any harm."""
        library = Services(find_paths(self.data_dir)).library
        if not is_same(library.find(run.model_id), undisturbed(self.data_dir, run.run_id, self._folder / run.run_id)):
            raise Broken("weights, counts, words or figures differ from those of the undisturbed run")


class Command:
    """A command that runs."""

    def __init__(self, words: list[str], folder: Path, environment: dict[str, str], said: Path) -> None:
        self._words, self._said = words, said
        with said.open("wb") as file:
            self._process = subprocess.Popen(
                words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Harm it, and wait until it is gone."""
        self._process.send_signal(number)
        self._process.wait(PATIENCE_SECONDS)

    def end(self) -> None:
        """Wait for its end.

        Raises:
            Broken: If it is not a good one.
        """
        if code := self._process.wait(PATIENCE_SECONDS):
            said = self._said.read_text(encoding="utf-8", errors="replace").strip()[-400:]
            raise Broken(f"{' '.join(self._words[1:])} ends with {code}: {said}")


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() >= deadline:
            raise Broken(otherwise)
        time.sleep(0.05)


def go_on_in_app() -> None:
    """In a process of its own: open the app, go to the training screen, and let the run that is shown go on."""
    from rnntui.config import load_config
    from rnntui.tui.app import RnntuiApp

    async def press() -> None:
        paths = find_paths()
        services = Services(paths, load_config(paths.config_file))
        app = RnntuiApp(services)
        async with app.run_test(size=(100, 30)) as pilot:
            deadline = time.monotonic() + PATIENCE_SECONDS

            def is_over() -> bool:
                screen = app.screens.find("train")
                return screen is not None and screen.run_watch.state.view.is_over

            for key, is_done in (
                ("f4", is_over),
                ("space", lambda: services.training.active() is not None),
            ):
                await pilot.press(key)
                while not is_done():
                    assert time.monotonic() < deadline, f"{key} does nothing"
                    await asyncio.sleep(0.05)
        services.close()

    asyncio.run(press())
    leave(0)  # as the app does: a thread may be inside torch


def one_case(case: Case, moments: Sequence[str]) -> list[str]:
    """Begin, harm, go on, compare. Returns what was done, as far as it came.

    Raises:
        Broken: If the promise does not hold.
    """
    done: list[str] = []
    names = ["book", "next"] if case.way.begins == "queue" else ["book"]
    try:
        if case.way.name == "on top of a model":
            shape = ("--hidden-size", "32", "--cell", case.cell)
            case.done("train", "sample:animals", "--name", "base", "--minutes", "0.02", *SMALL, *shape)
        command: Command | None = case.begin()
        if case.way.begins == "queue":
            for begun in (command, case.begin("next")):
                begun.end()
            command = None
        for moment in moments:
            done.append(case.strike(command, moment))
            if (run := case.run()) is not None and not run.can_resume and not run.is_running:
                break  # it was over before
            command = case.go_on()
        if case.way.name == "with a pause":
            case.pause_once()
        if command is None and (run := case.run()) is not None and run.can_resume:
            command = case.go_on()
        for name in names:
            run = case.finish(command if name == "book" else None, name)
            case.note_losses(run)
            case.compare(run)
    except Broken as problem:
        raise Broken(
            f"{case.way.name}, {case.way.harm.name} {' and '.join(done) or 'before any harm'}: {problem}"
        ) from None
    finally:
        for run in case.training.runs():
            for process in trainers(run.run_id):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
    return done


def a_text(setup: Setup, number: int) -> Path:
    """A book, or a made-up text with as many rare words."""
    if setup.data is not None and (book := setup.data / BOOKS[number % len(BOOKS)]).is_file():
        return book.absolute()
    file = setup.folder / "made-up.txt"
    file.write_text(rare_words_text(words=6_000), encoding="utf-8")
    return file


def prove(setup: Setup) -> Proof:
    cases, is_small = setup.cases(30), setup.share == 0.0
    broken: list[str] = []
    lost = [0.0]
    harms = 0
    for number in range(cases):
        way, cell = WAYS[number % len(WAYS)], CELL_NAMES[number % len(CELL_NAMES)]
        dice = random.Random(f"{setup.seed} {number}")
        moments = ["its first seconds", "preparing", "learning"][number % 3 :: 2]
        minutes = MINUTES
        if is_small:
            moments, minutes = ["learning"], FEWEST_MINUTES
        elif number % 5 == 1:
            moments, minutes = ["preparing", "learning"], MINUTES_WITH_STATES
        if setup.share >= 1.0 and number == len(WAYS) - 1:
            moments, minutes = ["learning"], MINUTES_FOR_THE_WORST
        case = Case(setup.folder / f"case-{number}", way, a_text(setup, number), minutes, dice, cell)
        try:
            harms += len(one_case(case, moments))
        except Broken as problem:
            broken.append(f"case {number}, seed {setup.seed}: {problem}")
        lost += case.lost
    if max(lost) > MOST_LOST_SECONDS:
        broken.append(f"a kill cost {max(lost):.1f} s of training")
    left_out = () if setup.data else ("real books: --data names no folder",)
    return Proof(cases, f"{max(lost):.1f} s of training lost by one of {harms} kills", tuple(broken), left_out)
