"""A text cut into its pieces: words, numbers, single symbols, newlines and white space, each with the space before it.

One regular expression says where, for every script. The library splits by it at 2 MB/s; lines of common Latin and
Cyrillic characters are split by an equal expression of Python's own at ten times that, and a test compares the two.

Joiners, vowel signs, points and other marks stay with their letter, and a picture that is joined of several is one
piece. Earlier versions cut there: their expression is kept for what was learned with it. Knows nothing of vocabularies.
"""

import itertools
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else the library prints on the screen after a fork

from tokenizers import Regex, pre_tokenizers

UNKNOWN_SHOWN = "\ufffd"
LONGEST_PIECE = 64
"""Longer runs of letters are cut: spelling costs the square of the length."""
FIRST_RULES, LATEST_RULES = 1, 2

_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    r"\x{3006}\x{3031}-\x{3035}\x{303C}\x{30FC}\x{FF70}\x{FF9E}\x{FF9F}"  # marks of repetition and of long vowels
)
"""Scripts that are written without spaces between words."""
UNSPACED_LETTER = rf"[\p{{L}}&&[{_UNSPACED}]]"
_STACKED = r"(?<=[\x{1039}\x{17D2}])"  # Burmese and Khmer write the next consonant below
_UNSPACED_UNIT = rf"{UNSPACED_LETTER}\p{{M}}{{0,8}}(?:{_STACKED}{UNSPACED_LETTER}\p{{M}}{{0,8}}){{0,4}}"
"""A letter of such a script with its marks: no word ends inside."""

_LETTER = rf"[\p{{L}}&&[^{_UNSPACED}]][\p{{M}}\x{{200C}}\x{{200D}}\x{{05F3}}]{{0,8}}"  # joiners, the Hebrew geresh
_LETTERS = rf"(?:{_LETTER}){{1,{LONGEST_PIECE}}}"
_HEBREW_SIGN = r"(?<=\p{Hebrew})(?:\x{05F4}(?=\p{Hebrew})|[\"”](?=\p{Hebrew}\p{M}{0,8}(?!\p{L})))"  # of an abbreviation
_INSIDE = rf"(?:['’]|(?<=[lL])·(?=[lL])|{_HEBREW_SIGN})"  # don't, o'clock, col·lecció
_TURNS = r"[\p{M}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]{0,8}"  # what makes another picture of a picture
_PICTURE = rf"\p{{So}}{_TURNS}(?:\x{{200D}}\p{{So}}{_TURNS}){{0,7}}"
_SPACES = (
    r"\n{1,64}",
    r"[^\S\n]{1,32}(?!\S)",  # white space, but the last space before a word belongs to the word
    r"\s",
)
LONGEST_RUN = 200
"""Units; a longer run is cut, as nobody writes it."""


def _split_expression(unspaced: str) -> str:
    return "|".join(
        (
            rf" ?{_LETTERS}(?:{_INSIDE}{_LETTERS}){{0,3}}",
            r" ?\p{N}{1,16}\p{M}{0,8}",
            rf" ?{unspaced}",
            r" ?[\x{1F1E6}-\x{1F1FF}]{2}",  # a flag
            rf" ?{_PICTURE}",
            r" ?[^\s\p{L}\p{N}]\p{M}{0,8}",  # one other symbol
            *_SPACES,
        )
    )


SPLIT = _split_expression(_UNSPACED_UNIT)
RUN_SPLIT = _split_expression(rf"(?:{_UNSPACED_UNIT}){{1,{LONGEST_RUN}}}")
"""The same, but letters of scripts without spaces are one piece as far as they go on."""
_FIRST_LETTER = r"[\p{L}&&[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]"
_FIRST_LETTERS = rf"(?:{_FIRST_LETTER}\p{{M}}{{0,8}}){{1,{LONGEST_PIECE}}}"
_FIRST_SPLIT = "|".join(
    (
        rf" ?{_FIRST_LETTERS}(?:['’]{_FIRST_LETTERS}){{0,3}}",
        r" ?\p{N}{1,16}",
        r" ?[^\s\p{L}\p{N}]",
        r" ?\p{L}",
        *_SPACES,
    )
)
_SPLITS = {FIRST_RULES: Regex(_FIRST_SPLIT), LATEST_RULES: Regex(SPLIT)}
_SINCE_LATEST = re.compile(
    "[\u00b7\u05f3\u05f4\u200c\u200d\u3006\u3031-\u3035\u303c\u30fc\uff70\uff9e\uff9f"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
"""Characters, beside marks and what Hebrew has, around which the two expressions differ."""
_BLOCK = 1 << 16
_LOOKS_AHEAD = 12
"""So many characters behind a piece may decide where it ends."""
_LINE = re.compile(r"[^\n]+\n*|\n+")
_COMMON_RANGES = (
    (0x09, 0x0A),
    (0x20, 0x7E),
    (0xA0, 0xB6),  # Latin, but for the dot of col·lecció
    (0xB8, 0x24F),
    (0x400, 0x481),  # Cyrillic
    (0x48A, 0x52F),
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2030, 0x205E),
)
COMMON = "".join(chr(code) for first, last in _COMMON_RANGES for code in range(first, last + 1))
"""Characters whose pieces Python's own expressions find; whatever else stands in a line leaves it to the library."""
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_HEBREW = re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]")


def rules_of(alphabet: Iterable[str]) -> int:
    """By which rules a text of these characters is split: the first where those of today give the same."""
    for character in alphabet:
        is_mark = unicodedata.category(character)[0] == "M"
        if is_mark or _SINCE_LATEST.match(character) or _HEBREW.match(character):
            return LATEST_RULES
    return FIRST_RULES


def split(text: str, rules: int = LATEST_RULES) -> list[str]:
    """The pieces of a text in order; joined they are the text, with U+FFFD for lone surrogates."""
    found: list[str] = []
    for block in blocks(text):
        found += split_block(block, rules)
    return found


def split_block(block: str, rules: int = LATEST_RULES) -> list[str]:
    """The pieces of one block, as `blocks` cuts a text."""
    found: list[str] = []
    for is_plain, lines in runs_of_lines(block, _IS_COMMON):
        if is_plain:
            found += split_common(lines)
        else:
            found += [piece for piece, _ in _LIBRARY_SPLITS[rules].pre_tokenize_str(lines)]
    return found


def split_common(lines: str) -> list[str]:
    """The pieces of lines of COMMON characters alone."""
    return _COMMON_SPLIT.findall(lines)


def library_split(rules: int) -> pre_tokenizers.PreTokenizer:
    """What splits any lines."""
    return pre_tokenizers.Split(_SPLITS[rules], behavior="isolated")


def blocks(text: str | Iterable[str]) -> Iterator[str]:
    """Cut a long text where no piece is cut: before a newline, else before a space, else before the last piece.

    Args:
        text: As a whole, or in parts of any sizes; where the parts end makes no difference. An empty part comes out as
            an empty block: a sign of life from long work.
    """
    rest = ""
    for part in (text,) if isinstance(text, str) else text:
        if not part and part is not text:
            yield ""
        rest, start = rest + _without_surrogates(part), 0
        while len(rest) - start > _BLOCK:
            cut = _block_end(rest, start)
            yield rest[start:cut]
            start = cut
        rest = rest[start:]
    if rest:
        yield rest


def _block_end(text: str, start: int) -> int:
    cut = text.rfind("\n", start + 1, start + _BLOCK)
    while cut > start and text[cut - 1] == "\n":
        cut -= 1
    if cut <= start:
        cut = text.rfind(" ", start + 1, start + _BLOCK)
        while cut > start and text[cut - 1].isspace():
            cut -= 1
    return cut if cut > start else _last_piece_start(text, start, start + _BLOCK)


def _last_piece_start(text: str, start: int, end: int) -> int:
    """Where a late piece of text[start:end] begins, or `end` if there is no place to cut.

    Not between white space and a word: white space at the end of a block would be split as if nothing followed. Nor so
    near the end that what follows could belong to the piece before: "don" and "'t" are one. Nor inside a run of letters
    without spaces, as far as runs go.
    """
    cut = end
    for piece, _ in reversed(_RUN_SPLIT.pre_tokenize_str(text[start:end])):
        cut -= len(piece)
        is_settled = cut > start and end - cut > _LOOKS_AHEAD
        if is_settled and (text[cut].isspace() or not text[cut - 1].isspace()):
            return cut
    return end


def runs_of_lines(block: str, is_plain: Callable[[str], bool]) -> Iterator[tuple[bool, str]]:
    """A block, or runs of its lines, each with whether Python's own expressions split it. No piece spans two lines."""
    if is_plain(block):
        yield True, block
        return
    for plainness, lines in itertools.groupby(_LINE.findall(block), is_plain):
        yield plainness, "".join(lines)


def only_characters(characters: Iterable[str]) -> Callable[[str], bool]:
    """A function that says whether a text is made of these characters alone."""
    listed = _character_class(characters)
    others = re.compile(f"[^{listed}]" if listed else r"[\s\S]")
    return lambda text: others.search(text) is None


def _common_split() -> "re.Pattern[str]":
    """SPLIT for text of COMMON characters, in the words of Python's expressions, which know no classes of letters."""
    letter = f"[{_character_class(character for character in COMMON if unicodedata.category(character)[0] == 'L')}]"
    number = _character_class(character for character in COMMON if unicodedata.category(character)[0] == "N")
    word = rf" ?{letter}{{1,{LONGEST_PIECE}}}(?:['’]{letter}{{1,{LONGEST_PIECE}}}){{0,3}}"
    symbol = rf" ?[^\s{number}{letter[1:-1]}]"
    return re.compile("|".join((word, rf" ?[{number}]{{1,16}}", symbol, r"\n{1,64}", r"[^\S\n]{1,32}(?!\S)", r"\s")))


def _character_class(characters: Iterable[str]) -> str:
    """The inside of a character class, neighbours as ranges: a class of ranges is tested faster."""
    codes = sorted(map(ord, characters))
    runs = itertools.groupby(enumerate(codes), lambda entry: entry[1] - entry[0])
    ends = [[code for _, code in run] for _, run in runs]
    return "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in ends)


_COMMON_SPLIT = _common_split()
_IS_COMMON = only_characters(COMMON)
_RUN_SPLIT = pre_tokenizers.Split(Regex(RUN_SPLIT), behavior="isolated")
_LIBRARY_SPLITS = {rules: library_split(rules) for rules in _SPLITS}


def _without_surrogates(text: str) -> str:
    """The library reads UTF-8, which has no lone surrogates."""
    return text if text.isascii() else _SURROGATES.sub(UNKNOWN_SHOWN, text)
