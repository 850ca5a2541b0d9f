"""Commands typed into the prompt: a word after a slash, and what may follow it."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from rnntui.errors import InputError
from rnntui.setting_fields import accepted_words, word_for
from rnntui.settings import SamplerSettings
from rnntui.text import visible_line
from rnntui.tui.action import Action
from rnntui.tui.actions import ACTIONS

_LEAST_TO_GUESS = 3
"""From so many characters on, the slash included, other programs' words are looked at."""
_SHORT_NAMES = {"temperature": "temp"}
_FIELDS = [entry.name for entry in dataclasses.fields(SamplerSettings)]
SETTING_WORDS: dict[str, str] = {
    _SHORT_NAMES.get(name, word_for(SamplerSettings, name).replace(" ", "-")): name for name in _FIELDS
}
"""Slash words that set one field of SamplerSettings each, such as "top-k": what the panel calls them."""
OTHER_WORDS = {name.replace("_", "-"): name for name in _FIELDS} | {"stop-rule": "stop"}
"""Words that are understood as well: the names of the fields, as flags and files have them."""

PLAIN_SETTING_WORDS = [word for word in SETTING_WORDS if word not in {entry.slash for entry in ACTIONS}]
"""Those that do nothing without a value."""


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command as it is offered."""

    command: str
    """With its slash."""
    argument: str
    """What may follow it, in capitals; empty when nothing may."""
    help: str
    also: str = ""
    needs_argument: bool = False
    """True for what does nothing alone."""

    @property
    def completed(self) -> str:
        """As it is typed; with a space where something follows."""
        return f"{self.command} " if self.argument else self.command


@dataclass(frozen=True, slots=True)
class SettingCall:
    """One field of the sampler's settings gets another value."""

    name: str
    value: str
    shown_as: str


@dataclass(frozen=True, slots=True)
class CommandCall:
    """An action of the table, with what was typed after its word."""

    action: Action
    argument: str


def find_slash(word: str) -> Action | None:
    """The action behind a slash word, or None."""
    return next((entry for entry in ACTIONS if entry.slash and entry.slash == word), None)


def slash_words() -> list[str]:
    """All slash words with what may follow them, in the order of the table."""
    own = [f"/{entry.slash} {entry.argument}".rstrip() for entry in ACTIONS if entry.slash]
    return own + [f"/{word} VALUE" for word in PLAIN_SETTING_WORDS]


def command_rows() -> tuple[CommandRow, ...]:
    """All commands, in the order of the table."""
    facts = {entry.name: entry.metadata for entry in dataclasses.fields(SamplerSettings)}
    own = [CommandRow(f"/{one.slash}", one.argument, one.help, one.also) for one in ACTIONS if one.slash]
    settings = [
        CommandRow(f"/{word}", "VALUE", str(facts[SETTING_WORDS[word]]["help"]), needs_argument=True)
        for word in PLAIN_SETTING_WORDS
    ]
    return (*own, *settings)


def find_rows(text: str) -> tuple[CommandRow, ...]:
    """The commands that begin like the text; those that other programs call so, where none does."""
    typed = text.casefold()
    if not typed.startswith("/") or " " in typed or "\n" in typed:
        return ()
    rows = command_rows()
    found = tuple(row for row in rows if row.command.startswith(typed))
    if found or len(typed) < _LEAST_TO_GUESS:
        return found
    return tuple(row for row in rows if any(word.startswith(typed[1:]) for word in row.also.split()))


def is_whole(text: str) -> bool:
    """True for a slash and a word that means something as it stands."""
    word = text[1:]
    return text.startswith("/") and (word in SETTING_WORDS or word in OTHER_WORDS or find_slash(word) is not None)


def is_command(text: str) -> bool:
    """True for a text that begins with a slash and a word."""
    return text.startswith("/") and bool(text[1:2].strip())


def as_sent(text: str) -> str:
    """A text as it is written to be sent as it is: with a space before a slash that would make it a command."""
    return f" {text}" if is_command(text) else text


def parse_command(text: str) -> SettingCall | CommandCall:
    """What a command means.

    Raises:
        InputError: If there is no such word, or what follows it does not fit.
    """
    word, _, argument = text[1:].strip().partition(" ")
    argument = argument.strip()
    name = SETTING_WORDS.get(word) or OTHER_WORDS.get(word)
    if name and argument:
        return SettingCall(name, argument, word)
    action = find_slash(word)
    if name and action is None:
        raise InputError(f"/{word} needs a value.", f"Write {_examples_of(word, name)}.")
    if action is None:
        raise InputError(
            f'There is no command "/{visible_line(word, 40)}".', "/help lists them; a space before the slash sends it."
        )
    if argument and not action.argument:
        raise InputError(f"/{word} takes nothing after it.", "Leave the rest out.")
    return CommandCall(action, argument)


def _examples_of(word: str, name: str) -> str:
    """Values that can follow the word: those there are, or a number that fits."""
    field = next(entry for entry in dataclasses.fields(SamplerSettings) if entry.name == name)
    low, high, usual = field.metadata["low"], field.metadata["high"], field.default
    if choices := accepted_words(SamplerSettings, name):
        return " or ".join(f"/{word} {choice}" for choice in choices)
    number = usual if usual not in {None, low} else min(40, low + (high - low) / 20)
    return f"it after the word, such as /{word} {number:g}"


def completions(text: str, words: Callable[[], list[str]]) -> list[str]:
    """The commands that begin like the text, as they would be typed; none when it is no beginning of one."""
    if not text.startswith("/") or " " in text or "\n" in text:
        return []
    return [entry for entry in words() if entry.startswith(text)]
