"""The app says below a prompt what was read otherwise than it was typed, and what the model does not know."""

from pathlib import Path

from tests.odd_texts.prompts import text_of
from tests.tui.helpers import chat_of, until
from tests.tui.real import real_chat, really_running


async def test_what_was_read_and_what_is_unknown_stands_below_a_prompt(tmp_path: Path) -> None:
    expected = {
        '"I don\'t know," she said -- and left...': "read with “ ” ’ — …, as the text has them",
        "Кто там, сказал the boy?": "this model knows Latin letters only; of this prompt it can read 2 of 5 words",
        "the cat [b]☃[/b] wept": "this model has never seen [, ], ☃, /",
        "the cat and london": "not in the vocabulary, read in parts: london · london is known as London",
    }
    async with really_running(tmp_path, size=(80, 24), text=text_of("typographic")) as (app, pilot):
        for typed, note in expected.items():
            before = len(real_chat(app).facts.turns)
            chat_of(app).query_one("Prompt").load_text(typed)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, lambda before=before: len(real_chat(app).facts.turns) >= before + 2)
            await until(pilot, lambda: app.is_idle)
            notes = [block.note for block in chat_of(app).transcript.content.rows.blocks]
            assert any(note in shown for shown in notes), (typed, notes)
        read = [turn.text.strip() for turn in real_chat(app).facts.turns if turn.role == "person"]
        assert read[0] == "“I don’t know,” she said—and left…"
        assert read[1:] == list(expected)[1:]
