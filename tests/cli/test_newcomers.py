"""What someone writes who has just met the program: the answer says what is wrong, and what was probably meant."""

from pathlib import Path

import pytest

from rnntui.cli.main import run

Capture = pytest.CaptureFixture[str]

MISTAKES = [
    ("help", "no command", "rnntui --help"),
    ("trian book.txt", 'no command "trian"', "rnntui train?"),
    ("book.txt", "no command", "rnntui train book.txt"),
    ("Once_upon_a_time", "no command", 'gen "Once upon a time"'),
    ("gen Once upon a time", '"upon a time" is more', "in quotes"),
    ("gen x --temprature 1", 'no flag "--temprature"', "--temperature?"),
    ("gen x --temperature", "--temperature needs a value", "gen --help"),
    ("gen x --temperature hot", '"hot"', "such as 0.8"),
    ("gen x --top-p 90", '--top-p cannot be "90"', "from 0 to 1"),
    ("gen x --stop 40", '--stop cannot be "40"', "paragraph, sentence or words"),
    ("gen x --model starer", '"starer"', '"starter"?'),
    ("train", "No file was named", "Name at least one"),
    ("train nope.txt", "nope.txt", "Check the spelling"),
    ("train .", "is a folder", "Name the text files"),
    ("train https://example.org/x.txt", "is an address", "Save the text"),
    ("train x --minutes 0", '--minutes cannot be "0"', "from 0.02 to 43,200"),
    ("train x --minutes five", '"five"', "5 or 0.5"),
    ("train x --cell transformer", '"transformer"', "elman, gru, lstm or mingru"),
    ("train x --keep-lines --join-lines", "exclude each other", "Leave one"),
    ("train --resume", "no training run yet", "rnntui train FILE"),
    ("train --resume=xyz", '"xyz"', "rnntui runs"),
    ("inspect", "needs FILE", "inspect --help"),
    ("inspect x --json=yes", "--json takes no value", "Leave out"),
    ("models show", "needs the name", "rnntui models"),
    ("models delete x", 'no action "delete"', "list, show, rename or remove"),
    ("models shwo x", 'no action "shwo"', 'mean "show"?'),
    ("models rename starter mine", "cannot be renamed", "of your own"),
    ("runs show", "no training run yet", "rnntui train FILE"),
    ("sessions show", "needs a conversation", "rnntui sessions"),
    ("sessions show 1", '"1"', "rnntui sessions"),
    ("sessions import nope.jsonl", '"nope.jsonl" is missing', "Check the name"),
    ("sessions import no/such.jsonl", "no", "Make the folder first"),
    ("sessions search x --limit many", '"many"', "from 1 to 100,000"),
    ("sessions export x --format pdf", '--format cannot be "pdf"', "markdown, text, jsonl, html or svg"),
    ("replay", "needs FILE", "replay --help"),
    ("lab 99", '"99"', "next-word"),
    ("lab memory --unit 99999", "--unit", "from 0 to 8,191"),
    ("play --seed seven", '"seven"', "a whole number"),
    ("play --seed 7 nope.txt", "nope.txt", "Check the spelling"),
    ("drive nope", 'no script "nope"', "say -"),
    ("drive x --size big", '"big"', "80x24"),
    ("where extra", '"extra" is more', "where --help"),
    ("--data-dir", "--data-dir needs a value", "--help"),
    ("gen x --m starter", '"--m" could be', "Write the whole flag"),
]


@pytest.mark.parametrize(("line", "what", "next_step"), MISTAKES, ids=[line for line, _, _ in MISTAKES])
def test_a_mistake_is_told_with_what_was_probably_meant(
    line: str, what: str, next_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([word.replace("_", " ") for word in line.split()]) in {2, 4}
    shown = capsys.readouterr()
    assert shown.out == ""
    (told,) = shown.err.splitlines()
    assert what in told
    assert next_step in told
