"""Pastes: whole, free of what a terminal would act on, and never keys, whatever was pasted; and keys with Alt held.

Textual reads a paste character by character and takes an escape character in it for the beginning of a key: coloured
output arrives in pieces, and every line end after it sends. Here a paste is taken out before Textual reads it.

A key with Alt held is an escape character and a letter. Textual waits a tenth of a second for more of it; when another
key comes meanwhile, it writes "^" and the letter. Nothing longer begins so, and here the key is told at once.
"""

import re
from collections.abc import Iterable, Iterator

from textual import events
from textual.message import Message

from rnntui.tui.terminal.textual_internals import (
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    XTermParser,
    get_time,
    is_between_sequences,
    keys_with_alt,
)

_QUIET_SECONDS = 0.2
"""What follows the end of a paste without such a silence may be the rest of it: pasted text can hold that end."""
_HELD_SECONDS = 2.0
"""No key waits longer; nobody's paste ends twice with so much in between."""
_LONGEST_KEPT = 4_000_000
_MARK = len(BRACKETED_PASTE_START)
_REPORTS = re.compile(r"(?:\x1b\[<\d+;-?\d+;-?\d+[Mm]|\x1b\[[IO])+")
"""Of the mouse and of the window: nobody pastes those."""
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)
"""What a terminal acts on: CSI; OSC, DCS and their like up to their end or the end of the line; short ones."""
_ALT_HELD = re.compile(r"\x1b([^\x00-\x20\x1b\x7f-\x9f\[\]\\NOPX^_])")
"""Without what begins a longer sequence, or ends one."""
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def strip_controls(text: str) -> str:
    """Pasted text without the sequences and control characters that a terminal acts on; line ends and tabs stay."""
    return text if text.isprintable() else _CONTROLS.sub("", _SEQUENCES.sub("", text))


class PasteParser(XTermParser):
    """What Textual reads from the terminal, with pastes taken out first."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pieces: list[str] | None = None
        """Of the paste that is arriving; None while none is."""
        self._length = 0
        self._before = ""
        """The last characters read: a mark may have begun in them."""
        self._held = ""
        """What came right after a paste: keys, or the rest of it."""
        self._quiet_at = 0.0
        """When what is held is keys after all; 0 while nothing is."""
        self._held_since = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """What the data means."""
        if self._quiet_at and get_time() >= self._quiet_at:
            yield from self._release()
        if not data or (self._quiet_at and _REPORTS.fullmatch(data)):
            yield from super().feed(data)
        elif self._quiet_at:
            yield from self._hold(data)
        else:
            yield from self._read(data)

    def tick(self) -> Iterable[Message]:
        """What the silence means."""
        if self._quiet_at and get_time() >= self._quiet_at:
            yield from self._release()
        yield from super().tick()

    def _read(self, data: str) -> Iterator[Message]:
        if self._pieces is not None:
            yield from self._read_paste(data, self._pieces)
            return
        if is_between_sequences(self):
            self._before = ""
        at = (self._before + data).find(BRACKETED_PASTE_START)
        end = at + _MARK - len(self._before) if at >= 0 else len(data)
        self._before = (self._before + data)[-_MARK + 1 :]
        yield from self._read_keys(data[:end])
        if at >= 0:
            self._pieces, self._length, self._before = [], 0, ""
            yield from self._read_paste(data[end:], self._pieces)

    def _read_keys(self, data: str) -> Iterator[Message]:
        at = 0
        for found in _ALT_HELD.finditer(data):
            if found.start() > at:
                yield from super().feed(data[at : found.start()])
            if is_between_sequences(self):
                yield from keys_with_alt(self, found.group(1))
            else:
                yield from super().feed(found.group())
            at = found.end()
        if at < len(data):
            yield from super().feed(data[at:])

    def _read_paste(self, data: str, pieces: list[str]) -> Iterator[Message]:
        at = (self._before + data).find(BRACKETED_PASTE_END)
        end = at + _MARK - len(self._before) if at >= 0 else len(data)
        self._before = (self._before + data)[-_MARK + 1 :]
        if self._length < _LONGEST_KEPT:
            pieces.append(data[:end])
            self._length += end
        if at < 0:
            return
        text = "".join(pieces).removesuffix(BRACKETED_PASTE_END)
        self._pieces, self._before = None, ""
        for message in super().feed(BRACKETED_PASTE_END):  # Textual has seen a paste begin, and now sees an empty one
            if not isinstance(message, events.Paste):
                yield message
        yield events.Paste(strip_controls(text))
        self._held_since = get_time()
        yield from self._hold(data[end:])

    def _hold(self, data: str) -> Iterator[Message]:
        """Keep what came right after a paste until it is known what it is."""
        now = get_time()
        self._held += data
        self._quiet_at = min(now + _QUIET_SECONDS, self._held_since + _HELD_SECONDS)
        rest, mark, after = self._held.rpartition(BRACKETED_PASTE_END)
        if mark:
            self._held, self._held_since = after, now
            yield events.Paste(strip_controls(rest.replace(BRACKETED_PASTE_START, "").replace(mark, "")))

    def _release(self) -> Iterator[Message]:
        held, self._held, self._quiet_at = self._held, "", 0.0
        if held:  # nothing would mean the end of the stream
            yield from self._read(held)
