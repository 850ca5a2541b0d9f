"""Keys and wheel turns that come all at once through a real terminal: each of them moves a step."""

import sys
from pathlib import Path

import pytest

from rnntui.settings import SamplerSettings
from rnntui.tui.panel.slider_rows import SAMPLER_ROWS, TEMPERATURE, Row
from tests.pseudo_terminal import Terminal

APP = Path(__file__).parents[1] / "pty_app.py"
TO_TEMPERATURE, LEFT, RIGHT, DOWN, ENTER = "\x14", "\x1b[D", "\x1b[C", "\x1b[B", "\r"
STEPS = 3


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_no_key_of_a_burst_is_lost_on_any_row_and_no_turn_of_the_wheel() -> None:
    terminal = Terminal([sys.executable, str(APP)])
    try:
        terminal.until(lambda: "press Enter" in terminal.text and "read 0 words" in terminal.text)
        terminal.type(TO_TEMPERATURE + RIGHT * 6)
        terminal.until(lambda: shows(terminal, TEMPERATURE, 1.3))
        leave(terminal)
        for number, row in enumerate(SAMPLER_ROWS):
            if not row.stops:
                continue  # a seed is kept or not
            value, by = getattr(SamplerSettings(), row.name), 1
            if row.move(value, 1) == value:
                by = -1
            for _ in range(STEPS):
                value = row.move(value, by)
            terminal.type(TO_TEMPERATURE + DOWN * (1 + number) + (RIGHT if by > 0 else LEFT) * STEPS)
            terminal.until(lambda row=row, value=value: shows(terminal, row, value))
            leave(terminal)
        terminal.type(TO_TEMPERATURE)
        terminal.until(lambda: any("━" in line for line in terminal.screen.display))
        y, line = next((y, line) for y, line in enumerate(terminal.screen.display, 1) if "━" in line)
        terminal.type(f"\x1b[<65;{line.index('━') + 3};{y}M" * 6)
        terminal.until(lambda: shows(terminal, TEMPERATURE, 1.0))
    finally:
        terminal.close()


def leave(terminal: Terminal) -> None:
    terminal.type(ENTER)
    terminal.until(lambda: "SAMPLING" not in terminal.text)


def shows(terminal: Terminal, row: Row, value: object) -> bool:
    words = f"{row.label} {row.text(value)} "
    return any(words in " ".join(f"{line} ".split()) + " " for line in terminal.screen.display)
