"""`rnntui drive`: run a script of steps in the real app, headless; screenshots are written where the person says."""

import re
import signal
from pathlib import Path
from typing import Any

from rnntui.cli.context import load_preferences
from rnntui.cli.output import Output
from rnntui.cli.process.streams import read_input
from rnntui.errors import EXIT_OK, InputError
from rnntui.files import read_named
from rnntui.paths import named_path
from rnntui.service.services import Services
from rnntui.text import visible_line

_LARGEST_SCRIPT = 2**20
_SIDES = (1, 500)


def drive(args: Any, output: Output) -> int:
    """Run the script in the real app and write its screenshots.

    Raises:
        InputError: If the script is missing, or a step is wrong or fails; the sentence names the line.
    """
    from rnntui.tui import harness
    from rnntui.tui.app import RnntuiApp

    services = Services.open(*load_preferences(args))
    folder, size = named_path(args.output), _parse_size(args.size)
    written: list[str] = []

    def write(name: str, svg: str) -> None:
        path = folder / Path(name).name
        services.write(path, svg.encode("utf-8"))
        written.append(str(path))

    signal.signal(signal.SIGINT, signal.default_int_handler)  # which asyncio replaces by a cancellation
    try:
        report = harness.drive(lambda: RnntuiApp(services, args.model), _read_script(args.script), size, write)
    finally:
        services.close()
    if output.is_json:
        output.result({"screen": report.screen, "screenshots": written})
        return EXIT_OK
    output.text(report.screen)
    for path in written:
        output.say(f"wrote {path}")
    return EXIT_OK


def _read_script(argument: str) -> str:
    if argument == "-":
        return read_input(_LARGEST_SCRIPT, "script").decode("utf-8", "replace")
    path = named_path(argument)
    next_step = "Check the path, or pipe it in and say -."
    try:
        data = read_named(path, "The script", _LARGEST_SCRIPT, next_step)
        return data.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f'There is no script "{visible_line(str(path), 160)}".', next_step) from None
    except UnicodeDecodeError:
        raise InputError(
            f'The script "{visible_line(str(path), 160)}" is not UTF-8 text.', "Save it as UTF-8."
        ) from None


def _parse_size(argument: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,4})x(\d{1,4})", argument)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(_SIDES[0] <= side <= _SIDES[1] for side in size):
        raise InputError(f'--size cannot be "{visible_line(argument, 40)}".', "Write columns x rows, such as 80x24.")
    return size
