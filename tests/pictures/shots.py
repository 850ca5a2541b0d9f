"""One picture: the app in its world, the steps of a scene, and what the screen shows then."""

from pathlib import Path

from rnntui.tui.app import RnntuiApp
from rnntui.tui.harness import run_script
from tests.pictures.scenes import SCENES, Scene, steps_at
from tests.pictures.worlds import WORLDS

THEMES = {"dark": "textual-dark", "light": "textual-light"}
SHIPPED = {"chat.svg": ("chat", "120x36", "dark"), "words.svg": ("alternatives-up", "120x36", "dark")}
"""The pictures in assets/, made from these scenes."""
_NAME = "scene.svg"


def scene(name: str) -> Scene:
    """The scene of this name."""
    return next(entry for entry in SCENES if entry.name == name)


async def shoot(wanted: Scene, size: str, theme: str, folder: Path) -> str:
    """A picture as SVG.

    Args:
        wanted: What is to be seen.
        size: Columns x rows.
        theme: One of THEMES.
        folder: Empty; for the data of the app.

    Raises:
        InputError: If a step of the scene fails; the sentence names it.
    """
    columns, rows = map(int, size.split("x"))
    steps = [*steps_at(wanted, columns), *(["wait-idle"] if wanted.rests else []), f"screenshot {_NAME}"]
    services = WORLDS[wanted.world](folder, THEMES[theme])
    try:
        report = await run_script(RnntuiApp(services), steps, (columns, rows))
    finally:
        services.close()
    return with_plain_spaces(report.screenshots[_NAME])


def with_plain_spaces(svg: str) -> str:
    """The same picture for programs that leave out no-break spaces at the beginning of a text."""
    return svg.replace("&#160;", " ").replace("<text ", '<text xml:space="preserve" ')
