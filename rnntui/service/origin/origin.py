"""What a reply has in common with the text that its model learned from: runs of words, and the places where they stand.

Asked from any thread; it moves nothing.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rnntui.errors import RnntuiError
from rnntui.records import ModelCard

if TYPE_CHECKING:
    from rnntui.lm.origin.copying import Run
    from rnntui.lm.origin.index_file import OriginIndex
    from rnntui.lm.origin.words import SpokenWord

MARKED = 4
"""Words: shorter runs stand everywhere, and are not shown."""
State = Literal["same", "changed", "gone", "unknown"]


@dataclass(frozen=True, slots=True)
class CopiedRun:
    """Words of a text that stand in a row in what a model learned from."""

    start: int
    """The character of the text at which they begin."""
    end: int
    words: tuple[str, ...]
    """As they are compared."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a text has in common with what a model learned from."""

    runs: tuple[CopiedRun, ...]
    """Those of MARKED words and more that no other one contains, in order; two of them may overlap."""
    share: float
    """How many of its words stand in runs of five and more, 0 to 1."""
    words: int

    def run_at(self, start: int, end: int) -> CopiedRun | None:
        """The longest run through some characters of the text; None where there is none."""
        through = [run for run in self.runs if run.start < end and start < run.end]
        return max(through, key=lambda run: len(run.words), default=None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands."""

    name: str
    """Of the file, without folders."""
    line: int
    """Of the file, from 1; 0 when nobody knows."""
    share: float
    """How far into what was learned from of it, 0 to 1."""
    before: str
    run: str
    after: str
    state: State = "unknown"
    """What has become of the file since."""

    @property
    def where(self) -> str:
        """Such as "moby.txt, line 812"; the name is foreign text."""
        return f"{self.name}, {f'line {self.line:,}' if self.line else f'{100 * self.share:.0f} % into it'}"

    @property
    def remark(self) -> str:
        """What to know of the file; empty where it is what it was."""
        match self.state:
            case "changed":
                return "The file has changed since; this is the text that the model has learned from."
            case "gone":
                return "The file is not there any more; this is the text that the model has learned from."
            case "unknown":
                return "This is kept with the model; where the file is now, nobody noted."
            case _:
                return ""


class Origin:
    """The text that one model learned from.

    Args:
        card: Of the model.
        index: Of the text.
        files: Paths of its files, as far as they are known.
        starter_name: The model it went on from where the text of that one is not here; else empty.
    """

    def __init__(self, card: ModelCard, index: "OriginIndex", files: Sequence[str], starter_name: str = "") -> None:
        from rnntui.lm.origin.copying import CopyFinder

        self.card = card
        self.header = index.header
        self._finder = CopyFinder(index)
        self._files = tuple(files)
        self._starter_name = starter_name
        self._state_of: Callable[[int], State] = functools.cache(self._look_at_file)

    @property
    def note(self) -> str:
        """What is not looked at; empty where everything is."""
        if not self._starter_name:
            return ""
        return f"Only your own text is looked at: what {self._starter_name} had read before does not come with it."

    def look(self, text: str) -> Copied:
        """The runs of a text that stand in what the model learned from."""
        from rnntui.lm.origin.copying import copied_share
        from rnntui.lm.origin.words import spoken_words

        spoken = spoken_words(text)
        runs = self._finder.runs([found.word for found in spoken])
        marked = tuple(_as_copied(run, spoken) for run in runs if run.length >= MARKED)
        return Copied(marked, copied_share(runs, len(spoken)), len(spoken))

    def places(self, run: CopiedRun) -> tuple[int, ...]:
        """Where a run stands, in the order of the text: numbers for `place`."""
        return tuple(self._finder.places(run.words))

    def place(self, number: int, run: CopiedRun) -> Place:
        """What stands at one of its places; the file is looked at the first time."""
        found = self._finder.passage(number, len(run.words))
        name = self.header.sources[found.source].name
        state = self._state_of(found.source)
        return Place(name, found.line, found.share, found.before, found.run, found.after, state)

    def _look_at_file(self, source: int) -> State:
        """What has become of a file."""
        from rnntui.lm.text.text_source import open_texts

        facts = self.header.sources[source]
        if facts.name.startswith("sample:"):
            return "same"
        near = [path for path in map(Path, self._files) if facts.name.split("/")[0] == path.name]
        if not near:
            return "unknown"
        if not any(path.exists() for path in near):
            return "gone"
        for path in near:
            try:
                for text in open_texts(path)[0]:
                    for _ in text.survey():
                        pass
                    if text.sha256 == facts.sha256:
                        return "same"
            except RnntuiError:
                continue
        return "changed"


def _as_copied(run: "Run", spoken: "Sequence[SpokenWord]") -> CopiedRun:
    words = spoken[run.start : run.end]
    return CopiedRun(words[0].start, words[-1].end, tuple(found.word for found in words))
