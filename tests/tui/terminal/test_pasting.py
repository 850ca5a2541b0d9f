"""A paste arrives whole and clean, in however many pieces it is read, and nothing in it is a key."""

import random
import sys
from pathlib import Path

import pytest
from textual import events
from textual.message import Message

from rnntui.tui.terminal import pasting
from rnntui.tui.terminal.pasting import PasteParser, strip_controls
from tests.pseudo_terminal import Terminal

START, END = "\x1b[200~", "\x1b[201~"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        for module in ("rnntui.tui.terminal.pasting", "textual._parser"):
            monkeypatch.setattr(f"{module}.get_time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def told(messages: list[Message]) -> list[str]:
    """Pastes as their text in quotes, keys by name."""
    return [
        f'"{message.text}"' if isinstance(message, events.Paste) else message.key
        for message in messages
        if isinstance(message, events.Paste | events.Key)
    ]


def read(parser: PasteParser, clock: Clock, *pieces: str) -> list[str]:
    """What the pieces mean, one directly after the other and silence at the end."""
    messages: list[Message] = []
    for piece in pieces:
        messages += parser.feed(piece)
        messages += parser.tick()
    for _ in range(4):
        clock.now += 0.5
        messages += parser.tick()
    return told(messages)


COLOURED = "\x1b[1;31mred\x1b[0m\r\nand \x1b]8;;http://x\x1b\\link\x1b]8;;\x07\rnext\x9b5m\x00\x1bcline\x1b[3~"
CLEAN = "red\r\nand link\rnextline"


def test_coloured_output_arrives_in_one_piece_and_clean(clock: Clock) -> None:
    assert read(PasteParser(), clock, f"{START}{COLOURED}{END}") == [f'"{CLEAN}"']


def test_however_a_paste_is_cut_it_is_the_same(clock: Clock) -> None:
    stream = f"ab{START}{COLOURED}{END}"
    for seed in range(60):
        dice = random.Random(seed)
        cuts = sorted(dice.sample(range(1, len(stream)), dice.randint(1, 9)))
        pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert read(PasteParser(), clock, *pieces) == ["a", "b", f'"{CLEAN}"'], pieces


@pytest.mark.parametrize("times", [1, 3])
def test_a_paste_that_holds_its_own_end_never_becomes_keys(clock: Clock, times: int) -> None:
    inside = f"{END}\rrm -rf\r\x03" * times
    assert read(PasteParser(), clock, f"{START}a{inside}{END}") == ['"a"', '"' + "\rrm -rf\r" * times + '"']
    pieces = [f"{START}a{inside[:9]}", inside[9:], END]
    assert "enter" not in read(PasteParser(), clock, *pieces)


def test_keys_after_a_paste_are_keys_a_moment_later(clock: Clock) -> None:
    parser = PasteParser()
    assert read(parser, clock, f"{START}a{END}") == ['"a"']
    assert read(parser, clock, "b") == ["b"]
    assert read(parser, clock, f"{START}a{END}\r") == ['"a"', "enter"]
    assert read(parser, clock, f"{START}a{END}", "\x1b[<35;3;3M", "x", "\x1b[A") == ['"a"', "x", "up"]
    assert read(parser, clock, "\x1b") == ["escape"]
    assert read(parser, clock, "[200~") == ["left_square_bracket", "2", "0", "0", "tilde"]


def test_two_pastes_after_each_other_are_two_texts(clock: Clock) -> None:
    assert read(PasteParser(), clock, f"{START}a{END}{START}b{END}") == ['"a"', '"b"']
    assert read(PasteParser(), clock, f"{START}a{END}", f"{START}b", f"c{END}") == ['"a"', '"bc"']


def test_key_repeat_after_a_paste_is_not_held_for_ever(clock: Clock) -> None:
    parser, messages = PasteParser(), []
    for piece in [f"{START}a{END}", *"x" * 100]:
        clock.now += 0.03
        messages += parser.feed(piece)
        messages += parser.tick()
    assert len(told(messages)) > 50


def test_ordinary_text_and_its_line_ends_stay(clock: Clock) -> None:
    text = "It was\tlate.\r\n中文 👩\u200d🚀\nend\x85"
    assert strip_controls(text) == text


def test_of_a_paste_without_end_a_part_is_kept_and_the_rest_is_read_over(clock: Clock) -> None:
    (pasted,) = read(PasteParser(), clock, START, *["words " * 1_000] * 2_000, END, "\r")[:1]
    assert pasting._LONGEST_KEPT <= len(pasted) < pasting._LONGEST_KEPT + 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_coloured_output_pasted_into_a_real_terminal_stands_in_the_prompt_and_sends_nothing() -> None:
    terminal = Terminal([sys.executable, str(Path(__file__).parents[1] / "pty_app.py")])
    try:
        terminal.until(lambda: "press Enter" in terminal.text and "read 0 words" in terminal.text)
        terminal.type(f"{START}one \x1b[31mred\x1b[0m\rtwo{END}\rthree\r{END}")
        terminal.until(lambda: "three" in terminal.text)
        terminal.type("four")
        terminal.until(lambda: "four" in terminal.text)
        assert "one red" in terminal.text
        assert "read 0 words" in terminal.text
    finally:
        terminal.close()


def test_keys_with_alt_held_are_told_at_once_and_all_of_a_burst(clock: Clock) -> None:
    parser = PasteParser()
    assert told(list(parser.feed("\x1br"))) == ["alt+r"]  # no silence is waited for
    assert read(parser, clock, "\x1br\x1br\x1bR", "x\x1bs", "yz\x1b[A\x1bw") == [
        *["alt+r", "alt+r", "alt+shift+r", "x", "alt+s"],
        *["y", "z", "up", "alt+w"],
    ]
    assert read(parser, clock, "\x1b[1;3A\x1b[1;3B\x1br") == ["alt+up", "alt+down", "alt+r"]
    assert read(parser, clock, "\x1bb") == ["ctrl+left"]  # so terminals send alt+left
    assert read(parser, clock, "\x1b") == ["escape"]
    assert read(parser, clock, "\x1b\x1br")[-1] == "alt+r"


def test_what_a_terminal_answers_is_no_key_with_alt_held(clock: Clock) -> None:
    assert "alt" not in "".join(read(PasteParser(), clock, "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1bP1+r\x1b\\"))
    assert read(PasteParser(), clock, f"{START}a\x1brb{END}") == ['"ab"']
