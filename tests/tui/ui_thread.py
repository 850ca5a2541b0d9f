"""The thread that draws asks no disk: every call of the store from it is noted with the name of who made it.

A call counts when an event loop runs in its thread and one of its callers is a file of `rnntui/tui`; what a test asks
the store itself does not.
"""

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import FrameType, ModuleType

from rnntui import tui
from rnntui.store import corpora, games, health, library
from rnntui.store.conversations import database
from rnntui.store.files import durable, locks
from rnntui.store.runs import run_folder, run_orders, run_presence, run_states, run_times, runs
from rnntui.tui import file_choice

TUI = str(Path(tui.__file__).parent)
STORE: tuple[type | ModuleType, ...] = (
    *(database.Database, library.Library, corpora.Corpora, games.Games),
    *(runs.Runs, run_folder.RunFolder, run_orders.RunOrders, run_presence.RunPresence),
    *(run_states.RunStates, run_times.RunTimes),
    *(durable, durable.NewFile, durable.Appender, locks, health),
    file_choice,
)
"""All of their public functions read or write the disk, but for those of `HARMLESS`."""
HARMLESS = {"suggest_name", "is_text_name", "meeting_place", "path_of", "log_path"}


def functions_of_the_store() -> Iterator[tuple[type | ModuleType, str]]:
    """Every function that must not be called where the app draws, as its owner and its name."""
    for owner in STORE:
        home = owner.__name__ if isinstance(owner, ModuleType) else owner.__module__
        for name, value in vars(owner).items():
            is_public = not name.startswith("_") or name == "__init__"
            if inspect.isfunction(value) and is_public and value.__module__ == home and name not in HARMLESS:
                yield owner, name


def caller_in_the_app() -> str:
    """Which line of the app is behind what runs now, if it runs where the app draws; "" otherwise."""
    if asyncio._get_running_loop() is None:
        return ""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith(TUI):
            return f"{Path(frame.f_code.co_filename).relative_to(TUI)}:{frame.f_lineno} {frame.f_code.co_qualname}"
        frame = frame.f_back
    return ""


def watch_store(note: Callable[[str], None], put: Callable[[object, str, object], None]) -> None:
    """Let every function of the store say so when it is called where the app draws.

    Args:
        note: Given a sentence with the name of the caller.
        put: Sets an attribute, as `setattr` or `MonkeyPatch.setattr` do.
    """
    for owner, name in functions_of_the_store():
        put(owner, name, _watched(owner, name, note))


def _watched(owner: type | ModuleType, name: str, note: Callable[[str], None]) -> Callable[..., object]:
    plain = getattr(owner, name)

    @wraps(plain)
    def watching(*asked: object, **options: object) -> object:
        if caller := caller_in_the_app():
            note(f"{caller} asks {owner.__name__}.{name} where the app draws")
        return plain(*asked, **options)

    return watching
