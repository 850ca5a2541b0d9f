"""What is typed and not sent, on its way to the disk: within a second of the last key, and never on the event loop.

Knows no widgets; it is told that something has changed and asks what stands there now.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from rnntui.errors import RnntuiError

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat

log = logging.getLogger(__name__)

_WAIT_SECONDS = 0.4
"""After a change; together with writing it stays well below the second that is promised."""


class UnsentSaver:
    """Saves one unsent text for each conversation.

    Args:
        text: Says what stands unsent in the open conversation.
        begin: Carries out work beside everything else, until the screen is gone.
    """

    def __init__(self, text: Callable[[], str], begin: Callable[[Coroutine[None, None, None]], object]) -> None:
        self._text = text
        self._begin = begin
        self._chat: Chat | None = None
        self._opened_as = ""
        self._saved = ""
        """The unsent text of the open conversation as the disk has it."""
        self._left: dict[str, str] = {}
        """Unsent texts of conversations that were left, by id: the disk may not have them yet."""
        self._due: list[tuple[Chat, str]] = []
        self._is_waiting = False
        self._writing = asyncio.Lock()

    def open(self, chat: "Chat") -> str:
        """Turn to another conversation, before anything of it is shown. Returns what was typed there last time."""
        if self._chat:
            self._left[self._opened_as] = ""  # where it has got an id since, this is another conversation's now
            self._left[self._chat.session.session_id] = text = self._text()
            if text != self._saved:
                self._due.append((self._chat, text))
        self._chat, self._opened_as = chat, chat.session.session_id
        self._saved = chat.unsent_text
        return self._left.get(chat.session.session_id, chat.unsent_text)

    def note_sent(self) -> None:
        """A turn holds now what stood there: the disk hears of it at once, so that nothing comes back twice."""
        self._begin(self.save())

    def note_change(self) -> None:
        """Something else stands there now, or may."""
        if self._chat and not self._is_waiting:
            self._is_waiting = True
            self._begin(self._save_soon())

    async def _save_soon(self) -> None:
        try:
            await asyncio.sleep(_WAIT_SECONDS)
            while self._due or self._is_behind:
                await self.save()
                await asyncio.sleep(_WAIT_SECONDS)
        finally:
            self._is_waiting = False

    @property
    def _is_behind(self) -> bool:
        return self._chat is not None and self._text() != self._saved

    async def save(self) -> None:
        """Write what the disk does not have yet. What it refuses is tried again with the next change."""
        async with self._writing:
            if self._chat and self._is_behind:
                self._saved = self._text()
                self._due.append((self._chat, self._saved))
            due, self._due = self._due, []
            if due:
                await asyncio.to_thread(_store, due)


def _store(due: "list[tuple[Chat, str]]") -> None:
    for chat, text in due:
        try:
            chat.save_unsent(text)
        except RnntuiError:  # whoever talks or saves is told in a sentence; a toast for every pause would be a storm
            log.warning("an unsent text could not be saved", exc_info=True)
