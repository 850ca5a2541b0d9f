"""How fast does this machine train, and in which way? A few steps of the real thing on made-up tokens.

Ways to train are candidates: each learns the same words from the same weights, in turns, so that all meet the same
machine. Knows nothing of texts.
"""

import contextlib
import dataclasses
import functools
import math
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.hardware.devices import is_out_of_memory, open_device
from rnntui.lm.hardware.follower import begin_together
from rnntui.lm.hardware.ranks import SingleProcess
from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.planner import REFERENCE, REFERENCE_BATCH_SIZE
from rnntui.settings import ARITHMETICS, ModelConfig, TrainConfig

_STEPS = 64
"""Time steps through which the gradient flows back."""
_FEWEST_STEPS = 3
_RATE = 4e-3
_SMALL_VOCABULARY, _SMALL_WIDTH, _SMALL_ROWS, _SMALL_STEPS = 512, 64, 8, 16
_PRODUCT_SIZE, _PRODUCTS = 384, 5
_STEPS_ALIKE = 100
_CHAINED = 0.8
_ALIKE = 0.01
"""At no step may losses be further apart, as a share. Rounding brings them .0007 apart, a gate that is wrong .07."""
_CLEARLY = 1.05
"""So many times as fast as those before it a candidate has to be: less may be chance."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to train. The fields are those of TrainConfig that change how fast a step is, and not what it learns."""

    threads: int = 0
    """Processor threads; 0 for as many as torch has now."""
    arithmetic: str = "float32"
    device: str = "cpu"
    processes: int = 1
    """That learn together; more than one only where `trial_steps` is given them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate that was tried."""

    candidate: Candidate
    words_per_second: float


@functools.cache
def multiplies_faster(arithmetic: str) -> bool:
    """Whether one product is faster in another arithmetic: where it is not, a whole step may take a hundred times."""
    seconds = []
    for dtype in (torch.float32, getattr(torch, arithmetic)):
        matrix = torch.ones(_PRODUCT_SIZE, _PRODUCT_SIZE, dtype=dtype)
        taken = []
        for _ in range(_PRODUCTS):
            began = time.perf_counter()
            torch.mm(matrix, matrix)
            taken.append(time.perf_counter() - began)
        seconds.append(min(taken))
    return seconds[0] > _CLEARLY * seconds[1]


def arithmetics(device: str) -> tuple[str, ...]:
    """Those that may be fast, the surest first: bfloat16 on a processor that multiplies it faster, or with CUDA."""
    is_offered = multiplies_faster("bfloat16") if device == "cpu" else device == "cuda"
    return ARITHMETICS if is_offered else ARITHMETICS[:1]


def speed_steps(seconds: float = 2.0, clock: Callable[[], float] = time.monotonic) -> Generator[float, None, float]:
    """Words per second at which the planner's reference shape trains here, in its rows, with the threads torch has now.

    Args:
        seconds: How long to try; at least three steps are taken. Yields the share of it that is over.
        clock: Seconds that only rise.
    """
    (trial,) = yield from trial_steps((Candidate(),), seconds=seconds, clock=clock)
    return trial.words_per_second


def trial_steps(
    candidates: Sequence[Candidate],
    shape: ModelConfig = REFERENCE,
    rows: int = REFERENCE_BATCH_SIZE,
    seconds: float = 2.0,
    clock: Callable[[], float] = time.monotonic,
    ranks: SingleProcess | None = None,
) -> Generator[float, None, tuple[Trial, ...]]:
    """How fast a shape trains here in each of several ways.

    Args:
        candidates: The ways, at least one; they take turns, step by step.
        shape: Of the network.
        rows: Batch size.
        seconds: How long to try all together; each takes at least three steps. Yields the share of it that is over.
        clock: Seconds that only rise.
        ranks: The processes of the candidates with more than one; at most one candidate can have them.
    """
    words = made_up_tokens(shape.vocabulary_limit, rows)
    places = [SingleProcess() if candidate.processes == 1 else ranks or SingleProcess() for candidate in candidates]
    learners = [_learner(candidate, shape, rows, place) for candidate, place in zip(candidates, places, strict=True)]
    taken: list[list[float]] = [[] for _ in candidates]
    ended = clock() + seconds
    with keep_freed_memory():
        while len(taken[-1]) < _FEWEST_STEPS or clock() < ended:
            for candidate, learner, place, times in zip(candidates, learners, places, taken, strict=True):
                with _threads(candidate.threads):
                    began = clock()
                    place.announce_step(words, _RATE)
                    has_stepped = _has_stepped(learner, words)
                    taken_now = clock() - began
                    times.append(taken_now if has_stepped else math.inf)
                yield 1.0 - max(0.0, ended - clock()) / max(seconds, 1e-9)
    middle = (max(statistics.median(times[1:]), 1e-9) for times in taken)
    return tuple(Trial(*pair) for pair in zip(candidates, (rows * _STEPS / step for step in middle), strict=True))


def best_trial_steps(
    trials: Sequence[Trial], shape: ModelConfig, clock: Callable[[], float] = time.monotonic
) -> Generator[float, None, Trial]:
    """The fastest of some trials whose way learns as the first one does; yields what share of the looking is over.

    Args:
        trials: Of one shape, the surest way first.
        shape: Of the network that shall be trained.
        clock: Seconds that only rise.
    """
    left = list(trials)
    while (best := fastest(left)) is not trials[0]:
        if (yield from _learn_alike(trials[0].candidate, best.candidate, shape)):
            break
        left.remove(best)
    return best


def fastest(trials: Sequence[Trial]) -> Trial:
    """The trial to go by: an earlier one unless a later one is clearly faster."""
    best = trials[0]
    for trial in trials[1:]:
        if trial.words_per_second > _CLEARLY * best.words_per_second:
            best = trial
    return best


def _learn_alike(one: Candidate, other: Candidate, shape: ModelConfig) -> Generator[float, None, bool]:
    """Whether a small network of the same kind comes to the same loss in a hundred steps, whichever way it learns."""
    small = dataclasses.replace(
        shape,
        vocabulary_limit=_SMALL_VOCABULARY,
        hidden_size=min(_SMALL_WIDTH, shape.hidden_size),
        embedding_size=min(_SMALL_WIDTH, shape.embedding_size),
        softmax_head=min(_SMALL_VOCABULARY // 8, shape.softmax_head),
    )
    words = _chained_words(small.vocabulary_limit, _SMALL_ROWS, _SMALL_STEPS * _STEPS_ALIKE)
    learners = [_learner(candidate, small, _SMALL_ROWS, SingleProcess()) for candidate in (one, other)]
    for step in range(_STEPS_ALIKE):
        window = slice(step * _SMALL_STEPS, (step + 1) * _SMALL_STEPS)
        batch = Batch(words[:-1][window], words[1:][window], 0)
        learned = [learner.step(batch, None, _RATE) for learner in learners]
        losses = [float(each.loss) if each else math.inf for each in learned]
        if not abs(losses[1] - losses[0]) <= _ALIKE * losses[0]:
            return False
        yield (step + 1) / _STEPS_ALIKE
    return True


def made_up_tokens(vocabulary_size: int, rows: int, steps: int = _STEPS) -> Batch:
    """Words of a language: the n-th most frequent one is n times as rare as the first.  Source: Zipf 1949."""
    rng = torch.Generator().manual_seed(0)
    frequencies = 1.0 / (10.0 + torch.arange(vocabulary_size))
    words = torch.multinomial(frequencies, (steps + 1) * rows, replacement=True, generator=rng)
    words = words.view(steps + 1, rows)
    return Batch(words[:-1], words[1:], 0)


def _chained_words(vocabulary_size: int, rows: int, steps: int) -> Tensor:
    """The same, but most words follow from the one before, so that there is something to remember."""
    batch = made_up_tokens(vocabulary_size, rows, steps)
    words = torch.cat((batch.inputs, batch.targets[-1:]))
    follows = torch.rand(words.shape, generator=torch.Generator().manual_seed(1)) < _CHAINED
    for step in range(steps):
        words[step + 1] = torch.where(follows[step], (3 * words[step] + 1) % vocabulary_size, words[step + 1])
    return words


def _learner(candidate: Candidate, shape: ModelConfig, rows: int, ranks: SingleProcess) -> Learner:
    rng = torch.Generator().manual_seed(0)
    model = WordRNN(shape, shape.vocabulary_limit)
    model.initialise(rng)
    config = TrainConfig(rows=rows, dropout=0.0, **dataclasses.asdict(candidate))
    learner = Learner(model.to(open_device(candidate.device)), config, rng, ranks)
    begin_together(learner)
    return learner


def _has_stepped(learner: Learner, words: Batch) -> bool:
    """Take a step; False where memory is too full for it."""
    try:
        learner.step(words, None, _RATE)
    except RuntimeError as problem:
        if not is_out_of_memory(problem):
            raise
        return False
    return True


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """So many threads for a moment; 0 leaves them."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
