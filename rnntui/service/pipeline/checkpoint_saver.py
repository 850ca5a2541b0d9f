"""The best weights of a run so far, saved as a model with a card that says how it came about."""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.errors import InputError, StorageError
from rnntui.events import CheckpointSaved, Evaluated, RunFinished, TrainEvent
from rnntui.records import FROM_NOTHING, Copying, Metrics, ModelCard, RunManifest, RunReport, Source, TrainRequest
from rnntui.service.pipeline.train_command import build_command
from rnntui.service.run.run_journal import RunJournal
from rnntui.service.run.run_view import WITHOUT_NETWORK
from rnntui.service.timestamps import utc_now
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.tokens.tokenizer import Tokenizer
    from rnntui.lm.train.trainer import Trainer


@dataclass(slots=True)
class CheckpointSaver:
    """Saves the best weights of a run so far as a model in the library, under one id."""

    request: TrainRequest
    library: Library
    sources: tuple[Source, ...]
    """Everything that was learned from, by the base as well."""
    tokenizer: "Tokenizer"
    trainer: "Trainer"
    plan: RunManifest
    base: ModelCard | None = None
    """What the run went on from; None when it began with nothing."""

    def save_best(self, event: Evaluated, journal: RunJournal) -> Iterator[TrainEvent]:
        """Save the weights of an evaluation. A disk that refuses is waited for; these weights are in the state."""
        try:
            card = self._save(Metrics(bits_per_character=event.bits_per_character, baselines=self.plan.baselines))
        except StorageError as problem:
            journal.refuse(problem)
        else:
            yield CheckpointSaved(event.step, card.model_id)

    def interrupted(self) -> RunFinished:
        """The end of a process whose run can go on, with the figures of what is in the library."""
        trainer, name = self.trainer, self.request.name
        try:
            figures = self.library.find(self.plan.model_id).figures
        except InputError:
            return RunFinished("interrupted", "", name, trainer.seconds, trainer.steps, 0.0, math.nan, math.nan)
        return RunFinished(
            "interrupted",
            self.plan.model_id,
            name,
            trainer.seconds,
            trainer.steps,
            trainer.tokens_per_second,
            figures.bits_per_character,
            math.nan,
        )

    def save_measured(self, report: RunReport, copying: Copying | None = None) -> ModelCard:
        """Save the weights that were chosen at the end, with their figures and the report of the run.

        Args:
            report: How the run went.
            copying: How much of their text they say word for word; None where nobody could look.

        Raises:
            StorageError: If the disk refuses.
        """
        measured = self.trainer.measured
        assert measured is not None  # noqa: S101  the trainer's last event says so
        return self._save(
            Metrics(
                measured.bits_per_character,
                measured.perplexity,
                measured.words,
                measured.characters,
                measured.spelled_words / max(1, measured.words),
                self.baselines(),
                measured.mixture_bits_per_character,
            ),
            report,
            copying,
        )

    def baselines(self) -> dict[str, float]:
        """Bits per character of simpler models on the held-out text, with all but the network once that is known."""
        measured = self.trainer.measured
        bits = measured.bits_without_network if measured else 0.0
        return self.plan.baselines | ({WITHOUT_NETWORK: bits} if bits else {})

    def _save(self, figures: Metrics, report: RunReport | None = None, copying: Copying | None = None) -> ModelCard:
        import torch

        from rnntui.lm.model_file import pack, sha256

        asked = dataclasses.replace(self.request, minutes=self.trainer.budget_seconds / 60)
        weights, vocabulary = pack(self.trainer.best_weights(), self.tokenizer)
        counts = self.trainer.counts
        card = ModelCard(
            model_id=self.plan.model_id,
            name=self._name(),
            made_at=utc_now(),
            config=self.trainer.model.config,
            vocabulary_size=len(self.tokenizer),
            sources=self.sources,
            training_words=self.trainer.data.training.numel(),
            minutes=round(self.trainer.seconds / 60, 2),
            passes=round(self.trainer.passes, 3),
            figures=figures,
            command=build_command(asked, self.trainer.config.seed, self.base.name if self.base else FROM_NOTHING),
            torch_version=str(torch.__version__),
            seed=self.trainer.config.seed,
            weights_sha256=sha256(weights),
            vocabulary_sha256=sha256(vocabulary),
            weights_bytes=len(weights),
            counts_sha256=sha256(counts) if counts else "",
            hardly_learned=self._rarely_seen(),
            base_counts_bytes=self.trainer.base_counts_bytes if counts else 0,
            processes=self.plan.config.processes,
            device=self.trainer.config.device,
            arithmetic=self.plan.config.arithmetic,
            base_name=self.base.name if self.base else "",
            is_typographic=self.plan.is_typographic,
            copying=copying,
            left_out=self.request.reading.leave_out,
        )
        self.library.save(card, weights, vocabulary, counts, report)
        return card

    def _rarely_seen(self) -> tuple[tuple[int, int], ...]:
        """What a vocabulary has grown by is said when it was learned."""
        from rnntui.lm.tokens.vocabulary_extension import hardly_learned

        if self.base is None:
            return ()
        trainer, base = self.trainer, self.base
        counts = trainer.data.token_counts
        return hardly_learned(counts, trainer.passes, trainer.steps, base.vocabulary_size, base.hardly_learned)

    def _name(self) -> str:
        """The model may have been given another name since it was first kept."""
        kept = (card.name for card in self.library.cards() if card.model_id == self.plan.model_id)
        return next(kept, self.request.name)
