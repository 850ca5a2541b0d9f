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
_BEFORE_JSON = re.compile(r"\s*[\w.$ ]{1,100}=\s*[\[{]")


def is_json(text: str) -> bool:
    """True for an opening that is plainly JSON: a list of objects or of texts, or an object."""
    return _JSON.match(text) is not None or _ARCHIVE.match(text) is not None


def is_no_json(text: str) -> bool:
    """True for an opening in which no value of JSON begins."""
    begun = text.lstrip()
    return bool(begun) and begun[0] not in '[{"' and not _BEFORE_JSON.match(begun)


SIGNS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (".json", is_json),
    (".chat", lambda text: find_log_form(text) is not None),
    (".transcript", lambda text: bool(find_speakers(text))),
)
"""A suffix, and whether an opening of characters is of its format."""
