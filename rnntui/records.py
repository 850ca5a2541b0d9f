"""What is kept: plain values that the store writes and everybody reads. No behaviour, no torch.

A *position* counts the tokens (words, punctuation marks, pieces of spelled words) that the network has read since the
start of a session. The words of a turn occupy the positions `start_position + 1 ... start_position + len(token_ids)`.
"""

from dataclasses import dataclass, field

from rnntui.settings import ModelConfig, SamplerSettings, TrainConfig

ROLES = ("person", "network", "forget", "switch")
STATUSES = ("complete", "partial", "stopped", "interrupted", "damaged")
WEIGHT_KINDS = ("float16", "int8")
FROM_NOTHING = "nothing"
"""How a person says that no model is gone on from."""
WHERE_IT_HELPS = "auto"
"""In place of a model to go on from: the one that ships with the program, if it reads the text well. No id is so short.
"""
LARGEST_POSITION = 2**40
"""More than anybody says; what names a later place is damaged."""


@dataclass(frozen=True, slots=True)
class Source:
    """One text file that a model was trained on, by name and content, never by path."""

    name: str
    sha256: str
    characters: int
    encoding: str
    title: str = ""
    """Empty where nobody said it, as the fields below."""
    author: str = ""
    origin: str = ""
    """Where it comes from, such as "Project Gutenberg 11"."""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on text that the model never saw. Zero words means that nothing was measured."""

    bits_per_character: float = 0.0
    perplexity: float = 0.0
    words: int = 0
    characters: int = 0
    spelled_share: float = 0.0
    """Share of words that are not in the vocabulary and were spelled, 0 to 1."""
    baselines: dict[str, float] = field(default_factory=dict)
    """Bits per character of simpler models on the same text, by name."""
    mixture_bits_per_character: float = 0.0
    """Of the network together with counting and recent words; 0 when the model has no counts."""


@dataclass(frozen=True, slots=True)
class Copying:
    """How much of what a model writes, and of text that was held out, stands in runs in what it has learned from."""

    share: float
    """Of the words that it wrote at the end of its training, those in runs of five and more, 0 to 1."""
    words: int
    """How many it wrote."""
    human_share: float
    """The same of the text that was held out."""
    human_words: int
    """0 where nothing was held out."""
    temperature: float
    """At which it wrote."""


@dataclass(frozen=True, slots=True)
class RunSample:
    """What a network wrote at some moment of its training, always with the same prompt and seed."""

    step: int
    prompt: str
    text: str
    seconds: float = 0.0
    """Of the run; 0 where it was not kept."""
    bits_per_character: float = 0.0
    """On a part of the held-out text at that moment; 0 where it was not kept, as in the fields below."""
    training_bits_per_character: float = 0.0
    """On what it was just learning from, with dropout."""
    learning_rate: float = 0.0
    tokens: int = 0
    """Read by then."""
    passes: float = 0.0
    """How often the text was read by then."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run decided to begin from, where that was left to it."""

    base_name: str
    """The model that was thought of."""
    is_taken: bool
    """False where the run begins with nothing."""
    bits_per_character: float = 0.0
    """Of that model on a few thousand words of the text; 0 where nobody looked."""
    counting_bits_per_character: float = 0.0
    """Of counting that has learned the rest of the text, on the same words; 0 where nobody looked."""
    reason: str = ""
    """Why nobody looked, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a model came about; kept with it. What was measured at the end stands on its card."""

    seen_bits_per_character: float
    """On a segment of the text it has learned from, without dropout; 0 when it was not measured."""
    training_curve: tuple[tuple[float, ...], ...]
    """(seconds of the run, bits per character on what it was just learning from, with dropout)."""
    held_out_curve: tuple[tuple[float, ...], ...]
    """(seconds of the run, bits per character on a part of the held-out text)."""
    samples: tuple[RunSample, ...]
    """Oldest first."""
    reason: str
    """Why the run ended: "budget" or "stopped"."""
    budget_seconds: float
    words_per_second: float
    threads: int
    notes: tuple[str, ...]
    """What the reader of the files noticed."""
    base_name: str = ""
    """The model it went on from; empty when it began with nothing."""
    old_text_before: float = 0.0
    """Bits per character that the model before needed on the end of its own text; 0 when it was not measured."""
    old_text_after: float = 0.0
    """The same for this model."""
    easier_share: float = 0.0
    """How much less that segment takes than the held-out text for one who has not read it: counting without it. Below 0
    when it is harder, 0 when it was not measured."""
    held_out_seen_share: float = 0.0
    """Share of the held-out text that stands word for word in what was learned from, 0 to 1."""
    processes: int = 1
    """That learned together, each with so many threads."""
    arithmetic: str = "float32"
    """What was multiplied, one of ARITHMETICS; sums, weights and everything measured are float32."""
    beginning: Beginning | None = None
    """What was decided of it; None where the person had chosen."""
    warnings: tuple[str, ...] = ()
    """What spoke against learning from the text, the gravest first."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that is known of a model without loading it."""

    model_id: str
    name: str
    made_at: str
    """UTC, ISO 8601, to the second."""
    config: ModelConfig
    vocabulary_size: int
    sources: tuple[Source, ...]
    training_words: int
    """Tokens in the training part."""
    minutes: float
    passes: float
    """How often the training part was read."""
    figures: Metrics
    command: str
    """A command that trains this model again."""
    torch_version: str
    seed: int
    weights_sha256: str
    vocabulary_sha256: str
    weights_bytes: int
    counts_sha256: str = ""
    """Hash of the text kept for counting; empty when the network speaks alone."""
    hardly_learned: tuple[tuple[int, int], ...] = ()
    """Entries of the vocabulary that came last and were met too seldom to be said by the network of itself: from each
    first number up to, and without, the second."""
    processes: int = 1
    """That learned together when the run began."""
    arithmetic: str = "float32"
    """What was multiplied, one of ARITHMETICS; sums, weights and everything measured are float32."""
    format_version: int = 2
    device: str = "cpu"
    """What it was trained on, one of DEVICES; its weights are the same everywhere."""
    weight_kind: str = "float16"
    """How its matrices are kept, one of WEIGHT_KINDS."""
    base_name: str = ""
    """The model it went on from; empty when it began with nothing."""
    base_counts_bytes: int = 0
    """Of what the model that it went on from had counted, which it keeps; 0 where it keeps nothing of that."""
    is_typographic: bool = False
    """Whether it reads and writes “ ” ‘ ’ — … only: whatever it reads gets this form. False reads as it was written."""
    copying: Copying | None = None
    """How much it says word for word; None where nobody looked."""
    left_out: tuple[str, ...] = ()
    """Kinds of private words that were left out of what it learned from, of LEAVE_OUT; and where it is measured."""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation: which model, which sampling, and where in the tree of turns it stands."""

    session_id: str
    title: str
    model_id: str
    sampler: SamplerSettings
    join: str = "inline"
    """How a prompt is joined to the text before it: one of JOIN_RULES."""
    head_turn_id: int | None = None
    """The last turn of the visible branch; None before the first turn."""
    created_at: str = ""
    updated_at: str = ""
    is_pinned: bool = False
    """Pinned conversations stand first."""
    deleted_at: str = ""
    """When it was deleted; empty while it is there. A deleted one can be restored until it is emptied out."""
    head_kept: int | None = None
    """How many tokens of that turn are visible after a rewind; None for all."""
    head_characters: int | None = None
    """How many characters of its text these are; None for all."""


@dataclass(frozen=True, slots=True)
class UnsentText:
    """What a person has typed in a conversation and not sent."""

    session_id: str
    """Empty for the conversation that has no turn yet."""
    text: str
    model_id: str
    """The model that was to read it."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a conversation stands in its tree: after a turn, or after some of its words."""

    turn_id: int | None = None
    """None before the first turn."""
    kept: int | None = None
    """How many tokens of the turn are visible, at least 1 and fewer than it has; None for all."""
    characters: int | None = None
    """How many characters of its text these are; None for all."""


@dataclass(frozen=True, slots=True)
class History:
    """Where a conversation has stood, oldest first, so that undo and redo survive a restart."""

    heads: tuple[Head, ...] = ()
    at: int = -1
    """Which of the heads the conversation stood at when it was last moved or went on; -1 when there is none."""


@dataclass(frozen=True, slots=True)
class SamplerSpan:
    """How the tokens of a reply came about, from one of them to the next `SamplerSpan`."""

    start: int
    """Index of the first of these tokens in the turn."""
    sampler: SamplerSettings | None
    """The settings they were drawn with, seed included; None when a person chose them."""
    draft: int = 0
    """Which of several drafts they are, from 0: each has a seed of its own. With several, each draw is one sentence."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One contribution to a conversation; its parent is the turn it was said after."""

    turn_id: int
    """0 until the store has given it a number."""
    session_id: str
    parent_id: int | None
    role: str
    """One of ROLES. "forget" empties the memory; "switch" hands the transcript to another model."""
    text: str
    """Exactly what was fed, joining space or newline included."""
    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    """Natural logarithm of the probability of each token before it was read; as long as token_ids."""
    status: str
    """One of STATUSES. A "partial" turn found at start was cut off by a crash; a "damaged" one lost a part on disk."""
    start_position: int
    model_id: str
    sampler: SamplerSettings | None = None
    """The settings at the start of a network turn, seed included; None for the person's turns."""
    created_at: str = ""
    draws: tuple[SamplerSpan, ...] = ()
    """How each token of a network turn came about, so that it can be drawn again; empty for the person's turns."""
    words: int = 0
    """Words and punctuation marks, a spelled word once; 0 when they were not counted. Of a switch: the tokens that the
    new model read in its own terms; 0 where it read the text in the terms of the one before."""


@dataclass(frozen=True, slots=True)
class SaveStatus:
    """Whether what is said is saved."""

    is_on: bool = True
    reason: str = ""
    """Why it is not, as a sentence; empty while everything is saved."""
    next_step: str = ""
    """What the person can do about it."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A turn in which searched words stand, or a conversation with them in its title."""

    session_id: str
    title: str
    turn_id: int
    """0 when the title was found."""
    role: str
    """Who said it, one of ROLES; empty when the title was found."""
    excerpt: str
    """A few words around what was found, on one line."""
    marks: tuple[tuple[int, int], ...]
    """Where the found words stand in the excerpt: start and end, counted in characters."""
    updated_at: str
    """When the conversation was last used."""
    said_at: str = ""
    """When the turn was said; empty when the title was found."""


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """What a list says of a conversation."""

    session_id: str
    turns: int
    """Prompts and replies, hidden versions too."""
    last_words: str
    """The end of what is visible, on one line."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The memory after a turn or after one of its words. A cache: the truth is the turns and the model."""

    turn_id: int
    position: int
    model_id: str
    blob: bytes


@dataclass(frozen=True, slots=True)
class SavedState:
    """A memory that was kept under a name, or a blend of two: a conversation can begin with it."""

    name: str
    model_id: str
    blob: bytes
    recent_ids: tuple[int, ...]
    """The tokens read last, as the memory carries them."""
    tokens_read: int = 0
    """So many had been read when it was kept."""
    text_before: str = ""
    """The end of the text it remembers, so that the next words join it."""
    created_at: str = ""


LEAVE_OUT = ("names", "phones", "mail", "links")
"""What can be left out of a text that others will read a model of."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a person wants files to be read; what is left open is found out."""

    encoding: str = ""
    """Such as "utf-8" or "cp1252"; empty guesses for each file."""
    field: str = ""
    """Which field of JSON lines, or which column of a table, holds the text; empty takes the one with most text."""
    join_lines: bool | None = None
    """Whether lines wrapped by hand are joined; None joins them where they plainly are."""
    is_typographic: bool = False
    """Whether quotes, dashes and dots are given one form, “ ” ‘ ’ — …; a model to go on from may have it anyway."""
    speakers: tuple[str, ...] = ()
    """Whose words are learned from, where a text says who speaks; empty for everybody's."""
    leave_out: tuple[str, ...] = ()
    """Kinds of private words that are left out, of LEAVE_OUT."""


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What a person asked the trainer to do. What is not asked for is planned from the text and the minutes."""

    files: tuple[str, ...]
    """Absolute paths, or names of samples such as "sample:counting"."""
    name: str
    """What the model will be called."""
    minutes: float
    validation_file: str = ""
    """Held-out text of its own; empty holds out the last part of the training text."""
    overrides: dict[str, str | int | float | bool] = field(default_factory=dict)
    """Fields of ModelConfig and TrainConfig that the person has set."""
    reading: ReadOptions = ReadOptions()
    base_model: str = ""
    """Id of the model to go on from; empty begins with nothing, WHERE_IT_HELPS lets the run find out."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A training run as it stands in its folder."""

    run_id: str
    name: str
    files: tuple[str, ...]
    budget_seconds: float
    started_at: str
    is_running: bool
    finished: bool
    """True when the run ended by itself or was stopped, with or without a model."""
    model_id: str = ""
    """The model it made; empty while there is none."""
    can_resume: bool = False
    """True when it was broken off or stopped before its time was over, and can go on from where it was."""
    is_queued: bool = False
    """True while it waits for the run before it."""
    has_failed: bool = False
    """True when a problem ended it; `can_resume` says whether it can go on all the same."""
    bits_per_character: float = 0.0
    """Of its model on all held-out text; 0 before that was measured."""


@dataclass(frozen=True, slots=True)
class RunManifest:
    """What a run decided at its beginning, so that it can go on, or be repeated, in exactly the same way."""

    model: ModelConfig
    config: TrainConfig
    """Threads are those that were used, never 0."""
    model_id: str
    """Under which the best weights are kept."""
    text_key: str
    """Names the content of the files and how they are read."""
    vocabulary_sha256: str
    baselines: dict[str, float]
    """Bits per character of simpler models, by name."""
    torch_version: str
    processor: str
    """What decides how sums are rounded: the kind of processor, as torch uses it."""
    format_version: int = 1
    base_model: str = ""
    """Id of the model it began from, where that was left to the run; else empty."""
    is_typographic: bool = False
    """Whether the text is read with typographic quotes, dashes and dots."""


@dataclass(frozen=True, slots=True)
class GameResult:
    """A game of guessing words, as it ended."""

    ended_at: str
    """UTC, ISO 8601."""
    model_id: str
    model: str
    text: str
    text_code: str
    """The beginning of the text's hash."""
    seed: int
    mode: str
    rounds: int
    """That were played."""
    right: int
    """So many words the person has guessed."""
    bits: dict[str, float]
    """Bits a word by player; "you" is the person."""
    is_whole: bool = True
    """False when it was left before its last round."""
