"""Entry point of a helping process: `python -m rnntui.service.prepare.worker_process`, fed and read through pipes.

A message has its length before it, eight bytes. One that begins with JOB says what to do: name, newline, settings; each
other is a segment of text and is answered. The end of the input, which also comes when the process that feeds this one
was killed, ends it.
"""

import contextlib
import signal
import sys
from typing import IO

JOB, SEGMENT = b"j", b"s"
_LENGTH = 8


def main() -> None:
    """Work on one segment after another."""
    from rnntui.lm.tokens.segments import Job, Splitting, answer, job_of

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever feeds this process decides what Ctrl-C means
    job: Job = Splitting()
    while message := read_message(sys.stdin.buffer):
        if message.startswith(JOB):
            name, _, settings = message.removeprefix(JOB).partition(b"\n")
            job = job_of(name.decode(), settings)
            continue
        write_message(sys.stdout.buffer, answer(job, message.removeprefix(SEGMENT)))


def write_message(stream: IO[bytes], data: bytes) -> None:
    """Write a message at once."""
    stream.write(len(data).to_bytes(_LENGTH, "big"))
    stream.write(data)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes:
    """The next message; empty at the end of the stream, and where it breaks off."""
    length = int.from_bytes(stream.read(_LENGTH), "big")
    data = stream.read(length)
    return data if len(data) == length else b""


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
