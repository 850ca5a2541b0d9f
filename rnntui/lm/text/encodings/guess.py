"""Which code page some bytes are in: the one in which they are the least surprising as a text of any language.

Every candidate is read; each reading is scored with what letters follow which in some forty languages, and with what
stands side by side in any text. The best reading is compared with the best that reads otherwise.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnntui.lm.text.encodings import east_asian
from rnntui.lm.text.encodings.kinds import Kind, kind_of, neighbours, small
from rnntui.lm.text.encodings.languages import Language, Whole, languages
from rnntui.text import visible_line

_SINGLE = {
    "cp1252": 0.0, "cp1251": 0.0, "cp1250": 0.0, "cp1253": 0.0, "cp1254": 0.5, "cp1255": 0.0, "cp1256": 0.0,
    "cp1257": 0.5, "cp1258": 1.0, "cp874": 0.0, "koi8_r": 0.5, "koi8_u": 1.0, "iso8859_1": 1.0, "iso8859_2": 1.0,
    "iso8859_3": 3.0, "iso8859_4": 3.0, "iso8859_5": 2.0, "iso8859_6": 2.0, "iso8859_7": 1.0, "iso8859_8": 1.0,
    "iso8859_9": 1.0, "iso8859_10": 3.5, "iso8859_13": 2.0, "iso8859_14": 3.0, "iso8859_15": 1.5, "iso8859_16": 3.0,
    "cp850": 1.0, "cp437": 1.2, "cp852": 1.2, "cp855": 3.0, "cp866": 0.5, "cp737": 2.0, "cp775": 2.0, "cp857": 2.0,
    "cp858": 2.5, "cp860": 3.0, "cp861": 3.0, "cp862": 2.0, "cp863": 3.0, "cp864": 4.0, "cp865": 2.5, "cp869": 3.0,
    "cp1125": 3.0, "cp720": 3.0, "mac_roman": 1.0, "mac_cyrillic": 2.0, "mac_greek": 3.0, "mac_latin2": 3.0,
    "mac_turkish": 3.0, "mac_iceland": 4.0, "mac_croatian": 4.0, "mac_romanian": 4.0, "kz1048": 5.0, "koi8_t": 6.0,
}  # fmt: skip
"""Code pages of one byte for a character, with how unusual each is, in nats."""
_WEST = "en de fr es it pt nl ca sv da no fi is ga sq"
_CENTRE, _BALTIC, _CYRILLIC = "pl cs sk hu ro hr sl sq", "et lv lt", "ru uk be bg mk sr"
_HOMES = {
    **dict.fromkeys(("cp1250", "iso8859_2", "iso8859_16", "cp852", "mac_latin2"), _CENTRE),
    **dict.fromkeys(("mac_croatian",), "hr sl"),
    **dict.fromkeys(("mac_romanian",), "ro"),
    **dict.fromkeys(("cp1257", "iso8859_4", "iso8859_13", "cp775"), _BALTIC),
    **dict.fromkeys(("cp1254", "iso8859_9", "cp857", "mac_turkish"), "tr"),
    **dict.fromkeys(("cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp855", "cp866", "cp1125", "mac_cyrillic"), _CYRILLIC),
    **dict.fromkeys(("cp1253", "iso8859_7", "cp737", "cp869", "mac_greek"), "el"),
    **dict.fromkeys(("cp1255", "iso8859_8", "cp862"), "he"),
    **dict.fromkeys(("cp1256", "iso8859_6", "cp720", "cp864"), "ar fa"),
    **{"cp1258": "vi", "cp874": "th", "iso8859_3": "mt eo tr", "iso8859_10": "is sv no et lv lt"},
    **{"iso8859_14": "ga cy", "cp860": "pt", "cp861": "is", "mac_iceland": "is", "cp863": "fr", "cp865": "da no"},
}  # fmt: skip
"""The languages for which a code page was made; for those that are not named, Western ones."""
_NOT_AT_HOME = 5.0
_DOUBLE = {
    "cp932": ("ja",), "euc_jp": ("ja",), "euc_jis_2004": ("ja",), "shift_jis_2004": ("ja",), "gb18030": ("zh",),
    "cp950": ("zh-hant",), "big5hkscs": ("zh-hant",), "cp949": ("ko",), "johab": ("ko",),
}  # fmt: skip
_UNUSUAL_DOUBLE = {"euc_jis_2004": 3.0, "shift_jis_2004": 3.0, "big5hkscs": 3.0, "johab": 3.0}
_EAST_ASIAN = {"ja": "Japanese", "zh": "Chinese", "zh-hant": "traditional Chinese", "ko": "Korean"}
_BAD_CHARACTER = 20.0
_LEAST_MARGIN = 8.0
_FEW_PLACES = 3
_LEAST_MARGIN_OF_FEW = 12.0
"""In nats: a quote or a letter alone tells little."""
_LEAST_MARGIN_EACH = 0.7
_OUTSIDE = 16.0
_MOSTLY = 0.5
_OTHER_SCRIPT = 3.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Bytes read in one code page."""

    encoding: str
    language: str
    """Its name, of the language in which it is the least surprising."""
    cost: float
    """How surprising it is, in nats."""
    text: str
    """The sample, read so; of a code page of one byte, what each byte that occurs reads."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The best reading of some bytes."""

    encoding: str
    language: str
    is_sure: bool
    other: str = ""
    """The encoding of the best that reads otherwise; empty if there is none near."""
    openings: tuple[str, ...] = ()
    """The first line that tells them apart, in both."""


def guess_encoding(sample: bytes, seen: bytes = b"", is_mixed: bool = False) -> Guess:
    """The code page of whole lines.

    Args:
        sample: Lines that hold bytes above 127.
        seen: All such bytes that the text has, each once; "" if the sample is all of it.
        is_mixed: Whether valid UTF-8 between them is read as such, and only the rest in the code page.
    """
    readings = _of_one_byte(sample, seen, is_mixed)
    if not is_mixed:
        readings += _of_two_bytes(sample)
    readings.sort(key=lambda reading: reading.cost)
    best = readings[0]
    other = next((reading for reading in readings[1:] if reading.text != best.text), None)
    if other is None:
        return Guess(best.encoding, best.language, True)
    margin = other.cost - best.cost
    places = _places_apart(sample, best.encoding, other.encoding)
    least = _LEAST_MARGIN_OF_FEW if places <= _FEW_PLACES else _LEAST_MARGIN
    is_sure = margin >= least and margin >= _LEAST_MARGIN_EACH * min(places, 200)
    if is_sure:
        return Guess(best.encoding, best.language, True, other.encoding)
    return Guess(best.encoding, best.language, False, other.encoding, _openings(sample, best.encoding, other.encoding))


def _places_apart(sample: bytes, one: str, other: str) -> int:
    read, again = sample[:50_000].decode(one, "replace"), sample[:50_000].decode(other, "replace")
    if len(read) != len(again):
        return max(1, abs(len(read) - len(again)))
    return max(1, sum(a != b for a, b in zip(read, again, strict=True)))


def _openings(sample: bytes, one: str, other: str) -> tuple[str, ...]:
    for line in sample.splitlines():
        read, again = line.decode(one, "replace"), line.decode(other, "replace")
        if read != again:
            at = next((place for place, (a, b) in enumerate(zip(read, again, strict=False)) if a != b), 0)
            start = max(0, at - 30)
            return visible_line(read[start:], 70), visible_line(again[start:], 70)
    return ()


# ---- one byte for a character -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Which sign follows which in a sample, and how often. Signs are bytes, and above 255 characters known already."""

    before: Whole
    after: Whole
    times: Whole
    known: str


def _of_one_byte(sample: bytes, seen: bytes, is_mixed: bool) -> list[Reading]:
    pairs = _pairs(sample, is_mixed)
    there = sorted({*seen, *(byte for byte in set(sample) if byte > 127)})
    if is_mixed:
        there = [byte for byte in there if byte in set(pairs.before.tolist())]
    outside = [byte for byte in there if byte not in set(sample)]
    found = []
    for name, unusual in _SINGLE.items():
        characters = _table(name)
        cost, language = _best_language(pairs, [*characters, *pairs.known], _HOMES.get(name, _WEST).split())
        missing = sum(kind_of(characters[byte]) is Kind.NOTHING for byte in outside)
        text = "".join(characters[byte] for byte in there)
        found.append(Reading(name, language.name, cost + unusual + _OUTSIDE * missing, text))
    return found


def _pairs(sample: bytes, is_mixed: bool) -> _Pairs:
    known = ""
    if is_mixed:
        text = sample.decode("utf-8", "surrogateescape")
        known = "".join(sorted({c for c in text if c >= "\x80" and not "\udc80" <= c <= "\udcff"}))
        places = {character: 256 + place for place, character in enumerate(known)}
        signs = np.array([places.get(c, ord(c) & 0xFF) for c in text], np.int64)
    else:
        signs = np.frombuffer(sample, np.uint8).astype(np.int64)
    return _counted(np.concatenate(([10], signs, [10])), known)


def _counted(signs: Whole, known: str) -> _Pairs:
    width = int(signs.max()) + 1
    counts = np.bincount(signs[:-1] * width + signs[1:])
    there = np.flatnonzero(counts)
    return _Pairs(there // width, there % width, counts[there], known)


@functools.lru_cache(maxsize=128)
def _table(name: str) -> str:
    return bytes(range(256)).decode(name, "replace")


def _best_language(pairs: _Pairs, characters: Sequence[str], home: Sequence[str] = ()) -> tuple[float, Language]:
    letters = tuple(small(character) for character in characters)
    around = float((neighbours(characters, pairs.before, pairs.after) * pairs.times).sum())
    costs = {}
    for language in languages():
        signs = language.signs(letters)
        cost = float((language.surprise[signs[pairs.before], signs[pairs.after]] * pairs.times).sum())
        costs[language.code] = cost + _NOT_AT_HOME * (language.code not in home)
    best = min(languages(), key=lambda language: costs[language.code])
    return costs[best.code] + around, best


# ---- two bytes for a character ----------------------------------------------------------------------------------


def _of_two_bytes(sample: bytes) -> list[Reading]:
    found = []
    for name, spoken in _DOUBLE.items():
        text = sample.decode(name, "replace")
        bad = text.count("\ufffd")
        if bad > 0.02 * len(text) + 1:
            continue
        unusual = _BAD_CHARACTER * bad + _UNUSUAL_DOUBLE.get(name, 0.5)
        high = [character for character in text if character > "\x7f"]
        if sum(c < "\u2e80" for c in high) > _MOSTLY * len(high):  # these standards have other letters, too
            pairs = _pairs_of(text)
            cost, language = _best_language(pairs, pairs.known)
            found.append(Reading(name, language.name, cost + unusual + _OTHER_SCRIPT, text))
            continue
        for code in spoken:
            found.append(Reading(name, _EAST_ASIAN[code], east_asian.text_cost(text, code) + unusual, text))
    return found


def _pairs_of(text: str) -> _Pairs:
    known = "".join(sorted(set(text) | {"\n"}))
    places = {character: place for place, character in enumerate(known)}
    return _counted(np.array([places[character] for character in f"\n{text}\n"], np.int64), known)
