"""What can be done with one conversation of the list, each as a sentence that says what came of it.

Runs in a thread: touches no widget.
"""

from typing import TYPE_CHECKING

from rnntui.paths import named_path
from rnntui.text import plural, visible_line

if TYPE_CHECKING:
    from rnntui.service.archive import Archive


class ConversationOrders:
    """Carries out orders one after another, and remembers what was deleted.

    Args:
        archive: Where conversations are.
        export_key: What to press to export one, for the sentences.
        restore_key: What to press to bring one back.
    """

    def __init__(self, archive: "Archive", export_key: str, restore_key: str) -> None:
        self._archive = archive
        self._export_key = export_key
        self._restore_key = restore_key
        self._deleted: list[str] = []

    def rename(self, session_id: str, title: str) -> str:
        """Give it another title."""
        return f'It is called "{visible_line(self._archive.rename(session_id, title).title, 60)}" now.'

    def export(self, session_id: str, name: str) -> str:
        """Write it to a file, whose suffix says how."""
        path = named_path(name)
        kind = self._archive.export_conversation(session_id, path)
        return f"It was written to {visible_line(path.name, 60)} as {kind}."

    def import_file(self, name: str) -> str:
        """Read one from a file."""
        session, turns, has_model = self._archive.import_conversation(named_path(name))
        missing = "" if has_model else f" Its model is not here: {self._export_key} exports it, but it cannot go on."
        return f'"{visible_line(session.title, 40)}" is here with {plural(turns, "turn")}.{missing}'

    def toggle_pin(self, session_id: str) -> str:
        """Let it stand first, or no longer."""
        session = self._archive.toggle_pin(session_id)
        return "It stands first now." if session.is_pinned else "It is no longer pinned."

    def delete(self, session_id: str) -> str:
        """Take it out of the list; it can be brought back."""
        session = self._archive.delete(session_id)
        self._deleted.append(session.session_id)
        return f'"{visible_line(session.title, 40)}" was deleted; {self._restore_key} brings it back.'

    def restore(self) -> str:
        """Bring back what was deleted last, in this list or before."""
        session = self._archive.restore(self._deleted[-1] if self._deleted else "")
        if session is None:
            return "There is nothing to bring back."
        if self._deleted:
            self._deleted.pop()
        return f'"{visible_line(session.title, 40)}" is back.'

    def duplicate(self, session_id: str) -> str:
        """Make a copy with a life of its own."""
        self._archive.duplicate(session_id)
        return "The copy has a life of its own."
