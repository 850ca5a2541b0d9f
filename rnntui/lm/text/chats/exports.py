"""Records of chat programs -> what was said: one shape for each program, told by the names of its fields.

Knows one record at a time, already out of JSON. What a program wrote itself, and what has no words, is named by kind.
"""

import datetime
import html
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rnntui.lm.text.formats.markup import shown, squeeze_blanks
from rnntui.lm.text.speech import Speech, message_text

Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class LeftOutMessage:
    """A message that is not learned from."""

    kind: str
    """Under which it is counted, such as "system message"."""
    text: str = ""


Message = Speech | LeftOutMessage

SYSTEM, ATTACHMENT, DELETED = "system message", "attachment", "deleted message"
_SPEAKER_NAMES: tuple[str, ...] = (
    "display_name",
    "displayName",
    "nickname",
    "global_name",
    "real_name",
    "name",
    "username",
)
_SPEAKER_NAMES += ("user_name", "screen_name", "role", "email", "id")
_MOST_NODES = 100_000
_MILLISECONDS = 1e11
_SLACK_LINK = re.compile(r"<([@#!]?)([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{5,20}")
_FACEBOOK_NOTICE = re.compile(
    r".{0,80}\b(?:sent an attachment|sent a photo|sent a video|reacted .{1,12} to your message|shared a (?:story|post)|"
    r"liked a message|started a video chat|started a call|missed your (?:video )?call|named the group|"
    r"hat einen Anhang gesendet|a envoyé une pièce jointe|ha enviado un archivo adjunto)\b.{0,80}|"
    r"Reacted \S{1,12} to your message ?",
    re.I,
)
_DISCORD_MENTION = re.compile(r"<a?:(\w{2,32}):[0-9]{5,25}>")
_ROLES_LEFT_OUT = {
    "system": "system prompt",
    "developer": "system prompt",
    "tool": "tool call",
    "function": "tool call",
}


class Names:
    """Names of people by the numbers that a program gives them, as they become known."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._names = dict(known)

    def learn(self, number: object, name: object) -> None:
        """This is how that one is called."""
        if isinstance(number, str) and isinstance(name, str) and name and len(self._names) < _MOST_NODES:
            self._names[number] = name

    def of(self, number: str) -> str:
        """The name, or the number while no name is known."""
        return self._names.get(number, number)


def texts_of(value: object) -> str:
    """The words of a text that may be written in pieces: a string, or a list of strings and of objects with text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(texts_of, value)) if all(isinstance(one, str | dict) for one in value) else ""
    if isinstance(value, dict):
        for key in ("text", "content", "value", "body", "parts"):
            if isinstance(value.get(key), str | list):
                return texts_of(value[key]) if key != "parts" else _blocks(value[key])
    return ""


def _blocks(value: object) -> str:
    """Pieces that are paragraphs of their own."""
    if isinstance(value, list):
        return "\n".join(text for one in value if (text := texts_of(one)))
    return texts_of(value)


def name_of(value: object) -> str:
    """Who a value names: a string, or an object with a name."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for key in _SPEAKER_NAMES:
            if isinstance(value.get(key), str) and value[key]:
                return str(value[key])
    return ""


def seconds_of(value: object) -> float | None:
    """A moment, however it is written: seconds or milliseconds since 1970, or a date with a time."""
    if isinstance(value, str):
        try:
            return datetime.datetime.fromisoformat(value).replace(tzinfo=datetime.UTC).timestamp()
        except (ValueError, OverflowError):
            pass
        try:
            value = float(value) if len(value) < 30 else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds / 1_000 if abs(seconds) > _MILLISECONDS else seconds


def page_text(text: str) -> str:
    """The words of a message that is written as a piece of a web page."""
    return "".join(squeeze_blanks(shown([text]))).strip() if "<" in text else html.unescape(text)


# ---- one function for each program ------------------------------------------------------------------------------


def _telegram(record: Record, _names: Names) -> Message | None:
    if record.get("type") == "service":
        return LeftOutMessage(SYSTEM, f"{name_of(record.get('actor'))} {record.get('action')}")
    if record.get("type") != "message":
        return None
    text = texts_of(record.get("text"))
    if not text.strip():
        return LeftOutMessage(ATTACHMENT, str(record.get("media_type") or record.get("file") or ""))
    when = seconds_of(record.get("date_unixtime") or record.get("date"))
    return Speech(name_of(record.get("from")) or "deleted account", message_text(text), when)


def _discord(record: Record, _names: Names) -> Message | None:
    content = record.get("content")
    if not isinstance(content, str) or not isinstance(record.get("author"), dict):
        return None
    if record.get("type") not in {"Default", "Reply", 0, 19, "0", "19"}:
        return LeftOutMessage(SYSTEM, content)
    if not content.strip():
        return LeftOutMessage(ATTACHMENT)
    text = _DISCORD_MENTION.sub(r":\1:", content)
    return Speech(name_of(record["author"]), message_text(text), seconds_of(record.get("timestamp")))


def _discord_package(record: Record, _names: Names) -> Message | None:
    content = record.get("Contents")
    if not isinstance(content, str):
        return None
    if not content.strip():
        return LeftOutMessage(ATTACHMENT)
    return Speech("", message_text(_DISCORD_MENTION.sub(r":\1:", content)), seconds_of(record.get("Timestamp")))


def mend_bytes(text: str) -> str:
    """UTF-8 whose bytes were written as a character each, as exports of Facebook and Instagram have it."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _facebook(record: Record, _names: Names) -> Message | None:
    content = record.get("content")
    if record.get("is_unsent"):
        return LeftOutMessage(DELETED)
    if not isinstance(content, str) or not content.strip():
        return LeftOutMessage(ATTACHMENT)
    text = mend_bytes(content)
    if _FACEBOOK_NOTICE.fullmatch(text.strip()) or record.get("type") in {"Subscribe", "Unsubscribe", "Call"}:
        return LeftOutMessage(SYSTEM, text)
    return Speech(
        mend_bytes(name_of(record["sender_name"])), message_text(text), seconds_of(record.get("timestamp_ms"))
    )


def slack_text(text: str, names: Names) -> str:
    """A Slack message as it is shown: mentions by name, links by what they say."""

    def plain(found: "re.Match[str]") -> str:
        sign, target, label = found[1], found[2], found[3]
        if sign == "@":
            return f"@{label or names.of(target)}"
        if sign in {"#", "!"}:
            return f"{'#' if sign == '#' else '@'}{(label or target).lstrip('@#')}"
        return label or target

    return html.unescape(_SLACK_LINK.sub(plain, text))


def _slack(record: Record, names: Names) -> Message | None:
    if record.get("type") != "message":
        return None
    profile, user = record.get("user_profile"), record.get("user")
    if isinstance(profile, dict):
        names.learn(user, name_of(profile))
    text = record.get("text")
    subtype = record.get("subtype")
    if subtype and subtype not in {"thread_broadcast", "bot_message", "me_message", "file_comment", "file_share"}:
        return LeftOutMessage(SYSTEM, str(text))
    if not isinstance(text, str) or not text.strip():
        return LeftOutMessage(ATTACHMENT)
    speaker = names.of(user) if isinstance(user, str) else name_of(record.get("username") or record.get("bot_id"))
    return Speech(speaker, message_text(slack_text(text, names)), seconds_of(record.get("ts")))


def slack_users(record: Record, names: Names) -> bool:
    """Learn the name of a member of a Slack workspace; True when the record is one."""
    profile = record.get("profile")
    if not isinstance(profile, dict) or not isinstance(record.get("id"), str):
        return False
    names.learn(record["id"], name_of(profile) or name_of(record))
    return _SLACK_USER.fullmatch(str(record["id"])) is not None and "team_id" in record


def _matrix(record: Record, _names: Names) -> Message | None:
    content = record.get("content")
    if not isinstance(content, dict) or not isinstance(record.get("sender"), str):
        return None
    if record.get("type") != "m.room.message":
        return LeftOutMessage(SYSTEM, str(record.get("type")))
    if content.get("msgtype") not in {"m.text", "m.notice", "m.emote"}:
        return LeftOutMessage(ATTACHMENT, texts_of(content.get("body")))
    text = texts_of(content.get("body"))
    speaker = str(record["sender"]).removeprefix("@").partition(":")[0]
    return Speech(speaker, message_text(text), seconds_of(record.get("origin_server_ts")))


def _google(record: Record, _names: Names) -> Message | None:
    if not isinstance(record.get("creator"), dict):
        return None
    text = texts_of(record.get("text"))
    if record.get("message_state") == "DELETED":
        return LeftOutMessage(DELETED)
    if not text.strip():
        return LeftOutMessage(ATTACHMENT)
    return Speech(name_of(record["creator"]), message_text(text))


def _role(record: Record, _names: Names) -> Message | None:
    """OpenAI's form, also with the role inside of an author, and with the content in parts."""
    author = record.get("author")
    role = record.get("role") or (author.get("role") if isinstance(author, dict) else author)
    if not isinstance(role, str) or not isinstance(record.get("content"), str | list | dict):
        return None
    content = record["content"]
    is_code = isinstance(content, dict) and content.get("content_type") not in {None, "text", "multimodal_text"}
    text = _blocks(content)
    if is_code or role in _ROLES_LEFT_OUT:
        return LeftOutMessage(_ROLES_LEFT_OUT.get(role, "tool call"), text)
    if not text.strip():
        return LeftOutMessage(ATTACHMENT)
    return Speech(name_of(record.get("name")) or role, message_text(text), seconds_of(record.get("create_time")))


def _sharegpt(record: Record, _names: Names) -> Message | None:
    speaker, text = record.get("from"), record.get("value")
    if not isinstance(speaker, str) or not isinstance(text, str):
        return None
    if speaker in _ROLES_LEFT_OUT:
        return LeftOutMessage(_ROLES_LEFT_OUT[speaker], text)
    return Speech(speaker, message_text(text)) if text.strip() else LeftOutMessage(ATTACHMENT)


def _skype(record: Record, _names: Names) -> Message | None:
    content = record.get("content")
    if not isinstance(content, str):
        return None
    if record.get("messagetype") not in {"RichText", "Text"}:
        return LeftOutMessage(SYSTEM, content)
    speaker = name_of(record.get("displayName")) or name_of(record.get("from"))
    text = message_text(page_text(content))
    if not text:
        return LeftOutMessage(DELETED)
    return Speech(speaker, text, seconds_of(record.get("originalarrivaltime")))


def _tweet(record: Record, _names: Names) -> Message | None:
    text = record.get("full_text")
    if not isinstance(text, str):
        return None
    if text.startswith("RT @"):
        return LeftOutMessage("repost", text)
    return Speech(name_of(record.get("user")), message_text(html.unescape(text)), None, is_apart=True)


def _toot(record: Record, _names: Names) -> Message | None:
    """A post of Mastodon."""
    if record.get("type") not in {"Note", "Article"} or not isinstance(record.get("content"), str):
        return None
    text = message_text(page_text(str(record["content"])))
    return Speech("", text, None, is_apart=True) if text else LeftOutMessage(ATTACHMENT)


def _sender(record: Record, _names: Names) -> Message | None:
    """A message of a program that is not known by name."""
    speaker = record.get("sender_name") or record.get("senderName") or record.get("sender") or record.get("from")
    text = next((record[key] for key in ("text", "body", "message", "content") if record.get(key)), None)
    when = next((record[key] for key in _TIMES if record.get(key)), None)
    name = name_of(speaker)
    if not name or when is None or not isinstance(text, str | list):
        return None
    words = message_text(texts_of(text))
    return Speech(name, words, seconds_of(when)) if words else LeftOutMessage(ATTACHMENT)


_TIMES = ("date_unixtime", "timestamp_ms", "timestamp", "ts", "date", "time", "created_at", "createdAt", "datetime")


@dataclass(frozen=True, slots=True)
class Shape:
    """How one program writes a message."""

    name: str
    """In words, as people call such a file."""
    fields: frozenset[str]
    """Fields that every message has."""
    read: Callable[[Record, Names], Message | None]


SHAPES: tuple[Shape, ...] = (
    Shape("a Facebook or Instagram chat", frozenset({"sender_name", "timestamp_ms"}), _facebook),
    Shape("a Telegram chat", frozenset({"id", "type", "date"}), _telegram),
    Shape("a Discord chat", frozenset({"author", "content", "timestamp", "type"}), _discord),
    Shape("Discord messages of one person", frozenset({"Contents", "Timestamp"}), _discord_package),
    Shape("a Slack chat", frozenset({"type", "ts"}), _slack),
    Shape("a Matrix chat", frozenset({"sender", "content", "type"}), _matrix),
    Shape("a Google chat", frozenset({"creator", "created_date"}), _google),
    Shape("a Skype chat", frozenset({"content", "messagetype"}), _skype),
    Shape("messages with roles", frozenset({"role", "content"}), _role),
    Shape("messages with roles", frozenset({"author", "content", "create_time"}), _role),
    Shape("messages with roles", frozenset({"from", "value"}), _sharegpt),
    Shape("posts", frozenset({"full_text"}), _tweet),
    Shape("posts", frozenset({"content", "type", "attributedTo"}), _toot),
    Shape("a chat", frozenset(), _sender),
)
"""In order: the first whose fields are all there, and that can read the record, is taken."""

PAIRS = (
    ("instruction", "input", "output"),
    ("instruction", "context", "response"),
    ("instruction", "response"),
    ("instruction", "output"),
    ("query", "response"),
    ("input", "output"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
    ("Question", "Answer"),
    ("q", "a"),
    ("user", "assistant"),
    ("human", "assistant"),
)
"""Fields of one record that are spoken by turns."""
_PAIRS_BY_NEED = tuple((frozenset(set(pair) - ({"input", "context"} - {pair[0]})), pair) for pair in PAIRS)
"""With the fields that have to be there."""


def read_message(record: Record, names: Names) -> tuple[str, Message] | None:
    """What a record says, and the name of its shape; None when it is no message."""
    for shape in SHAPES:
        if shape.fields <= record.keys() and (message := shape.read(record, names)) is not None:
            return shape.name, message
    return None


def read_pair(record: Record) -> list[Speech]:
    """Question and answer that stand in one record; none when it is no such record."""
    for needed, pair in _PAIRS_BY_NEED:
        if needed <= record.keys() and all(isinstance(record[key], str) for key in needed):
            said = [(key, str(record.get(key) or "")) for key in pair]
            speeches = [Speech(key, message_text(text)) for key, text in said if text.strip()]
            return [Speech(one.speaker, one.text, None, is_apart=at == 0) for at, one in enumerate(speeches)]
    return []


def tree_messages(tree: Record, names: Names) -> Iterator[Message]:
    """Messages of a conversation that is kept as a tree, along the way that was gone last.

    Args:
        tree: Has "mapping", nodes by their id with "parent", "children" and "message", and maybe "current_node".
        names: Of people.
    """
    nodes = tree.get("mapping")
    if not isinstance(nodes, dict):
        return
    at = tree.get("current_node")
    if at not in nodes:
        at = next(reversed(nodes), None)
    way: list[object] = []
    seen = set[object]()
    while isinstance(at, str) and at in nodes and at not in seen:
        seen.add(at)
        node = nodes[at]
        if not isinstance(node, dict):
            break
        way.append(node.get("message"))
        at = node.get("parent")
    for message in reversed(way):
        if isinstance(message, dict) and (found := read_message(message, names)):
            yield found[1]


def in_order(speeches: list[Message]) -> list[Message]:
    """Messages from the oldest to the newest; some programs write the newest first."""
    times = [one.when for one in speeches if isinstance(one, Speech) and one.when is not None]
    if len(times) < 2 or times[0] <= times[-1]:
        return speeches
    falling = sum(after <= before for before, after in itertools.pairwise(times))
    return speeches[::-1] if falling > 0.9 * (len(times) - 1) else speeches
