"""What to say when a command line is not understood: what is wrong, and what was probably meant."""

import difflib
import re
from collections.abc import Iterable, Sequence

from rnntui.errors import InputError
from rnntui.text import visible_line

_LONGEST = 60


def unknown_choice_error(name: str, value: str, choices: Iterable[str], prog: str) -> InputError:
    """The error for a word that is none of those possible.

    Args:
        name: What the word stands for: "COMMAND", "--format", or "" for the first word behind `prog`.
        value: What was written.
        choices: What is possible.
        prog: How the program was called: "rnntui models".
    """
    known, shown = list(choices), visible_line(value, _LONGEST)
    near = difflib.get_close_matches(value[:_LONGEST].lower(), known, 1, 0.6)
    if name == "COMMAND":
        return InputError(f'There is no command "{shown}".', _suggest_command(value, shown, near))
    sentence = f'{name} cannot be "{shown}".' if name.startswith("-") else f'{prog} has no action "{shown}".'
    listed = f"Choose {', '.join(known[:-1])} or {known[-1]}."
    return InputError(sentence, f'Did you mean "{near[0]}"? {listed}' if near else listed)


def leftover_error(words: Sequence[str], prog: str, flags: Iterable[str]) -> InputError:
    """The error for words that nothing was done with.

    Args:
        words: What is left over.
        prog: How the program was called, with its command.
        flags: The flags that are known there.
    """
    flag = next((word for word in words if word.startswith("-") and len(word) > 1), "")
    if flag:
        name = flag.partition("=")[0]
        near = difflib.get_close_matches(name[:_LONGEST], list(flags), 1, 0.6)
        meant = f"Did you mean {near[0]}?" if near else f"See {prog} --help."
        return InputError(f'{prog} has no flag "{visible_line(name, _LONGEST)}".', meant)
    rest = visible_line(" ".join(words), _LONGEST)
    return InputError(
        f'"{rest}" is more than {prog} takes.', f"Put words that belong together in quotes, or see {prog} --help."
    )


def translate_complaint(message: str, prog: str) -> InputError:
    """The error for any other complaint of argparse."""
    for pattern, sentence, next_step in _COMPLAINTS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = [visible_line(part or "", 160) for part in found.groups()]
            return InputError(sentence.format(*parts, prog=prog), next_step.format(*parts, prog=prog))
    sentence = visible_line(message, 200)
    return InputError(f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}.", f"See {prog} --help.")


_COMPLAINTS = (
    (r"argument ([^:]+): expected .*argument", "{0} needs a value.", "Write one behind it; see {prog} --help."),
    (r"the following arguments are required: (.+)", "{prog} needs {0}.", "See {prog} --help."),
    (
        r"argument ([^:]+): not allowed with argument (.+)",
        "{0} and {1} exclude each other.",
        "Leave one of them out.",
    ),
    (r"ambiguous option: (\S+) could match (.+)", '"{0}" could be {1}.', "Write the whole flag."),
    (r"argument ([^:]+): ignored explicit argument (.+)", "{0} takes no value.", "Leave out what stands behind the =."),
)
"""Patterns of argparse's messages, what to say instead, and the next step; {0} and {1} are what the patterns found."""


def _suggest_command(value: str, shown: str, near: list[str]) -> str:
    if near:
        return f"Did you mean rnntui {near[0]}?"
    if " " in value.strip():
        return f'To let a model go on with it: rnntui gen "{shown}".'
    if "." in value or "/" in value:
        return f"To train on a file: rnntui train {shown}."
    return "See what there is with rnntui --help."
