"""How well a model predicts a text, with simpler models on the same text beside it."""

import functools
import itertools
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.chat_events import WORD_SOURCES
from rnntui.errors import InputError, MemoryFullError
from rnntui.events import Preparing
from rnntui.records import ModelCard, ReadOptions
from rnntui.service.devices import require_device, send_reader
from rnntui.service.model_loader import load_model
from rnntui.service.prepare.data_prep import report_progress
from rnntui.service.prepare.time_left import TimeLeft
from rnntui.service.run.run_view import MUCH_SEEN, WITHOUT_NETWORK
from rnntui.store.library import Library
from rnntui.text import visible_line

if TYPE_CHECKING:
    from torch import Tensor

    from rnntui.lm.evaluation import Evaluator
    from rnntui.lm.mix.mixture import Counting, Mixture
    from rnntui.lm.model import WordRNN
    from rnntui.lm.text.findings import Findings
    from rnntui.lm.text.text_source import TextFile
    from rnntui.lm.tokens.tokenizer import Tokenizer

_MANY_UNKNOWN = 0.1
"""Share of unknown characters from which on a model cannot read a text: an accent or a sign here and there is less."""
_LEARNED_AT_LEAST = 0.7
"""Share of its texts that a model learns from, when nothing is said of a much larger held-out part."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a model on a text; names are those of the command line's JSON."""

    model: str
    files: tuple[str, ...]
    bits_per_character: float
    perplexity: float
    words: int
    characters: int
    spelled_words: int
    unknown_characters: int
    seconds: float
    words_per_second: float
    trained_on: tuple[str, ...]
    """Those of the files that the model learned from, so that nobody takes memory for skill."""
    seen_share: float | None
    """Share of the words that stand in runs of twelve and more in what the model keeps of its training text, 0 to 1;
    None when it keeps nothing of it."""
    is_all_kept: bool
    """False when it has learned from more than it keeps: then more may be known."""
    baselines: dict[str, float]
    """Bits per character of simpler models on the same text, by name; "uniform" gives every piece the same chance. More
    than that only where the model keeps its counts."""
    mixture_bits_per_character: float
    """Of the network together with counting and recent words; 0 when the model keeps no counts."""
    device: str = "cpu"
    """Where the network read."""
    shares: dict[str, float] = field(default_factory=dict)
    """How much of the mixture's probability came from each source, by name, 0 to 1; empty when it keeps no counts."""
    original_characters: int = 0
    """Of the same text before quotes, dashes and dots were given the model's form, in which several may be one."""
    unknown_share: float = 0.0
    """Of the characters, how many the model has never seen, 0 to 1."""
    knows: str = ""
    """What the model knows, such as "Latin letters only", where that share is high; else empty."""

    @property
    def warning(self) -> str:
        """What to know before the figures are looked at; empty where the model can read the text."""
        if not self.knows:
            return ""
        return (
            f"{100 * self.unknown_share:.0f} % of the characters are unknown to the model, "
            f"which knows {self.knows}: these figures mean little."
        )

    @property
    def remark(self) -> str:
        """What to think of the figures when the text is not new to the model; empty when it is."""
        if self.trained_on:
            return f"The model was trained on {', '.join(self.trained_on)}: these figures show memory, not skill."
        if self.seen_share is not None and self.seen_share >= MUCH_SEEN:
            least = "" if self.is_all_kept else "at least "
            return (
                f"The model has learned {least}{100 * self.seen_share:.0f} % of this text word for word: "
                "these figures show memory, not skill."
            )
        if self.is_all_kept:
            return ""
        if self.seen_share is None:
            return (
                "Whether it has learned from parts of this text cannot be said: it keeps nothing of what it has read."
            )
        return "It keeps only the end of what it has learned from, and this text has nothing of that end."


def evaluate(
    library: Library, card: ModelCard, files: Sequence[Path], device: str = "auto"
) -> Iterator[Preparing | Evaluation]:
    """Read files from an empty memory and score every word.

    Args:
        library: Where the model is.
        card: Of the model.
        files: What it is measured on.
        device: Where, one of DEVICE_CHOICES.

    Raises:
        DeviceError: If the device cannot compute it.
        CorpusError: If a file cannot be read or is too short.
        ModelFileError: If the model is damaged.
    """
    from rnntui.lm.evaluation import Evaluator
    from rnntui.lm.reading.prompt_reader import PromptReader
    from rnntui.lm.text.findings import Findings
    from rnntui.lm.text.overlap import KnownRuns

    require_device(device)
    if not files:
        raise InputError("No file was named to measure on.", "Name at least one text file.")
    texts = []
    for file in files:
        texts += yield from _survey(file, ReadOptions(is_typographic=card.is_typographic, leave_out=card.left_out))
    known = {source.sha256 for source in card.sources}
    familiar = [text.name for text in texts if text.sha256 in known]
    yield Preparing(f"loading {card.name}")
    loaded = load_model(library, card)
    kept, mixture = loaded.counted_ids, loaded.mixture
    simpler: dict[str, Counting] = {}
    seen = None
    if kept is not None and mixture is not None:
        seen = yield from report_progress(
            KnownRuns.prepare(kept, loaded.tokenizer), "looking for what it has learned from"
        )
        simpler = yield from _simpler(kept, mixture)
    evaluator, remaining = Evaluator(loaded.model, loaded.tokenizer, mixture, simpler), TimeLeft()
    findings = [Findings() for _ in texts]
    for number, (piece, read) in enumerate(_pieces(texts, findings, loaded.tokenizer)):
        if number == 0:
            yield from send_reader(loaded.model, device, piece)
        if seen:
            seen.add(piece)
        place = loaded.model.device
        for share in _read(evaluator, piece, loaded.model):
            yield remaining.estimate(Preparing("measuring", read(share)))
        if loaded.model.device != place:
            yield Preparing(f"the memory of {place.type} is full: measuring on the processor")
    is_whole = kept is not None and _is_all(card, kept, loaded.tokenizer)
    lost, figures = sum(found.characters_lost for found in findings), evaluator.result()
    unknown = figures.unknown_characters / max(1, figures.characters)
    counting = mixture.counting if mixture else None
    knows = PromptReader(loaded.tokenizer, counting).knows if unknown >= _MANY_UNKNOWN else ""
    facts = _Facts(tuple(familiar), seen.share() if seen else None, is_whole, lost, unknown, knows)
    yield _to_evaluation(card, texts, evaluator, facts, loaded.model.device.type)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the files beside how well they are predicted."""

    familiar: tuple[str, ...]
    seen_share: float | None
    is_whole: bool
    lost_characters: int
    unknown_share: float
    knows: str


def _to_evaluation(
    card: ModelCard, texts: "Sequence[TextFile]", evaluator: "Evaluator", facts: _Facts, device: str
) -> Evaluation:
    figures = evaluator.result()
    return Evaluation(
        card.name,
        tuple(text.name for text in texts),
        figures.bits_per_character,
        figures.perplexity,
        figures.words,
        figures.characters,
        figures.spelled_words,
        figures.unknown_characters,
        figures.seconds,
        figures.words / max(figures.seconds, 1e-9),
        facts.familiar,
        facts.seen_share,
        facts.is_whole,
        _compare_alone(evaluator.baselines(), figures.bits_without_network),
        figures.mixture_bits_per_character,
        device,
        dict(zip(WORD_SOURCES, figures.shares, strict=False)),
        figures.characters + facts.lost_characters,
        facts.unknown_share,
        facts.knows,
    )


def _compare_alone(simpler: dict[str, float], without_network: float) -> dict[str, float]:
    """Simpler models, with all but the network where a model has shares for that."""
    return simpler | ({WITHOUT_NETWORK: without_network} if without_network else {})


def _read(evaluator: "Evaluator", piece: "Tensor", model: "WordRNN") -> Iterator[float]:
    """Read a piece; what a device has no memory left for is read on the processor, and so is all after it."""
    from rnntui.lm.hardware.devices import CPU, translate_device_errors

    try:
        with translate_device_errors(model.device):
            yield from evaluator.read(piece)
            return
    except MemoryFullError:
        if model.device == CPU:
            raise
    model.to(CPU)
    yield from evaluator.read(piece)


def _simpler(kept: "Tensor", mixture: "Mixture") -> "Generator[Preparing, None, dict[str, Counting]]":
    """Counting with fewer words, by name; that of the mixture is there already, and of a table there is no other."""
    from rnntui.lm.mix.ngram import BASELINES, KneserNey

    found: dict[str, Counting] = {}
    for name, order in BASELINES.items():
        yield Preparing("counting, for comparison")
        if order == mixture.counting.order:
            found[name] = mixture.counting
        elif isinstance(mixture.counting, KneserNey):
            found[name] = KneserNey(kept, mixture.counting.vocabulary_size, order)
    return found


def _survey(file: Path, reading: ReadOptions) -> "Generator[Preparing, None, list[TextFile]]":
    """A file, or all texts of an archive, looked at."""
    from rnntui.lm.text.text_source import open_texts

    texts, _ = open_texts(file, reading)
    for text in texts:
        for share in text.survey():
            yield Preparing(f"reading {visible_line(text.name)}", share)
    return texts


def _pieces(
    texts: "Sequence[TextFile]", findings: "Sequence[Findings]", tokenizer: "Tokenizer"
) -> "Iterator[tuple[Tensor, Callable[[float], float]]]":
    """The ids of some texts, one after the other, in pieces; and how much of all bytes is done at a share of each.

    Raises:
        CorpusError: If one of them has no words, or changed since it was surveyed.
    """
    import torch

    from rnntui.lm.parallel_rows import MOST_AT_ONCE
    from rnntui.lm.tokens.splitting import blocks

    total = sum(text.size for text in texts)
    waiting, before = array("i"), 0.0
    for block in itertools.chain(blocks(_join(texts, findings)), (None,)):
        waiting.extend(tokenizer.encode(block or ""))
        while len(waiting) >= MOST_AT_ONCE or (block is None and waiting):
            after = min(1.0, sum(text.passed for text in texts) / total)
            piece = torch.tensor(waiting[:MOST_AT_ONCE], dtype=torch.int32)
            yield piece, functools.partial(_between, before, after)
            del waiting[:MOST_AT_ONCE]
            before = after


def _between(before: float, after: float, share: float) -> float:
    return before + share * (after - before)


def _join(texts: "Sequence[TextFile]", findings: "Sequence[Findings]") -> Iterator[str]:
    """Some texts as one, with an empty line between them."""
    from rnntui.lm.text.text_source import no_text

    for number, (text, found) in enumerate(zip(texts, findings, strict=True)):
        is_empty = True
        if number:
            yield "\n\n"
        for part in text.parts(found):
            is_empty = is_empty and not part.strip()
            yield part
        if is_empty:
            raise no_text(text.name)


def _is_all(card: ModelCard, kept: "Tensor", tokenizer: "Tokenizer") -> bool:
    """Whether a model keeps all that it has learned from; the end of each text was only measured on."""
    import torch

    lengths = torch.tensor([len(tokenizer.piece(number)) for number in range(len(tokenizer))])
    characters = int((torch.bincount(kept, minlength=len(tokenizer)) * lengths).sum())
    return characters > _LEARNED_AT_LEAST * sum(source.characters for source in card.sources)
