"""Whether a text is what somebody wants to train on: what excerpts of it look like, beside what books look like.

A limit stands at each sign with the most that any of 173 books has, verse, plays and six languages among them.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rnntui.lm.text.worth.excerpts import Excerpts
from rnntui.lm.text.worth.languages import language_in, language_shares, script_shares
from rnntui.text_facts import Doubt

LEAST_CHARACTERS = 4_000
"""Of excerpts: a shorter text says too little of itself."""
_STAMP = re.compile(
    r"\W{0,2}(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[/.-]\d\d?[/.-]\d{2,4}\b|\d\d?:\d\d\b|[A-Z][a-z]{2} +\d\d? \d\d:\d\d"
    r"|\d{1,3}(?:\.\d{1,3}){3}\b|\d{9,13}\b|(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL)\b)"
)
_MARKUP = re.compile(
    r"</?[A-Za-z!][^<>\n]{0,300}>|&#?\w{2,8};|\{\{[^{}\n]{1,300}\}\}|\{\|.{0,200}|\[\[|\]\]|\[/?[A-Za-z]{1,10}(?:=[^\]\n]{0,100})?\]"
    r"|\\[A-Za-z]{2,20}\b(?:\[[^\]\n]{0,80}\])?|\\par\b"
)
_MACHINE = re.compile(r"[A-Za-z0-9+/=_-]{40,}|(?:[0-9A-Fa-f]{2}[ :]){12,}")
_MOJIBAKE = re.compile("[ÃÂÐÑ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ]|â€|ï»¿|\ufffd")
_MISFIT = re.compile(
    r"[^\W\d_][0-9|^~*¬§£$\\][^\W\d_]|(?!(?:Ma?c|De|Du|La|Le|Van|Fitz))^\W{0,2}[^\W\d_]*[a-zà-ÿ][A-ZÀ-Þ][a-zà-ÿ]|^[^\w\s.,;:!?'\"“”‘’«»„()\[\]…—–*\u200d\u2190-\u2bff\ufe0f\U0001f000-\U0001faff-]{1,3}$"
)
_WORD = re.compile(r"[^\W\d_]+")
_WITH_DIGITS = re.compile(r"\S*\d\S*")
_STOPS = frozenset(".!?…。！？।؟։።။")
_CODE = frozenset("{}()[];=<>|&+*/\\$#")
_WITHOUT_STOPS = frozenset(("Thai", "Lao", "Khmer", "Burmese", "Tibetan"))
"""Scripts in which a sentence ends with a space, or with a sign of its own."""
_FILLER = frozenset(["lorem", "ipsum", "dolor", "amet", "consectetur", "adipiscing", "elit"])


@dataclass(frozen=True, slots=True)
class Look:
    """What excerpts of one text come to."""

    excerpts: tuple[str, ...]
    characters: int
    """Of the whole text."""
    line_ends: int
    """Of the whole text."""
    sample: str
    """All excerpts."""
    letters: Counter[str]
    """How often each character stands in them."""
    tokens: list[str]
    """What stands between white space."""
    words: list[str]
    """Letters that stand together, small."""
    lines: list[str]
    """Lines that have a beginning and an end in an excerpt, without empty ones."""
    scripts: dict[str, float]
    languages: dict[str, float]
    """Of the pieces that are plainly in one."""
    pieces: int
    """How many those are."""

    @classmethod
    def at(cls, seen: Excerpts) -> "Look":
        """At what was taken of a text."""
        texts = tuple(seen.texts)
        sample = "\n".join(texts)
        lines = [line for text in texts for line in text.split("\n")[1:-1] if line.strip()]
        letters = Counter(sample)
        return cls(
            texts,
            seen.characters,
            seen.line_ends,
            sample,
            letters,
            sample.split(),
            _WORD.findall(sample.lower()),
            lines,
            script_shares(letters),
            *language_shares(texts),
        )

    def share(self, pattern: re.Pattern[str]) -> float:
        """How much of the excerpts a pattern takes."""
        return sum(len(found) for found in pattern.findall(self.sample)) / max(1, len(self.sample))

    @property
    def is_unspaced(self) -> bool:
        """True for scripts that put no spaces between words."""
        return next(iter(self.scripts), "") in {"Chinese or Japanese", *_WITHOUT_STOPS}

    @property
    def code_share(self) -> float:
        """How many of the characters are those of code."""
        return sum(self.letters[sign] for sign in _CODE) / max(1, len(self.sample))


def look_for_doubts(look: Look, form: str = "") -> tuple[Doubt, ...]:
    """What speaks against a text, the gravest first; nothing is said of a short one.

    Args:
        look: At its excerpts.
        form: What it was read as, in words: source code need not look like prose.
    """
    if len(look.sample) < LEAST_CHARACTERS:
        return ()
    found = []
    of_prose = _OF_PROSE if form == CODE else frozenset()
    for kind, (measure, limit) in _SIGNS.items():
        figure, other = measure(look) if kind not in of_prose else (0.0, "")
        if figure < limit:
            continue
        found.append(Doubt(kind, round(figure, 4), other))
        if kind in _DECISIVE:
            break
    return tuple(found)


def main_language(look: Look) -> str:
    """The language of most of a text, or its script where that has few; empty where neither is plain."""
    if look.pieces >= _LEAST_PIECES:
        return next(iter(look.languages))
    script = next(iter(look.scripts), "")
    return "" if script in {"Latin", "Cyrillic"} else language_in(script, look.letters)


# ---- signs: a figure that is compared with a limit, and a word beside it --------------------------------------------


def _bytes(look: Look) -> tuple[float, str]:
    odd = sum(
        count
        for sign, count in look.letters.items()
        if sign not in "\n\t\r\u200c\u200d" and unicodedata.category(sign) in {"Cc", "Co", "Cn", "Cs"}
    )
    return odd / len(look.sample), ""


def _mojibake(look: Look) -> tuple[float, str]:
    return len(_MOJIBAKE.findall(look.sample)) / max(1, len(look.tokens)), ""


def _machine(look: Look) -> tuple[float, str]:
    return look.share(_MACHINE), ""


def _uniform(look: Look) -> tuple[float, str]:
    """How much of the excerpts is said by the rest of them: what is left of a character when they are compressed."""
    said = 1 - len(zlib.compress(look.sample.encode("utf-8", "replace"), 1)) / len(look.sample)
    return (0.0, "") if look.code_share > _MOST_CODE and said < _UNIFORM_CODE else (said, "")


def _markup(look: Look) -> tuple[float, str]:
    return (0.0, "") if _log(look)[0] >= _STAMPED else (look.share(_MARKUP), "")  # levels of a log stand in brackets


def _minified(look: Look) -> tuple[float, str]:
    return (look.code_share, "") if look.line_ends * 400 < look.characters else (0.0, "")


def _log(look: Look) -> tuple[float, str]:
    stamped = sum(bool(_STAMP.match(line)) for line in look.lines)
    return (stamped / len(look.lines), "") if len(look.lines) >= _LEAST_LINES else (0.0, "")


def _numbers(look: Look) -> tuple[float, str]:
    return len(_WITH_DIGITS.findall(look.sample)) / max(1, len(look.tokens)), ""


def _word_list(look: Look) -> tuple[float, str]:
    """Of lines of a word or two that hardly repeat a word: how many of the words are there once."""
    if len(look.lines) < _LEAST_LINES or look.is_unspaced or len(look.tokens) > 2 * (look.sample.count("\n") + 1):
        return 0.0, ""
    return len(set(look.words)) / max(1, len(look.words)), ""


def _garbled(look: Look) -> tuple[float, str]:
    if look.code_share > _MOST_CODE:
        return 0.0, ""
    found = {token: count for token, count in Counter(look.tokens).items() if _MISFIT.search(token)}
    signs = [count for token, count in found.items() if not any(map(str.isalpha, token))]
    misfits = sum(found.values()) - max(signs, default=0)  # one sign alone, again and again, was set there by somebody
    return misfits / max(1, len(look.tokens)), ""


def _filler(look: Look) -> tuple[float, str]:
    return sum(word in _FILLER for word in look.words) / max(1, len(look.words)), ""


def _scripts(look: Look) -> tuple[float, str]:
    if len(look.scripts) < 2:
        return 0.0, ""
    (first, _), (second, share) = list(look.scripts.items())[:2]
    return share, f"{first} and {second}"


def _languages(look: Look) -> tuple[float, str]:
    shares = look.languages
    if look.pieces < _LEAST_PIECES or len(shares) < 2 or _scripts(look)[0] > _OTHER_SCRIPT:
        return 0.0, ""
    (first, _), (second, share) = list(shares.items())[:2]
    return share, f"{first} and {second}"


def _unpunctuated(look: Look) -> tuple[float, str]:
    """How many words go without a full stop or a line end: an ordinary sentence has 15 or 20."""
    if next(iter(look.scripts), "") in _WITHOUT_STOPS:
        return 0.0, ""
    ends = sum(look.letters[stop] for stop in _STOPS) + sum(text.count("\n") for text in look.excerpts)
    words = max(len(look.tokens), sum(map(len, look.words)) // 10)
    return words / (ends + 1), ""


def _capitals(look: Look) -> tuple[float, str]:
    upper = sum(count for sign, count in look.letters.items() if sign.isupper())
    lower = sum(count for sign, count in look.letters.items() if sign.islower())
    return (upper / (upper + lower), "") if upper + lower > len(look.sample) / 2 else (0.0, "")


def _one_line(look: Look) -> tuple[float, str]:
    return (look.characters / (look.line_ends + 1), "") if look.characters > _LONG_TEXT else (0.0, "")


_LEAST_LINES, _LEAST_PIECES = 20, 20
_STAMPED = 0.6
"""Of the lines of a log, so many begin with a time."""
_MOST_CODE = 0.06
"""Of the characters of prose, at most."""
_UNIFORM_CODE = 0.97
"""Code repeats its names and brackets more than prose."""
_OTHER_SCRIPT = 0.1
_LONG_TEXT = 200_000
"""Characters from which on a text has paragraphs."""

_SIGNS: dict[str, tuple[Callable[[Look], tuple[float, str]], float]] = {
    "binary": (_bytes, 0.005),  # of books 0
    "mojibake": (_mojibake, 0.01),  # 0; UTF-8 read as cp1252 .07 and more in English, .2 in French
    "machine": (_machine, 0.2),  # .005
    "uniform": (_uniform, 0.93),  # .56; one line repeated .99, sentences drawn from a grammar of 30 words .87
    "markup": (_markup, 0.08),  # .001
    "minified": (_minified, 0.08),  # .003; 0 where lines end
    "log": (_log, _STAMPED),  # 0
    "numbers": (_numbers, 0.25),  # .027
    "word list": (_word_list, 0.8),  # 0; .4 for words of running text in lines of their own
    "filler": (_filler, 0.02),  # 0
    "garbled": (_garbled, 0.04),  # .002
    "scripts": (_scripts, _OTHER_SCRIPT),  # .006
    "languages": (_languages, 0.1),  # .02, a book with sayings in another language
    "unpunctuated": (_unpunctuated, 120.0),  # 24
    "capitals": (_capitals, 0.8),  # .19, a play
    "one line": (_one_line, 50_000.0),  # 514
}
"""The gravest first."""
_DECISIVE = frozenset(("binary", "mojibake", "machine", "uniform", "minified", "numbers", "word list", "filler"))
"""What explains signs of other kinds: nothing more is said."""
CODE = "source code"
_OF_PROSE = frozenset(("markup", "garbled", "languages", "unpunctuated", "capitals"))
"""Signs of a fault in prose, which code has by nature."""


def measure_all(look: Look) -> dict[str, float]:
    """All figures, for whoever measures the limits."""
    return {kind: measure(look)[0] for kind, (measure, _) in _SIGNS.items()}
