"""The promises of the README, each with the program that proves it from the outside.

A proof starts the real program in folders of its own, does it harm at random instants, and looks at what is left. It
counts its cases and tells the worst one. `python -m tests.proofs` runs them; the suite runs each for a few seconds.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Setup:
    """Where and how much a proof tries."""

    folder: Path
    """An empty folder of its own."""
    seed: int = 1
    share: float = 1.0
    """How much of the whole proof: 1 for all its cases, .01 for a hundredth; at least one of each kind is tried."""
    data: Path | None = None
    """The folder with real books; None leaves out what needs them, and says so."""

    def cases(self, whole: int, least: int = 1) -> int:
        """Returns how many of `whole` cases to try, at least `least`."""
        return max(least, round(self.share * whole))


@dataclass(frozen=True)
class Proof:
    """What came of a proof."""

    cases: int
    """How many cases were tried."""
    worst: str
    """The worst case of all, with its unit: "lost .4 s of a reply"."""
    broken: tuple[str, ...] = ()
    """Each case that broke the promise, as one sentence with what is needed to see it again. Empty: it holds."""
    left_out: tuple[str, ...] = field(default=())
    """What was not tried here, and why: no strace, no books."""


@dataclass(frozen=True)
class Promise:
    """One promise and the modules of this folder that prove it."""

    text: str
    modules: tuple[str, ...]
    """Each has `prove(setup: Setup) -> Proof`."""


PROMISES = {
    "P1": Promise(
        "Kill -9 at any moment loses no acknowledged turn, at most 1 s of a reply, at most 30 s of training, at most "
        "1 s of a draft",
        ("kills", "system_calls", "resuming"),
    ),
    "P2": Promise(
        "Stop and resume of training gives bit-identical weights on the same machine, build and thread count, from a "
        "fresh data folder, through the command line and the app; otherwise it says so",
        ("resuming",),
    ),
    "P3": Promise(
        "A conversation's memory is restored bit-identically, or recomputed and said so",
        ("memory",),
    ),
    "P4": Promise(
        "A model file can never run code, open a connection, write a file, or take more memory than its own size "
        "justifies",
        ("model_files",),
    ),
    "P5": Promise(
        "No control byte of any text we did not write reaches the terminal; no text is ever markup or a link",
        ("foreign_text",),
    ),
    "P6": Promise(
        "Bad input never crashes or hangs: every file, model, setting, environment and key sequence ends in work or "
        "in one sentence",
        ("bad_input", "keys", "threads"),
    ),
    "P7": Promise(
        "Preparing a corpus takes at most 400 MB above the bare process, helping processes included, whatever the file",
        ("huge_texts",),
    ),
    "P8": Promise(
        "Hours of chat grow memory by less than 1 MB an hour beyond the words of the open conversation, and no "
        "descriptors, threads or temporary files",
        ("long_chat",),
    ),
    "P9": Promise(
        "The terminal is usable after quit, error, SIGTERM, SIGHUP, SIGINT, SIGQUIT and kill -9; no process outlives "
        "its terminal by 3 s unless training was told to",
        ("terminal", "quitting"),
    ),
    "P10": Promise(
        "Keys answer within 100 ms (p99) while training uses the machine, also in bursts: no key is lost",
        ("key_times",),
    ),
    "P11": Promise(
        "A full, read-only, removed or damaged disk never destroys or hides existing data",
        ("damage", "refusing_disk", "two_programs"),
    ),
    "P12": Promise(
        "Every error is one sentence: what, which file, what to do; details in a named, private, rotating log without "
        "conversation text",
        ("errors",),
    ),
    "P13": Promise("rnntui makes no network connection", ("connections",)),
}


def promises_markdown() -> str:
    """The table of the README."""
    rows = [f"| {name} | {promise.text} | `python -m tests.proofs {name}` |" for name, promise in PROMISES.items()]
    return "\n".join(["| | Promise | Proof |", "|---|---|---|", *rows])
