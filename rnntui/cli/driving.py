"""`rnntui drive`: run a script of steps in the real app, headless; screenshots are written where the person says."""

import sys
from pathlib import Path
from typing import Any

from rnntui.cli.output import Output
from rnntui.errors import InputError
from rnntui.service.services import Services
from rnntui.text import visible_line


def drive_app(services: Services, chosen: Any, output: Output) -> int:
    """Run the script and write its screenshots.

    Raises:
        InputError: If the script is missing, or a step is wrong or fails; the sentence names the line.
    """
    from rnntui.tui.app import RnntuiApp
    from rnntui.tui.harness import drive

    return 0
