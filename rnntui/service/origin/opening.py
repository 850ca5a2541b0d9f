"""The text of a model on its way to be asked: its index read or made, until that is done or somebody stops it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnntui.records import ModelCard
from rnntui.service.origin.origins import Origins

if TYPE_CHECKING:
    from rnntui.events import TrainEvent
    from rnntui.service.origin.origin import Origin
    from rnntui.service.services import Services


class Opening:
    """One piece of work, for a thread of its own.

    Args:
        services: Where the text is found.
        card: Of the model.
        tell: Takes sentences about how far it is, in that thread.
    """

    def __init__(self, services: "Services", card: ModelCard, tell: Callable[[str], object]) -> None:
        self._services = services
        self._card = card
        self._tell = tell
        self._is_stopped = False

    def stop(self) -> None:
        """End it at the next sign of life; from any thread."""
        self._is_stopped = True

    def run(self) -> "Origin | None":
        """Do it; None where it was stopped.

        Raises:
            RnntuiError: If the text cannot be asked.
        """
        work, told = Origins.of(self._services).open(self._card), ""
        while not self._is_stopped:
            try:
                event = next(work)
            except StopIteration as end:
                origin: Origin = end.value
                return origin
            sentence = _progress(event)
            if sentence and sentence != told:
                self._tell(sentence)
                told = sentence
        work.close()
        return None


def _progress(event: "TrainEvent") -> str:
    what, fraction = getattr(event, "what", ""), getattr(event, "fraction", 0.0)
    return f"{what} {100 * fraction:.0f} %" if fraction else what
