"""A reply goes on in the line in which its prompt ends: drawn, wrapped, clicked, selected and walked through."""

from typing import ClassVar

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from rnntui.config import AppSettings, Config
from rnntui.records import Turn
from rnntui.tui.transcript.row_renderer import RowRenderer
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.word_cursor import WordCursor
from tests.tui.fakes import FakeServices, turn_of
from tests.tui.helpers import newest_reply, running, send, shown, until


class Host(App[None]):
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[int, int]] = []
        self.walked: list[tuple[int, int]] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    def on_mount(self) -> None:
        self.transcript.content.rows.runs_on = True

    def on_transcript_word_opened(self, message: Transcript.WordOpened) -> None:
        self.opened.append((message.turn_id, message.index))

    def on_transcript_sibling_wanted(self, message: Transcript.SiblingWanted) -> None:
        self.walked.append((message.turn_id, message.by))

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)


def rows(app: Host) -> list[str]:
    transcript = app.transcript
    drawn = [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]
    while drawn and not drawn[-1]:
        drawn.pop()
    return drawn


def plain(pieces: list[str]) -> list[tuple[str, float]]:
    return [(piece, 1.0) for piece in pieces]


def conversation(prompt: str = "The old man", reply: str = ", who was late, saw the sea.") -> list[Turn]:
    return [turn_of(1, "person", prompt), turn_of(2, "network", reply)]


def show(app: Host, turns: list[Turn], remarks: dict[int, str] | None = None) -> None:
    app.transcript.content.tokens_of = lambda turn_id: [
        (piece, 1.0) for turn in turns if turn.turn_id == turn_id for piece in _words(turn.text)
    ]
    app.transcript.content.show_turns(turns, lambda turn: (remarks or {}).get(turn.turn_id, ""), lambda turn: "a mark")


def _words(text: str) -> list[str]:
    first, *others = text.split(" ")
    return [piece for piece in (first, *(f" {word}" for word in others)) if piece]


REPLIES = (
    ("The old man", [",", " who", " saw"], ["▌ The old man, who saw"]),
    ("The old man", [" saw", " it", "."], ["▌ The old man saw it."]),
    ("The old man saw the sea", [" and", " he"], ["▌ The old man saw the", "▌ sea and he"]),
    ("The old man saw the", [" seagulls", " fly"], ["▌ The old man saw the", "  seagulls fly"]),
    ("The old man saw", [" seagulls", " fly"], ["▌ The old man saw", "  seagulls fly"]),
    ("The old man saw them", [",", " too"], ["▌ The old man saw them,", "  too"]),
    ("She looked\nup and", [" said", " so"], ["▌ She looked", "▌ up and said so"]),
    ("The old man who was late saw\nher", [" go"], ["▌ The old man who was", "▌ late saw", "▌ her go"]),
    ("The old man.", ["\n\n", "He", " saw"], ["▌ The old man.", "", "  He saw"]),
)
"""Prompts, the tokens of their replies, and the rows of both."""


def content_of(width: int) -> TranscriptContent:
    content = TranscriptContent()
    content.rows.set_width(width)
    content.rows.runs_on = True
    return content


def rows_of(content: TranscriptContent) -> list[str]:
    """What the rows of a content look like, without any screen."""
    renderer = RowRenderer(content, WordCursor(content), lambda name: Style())
    return "\n".join(renderer.render(row, 80).text.rstrip() for row in range(content.rows.count)).rstrip().split("\n")


def test_a_reply_that_comes_goes_on_in_the_line_of_its_prompt() -> None:
    for prompt, pieces, expected in REPLIES:
        content = content_of(21)
        content.add_person(prompt)
        for piece in pieces:
            content.extend(plain([piece]))
        content.close()
        assert rows_of(content) == expected, prompt


def test_a_note_about_a_prompt_does_not_part_it_from_its_reply_and_goes_with_it() -> None:
    content = content_of(21)
    turns = conversation("The old man", " saw the sea.")
    content.show_turns(turns[:1], lambda turn: "", lambda turn: "")
    content.add_note("not in the vocabulary, read in parts: zebu", 1)
    assert rows_of(content) == ["▌ The old man", "  not in the vocabulary…"]
    content.extend(plain([" saw", " it"]))
    content.close("2 words")
    assert rows_of(content) == ["▌ The old man saw it", "  2 words", "▌ not in the vocabulary…"]
    content.show_turns([], lambda turn: "", lambda turn: "")
    assert content.rows.count == 0


def test_parts_of_a_note_stand_in_as_many_rows_as_they_need() -> None:
    content = content_of(30)
    content.show_turns(conversation("The old man", " saw the sea.")[:1], lambda turn: "", lambda turn: "")
    content.add_note("one part of it · and another · a third that is long", 1)
    assert rows_of(content) == ["▌ The old man", "  one part of it · and another", "  a third that is long"]


async def test_the_prompt_keeps_its_own_style_in_the_line_that_it_shares() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        show(app, conversation())
        await pilot.pause()
        segments = {segment.text.strip(): segment.style for segment in app.transcript.render_line(0)}
        own, reply = segments["The old man"], segments[", who was late, saw the"]
        assert own is not None
        assert reply is not None
        assert (own.bold, reply.bold) == (True, None)


def test_what_was_stored_looks_as_what_came_word_by_word_at_every_width() -> None:
    turns = [*conversation(), *conversation("Then he went", " home.")]
    turns = [turn_of(number, turn.role, turn.text) for number, turn in enumerate(turns, 1)]
    text = "".join(turn.text if turn.turn_id != 3 else f" {turn.text}" for turn in turns)
    for width in range(1, 61):
        stored, arrived = content_of(67), content_of(width)
        stored.show_turns(turns, lambda turn: "", lambda turn: "")
        stored.rows.set_width(width)
        while not stored.rows.is_wrapped:
            stored.rows.wrap_some(0.0)
        for prompt, reply in zip(turns[::2], turns[1::2], strict=True):
            arrived.add_person(prompt.text)
            for piece in _words(reply.text):
                arrived.extend(plain([piece]))
            arrived.close()
        assert rows_of(arrived) == (seen := rows_of(stored)), width
        assert "".join(text.split()) == "".join("".join(row[2:] for row in seen).split()), width


async def test_a_click_finds_the_word_of_either_turn_in_the_line_that_they_share() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        show(app, conversation())
        await pilot.pause()
        await pilot.click(Transcript, offset=(6, 0))
        await pilot.click(Transcript, offset=(15, 0))
        await until(pilot, lambda: len(app.opened) == 2)
        assert app.opened == [(1, 1), (2, 1)]


async def test_arrows_walk_from_prompt_to_reply_and_from_row_to_row() -> None:
    app = Host()
    async with app.run_test(size=(24, 12)) as pilot:
        show(app, conversation("The old man and", " the sea were there and he saw"))
        await pilot.pause()
        assert rows(app) == ["▌ The old man and the", "  sea were there and", "  he saw"]
        app.transcript.focus()
        app.transcript.cursor.to_first_word()
        app.transcript.cursor.step(3)
        await pilot.press("right")
        assert app.transcript.cursor.place == (2, 0)
        await pilot.press("left", "left")
        assert app.transcript.cursor.place == (1, 2)
        await pilot.press("down")
        assert app.transcript.cursor.text in {" were", " there"}
        await pilot.press("up")
        assert app.transcript.cursor.place == (2, 0)


async def test_a_selection_over_the_line_is_copied_as_running_text() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        show(app, conversation())
        await pilot.pause()
        found = app.transcript.get_selection(Selection(Offset(0, 0), Offset(20, 0)))
        assert found is not None
        assert found[0] == "The old man, who w"


async def test_the_remark_of_a_prompt_stands_below_the_reply_and_its_arrows_are_the_prompts() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        show(app, conversation(), {1: "‹ 1/2 ›", 2: "7 words"})
        await pilot.pause()
        assert rows(app) == ["▌ The old man, who was late, saw the", "  sea.", "  7 words", "▌ ‹ 1/2 ›"]
        await pilot.click(Transcript, offset=(2, rows(app).index("▌ ‹ 1/2 ›")))
        await until(pilot, lambda: app.walked == [(1, -1)])


async def test_a_prompt_whose_reply_is_gone_stands_alone_again() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        turns = conversation()
        show(app, turns)
        show(app, turns[:1], {1: "‹ 1/2 ›"})
        await pilot.pause()
        assert rows(app) == ["▌ The old man"]
        app.transcript.content.set_remark(1, "‹ 1/2 ›")
        app.transcript.content.extend(plain([" went", " home"]))
        await pilot.pause()
        assert rows(app) == ["▌ The old man went home▌", "▌ ‹ 1/2 ›"]


@pytest.mark.parametrize(("replies", "is_beside"), [("inline", True), ("paragraph", False)])
async def test_replies_can_have_paragraphs_of_their_own(replies: str, is_beside: bool) -> None:
    services = FakeServices()
    services.config = Config(app=AppSettings(replies=replies))
    async with running(services, (80, 24)) as (app, pilot):
        await send(app, pilot, "Tell me of the night")
        await until(pilot, lambda: app.is_idle and "43 words" in shown(app))
        assert ("Tell me of the night The sea" in shown(app)) == is_beside
        assert newest_reply(app).startswith("The sea")
