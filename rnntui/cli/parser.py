"""The command line as argparse parsers, made from the table of commands; nothing here imports torch or textual."""

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from rnntui import __version__
from rnntui.cli.command_table import COMMANDS, add_device
from rnntui.cli.wrong_use import leftover_error, translate_complaint, unknown_choice_error


class Parser(argparse.ArgumentParser):
    """Argument errors are sentences like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage and leaving."""
        raise translate_complaint(message, self.prog)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = action.option_strings[-1] if action.option_strings else str(action.metavar or "")
            raise unknown_choice_error(name, str(value), action.choices, self.prog)


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """What the command line says.

    Raises:
        InputError: If it is not understood.
        SystemExit: If it asks for help or the version, which are printed.
    """
    parser = build_parser()
    args, rest = parser.parse_known_args(arguments)
    if not rest:
        return args
    own = _commands_of(parser).get(args.command or "", parser)
    flags = [flag for action in own._actions for flag in action.option_strings]
    raise leftover_error(rest, own.prog, flags)


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
    add_device(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, command in COMMANDS.items():
        text = command.help
        command.add_arguments(
            commands.add_parser(name, help=text, description=_sentence(text), parents=[shared]),
        )
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


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
