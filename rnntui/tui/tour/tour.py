"""What happens at each stop of the tour: real turns of a conversation of its own, on the screen that is there.

Leaving removes that conversation and opens the one before, unless the person keeps it or has written in it.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from rnntui.setting_fields import changed
from rnntui.tui.tour.stops import BEGINNING, STOPS

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat
    from rnntui.service.services import Services
    from rnntui.tui.chat.parts import ChatParts
    from rnntui.tui.chat.stage import Stage
    from rnntui.tui.transcript.turn_block import Block
    from rnntui.tui.work import Desk

TITLE = "Tour"
_CALM, _HOT = 0.7, 1.2
_WORDS = 30
"""A reply of the tour; with them all of it can be seen on a small screen."""
_SEED = 11


class Tour:
    """One walk through the stops.

    Args:
        parts: Of the chat screen.
        services: Keep the tour's conversation, or remove it.
        desk: Where that is done.
        wait: Calls a function as soon as nothing is read or written any more.
    """

    def __init__(
        self, parts: "ChatParts", services: "Services", desk: "Desk", wait: Callable[[Callable[[], None]], None]
    ) -> None:
        self.at = 0
        """The number of the stop that is shown, from 0."""
        self._parts = parts
        self._archive = services.archive
        self._desk = desk
        self._wait = wait
        chat = parts.stage.chat
        self._before = chat.session.session_id if chat else ""
        self._was_tinted = parts.transcript.content.shows_surprise
        self._chat: Chat | None = None
        """The tour's conversation; None before it is open."""
        self._is_marked = False
        self._moves: dict[int, int] = {}
        """How many things were done at each stop that are undone when one goes back from it."""

    @property
    def _stage(self) -> "Stage":
        return self._parts.stage

    @property
    def is_elsewhere(self) -> bool:
        """True when the person has opened another conversation."""
        return self._chat is not None and self._stage.chat is not self._chat

    def begin(self) -> None:
        """Open a conversation for it, and go to the first stop."""
        self._parts.opening.new()
        self._wait(self._write)

    def go(self, by: int) -> bool:
        """To the next stop, or the one before; False when there is none."""
        if not 0 <= self.at + by < len(STOPS):
            return False
        self._parts.frames.stop_writing()
        self._parts.words.leave()
        undone = self._moves.pop(self.at, 0) if by < 0 else 0
        self.at += by
        self._wait(lambda: self._undo(undone) if by < 0 else self._show(is_new=True))
        return True

    def leave(self, *, keeps: bool) -> None:
        """Back to what was there before; the tour's conversation stays in the list only if it is to be kept."""
        parts = self._parts
        parts.frames.stop_writing()
        parts.words.leave()
        self._tint(self._was_tinted)
        self._stage.prompt.focus()
        if keeps or self.is_elsewhere or self._has_own_words:
            self._mark_as_tour()
            return
        own = self._chat.session.session_id if self._chat else ""
        if self._before:
            parts.opening.stored(self._before)
        else:
            parts.opening.new()
        if own:
            self._desk.do("", lambda: self._archive.delete(own), lambda _: None, self._stage.status.say)

    @property
    def _has_own_words(self) -> bool:
        """True when the person has written something in the tour's conversation."""
        return sum(turn.role == "person" for turn in self._stage.turns) > 1

    # ---- the stops

    def _write(self) -> None:
        chat = self._chat = self._stage.chat
        if chat is None:
            return
        chat.set_sampler(changed(chat.sampler, temperature=_CALM, max_words=_WORDS, stop="sentence", seed=_SEED))
        self._parts.side.show_sampler()
        self._parts.turns.send(BEGINNING)
        self._wait(self._mark_as_tour)

    def _mark_as_tour(self) -> None:
        """The list of conversations calls it a tour."""
        own = self._chat.session.session_id if self._chat else ""
        if own and not self._is_marked:
            self._is_marked = True
            self._desk.do("", lambda: self._archive.rename(own, TITLE), lambda _: None, self._stage.status.say)

    def _undo(self, moves: int) -> None:
        if moves:
            self._parts.turns.undo()
            self._wait(lambda: self._undo(moves - 1))
        else:
            self._show(is_new=False)

    def _show(self, *, is_new: bool) -> None:
        """What happens at the stop that is shown; where one comes back to it, nothing is written once more."""
        self._tint(self.at in {1, 2, 3})
        self._set_temperature(_HOT if self.at == 3 else _CALM)
        if self.at == 2:
            self._open_word()
        elif is_new and self.at == 3:
            self._retry_hotter()
        elif is_new and self.at == 4:
            self._forget()

    def _open_word(self) -> None:
        """The word of the reply that was least expected, and what else could have stood there."""
        found = _most_surprising(self._parts.transcript.content.turns)
        if found:
            block, index = found
            self._parts.transcript.cursor.set(block, index)
            self._parts.words.open(block.turn_id, index)

    def _retry_hotter(self) -> None:
        self._moves[self.at] = 1
        self._parts.turns.retry_same()

    def _forget(self) -> None:
        self._moves[self.at] = 2
        self._parts.memory.forget()
        self._wait(self._parts.turns.go_on)

    def _tint(self, is_tinted: bool) -> None:
        """Without the sentence that the key for it says."""
        if self._parts.transcript.content.shows_surprise != is_tinted:
            self._parts.transcript.content.show_surprise(is_tinted)

    def _set_temperature(self, temperature: float) -> None:
        chat = self._stage.chat
        if chat and chat.sampler.temperature != temperature:
            self._parts.sampling.set_field("temperature", temperature)


def _most_surprising(blocks: "list[Block]") -> "tuple[Block, int] | None":
    """A word of the newest reply, but for its last one, with the most bits; None where there is none."""
    block = next((block for block in reversed(blocks) if block.kind == "network" and block.bits), None)
    if block is None:
        return None
    pieces = [*map(block.token, range(len(block.bits))), ""]
    words = [
        index
        for index, (piece, following) in enumerate(pairwise(pieces))
        if piece.strip().isalpha() and not following[:1].isalpha()  # which would be the rest of a spelled word
    ]
    return (block, max(words[:-1] or words, key=lambda index: block.bits[index])) if words else None
