"""A search in a transcript: what counts as a place, which one is next, and what stands out."""

import pytest

from rnntui.tui.transcript.text_search import TextSearch
from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.turn_block import Block
from rnntui.tui.transcript.word_cursor import WordCursor
from rnntui.tui.transcript.word_search import find_words
from tests.tui.fakes import turn_of

TEXTS = ("The sea", "saw the Sea and then the sea again", "no season")


def search_in(*texts: str) -> tuple[TextSearch, WordCursor]:
    content = TranscriptContent()
    turns = [turn_of(at, "person" if at % 2 else "network", text) for at, text in enumerate(texts, 1)]
    content.tokens_of = lambda turn_id: [
        (f"{' ' * (number > 0)}{word}", 1.0) for number, word in enumerate(texts[turn_id - 1].split(" "))
    ]
    content.show_turns(turns, lambda turn: "", lambda turn: "")
    cursor = WordCursor(content)
    return TextSearch(content, cursor), cursor


def spots(words: str, *texts: str) -> list[str]:
    """What stands at the places that are found."""
    blocks = []
    for text in texts:
        blocks.append(Block("network", 76))
        blocks[-1].add(text)
    return [blocks[place.block].text[place.start : place.end] for place in find_words(blocks, words).places]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("art", "the heart, an artist, Art and art", ["Art", "art"]),
        ("art", "the heart, an artist", ["art"]),
        ("ear", "the heart", ["ear"]),
        ("wasn't", "It wasn’t he", ["wasn’t"]),
        ('"no"', "he said “No” and „no“ and «No»", ["“No”", "„no“", "«No»"]),
        ("well-known", "a well–known man", ["well–known"]),
        ("old  man", "the old\nman, the old man", ["old\nman", "old man"]),
        (", he", "so, he went", [", he"]),
        (".*", "what.* is", [".*"]),
        ("then", "ßßß and THEN İ", ["THEN"]),
        ("ẞ", "ﬁ ß", ["ß"]),
        ("", "nothing", []),
        ("  ", "nothing", []),
        ("[b]", "a [b] c", ["[b]"]),
    ],
)
def test_whole_words_before_beginnings_before_parts_whatever_their_quotes(
    words: str, text: str, found: list[str]
) -> None:
    assert spots(words, text) == found


def test_the_newest_place_is_gone_to_and_then_on_and_back_around_the_ends() -> None:
    search, cursor = search_in(*TEXTS)
    assert search.look_for("SEA")
    assert (search.number, search.count, search.inside, cursor.place) == (3, 3, 1, (2, 6))
    went = []
    for by in (1, 1, 1, -1, -1, -1):
        assert search.step("SEA", by)
        went.append((search.number, cursor.place))
    assert went == [(1, (1, 1)), (2, (2, 2)), (3, (2, 6)), (2, (2, 2)), (1, (1, 1)), (3, (2, 6))]


def test_typing_on_stays_where_one_was_and_a_moved_cursor_is_where_one_is() -> None:
    search, cursor = search_in(*TEXTS)
    cursor.to_first_word()
    for typed in ("s", "se", "sea"):
        assert search.look_for(typed)
    assert (search.number, cursor.place) == (1, (1, 1))
    cursor.step(4)
    cursor.step(4)
    assert search.step("sea", -1)
    assert search.number == 2
    cursor.to_first_word()
    assert search.step("sea", 1)
    assert search.number == 1


def test_every_place_is_counted_also_several_in_one_word() -> None:
    search, cursor = search_in("aaaa bab")
    assert search.look_for("a")
    assert search.count == 1, "the beginning of a word comes before its middle"
    search, cursor = search_in("baab")
    search.look_for("a")
    numbers = [search.number]
    search.step("a", 1)
    assert [*numbers, search.number] == [2, 1]
    assert cursor.place == (1, 0)


def test_what_is_nowhere_moves_nothing_and_leaving_takes_the_marks_away() -> None:
    search, cursor = search_in(*TEXTS)
    assert not search.look_for("nowhere")
    assert not search.step("nowhere", 1)
    assert (search.number, search.count, cursor.place) == (0, 0, None)
    search.look_for("sea")
    highlights = search._content.highlights
    block = search._content.turns[1]
    assert highlights.find_in_row(block, 0) == [((8, 11), "found"), ((25, 28), "found")]
    search.leave()
    assert highlights.find_in_row(block, 0) == []


def test_where_tokens_are_not_known_the_row_is_shown() -> None:
    search, cursor = search_in(*TEXTS)
    search._content.tokens_of = lambda turn_id: []
    shown: list[tuple[int, int]] = []
    search._reveal = lambda block, offset: shown.append((block.turn_id, offset))
    assert search.look_for("sea")
    assert shown == [(2, 25)]
    assert cursor.place is None
