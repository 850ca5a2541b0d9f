"""The card over an empty conversation."""

import pytest
from rich.cells import cell_len

from rnntui.tui.actions import action
from rnntui.tui.keys import key_name
from rnntui.tui.transcript.welcome import BEGINNINGS, welcome_text
from tests.tui.fakes import FakeServices, card
from tests.tui.helpers import running, shown


def key(action_id: str) -> str:
    return key_name(action(action_id).keys[0])


@pytest.mark.parametrize(("is_roomy", "rows"), [(True, 17), (False, 12)])
def test_it_fits_into_the_smallest_window_there_is_for_it(is_roomy: bool, rows: int) -> None:
    lines = welcome_text(card(), key, is_roomy).plain.split("\n")
    assert len(lines) <= rows
    assert max(map(cell_len, lines[1:])) <= (64 if is_roomy else 58)


def test_every_beginning_can_be_gone_on_from() -> None:
    for beginning in BEGINNINGS:
        assert len(beginning.split()) >= 6
        assert beginning[-1].isalpha()


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_a_newcomer_is_told_what_to_do_first_and_offered_the_tour(size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        drawn = shown(app)
        for told in ("starter", BEGINNINGS[0], "F10 shows you around", "F4 train it on your own text", "/careful"):
            assert told in drawn
        assert (BEGINNINGS[1] in drawn) == (size[1] > 16)
        await pilot.resize_terminal(60, 16)
        await pilot.pause()
        assert "F10 shows you around" in shown(app)
