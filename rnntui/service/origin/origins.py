"""Finds, makes and keeps the indexes of what models have learned from."""

import logging
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Self

from rnntui.errors import InputError, OriginError, RnntuiError, StorageError
from rnntui.events import Preparing, TrainEvent
from rnntui.records import ModelCard, RunManifest, TrainRequest
from rnntui.service.origin.building import LearnedText, build, gone, same_sources
from rnntui.service.origin.origin import Origin
from rnntui.service.pipeline.base_choice import choose_reading
from rnntui.service.pipeline.preparation import validation_share
from rnntui.service.prepare.data_prep import read_counted, report_progress
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library
from rnntui.store.runs.runs import Runs

if TYPE_CHECKING:
    from rnntui.lm.origin.index_file import Header, OriginIndex
    from rnntui.service.services import Services

log = logging.getLogger(__name__)


class Origins:
    """What the models of one data folder have learned from. May be asked from any thread, and may wait.

    Args:
        library: The models, with what is kept of their texts.
        runs: The runs that made them, which know their files.
        corpora: Prepared texts.
    """

    def __init__(self, library: Library, runs: Runs, corpora: Corpora) -> None:
        self._library = library
        self._runs = runs
        self._corpora = corpora

    @classmethod
    def of(cls, services: "Services") -> Self:
        """Those of one data folder."""
        paths = services.paths
        return cls(services.library, Runs(paths.runs), Corpora(paths.corpora))

    def header(self, card: ModelCard) -> "Header | None":
        """What is known of a model's text without looking into it; None where there is no index that can be read."""
        from rnntui.lm.origin.index_file import read_header

        path = self._library.origins.path(card.model_id)
        try:
            return read_header(path) if path else None
        except OriginError:
            return None

    def open(self, card: ModelCard) -> Generator[TrainEvent, None, Origin]:
        """The text that a model learned from; its index is made first where there is none. `Preparing` events.

        Raises:
            OriginError: If the text is not here any more, or too long.
            StorageError: If the disk refuses.
        """
        starter = self._library.starter()
        if starter and starter.model_id == card.model_id:
            raise OriginError(
                "The starter's books do not come with it, so nobody can see where its words stand.",
                "Models that you train on a text of your own can tell.",
            )
        run = self._run_of(card)
        index = yield from self._kept(card)
        if index is None:
            yield Preparing("looking for the text that it has learned from")
            parts = yield from build(self._learned(card, run), self._corpora)
            self._library.origins.keep(card.model_id, parts.to_bytes())
            index = yield from self._kept(card)
        if index is None:
            raise StorageError("The index cannot be read back.", "Check the disk and try again.")
        has_starter = starter is not None and card.base_name == starter.name
        return Origin(card, index, run[0].files if run else (), card.base_name if has_starter else "")

    def _kept(self, card: ModelCard) -> "Generator[TrainEvent, None, OriginIndex | None]":
        """The index that is kept; None where there is none, or it is not what was written, or of another model."""
        from rnntui.lm.origin.index_file import open_index

        path = self._library.origins.path(card.model_id)
        if path is None:
            return None
        try:
            index = yield from report_progress(open_index(path), "looking whether the index is whole")
        except OriginError:
            log.warning("an index was damaged and is made again")
            return None
        hashes = {source.sha256 for source in card.sources}
        if all(source.sha256 in hashes for source in index.header.sources):
            return index
        log.warning("an index belongs to another model and is made again")
        return None

    def _run_of(self, card: ModelCard) -> tuple[TrainRequest, RunManifest] | None:
        """What the run that made a model was asked and what it decided; None when it was removed."""
        for record in self._runs.records():
            if record.model_id == card.model_id:
                try:
                    folder = self._runs.folder(record.run_id)
                    plan = folder.manifest()
                    return (folder.request(), plan) if plan else None
                except RnntuiError:
                    return None
        return None

    def _learned(self, card: ModelCard, run: tuple[TrainRequest, RunManifest] | None) -> LearnedText:
        hashes = [source.sha256 for source in card.sources]
        if run:
            request, plan = run
            reading = choose_reading(request, plan, self._library)
            counted = read_counted(plan.text_key, self._corpora)
            if counted and not same_sources(counted, hashes):
                raise gone("What was prepared for its run is another text.")
            return LearnedText(
                plan.text_key, request.files, reading, validation_share(request.overrides), request.validation_file
            )
        for key in self._corpora.names():
            counted = read_counted(key, self._corpora)
            if counted and self._is_whole(card, hashes, len(counted.sources)) and same_sources(counted, hashes):
                return LearnedText(key)
        raise gone("Its training run was removed, and the text is not among those that were prepared lately.")

    def _is_whole(self, card: ModelCard, hashes: Sequence[str], count: int) -> bool:
        """Whether so many texts are all that a model has learned from itself."""
        if not card.base_name:
            return count == len(hashes)
        try:
            before = {source.sha256 for source in self._library.find(card.base_name).sources}
        except InputError:
            return True
        return count == len([sha256 for sha256 in hashes if sha256 not in before])
