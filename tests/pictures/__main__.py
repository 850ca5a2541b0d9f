"""Make the pictures: `python -m tests.pictures --help`."""

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["TZ"] = "UTC"
time.tzset()

from rnntui.errors import RnntuiError  # noqa: E402  the time zone comes first
from rnntui.tui.actions import ACTIONS  # noqa: E402
from tests.pictures.scenes import SCENES, Scene  # noqa: E402
from tests.pictures.shots import THEMES, shoot  # noqa: E402
from tests.pictures.steadiness import keep_steady  # noqa: E402

_FONT, _WIDER = 20, 1.0133
"""What a program draws that knows no textLength: letters of .602 em in cells of 12.2, or words would stand apart."""
SIZES = ("120x36", "80x24", "60x16", "200x60")


def main() -> int:
    """Make what is asked for; returns the number of pictures that could not be made."""
    arguments = _parse()
    folder = Path(arguments.folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    known = {action.id for action in ACTIONS}
    failures = 0
    for scene in SCENES:
        if arguments.only and scene.name not in arguments.only:
            continue
        if scene.needs and scene.needs not in known:
            sys.stderr.write(f"{scene.name}: this tree has no such screen\n")
            continue
        for size in arguments.size or SIZES:
            for theme in arguments.theme or THEMES:
                failures += not make(scene, size, theme, folder)
    return failures


def make(scene: Scene, size: str, theme: str, folder: Path) -> bool:
    """Make one picture; False after having told what stands in its way."""
    name = f"{scene.name}-{size}-{theme}"
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(make_desk(Path(place))):
        data = Path(place) / "data"
        keep_steady(setattr)
        try:
            svg = asyncio.run(shoot(scene, size, theme, data))
        except RnntuiError as problem:
            sys.stderr.write(f"{name}: {problem}\n")
            return False
    file = folder / f"{name}.svg"
    file.write_text(svg, encoding="utf-8")
    draw(file)
    sys.stdout.write(f"{name}\n")
    return True


def make_desk(place: Path) -> Path:
    """A working folder with some texts to train on, the same for everybody."""
    desk = place / "texts"
    for name, words in (("the-whale.txt", 40), ("letters.txt", 20), ("poems/spring.md", 10)):
        (desk / name).parent.mkdir(parents=True, exist_ok=True)
        (desk / name).write_text("It was a cold evening and the old man sat by the fire. " * words, encoding="utf-8")
    return desk


def draw(svg: Path) -> None:
    """The same as a PNG, where there is a program for it."""
    if program := shutil.which("rsvg-convert"):
        with contextlib.suppress(subprocess.CalledProcessError):
            drawn = svg.read_text(encoding="utf-8").replace(f"font-size: {_FONT}px", f"font-size: {_FONT * _WIDER}px")
            subprocess.run([program, "-o", str(svg.with_suffix(".png"))], input=drawn.encode(), check=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Pictures of every screen.")
    parser.add_argument("folder", metavar="OUTDIR", help="where they go")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[scene.name for scene in SCENES])
    parser.add_argument("--size", nargs="+", metavar="COLUMNSxROWS", help=f"else {', '.join(SIZES)}")
    parser.add_argument("--theme", nargs="+", choices=THEMES, help="else both")
    return parser.parse_args()


sys.exit(main())
