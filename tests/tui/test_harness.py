import pytest

from rnntui.errors import InputError
from rnntui.tui.app import RnntuiApp
from rnntui.tui.harness import drive
from tests.tui.fakes import FakeServices

SCRIPT = """
# a short session
wait-idle
expect text press Enter
type Tell me
press enter
wait-for text hand upon the rope.
wait-idle
expect no text press Enter
resize 100x30
screenshot shot.svg
click #prompt
press f4
wait-for #path
wait-for no #run
"""


def test_a_script_runs_the_real_app() -> None:
    written: dict[str, str] = {}
    report = drive(lambda: RnntuiApp(FakeServices()), SCRIPT, (80, 24), written.__setitem__)
    assert report.steps == 13
    assert report.screenshots == written
    assert written["shot.svg"].startswith("<svg")
    assert "Train a network" in report.screen


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("wait-idle\njump high", 'Line 2: "jump" is not a step.'),
        ("\n\nexpect text nosuch words", 'Line 3: expected "text nosuch words", but the screen says otherwise.'),
        ("timeout 0.05\nwait-for text never", 'Line 2: after 0.05 seconds still not: "text never".'),
        ("click #nosuch", 'Line 1: there is no "#nosuch" on the screen to click.'),
        ("click ]][[", 'Line 1: there is no "]][[" on the screen to click.'),
        ("wait-for ]][[", 'Line 1: "]][[" is not a selector.'),
        ("resize big", 'Line 1: "big" is not a size.'),
    ],
)
def test_a_wrong_step_is_one_sentence_with_its_line(script: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        drive(lambda: RnntuiApp(FakeServices()), script)
    assert caught.value.sentence == sentence
