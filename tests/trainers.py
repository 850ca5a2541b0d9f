"""Trainers in processes of their own, and what a run comes to when nobody disturbs it."""

import shutil
from pathlib import Path

from rnntui.paths import find_paths
from rnntui.records import ModelCard
from rnntui.service.services import Services
from rnntui.store.runs.runs import Runs


def trainers(run_id: str) -> list[int]:
    """Process ids of the detached trainers of a run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rnntui.service.run.trainer_process" in words and run_id.encode() in words:
            found.append(int(folder.name))
    return found


def undisturbed(data_dir: Path, run_id: str, folder: Path) -> ModelCard:
    """The model of the same plan and the same recorded times, made in one go in another data folder.

    Args:
        data_dir: Where the run is.
        run_id: Of a run that was begun.
        folder: Where it is repeated; made when missing. Its own vocabulary is chosen again.
    """
    paths, other = find_paths(data_dir), Services(find_paths(folder))
    request = Runs(paths.runs).folder(run_id).request()
    if request.base_model and (base := paths.models / request.base_model).is_dir():  # the starter is everywhere
        shutil.copytree(base, other.paths.models / request.base_model)
    runs = Runs(other.paths.runs)
    repeated = runs.create(request, "2026-01-01T00:00:00Z").run_id
    for name in ("plan.json", "times"):
        shutil.copy(paths.runs / run_id / name, other.paths.runs / repeated / name)
    *_, _last = other.training.work(repeated)
    return other.library.find(runs.record(repeated).model_id)


def is_same(one: ModelCard, other: ModelCard) -> bool:
    """Whether weights, counts, vocabulary and figures are the same to the last bit; names and dates may differ."""
    facts = [
        (card.weights_sha256, card.counts_sha256, card.vocabulary_sha256, card.figures, card.config, card.passes)
        for card in (one, other)
    ]
    return facts[0] == facts[1]
