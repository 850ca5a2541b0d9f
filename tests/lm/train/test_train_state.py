"""A run that was killed and resumed ends with exactly the numbers of a run that nobody disturbed."""

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import json
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import TrainingError
from rnntui.events import Evaluated, RunExtended, RunStarted, StepLogged, TrainEvent
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.budget import StepClock
from rnntui.lm.train.inputs import RunControl, TrainerInputs
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
POINTS = (1, 4, 8, 13, 19, 24, 28)
"""Events after which states are kept: before the first step, between steps, and while the best weights are measured."""


def some_of(count: int, usual: int) -> list[Any]:
    """Numbers of random walks; all but a few are for the night."""
    nightly = (pytest.param(number, marks=pytest.mark.nightly) for number in range(usual, count))
    return [*range(usual), *nightly]


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


@pytest.mark.parametrize("number", some_of(20, 6))
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


@pytest.mark.parametrize("number", some_of(3, 1))
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
    def extra_seconds(times: int) -> float:
        return 4.0 if times > 12 else 0.0

    def poll() -> str:
        if run.steps in (5, 11, 30):
            saved.append(pack(run.state()))
        return "run"

    saved: list[bytes] = []
    plain, run = trainer("gru"), trainer("gru", longer=extra_seconds, control=poll)
    list(plain.run())
    events = list(run.run())
    (extended,) = [event for event in events if isinstance(event, RunExtended)]
    assert extended.budget_seconds == CONFIG.budget_seconds + 4
    assert run.steps == plain.steps + 16
    assert run.seconds == pytest.approx(plain.seconds + 4, abs=0.3)
    rates = [event.learning_rate for event in events if isinstance(event, StepLogged)]
    assert rates[-1] < 0.1 * max(rates)
    assert len(saved) == 3
    for state in saved:
        assert fingerprint(resume("gru", state, longer=extra_seconds)) == fingerprint(run)


def resume(cell: str, saved: bytes, **choices: Any) -> Trainer:
    """A run that went on from a state to its end."""
    rest = trainer(cell, **choices)
    rest.restore(unpack(saved))
    list(rest.run())
    return rest


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody disturbed."""

    fingerprint: str
    saved: dict[int, bytes]
    """States after so many events."""
    steps: int


@pytest.fixture(scope="module")
def undisturbed() -> Callable[[str], Undisturbed]:
    """By cell."""

    @functools.cache
    def whole_run(cell: str) -> Undisturbed:
        run = trainer(cell)
        saved = {at: pack(run.state()) for at, _ in enumerate(run.run(), 1) if at in POINTS}
        return Undisturbed(fingerprint(run), saved, run.steps)

    return whole_run


def test_suspending_ends_at_once_and_the_rest_is_done_another_time(undisturbed: Callable[[str], Undisturbed]) -> None:
    wishes = iter(["run"] * 9)
    run = trainer("gru", control=lambda: next(wishes, "suspend"))
    events = list(run.run())
    assert (run.reason, run.measured, run.steps) == ("interrupted", None, 9)
    assert not any(isinstance(event, Evaluated) and event.is_final for event in events)
    assert fingerprint(resume("gru", pack(run.state()))) == undisturbed("gru").fingerprint


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_killed_anywhere_and_resumed_ends_with_the_same_numbers(
    cell: str, undisturbed: Callable[[str], Undisturbed]
) -> None:
    whole = undisturbed(cell)
    assert tuple(whole.saved) == POINTS
    for at, saved in whole.saved.items():
        rest = resume(cell, saved, began=random.Random(at).choice([64.0, 576.0]))
        assert fingerprint(rest) == whole.fingerprint, f"after {at} events"
        assert rest.steps == whole.steps


def test_two_layers_are_resumed_as_well() -> None:
    run = trainer("gru", layers=2)
    saved = [pack(run.state()) for at, _ in enumerate(run.run(), 1) if at == 5]
    assert fingerprint(resume("gru", saved[0], layers=2, began=999.0)) == fingerprint(run)


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
