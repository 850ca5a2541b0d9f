"""Names of people, told by the text itself: what stands beside words in its opening, and how they are written.

Of every word with a large letter it is counted how often a title, a greeting or a word of speech stands beside it, how
often an article, and how often it is written small. German writes all nouns large, so that a large letter alone says
nothing there; an article does. Scripts without large letters have no names here. Knows nothing of files.
"""

import itertools
import re
from collections import Counter

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.privacy.addresses import without_addresses
from rnntui.lm.text.privacy.name_words import (
    ARTICLES,
    FIRST_NAMES,
    GREETINGS,
    NO_NAMES,
    OF_PEOPLE,
    OF_PLACES,
    SPEECH,
    TITLES,
)

STAND_IN = "N"
"""In the place of a name: one letter without a full stop, so that sentences stay sentences."""
_LEAST_SIGNS = 2
_LARGEST_SHARE_SMALL = 0.05
_LARGEST_SHARE_WITH_ARTICLE = 0.12
_LARGEST_SHARE_OF_FIRST_NAMES = 0.4
"""Many languages and dialects have an article before a first name now and then."""
_LARGEST_SHARE_WITH_TITLE = 0.45
_LEAST_SHARE_OF_SIGNS = 0.02


def _large_letters() -> str:
    """The inside of a character class: every large letter of Latin, Greek, Cyrillic and Armenian."""
    codes = (
        code for code in (*range(0x41, 0x588), *range(0x1E00, 0x2000)) if chr(code).isupper() or chr(code).istitle()
    )
    runs = itertools.groupby(enumerate(codes), lambda entry: entry[1] - entry[0])
    ends = ([code for _, code in run] for _, run in runs)
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ends)


_LARGE = _large_letters()
_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*"
_TOKEN = re.compile(rf"{_WORD}|\n+|[^\w\s]|\d+")
_POSSESSIVE = re.compile(r"['’](?:s|S)?\Z")
_NAME = rf"[{_LARGE}][^\W\d_]*(?:['’\-][^\W\d_]+)*"
_SHORT = r"(?:Mr|Mrs|Ms|Dr|Prof|St|Rev|Messrs|Capt|Col|Lt|Gen|Sr|Sra|Mme|Mlle|Hr|Fr|Jr)"
_PART = rf"(?:{_SHORT}\.|[{_LARGE}]\.(?!\.)|{_NAME})"
_RUN = re.compile(rf"(?<![\w'’\-]){_PART}(?:[ ](?:(?:van|von|de|di|da|der|den|del|la|le|ibn|al|zu) ){{0,2}}{_PART})*")
"""Words with large letters side by side; a full stop stands inside only behind an initial or a short title."""
_RUN_PARTS = re.compile(rf"({_NAME})(\.?)|[^\s.]+|[ ]")
_INITIALS = re.compile(rf" ((?:[{_LARGE}]\. ){{0,3}})({_WORD})")
_MENTION = re.compile(r"(?<![\w@.])@[\w][\w.]{1,60}(?<!\.)")
_LONGEST_SPEAKER = 60
_MOST_SPEAKERS = 500


class Names:
    """What people are called in a text.

    Args:
        opening: The beginning of the text.
        findings: Where what is left out is counted, and who speaks is known.
    """

    def __init__(self, opening: str, findings: Findings) -> None:
        self._findings = findings
        self._large: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._with_article: Counter[str] = Counter()
        self._signs: Counter[str] = Counter()
        self._places: Counter[str] = Counter()
        self._after: dict[str, set[str]] = {}
        self._look_through(opening)
        self._people = {word for word in self._large if self._is_called(word)}
        self._people |= {
            word for name in tuple(self._people) for word in self._after.get(name, ()) if self._may_be(word)
        }
        self._speakers: re.Pattern[str] | None = None
        self._speakers_known = 0

    def leave_out(self, text: str) -> str:
        """The text with N for each name."""
        self._note_speakers()
        if "@" in text:
            text = _MENTION.sub(self._of_mention, text)
        if self._speakers:
            text = self._speakers.sub(self._of_mention, text)
        return _RUN.sub(self._of_run, text)

    def _note_speakers(self) -> None:
        """Speakers are found while the text is read: those that are new are known from now on."""
        spoken = self._findings.spoken_words
        if len(spoken) == self._speakers_known:
            return
        self._speakers_known = len(spoken)
        named = [name for name in itertools.islice(spoken, _MOST_SPEAKERS) if 2 < len(name) <= _LONGEST_SPEAKER]
        called = [name for name in named if name.lower() not in NO_NAMES and name != "others"]
        words = {word for name in called for word in re.findall(_WORD, name) if len(word) > 2 and self._may_be(word)}
        every = sorted({*called, *words}, key=len, reverse=True)
        if every:  # one that is a word as well ("Will") is a name where it is written like one
            written = (f"(?i:{re.escape(name)})" if not self._is_word(name) else re.escape(name) for name in every)
            self._speakers = re.compile(rf"(?<![\w@])(?:{'|'.join(written)})(?!\w)")

    def _is_word(self, name: str) -> bool:
        return self._small[name.lower()] > 0 or self._small[name] > 0

    def _of_mention(self, found: "re.Match[str]") -> str:
        self._findings.leave_out("name", found[0])
        return STAND_IN

    def _of_run(self, run: "re.Match[str]") -> str:
        """A run of words with large letters: those that are names become one N each time they stand together."""
        written: list[str] = []
        name: list[str] = []
        is_titled = False
        for part in _RUN_PARTS.finditer(run[0]):
            word, dot = part[1], part[2]
            if word is None:
                (name if name else written).append(part[0])
                continue
            root = _POSSESSIVE.sub("", word)
            is_title = root.lower() in TITLES
            is_name = not is_title and (
                self._is_person(root)
                or (bool(name) and self._may_be(root, is_beside=True))
                or (is_titled and self._may_be(root, is_beside=True, most_with_article=_LARGEST_SHARE_WITH_TITLE))
            )
            is_initial = len(root) == 1 and dot == "." and (bool(name) or self._is_followed(run[0], part.end()))
            if is_name or is_initial:
                name.append(root)
                ending = word[len(root) :] + ("" if is_initial else dot)
                if ending:
                    self._put(name, written)
                    written.append(ending)
                elif self._is_inflected(root):  # what belongs to a person is no part of the name
                    self._put(name, written)
            else:
                self._put(name, written)
                written.append(part[0])
            is_titled = is_title or (is_titled and is_initial)
        self._put(name, written)
        return "".join(written)

    def _put(self, name: list[str], written: list[str]) -> None:
        """Write N for the words of a name, and what stands behind them."""
        while name and name[0] == " ":
            written.append(name.pop(0))
        if not name:
            return
        behind: list[str] = []
        while name and (name[-1] == " " or name[-1].islower()):
            behind.insert(0, name.pop())
        self._findings.leave_out("name", "".join(name))
        written += (STAND_IN, *behind)
        name.clear()

    def _is_followed(self, run: str, end: int) -> bool:
        following = _INITIALS.match(run, end)
        if following is None:
            return False
        word = following[2]
        return self._is_person(word) or (bool(following[1]) and self._may_be(word, is_beside=True))

    def _is_person(self, word: str) -> bool:
        if word in self._people:
            return True
        if word.isupper() and len(word) > 2:
            return self._is_person(word.capitalize())
        if "-" in word:
            return any(self._is_person(part) for part in word.split("-") if part[:1].isupper())
        if self._is_inflected(word):
            return True
        return word.lower() in FIRST_NAMES and word not in self._large and not self._small[word.lower()]

    def _is_inflected(self, word: str) -> bool:
        """The genitive of a name, or all who have it: Effis, the Bennets, the Collinses."""
        if word in self._people or word[-1:] != "s" or self._small[word.lower()]:
            return False
        if word[:-1] in self._people or (word[-2:] == "es" and word[:-2] in self._people):
            return True
        stem = word[:-1].lower()
        return stem in FIRST_NAMES and not self._small[stem]

    # ---- what the opening says ----

    def _look_through(self, opening: str) -> None:
        before = last = ""
        for found in _TOKEN.finditer(without_addresses(opening, ("mail", "links"), Findings())):
            token = found[0]
            if token[0].isalpha():
                owner = _POSSESSIVE.sub("", token)
                if owner != token and owner[0].isupper():
                    self._signs[owner] += 1
                token = owner
                if token[0].isupper():
                    self._count(token, last, before)
                else:
                    self._small[token] += 1
                    if (token in SPEECH or token in OF_PEOPLE) and last[:1].isupper():
                        self._signs[last] += 1
            if token not in (".", "’", "'") or last.lower() not in TITLES:
                before, last = last, token

    def _count(self, word: str, last: str, before: str) -> None:
        self._large[word] += 1
        previous = last.lower()
        if previous in ARTICLES:
            self._with_article[word] += 1
        elif previous in TITLES:
            self._signs[word] += 2
        elif (previous in SPEECH and last.islower()) or previous in GREETINGS:
            self._signs[word] += 1
        elif previous in OF_PLACES:
            self._places[word] += 1
        elif last[:1].isupper() and last[:1].isalpha():
            self._after.setdefault(last, set()).add(word)
            if before.lower() in TITLES:
                self._signs[word] += 1

    def _is_called(self, word: str) -> bool:
        """Whether people are called by a word."""
        if not self._may_be(word):
            return False
        if word.lower() in FIRST_NAMES:
            return True  # if the text does not speak against it
        signs, times = self._signs[word], self._large[word]
        return signs >= _LEAST_SIGNS and signs >= _LEAST_SHARE_OF_SIGNS * times and signs > self._places[word] / 2

    def _may_be(self, word: str, *, is_beside: bool = False, most_with_article: float = 0.0) -> bool:
        """Whether nothing speaks against a word as a name; beside a name or a title it need not be known."""
        small = word.lower()
        if (
            re.split("['’]", small)[0] in NO_NAMES
            or small in TITLES
            or small in GREETINGS
            or (len(word) < 2 if is_beside else len(word) < 3)
        ):
            return False
        times = self._large[word]
        if not times:
            return is_beside and not self._small[small]
        is_seldom_small = self._small[small] <= _LARGEST_SHARE_SMALL * times
        usual = _LARGEST_SHARE_OF_FIRST_NAMES if small in FIRST_NAMES else _LARGEST_SHARE_WITH_ARTICLE
        most = max(usual, most_with_article)
        with_article = self._with_article[word]
        return is_seldom_small and (with_article <= most * times or self._signs[word] > 2 * with_article)
