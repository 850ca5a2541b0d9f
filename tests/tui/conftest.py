"""Every test starts a whole app: garbage is seldom collected meanwhile, and the store is watched.

An app leaves thousands of objects in cycles; visiting them took a quarter of the time.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.ui_thread import watch_store


@pytest.fixture(scope="session", autouse=True)
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session")
def asked_where_the_app_draws() -> Iterator[list[str]]:
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        watch_store(asked.append, patch.setattr)
        yield asked


@pytest.fixture(autouse=True)
def _store_refuses_the_thread_that_draws(asked_where_the_app_draws: list[str]) -> Iterator[None]:
    asked_where_the_app_draws.clear()
    yield
    assert sorted(set(asked_where_the_app_draws)) == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "novel one.txt").write_text("It was a dark night. " * 100, encoding="utf-8")
    (tmp_path / "second.md").write_text("Another text. " * 100, encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "broken.bad").write_text("x", encoding="utf-8")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "deep.txt").write_text("deep words " * 9, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
