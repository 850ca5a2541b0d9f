"""What a person wants to compute on: refused before any work where it is not there, and left where memory is full."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rnntui import json_records
from rnntui.cli.main import run
from rnntui.config import Config, load_config, with_device
from rnntui.errors import InputError
from rnntui.events import ModelLoaded, Preparing, RowsHalved, RunResumed, StepLogged, WordSampled
from rnntui.lm.hardware.placement import move_to_faster_device
from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learned, Learner
from rnntui.paths import find_paths
from rnntui.records import ModelCard, RunManifest
from rnntui.service.devices import device_facts
from rnntui.service.evaluation import Evaluation, evaluate
from rnntui.service.generation import generate_once
from rnntui.service.pipeline.resume_settings import ResumeOptions, resume_config
from rnntui.service.services import Services
from rnntui.settings import ModelConfig, SamplerSettings, TrainConfig
from rnntui.store.library import Library
from rnntui.store.runs.runs import Runs
from tests.pretended_device import pretended
from tests.small_models import TEXT, save_small_model
from tests.small_world import world_request

ROWS = 4
WORDS = SamplerSettings(max_words=3, stop="words", seed=5)
OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 8.00 GiB")
without_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(find_paths(tmp_path))


@pytest.fixture
def card(services: Services) -> ModelCard:
    return save_small_model(services.library)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """A card that is there, as far as anybody can tell."""
    with pretended("cuda") as device:
        monkeypatch.setattr(
            "rnntui.lm.hardware.devices.open_device", lambda name: device if name == "cuda" else torch.device("cpu")
        )
        yield device


@without_cuda
@pytest.mark.parametrize("line", ["gen once", "train sample:animals", "eval novel.txt"])
def test_cuda_that_is_not_there_is_refused_in_a_sentence(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("novel.txt").write_text(TEXT, encoding="utf-8")
    assert run(["--data-dir", str(tmp_path / "data"), *line.split(), "--device", "cuda"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Nothing can be computed on cuda here: " in told.err
    assert "Use --device cpu, or auto." in told.err
    assert not list((tmp_path / "data").glob("runs/*"))


def test_a_device_nobody_knows_is_refused_by_the_name_of_the_flag() -> None:
    with pytest.raises(InputError, match=r'--device cannot be "tpu".*Choose auto, cpu, cuda or mps'):
        with_device(Config(), "tpu")


def test_the_flag_goes_before_the_environment_and_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[app]\ndevice = "mps"\n', encoding="utf-8")
    assert load_config(tmp_path / "none.toml", {}).app.device == "auto"
    assert load_config(file, {}).app.device == "mps"
    config = load_config(file, {"RNNTUI_DEVICE": "cuda"})
    assert config.app.device == "cuda"
    assert with_device(config, None).app.device == "cuda"
    assert with_device(config, "cpu").app.device == "cpu"


def test_what_earlier_versions_kept_was_computed_on_the_processor() -> None:
    plan = RunManifest(ModelConfig(), TrainConfig(), "m-1", "k" * 32, "v" * 64, {}, "2.13.0", "x86_64 AVX2")
    values = json.loads(json_records.format_record(plan))
    for name in ("device", "arithmetic", "processes"):
        del values["config"][name]
    assert json_records.decode_record(RunManifest, values) == plan


@without_cuda
def test_a_run_that_began_on_a_card_goes_on_without_it_and_says_so(services: Services) -> None:
    services.paths.data_dir.mkdir(exist_ok=True)
    runs = Runs(services.paths.runs)
    folder = runs.create(
        dataclasses.replace(world_request(services.paths.data_dir), minutes=0.05), "2026-01-01T00:00:00Z"
    )
    told: list[object] = []
    for event in services.training.work(folder.run_id, lambda: "suspend" if StepLogged in map(type, told) else "run"):
        told.append(event)
    plan = folder.manifest()
    assert plan is not None
    assert plan.config.device == "cpu"
    on_a_card = dataclasses.replace(plan, config=dataclasses.replace(plan.config, device="cuda"))
    folder.save_manifest(on_a_card, folder.vocabulary())
    resumed = next(event for event in services.training.work(folder.run_id) if isinstance(event, RunResumed))
    assert (
        resumed.note
        == "It goes on with cpu instead of cuda: the numbers will not be identical to those of an undisturbed run."
    )
    began = TrainConfig(device="cuda", threads=3)
    assert resume_config(began, ResumeOptions(2, 0, "cpu")) == TrainConfig(device="cpu", threads=2)


def test_the_plan_keeps_the_rows_that_memory_had_room_for(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_step = Learner.step

    def step(learner: Learner, batch: Batch, *rest: Any) -> Learned | None:
        if batch.inputs.shape[1] == ROWS:
            raise OUT_OF_MEMORY
        return whole_step(learner, batch, *rest)

    monkeypatch.setattr(Learner, "step", step)
    services.paths.data_dir.mkdir(exist_ok=True)
    runs = Runs(services.paths.runs)
    request = dataclasses.replace(world_request(services.paths.data_dir), minutes=0.05)
    assert request.overrides["rows"] == ROWS
    folder = runs.create(request, "2026-01-01T00:00:00Z")
    halved = next(event for event in services.training.work(folder.run_id) if isinstance(event, RowsHalved))
    plan = folder.manifest()
    assert plan is not None
    assert plan.config.rows == halved.rows == ROWS // 2


def spoken(library: Library, card: ModelCard, device: str) -> tuple[str, str]:
    events = list(generate_once(library, card, "The cat", WORDS, device))
    (loaded,) = [event for event in events if isinstance(event, ModelLoaded)]
    return loaded.note, "".join(event.piece for event in events if isinstance(event, WordSampled))


def test_left_open_a_model_speaks_on_the_processor(services: Services, card: ModelCard, cuda: torch.device) -> None:
    assert spoken(services.library, card, "auto") == spoken(services.library, card, "cuda")


def full(work: Callable[..., object]) -> Callable[..., object]:
    """The same work, for which a card has no memory."""

    def refused(model: WordRNN, *rest: object, **named: object) -> object:
        if model.device.type != "cpu":
            raise OUT_OF_MEMORY
        return work(model, *rest, **named)

    return refused


def test_a_card_without_room_leaves_speaking_to_the_processor(
    services: Services, card: ModelCard, cuda: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, expected = spoken(services.library, card, "cpu")
    monkeypatch.setattr(WordRNN, "step", full(WordRNN.step))
    note, said = spoken(services.library, card, "cuda")
    assert note == "The memory of cuda is full: it speaks on the processor."
    assert said == expected


@pytest.mark.parametrize("method", ["step", "forward"])
def test_a_card_without_room_leaves_measuring_to_the_processor(
    services: Services,
    card: ModelCard,
    cuda: torch.device,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    method: str,
) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    *_, expected = evaluate(services.library, card, [file], "cpu")
    monkeypatch.setattr(WordRNN, method, full(getattr(WordRNN, method)))
    *before, measured = evaluate(services.library, card, [file], "cuda")
    assert isinstance(measured, Evaluation)
    assert isinstance(expected, Evaluation)
    assert measured.device == "cpu"
    assert measured.bits_per_character == expected.bits_per_character
    notes = [event.what for event in before if isinstance(event, Preparing)]
    assert "the memory of cuda is full: measuring on the processor" in notes


def test_a_text_is_measured_on_the_card_that_is_asked_for(
    services: Services, card: ModelCard, cuda: torch.device, tmp_path: Path
) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    *_, measured = evaluate(services.library, card, [file], "cuda")
    *_, expected = evaluate(services.library, card, [file], "auto")
    assert isinstance(measured, Evaluation)
    assert isinstance(expected, Evaluation)
    assert (measured.device, expected.device) == ("cuda", "cpu")
    assert measured.bits_per_character == pytest.approx(expected.bits_per_character, rel=1e-6)


@pytest.mark.parametrize(("taken", "where"), [((0.0, 1.0, 1.0, 1.5), "cuda"), ((0.0, 1.0, 1.0, 3.0), "cpu")])
def test_a_network_stays_where_it_reads_faster(cuda: torch.device, taken: tuple[float, ...], where: str) -> None:
    model = WordRNN(ModelConfig("lstm", 100, 8, 8), 100)
    model.initialise(torch.Generator().manual_seed(1))
    times = iter(taken)
    move_to_faster_device(model, cuda, torch.arange(100), lambda: next(times))
    assert model.device.type == where


@without_cuda
def test_the_doctor_says_what_is_there_and_why_it_is_not_taken() -> None:
    facts = device_facts("auto")
    assert facts["cpu"].endswith(("thread", "threads"))
    assert facts["cuda"].startswith("not used: ")
    assert facts["training_on"] == "cpu: there is nothing else here"
    assert facts["speaking_on"].startswith("cpu: a word at a time")
    assert device_facts("cuda")["speaking_on"] == "cuda: asked for by config.toml or RNNTUI_DEVICE"
