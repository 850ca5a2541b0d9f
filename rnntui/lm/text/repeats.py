"""Long sentences that a text says more than once."""

import hashlib
from collections.abc import Iterable, Iterator

from rnntui.text import visible_line

_REPEAT_LENGTH = 60
_REPEATS_KEPT = 200_000


class Repeats:
    """Long sentences that occur more than once, in one text or in several.

    Of very long texts only a part of the sentences is remembered, chosen by what they say, so that all places of one
    sentence are remembered or none.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._every = 1
        self._looked_at = self._repeated = 0
        self.example = ""
        """The first sentence that occurred again."""

    @property
    def share(self) -> float:
        """Share of the characters of long sentences that had been there before, 0 to 1."""
        return self._repeated / max(1, self._looked_at)

    def watched(self, parts: Iterable[str]) -> Iterator[str]:
        """The same parts; a sentence across two of them is not looked at."""
        for part in parts:
            for line in part.split("\n"):
                if len(line) < _REPEAT_LENGTH:
                    continue
                for sentence in line.split(". "):
                    if len(sentence) >= _REPEAT_LENGTH:
                        self._see(sentence)
            yield part

    def _see(self, sentence: str) -> None:
        digest = hashlib.blake2b(sentence.strip().encode("utf-8", "replace"), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
        if number % self._every:
            return
        self._looked_at += len(sentence)
        if number in self._seen:
            self._repeated += len(sentence)
            self.example = self.example or visible_line(sentence.strip(), 80)
            return
        self._seen.add(number)
        if len(self._seen) > _REPEATS_KEPT:
            self._every *= 2
            self._seen = {number for number in self._seen if not number % self._every}
