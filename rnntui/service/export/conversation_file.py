"""A conversation as a file for machines: JSON Lines with every token, log-probability, setting and seed.

    {"kind": "conversation", "format": 1, "turns": 3, "title": ..., "head": 3, ...}     the first line
    {"kind": "model", "model_id": ..., "files": {"weights": SHA-256, ...}}              one for each model that spoke
    {"kind": "turn", "number": 1, "parent": null, "text": ..., "token_ids": [...]}      every turn of every branch

Reading gives back exactly what was written. A file is foreign: every field is checked before anything is believed, and
a refusal names the line. Memories are not in it; they follow from the words and the model.
"""

import base64
import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from rnntui.errors import InputError, StorageError
from rnntui.json_records import DecodeRules, JsonMismatch, decode_record, format_line, parse_object, require
from rnntui.records import LARGEST_POSITION, ROLES, STATUSES, ModelCard, SavedState, Session, Turn
from rnntui.settings import JOIN_RULES
from rnntui.store.conversations.sessions import LONGEST_TITLE, Sessions
from rnntui.store.files.durable import read_file
from rnntui.store.library import Library
from rnntui.text import is_ordinary, visible_line

FORMAT = 1
LARGEST_FILE = 512 << 20
_RULES = DecodeRules(longest_text=64 << 20)
_LONGEST_NAME = 200
_LARGEST_ID = 2**32 - 1
_OF_THE_STORE = ("session_id", "deleted_at")
_SHOWN_AS = {"turn_id": "number", "parent_id": "parent", "head_turn_id": "head"}
_STORED_AS = {shown: stored for stored, shown in _SHOWN_AS.items()}
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ModelMark:
    """Which model spoke, by content."""

    model_id: str
    name: str
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each of its files by name; empty when the model was not here when the file was written."""

    def fits(self, card: ModelCard) -> bool:
        """True when a model has exactly these files."""
        return bool(self.files) and self.files == files_of(card)


@dataclass(frozen=True, slots=True)
class ConversationFile:
    """A whole conversation, free of the store it came from: turns are numbered from 1, parents before children."""

    session: Session
    turns: tuple[Turn, ...]
    models: tuple[ModelMark, ...]
    root: SavedState | None = None
    """The memory it began with; None when it began with an empty one."""


@dataclass(frozen=True, slots=True)
class _RootLine:
    """`SavedState` as it stands in a file."""

    name: str
    model_id: str
    blob: str
    recent_ids: tuple[int, ...]
    words_read: int
    """Tokens."""
    text_before: str
    created_at: str


_ROOT_NAMES = {"tokens_read": "words_read"}
"""How fields of a `SavedState` are called in a file."""


def files_of(card: ModelCard) -> dict[str, str]:
    """The SHA-256 of every file of a model, by name."""
    marks = {name.removesuffix("_sha256"): value for name, value in _fields(card) if name.endswith("_sha256")}
    return {name: value for name, value in marks.items() if value}


def collect_conversation(
    conversations: Sessions, library: Library, session: Session, visible_only: bool = False
) -> ConversationFile:
    """A stored conversation with all its branches, or only with the one that is shown.

    Raises:
        StorageError: If the database refuses.
    """
    turns = conversations.branch(session.session_id) if visible_only else conversations.all_turns(session.session_id)
    numbers: dict[int | None, int | None] = {None: None}
    numbers |= {turn.turn_id: number for number, turn in enumerate(turns, 1)}
    plain = tuple(
        dataclasses.replace(turn, turn_id=number, parent_id=_parent(numbers, turn.parent_id, number), session_id="")
        for number, turn in enumerate(turns, 1)
    )
    cards = {card.model_id: card for card in library.cards()}
    spoke = sorted({session.model_id, *(turn.model_id for turn in turns)})
    marks = tuple(
        ModelMark(name, cards[name].name, files_of(cards[name])) if name in cards else ModelMark(name, name)
        for name in spoke
    )
    head = numbers.get(session.head_turn_id, len(turns) or None)
    plain_session = dataclasses.replace(session, session_id="", deleted_at="", head_turn_id=head)
    if visible_only:  # the last turn was cut where the head stands
        plain_session = dataclasses.replace(plain_session, head_kept=None, head_characters=None)
    return ConversationFile(plain_session, plain, marks, conversations.tree.root(session.session_id))


def _parent(numbers: dict[int | None, int | None], parent_id: int | None, number: int) -> int | None:
    """The number of a parent; where a damaged reference leads out of the conversation, the turn before."""
    parent = numbers.get(parent_id, number - 1)
    return parent if parent and parent < number else None


# ---- writing ----------------------------------------------------------------------------------------------------


def to_json_lines(conversation: ConversationFile) -> bytes:
    """The file.

    Raises:
        StorageError: If a stored number is not finite, that is, damaged.
    """
    try:
        return b"".join(map(format_line, _lines(conversation)))
    except JsonMismatch as problem:
        raise StorageError(f"The conversation {problem}.", "Export the part before it with --visible.") from problem


def _lines(conversation: ConversationFile) -> Iterator[dict[str, Any]]:
    head = {"kind": "conversation", "format": FORMAT, "models": len(conversation.models)}
    session = {**_values_of(conversation.session), "root": _root_values(conversation.root)}
    yield {**head, "turns": len(conversation.turns), **session}
    for mark in conversation.models:
        yield {"kind": "model", **dataclasses.asdict(mark)}
    for turn in conversation.turns:
        yield {"kind": "turn", **_values_of(turn)}


def _values_of(record: Session | Turn) -> dict[str, Any]:
    values = dataclasses.asdict(record)
    return {_SHOWN_AS.get(name, name): value for name, value in values.items() if name not in _OF_THE_STORE}


def _root_values(root: SavedState | None) -> dict[str, Any] | None:
    if root is None:
        return None
    values = {**dataclasses.asdict(root), "blob": base64.b64encode(root.blob).decode()}
    return {_ROOT_NAMES.get(name, name): value for name, value in values.items()}


# ---- reading ----------------------------------------------------------------------------------------------------


def read_conversation(path: Path) -> ConversationFile:
    """A conversation from a file.

    Raises:
        InputError: If the file cannot be read or is not one of ours; the sentence names the line.
    """
    name = visible_line(path.name, 80)
    try:
        data = read_file(path, LARGEST_FILE)
    except StorageError as problem:
        raise InputError(problem.sentence, problem.next_step) from problem
    return from_json_lines(data, name)


def from_json_lines(data: bytes, name: str) -> ConversationFile:
    """The conversation that `to_json_lines` wrote.

    Args:
        data: The file; it may come from anybody.
        name: What the file is called in a sentence.

    Raises:
        InputError: If anything is not as it should be; the sentence names the line.
    """
    lines = data.split(b"\n")
    number = 0
    try:
        if lines.pop():
            number = len(lines) + 1
            raise JsonMismatch("is cut off")
        number = 1
        values = _take_kind("conversation", parse_object(lines[0] if lines else b""))
        if "root" not in values:
            raise JsonMismatch('lacks the field "root"')
        root = _parse_root(values.pop("root"))
        session, models, turns = _parse_head(values)
        if len(lines) != 1 + models + turns:
            number = len(lines)
            raise JsonMismatch(f"is the last one, but {1 + models + turns:,} lines were promised")
        marks: list[ModelMark] = []
        read: list[Turn] = []
        for text in lines[1 : 1 + models]:
            number += 1
            marks.append(_parse_mark(_take_kind("model", parse_object(text))))
        for text in lines[1 + models :]:
            number += 1
            read.append(_parse_turn(_take_kind("turn", parse_object(text)), len(read) + 1))
    except JsonMismatch as problem:
        raise InputError(
            f'Line {number:,} of "{name}" {visible_line(str(problem))}.',
            "The file is damaged or not an export of rnntui: export the conversation again as .jsonl.",
        ) from problem
    return ConversationFile(session, tuple(read), tuple(marks), root)


def _parse_head(values: dict[str, Any]) -> tuple[Session, int, int]:
    version, models, turns = (values.pop(name, -1) for name in ("format", "models", "turns"))
    if type(version) is int and version > FORMAT:
        raise JsonMismatch("was written by a newer rnntui")
    counts = (version, models, turns)
    if version != FORMAT or any(type(count) is not int or count < 0 for count in counts):
        raise JsonMismatch('has no whole number in the fields "format", "models" and "turns"')
    session = _parse_record(Session, values)
    require(1 <= len(session.title) <= LONGEST_TITLE and _is_name(session.title), "title", "no title of one line")
    require(session.join in JOIN_RULES, "join", "no rule that is known")
    require(_is_name(session.model_id), "model_id", "no name")
    require(_is_moment(session.created_at), "created_at", "no moment")
    require(_is_moment(session.updated_at), "updated_at", "no moment")
    require(session.head_turn_id is None or 1 <= session.head_turn_id <= turns, "head", "no number of a turn")
    parts = (session.head_kept, session.head_characters)
    require(parts == (None, None) or None not in parts, "head_kept", "half of a place")
    require(all(part is None or _is_count(part) for part in parts), "head_kept", "a number out of range")
    return session, models, turns


def _parse_root(values: Any) -> SavedState | None:
    if values is None:
        return None
    read = decode_record(_RootLine, values, "root.", rules=_RULES)
    require(_is_name(read.name) and _is_name(read.model_id), "root", "no name")
    require(is_ordinary(read.text_before), "root", "control characters")
    require(all(0 <= token <= _LARGEST_ID for token in read.recent_ids), "root", "a number out of range")
    require(_is_count(read.words_read) and _is_moment(read.created_at), "root", "a number out of range")
    try:
        blob = base64.b64decode(read.blob, validate=True)
    except ValueError as problem:
        raise JsonMismatch('has no memory in the field "root"') from problem
    return SavedState(
        read.name, read.model_id, blob, read.recent_ids, read.words_read, read.text_before, read.created_at
    )


def _parse_mark(values: dict[str, Any]) -> ModelMark:
    mark = decode_record(ModelMark, values)
    names = (mark.model_id, mark.name, *mark.files, *mark.files.values())
    require(all(map(_is_name, names)), "files", "something that is no name")
    return mark


def _parse_turn(values: dict[str, Any], number: int) -> Turn:
    turn = _parse_record(Turn, values)
    require(turn.turn_id == number, "number", f"no {number:,}, which comes next")
    require(turn.parent_id is None or 1 <= turn.parent_id < number, "parent", "no turn that comes before it")
    require(turn.role in ROLES, "role", "no role that is known")
    require(turn.status in STATUSES, "status", "no status that is known")
    require(is_ordinary(turn.text), "text", "control characters")
    require(all(0 <= token <= _LARGEST_ID for token in turn.token_ids), "token_ids", "a number out of range")
    require(len(turn.logprobs) in (0, len(turn.token_ids)), "logprobs", "another count than there are tokens")
    counts = (turn.start_position, turn.words)
    require(all(map(_is_count, counts)), "start_position", "a number out of range")
    starts = [draw.start for draw in turn.draws]
    require(starts == sorted(set(starts)) and all(map(_is_count, starts)), "draws", "places out of order")
    require(all(map(_is_count, (draw.draft for draw in turn.draws))), "draws", "a number out of range")
    require(_is_name(turn.model_id), "model_id", "no name")
    require(_is_moment(turn.created_at), "created_at", "no moment")
    return turn


def _parse_record(kind: type[R], values: dict[str, Any]) -> R:
    for name in (*_SHOWN_AS, *_OF_THE_STORE):
        if name in values:
            raise JsonMismatch(f'has the unknown field "{name}"')
    stored = {_STORED_AS.get(name, name): value for name, value in values.items()}
    hidden = {entry.name: "" for entry in dataclasses.fields(kind) if entry.name in _OF_THE_STORE}  # type: ignore[arg-type]
    return decode_record(kind, {**stored, **hidden}, rules=_RULES)


def _take_kind(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    if values.pop("kind", None) != kind:
        raise JsonMismatch(f'is not of the kind "{kind}"')
    return values


def _is_count(number: int) -> bool:
    return 0 <= number <= LARGEST_POSITION


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and is_ordinary(text) and "\n" not in text and "\t" not in text


def _is_moment(text: str) -> bool:
    try:
        return text == "" or (len(text) <= 40 and text.isascii() and datetime.fromisoformat(text) is not None)
    except ValueError:
        return False


def _fields(card: ModelCard) -> Iterable[tuple[str, Any]]:
    return ((entry.name, getattr(card, entry.name)) for entry in dataclasses.fields(card))
