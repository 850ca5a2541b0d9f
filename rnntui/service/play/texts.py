"""Which text is played with: the end of the model's own book, which it has not learned from, a file, or what ships."""

import contextlib
import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import CorpusError, RnntuiError, StorageError
from rnntui.events import Preparing
from rnntui.files import read_named, shipped_folder
from rnntui.paths import named_path
from rnntui.records import ModelCard, ReadOptions, RunManifest, Source, TrainRequest
from rnntui.service.play.rules import PlayRequest
from rnntui.store.corpora import Corpora
from rnntui.store.runs.runs import Runs
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.text.text_source import TextFile

SHIPPED = "passages that come with the program"
_MOST_CHARACTERS = 4_000_000
"""Of a file; what follows is not played with."""
_LARGEST_SHIPPED = 1 << 20
_CODE_LENGTH = 8
_HEADING = "## "


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text that was written as one."""

    source: str
    """Whose it is."""
    text: str


@dataclass(frozen=True, slots=True)
class PlayText:
    """A text to play with."""

    name: str
    sections: tuple[Section, ...]
    remark: str = ""
    """What to think of it; empty when there is nothing."""
    is_file: bool = False
    """True for one that the person has named: a friend needs it too."""
    is_shipped: bool = False

    @property
    def code(self) -> str:
        """The beginning of its hash."""
        digest = hashlib.sha256()
        for section in self.sections:
            digest.update(section.text.encode("utf-8", "replace") + b"\0")
        return digest.hexdigest()[:_CODE_LENGTH]


class Texts:
    """Finds texts.

    Args:
        runs: The training runs, which know what was held out.
        corpora: Where that is kept.
    """

    def __init__(self, runs: Runs, corpora: Corpora) -> None:
        self._runs = runs
        self._corpora = corpora

    def find(self, request: PlayRequest, card: ModelCard) -> Generator[Preparing, None, PlayText]:
        """The text that is asked for; without a wish the end of the model's book, else what ships with the program.

        Raises:
            CorpusError: If a file cannot be read, or the model's book is not kept and what ships may be foreign to it.
            StorageError: If what ships with the program is not there.
        """
        if request.file:
            return (yield from _read_file(named_path(request.file), card))
        if request.is_shipped:
            return shipped_text()
        yield Preparing("looking for what the model has not read of its book")
        if own := self._held_out(card):
            return own
        if card.base_name or card.name == "starter" or card.is_typographic:
            return shipped_text()
        raise CorpusError(
            f'The end of the book of "{visible_line(card.name, 60)}", which it has not learned from, is not kept here.',
            "Name a text file, or say --shipped on the command line for English passages that come with the program.",
        )

    def _held_out(self, card: ModelCard) -> PlayText | None:
        """What was held out when the model was trained, if the run and its prepared text are still there."""
        from rnntui.lm.tokens.corpus import CountedText

        for request, manifest in self._runs_of(card):
            data = self._corpora.counted(manifest.text_key)
            with contextlib.suppress(ValueError, RecursionError):
                text = CountedText.from_bytes(data).held_out if data else ""
                if text.strip():
                    source = f"the end of {_names(card.sources)}"
                    if request.validation_file:
                        source = Path(request.validation_file).name
                    return PlayText(f"{source}, which the model has not learned from", (Section(source, text),))
        return None

    def _runs_of(self, card: ModelCard) -> Iterator[tuple[TrainRequest, RunManifest]]:
        with contextlib.suppress(StorageError):
            for record in self._runs.records():
                if record.model_id != card.model_id:
                    continue
                with contextlib.suppress(RnntuiError):
                    folder = self._runs.folder(record.run_id)
                    if manifest := folder.manifest():
                        yield folder.request(), manifest


def shipped_text() -> PlayText:
    """Passages of books that the starter has never read.

    Raises:
        StorageError: If they are not there.
    """
    file = shipped_folder("play") / "unread.txt"
    try:
        data = read_named(file, "The file of passages", _LARGEST_SHIPPED, "Install rnntui again.")
    except FileNotFoundError as problem:
        raise StorageError(f'"{file}" is missing.', "Install rnntui again.") from problem
    parts = data.decode("utf-8", "replace").split(f"\n{_HEADING}")[1:]
    sections = []
    for part in parts:
        source, _, text = part.partition("\n")
        sections.append(Section(source.strip(), text.strip()))
    return PlayText(SHIPPED, tuple(sections), is_shipped=True)


def _read_file(path: Path, card: ModelCard) -> Generator[Preparing, None, PlayText]:
    """A file, or all texts of an archive, read as an evaluation reads it."""
    from rnntui.lm.text.findings import Findings
    from rnntui.lm.text.text_source import no_text, open_texts

    texts, _ = open_texts(path, ReadOptions(is_typographic=card.is_typographic, leave_out=card.left_out))
    sections, left = [], _MOST_CHARACTERS
    for text in texts:
        name = visible_line(text.name)
        for share in text.survey():
            yield Preparing(f"reading {name}", share)
        parts = []
        for part in text.parts(Findings()):
            parts.append(part[:left])
            left -= len(parts[-1])
            yield Preparing(f"reading {name}", 1.0)
            if left <= 0:
                break
        sections.append(Section(text.name, "".join(parts).strip()))
    if not any(section.text for section in sections):
        raise no_text(path.name)
    return PlayText(path.name, tuple(sections), _remark(texts, card), is_file=True)


def _remark(texts: "Sequence[TextFile]", card: ModelCard) -> str:
    known = {source.sha256 for source in card.sources}
    if names := [text.name for text in texts if text.sha256 in known]:
        return f"The model was trained on {visible_line(', '.join(names), 120)}: it may know these words by heart."
    return ""


def _names(sources: Sequence[Source]) -> str:
    first = sources[0].title or sources[0].name if sources else "its text"
    return first if len(sources) < 2 else f"{first} and {len(sources) - 1:,} more"
