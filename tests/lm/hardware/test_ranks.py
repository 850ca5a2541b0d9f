"""Several processes that learn together make the steps of one. The others are real processes, started once for all."""

import itertools
import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from rnntui.events import StepLogged
from rnntui.lm.hardware.ranks import Ranks, SingleProcess
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.train_state import TrainState, pack, unpack
from rnntui.lm.train.trainer import Trainer
from rnntui.service.run.followers import FollowerGroup
from rnntui.settings import ModelConfig, TrainConfig
from tests.lm.train.test_trainer import Clock
from tests.small_world import world_text

TEXT = TrainingText(world_text()[:6_000], world_text()[6_000:7_500])
SILENCED = TrainConfig(
    budget_seconds=4,
    rows=7,
    bptt_length=8,
    learning_rate=0.02,
    dropout=0.3,
    word_dropout=0.1,
    recurrent_dropout=0.2,
    clip_norm=0.3,
    seed=3,
    threads=1,
)
SHAPES = {
    "groups, projection": ModelConfig("lstm", 200, 12, 20, 2, True, 16, 2),
    "one softmax": ModelConfig("gru", 200, 16, 16, 1, True, 0),
    "untied": ModelConfig("elman", 200, 8, 16, 1, False, 0),
}


@pytest.fixture(scope="module", params=[2, 4])
def ranks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ranks]:
    folder = tmp_path_factory.mktemp("together")
    with FollowerGroup(lambda: folder / "meeting", folder / "log") as company:
        company.start(request.param)
        ranks = company.connect_all()
        assert isinstance(ranks, Ranks)
        yield ranks


class Staying(Ranks):
    """Ranks whose other processes wait for the next run when one ends."""

    def end(self) -> None:
        self.is_begun = False


def losses(run: Trainer) -> list[float]:
    return [event.loss_nats for event in run.run() if isinstance(event, StepLogged)]


def trainer(
    shape: ModelConfig,
    ranks: SingleProcess | None = None,
    config: TrainConfig = SILENCED,
    poll: Callable[[], str] = lambda: "run",
) -> Trainer:
    tokenizer = Tokenizer.train([TEXT.training], 200)
    control = RunControl(poll, clock=Clock(), ranks=ranks or SingleProcess())
    return Trainer(TrainerInputs(TEXT, tokenizer, shape, config, "world"), control)


@pytest.fixture(scope="module")
def curves() -> dict[str, tuple[list[float], Trainer]]:
    """The losses of one process, and its trainer at the end."""
    runs = {name: trainer(shape) for name, shape in SHAPES.items()}
    return {name: (losses(run), run) for name, run in runs.items()}


def staying(ranks: Ranks) -> Staying:
    return Staying(ranks.number, ranks.count)


@pytest.mark.parametrize("name", SHAPES)
def test_the_loss_curve_is_that_of_one_process(
    ranks: Ranks, curves: dict[str, tuple[list[float], Trainer]], name: str
) -> None:
    expected, alone = curves[name]
    together = trainer(SHAPES[name], staying(ranks))
    found = losses(together)
    assert len(expected) >= 4
    assert found == pytest.approx(expected, rel=1e-5)
    for weight, other in zip(alone.model.parameters(), together.model.parameters(), strict=True):
        torch.testing.assert_close(weight, other, rtol=1e-3, atol=1e-4)


def suspended(shape: ModelConfig, ranks: SingleProcess | None = None, steps: int = 9) -> TrainState:
    """The state of a run after so many steps."""
    asked = itertools.count()
    run = trainer(shape, ranks, poll=lambda: "run" if next(asked) < steps else "suspend")
    list(run.run())
    return unpack(pack(run.state()))


@pytest.mark.parametrize("ranks", [2], indirect=True)
def test_the_state_is_that_of_one_process(ranks: Ranks) -> None:
    shape = SHAPES["groups, projection"]
    alone = suspended(shape)
    together = suspended(shape, staying(ranks))
    assert together.tensors.keys() == alone.tensors.keys()
    assert together.facts.keys() == alone.facts.keys()
    for name, tensor in alone.tensors.items():
        torch.testing.assert_close(together.tensors[name], tensor, rtol=1e-3, atol=1e-5)
    assert torch.equal(together.tensors["dice"], alone.tensors["dice"])


@pytest.mark.parametrize("ranks", [2], indirect=True)
def test_a_run_goes_on_in_the_same_processes_as_if_nothing_had_happened(ranks: Ranks) -> None:
    shape = SHAPES["groups, projection"]
    whole = trainer(shape, staying(ranks))
    again = trainer(shape, staying(ranks))
    expected = losses(whole)
    again.restore(suspended(shape, staying(ranks)))
    assert losses(again)[-2:] == expected[-2:]
    assert all(map(torch.equal, again.model.parameters(), whole.model.parameters()))


@pytest.mark.parametrize("ranks", [2], indirect=True)
def test_a_run_goes_on_in_another_number_of_processes(
    ranks: Ranks, curves: dict[str, tuple[list[float], Trainer]]
) -> None:
    shape = SHAPES["groups, projection"]
    expected, _ = curves["groups, projection"]
    fewer, more = trainer(shape), trainer(shape, staying(ranks))
    fewer.restore(suspended(shape, staying(ranks)))
    more.restore(suspended(shape))
    assert losses(fewer)[-2:] == pytest.approx(expected[-2:], rel=1e-5)
    assert losses(more)[-2:] == pytest.approx(expected[-2:], rel=1e-5)


@pytest.mark.parametrize("ranks", [2], indirect=True)
def test_all_of_them_go_back_when_the_numbers_explode(ranks: Ranks, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = SHAPES["groups, projection"]
    found = []
    for run in (trainer(shape), trainer(shape, staying(ranks))):
        steps = itertools.count(1)
        usual = run.model.loss_nats
        factors = (math.inf if 5 <= step < 8 else 1.0 for step in steps)

        def loss(*arguments, usual=usual, factors=factors) -> Tensor:  # type: ignore[no-untyped-def]
            return usual(*arguments) * (next(factors) if run.model.training else 1.0)  # noqa: B023

        monkeypatch.setattr(run.model, "loss_nats", loss)
        found.append(losses(run))
        assert run.state().facts["rate_scale"] == 0.5
    assert found[1] == pytest.approx(found[0], rel=1e-5)


@pytest.mark.parametrize("rows", [4, 5, 31])
def test_every_row_has_one_reader(rows: int) -> None:
    shares = [Ranks(number, 4).own_rows(rows) for number in range(4)]
    assert [row for share in shares for row in range(rows)[share]] == list(range(rows))
    sizes = [len(range(rows)[share]) for share in shares]
    assert max(sizes) - min(sizes) <= 1
