"""How rows look and what stands at their cells, without any widget."""

from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection

from rnntui.tui.transcript.row_renderer import (
    STYLES,
    ArrowTarget,
    RowRenderer,
    WordTarget,
    selected_text,
    target_at,
)
from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.word_cursor import WordCursor
from tests.tui.fakes import turn_of


def content_of(*texts: str, remark: str = "", width: int = 20) -> TranscriptContent:
    content = TranscriptContent()
    content.rows.set_width(width)
    turns = [turn_of(at, "person" if at % 2 else "network", text) for at, text in enumerate(texts, 1)]
    content.tokens_of = lambda turn_id: [
        (f"{' ' * (number > 0)}{word}", 20.0 * number) for number, word in enumerate(texts[turn_id - 1].split())
    ]
    content.show_turns(turns, lambda turn: remark, lambda turn: "")
    return content


def named(name: str) -> Style:
    """A style that can be told from all others."""
    return Style(color=f"color({STYLES.index(name) + 1 if name else 0})")


def styles_of(renderer: RowRenderer, row: int) -> dict[str, Style | None]:
    return {segment.text.strip(): segment.style for segment in renderer.render(row, 24) if segment.text.strip()}


def test_a_row_has_its_gutter_and_the_style_of_its_voice() -> None:
    content = content_of("hello there", "and you", remark="2 words")
    renderer = RowRenderer(content, WordCursor(content), named)
    assert [renderer.render(row, 24).text.rstrip() for row in range(-1, 7)] == [
        *("", "▌ hello there", "  2 words", "", "  and you", "  2 words", "", ""),
    ]
    assert styles_of(renderer, 0) == {"▌": named("gutter"), "hello there": named("person")}
    assert all(renderer.render(row, 24).cell_length == 24 for row in range(-1, 9))


def test_the_word_of_the_cursor_and_surprising_words_stand_out() -> None:
    content = content_of("one two")
    cursor = WordCursor(content)
    renderer = RowRenderer(content, cursor, named)
    cursor.enter()
    assert styles_of(renderer, 0)["two"] == named("person") + named("word")
    content.shows_surprise = True
    cursor.leave()
    assert styles_of(renderer, 0) == {
        **{"▌": named("gutter"), "one": named("surprise-0")},
        "two": named("surprise-4"),
    }


def test_what_is_being_written_ends_in_a_cursor() -> None:
    content = TranscriptContent()
    content.extend([(" on", 1.0)])
    renderer = RowRenderer(content, WordCursor(content), named)
    assert renderer.render(0, 10).text.rstrip() == "  on▌"
    content.close()
    assert renderer.render(0, 10).text.rstrip() == "  on"


def test_styles_are_asked_for_once_until_they_are_forgotten() -> None:
    asked: list[str] = []
    content = content_of("one")

    def style_of(name: str) -> Style:
        asked.append(name)
        return Style()

    renderer = RowRenderer(content, WordCursor(content), style_of)
    for _ in range(3):
        renderer.render(0, 10)
    assert sorted(asked) == ["", "gutter", "person"]
    renderer.forget_styles()
    renderer.render(0, 10)
    assert len(asked) == 6


def test_a_selected_part_has_another_ground() -> None:
    content = content_of("one two")
    renderer = RowRenderer(content, WordCursor(content), named)
    ground = Style(bgcolor="red")
    strip = renderer.render_selected(0, 24, Selection(Offset(2, 0), Offset(5, 0)), ground)
    assert [segment.text for segment in strip if segment.style and segment.style.bgcolor] == ["one"]
    assert strip.text == renderer.render(0, 24).text


def test_selected_text_has_no_gutters_and_no_breaks_of_the_width() -> None:
    content = content_of("one two three four five six", "seven")
    assert selected_text(content.rows, Selection(None, None)) == "one two three four five six\nseven"


def test_a_cell_belongs_to_a_word_an_arrow_or_nothing() -> None:
    content = content_of("hello there", remark="‹ 1/2 ›")
    block = content.turns[0]
    assert target_at(content.rows, 0, 2) == WordTarget(block, 0)
    assert target_at(content.rows, 0, 9) == WordTarget(block, 7)
    assert target_at(content.rows, 0, 0) is None
    assert target_at(content.rows, 0, 20) is None
    assert target_at(content.rows, 1, 2) == ArrowTarget(1, -1)
    assert target_at(content.rows, 1, 8) == ArrowTarget(1, 1)
    assert target_at(content.rows, 1, 4) is None
    assert target_at(content.rows, 2, 2) is None
    assert target_at(content.rows, 99, 2) is None
    content.add_note("hello")
    assert target_at(content.rows, 3, 3) is None


def test_a_remark_that_is_too_long_ends_with_a_whole_part() -> None:
    content = content_of("one", remark="43 words · 4.7 bits/word · paragraph end", width=30)
    drawn = [RowRenderer(content, WordCursor(content), named).render(1, 40).text.rstrip()]
    for width in (12, 5):
        content.rows.set_width(width)
        content.rows.wrap_some(1.0)
        drawn.append(RowRenderer(content, WordCursor(content), named).render(1, 40).text.rstrip())
    assert drawn == ["  43 words · 4.7 bits/word", "  43 words", "  43 wo…"]
