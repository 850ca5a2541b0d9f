"""Screens of the program. A new one is a file here, a style sheet of the same name beside it, and a line of SCREENS.

Its key, its palette entry and slash word are a row of `rnntui.tui.actions` whose `run` is `app.show('name')`. Its
`is_idle` tells whether it has come to rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnntui.service.services import Services


@dataclass(frozen=True, slots=True)
class ScreenContext:
    """What a screen can be given."""

    services: "Services"
    model: str
    """Name or id of the model to open; empty for the last one used."""
    session_id: str
    """The conversation to open; empty for the last one."""
    open_model: Callable[[], str]
    """Tells the id of the model that the conversation has open; empty when it has none."""


@dataclass(frozen=True, slots=True)
class ScreenEntry:
    """Where a screen is, which is imported when it is first shown."""

    module: str
    class_name: str
    takes: tuple[str, ...] = ("services",)
    """The fields of ScreenContext that its constructor takes, in this order."""


SCREENS: dict[str, ScreenEntry] = {
    "chat": ScreenEntry("rnntui.tui.screens.chat", "ChatScreen", ("services", "model", "session_id")),
    "train": ScreenEntry("rnntui.tui.screens.train", "TrainScreen"),
    "lab": ScreenEntry("rnntui.tui.screens.lab", "LabScreen", ("services", "open_model")),
    "play": ScreenEntry("rnntui.tui.screens.play", "PlayScreen", ("services", "open_model")),
}
"""By name, which is Textual's name of the mode, too. The app begins with the first one."""
