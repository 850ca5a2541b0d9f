import json
import sys

import pytest

from rnntui.cli.main import run
from rnntui.manual import page_names, page_title, read_page

Capture = pytest.CaptureFixture[str]


def test_without_a_name_every_page_is_listed_with_its_title(capsys: Capture) -> None:
    assert run(["manual"]) == 0
    shown = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in shown] == list(page_names())
    assert run(["manual", "--json"]) == 0
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert objects == [{"page": name, "title": page_title(name)} for name in page_names()]


def test_a_page_is_printed_as_it_is_where_there_is_no_terminal(capsys: Capture) -> None:
    for name in page_names():
        assert run(["manual", name]) == 0
        assert capsys.readouterr().out == read_page(name)
    assert run(["manual", "keys", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"page": "keys", "title": "Keys", "text": read_page("keys")}


def test_a_page_is_laid_out_on_a_terminal_and_no_address_becomes_a_link(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "90")
    for name in page_names():
        assert run(["manual", name]) == 0
        shown = capsys.readouterr().out
        assert page_title(name) in shown
        assert "\x1b[" in shown
        assert "\x1b]8" not in shown
        assert "<!--" not in shown
        assert not [line for line in shown.splitlines() if line.startswith("#")], name


def test_a_wrong_page_is_answered_with_the_nearest_one(capsys: Capture) -> None:
    assert run(["manual", "privcy"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert 'Did you mean "privacy"?' in shown.err
