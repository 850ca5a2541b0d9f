"""What `rnntui inspect` and the first lines of a run say of how texts were read."""

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from rnntui.cli.command_table import SHOWN_OF_TEXTS
from rnntui.cli.commands.inspect import InspectionNarrator
from rnntui.cli.main import run
from rnntui.cli.narration import TrainingNarrator
from rnntui.cli.output import Output
from rnntui.cli.texts_read import (
    PAGES,
    WIDTH,
    all_passages,
    all_speakers,
    left_out_lines,
    passage_examples,
    summary_lines,
    warning_lines,
)
from rnntui.events import CorpusInspected, TextsRead
from rnntui.service.prepare.facts_in_words import grouped_notes
from rnntui.text_facts import LeftOut, LinePassage, Speaker, TextFacts
from tests.odd_texts.worth import log

Capture = pytest.CaptureFixture[str]
FACTS = TextFacts(
    "diary.txt",
    "chat export",
    "cp1252",
    is_encoding_sure=False,
    other_encoding="cp850",
    openings=("Grüße", "Gr³áe"),
    treated={"soft hyphens": 3, "ligatures": 12},
    left_out={"timing": 40, "mail address": 2},
    left_out_examples=(LeftOut("timing", "10:32"), LeftOut("mail address", "a@example.org")),
    passages=(
        LinePassage(
            1, 30, "prose", True, "28 of 30 lines end near the longest", ("It was", "a\x1b[31m 夜" * 40), ("It was a",)
        ),
        LinePassage(31, 60, "prose", True, "58 of 60", ("And", "so"), ("And so",)),
        LinePassage(91, 8, "verse", False, "lines begin with capitals", ("The sea",), ("The sea",)),
    ),
    speakers=tuple(Speaker(f"Speaker {at} \u202e", 100 - at, 10, is_kept=at != 1) for at in range(14)),
    language="English",
)


def inspected(
    texts: tuple[TextFacts, ...], notes: tuple[str, ...] = (), warnings: tuple[str, ...] = ()
) -> CorpusInspected:
    names = tuple(text.name for text in texts)
    return CorpusInspected(names, ("utf-8",) * len(names), 9, 9, 9, "It", notes, texts=texts, warnings=warnings)


def told(event: CorpusInspected, capsys: Capture) -> str:
    with InspectionNarrator(Output(is_json=False), is_speed_measured=True) as narrator:
        narrator.tell(event)
    return capsys.readouterr().out


def test_one_text_is_described_with_its_warnings_first(capsys: Capture) -> None:
    page = told(
        inspected((FACTS,), ("diary.txt: Odd.",), ("It is all numbers: " + "choose another text " * 9,)), capsys
    )
    assert page.startswith("! It is all numbers")
    for words in (
        "read as    chat export, cp1252 or cp850?, English",
        "cp850            Gr³áe",
        "--encoding cp850 takes the second",
        "lines      90 lines joined (prose); 8 lines kept (verse)",
        "mended     12 ligatures, 3 soft hyphens",
        "left out   40 timings, 2 mail addresses",
        "and 4 more; --show speakers names all",
        "lines 31 to 90 joined (prose): 58 of 60",
        "  - The sea",
        "- diary.txt: Odd.",
        "--show left-out, --show lines, --show speakers",
    ):
        assert words in page
    assert "lines 1 to 30" not in page, "of each kind the longest passage"
    assert "\x1b" not in page
    assert all(cell_len(line) <= WIDTH for line in page.splitlines())


def test_pages_show_all_of_one_thing(capsys: Capture) -> None:
    assert set(PAGES) == set(SHOWN_OF_TEXTS)
    assert list(left_out_lines([FACTS]))[1:3] == ["  40 timings, the first 1:", "    10:32"]
    assert sum(line.startswith("lines ") for line in all_passages([FACTS])) == 3
    assert sum("messages" in line for line in all_speakers([FACTS])) == 14
    assert sum("left o" in line for line in all_speakers([FACTS])) == 1
    for name, page in PAGES.items():
        assert len(list(page([TextFacts("a.txt")]))) == 1, name
        assert all(cell_len(line) <= WIDTH for line in page([FACTS]))
        many = list(page([FACTS] * 60))
        assert many[-1] == "and 20 more texts; --json has all"


def test_a_folder_of_texts_is_told_on_one_page(capsys: Capture) -> None:
    texts = tuple(
        TextFacts(
            f"{at}.txt", passages=FACTS.passages, treated={"ligatures": at}, left_out={"licence": 1}, language="English"
        )
        for at in range(140)
    )
    notes = [f"{at}.txt: Project Gutenberg's header and licence were left out." for at in range(140)]
    notes += [f"{at}.txt: {at + 2} records could not be read and were left out." for at in range(9)]
    page = told(inspected(texts, (*notes, "7.txt: Odd.", "One for all.")), capsys)
    assert "140 × plain text, English" in page
    assert "left out   140 licences" in page
    assert "- 140 of 140 texts: Project Gutenberg's header and licence were left out." in page
    assert "- 9 of 140 texts: such as in 0.txt: 2 records could not be read" in page
    assert "- 7.txt: Odd." in page
    assert "- One for all." in page
    assert len(page.splitlines()) < 20


def test_a_note_that_a_row_says_is_not_said_again() -> None:
    notes = ["diary.txt: Who speaks: Ada.", "diary.txt: Mended or given one form: 3 soft hyphens.", "diary.txt: Odd."]
    assert grouped_notes(notes, ["diary.txt"], [FACTS]) == ["diary.txt: Odd."]
    assert grouped_notes(notes, ["diary.txt"]) == notes


def test_a_run_says_the_same_first(capsys: Capture) -> None:
    with TrainingNarrator(Output(is_json=False), is_replay=True) as narrator:
        narrator.tell(TextsRead((FACTS,), ("It is all numbers.",)))
    said = capsys.readouterr().err
    assert said.splitlines()[0] == "! It is all numbers."
    assert "".join(summary_lines([FACTS])).replace(" ", "") in said.replace(" ", "").replace("\n", "")


def test_nothing_found_needs_no_lines() -> None:
    assert list(warning_lines(())) == list(passage_examples([TextFacts("a.txt")])) == []


def test_inspect_warns_before_it_tells_and_shows_a_page_alone(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "server.txt"
    file.write_text(log(1, 400), encoding="utf-8")
    assert run(["inspect", "--show", "left-out", str(file)]) == 0
    assert capsys.readouterr().out == "Nothing was left out.\n"
    assert run(["inspect", "--json", str(file)]) == 0
    report = next(
        values
        for values in map(json.loads, capsys.readouterr().out.splitlines())
        if values["event"] == "CorpusInspected"
    )
    assert report["texts"][0]["doubts"] == [{"kind": "log", "figure": 1.0, "what": ""}]
    assert report["warnings"][0].startswith("100 % of the lines begin with a date or a time")
