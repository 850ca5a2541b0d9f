"""What is said of each order to a conversation, without an app."""

from pathlib import Path

from rnntui.records import Session
from rnntui.settings import SamplerSettings
from rnntui.tui.dialogs.conversation_orders import ConversationOrders
from tests.tui.helpers import HOSTILE


class Archive:
    """Remembers what was deleted; brings back the one that is named, or what was deleted before the list was opened."""

    def __init__(self, title: str = "a chat") -> None:
        self.session = Session("s1", title, "m1", SamplerSettings())
        self.deleted: list[str] = []

    def delete(self, session_id: str) -> Session:
        self.deleted.append(session_id)
        return self.session.__class__(session_id, self.session.title, "m1", SamplerSettings())

    def restore(self, session_id: str) -> Session | None:
        if not self.deleted or (session_id and session_id != self.deleted[-1]):
            return None
        return Session(self.deleted.pop(), self.session.title, "m1", SamplerSettings())

    def import_conversation(self, path: Path) -> tuple[Session, int, bool]:
        return self.session, 2, False


def orders(archive: Archive) -> ConversationOrders:
    return ConversationOrders(archive, "alt+x", "alt+z")  # type: ignore[arg-type]


def test_what_was_deleted_comes_back_the_last_first() -> None:
    archive = Archive()
    done = orders(archive)
    assert done.delete("s1") == '"a chat" was deleted; alt+z brings it back.'
    done.delete("s2")
    assert [done.restore() for _ in range(3)] == ['"a chat" is back.'] * 2 + ["There is nothing to bring back."]


def test_what_was_deleted_before_comes_back_too() -> None:
    archive = Archive()
    archive.delete("s1")
    assert orders(archive).restore() == '"a chat" is back.'


def test_a_conversation_without_its_model_says_what_can_be_done_with_it() -> None:
    said = orders(Archive()).import_file("notes.jsonl")
    assert said == '"a chat" is here with 2 turns. Its model is not here: alt+x exports it, but it cannot go on.'


def test_sentences_hold_no_control_character_of_a_title() -> None:
    for hostile in HOSTILE:
        said = orders(Archive(hostile)).delete("s1")
        assert not {sign for sign in said if ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0}, hostile
