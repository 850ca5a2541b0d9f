"""Every location the program knows. Creates nothing."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from rnntui.errors import InputError, StorageError
from rnntui.files import is_there, shipped_folder
from rnntui.text import visible_line

DATA_DIR_VARIABLE = "RNNTUI_DATA_DIR"
CONFIG_VARIABLE = "RNNTUI_CONFIG"
ENDS_WITH_VARIABLE = "RNNTUI_ENDS_WITH"
"""The number of a process with which every trainer is to end, such as that of a test or a script; without it a trainer
outlives whoever started it."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are kept."""

    data_dir: Path
    config_file: Path

    @property
    def models(self) -> Path:
        """Model folders, one each, named by id."""
        return self.data_dir / "models"

    @property
    def runs(self) -> Path:
        """Training runs, one folder each."""
        return self.data_dir / "runs"

    @property
    def corpora(self) -> Path:
        """Prepared texts, kept so that the same files need not be prepared again; may be removed at any time."""
        return self.data_dir / "corpora"

    @property
    def database(self) -> Path:
        """Conversations."""
        return self.data_dir / "sessions.sqlite3"

    @property
    def games(self) -> Path:
        """What was reached in the game, one line each; no word of any text."""
        return self.data_dir / "games.jsonl"

    @property
    def theme_file(self) -> Path:
        """The name of the theme that was chosen in the app."""
        return self.data_dir / "theme"

    @property
    def log_file(self) -> Path:
        """Details of problems; never the text of a conversation."""
        return self.data_dir / "rnntui.log"

    @property
    def starter_model(self) -> Path:
        """The model that ships with the program."""
        return shipped_folder("starter")


def find_paths(data_dir: Path | None = None, config_file: Path | None = None) -> Paths:
    """Resolve all locations: flag, then environment, then the platform's custom.

    Raises:
        StorageError: If the platform does not say where a user's data belong (no home folder).
    """
    chosen = data_dir or _from_environment(DATA_DIR_VARIABLE)
    config = config_file or _from_environment(CONFIG_VARIABLE)
    try:
        chosen = chosen or Path(platformdirs.user_data_dir("rnntui", appauthor=False))
        config = config or Path(platformdirs.user_config_dir("rnntui", appauthor=False)) / "config.toml"
    except (RuntimeError, KeyError) as problem:
        raise StorageError(
            "This system does not say where your home folder is.",
            f"Name a folder with --data-dir or {DATA_DIR_VARIABLE}, and a file with {CONFIG_VARIABLE}.",
        ) from problem
    return Paths(_absolute(chosen), _absolute(config))


def named_path(name: str) -> Path:
    """The file or folder a person names; ~ is their home, ~anne the home of anne if there is one.

    Spaces around it are left out, unless exactly that name is there; so "~.txt" and " a.txt" can be named too.

    Raises:
        InputError: If nothing can have that name, or nobody knows where the person's home is.
    """
    if "\0" in name:
        raise _no_name(name)
    plain = name.strip()
    if plain != name and is_there(Path(name)):
        return Path(name)
    try:
        return Path(plain).expanduser()
    except RuntimeError as problem:
        if plain.split("/")[0] == "~":
            raise _no_name(name) from problem
        return Path(plain)


def absolute_path(name: str) -> Path:
    """The same in every folder; links stay links.

    Raises:
        InputError: If nothing can have that name, or the folder the program works in is gone.
    """
    try:
        return Path(os.path.abspath(named_path(name)))  # noqa: PTH100  resolve() would follow links
    except OSError as problem:
        raise _no_name(name) from problem


def working_folder() -> Path:
    """The folder the program works in; the person's home when that one was removed meanwhile."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.path.expanduser("~"))  # noqa: PTH111  Path.home() raises where there is none


def _no_name(name: str) -> InputError:
    return InputError(f'"{visible_line(name, 160)}" cannot be a file or folder here.', "Write the whole path.")


def _absolute(path: Path) -> Path:
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  resolve() would follow links
    except RuntimeError as problem:
        raise StorageError(
            f'The folder "{path}" needs a home folder, and this system does not say where it is.',
            "Write the whole path.",
        ) from problem


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable, "").strip()
    return Path(value) if value else None
