"""Letters as a text has them: one case where it has one, and the nearest known letter for one that it never has.

Nothing is changed that the text knows: "cafe" stays, however often it says "café".
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from rnntui.lm.reading.usage import TextUsage

_ONE_CASE = 0.005
"""The share of letters in the other case up to which a text has one case: names, a slip."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TURKISH = frozenset("şŞğĞ")
_HARDLY_YO = 0.01
"""Of the е of a text, where ё is written as such: .05 to .1; where it is not: names, quotations."""
_WITHOUT_MARKS = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
"""Scripts in which a letter without its mark is still read as what it is."""
_IN_TWO = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "ø": "oe", "Ø": "Oe"}
_PLAIN = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "İ": "I", "ħ": "h", "ŋ": "ng", "ς": "σ",
    "ґ": "г", "Ґ": "Г", "ѣ": "е", "Ѣ": "Е", "і": "и", "ſ": "s", "ʼ": "'", "\u2010": "-", "\u2011": "-", "\u2212": "-",
    "\u2044": "/", "\u3000": " ", "\u200a": " ", "\u2009": " ", "\u2007": " ",
}  # fmt: skip
_GERMAN_IN_ASCII = (" fuer", " ueber", " koennen", " waere", " natuerlich", " koennte")


class Letters:
    """The letters of a text, and the way of other text into them.

    Args:
        usage: Of the text.
    """

    def __init__(self, usage: TextUsage) -> None:
        self._usage = usage
        self._known = usage.tokenizer.characters
        self.only_case = _only_case(usage.characters)
        """ "capitals", "small letters", or empty where the text has both."""
        other = str.islower if self.only_case == "capitals" else str.isupper
        self._has_other_case = any(map(other, self._known))
        letters = self._known
        self._is_turkish = bool(letters & _TURKISH) and ("İ" in letters or "ı" in letters)
        self._reads_yo = usage.of("ё") <= _HARDLY_YO * usage.of("е")
        self._is_german_in_ascii = any(usage.tokenizer.id_of(word) is not None for word in _GERMAN_IN_ASCII)

    def in_case(self, text: str) -> str:
        """A text in the one case that the model knows; words that it knows in another one stay."""
        if not self.only_case:
            return text
        if not self._has_other_case:
            return self._cased(text)
        return _WORD.sub(lambda found: found[0] if self._has_word(found[0]) else self._cased(found[0]), text)

    def replaced(self, text: str, made: dict[str, str] | None = None) -> str:
        """A text with the nearest known letters in the place of those that the model has never seen.

        Args:
            text: Any.
            made: Gets each letter that was replaced, with what stands for it.
        """
        made = {} if made is None else made
        if self._known.issuperset(text) and not self._reads_yo:
            return text
        text = self._spelled_otherwise(text, made)
        if self._known.issuperset(text):
            return text
        return _WORD.sub(lambda found: self._in_other_case(found[0], made), text)

    def _spelled_otherwise(self, text: str, made: dict[str, str]) -> str:
        unknown = [letter for letter in dict.fromkeys(text) if letter not in self._known]
        yo = [letter for letter in "ёЁ" if letter in text and self._reads_yo]
        if not unknown and not yo:
            return text
        odd = {letter: fresh for letter in unknown if (fresh := self._nearest(letter)) != letter}
        odd |= {letter: "е" if letter == "ё" else "Е" for letter in yo if "е" in self._known}
        if not odd:
            return text
        pairs = {letter: self._in_known(_IN_TWO[letter]) for letter in odd if letter in _IN_TWO}
        words = {letter: fresh for letter, fresh in pairs.items() if fresh}
        if words or yo:
            text = _WORD.sub(lambda found: self._choose(found[0], odd, words, made), text)
        rest = {letter: fresh for letter, fresh in odd.items() if letter in unknown and letter in text}
        made.update(rest)
        return text.translate(_table(rest))

    def knows(self, text: str) -> bool:
        """True where every character of a text is known."""
        return self._known.issuperset(text)

    def _choose(self, word: str, odd: Mapping[str, str], in_two: Mapping[str, str], made: dict[str, str]) -> str:
        """A word as the text would have it: what it knows first, of two ways to write a letter too."""
        if self._known.issuperset(word) and self._has_word(word):
            return word
        plain = {letter: fresh for letter, fresh in odd.items() if letter in word}
        double = plain | {letter: fresh for letter, fresh in in_two.items() if letter in word}
        ways = [(way, word.translate(_table(way))) for way in (plain, double)]
        is_plain = not self._has_word(ways[1][1]) and (self._has_word(ways[0][1]) or not self._is_german_in_ascii)
        way, read = ways[not is_plain]
        made.update(way)
        return read

    def _in_other_case(self, word: str, made: dict[str, str]) -> str:
        """A word with letters that are known in another case only."""
        if self._known.issuperset(word):
            return word
        forms = [form for form in (word.capitalize(), word.lower(), word.upper()) if self.knows(form)]
        read = next(filter(self._has_word, forms), forms[0] if forms else word)
        if read != word:
            made[word] = read
        return read

    def _has_word(self, word: str) -> bool:
        return any(self._usage.tokenizer.id_of(lead + word) is not None for lead in (" ", "")) and len(word) > 1

    def _cased(self, text: str) -> str:
        if self.only_case == "capitals":
            return (text.replace("i", "İ") if self._is_turkish else text).upper()
        return (text.replace("I", "ı").replace("İ", "i") if self._is_turkish else text).lower()

    def _in_known(self, letters: str) -> str:
        """These letters, in the other case where only that is known; empty where neither is."""
        return next((form for form in (letters, letters.lower(), letters.upper()) if self.knows(form)), "")

    def _nearest(self, letter: str) -> str:
        """The nearest known form of an unknown character; itself where there is none."""
        if letter.swapcase() in self._known and letter not in "ıİ":  # its word has other capitals there
            return letter
        for form in _forms(letter):
            if found := self._in_known(form):
                return found
        is_mark = unicodedata.category(letter) in {"Mn", "Cf"}
        return "" if is_mark else letter


def _forms(letter: str) -> Iterator[str]:
    """What may stand for a character, the nearest first."""
    if (plain := unicodedata.normalize("NFKC", letter)) != letter:
        yield plain
    decomposed = unicodedata.normalize("NFD", letter)
    if unicodedata.name(letter, "").startswith(_WITHOUT_MARKS):
        for end in range(len(decomposed) - 1, 0, -1):
            yield unicodedata.normalize("NFC", decomposed[:end])
    if letter in _PLAIN:
        yield _PLAIN[letter]


def _table(replacements: Mapping[str, str]) -> dict[int, str]:
    return {ord(letter): fresh for letter, fresh in replacements.items()}


def _only_case(shares: Mapping[str, float]) -> str:
    small = sum(share for letter, share in shares.items() if letter.islower())
    capital = sum(share for letter, share in shares.items() if letter.isupper())
    if small <= _ONE_CASE * capital and capital:
        return "capitals"
    return "small letters" if capital <= _ONE_CASE * small and small else ""
