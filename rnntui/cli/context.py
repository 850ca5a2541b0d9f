"""What every command begins with: the locations and the services that its arguments ask for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnntui.config import Config, load_config, with_device, with_kept_theme
from rnntui.errors import RnntuiError
from rnntui.paths import Paths, find_paths

if TYPE_CHECKING:
    from rnntui.service.services import Services


def resolve_paths(args: Any) -> Paths:
    """Every location, with --data-dir in force.

    Raises:
        StorageError: If the platform does not say where a user's data belong.
    """
    folder = getattr(args, "data_dir", "")
    return find_paths(Path(folder) if folder else None)


def load_preferences(args: Any) -> tuple[Paths, Config]:
    """The locations, and what config.toml prefers, with --device in force.

    Raises:
        InputError: If the configuration or the device cannot be used.
    """
    paths = resolve_paths(args)
    config = with_kept_theme(load_config(paths.config_file), paths.theme_file)
    return paths, with_device(config, getattr(args, "device", None))


def load_services(args: Any) -> "Services":
    """The services of the data folder with these preferences; nothing is opened yet.

    Raises:
        InputError: If the configuration or the device cannot be used.
    """
    from rnntui.service.services import Services  # not before --help or an argument error

    return Services(*load_preferences(args))


def preferred_device(paths: Paths) -> str:
    """What --device is without a flag; a configuration that cannot be read is no reason to say nothing."""
    try:
        return load_config(paths.config_file).app.device
    except RnntuiError:
        return "auto"
