"""What happens while two texts are written side by side: frozen dataclasses that cross threads, as those of a chat.

A side is 0 where everything is as it is set (A), and 1 where one thing is different (B).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SideReading:
    """Another model reads what was said before it can go on."""

    side: int
    tokens: int
    of_tokens: int


@dataclass(frozen=True, slots=True)
class SideBegun:
    """One side remembers what it goes on from, and begins to write."""

    side: int
    model: str
    """The name of who writes."""
    seed: int
    words_read: int
    """Words and punctuation marks that it had to read first; 0 for one that remembers, or has forgotten."""


@dataclass(frozen=True, slots=True)
class SideThinking:
    """Drafts of a sentence are being sampled. Only the newest of these matters."""

    side: int
    draft: int
    """The one that is being sampled, from 0."""
    of_drafts: int


@dataclass(frozen=True, slots=True)
class SideSaid:
    """One more token of one side, and how the side stands with it."""

    side: int
    token_id: int
    piece: str
    """Text with its own leading space; it may be a fragment of a spelled word."""
    logprob: float
    """Natural logarithm of its probability to the one who says it, before any rule."""
    words: int
    """Words and punctuation marks of this side so far."""
    bits_per_word: float
    """How surprising they were to the one who said them."""


@dataclass(frozen=True, slots=True)
class SideEnded:
    """One side has come to its end."""

    side: int
    reason: str
    """Why: "paragraph", "sentence" or "words"."""
    words: int
    bits_per_word: float


@dataclass(frozen=True, slots=True)
class SideRefused:
    """One side cannot write; the other one does all the same."""

    side: int
    sentence: str
    next_step: str


ComparisonEvent = SideReading | SideBegun | SideThinking | SideSaid | SideEnded | SideRefused
