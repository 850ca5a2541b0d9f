"""What the person prefers: defaults < config.toml < environment < flags. Reads; never writes.

    [sampler]            temperature = 0.9, top_p = 0.95, ...      (every field of SamplerSettings)
    [app]                theme = "textual-dark", pace = 20, join = "inline", model = "my-novel", ghost = true
    [keys]               undo = "f8"                               (any action of the app by its id)
    [themes.mine]        primary = "#5fafff", dark = true          (colours of a theme of one's own)

Environment variables are named RNNTUI_ and the field in capitals: RNNTUI_TEMPERATURE, RNNTUI_THEME.
"""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnntui.errors import InputError
from rnntui.settings import JOIN_RULES, SamplerSettings, changed, setting


@dataclass(frozen=True, slots=True)
class AppSettings:
    """How the app looks and behaves."""

    theme: str = setting("textual-dark", choices=(), help="a theme of Textual's, by name")
    pace: float = setting(20.0, low=0.0, high=1_000.0, unit="words/s", help="how fast words appear; 0 is full speed")
    join: str = setting("inline", choices=JOIN_RULES, help="a prompt goes on in the line, or starts a new paragraph")
    model: str = setting("", choices=(), help="the model of new conversations and of commands; empty takes the starter")
    ghost: bool = setting(True, help="how the prompt may go on stands dim behind the cursor; Right or Tab takes it")


@dataclass(frozen=True, slots=True)
class Config:
    """All preferences."""

    sampler: SamplerSettings = field(default_factory=SamplerSettings)
    app: AppSettings = field(default_factory=AppSettings)
    keys: dict[str, str] = field(default_factory=dict)
    """Other keys, by the id of an action."""
    themes: dict[str, dict[str, object]] = field(default_factory=dict)
    """Themes of the person's own: colours by name."""


_SECTIONS = ("sampler", "app")


def load_config(file: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration file, if there is one, and the environment over it.

    Raises:
        InputError: If the file is not TOML or a value does not fit; the sentence names the key.
    """
    config = Config()
    tables = _tables(file)
    for section in _SECTIONS:
        values = tables.pop(section, {})
        if not isinstance(values, dict):
            raise InputError(f'"{section}" in {file} must be a table.', f"Write [{section}] on a line of its own.")
        config = _replaced(config, section, values, f"{file}, section [{section}]")
    config = dataclasses.replace(config, keys=_keys(tables, file), themes=_themes(tables, file))
    if tables:
        raise InputError(
            f'{file} has a section "{next(iter(tables))}" that rnntui does not know.',
            f"Known sections are [{'], ['.join((*_SECTIONS, 'keys', 'themes.NAME'))}].",
        )
    variables = os.environ if environment is None else environment
    for section in _SECTIONS:
        names = [entry.name for entry in dataclasses.fields(getattr(config, section))]
        chosen = {
            name: variables[f"RNNTUI_{name.upper()}"] for name in names if variables.get(f"RNNTUI_{name.upper()}")
        }
        config = _replaced(config, section, chosen, "the environment")
    return config


def _keys(tables: dict[str, Any], file: Path) -> dict[str, str]:
    values = tables.pop("keys", {})
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values.values()):
        raise InputError(f"In {file}, [keys] must name a key for each action.", 'Write it so: undo = "f8".')
    return dict(values)


def _themes(tables: dict[str, Any], file: Path) -> dict[str, dict[str, object]]:
    values = tables.pop("themes", {})
    if not isinstance(values, dict) or not all(isinstance(theme, dict) for theme in values.values()):
        raise InputError(
            f"In {file}, a theme must be a table.", 'Write [themes.mine] and below it primary = "#5fafff".'
        )
    return {name: dict(theme) for name, theme in values.items()}


def _tables(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InputError(
            f"{file} is not valid TOML: {problem}.", "Correct the line or move the file away."
        ) from problem
    except OSError as problem:
        raise InputError(
            f"{file} cannot be read: {problem.strerror}.", "Check its permissions or name another with RNNTUI_CONFIG."
        ) from problem


def _replaced(config: Config, section: str, values: Mapping[str, object], where: str) -> Config:
    try:
        fresh = changed(getattr(config, section), **values)
    except InputError as problem:
        raise InputError(f"In {where}: {problem.sentence}", problem.next_step) from problem
    return dataclasses.replace(config, **{section: fresh})
