"""A run is gone through, while it goes on and after, and another one is laid over it."""

import dataclasses

import pytest
from textual.widgets import Static

from rnntui.events import RunFinished, SampleDrawn, TrainEvent
from rnntui.records import RunRecord, RunReport, RunSample, TrainRequest
from rnntui.tui.dialogs.models import ModelsScreen
from rnntui.tui.dialogs.report import ReportScreen
from rnntui.tui.runs.history_screen import HistoryScreen
from rnntui.tui.runs.run_history import RunHistory
from rnntui.tui.runs.run_list import RunList
from rnntui.tui.widgets.loss_chart import LossChart
from tests.tui.fakes import FakeFollower, FakeServices, FakeTraining, run_record
from tests.tui.helpers import running, shown, train_of, until
from tests.tui.training.test_train_screen import FINISHED, STARTED, evaluated, step, to_train, with_run

LOOKS = {10: 2.3, 20: 1.95, 30: 1.71}


def told(seconds: int) -> list[TrainEvent]:
    """A look with its sample and time."""
    events = [step(seconds), *evaluated(seconds, LOOKS.get(seconds, 1.6))]
    return [
        dataclasses.replace(event, seconds=float(seconds), bits_per_character=LOOKS.get(seconds, 1.6))
        if isinstance(event, SampleDrawn)
        else event
        for event in events
    ]


def words(app) -> str:  # type: ignore[no-untyped-def]
    """Beside the curve."""
    return " ".join(str(train_of(app).query_one("#samples", Static).content).split())


@pytest.mark.parametrize("size", [(200, 60), (120, 36), (80, 24), (60, 16)])
async def test_the_slider_goes_back_stays_there_and_follows_the_newest_again(size: tuple[int, int]) -> None:
    services = with_run([STARTED, *told(10), *told(20), *told(30)])
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "At 0:30 it said the newest" in words(app))
        await pilot.press("left")
        await until(pilot, lambda: "At 0:20 it said 2 of 3" in words(app))
        assert "sample 20." in shown(app)
        await pilot.press("home")
        await until(pilot, lambda: "At 0:10 it said 1 of 3" in words(app))
        assert "sample 10." in shown(app)
        assert "sample 30." not in shown(app)
        services.training.follower.waiting = told(40)
        await until(pilot, lambda: "At 0:10 it said 1 of 4" in words(app))
        await pilot.press("end")
        await until(pilot, lambda: "At 0:40 it said the newest" in words(app))
        services.training.follower.waiting = [*told(50), FINISHED]
        await until(pilot, lambda: "At 0:50 it said the newest" in words(app) and "Done" in shown(app))
        await pilot.press("left", "left", "right")
        await until(pilot, lambda: "At 0:40 it said 4 of 5" in words(app))


async def test_a_click_into_the_curve_goes_to_the_nearest_moment() -> None:
    async with running(with_run([STARTED, *told(10), *told(20), *told(30)]), (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "At 0:30 it said" in shown(app))
        chart = train_of(app).query_one(LossChart)
        slider = chart.render_line(chart.size.height - 2).text
        await pilot.click(LossChart, offset=(slider.index("┴") + 1, 4))
        await until(pilot, lambda: "At 0:10 it said 1 of 3" in words(app))
        assert "○" in shown(app)
        assert "●" in shown(app)


class TwoRuns(FakeTraining):
    """One run that is over beside the one that is followed."""

    def runs(self) -> list[RunRecord]:
        over = dataclasses.replace(
            run_record(TrainRequest(("/y",), "[b]old\x1b one", 2.0)),
            run_id="run-0",
            is_running=False,
            finished=True,
            model_id="id-old",
            bits_per_character=1.9,
        )
        return [*super().runs(), over]

    def follow(self, run_id: str) -> FakeFollower:
        if run_id != "run-0":
            return self.follower
        over = FakeFollower()
        over.is_running = False
        late = RunFinished("budget", "id-old", "old", 60.0, 900, 10_000.0, 1.9, 99.0)
        over.waiting = [STARTED, *told(10), step(25), *evaluated(25, 1.9), late]
        return over


async def test_another_run_of_the_list_is_laid_over_and_looked_at_again() -> None:
    services = FakeServices()
    services.training = TwoRuns()
    services.training.run = run_record(TrainRequest(("/x",), "novel", 1.0))
    services.training.follower.waiting = [STARTED, *told(10), *told(20), *told(30)]
    async with running(services, (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "At 0:30 it said" in shown(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, RunList) and "1.900" in shown(app))
        assert "novel" not in shown(app).partition("Lay another run")[2].partition("Enter takes it")[0]
        await pilot.press("enter")
        history = train_of(app).query_one(RunHistory)
        await until(pilot, lambda: history.other)
        await until(pilot, lambda: "novel held out, best 1.71" in shown(app) and "at 0:25" in shown(app))
        assert "□" in shown(app)
        assert "[b]old" in shown(app)
        await pilot.press("o")
        await until(pilot, lambda: history.other is None and "□" not in shown(app))
        await pilot.press("alt+l")
        await until(pilot, lambda: isinstance(app.screen, RunList) and "[b]old" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "At 0:25 it said the newest" in words(app))
        assert train_of(app).run_watch.state.view.is_over


async def test_what_a_finished_model_said_is_gone_through_from_its_report() -> None:
    samples = tuple(
        RunSample(at, "It was", f" sample {at}.", float(at), 2.5 - at / 40, 2.0, 0.004, at) for at in (9, 20)
    )
    kept = RunReport(1.4, ((1.0, 3.0), (30.0, 1.8)), ((9.0, 2.2), (20.0, 2.0)), samples, "budget", 60.0, 9e3, 2, ())
    services = FakeServices()
    services.library.reports["id-starter"] = kept
    async with running(services, (80, 24)) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and "starter" in shown(app))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "At 0:09 it said" in shown(app))
        await pilot.press("right")
        await until(pilot, lambda: "At 0:20 it said" in shown(app) and "sample 20." in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
        services.library.reports["id-starter"] = dataclasses.replace(kept, samples=())
        await pilot.press("s")
        await until(pilot, lambda: "kept no samples with their times" in " ".join(shown(app).split()))
