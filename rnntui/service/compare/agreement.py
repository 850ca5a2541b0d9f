"""How far two texts say the same: where they first differ, and how many of their words are equal. Pure functions."""

import re
from dataclasses import dataclass

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|\S")
"""Nearly as tokenizers cut: two that have different entries are compared by what people read."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two texts, word by word and mark by mark."""

    first: int | None
    """Which word is the first that differs, from 0; None as long as there is none."""
    places: tuple[tuple[int, int], tuple[int, int]] | None
    """Where that word stands in each text, as the index of its first character and that after its last; where a text
    has ended before, both are its length. None as above."""
    equal: int
    """So many words stand at the same place in both texts."""
    words: int
    """Of the longer text, or of the shorter one while either may grow."""

    @property
    def share(self) -> float:
        """Of the words, how many are equal at their place, 0 to 1; 1 where there are none."""
        return self.equal / self.words if self.words else 1.0


def compare_texts(one: str, other: str, *, are_growing: bool = False) -> Agreement:
    """Where two texts first differ, and in how many words they agree; spaces count for nothing.

    Args:
        one: A text.
        other: Another one.
        are_growing: True while words may still come: a text that is only shorter does not differ yet, and the last
            word of either may not be whole.
    """
    words = tuple(list(_WORDS.finditer(text)) for text in (one, other))
    shortest, longest = sorted(map(len, words))
    if are_growing:
        shortest = longest = max(0, shortest - 1)
    pairs = [(mine.group(), theirs.group()) for mine, theirs in zip(*words, strict=False)][:shortest]
    first = next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), None)
    if first is None and longest > shortest:
        first = shortest
    places = None if first is None else (_place(words[0], first, one), _place(words[1], first, other))
    return Agreement(first, places, sum(mine == theirs for mine, theirs in pairs), longest)


def describe_agreement(found: Agreement) -> str:
    """In a sentence: from which word on they differ, and how many are equal all the same."""
    if found.first is None:
        return "word for word the same" if found.words else ""
    equal = f"{found.equal} of {found.words} words equal at their place ({found.share:.0%})"
    return f"first different word: {found.first + 1} · {equal}"


def _place(words: "list[re.Match[str]]", at: int, text: str) -> tuple[int, int]:
    return words[at].span() if at < len(words) else (len(text), len(text))
