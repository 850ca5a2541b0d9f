"""Rows of the database <-> records. Knows columns and packing; nothing of queries."""

import dataclasses
import functools
import hashlib
import json
import math
import sqlite3
import struct
from datetime import datetime

from rnntui.errors import InputError
from rnntui.json_records import JsonMismatch, add_missing_fields, parse_object
from rnntui.records import (
    LARGEST_POSITION,
    ROLES,
    STATUSES,
    Head,
    History,
    SamplerSpan,
    SavedState,
    Session,
    Snapshot,
    Turn,
)
from rnntui.setting_fields import from_mapping
from rnntui.settings import JOIN_RULES, SamplerSettings
from rnntui.store.conversations.salvage import DAMAGED, nearest
from rnntui.store.conversations.sqlite_pages import DamagedText, readable_text
from rnntui.text import is_ordinary

_HEAD = struct.Struct("<qqq")  # turn, tokens kept, characters kept; -1 stands for None
_LONGEST_LINE = 200
_SEAL_BYTES = 8
_AS_BEFORE = "as before"
"""Stands for the settings of the draw before, so that a long reply of many sentences stays small."""


def session_of(row: sqlite3.Row) -> Session:
    """A conversation from its row; a value that the disk has changed is set right or left out."""
    kept, characters = _whole(row["head_kept"], None), _whole(row["head_characters"], None)
    is_inside = kept is not None and characters is not None
    return Session(
        session_id=row["session_id"],
        title=_line(row["title"]) or "untitled",
        model_id=_line(row["model_id"]),
        sampler=unpack_sampler(str(row["sampler"])),
        join=nearest(row["join_rule"], JOIN_RULES, JOIN_RULES[0]),
        head_turn_id=row["head_turn_id"],
        created_at=_moment(row["created_at"]),
        updated_at=_moment(row["updated_at"]),
        head_kept=kept if is_inside else None,
        head_characters=characters if is_inside else None,
        is_pinned=bool(row["is_pinned"]),
        deleted_at=_moment(row["deleted_at"]),
    )


def turn_of(row: sqlite3.Row) -> Turn:
    """A turn from its row; one with a value that the disk has changed says that it is damaged."""
    sampler = None if row["sampler"] is None else unpack_sampler(str(row["sampler"]))
    text, token_ids, logprobs = _text(row["text"]), unpack_ids(row["token_ids"]), unpack_logprobs(row["logprobs"])
    if len(logprobs) not in (0, len(token_ids)) or any(map(math.isnan, logprobs)) or math.inf in logprobs:
        logprobs = ()
    role, status = nearest(row["role"], ROLES, ROLES[0]), nearest(row["status"], STATUSES, DAMAGED)
    is_whole = len(row["token_ids"]) == 4 * len(token_ids) and len(row["logprobs"]) == 8 * len(logprobs)
    if not is_whole or isinstance(text, DamagedText) or (role, status) != (row["role"], row["status"]):
        status = DAMAGED
    return Turn(
        turn_id=row["turn_id"],
        session_id=row["session_id"],
        parent_id=row["parent_id"],
        role=role,
        text=text,
        token_ids=token_ids,
        logprobs=logprobs,
        status=status,
        start_position=_whole(row["start_position"], 0) or 0,
        model_id=_line(row["model_id"]),
        sampler=sampler,
        created_at=_moment(row["created_at"]),
        draws=unpack_spans(row["draws"] and _text(row["draws"]), sampler),
        words=_whole(row["words"], 0) or 0,
    )


def snapshot_of(row: sqlite3.Row) -> Snapshot:
    """A memory after a turn or a word from its row; a damaged one fits no model."""
    blob = unseal(row["blob"], row["model_id"], row["position"])
    return Snapshot(row["turn_id"], row["position"], row["model_id"], blob)


def memory_of(row: sqlite3.Row) -> SavedState:
    """A memory with a name from its row; a value that the disk has changed is set right or left out."""
    return SavedState(
        name=_line(row["name"]),
        model_id=_line(row["model_id"]),
        blob=unseal(row["blob"], row["model_id"], row["words_read"]),
        recent_ids=unpack_ids(row["recent_ids"]),
        tokens_read=_whole(row["words_read"], 0) or 0,
        text_before=_text(row["text_before"]),
        created_at=_moment(row["created_at"]),
    )


def memory_columns(memory: SavedState) -> tuple[str | bytes | int, ...]:
    """The columns of the tables `memories` and `roots`, in their order."""
    return (
        memory.name,
        memory.model_id,
        seal(memory.blob, memory.model_id, memory.tokens_read),
        pack_ids(memory.recent_ids),
        memory.tokens_read,
        memory.text_before,
        memory.created_at,
    )


def seal(blob: bytes, model_id: str, position: int) -> bytes:
    """A memory with a hash behind it, so that a changed one is never taken for what was remembered."""
    return blob + _seal(blob, model_id, position)


def unseal(blob: bytes, model_id: str, position: int) -> bytes:
    """What was sealed. A damaged one keeps its hash, so that its length fits no model; an older one never had any."""
    memory, seal = blob[:-_SEAL_BYTES], blob[-_SEAL_BYTES:]
    return memory if seal == _seal(memory, model_id, position) else blob


def _seal(blob: bytes, model_id: str, position: int) -> bytes:
    sealed_with = f"{model_id}\n{position}\n".encode("utf-8", "replace")
    return hashlib.blake2b(sealed_with + blob, digest_size=_SEAL_BYTES).digest()


def pack_ids(token_ids: tuple[int, ...]) -> bytes:
    """Tokens as uint32, little-endian."""
    return struct.pack(f"<{len(token_ids)}I", *token_ids)


def pack_logprobs(logprobs: tuple[float, ...]) -> bytes:
    """Scores as float64, little-endian."""
    return struct.pack(f"<{len(logprobs)}d", *logprobs)


def unpack_ids(blob: bytes) -> tuple[int, ...]:
    """The tokens that `pack_ids` wrote, as far as they are whole."""
    return struct.unpack(f"<{len(blob) // 4}I", blob[: len(blob) // 4 * 4])


def unpack_logprobs(blob: bytes) -> tuple[float, ...]:
    """The scores that `pack_logprobs` wrote, as far as they are whole."""
    return struct.unpack(f"<{len(blob) // 8}d", blob[: len(blob) // 8 * 8])


def pack_history(history: History) -> bytes:
    """Where a conversation stood, as one value, so that it changes together with the head."""
    return b"".join(
        _HEAD.pack(*(-1 if part is None else part for part in (head.turn_id, head.kept, head.characters)))
        for head in history.heads
    )


def unpack_history(blob: bytes | None, at: int | None) -> History:
    """What `pack_history` wrote; a damaged one is empty, because undo then goes by the turns."""
    if not blob or at is None or len(blob) % _HEAD.size:
        return History()
    heads = [Head(*(None if part < 0 else part for part in parts)) for parts in _HEAD.iter_unpack(blob)]
    return History(tuple(heads), at) if 0 <= at < len(heads) else History()


def pack_sampler(sampler: SamplerSettings) -> str:
    """Settings as JSON."""
    return json.dumps(dataclasses.asdict(sampler))


@functools.lru_cache(maxsize=1_024)
def unpack_sampler(text: str) -> SamplerSettings:
    """Stored settings; one that no longer fits its range gives the defaults, so that no conversation is lost by it."""
    try:
        stored = parse_object(text.encode())
        return from_mapping(SamplerSettings, add_missing_fields(SamplerSettings, stored))
    except (InputError, JsonMismatch):
        return SamplerSettings()


def pack_spans(turn: Turn) -> str | None:
    """How the tokens came about, as JSON; None when the settings of the turn say it all."""
    if turn.draws == _single_span(turn.sampler):
        return None
    pairs = zip(turn.draws, (None, *turn.draws), strict=False)
    return json.dumps([[draw.start, _pack_settings(draw, before), draw.draft] for draw, before in pairs])


def _pack_settings(draw: SamplerSpan, before: SamplerSpan | None) -> object:
    if draw.sampler is None:
        return None
    return _AS_BEFORE if before and before.sampler == draw.sampler else dataclasses.asdict(draw.sampler)


def unpack_spans(text: str | None, sampler: SamplerSettings | None) -> tuple[SamplerSpan, ...]:
    """What `pack_spans` wrote; a damaged one is read as if the settings of the turn had held all along."""
    if text is None:
        return _single_span(sampler)
    try:
        draws: list[SamplerSpan] = []
        for start, how, *draft in json.loads(text):  # what was kept before there were drafts names none
            if how == _AS_BEFORE and draws:
                drawn_with = draws[-1].sampler
            else:
                drawn_with = None if how is None else unpack_sampler(json.dumps(how))
            draws.append(SamplerSpan(start, drawn_with, *draft))
    except (ValueError, TypeError, RecursionError):
        return _single_span(sampler)
    starts = [draw.start for draw in draws]
    numbers = (*starts, *(draw.draft for draw in draws))
    are_counts = all(type(number) is int and 0 <= number <= LARGEST_POSITION for number in numbers)
    return tuple(draws) if are_counts and starts == sorted(set(starts)) else _single_span(sampler)


def _single_span(sampler: SamplerSettings | None) -> tuple[SamplerSpan, ...]:
    return () if sampler is None else (SamplerSpan(0, sampler),)


# ---- values that a disk may have changed ------------------------------------------------------------------------


def _text(value: object) -> str:
    """A text, whatever type of value stands there; a `DamagedText` unless it is one, and an ordinary one."""
    if not isinstance(value, str):
        return DamagedText(readable_text(value) if isinstance(value, bytes) else "")
    if is_ordinary(value):
        return value
    return DamagedText("".join(character if is_ordinary(character) else "\ufffd" for character in value))


def _line(value: object) -> str:
    return _text(value).replace("\n", " ").replace("\t", " ")[:_LONGEST_LINE]


def _moment(value: object) -> str:
    """A moment, ISO 8601; empty for what cannot be one."""
    try:
        return value if isinstance(value, str) and datetime.fromisoformat(value) else ""
    except ValueError:
        return ""


def _whole(value: object, otherwise: int | None) -> int | None:
    """A count; `otherwise` for what cannot be one."""
    return value if isinstance(value, int) and 0 <= value <= LARGEST_POSITION else otherwise
