"""A value that the disk has changed, in any column: the conversation can be shown, exported and gone on with."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from rnntui.config import Config
from rnntui.paths import Paths, find_paths
from rnntui.service.export.conversation_file import from_json_lines
from rnntui.service.export.exporters import export_text
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.small_models import save_small_model

SAMPLER = SamplerSettings(max_words=4, stop="words", seed=1)
NO_TEXT = "CAST(x'e28018ff07' AS TEXT)"
CHANGES = [
    *((table, column, NO_TEXT) for table, column in (("turns", "text"), ("turns", "role"), ("turns", "status"))),
    *((("turns", column, NO_TEXT)) for column in ("sampler", "draws", "created_at")),
    *((("sessions", column, NO_TEXT)) for column in ("title", "sampler", "join_rule", "created_at", "updated_at")),
    *((table, "name", NO_TEXT) for table in ("memories", "roots")),
    *((table, "text_before", NO_TEXT) for table in ("memories", "roots")),
    *((table, "recent_ids", "x'ffffff7f00'") for table in ("memories", "roots")),
    *(("turns", column, value) for column in ("token_ids", "logprobs") for value in ("x'01'", "x'ffffffffffffff7f'")),
    ("turns", "draws", "'" + "[" * 5_000 + "'"),
    ("turns", "draws", "'[[-1, null]]'"),
    *(("turns", column, str(2**62)) for column in ("start_position", "words")),
    *(("sessions", column, value) for column in ("head_kept", "head_characters") for value in ("-7", str(2**62))),
    ("sessions", "history", "x'0102'"),
    ("sessions", "history_at", "-5"),
    ("snapshots", "blob", "x'00'"),
]


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("talked")
    with contextlib.closing(Services.open(find_paths(folder, folder / "config.toml"), Config())) as services:
        card = save_small_model(services.library)
        chat = services.new_chat(card.model_id)
        list(chat.load())
        chat.set_sampler(SAMPLER)
        list(chat.send("The cat"))
        list(chat.save_memory("kept"))
        chat = services.new_chat(card.model_id, services.memories.find("kept"))
        list(chat.load())
        chat.set_sampler(SAMPLER)
        list(chat.send("Mice are"))
        list(chat.rewind(chat.facts.turns[-1].turn_id, 2))
    return (folder / "sessions.sqlite3").read_bytes()


@pytest.fixture
def paths(tmp_path: Path, talked: bytes) -> Paths:
    found = find_paths(tmp_path / "data", tmp_path / "config.toml")
    save_small_model(Services(found).library)
    found.database.write_bytes(talked)
    return found


@pytest.mark.parametrize(("table", "column", "value"), CHANGES)
def test_a_changed_value_stands_in_no_ones_way(paths: Paths, table: str, column: str, value: str) -> None:
    with contextlib.closing(sqlite3.connect(paths.database)) as careless:
        careless.execute(f"UPDATE {table} SET {column} = {value}")  # noqa: S608  ours
        careless.commit()
    with contextlib.closing(Services.open(paths, Config())) as services:
        assert len(services.memories.all()) == 1
        kept = services.sessions()
        assert len(kept) == 2
        for session in kept:
            assert services.conversations.branch(session.session_id)
            assert from_json_lines(export_text(services, session, "jsonl").encode(), "again.jsonl").turns
            chat = services.open_chat(session_id=session.session_id)
            list(chat.load())
            chat.set_sampler(SAMPLER)
            list(chat.send(" and the mouse"))
            assert chat.facts.turns[-1].role == "network"
            list(chat.undo())
