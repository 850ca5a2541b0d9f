"""Text <-> ids without loss: words with their leading space; unknown words are spelled; built on `tokenizers`.

A text is split by one regular expression into words, numbers, single symbols, newlines and white space, each with the
space before it. The vocabulary holds every character of the training text twice (as the start of a piece and, marked
##, as its continuation), the most frequent pieces, and *parts* that many words have in common (" un", ##ing). A word
that is not in the vocabulary is spelled: its longest known beginning, then the longest known continuation of that, and
so on. Only a character never seen in training is `<unk>`, alone.

The library splits every script right, at 2 MB/s. Lines of common Latin and Cyrillic characters are split by an equal
expression of Python's own at ten times that; a test compares the two.
"""

import itertools
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else the library prints on the screen after a fork

from tokenizers import Regex, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as LibraryTokenizer

from rnntui.errors import ModelFileError
from rnntui.lm.text.typography import typographic
from rnntui.text import clean

UNKNOWN = "<unk>"
UNKNOWN_ID = 0
UNKNOWN_SHOWN = "\ufffd"
CONTINUATION = "##"
LONGEST_PIECE = 64
"""Longer runs of letters are cut: spelling costs the square of the length."""
LONGEST_ENTRY = 256
"""No vocabulary entry has more characters."""
LARGEST_VOCABULARY = 200_000
_MOST_SIGNS = {b'"': 2 * LARGEST_VOCABULARY + 1_000, b",": LARGEST_VOCABULARY + 1_000, b"[": 1_000, b"{": 1_000}
"""In a file of words. They are entries too, but few of them: what has more is not even parsed."""
LEAST_COUNT = 2
"""A word seen once teaches the network nothing; it is spelled."""
_LEAST_OCCURRENCES = 5
"""What stands in the words of a vocabulary less often is chance, not a part that they have in common."""

_LETTER = r"[\p{L}&&[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]"
_WORD = (
    rf" ?(?:{_LETTER}\p{{M}}{{0,8}}){{1,{LONGEST_PIECE}}}"  # letters with their marks
    rf"(?:['’](?:{_LETTER}\p{{M}}{{0,8}}){{1,{LONGEST_PIECE}}}){{0,3}}"  # don't, o'clock
)
SPLIT = "|".join(
    (
        _WORD,
        r" ?\p{N}{1,16}",
        r" ?[^\s\p{L}\p{N}]",  # one other symbol
        r" ?\p{L}",  # scripts without spaces: one character each
        r"\n{1,64}",
        r"[^\S\n]{1,32}(?!\S)",  # white space, but the last space before a word belongs to the word
        r"\s",
    )
)
_BLOCK = 1 << 16
_LINE = re.compile(r"[^\n]+\n*|\n+")
_COMMON_RANGES = (
    (0x09, 0x0A),
    (0x20, 0x7E),
    (0xA0, 0x24F),  # Latin
    (0x400, 0x481),  # Cyrillic
    (0x48A, 0x52F),
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2030, 0x205E),
)
COMMON = "".join(chr(code) for first, last in _COMMON_RANGES for code in range(first, last + 1))
"""Characters whose pieces Python's own expressions find; whatever else stands in a line leaves it to the library."""
_SPELLINGS_KEPT = 50_000
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NO_WORD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for tabs and newlines, and halves of characters."""


class Tokenizer:
    """A fixed list of pieces, and the two directions between text and their numbers.

    Args:
        pieces: The vocabulary in order of ids: `<unk>`, then starts and continuations. `train` makes one.
        is_typographic: Whether the text it comes from had typographic quotes, dashes and dots only.

    Raises:
        ModelFileError: If the list is not one that `train` can have made.
    """

    def __init__(self, pieces: Sequence[str], is_typographic: bool = False) -> None:
        _check(pieces)
        self.is_typographic = is_typographic
        self.pieces = tuple(pieces)
        self._ids = {piece: number for number, piece in enumerate(self.pieces)}
        self._characters = frozenset(piece for piece in self.pieces if len(piece) == 1)
        self._surface = tuple(_surface(piece) for piece in self.pieces)
        self._library = _word_piece(self._ids, self._characters)
        self._is_plain = _only_characters(self._characters.intersection(COMMON))
        self._numbers = _Numbers(self._ids, self._characters, self._library)

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], characters: Iterable[str], limit: int, parts: int = 0
    ) -> "Tokenizer":
        """Choose a vocabulary from counted pieces.

        Args:
            counts: How often each piece of the training text occurs; those seen once make no difference.
            characters: Every character of the training text.
            limit: At most this many pieces, characters included (more only if the characters alone are more).
            parts: At most so many of them are parts of words.
        """
        return cls(choose_vocabulary(counts, characters, limit, parts))

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
            pieces = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as problem:
            raise ModelFileError("The vocabulary of the model is not valid JSON.", "Get the model again.") from problem
        if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
            raise ModelFileError("The vocabulary of the model is not a list of words.", "Get the model again.")
        return cls(pieces, is_typographic)

    def to_bytes(self) -> bytes:
        """The vocabulary as JSON, in order of ids."""
        return json.dumps(self.pieces, ensure_ascii=False).encode("utf-8")

    def __len__(self) -> int:
        return len(self.pieces)

    def as_read(self, written: str, before: str = "") -> str:
        """What a person wrote as this vocabulary reads it: ordinary characters, and its form of quotes and dashes.

        Args:
            written: Any text.
            before: What it will stand after; a quote after a letter closes.
        """
        return self.in_form(clean(written).text, before)

    def in_form(self, text: str, before: str = "") -> str:
        """Ordinary text with the quotes, dashes and dots of this vocabulary; what has them stays as it is.

        Args:
            text: As `clean` gives it.
            before: As in `as_read`.
        """
        if not self.is_typographic:
            return text
        form = typographic(before[-1:] + text)
        return form[1:] if before and form.startswith(before[-1]) else typographic(text)

    def encode(self, text: str) -> list[int]:
        """Ids of any text, as it is. Joined parts give the joined ids when the cut falls between two pieces."""
        ids: list[int] = []
        for block in blocks(text):
            for is_plain, lines in _runs_of_lines(block, self._is_plain):
                if is_plain:
                    pieces = _COMMON_SPLIT.findall(lines)
                    ids.extend(itertools.chain.from_iterable(map(self._numbers.__getitem__, pieces)))
                else:
                    ids += self._library.encode(lines, add_special_tokens=False).ids
        return ids

    def ids_of_pieces(self, pieces: Sequence[str]) -> list[tuple[int, ...]] | None:
        """Ids of each piece, as `split` gives them; None where one has a character that was not seen in training."""
        if not self._characters.issuperset(itertools.chain.from_iterable(pieces)):
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
        words = dict.fromkeys(piece.strip() for piece in split(text) if piece not in self._ids)
        return [word for word in words if word]


class _Numbers(dict[str, tuple[int, ...]]):
    """The ids of a piece; those of a spelled one are made when it is met, and kept, because it often comes again."""

    def __init__(self, ids: Mapping[str, int], characters: Iterable[str], library: LibraryTokenizer) -> None:
        super().__init__((piece, (number,)) for piece, number in ids.items())
        self._ids = ids
        self._library = library
        self._most = len(self) + _SPELLINGS_KEPT
        self._longest_start = max(map(len, ids))
        self._longest_rest = max((len(piece) - len(CONTINUATION) for piece in ids if _goes_on(piece)), default=1)
        are_ours = all(CONTINUATION + character in ids for character in characters)
        self._spelled = self._by_longest if are_ours else self._by_library

    def __missing__(self, piece: str) -> tuple[int, ...]:
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


def choose_vocabulary(counts: Mapping[str, int], characters: Iterable[str], limit: int, parts: int = 0) -> list[str]:
    """The vocabulary that `Tokenizer.from_counts` has, in order of ids: characters, then the most frequent first."""
    alphabet = sorted(set(characters))
    vocabulary = [UNKNOWN, *alphabet, *(CONTINUATION + character for character in alphabet)]
    repeated = {piece: count for piece, count in counts.items() if count >= LEAST_COUNT}
    frequent = sorted((-count, piece) for piece, count in repeated.items() if 1 < len(piece) <= LONGEST_ENTRY)
    room = max(0, limit - len(vocabulary))
    parts = min(parts, room)
    found = _count_parts([piece for _, piece in frequent[: room - parts]], parts) if parts else {}
    words = [entry for entry in frequent if entry[1] not in found][: room - len(found)]
    chosen = [*words, *((-count - repeated.get(part, 0), part) for part, count in found.items())]
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


def split(text: str) -> list[str]:
    """The pieces of a text in order; joined they are the text, with U+FFFD for lone surrogates."""
    found: list[str] = []
    for block in blocks(text):
        found += split_block(block)
    return found


def split_block(block: str) -> list[str]:
    """The pieces of one block, as `blocks` cuts a text."""
    found: list[str] = []
    for is_plain, lines in _runs_of_lines(block, _IS_COMMON):
        if is_plain:
            found += _COMMON_SPLIT.findall(lines)
        else:
            found += [piece for piece, _ in _LIBRARY_SPLIT.pre_tokenize_str(lines)]
    return found


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
    near the end that what follows could belong to the piece before: "don" and "'t" are one.
    """
    cut = end
    for piece in reversed(split_block(text[start:end])):
        cut -= len(piece)
        is_settled = cut > start and end - cut > 2
        if is_settled and (text[cut].isspace() or not text[cut - 1].isspace()):
            return cut
    return end


def _runs_of_lines(block: str, is_plain: Callable[[str], bool]) -> Iterator[tuple[bool, str]]:
    """A block, or runs of its lines, each with whether Python's own expressions split it. No piece spans two lines."""
    if is_plain(block):
        yield True, block
        return
    for plainness, lines in itertools.groupby(_LINE.findall(block), is_plain):
        yield plainness, "".join(lines)


def _only_characters(characters: Iterable[str]) -> Callable[[str], bool]:
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
_IS_COMMON = _only_characters(COMMON)
_LIBRARY_SPLIT = pre_tokenizers.Split(Regex(SPLIT), behavior="isolated")


def _word_piece(ids: dict[str, int], characters: frozenset[str]) -> LibraryTokenizer:
    library = LibraryTokenizer(
        models.WordPiece(
            ids, unk_token=UNKNOWN, max_input_chars_per_word=100_000, continuing_subword_prefix=CONTINUATION
        )
    )
    known = "".join(f"\\x{{{ord(character):x}}}" for character in sorted(characters))
    unknown = Regex(f"[^{known}]") if known else Regex(r"[\s\S]")
    library.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(unknown, behavior="isolated"), _LIBRARY_SPLIT]
    )
    return library


def _surface(piece: str) -> str:
    if piece == UNKNOWN:
        return UNKNOWN_SHOWN
    return piece[len(CONTINUATION) :] if _goes_on(piece) else piece


def _goes_on(piece: str) -> bool:
    return piece.startswith(CONTINUATION) and len(piece) > len(CONTINUATION)


def _without_surrogates(text: str) -> str:
    """The library reads UTF-8, which has no lone surrogates."""
    return text if text.isascii() else _SURROGATES.sub(UNKNOWN_SHOWN, text)


def _check(pieces: Sequence[str]) -> None:
    again = "Get the model again."
    if not pieces or pieces[UNKNOWN_ID] != UNKNOWN:
        raise ModelFileError("The vocabulary of the model does not begin with <unk>.", again)
    if len(set(pieces)) != len(pieces):
        raise ModelFileError("The vocabulary of the model names a word twice.", again)
    for number, piece in enumerate(pieces):
        if not piece or len(piece) > LONGEST_ENTRY or _NO_WORD.search(piece):
            raise ModelFileError(f"Entry {number} of the model's vocabulary is not a word.", again)
