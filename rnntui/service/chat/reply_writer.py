"""A reply while it is written: its words, scores and settings, saved at least once a second, and how it ends."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rnntui.errors import StorageError
from rnntui.records import SamplerSpan, Snapshot, Turn
from rnntui.service.chat.state_cache import StateCache
from rnntui.service.chat.state_restore import snapshots_every
from rnntui.store.conversations.sessions import Sessions

if TYPE_CHECKING:
    from rnntui.lm.drafts import SpokenToken
    from rnntui.lm.generator import GeneratorState

SAVE_SECONDS = 0.8
"""And what saving takes: a crash loses at most one second of a reply."""


class ReplyWriter:
    """One network turn that is being written.

    Args:
        sessions: Where it is saved.
        turn: As it was stored, with the tokens it begins with.
        cache: Gets the memory after each of its tokens.
        clock: Seconds that only rise.
        memory: The one after the tokens it begins with.

    Attributes:
        memory: The one after its last token.
        reason: Why it ends there; "stopped" while it goes on.
    """

    def __init__(
        self, sessions: Sessions, turn: Turn, cache: StateCache, clock: Callable[[], float], memory: "GeneratorState"
    ) -> None:
        self.memory = memory
        self.reason = "stopped"
        self._turn = turn
        self._sessions = sessions
        self._cache = cache
        self._clock = clock
        self._saved_at = clock()
        self._pieces = [turn.text]
        self._ids = list(turn.token_ids)
        self._scores = list(turn.logprobs)
        self._draws = list(turn.draws)
        self._unsaved: list[Snapshot] = []

    def add_chosen(self, token_id: int, piece: str, logprob: float, memory: "GeneratorState") -> None:
        """One more token, which a person chose."""
        if not self._draws or self._draws[-1].sampler is not None:
            self._draws.append(SamplerSpan(len(self._ids), None))
        self._append(token_id, piece, logprob, memory)

    def add_sampled(self, said: "SpokenToken") -> None:
        """One more token, which was sampled."""
        last = self._draws[-1] if self._draws else None
        if said.begins or last is None or (last.sampler, last.draft) != (said.drawn_with, said.draft):
            self._draws.append(SamplerSpan(len(self._ids), said.drawn_with, said.draft))
        self._append(said.step.token_id, said.step.piece, said.step.logprob, said.step.memory)
        self.reason = said.reason or self.reason

    def _append(self, token_id: int, piece: str, logprob: float, memory: "GeneratorState") -> None:
        self._pieces.append(piece)
        self._ids.append(token_id)
        self._scores.append(logprob)
        self.memory = memory
        self._cache.add(self._turn.turn_id, len(self._ids), memory)
        self._unsaved += snapshots_every(self._turn, len(self._ids), (memory,))

    def save_when_due(self) -> None:
        """Store what there is about once a second; a refusal may pass, the end of the turn says so if it does not."""
        if self._clock() - self._saved_at < SAVE_SECONDS:
            return
        self._saved_at = self._clock()
        with contextlib.suppress(StorageError):
            self._sessions.update_turn(self.as_turn("partial"), self.take_snapshots())

    def as_turn(self, status: str) -> Turn:
        """The turn as it stands. The first piece opens it: its space joins it to the text before."""
        return replace(
            self._turn,
            text="".join(self._pieces),
            token_ids=tuple(self._ids),
            logprobs=tuple(self._scores),
            status=status,
            draws=tuple(self._draws),
        )

    def take_snapshots(self) -> tuple[Snapshot, ...]:
        """Memories along the turn that are not stored yet; the caller stores them now."""
        taken, self._unsaved = tuple(self._unsaved), []
        return taken
