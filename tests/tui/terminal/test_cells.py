"""A frame is written as what differs from what the terminal shows, and the terminal then shows the whole frame."""

import random
from typing import Any

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from rnntui.tui.terminal.cells import TerminalCells

WIDTH, HEIGHT = 30, 6
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=WIDTH)
STYLES = [
    Style(),
    Style(color="#ff0000"),
    Style(color="#ff0000", bold=True),
    Style(color="#00ff00", bgcolor="#101010"),
    Style(bgcolor="#202020", underline=True, italic=True),
    Style(color="#00ff00", bgcolor="#202020", meta={"place": 1}),
]
PIECES = ["sea", " ", "ship ", "▀▁", "—", "海", "語 ", "é", "x"]


def strip(dice: random.Random, width: int, pieces: list[str]) -> Strip:
    segments = [Segment(dice.choice(pieces), dice.choice(STYLES)) for _ in range(width)]
    return Strip(segments).crop(0, width)


def whole(strips: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[row] for row in strips], Region(0, 0, WIDTH, HEIGHT))


def part(y: int, left: int, right: int, row: Strip, cut: int = WIDTH) -> ChopsUpdate:
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    chops[y] = {0: row.crop(0, cut), cut: row.crop(cut, WIDTH)} if cut < WIDTH else {0: row}
    ends = [[cut, WIDTH] if cut < WIDTH else [WIDTH] for _ in range(HEIGHT)]
    return ChopsUpdate(chops, [(y, left, right)], ends)


class Screen:
    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)

    def show(self, sequences: str) -> None:
        self.stream.feed(sequences)

    @property
    def cells(self) -> list[list[Any]]:
        return [[self.screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@pytest.mark.parametrize("seed", range(30))
def test_the_terminal_shows_what_it_would_if_everything_were_written(seed: int) -> None:
    dice = random.Random(seed)
    pieces = PIECES if seed % 2 else PIECES[:5]
    shown, narrow, plain = TerminalCells(), Screen(), Screen()
    rows = [strip(dice, WIDTH, pieces) for _ in range(HEIGHT)]
    narrow.show(shown.narrow(whole(rows)).render_segments(CONSOLE))
    plain.show(whole(rows).render_segments(CONSOLE))
    for _ in range(40):
        y = dice.randrange(HEIGHT)
        if dice.random() < 0.5:
            rows[y] = strip(dice, WIDTH, pieces)
        else:
            at = dice.randrange(WIDTH - 4)
            rows[y] = Strip.join([rows[y].crop(0, at), strip(dice, 3, pieces), rows[y].crop(at + 3, WIDTH)])
        cut = dice.choice((WIDTH, 11))
        narrow.show(shown.narrow(part(y, 0, WIDTH, rows[y], cut)).render_segments(CONSOLE))
        plain.show(part(y, 0, WIDTH, rows[y], cut).render_segments(CONSOLE))
        assert narrow.cells == plain.cells


def test_only_cells_that_changed_are_written() -> None:
    shown = TerminalCells()
    rows = [Strip([Segment("the sea was dark".ljust(WIDTH), STYLES[1])]) for _ in range(HEIGHT)]
    shown.narrow(whole(rows)).render_segments(CONSOLE)
    same = shown.narrow(part(2, 0, WIDTH, rows[2])).render_segments(CONSOLE)
    assert same == ""
    other = Strip([Segment("the sky was dark".ljust(WIDTH), STYLES[1])])
    assert shown.narrow(part(2, 0, WIDTH, other)).render_segments(CONSOLE) == "\x1b[3;6H\x1b[38;2;255;0;0mky\x1b[0m"


def test_cells_side_by_side_name_only_what_differs_in_their_looks() -> None:
    shown = TerminalCells()
    marks = [Segment("▀", Style(color="#010203", bgcolor=ground)) for ground in ("#040506", "#070809")]
    row = Strip([*marks, Segment(" " * (WIDTH - 2))])
    written = shown.narrow(part(0, 0, 2, row, 2)).render_segments(CONSOLE)
    assert written == "\x1b[1;1H\x1b[38;2;1;2;3;48;2;4;5;6m▀\x1b[48;2;7;8;9m▀\x1b[0m"


def test_after_the_terminal_was_given_away_everything_is_written() -> None:
    shown = TerminalCells()
    row = Strip([Segment("sea".ljust(WIDTH))])
    first = shown.narrow(part(0, 0, WIDTH, row)).render_segments(CONSOLE)
    shown.forget()
    assert shown.narrow(part(0, 0, WIDTH, row)).render_segments(CONSOLE) == first != ""
