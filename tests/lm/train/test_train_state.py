"""A run that was killed and resumed ends with exactly the numbers of a run that nobody disturbed."""

import contextlib
import dataclasses
import hashlib
import itertools
import json
import random
import struct
from collections.abc import Callable

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import TrainingError
from rnntui.events import Evaluated, RunExtended, RunStarted, StepLogged, TrainEvent
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.step_clock import StepClock
from rnntui.lm.train.train_state import TrainState, pack, pack_later, unpack
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import CELL_NAMES, ModelConfig, TrainConfig
from tests.effort import examples

VERSES = ("The cat saw the dog.", "The dog saw the cat.", "A mouse heard the rain.", "The rain heard a mouse.")
TEXT = TrainingText(" ".join(VERSES) * 40, " ".join(VERSES) * 6)
CONFIG = TrainConfig(
    budget_seconds=8,
    rows=4,
    bptt_length=8,
    learning_rate=0.02,
    dropout=0.2,
    word_dropout=0.1,
    recurrent_dropout=0.2,
    seed=3,
)
KILL_POINTS = 20


class CountedClock:
    """Every look at it takes a quarter of a second, which adds up without rounding."""

    def __init__(self, now: float = 64.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 0.25
        return self.now


class UnevenClock:
    """A machine with other things to do: no two steps take the same time."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = self.dice.uniform(0.0, 1e6)

    def __call__(self) -> float:
        self.now += self.dice.uniform(0.05, 0.6)
        return self.now


def trainer(
    cell: str,
    layers: int = 1,
    config: TrainConfig = CONFIG,
    began: float = 64.0,
    step_clock: StepClock | None = None,
    control: Callable[[], str] = lambda: "run",
    longer: Callable[[int], float] = lambda _times: 0.0,
) -> Trainer:
    shape = ModelConfig(cell, 200, 16, 16, layers, True, 0)
    tokenizer = Tokenizer.train([TEXT.training], 300)
    run_control = RunControl(control, longer, CountedClock(began), step_clock)
    return Trainer(TrainerInputs(TEXT, tokenizer, shape, config, "small"), run_control)


def fingerprint(run: Trainer) -> str:
    """Of every tensor, and of every figure that was measured."""
    digest = hashlib.sha256()
    for name, tensor in sorted(run.state().tensors.items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    assert run.measured is not None
    digest.update(repr(dataclasses.replace(run.measured, seconds=0.0)).encode())
    return digest.hexdigest()


class Killed(Exception):
    """The process is gone."""


class Life:
    """A run from one start of the process to its kill: it records its times, and keeps its state now and then."""

    def __init__(self, number: int, cell: str, config: TrainConfig = CONFIG) -> None:
        self.dice, self.cell, self.config = random.Random(number), cell, config
        self.times: list[float] = []
        self.saved = b""
        self.lives = 0

    def start(self, steps: int) -> Trainer:
        """One life of so many steps, from what the one before has left."""
        self.lives += 1
        clock = UnevenClock(self.dice.randrange(1 << 30))
        step_clock = StepClock(clock, list(self.times), self._keep)
        run = trainer(self.cell, config=self.config, step_clock=step_clock, control=lambda: self._step(run))
        if self.saved:
            run.restore(unpack(self.saved))
        self.left = steps
        return run

    def _keep(self, number: int, seconds: float) -> None:
        assert number == len(self.times)
        self.times.append(seconds)

    def _step(self, run: Trainer) -> str:
        if self.left == 0:
            raise Killed
        self.left -= 1
        if self.dice.random() < 0.15:
            self.saved = pack(run.state())
        return "run"


@pytest.mark.parametrize("number", range(KILL_POINTS))
def test_a_run_killed_anywhere_equals_an_undisturbed_one_that_took_the_same_times(number: int) -> None:
    life = Life(number, CELL_NAMES[number % len(CELL_NAMES)])
    for _ in range(3):
        with contextlib.suppress(Killed):
            list(life.start(life.dice.randrange(1, 14)).run())
    resumed = life.start(10**6)
    list(resumed.run())
    undisturbed = trainer(life.cell, step_clock=StepClock(CountedClock(), life.times))
    list(undisturbed.run())
    assert life.lives == 4
    assert fingerprint(resumed) == fingerprint(undisturbed)
    assert (resumed.steps, resumed.seconds) == (undisturbed.steps, undisturbed.seconds)


def test_a_state_is_that_of_its_moment_however_long_its_bytes_take() -> None:
    run = trainer("lstm")
    events = run.run()
    moments: list[tuple[bytes, Callable[[], bytes]]] = []
    for _ in range(12):
        next(events)
        moments.append((pack(run.state()), pack_later(run.state())))
    assert run.steps > 4
    assert [later() for _, later in moments] == [data for data, _ in moments]
    assert len({data for data, _ in moments}) > 3


@pytest.mark.parametrize("number", range(3))
def test_a_run_in_bfloat16_killed_anywhere_equals_an_undisturbed_one(number: int) -> None:
    config = dataclasses.replace(CONFIG, arithmetic="bfloat16")
    life = Life(number, "lstm", config)
    for _ in range(3):
        with contextlib.suppress(Killed):
            list(life.start(life.dice.randrange(1, 14)).run())
    resumed = life.start(10**6)
    list(resumed.run())
    undisturbed = trainer("lstm", config=config, step_clock=StepClock(CountedClock(), life.times))
    exact = trainer("lstm", step_clock=StepClock(CountedClock(), life.times))
    for run in (undisturbed, exact):
        list(run.run())
    assert fingerprint(resumed) == fingerprint(undisturbed)
    assert fingerprint(resumed) != fingerprint(exact)


def test_more_time_is_more_steps_with_a_slower_fall_and_meets_a_resumed_run_at_the_same_place() -> None:
    def longer(times: int) -> float:
        return 4.0 if times > 12 else 0.0

    plain, run = trainer("gru"), trainer("gru", longer=longer)
    list(plain.run())
    events = list(run.run())
    (extended,) = [event for event in events if isinstance(event, RunExtended)]
    assert extended.budget_seconds == CONFIG.budget_seconds + 4
    assert run.steps == plain.steps + 16
    assert run.seconds == pytest.approx(plain.seconds + 4, abs=0.3)
    rates = [event.learning_rate for event in events if isinstance(event, StepLogged)]
    assert rates[-1] < 0.1 * max(rates)
    for points in (5, 11, 30):
        wishes = iter(["run"] * points)
        first = trainer("gru", longer=longer, control=lambda wishes=wishes: next(wishes, "suspend"))
        list(first.run())
        rest = trainer("gru", longer=longer)
        rest.restore(unpack(pack(first.state())))
        list(rest.run())
        assert fingerprint(rest) == fingerprint(run)


def test_suspending_ends_at_once_and_the_rest_is_done_another_time(undisturbed: dict[str, tuple[str, int]]) -> None:
    wishes = iter(["run"] * 9)
    run = trainer("gru", control=lambda: next(wishes, "suspend"))
    events = list(run.run())
    assert (run.reason, run.measured, run.steps) == ("interrupted", None, 9)
    assert not any(isinstance(event, Evaluated) and event.is_final for event in events)
    rest = trainer("gru")
    rest.restore(unpack(pack(run.state())))
    list(rest.run())
    assert fingerprint(rest) == undisturbed["gru"][0]


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, tuple[str, int]]:
    """By cell: the fingerprint at the end, and how many events there were."""
    found = {}
    for cell in CELL_NAMES:
        run = trainer(cell)
        events = list(run.run())
        found[cell] = fingerprint(run), len(events)
    return found


@pytest.mark.parametrize("number", range(6))
def test_killed_and_resumed_ends_with_the_same_numbers(number: int, undisturbed: dict[str, tuple[str, int]]) -> None:
    dice = random.Random(number)
    cell = CELL_NAMES[number % len(CELL_NAMES)]
    wanted, events = undisturbed[cell]
    points = sorted(dice.sample(range(1, events - 2), 2))
    run, began, saved = trainer(cell), 64.0, b""
    for before, after in itertools.pairwise([0, *points]):
        for at, _ in enumerate(itertools.islice(run.run(), after - before)):
            if at <= dice.randrange(after - before):  # what is done after the last checkpoint is lost
                saved = pack(run.state())
        began += dice.choice([0.0, 512.0])
        run = trainer(cell, began=began)
        if saved:
            run.restore(unpack(saved))
    list(run.run())
    assert fingerprint(run) == wanted


def test_two_layers_are_resumed_as_well() -> None:
    run = trainer("gru", layers=2)
    list(run.run())
    first = trainer("gru", layers=2)
    list(itertools.islice(first.run(), 5))
    second = trainer("gru", layers=2, began=999.0)
    second.restore(unpack(pack(first.state())))
    list(second.run())
    assert fingerprint(second) == fingerprint(run)


def test_a_resumed_run_does_not_start_again_and_its_steps_go_on() -> None:
    first = trainer("lstm")
    list(itertools.islice(first.run(), 6))
    second = trainer("lstm")
    second.restore(unpack(pack(first.state())))
    assert (second.steps, second.seconds) == (first.steps, first.seconds)
    events: list[TrainEvent] = list(second.run())
    assert not any(isinstance(event, RunStarted) for event in events)
    assert second.steps > first.steps


def test_asking_for_the_state_changes_nothing() -> None:
    plain, asked = trainer("lstm"), trainer("lstm")
    list(plain.run())
    for _ in asked.run():
        pack(asked.state())
    assert fingerprint(plain) == fingerprint(asked)


# ---- bytes are not trusted --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved() -> bytes:
    run = trainer("lstm")
    list(itertools.islice(run.run(), 6))
    return pack(run.state())


def test_packing_and_unpacking_are_inverses(saved: bytes) -> None:
    state = unpack(saved)
    assert pack(state) == saved


@settings(max_examples=examples(60), deadline=None)
@given(at=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_any_changed_byte_is_taken_over_or_refused_in_a_sentence(saved: bytes, at: int, byte: int) -> None:
    data = bytearray(saved)
    data[at % 4_000] = byte
    run = trainer("lstm")
    try:
        run.restore(unpack(bytes(data)))
    except TrainingError as problem:
        assert "damaged" in problem.sentence  # noqa: PT017  most changes are harmless numbers
    assert run.steps >= 0


def altered(saved: bytes, **changes: object) -> bytes:
    """The same state with other facts."""
    state = unpack(saved)
    return pack(TrainState(state.tensors, {**state.facts, **changes}))


def with_tensor(saved: bytes, name: str, tensor: torch.Tensor | None) -> bytes:
    state = unpack(saved)
    tensors = {key: value for key, value in state.tensors.items() if key != name}
    return pack(TrainState(tensors if tensor is None else {**tensors, name: tensor}, state.facts))


@pytest.mark.parametrize(
    "damage",
    [
        lambda saved: b"",
        lambda saved: b"x" * 100,
        lambda saved: saved[:-1],
        lambda saved: struct.pack("<Q", 1 << 62) + saved[8:],
        lambda saved: safetensors.torch.save({"a": torch.zeros(1)}),
        lambda saved: safetensors.torch.save({"a": torch.zeros(1)}, {"facts": "[" * 100_000}),
        lambda saved: safetensors.torch.save({"a": torch.zeros(1)}, {"facts": json.dumps({"format": 9})}),
        lambda saved: altered(saved, step="seven"),
        lambda saved: altered(saved, spent=None),
        lambda saved: altered(saved, evaluate_at=7),
        lambda saved: with_tensor(saved, "dice", None),
        lambda saved: with_tensor(saved, "model.embedding.weight", torch.zeros(2, 2)),
        lambda saved: with_tensor(saved, "carried.h", torch.full((1, 4, 16), float("nan"))),
        lambda saved: with_tensor(saved, "carried.h", torch.zeros(1, 4, 16, dtype=torch.float64)),
        lambda saved: with_tensor(saved, "more", torch.zeros(1)),
        lambda saved: altered(saved, averaged=3),
    ],
)
def test_a_damaged_state_is_refused_in_a_sentence(saved: bytes, damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TrainingError, match="damaged"):
        trainer("lstm").restore(unpack(damage(saved)))


def test_the_state_of_another_cell_is_refused(saved: bytes) -> None:
    with pytest.raises(TrainingError, match="of another run"):
        trainer("gru").restore(unpack(saved))
