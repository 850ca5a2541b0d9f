"""What can happen: frozen dataclasses that cross threads and processes; those of a chat stand in `chat_events`.

They hold numbers, text and plain tuples; never tensors, widgets or files. `to_json` and `from_json` are inverses, so a
log file, a pipe and a live view carry the same thing.
"""

import dataclasses
import json
import typing
from dataclasses import dataclass
from typing import Any

from rnntui.chat_events import (
    Alternative as Alternative,
)
from rnntui.chat_events import (
    BranchMoved as BranchMoved,
)
from rnntui.chat_events import (
    ChatEvent as ChatEvent,
)
from rnntui.chat_events import (
    DraftHeard as DraftHeard,
)
from rnntui.chat_events import (
    DraftsJudged as DraftsJudged,
)
from rnntui.chat_events import (
    DraftsLooked as DraftsLooked,
)
from rnntui.chat_events import (
    Failed as Failed,
)
from rnntui.chat_events import (
    Forgotten as Forgotten,
)
from rnntui.chat_events import (
    MemoryKept as MemoryKept,
)
from rnntui.chat_events import (
    ModelLoaded as ModelLoaded,
)
from rnntui.chat_events import (
    ModelSwitched as ModelSwitched,
)
from rnntui.chat_events import (
    PromptRead as PromptRead,
)
from rnntui.chat_events import (
    PromptScored as PromptScored,
)
from rnntui.chat_events import (
    ReplyBegun as ReplyBegun,
)
from rnntui.chat_events import (
    StateRebuilt as StateRebuilt,
)
from rnntui.chat_events import (
    Thinking as Thinking,
)
from rnntui.chat_events import (
    TurnFinished as TurnFinished,
)
from rnntui.chat_events import (
    TurnStored as TurnStored,
)
from rnntui.chat_events import (
    UnitFollowed as UnitFollowed,
)
from rnntui.chat_events import (
    WordForced as WordForced,
)
from rnntui.chat_events import (
    WordLooked as WordLooked,
)
from rnntui.chat_events import (
    WordSampled as WordSampled,
)
from rnntui.chat_events import (
    WordsSuggested as WordsSuggested,
)
from rnntui.chat_events import (
    to_failure as to_failure,
)
from rnntui.json_records import DecodeRules, decode_record, parse_object
from rnntui.text_facts import TextFacts

# The minutes of a run begin when its text is read and end when its best weights are measured; pauses do not count. All
# `seconds` here are of that time, and so is what is left of it.


@dataclass(frozen=True, slots=True)
class RunStarted:
    """What will be trained, on what, for how long."""

    name: str
    training_words: int
    validation_words: int
    vocabulary_size: int
    cell: str
    hidden_size: int
    layers: int
    parameters: int
    budget_seconds: float
    threads: int
    seed: int
    notes: tuple[str, ...]
    """What the reader of the files noticed, one sentence each."""
    processes: int = 1
    """That learn together, each with so many threads."""
    arithmetic: str = "float32"
    """What is multiplied, one of ARITHMETICS."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """Work before the first step."""

    what: str
    fraction: float = 0.0
    """Share of it that is done, 0 to 1; 0 also where that cannot be said."""
    seconds: float = 0.0
    """0 also before the minutes begin, and where no run counts them."""
    budget_seconds: float = 0.0
    """The minutes that the run has; 0 where there is no run."""
    eta_seconds: float = 0.0
    """Until this piece of work is done; 0 where that cannot be said."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """Work after the last step: the best weights are chosen and measured."""

    what: str
    fraction: float
    """Share of it that is done, 0 to 1; 0 also where that cannot be said."""
    seconds: float
    eta_seconds: float
    is_stopped: bool
    """True when the run was stopped before its time was over."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What would be built in a given time."""

    minutes: float
    cell: str
    layers: int
    hidden_size: int
    vocabulary_size: int
    passes: float
    """How often the text would be read: at the speed that was measured, or else at that of an ordinary machine."""


@dataclass(frozen=True, slots=True)
class CorpusInspected:
    """What was found in the chosen files, before anything is trained."""

    files: tuple[str, ...]
    """Names, without folders."""
    encodings: tuple[str, ...]
    """One per file, such as "utf-8" or "cp1252"."""
    characters: int
    words: int
    """Words and punctuation marks."""
    vocabulary_size: int
    """Entries: the most frequent words, parts that words have in common, and characters."""
    preview: str
    """The first lines as they were understood."""
    notes: tuple[str, ...]
    """What was left out or changed, one sentence each."""
    held_out_characters: int = 0
    spelled_share: float = 0.0
    """Share of the held-out words that are not in the vocabulary and would be spelled, 0 to 1."""
    repeated_share: float = 0.0
    """Share of long sentences that stand there more than once, by characters, 0 to 1."""
    expectations: tuple[Expectation, ...] = ()
    """Shortest time first."""
    training_words: int = 0
    """Words and punctuation marks that are learned from."""
    texts: tuple[TextFacts, ...] = ()
    """How each text was read, held-out ones last."""
    warnings: tuple[str, ...] = ()
    """Why the minutes may be wasted, one sentence each, the gravest first."""


@dataclass(frozen=True, slots=True)
class TextsRead:
    """How the texts of a run were read, before it learns from them."""

    texts: tuple[TextFacts, ...]
    """Without passages and examples."""
    warnings: tuple[str, ...] = ()
    """Why the minutes may be wasted, as in `CorpusInspected`."""


@dataclass(frozen=True, slots=True)
class SpeedMeasured:
    """How fast this machine trains, and what it can build from the chosen files in each of the times."""

    words_per_second: float
    """Tokens, of the planner's reference shape."""
    expectations: tuple[Expectation, ...]
    """Shortest time first; none from a run, which has its time."""


@dataclass(frozen=True, slots=True)
class StepLogged:
    """Where training stands, about once a second."""

    step: int
    words: int
    seconds: float
    eta_seconds: float
    """Until the run is over, measuring at the end included."""
    words_per_second: float
    """Tokens."""
    loss_nats: float
    """Mean training loss per token since the last report."""
    bits_per_character: float
    """The same, per character of training text."""
    learning_rate: float
    gradient_norm: float
    passes: float
    fraction: float
    """Share of the time for learning that is over, 0 to 1."""
    clipped_share: float = 0.0
    """Share of the steps since the last report whose gradient was longer than allowed and was shortened, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The weights of this step, evaluated on the held-out text."""

    step: int
    seconds: float
    loss_nats: float
    bits_per_character: float
    perplexity: float
    is_best: bool
    is_final: bool
    """True when the kept weights were measured on the whole held-out text; False when a part of it was read."""
    mixture_bits_per_character: float = 0.0
    """Of network, counting and recent words together; measured at the end only."""
    seen_bits_per_character: float = 0.0
    """On a segment of the text that was learned from; measured at the end only."""
    easier_share: float = 0.0
    """How much less that segment takes than the held-out text for one who has not read it, as a share: for counting
    that has learned from all but the segment. Below 0 when it is harder; measured at the end only."""


@dataclass(frozen=True, slots=True)
class SampleDrawn:
    """A sample after an evaluation, always with the same prompt and seed."""

    step: int
    prompt: str
    text: str
    seconds: float = 0.0
    bits_per_character: float = 0.0
    """Of the evaluation that it belongs to; 0 in events of earlier versions."""


@dataclass(frozen=True, slots=True)
class BaselinesMeasured:
    """How well simpler models do on the held-out text, in bits per character by name."""

    bits_per_character: dict[str, float]
    seen_share: float = 0.0
    """Share of the held-out text that stands word for word in what counting has learned from, 0 to 1."""


@dataclass(frozen=True, slots=True)
class BaseChosen:
    """What a run begins from, where that was left to it; see `records.Beginning`."""

    base_model: str
    """Id of the model that was thought of."""
    base_name: str
    is_taken: bool
    bits_per_character: float = 0.0
    counting_bits_per_character: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OldTextMeasured:
    """How well a model that goes on with another text does on the end of its own, in bits per character."""

    base_name: str
    before: float
    after: float = 0.0
    """Of the new model; 0 before it has learned."""


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """The best weights so far are on disk as a model."""

    step: int
    model_id: str


@dataclass(frozen=True, slots=True)
class RunPaused:
    """Training waits."""

    seconds: float
    reason: str = ""
    """Why, as a sentence with a next step; empty when the person asked for it."""


@dataclass(frozen=True, slots=True)
class RunResumed:
    """Training goes on, after a pause or from a saved state."""

    seconds: float
    note: str = ""
    """What the person should know, such as that the numbers will differ; empty when there is nothing."""


@dataclass(frozen=True, slots=True)
class RunExtended:
    """The run was given more time."""

    budget_seconds: float
    """The whole budget from now on."""


@dataclass(frozen=True, slots=True)
class RowsHalved:
    """Memory was full: the batch size is halved from now on."""

    rows: int
    note: str
    """One sentence for the person."""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Training ended and the model is in the library."""

    reason: str
    """"budget", "stopped" or "interrupted"."""
    model_id: str
    name: str
    seconds: float
    """Of learning alone."""
    steps: int
    words_per_second: float
    """Tokens."""
    bits_per_character: float
    perplexity: float
    mixture_bits_per_character: float = 0.0
    """Of network, counting and recent words together."""
    all_seconds: float = 0.0
    """With preparing before and measuring after it; 0 in events of earlier versions."""


TrainEvent = (
    Preparing
    | Measuring
    | CorpusInspected
    | TextsRead
    | SpeedMeasured
    | RunStarted
    | StepLogged
    | Evaluated
    | SampleDrawn
    | BaselinesMeasured
    | BaseChosen
    | OldTextMeasured
    | CheckpointSaved
    | RunPaused
    | RunResumed
    | RunExtended
    | RowsHalved
    | RunFinished
    | Failed
)
Event = ChatEvent | TrainEvent

_KINDS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Event)}
_RULES = DecodeRules(8 << 20, are_defaults_optional=True, has_special_numbers=True)
"""A line of an earlier version may lack what was added since."""


def to_json(event: Event) -> str:
    """One line of JSON: the kind under "event", then the fields. Not-a-number becomes null."""
    return json.dumps({"event": type(event).__name__, **_plain(dataclasses.asdict(event))}, ensure_ascii=False)


def from_json(line: str) -> Event:
    """The event that `to_json` wrote.

    Raises:
        ValueError: If the line is not one of our events (cut off, altered, or from a newer version).
    """
    values = parse_object(line, rules=_RULES)
    name = values.pop("event", None)
    if not isinstance(name, str) or name not in _KINDS:
        raise ValueError("not an event")
    event: Event = decode_record(_KINDS[name], values, rules=_RULES)
    return event


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value
