"""`rnntui gen --compare`: two texts with one difference, for people and for programs."""

import contextlib
import json
import sys

import pytest

from rnntui.cli.main import run
from rnntui.cli.side_by_side import _beside
from rnntui.paths import find_paths
from rnntui.service.compare.agreement import compare_texts
from rnntui.service.compare.one_prompt import Side
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.pseudo_terminal import Terminal
from tests.small_models import save_small_model

Capture = pytest.CaptureFixture[str]
GEN = ["gen", "The cat", "--model", "small", "--seed", "7", "--max-words", "9", "--stop", "words"]


@pytest.fixture(autouse=True)
def _small_models() -> None:
    library = Services(find_paths()).library
    save_small_model(library)
    save_small_model(library, name="other", cell="gru", seed=2)


def compared(capsys: Capture, *arguments: str) -> tuple[list[dict[str, object]], dict[str, object]]:
    assert run([*GEN, *arguments, "--json"]) == 0
    *events, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    return events, last


def test_a_says_what_gen_says_and_b_what_gen_says_with_the_other_value(capsys: Capture) -> None:
    said = []
    for flags in ([], ["--temperature", "0.3"]):
        assert run([*GEN, *flags]) == 0
        said.append(capsys.readouterr().out.removeprefix("The cat").removesuffix("\n"))
    events, last = compared(capsys, "--compare", "temperature=0.3")
    one, other = last["sides"]
    assert [one["text"], other["text"]] == said
    assert (one["label"], other["label"]) == ("temperature 1.00", "temperature 0.30")
    assert (one["seed"], other["seed"], one["words"], other["words"]) == (7, 7, 9, 9)
    assert (one["settings"]["temperature"], other["settings"]["temperature"]) == (1.0, 0.3)
    assert one["bits_per_word"] > other["bits_per_word"] > 0
    first = compare_texts(*said).first
    assert last["first_different_word"] == first
    assert {event["event"] for event in events} == {"ModelLoaded", "SideBegun", "SideSaid", "SideEnded"}


def test_with_the_same_value_all_words_are_the_same(capsys: Capture) -> None:
    _, last = compared(capsys, "--compare", "temperature=1")
    assert last["first_different_word"] is None
    assert last["equal_words"] == last["of_words"]
    assert len({side["text"] for side in last["sides"]}) == 1


@pytest.mark.parametrize(
    ("wanted", "read", "models"),
    [("model=other", (2, 2), ("small", "other")), ("memory=forgotten", (2, 0), ("small", "small"))],
)
def test_another_model_reads_the_prompt_and_a_forgotten_memory_does_not(
    wanted: str, read: tuple[int, int], models: tuple[str, str], capsys: Capture
) -> None:
    _, last = compared(capsys, "--compare", wanted)
    assert tuple(side["words_read"] for side in last["sides"]) == read
    assert tuple(side["model"] for side in last["sides"]) == models


def test_without_a_wide_terminal_one_stands_after_the_other(capsys: Capture) -> None:
    assert run([*GEN, "--compare", "seed=8"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0] == "The cat …"
    assert [line for line in lines if line[:3] in {"A  ", "B  "}] == ["A  seed 7", "B  seed 8"]
    assert shown.out.count("bits a word · word limit") == 2
    assert "\x1b" not in shown.out
    assert "first different word: " in shown.err


def test_in_a_wide_one_they_stand_beside_each_other_with_the_first_different_word_marked() -> None:
    texts = (" The sea was dark \x1b[31m[b]and", " The sea was calm 中文")
    sides = tuple(Side("x\x1b", "m", 1, text, 4, 2, 3.0, "words", SamplerSettings()) for text in texts)
    page = _beside(sides, compare_texts(*texts), 80)
    assert "\x1b[1;7mdark\x1b[0m" in page
    assert "\x1b[1;7mcalm\x1b[0m" in page
    assert "\x1b[31m" not in page
    assert "[b]and" in page
    row = next(line for line in page.splitlines() if "dark" in line)
    assert "calm" in row


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--compare"], "--compare needs a value"),
        (["--compare", "tempreture=1"], "Did you mean temperature?"),
        (["--compare", "temperature=3"], "Give a number from 0 to 2."),
        (["--compare", "model=othr"], 'Did you mean "other"?'),
        (["--compare", "model=small"], "Both sides would have the same model."),
        (["--compare", "seed=1", "--compare", "seed=2"], "--compare can be given once"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(arguments: list[str], said: str, capsys: Capture) -> None:
    assert run([*GEN, *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_in_a_terminal_they_are_seen_while_they_grow_and_stand_beside_each_other_at_the_end() -> None:
    with contextlib.closing(Terminal([sys.executable, "-m", "rnntui", *GEN, "--compare", "seed=8"])) as terminal:
        terminal.until(lambda: terminal.is_over and not terminal.read(), 60)
        rows = [row.rstrip() for row in terminal.screen.display]
        assert terminal.modes_left_on() == set()
    (heads,) = (row for row in rows if row.startswith("A seed 7"))
    assert 38 <= heads.index("B seed 8") <= 42
    assert sum(row.count("9 words · ") for row in rows) == 2
    assert b"\x1b[2K" in terminal.output  # what was seen while it grew is gone
