"""The word cursor, the box of alternatives and the surprise colours: widgets alone, with scripted words."""

import dataclasses
import itertools
import tracemalloc
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from rnntui.events import Alternative, WordLooked
from rnntui.figures import surprise_band
from rnntui.tui.panel.alternatives import _HINTS, Alternatives
from rnntui.tui.terminal.textual_internals import rows_of
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.transcript.turn_block import Block
from rnntui.tui.widgets.bars import percent, sparkline
from tests.effort import examples
from tests.tui.fakes import FakeServices, turn_of
from tests.tui.helpers import HOSTILE, chat_of, newest_reply, running, send, shown, until

OWN = [("Tell", 9.0), (" me", 2.0), (" more", 5.0), (".", 0.5)]
REPLY = [(" The", 3.0), (" ship", 8.0), (" went", 1.0), (" down", 12.0), (".", 0.1), ("\n\n", 0.2)]


class Host(App[None]):
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    def compose(self) -> ComposeResult:
        yield Transcript()
        yield Alternatives(id="box")

    def on_mount(self) -> None:
        words = {1: OWN, 2: REPLY}
        transcript = self.query_one(Transcript)
        transcript.content.tokens_of = lambda turn_id: words[turn_id]
        turns = [
            turn_of(number, role, "".join(piece for piece, _ in words[number]))
            for number, role in ((1, "person"), (2, "network"))
        ]
        transcript.content.show_turns(turns, lambda turn: "remark ‹ 1/2 ›", lambda turn: "")

    def on_transcript_word_opened(self, message: Transcript.WordOpened) -> None:
        self.seen.append((message.turn_id, message.index))

    def on_transcript_sibling_wanted(self, message: Transcript.SiblingWanted) -> None:
        self.seen.append((message.turn_id, message.by))

    def on_alternatives_taken(self, message: Alternatives.Taken) -> None:
        self.seen.append(message.word)

    def on_alternatives_searched(self, message: Alternatives.Searched) -> None:
        self.seen.append(f"search {message.begins}")

    def on_alternatives_rewind_wanted(self) -> None:
        self.seen.append("rewind")

    def on_alternatives_closed(self) -> None:
        self.seen.append("closed")


def looked(*pieces: str, begins: str = "") -> WordLooked:
    words = tuple(Alternative(piece, number, 0.5**number, 0.1) for number, piece in enumerate(pieces, 1))
    return WordLooked(2, 1, 5, " ship", -2.0, 2, 3.17, words, (), (0.5, 0.3, 0.2), begins)


async def test_the_cursor_goes_over_every_token_of_both_voices_and_back() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        transcript = app.query_one(Transcript)
        transcript.focus()
        assert transcript.cursor.enter()
        places = [transcript.cursor.place]
        for _ in range(8):
            await pilot.press("left")
            places.append(transcript.cursor.place)
        assert places == [*((2, index) for index in range(4, -1, -1)), *((1, index) for index in range(3, -1, -1))]
        await pilot.press("left", "G")
        assert transcript.cursor.place == (2, 4)
        await pilot.press("up", "{")
        assert transcript.cursor.place in {(2, 0), (1, 0)}
        await pilot.press("g", "enter")
        assert transcript.cursor.place == (1, 0)
        assert app.seen == [(1, 0)]


async def test_a_click_opens_the_word_under_the_mouse_and_an_arrow_asks_for_a_version() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        await pilot.click(Transcript, offset=(2 + len("The sh"), 3))
        await until(pilot, lambda: app.seen == [(2, 1)])
        await pilot.click(Transcript, offset=(2 + len("remark ‹ 1/2 "), 1))
        await until(pilot, lambda: app.seen[-1] == (1, 1))
        await pilot.click(Transcript, offset=(30, 3))
        await pilot.pause()
        assert len(app.seen) == 2


async def test_surprise_is_told_without_colour() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        transcript = app.query_one(Transcript)
        transcript.content.show_surprise(True)
        await pilot.pause()
        styles = {
            segment.text.strip(): segment.style
            for y in (0, 3)
            for segment in transcript.render_line(y)
            if segment.style and segment.text.strip()
        }
        assert styles["down"].bold
        assert styles["down"].underline
        assert styles["ship"].underline
        assert not styles["ship"].bold
        assert styles["more"].italic
        assert not styles["The"].underline
        assert styles["."].color != styles["The"].color


def test_the_bands_rise_with_surprise() -> None:
    assert [surprise_band(bits) for bits in (0, 1, 3, 6, 10, 99)] == [0, 1, 2, 3, 4, 4]


async def test_digits_take_letters_search_and_u_rewinds() -> None:
    app = Host()
    async with app.run_test(size=(70, 20)) as pilot:
        box = app.query_one(Alternatives)
        box.wait_for(" ship")
        box.focus()
        box.show(looked(" whale", " ship", " boat", " sun", " crew"))
        keys = (
            "3",
            "9",
            "u",
            "s",
            "u",
            "backspace",
            "backspace",
            "/",
            "u",
            "escape",
            "down",
            "down",
            "enter",
            "escape",
        )
        await pilot.press(*keys)
        assert app.seen == [
            3, "rewind", "search s", "search su", "search s", "search ", "search u", "search ", 2, "closed",
        ]  # fmt: skip


async def test_the_box_names_all_sources_of_a_word_at_every_width() -> None:
    app = Host()
    async with app.run_test(size=(36, 24)) as pilot:
        box = app.query_one(Alternatives)
        for width in (36, 60, 70, 120):
            await pilot.resize_terminal(width, 24)
            box.wait_for(" ship")
            box.show(dataclasses.replace(looked(" whale", " ship"), shares=(0.4, 0.3, 0.2, 0.1)))
            await pilot.pause()
            rendered = str(box.render())
            for source in ("network 40%", "counting 30%", "recent words 20%", "what the base counted 10%"):
                assert source in rendered, width
            box.show(looked(" whale", " ship"))
            assert "base" not in str(box.render()), "a model that began with nothing has none"


async def test_the_hint_of_the_box_is_cut_at_no_width() -> None:
    app = Host()
    async with app.run_test(size=(36, 24)) as pilot:
        app.query_one(Alternatives).wait_for(" ship")
        for width in (36, 60, 50, 74, 70, 94, 80, 104, 60, 84, 120, 144):
            await pilot.resize_terminal(width, 24)
            await until(pilot, lambda: any(hint in shown(app) for hint in _HINTS))


async def test_an_answer_to_an_older_search_is_left_out() -> None:
    app = Host()
    async with app.run_test(size=(70, 20)) as pilot:
        box = app.query_one(Alternatives)
        box.wait_for(" ship")
        box.focus()
        await pilot.press("s", "h")
        box.show(looked(" whale"))
        assert box._found is None
        box.show(looked(" shy", begins="sh"))
        await pilot.press("enter")
        assert app.seen[-1] == " sh"


async def test_the_beginning_of_a_word_is_not_taken_for_the_word() -> None:
    app = Host()
    async with app.run_test(size=(70, 20)) as pilot:
        box = app.query_one(Alternatives)
        box.wait_for(" ship")
        box.focus()
        await pilot.press("s", "h")
        found = looked(" sh", " shy", begins="sh")
        begun = dataclasses.replace(found.alternatives[0], is_begun=True)
        box.show(dataclasses.replace(found, alternatives=(begun, found.alternatives[1])))
        await until(pilot, lambda: "sh… " in shown(app))
        await pilot.press("enter")
        assert app.seen[-1] == " sh"
        box.show(found)
        await pilot.press("enter")
        assert app.seen[-1] == 1


@pytest.mark.parametrize("width", [48, 60, 80])
async def test_a_click_says_the_word_under_the_mouse(width: int) -> None:
    app = Host()
    async with app.run_test(size=(width, 24)) as pilot:
        box = app.query_one(Alternatives)
        for typed, count in itertools.product(("", "wh"), (3, 4, 6, 9)):
            box.wait_for(" ship")
            box.focus()
            await pilot.press(*typed)
            names = [f"{typed or 'a'}{letter * 3}" for letter in "bcdefghij"[:count]]
            box.show(looked(*(f" {name}" for name in names), begins=typed))
            is_shown = [*names, "as you typed it"] if typed else names
            await until(pilot, lambda: all(name in shown(app) for name in is_shown))  # noqa: B023
            app.seen.clear()
            rows = shown(app).split("\n")
            for name in is_shown:
                y = next(y for y, row in enumerate(rows) if name in row)
                await pilot.click(offset=(rows[y].index(name), y))
            assert app.seen == [*range(1, count + 1), *([f" {typed}"] if typed else [])], (typed, count)


async def test_hostile_words_are_shown_literally_in_the_box() -> None:
    app = Host()
    async with app.run_test(size=(70, 20)) as pilot:
        box = app.query_one(Alternatives)
        for hostile in HOSTILE:
            box.wait_for(hostile)
            box.show(looked(hostile, " ship"))
            box.refuse(hostile)
            await pilot.pause()
            metas = [segment.style.meta for strip in rows_of(app.screen) for segment in strip if segment.style]
            assert metas, hostile
            assert not any("@click" in meta for meta in metas), hostile


@given(
    st.lists(
        st.sampled_from([" the", " a", ".", "\n\n", " ", "ü", " 中文", "[b]", "\t", "long" * 9, "\x1b[31m"]),
        max_size=30,
    )
)
@settings(deadline=None, max_examples=examples(60))
def test_every_visible_character_belongs_to_its_token(pieces: list[str]) -> None:
    arrived, stored = Block("network", 17), Block("network", 9, 1, len("".join(pieces)))
    for piece in pieces:
        arrived.add_token(piece, 1.0)
    stored.add("".join(pieces))
    stored.set_tokens([(piece, 1.0) for piece in pieces])
    assert arrived.ends == stored.ends
    assert arrived.text == stored.text
    for block in (arrived, stored):
        for row, line in enumerate(block.wrapper.rows):
            assert "".join(text for text, _ in block.tokens_in(row) if block.ends) == (line.text if block.ends else "")
    stored.wrap(17)
    assert [row.text for row in stored.wrapper.rows] == [row.text for row in arrived.wrapper.rows]


def test_a_block_that_is_cut_while_its_end_is_held_back_grows_on() -> None:
    block = Block("network", 9)
    for piece in (" The", " cat", "\n", " "):
        block.add_token(piece, 1.0)
    block.wrap(17)
    block.add_token("saw", 1.0)
    assert block.text == "The cat\n saw"
    assert list(block.ends) == [3, 7, 8, 9, 12]


def test_a_word_of_a_block_takes_little_memory() -> None:
    words = 4_000
    block = Block("network", 80)
    tracemalloc.start()
    try:
        for number in range(words):
            block.add_token(" word", number / 7)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 60 * words


def test_percentages_have_six_cells() -> None:
    assert {len(percent(10**-exponent)) for exponent in range(9)} == {6}
    assert sparkline([0, 8, 16, 99], 16) == "▁▅██"


async def test_while_the_network_writes_a_word_waits_and_escape_stops_first() -> None:
    services = FakeServices(reply=" on and on" * 50)
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        chat.words.close()
        await send(app, pilot, "Go")
        chat.words.let(3)
        await until(pilot, lambda: newest_reply(app).count(" ") == 2)
        await pilot.press("f7", "left", "enter")
        await until(pilot, lambda: "this place is looked at when it is done" in shown(app))
        await pilot.press("escape")
        chat.words.open()
        await until(pilot, lambda: app.is_idle and "on average here 3.1 bits" in shown(app))
        assert newest_reply(app) == "on and on"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.focused is chat_of(app).prompt)
        assert chat_of(app).transcript.cursor.place is None


async def test_closing_the_line_to_find_takes_its_cursor_away_while_words_come() -> None:
    services = FakeServices(reply=" on and on" * 50)
    async with running(services) as (app, pilot):
        chat, transcript = services.chats[0], chat_of(app).transcript
        chat.words.close()
        await send(app, pilot, "Tell me")
        chat.words.let(3)
        await until(pilot, lambda: newest_reply(app).count(" ") == 2)
        await pilot.press("ctrl+f", *"me", "enter")
        await until(pilot, lambda: transcript.cursor.text == " me")
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is chat_of(app).prompt)
        assert transcript.cursor.place is None
        chat.words.open()
        await until(pilot, lambda: app.is_idle)


async def test_places_are_marked_and_counted_while_one_types() -> None:
    async with running(FakeServices(reply=" the seasick man saw the sea and the Sea")) as (app, pilot):
        await send(app, pilot, "Go")
        await until(pilot, lambda: app.is_idle)
        transcript = chat_of(app).transcript
        await pilot.press("ctrl+f", *"se")
        await until(pilot, lambda: "3 of 3" in shown(app))
        await pilot.press("a")
        await until(pilot, lambda: "2 of 2 · 1 more inside words" in shown(app))
        found = transcript.get_component_rich_style("transcript--found", partial=True).bgcolor
        row = next(row for y in range(9) if (row := transcript.render_line(y)).text.strip().startswith("▌ Go"))
        assert [part.text for part in row if part.style and part.style.bgcolor == found] == ["sea"]
        assert transcript.cursor.text == " Sea"
        await pilot.press("up")
        await until(pilot, lambda: "1 of 2" in shown(app))
        await pilot.press("x")
        await until(pilot, lambda: "stands nowhere here" in shown(app))
        await pilot.press("backspace", "escape")
        await until(pilot, lambda: app.focused is chat_of(app).prompt)
        assert not transcript.content.highlights.find_in_row(transcript.content.turns[-1], 0)
        assert "of 2" not in shown(app)


async def test_letters_go_to_the_prompt_again_after_the_words_were_left() -> None:
    async with running(FakeServices(reply=" the sea")) as (app, pilot):
        await send(app, pilot, "Go")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("f7", "h", "k", "i", "h", "i")
        await until(pilot, lambda: chat_of(app).prompt.text == "hi")


PAGE = [("One", 1.0), (" two", 1.0), (".", 1.0), ("\n\n", 1.0), ("Three", 1.0), ("\n", 1.0), ("\n", 1.0), ("four", 1.0)]


async def test_up_and_down_go_over_empty_rows() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        transcript = app.query_one(Transcript)
        transcript.content.clear()
        transcript.content.tokens_of = lambda turn_id: PAGE
        turn = turn_of(3, "network", "".join(piece for piece, _ in PAGE))
        transcript.content.show_turns([turn], lambda turn: "", lambda turn: "")
        transcript.focus()
        assert transcript.cursor.enter()
        rows = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            rows.append(transcript.cursor.text)
        assert rows == ["Three", "One", "One", "Three", "four", "four"]
        await pilot.press("g", *["right"] * 3, "down")
        assert transcript.cursor.text == "Three"
        await pilot.press("left", "up")
        assert transcript.cursor.place == (3, 3)  # the break stands in the first row
