"""Learning, measuring and speaking on a graphics card that is not there: nothing of the processor is left behind."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from rnntui.events import Evaluated, TrainEvent
from rnntui.lm.evaluation import mean_nats, measure, text_log_probabilities
from rnntui.lm.generator import Generator, Step
from rnntui.lm.hardware.devices import CPU
from rnntui.lm.mix.mixture import Gates, starting_gate
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, LoadedModel, pack_counts, sha256, unpack
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Streams
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.regularization import Regularization
from rnntui.lm.train.train_state import pack
from rnntui.lm.train.train_state import unpack as unpack_state
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import CELL_NAMES, ModelConfig, SamplerSettings, TrainConfig
from tests.lm.train.test_train_state import CONFIG, trainer
from tests.pretended_device import MixedDevices, pretended
from tests.small_models import TEXT, small_model

CARDS = ("cuda", "mps")
SHAPES = {
    "plain": ModelConfig("lstm", 300, 16, 16, 1, True, 0),
    "groups": ModelConfig("lstm", 300, 16, 16, 2, True, 40),
    "projection": ModelConfig("lstm", 300, 12, 16, 1, True, 40),
    "output of its own": ModelConfig("lstm", 300, 12, 16, 1, False, 40),
}
every_cell = pytest.mark.parametrize("cell", CELL_NAMES)


@pytest.fixture(params=CARDS)
def card(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """A device on which everything inside the test that asks for one computes."""
    with pretended(request.param) as device:
        monkeypatch.setattr("rnntui.lm.train.trainer.open_device", lambda name: CPU if name == "cpu" else device)
        yield device


def learned(
    shape: ModelConfig, device: torch.device, config: TrainConfig, steps: int = 3
) -> tuple[WordRNN, list[float]]:
    """A network after a few steps, and what each step came to."""
    dice = torch.Generator().manual_seed(1)
    model = WordRNN(shape, shape.vocabulary_limit)
    model.initialise(dice)
    learner, state, losses = Learner(model.to(device), config, dice), None, []
    batches = Streams(torch.arange(shape.vocabulary_limit), config.rows, config.bptt_length).batches()
    for _ in range(steps):
        step = learner.step(next(batches), state, config.learning_rate)
        assert step is not None
        state = step.state
        losses += [float(step.loss), step.norm]
    return model, losses


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@every_cell
def test_steps_of_learning_are_those_of_the_processor(card: torch.device, shape: ModelConfig, cell: str) -> None:
    config = dataclasses.replace(CONFIG, device=card.type)
    shape = dataclasses.replace(shape, cell=cell)
    model, figures = learned(shape, card, config)
    _, expected = learned(shape, CPU, config)
    assert all(weight.device == card for weight in model.parameters())
    assert figures == pytest.approx(expected, rel=1e-4)  # the same numbers are silenced


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_steps_in_bfloat16_are_those_of_the_processor_but_for_rounding(card: torch.device, shape: ModelConfig) -> None:
    config = dataclasses.replace(CONFIG, arithmetic="bfloat16", dropout=0.2, word_dropout=0.1, recurrent_dropout=0.2)
    model, figures = learned(shape, card, config)
    _, expected = learned(shape, CPU, config)
    assert figures == pytest.approx(expected, rel=1e-2)
    assert all(weight.device == card and weight.dtype == torch.float32 for weight in model.parameters())


@every_cell
def test_a_text_is_measured_as_on_the_processor(card: torch.device, cell: str) -> None:
    loaded, expected = speaking_model(cell), speaking_model(cell)
    loaded.model.to(card)
    measured, other = (measure(one.model, one.tokenizer, TEXT, one.mixture) for one in (loaded, expected))
    ids = torch.tensor(loaded.tokenizer.encode(TEXT))
    assert measured.nats == pytest.approx(other.nats, rel=1e-5)
    assert measured.mixture_nats == pytest.approx(other.mixture_nats, rel=1e-5)
    assert mean_nats(loaded.model, ids, 4) == pytest.approx(mean_nats(expected.model, ids, 4), rel=1e-5)
    assert text_log_probabilities(loaded.model, ids).device == CPU


def speaking_model(cell: str) -> LoadedModel:
    """A small model with the counts of its text."""
    model_card, weights, vocabulary = small_model(cell=cell)
    tokenizer = Tokenizer.from_bytes(vocabulary)
    counts = pack_counts(torch.tensor(tokenizer.encode(TEXT)), Gates(starting_gate(COUNTED_ORDER)), len(tokenizer))
    return unpack(dataclasses.replace(model_card, counts_sha256=sha256(counts)), weights, vocabulary, counts)


def speaker(cell: str, device: torch.device) -> Generator:
    loaded = speaking_model(cell)
    loaded.model.to(device)
    return Generator(loaded.model, loaded.tokenizer, loaded.mixture, Lexicon.of(loaded.counted_ids, loaded.tokenizer))


@every_cell
def test_the_same_words_are_said_as_on_the_processor(card: torch.device, cell: str) -> None:
    settings = SamplerSettings(temperature=1.3, top_p=0.95, max_words=8, stop="words", repetition_penalty=1.2)

    def said(generator: Generator) -> tuple[list[float], list[Step]]:
        scores = generator.feed(generator.tokenizer.encode("The cat saw a mouse"))
        return scores, [step for step, _ in generator.generate(lambda: settings, 7, alternatives=5)]

    (scores, steps), (expected_scores, expected) = (said(speaker(cell, device)) for device in (card, CPU))
    assert [step.token_id for step in steps] == [step.token_id for step in expected]
    assert scores == pytest.approx(expected_scores, abs=1e-4)
    assert {step.memory.state.device for step in steps} == {CPU}


def test_a_memory_goes_from_one_device_to_another(card: torch.device) -> None:
    there, here = speaker("lstm", card), speaker("lstm", CPU)
    there.feed(there.tokenizer.encode("The cat saw a mouse"))
    state = HiddenState.from_bytes(there.memory.state.to_bytes(), here.model.config)
    assert state.top_units() == there.memory.state.top_units()
    for generator in (there, here):
        generator.memory = generator.state_from(state, 5, ())
    words = [generator.sample(SamplerSettings(), 3).token_id for generator in (there, here)]
    assert words[0] == words[1]


def on_device(name: str) -> TrainConfig:
    return dataclasses.replace(CONFIG, device=name)


def whole_run(run: Trainer) -> list[TrainEvent]:
    return list(run.run())


@pytest.mark.parametrize("card", CARDS[:1], indirect=True)
def test_a_whole_run_is_made_on_the_device(card: torch.device) -> None:
    run, expected = trainer("lstm", config=on_device(card.type)), trainer("lstm")
    events, others = whole_run(run), whole_run(expected)
    assert [type(event) for event in events] == [type(event) for event in others]
    last, other = (
        next(event for event in found if isinstance(event, Evaluated) and event.is_final) for found in (events, others)
    )
    assert last.bits_per_character == pytest.approx(other.bits_per_character, rel=1e-2)
    assert all(weight.device == CPU for weight in run.best_weights().values())


@pytest.mark.parametrize("devices", [("card", "cpu"), ("cpu", "card")], ids="-".join)
def test_a_run_goes_on_elsewhere(card: torch.device, devices: tuple[str, str]) -> None:
    names = [card.type if name == "card" else name for name in devices]
    looks = 0

    def control() -> str:
        nonlocal looks
        looks += 1
        return "suspend" if looks == 12 else "run"

    before = trainer("lstm", config=on_device(names[0]), control=control)
    whole_run(before)
    state = unpack_state(pack(before.state()))
    after = trainer("lstm", config=on_device(names[1]))
    after.restore(state)
    assert {weight.device.type for weight in after.model.parameters()} == {names[1]}
    events = whole_run(after)
    assert after.steps > before.steps
    assert isinstance(events[-1], Evaluated)


def left_behind(silencing: Regularization, values: Tensor) -> Tensor:
    return values * torch.ones(1, *values.shape[1:])


def test_a_mask_that_stays_on_the_processor_is_refused(card: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Regularization, "locked_dropout", left_behind)
    learned(SHAPES["plain"], CPU, on_device("cpu"))
    with pytest.raises(MixedDevices):
        learned(SHAPES["plain"], card, on_device(card.type))


class _GradientLeftBehind(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, values: Tensor) -> Tensor:
        return values.clone()

    @staticmethod
    def backward(ctx: object, *above: Tensor) -> Tensor:
        return above[0] * torch.ones(above[0].shape)


def test_a_gradient_that_meets_the_processor_is_refused(card: torch.device) -> None:
    weight = torch.ones(3, device=card, requires_grad=True)
    said = _GradientLeftBehind.apply(weight).sum()
    with pytest.raises(MixedDevices):
        said.backward()


STRAYS: dict[str, Callable[[Tensor], object]] = {
    "a sum": lambda there: there + torch.ones(3),
    "an index": lambda there: there[torch.tensor([0, 1])],
    "a place": lambda there: torch.searchsorted(there, torch.tensor(0.5)),
    "something side by side": lambda there: torch.cat((there, torch.ones(1))),
    "something on top": lambda there: torch.stack((there, torch.ones(3))),
    "dice of the processor": lambda there: there.bernoulli_(0.5, generator=torch.Generator()),
}


@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
def test_what_pytorch_refuses_is_refused(card: torch.device, stray: Callable[[Tensor], object]) -> None:
    with pytest.raises(MixedDevices):
        stray(torch.ones(3, device=card))


def test_a_number_of_the_processor_may_be_used(card: torch.device) -> None:
    there = torch.ones(3, device=card)
    assert (there * torch.tensor(2.0)).device == card
    assert there.new_tensor([1.0]).device == card
    assert torch.zeros_like(there).device == card
    assert there.view(1, 3)[0, 1:].device == card
    assert there.cpu().device == there.to("cpu").device == CPU
    assert (there.cpu() + torch.ones(3)).tolist() == [2.0, 2.0, 2.0]


def test_numpy_cannot_read_a_card(card: torch.device) -> None:
    with pytest.raises(TypeError, match=r"Tensor\.cpu"):
        torch.ones(3, device=card).numpy()


def test_an_apple_card_has_no_double_precision() -> None:
    with pretended("mps") as device, pytest.raises(TypeError, match="float64"):
        torch.ones(3, device=device).double()
