"""Files written from the conversation: all of it, or the reply in which the chosen word stands."""

from pathlib import Path

import pytest

from rnntui.tui.export.exporting import _file_name
from tests.tui.helpers import HOSTILE, chat_of, send, shown, until
from tests.tui.real import really_running


async def test_a_conversation_and_a_reply_are_written_where_the_person_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with really_running(tmp_path / "data", size=(120, 36)) as (app, pilot):
        prompt = chat_of(app).prompt
        await send(app, pilot, "/export early.html")
        await until(pilot, lambda: "Nothing was said yet" in " ".join(map(str, app._notifications)))
        for text in ("The cat saw a mouse", "Dinosaurs are big."):
            prompt.put("")
            await send(app, pilot, text)
            await until(pilot, lambda: app.is_idle)
        await send(app, pilot, "/export")
        await until(pilot, lambda: prompt.text == "/export the-cat-saw-a-mouse.html")
        await pilot.press("enter")
        whole = tmp_path / "the-cat-saw-a-mouse.html"
        await until(pilot, lambda: whole.is_file() and "as html" in shown(app))
        assert whole.read_text(encoding="utf-8").count('class="said"') == 2
        await pilot.press("f7", "g", "}", "x")
        await until(pilot, lambda: prompt.text.startswith("/export-reply "))
        prompt.put("/export-reply first.svg")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "first.svg").is_file())
        drawn = (tmp_path / "first.svg").read_text(encoding="utf-8")
        assert ">mouse</text>" in drawn
        assert drawn.count(">small · ") == 1
        await send(app, pilot, "/export-reply first.svg")
        await until(pilot, lambda: "is there already" in " ".join(shown(app).split()))


@pytest.mark.parametrize("text", [*HOSTILE, "../../etc/passwd", "x" * 300, ""])
def test_the_name_that_is_offered_has_only_letters_and_lines(text: str) -> None:
    name = _file_name(text)
    assert name
    assert len(name) <= 40
    assert all(sign.isalnum() or sign == "-" for sign in name)
