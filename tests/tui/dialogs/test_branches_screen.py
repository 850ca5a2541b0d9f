"""The list of versions: what each is, how it came about, and where it leaves the one that is shown."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import OptionList

from rnntui.tui.compare.versions import VersionsComparison
from rnntui.tui.dialogs.branches import BranchesScreen, count_alike
from rnntui.tui.widgets.turn_preview import TurnPreview
from tests.tui.dialogs.test_sessions_screen import opened, say, settled
from tests.tui.helpers import chat_of, send, shown, until
from tests.tui.real import real_chat, really_running


@given(st.lists(st.sampled_from(["cat", "cats", "a", "dog,", "\n"]), max_size=6), st.data())
def test_what_is_alike_ends_with_a_word_of_both(words: Sequence[str], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.sampled_from(["cat", "ca", "a", "dog;"]), max_size=6))
    text, other = " ".join(words), " ".join(others)
    same = count_alike(text, other)
    assert text[:same] == other[:same]
    rest = {each[same : same + 1] for each in (text, other)}
    assert same == 0 or text[same - 1].isspace() or not any(sign.isalnum() for sign in rest)
    if text == other:
        assert same == len(text)


def test_the_first_different_word_counts_whole() -> None:
    assert count_alike("the cat sat", "the cats sat") == 4
    assert count_alike("the cat sat", "the cat, sat") == 7
    assert count_alike("the cat", "the cat sat") == 7
    assert count_alike("one", "two") == 0


async def test_each_version_shows_its_settings_and_what_differs(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        await send(app, pilot, "/seed 4")
        await say(app, pilot, "The cat saw")
        await send(app, pilot, "/temp 0.2")
        await send(app, pilot, "/top-k 3")
        await pilot.press("alt+r")
        await until(pilot, lambda: app.is_idle and len(real_chat(app).facts.siblings(_last(app))) == 2)
        await opened(app, pilot, "alt+v", BranchesScreen)
        drawn = shown(app)
        assert "1/2 net  temperature 1.00 · top-k all · " in drawn
        assert "● 2/2 net  temperature 0.20 · top-k 3 · " in drawn
        preview = app.screen.query_one(TurnPreview)
        listed = app.screen.query_one(OptionList)
        assert listed.highlighted == 1
        assert "bits a word" in str(preview._text.content)
        await pilot.press("up")
        first = real_chat(app).facts.siblings(_last(app))[0]
        words = app._services.archive.turn(first).text.split()
        await until(pilot, lambda: all(word in str(preview._text.content) for word in words))
        assert "seed 4" in str(preview._text.content)
        await pilot.press("space")
        assert "◆ 1/2" in shown(app)
        await pilot.press("space", "space", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, VersionsComparison))
        drawn = await settled(app, pilot)
        assert "version 1 of 2" in drawn
        assert "version 2 of 2" in drawn
        assert "temperature 0.20" in drawn
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, BranchesScreen))
        await pilot.press("space", "up", "space", "space")  # marked there, then here, then no longer
        assert "◆" not in shown(app)
        await pilot.resize_terminal(60, 16)
        assert "Enter Go there" in await settled(app, pilot)
        await pilot.press("down", "space", "up", "enter", "1")  # side by side, and there to the first of both
        await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle and _last(app) == first)


def _last(app: "object") -> int:
    from rnntui.tui.app import RnntuiApp

    assert isinstance(app, RnntuiApp)
    return real_chat(app).facts.turns[-1].turn_id
