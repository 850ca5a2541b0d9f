import stat
from pathlib import Path

import pytest

from rnntui.tui.terminal.clipboard import copy_natively, find_clipboard_command
from tests.tui.fakes import FakeServices
from tests.tui.helpers import running, toasts, until


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clipboards that write what they get to a file."""
    for name in ("wl-copy", "xclip", "pbcopy", "clip"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/taken\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_desktop_says_which_program_takes_text(programs: Path) -> None:
    assert find_clipboard_command({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux") == ["wl-copy"]
    assert find_clipboard_command({"DISPLAY": ":0"}, "linux")[0] == "xclip"
    assert find_clipboard_command({"DISPLAY": ":0", "SSH_CONNECTION": "x"}, "linux") == []
    assert find_clipboard_command({}, "linux") == []
    assert find_clipboard_command({}, "darwin") == ["pbcopy"]
    assert find_clipboard_command({}, "win32") == ["clip"]


def test_text_is_handed_over_and_failures_are_told(programs: Path) -> None:
    assert copy_natively("schön", [str(programs / "xclip")])
    assert (programs / "taken").read_text(encoding="utf-8") == "schön"
    assert not copy_natively("x", [str(programs / "nothing")])
    assert not copy_natively("x", ["/bin/false"])


async def test_what_is_copied_goes_to_the_desktop_and_the_terminal(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    async with running(FakeServices()) as (app, pilot):
        app.copy_to_clipboard("copy me")
        assert app.clipboard == "copy me"
        await until(pilot, lambda: toasts(app))
        assert toasts(app) == ["Copied 7 characters."]
        assert (programs / "taken").read_text(encoding="utf-8") == "copy me"


async def test_without_a_desktop_only_the_terminal_is_asked_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with running(FakeServices()) as (app, pilot):
        app.copy_to_clipboard("copy me")
        await until(pilot, lambda: toasts(app))
        assert toasts(app) == ["Sent 7 characters to the terminal's clipboard, if it takes them."]
