"""Text <-> ids without loss: words with their leading space; unknown words are spelled; built on `tokenizers`.

A text is split into words, numbers, single symbols, newlines and white space, each with the space before it
(`splitting`). The vocabulary holds every character of the training text twice (as the start of a piece and, marked
##, as its continuation), the most frequent pieces, and *parts* that many words have in common (" un", ##ing). A word
that is not in the vocabulary is spelled: its longest known beginning, then the longest known continuation of that, and
so on. Only a character never seen in training is `<unk>`, alone.
"""

import itertools
import json
import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

from tokenizers import Regex, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as LibraryTokenizer

from rnntui.errors import ModelFileError
from rnntui.lm.text.typography import typographic
from rnntui.lm.tokens.segmenter import MOST_COST, RunCutter, costs_of, unspaced_letters
from rnntui.lm.tokens.splitting import (
    COMMON,
    FIRST_RULES,
    LATEST_RULES,
    LONGEST_PIECE,
    UNKNOWN_SHOWN,
    blocks,
    library_split,
    only_characters,
    rules_of,
    runs_of_lines,
    split,
    split_common,
)

UNKNOWN = "<unk>"
UNKNOWN_ID = 0
CONTINUATION = "##"
LONGEST_ENTRY = 256
"""No vocabulary entry has more characters."""
LARGEST_VOCABULARY = 200_000
_MOST_SIGNS = {b'"': 2 * LARGEST_VOCABULARY + 1_000, b",": 2 * LARGEST_VOCABULARY + 1_000, b"[": 1_000, b"{": 1_000}
"""In a file of words. They are entries too, but few of them: what has more is not even parsed."""
LEAST_COUNT = 2
"""A word seen once teaches the network nothing; it is spelled."""
_LEAST_OCCURRENCES = 5
"""What stands in the words of a vocabulary less often is chance, not a part that they have in common."""

_SPELLINGS_KEPT = 50_000
_NO_WORD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for tabs and newlines, and halves of characters."""


class Tokenizer:
    """A fixed list of pieces, and the two directions between text and their numbers.

    Args:
        pieces: The vocabulary in order of ids: `<unk>`, then starts and continuations. `train` makes one.
        is_typographic: Whether the text it comes from had typographic quotes, dashes and dots only.
        rules: By which of the rules of `splitting` its text was split.
        costs: Of each piece that begins with a letter of a script without spaces, in order, as `Segmenter` has them:
            runs of such letters are cut into these. None cuts them into single letters.

    Raises:
        ModelFileError: If the list is not one that `train` can have made.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        is_typographic: bool = False,
        rules: int = FIRST_RULES,
        costs: Sequence[int] | None = None,
    ) -> None:
        _check(pieces)
        self.is_typographic = is_typographic
        self.rules = rules
        self.pieces = tuple(pieces)
        self._ids = {piece: number for number, piece in enumerate(self.pieces)}
        self._characters = frozenset(piece for piece in self.pieces if len(piece) == 1)
        self._surface = tuple(_surface(piece) for piece in self.pieces)
        self._library = _word_piece(self._ids, self._characters, rules)
        self._splits_otherwise = _splits_otherwise(self._characters, rules)
        self._is_plain = only_characters(self._characters.intersection(COMMON))
        self.costs = None if costs is None else tuple(costs)
        self._runs = None if costs is None else RunCutter(self._ids, self._characters, costs)
        self._numbers = _Numbers(self._ids, self._characters, self._library, self._runs)

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, int],
        characters: Iterable[str],
        limit: int,
        parts: int = 0,
        words: Mapping[str, int] | None = None,
    ) -> "Tokenizer":
        """Choose a vocabulary from counted pieces.

        Args:
            counts: How often each piece of the training text occurs; those seen once make no difference.
            characters: Every character of the training text.
            limit: At most this many pieces, characters included (more only if the characters alone are more).
            parts: At most so many of them are parts of words.
            words: How often each word of the runs of letters without spaces stands there, letters alone among them;
                None counts each letter as a piece by itself.
        """
        alphabet = set(characters)
        if words is None:
            return cls(choose_vocabulary(counts, alphabet, limit, parts), rules=rules_of(alphabet))
        letters = unspaced_letters(alphabet)
        spaced = {piece: count for piece, count in counts.items() if piece.lstrip(" ")[:1] not in letters}
        pieces = choose_vocabulary({**spaced, **words}, alphabet, limit, parts, letters)
        costs = costs_of({piece: words.get(piece, 0) for piece in pieces if piece[0] in letters})
        return cls(pieces, rules=LATEST_RULES, costs=tuple(costs.values()))

    @classmethod
    def train(cls, texts: Iterable[str], limit: int, parts: int = 0) -> "Tokenizer":
        """Choose a vocabulary from training text alone.

        Args:
            texts: The training text, in any number of segments; a word is not followed across two of them.
            limit: At most this many pieces, characters included (more only if the characters alone are more).
            parts: At most so many of them are parts of words.
        """
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(split(text))
        return cls.from_counts(counts, {character for piece in counts for character in piece}, limit, parts)

    @classmethod
    def from_bytes(cls, data: bytes, is_typographic: bool = False) -> "Tokenizer":
        """Rebuild from what `to_bytes` wrote; the list is checked before it is used.

        Args:
            data: The list.
            is_typographic: As in the constructor.

        Raises:
            ModelFileError: If the bytes are not a list of pieces of ours.
        """
        if any(data.count(sign) > most for sign, most in _MOST_SIGNS.items()):
            raise ModelFileError("The vocabulary of the model has more entries than words.", "Get the model again.")
        try:
            stored = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as problem:
            raise ModelFileError("The vocabulary of the model is not valid JSON.", "Get the model again.") from problem
        whole = stored if isinstance(stored, dict) else {"pieces": stored, "rules": FIRST_RULES}
        pieces, rules, costs = (whole.get(name) for name in ("pieces", "rules", "costs"))
        if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
            raise ModelFileError("The vocabulary of the model is not a list of words.", "Get the model again.")
        if rules not in (FIRST_RULES, LATEST_RULES):
            raise ModelFileError(
                "The vocabulary of the model has rules that this version does not know.",
                "Get a newer version of rnntui.",
            )
        return cls(pieces, is_typographic, int(rules), None if costs is None else _checked_costs(costs, pieces))

    def to_bytes(self) -> bytes:
        """The vocabulary as JSON, in order of ids, and its rules where they are not the first ones."""
        if self.rules == FIRST_RULES:
            return json.dumps(self.pieces, ensure_ascii=False).encode("utf-8")
        costs = {} if self.costs is None else {"costs": self.costs}
        return json.dumps({"rules": self.rules, "pieces": self.pieces, **costs}, ensure_ascii=False).encode("utf-8")

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def characters(self) -> frozenset[str]:
        """Every character seen in training."""
        return self._characters

    def in_form(self, text: str) -> str:
        """Ordinary text with the quotes, dashes and dots of this vocabulary; what has them stays as it is."""
        return typographic(text) if self.is_typographic else text

    def encode(self, text: str) -> list[int]:
        """Ids of any text, as it is. Joined parts give the joined ids when the cut falls between two pieces."""
        ids: list[int] = []
        for block in blocks(text):
            for is_plain, lines in runs_of_lines(block, self._is_plain):
                if is_plain:
                    ids.extend(itertools.chain.from_iterable(map(self._numbers.__getitem__, split_common(lines))))
                elif self._runs:
                    pieces = self._runs.split(lines)
                    ids.extend(itertools.chain.from_iterable(map(self._numbers.__getitem__, pieces)))
                else:
                    ids += self._library.encode(lines, add_special_tokens=False).ids
        return ids

    def ids_of_pieces(self, pieces: Sequence[str]) -> list[tuple[int, ...]] | None:
        """Ids of each piece, as `split` gives them.

        Returns:
            None where one has a character that was not seen in training, or that this vocabulary splits otherwise.
        """
        characters = set(itertools.chain.from_iterable(pieces))
        if self._runs and not self._runs.letters.isdisjoint(characters):
            return None
        if not self._characters.issuperset(characters) or not self._splits_otherwise.isdisjoint(characters):
            return None
        return list(map(self._numbers.__getitem__, pieces))

    def decode(self, ids: Iterable[int]) -> str:
        """Text of any ids; exact for text made of known characters. An unknown character comes out as U+FFFD."""
        return "".join(self._surface[number] for number in ids)

    def piece(self, number: int) -> str:
        """What one id looks like in the text, leading space included."""
        return self._surface[number]

    def is_continuation(self, number: int) -> bool:
        """True for a character or a part inside a spelled word."""
        return _goes_on(self.pieces[number])

    def id_of(self, piece: str) -> int | None:
        """The id of a whole piece (with its leading space), or None when it has none."""
        return self._ids.get(piece)

    def knows(self, character: str) -> bool:
        """True for a character seen in training."""
        return character in self._characters

    def spelled_words(self, text: str) -> list[str]:
        """Words of a text that have no entry of their own, in order, without their spaces."""
        words = dict.fromkeys(piece.strip() for piece in split(text, self.rules) if piece not in self._ids)
        return [word for word in words if word]


class _Numbers(dict[str, tuple[int, ...]]):
    """The ids of a piece; those of a spelled one are made when it is met, and kept, because it often comes again."""

    def __init__(
        self,
        ids: Mapping[str, int],
        characters: Collection[str],
        library: LibraryTokenizer,
        runs: RunCutter | None,
    ) -> None:
        super().__init__((piece, (number,)) for piece, number in ids.items())
        self._characters = characters
        self._runs = runs
        self._ids = ids
        self._library = library
        self._most = len(self) + _SPELLINGS_KEPT
        self._longest_start = max(map(len, ids))
        self._longest_rest = max((len(piece) - len(CONTINUATION) for piece in ids if _goes_on(piece)), default=1)
        are_ours = all(
            CONTINUATION + character in ids for character in characters if not (runs and character in runs.letters)
        )
        self._spelled = self._by_longest if are_ours else self._by_library

    def __missing__(self, piece: str) -> tuple[int, ...]:
        if self._runs and self._runs.is_run(piece):
            ids = self._runs.ids(piece)
        elif self._runs and piece not in self._characters and len(piece) == 1:
            ids = (UNKNOWN_ID,)
        else:
            ids = self._spelled(piece)
        if len(self) < self._most and len(piece) <= LONGEST_PIECE:
            self[piece] = ids
        return ids

    def _by_longest(self, piece: str) -> tuple[int, ...]:
        """The longest known beginning, and again of the rest: what the library does, in a tenth of its time."""
        parts = _longest_parts(piece, self._ids, self._longest_start, self._longest_rest)
        return tuple(self._ids[part] for part in parts)

    def _by_library(self, piece: str) -> tuple[int, ...]:
        return tuple(self._library.encode(piece, add_special_tokens=False).ids)


def choose_vocabulary(
    counts: Mapping[str, int],
    characters: Iterable[str],
    limit: int,
    parts: int = 0,
    letters: frozenset[str] = frozenset(),
) -> list[str]:
    """The vocabulary that `Tokenizer.from_counts` has, in order of ids: characters, then the most frequent first.

    Args:
        counts: As there.
        characters: As there.
        limit: As there.
        parts: As there.
        letters: Characters that stand among the words, in their order, and never go on with one: Chinese has thousands.
    """
    alphabet = sorted(set(characters) - letters)
    vocabulary = [UNKNOWN, *alphabet, *(CONTINUATION + character for character in alphabet)]
    repeated = {piece: count for piece, count in counts.items() if count >= LEAST_COUNT}
    frequent = sorted((-count, piece) for piece, count in repeated.items() if 1 < len(piece) <= LONGEST_ENTRY)
    room = max(0, limit - len(vocabulary) - len(letters))
    parts = min(parts, room)
    spaced = [piece for _, piece in frequent[: room - parts] if piece[0] not in letters] if parts else []
    found = _count_parts(spaced, parts) if parts else {}
    words = [entry for entry in frequent if entry[1] not in found][: room - len(found)]
    chosen = [*words, *((-count - repeated.get(part, 0), part) for part, count in found.items())]
    chosen += [(-counts.get(letter, 0), letter) for letter in letters]
    return vocabulary + [piece for _, piece in sorted(chosen)]


def _count_parts(words: Sequence[str], most: int) -> dict[str, int]:
    """Parts that words have in common, and about how often each will stand in their text.

    About as many words of a text are seen once, and spelled, as are seen more often: each of the words is taken for
    one of those.

    Args:
        words: The pieces of a vocabulary; those that are not words are left out.
        most: At most so many parts.
    """
    words = [word for word in words if word.lstrip(" ").isalpha()]
    letters = {letter for word in words for letter in word}
    characters = {*letters, *(CONTINUATION + letter for letter in letters)}
    known = characters.union(words)
    common = _common_parts(words, most // 2, len(characters) + 3 * most)
    parts = [part for part in common if part not in known][:most]
    known.update(parts)
    spelled = Counter(part for word in words for part in _longest_parts(word, known, len(word) - 1, len(word)))
    return {part: spelled[part] for part in parts if spelled[part]}


def _common_parts(words: Sequence[str], most_starts: int, most_joined: int) -> list[str]:
    """First letters with their space, then what comes of joining neighbours, the most frequent first, again and again.

    Each word counts once, however frequent it is: it stands for those that are not there.  Source: Gage 1994, Sennrich
    et al. 2016.

    Args:
        words: Made of letters, but for a space before them.
        most_starts: At most so many first letters: Korean has more of them than there is room for parts.
        most_joined: At most so many are joined, characters included.
    """
    starts = Counter(word[:2] for word in words if word[0] == " ")
    library = LibraryTokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=most_joined,
        min_frequency=_LEAST_OCCURRENCES,
        show_progress=False,
        continuing_subword_prefix=CONTINUATION,
        # Of equally frequent pairs the one with the lowest numbers is joined first. Continuations would be numbered in
        # the order of the library's hash tables, another one each time, if they were not named here.
        special_tokens=sorted({CONTINUATION + letter for word in words for letter in word}),
    )
    library.train_from_iterator(words, trainer)
    numbers = library.get_vocab()
    common = sorted((-count, start) for start, count in starts.items() if count >= _LEAST_OCCURRENCES)
    first = (start for _, start in common[:most_starts])
    return list(dict.fromkeys((*first, *sorted(numbers, key=numbers.__getitem__))))


def _longest_parts(piece: str, known: Container[str], longest_start: int, longest_rest: int) -> Iterator[str]:
    """The longest known beginning of a piece, then the longest known beginning of its rest, and so on, marked.

    Args:
        piece: Made of known characters.
        known: Pieces, with the marked ones of each character.
        longest_start: The first part has no more characters.
        longest_rest: Nor has any other.
    """
    start, mark, longest = 0, "", longest_start
    while start < len(piece):
        end = min(len(piece), start + longest)
        while mark + piece[start:end] not in known:
            end -= 1
        yield mark + piece[start:end]
        start, mark, longest = end, CONTINUATION, longest_rest


def _splits_otherwise(characters: Iterable[str], rules: int) -> frozenset[str]:
    """The characters of a vocabulary around which its rules are not those of today."""
    if rules == LATEST_RULES:
        return frozenset()
    return frozenset(character for character in characters if rules_of(character) != rules)


def _word_piece(ids: dict[str, int], characters: frozenset[str], rules: int) -> LibraryTokenizer:
    library = LibraryTokenizer(
        models.WordPiece(
            ids, unk_token=UNKNOWN, max_input_chars_per_word=100_000, continuing_subword_prefix=CONTINUATION
        )
    )
    known = "".join(f"\\x{{{ord(character):x}}}" for character in sorted(characters))
    unknown = Regex(f"[^{known}]") if known else Regex(r"[\s\S]")
    library.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(unknown, behavior="isolated"), library_split(rules)]
    )
    return library


def _surface(piece: str) -> str:
    if piece == UNKNOWN:
        return UNKNOWN_SHOWN
    return piece[len(CONTINUATION) :] if _goes_on(piece) else piece


def _goes_on(piece: str) -> bool:
    return piece.startswith(CONTINUATION) and len(piece) > len(CONTINUATION)


def _checked_costs(costs: object, pieces: Sequence[str]) -> list[int]:
    """Costs that were stored.

    Raises:
        ModelFileError: If there is not one of each piece that needs one.
    """
    letters = unspaced_letters(piece for piece in pieces if len(piece) == 1)
    needed = sum(piece[:1] in letters for piece in pieces)
    if (
        not isinstance(costs, list)
        or len(costs) != needed
        or not all(type(cost) is int and 0 <= cost <= MOST_COST for cost in costs)
    ):
        raise ModelFileError("The words of the model's vocabulary have no costs.", "Get the model again.")
    return costs


def _check(pieces: Sequence[str]) -> None:
    again = "Get the model again."
    if not pieces or pieces[UNKNOWN_ID] != UNKNOWN:
        raise ModelFileError("The vocabulary of the model does not begin with <unk>.", again)
    if len(set(pieces)) != len(pieces):
        raise ModelFileError("The vocabulary of the model names a word twice.", again)
    for number, piece in enumerate(pieces):
        if not piece or len(piece) > LONGEST_ENTRY or _NO_WORD.search(piece):
            raise ModelFileError(f"Entry {number} of the model's vocabulary is not a word.", again)
