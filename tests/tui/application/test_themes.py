"""A theme is tried on while one goes through the list, and the chosen one is there at the next start."""

import dataclasses
from pathlib import Path

from rnntui.config import Config, load_config, with_kept_theme
from rnntui.tui.application.themes import ThemesScreen
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, toasts, until


async def test_themes_are_tried_on_and_esc_goes_back() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        before = app.theme
        await send(app, pilot, "/theme")
        await until(pilot, lambda: isinstance(app.screen, ThemesScreen) and before in shown(app))
        await pilot.press("down")
        await until(pilot, lambda: app.theme != before)
        await pilot.press(*"solar light")
        await until(pilot, lambda: app.theme == "solarized-light")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))
        assert app.theme == before


async def test_enter_keeps_a_theme_in_a_file_of_its_own() -> None:
    services = FakeServices()
    written: dict[Path, bytes] = {}
    services.write = written.__setitem__  # type: ignore[method-assign]
    async with running(services) as (app, pilot):
        await send(app, pilot, "/theme")
        await until(pilot, lambda: isinstance(app.screen, ThemesScreen))
        await pilot.press(*"nord", "enter")
        await until(pilot, lambda: written)
        assert (app.theme, written) == ("nord", {services.paths.theme_file: b"nord\n"})
        await until(pilot, lambda: "nord stays, also after the next start." in toasts(app))


async def test_a_theme_that_config_toml_names_wins_and_that_is_said() -> None:
    services = FakeServices()
    services.config = dataclasses.replace(services.config, named=frozenset({"theme"}))
    written: dict[Path, bytes] = {}
    services.write = written.__setitem__  # type: ignore[method-assign]
    async with running(services) as (app, pilot):
        await send(app, pilot, "/theme")
        await until(pilot, lambda: "is named in config.toml" in " ".join(shown(app).replace("│", " ").split()))
        await pilot.press(*"nord", "enter")
        await until(pilot, lambda: app.screen is chat_of(app))
        assert (app.theme, written) == ("nord", {})


def test_the_kept_theme_is_taken_where_nothing_else_names_one(tmp_path: Path) -> None:
    kept, file = tmp_path / "theme", tmp_path / "config.toml"
    assert with_kept_theme(Config(), kept) == Config()
    kept.write_bytes(b"nord\n")
    assert with_kept_theme(Config(), kept).app.theme == "nord"
    file.write_text('# mine\n[app]\ntheme = "textual-dark"\n', encoding="utf-8")
    assert with_kept_theme(load_config(file, {}), kept).app.theme == "textual-dark"
    assert with_kept_theme(load_config(tmp_path / "none", {"RNNTUI_THEME": "gruvbox"}), kept).app.theme == "gruvbox"
    for damage in (b"", b"\xff\xfe", b"x" * 10_000):
        kept.write_bytes(damage)
        assert with_kept_theme(Config(), kept) == Config()
