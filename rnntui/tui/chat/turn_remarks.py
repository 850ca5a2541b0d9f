"""What stands small below each turn of the transcript: how surprising it was, which version it is, how it ended.

Knows where these facts come from; the sentences themselves are made in `status_messages`.
"""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from rnntui.chat_events import TurnFinished
from rnntui.errors import RnntuiError
from rnntui.text import plural
from rnntui.tui import status_messages
from rnntui.tui.chat.stage import Stage
from rnntui.tui.status_messages import surprise_bits

if TYPE_CHECKING:
    from rnntui.records import Turn


class TurnRemarks:
    """The remarks of the open conversation.

    Args:
        stage: The screen.
        model_name: What a model is called, by its id; empty when that is not known.
    """

    def __init__(self, stage: Stage, model_name: Callable[[str], str]) -> None:
        self._stage = stage
        self._model_name = model_name
        self.notes_of: Callable[[Turn], tuple[str, ...]] = lambda turn: ()
        """What else stands below a turn, in more and in fewer words; nothing for ()."""
        self._names: dict[str, str] = {}
        """Of models that were loaded here, by id."""

    def learn_name(self, model_id: str, name: str) -> None:
        """A model that was loaded is called like this."""
        self._names[model_id] = name

    def show_turns(self, turns: "tuple[Turn, ...]") -> None:
        """Show these turns with their remarks."""
        self._stage.transcript.content.show_turns(turns, self.remark, self._mark)

    def refresh(self) -> None:
        """Show the remarks again, with or without the person's own surprise."""
        turns = {turn.turn_id: turn for turn in self._stage.turns}
        self._stage.transcript.content.set_remarks(
            lambda turn_id: self.remark(turns[turn_id]) if turn_id in turns else ""
        )

    def remark(self, turn: "Turn") -> str:
        """What stands below a turn; empty for nothing."""
        told, notes = self._remark(turn), self.notes_of(turn)
        if not notes:
            return told
        for note in notes:
            if len(f"{told} · {note}") <= self._stage.transcript.content.rows.width:
                return " · ".join(filter(None, (told, note)))
        version = self.version(turn.turn_id)  # the note was asked for: it is not what is cut off
        return " · ".join(filter(None, (version, notes[-1], told.removeprefix(version).removeprefix(" · "))))

    def _remark(self, turn: "Turn") -> str:
        version, chat, is_tinted = (
            self.version(turn.turn_id),
            self._stage.chat,
            self._stage.transcript.content.shows_surprise,
        )
        has_bits = turn.role == "network" or (turn.role == "person" and is_tinted)
        if chat and turn.words and has_bits:
            return status_messages.remark(turn, chat.facts.bits_per_word(turn), version)
        if turn.role == "network" or turn.status == "damaged":
            return status_messages.remark(turn, 0.0, version)
        return version

    def version(self, turn_id: int) -> str:
        """Such as "‹ 2/3 ›"; empty when there is only one."""
        at, count = self._place(turn_id)
        return f"‹ {at}/{count} ›" if count > 1 else ""

    def version_text(self, turn_id: int) -> str:
        """Such as "2 of 3"; empty when there is only one, or no turn."""
        at, count = self._place(turn_id) if turn_id else (1, 0)
        return f"{at} of {count}" if count > 1 else ""

    def finish(self, event: TurnFinished) -> str:
        """What stands below a reply that was just written."""
        turns = self._stage.turns
        version = self.version(event.turn_id) if event.words else ""
        drafts = status_messages.describe_drafts(turns[-1]) if turns else []
        words = f"{plural(event.words, 'word')} · {event.bits_per_word:.1f} bits a word"
        reason = status_messages.REASONS.get(event.reason, event.reason)
        return " · ".join(part for part in (version, words, *drafts, reason) if part)

    def finish_own(self, event: TurnFinished) -> str:
        """What stands below the person's own turn that was just read."""
        parts = [self.version(event.turn_id)]
        if self._stage.transcript.content.shows_surprise:
            parts.append(f"{plural(event.words, 'word')} · {event.bits_per_word:.1f} bits a word")
        return " · ".join(part for part in parts if part)

    def words_of(self, turn_id: int) -> list[tuple[str, float]]:
        """The tokens of a turn with their surprise in bits; none when the model that read it is not loaded."""
        chat = self._stage.chat
        with contextlib.suppress(RnntuiError):
            return [(word.piece, surprise_bits(word.logprob)) for word in chat.facts.tokens(turn_id)] if chat else []
        return []

    def _place(self, turn_id: int) -> tuple[int, int]:
        chat = self._stage.chat
        return status_messages.version_of(chat.facts.siblings(turn_id) if chat else (), turn_id)

    def _mark(self, turn: "Turn") -> str:
        return status_messages.mark(turn, self._name)

    def _name(self, model_id: str) -> str:
        return self._names.get(model_id) or self._model_name(model_id) or "another model"
