"""Kill the program while it talks, again and again, and count what is lost.

    python -m tests.benchmarks.kills [--kills N] [--seed S] [--stride N] [--json]

Each round forks a process that holds a real conversation with a tiny model and real files, tells through a pipe what
it has acknowledged (a stored turn, a word, a finished reply), and is killed with SIGKILL: at a random instant, or at
one of the system calls that change a file. SQLite's own calls are counted by hooks in its table of system calls
(`xSetSystemCall`), those of `store.durable` by its fail points. Then the program is opened as at the next start, and
what it has is compared with what was acknowledged.

The conversation's clock runs SPEED times faster than the wall's, so that a second of a streamed reply takes a fraction
of one; losses are given in the conversation's own seconds, so they include what saving took, SPEED-fold.
"""

import argparse
import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnntui.config import Config
from rnntui.events import TurnFinished, TurnStored, WordSampled
from rnntui.paths import Paths, find_paths
from rnntui.service.chat.chat import Chat
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.migrations import MIGRATIONS
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.files import fail_points
from tests.small_models import save_small_model

SPEED = 10.0
LONGEST_LIFE_SECONDS = 0.5
ROUNDS_IN_ONE_FOLDER = 100
CALLS_OF_A_TALK = 160
"""Opening and the first few turns make about as many calls that change a file; each of them is one to die at."""
WORD_SECONDS = 0.004
REPLY = SamplerSettings(max_words=60, stop="words", seed=5)


# ---- dying at a system call -------------------------------------------------------------------------------------


class Steps:
    """Counts the calls that change files, of SQLite and of `durable`, and dies just before the one that is wanted."""

    def __init__(self) -> None:
        self.passed = 0
        self.fatal = 0

    def step(self) -> None:
        self.passed += 1
        if self.passed == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


_POINTER, _INT, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_CALLS: dict[bytes, tuple[Any, ...]] = {  # result, arguments
    b"write": (ctypes.c_ssize_t, _INT, _POINTER, _SIZE),
    b"pwrite": (ctypes.c_ssize_t, _INT, _POINTER, _SIZE, ctypes.c_long),
    b"pwrite64": (ctypes.c_ssize_t, _INT, _POINTER, _SIZE, ctypes.c_int64),
    b"ftruncate": (_INT, _INT, ctypes.c_int64),
    b"unlink": (_INT, ctypes.c_char_p),
    b"openDirectory": (_INT, ctypes.c_char_p, _POINTER),  # before the folder is flushed
}
_SET = ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.c_char_p, _POINTER)
_GET = ctypes.CFUNCTYPE(_POINTER, _POINTER, ctypes.c_char_p)


class _FileSystem(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("version", _INT),
        ("file_size", _INT),
        ("longest_path", _INT),
        ("next", _POINTER),
        ("name", ctypes.c_char_p),
        ("data", _POINTER),
        ("methods", _POINTER * 13),
        ("set_call", _SET),
        ("get_call", _GET),
        ("next_call", _POINTER),
    )


def hook_sqlite(step: Callable[[], None]) -> list[Any]:
    """Call `step` before every system call with which SQLite changes a file; the result must be kept alive.

    Returns:
        Nothing where this Python's SQLite cannot be reached or has no table of system calls.
    """
    import _sqlite3

    for name in ("libsqlite3.so.0", "libsqlite3.dylib", _sqlite3.__file__):
        with contextlib.suppress(OSError, AttributeError):
            library = ctypes.CDLL(name)
            library.sqlite3_vfs_find.restype = _POINTER
            library.sqlite3_libversion.restype = ctypes.c_char_p
            if library.sqlite3_libversion().decode() == sqlite3.sqlite_version:
                return _hooked(_FileSystem.from_address(library.sqlite3_vfs_find(None)), step)
    return []


def _hooked(system: _FileSystem, step: Callable[[], None]) -> list[Any]:
    if system.version < 3:
        return []
    kept: list[Any] = []
    for name, (result, *arguments) in _CALLS.items():
        address = system.get_call(ctypes.addressof(system), name)
        if not address:
            continue
        kind = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
        kept.append(kind(_stepping(kind(address), step)))
        system.set_call(ctypes.addressof(system), name, ctypes.cast(kept[-1], _POINTER))
    return kept


def _stepping(call: Callable[..., int], step: Callable[[], None]) -> Callable[..., int]:
    def stepped(*arguments: Any) -> int:
        step()
        return call(*arguments)

    return stepped


def count_durable(steps: Steps) -> None:
    """Let every fail point of `durable` count as well."""
    from rnntui.store.files import durable

    durable.step = steps.step  # type: ignore[assignment]
    assert fail_points.step is not steps.step


# ---- the program that is killed ---------------------------------------------------------------------------------


@dataclass
class Told:
    """What a killed process had acknowledged."""

    stored: dict[int, str] = field(default_factory=dict)
    """The person's turns."""
    finished: dict[int, str] = field(default_factory=dict)
    streamed: list[tuple[float, str]] = field(default_factory=list)
    """Words of the reply that was not finished: the conversation's seconds, and the piece."""


def fast_clock() -> float:
    return time.monotonic() * SPEED


def talk(paths: Paths, tell: Callable[[str], None]) -> None:
    """Say one thing after the other for ever."""
    services = Services.open(paths, Config())
    begun = services.open_chat("small") if not services.sessions() else services.open_chat()
    chat = Chat(services.library, services.conversations, begun.facts.card, begun.session, clock=fast_clock)
    chat.set_sampler(REPLY)
    number = 0
    while True:
        number += 1
        said: list[str] = []
        for event in chat.send(f"The cat saw mouse {number}"):
            match event:
                case TurnStored():
                    tell(json.dumps(["stored", event.turn_id, event.text]))
                case WordSampled():
                    said.append(event.piece)
                    tell(json.dumps(["word", fast_clock(), event.piece]))
                    time.sleep(WORD_SECONDS)
                case TurnFinished() if event.role == "network":
                    tell(json.dumps(["finished", event.turn_id, "".join(said)]))


def forked(work: Callable[[Callable[[str], None]], None]) -> tuple[int, int]:
    """Run `work` in a process of its own. Returns its number and where to read what it tells."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    try:
        work(lambda line: _write(writing, line))
    except BaseException as problem:
        _write(writing, json.dumps(["problem", repr(problem)]))
    finally:
        os._exit(1)


def _write(descriptor: int, line: str) -> None:
    os.write(descriptor, line.encode() + b"\n")  # shorter than PIPE_BUF: arrives whole


def killed_after(child: int, reading: int, seconds: float) -> Told:
    """Listen for so long, kill, and read the rest."""
    lines, deadline, poll = b"", time.monotonic() + seconds, 0.002
    os.set_blocking(reading, False)
    is_over = False
    while not is_over and time.monotonic() < deadline:
        piece = _available(reading)
        is_over = piece == b""
        lines += piece or b""
        time.sleep(poll)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := _available(reading):
        lines += piece
    os.close(reading)
    return _understood(lines)


def _available(reading: int) -> bytes | None:
    try:
        return os.read(reading, 1 << 16)
    except BlockingIOError:
        return None


def _understood(lines: bytes) -> Told:
    told = Told()
    for line in lines.decode().splitlines():
        match json.loads(line):
            case ["stored", number, text]:
                told.stored[number], told.streamed = text, []
            case ["word", moment, piece]:
                told.streamed.append((moment, piece))
            case ["finished", number, text]:
                told.finished[number], told.streamed = text, []
            case ["problem", problem]:
                raise AssertionError(problem)
    return told


# ---- the next start ---------------------------------------------------------------------------------------------


@dataclass
class Metrics:
    """What all kills together came to."""

    kills: int = 0
    kills_at_a_call: int = 0
    turns_acknowledged: int = 0
    turns_lost: int = 0
    replies_cut_off: int = 0
    most_words_lost: int = 0
    most_seconds_lost: float = 0.0
    starts_that_had_something_to_name: int = 0
    starts_that_named_it: int = 0
    memories_compared: int = 0
    memories_that_differ: int = 0
    files_damaged: int = 0
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Nothing acknowledged was lost and every start said what it found."""
        return (
            self.turns_lost == self.files_damaged == self.memories_that_differ == 0
            and self.most_seconds_lost <= 1.0
            and self.starts_that_named_it == self.starts_that_had_something_to_name
        )


def check(paths: Paths, told: Told, figures: Metrics, *, with_memory: bool) -> None:
    """Open as the next start does, and compare."""
    had_partial = _partial_turns(paths)
    services = Services.open(paths, Config())
    try:
        notices = " ".join(services.notices)
        figures.files_damaged += "damaged" in notices or not services.save_status.is_on
        figures.starts_that_had_something_to_name += bool(had_partial)
        figures.starts_that_named_it += bool(had_partial) and "cut off" in notices
        kept = {row["turn_id"]: row["text"] for row in services._database.rows("SELECT turn_id, text FROM turns")}
        acknowledged = {**told.stored, **told.finished}
        figures.turns_acknowledged += len(acknowledged)
        figures.turns_lost += sum(kept.get(number) != text for number, text in acknowledged.items())
        if told.streamed:
            _check_stream(services, told, figures)
        if with_memory and services.sessions():
            _compare_memory(services, figures)
    finally:
        services.close()


def _partial_turns(paths: Paths) -> int:
    if not paths.database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(paths.database)) as looking:
        if not looking.execute("SELECT 1 FROM sqlite_schema WHERE name = 'turns'").fetchone():
            return 0
        return int(looking.execute("SELECT count(*) FROM turns WHERE status = 'partial'").fetchone()[0])


def _check_stream(services: Services, told: Told, figures: Metrics) -> None:
    figures.replies_cut_off += 1
    turns = services.conversations.branch(services.sessions()[0].session_id)
    reply = turns[-1] if turns and turns[-1].role == "network" else None
    text, kept = reply.text if reply else "", 0
    assert "".join(piece for _, piece in told.streamed).startswith(text) or text.startswith(
        "".join(piece for _, piece in told.streamed)
    )
    length = 0
    for _, piece in told.streamed:
        length += len(piece)
        kept += length <= len(text)
    lost = told.streamed[kept:]
    figures.most_words_lost = max(figures.most_words_lost, len(lost))
    if lost:
        figures.most_seconds_lost = max(figures.most_seconds_lost, told.streamed[-1][0] - lost[0][0])


def _compare_memory(services: Services, figures: Metrics) -> None:
    """The memory that is put in place must be that of reading the visible branch once, from the beginning."""
    chat = services.open_chat()
    list(chat.load())
    stored = chat._speaker.generator.memory
    services._database.rows("SELECT 1")
    with services._database.transaction() as connection:
        connection.execute("DELETE FROM snapshots")
    again = services.open_chat()
    list(again.load())
    figures.memories_compared += 1
    figures.memories_that_differ += again._speaker.generator.memory.state.to_bytes() != stored.state.to_bytes()


# ---- rounds -----------------------------------------------------------------------------------------------------


def fresh_world(folder: Path) -> Paths:
    """A data folder with a tiny model."""
    paths = find_paths(folder / "data")
    services = Services(paths)
    save_small_model(services.library)
    services.close()
    return paths


def random_kills(folder: Path, count: int, seed: int, figures: Metrics, steps: Steps | None) -> None:
    """Kill at random instants, and where SQLite can be hooked every second time at the next call."""
    dice = random.Random(seed)
    paths = fresh_world(folder / "0")
    for number in range(count):
        if number and number % ROUNDS_IN_ONE_FOLDER == 0:
            shutil.rmtree(paths.data_dir.parent)
            paths = fresh_world(folder / str(number))
        fatal = 1 + number // 2 % CALLS_OF_A_TALK if steps and number % 2 else 0

        def work(tell: Callable[[str], None], fatal: int = fatal, paths: Paths = paths) -> None:
            if steps:
                steps.passed, steps.fatal = 0, fatal
            talk(paths, tell)

        life = 10 * LONGEST_LIFE_SECONDS if fatal else dice.uniform(0, LONGEST_LIFE_SECONDS)
        told = killed_after(*forked(work), life)
        figures.kills += 1
        figures.kills_at_a_call += bool(fatal)
        check(paths, told, figures, with_memory=number % 20 == 0)


def every_call(folder: Path, figures: Metrics, steps: Steps, work: Callable[[Path], None], stride: int = 1) -> int:
    """Kill at the first, second, third ... call of some work until it comes to its end. Returns how often it died."""
    for fatal in range(1, 10_000, stride):
        place = folder / str(fatal)
        shutil.copytree(folder / "before", place)

        def dying(tell: Callable[[str], None], fatal: int = fatal, place: Path = place) -> None:
            steps.passed, steps.fatal = 0, fatal
            work(place)
            tell(json.dumps(["finished", 0, ""]))

        child, reading = forked(dying)
        _, status = os.waitpid(child, 0)
        ended = bool(_available(reading))
        os.close(reading)
        figures.kills += not ended
        figures.kills_at_a_call += not ended
        assert ended or os.WIFSIGNALED(status), "the work neither ended nor died"
        with Database(place / "db") as database:
            sessions = Sessions(database)
            texts = [turn.text for session in sessions.sessions() for turn in sessions.all_turns(session.session_id)]
            figures.turns_acknowledged += 2
            figures.turns_lost += sum(text not in texts for text in ("kept one", "kept two"))
            figures.files_damaged += database.rows("PRAGMA quick_check(1)")[0][0] != "ok"
        shutil.rmtree(place)
        if ended:
            return fatal // stride
    raise AssertionError("the work never ends")


def an_old_file(folder: Path) -> None:
    """A file of the first version with two turns."""
    folder.mkdir(parents=True)
    with Database(folder / "db", MIGRATIONS[:1]) as database, database.transaction() as connection:
        connection.execute("INSERT INTO sessions VALUES ('s', 'old', 'm', '{}', 'inline', 2, '', '', 1)")
        for number, parent, text in ((1, None, "kept one"), (2, 1, "kept two")):
            connection.execute(
                "INSERT INTO turns VALUES (?, 's', ?, 'person', ?, x'', x'', 'complete', 0, 'm', NULL, '')",
                (number, parent, text),
            )


def a_damaged_file(folder: Path) -> None:
    """A file of today with two turns, and damage in a page that holds neither."""
    an_old_file(folder)
    with Database(folder / "db") as database:
        database.rows("SELECT 1")
        with database.transaction() as connection:
            connection.execute("CREATE TABLE extra (a TEXT) STRICT")
            connection.executemany("INSERT INTO extra VALUES (?)", [("x" * 3000,)] * 8)
    data = (folder / "db").read_bytes()
    at = data.rindex(b"x" * 3000) // 4096 * 4096
    (folder / "db").write_bytes(data[:at] + b"\xff" * 4096 + data[at + 4096 :])
    for copy in folder.glob("db.before*"):
        copy.unlink()


def opening(folder: Path) -> None:
    Database(folder / "db").close()


@contextlib.contextmanager
def working_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        yield Path(folder)


def run(kills: int, seed: int, stride: int) -> tuple[Metrics, dict[str, int]]:
    """All of it. Returns the figures, and at how many calls the program was killed by what it was doing."""
    import torch

    torch.set_num_threads(1)
    figures, steps, calls = Metrics(), Steps(), {}
    began = time.monotonic()
    hooks = hook_sqlite(steps.step)
    if hooks:
        count_durable(steps)
    with working_folder() as folder:
        if hooks:
            for name, make in (("migration", an_old_file), ("a damaged file set aside", a_damaged_file)):
                place = folder / name.replace(" ", "-")
                make(place / "before")
                calls[name] = every_call(place, figures, steps, opening, stride)
        random_kills(folder, max(0, kills - figures.kills), seed, figures, steps if hooks else None)
    figures.seconds = time.monotonic() - began
    return figures, calls


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stride", type=int, default=1, help="die at every N-th call of a migration only")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures, calls = run(arguments.kills, arguments.seed, arguments.stride)
    if arguments.json:
        print(json.dumps({**vars(figures), "calls": calls, "is_clean": figures.is_clean}))
        return 0 if figures.is_clean else 1
    print(f"SQLite {sqlite3.sqlite_version}, seed {arguments.seed}, {figures.seconds:.0f} s")
    for name, count in calls.items():
        print(f"killed at {count} system calls of {name}")
    print(f"kills                     {figures.kills:6,}, of them {figures.kills_at_a_call:,} at a system call")
    print(f"acknowledged turns        {figures.turns_acknowledged:6,}, lost {figures.turns_lost}")
    print(
        f"replies cut off           {figures.replies_cut_off:6,}, lost at most {figures.most_words_lost} words, "
        f"{figures.most_seconds_lost:.2f} s of the reply"
    )
    print(
        f"starts with news          {figures.starts_that_had_something_to_name:6,}, "
        f"that named it {figures.starts_that_named_it:,}"
    )
    print(f"memories compared         {figures.memories_compared:6,}, different {figures.memories_that_differ}")
    print(f"files damaged             {figures.files_damaged:6,}")
    return 0 if figures.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
