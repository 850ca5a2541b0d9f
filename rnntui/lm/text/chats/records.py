"""JSON in any common shape -> the text in it: what was said in a chat, or what stands in one field of many records.

Decides by what comes first. Knows decoded text in parts; an empty part is a sign of life.
"""

import html
import itertools
import re
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from rnntui.errors import CorpusError
from rnntui.lm.text.chats.exports import (
    DELETED,
    Message,
    Names,
    Record,
    in_order,
    page_text,
    read_message,
    read_pair,
    seconds_of,
    slack_users,
    tree_messages,
)
from rnntui.lm.text.chats.json_stream import EACH, LongText, Path, json_values
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import SILENCE, Speech, message_text, write_out
from rnntui.records import ReadOptions
from rnntui.text import visible_line

T = TypeVar("T")

_LOOKED_AT = 400
_LOOKED_AT_CHARACTERS = 1 << 20
_MOST_FIELDS = 1_000
_LONGEST_NAME = 300
_MOST_LINES = 200
_LONGEST_LINE = 200
_MANY_NAMES = 20
_CHAT_SHARE = 0.3
"""Of all words, so many in messages make a chat; the rest tells of it."""
_TOGETHER = 1 << 14
_BETWEEN_SIGNS = 1 << 12
"""Entries of a list between two signs of life."""
_SPACED = re.compile(r"\S\s+\S")
_UNSPACED_LETTER = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_MARKUP = re.compile(
    r"</\w|<(?:br|p|div|a|i|b|em|strong|blockquote)\b[^<>]{0,300}>|&(?:[a-z]{2,8}|#\d{1,6}|#x\w{1,5});"
)
_REMOVED = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})

TEXT_FIELDS = frozenset(
    {"text", "content", "contents", "body", "message", "full_text", "value", "msg", "comment", "selftext", "caption"}
    | {
        "line",
        "dialogue",
        "utterance",
        "quote",
        "sentence",
        "paragraph",
        "article",
        "story",
        "lyrics",
        "poem",
        "review",
    }
    | {"tweet", "post", "reply", "transcript", "speech", "said", "abstract", "description", "answer", "output", "lines"}
)
"""What people call the field or column that holds the text, in small letters."""
SPEAKER_FIELDS = (
    *("speaker", "sender", "sender_name", "sendername", "from", "author", "user", "username", "user_name", "nick"),
    *("nickname", "role", "character", "who", "name", "participant", "screen_name", "display_name", "person", "by"),
    *("author_name", "user_screen_name", "player", "said_by", "from_name"),
)
"""What people call the field or column that says who speaks; the first is believed most."""
_TIME_FIELDS = frozenset(
    {"date", "timestamp", "time", "ts", "created_at", "createdat", "datetime", "when", "created_utc"}
)
_NAMES_INSIDE = frozenset({"name", "username", "display_name", "displayname", "screen_name", "nickname", "real_name"})


@dataclass(slots=True)
class _Item:
    """What was found in one place."""

    fields: dict[str, str] = field(default_factory=dict)
    """Texts by the names of the fields, those inside of objects with dots."""
    shape: str = ""
    message: Message | None = None

    def __len__(self) -> int:
        """Characters of words."""
        if self.message is not None:
            return len(self.message.text) + 1
        return sum(len(text) for text in self.fields.values()) + 1


def read_json(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """JSON, one value or many after each other: a chat as messages, records by the field with the text.

    Args:
        parts: The file.
        reading: Its `field` says which field; dots lead into objects ("message.text"). Empty takes what is said in a
            chat, else the field with most words. Its `speakers` say whose words.
        findings: Told what was chosen and left out.

    Raises:
        CorpusError: If nothing has that field, or nothing in it can be read.
    """
    items = _Walk(findings, are_messages_known=not reading.field).items(json_values(parts, findings))
    first = yield from take_first(items)
    said = sum(len(item) for item in first if item.message is not None)
    everything = itertools.chain(first, items)
    if said and said > _CHAT_SHARE * sum(map(len, first)):
        shapes = Counter(item.shape for item in first if item.shape)
        findings.format = shapes.most_common(1)[0][0]
        yield from write_out(_speeches(everything, findings), reading, findings)
        return
    yield from _fields(first, everything, reading, findings)


def _speeches(items: Iterable[_Item | None], findings: Findings) -> Iterator[Speech]:
    for item in items:
        message = item.message if item else None
        if isinstance(message, Speech):
            yield message
            continue
        if message is not None:
            findings.leave_out(message.kind, message.text)
        yield SILENCE


# ---- from values to items ---------------------------------------------------------------------------------------


class _Walk:
    """Goes through values and finds messages, and records with texts."""

    def __init__(self, findings: Findings, *, are_messages_known: bool) -> None:
        self._findings = findings
        self._are_messages_known = are_messages_known
        self._names = Names(findings.people)

    def items(self, values: Iterable[tuple[Path, object] | None]) -> Iterator[_Item | None]:
        """What is in them, in order; None is a sign of life."""
        for found in values:
            if found is None:
                yield None
                continue
            try:
                yield from self._walk(*found)
            except RecursionError:
                self._findings.skipped += 1

    def _walk(self, path: Path, value: object) -> Iterator[_Item | None]:
        if isinstance(value, str):
            yield _Item({_name(path): value})
        elif isinstance(value, list):
            yield from self._list(path, value)
        elif isinstance(value, dict):
            yield from self._object(path, value)

    def _list(self, path: Path, values: list[object]) -> Iterator[_Item | None]:
        if path and all(isinstance(one, str) for one in values) and values:
            yield _Item({_name(path): "\n".join(map(str, values))})
            return
        inner = (*path, EACH)
        if not values or not isinstance(values[0], dict) or read_message(values[0], self._names) is None:
            for at, value in enumerate(
                values
            ):  # one by one: each can take much more memory as an item than in the list
                if at % _BETWEEN_SIGNS == 0:
                    yield None
                if value:
                    yield from self._walk(inner, value)
            return
        found = [item for value in values for item in self._walk(inner, value) if item is not None]
        messages = [item.message for item in found if item.message is not None]
        if not messages or len(messages) < len(found):
            yield from found
            return
        shapes = found[0].shape
        is_begun = False
        for message in in_order(messages):
            if isinstance(message, Speech) and not is_begun:
                is_begun = True
                message = Speech(message.speaker, message.text, message.when, is_apart=True)
            yield _Item(shape=shapes, message=message)

    def _object(self, path: Path, record: Record) -> Iterator[_Item | None]:
        if self._are_messages_known:
            if isinstance(record.get("mapping"), dict):
                messages = list(tree_messages(record, self._names))
                yield from self._conversation("ChatGPT conversations", messages)
                if messages:
                    return
            if found := read_message(record, self._names):
                yield _Item(shape=found[0], message=found[1])
                return
            if pair := read_pair(record):
                yield from (_Item(shape="questions and answers", message=speech) for speech in pair)
                return
            if slack_users(record, self._names) or _is_channel(record):
                self._findings.leave_out("member or channel description", str(record.get("name")))
                return
            for value in record.values():
                if isinstance(value, dict) and (found := read_message(value, self._names)):
                    yield _Item(shape=found[0], message=found[1])
                    return
        values = list(record.values())
        if len(values) > 1 and _are_alike(values):
            for value in values:
                yield from self._walk((*path, EACH), value)
            return
        texts, others = flat_texts(record, path)
        if texts:
            yield _Item(texts)
        for inner, value in others:
            yield from self._walk(inner, value)

    def _conversation(self, shape: str, messages: list[Message]) -> Iterator[_Item]:
        is_begun = False
        for message in messages:
            if isinstance(message, Speech) and not is_begun:
                is_begun = True
                message = Speech(message.speaker, message.text, message.when, is_apart=True)
            yield _Item(shape=shape, message=message)


def _is_channel(record: Record) -> bool:
    """True for what Slack tells of a channel."""
    return {"id", "created", "members", "topic", "purpose"} <= record.keys()


def _are_alike(values: list[object]) -> bool:
    """True for the values of an object that is a list with names: all lists, or objects with a common field."""
    if all(isinstance(value, list) for value in values):
        return True
    objects = [value for value in values if isinstance(value, dict)]
    return len(objects) == len(values) and bool(set(objects[0]).intersection(*objects[1:]))


def _name(path: Path) -> str:
    return ".".join(part for part in path if part != EACH)[:_LONGEST_NAME] or "text"


def flat_texts(record: Record, path: Path = ()) -> tuple[dict[str, str], list[tuple[Path, object]]]:
    """Texts of a record by the names of its fields, and lists in it that hold records of their own.

    Args:
        record: As it came out of JSON.
        path: The way to it.
    """
    texts: dict[str, str] = {}
    others: list[tuple[Path, object]] = []
    waiting: deque[tuple[Path, Record]] = deque([(path, record)])
    for _ in range(_MOST_FIELDS):  # an object of a thousand objects is no record of text
        if not waiting:
            break
        before, values = waiting.popleft()
        for key, value in values.items():
            if len(texts) >= _MOST_FIELDS or len(key) > _LONGEST_NAME:
                break
            place = (*before, key)
            if isinstance(value, str):
                texts[_name(place)] = value
            elif isinstance(value, dict):
                if len(value) > 1 and _are_alike(list(value.values())):
                    others.append((place, value))
                else:
                    waiting.append((place, value))
            elif isinstance(value, list) and value:
                lines = [one for one in value if isinstance(one, str)]
                if len(lines) == len(value) <= _MOST_LINES and sum(map(len, lines)) <= _LONGEST_LINE * len(lines):
                    texts[_name(place)] = "\n".join(lines)
                elif lines and len(lines) == len(value):
                    others += [((*place, EACH), line) for line in lines]
                else:
                    others.append((place, value))
    return texts, others


# ---- records with a field of text -------------------------------------------------------------------------------


def _fields(
    first: list[_Item], everything: Iterable[_Item | None], reading: ReadOptions, findings: Findings
) -> Iterator[str]:
    records = [item.fields for item in first if item.fields]
    if not records and not findings.skipped and not reading.field:
        return  # nothing but numbers, or what is left out
    scores = field_scores(records)
    findings.format = "JSON"
    if not reading.field and _is_all_text(records, scores):
        chosen, speaker = "", ""
    else:
        chosen = choose_field(reading.field, scores, "field", "JSON", findings)
        speaker = speaker_field(records, chosen, is_asked=bool(reading.speakers))
    fields = (item.fields if item else {} for item in everything)
    beside = frozenset(name for record in records if chosen in record for name in record)
    if speaker:
        said = _said(fields, chosen, speaker, time_field(records), beside, findings)
        yield from write_out(said, reading, findings)
    else:
        yield from together(_texts(fields, chosen, beside, findings))


def _texts(fields: Iterable[dict[str, str]], chosen: str, beside: frozenset[str], findings: Findings) -> Iterator[str]:
    """The chosen field, or with none all that has words; empty texts are signs of life.

    A record with a field that stands `beside` the chosen one elsewhere, and without the chosen one, is counted.
    """
    for texts in fields:
        if not texts:
            yield ""
        elif not chosen:
            yield from (record_text(text, findings) for text in texts.values() if is_words(text))
        elif chosen in texts:
            yield record_text(texts[chosen], findings)
        elif not beside.isdisjoint(texts):
            findings.leave_out(WITHOUT_TEXT, next(iter(texts.values())))


def _said(
    fields: Iterable[dict[str, str]],
    chosen: str,
    speaker: str,
    time: str,
    beside: frozenset[str],
    findings: Findings,
) -> Iterator[Speech]:
    for texts in fields:
        text = message_text(record_text(texts.get(chosen, ""), findings))
        when = seconds_of(texts.get(time)) if time else None
        yield Speech(texts.get(speaker, ""), text, when) if text else SILENCE
        if texts and not text and not beside.isdisjoint(texts):
            findings.leave_out(WITHOUT_TEXT, next(iter(texts.values())))


WITHOUT_TEXT = "short or empty record"


def record_text(text: str, findings: Findings) -> str:
    """A text as it is read: without markup of pages, and nothing where it was deleted."""
    if text in _REMOVED:
        findings.leave_out(DELETED, text)
        return ""
    if isinstance(text, LongText) or not _MARKUP.search(text):
        return text
    findings.treated["records with marks of web pages"] += 1
    return page_text(text) if "<" in text else html.unescape(text)


def is_words(text: str) -> bool:
    """True for a text of words, False for an address, a number, an id."""
    start = text[:2_000]
    return bool(_SPACED.search(start) or _UNSPACED_LETTER.search(start)) and any(map(str.isalpha, start))


def field_scores(records: Iterable[dict[str, str]]) -> "Counter[str]":
    """How likely each field is to be the text: its characters of words, more for a name that says so."""
    scores: Counter[str] = Counter()
    for record in records:
        for name, text in record.items():
            last = name.rpartition(".")[2].lower()
            weight = 60 if last in TEXT_FIELDS else 5 if "html" in last else 20
            scores[name] += len(text) * (weight if is_words(text) else 1)
    return scores


def choose_field(wished: str, scores: "Counter[str]", kind: str, what: str, findings: Findings) -> str:
    """The field with the text: the one that a person named, or the likeliest.

    Args:
        wished: By its whole name, or the end of it from a dot on; empty when nobody named one.
        scores: Of all fields.
        kind: What a field is called: "field", "column".
        what: The format, in words.
        findings: Told what was chosen.

    Raises:
        CorpusError: If there is none of that name, or none at all.
    """
    names = [name for name, _ in scores.most_common()]
    if not names:
        raise CorpusError(f"It does not look like {what}: nothing in it can be read.", "Save it as plain text first.")
    listed = ", ".join(f'"{visible_line(name, 40)}"' for name in names[:8])
    if not wished:
        if len(names) > 1:
            first, _, others = listed.partition(", ")
            findings.remarks.append(f"The text was taken from the {kind} {first}; --field takes another: {others}.")
        return names[0]
    chosen = next((name for name in names if name == wished or name.endswith(f".{wished}")), None)
    chosen = chosen or next((name for name in names if name.casefold() == wished.strip().casefold()), None)
    if chosen is None:
        raise CorpusError(f'There is no {kind} "{visible_line(wished, 60)}" in it.', f"There are {listed}.")
    return chosen


def speaker_field(records: list[dict[str, str]], chosen: str, *, is_asked: bool = False) -> str:
    """The field that says who speaks; empty when none does.

    Names of speakers are short and come again: a field that has another value in most records names something else.

    Args:
        records: The first ones.
        chosen: The field with the text.
        is_asked: True when a person wants to hear one speaker: then also many different names are speakers.
    """
    with_text = [record for record in records if record.get(chosen)]
    parent = chosen.rpartition(".")[0]
    found = [name for name in dict.fromkeys(itertools.chain(*with_text)) if name != chosen and _speaker_rank(name) >= 0]
    found.sort(key=lambda name: (not name.startswith(parent), _speaker_rank(name)))
    for name in found:
        names = [record[name] for record in with_text if record.get(name)]
        is_short = all(len(value) <= 100 and "\n" not in value for value in names)
        is_talk = 1 < len(set(names)) <= max(2, len(names) / 2)
        if len(names) >= 0.5 * len(with_text) and is_short and (is_talk or is_asked):
            return name
    return ""


def time_field(records: list[dict[str, str]]) -> str:
    """The field that says when something was said; empty when none does."""
    names = dict.fromkeys(itertools.chain(*records))
    for name in names:
        if name.rpartition(".")[2].lower().replace(" ", "_") in _TIME_FIELDS:
            told = [seconds_of(record[name]) for record in records if record.get(name)]
            if told and None not in told:
                return name
    return ""


def _speaker_rank(name: str) -> int:
    """How early a field stands among those that say who speaks; below 0 for another one."""
    parts = name.lower().replace(" ", "_").split(".")
    for part in (parts[-1], parts[-2] if len(parts) > 1 and parts[-1] in _NAMES_INSIDE else ""):
        if part in SPEAKER_FIELDS and not (part == "name" and len(parts) > 1 and parts[-2] not in SPEAKER_FIELDS):
            return SPEAKER_FIELDS.index(part)
    return -1


def _is_all_text(records: list[dict[str, str]], scores: "Counter[str]") -> bool:
    """True for an object whose fields are names of texts, not kinds of text."""
    if len(scores) < 2:
        return False
    best = scores.most_common(1)[0][0].rpartition(".")[2].lower()
    if len(records) == 1:
        return best not in TEXT_FIELDS or len(scores) > _MANY_NAMES
    return len(scores) > max(_MANY_NAMES, 0.5 * len(records))


# ---- shared with tables -----------------------------------------------------------------------------------------


def take_first(source: Iterator[T | None], length: Callable[[T], int] = len) -> Generator[str, None, list[T]]:  # type: ignore[assignment]
    """What comes first, enough to choose by; nothing and empty ones are signs of life."""
    found: list[T] = []
    characters = 0
    for entry in source:
        if entry:
            found.append(entry)
            characters += length(entry)
        else:
            yield ""
        if len(found) >= _LOOKED_AT or characters >= _LOOKED_AT_CHARACTERS:
            break
    return found


def together(texts: Iterable[str]) -> Iterator[str]:
    """Texts with an empty line after each, short ones together."""
    waiting: list[str] = []
    length = 0
    for text in texts:
        if isinstance(text, LongText) and text.goes_on:
            waiting.append(text)
        elif text.strip():
            waiting.append(f"{text}\n\n")
        length += len(text)
        if length >= _TOGETHER or not text:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)
