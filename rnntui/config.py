"""What the person prefers: defaults < config.toml < environment < flags. Reads; never writes.

    [sampler]            temperature = 0.9, top_p = 0.95, ...      (every field of SamplerSettings)
    [app]                theme = "textual-dark", pace = 20, join = "inline", replies = "inline",
                         model = "my-novel", ghost = true, device = "auto"
    [keys]               undo = "f8"                               (any action of the app by its id)
    [themes.mine]        primary = "#5fafff", dark = true          (colours of a theme of one's own)

Environment variables are named RNNTUI_ and the field in capitals: RNNTUI_TEMPERATURE, RNNTUI_THEME.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from rnntui.errors import InputError, RnntuiError
from rnntui.files import read_named
from rnntui.paths import CONFIG_VARIABLE
from rnntui.setting_fields import Slider, changed, checked_value, setting
from rnntui.settings import DEVICE_CHOICES, JOIN_RULES, SamplerSettings
from rnntui.text import visible_line


@dataclass(frozen=True, slots=True)
class AppSettings:
    """How the app looks and behaves."""

    theme: str = setting("textual-dark", choices=(), help="a theme of Textual's, by name")
    pace: float = setting(
        20.0,
        low=0.0,
        high=1_000.0,
        unit="words/s",
        help="how fast words appear; 0 is full speed",
        slider=Slider(
            stops=(2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 0.0),
            fine=0.0,
            shown="{:g} words/s",
            names={0.0: "full speed"},
        ),
    )
    join: str = setting("inline", choices=JOIN_RULES, help="a prompt goes on in the line, or starts a new paragraph")
    replies: str = setting(
        "inline", choices=JOIN_RULES, help="a reply goes on in the prompt's line, as it was read, or stands below it"
    )
    model: str = setting("", choices=(), help="the model of new conversations and of commands; empty takes the starter")
    device: str = setting(
        "auto",
        choices=DEVICE_CHOICES,
        help="what computes: the processor, an NVIDIA card (cuda), an Apple one (mps), or what is faster (auto)",
    )
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
    named: frozenset[str] = frozenset()
    """The fields of AppSettings that the file or the environment names."""


S = TypeVar("S", SamplerSettings, AppSettings)
_SECTIONS = ("sampler", "app")
_LARGEST_BYTES = 1 << 18
_MOST_DOTS = 100
_LONGEST_THEME = 200


def load_config(file: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration file, if there is one, and the environment over it.

    Raises:
        InputError: If the file is not TOML or a value does not fit; the sentence names the key.
    """
    config = Config()
    tables = _tables(file)
    variables = os.environ if environment is None else environment
    named = {entry.name for entry in dataclasses.fields(AppSettings) if variables.get(f"RNNTUI_{entry.name.upper()}")}
    named |= set(tables["app"]) if isinstance(tables.get("app"), dict) else set()
    for section in _SECTIONS:
        values = tables.pop(section, {})
        if not isinstance(values, dict):
            raise InputError(
                f'"{section}" in {_quote_file(file)} must be a table.', f"Write [{section}] on a line of its own."
            )
        config = _replace(config, section, values, f"{_quote_file(file)}, section [{section}]")
    config = dataclasses.replace(config, keys=_keys(tables, file), themes=_themes(tables, file))
    if tables:
        raise InputError(
            f'{_quote_file(file)} has a section "{visible_line(next(iter(tables)), 40)}" that rnntui does not know.',
            f"Known sections are [{'], ['.join((*_SECTIONS, 'keys', 'themes.NAME'))}].",
        )
    for section in _SECTIONS:
        config = dataclasses.replace(config, **{section: _override(getattr(config, section), variables)})
    return dataclasses.replace(config, named=frozenset(named))


def with_kept_theme(config: Config, file: Path) -> Config:
    """The preferences with the theme that was chosen in the app, where nothing else names one.

    Args:
        config: The preferences.
        file: Holds nothing but the name; what cannot be read counts as no choice.
    """
    if "theme" in config.named:
        return config
    try:
        name = read_named(file, "The theme", _LONGEST_THEME, "Choose a theme again.").decode("utf-8").strip()
    except (OSError, UnicodeDecodeError, RnntuiError):
        return config
    return dataclasses.replace(config, app=dataclasses.replace(config.app, theme=name)) if name else config


def with_device(config: Config, choice: str | None) -> Config:
    """The preferences with what --device says, if it was written.

    Raises:
        InputError: If it is no device.
    """
    if choice is None:
        return config
    device = checked_value(AppSettings, "device", choice, "--device")
    return dataclasses.replace(config, app=dataclasses.replace(config.app, device=device))


def _override(settings: S, variables: Mapping[str, str]) -> S:
    """Settings with what the environment says; the sentence about a wrong value names the variable."""
    for entry in dataclasses.fields(settings):
        variable = f"RNNTUI_{entry.name.upper()}"
        if value := variables.get(variable):
            fresh = checked_value(type(settings), entry.name, value, variable)
            settings = dataclasses.replace(settings, **{entry.name: fresh})
    return settings


def _keys(tables: dict[str, Any], file: Path) -> dict[str, str]:
    values = tables.pop("keys", {})
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values.values()):
        raise InputError(
            f"In {_quote_file(file)}, [keys] must name a key for each action.", 'Write it so: undo = "f8".'
        )
    return dict(values)


def _themes(tables: dict[str, Any], file: Path) -> dict[str, dict[str, object]]:
    values = tables.pop("themes", {})
    if not isinstance(values, dict) or not all(isinstance(theme, dict) for theme in values.values()):
        raise InputError(
            f"In {_quote_file(file)}, a theme must be a table.", 'Write [themes.mine] and below it primary = "#5fafff".'
        )
    return {name: dict(theme) for name, theme in values.items()}


def _tables(file: Path) -> dict[str, Any]:
    if str(file) == os.devnull:  # how one says that there is none
        return {}
    named = _quote_file(file)
    try:
        data = read_named(file, "The configuration", _LARGEST_BYTES, f"Name another file with {CONFIG_VARIABLE}.")
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as problem:
        raise InputError(f"{named} is not UTF-8 text.", "Save it as UTF-8, or move it away.") from problem
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MOST_DOTS:  # tomllib's time grows with the square of a dotted name's parts
            raise InputError(f"Line {number} of {named} has too many dots.", "Correct the line, or move the file away.")
    import tomllib  # most people have no such file

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{named} is nested too deeply.", "Write plain values, or move the file away.") from None
    except ValueError as problem:  # also a number of more digits than Python reads
        raise InputError(
            f"{named} is not valid TOML: {visible_line(str(problem), 120)}.", "Correct it, or move the file away."
        ) from problem


def _quote_file(file: Path) -> str:
    return f'"{visible_line(str(file), 160)}"'


def _replace(config: Config, section: str, values: Mapping[str, object], where: str) -> Config:
    try:
        fresh = changed(getattr(config, section), **values)
    except InputError as problem:
        raise InputError(f"In {where}: {problem.sentence}", problem.next_step) from problem
    return dataclasses.replace(config, **{section: fresh})
