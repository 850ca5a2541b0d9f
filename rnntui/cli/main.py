"""Parse, choose the command, turn errors into sentences and exit codes."""

import contextlib
import logging
import logging.handlers
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rnntui.cli.output import Output
from rnntui.cli.parser import build_parser
from rnntui.errors import EXIT_BUG, EXIT_INTERRUPTED, EXIT_OK, RnntuiError
from rnntui.paths import Paths, find_paths

EXIT_READER_GONE = 1
_LOG_BYTES = 1_000_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    code = run(sys.argv[1:] if arguments is None else arguments)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command. Returns its exit code; never raises, but for what --help and --version do."""
    output = Output("--json" in arguments)
    _make_streams_tolerant()
    try:
        chosen = build_parser().parse_args(arguments)
        return _command(chosen.command)(chosen, output)
    except RnntuiError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.say("rnntui: interrupted.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return EXIT_READER_GONE
    except Exception as error:
        logging.getLogger(__name__).exception("a bug")
        output.say(f"rnntui: an unexpected problem ended the command ({type(error).__name__}: {error}).")
        output.say("Nothing that was saved is lost. Set RNNTUI_DEBUG=1 to see where it happened.")
        if os.environ.get("RNNTUI_DEBUG"):
            raise
        return EXIT_BUG


def paths_of(chosen: Any) -> Paths:
    """Every location, with --data-dir in force."""
    folder = getattr(chosen, "data_dir", "")
    return find_paths(Path(folder) if folder else None)


def keep_log(paths: Paths) -> None:
    """Details of problems go to the log file, if it can be written."""
    with contextlib.suppress(OSError):
        paths.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(paths.log_file, maxBytes=_LOG_BYTES, backupCount=1, delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        logging.getLogger().addHandler(handler)


def _command(name: str | None) -> Callable[[Any, Output], int]:
    if name is None:
        from rnntui.cli.app import open_app

        return open_app
    from rnntui.cli import commands

    return commands.COMMANDS[name]


def _make_streams_tolerant() -> None:
    """A letter that the terminal's encoding lacks becomes a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


def _silence_stdout() -> None:
    """Keep Python from complaining about the closed pipe when it flushes at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


__all__ = ["EXIT_OK", "main", "run"]
