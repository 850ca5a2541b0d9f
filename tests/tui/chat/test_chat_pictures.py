"""What the chat screen looks like at four sizes, without colour and in the light.

`RNNTUI_UPDATE=1 python -m pytest tests/tui/chat/test_chat_pictures.py` writes the pictures in snapshots/ anew.
"""

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from rnntui.tui.app import RnntuiApp
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.transcript.highlights import HIGHLIGHTS
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, until

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
IS_UPDATE = bool(os.environ.get("RNNTUI_UPDATE"))
SIZES = [(200, 60), (120, 36), (80, 24), (60, 16)]
LEAST_CONTRAST = 3.0


async def a_reply(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await send(app, pilot, "Tell me of the night")
    await until(pilot, lambda: app.is_idle)
    chat_of(app).parts.status._measured_pace = 20.0
    chat_of(app).parts.status.show()
    await pilot.pause()


async def a_word(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await a_reply(app, pilot)
    await pilot.press("f7", "left", "left", "enter")
    await until(pilot, lambda: app.is_idle and app.screen.query_one(Alternatives)._found)


async def the_surprise(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await a_reply(app, pilot)
    await pilot.press("alt+s")
    await pilot.pause()


async def the_panel(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await a_reply(app, pilot)
    if not app.screen.query_one(SidePanel).display:
        await pilot.press("f5")
    await until(pilot, lambda: app.is_idle and app.screen.query_one(SidePanel).display)


async def settled(app: RnntuiApp, pilot: Pilot[None]) -> str:
    """What is shown when two looks one after the other see the same: scrollbars come a layout later than the rest."""
    before, now = "", shown(app)
    while before != now:
        await pilot.pause()
        await pilot.pause()
        before, now = now, shown(app)
    return now


SCENES = {"reply": a_reply, "word": a_word, "surprise": the_surprise, "panel": the_panel}


PICTURES = [(scene, size) for scene in SCENES for size in SIZES if scene in {"panel", "word"} or size != SIZES[0]]


@pytest.mark.parametrize(("scene", "size"), PICTURES, ids=str)
async def test_it_looks_as_it_did(scene: str, size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        await SCENES[scene](app, pilot)
        await until(pilot, lambda: app.is_idle)
        drawn = await settled(app, pilot) + "\n"
    file = SNAPSHOTS / f"chat-{scene}-{size[0]}x{size[1]}.txt"
    if IS_UPDATE:
        file.write_text(drawn, encoding="utf-8")
    assert drawn == file.read_text(encoding="utf-8")


async def test_without_colour_the_same_words_stand_there_and_surprise_is_told_by_style(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        assert app.no_color
        chat_of(app).transcript.content.tokens_of = lambda turn_id: [
            ("Tell", 0.1),
            (" me", 20.0),
            (" of", 9.0),
            (" the night", 5.0),
        ]
        await the_surprise(app, pilot)
        first = chat_of(app).transcript.content.turns[0]
        first.set_tokens([("Tell", 0.1), (" me", 20.0), (" of", 9.0), (" the night", 5.0)])
        chat_of(app).transcript.content.show_surprise(True)
        await pilot.pause()
        styles = {
            segment.text.strip(): segment.style
            for segment in chat_of(app).transcript.render_line(0)
            if segment.style and segment.text.strip()
        }
        assert styles["me"].bold
        assert styles["me"].underline
        assert styles["of"].underline
        assert styles["the night"].italic
        assert not styles["Tell"].underline
        assert (SNAPSHOTS / "chat-reply-80x24.txt").read_text(encoding="utf-8").split("\n")[2] in shown(app)


@pytest.mark.parametrize("theme", ["textual-light", "textual-dark", "solarized-light"])
async def test_everything_can_be_read_in_this_theme(theme: str) -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        app.theme = theme
        await a_reply(app, pilot)
        transcript = chat_of(app).transcript
        for name in transcript.COMPONENT_CLASSES:
            if name.endswith(("--remark", "--waiting", "--cursor", "surprise-0")):  # meant to stand back
                continue
            if name.endswith(HIGHLIGHTS):  # drawn over other styles, and made legible there
                continue
            style = transcript.get_component_rich_style(name)
            assert style.color is not None
            assert style.bgcolor is not None
            assert contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) >= LEAST_CONTRAST, name


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """The ratio of WCAG 2."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
