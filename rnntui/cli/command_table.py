"""Every command as a row: what --help says of it, its arguments, and where it is run. Imports no command.

To add a command, write a module in `rnntui/cli/commands/` with a function of the same name, and a row in `COMMANDS`.
"""

import dataclasses
import importlib
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnntui.cli.output import Output
from rnntui.config import AppSettings
from rnntui.records import LEAVE_OUT
from rnntui.service.export.exporters import FORMATS
from rnntui.setting_fields import flags
from rnntui.settings import PRESETS, LabSettings, ModelConfig, SamplerSettings, TrainConfig

Run = Callable[[Any, Output], int]
"""What a command is: its parsed arguments and where it writes -> its exit code."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the command line."""

    help: str
    """What it does, in one line that begins in lower case."""
    add_arguments: Callable[[ArgumentParser], None]
    """Tells a parser its arguments and flags."""
    name: str
    """Of its module in `rnntui.cli.commands`, and of the function there."""

    def load(self) -> Run:
        """Import what runs it."""
        run: Run = getattr(importlib.import_module(f"rnntui.cli.commands.{self.name}"), self.name)
        return run


TRAIN_FLAGS = {flag: (owner, name) for owner in (ModelConfig, TrainConfig) for flag, name in flags(owner).items()}
"""Flags of `train` that are fields of settings; all others are planned from the text and the minutes."""
_MINUTES_HELP = (
    "how long the run takes, reading and measuring included; learning has at least half of it (default 5); pauses and "
    "the program's own start do not count"
)
BUNDLE_NAME = "rnntui-report.txt"
_FILES_HELP = (
    "texts of any kind (.txt .md .docx .odt .pdf .epub .html .srt .json .csv .py and more, also packed as .gz .zst "
    ".zip), or samples: sample:counting, sample:animals, sample:python"
)


def _add_replay_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a conversation exported as JSON Lines")
    add_device(parser)


def _add_manual_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("page", nargs="?", default="", metavar="PAGE", help="the page to print")


def _add_doctor_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--bundle",
        nargs="?",
        const=BUNDLE_NAME,
        default="",
        metavar="FILE",
        help="write a report for those who mend the program, without a word of yours "
        f"(default: {BUNDLE_NAME} in this folder)",
    )


def _add_nothing(_parser: ArgumentParser) -> None:
    """A command without arguments of its own."""


def _add_gen_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "prompt", nargs="?", default="", metavar="PROMPT", help="text to continue; - reads standard input"
    )
    _add_model(parser, "that speaks")
    add_device(parser)
    parser.add_argument(
        "--style",
        choices=tuple(PRESETS),
        metavar="NAME",
        help=f"how to draw: {', '.join(PRESETS)}; other flags count more",
    )
    for entry in dataclasses.fields(SamplerSettings):
        _add_field(parser, entry.name, SamplerSettings, entry.name)
    parser.add_argument(
        "--compare",
        action="append",
        default=None,
        metavar="WHAT=VALUE",
        help="write two texts side by side with the same seed: A as all is set, B with one thing changed, such as "
        "temperature=0.5, model=NAME, style=careful, memory=forgotten (the prompt), seed=7 or any flag above",
    )
    parser.add_argument(
        "--origin",
        action="store_true",
        help="say afterwards which runs of four words and more stand in the text that the model learned from",
    )


def _add_train_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help=_FILES_HELP)
    parser.add_argument(
        "--resume",
        nargs="?",
        const="last",
        default="",
        metavar="RUN",
        help="go on with a run that was broken off or stopped: its id or its model's name; without one the last",
    )
    parser.add_argument(
        "--from",
        dest="base",
        default="",
        metavar="MODEL",
        help="go on from this model, whose vocabulary grows, or from nothing (default: from the starter where that "
        "reads the text well)",
    )
    parser.add_argument(
        "--name", default="", metavar="NAME", help="what the model is called (default: the first file's name)"
    )
    parser.add_argument("--minutes", default="", metavar="M", help=_MINUTES_HELP)
    parser.add_argument(
        "--queue", action="store_true", help="train in the background, after the runs that are going on or wait"
    )
    _add_reading_arguments(parser)
    for flag, (owner, name) in TRAIN_FLAGS.items():
        _add_field(parser, flag, owner, name)
    add_device(parser)


SHOWN_OF_TEXTS = ("left-out", "lines", "speakers")
"""What `inspect` shows alone; see `texts_read.PAGES`."""


def _add_inspect_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=_FILES_HELP)
    parser.add_argument(
        "--show",
        choices=SHOWN_OF_TEXTS,
        metavar="WHAT",
        help=f"only what was found of this, all of it: {', '.join(SHOWN_OF_TEXTS)}",
    )
    _add_reading_arguments(parser)


def _add_reading_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--validation", default="", metavar="FILE", help="held-out text of its own")
    parser.add_argument("--encoding", default="", metavar="E", help="of the files, such as cp1252 (default: found out)")
    parser.add_argument(
        "--field", default="", metavar="F", help="field of JSON lines or column of a table (default: the longest)"
    )
    parser.add_argument(
        "--typographic",
        action="store_true",
        help="give quotes, dashes and dots one form, “ ” ‘ ’ — …; a starter that has it gives it by itself",
    )
    parser.add_argument(
        "--speaker",
        action="append",
        default=[],
        metavar="NAME",
        help="learn from this person's words only, in a chat or a script; may be given several times",
    )
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        choices=LEAVE_OUT,
        metavar="KIND",
        help=f"leave out private words: {', '.join(LEAVE_OUT)}; may be given several times",
    )
    lines = parser.add_mutually_exclusive_group()
    lines.add_argument(
        "--join-lines",
        dest="join_lines",
        action="store_true",
        default=None,
        help="lines were wrapped by hand: join",
    )
    lines.add_argument(
        "--keep-lines", dest="join_lines", action="store_false", default=None, help="keep every line as it is"
    )


def _add_eval_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="text files to measure on")
    _add_model(parser, "to measure")
    add_device(parser)


def _add_models_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "show", "rename", "remove"))
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="the model")
    parser.add_argument("new_name", nargs="?", default="", metavar="NEW", help="its new name, for rename")
    parser.add_argument("--markdown", default="", metavar="FILE", help="show: write the report as Markdown")
    parser.add_argument("--html", default="", metavar="FILE", help="show: write the report as one page with the chart")


def _add_runs_arguments(parser: ArgumentParser) -> None:
    actions = ("list", "show", "pause", "resume", "stop", "extend", "remove")
    parser.add_argument("action", nargs="?", default="list", choices=actions)
    parser.add_argument("run", nargs="?", default="", metavar="ID", help="the run; the newest when left out")
    parser.add_argument("--minutes", default="5", metavar="M", help="extend: how much more time (default 5)")
    parser.add_argument(
        "--samples", action="store_true", help="show: what it wrote when, with the figures of that time"
    )


def _add_sessions_arguments(parser: ArgumentParser) -> None:
    actions = ("list", "search", "show", "export", "import", "rename", "pin", "unpin", "delete", "restore")
    parser.add_argument("action", nargs="?", default="list", choices=(*actions, "duplicate", "empty"))
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ID|WORD|FILE",
        help="a conversation by id, beginning of an id, or title, then a FILE to export to or a new title; words to "
        "search for; files to import. empty removes deleted ones for good",
    )
    parser.add_argument("--deleted", action="store_true", help="list: what can be restored, and until when")
    parser.add_argument("--limit", default="50", metavar="N", help="search: at most so many places (default 50)")
    parser.add_argument(
        "--format",
        default="",
        choices=FORMATS,
        help=f"export: for people, or for machines (default: by the file's suffix, else {FORMATS[0]})",
    )
    parser.add_argument("--visible", action="store_true", help="export jsonl: only the branch that is shown")


def _add_drive_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("script", metavar="SCRIPT", help="a file of steps; - reads standard input")
    parser.add_argument("--size", default="120x36", metavar="WxH", help="columns x rows of the screen (default 120x36)")
    parser.add_argument("--model", default="", metavar="NAME", help="the model to talk to")
    parser.add_argument("--output", default=".", metavar="FOLDER", help="where screenshots go")


def _add_lab_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("station", nargs="?", default="", metavar="STATION", help="name or number of the station")
    parser.add_argument("--all", action="store_true", help="run every station")
    _add_model(parser, "to look into")
    for entry in dataclasses.fields(LabSettings):
        _add_field(parser, entry.name, LabSettings, entry.name)


def _add_play_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        default="",
        metavar="FILE",
        help="a text to play with (default: the end of the model's own text, which it has not read, else passages that "
        "come with the program)",
    )
    parser.add_argument("--shipped", action="store_true", help="play with the passages that come with the program")
    parser.add_argument("--seed", default=None, metavar="N", help="the same seed asks the same (default: a new one)")
    parser.add_argument("--rounds", default="10", metavar="N", help="how many words are asked (default 10)")
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--choose", action="store_true", help="choose one of eight words (so it is without --type)")
    ways.add_argument("--type", action="store_true", help="type the word: a bet against counting")
    parser.add_argument("--text", default="", metavar="CODE", help="refuse another text than a friend has played with")
    _add_model(parser, "to play against")
    add_device(parser)


def _add_model(parser: ArgumentParser, what_for: str) -> None:
    usual = "default: `model` of config.toml, else the starter"
    parser.add_argument("--model", default="", metavar="NAME", help=f"the model {what_for} ({usual})")


def add_device(parser: ArgumentParser) -> None:
    """The flag --device."""
    _add_field(parser, "device", AppSettings, "device")


def _add_field(parser: ArgumentParser, flag: str, owner: type, name: str) -> None:
    entry = next(entry for entry in dataclasses.fields(owner) if entry.name == name)
    facts = entry.metadata
    choices = ("auto", *facts["choices"]) if facts["is_measured"] else facts["choices"]
    metavar = "|".join(choices) if choices else flag.split("_")[-1][:1].upper()
    shown = "" if owner is not SamplerSettings or entry.default is None else f" (default {entry.default})"
    text = (facts["help"] + shown).replace("%", "%%")
    parser.add_argument(f"--{flag.replace('_', '-')}", dest=flag, default=None, metavar=metavar, help=text)


COMMANDS = {
    "gen": Command("continue a prompt; words stream to standard output", _add_gen_arguments, "gen"),
    "train": Command("train a network on text files", _add_train_arguments, "train"),
    "inspect": Command(
        "look into text files before training: what is in them, and what to expect", _add_inspect_arguments, "inspect"
    ),
    "eval": Command("measure how well a model predicts a text", _add_eval_arguments, "evaluate"),
    "models": Command("list, show, rename, remove models", _add_models_arguments, "models"),
    "runs": Command("list and steer training runs", _add_runs_arguments, "runs"),
    "sessions": Command(
        "list, search, show, rename, pin, delete, restore, copy, export and import conversations",
        _add_sessions_arguments,
        "sessions",
    ),
    "replay": Command(
        "say an exported conversation (.jsonl) again and verify every token and probability",
        _add_replay_arguments,
        "replay",
    ),
    "lab": Command(
        "see how a recurrent network works, with the numbers of a model: list the stations, run one, or --all",
        _add_lab_arguments,
        "lab",
    ),
    "play": Command(
        "guess the next word against a network and against counting, scored in bits", _add_play_arguments, "play"
    ),
    "manual": Command("list the pages of the manual, or print one", _add_manual_arguments, "manual"),
    "where": Command("print every location the program uses", _add_nothing, "where"),
    "doctor": Command(
        "print versions, torch build, devices, threads and what the terminal can do", _add_doctor_arguments, "doctor"
    ),
    "drive": Command("run the real app without a terminal, from a script of steps", _add_drive_arguments, "drive"),
}
