"""What a person should know when the conversations are opened, and until when a deleted one can be restored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rnntui.records import RunRecord, SaveStatus, Session, Turn
from rnntui.service.timestamps import to_local
from rnntui.store.conversations.sessions import Sessions
from rnntui.text import visible_line

KEPT_DAYS = 30
"""So long a deleted conversation can be restored; after that it is emptied out at a start of the app."""


def purge_limit(now: datetime | None = None) -> str:
    """What was deleted before this moment is emptied out: UTC, ISO 8601."""
    return ((now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)).isoformat(timespec="seconds")


def restorable_until(session: Session) -> str:
    """The last day here on which a deleted conversation can be restored: "2026-12-25"; empty if nobody can say."""
    try:
        return (to_local(session.deleted_at) + timedelta(days=KEPT_DAYS)).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def explain_not_saving(status: SaveStatus) -> str:
    """Why nothing is saved, and what can be done about it."""
    return f"Nothing is saved: {status.reason} {status.next_step}".rstrip()


def describe_recovery(conversations: Sessions, turns: Sequence[Turn]) -> str:
    """What a crash cut off and how much of it is here."""
    last = turns[-1]
    title = visible_line(conversations.session(last.session_id).title, 60)
    words = len(last.text.split())
    saved = _describe_saved_words(words) if words else "it had no words yet; what you wrote was saved"
    others = len(turns) - 1
    more = f" {others} more {'reply was' if others == 1 else 'replies were'} cut off, too." if others else ""
    return f'A crash cut off the last reply in "{title}": {saved}.{more}'


def describe_broken_run(run: RunRecord) -> str:
    """A run that waits for somebody to say that it should go on."""
    return f'The training of "{visible_line(run.name, 60)}" was broken off; the training screen goes on with it.'


def _describe_saved_words(words: int) -> str:
    return "its first word was saved" if words == 1 else f"its first {words:,} words were saved"
