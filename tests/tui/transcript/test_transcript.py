from typing import ClassVar

from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from rnntui.text import unjoined, visible
from rnntui.tui.safe import WithoutColor
from rnntui.tui.terminal.contrast import LEAST_CONTRAST, contrast
from rnntui.tui.transcript.highlights import HIGHLIGHTS
from rnntui.tui.transcript.transcript import Transcript
from tests.tui.fakes import turn_of
from tests.tui.helpers import HOSTILE, until


class Host(App[None]):
    BINDINGS: ClassVar = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)


def plain(pieces: list[str]) -> list[tuple[str, float]]:
    return [(piece, 1.0) for piece in pieces]


def rows(app: Host) -> list[str]:
    transcript = app.transcript
    return [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]


async def test_own_words_and_network_words_differ_without_colour() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        app.transcript.content.add_person("my words")
        app.transcript.content.extend(plain([" the", " network's"]))
        app.transcript.content.close("2 words")
        await pilot.pause()
        assert rows(app)[:4] == ["▌ my words", "", "  the network's", "  2 words"]


async def test_a_streamed_word_draws_only_the_last_rows_again() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        transcript = app.transcript
        transcript.content.extend(plain([f" word{number}" for number in range(200)]))
        await pilot.pause()
        dirty: list[tuple[int, int]] = []
        transcript.refresh_lines = lambda y, count=1: dirty.append((y, count))  # type: ignore[method-assign]
        for number in range(100):
            transcript.content.extend(plain([f" more{number}"]))
        assert max(count for _, count in dirty) <= 3


async def test_scrolling_up_is_not_undone_by_streaming_and_end_follows_again() -> None:
    app = Host()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = app.transcript
        transcript.focus()
        transcript.content.extend(plain([f" word{number}" for number in range(300)]))
        await until(pilot, lambda: transcript.scroll_offset.y == transcript.max_scroll_y > 0)
        await pilot.press("pageup")
        await until(pilot, lambda: transcript.scroll_offset.y < transcript.max_scroll_y)
        await pilot.wait_for_animation()
        place = transcript.scroll_offset.y
        transcript.content.extend(plain([f" more{number}" for number in range(100)]))
        await pilot.pause()
        assert transcript.scroll_offset.y == place
        assert not transcript.follower.is_following
        await pilot.press("end")
        await until(pilot, lambda: transcript.scroll_offset.y == transcript.max_scroll_y)
        assert transcript.follower.is_following
        transcript.content.extend(plain([f" again{number}" for number in range(100)]))
        await until(pilot, lambda: transcript.scroll_offset.y == transcript.max_scroll_y)


async def test_the_wheel_detaches_and_scrolling_down_to_the_end_follows() -> None:
    app = Host()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = app.transcript
        transcript.content.extend(plain([f" word{number}" for number in range(300)]))
        await until(pilot, lambda: transcript.scroll_offset.y == transcript.max_scroll_y > 0)
        transcript.post_message(_wheel())
        await pilot.pause()
        assert not transcript.follower.is_following
        transcript.scroll_to(y=transcript.max_scroll_y, animate=False)
        await until(pilot, lambda: transcript.follower.is_following)


def _wheel():  # type: ignore[no-untyped-def]
    from textual.events import MouseScrollUp

    return MouseScrollUp(None, 1, 1, 0, -1, 0, False, False, False)


async def test_resizing_wraps_again_without_losing_a_word() -> None:
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        words = [f" word{number}" for number in range(100)]
        app.transcript.content.extend(plain(words))
        for width in (30, 7, 3, 1, 50):
            await pilot.resize_terminal(width, 10)
            await pilot.pause()
            assert app.transcript.content.text == "".join(words).strip()


async def test_a_selection_is_copied_as_it_was_written() -> None:
    app = Host()
    async with app.run_test(size=(24, 10)) as pilot:
        app.transcript.content.add_person("one two three four five six seven")
        await pilot.pause()
        assert app.transcript.get_selection(SELECT_ALL) == ("one two three four five six seven", "\n")
        part = Selection(Offset(6, 0), Offset(5, 1))
        text, _ = app.transcript.get_selection(part)
        assert text == "two three four fiv"


async def test_hostile_text_is_shown_literally() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        for hostile in HOSTILE:
            app.transcript.content.clear()
            app.transcript.content.add_person(hostile)
            app.transcript.content.add_error(hostile)
            app.transcript.content.add_mark(hostile)
            app.transcript.content.extend(plain([hostile]))
            await pilot.pause()
            drawn = "\n".join(rows(app))
            assert unjoined(visible(hostile)).replace("\t", "    ").strip().split("\n")[0] in drawn


async def test_however_many_turns_are_shown_at_once_the_screen_scrolls_and_draws_a_few_times() -> None:
    turns = [turn_of(number, "person" if number % 2 else "network", f" said {number}") for number in range(1, 501)]
    app = Host()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = app.transcript
        scrolled: list[object] = []
        drawn: list[int] = []
        scroll_end, refresh_lines = transcript.scroll_end, transcript.refresh_lines
        transcript.scroll_end = lambda **how: (scrolled.append(how), scroll_end(**how))[1]  # type: ignore[method-assign]
        transcript.refresh_lines = lambda y, count=1: (drawn.append(y), refresh_lines(y, count))[1]  # type: ignore[method-assign]
        transcript.content.show_turns(turns, lambda turn: "", lambda turn: "")
        await pilot.pause()
        assert len(scrolled) <= 5
        assert len(drawn) <= 5
        assert rows(app)[-2] == "  said 500"
        assert len(transcript.content.turns) == 500


async def test_selected_and_highlighted_text_can_be_read_in_every_theme_and_without_colour() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        transcript = app.transcript
        transcript.content.show_turns([turn_of(1, "person", "my own words")], lambda turn: "", lambda turn: "")
        transcript.content.extend([(" the", 0.1), (" network's", 20.0), (" own", 5.0)])
        transcript.content.close("3 words")
        transcript.content.add_error("wrong")
        transcript.content.show_surprise(True)
        for kind, span in zip(HIGHLIGHTS, ((0, 2), (3, 6), (7, 12)), strict=True):
            transcript.content.highlights.highlight_text(kind, {1: [span]})
        for theme in sorted(app.available_themes):
            app.theme = theme
            await pilot.pause()
            highlighted = [segment for segment in transcript.render_line(0) if segment.text in {"my", "own", "words"}]
            assert len(highlighted) == len(HIGHLIGHTS)
            assert all(is_legible(segment.style) for segment in highlighted), theme
            app.screen.selections = {transcript: SELECT_ALL}
            for no_color in (False, True)[: 1 if "ansi" in theme else 2]:  # the app takes no such theme without colour
                app.no_color = no_color
                strips = [transcript.render_line(y) for y in range(8)]
                texts = [segment for strip in strips for segment in strip if segment.text.strip() and segment.style]
                if no_color:
                    texts = WithoutColor().apply(texts, Color(0, 0, 0))
                assert {"own", "network's", "3 words"} <= {segment.text for segment in texts}
                for text, style, _ in texts:
                    assert is_legible(style), (theme, no_color, text, style)
            app.screen.selections = {}


def is_legible(style: Style | None) -> bool:
    """Whether text can be told from its ground; which of both is the ground is no matter."""
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    if style.color.is_default or style.bgcolor.is_default:  # the terminal's own two, which are not known here
        return style.color != style.bgcolor or bool(style.reverse)
    return contrast(style.color, style.bgcolor) >= LEAST_CONTRAST
