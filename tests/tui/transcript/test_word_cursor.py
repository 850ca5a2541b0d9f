"""The word cursor and its search, without any widget."""

from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.turn_block import Block
from rnntui.tui.transcript.word_cursor import WordCursor
from tests.tui.fakes import turn_of

PROMPT = ["Tell", " me", " of", " the", " sea"]
REPLY = [" The", " sea", " was", " dark", "."]


def cursor_over(*pieces: list[str], width: int = 76) -> WordCursor:
    content = TranscriptContent()
    content.rows.set_width(width)
    turns = [turn_of(at, "person" if at % 2 else "network", "".join(words)) for at, words in enumerate(pieces, 1)]
    content.tokens_of = lambda turn_id: [(piece, 1.0) for piece in pieces[turn_id - 1]]
    content.show_turns(turns, lambda turn: "", lambda turn: "")
    return WordCursor(content)


def test_it_enters_at_the_newest_word_and_walks_into_the_turn_before() -> None:
    cursor = cursor_over(PROMPT, REPLY)
    assert cursor.place is None
    assert cursor.text == ""
    assert cursor.enter()
    assert (cursor.place, cursor.text) == ((2, 4), ".")
    cursor.step(-4)
    assert cursor.place == (2, 0)
    cursor.step(-1)
    assert (cursor.place, cursor.text) == ((1, 4), " sea")
    cursor.step(1)
    assert cursor.place == (2, 0)
    cursor.leave()
    assert cursor.place is None


def test_turns_are_stepped_over_by_their_first_words() -> None:
    cursor = cursor_over(PROMPT, REPLY, PROMPT)
    cursor.to_first_word()
    cursor.step_turn(1)
    assert cursor.place == (2, 0)
    cursor.step(2)
    cursor.step_turn(-1)
    assert cursor.place == (2, 0)
    cursor.step_turn(-1)
    cursor.step_turn(-1)
    assert cursor.place == (1, 0)


def test_rows_are_stepped_over_in_the_same_column() -> None:
    cursor = cursor_over(["one", " two", " three", " four"], width=8)
    cursor.to_first_word()
    cursor.step(1)
    cursor.step_row(1)
    assert cursor.text == " three"
    cursor.step_row(1)
    assert cursor.text == " four"
    cursor.step_row(-2)
    assert cursor.text == "one"


def test_it_tells_which_block_it_has_left() -> None:
    left: list[Block | None] = []
    content = TranscriptContent()
    content.extend([(" one", 1.0), (" two", 1.0)])
    cursor = WordCursor(content, left.append)
    cursor.enter()
    cursor.step(-1)
    cursor.leave()
    cursor.leave()
    block = content.turns[0]
    assert left == [None, block, block]


def test_it_leaves_with_the_turn_it_stands_in() -> None:
    content = TranscriptContent()
    content.extend([(" one", 1.0)])
    cursor = WordCursor(content)
    cursor.enter()
    cursor.leave_removed()
    assert cursor.place is not None
    content.clear()
    cursor.leave_removed()
    assert cursor.place is None
    assert not cursor.enter()
