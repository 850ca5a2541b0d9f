"""The table of commands in the manual, made from the parser."""

import argparse

from rnntui.cli.command_table import COMMANDS
from rnntui.cli.parser import build_parser


def commands_markdown() -> str:
    """Every command with its flags, as a Markdown table."""
    parser = build_parser()
    rows = ["| Command | What it does | Flags |", "|---|---|---|", _row("rnntui", "open the app", parser)]
    group = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    rows += [_row(f"rnntui {name}", COMMANDS[name].help, group.choices[name]) for name in COMMANDS]
    return "\n".join(rows)


def _row(command: str, text: str, parser: argparse.ArgumentParser) -> str:
    words, flags = [], []
    for action in parser._actions:
        if action.option_strings and action.dest not in {"help", "json", "data_dir"}:
            flags.append(f"`{action.option_strings[0]}`")
        elif not action.option_strings and not isinstance(action, argparse._SubParsersAction):
            words.append(_word(action))
    return f"| `{' '.join([command, *words])}` | {text} | {' '.join(flags)} |"


def _word(action: argparse.Action) -> str:
    shown = "\\|".join(action.choices) if action.choices else str(action.metavar or action.dest)
    shown = shown.replace("|", "\\|") if not action.choices else shown
    shown += " ..." if action.nargs in ("+", "*") else ""
    return f"[{shown}]" if action.nargs in ("?", "*") else shown
