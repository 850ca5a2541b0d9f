"""Rows of the database <-> records. Knows columns and packing; nothing of queries."""

import dataclasses
import functools
import json
import sqlite3
import struct

from rnntui.errors import InputError, StorageError
from rnntui.records import Draw, Head, History, NamedMemory, Session, Snapshot, Turn
from rnntui.settings import SamplerSettings, from_mapping
from rnntui.store import strict_json

_HEAD = struct.Struct("<qqq")  # turn, tokens kept, characters kept; -1 stands for None


def session_of(row: sqlite3.Row) -> Session:
    """A conversation from its row."""
    return Session(
        session_id=row["session_id"],
        title=row["title"],
        model_id=row["model_id"],
        sampler=unpacked_sampler(row["sampler"]),
        join=row["join_rule"],
        head_turn_id=row["head_turn_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        head_kept=row["head_kept"],
        head_characters=row["head_characters"],
        is_pinned=bool(row["is_pinned"]),
        deleted_at=row["deleted_at"] or "",
    )


def turn_of(row: sqlite3.Row) -> Turn:
    """A turn from its row.

    Raises:
        StorageError: If the row is damaged.
    """
    sampler = None if row["sampler"] is None else unpacked_sampler(row["sampler"])
    return Turn(
        turn_id=row["turn_id"],
        session_id=row["session_id"],
        parent_id=row["parent_id"],
        role=row["role"],
        text=row["text"],
        token_ids=unpacked_ids(row["token_ids"]),
        logprobs=unpacked_logprobs(row["logprobs"]),
        status=row["status"],
        start_position=row["start_position"],
        model_id=row["model_id"],
        sampler=sampler,
        created_at=row["created_at"],
        draws=unpacked_draws(row["draws"], sampler),
        words=row["words"] or 0,
    )


def snapshot_of(row: sqlite3.Row) -> Snapshot:
    """A memory after a turn or a word from its row."""
    return Snapshot(row["turn_id"], row["position"], row["model_id"], row["blob"])


def memory_of(row: sqlite3.Row) -> NamedMemory:
    """A memory with a name from its row.

    Raises:
        StorageError: If the row is damaged.
    """
    return NamedMemory(
        name=row["name"],
        model_id=row["model_id"],
        blob=row["blob"],
        recent_ids=unpacked_ids(row["recent_ids"]),
        words_read=row["words_read"],
        text_before=row["text_before"],
        created_at=row["created_at"],
    )


def memory_columns(memory: NamedMemory) -> tuple[str | bytes | int, ...]:
    """The columns of the tables `memories` and `roots`, in their order."""
    return (
        memory.name,
        memory.model_id,
        memory.blob,
        packed_ids(memory.recent_ids),
        memory.words_read,
        memory.text_before,
        memory.created_at,
    )


def packed_ids(token_ids: tuple[int, ...]) -> bytes:
    """Tokens as uint32, little-endian."""
    return struct.pack(f"<{len(token_ids)}I", *token_ids)


def packed_logprobs(logprobs: tuple[float, ...]) -> bytes:
    """Scores as float64, little-endian."""
    return struct.pack(f"<{len(logprobs)}d", *logprobs)


def unpacked_ids(blob: bytes) -> tuple[int, ...]:
    """The tokens that `packed_ids` wrote.

    Raises:
        StorageError: If a part of them is missing.
    """
    return struct.unpack(f"<{_count(blob, 4)}I", blob)


def unpacked_logprobs(blob: bytes) -> tuple[float, ...]:
    """The scores that `packed_logprobs` wrote.

    Raises:
        StorageError: If a part of them is missing.
    """
    return struct.unpack(f"<{_count(blob, 8)}d", blob)


def packed_history(history: History) -> bytes:
    """Where a conversation stood, as one value, so that it changes together with the head."""
    return b"".join(
        _HEAD.pack(*(-1 if part is None else part for part in (head.turn_id, head.kept, head.characters)))
        for head in history.heads
    )


def unpacked_history(blob: bytes | None, at: int | None) -> History:
    """What `packed_history` wrote; a damaged one is empty, because undo then goes by the turns."""
    if not blob or at is None or len(blob) % _HEAD.size:
        return History()
    heads = [Head(*(None if part < 0 else part for part in parts)) for parts in _HEAD.iter_unpack(blob)]
    return History(tuple(heads), at) if 0 <= at < len(heads) else History()


def packed_sampler(sampler: SamplerSettings) -> str:
    """Settings as JSON."""
    return json.dumps(dataclasses.asdict(sampler))


@functools.lru_cache(maxsize=1_024)
def unpacked_sampler(text: str) -> SamplerSettings:
    """Stored settings; one that no longer fits its range gives the defaults, so that no conversation is lost by it."""
    try:
        stored = strict_json.loads(text.encode())
        return from_mapping(SamplerSettings, strict_json.completed(SamplerSettings, stored))
    except (InputError, strict_json.Mismatch):
        return SamplerSettings()


def packed_draws(turn: Turn) -> str | None:
    """How the tokens came about, as JSON; None when the settings of the turn say it all."""
    if turn.draws == _plain_draws(turn.sampler):
        return None
    return json.dumps([[draw.start, draw.sampler and dataclasses.asdict(draw.sampler)] for draw in turn.draws])


def unpacked_draws(text: str | None, sampler: SamplerSettings | None) -> tuple[Draw, ...]:
    """What `packed_draws` wrote; a damaged one is read as if the settings of the turn had held all along."""
    if text is None:
        return _plain_draws(sampler)
    try:
        return tuple(
            Draw(int(start), None if settings is None else unpacked_sampler(json.dumps(settings)))
            for start, settings in json.loads(text)
        )
    except (ValueError, TypeError):
        return _plain_draws(sampler)


def _plain_draws(sampler: SamplerSettings | None) -> tuple[Draw, ...]:
    return () if sampler is None else (Draw(0, sampler),)


def _count(blob: bytes, size: int) -> int:
    if len(blob) % size:
        raise StorageError("A turn in the file of conversations is damaged.", "Delete the conversation it stands in.")
    return len(blob) // size
