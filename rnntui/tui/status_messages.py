"""What the program says in one line about what was just done. Pure functions on events; no widgets."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from rnntui.chat_events import BranchMoved
from rnntui.text import plural

if TYPE_CHECKING:
    from rnntui.records import Turn

REASONS = {
    "paragraph": "paragraph end",
    "sentence": "sentence end",
    "words": "word limit",
    "stopped": "stopped",
    "damaged": "the disk lost a part of it",
}
_SENTENCE_ENDS = tuple(".!?…。！？؟।॥")
_CLOSERS = "\"'”’»)]」』）》】\n"
Key = Callable[[str], str]
"""The key of an action, as it is written in a sentence."""


def describe_move(event: BranchMoved, turns_before: int, turns_now: int, version: str, key: Key) -> str:
    """What a change of the visible branch means, and the way back.

    Args:
        event: The change.
        turns_before: How many turns were visible before it.
        turns_now: How many are now.
        version: Which version of its turn is shown now, such as "2 of 3"; empty when there is only one.
        key: Names keys.
    """
    reread = f" (read again: {plural(event.tokens_reread, 'token')})" if event.tokens_reread else ""
    match event.reason:
        case "undo":
            what = _describe_undo(event, turns_before, turns_now)
            return f"{what}{reread} · {key('redo')} brings it back"
        case "redo":
            return f"done again{reread} · {key('undo')} takes it back"
        case "rewind":
            return f"rewound to here{reread} · Enter goes on · {key('undo')} goes back"
        case "sibling":
            keys = f"{key('older-version')} {key('newer-version')}"
            return f"version {version or 'shown'}{reread} · {keys} walk between them"
        case _:
            return ""


def _describe_undo(event: BranchMoved, turns_before: int, turns_now: int) -> str:
    gone = turns_before - turns_now
    if not event.prompt:
        return "undone" if gone <= 0 else f"took back {plural(gone, 'turn')}"
    exchanges = max(1, round(gone / 2))
    return f"took back {plural(exchanges, 'exchange')}"


def remark(turn: "Turn", bits_per_word: float, version: str) -> str:
    """What stands small below a turn.

    Args:
        turn: With its words counted.
        bits_per_word: How surprising it was to the one who wrote it.
        version: Such as "‹ 2/3 ›"; empty when there is only one.
    """
    parts = [version] if version else []
    if turn.words and turn.logprobs:
        parts.append(f"{plural(turn.words, 'word')} · {bits_per_word:.1f} bits a word")
    parts += describe_drafts(turn)
    return " · ".join([*parts, reason] if (reason := _end_reason(turn)) else parts)


def describe_drafts(turn: "Turn") -> list[str]:
    """Such as "best of 4" for a reply that was thought of before it was said; nothing for any other."""
    drafts = max((span.sampler.drafts for span in turn.draws if span.sampler), default=1)
    return [f"best of {drafts}"] if drafts > 1 else []


def _end_reason(turn: "Turn") -> str:
    """Why a turn ended, from what is kept of it; empty while it is written, and for the person's own."""
    if turn.role != "network" or turn.status != "complete":
        return "" if turn.status in {"complete", "partial"} else REASONS.get(turn.status, turn.status)
    sampler = next((span.sampler for span in reversed(turn.draws) if span.sampler), turn.sampler)
    text = turn.text.rstrip(" \t")
    if sampler and sampler.stop == "paragraph" and text.endswith("\n"):
        return REASONS["paragraph"]
    if sampler and sampler.stop == "sentence" and text.rstrip(_CLOSERS).endswith(_SENTENCE_ENDS):
        return REASONS["sentence"]
    return REASONS["words"] if sampler else ""


def version_of(siblings: tuple[int, ...], turn_id: int) -> tuple[int, int]:
    """Which of its versions a turn is, from 1, and how many there are."""
    return (siblings.index(turn_id) + 1 if turn_id in siblings else 1), len(siblings)


def surprise_bits(logprob: float) -> float:
    """How surprising a token was, in bits, from its natural log probability."""
    return -logprob / math.log(2)


def mark(turn: "Turn", names: Callable[[str], str]) -> str:
    """What a turn without words says.

    Args:
        turn: A "forget" or a "switch".
        names: What a model is called, by its id.
    """
    return "memory emptied here" if turn.role == "forget" else f"{names(turn.model_id)} goes on from here"
