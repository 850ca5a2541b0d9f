"""What a transcript holds, and what it says of every change, without any widget."""

from rnntui.tui.transcript.transcript_content import Change, TranscriptContent
from tests.tui.fakes import turn_of


class Told:
    """A content, and the changes that it told of."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.content = TranscriptContent(self.changes.append)

    def kinds(self) -> list[str]:
        kinds = [change.kind for change in self.changes]
        self.changes.clear()
        return kinds


def blank(turn: object) -> str:
    return ""


def test_a_streamed_token_changes_the_last_row_only() -> None:
    told = Told()
    told.content.extend([(f" word{number}", 1.0) for number in range(200)])
    before = told.content.rows.count
    told.changes.clear()
    told.content.extend([(" on", 1.0)])
    (change,) = told.changes
    assert change.kind == "grown"
    assert change.count == before
    assert before - 2 <= change.first_row < before


def test_own_words_and_errors_are_what_the_person_wants_to_see_and_notes_are_not() -> None:
    told = Told()
    told.content.add_person("mine")
    assert told.kinds() == ["grown", "end"]
    told.content.add_error("wrong")
    assert told.kinds() == ["grown", "end"]
    told.content.add_note("by the way")
    assert told.kinds() == ["grown"]


def test_turns_that_are_held_already_stay_the_same_blocks() -> None:
    told = Told()
    turns = [turn_of(number, "person" if number % 2 else "network", f" said {number}") for number in range(1, 7)]
    told.content.show_turns(turns[:4], blank, blank)
    held = list(told.content.turns)
    told.content.show_turns(turns, blank, blank)
    assert told.content.turns[:4] == held
    told.content.show_turns(turns[:2], blank, blank)
    assert told.content.turns == held[:2]
    assert told.content.text == "said 1\nsaid 2"


def test_words_that_wait_stay_at_the_end_until_their_turn_is_there() -> None:
    content = TranscriptContent()
    content.add_person("first", is_waiting=True)
    content.add_person("second", is_waiting=True)
    content.show_turns([turn_of(1, "person", "first")], blank, blank)
    assert content.text == "first\nsecond"
    assert [block.is_waiting for block in content.rows.blocks] == [False, True]
    content.drop_person("second")
    assert content.text == "first"
    content.drop_person("first", kept={1})
    assert content.text == "first"


def test_a_reply_goes_on_in_the_turn_that_was_begun() -> None:
    content = TranscriptContent()
    content.show_turns([turn_of(1, "person", "go"), turn_of(2, "network", "")], blank, blank)
    content.extend([(" on", 1.0)])
    content.close("1 word")
    assert [block.turn_id for block in content.turns] == [1, 2]
    assert content.rows.blocks[-1].remark == "1 word"
    content.extend([(" again", 1.0)])
    assert [block.text for block in content.turns] == ["go", "on again"]


def test_the_story_begins_after_the_last_mark() -> None:
    content = TranscriptContent()
    content.add_person("before")
    content.add_mark("memory emptied here", 3)
    content.add_person("after")
    content.extend([(" this", 1.0)])
    content.add_error("not part of it")
    assert content.story == "after\nthis"


def test_tokens_are_asked_for_once_and_only_when_they_are_needed() -> None:
    asked: list[int] = []
    content = TranscriptContent()

    def tokens_of(turn_id: int) -> list[tuple[str, float]]:
        asked.append(turn_id)
        return [(" said", 2.0), (" it", 3.0)]

    content.tokens_of = tokens_of
    content.show_turns([turn_of(1, "network", " said it")], blank, blank)
    assert asked == []
    assert content.last_bits(5) == [2.0, 3.0]
    assert content.last_bits(1) == [3.0]
    assert asked == [1]


def test_a_word_that_is_spelled_in_parts_is_as_surprising_as_its_parts_together() -> None:
    content = TranscriptContent()
    content.extend([(" a", 1.0), (" har", 2.0), ("poon", 3.0), ("er", 4.0), (",", 5.0), (" it", 6.0), ("’s", 7.0)])
    assert content.last_bits(9) == [1.0, 9.0, 5.0, 6.0, 7.0]
    assert content.last_bits(3) == [5.0, 6.0, 7.0]


def test_tints_restyle_the_rows_of_one_turn_or_all() -> None:
    told = Told()
    told.content.show_turns([turn_of(1, "person", "one"), turn_of(2, "network", " two")], blank, blank)
    told.changes.clear()
    told.content.show_unit(2, (0.5,))
    told.content.show_surprise(True)
    told.content.hide_unit()
    first, *others = told.changes
    assert first == Change("restyled", 2, 2)
    assert others == [Change("restyled", 0, told.content.rows.count)] * 2
    assert told.content.turns[1].values == ()


def test_an_emptied_content_holds_nothing() -> None:
    told = Told()
    told.content.extend([(" word", 1.0)])
    told.changes.clear()
    told.content.clear()
    assert told.content.is_blank
    assert told.content.rows.count == 0
    assert told.kinds() == ["moved", "end"]
