"""The training loop on a clock of our own: order of events, budget, pauses, divergence, and that it learns."""

import contextlib
import dataclasses
import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from rnntui.errors import TrainingError
from rnntui.events import (
    Evaluated,
    Measuring,
    RunPaused,
    RunResumed,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TrainEvent,
    to_json,
)
from rnntui.lm.evaluation import mean_nats, measure
from rnntui.lm.mix.mixture_fit import fit_mixture, spread
from rnntui.lm.mix.ngram import baseline_nats
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.model_file import round_to_half
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.splitting import split
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.budget import learning_rate_share
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.learner import Learned, Learner
from rnntui.lm.train.train_state import TrainState, pack, unpack
from rnntui.lm.train.trainer import Trainer
from rnntui.lm.train.validation import SampleWriter
from rnntui.settings import CELL_NAMES, ModelConfig, TrainConfig

VERSES = ("The cat saw the dog.", "The dog saw the cat.", "A mouse heard the rain.", "The rain heard a mouse.")
TEXT = TrainingText(" ".join(VERSES) * 40, " ".join(VERSES) * 4, ("small.txt: It was wet.",))
SMALL = ModelConfig("lstm", 200, 16, 16, 1, True, 0)
QUICK = TrainConfig(budget_seconds=20, rows=4, bptt_length=8, learning_rate=0.02, dropout=0.1, seed=3)
SHORT = dataclasses.replace(QUICK, budget_seconds=8)


class Clock:
    """Every look at it takes a fifth of a second; the trainer looks once a step."""

    def __init__(self, tick: float = 0.2) -> None:
        self.now, self.tick = 1_000.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def trainer(
    config: TrainConfig = QUICK,
    shape: ModelConfig = SMALL,
    text: TrainingText = TEXT,
    control: Callable[[], str] = lambda: "run",
    clock: Callable[[], float] | None = None,
    weights: dict[str, Tensor] | None = None,
    began: float | None = None,
) -> Trainer:
    tokenizer = Tokenizer.train([text.training], 300)
    run_control = RunControl(control, clock=clock or Clock(), began=began)
    return Trainer(TrainerInputs(text, tokenizer, shape, config, "small", weights), run_control)


def after(count: int, wish: str) -> Callable[[], str]:
    """A control that says "run" so many times and then something else for ever."""
    asked = itertools.count()
    return lambda: "run" if next(asked) < count else wish


def as_saved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: round_to_half(weight) for name, weight in weights.items()}


def kinds(events: list[TrainEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def weights_of(run: Trainer) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in run.model.state_dict().items()}


def same_weights(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def finished() -> tuple[Trainer, list[TrainEvent]]:
    run = trainer()
    return run, list(run.run())


# ---- passes that end a run before its time ------------------------------------------------------------------------


def test_a_run_whose_text_was_read_often_enough_has_had_its_whole_schedule() -> None:
    whole = trainer(QUICK)
    whole_run = list(whole.run())
    most = whole.passes / 3
    run = trainer(dataclasses.replace(QUICK, most_passes=most))
    events = list(run.run())
    steps = [event for event in events if isinstance(event, StepLogged)]
    assert run.passes == pytest.approx(most, rel=0.1)
    assert run.reason == "budget"
    assert steps[-1].fraction == 1.0
    assert steps[-1].learning_rate < 0.1 * QUICK.learning_rate
    assert sum(isinstance(event, Evaluated) for event in events) == sum(
        isinstance(event, Evaluated) for event in whole_run
    )
    half = next(event for event in steps if event.fraction >= 0.5)
    assert half.eta_seconds - run._budget.finish_seconds == pytest.approx(run.seconds / 2, rel=0.3)


def test_passes_that_are_never_reached_change_nothing() -> None:
    one, other = trainer(SHORT), trainer(dataclasses.replace(SHORT, most_passes=1e6))
    assert kinds(list(one.run())) == kinds(list(other.run()))
    assert same_weights(one.best_weights(), other.best_weights())


# ---- events -----------------------------------------------------------------------------------------------------


def test_a_run_tells_its_story_in_order(finished: tuple[Trainer, list[TrainEvent]]) -> None:
    _, events = finished
    names = kinds(events)
    assert names[0] == "RunStarted"
    assert names.count("RunStarted") == 1
    assert [name for name in names if name != "Measuring"][-3:] == ["Evaluated", "SampleDrawn", "Evaluated"]
    assert set(names) == {"RunStarted", "StepLogged", "Evaluated", "SampleDrawn", "Measuring"}
    for before, event in itertools.pairwise(events):
        if isinstance(event, SampleDrawn):
            assert isinstance(before, Evaluated)
    assert [event.is_final for event in events if isinstance(event, Evaluated)].count(True) == 1


def test_the_start_says_what_will_be_trained(finished: tuple[Trainer, list[TrainEvent]]) -> None:
    run, (started, *_) = finished
    assert isinstance(started, RunStarted)
    assert (started.name, started.cell, started.hidden_size, started.layers) == ("small", "lstm", 16, 1)
    assert started.training_words == run.data.training.numel()
    assert started.parameters == sum(weight.numel() for weight in run.model.parameters())
    assert (started.seed, started.threads, started.budget_seconds) == (3, 1, 20)
    assert started.notes == TEXT.notes


def test_progress_never_goes_back(finished: tuple[Trainer, list[TrainEvent]]) -> None:
    run, events = finished
    logged = [event for event in events if isinstance(event, StepLogged)]
    assert len(logged) > 10
    for name in ("step", "words", "seconds", "passes", "fraction"):
        values = [getattr(event, name) for event in logged]
        assert values == sorted(values)
    assert logged[-1].fraction == 1.0
    measuring = logged[-1].eta_seconds
    assert 0 < measuring < 5
    assert logged[0].eta_seconds == pytest.approx(QUICK.budget_seconds - logged[0].seconds, abs=0.01)
    assert logged[-1].step == run.steps
    assert logged[-1].words == run.steps * QUICK.rows * QUICK.bptt_length
    assert run.passes == pytest.approx(logged[-1].words / run.data.training.numel())
    assert all(event.loss_nats > 0 and event.gradient_norm > 0 for event in logged)


def test_reports_come_about_once_a_second(finished: tuple[Trainer, list[TrainEvent]]) -> None:
    seconds = [event.seconds for event in finished[1] if isinstance(event, StepLogged)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(seconds[:-1])]
    assert all(1.0 - 1e-6 <= gap < 1.5 for gap in gaps)


def test_samples_begin_with_the_same_words_and_fit_in_a_line(finished: tuple[Trainer, list[TrainEvent]]) -> None:
    samples = [event for event in finished[1] if isinstance(event, SampleDrawn)]
    assert len(samples) > 5
    assert {sample.prompt for sample in samples} == {"The cat saw the dog"}  # and there the sentence pauses
    assert all(sample.text for sample in samples)
    known = "|".join(map(re.escape, {*split(TEXT.training), *split(TEXT.validation)}))
    assert all(re.fullmatch(f"(?:{known})*", sample.text) for sample in samples), "a word was invented"


def test_every_event_can_be_written_down(finished: tuple[Trainer, list[TrainEvent]]) -> None:
    assert all(to_json(event) for event in finished[1])


# ---- budget and schedule ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [1.0, 12.0])
def test_a_run_ends_with_its_budget(budget: float) -> None:
    run = trainer(dataclasses.replace(QUICK, budget_seconds=budget))
    events = list(run.run())
    assert run.reason == "budget"
    assert budget <= run.seconds < budget + 0.5
    assert isinstance(events[-1], Evaluated)


def test_the_learning_rate_rises_and_falls_to_zero_with_the_budget(
    finished: tuple[Trainer, list[TrainEvent]],
) -> None:
    logged = [event for event in finished[1] if isinstance(event, StepLogged)]
    rates = [event.learning_rate for event in logged[1:]]
    assert rates == sorted(rates, reverse=True)
    assert logged[0].learning_rate > 0.9 * QUICK.learning_rate
    assert logged[-1].learning_rate < 0.02 * QUICK.learning_rate
    for event in logged[1:-1]:
        line = QUICK.learning_rate * (1 - event.fraction) / 0.98
        assert event.learning_rate == pytest.approx(line, abs=0.02 * QUICK.learning_rate)


def test_the_schedule_is_a_quick_rise_and_a_line_to_zero() -> None:
    values = [learning_rate_share(at / 1_000) for at in range(1_001)]
    assert all(0 < value <= 1 for value in values[:-1])
    assert values[-1] == 0
    assert learning_rate_share(1.5) == 0
    top = values.index(max(values))
    assert top == 20
    assert values[:top] == sorted(values[:top])
    assert values[top:] == sorted(values[top:], reverse=True)


# ---- control ----------------------------------------------------------------------------------------------------


def test_stopping_keeps_the_best_weights() -> None:
    run = trainer(control=after(60, "stop"))
    best: list[dict[str, Tensor]] = []
    figures: list[float] = []
    for event in run.run():
        if isinstance(event, Evaluated) and event.is_best and not event.is_final:
            best.append(run.best_weights())
            figures.append(event.loss_nats)
    assert run.reason == "stopped"
    assert run.steps == 60
    assert same_weights(weights_of(run), as_saved(best[-1]))
    assert figures == sorted(figures, reverse=True)
    assert run.measured is not None
    assert run.measured.words > 0


def test_stopping_at_once_still_makes_a_model() -> None:
    run = trainer(control=after(0, "stop"))
    events = list(run.run())
    told = [name for name in kinds(events) if name != "Measuring"]
    assert told == ["RunStarted", "Evaluated", "SampleDrawn", "Evaluated"]
    assert all(event.is_stopped for event in events if isinstance(event, Measuring))
    assert (run.reason, run.steps) == ("stopped", 0)
    assert same_weights(weights_of(run), run.best_weights())


def test_what_is_done_after_the_last_step_is_named_and_takes_its_time_from_the_run() -> None:
    clock = Clock()
    run = trainer(clock=clock, began=clock.now - 7.0)
    events = list(run.run())
    after_last = events[max(at for at, event in enumerate(events) if isinstance(event, StepLogged)) :]
    measuring = [event for event in after_last if isinstance(event, Measuring)]
    assert [name for name in kinds(after_last)[:2]] == ["StepLogged", "Measuring"], "stopping is told before it works"
    assert len({event.what for event in measuring}) == 4
    assert any(event.fraction == 1.0 for event in measuring)
    assert not any(event.is_stopped for event in measuring)
    seconds = [event.seconds for event in events if isinstance(event, StepLogged | Evaluated | SampleDrawn | Measuring)]
    assert seconds == sorted(seconds), "one clock from preparing to the last figure"
    assert seconds[0] > 7.0
    assert seconds[-1] == pytest.approx(run.all_seconds, abs=1.0)
    assert measuring[0].seconds == pytest.approx(7.0 + run.seconds, abs=1.0)


def test_a_run_that_goes_on_keeps_the_clock_that_it_began_with() -> None:
    clock = Clock()
    run = trainer(clock=clock, began=clock.now - 7.0)
    events = run.run()
    while not isinstance(next(events), StepLogged):
        pass
    again = trainer()
    again.restore(run.state())
    assert again.state().facts["prepared_seconds"] == pytest.approx(7.2)
    assert again.all_seconds == run.all_seconds
    facts = {name: value for name, value in run.state().facts.items() if name != "prepared_seconds"}
    again.restore(TrainState(run.state().tensors, facts))
    assert again.state().facts["prepared_seconds"] == 0.0, "a state of an earlier version did not keep it"


def test_worse_weights_at_the_end_do_not_replace_the_best() -> None:
    run = trainer()
    events = run.run()
    kept: dict[str, Tensor] = {}
    for event in events:
        if isinstance(event, Evaluated) and event.is_best and not event.is_final:
            kept = run.best_weights()
            if event.seconds > 10:
                break
    with torch.no_grad():
        run.model.output_bias.copy_(torch.linspace(-30, 30, run.model.vocabulary_size))
    run._budget.training_seconds = run.seconds
    rest = [event for event in events if isinstance(event, Evaluated)]
    assert [event.is_best for event in rest] == [False, True]
    assert same_weights(weights_of(run), as_saved(kept))
    assert rest[-1].loss_nats < rest[0].loss_nats


class Pausing:
    """A control that asks for a pause once, for some looks; while it lasts the clock runs on."""

    def __init__(self, at: int, looks: int) -> None:
        self.asked, self.at, self.looks = 0, at, looks

    def __call__(self) -> str:
        self.asked += 1
        return "pause" if self.at <= self.asked < self.at + self.looks else "run"


def test_a_pause_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("rnntui.lm.train.loop.time.sleep", lambda seconds: setattr(clock, "now", clock.now + 500.0))
    run, reference = trainer(SHORT, control=Pausing(20, 20), clock=clock), trainer(SHORT)
    events = []
    for event in run.run():
        events.append(event)
        if isinstance(event, (RunPaused, RunResumed)):
            clock.now += 5_000.0  # whoever watches takes their time
    expected = list(reference.run())
    assert clock.now > 10_000
    assert run.seconds == pytest.approx(reference.seconds, abs=0.5)
    assert run.steps == pytest.approx(reference.steps, abs=3)
    names = kinds(events)
    assert names.count("RunPaused") == names.count("RunResumed") == 1
    assert names.index("RunResumed") == names.index("RunPaused") + 1
    assert [name for name in names if name not in {"RunPaused", "RunResumed"}][:8] == kinds(expected)[:8]


def test_a_paused_run_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnntui.lm.train.loop.time.sleep", lambda seconds: None)
    wishes = iter(["run"] * 5 + ["pause"] * 4)
    run = trainer(control=lambda: next(wishes, "stop"))
    names = kinds(list(run.run()))
    at = names.index("RunPaused")
    assert names[at + 1] == "RunResumed"
    assert "StepLogged" not in names[at:-4]
    assert (run.reason, run.steps) == ("stopped", 5)


# ---- repeatable -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_the_same_seed_gives_the_same_run(cell: str) -> None:
    config = dataclasses.replace(QUICK, budget_seconds=4, dropout=0.3)
    shape = dataclasses.replace(SMALL, cell=cell, softmax_head=8)
    first, again = trainer(config, shape), trainer(config, shape)
    events = list(first.run())
    torch.rand(3)  # randomness elsewhere is none of ours
    assert list(again.run()) == events
    assert same_weights(weights_of(first), weights_of(again))


def test_another_seed_gives_another_run() -> None:
    config = dataclasses.replace(QUICK, budget_seconds=3)
    first, other = (trainer(dataclasses.replace(config, seed=seed)) for seed in (1, 2))
    assert list(first.run()) != list(other.run())
    assert not same_weights(weights_of(first), weights_of(other))


def test_looking_at_samples_does_not_change_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    config = dataclasses.replace(QUICK, budget_seconds=5)
    looking, blind = trainer(config), trainer(config)
    list(looking.run())
    monkeypatch.setattr(SampleWriter, "write", lambda samples: ("", ""))
    list(blind.run())
    assert same_weights(weights_of(looking), weights_of(blind))


# ---- when the numbers explode -----------------------------------------------------------------------------------


class Explosive:
    """Makes the loss of some training steps infinite, or huge."""

    def __init__(self, run: Trainer, steps: Callable[[int], bool], factor: float) -> None:
        self.count, self.run, self.steps, self.loss = 0, run, steps, run.model.loss_nats
        self.factor = factor

    def __call__(self, *arguments: Any) -> Tensor:
        loss = self.loss(*arguments)
        if not self.run.model.training:
            return loss
        self.count += 1
        return loss * self.factor if self.steps(self.count) else loss


def exploding(monkeypatch: pytest.MonkeyPatch, steps: Callable[[int], bool], factor: float = math.nan) -> Trainer:
    run = trainer()
    monkeypatch.setattr(run.model, "loss_nats", Explosive(run, steps, factor))
    return run


def is_finite(run: Trainer) -> bool:
    return all(bool(torch.isfinite(weight).all()) for weight in run.model.parameters())


def test_single_steps_without_a_finite_gradient_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    run = exploding(monkeypatch, lambda step: step % 4 in {0, 1})
    events = list(run.run())
    assert run.reason == "budget"
    assert is_finite(run)
    losses = [event.loss_nats for event in events if isinstance(event, StepLogged)]
    assert all(map(math.isfinite, losses))
    assert losses[-1] < losses[0]


def test_after_three_such_steps_the_best_weights_return_at_half_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    run = exploding(monkeypatch, lambda step: 40 <= step < 43)
    rates = {event.step: event.learning_rate for event in run.run() if isinstance(event, StepLogged)}
    assert is_finite(run)
    for step, rate in rates.items():
        usual = QUICK.learning_rate * learning_rate_share((step - 1) * 0.2 / QUICK.budget_seconds)
        if 10 < step < 39 or 45 < step < 95:
            assert rate == pytest.approx(usual * (1 if step < 40 else 0.5), rel=0.05)


def test_a_run_that_goes_on_after_such_steps_keeps_to_half_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    run = exploding(monkeypatch, lambda step: 20 <= step < 23)
    next(event for event in run.run() if isinstance(event, StepLogged) and event.step > 40)
    again = trainer()
    again.restore(unpack(pack(run.state())))
    rates = {event.step: event.learning_rate for event in again.run() if isinstance(event, StepLogged)}
    assert len(rates) > 5
    for step, rate in rates.items():
        usual = QUICK.learning_rate * learning_rate_share((step - 1) * 0.2 / QUICK.budget_seconds)
        if 45 < step < 95:
            assert rate == pytest.approx(0.5 * usual, rel=0.05)


def test_the_mixture_is_fitted_on_the_text_for_tuning(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = []

    def watch(model: WordRNN, training: Tensor, tuning: Tensor, *rest: Any) -> Any:
        fitted.append(tuning)
        return fit_mixture(model, training, tuning, *rest)

    monkeypatch.setattr("rnntui.lm.train.finish.fit_mixture", watch)
    text = dataclasses.replace(TEXT, tuning=" ".join(reversed(VERSES)) * 8)
    list(trainer(text=text).run())
    expected = Tokenizer.train([text.training], 300).encode(text.tuning)
    assert [ids.tolist() for ids in fitted] == [expected]


def test_after_a_step_that_exploded_every_row_begins_with_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    run = exploding(monkeypatch, lambda step: step % 10 == 0)
    step, carried, exploded = Learner.step, [], []

    def watch(self: Learner, batch: Batch, state: HiddenState | None, rate: float) -> Learned | None:
        carried.append(state is not None)
        learned = step(self, batch, state, rate)
        exploded.append(learned is None)
        return learned

    monkeypatch.setattr(Learner, "step", watch)
    list(run.run())
    assert any(exploded)
    assert carried == [False, *(not is_bad for is_bad in exploded[:-1])]


def test_numbers_that_explode_again_and_again_end_the_run_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    run = exploding(monkeypatch, lambda step: step > 20)
    with pytest.raises(TrainingError, match=r"exploded in step 29, for the third time\..*--learning-rate"):
        list(run.run())
    assert all(bool(torch.isfinite(weight).all()) for weight in run.best_weights().values())


def test_a_loss_far_above_guessing_has_exploded_although_it_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    run = exploding(monkeypatch, lambda step: step > 20, 1e4)
    with pytest.raises(TrainingError, match="for the third time"):
        list(run.run())
    assert is_finite(run)


def test_an_absurd_rate_ends_in_a_model_or_a_sentence() -> None:
    run = trainer(dataclasses.replace(QUICK, learning_rate=1.0, clip_norm=100.0, budget_seconds=6))
    with contextlib.suppress(TrainingError):
        list(run.run())
    assert all(bool(torch.isfinite(weight).all()) for weight in run.best_weights().values())


# ---- it learns --------------------------------------------------------------------------------------------------


def story(seed: int, sentences: int) -> str:
    """Sentences whose last word depends on their second: nothing shorter than a memory can know it."""
    dice = torch.Generator().manual_seed(seed)
    animals, sounds = ("cat", "dog", "cow", "owl"), ("meows", "barks", "lows", "hoots")
    picks = torch.randint(4, (sentences,), generator=dice).tolist()
    return " ".join(f"The {animals[pick]} often {sounds[pick]}." for pick in picks)


def test_a_tiny_corpus_is_learned_better_than_by_counting_single_words_or_pairs() -> None:
    text = TrainingText(story(1, 400), story(2, 60))
    run = trainer(
        TrainConfig(budget_seconds=70, rows=8, bptt_length=16, learning_rate=0.02, dropout=0.0, seed=1), SMALL, text
    )
    list(run.run())
    tokenizer = Tokenizer.train([text.training], 300)
    held_out = torch.tensor(tokenizer.encode(text.validation))
    baselines = baseline_nats(torch.tensor(tokenizer.encode(text.training)), held_out, len(tokenizer))
    assert run.measured is not None
    assert run.measured.nats < 0.5 * baselines["word frequency"]
    assert run.measured.nats < 0.8 * baselines["last word only"]


def test_the_last_figures_are_those_of_the_whole_held_out_text() -> None:
    run = trainer(dataclasses.replace(QUICK, budget_seconds=3))
    *_, last = run.run()
    tokenizer = Tokenizer.train([TEXT.training], 300)
    measured = measure(run.model, tokenizer, TEXT.validation)
    assert isinstance(last, Evaluated)
    assert last.bits_per_character == measured.bits_per_character
    assert last.perplexity == measured.perplexity
    assert last.loss_nats == pytest.approx(mean_nats(run.model, torch.tensor(tokenizer.encode(TEXT.validation)), 1))


def test_a_word_only_in_the_held_out_text_stays_without_an_entry() -> None:
    text = TrainingText(TEXT.training, TEXT.validation + " zygotes zygotes zygotes 東")
    run = trainer(dataclasses.replace(QUICK, budget_seconds=2), text=text)
    *_, last = run.run()
    assert run.model.vocabulary_size == len(Tokenizer.train([TEXT.training], 300))
    assert run.measured is not None
    assert run.measured.unknown_characters > 0
    assert isinstance(last, Evaluated)
    assert math.isfinite(last.bits_per_character)


# ---- time -------------------------------------------------------------------------------------------------------


def test_preparing_and_measuring_are_paid_from_the_budget() -> None:
    for prepared, training in ((6.0, (13.0, 14.0)), (500.0, (10.0, 10.0))):
        clock = Clock(0.02)
        run = trainer(QUICK, clock=clock, began=clock.now - prepared)
        next(iter(run.run()))
        seconds = run.state().facts["seconds"]
        assert training[0] <= seconds <= training[1], "half of the budget is left for training whatever happens"


def test_the_text_for_tuning_chooses_the_weights_and_is_never_learned() -> None:
    tuned = dataclasses.replace(TEXT, tuning=" ".join(reversed(VERSES)) * 8)
    plain, chosen = trainer(text=TEXT), trainer(text=tuned)
    assert torch.equal(chosen.data.training, plain.data.training)
    assert chosen.data.counted_ids.numel() > plain.data.counted_ids.numel()
    list(chosen.run())
    assert chosen.mixture is not None
    assert chosen.measured is not None
    assert chosen.measured.mixture_nats is not None
    assert chosen.measured.mixture_nats < chosen.measured.nats


def test_the_held_out_text_has_no_say_in_which_weights_are_chosen() -> None:
    forwards = " ".join(VERSES)
    backwards = " ".join(reversed(forwards.split()))
    for tuning, held_out in ((forwards, backwards), (backwards, forwards)):
        run = trainer(text=TrainingText(forwards * 40, held_out * 8, (), tuning * 8))
        looks = [event for event in run.run() if isinstance(event, Evaluated) and not event.is_final]
        chosen = [look for look in looks if look.is_best][-1]
        assert chosen.loss_nats > 1.05 * min(look.loss_nats for look in looks)  # it would have chosen others


def test_a_long_text_is_looked_at_in_many_places() -> None:
    ids = torch.arange(100_000)
    looked = spread(ids)
    assert looked.numel() == 12_001
    assert looked[0] == 0
    assert looked[-2] == 99_999
    assert len({int(word) // 10_000 for word in looked}) > 6
    assert torch.equal(spread(ids[:500]), ids[:500])


@pytest.mark.parametrize(("clip_norm", "share"), [(1e-3, 1.0), (100.0, 0.0)])
def test_the_share_of_clipped_steps_is_told(clip_norm: float, share: float) -> None:
    run = trainer(dataclasses.replace(QUICK, clip_norm=clip_norm, budget_seconds=4))
    told = [event.clipped_share for event in run.run() if isinstance(event, StepLogged)]
    assert told
    assert set(told) == {share}


def test_a_state_of_an_earlier_version_did_not_count_clipped_steps() -> None:
    run = trainer(dataclasses.replace(QUICK, budget_seconds=4))
    events = run.run()
    while not isinstance(next(events), StepLogged):
        pass
    state = run.state()
    facts = {name: value for name, value in state.facts.items() if name != "clipped"}
    again = trainer(dataclasses.replace(QUICK, budget_seconds=4))
    again.restore(TrainState(state.tensors, facts))
    assert again.steps == run.steps
