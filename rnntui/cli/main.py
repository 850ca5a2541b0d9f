"""Parse, choose the command, turn errors into sentences and exit codes."""

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rnntui.cli.context import resolve_paths
from rnntui.cli.output import Output
from rnntui.cli.process.ending import EXIT_READER_GONE
from rnntui.cli.process.environment import require_working_folder
from rnntui.cli.process.streams import flush_output, require_output, silence_output
from rnntui.errors import EXIT_BUG, EXIT_INTERRUPTED, RnntuiError, StorageError
from rnntui.service.data_folder import clean_up
from rnntui.service.log import keep_log
from rnntui.text import visible_line

JUST_OPEN = SimpleNamespace(command=None, model="", session="", no_mouse=False, device=None)
"""What is understood where nothing was written: the app opens without building all parsers before."""
log = logging.getLogger(__name__)


def run(arguments: Sequence[str]) -> int:
    """Run one command. Returns its exit code; never raises, but for the end that --help and --version ask for."""
    output = Output("--json" in arguments)
    keep_log(None)
    log_file: Path | None = None
    try:
        require_output()
        args = _parse(arguments)
        output.is_json = getattr(args, "json", False)
        require_working_folder()
        with contextlib.suppress(RnntuiError):  # the command says it, if it needs them
            log_file = resolve_paths(args).log_file
            keep_log(log_file)
            clean_up(resolve_paths(args))
        return _load_command(args.command)(args, output)
    except RnntuiError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.say("rnntui: interrupted.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        silence_output()
        return EXIT_READER_GONE
    except SystemExit:
        raise
    except BaseException as error:  # the process ends here; a panic of a library is no Exception
        return _unexpected(error, log_file, output)


def _parse(arguments: Sequence[str]) -> Any:
    if not arguments:
        return JUST_OPEN
    from rnntui.cli.parser import parse_arguments

    try:
        return parse_arguments(arguments)
    except SystemExit:
        flush_output()
        raise


def _unexpected(problem: BaseException, log_file: Path | None, output: Output) -> int:
    """One sentence for what nobody thought of; the details go to the log, without anybody's words."""
    if isinstance(problem, MemoryError) or "can't allocate memory" in str(problem)[:200]:
        error = StorageError(
            "There is not enough memory for this.", "Close other programs, or take a smaller model or text."
        )
        output.error(error)
        return error.exit_code
    log.error("a bug", exc_info=problem)
    where = f'The details are in "{visible_line(str(log_file), 300)}"; ' if log_file else ""
    output.say(
        f"rnntui: An unexpected problem ended the command ({type(problem).__name__}); nothing that was saved is lost. "
        f"{where}RNNTUI_DEBUG=1 shows where it happened."
    )
    if os.environ.get("RNNTUI_DEBUG"):
        raise problem
    return EXIT_BUG


def _load_command(name: str | None) -> Callable[[Any, Output], int]:
    if name is None:
        from rnntui.cli.commands.open_app import open_app

        return open_app
    from rnntui.cli.command_table import COMMANDS

    return COMMANDS[name].load()
