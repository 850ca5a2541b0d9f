"""A report for those who mend the program: figures, kinds and places, and not one word of the person's.

Names of models, runs, conversations, files and folders are words of theirs too, so none is in it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnntui.errors import RnntuiError
from rnntui.store.files.log import last_lines
from rnntui.store.health import database_health, folder_health, permissions_of

if TYPE_CHECKING:
    from rnntui.service.services import Services

_LOG_LINES = 200
_HEAD = """rnntui: a report for those who mend it

It holds versions, the terminal, the build of torch, threads, sizes and counts of what is kept, whether the file of
conversations is whole, and the last lines of the log. It holds no text, prompt, title, name, file name or folder of
yours. Look through it before you give it away.
"""


def report_text(services: "Services", facts: Mapping[str, str | int | bool]) -> str:
    """The whole report.

    Args:
        services: Over the data folder; it is only looked at.
        facts: What is known of the installation and the terminal, without the person's words.
    """
    paths = services.paths
    kept: dict[str, str | int] = {
        "models": folder_health(paths.models),
        "runs": folder_health(paths.runs),
        "prepared texts": folder_health(paths.corpora),
        **database_health(paths.database),
        "permissions": ", ".join(
            f"{name} {permissions_of(path) or 'not there'}"
            for name, path in (("folder", paths.data_dir), ("conversations", paths.database), ("log", paths.log_file))
        ),
    }
    parts = [
        _HEAD,
        _section("This installation", facts),
        _section("What is kept", kept),
        _section("Models", _models(services)),
        _section("Training runs", _runs(services)),
        _section("Settings that were changed", _settings(services)),
        f"Log\n{chr(10).join(_log(services)) or '  empty'}\n",
    ]
    return "\n".join(parts)


def _section(heading: str, values: Mapping[str, str | int | bool]) -> str:
    lines = [f"  {name.replace('_', ' '):<24} {value}" for name, value in values.items()]
    return f"{heading}\n" + "\n".join(lines or ["  none"]) + "\n"


def _models(services: "Services") -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    try:
        for number, card in enumerate(services.models(), start=1):
            config = card.config
            found[f"model {number}"] = (
                f"{config.cell} {config.layers} x {config.hidden_size}, vocabulary {card.vocabulary_size:,}, "
                f"{card.training_words:,} words, {card.figures.bits_per_character:.3f} bits/char"
            )
        found["that cannot be read"] = len(services.library.problems())
    except RnntuiError as problem:
        found["problem"] = type(problem).__name__
    return found


def _runs(services: "Services") -> dict[str, str | int]:
    try:
        states = Counter(
            "failed" if run.has_failed else "running" if run.is_running else "done" if run.finished else "broken off"
            for run in services.training.runs()
        )
    except RnntuiError as problem:
        return {"problem": type(problem).__name__}
    return dict(states)


def _settings(services: "Services") -> dict[str, str | int]:
    """Names of settings that differ from the usual ones; of values only numbers are told."""
    found: dict[str, str | int] = {}
    for values in (services.config.sampler, services.config.app):
        usual = type(values)()
        for name in type(values).__dataclass_fields__:
            value = getattr(values, name)
            if value != getattr(usual, name):
                found[name] = str(value) if isinstance(value, int | float) else "changed"
    return {**found, "keys": len(services.config.keys), "themes": len(services.config.themes)}


def _log(services: "Services") -> list[str]:
    try:
        return last_lines(services.paths.log_file, _LOG_LINES)
    except RnntuiError as problem:
        return [f"  {type(problem).__name__}"]
