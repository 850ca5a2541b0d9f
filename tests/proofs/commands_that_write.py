"""Every command that writes, as the proofs of killing and of refusing disks run it: before, after, and nothing else.

A command is started in a copy of a data folder. What a person then sees (models, conversations with every turn, runs,
the file that was asked for) must be what it was before or what the whole command makes of it, after the next start.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rnntui.config import Config
from rnntui.paths import Paths, find_paths
from rnntui.records import TrainRequest, Turn
from rnntui.service.data_folder import clean_up
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.proofs import Setup
from tests.small_models import save_small_model

CHANGING = (
    "write pwrite64 fsync fdatasync ftruncate rename renameat renameat2 link linkat unlink unlinkat mkdir mkdirat rmdir"
)
"""The system calls that change files, as strace names them."""
_COUNTED = re.compile(r"(?:\[pid +\d+\] |\d+ +)?(\w+)\(")
_VERSIONS = Path(__file__).parents[1] / "store" / "old_versions"
_PROGRAM = (sys.executable, "-m", "rnntui")


@dataclass(frozen=True)
class Command:
    """Something that writes."""

    name: str
    arguments: tuple[str, ...]
    """What is run; {data} and {away} stand for the data folder and the folder of files from elsewhere."""
    prepare: Callable[[Paths], None] = lambda paths: None
    """What the copy of the data folder needs first."""


def _with_code(code: str) -> tuple[str, ...]:
    begin = "import sys; from pathlib import Path; data = Path(sys.argv[1]); away = Path(sys.argv[2])\n"
    return (sys.executable, "-c", begin + code, "{data}", "{away}")


def _old(version: int) -> Callable[[Paths], None]:
    def written(paths: Paths) -> None:
        import sqlite3

        paths.database.unlink()
        with closing(sqlite3.connect(paths.database)) as old:
            old.executescript((_VERSIONS / f"version-{version}.sql").read_text(encoding="utf-8"))

    return written


def _cut(paths: Paths) -> None:
    data = paths.database.read_bytes()
    paths.database.write_bytes(data[:-4096])


COMMANDS = (
    Command("sessions rename", (*_PROGRAM, "sessions", "rename", "first", "another", "title")),
    Command("sessions import", (*_PROGRAM, "sessions", "import", "{away}/conversation.jsonl")),
    Command("sessions delete", (*_PROGRAM, "sessions", "delete", "first")),
    Command("sessions restore", (*_PROGRAM, "sessions", "restore", "gone")),
    Command("sessions empty", (*_PROGRAM, "sessions", "empty")),
    Command("sessions duplicate", (*_PROGRAM, "sessions", "duplicate", "first")),
    Command("sessions export", (*_PROGRAM, "sessions", "export", "first", "{away}/asked-for.md")),
    Command("models rename", (*_PROGRAM, "models", "rename", "small", "another name")),
    Command("models remove", (*_PROGRAM, "models", "remove", "small")),
    Command(
        "a model saved in place of another",
        _with_code(
            "import dataclasses; from rnntui.store.library import Library\n"
            "library = Library(data / 'models', Path('none'))\n"
            "card = library.find('small'); files = library.read(card.model_id)\n"
            "library.save(dataclasses.replace(card, name='again'), files['weights.safetensors'],"
            " files['vocabulary.json'], files['counts.safetensors'])"
        ),
    ),
    Command(
        "a run that is begun, steered and kept",
        _with_code(
            "from rnntui.store.runs.runs import Runs; from rnntui.records import TrainRequest\n"
            "runs = Runs(data / 'runs')\n"
            "run = runs.create(TrainRequest(('x.txt',), 'x', 1.0), '2026-01-02T03:04:05+00:00')"
        ),
    ),
    Command(
        "a run that is steered and kept",
        _with_code(
            "from rnntui.store.runs.runs import Runs\n"
            "runs = Runs(data / 'runs'); run = runs.folder(runs.records()[0].run_id)\n"
            "run.orders.set_command('pause'); run.states.save(b'x' * 9000); run.append_events().append('{}')"
        ),
    ),
    Command("runs remove", (*_PROGRAM, "runs", "remove")),
    Command(
        "prepared texts",
        _with_code(
            "from rnntui.store.corpora import Corpora\n"
            "corpora = Corpora(data / 'corpora'); corpora.keep_counted('a' * 64, b'x' * 9000)\n"
            "with corpora.new_ids('a' * 64, 'b' * 64) as ids: ids.write(b'y' * 9000); ids.complete()"
        ),
    ),
    *(Command(f"the migration from version {number}", (*_PROGRAM, "sessions"), _old(number)) for number in (1, 2, 3)),
    Command("a damaged file set aside", (*_PROGRAM, "sessions"), _cut),
)


class World:
    """A data folder with something of everything, to be copied for each case."""

    def __init__(self, setup: Setup) -> None:
        self._folder = setup.folder
        self._template = self._paths("template")
        self._number = 0
        with closing(Services.open(self._template, Config())) as services:
            card = save_small_model(services.library)
            for title in ("first", "other", "gone"):
                session = services.conversations.create(title, card.model_id, SamplerSettings(), "inline", "")
                parent = None
                for number in range(4):
                    words = f" {title} {number} " + "and on " * (1_000 if number == 2 else 5)
                    role = "network" if number % 2 else "person"
                    turn = Turn(
                        0, session.session_id, parent, role, words, (1,), (-1.0,), "complete", number, card.model_id
                    )
                    parent = services.conversations.add_turn(turn).turn_id
            services.conversations.delete(session.session_id, "2026-01-01T00:00:00+00:00")
            services.training._runs.create(TrainRequest(("x.txt",), "x", 1.0), "2026-01-01T00:00:00+00:00")
        away = self._template.data_dir.with_name("away")
        away.mkdir()
        self.run(COMMANDS[6], self._template)
        (away / "asked-for.md").unlink()
        export = Command("", (*_PROGRAM, "sessions", "export", "first", "{away}/conversation.jsonl"))
        self.run(export, self._template)

    def copy(self, command: Command) -> Paths:
        """A fresh copy, prepared for the command."""
        self._number += 1
        paths = self._paths(f"copy-{self._number}")
        shutil.copytree(self._template.data_dir.parent, paths.data_dir.parent)
        command.prepare(paths)
        return paths

    def run(
        self, command: Command, paths: Paths, under: tuple[str, ...] = (), fail_point: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run it."""
        away = paths.data_dir.with_name("away")
        filled = [
            part.replace("{data}", str(paths.data_dir)).replace("{away}", str(away)) for part in command.arguments
        ]
        surroundings = {
            **os.environ,
            "RNNTUI_DATA_DIR": str(paths.data_dir),
            "RNNTUI_CONFIG": str(paths.config_file),
            "PYTHONDONTWRITEBYTECODE": "1",
            **({"RNNTUI_FAIL_POINT": f"{fail_point}:{os.getpid()}"} if fail_point else {}),
        }
        return subprocess.run(
            [*under, *filled], capture_output=True, text=True, errors="replace", timeout=120, env=surroundings
        )

    def calls(self, command: Command) -> list[tuple[str, int]]:
        """Every system call by which the command changes files: its name, and which of that name it is."""
        paths = self.copy(command)
        told = paths.data_dir.with_name("calls")
        self.run(command, paths, ("strace", "-f", "-qq", "-e", f"trace={CHANGING.replace(' ', ',')}", "-o", str(told)))
        found: list[tuple[str, int]] = []
        for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
            if named := _COUNTED.match(line):
                found.append((named[1], 1 + sum(name == named[1] for name, _ in found)))
        forget(paths)
        return found

    def _paths(self, name: str) -> Paths:
        folder = self._folder / name
        return find_paths(folder / "data", folder / "config.toml")


def forget(paths: Paths) -> None:
    """Remove a copy."""
    shutil.rmtree(paths.data_dir.parent)


def seen(paths: Paths) -> dict[str, object]:
    """What a person sees at the next start, without ids and moments that are drawn anew."""
    clean_up(paths)
    with closing(Services.open(paths, Config())) as services:
        conversations = services.conversations
        kept = [*conversations.sessions(), *conversations.deleted()]
        asked_for = paths.data_dir.with_name("away") / "asked-for.md"
        return {
            "saved": services.save_status.is_on,
            "models": sorted((card.model_id, card.name) for card in services.library.cards()),
            "whole models": sorted(
                (card.model_id, *sorted(services.library.read(card.model_id))) for card in services.library.cards()
            ),
            "conversations": sorted(
                (
                    entry.title,
                    bool(entry.deleted_at),
                    tuple(turn.text for turn in conversations.all_turns(entry.session_id)),
                )
                for entry in kept
            ),
            "runs": len(services.training.runs()),
            "file": asked_for.read_bytes() if asked_for.exists() else None,
        }


def leftovers(paths: Paths) -> list[str]:
    """What should not be there after a start."""
    return [
        str(path.relative_to(paths.data_dir.parent))
        for path in paths.data_dir.parent.rglob("*")
        if path.name.startswith(".rnntui-") or path.name.endswith(("-journal", "-wal"))
    ]
