"""Standard input, output and error as they may be found: closed, full, a pipe whose reader left. Never a traceback."""

import codecs
import contextlib
import os
import sys

from rnntui.errors import InputError, StorageError


def open_streams() -> None:
    """Give each closed standard stream's number to the null device, so that no file of ours ever gets it.

    Output that is closed stays None in `sys`, and `write_data` says so; what is told to a closed error is lost.
    """
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_RDWR)
        while null <= 2:  # a new descriptor takes the lowest free number
            os.set_inheritable(null, True)
            null = os.dup(null)
        os.close(null)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  open for as long as we run
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:  # a letter that the terminal's encoding lacks becomes a question mark instead of an error
            reconfigure(errors="replace")


def require_output() -> None:
    """Refuse to begin when there is nowhere to write to.

    Raises:
        StorageError: If standard output is closed.
    """
    if sys.stdout is None:
        raise StorageError(
            "Standard output is closed, so the answer cannot be written.", "Send it to a file or a pipe."
        )


def write_data(text: str) -> None:
    """Write to standard output at once.

    Raises:
        BrokenPipeError: If its reader has left.
        StorageError: If it takes nothing.
    """
    require_output()
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as problem:
        silence_output()
        reason = getattr(problem, "strerror", None) or "it is closed"
        raise StorageError(
            f"Standard output cannot be written: {reason}.", "Make room where it goes, or send it elsewhere."
        ) from problem


def tell(text: str) -> None:
    """Write to standard error at once; a sentence that nobody can read is no reason to stop."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()


def silence_output() -> None:
    """Keep Python from complaining about what it cannot write when it flushes at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def flush_output() -> None:
    """Write what is still held back, such as the answer to --help.

    Raises:
        StorageError: If standard output takes nothing.
    """
    if sys.stdout is not None:
        write_data("")


def read_input(limit_bytes: int, what: str) -> bytes:
    """All of standard input.

    Args:
        limit_bytes: How much it may be.
        what: What is read, for the sentence: "prompt".

    Raises:
        InputError: If it is closed, cannot be read, or is larger.
    """
    if sys.stdin is None:
        raise InputError(f"Standard input is closed, and the {what} is read from there.", f"Pipe the {what} in.")
    try:
        data = sys.stdin.buffer.read(limit_bytes + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is closed"
        raise InputError(f"The {what} on standard input cannot be read: {reason}.", f"Pipe the {what} in.") from problem
    if len(data) > limit_bytes:
        raise InputError(
            f"The {what} on standard input is larger than {limit_bytes // 2**20} MB.", "Send a shorter one."
        )
    return data


def decode_input(data: bytes) -> str:
    """The characters of a piped text: UTF-8, or UTF-16 where a byte order mark says so, as PowerShell writes it."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def read_line(limit_bytes: int) -> str | None:
    """The next line of standard input without its end; None when there are no more.

    Args:
        limit_bytes: A longer line comes in pieces.

    Raises:
        InputError: If standard input is closed or cannot be read.
    """
    if sys.stdin is None:
        raise InputError("Standard input is closed, and the answers are read from there.", "Pipe them in, one a line.")
    try:
        data: bytes = sys.stdin.buffer.readline(limit_bytes)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is closed"
        raise InputError(f"Standard input cannot be read: {reason}.", "Pipe the answers in, one a line.") from problem
    return data.decode("utf-8", "replace").rstrip("\r\n") if data else None


def are_terminals() -> bool:
    """True when both standard input and output are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
