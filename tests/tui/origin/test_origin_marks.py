"""Runs of words that stand in the model's text: underlined, counted, and shown in their place; by keys alone."""

import dataclasses
from pathlib import Path

from textual.widgets import Static

from rnntui.records import ModelCard
from rnntui.service.services import Services
from rnntui.tui.app import RnntuiApp
from rnntui.tui.origin.place_screen import PlaceScreen
from tests.lm.origin.indexes import parts_of
from tests.tui.helpers import chat_of, send, shown, until
from tests.tui.real import real_chat, really_running


def put_text_of(services: Services, card: ModelCard, text: str) -> None:
    """Let a model have learned from this text, in a file that nobody knows any more."""
    parts = parts_of([text], held_out="Nobody has read this end of the text, but somebody wrote it.")
    source = dataclasses.replace(parts.sources[0], name="[b]small[/b].txt", sha256=card.sources[0].sha256)
    services.library.origins.keep(card.model_id, dataclasses.replace(parts, sources=(source,)).to_bytes())


def put_text(app: RnntuiApp, text: str) -> None:
    """The same for the model that speaks."""
    put_text_of(app._services, real_chat(app).facts.card, text)


def is_marked(app: RnntuiApp) -> bool:
    """Whether anything of the newest reply is underlined."""
    screen = chat_of(app)
    turn, highlights = screen.parts.stage.turns[-1], screen.transcript.content.highlights
    return any(highlights.word_span("copied", turn.turn_id, index) for index in range(len(turn.token_ids)))


async def test_a_run_is_underlined_counted_and_shown_in_each_of_its_places(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        screen = chat_of(app)
        content = screen.transcript.content
        await send(app, pilot, "/length 40")
        await send(app, pilot, "The cat saw")
        await until(pilot, lambda: app.is_idle and len(screen.parts.stage.turns) == 2)
        reply = screen.parts.stage.turns[-1]

        await pilot.press("alt+o")
        await until(pilot, lambda: "cannot be looked at" in shown(app))
        assert not screen.parts.origin.is_shown

        put_text(app, f"Before it all. {reply.text}\n\nAfterwards [@click=app.quit]again[/] {reply.text} The end.")
        await pilot.press("alt+o")
        await until(pilot, lambda: is_marked(app))
        assert "100 % in runs of 5+; held-out end 0 %" in content.turns[-1].remark

        await pilot.press("f7")
        while not screen.parts.origin.is_at_marked:  # the newest may be a mark
            await pilot.press("left")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, PlaceScreen))
        place = app.screen
        assert isinstance(place, PlaceScreen)
        title, passage = (str(place.query_one(name, Static).content) for name in ("#place-title", "#place-text"))
        assert title.startswith("[b]small[/b].txt, ")
        assert "place 1 of 2" in title
        assert passage.startswith("Before it all. ")
        assert "[@click=app.quit]again[/]" in passage
        assert place.place.run.split()[-1] in reply.text
        assert "nobody noted" in str(place.query_one("#place-remark", Static).content)
        await pilot.press("n")
        await until(pilot, lambda: "place 2 of 2" in str(place.query_one("#place-title", Static).content))
        await pilot.press("n")
        await until(pilot, lambda: "place 1 of 2" in str(place.query_one("#place-title", Static).content))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen and app.focused is screen.transcript)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PlaceScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen and app.focused is screen.transcript)

        await pilot.press("alt+o")
        await until(pilot, lambda: not is_marked(app))
        assert "runs of" not in content.turns[-1].remark
        await pilot.press("enter")
        await until(pilot, lambda: screen.parts.words.is_open)


async def test_replies_that_come_later_are_looked_at_and_undone_ones_keep_their_marks(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(200, 50)) as (app, pilot):
        screen = chat_of(app)
        highlights = screen.transcript.content.highlights
        put_text(app, "The mouse saw the cat. The cat saw a mouse and the mouse said so.")
        await pilot.press("alt+o")
        await until(pilot, lambda: "is underlined" in shown(app))
        await send(app, pilot, "The cat")
        await until(pilot, lambda: app.is_idle and len(screen.parts.stage.turns) == 2)
        turn_id = screen.parts.stage.turns[-1].turn_id
        await until(pilot, lambda: "in runs of 5" in screen.transcript.content.turns[-1].remark)
        marked = [highlights.word_span("copied", turn_id, index) for index in range(6)]
        await pilot.press("f8")
        await until(pilot, lambda: app.is_idle and not screen.parts.stage.turns)
        await pilot.press("f9")
        await until(pilot, lambda: app.is_idle and len(screen.parts.stage.turns) == 2)
        await until(pilot, lambda: "in runs of 5" in screen.transcript.content.turns[-1].remark)
        assert [highlights.word_span("copied", turn_id, index) for index in range(6)] == marked
