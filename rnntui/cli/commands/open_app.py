"""`rnntui` without a command: check that there is a terminal, then open the app."""

import gc
import os
from typing import Any

from rnntui.cli.context import load_services
from rnntui.cli.output import Output
from rnntui.cli.process.parent import watch_over_app
from rnntui.cli.process.streams import are_terminals
from rnntui.errors import InputError


def open_app(args: Any, output: Output) -> int:
    """Open the app.

    Raises:
        InputError: If standard input or output is no terminal, or the terminal cannot position text.
        StorageError: If the data folder cannot be used.
    """
    _need_terminal()
    parent = watch_over_app()
    gc.disable()  # what is loaded now stays; the app takes it up again when the conversation is there
    services = load_services(args)
    from rnntui.tui.app import run_app

    try:
        return run_app(services, args.model, args.session, mouse=not args.no_mouse, parent=parent)
    finally:
        services.close()


def _need_terminal() -> None:
    if not are_terminals():
        raise InputError(
            "The app needs a terminal, and standard input or output is not one.",
            'Without a terminal use: rnntui gen "Once upon a time".',
        )
    if os.environ.get("TERM", "") in {"", "dumb"} and os.name == "posix":
        raise InputError(
            "This terminal cannot draw a screen (TERM is empty or dumb).", 'Use rnntui gen "Once upon a time" here.'
        )
