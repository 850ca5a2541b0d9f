"""From a request to a model in the library, as one iterator of events. The same work for a process and a command."""

import logging
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import StorageError
from rnntui.events import (
    BaselinesMeasured,
    CheckpointSaved,
    Evaluated,
    Preparing,
    RunFinished,
    TrainEvent,
)
from rnntui.records import Figures, ModelCard, Source, TrainRequest
from rnntui.service.clock import utc_now
from rnntui.service.preparing import baselines, choose, count, number, tokenizer_of
from rnntui.settings import TrainConfig, checked_value
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library, new_model_id

if TYPE_CHECKING:
    from rnntui.lm.tokenizer import Tokenizer
    from rnntui.lm.trainer import Trainer

log = logging.getLogger(__name__)

_CALIBRATION_SECONDS = 2.0


def train(
    request: TrainRequest, library: Library, corpora: Corpora, control: Callable[[], str]
) -> Iterator[TrainEvent]:
    """Train what was asked for and keep the best model in the library, from the first evaluation on.

    Args:
        request: Files, name, minutes, and what else was set.
        library: Where the model goes.
        corpora: Where prepared texts are kept.
        control: Asked between steps: "run", "pause" or "stop" (stop keeps the best).

    Raises:
        CorpusError: If the text cannot be trained on.
        InputError: If a setting does not fit.
        StorageError: If the model cannot be saved.
        TrainingError: If the numbers explode again and again.
    """
    import torch

    from rnntui.lm.calibration import training_speed
    from rnntui.lm.planner import plan
    from rnntui.lm.trainer import Trainer

    began = time.monotonic()
    share = validation_share(request.overrides)
    chosen = yield from choose(request.files, request.reading, share, request.validation_file)
    counted = yield from count(chosen, corpora)
    if threads := int(checked_value(TrainConfig, "threads", request.overrides.get("threads", 0))):
        torch.set_num_threads(threads)
    yield Preparing("measuring how fast this machine trains")
    seconds = 60.0 * request.minutes
    speed = training_speed(min(_CALIBRATION_SECONDS, seconds / 60))
    model_config, config = plan(counted.pieces, seconds, request.overrides, speed)
    tokenizer = tokenizer_of(counted, model_config.vocabulary_limit)
    text = yield from number(chosen, counted, tokenizer, corpora)
    yield Preparing("counting, for comparison")
    trainer = Trainer(text, tokenizer, model_config, config, request.name, control)
    compared = baselines(counted, trainer.counted_ids, tokenizer, request.files)
    yield BaselinesMeasured(compared)
    yield Preparing("preparing the network")
    trainer.spent_before = time.monotonic() - began
    keeper = _Keeper(request, library, counted.sources, tokenizer, trainer, compared)
    for event in trainer.run():
        yield event
        if isinstance(event, Evaluated) and event.is_best and not event.is_final:
            yield from keeper.keep(event)
    card = keeper.keep_measured()
    yield RunFinished(
        trainer.reason,
        card.model_id,
        card.name,
        trainer.seconds,
        trainer.steps,
        trainer.words_per_second,
        card.figures.bits_per_character,
        card.figures.perplexity,
        card.figures.mixture_bits_per_character,
    )


@dataclass(slots=True)
class _Keeper:
    """Writes the best weights so far under one model id."""

    request: TrainRequest
    library: Library
    sources: tuple[Source, ...]
    tokenizer: "Tokenizer"
    trainer: "Trainer"
    baselines: dict[str, float]
    model_id: str = ""
    is_saved: bool = False

    def keep(self, event: Evaluated) -> Iterator[TrainEvent]:
        """Save the weights of an evaluation. Only the first time is a refusal of the disk an end: it may pass."""
        try:
            card = self._save(Figures(bits_per_character=event.bits_per_character, baselines=self.baselines))
        except StorageError as problem:
            if not self.is_saved:
                raise
            log.warning("the best weights could not be saved now: %s", problem)
        else:
            self.is_saved = True
            yield CheckpointSaved(event.step, card.model_id)

    def keep_measured(self) -> ModelCard:
        measured = self.trainer.measured
        assert measured is not None  # noqa: S101  the trainer's last event says so
        return self._save(
            Figures(
                measured.bits_per_character,
                measured.perplexity,
                measured.words,
                measured.characters,
                measured.spelled_words / max(1, measured.words),
                self.baselines,
                measured.mixture_bits_per_character,
            )
        )

    def _save(self, figures: Figures) -> ModelCard:
        import torch

        from rnntui.lm.model_file import pack, pack_counts, sha256

        made_at = utc_now()
        self.model_id = self.model_id or new_model_id(self.request.name, made_at)
        weights, vocabulary = pack(self.trainer.best_weights(), self.tokenizer)
        mixture = self.trainer.mixture
        counts = pack_counts(self.trainer.counted_ids, mixture.gate, len(self.tokenizer)) if mixture else b""
        card = ModelCard(
            model_id=self.model_id,
            name=self.request.name,
            made_at=made_at,
            config=self.trainer.model.config,
            vocabulary_size=len(self.tokenizer),
            sources=self.sources,
            training_words=self.trainer.training_words,
            minutes=round(self.trainer.seconds / 60, 2),
            passes=round(self.trainer.passes, 3),
            figures=figures,
            command=command_of(self.request, self.trainer.seed),
            torch_version=str(torch.__version__),
            seed=self.trainer.seed,
            weights_sha256=sha256(weights),
            vocabulary_sha256=sha256(vocabulary),
            weights_bytes=len(weights),
            counts_sha256=sha256(counts) if counts else "",
        )
        self.library.save(card, weights, vocabulary, counts)
        return card


def command_of(request: TrainRequest, seed: int) -> str:
    """The command that trains this again; files by name, because folders are nobody's business."""
    words = ["rnntui", "train", *(file if file.startswith("sample:") else Path(file).name for file in request.files)]
    words += ["--name", request.name, "--minutes", f"{request.minutes:g}"]
    if request.validation_file:
        words += ["--validation", Path(request.validation_file).name]
    reading = request.reading
    words += ["--encoding", reading.encoding] if reading.encoding else []
    words += ["--field", reading.field] if reading.field else []
    words += [] if reading.join_lines is None else ["--join-lines" if reading.join_lines else "--keep-lines"]
    flags = {"vocabulary_limit": "vocabulary"}
    for name, value in sorted(request.overrides.items()):
        if name != "seed":
            words += [f"--{flags.get(name, name).replace('_', '-')}", str(value)]
    return shlex.join([*words, "--seed", str(seed)])


def validation_share(overrides: Mapping[str, str | int | float | bool]) -> float:
    """How much of each text is held out."""
    default = TrainConfig.__dataclass_fields__["validation_share"].default
    return float(checked_value(TrainConfig, "validation_share", overrides.get("validation_share", default)))
