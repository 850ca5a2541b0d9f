"""The one way of typed text to what a model reads, and what was changed on it.

A text that was read once is read the same again: what a conversation keeps can be read any number of times.
"""

import functools
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from rnntui.chat_events import PromptReading
from rnntui.lm.reading.known import describe_known
from rnntui.lm.reading.letters import Letters
from rnntui.lm.reading.marks import Marks, turned_marks
from rnntui.lm.reading.usage import TextUsage
from rnntui.lm.text.characters.forms import in_one_form
from rnntui.lm.text.characters.terminal import as_shown
from rnntui.lm.tokens.splitting import split
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.text import clean

if TYPE_CHECKING:
    from rnntui.lm.mix.mixture import Counting

_MOST_SUGGESTED = 5


class PromptReader:
    """Reads text as one model has it.

    Args:
        tokenizer: Of the model.
        counting: What the model counted; None where it keeps nothing of that.
    """

    def __init__(self, tokenizer: Tokenizer, counting: "Counting | None" = None) -> None:
        self.tokenizer = tokenizer
        self._usage = TextUsage(tokenizer, counting)

    def in_terms(self, written: str, before: str = "") -> str:
        """What a person wrote as the model reads it.

        Args:
            written: Any text.
            before: What it will stand after; a quote after a letter closes.
        """
        text = self._letters.in_case(self._cleaned(written))
        return self._letters.replaced(self._marks.turned(text, before))

    def read(self, written: str, before: str = "") -> PromptReading:
        """The same, with what was changed and what the model does not know.

        Args:
            written: Any text.
            before: As in `in_terms`.
        """
        cleaned = self._cleaned(written)
        cased = self._letters.in_case(cleaned)
        marked = self._marks.turned(cased, before)
        replaced: dict[str, str] = {}
        text = self._letters.replaced(marked, replaced)
        spelled = self.spelled(text)
        words = [piece.strip() for piece in split(text, self.tokenizer.rules) if any(map(str.isalnum, piece))]
        readable = sum(map(self._letters.knows, words))
        unknown = dict.fromkeys(character for character in text if not self._letters.knows(character))
        is_foreign = bool(words) and readable <= len(words) / 2
        return PromptReading(
            text=text,
            marks=turned_marks(cased, marked),
            case=self._letters.only_case if cased != cleaned else "",
            letters=tuple((one, other) for one, other in replaced.items() if one.isalnum() and other),
            unknown_characters=tuple(unknown),
            spelled=spelled,
            known_as=self._known_as(spelled),
            words=len(words),
            readable_words=readable,
            knows=self.knows if is_foreign else "",
        )

    def read_instead(self, written: str, old: str) -> PromptReading:
        """What a person made of a text that was read before: only from the first change on it is read anew.

        Args:
            written: The whole new text.
            old: What it was.
        """
        cleaned, body = self._cleaned(written), old.strip()
        start = len(cleaned) - len(cleaned.lstrip())
        alike = _count_alike(cleaned[start:], body)
        if alike < len(cleaned) - start:  # back to the beginning of the word in which they part
            alike = _word_start(cleaned, start, alike)
        kept = cleaned[: start + alike]
        rest = self.read(cleaned[start + alike :], kept)
        return rest.behind(kept)

    def _cleaned(self, written: str) -> str:
        """Ordinary characters, as in a text that is learned from; those that the vocabulary has stay."""
        shown = "".join(as_shown([written], Counter()))
        return clean(in_one_form(shown, Counter(), kept=self.tokenizer.characters)).text

    def spelled(self, text: str) -> tuple[str, ...]:
        """Words of a text of which all characters are known, but that have no entry of their own."""
        pieces = split(text, self.tokenizer.rules)
        if pieces and self.tokenizer.id_of(" " + pieces[0]) is not None:  # it will be joined as it is known
            del pieces[0]
        spelled = (piece.strip() for piece in pieces if self.tokenizer.id_of(piece) is None)
        words = dict.fromkeys(word for word in spelled if any(map(str.isalnum, word)))
        return tuple(filter(self._letters.knows, words))

    @functools.cached_property
    def knows(self) -> str:
        """What the model knows, in a few words."""
        return describe_known(self._usage.characters, self._letters.only_case)

    @functools.cached_property
    def _letters(self) -> Letters:
        return Letters(self._usage)

    @functools.cached_property
    def _marks(self) -> Marks:
        return Marks(self._usage, self.tokenizer.is_typographic)

    def _known_as(self, words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Words that are known with other capitals or accents, with what they are known as."""
        found = ((word, self._entries.get(_folded(word), "")) for word in words if len(word) > 1)
        return tuple((word, known) for word, known in found if known and known != word)[:_MOST_SUGGESTED]

    @functools.cached_property
    def _entries(self) -> dict[str, str]:
        """The most frequent word of the vocabulary for each way of writing without capitals and accents."""
        entries: dict[str, str] = {}
        for piece in self.tokenizer.pieces:
            if piece[:1] == " " and len(piece) > 2 and piece[1].isalpha():
                entries.setdefault(_folded(piece[1:]), piece[1:])
        return entries


@functools.lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    """A word without capitals and accents; й is a letter of its own."""
    word = word.casefold()
    if word.isascii():
        return word
    letters = (letter if letter == "й" else unicodedata.normalize("NFD", letter)[0] for letter in word)
    return "".join(letters).replace("’", "'")


def _count_alike(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(one), len(other)))


def _word_start(text: str, start: int, alike: int) -> int:
    """How much of what is alike ends before a word or a mark begins."""
    end = start + alike
    while end > start and not text[end].isspace() and not text[end - 1].isspace():
        end -= 1
    return end - start
