"""A search in a transcript: all places stand out, one of them has the word cursor, and one goes from place to place."""

from collections.abc import Callable

from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.turn_block import Block
from rnntui.tui.transcript.word_cursor import WordCursor
from rnntui.tui.transcript.word_search import FoundPlace, FoundPlaces, find_words

_KIND = "found"


class TextSearch:
    """What is looked for in one transcript, and where one is.

    Args:
        content: Is searched.
        cursor: Is put on the place where one is.
        reveal: Called with a block and an offset in it, where the tokens are not known that the cursor could stand on.
    """

    def __init__(
        self,
        content: TranscriptContent,
        cursor: WordCursor,
        reveal: Callable[[Block, int], None] = lambda block, offset: None,
    ) -> None:
        self._content = content
        self._cursor = cursor
        self._reveal = reveal
        self._words = ""
        self._found = FoundPlaces()
        self._blocks: list[Block] = []
        self._at: FoundPlace | None = None
        self._origin: tuple[int, int] | None = None
        """Where one was before something else was looked for: block and offset."""

    @property
    def count(self) -> int:
        """Places that were found."""
        return len(self._found.places)

    @property
    def inside(self) -> int:
        """Places inside longer words, which were left out."""
        return self._found.inside

    @property
    def number(self) -> int:
        """Which of the places one is at, from 1; 0 at none."""
        return self._found.places.index(self._at) + 1 if self._at else 0

    @property
    def words(self) -> str:
        """What is looked for."""
        return self._words

    def look_for(self, words: str) -> bool:
        """Let all places of some words stand out, and go to one of them.

        It is the first from where one was before anything was looked for; the newest where there was no cursor.

        Returns:
            Whether they stand anywhere.
        """
        if not self._words:
            self._origin = self._place_of_cursor(is_after=False)
        here = self._origin
        self._search(words)
        later = [place for place in self._found.places if here and (place.block, place.start) >= here]
        self._go_to(later[0] if later else self._found.places[-1 if here is None else 0] if self.count else None)
        return self._at is not None

    def step(self, words: str, by: int) -> bool:
        """Go to the next place of some words, or with -1 to the one before, around the ends; False without any."""
        if words != self._words:
            return self.look_for(words)
        here = self._here(is_after=by < 0)
        self._search(words)
        places = self._found.places
        if by > 0:
            beyond = [place for place in places if here and (place.block, place.start) > here]
            self._go_to(beyond[0] if beyond else places[0] if places else None)
        else:
            beyond = [place for place in places if here and (place.block, place.start) < here]
            self._go_to(beyond[-1] if beyond else places[-1] if places else None)
        self._origin = (self._at.block, self._at.start) if self._at else self._origin
        return self._at is not None

    def leave(self) -> None:
        """Look for nothing any more."""
        self._search("")
        self._at = None

    def _search(self, words: str) -> None:
        self._words = words
        self._blocks = [block for block in self._content.turns if block.kind != "mark"]
        self._found = find_words(self._blocks, words)
        spans: dict[int, list[tuple[int, int]]] = {}
        for place in self._found.places:
            spans.setdefault(self._blocks[place.block].turn_id, []).append((place.start, place.end))
        self._content.highlights.highlight_text(_KIND, spans)

    def _here(self, *, is_after: bool) -> tuple[int, int] | None:
        """Where one is: at the place found last, unless the cursor was moved from there."""
        at, block = self._at, self._cursor.block
        is_there = at and (
            block is None or (block is self._blocks[at.block] and block.index_at(at.start) == self._cursor.index)
        )
        return (at.block, at.start) if at and is_there else self._place_of_cursor(is_after=is_after)

    def _place_of_cursor(self, *, is_after: bool) -> tuple[int, int] | None:
        block = self._cursor.block
        if block is None:
            return None
        blocks = [other for other in self._content.turns if other.kind != "mark"]
        start, end = block.span(self._cursor.index)
        return blocks.index(block), end if is_after else start

    def _go_to(self, place: FoundPlace | None) -> None:
        self._at = place
        if place is None:
            return
        block = self._blocks[place.block]
        if self._content.has_tokens(block):
            self._cursor.set(block, block.index_at(place.start))
        else:
            self._reveal(block, place.start)
