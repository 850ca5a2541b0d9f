"""What can be chosen: frozen dataclasses whose fields carry range, unit and help.

Flags, sliders, configuration keys and error sentences are all generated from these fields. Knows nothing of where a
value came from or what it will do.
"""

import dataclasses
from dataclasses import dataclass

from rnntui.setting_fields import Slider, setting


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What is known of a kind of recurrent unit without torch. The unit itself is a class in `rnntui.lm.cells`."""

    label: str
    """Before "network" in a sentence."""
    mark: str
    """One letter in a chart."""
    input_gates: int
    """Rows per unit of the matrix that the input is multiplied with."""
    memory_gates: int
    """The same for the hidden state; 0 for a unit whose gates do not read it."""
    learning_rate: float
    """Of the first steps with at most 256 units."""

    def multiplications(self, inputs: int, hidden: int) -> int:
        """Of one step of one layer, for so many inputs and units."""
        return hidden * (self.input_gates * inputs + self.memory_gates * hidden)


CELL_FACTS = {
    "elman": CellFacts("a plain recurrent", "e", 1, 1, 4e-3),  # no gates hold its steps back
    "gru": CellFacts("a GRU", "g", 3, 3, 1.2e-2),
    "lstm": CellFacts("an LSTM", "L", 4, 4, 1.2e-2),
    "mingru": CellFacts("a minGRU", "m", 2, 0, 1.2e-2),
}
CELL_NAMES = tuple(CELL_FACTS)
STOP_RULES = ("paragraph", "sentence", "words")
JOIN_RULES = ("inline", "paragraph")
VOICES = ("mixture", "network")
ARITHMETICS = ("float32", "bfloat16")
SPELLINGS = ("apart", "known", "free")
OPTIMIZER_RATES = {"adamw": 1.0, "nadam": 1.0}
"""Optimizers, and the learning rate that is planned for each, as a multiple of that for AdamW."""
OPTIMIZER_NAMES = tuple(OPTIMIZER_RATES)
DEVICES = ("cpu", "cuda", "mps")
DEVICE_CHOICES = ("auto", *DEVICES)
"""What may be asked for; "auto" lets the program choose, and what it chose stands in the plan of a run."""


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """How the next word is drawn from the distribution, and when a reply ends."""

    temperature: float = setting(
        1.0,
        low=0.0,
        high=2.0,
        help="how daring the draw is: 0 always takes the likeliest word, 1 draws as trained",
        slider=Slider("temperature", step=0.05, fine=0.01, snaps=False, shown="{:.2f}", names={0.0: "greedy"}),
    )
    top_k: int = setting(
        0,
        low=0,
        high=200_000,
        unit="words",
        help="keep only the K likeliest words; 0 keeps all",
        off=0,
        slider=Slider("top-k", stops=(1, 2, 5, 10, 20, 40, 100, 200, 500, 1000, 0), names={0: "all"}),
    )
    top_p: float = setting(
        0.995,
        low=0.0,
        high=1.0,
        help="keep the likeliest words that together reach this probability; 1 keeps all",
        off=1.0,
        slider=Slider("top-p", step=0.05, fine=0.01, names={1.0: "all"}),
    )
    min_p: float = setting(
        0.0,
        low=0.0,
        high=1.0,
        help="drop words less likely than this share of the likeliest word; 0 keeps all",
        off=0.0,
        slider=Slider("min-p", step=0.02, last=0.5, fine=0.005, names={0.0: "off"}),
    )
    typical_p: float = setting(
        1.0,
        low=0.0,
        high=1.0,
        help="keep the words about as surprising as is usual here that together reach this probability; 1 keeps all",
        off=1.0,
        slider=Slider("typical-p", names={1.0: "all"}, is_in_panel=False),
    )
    eta: float = setting(
        0.0,
        low=0.0,
        high=1.0,
        help="drop words less likely than this, and where many words are likely than something smaller; 0 keeps all",
        off=0.0,
        slider=Slider(names={0.0: "off"}, is_in_panel=False),
    )
    repetition_penalty: float = setting(
        1.0,
        low=1.0,
        high=2.0,
        help="make recently used words less likely; 1 changes nothing",
        off=1.0,
        slider=Slider("repetition penalty", step=0.05, fine=0.01, names={1.0: "off"}),
    )
    loop_penalty: float = setting(
        1.0,
        low=0.0,
        high=5.0,
        help="make a word less likely that would repeat a long run of words, the longer the run the more; 0 is off",
        slider=Slider("loops", stops=(0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0), fine=0.05, names={0.0: "off"}),
        earlier=0.0,
    )
    loop_length: int = setting(
        5,
        low=2,
        high=100,
        unit="words",
        help="a run of so many words may come back before it counts as a loop",
        slider=Slider("loop length", shown="{:,} words", is_in_panel=False),
        earlier=5,
    )
    voice: str = setting(
        "mixture",
        choices=VOICES,
        help="who speaks: the network together with counting and the words just read, or the network alone",
        slider=Slider(names={"mixture": "together", "network": "alone"}),
    )
    own_words: float = setting(
        1.0,
        low=0.0,
        high=1.0,
        help="how much the network heeds its own last words: 1 as much as those of a person, 0 only a person's",
        slider=Slider("own words", is_in_panel=False),
        earlier=1.0,
    )
    spelling: str = setting(
        "apart",
        choices=SPELLINGS,
        help="which words may be said: whole words that stand in the training text or were read lately, also two of "
        "them joined into one, or any letters",
        slider=Slider(names={"apart": "whole words", "known": "also joined", "free": "any letters"}),
        earlier="free",
    )
    max_words: int = setting(
        80,
        low=1,
        high=100_000,
        unit="words",
        help="a reply ends after this many words and punctuation marks",
        slider=Slider(
            "length", stops=(10, 20, 40, 80, 160, 320, 1000, 10_000), shown="{:,} words", names={1: "1 word"}
        ),
    )
    stop: str = setting(
        "paragraph",
        choices=STOP_RULES,
        help="a reply also ends at a paragraph end, at a sentence end, or only by length",
        slider=Slider(names={"paragraph": "at paragraph", "sentence": "at sentence", "words": "length only"}),
    )
    drafts: int = setting(
        1,
        low=1,
        high=16,
        unit="drafts",
        help="think before speaking: so many ends of each sentence are drawn, and the best one is said; 1 does not",
        slider=Slider(stops=(1, 2, 3, 4, 6, 8, 12, 16), shown="best of {}", names={1: "one"}),
        earlier=1,
    )
    seed: int | None = setting(
        None,
        low=0,
        high=2**63 - 1,
        help="makes the draws repeatable; without one the program picks a seed and shows it",
    )


UNCUT: dict[str, float] = {
    entry.name: entry.metadata["off"]
    for entry in dataclasses.fields(SamplerSettings)
    if entry.metadata["off"] is not None
}
"""Every rule of the draw but the temperature, left out."""
PRESETS: dict[str, dict[str, float]] = {
    "careful": {"temperature": 0.9, "top_p": 0.9},
    "balanced": {"temperature": 1.0, "top_p": 0.995},
    "wild": {"temperature": 1.1},
}
"""Ways to draw that have a name: fields of SamplerSettings; rules that are not named are left out. The balanced one is
the default: what is said is hardest to tell from the book, and as surprising as the book to an independent judge. The
careful one is smoother and poorer, the wild one richer and stranger. See tests/benchmarks/speech.py."""


def preset(name: str) -> dict[str, float]:
    """All fields of SamplerSettings that a way to draw with this name sets."""
    return {**UNCUT, **PRESETS[name]}


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The shape of a network. Sizes are counts of units."""

    cell: str = setting("lstm", choices=CELL_NAMES, help="kind of recurrent unit", flag=True, form_row=1)
    vocabulary_limit: int = setting(
        10_000,
        low=100,
        high=200_000,
        unit="tokens",
        help="at most this many tokens have an entry of their own",
        flag="vocabulary",
        form_row=5,
    )
    embedding_size: int = setting(
        256, low=2, high=4_096, unit="units", help="numbers per token on the way in and out", flag=True, form_row=3
    )
    hidden_size: int = setting(
        256, low=2, high=8_192, unit="units", help="numbers in the memory of one layer", flag=True, form_row=2
    )
    layers: int = setting(1, low=1, high=8, help="recurrent layers on top of each other", flag=True, form_row=4)
    tied: bool = setting(True, help="use one matrix for tokens on the way in and on the way out")
    softmax_head: int = setting(
        1_000,
        low=0,
        high=200_000,
        unit="tokens",
        help="frequent tokens scored at every step; 0 scores all every time",
        flag=True,
    )
    softmax_groups: int = setting(2, low=1, high=16, help="at most so many groups of rarer tokens", earlier=2)
    softmax_growth: float = setting(
        4.0, low=1.5, high=64.0, help="each group ends at so many times where it begins", earlier=4.0
    )
    word_parts: int = setting(
        0,
        low=0,
        high=20_000,
        unit="tokens",
        help="at most so many entries are parts that words have in common, for spelling others",
        earlier=0,
    )


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a network is trained."""

    budget_seconds: float = setting(300.0, low=1.0, high=30 * 86_400.0, unit="s", help="the run ends after this time")
    rows: int = setting(
        32, low=1, high=1_024, help="batch size: places in the text that are read side by side", flag=True, form_row=4
    )
    bptt_length: int = setting(
        64, low=2, high=1_024, unit="tokens", help="tokens through which the gradient flows back", flag=True
    )
    learning_rate: float = setting(
        1.2e-2, low=1e-6, high=1.0, help="size of the first steps; falls to zero at the end", flag=True, form_row=2
    )
    optimizer: str = setting(
        "adamw",
        choices=OPTIMIZER_NAMES,
        help="how gradients become steps; nadam looks one step of its momentum ahead",
        flag=True,
        form_row=3,
        earlier="adamw",
    )
    dropout: float = setting(
        0.3, low=0.0, high=0.9, help="share of units silenced while training", flag=True, form_row=1
    )
    word_dropout: float = setting(
        0.0, low=0.0, high=0.9, help="share of the vocabulary that cannot be read in a window while training"
    )
    recurrent_dropout: float = setting(
        0.0, low=0.0, high=0.9, help="share of the weights from memory to memory silenced while training"
    )
    weight_decay: float = setting(0.01, low=0.0, high=1.0, help="pull of the weights towards zero", flag=True)
    clip_norm: float = setting(0.5, low=1e-3, high=100.0, help="longest allowed gradient", flag=True)
    keeps_base: bool = setting(
        False,
        help="at the end weights may be mixed with those they began from, as the text for tuning says",
        earlier=False,
    )
    most_passes: float = setting(
        0.0,
        low=0.0,
        high=1e6,
        help="learning ends when the text was read so often, if that is before its time; 0 never",
        earlier=0.0,
    )
    validation_share: float = setting(0.1, low=0.01, high=0.5, help="last part of the text that is held out", flag=True)
    seed: int = setting(1, low=0, high=2**63 - 1, help="start of all randomness in training", flag=True, form_row=5)
    threads: int = setting(0, low=0, high=256, help="processor threads; 0 uses every core", flag=True, form_row=6)
    device: str = setting(
        "cpu",
        choices=DEVICES,
        help="what computes: the processor, an NVIDIA card (cuda) or an Apple one (mps)",
        earlier="cpu",
    )
    processes: int = setting(
        1,
        low=1,
        high=1_024,
        help="processes that learn together, each with its share of the rows and its own threads",
        flag=True,
        form_row=7,
        earlier=1,
    )
    arithmetic: str = setting(
        "float32",
        choices=ARITHMETICS,
        is_measured=True,
        help="what is multiplied: numbers of four bytes, or of two; sums and weights have four; "
        "auto takes what is faster here and learns the same",
        flag=True,
        form_row=8,
        earlier="float32",
    )


@dataclass(frozen=True, slots=True)
class LabSettings:
    """What a station of the lab is asked about."""

    prompt: str = setting("", help="the words to read; empty takes the station's own example")
    other: str = setting("", help="a second text to compare with; empty takes the station's own example")
    seed: int = setting(1, low=0, high=2**63 - 1, help="start of all randomness")
    temperature: float = setting(
        1.0, low=0.0, high=2.0, help="how daring the draw is: 0 always takes the likeliest word"
    )
    unit: int | None = setting(
        None, low=0, high=8_191, help="number of the unit to look at; without one the station chooses"
    )
    weight: str = setting("", help="PyTorch name of the weight to browse; empty takes the first recurrent one")
