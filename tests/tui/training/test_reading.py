"""How the chosen texts were read, on the form and in its dialog, and saying it otherwise."""

import dataclasses
from pathlib import Path

import pytest
from textual.widgets import Button, Input, OptionList, Static

from rnntui.events import BaselinesMeasured, CorpusInspected
from rnntui.records import ReadOptions
from rnntui.text_facts import Doubt, LeftOut, LinePassage, Speaker, TextFacts
from rnntui.tui.screens.train import IN_FORM
from rnntui.tui.training.reading_rows import (
    ENCODING,
    LEAVE,
    SPEAKER,
    TURN,
    ReadingRow,
    chosen,
    rows_of_left_out,
    rows_of_lines,
    rows_of_reading,
    turn_label,
    turned,
)
from rnntui.tui.training.reading_screen import ReadingScreen
from rnntui.tui.training.train_choices import Survey
from tests.tui.fakes import FakeServices
from tests.tui.helpers import running, shown, train_of, until
from tests.tui.training.test_train_screen import to_train

FACTS = TextFacts(
    "second.md",
    "chat export",
    "cp1252",
    is_encoding_sure=False,
    other_encoding="cp850",
    openings=("Grüße aus dem Café", "Gr³áe aus dem Caf\x1b[31mÚ"),
    treated={"soft hyphens": 3},
    left_out={"timing": 40, "mail address": 2},
    left_out_examples=(LeftOut("timing", "10:32"), LeftOut("mail address", "a@example.org [@click=app.quit]")),
    passages=(
        LinePassage(
            12, 30, "prose", True, "28 of 30 lines end near the longest", ("It was a", "dark"), ("It was a dark",)
        ),
        LinePassage(
            50, 8, "verse", False, "lines begin with capitals", ("The sea", "The ship"), ("The sea", "The ship")
        ),
    ),
    speakers=(Speaker("Ada", 610, 80), Speaker("Ben\x1b]0;x\x07", 300, 50), Speaker("Cy", 90, 9)),
    language="English",
    doubts=(Doubt("log", 0.9),),
)
WARNING = "90 % of the lines begin with a date or a time, as in a log: the model learns to write those."


def services_with(*facts: TextFacts, warnings: tuple[str, ...] = (WARNING, "Another.")) -> FakeServices:
    services = FakeServices()
    services.training.texts, services.training.warnings = facts, warnings
    return services


def said(rows: list[ReadingRow]) -> str:
    return "\n".join(row.content.plain for row in rows)


def row(rows: list[ReadingRow], does: str, value: str = "") -> ReadingRow:
    return next(entry for entry in rows if (entry.does, entry.value) == (does, value))


def test_the_page_says_everything_that_was_found_and_marks_what_is_chosen() -> None:
    rows = rows_of_reading([FACTS], ReadOptions(speakers=("Ada",), leave_out=("mail",)))
    page = said(rows)
    for words in (
        "chat export, cp1252 or cp850?, English",
        "3 soft hyphens",
        "40 timings, 2 mail addresses",
        "(•) cp1252",
        "( ) cp850",
        "30 lines joined (prose); 8 lines kept (verse)",
        "from line 12 on 30 lines joined (prose):\n    28 of 30 lines end near the longest",
        "- It was a",
        "+ It was a dark",
        "[x] Ada",
        "[ ] Cy",
        "61 %",
        "[x] mail addresses      2 left out",
        "[ ] links",
    ):
        assert words in page
    assert "\x1b" not in page
    assert row(rows, SPEAKER, "Ben\x1b]0;x\x07"), "the name is chosen as it stands in the text"


def test_what_was_left_out_and_all_passages_have_pages_of_their_own() -> None:
    assert "40 timings\n  10:32\n  and 39 more" in said(rows_of_left_out([FACTS]))
    assert "from line 50 on 8 lines kept (verse)" in said(rows_of_lines([FACTS]))
    assert "Nothing was left out." in said(rows_of_left_out([TextFacts("a")]))
    assert "as it stands" in said(rows_of_lines([TextFacts("a")]))


def test_many_texts_are_told_together() -> None:
    many = [dataclasses.replace(FACTS, name=f"{number}.txt") for number in range(140)]
    page = said(rows_of_reading(many, ReadOptions()))
    assert "140 × chat export" in page
    assert "7.txt" not in page
    assert len(page.splitlines()) < 40


def test_a_choice_is_taken_back_by_the_same_choice() -> None:
    texts, first = [FACTS], ReadOptions(field="text")
    for wanted in (
        ReadingRow(FACTS and rows_of_reading(texts, first)[0].content, TURN),
        row(rows_of_reading(texts, first), ENCODING, "cp850"),
        row(rows_of_reading(texts, first), SPEAKER, "Cy"),
        row(rows_of_reading(texts, first), LEAVE, "links"),
    ):
        once = chosen(first, wanted, texts)
        assert once != first
        assert once.field == "text"
        assert chosen(once, wanted, texts) == first


def test_lines_are_turned_to_what_they_are_not() -> None:
    joined, kept = [FACTS], [TextFacts("a", passages=FACTS.passages[1:])]
    assert (turn_label(joined, ReadOptions()), turned(joined, ReadOptions()).join_lines) == ("Keep all lines", False)
    assert (turn_label(kept, ReadOptions()), turned(kept, ReadOptions()).join_lines) == ("Join all lines", True)
    assert turn_label(kept, ReadOptions(join_lines=True)) == "Lines as found"


def test_somebody_always_speaks() -> None:
    texts, options = [FACTS], ReadOptions()
    for name in ("Ada", "Ben\x1b]0;x\x07"):
        options = chosen(options, ReadingRow(rows_of_reading(texts, options)[0].content, SPEAKER, name), texts)
    assert options.speakers == ("Cy",)
    last = ReadingRow(rows_of_reading(texts, options)[0].content, SPEAKER, "Cy")
    assert chosen(options, last, texts) == options


def test_held_out_text_that_was_seen_is_a_warning() -> None:
    report = CorpusInspected(("x",), ("utf-8",), 9, 9, 9, "It", (), warnings=("First.",))
    survey = Survey(report).add(BaselinesMeasured({}, 0.87))
    assert survey.report is not None
    assert survey.report.warnings[0] == "First."
    assert survey.report.warnings[1].startswith("87 % of the held-out text")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_texts_are_read_again_as_is_said_in_the_dialog(folder: Path, size: tuple[int, int]) -> None:
    services = services_with(FACTS)
    asked = services.training.looked_with
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        form = train_of(app).form
        assert not form.reading.display
        form.add_files("second.md")
        await until(pilot, lambda: app.is_idle and form.reading.display)
        warning, start = form.query_one("#form-warning", Static), form.query_one("#start", Button)
        assert WARNING[:40] in shown(app)
        assert "(1 more above)" in " ".join(shown(app).split())
        assert 0 < warning.region.y < start.region.y < size[1] - 1
        await pilot.press("alt+t")
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        assert "Whose words?" in shown(app) or size == (80, 24)
        await pilot.press("down", "space")  # the second opening
        await until(pilot, lambda: asked[-1][0].encoding == "cp850" and app.is_idle)
        await pilot.press("j")
        await until(pilot, lambda: asked[-1][0].join_lines is False and app.is_idle)
        listed = app.screen.query_one(OptionList)
        ben = next(at for at, entry in enumerate(app.screen._rows) if entry.value == "Cy")
        listed.highlighted = ben
        await pilot.press("enter")
        await until(pilot, lambda: len(asked[-1][0].speakers) == 2 and app.is_idle)
        await pilot.press("end", "space")
        await until(pilot, lambda: asked[-1][0].leave_out == ("links",) and app.is_idle)
        await until(pilot, lambda: "reading it again" not in shown(app))
        await pilot.press("o")
        await until(pilot, lambda: "a@example.org" in shown(app))
        await pilot.press("escape", "l")
        await until(pilot, lambda: "How its lines were understood" in shown(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is train_of(app))
        await pilot.press("alt+a")
        await until(pilot, lambda: form.query("#advanced-encoding"))
        await until(pilot, lambda: form.query_one("#advanced-encoding", Input).value == "cp850")
        assert form.query_one("#advanced-lines", Input).value == "keep"
        assert form.choices.advanced.options == asked[-1][0]
        await pilot.press("alt+a", "ctrl+r")
        await until(pilot, lambda: services.training.started)
        assert services.training.started[0].reading == asked[-1][0]


async def test_lines_are_turned_round_on_the_form_by_key_and_by_mouse(folder: Path) -> None:
    services = services_with(FACTS, warnings=())
    asked = services.training.looked_with
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        form = train_of(app).form
        IN_FORM["how-read"](form)
        await until(pilot, lambda: "choose a file first" in shown(app))
        form.add_files("second.md")
        await until(pilot, lambda: app.is_idle and form.reading.display)
        assert not form.query_one("#form-warning").display
        await pilot.press("alt+j")
        await until(pilot, lambda: asked[-1][0].join_lines is False and app.is_idle)
        await until(pilot, lambda: str(form.query_one("#turn-lines", Button).label) == "Lines as found")
        await pilot.click("#turn-lines")
        await until(pilot, lambda: asked[-1][0].join_lines is None and app.is_idle)
        await until(pilot, lambda: str(form.query_one("#turn-lines", Button).label) == "Keep all lines")
        await pilot.click("#how-read")
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))


async def test_a_choice_that_cannot_be_read_is_said_in_the_dialog(folder: Path) -> None:
    services = services_with(FACTS)
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        form = train_of(app).form
        form.add_files("second.md")
        await until(pilot, lambda: app.is_idle and form.reading.display)
        await pilot.press("alt+t")
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        form.files = (folder / "broken.bad",)
        await pilot.press("j")
        await until(pilot, lambda: "broken.bad is not a text." in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ReadingScreen))
        assert form.reading.display
        await pilot.press("alt+t")  # what was said can be taken back
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        form.files = (folder / "second.md",)
        await pilot.press("j")
        await until(pilot, lambda: "is not a text" not in shown(app) and app.is_idle)
