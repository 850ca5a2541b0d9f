"""A damaged file of conversations as a person meets it: the command is started on it, and what is whole is there."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.records import Turn
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.files.locks import lock

CONVERSATIONS, TURNS = 6, 17
PRIVATE = "nobody else may read this"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with 102 turns in 6 conversations, some longer than a page."""
    dice = random.Random(1)
    folder = tmp_path / "data"
    with Database(folder / "sessions.sqlite3") as database:
        sessions = Sessions(database)
        begun = [
            sessions.create(f"conversation {number}", "m", SamplerSettings(), "inline", "")
            for number in range(CONVERSATIONS)
        ]
        heads: list[int | None] = [None] * CONVERSATIONS
        for number in range(TURNS):
            for at, session in enumerate(begun):
                words = f" turn {number} of {at}: {PRIVATE}" + " and on" * dice.choice((1, 30, 1000))
                turn = Turn(0, session.session_id, heads[at], "person", words, (1,), (-1.0,), "complete", number, "m")
                heads[at] = sessions.add_turn(turn).turn_id
    return folder


def rnntui(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rnntui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ))


def turns_shown() -> int:
    listed = [json.loads(line) for line in rnntui("sessions", "list", "--json").stdout.splitlines()]
    return sum(len(rnntui("sessions", "show", one["session_id"], "--json").stdout.splitlines()) for one in listed)


def test_a_file_that_lost_its_last_page_still_shows_every_conversation_and_says_so_every_time(data: Path) -> None:
    file = data / "sessions.sqlite3"
    file.write_bytes(file.read_bytes()[:-4096])
    first, later = rnntui("sessions"), rnntui("sessions")
    assert first.stdout == later.stdout
    assert first.stdout.count("conversation ") == CONVERSATIONS
    kept = next(path.name for path in data.iterdir() if "damaged" in path.name and path.suffix != ".txt")
    for said in (first.stderr, later.stderr):
        assert f'is kept as "{kept}"; 6 conversations with {turns_shown()} of 102 turns were recovered' in said


def test_a_lost_first_page_costs_no_turn(data: Path) -> None:
    file = data / "sessions.sqlite3"
    file.write_bytes(b"\xff" * 4096 + file.read_bytes()[4096:])
    assert "6 conversations with all 102 turns were recovered" in rnntui("sessions").stderr
    assert turns_shown() == CONVERSATIONS * TURNS


def test_one_changed_bit_in_a_text_is_shown_and_the_conversation_goes_on(data: Path, tmp_path: Path) -> None:
    file = data / "sessions.sqlite3"
    whole = file.read_bytes()
    at = whole.index(f"turn 3 of 2: {PRIVATE}".encode()) + 15
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1 :])
    listed = [json.loads(line) for line in rnntui("sessions", "--json").stdout.splitlines()]
    session_id = next(one["session_id"] for one in listed if one["title"] == "conversation 2")
    shown = rnntui("sessions", "show", session_id)
    assert "\ufffd" in shown.stdout
    turns = [json.loads(line) for line in rnntui("sessions", "show", session_id, "--json").stdout.splitlines()]
    assert [turn["status"] for turn in turns] == ["complete"] * 3 + ["damaged"] + ["complete"] * (TURNS - 4)
    exported = tmp_path / "again.jsonl"
    assert rnntui("sessions", "export", session_id, str(exported)).returncode == 0
    assert rnntui("sessions", "import", str(exported)).returncode == 0
    said = [shown.stderr, *(rnntui("sessions", *words).stderr for words in (["search", "secret"], ["list"]))]
    assert not any("nobody" in line for line in said)
    log = data / "rnntui.log"
    assert not log.exists() or "nobody" not in log.read_text()


def test_a_damaged_file_that_another_program_has_open_is_shown_and_left_to_it(data: Path) -> None:
    file = data / "sessions.sqlite3"
    file.write_bytes(file.read_bytes()[:-4096])
    with lock(data / "open.lock"):
        shown, changed = rnntui("sessions"), rnntui("sessions", "rename", "conversation 1", "x")
    assert shown.stdout.count("conversation ") == CONVERSATIONS
    assert "Nothing is saved" in shown.stderr
    assert changed.returncode == 4
    assert "another rnntui has it open" in changed.stderr
    assert not [path for path in data.iterdir() if ".damaged-" in path.name]
