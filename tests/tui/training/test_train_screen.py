import dataclasses
from pathlib import Path

import pytest
from textual.widgets import Button, Input, Static

from rnntui.errors import InputError
from rnntui.events import (
    BaselinesMeasured,
    CheckpointSaved,
    Evaluated,
    Failed,
    Measuring,
    Preparing,
    RunExtended,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TrainEvent,
)
from rnntui.records import WHERE_IT_HELPS, TrainRequest
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_tree import TextTree
from tests.tui.fakes import FakeFollower, FakeServices, run_record
from tests.tui.helpers import chat_of, running, send, shown, toasts, train_of, until

STARTED = RunStarted("novel", 90_000, 10_000, 5_000, "lstm", 256, 1, 2_000_000, 60.0, 2, 1, ())
FINISHED = RunFinished("budget", "id-war-and-peac", "novel", 60.0, 900, 10_000.0, 1.66, 99.0)


def step(seconds: float) -> StepLogged:
    bits = 1.6 + 4 / (1 + seconds)
    return StepLogged(int(seconds), 1, seconds, 60 - seconds, 9_876.0, bits * 3, bits, 0.004, 0.3, 0.5, seconds / 60)


def evaluated(seconds: float, bits: float) -> list[TrainEvent]:
    number = int(seconds)
    return [
        Evaluated(number, seconds, 1.0, bits, 99.0, True, False),
        SampleDrawn(number, "It was", f" sample {number}."),
        CheckpointSaved(number, "id-starter"),
    ]


async def to_train(app, pilot) -> None:  # type: ignore[no-untyped-def]
    await pilot.press("f4")
    await until(pilot, lambda: app.screen is app.screens.find("train"))


async def test_a_file_is_completed_inspected_and_trained_on(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: isinstance(app.focused, PathInput))
        await pilot.press(*"~/nov", "tab", "enter")
        await until(pilot, lambda: app.is_idle and train_of(app).form.files)
        assert train_of(app).form.files == (folder / "novel one.txt",)
        assert "500 words" in " ".join(shown(app).split())
        assert "It was a dark night." in shown(app)
        assert train_of(app).query_one("#name", Input).value == "novel-one"
        await pilot.click("#minutes-15")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: services.training.started)
        asked = TrainRequest((str(folder / "novel one.txt"),), "novel-one", 15.0)
        assert services.training.started == [dataclasses.replace(asked, base_model=WHERE_IT_HELPS)]
        await until(pilot, lambda: "The trainer is starting" in shown(app))


async def test_pasted_dropped_and_tree_files_are_added_and_removed(folder: Path) -> None:
    from textual.events import Paste

    async with running() as (app, pilot):
        await to_train(app, pilot)
        screen = train_of(app)
        screen.query_one(PathInput).post_message(Paste(f"'{folder}/novel one.txt' {folder}/second.md"))
        await until(pilot, lambda: len(screen.form.files) == 2)
        screen.query_one(TextTree).focus()
        tree = screen.query_one(TextTree)
        await until(pilot, lambda: len(tree.root.children) == 3)
        assert [str(node.label) for node in tree.root.children] == ["inner", "novel one.txt", "second.md"]
        screen.form.add_files(str(folder / "inner"))
        await until(pilot, lambda: screen.form.files[-1] == folder / "inner" / "deep.txt")
        screen.query_one("#chosen").focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(screen.form.files) == 2)
        await until(pilot, lambda: app.is_idle)


async def test_a_wrong_path_is_one_sentence(folder: Path) -> None:
    (folder / "inner" / "empty").mkdir()
    async with running() as (app, pilot):
        await to_train(app, pilot)
        for typed in ("nosuch.txt", "'unclosed", "~nobody/x", "[@click=app.quit]x", "inner/empty"):
            answers: list[bool] = []
            train_of(app).form.add_files(typed, answers.append)
            await until(pilot, lambda answers=answers: answers == [False])  # type: ignore[misc]
            await pilot.pause()
            message = str(train_of(app).query_one("#form-message", Static).content)
            assert "There is no file" in message or "holds no text file" in message


async def test_a_bad_file_is_named_and_cannot_be_started(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files(str(folder / "broken.bad"))
        await until(pilot, lambda: app.is_idle)
        assert "broken.bad is not a text." in shown(app)
        assert train_of(app).query_one("#start", Button).disabled
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert services.training.started == []


async def test_looking_into_files_is_given_up_when_others_are_chosen(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        services.training.inspecting.close()
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: "reading the files" in shown(app))
        train_of(app).form.add_files("novel one.txt")
        services.training.inspecting.open()
        await until(pilot, lambda: app.is_idle)
        assert len(services.training.inspected[-1]) == 2


async def test_a_wrong_time_is_one_sentence(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        for minutes in ("0", "", "1.2.3", "999999999"):
            app.clear_notifications()
            train_of(app).query_one("#minutes", Input).value = minutes
            await pilot.press("ctrl+r")
            await until(pilot, lambda: toasts(app))
            assert "Give a number above 0" in toasts(app)[0]
        assert services.training.started == []


async def test_a_start_that_fails_keeps_the_form(folder: Path) -> None:
    services = FakeServices()
    services.training.start_problem = InputError("A training run is already going on.", "Stop it first.")
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "A training run is already going on." in shown(app))
        assert train_of(app).form.files == (folder / "second.md",)


def with_run(events: list[TrainEvent]) -> FakeServices:
    services = FakeServices()
    services.training.run = run_record(TrainRequest(("/x",), "novel", 1.0))
    services.training.follower.waiting = events
    return services


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_an_active_run_is_found_again_and_shown(size: tuple[int, int]) -> None:
    events = [STARTED, BaselinesMeasured({"counting": 1.9}), *map(step, range(1, 31)), *evaluated(30, 1.71)]
    async with running(with_run(list(events)), size) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "50 %" in shown(app))
        drawn = shown(app)
        assert "novel" in drawn
        assert "0:30" in drawn
        assert "quick look 1.710" in drawn
        assert "sample 30." in drawn
        assert "counting 1.90" in drawn or size == (60, 16)
        assert "Pause" in drawn


async def test_the_run_is_polled_only_while_it_is_seen() -> None:
    services = with_run([STARTED, step(1)])
    follower = services.training.follower
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).poller.is_polling and follower.polls >= 3)
        await pilot.press("f3")
        await until(pilot, lambda: not train_of(app).poller.is_polling)
        follower.waiting = evaluated(9, 1.8)
        await pilot.press("f4")
        await until(pilot, lambda: "quick look 1.800" in shown(app))
        follower.waiting = [FINISHED]
        await until(pilot, lambda: train_of(app).run_watch.state.view.is_over)
        assert not train_of(app).poller.is_polling


async def test_pause_stop_and_the_way_to_a_chat() -> None:
    services = with_run([STARTED, step(1)])
    training = services.training
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        assert train_of(app).query_one("#chat-with-it", Button).disabled
        await pilot.press("space")
        await until(pilot, lambda: training.paused == ["run-1"])
        training.follower.waiting = [RunPaused(1.0)]
        await until(pilot, lambda: "the time stands still" in shown(app))
        await pilot.click("#pause")
        await until(pilot, lambda: training.resumed == ["run-1"])
        training.follower.waiting = [RunResumed(1.0), *evaluated(5, 1.7)]
        await until(pilot, lambda: not train_of(app).query_one("#chat-with-it", Button).disabled)
        await pilot.press("s")
        await until(pilot, lambda: training.stopped == ["run-1"])
        training.follower.waiting = [FINISHED]
        await until(pilot, lambda: "Done: novel" in shown(app))
        await until(pilot, lambda: "To try next: More time: 4 more minutes" in " ".join(shown(app).split()))
        await pilot.press("c")
        await until(pilot, lambda: app.current_mode == "chat" and app.is_idle)
        assert services.chats[-1].card.name == "war-and-peace"
        assert chat_of(app).is_current


async def test_stopping_is_answered_at_once_and_a_second_press_does_nothing() -> None:
    services = with_run([STARTED, step(1), *evaluated(1, 1.8)])
    training = services.training
    async with running(services, (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "Space Pause" in shown(app) and "s Stop" in shown(app))
        await pilot.press("s")
        await until(pilot, lambda: "Stopping after what it is doing now" in shown(app))
        assert "Space" not in shown(app)
        training.follower.waiting = [step(2)]
        await until(pilot, lambda: not training.follower.waiting and "0:02" in shown(app))
        assert "Stopping after" in shown(app), "what the trainer tells meanwhile does not wipe the answer away"
        await pilot.press("s", "space", "m")
        training.follower.waiting = [Measuring("measuring the best weights", 0.4, 3.0, 1.0, True)]
        await until(pilot, lambda: "the best weights are kept: measuring the best weights 40 %" in shown(app))
        assert (training.stopped, training.paused, training.extended) == (["run-1"], [], [])
        training.can_resume = True
        training.follower.is_running = False
        training.follower.waiting = [dataclasses.replace(FINISHED, reason="stopped", all_seconds=4.0)]
        await until(pilot, lambda: "Space Go on" in shown(app))
        assert "Pause" not in shown(app)


async def test_a_run_that_has_had_its_time_offers_no_pause() -> None:
    async with running(with_run([STARTED, step(60), FINISHED]), (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "Done: novel" in shown(app))
        app._services.training.follower.is_running = False
        await until(pilot, lambda: not train_of(app).poller.is_polling)
        assert "Space" not in shown(app)


async def test_every_phase_is_named_and_counts_on_one_clock() -> None:
    services = with_run([])
    follower = services.training.follower
    final = Evaluated(9, 59.0, 1.0, 2.2, 9.0, True, True)
    told: list[tuple[list[TrainEvent], str, str]] = [
        ([], "The trainer is starting", "─  starting"),
        ([Preparing("loading PyTorch", budget_seconds=60.0)], "loading PyTorch", "0:00 of 1:00 · 1:00 left"),
        ([Preparing("counting words", 0.5, 12.0, 60.0)], "counting words 50 %", "0:12 of 1:00 · 0:48 left"),
        ([STARTED, step(20), *evaluated(20, 2.18)], "quick look 2.180", "0:20 of 1:00 · 0:40 left"),
        ([Measuring("measuring all", 0.0, 58.0, 2.0, False)], "Learning is over: measuring all", "0:58 of 1:00"),
        ([final, dataclasses.replace(FINISHED, all_seconds=61.0)], "all held-out text 2.200", "1:01 of 1:01"),
    ]
    async with running(services, (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        for events, said, clock in told:
            follower.waiting = events
            await until(pilot, lambda said=said: said in shown(app))  # type: ignore[misc]
            assert clock in shown(app)
        assert "best quick look at a part 2.180" in shown(app)


async def test_a_failed_run_says_why_and_keeps_the_form(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: services.training.started)
        services.training.follower.waiting = [STARTED, Failed("The disk is full.", "Free some space.", 5)]
        services.training.follower.is_running = False
        await until(pilot, lambda: "The disk is full. Free some space." in shown(app))
        await until(pilot, lambda: "Back to the form" in shown(app))
        await pilot.press("a")
        await until(pilot, lambda: train_of(app).query_one("#form").display)
        assert train_of(app).form.files == (folder / "second.md",)
        assert train_of(app).query_one("#name", Input).value == "second"


async def test_quitting_says_that_training_goes_on() -> None:
    async with running(with_run([STARTED])) as (app, _):
        farewell = await app.ending.farewell()
        assert farewell is not None
        assert 'Training of "novel" goes on' in farewell.plain


async def test_a_resize_storm_on_the_training_screen() -> None:
    services = with_run([STARTED, *map(step, range(1, 31)), *evaluated(30, 1.71)])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        for columns, rows in [(120, 36), (20, 5), (1, 1), (60, 16), (9, 3), (200, 60), (80, 24)]:
            await pilot.resize_terminal(columns, rows)
        services.training.follower.waiting = [FINISHED]
        await until(pilot, lambda: "Done: novel" in shown(app))
        await pilot.press("a")
        for columns, rows in [(1, 1), (5, 40), (60, 16), (80, 24)]:
            await pilot.resize_terminal(columns, rows)
        await until(pilot, lambda: "Train a network" in shown(app))


async def test_a_file_can_be_named_in_the_prompt(folder: Path) -> None:
    async with running() as (app, pilot):
        chat_of(app).prompt.put("/train second.md")
        await pilot.press("enter")
        await until(pilot, lambda: app.screens.find("train") and train_of(app).form.files == (folder / "second.md",))
        await until(pilot, lambda: app.is_idle)


@pytest.mark.parametrize("was_there", [False, True])
async def test_a_file_that_is_named_in_the_prompt_is_seen_although_a_run_goes_on(folder: Path, was_there: bool) -> None:
    async with running(with_run([STARTED, step(1)])) as (app, pilot):
        if was_there:
            await pilot.press("f4")
            await until(pilot, lambda: app.screens.find("train") and train_of(app).query_one("#run").display)
            await pilot.press("f3")
        await send(app, pilot, "/train nowhere.txt")
        await until(pilot, lambda: "nowhere.txt" in shown(app) and "Train a network" in shown(app))
        await pilot.press("f3")
        await send(app, pilot, "/train second.md")
        await until(pilot, lambda: "✕ second.md" in shown(app))


def broken_off(events: list[TrainEvent]) -> FakeServices:
    services = with_run(events)
    services.training.follower.is_running = False
    services.training.can_resume = True
    return services


GONE = Failed("The training process ended before it was done.", "Go on.", 5)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_run_that_was_broken_off_is_offered_and_goes_on(size: tuple[int, int]) -> None:
    services = broken_off([STARTED, *map(step, range(1, 31)), *evaluated(30, 1.71), GONE])
    training = services.training
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "It was broken off after 0:30." in shown(app))
        drawn = " ".join(shown(app).split())
        assert "Space goes on from exactly there" in drawn
        assert "Go on" in drawn
        await pilot.press("space")
        await until(pilot, lambda: "The trainer is starting" in shown(app))
        assert (training.resumed, training.paused) == (["run-1"], [])
        training.follower.waiting = [RunResumed(28.0, "It goes on with 2 threads instead of 1."), step(29)]
        await until(pilot, lambda: "2 threads instead of 1" in shown(app))
        assert train_of(app).run_watch.state.view.training_curve[-1].seconds == 29
        training.follower.waiting = [FINISHED]
        await until(pilot, lambda: "Done: novel" in shown(app))


async def test_a_run_left_alone_is_not_offered_again_until_the_next_start() -> None:
    services = broken_off([STARTED, step(1), GONE])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "It was broken off" in shown(app))
        await pilot.press("a")
        await until(pilot, lambda: "Train a network" in shown(app))
        await pilot.press("f3")
        await until(pilot, lambda: app.current_mode == "chat")
        await pilot.press("f4")
        await until(pilot, lambda: "Train a network" in shown(app))
    assert services.training.resumed == []


async def test_a_stopped_run_can_go_on_with_the_rest_of_its_time() -> None:
    services = with_run([STARTED, step(1)])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        services.training.can_resume = True
        services.training.follower.waiting = [dataclasses.replace(FINISHED, reason="stopped")]
        await until(pilot, lambda: "Space goes on with the rest of its time." in " ".join(shown(app).split()))
        await pilot.press("space")
        await until(pilot, lambda: services.training.resumed == ["run-1"])


async def test_going_on_that_is_refused_says_why() -> None:
    services = broken_off([STARTED, step(1), GONE])
    async with running(services) as (app, pilot):
        services.training.resume_problem = InputError("A training run is already going on.", "Stop it first.")
        await to_train(app, pilot)
        await until(pilot, lambda: "It was broken off" in shown(app))
        await pilot.press("space")
        await until(pilot, lambda: toasts(app))
        assert "already going on" in toasts(app)[0]


async def test_a_disk_that_refuses_says_why_the_run_waits() -> None:
    services = with_run([STARTED, step(1), RunPaused(1.0, "There is no space left. Free some space.")])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "There is no space left. Free some space." in shown(app))


async def test_the_end_of_a_run_rings_and_is_said_on_other_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnntui.tui.training.run_poller._HIDDEN_POLL_SECONDS", 0.02)
    services = with_run([STARTED, step(1)])
    follower = services.training.follower
    async with running(services) as (app, pilot):
        rung: list[bool] = []
        monkeypatch.setattr(app, "bell", lambda: rung.append(True))
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        await pilot.press("f3")
        await until(pilot, lambda: not train_of(app).poller.is_polling)
        app.clear_notifications()
        follower.waiting, follower.is_running = [FINISHED], False
        await until(pilot, lambda: rung)
        assert any('Training of "novel" is over' in toast for toast in toasts(app))
        await pilot.press("f4")
        await until(pilot, lambda: "Done: novel" in shown(app))
        assert rung == [True]


async def test_a_run_that_was_over_before_does_not_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(broken_off([STARTED, step(1), GONE])) as (app, pilot):
        rung: list[bool] = []
        monkeypatch.setattr(app, "bell", lambda: rung.append(True))
        await to_train(app, pilot)
        await until(pilot, lambda: "It was broken off" in shown(app))
        assert rung == []


async def test_a_run_is_given_more_time_with_one_key() -> None:
    services = with_run([STARTED, step(30)])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        await pilot.press("m")
        await until(pilot, lambda: "5 more minutes after this step" in shown(app))
        assert services.training.extended == [("run-1", 5.0)]
        services.training.follower.waiting = [RunExtended(360.0), FINISHED]
        await until(pilot, lambda: "Done: novel" in shown(app))
        assert train_of(app).run_watch.state.view.started == dataclasses.replace(STARTED, budget_seconds=360.0)
        await pilot.press("m")
        await pilot.pause()
        assert len(services.training.extended) == 1


async def test_another_run_can_wait_for_its_turn(folder: Path) -> None:
    services = with_run([STARTED, step(30)])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        await pilot.press("a")
        await until(pilot, lambda: train_of(app).query_one("#form").display)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: services.training.started)
        await until(pilot, lambda: train_of(app).query_one("#run").display)
        assert any('"second" waits for its turn' in toast for toast in toasts(app))


class _Removed(FakeFollower):
    """Follows a run whose folder was removed."""

    def poll(self) -> list[TrainEvent]:
        raise InputError('There is no run "run-1".', "rnntui runs lists them.")


@pytest.mark.parametrize("is_seen", [True, False])
async def test_a_run_that_was_removed_elsewhere_leads_back_to_the_form(is_seen: bool) -> None:
    services = with_run([STARTED])
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        if not is_seen:
            await pilot.press("f3")
            await until(pilot, lambda: app.screen is chat_of(app))
        services.training.run = None
        train_of(app).run_watch._follower = _Removed()  # type: ignore[assignment]
        train_of(app).run_watch._follower.is_running = False  # type: ignore[misc]
        if is_seen:
            await until(pilot, lambda: train_of(app).query_one("#form").display)
            assert 'There is no run "run-1".' in shown(app)
        else:
            await until(pilot, lambda: any("can no longer be followed" in toast for toast in toasts(app)))
        assert not train_of(app).poller.is_polling
