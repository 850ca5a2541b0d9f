"""Writes the open conversation, or one reply of it, to a file that the person names after a slash word."""

from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.paths import named_path
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.records import Turn
    from rnntui.service.services import Services
    from rnntui.tui.chat.composer import Composer
    from rnntui.tui.chat.stage import Stage
    from rnntui.tui.chat.word_inspector import WordInspector
    from rnntui.tui.work import Desk

_SUFFIX = ".html"
"""Of the name that is offered: everybody can open it, and it has the most to tell."""
_LONGEST_NAME = 40


class Exporting:
    """Exports from one chat screen.

    Args:
        stage: The screen.
        words: Know which word is chosen.
        composer: Has the prompt, in which the name of the file is written.
        services: Keep conversations. Asked in a thread: the archive opens the disk when it is first needed.
        desk: Where files are written.
    """

    def __init__(
        self, stage: "Stage", words: "WordInspector", composer: "Composer", services: "Services", desk: "Desk"
    ) -> None:
        self._stage = stage
        self._words = words
        self._composer = composer
        self._services = services
        self._desk = desk

    def ask(self) -> None:
        """Offer a name for the whole conversation."""
        self._offer("export", self._stage.turns[0] if self._stage.turns else None)

    def ask_reply(self) -> None:
        """Offer a name for the reply in which the chosen word stands; without one, for the newest."""
        self._offer("export-reply", self._find_reply())

    def write(self, name: str) -> None:
        """Write the whole conversation; the ending of the name says how.

        Raises:
            InputError: If nothing was said yet.
        """
        self._write(name, 0)

    def write_reply(self, name: str) -> None:
        """Write one reply, and what it goes on from.

        Raises:
            InputError: If there is none.
        """
        reply = self._find_reply()
        if reply is None:
            raise InputError("There is no reply yet.", "Send something first.")
        self._write(name, reply.turn_id)

    def _find_reply(self) -> "Turn | None":
        """The turn of the chosen word; without one, the newest reply."""
        turns = self._stage.turns
        if self._words.has_place:
            chosen, _ = self._words.place
            return next((turn for turn in turns if turn.turn_id == chosen), None)
        return next((turn for turn in reversed(turns) if turn.role == "network" and turn.token_ids), None)

    def _offer(self, word: str, named_after: "Turn | None") -> None:
        if named_after is None:
            self._stage.status.say("Nothing was said yet that could be exported.", is_warning=True)
            return
        self._composer.begin_command(f"/{word} {_file_name(named_after.text)}{_SUFFIX}")

    def _write(self, name: str, reply_id: int) -> None:
        chat, path = self._stage.chat, named_path(name)
        session_id = chat.session.session_id if chat else ""
        if not session_id:
            raise InputError("Nothing was said yet.", "Send something first.")

        def write() -> str:
            return self._services.archive.export_conversation(session_id, path, reply_id)

        def tell(kind: str) -> None:
            self._stage.status.say(f"written to {visible_line(str(path), 120)} as {kind}")

        self._desk.do("writing", write, tell, lambda sentence: self._stage.status.say(sentence, is_warning=True))


def _file_name(text: str) -> str:
    """The first words of a text as a name that every system takes."""
    words = "".join(sign.lower() if sign.isalnum() else " " for sign in text[: 4 * _LONGEST_NAME]).split()
    while words and len("-".join(words)) > _LONGEST_NAME:
        words.pop()
    return "-".join(words) or "conversation"
