"""What files of chats, mail and records begin with."""

import re
from collections.abc import Callable

from rnntui.lm.text.chats.log_heads import find_log_form
from rnntui.lm.text.chats.transcripts import find_speakers

_JSON = re.compile(
    r'\s*(?:\[\s*(?:\[\s*)*(?:\{\s*(?:"|\}|\Z)|"(?:[^"\\]|\\.){0,2000}(?:"\s*[,\]]|\Z))|\{\s*"(?:[^"\\\n]|\\.){0,300}"\s*:)'
)
_ARCHIVE = re.compile(r"\s*window\.YTD\.[\w.]{1,100} = [\[{]")
"""What an archive of Twitter has before it."""
_LETTER_OF_FOLDER = re.compile(r"From \S.{0,200}(?:\d\d:\d\d|\d{4})")
_FIELD_OF_HEAD = re.compile(r"([A-Za-z][\w-]{1,60}):")
_BEFORE_JSON = re.compile(r"\s*[\w.$ ]{1,100}=\s*[\[{]")


def is_json(text: str) -> bool:
    """True for an opening that is plainly JSON: a list of objects or of texts, or an object."""
    return _JSON.match(text) is not None or is_archive(text)


def is_archive(text: str) -> bool:
    """True for an opening of a file of an archive of Twitter, which is called .js and is JSON."""
    return _ARCHIVE.match(text) is not None


def is_no_json(text: str) -> bool:
    """True for an opening in which no value of JSON begins."""
    begun = text.lstrip()
    return bool(begun) and begun[0] not in '[{"' and not _BEFORE_JSON.match(begun)


def is_mail(text: str) -> bool:
    """True for an opening that is the head of a letter."""
    begun = text.lstrip("\n")
    if _LETTER_OF_FOLDER.match(begun):
        begun = begun.partition("\n")[2]
    head = begun[:20_000].partition("\n\n")[0].split("\n")
    fields = {found[1].lower() for line in head if (found := _FIELD_OF_HEAD.match(line))}
    is_head = all(_FIELD_OF_HEAD.match(line) or line[:1] in {" ", "\t"} for line in head[:-1]) and len(fields) >= 3
    return is_head and "from" in fields and bool(fields & {"date", "message-id", "received", "mime-version"})


SIGNS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (".json", is_json),
    (".mbox", is_mail),
    (".chat", lambda text: find_log_form(text) is not None),
    (".transcript", lambda text: bool(find_speakers(text))),
)
"""A suffix, and whether an opening of characters is of its format."""
