"""Undo and redo: where a conversation has stood, as a list of heads that one walks back and forth.

What a person undoes is what they did last, whatever it was: a prompt with its reply, a retry, a rewind, a walk to a
sibling. Every operation that goes on from a place makes that place the end of the list; undo and redo only walk in it.
The list is stored with the head, in the same transaction, so both survive a restart. Where the list ends (it keeps the
newest LONGEST heads; conversations from files have none), undo takes the turns back one exchange at a time.
Pure functions on values.
"""

from rnntui.records import Head, History, Turn

LONGEST = 1_000
"""Heads that are kept; each is 24 bytes in the file."""


def push(history: History, now: Head) -> History:
    """The list when something new is done at `now`: what had been undone can no longer be redone."""
    heads = history.heads[: history.at + 1]
    if not heads or heads[-1] != now:
        heads = (*heads, now)
    heads = heads[-LONGEST:]
    return History(heads, len(heads) - 1)


def undo(history: History, now: Head, before: Head | None) -> tuple[History, Head] | None:
    """The list and the head after an undo; None when there is nothing to undo.

    Args:
        history: The list as it is.
        now: Where the conversation stands.
        before: Where the last exchange began, for a list that does not reach back that far; None at the beginning.
    """
    if not _is_at(history, now):
        history = push(history, now)
    if history.at > 0:
        return History(history.heads, history.at - 1), history.heads[history.at - 1]
    if before is None:
        return None
    return History((before, *history.heads)[:LONGEST], 0), before


def redo(history: History, now: Head) -> tuple[History, Head] | None:
    """The list and the head after a redo; None when nothing was undone."""
    after = history.at + 1
    if not _is_at(history, now) or after >= len(history.heads):
        return None
    return History(history.heads, after), history.heads[after]


def before_last_exchange(turns: tuple[Turn, ...]) -> Head | None:
    """Where the last prompt and its reply began, or the last mark or lone reply; None without turns."""
    if not turns:
        return None
    kept = len(turns) - 1
    if kept and turns[kept].role == "network" and turns[kept - 1].role == "person":
        kept -= 1
    return Head(turns[kept - 1].turn_id) if kept else Head()


def _is_at(history: History, now: Head) -> bool:
    return 0 <= history.at < len(history.heads) and history.heads[history.at] == now
