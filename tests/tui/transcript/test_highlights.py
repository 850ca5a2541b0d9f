"""What stands out: named by turns and tokens or by characters, drawn in rows of any width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from rnntui.tui.transcript.highlights import Highlights
from rnntui.tui.transcript.row_renderer import RowRenderer
from rnntui.tui.transcript.transcript_content import Change, TranscriptContent
from rnntui.tui.transcript.word_cursor import WordCursor
from tests.tui.fakes import turn_of

PROMPT = "the old man"
REPLY = " saw the sea and the old ship and went home"


def content_of(width: int = 20, tell: list[Change] | None = None) -> TranscriptContent:
    content = TranscriptContent(tell.append if tell is not None else lambda change: None)
    content.rows.runs_on = True
    content.rows.set_width(width)
    turns = [turn_of(1, "person", PROMPT), turn_of(2, "network", REPLY)]
    words = {1: ["the", " old", " man"], 2: [f" {word}" for word in REPLY.split()]}
    content.tokens_of = lambda turn_id: [(piece, 1.0) for piece in words[turn_id]]
    content.show_turns(turns, lambda turn: "", lambda turn: "")
    return content


def drawn(content: TranscriptContent, kind: str) -> list[str]:
    """What has the style of a kind, row by row."""
    styles = {kind: Style(underline=True)}
    renderer = RowRenderer(content, WordCursor(content), lambda name: styles.get(name, Style()))
    rows = [renderer.render(row, 90) for row in range(content.rows.count)]
    marked = ["|".join(part.text for part in row if part.style and part.style.underline) for row in rows]
    return [row for row in marked if row]


@pytest.mark.parametrize("width", [9, 20, 90])
def test_tokens_stand_out_with_the_spaces_between_them_and_without_those_around(width: int) -> None:
    content = content_of(width)
    content.highlights.highlight_words("copied", {1: [(1, 3)], 2: [(3, 7)]})
    assert " ".join(drawn(content, "copied")).replace("|", " ") == "old man and the old ship"
    content.highlights.highlight_words("copied", {2: [(0, 1)]})
    assert drawn(content, "copied") == ["saw"]
    content.highlights.hide("copied")
    assert drawn(content, "copied") == []


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=4))
def test_the_same_words_stand_out_at_every_width(width: int, spans: list[tuple[int, int]]) -> None:
    content = content_of(width)
    content.highlights.highlight_words("differs", {2: spans})
    words = REPLY.split()
    wanted = [word for at, word in enumerate(words) if any(start <= at < end for start, end in spans)]
    assert "".join(drawn(content, "differs")).replace("|", "").replace(" ", "") == "".join(wanted)


def test_characters_stand_out_within_words() -> None:
    content = content_of()
    at = REPLY.strip().index("sea")
    content.highlights.highlight_text("found", {1: [(4, 6)], 2: [(at + 1, at + 6)]})
    assert drawn(content, "found") == ["ol", "ea an"]


def test_which_rows_look_different_is_told_for_the_turns_before_and_now() -> None:
    told: list[Change] = []
    content = content_of(20, told)
    told.clear()
    content.highlights.highlight_words("copied", {2: [(0, 1)]})
    assert [(change.kind, change.first_row) for change in told] == [("restyled", 0)]
    told.clear()
    content.highlights.highlight_words("copied", {1: [(0, 1)]})
    assert len(told) == 2
    content.highlights.hide("copied")
    told.clear()
    content.highlights.hide("copied")
    assert told == []


def test_a_turn_that_was_taken_back_and_comes_again_has_its_highlights() -> None:
    content = content_of(90)
    content.highlights.highlight_words("copied", {2: [(1, 3)]})
    turns = [turn_of(1, "person", PROMPT), turn_of(2, "network", REPLY)]
    content.show_turns(turns[:1], lambda turn: "", lambda turn: "")
    assert drawn(content, "copied") == []
    content.show_turns(turns, lambda turn: "", lambda turn: "")
    assert drawn(content, "copied") == ["the sea"]


def test_the_span_of_a_token_is_known_and_no_other_kind_is_taken() -> None:
    highlights = Highlights()
    highlights.highlight_words("copied", {2: [(7, 9), (1, 4), (3, 5), (6, 6)]})
    spans = [highlights.word_span("copied", 2, index) for index in range(10)]
    assert spans == [None, *[(1, 5)] * 4, None, None, (7, 9), (7, 9), None]
    assert highlights.word_span("differs", 2, 3) is highlights.word_span("copied", 1, 3) is None
    highlights.highlight_text("found", {2: [(0, 5)]})
    assert highlights.word_span("found", 2, 3) is None
    with pytest.raises(ValueError, match="elsewhere"):
        highlights.highlight_words("elsewhere", {})
