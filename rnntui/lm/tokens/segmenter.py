"""A run of letters written without spaces, cut into words: the way whose words are the most frequent ones together.

Every word has a cost, a hundredth of a nat of its surprise; a run is cut where the costs add up to least. Costs are
whole numbers, so that the same run is cut the same way on every machine. Source: Kudo 2018, the unigram language model;
Deligne and Bimbot 1995.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tokenizers import Regex, models, pre_tokenizers
from tokenizers import Tokenizer as LibraryTokenizer

from rnntui.lm.tokens.splitting import RUN_SPLIT, UNSPACED_LETTER

MOST_COST = 1_000_000
_AT_ONCE = 2_000
_HUNDREDTHS = 100
_LETTERS = pre_tokenizers.Split(Regex(UNSPACED_LETTER), behavior="isolated")


class Segmenter:
    """Cuts runs into words.

    Args:
        costs: Of each word, 0 to MOST_COST; every character of a run has to be one of them.
    """

    def __init__(self, costs: Mapping[str, int]) -> None:
        self._words = ("", *costs)
        unknown = ("\n", -4.0 * MOST_COST)  # stands in no run
        entries = [unknown, *((word, -float(cost)) for word, cost in costs.items())]
        self._library = LibraryTokenizer(models.Unigram(entries, 0, False))

    def words(self, run: str) -> list[str]:
        """The words of a run; joined they are the run."""
        return [self._words[number] for number in self._library.encode(run, add_special_tokens=False).ids]

    def count(self, runs: Sequence[str], counts: Counter[str]) -> Iterator[None]:
        """Add up how often each word stands in some runs; yields after each thousand or so."""
        for start in range(0, len(runs), _AT_ONCE):
            found = self._library.encode_batch(list(runs[start : start + _AT_ONCE]), add_special_tokens=False)
            for encoding in found:
                counts.update(map(self._words.__getitem__, encoding.ids))
            yield


def unspaced_letters(alphabet: Iterable[str]) -> frozenset[str]:
    """Those characters that are letters of scripts written without spaces."""
    listed = "\n".join(["", *alphabet, ""])
    return frozenset(piece for piece, _ in _LETTERS.pre_tokenize_str(listed) if len(piece) == 1 and piece != "\n")


def costs_of(counts: Mapping[str, int]) -> dict[str, int]:
    """What each word costs: hundredths of a nat, by how often it stands there."""
    total = sum(counts.values()) + len(counts)
    return {word: min(MOST_COST, round(_HUNDREDTHS * math.log(total / (count + 1)))) for word, count in counts.items()}


class RunCutter:
    """Ids of runs of letters without spaces, in a vocabulary that has words of them.

    A space before a run is a token by itself. A mark that stands with no letter the vocabulary knows goes on with what
    is before it.

    Args:
        ids: The vocabulary.
        characters: All that it knows.
        costs: Of each piece that begins with such a letter, in order.

    Attributes:
        letters: Of scripts without spaces.
    """

    def __init__(self, ids: Mapping[str, int], characters: Collection[str], costs: Sequence[int]) -> None:
        self.letters = unspaced_letters(characters)
        words = dict(zip((piece for piece in ids if piece[0] in self.letters), costs, strict=True))
        marks = sorted(character for character in characters if character not in self.letters)
        self._ids = {word: ids[word] for word in words}
        self._ids |= {mark: ids.get(f"##{mark}", ids[mark]) for mark in marks}
        self._space = (ids[" "],) if " " in ids else ()
        self._segmenter = Segmenter({**words, **dict.fromkeys(marks, MOST_COST)})
        known = "".join(f"\\x{{{ord(character):x}}}" for character in sorted(characters))
        unknown = Regex(f"[^{known}]") if known else Regex(r"[\s\S]")
        self._split = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(unknown, behavior="isolated"),
                pre_tokenizers.Split(Regex(RUN_SPLIT), behavior="isolated"),
            ]
        )

    def split(self, lines: str) -> list[str]:
        """The pieces of some lines, each run as a whole, each unknown character alone."""
        return [piece for piece, _ in self._split.pre_tokenize_str(lines)]

    def is_run(self, piece: str) -> bool:
        """Whether a piece is a run, perhaps with a space before it."""
        return piece.lstrip(" ")[:1] in self.letters

    def ids(self, run: str) -> tuple[int, ...]:
        """The words of a run, as ids."""
        words = map(self._ids.__getitem__, self._segmenter.words(run.lstrip(" ")))
        return (*(self._space if run[0] == " " else ()), *words)
