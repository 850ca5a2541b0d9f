"""A run on a disk that does not answer: keys are taken, what is wished is said at once, and nothing piles up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from rnntui.errors import StorageError
from rnntui.tui.training.run_watch import RunWatch
from rnntui.tui.widgets.loss_chart import LossChart
from tests.tui.fakes import FakeServices, Gate
from tests.tui.helpers import running, send, shown, toasts, train_of, until
from tests.tui.training.test_train_screen import STARTED, step, to_train, with_run


class Held:
    """Calls of one function, which wait until the gate is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
        self.gate = Gate()
        self.gate.close()
        self.calls = 0
        self._plain: Callable[..., object] = getattr(owner, name)
        monkeypatch.setattr(owner, name, self)

    def __call__(self, *asked: object, **options: object) -> object:
        self.calls += 1
        self.gate.step()
        return self._plain(*asked, **options)


async def test_looks_at_a_run_do_not_pile_up_and_keys_are_taken_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnntui.tui.training.run_poller._POLL_SECONDS", 0.02)
    services = with_run([STARTED, step(1)])
    looks: list[bool] = []
    look = RunWatch.poll
    monkeypatch.setattr(RunWatch, "poll", lambda watch: looks.append(True) or look(watch))
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        held = Held(monkeypatch, services.training.follower, "poll")
        await until(pilot, lambda: held.calls)
        looks.clear()
        await pilot.press("z")
        assert train_of(app).query_one(LossChart)._zoom
        await pilot.press("s")
        assert "Stopping after what it is doing now" in shown(app)
        await until(pilot, lambda: len(looks) > 5)
        assert (held.calls, services.training.stopped) == (1, [])
        held.gate.open()
        await until(pilot, lambda: services.training.stopped == ["run-1"] and held.calls > 1)
        assert "Stopping after what it is doing now" in shown(app)


async def test_an_answer_that_comes_after_the_run_was_left_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    services = with_run([STARTED, step(1)])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        held = Held(monkeypatch, services.training.follower, "poll")
        await until(pilot, lambda: held.calls)
        await pilot.press("a")
        assert train_of(app).query_one("#form").display
        services.training.follower.waiting = [step(59)]
        held.gate.open()
        await until(pilot, lambda: app.is_idle)
        assert train_of(app).query_one("#form").display
        assert train_of(app).run_watch.state.view.progress is None


async def test_a_stop_that_cannot_be_told_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    services = with_run([STARTED, step(1)])

    def refuse(run_id: str) -> None:
        raise StorageError("There is no space left.", "Free some space.")

    monkeypatch.setattr(services.training, "stop", refuse)
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        await pilot.press("s")
        await until(pilot, lambda: toasts(app))
        assert "There is no space left." in toasts(app)[-1]
        await until(pilot, lambda: "Stopping after" not in shown(app))
        assert not train_of(app).query_one("#stop", Button).disabled


async def test_two_presses_start_one_trainer_and_a_sign_says_that_it_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        held = Held(monkeypatch, services.training, "start")
        await pilot.press("ctrl+r", "ctrl+r")
        await until(pilot, lambda: "starting the trainer …" in shown(app))
        train_of(app).query_one("#name", Input).focus()
        await pilot.press("end", *"ary")
        assert train_of(app).query_one("#name", Input).value == "secondary"
        held.gate.open()
        await until(pilot, lambda: "The trainer is starting" in shown(app))
        await until(pilot, lambda: app.ending.is_settled)
        assert (held.calls, len(services.training.started)) == (1, 1)


async def test_a_file_named_in_the_prompt_is_seen_after_a_search_that_takes_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = with_run([STARTED, step(1)])
    async with running(services) as (app, pilot):
        held = Held(monkeypatch, services.training, "active")
        await send(app, pilot, "/train second.md")
        await until(pilot, lambda: held.calls and app.screen is app.screens.find("train"))
        held.gate.open()
        await until(pilot, lambda: "✕ second.md" in shown(app))
        assert train_of(app).query_one("#form").display


async def test_quitting_waits_for_no_disk_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    services = with_run([STARTED])
    async with running(services) as (app, pilot):
        held = Held(monkeypatch, services.training, "active")
        await app.action_quit()
        await until(pilot, lambda: not app.is_running)
        assert held.calls == 1
        held.gate.open()
