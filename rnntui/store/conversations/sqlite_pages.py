"""The pages of a SQLite file, read without SQLite: the rows that still stand in a file that it gives up.

Knows the file format (https://www.sqlite.org/fileformat2.html) and the shapes of tables; nothing of conversations.
Every page is looked at on its own, so that a lost page, a lost schema or a cut file costs only what stood there. Free
pages are passed over: deleted text does not come back. In a page whose own order is damaged, rows are found by the
shape of their headers.
"""

import errno
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_TABLE_LEAF, _TABLE_INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR = 0x0D, 0x05, 0x0A, 0x02
_LEAF_HEADER, _INTERIOR_HEADER = 8, 12
_USUAL_PAGE = 4096
_WHOLE_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}
_MOST_COLUMNS = 64
_LONGEST_PREFIX = 18  # two numbers of at most nine bytes stand before a record

Value = int | float | str | bytes | None


class Lost:
    """Stands for a value that was in a part of the file that is gone."""


LOST = Lost()


class DamagedText(str):
    """Text that was not whole: a byte was changed, or its end is missing. What is unreadable is U+FFFD."""

    __slots__ = ()


def readable_text(data: bytes) -> str:
    """UTF-8 as text; a `DamagedText` if it is not."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return DamagedText(data.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Column:
    """What a table says of a column."""

    name: str
    kind: str
    """INTEGER, TEXT or BLOB."""
    may_be_null: bool
    is_row_number: bool = False
    """True for an INTEGER PRIMARY KEY: the value stands before the record, and the record holds NULL."""

    def accepts(self, serial_type: int) -> bool:
        """True when a value of this type may stand here."""
        if self.is_row_number:
            return serial_type == 0
        if serial_type == 0:
            return self.may_be_null
        if serial_type >= 12:
            return self.kind == ("TEXT" if serial_type % 2 else "BLOB")
        return self.kind == "INTEGER" and serial_type in _WHOLE_SIZES

    @property
    def pattern(self) -> bytes:
        """The serial types that `accepts` accepts, as a regular expression."""
        null, whole = rb"\x00", rb"[\x01-\x06\x08\x09]"
        if self.is_row_number:
            return null
        if self.kind == "INTEGER":
            return rb"[\x00-\x06\x08\x09]" if self.may_be_null else whole
        one = bytes(number for number in range(12, 128) if number % 2 == (self.kind == "TEXT"))
        last = bytes(number for number in range(128) if number % 2 == (self.kind == "TEXT"))
        long = b"[" + re.escape(one) + rb"]|[\x80-\xff]{1,4}[" + re.escape(last) + b"]"
        return b"(?:" + (null + b"|" if self.may_be_null else b"") + long + b")"


@dataclass(frozen=True, slots=True)
class Table:
    """What rows of a table look like."""

    name: str
    columns: tuple[Column, ...]
    least: int
    """How many columns the first version had: rows that are older than a column do not hold it."""

    def accepts(self, types: list[int]) -> bool:
        """True when a record with these serial types may be a row of the table."""
        return self.least <= len(types) <= len(self.columns) and all(
            column.accepts(kind) for column, kind in zip(self.columns, types, strict=False)
        )

    @property
    def pattern(self) -> re.Pattern[bytes]:
        """Finds the headers of its records in a page."""
        needed = b"".join(column.pattern for column in self.columns[: self.least])
        return re.compile(rb"(?=[\x02-\x7f]" + needed + b")", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was found."""

    table: str
    number: int
    """0 when it could not be read."""
    values: dict[str, Value | Lost]
    is_reached: bool
    """True when the page belongs to a tree. Others may hold what a row was before, where the trees are damaged."""
    is_whole: bool
    """False when a part of it was gone, or stood in a page whose order is damaged."""


class Pages:
    """The pages of a file.

    Args:
        file: Open for reading.
        size: Its length in bytes.
        tables: What to look for; the first that fits a row takes it.
        is_sound: True when the values of a row of a table make sense; decides where the format leaves a doubt.
    """

    def __init__(
        self,
        file: BinaryIO,
        size: int,
        tables: Iterable[Table],
        is_sound: Callable[[str, dict[str, Value | Lost]], bool],
    ) -> None:
        self._file = file
        self._tables = tuple(tables)
        self._patterns = [(table, table.pattern) for table in self._tables]
        self._is_sound = is_sound
        head = self._bytes(0, _HEADER_BYTES)
        named = int.from_bytes(head[16:18], "big")
        named = 65536 if named == 1 else named
        is_named = named in {1 << power for power in range(9, 17)} and head[:6] == MAGIC[:6]
        self._page_size = named if is_named else _USUAL_PAGE
        self._usable = self._page_size - (head[20] if is_named and head[20] <= 64 else 0)
        self._count = -(-size // self._page_size)
        self._leaves: set[int] = set()
        self._others: list[int] = []
        self._reached: set[int] = set()
        self._used: set[int] = set()
        self._sort_out()
        self._free = self._free_pages(head) - self._reached if head[:16] == MAGIC else set()

    def rows(self) -> Iterator[Row]:
        """Every row that can be read, those in trees first."""
        for number in sorted(self._leaves - self._free, key=lambda number: (number not in self._reached, number)):
            yield from self._rows_in(number)
        for number in self._others:  # among them leaves whose first byte was changed
            if number not in self._used | self._free:
                yield from self._rows_in(number)

    def index_entries(self, columns: int) -> Iterator[tuple[Value | Lost, ...]]:
        """The entries of every index whose records have so many columns, the row number included."""
        for number in self._others:
            page = self._page(number)
            if number in self._free or not page or page[0] not in (_INDEX_LEAF, _INDEX_INTERIOR):
                continue
            is_leaf = page[0] == _INDEX_LEAF
            for at in _pointers(page, 0, _LEAF_HEADER if is_leaf else _INTERIOR_HEADER):
                size, start = _varint(page, at if is_leaf else at + 4)
                record = _record(page[start : start + size])
                if record and len(record[0]) == columns and size <= (self._usable - 12) * 64 // 255 - 23:
                    yield tuple(_values(page[start : start + size], *record))

    # ---- pages ----

    def _bytes(self, offset: int, length: int) -> bytes:
        """What is there; nothing where the disk cannot read it."""
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError:
            return b""

    def _page(self, number: int) -> bytes:
        """What is there of a page."""
        return self._bytes((number - 1) * self._page_size, self._page_size)[: self._usable]

    def _free_pages(self, head: bytes) -> set[int]:
        """The pages on the list of free ones, as far as it makes sense."""
        free: set[int] = set()
        there = range(2, max(self._count, int.from_bytes(head[28:32], "big")) + 1)
        trunk = int.from_bytes(head[32:36], "big")
        while trunk in there and trunk not in free:
            page = self._page(trunk)
            count = int.from_bytes(page[4:8], "big")
            leaves = {int.from_bytes(page[8 + 4 * at : 12 + 4 * at], "big") for at in range(min(count, len(page) // 4))}
            if count > self._usable // 4 - 2 or not all(leaf in there for leaf in leaves):
                break
            free |= leaves | {trunk}
            trunk = int.from_bytes(page[:4], "big")
        return free

    def _written_pages(self) -> Iterator[int]:
        """Numbers of the pages of which the disk holds anything: a file may be holes for gigabytes."""
        last = 0
        for start, end in _extents(self._file, self._count * self._page_size):
            first, beyond = start // self._page_size + 1, min(self._count, -(-end // self._page_size)) + 1
            yield from range(max(first, last + 1), beyond)
            last = max(last, beyond - 1)

    def _sort_out(self) -> None:
        for number in self._written_pages():
            page = self._page(number)
            at = _HEADER_BYTES if number == 1 else 0
            kind = page[at] if len(page) > at else 0
            if kind == _TABLE_LEAF:
                self._leaves.add(number)
                continue
            self._others.append(number)
            if kind == _TABLE_INTERIOR:
                self._reached |= self._children(page, at)

    def _children(self, page: bytes, at: int) -> set[int]:
        right = int.from_bytes(page[at + 8 : at + 12], "big")
        left = {int.from_bytes(page[cell : cell + 4], "big") for cell in _pointers(page, at, _INTERIOR_HEADER)}
        return left | {right}

    # ---- rows ----

    def _rows_in(self, number: int) -> Iterator[Row]:
        page = self._page(number)
        at = _HEADER_BYTES if number == 1 else 0
        pointers = list(_pointers(page, at, _LEAF_HEADER))
        cells, found, last, room = [], [], 0, 0
        is_orderly = int.from_bytes(page[at + 3 : at + 5], "big") == len(pointers) and len(page) == self._usable
        for cell in pointers:
            size, start = _varint(page, cell)
            row_number, start = _varint(page, start)
            record = _record(page[start:])
            is_cell = record is not None and _total(record) == size
            is_orderly = is_orderly and is_cell and row_number > last
            cells.append(_Cell(cell, start if is_cell else 0, row_number if is_cell else 0))
            last = row_number
            room += max(4, start - cell + self._room(size))
            if record and is_orderly:
                found.append(self._row(number, page, start, record, row_number))
        if is_orderly and room + _free_room(page, at) == self._usable - (int.from_bytes(page[at + 5 : at + 7], "big")):
            yield from (row for row in found if row)
            return
        yield from self._search(number, page, _in_order(cells))

    def _search(self, number: int, page: bytes, cells: list["_Cell"]) -> Iterator[Row]:
        """The rows of a page whose order cannot be trusted, by the shape of their headers."""
        starts = sorted({match.start() for _, pattern in self._patterns for match in pattern.finditer(page)})
        numbers, end = {cell.start: cell.number for cell in cells if cell.start}, 0
        for start in starts:
            record = _record(page[start:])
            if record is None or start < end or not any(table.accepts(record[0]) for table in self._tables):
                continue
            guesses = (cell.number for cell in cells if 0 < start - cell.at <= _LONGEST_PREFIX)
            row_number = numbers.get(start) or _number_before(page, start, _total(record)) or next(guesses, 0)
            row = self._row(number, page, start, record, row_number, is_whole=False) if row_number else None
            if row and self._is_sound(row.table, row.values):  # without a number: what is left of a removed row
                end = start + self._local(_total(record))
                yield row

    def _row(
        self, number: int, page: bytes, start: int, record: "_Record", row_number: int, is_whole: bool = True
    ) -> Row | None:
        payload = self._payload(page, start, _total(record))
        table = next((table for table in self._tables if table.accepts(record[0])), None)
        if table is None:
            return None
        found = dict(zip((column.name for column in table.columns), _values(payload, *record), strict=False))
        for column in table.columns:
            if column.is_row_number:
                found[column.name] = row_number or LOST
        is_whole = is_whole and len(payload) == _total(record)
        return Row(table.name, row_number, found, number in self._reached, is_whole)

    def _room(self, total: int) -> int:
        """How many bytes a record takes in the page itself, with the number of the page it goes on in."""
        return self._local(total) + (0 if self._local(total) == total else 4)

    def _local(self, total: int) -> int:
        """How many bytes of a record stand in the page itself."""
        most = self._usable - 35
        if total <= most:
            return total
        least = (self._usable - 12) * 32 // 255 - 23
        fitting = least + (total - least) % (self._usable - 4)
        return fitting if fitting <= most else least

    def _payload(self, page: bytes, start: int, total: int) -> bytes:
        """A record with what stands in further pages; shorter where one of them is gone."""
        local = self._local(total)
        parts = [page[start : start + local]]
        if local == total or len(parts[0]) < local:
            return parts[0]
        left, seen = total - local, set[int]()
        following = int.from_bytes(page[start + local : start + local + 4], "big")
        while left > 0 and 1 < following <= self._count and self._may_hold(following, seen):
            seen.add(following)
            further = self._page(following)
            following = int.from_bytes(further[:4], "big")
            parts.append(further[4 : 4 + left])
            left -= len(parts[-1])
            if len(further) < self._usable:
                break
        self._used |= seen
        return b"".join(parts)

    def _may_hold(self, number: int, seen: set[int]) -> bool:
        """True when a page may be the next one that a long row goes on in."""
        return not any(number in pages for pages in (seen, self._free, self._leaves, self._reached))


# ---- records ----------------------------------------------------------------------------------------------------

_Record = tuple[list[int], int]
"""The serial types of a record, and where its values begin."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends; 0 beyond the end."""
    value = 0
    for index, byte in enumerate(data[at : at + 9]):
        if index == 8:
            value = value << 8 | byte
            return (value - (1 << 64) if value >= 1 << 63 else value), at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return 0, at + 1


def _pointers(page: bytes, at: int, header: int) -> Iterator[int]:
    """Where the cells of a page begin, as far as that can be."""
    count = int.from_bytes(page[at + 3 : at + 5], "big")
    first = at + header
    for place in range(first, min(first + 2 * count, len(page) - 1), 2):
        cell = int.from_bytes(page[place : place + 2], "big")
        if first + 2 * count <= cell < len(page):
            yield cell


def _record(data: bytes) -> _Record | None:
    """What the header of a record says; None where there is none."""
    size, at = _varint(data, 0)
    if not 1 < size <= min(len(data), 9 * _MOST_COLUMNS):
        return None
    types = []
    while at < size:
        kind, at = _varint(data, at)
        if kind < 0 or kind in (10, 11):
            return None
        types.append(kind)
    return (types, size) if at == size else None


def _total(record: _Record) -> int:
    return record[1] + sum(map(_size_of, record[0]))


def _size_of(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return 8 if kind == 7 else _WHOLE_SIZES.get(kind, 0)


def _values(payload: bytes, types: list[int], at: int) -> Iterator[Value | Lost]:
    for kind in types:
        size = _size_of(kind)
        data = payload[at : at + size]
        at += size
        if len(data) == size:
            yield _value(kind, data)
        elif kind >= 13 and kind % 2 and data:
            yield DamagedText(data.decode("utf-8", "replace").rstrip("\ufffd") + "\ufffd")
        else:
            yield LOST


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(data, "big", signed=True)
    if kind == 7:
        return None  # no table here has fractions
    return readable_text(data) if kind % 2 else data


@dataclass(frozen=True, slots=True)
class _Cell:
    """What an entry in a page's list of cells leads to."""

    at: int
    start: int
    """Where its record begins; 0 if there is none."""
    number: int
    """Of the row; 0 if it cannot be read."""


def _in_order(cells: list[_Cell]) -> list[_Cell]:
    """Cells whose numbers rise; one that does not lie between its neighbours is set right by them."""
    orderly, last = [], 0
    for index, cell in enumerate(cells):
        number, following = cell.number, cells[index + 1].number if index + 1 < len(cells) else 0
        if number <= last or last < following <= number:
            number = last + 1 if last else max(1, following - 1)
        orderly.append(replace(cell, number=number))
        last = number
    return orderly


def _free_room(page: bytes, at: int) -> int:
    """The bytes between the cells of a page that are free."""
    room, block, seen = page[at + 7], int.from_bytes(page[at + 1 : at + 3], "big"), 0
    while seen < block <= len(page) - 4:
        room += int.from_bytes(page[block + 2 : block + 4], "big")
        seen, block = block, int.from_bytes(page[block : block + 2], "big")
    return room


def _number_before(page: bytes, start: int, total: int) -> int:
    """The number of the row whose record begins here; 0 if what stands before it is not its length and a number."""
    for length, width in itertools.product(range(1, 10), range(1, 6)):
        at = start - length - width
        if at < 0:
            continue
        size, after = _varint(page, at)
        number, end = _varint(page, after)
        if size == total and end == start and after == at + width and number > 0:
            return number
    return 0


def _extents(file: BinaryIO, size: int) -> list[tuple[int, int]]:
    """From where to where a file holds data; all of it where the disk does not tell."""
    found: list[tuple[int, int]] = []
    if not hasattr(os, "SEEK_DATA"):
        return [(0, size)]
    try:
        descriptor = file.fileno()
        here = os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError:
        return [(0, size)]
    end = 0
    try:
        while end < size:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
            found.append((start, end))
    except OSError as problem:
        if problem.errno != errno.ENXIO:  # which says that nothing but a hole follows
            found.append((end, size))
    finally:
        os.lseek(descriptor, here, os.SEEK_SET)
    return found
