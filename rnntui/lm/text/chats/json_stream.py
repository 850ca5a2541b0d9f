"""JSON of any size -> its values one after another, each small enough to hold; knows nothing of what they mean.

One value, one a line, or several after each other: all is the same here. What is too large to be held is gone into:
its members come one by one with the way to them. What is broken is left out and counted, and a file that was cut off is
read as far as it is whole. Time grows with the length alone.
"""

import json
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings

LONGEST_VALUE = 4 << 20
"""Characters of a value that is held as a whole; a few of them can become an object of two hundred bytes."""
_MOST_INSIDE = 1 << 17
"""Lists and objects in a value that is held as a whole: an empty one is two characters, and takes a hundred bytes."""
DEEPEST = 24
"""So many lists and objects inside each other are gone into when they are too large to be held."""
EACH = "[]"
"""Stands for a list in the way to a value."""
CUT_OFF = "The file is cut off in the middle: it was read as far as it is whole."
_LONGEST_KEY = 1 << 10
_PIECE = 1 << 16
_BETWEEN_SIGNS = 1 << 12
"""Values between two signs of life."""
_MOST_BROKEN = 10_000
"""More is refused, if it is more than a third of all."""
_ESCAPE = 6
_LONGEST_ESCAPE = 2 * _ESCAPE
_FIRST_LOOK = 1 << 13
_GAP = re.compile(r"[\s,\x00]*")
_LINE_ENDS = ("\n", "\r")
_NO_TEXT = r"-?[0-9][0-9.eE+-]*|true|false|null|\[\s*\]|\{\s*\}"
_NUMBERS = re.compile(rf"(?:[\s,\x00]+|(?:{_NO_TEXT})(?=[\s,\]]))*+")
_KEY_END = re.compile(r"\s*:\s*")
_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.S)
_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.S)
_FIRST_HALF = re.compile(r"\\u[dD][89abAB]")
_LINE_OF_VALUE = re.compile(r'\n[ \t]*(?=[\[{"])')
_ON_ONE_LINE = re.compile(r"\{[ \t]*[^\s]")
_GARBAGE = re.compile(r'[^,\]}\[{"]*')
_WORD = re.compile(r"[^\s,\]}\[{\"]*")
_BEGINNING = re.compile(r'[\[{"]')
_DECODER = json.JSONDecoder(strict=False)

Path = tuple[str, ...]


class LongText(str):
    """A piece of a text that is too long to be held; `goes_on` is False for the last one."""

    __slots__ = ("goes_on",)
    goes_on: bool


@dataclass(slots=True)
class _Frame:
    """A list or an object whose members come one by one."""

    path: Path
    is_list: bool
    is_cut: bool
    """True when it is broken or has no end: of an object, only members that have members are whole records then."""


def json_values(parts: Iterable[str], findings: Findings) -> Iterator[tuple[Path, object] | None]:
    """Values with the way to them: names of members, and EACH for lists; None is a sign of life.

    Args:
        parts: The file, decoded.
        findings: Told what was left out.
    """
    yield from _Reader(parts, findings).values()


class _Reader:
    """A window into the text, and the lists and objects that it is inside of."""

    def __init__(self, parts: Iterable[str], findings: Findings) -> None:
        self._parts = iter(parts)
        self._findings = findings
        self._text = ""
        self._at = 0
        self._is_whole = False
        """True when nothing follows what is in the window."""
        self._frames: list[_Frame] = []
        self._is_cut = False
        self._are_lines = False
        """True when the last value ended with its line: one that is broken ends with its line then, too."""
        self._read = self._broken = 0
        self._line_at = -1
        """Where the next line in the window begins that may be a value; its end when there is none."""

    def values(self) -> Iterator[tuple[Path, object] | None]:
        """All of them."""
        yield from self._skip_to_beginning()
        while True:
            if len(self._text) - self._at < _FIRST_LOOK:
                yield from self._more(_FIRST_LOOK)
            gap = (_NUMBERS if self._frames and self._frames[-1].is_list else _GAP).match(self._text, self._at)
            self._at = gap.end() if gap else self._at
            if self._at >= len(self._text):
                if self._is_whole:
                    break
                continue
            sign = self._text[self._at]
            if sign in "]}":
                self._at += 1
                if self._frames:
                    self._frames.pop()
                continue
            if sign in "[{" and self._frames and not self._frames[-1].is_list:  # no name of a member: it was no object
                self._frames.pop()
                self._findings.skipped += 1
                continue
            path = self._path()
            if self._frames and not self._frames[-1].is_list:
                key = yield from self._key()
                if key is None:
                    continue
                path = (*path, key)
                yield from self._more(_FIRST_LOOK)
                if self._at >= len(self._text):
                    break
            yield from self._value(path)
        if self._is_cut:
            self._findings.remarks.append(CUT_OFF)

    def _path(self) -> Path:
        if not self._frames:
            return ()
        frame = self._frames[-1]
        return (*frame.path, EACH) if frame.is_list else frame.path

    def _skip_to_beginning(self) -> Iterator[None]:
        """Past what stands before the first list or object on its line, such as "window.data = "."""
        yield from self._more(_FIRST_LOOK)
        opening = self._text[self._at : self._at + 200].lstrip()
        if re.match(r"[\w.$ ]{1,100}=\s*[\[{]", opening) and (begun := _BEGINNING.search(self._text)):
            self._at = begun.start()

    def _more(self, characters: int) -> Generator[None, None, None]:
        """See to it that so many characters are in the window, if there are."""
        if self._is_whole or len(self._text) - self._at >= characters:
            return
        found = [self._text[self._at :]]
        length = len(found[0])
        while length < 2 * characters:
            part = next(self._parts, None)
            if part is None:
                self._is_whole = True
                break
            found.append(part)
            length += len(part)
            yield None
        self._text, self._at, self._line_at = "".join(found), 0, -1

    def _key(self) -> Generator[None, None, str | None]:
        """The name of the next member, and past its colon; None where there is none."""
        try:
            key, end = _DECODER.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            key, end = None, self._at
        colon = _KEY_END.match(self._text, end)
        if not isinstance(key, str) or colon is None or len(key) > _LONGEST_KEY:
            self._leave_out((yield from self._end_of_value()))
            return None
        self._at = colon.end()
        return key

    def _value(self, path: Path) -> Iterator[tuple[Path, object] | None]:
        """The value that begins here: whole, or its beginning when it is too large or has no end."""
        looked_at, is_broken, is_all = _FIRST_LOOK, False, False
        while True:
            if len(self._text) - self._at < looked_at:
                yield from self._more(looked_at)
            text, at = self._text, self._at
            if len(text) > 2 * looked_at:  # an error counts all lines before it: in a large window, many take long
                text, at = text[at : at + looked_at], 0
            if len(text) - at > 2 * _MOST_INSIDE and text.count("[", at) + text.count("{", at) > _MOST_INSIDE:
                break
            try:
                value, end = _DECODER.raw_decode(text, at)
            except RecursionError:
                break
            except ValueError as problem:
                place = getattr(problem, "pos", 0)
                is_broken = "Unterminated" not in str(problem) and place < len(text) - _LONGEST_ESCAPE
            else:
                if end < len(text) or self._is_whole or text[at] in '[{"':
                    self._at += end - at
                    self._read += 1
                    self._are_lines = not self._frames and self._text[self._at : self._at + 1] in _LINE_ENDS
                    if not self._is_part_of_cut(value):
                        yield path, value
                    if self._read % _BETWEEN_SIGNS == 0:
                        yield None
                    return
            is_all = self._is_whole and looked_at >= len(self._text) - self._at
            if is_broken or is_all or looked_at >= LONGEST_VALUE:
                break
            looked_at *= 2
        is_cut = is_all and not is_broken and not _LINE_OF_VALUE.search(self._text, self._at)
        if self._are_lines and not self._frames and not is_cut:
            yield from self._skip_line()
            return
        sign = self._text[self._at]
        if is_broken and (sign not in "[{" or self._is_line_of_value()):
            self._leave_out((yield from self._end_of_broken()))
        elif sign in "[{" and len(self._frames) < DEEPEST:
            self._frames.append(_Frame(path, sign == "[", is_broken or is_all))
            self._is_cut = self._is_cut or (is_all and not is_broken)
            self._at += 1
        elif sign == '"' and not is_all:
            yield from self._long_text(path)
        else:
            self._leave_out((yield from self._end_of_value()))

    def _skip_line(self) -> Generator[None, None, None]:
        """Past the end of the line, however long it is."""
        while (end := self._text.find("\n", self._at)) < 0 and not self._is_whole:
            self._at = len(self._text)
            yield from self._more(_FIRST_LOOK)
        self._leave_out(end if end >= 0 else len(self._text))

    def _is_part_of_cut(self, value: object) -> bool:
        """True for a text out of a record whose other half is missing."""
        frame = self._frames[-1] if self._frames else None
        return frame is not None and frame.is_cut and not frame.is_list and not isinstance(value, dict | list)

    def _leave_out(self, end: int) -> None:
        self._findings.skipped += 1
        self._broken += 1
        if self._broken > _MOST_BROKEN and self._broken > self._read / 2:
            raise CorpusError("It does not look like JSON: too much of it is broken.", "Save it as plain text first.")
        self._at = max(end, self._at + 1)

    def _end_of_broken(self) -> Generator[None, None, int]:
        """Where what is broken ends: with the next line that begins a value, else where it closes."""
        if self._text[self._at] not in '[{"':
            if self._frames and (garbage := _GARBAGE.match(self._text, self._at)):
                return garbage.end()
            begun = _BEGINNING.search(self._text, self._at)
            return begun.start() if begun else len(self._text)
        if self._is_line_of_value():
            return self._line_at
        return (yield from self._end_of_value())

    def _is_line_of_value(self) -> bool:
        """True for an object that is written on one line, with another below it."""
        if not _ON_ONE_LINE.match(self._text, self._at):
            return False
        if self._line_at <= self._at:  # searched once for many broken values
            line = _LINE_OF_VALUE.search(self._text, self._at)
            self._line_at = line.end() if line else len(self._text)
        return self._line_at < len(self._text)

    def _end_of_value(self) -> Generator[None, None, int]:
        """Where what begins here ends by its brackets, or by the next comma; what has no end ends with all."""
        depth = 0
        while True:
            at = self._at
            if depth == 0 and self._text[at] not in '[{"':
                word = _WORD.match(self._text, at)
                return word.end() if word else at + 1
            for found in _STRUCTURE.finditer(self._text, at):
                sign = found[0]
                if sign == '"':
                    break
                depth += (sign in "[{") - (sign in "]}")
                at = found.end()
                if depth <= 0:
                    return at
            else:
                at = len(self._text)
            if self._is_whole:
                return len(self._text)
            if at == self._at:  # a string that goes on
                if len(self._text) - at > LONGEST_VALUE:
                    at = len(self._text)
                else:
                    yield from self._more(2 * (len(self._text) - at))
                    continue
            self._at = at
            yield from self._more(_FIRST_LOOK)
            if self._at >= len(self._text):
                return self._at

    def _long_text(self, path: Path) -> Iterator[tuple[Path, object] | None]:
        """A text that is too long to be held, in pieces."""
        self._at += 1
        while True:
            yield from self._more(2 * _PIECE)
            found = _STRING.match(self._text, self._at, self._at + _PIECE)
            end = found.end() if found else self._at
            is_last = end < len(self._text) and self._text[end] == '"'
            if not is_last:
                end = _whole_escapes(self._text, self._at, end)
            if end == self._at and not is_last:  # the file ends inside the text
                self._at = len(self._text)
                self._is_cut = True
                return
            try:
                piece = LongText(json.loads(f'"{self._text[self._at : end]}"', strict=False))
                piece.goes_on = not is_last
                yield path, piece
            except ValueError:
                self._findings.skipped += 1
            self._at = end + is_last
            if is_last:
                return


def _whole_escapes(text: str, start: int, end: int) -> int:
    """A place at or before `end` that is not inside of an escaped character or between the halves of one."""
    begun = text.rfind("\\u", max(start, end - _ESCAPE), end)
    if begun < 0 or end - start <= _LONGEST_ESCAPE:
        return end
    if _FIRST_HALF.match(text, begun - _ESCAPE, begun):
        begun -= _ESCAPE
    while begun > start and text[begun - 1] == "\\":
        begun -= 1
    return begun if begun > start else end
