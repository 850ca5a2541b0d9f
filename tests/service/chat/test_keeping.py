"""Nothing is lost; and where nothing can be saved, the program says so and goes on."""

import contextlib
import dataclasses
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnntui.config import AppSettings, Config
from rnntui.errors import StorageError
from rnntui.events import TurnFinished, WordSampled
from rnntui.paths import Paths, find_paths
from rnntui.records import SaveStatus
from rnntui.service.chat.chat import Chat
from rnntui.service.notices import purge_limit, restorable_until
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.conversations import database as database_module
from rnntui.store.conversations.migrations import MIGRATIONS
from rnntui.store.files import durable, locks
from tests.fail_points import FAIL_POINT_VARIABLE, fail_point
from tests.small_models import save_small_model


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = find_paths(tmp_path / "data")
    services = Services(paths)
    save_small_model(services.library)
    services.close()
    return paths


@contextlib.contextmanager
def opened(paths: Paths) -> Iterator[Services]:
    services = Services.open(paths, Config(app=AppSettings(model="small")))
    try:
        yield services
    finally:
        services.close()


def talk(services: Services, text: str = "The cat saw", seed: int = 3) -> Chat:
    chat = services.open_chat()
    chat.set_sampler(SamplerSettings(max_words=5, stop="words", seed=seed))
    events = list(chat.send(text))
    assert isinstance(events[-1], TurnFinished)
    return chat


def kept(paths: Paths) -> list[str]:
    """What is in the file, read by another program."""
    with contextlib.closing(sqlite3.connect(paths.database)) as other:
        return [row[0] for row in other.execute("SELECT text FROM turns ORDER BY turn_id")]


def assert_usable_without_saving(services: Services, *words: str) -> None:
    keeping = services.save_status
    assert not keeping.is_on
    assert keeping.next_step.endswith(".")
    for word in words:
        assert word in keeping.reason
    assert any(keeping.reason in notice for notice in services.notices)
    chat = talk(services)
    assert len(chat.facts.turns) >= 2
    assert services.sessions()[0].session_id == chat.session.session_id
    assert services.conversations.search("cat saw")


def test_ordinarily_everything_is_saved_and_nothing_is_said(paths: Paths) -> None:
    with opened(paths) as services:
        assert services.save_status == SaveStatus()
        assert services.notices == []
        chat = talk(services)
    assert kept(paths) == [turn.text for turn in chat.facts.turns]


def test_a_second_program_shows_and_continues_but_leaves_the_file_alone(paths: Paths) -> None:
    with opened(paths) as first:
        before = talk(first).facts.turns
        with opened(paths) as second:
            assert second.open_chat().facts.turns == before
            assert_usable_without_saving(second, "Another rnntui")
        assert kept(paths) == [turn.text for turn in before]
        talk(first, " and then")
    with opened(paths) as third:
        assert third.save_status.is_on
        assert len(third.open_chat().facts.turns) == 4


def test_a_reply_of_the_first_program_is_not_called_cut_off_by_the_second(paths: Paths) -> None:
    with opened(paths) as first:
        events = first.open_chat().send("The cat")
        next(event for event in events if isinstance(event, WordSampled))
        with opened(paths) as second:
            assert len(second.notices) == 1
        assert "partial" in [turn.status for turn in first.conversations.branch(first.sessions()[0].session_id)]
        events.close()


def test_a_file_of_a_newer_version_is_left_untouched(paths: Paths) -> None:
    with opened(paths) as services:
        talk(services)
    with contextlib.closing(sqlite3.connect(paths.database)) as newer:
        newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    data = paths.database.read_bytes()
    with opened(paths) as services:
        assert services.sessions() == []
        assert_usable_without_saving(services, "newer rnntui")
    assert paths.database.read_bytes() == data


def test_a_file_that_another_program_has_locked_is_left_untouched(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_IMPATIENT_SECONDS", 0.05)
    with opened(paths) as services:
        talk(services)
    data = paths.database.read_bytes()
    with contextlib.closing(sqlite3.connect(paths.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with opened(paths) as services:
            assert_usable_without_saving(services, "Another rnntui")
    assert paths.database.read_bytes() == data


class _Refusing:
    """A connection on which the disk says no when a transaction is to end."""

    def __init__(self, connection: sqlite3.Connection, code: int) -> None:
        self._connection, self._code = connection, code

    def execute(self, query: str, values: object = ()) -> object:
        if query == "COMMIT":
            self._connection.execute("ROLLBACK")
            problem = sqlite3.OperationalError("the disk says no")
            problem.sqlite_errorcode = self._code
            raise problem
        return self._connection.execute(query, values)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


REFUSALS = [
    (sqlite3.SQLITE_FULL, "no space left"),
    (sqlite3.SQLITE_READONLY, "cannot be changed"),
    (sqlite3.SQLITE_CANTOPEN, "cannot be changed"),
    (sqlite3.SQLITE_IOERR_FSYNC, "refused"),
]


@pytest.mark.parametrize(("code", "words"), REFUSALS)
def test_a_disk_that_refuses_at_the_start_leaves_what_was_there_readable(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    with opened(paths) as services:
        before = talk(services).facts.turns
    data, connected = paths.database.read_bytes(), database_module._connect

    def refusing(path: Path | str, timeout_seconds: float) -> object:
        connection = connected(path, timeout_seconds)
        return connection if path == ":memory:" else _Refusing(connection, code)

    monkeypatch.setattr(database_module, "_connect", refusing)
    with opened(paths) as services:
        assert services.open_chat().facts.turns == before
        assert_usable_without_saving(services, words)
    assert paths.database.read_bytes() == data


@pytest.mark.parametrize(("code", "words"), REFUSALS)
def test_a_disk_that_refuses_later_costs_one_sentence_and_the_conversation_goes_on(
    paths: Paths, code: int, words: str
) -> None:
    with opened(paths) as services:
        before = talk(services).facts.turns
        assert services.save_status.is_on
        data = paths.database.read_bytes()
        database = services._database
        database._connection = _Refusing(database._connection, code)  # type: ignore[assignment]
        chat = services.open_chat()
        with pytest.raises(StorageError, match=words) as caught:
            list(chat.send(" and the mouse"))
        assert "nothing is saved" in caught.value.next_step
        assert services.save_status.reason == caught.value.sentence
        assert chat.facts.turns == before
        list(chat.send(" and the mouse"))
        assert [turn.text for turn in chat.facts.turns[:3]] == [*(turn.text for turn in before), " and the mouse"]
        assert services.open_chat().facts.turns == chat.facts.turns
    assert paths.database.read_bytes() == data


def test_a_disk_that_fills_up_during_a_reply_does_not_end_the_reply(paths: Paths) -> None:
    with opened(paths) as services:
        seconds = iter(range(10_000))
        chat = services.open_chat()
        chat = Chat(
            services.library, services.conversations, chat.facts.card, chat.session, clock=lambda: float(next(seconds))
        )
        chat.set_sampler(SamplerSettings(max_words=12, stop="words", seed=3))
        events = chat.send("The cat")
        next(event for event in events if isinstance(event, WordSampled))
        database = services._database
        database._connection = _Refusing(database._connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
        *_, last = events
        assert isinstance(last, TurnFinished)
        assert last.status == "complete"
        assert not services.save_status.is_on
        assert services.open_chat().facts.turns == chat.facts.turns


@pytest.mark.parametrize("name", ["EROFS", "EACCES", "ENOSPC"])
def test_a_data_folder_that_cannot_be_written_still_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(1, name))
    with opened(find_paths(tmp_path / "nowhere" / "data")) as services:
        monkeypatch.delenv(FAIL_POINT_VARIABLE)
        assert not services.save_status.is_on
        assert services.sessions() == []
        assert services.models()


def test_a_data_folder_that_is_a_file_still_opens(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    with opened(find_paths(tmp_path / "data")) as services:
        assert "data" in services.save_status.reason
        assert services.sessions() == []
        assert [card.name for card in services.models()] == ["starter"]
        assert services.training.active() is None
    assert (tmp_path / "data").read_text() == "mine"


def test_a_disk_without_locks_is_one_on_which_nothing_is_saved(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(path: Path, timeout_seconds: float = 0.0) -> locks.Lock:
        raise StorageError("This disk cannot lock files.", "Use another.")

    with opened(paths) as services:
        before = talk(services).facts.turns
    monkeypatch.setattr("rnntui.store.files.locks.lock", no_locks)
    with opened(paths) as services:
        assert services.open_chat().facts.turns == before
        assert_usable_without_saving(services, "cannot lock")


def test_a_damaged_file_is_set_aside_what_can_be_read_is_here_and_it_is_said(paths: Paths) -> None:
    with opened(paths) as services:
        before = talk(services).facts.turns
    data = bytearray(paths.database.read_bytes())
    data[100:108] = b"\xff" * 8  # the root page of the schema
    paths.database.write_bytes(data)
    with opened(paths) as services:
        (notice,) = services.notices
        assert "damaged" in notice
        assert services.save_status.is_on
        assert services.sessions() == [] or services.open_chat().facts.turns
    (aside,) = [entry for entry in paths.data_dir.iterdir() if "damaged-" in entry.name and entry.suffix != ".txt"]
    assert aside.read_bytes() == data
    assert before


def test_the_start_after_a_crash_names_the_conversation_and_what_was_saved_of_the_reply(paths: Paths) -> None:
    with opened(paths) as services:
        chat = talk(services)
        reply = chat.facts.turns[-1]
        services.conversations.update_turn(dataclasses.replace(reply, text=" one two three", status="partial"))
    with opened(paths) as services:
        (notice,) = services.notices
        assert '"The cat saw"' in notice
        assert "first 3 words" in notice
        assert services.open_chat().facts.turns[-1].status == "interrupted"
    with opened(paths) as services:
        assert services.notices == []


def test_what_was_deleted_long_ago_is_emptied_out_at_the_start_and_nothing_else(paths: Paths) -> None:
    with opened(paths) as services:
        now = services.conversations.create("now", "m", SamplerSettings(), "inline", "")
        old = services.conversations.create("old", "m", SamplerSettings(), "inline", "")
        services.conversations.delete(old.session_id, "2020-01-01T00:00:00+00:00")
        deleted = services.conversations.delete(now.session_id, "2999-01-01T11:00:00+00:00")
        assert restorable_until(deleted) == "2999-01-31"
        assert restorable_until(dataclasses.replace(deleted, deleted_at="soon")) == ""
        assert purge_limit() < "2999"
    with opened(paths) as services:
        assert services.conversations.deleted() == [deleted]


def test_nothing_is_swept_that_somebody_else_keeps_in_the_folder(paths: Paths) -> None:
    durable.write_file(paths.data_dir / "mine.txt", b"mine")
    with opened(paths) as services:
        talk(services)
    assert (paths.data_dir / "mine.txt").read_bytes() == b"mine"
