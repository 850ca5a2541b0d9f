"""The lab: ten stations at which a learner sees how a recurrent network works, on the loaded model.

A new station is one module in `rnntui/lm/lab/` and one entry of STATIONS in `lab_texts`; both
fronts and the tests pick it up.
"""

import dataclasses
import importlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.figures import Finding, LabEvent, Progress
from rnntui.records import ModelCard
from rnntui.service.lab_content import GLOSSARY, STATIONS, Station
from rnntui.service.model_loader import load_generator, use_one_thread
from rnntui.settings import LabSettings
from rnntui.store.library import Library
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator
    from rnntui.lm.lab.bench import Bench

__all__ = ["GLOSSARY", "STATIONS", "Lab", "Station", "find_station"]


class Lab:
    """Runs stations on models of a library.

    Args:
        library: Where models are.
        find_model: A card by name or id; the preferred one for an empty name.
    """

    def __init__(self, library: Library, find_model: Callable[[str], ModelCard]) -> None:
        self._library = library
        self._find_model = find_model
        self._loaded: tuple[str, Generator] | None = None
        """Id of the model that was loaded last, and the model: the next station need not load it again."""

    def run(self, name: str, asked: LabSettings, model: str = "") -> Iterator[LabEvent]:
        """One station: progress, then one `Finding`.

        Args:
            name: Of the station.
            asked: The question; empty texts take the station's own examples.
            model: Name or id; empty for the preferred one.

        Raises:
            InputError: If there is no such station or model, or the question does not fit the model.
            ModelFileError: If the model is damaged.
        """
        station = find_station(name)
        card = self._find_model(model)
        yield Progress(0.0, f"loading {visible_line(card.name, 40)}")
        bench = self._bench(station, card, asked)
        began, process_began = time.perf_counter(), time.process_time()
        work: Iterator[LabEvent] = importlib.import_module(f"rnntui.lm.lab.{station.module}").run(bench)
        for event in work:
            if isinstance(event, Finding):
                seconds, process = time.perf_counter() - began, time.process_time() - process_began
                event = dataclasses.replace(event, seconds=seconds, process_seconds=process, model=card.name)
            yield event

    def _bench(self, station: Station, card: ModelCard, asked: LabSettings) -> "Bench":
        from rnntui.lm.lab.bench import Bench

        use_one_thread()
        generator = self._generator(card)
        asked = dataclasses.replace(
            asked,
            prompt=asked.prompt if asked.prompt.strip() else station.prompt,
            other=asked.other if asked.other.strip() else station.other,
        )
        figures = {"network": card.figures.bits_per_character, **card.figures.baselines} if card.figures.words else {}
        return Bench(generator.model, generator.tokenizer, asked, figures, reader=generator.reader)

    def _generator(self, card: ModelCard) -> "Generator":
        if self._loaded is None or self._loaded[0] != card.model_id:
            self._loaded = card.model_id, load_generator(self._library, card)
        return self._loaded[1]


def find_station(name: str) -> Station:
    """The station with this name or number.

    Raises:
        InputError: If there is none.
    """
    for number, station in enumerate(STATIONS, start=1):
        if name in {station.name, str(number)}:
            return station
    names = ", ".join(station.name for station in STATIONS)
    raise InputError(f'The lab has no station "{visible_line(name, 60)}".', f"Stations are {names}.")
