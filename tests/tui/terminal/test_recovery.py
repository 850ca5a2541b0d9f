"""A real process under a pseudo-terminal: the terminal is given back, whatever ends the app."""

import re
import signal
import subprocess
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pseudo_terminal import Terminal, is_running

PROGRAM = str(Path(__file__).parents[1] / "pty_app.py")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


@pytest.fixture
def terminals() -> Iterator[Callable[..., Terminal]]:
    made: list[Terminal] = []

    def make(*arguments: str, ignores: tuple[int, ...] = ()) -> Terminal:
        terminal = Terminal([sys.executable, PROGRAM, *arguments], ignores=ignores)
        made.append(terminal)
        terminal.until(lambda: "press Enter" in terminal.text and "read 0 words" in terminal.text)
        return terminal

    yield make
    for terminal in made:
        terminal.close()


def test_quitting_gives_the_terminal_back_and_no_foreign_sequence_ever_reached_it(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals()
    terminal.type("hello\r")
    terminal.until(lambda: "@click=app.quit" in terminal.text and "bits a word" in terminal.text)
    terminal.type("\x1b[18~")
    terminal.type("\r")
    terminal.until(lambda: "instead of" in terminal.text)
    terminal.type("s")
    terminal.until(lambda: "words that begin with s" in terminal.text)
    terminal.type("\x11")
    terminal.until(lambda: terminal.is_over)
    assert terminal.process.returncode == 0
    assert terminal.is_restored()
    assert b"]52;" not in terminal.output.replace(b"\xe2\x90\x9b]52;", b"")
    assert b"\x9b5m" not in terminal.output.replace(b"\xc2\x9b", b"")
    assert "\u202e".encode() not in terminal.output


def test_a_word_writes_itself_and_not_the_rows_around_it(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals("slow")
    terminal.type("hello\r")
    terminal.until(lambda: "on and on" in terminal.text)
    terminal.read_for(0.3)  # until the clock of the cursor and the welcome are through
    words, written = read_words(terminal.text), len(terminal.output)
    terminal.until(lambda: read_words(terminal.text) >= words + 40)
    assert len(terminal.output) - written < 300 * (read_words(terminal.text) - words)


def read_words(text: str) -> int:
    found = re.search(r"read (\d+) words", text)
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    ("number", "to_app"),
    [(signal.SIGTERM, False), (signal.SIGHUP, True), (signal.SIGINT, True), (signal.SIGQUIT, False)],
)
def test_a_signal_gives_the_terminal_back(terminals, number: int, to_app: bool) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals("slow")
    terminal.type("hello\r")
    terminal.until(lambda: "on and on" in terminal.text)
    (app,) = terminal.children
    terminal.send(number, app if to_app else 0)
    terminal.until(lambda: terminal.is_over)
    assert terminal.process.returncode == 128 + number
    assert terminal.is_restored()


def test_a_message_to_a_widget_that_is_gone_is_no_problem_while_the_app_closes(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals()
    terminal.type("\x1bOQ")
    terminal.send(signal.SIGTERM)
    terminal.until(lambda: terminal.is_over)
    assert terminal.process.returncode == 143
    assert terminal.is_restored()


def test_after_a_kill_the_parent_gives_the_terminal_back_and_says_where_the_work_is(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals("slow")
    terminal.type("hello\r")
    terminal.until(lambda: "on and on" in terminal.text)
    (app,) = terminal.children
    terminal.send(signal.SIGKILL, app)
    terminal.until(lambda: terminal.is_over)
    assert terminal.process.returncode == 137
    assert terminal.is_restored()
    assert b"The conversation is saved; start rnntui again" in terminal.output


def test_without_its_parent_the_app_leaves_in_order(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals()
    (app,) = terminal.children
    terminal.send(signal.SIGKILL)
    terminal.until(lambda: not is_running(app))
    assert terminal.is_restored()


@pytest.mark.parametrize("ignores", [(), (signal.SIGHUP,)])
def test_a_closed_terminal_ends_the_app(terminals, ignores: tuple[int, ...]) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals("slow", ignores=ignores)
    terminal.type("hello\r")
    terminal.until(lambda: "on and on" in terminal.text)
    (app,) = terminal.children
    terminal.hang_up()
    assert terminal.process.wait(20.0) == 129
    assert not is_running(app)


def test_an_app_that_was_stopped_by_somebody_draws_everything_again(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals()
    (app,) = terminal.children
    terminal.send(signal.SIGSTOP, app)
    terminal.until(lambda: terminal.output.count(b"\x1b[?1049h") == 2)  # no shell here: it is continued at once
    terminal.until(lambda: "press Enter" in terminal.text)
    terminal.until(lambda: not termios.tcgetattr(terminal.slave)[tty.LFLAG] & termios.ICANON)
    terminal.type("hello")
    terminal.until(lambda: "hello" in terminal.text)
    assert "hheelllloo" not in terminal.text


def test_ctrl_z_undoes_typing_and_in_an_empty_prompt_suspends_until_it_is_continued(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals()
    terminal.type("hello")
    terminal.until(lambda: "hello" in terminal.text and "Enter Send" in terminal.text)
    terminal.type("\x1a")
    terminal.until(lambda: "Enter Go on" in "\n".join(terminal.screen.display))
    assert terminal.output.count(b"\x1b[?1049l") == 0
    terminal.type("\x1a")
    terminal.until(lambda: terminal.output.count(b"\x1b[?1049h") == 2)  # no shell here: it is continued at once
    assert terminal.output.count(b"\x1b[?1049l") == 1
    back = terminal.output.rindex(b"\x1b[?1049h")
    terminal.until(lambda: all(word in terminal.output[back:] for word in (b"press Enter", b"read 0 words", b"F1")))
    terminal.type("again")
    terminal.until(lambda: "again" in terminal.text)


STUCK = """
import signal, sys, time, tty
from rnntui.cli.process.parent import watch_over_app
watch_over_app()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tty.setraw(0)
sys.stderr.write("\\x1b[?1049h\\x1b[?1000h" + "stuck")
sys.stderr.flush()
while True:
    time.sleep(1)
"""


def test_an_app_that_does_not_end_when_it_is_told_to_is_ended_by_its_parent() -> None:
    terminal = Terminal([sys.executable, "-c", STUCK])
    try:
        terminal.until(lambda: b"stuck" in terminal.output)
        terminal.send(signal.SIGTERM)
        terminal.until(lambda: terminal.is_over)
        assert terminal.process.returncode == 137
        assert terminal.is_restored()
    finally:
        terminal.close()


def test_an_interrupt_in_the_editor_is_the_editors(terminals, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("VISUAL", "sh -c 'trap : INT; kill -INT 0; sleep 0.3; printf changed > $0'")
    terminal = terminals()
    terminal.type("\x07")
    terminal.until(lambda: "changed" in terminal.text)
    assert not terminal.is_over


def test_without_a_terminal_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, PROGRAM], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    assert "The app needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr
