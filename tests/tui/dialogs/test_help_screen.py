"""Help begins with the keys of what has the focus; typing narrows it; it explains the words of the program."""

import pytest

from rnntui.tui.dialogs.help import HelpScreen
from rnntui.tui.dialogs.help_rows import GLOSSARY, help_sections, narrow
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, until

ALL = help_sections(("transcript", "chat"), lambda name: ("ctrl+r",) if name == "retry" else ())


def found(typed: str) -> list[str]:
    return [entry.slash or entry.keys or entry.text for section in narrow(ALL, typed) for entry in section.entries]


def test_the_keys_of_the_focus_stand_first() -> None:
    assert [section.title for section in ALL][:3] == ["Chat, at a word", "Chat", "Everywhere"]
    assert [section.title for section in ALL][-1] == "Glossary"


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("regenerate", "/retry"),
        ("last reply", "/retry"),
        ("ctrl+r", "/retry"),
        ("exit", "/quit"),
        ("nucleus", "top-p"),
        ("top-k", "/top-k VALUE"),
        ("held out", "held out"),
    ],
)
def test_typing_finds_by_help_keys_and_other_programs_words(typed: str, named: str) -> None:
    assert named in found(typed)
    assert found(f"{typed} xyzzy") == []


def test_every_term_of_the_glossary_is_found_by_its_name() -> None:
    assert all(term in found(term) for term in GLOSSARY)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_it_narrows_as_one_types_and_esc_goes_back_step_by_step(size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Write and press Enter" in shown(app))
        await pilot.press(*"regenerate")
        await until(pilot, lambda: "/retry" in shown(app) and "Write and press Enter" not in shown(app))
        await pilot.press(*"xyz")
        await until(pilot, lambda: "Nothing here is called that" in shown(app))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "what a person counts" in shown(app))
        await pilot.press("pageup")
        await until(pilot, lambda: "what a person counts" not in shown(app))
        await pilot.press("x", "escape")
        await until(pilot, lambda: "Write and press Enter" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))


async def test_at_a_word_the_first_keys_are_those_of_the_words() -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        await send(app, pilot, "Hello")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("f7", "f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Chat, at a word" in shown(app))
