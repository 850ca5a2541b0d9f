"""Asks which run of the list is meant, and reads it: to look at it again, or to lay it over the one that is shown."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from rnntui.records import RunRecord
from rnntui.tui.runs.run_past import RunPast, read_past
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.run.training import Training


class RunChooser:
    """Opens the list over a screen.

    Args:
        screen: Over which it opens.
        training: Knows the runs.
        desk: Where a run is read.
    """

    def __init__(self, screen: Screen[None], training: "Training", desk: Desk) -> None:
        self._screen = screen
        self._training = training
        self._desk = desk

    def choose(self, then: Callable[[RunRecord], None]) -> None:
        """Let a run be chosen; nothing happens when none is."""
        self._open("Training runs", "", then)

    def choose_other(self, shown: str, then: Callable[[RunPast], None], refused: Callable[[str], None]) -> None:
        """Let a run be chosen that is laid over another one.

        Args:
            shown: Id of the run that is shown; it is left out.
            then: Takes what the chosen run has told.
            refused: Takes a sentence why it cannot be read.
        """

        def read(run: RunRecord) -> None:
            self._desk.do("reading the run", partial(read_past, self._training, run), then, refused)

        self._open("Lay another run over this one", shown, read)

    def _open(self, title: str, but: str, then: Callable[[RunRecord], None]) -> None:
        from rnntui.tui.runs.run_list import RunList

        self._screen.app.push_screen(RunList(self._training, title, but), lambda run: then(run) if run else None)
