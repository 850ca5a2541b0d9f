"""Every command and flag, as one table of argparse parsers; nothing here imports torch or textual."""

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any, NoReturn

from rnntui import __version__
from rnntui.cli.wrong_use import explained, left_over, unknown_choice
from rnntui.config import AppSettings
from rnntui.service.export.exporters import FORMATS
from rnntui.settings import PRESETS, LabSettings, ModelConfig, SamplerSettings, TrainConfig

TRAIN_FLAGS = {
    "cell": ModelConfig,
    "hidden_size": ModelConfig,
    "embedding_size": ModelConfig,
    "layers": ModelConfig,
    "vocabulary": ModelConfig,
    "softmax_head": ModelConfig,
    "dropout": TrainConfig,
    "learning_rate": TrainConfig,
    "weight_decay": TrainConfig,
    "clip_norm": TrainConfig,
    "rows": TrainConfig,
    "bptt_length": TrainConfig,
    "validation_share": TrainConfig,
    "seed": TrainConfig,
    "threads": TrainConfig,
    "processes": TrainConfig,
    "arithmetic": TrainConfig,
}
"""Flags of `train` that are fields of settings; all others are planned from the text and the minutes."""
_MINUTES_HELP = (
    "how long the run takes, reading and measuring included; learning has at least half of it (default 5); pauses and "
    "the program's own start do not count"
)
BUNDLE_NAME = "rnntui-report.txt"
FIELD_OF_FLAG = {"vocabulary": "vocabulary_limit"}
COMMANDS = {
    "gen": "continue a prompt; words stream to standard output",
    "train": "train a network on text files",
    "inspect": "look into text files before training: what is in them, and what to expect",
    "eval": "measure how well a model predicts a text",
    "models": "list, show, rename, remove models",
    "runs": "list and steer training runs",
    "sessions": "list, search, show, rename, pin, delete, restore, copy, export and import conversations",
    "replay": "say an exported conversation (.jsonl) again and verify every token and probability",
    "lab": "see how a recurrent network works, with the numbers of a model: list the stations, run one, or --all",
    "manual": "list the pages of the manual, or print one",
    "where": "print every location the program uses",
    "doctor": "print versions, torch build, devices, threads and what the terminal can do",
    "drive": "run the real app without a terminal, from a script of steps",
}


_FILES_HELP = (
    "text files (.txt .md .jsonl .csv .html .epub, also packed as .gz .zst .zip), or samples: sample:counting, "
    "sample:animals, sample:python"
)


class Parser(argparse.ArgumentParser):
    """Argument errors are sentences like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage and leaving."""
        raise explained(message, self.prog)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = action.option_strings[-1] if action.option_strings else str(action.metavar or "")
            raise unknown_choice(name, str(value), action.choices, self.prog)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """What the command line says.

    Raises:
        InputError: If it is not understood.
        SystemExit: If it asks for help or the version, which are printed.
    """
    parser = build_parser()
    chosen, rest = parser.parse_known_args(arguments)
    if not rest:
        return chosen
    own = _commands_of(parser).get(chosen.command or "", parser)
    flags = [flag for action in own._actions for flag in action.option_strings]
    raise left_over(rest, own.prog, flags)


def _commands_of(parser: Parser) -> dict[str, Parser]:
    found = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(next(found).choices)


def build_parser() -> Parser:
    """The whole command line."""
    shared = _shared()
    parser = Parser(
        prog="rnntui",
        parents=[shared],
        description="Train a small recurrent network on your own text, offline, and talk to it. "
        "Without a command the app opens.",
        epilog="Exit codes: 0 done, 2 bad input, 3 model damaged, 4 disk, 5 training, 6 a replay differs, "
        "7 a graphics card or memory, 70 a bug, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"rnntui {__version__}")
    parser.add_argument("--model", default="", metavar="NAME", help="the model to talk to")
    parser.add_argument("--session", default="", metavar="ID", help="the conversation to open")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    _add_device(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    made = {
        name: commands.add_parser(name, help=text, description=_sentence(text), parents=[shared])
        for name, text in COMMANDS.items()
    }
    _gen(made["gen"])
    _train(made["train"])
    _inspect(made["inspect"])
    _eval(made["eval"])
    _models(made["models"])
    _runs(made["runs"])
    _sessions(made["sessions"])
    made["doctor"].add_argument(
        "--bundle",
        nargs="?",
        const=BUNDLE_NAME,
        default="",
        metavar="FILE",
        help="write a report for those who mend the program, without a word of yours "
        f"(default: {BUNDLE_NAME} in this folder)",
    )
    made["replay"].add_argument("file", metavar="FILE", help="a conversation exported as JSON Lines")
    _add_device(made["replay"])
    _drive(made["drive"])
    _lab(made["lab"])
    made["manual"].add_argument("page", nargs="?", default="", metavar="PAGE", help="the page to print")
    return parser


def _shared() -> Parser:
    shared = Parser(add_help=False)
    shared.add_argument(
        "--data-dir",
        default=argparse.SUPPRESS,
        metavar="FOLDER",
        help="keep everything here (also: the environment variable RNNTUI_DATA_DIR)",
    )
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object per line")
    return shared


def _gen(parser: Parser) -> None:
    parser.add_argument(
        "prompt", nargs="?", default="", metavar="PROMPT", help="text to continue; - reads standard input"
    )
    _add_model(parser, "that speaks")
    _add_device(parser)
    parser.add_argument(
        "--style",
        choices=tuple(PRESETS),
        metavar="NAME",
        help=f"how to draw: {', '.join(PRESETS)}; other flags count more",
    )
    for entry in dataclasses.fields(SamplerSettings):
        _add_field(parser, entry.name, SamplerSettings, entry.name)


def _train(parser: Parser) -> None:
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
    _reading(parser)
    for flag, owner in TRAIN_FLAGS.items():
        _add_field(parser, flag, owner, FIELD_OF_FLAG.get(flag, flag))
    _add_device(parser)


def _inspect(parser: Parser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=_FILES_HELP)
    _reading(parser)


def _reading(parser: Parser) -> None:
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


def _eval(parser: Parser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="text files to measure on")
    _add_model(parser, "to measure")
    _add_device(parser)


def _models(parser: Parser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "show", "rename", "remove"))
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="the model")
    parser.add_argument("new_name", nargs="?", default="", metavar="NEW", help="its new name, for rename")
    parser.add_argument("--markdown", default="", metavar="FILE", help="show: write the report as Markdown")
    parser.add_argument("--html", default="", metavar="FILE", help="show: write the report as one page with the chart")


def _runs(parser: Parser) -> None:
    actions = ("list", "show", "pause", "resume", "stop", "extend", "remove")
    parser.add_argument("action", nargs="?", default="list", choices=actions)
    parser.add_argument("run", nargs="?", default="", metavar="ID", help="the run; the newest when left out")
    parser.add_argument("--minutes", default="5", metavar="M", help="extend: how much more time (default 5)")


def _sessions(parser: Parser) -> None:
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


def _drive(parser: Parser) -> None:
    parser.add_argument("script", metavar="SCRIPT", help="a file of steps; - reads standard input")
    parser.add_argument("--size", default="120x36", metavar="WxH", help="columns x rows of the screen (default 120x36)")
    parser.add_argument("--model", default="", metavar="NAME", help="the model to talk to")
    parser.add_argument("--output", default=".", metavar="FOLDER", help="where screenshots go")


def _lab(parser: Parser) -> None:
    parser.add_argument("station", nargs="?", default="", metavar="STATION", help="name or number of the station")
    parser.add_argument("--all", action="store_true", help="run every station")
    _add_model(parser, "to look into")
    for entry in dataclasses.fields(LabSettings):
        _add_field(parser, entry.name, LabSettings, entry.name)


def _add_model(parser: argparse.ArgumentParser, what_for: str) -> None:
    usual = "default: `model` of config.toml, else the starter"
    parser.add_argument("--model", default="", metavar="NAME", help=f"the model {what_for} ({usual})")


def _add_device(parser: Parser) -> None:
    _add_field(parser, "device", AppSettings, "device")


def _add_field(parser: Parser, flag: str, owner: type, name: str) -> None:
    entry = next(entry for entry in dataclasses.fields(owner) if entry.name == name)
    facts = entry.metadata
    choices = ("auto", *facts["choices"]) if facts["is_measured"] else facts["choices"]
    metavar = "|".join(choices) if choices else flag.split("_")[-1][:1].upper()
    shown = "" if owner is not SamplerSettings or entry.default is None else f" (default {entry.default})"
    text = (facts["help"] + shown).replace("%", "%%")
    parser.add_argument(f"--{flag.replace('_', '-')}", dest=flag, default=None, metavar=metavar, help=text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
