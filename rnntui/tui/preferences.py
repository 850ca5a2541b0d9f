"""What the person set up for the app: other keys, and themes of their own. Problems are sentences, not errors."""

import dataclasses
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import Theme

from rnntui.text import visible_line
from rnntui.tui.action import Action
from rnntui.tui.actions import ACTIONS
from rnntui.tui.key_tables import clashes

_COLOURS = (
    "primary",
    "secondary",
    "warning",
    "error",
    "success",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
)


def bind_own_keys(app: App[Any], keys: Mapping[str, str]) -> list[str]:
    """Give an app the keys of the person's own; an action that has no key of its own gets its first one here.

    Args:
        app: Shows no key yet.
        keys: By the id of an action, as `replace_keys` takes them.

    Returns:
        A sentence for each problem.
    """
    actions, problems = replace_keys(keys)
    app.set_keymap({entry.id: ",".join(entry.keys) for entry in actions if entry.id in keys})
    keyless = {entry.id for entry in ACTIONS if not entry.keys}
    for entry in actions:
        if entry.id in keys and entry.id in keyless and entry.where in {"everywhere", "chat"}:
            app.bind(",".join(entry.keys), entry.call_anywhere, description=entry.label, show=False)
    return problems


def replace_keys(keys: Mapping[str, str]) -> tuple[tuple[Action, ...], list[str]]:
    """The table of actions with other keys.

    Args:
        keys: By the id of an action: one key, or several with commas.

    Returns:
        The table, and a sentence for each id that is not known and for each key that would mean two things.
    """
    if not keys:
        return ACTIONS, []
    problems: list[str] = []
    known = {entry.id for entry in ACTIONS}
    for name in keys:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f' Did you mean "{near[0]}"?' if near else " The table of keys in the README names all of them."
            problems.append(f'[keys] in config.toml names "{visible_line(name, 40)}", which is no action.{hint}')
    fresh = tuple(
        dataclasses.replace(entry, keys=_split_keys(keys[entry.id])) if entry.id in keys else entry for entry in ACTIONS
    )
    before = set(clashes())
    problems += [f"{sentence} One of them is in [keys]." for sentence in clashes(fresh) if sentence not in before]
    return fresh, problems


def _split_keys(keys: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.split(",") if key.strip())


def build_themes(tables: Mapping[str, Mapping[str, object]]) -> tuple[list[Theme], list[str]]:
    """Themes from the configuration: colours by name, as "#rrggbb" or a word; `dark` tells which kind it is.

    Returns:
        The themes that can be used, and a sentence for each that cannot.
    """
    themes: list[Theme] = []
    problems: list[str] = []
    for name, values in tables.items():
        problem = _find_problem(values)
        if problem:
            problems.append(f'The theme "{visible_line(name, 40)}" in config.toml cannot be used: {problem}.')
            continue
        colours = {key: str(value) for key, value in values.items() if key != "dark"}
        themes.append(Theme(name, dark=bool(values.get("dark", True)), **colours))  # type: ignore[arg-type]
    return themes, problems


def _find_problem(values: Mapping[str, object]) -> str:
    if "primary" not in values:
        return "it names no primary colour"
    for key, value in values.items():
        if key == "dark":
            continue
        if key not in _COLOURS:
            return f'it names "{visible_line(key, 40)}"; known are {", ".join(_COLOURS)} and dark'
        try:
            Color.parse(str(value))
        except ColorParseError:
            return f'{key} is "{visible_line(str(value), 40)}", which is no colour'
    return ""
