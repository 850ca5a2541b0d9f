"""Files of ours that somebody changed: every number and reference in them is looked at before it is believed."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from rnntui.cli.main import run
from rnntui.events import Preparing, to_json
from rnntui.paths import find_paths
from rnntui.records import TrainRequest, Turn
from rnntui.settings import SamplerSettings
from rnntui.store.conversations import database as database_module
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.runs.runs import Runs

Capture = pytest.CaptureFixture[str]
NESTED = "[" * 200_000


@pytest.mark.parametrize(
    "line",
    [
        NESTED,
        '{"event": ["Preparing"]}',
        '{"event": "Preparing", "what": 7, "fraction": 0}',
        '{"event": "Preparing", "what": "x", "fraction": 1' + "0" * 400 + "}",
        '{"event": "Preparing", "what": "x", "fraction": true}',
        '{"event": "RunStarted", "model_config": {"no": 1}}',
        '{"event": "BaselinesMeasured", "bits_per_character": {"x": [' + "[" * 100 + "]" * 101 + "}}",
        '{"event": "Evaluated"}',
    ],
)
def test_a_changed_line_of_events_is_passed_over_and_named(line: str, capsys: Capture) -> None:
    runs = Runs(find_paths().runs)
    run_id = runs.create(TrainRequest(("x.txt",), "x", 1.0), "2026-01-02T03:04:05+00:00").run_id
    with runs.folder(run_id).append_events() as events:
        for entry in (to_json(Preparing("reading", 0.5)), line, to_json(Preparing("reading", 1.0))):
            events.append(entry)
    assert run(["runs", "show", run_id]) == 0
    assert "Line 2 of what the run told could not be read" in capsys.readouterr().err
    assert run(["runs"]) == 0


def planted(paths_database: Path) -> tuple[str, str]:
    with Database(paths_database) as database:
        sessions = Sessions(database)
        ids = []
        for title in ("one", "other"):
            session = sessions.create(title, "m", SamplerSettings(), "inline", "")
            parent = None
            for number in range(3):
                turn = Turn(
                    0, session.session_id, parent, "person", f" {number}", (1,), (-1.0,), "complete", number, "m"
                )
                parent = sessions.add_turn(turn).turn_id
            ids.append(session.session_id)
    return ids[0], ids[1]


def test_a_parent_in_another_conversation_is_no_way_into_it(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_LARGEST_CHECKED", 0)  # as for a file too large to be read at each start
    path = find_paths().database
    one, other = planted(path)
    with contextlib.closing(sqlite3.connect(path)) as careless:
        careless.execute("UPDATE turns SET parent_id = 2 WHERE turn_id = 6")
        careless.commit()
    assert run(["sessions", "export", other, "--format", "jsonl"]) == 0
    turns = [json.loads(line) for line in capsys.readouterr().out.splitlines()][2:]
    assert [turn["parent"] for turn in turns] == [None, 1, 2]
    assert run(["sessions", "show", other]) == 0
    assert run(["sessions", "show", one]) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start_position", 2**63 - 1),
        ("start_position", 2**41),
        ("words", 2**63 - 1),
        ("parent", 3),
        ("parent", -1),
        ("number", 2**63),
        ("token_ids", [2**32]),
        ("draws", [{"start": 2**62, "sampler": None}]),
    ],
)
def test_a_number_out_of_range_in_a_conversation_file_is_refused_with_its_line(
    field: str, value: object, tmp_path: Path, capsys: Capture
) -> None:
    one, _ = planted(find_paths().database)
    file = tmp_path / "changed.jsonl"
    assert run(["sessions", "export", one, str(file)]) == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[3] = json.dumps(json.loads(lines[3]) | {field: value})
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["sessions", "import", str(file)]) == 2
    assert 'Line 4 of "changed.jsonl"' in capsys.readouterr().err
