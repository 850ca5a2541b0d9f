"""Codes, backspaces and carriage returns become what a screen or paper shows."""

import time
from collections import Counter

import pytest

from rnntui.lm.text.characters import terminal
from rnntui.lm.text.characters.terminal import as_shown

CODES = {
    "a colour": ("\x1b[31mred\x1b[0m", "red"),
    "a colour of many numbers": ("\x1b[38;2;10;20;30mred\x1b[m", "red"),
    "a movement of the cursor": ("a\x1b[2Jb\x1b[10;20Hc\x1b[?25l", "abc"),
    "a title, ended by a bell": ("\x1b]0;user@host: ~\x07$ ls", "$ ls"),
    "a title, ended by a string terminator": ("\x1b]2;title\x1b\\text", "text"),
    "a link": ("\x1b]8;;https://example.org\x1b\\here\x1b]8;;\x1b\\!", "here!"),
    "a picture": ("a\x1bPq#0;2;0;0;0~~@@vv\x1b\\b", "ab"),
    "a message to the program": ("a\x1b_Gf=100;AAAA\x1b\\b\x1b^private\x1b\\c", "abc"),
    "a set of characters": ("\x1b(Bplain\x1b)0", "plain"),
    "one letter": ("\x1b7saved\x1b8\x1bM\x1b=", "saved"),
    "a colour in one byte": ("\x9b31mred\x9b0m", "red"),
    "a code that the text cuts off": ("word\x1b[3", "word"),
    "a code that the line cuts off": ("word\x1b[38;5\nnext", "word\nnext"),
    "an escape alone": ("word \x1b\nnext", "word \nnext"),
    "a title without an end": ("\x1b]and so on\nnext", "and so on\nnext"),
}
STRUCK = {
    "bold": ("N\bNA\bAM\bME\bE", "NAME"),
    "very bold": ("N\bN\bN\bNo", "No"),
    "underlined": ("_\bw_\bo_\br_\bd", "word"),
    "underlined from behind": ("w\b_o\b_", "wo"),
    "bold and underlined": ("_\bN\bN_\bO\bO", "NO"),
    "an umlaut": ("scho\b\"n", "schön"),
    "an umlaut, its dots first": ("\"\bUber", "Über"),
    "an acute, a cedilla": ("caf'\be gar,\bcon", "café garçon"),
    "a bullet": ("+\bo item", "• item"),
    "a stroke": ("sm/\bor", "smør"),
    "a mistake that was erased": ("helo\b \blo", "hello"),
    "a count that was drawn again": ("10%\b\b\b20%\b\b\b30%", "30%"),
    "at the start of a line": ("a\n\b\bb", "a\nb"),
}  # fmt: skip
RETURNS = {
    "lines of Windows": ("a\r\nb\r\n", "a\nb\n"),
    "lines of an old Mac": ("one\rtwo\r\rthree\r", "one\ntwo\n\nthree\n"),
    "an old Mac's verse with a refrain": ("Sail on\rSail on\rSail on\r", "Sail on\nSail on\nSail on\n"),
    "an old Mac's contents": ("Chapter 1\rChapter 2\rChapter 3\r", "Chapter 1\nChapter 2\nChapter 3\n"),
    "an old Mac's numbers": ("12\r13\r14\r", "12\n13\n14\n"),
    "doubled line ends": ("a\r\r\nb\r\r\n\r\r\nc", "a\nb\n\nc"),
    "a bar of shares": ("10%\r20%\r100%\n", "100%\n"),
    "a bar after lines": ("begin\n\r 1/10\r 2/10\r10/10\ndone\n", "begin\n10/10\ndone\n"),
    "a bar with a name": (
        "Loading: 5% [#   ]\rLoading: 99% [### ]\rLoading: 100% [####]\r\n",
        "Loading: 100% [####]\n",
    ),
    "a spinning stroke": ("|\r/\r-\r\\\rready\n", "\\\nready\n"),
    "frames of a film": ("go\nframe= 1 fps=9\rframe= 2 fps=9\rframe= 3 fps=9\n", "go\nframe= 3 fps=9\n"),
    "an erased line": ("waiting\r\x1b[Kready\n", "ready\n"),
    "an erased line, from behind": ("waiting\x1b[2K\rready\n", "ready\n"),
    "a bar covered at the end": ("a\n1%\r2%\r3%\rok  \n", "a\nok\n"),
    "a line in a cell": ("name;first\rsecond\nname;third\n", "name;first\nsecond\nname;third\n"),
    "a return at the end": ("last\r", "last\n"),
}


def shown(text: str, size: int = 1 << 16, treated: "Counter[str] | None" = None) -> str:
    parts = (text[start : start + size] for start in range(0, len(text), size))
    return "".join(as_shown(parts, Counter() if treated is None else treated))


@pytest.mark.parametrize(("written", "meant"), CODES.values(), ids=CODES)
def test_a_code_is_left_out_whole(written, meant):
    assert [shown(written, size) for size in (1, 2, 3, 100)] == [meant] * 4


@pytest.mark.parametrize(("written", "meant"), STRUCK.values(), ids=STRUCK)
def test_what_is_struck_over_is_the_letter_that_is_meant(written, meant):
    assert [shown(written, size) for size in (1, 2, 3, 100)] == [meant] * 4


@pytest.mark.parametrize(("written", "meant"), RETURNS.values(), ids=RETURNS)
def test_a_return_ends_a_line_or_writes_it_again(written, meant):
    assert [shown(written, size) for size in (1, 2, 3, 100)] == [meant] * 4


def test_what_was_done_is_counted():
    treated = Counter()
    shown("\x1b[1mx\x1b[0m N\bN\n1%\r2%\r3%\r\r\n", treated=treated)
    counts = {terminal.CODES: 2, terminal.OVERSTRIKES: 1, terminal.REWRITTEN: 2, terminal.DOUBLED_ENDS: 1}
    assert treated == Counter(counts)


@pytest.mark.parametrize(
    "flood", ["\x1b", "\x1b]", "\x1b[", "\x1b]8;;x", "\r", "\b", "a\b", "1%\r", "\x1bP" + "q" * 90]
)
def test_a_flood_ends(flood):
    begun = time.process_time()
    text = shown(flood * (4_000_000 // len(flood)))
    assert len(text) <= 4_000_000
    assert time.process_time() - begun < 60  # a flood that takes the square of its length takes hours


def test_an_escape_does_not_swallow_what_follows():
    text = "\x1b]0;" + "word " * 100_000
    assert len(shown(text)) > 499_000
    assert len(shown("\x1b[" + "1;" * 100_000)) > 199_000
