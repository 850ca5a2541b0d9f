"""Texts -> counted pieces and a held-out part: what a network is trained on, in one pass over the files.

It splits the training part into pieces, counts them for the vocabulary, and keeps the end of each text apart as
held-out text. A text is seen as a stream, so that memory does not grow with the files: the end that may be held out
waits in a window that is never longer than what is held out at most. What was split is numbered later.
"""

import dataclasses
import json
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import CorpusError
from rnntui.json_records import DecodeRules, decode_record
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.repeats import Repeats
from rnntui.lm.text.shared_passages import CommonPassages, Overlap, SharedPassages
from rnntui.lm.text.speech import refuse_absent
from rnntui.lm.text.text_source import Text, no_text
from rnntui.lm.text.worth.doubts import Look, look_for_doubts, main_language
from rnntui.lm.text.worth.excerpts import Excerpts
from rnntui.lm.tokens.segments import SplitSegment, Splitting, WorkerPool, pack_segments, run_in_order
from rnntui.lm.tokens.splitting import blocks, split_block
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.records import Source
from rnntui.text import visible_line
from rnntui.text_facts import TextFacts

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_TUNING, _MOST_TUNING = 6_000, 60_000
"""Characters."""
LEAST_WORDS = 2_000
"""Less text than this teaches nothing; a short story has about so many words."""
MOST_HELD_OUT = 2_000_000
"""Characters. More held-out text takes long to read and makes no figure better."""
MOST_RECENT = 4_000_000
"""Characters of training text before the held-out part that are kept for counting models."""
LEAST_HELD_OUT_WORDS = 20
_REACH = 80_000
_PREVIEW = 1_500
_MOST_TYPES = 600_000
"""Different pieces that are counted at a time; of more, the rarest are forgotten."""
_TYPES_AFTER_FORGETTING = 400_000
_MOST_KINDS_BYTES = 64 << 20
"""Memory of these pieces: of text without spaces each has hundreds of characters."""
_BETWEEN_LOOKS = 16_000_000
"""Characters."""
MOST_CHARACTERS = 60_000
"""Different ones. No script has so many in use, and each takes two places in a vocabulary."""
_MOST_KEPT_KINDS = 200_000
_OPTIONAL = DecodeRules(are_defaults_optional=True)


@dataclass(frozen=True, slots=True)
class TrainingText:
    """What is learned from, what is measured on, and a little for tuning; the vocabulary knows only the first."""

    training: str
    validation: str
    notes: tuple[str, ...] = ()
    tuning: str = ""
    """The end of what could be learned from: it chooses the best weights and the shares of the mixture, so that the
    text that is measured on has no say in anything."""

    @property
    def training_characters(self) -> int:
        """Characters in the training part."""
        return len(self.training)

    def numbers(self, tokenizer: Tokenizer) -> "Tensor":
        """The training part as [N] ids."""
        import torch

        return torch.tensor(tokenizer.encode(self.training), dtype=torch.long)


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A training part that was numbered before, possibly longer than memory, and the held-out part."""

    ids: "Tensor"
    """[N], 32 bits each; may be a view of a file."""
    training_characters: int
    validation: str
    notes: tuple[str, ...] = ()
    tuning: str = ""
    """As in `TrainingText`."""

    def numbers(self, tokenizer: Tokenizer) -> "Tensor":
        """The training part as [N] ids; they were made with this tokenizer."""
        return self.ids


@dataclass(frozen=True, slots=True)
class CountedText:
    """What the first pass found."""

    sources: tuple[Source, ...]
    """Characters count what is read, held-out part included."""
    cuts: tuple[int, ...]
    """Characters of each text that are learned from; its rest is held out."""
    counts: Mapping[str, int]
    """How often each piece of the training part occurs; rare ones may be missing."""
    alphabet: frozenset[str]
    """Every character of the training part."""
    pieces: int
    """Words and punctuation marks in the training part, white space included: tokens, but for spelled words."""
    words: int
    """Pieces with a letter or a digit in them."""
    characters: int
    """Of the training part."""
    held_out: str
    tuning: str
    """The end of what could be learned from, for choosing weights."""
    recent: str
    """The last training text before the text for tuning, at most MOST_RECENT characters."""
    opening: str
    """The first lines as they were understood."""
    notes: tuple[str, ...]
    repeated_share: float
    """Share of long sentences that stand there more than once, by characters."""
    repeated_example: str
    unspaced_share: float
    overlaps: tuple[Overlap, ...] = ()
    """Texts, by their number, that have much in common."""
    common: CommonPassages = CommonPassages()
    """What stands in many of the others."""
    texts: tuple[TextFacts, ...] = ()
    """How each text was read, held-out ones last."""

    def to_bytes(self) -> bytes:
        """As JSON, to be kept; of the pieces, those that a vocabulary can hold."""
        values = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        values["sources"] = [dataclasses.asdict(source) for source in self.sources]
        values["overlaps"] = [dataclasses.asdict(overlap) for overlap in self.overlaps]
        values["common"] = dataclasses.asdict(self.common)
        values["texts"] = [dataclasses.asdict(text) for text in self.texts]
        repeated = sorted((-count, piece) for piece, count in self.counts.items() if count > 1)
        values["counts"] = {piece: -count for count, piece in repeated[:_MOST_KEPT_KINDS]}
        values["alphabet"] = "".join(sorted(self.alphabet))
        return json.dumps(values).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "CountedText":
        """What `to_bytes` wrote.

        Raises:
            ValueError: If the bytes are anything else.
        """
        values = json.loads(data)
        try:
            values["sources"] = tuple(Source(**source) for source in values["sources"])
            values["overlaps"] = tuple(Overlap(**overlap) for overlap in values.get("overlaps", ()))
            values["common"] = CommonPassages(**values.get("common", {}))
            values["texts"] = tuple(decode_record(TextFacts, text, rules=_OPTIONAL) for text in values.get("texts", ()))
            values["alphabet"] = frozenset(values["alphabet"])
            values["cuts"], values["notes"] = tuple(values["cuts"]), tuple(values["notes"])
            return cls(**values)
        except (TypeError, KeyError, AttributeError) as problem:
            raise ValueError("not a counted text") from problem


def count_text(
    texts: Sequence[Text], share: float, validation: Sequence[Text] = (), helpers: WorkerPool | None = None
) -> Generator[tuple[float, bytes], None, CountedText]:
    """Go through surveyed texts once; yields the share that is done, and the next segment, split, or nothing.

    Args:
        texts: At least one; what stands there twice is read once.
        share: How much of each text is held out at its end, 0 to 1, as long as that is not more than MOST_HELD_OUT.
        validation: Held-out texts; `share` is not used then.
        helpers: Processes that split too; what is found does not depend on them.

    Raises:
        CorpusError: If there is too little text, or a text is both learned from and held out.
    """
    counter = _Counter(texts, 0.0 if validation else share)
    progress = _Progress(texts)
    training = blocks(_concatenate(counter.training_parts(number, text) for number, text in enumerate(texts)))
    for split in run_in_order(Splitting(), pack_segments(training), helpers):
        if split:
            counter.add(SplitSegment.from_bytes(split))
        yield progress.share(), split
    notes = counter.notes
    held_out = counter.held_out
    if validation:
        held_out = []
        for text in validation:
            yield 1.0, b""
            _refuse_if_learned(text, texts)
            findings = Findings()
            kept = []
            for part in _limit_parts(text.parts(findings), MOST_HELD_OUT):
                kept.append(part)
                yield 1.0, b""
            held_out.append("".join(kept))
            notes += _named_notes(text, findings)
            counter.texts.append(text.facts(findings))
    words = counter.words
    yield 1.0, b""
    refuse_absent(counter.wished_speakers, counter.texts)
    _refuse_too_little([text.name for text in texts], words, held_out)
    counter.refuse_too_many_characters()
    alphabet = counter.alphabet
    overlaps, common = counter.shared.found()
    yield 1.0, b""
    return CountedText(
        sources=tuple(
            Source(text.name, text.sha256, length, text.encoding)
            for text, length in zip(texts, counter.lengths, strict=True)
        ),
        cuts=tuple(counter.cuts),
        counts=counter.counts,
        alphabet=alphabet,
        pieces=counter.pieces,
        words=words,
        characters=counter.characters,
        held_out=_joined(held_out),
        tuning=_joined(counter.tuning),
        recent=_joined(counter.recent),
        opening=counter.opening,
        notes=tuple(notes),
        repeated_share=counter.repeats.share,
        repeated_example=counter.repeats.example,
        unspaced_share=counter.unspaced_share,
        overlaps=overlaps,
        common=common,
        texts=tuple(counter.texts),
    )


def training_blocks(texts: Sequence[Text], cuts: Sequence[int]) -> Iterator[str]:
    """The training part once more, in the blocks that are counted and numbered; joined they are the whole of it."""
    streams = (_limit_parts(text.parts(Findings()), cut) for text, cut in zip(texts, cuts, strict=True))
    yield from blocks(_concatenate(streams))


def split_text(
    texts: Sequence[Text], cuts: Sequence[int], helpers: WorkerPool | None = None
) -> Iterator[tuple[float, bytes]]:
    """The training part once more: the share that is done, and the next segment, split, or nothing."""
    progress = _Progress(texts)
    for split in run_in_order(Splitting(), pack_segments(training_blocks(texts, cuts)), helpers):
        yield progress.share(), split


def map_ids(path: Path, vocabulary_size: int) -> "Tensor | None":
    """The ids in a file of 32-bit numbers, as a view of it; None when it holds anything else than ids.

    Args:
        path: A file that nobody changes while it is used.
        vocabulary_size: Ids are below it.
    """
    import torch

    size = path.stat().st_size
    if size < 8 or size % 4:
        return None
    ids = torch.from_file(str(path), shared=False, size=size // 4, dtype=torch.int32)
    return ids if int(ids.min()) >= 0 and int(ids.max()) < vocabulary_size else None


class _Counter:
    """Counts the training part of texts while it goes by, and keeps what is held out."""

    def __init__(self, texts: Sequence[Text], share: float) -> None:
        self._share = share
        self._total = max(1, sum(text.size for text in texts))
        self.repeats = Repeats()
        self.shared = SharedPassages()
        self._has_others = len(texts) > 1
        self.counts: Counter[str] = Counter()
        self.pieces = self.characters = 0
        self._looked_at = 0
        self._characters: set[str] = set()
        self._forgotten_words = 0
        self.cuts: list[int] = []
        self.lengths: list[int] = []
        self.held_out: list[str] = []
        self.tuning: list[str] = []
        self.recent: list[str] = []
        self.notes: list[str] = []
        self.texts: list[TextFacts] = []
        self.wished_speakers: tuple[str, ...] = ()
        self.opening = ""
        self.unspaced_share = 0.0

    def training_parts(self, number: int, text: Text) -> Iterator[str]:
        """The part of one text that is learned from; what may be held out is kept back until the end is in sight."""
        findings = Findings()
        most_held_out = int(MOST_HELD_OUT * text.size / self._total) if self._share else 0
        most_recent = int(MOST_RECENT * text.size / self._total)
        window, kept, passed = deque[str](), 0, 0
        excerpts = Excerpts()
        parts = self.repeats.watched(excerpts.watched(text.parts(findings)))
        for part in self.shared.watched(number, parts) if self._has_others else parts:
            if not part:
                yield ""
                continue
            self.opening = self.opening or part[:_PREVIEW]
            window.append(part)
            kept += len(part)
            yield ""
            while kept - len(window[0]) > most_held_out + most_recent + _REACH:
                kept -= len(window[0])
                passed += len(window[0])
                yield window.popleft()
        end = "".join(window)
        window.clear()
        length = passed + len(end)
        if not end.strip() and self._has_others:
            findings.remarks.append("There is nothing in it to learn from.")
        elif not end.strip():
            refuse_absent(findings.wished_speakers, [text.facts(findings)])
            raise no_text(text.name)
        self.wished_speakers = findings.wished_speakers
        cut = len(end)
        if self._share:
            cut = _paragraph_near(end, max(int(length * (1 - self._share)), length - most_held_out) - passed, length)
        self.held_out.append(end[cut:])
        last = end[:cut].rstrip("\n")
        last, tuning = tail_split(last, passed + len(last), text.size / self._total)
        self.tuning.append(tuning)
        last = last.rstrip("\n")
        self.recent.append(last[-most_recent:])
        self.cuts.append(passed + len(last))
        self.lengths.append(length)
        self.notes += _named_notes(text, findings)
        facts = text.facts(findings)
        look = Look.at(excerpts)
        doubts = look_for_doubts(look, facts.format)
        self.texts.append(dataclasses.replace(facts, language=main_language(look), doubts=doubts))
        self.unspaced_share = max(self.unspaced_share, findings.unspaced_share)
        yield last

    def add(self, found: SplitSegment) -> None:
        """Count the next segment of the training part."""
        counts = found.counts()
        self.pieces += found.numbers.size
        self.characters += sum(len(piece) * count for piece, count in counts.items())
        self.counts.update(counts)
        self._characters.update(*found.kinds)
        if len(self.counts) > _MOST_TYPES or self.characters > self._looked_at + _BETWEEN_LOOKS:
            self._make_room()
            self._looked_at = self.characters

    def _make_room(self) -> None:
        """Forget the rarest pieces when there are too many, or they are too long."""
        self.refuse_too_many_characters()
        size = self._bytes()
        if len(self.counts) <= _MOST_TYPES and size <= _MOST_KINDS_BYTES:
            return
        times = 1
        while len(self.counts) > _TYPES_AFTER_FORGETTING or size > _MOST_KINDS_BYTES // 2:
            self._forget(times)
            size = self._bytes()
            times += 1

    def _bytes(self) -> int:
        return sum(map(sys.getsizeof, self.counts))

    def refuse_too_many_characters(self) -> None:
        """Refuse what no script can be.

        Raises:
            CorpusError: If there are more different characters than a vocabulary can hold.
        """
        if len(self._characters) > MOST_CHARACTERS:
            raise CorpusError(
                f"The text has more than {MOST_CHARACTERS:,} different characters; no script has so many.",
                "Look at its encoding, or choose another file.",
            )

    def _forget(self, times: int) -> None:
        """Forget the pieces that occurred at most so often, but not how many words they were."""
        kept: Counter[str] = Counter()
        for piece, count in self.counts.items():
            if count > times:
                kept[piece] = count
                continue
            self._forgotten_words += count if _is_word(piece) else 0
        self.counts = kept

    @property
    def words(self) -> int:
        """Pieces with a letter or a digit in them."""
        return self._forgotten_words + sum(count for piece, count in self.counts.items() if _is_word(piece))

    @property
    def alphabet(self) -> frozenset[str]:
        """Every character that was counted."""
        return frozenset(self._characters)


def tail_split(end: str, length: int, share: float = 1.0) -> tuple[str, str]:
    """The end of a training part without what is for tuning, and that.

    A fiftieth of all texts, but at least what fits a gate (1,400 words) and at most what does it well (14,000); never
    more than a tenth.

    Args:
        end: The training part of a text, or its end.
        length: Characters of the whole training part.
        share: How much of all texts it is, 0 to 1.
    """
    wanted = int(min(length / 10, max(share * _LEAST_TUNING, min(share * _MOST_TUNING, length / 50))))
    cut = _paragraph_near(end, len(end) - wanted, length)
    return end[:cut], end[cut:]


def _is_word(piece: str) -> bool:
    return piece[-1].isalnum() or any(map(str.isalnum, piece))


class _Progress:
    """How much of all bytes was read. Texts are read one after another, and those not begun have passed nothing."""

    def __init__(self, texts: Sequence[Text]) -> None:
        for text in texts:
            text.passed = 0
        self._texts = texts
        self._total = max(1, sum(text.size for text in texts))
        self._at = self._before = 0

    def share(self) -> float:
        """0 to 1; only the text that is being read is looked at, however many there are."""
        while self._at + 1 < len(self._texts) and self._texts[self._at + 1].passed:
            self._before += self._texts[self._at].passed
            self._at += 1
        return min(1.0, (self._before + self._texts[self._at].passed) / self._total)


def _concatenate(streams: Iterable[Iterator[str]]) -> Iterator[str]:
    """One text after another, an empty line between them."""
    is_begun = False
    for stream in streams:
        before = "\n\n" if is_begun else ""
        for part in stream:
            yield before + part if part else ""
            if part:
                before, is_begun = "", True


def _limit_parts(parts: Iterator[str], characters: int) -> Iterator[str]:
    for part in parts:
        if characters <= 0:
            return
        yield part[:characters]
        characters -= len(part)


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _paragraph_near(text: str, cut: int, length: int) -> int:
    """A paragraph end close before `cut`, else a word's end, else `cut`.

    Args:
        text: The end of a text.
        cut: Where it is to be cut.
        length: Characters of the whole text; a longer text may be cut further from the place.
    """
    reach = min(_REACH, max(200, length // 50))
    paragraph = text.rfind("\n\n", max(0, cut - reach), cut)
    if paragraph > 0:
        return paragraph
    space = text.rfind(" ", max(0, cut - 200), cut)
    return space if space > 0 else cut


def _named_notes(text: Text, findings: Findings) -> list[str]:
    return [f"{visible_line(text.name)}: {note}" for note in (*text.notes(), *findings.notes())]


def _refuse_if_learned(text: Text, texts: Sequence[Text]) -> None:
    if any(text.sha256 == other.sha256 for other in texts):
        raise CorpusError(
            f'"{visible_line(text.name)}" is both learned from and held out.', "Name another file to measure on."
        )


def _refuse_too_little(names: Sequence[str], words: int, held_out: Sequence[str]) -> None:
    if words < LEAST_WORDS:
        who = f'"{visible_line(names[0], 160)}" has' if len(names) == 1 else f"The {len(names):,} files together have"
        raise CorpusError(
            f"{who} {words:,} {'word' if words == 1 else 'words'} to train on; {LEAST_WORDS:,} are the minimum.",
            "Add files, or choose a longer one; about 100,000 words make a model worth talking to.",
        )
    if sum(any(map(str.isalnum, piece)) for piece in split_block("\n".join(held_out)[:20_000])) < LEAST_HELD_OUT_WORDS:
        raise CorpusError(
            f"The held-out text has fewer than {LEAST_HELD_OUT_WORDS} words.", "Choose a longer file to measure on."
        )
