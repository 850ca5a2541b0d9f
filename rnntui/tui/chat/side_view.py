"""What the panel beside the conversation shows: how words are sampled, the newest word or the next one, the memory."""

import time
from typing import TYPE_CHECKING

from rnntui.chat_events import WordLooked, WordSampled
from rnntui.tui.chat.chat_status import size_text
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.work.frame_loop import FRAME_SECONDS
from rnntui.tui.chat.work.jobs import Kind
from rnntui.tui.panel.side_panel import LAST_WORDS

if TYPE_CHECKING:
    from rnntui.settings import SamplerSettings

_BESIDE_SECONDS = 0.2
_SLOWEST_SECONDS = 3.0
_LINE_SHARE = 6
"""On a line that is behind after the panel was drawn, it is drawn again after so many times the time that that took."""


class SideView:
    """Keeps one side panel up to date with one conversation.

    Args:
        stage: The screen.
        default: How words are sampled while no conversation is open.
    """

    def __init__(self, stage: Stage, default: "SamplerSettings") -> None:
        self._stage = stage
        self._side = stage.side
        self._default = default
        self._unshown: tuple[WordSampled, tuple[float, ...]] | None = None
        """The newest word and the memory before it, as long as the panel does not show them."""
        self._last_memory: tuple[float, ...] = ()
        self._shown_at = 0.0

    def open(self) -> None:
        """Another conversation is open: nothing is known of its next word yet."""
        self._side.show_outlook(None)
        self.compare_with(None)
        self.show_sampler()

    def refill(self) -> None:
        """The panel can be seen again: what it holds is as old as its hiding."""
        self.show_sampler()
        self.show_surprise()
        self.look_ahead()
        self.show_memory()

    def show_sampler(self) -> None:
        """How words are sampled; a reply has its own seed."""
        chat = self._stage.chat
        sampler = chat.sampler if chat else self._default
        self._side.show_sampler(sampler, self._stage.worker.pace.words_per_second, chat.seed if chat else 0)

    def show_memory(self) -> None:
        """The memory as it is now."""
        chat = self._stage.chat
        if chat and self._side.display:
            self._side.show_memory(chat.facts.memory(), size_text(chat.facts.counters.state_bytes))

    def show_surprise(self) -> None:
        """How surprising the newest words were."""
        self._side.show_surprise(self._stage.transcript.content.last_bits(LAST_WORDS))

    def compare_with(self, found: WordLooked | None) -> None:
        """Tell from now on how far the memory has moved since a word; None: no longer."""
        self._side.compare_with(found.piece if found else "", found.memory if found else ())

    # ---- the newest word

    def take_words(self, words: list[WordSampled]) -> None:
        """These words have come; the last one is shown when it is due."""
        before = words[-2].memory if len(words) > 1 else self._last_memory
        self._unshown, self._last_memory = (words[-1], before), words[-1].memory

    def show_newest(self) -> bool:
        """Show the newest word, where nobody could read more than five a second; False when it is not due.

        It has frames of its own: together with new words a paint outlasts a tick of Textual's clock, and the next key
        would wait for the tick after the next.
        """
        now, frames = time.monotonic(), self._stage.frames
        pause = min(_SLOWEST_SECONDS, max(_BESIDE_SECONDS, _LINE_SHARE * frames.frames_held * FRAME_SECONDS))
        if self._unshown is None or now - self._shown_at < pause or not self._side.display:
            return False
        (word, before), self._unshown = self._unshown, None
        self._shown_at, frames.frames_held = now, 0
        self._side.show_word(word, before)
        self.show_surprise()
        return True

    def finish_reply(self) -> None:
        """The last word of a reply is shown however short the time since the one before."""
        if self._unshown and self._side.display:
            self._side.show_word(*self._unshown)
        self._unshown, self._last_memory = None, ()
        self.show_surprise()

    # ---- the next word

    def look_ahead(self) -> None:
        """Ask what may come next, unless the network says it anyway."""
        if self._stage.chat and self._side.display and not self._stage.worker.can_stop:
            self._stage.worker.submit(lambda chat: chat.inspection.inspect(), Kind.INSPECT)
            self._stage.frames.wake()

    def show_outlook(self, found: WordLooked) -> None:
        """What may come next."""
        self._side.show_outlook(found)
        self.show_memory()
