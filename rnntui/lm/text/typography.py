"""One form of quotes, dashes and dots for prose: “ ” ‘ ’ — … whatever a typewriter, a scanner or a publisher used.

Half of all plain-text books write "straight" marks and two hyphens, the other half typographic ones: a model that has
read both knows each word twice, once after every form. The rules look at the neighbours of a mark and at nothing else,
so that a text may be read in parts; an apostrophe at the start of a word is told from an opening quote by a list.
Knows nothing of files.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

_LONGEST_PART = 1 << 17
_ELISIONS = (
    "tisn|tis|twasn|twas|twere|twill|twouldn|twould|twon|twixt|tain|tother|em|im|imself|erself|bout|cause|neath|gainst|"
    "mongst|un|uns|nuff|ave|avin|aving|ere|e|eard|ead|eart|ome|ouse|orses|orse|ope|undred|alf|ospital|elp|ates|fraid|"
    "pon|til|scuse|spect|spose|nother|tweren|tween|bye|bus|phone|ud|sylum|ungry|ard|arder|oss|osses|taters|tecs|stead|"
    "speriment|rithmetic|cording"
)
"""Words that lost their beginning; those that are also whole words ('is, 'er, 'ow) are taken for quoted ones."""
_DOUBLE = re.compile(r'["\u201f\u2033]')
_SINGLE = re.compile(r"['`\u00b4\u2032]")
_OPENS_AFTER = "([{\u201c\u2018<"
_QUOTES_WORD = re.compile(r"['\u2018\u2019][^\W_]")
_DASHES = "\u2014\u2013-"
_ELIDED = re.compile(rf"(?:{_ELISIONS})(?![^\W\d_])|\d\ds?\b", re.I)
_DOTS = re.compile(r"(?<!\.)\.[ \u00a0]\.[ \u00a0]\.(?![ \u00a0]?\.)|(?<!\.)\.\.\.(?=\.?(?!\.))")
"""Three, or the first three of four: the fourth ends the sentence."""
_STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "`": "'"})
_LONG_DASH = re.compile(r"(?<!-)-{4}(?!-)")
_DASH = re.compile(r"(?<!-)-{2,3}(?!-)|\u2015")
_SPACES = re.compile(r"(?<=\S) {2,}(?=\S)")
_SPACED_DASH = re.compile(r"(?<=[^\s\u2014]) [\u2014\u2013] (?=[^\s\u2014])")


def has_straight_marks(text: str) -> bool:
    """Whether quotes or dashes stand in a text as a typewriter has them."""
    return '"' in text or "'" in text or "--" in text


def straighten_quotes(text: str) -> str:
    """The text with the quotes of a typewriter, character by character, so that both forms compare as equal."""
    return text.translate(_STRAIGHT)


def typographic(text: str) -> str:
    """A text with typographic marks; one that has them already stays as it is.

    Straight quotes open before a word and close after one; two or three hyphens are one dash, four the long one for
    what is left unsaid; a dash has no spaces; three dots are one character; between two words, also after the end of a
    sentence, stands one space.
    """
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if '"' in text or "\u2033" in text or "\u201f" in text:
        text = _DOUBLE.sub(_turn_double, text)
    if "'" in text or "`" in text or "\u00b4" in text or "\u2032" in text:
        text = _SINGLE.sub(_turn_single, text)
    if "--" in text or "\u2015" in text:
        text = _DASH.sub("\u2014", _LONG_DASH.sub("\u2014\u2014", text))
    if " \u2014 " in text or " \u2013 " in text:
        text = _SPACED_DASH.sub("\u2014", text)
    return _DOTS.sub("\u2026", text) if ".." in text or ". ." in text else text


def typographic_parts(parts: Iterable[str]) -> Iterator[str]:
    """The same for a text in parts of any sizes, whose ends make no difference; an empty part is given on.

    Args:
        parts: The text; a paragraph longer than a hundred thousand characters may be cut at a space.
    """
    rest = ""
    for part in itertools.chain(parts, (None,)):
        if part == "":
            yield ""
            continue
        text = rest + (part or "")
        cut = len(text) if part is None else text.rfind("\n") + 1
        if not cut and len(text) > _LONGEST_PART:
            cut = text.rfind(" ", 0, len(text) - 8) + 1
        rest = text[cut:]
        if cut:
            yield typographic(text[:cut])


def is_elided(text: str, at: int) -> bool:
    """Whether a word that lost its beginning stands at a place of a text, behind its apostrophe."""
    return _ELIDED.match(text, at) is not None


def _turn_double(found: re.Match[str]) -> str:
    before, after = _neighbours(found)
    if not before or before.isspace() or before in _OPENS_AFTER:
        return "\u201c" if after and not after.isspace() else "\u201d"
    if before in _DASHES or before in "'\u2019":
        return "\u201c" if after.isalnum() or _QUOTES_WORD.match(found.string, found.end()) else "\u201d"
    return "\u201d"


def _turn_single(found: re.Match[str]) -> str:
    before, after = _neighbours(found)
    if before.isalnum() or not after or after.isspace():
        return "\u2019"
    if found[0] == "`":
        return "\u2018"
    opens = not before or before.isspace() or before in _OPENS_AFTER or before in _DASHES or before == '"'
    if not opens or not (after.isalnum() or after in '"\u201c\u2014-\u2026.(['):
        return "\u2019"
    return "\u2019" if is_elided(found.string, found.end()) else "\u2018"


def _neighbours(found: re.Match[str]) -> tuple[str, str]:
    """The characters beside a mark; an empty one at an end of the text."""
    text = found.string
    return text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
