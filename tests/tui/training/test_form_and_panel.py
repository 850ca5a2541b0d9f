"""What can be chosen before training, what is seen while it goes on, and the report after it."""

import dataclasses
from pathlib import Path

import pytest
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Button, Input, OptionList, Select, Static

from rnntui.errors import StorageError
from rnntui.events import BaseChosen, CorpusInspected, OldTextMeasured, Preparing, SampleDrawn, SpeedMeasured
from rnntui.lm.text.findings import Findings
from rnntui.records import WHERE_IT_HELPS, ReadOptions, RunReport, RunSample, TrainRequest
from rnntui.service.run.run_view import held_out_seen_in_words
from rnntui.tui.dialogs.models import ModelsScreen
from rnntui.tui.dialogs.report import ReportScreen
from rnntui.tui.training.advanced_fields import FIELDS, AdvancedFields
from rnntui.tui.training.form_messages import is_mended, render_report
from rnntui.tui.widgets.loss_chart import LossChart
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_tree import TextTree
from tests.tui.fakes import FakeServices, card
from tests.tui.helpers import running, shown, toasts, train_of, until
from tests.tui.training.test_train_screen import FINISHED, STARTED, evaluated, step, to_train, with_run

SIZES = [(120, 36), (80, 24)]


def field(app, name: str) -> Input:  # type: ignore[no-untyped-def]
    return train_of(app).query_one(f"#advanced-{name}", Input)


@pytest.mark.parametrize("size", SIZES)
async def test_the_plan_stands_in_the_folded_fields_and_what_is_typed_is_trained(
    folder: Path,
    size: tuple[int, int],
) -> None:
    services = FakeServices()
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        assert "In 5 minutes it reads the text 2,403 times." in " ".join(shown(app).split())
        assert "lstm" not in shown(app)
        assert "utf-8" not in shown(app)
        fields = train_of(app).query_one(AdvancedFields)
        assert not fields.display
        assert not fields.query(Input), "rows that nobody has seen are not made"
        await pilot.press("alt+a")
        await until(pilot, lambda: app.focused is field(app, "cell"))
        assert "learning rate" in shown(app)
        assert field(app, "hidden_size").placeholder == "192"
        await pilot.press(*"gru", "tab", *"96", "tab", *"64")
        await until(pilot, lambda: "5 min: gru 1×96" in shown(app))
        field(app, "validation").value = "novel one.txt"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: services.training.started)
        wanted = {"cell": "gru", "hidden_size": 96, "embedding_size": 64}
        request = TrainRequest((str(folder / "second.md"),), "second", 5.0, str(folder / "novel one.txt"), wanted)
        assert services.training.started == [dataclasses.replace(request, base_model=WHERE_IT_HELPS)]


@pytest.mark.parametrize("size", [*SIZES, (60, 16)])
async def test_every_sample_can_be_seen_whole(folder: Path, size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        await to_train(app, pilot)
        row = train_of(app).query_one("#samples-row")
        buttons = list(row.query(Button))
        assert len(buttons) > 2
        for button in buttons:
            if size == (60, 16):  # there the row is too short for all of them, and moves with the focus
                button.focus()
            await until(pilot, lambda button=button: row.content_region.contains_region(button.region))


@pytest.mark.parametrize("size", SIZES)
async def test_a_wrong_value_is_said_beside_its_field_and_nothing_is_started(
    folder: Path, size: tuple[int, int]
) -> None:
    services = FakeServices()
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("alt+a")
        await until(pilot, lambda: app.focused is field(app, "cell"))
        field(app, "learning_rate").value = "7"
        await until(pilot, lambda: "learning rate cannot be" in " ".join(shown(app).split()))
        about = train_of(app).query_one("#about-learning_rate", Static)
        assert about.has_class("-wrong")
        assert about.region.y == field(app, "learning_rate").region.y
        await pilot.press("alt+a")
        await until(pilot, lambda: not train_of(app).query_one(AdvancedFields).display)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.focused is field(app, "learning_rate"))
        assert "Give a number from" in toasts(app)[0]
        assert services.training.started == []


async def test_a_device_is_asked_for_in_the_form_and_auto_leaves_it_open(folder: Path) -> None:
    async with running(FakeServices()) as (app, pilot):
        await to_train(app, pilot)
        await pilot.press("alt+a")
        fields = train_of(app).query_one(AdvancedFields)
        assert field(app, "device").placeholder == "auto"
        for typed, wanted in (("cuda", {"device": "cuda"}), ("auto", {}), ("", {})):
            field(app, "device").value = typed
            assert fields.choices.overrides == wanted
        field(app, "device").value = "tpu"
        wrong = fields.choices.problem
        assert wrong is not None
        assert wrong.name == "device"
        assert "Choose auto, cpu, cuda or mps." in wrong.sentence


async def test_how_files_are_read_can_be_changed_and_they_are_looked_into_again(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("alt+a")
        field(app, "encoding").focus()
        await pilot.press(*"cp1252", "enter")
        field(app, "lines").focus()
        await pilot.press(*"keep", "enter")
        await until(pilot, lambda: len(services.training.looked_with) == 3 and app.is_idle)
        assert services.training.looked_with[-1] == (ReadOptions("cp1252", "", False), "", 0.0)


async def test_every_field_names_itself_and_refuses_hostile_text(folder: Path) -> None:
    async with running(FakeServices(), (120, 60)) as (app, pilot):  # room for a sentence under each
        await to_train(app, pilot)
        await pilot.press("alt+a")
        for entry in FIELDS:
            field(app, entry.name).value = "[b]\x1b[31m\u202e"
        await pilot.pause()
        drawn = shown(app)
        assert all(entry.label in drawn for entry in FIELDS)
        assert train_of(app).query_one(AdvancedFields).choices.problem


@pytest.mark.parametrize("size", SIZES)
async def test_training_goes_on_from_a_model_that_keeps_its_shape(folder: Path, size: tuple[int, int]) -> None:
    services = FakeServices(models=[card("starter"), card("[b]old\x1b one")])
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("alt+a")
        field(app, "hidden_size").value = "96"
        await pilot.press("alt+s")
        await until(pilot, lambda: train_of(app).query_one("#base", Select).expanded)
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: field(app, "hidden_size").disabled)
        await until(pilot, lambda: "go on from" in shown(app))
        assert field(app, "hidden_size").placeholder == "256"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: services.training.started)
        assert services.training.started[0].base_model == services.cards[1].model_id
        assert services.training.started[0].overrides == {}


async def test_what_a_run_would_begin_from_is_told_planned_with_and_can_be_turned_round(folder: Path) -> None:
    services = FakeServices(models=[card("starter"), card("old one")])
    services.training.beginning = BaseChosen(services.cards[0].model_id, "starter", True, 1.744, 1.951)
    told = "It begins from the starter, which reads this text at 1.74 bits per character; counting alone would reach"
    async with running(services, (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: app.is_idle)
        report, plan = train_of(app).query_one("#report", Static), train_of(app).query_one("#form-message", Static)
        await until(
            pilot, lambda: told in str(report.content) and 'it goes on from "starter" and reads' in str(plan.content)
        )
        await pilot.press("alt+a")
        await until(pilot, lambda: "go on from starter, lstm 1×256" in str(plan.content))
        assert not field(app, "hidden_size").disabled
        field(app, "hidden_size").value = "96"
        await until(pilot, lambda: "5 min: lstm 1×96" in str(plan.content))
        field(app, "hidden_size").value = ""
        await until(pilot, lambda: "go on from starter" in str(plan.content))
        await pilot.press("alt+s")
        await until(pilot, lambda: train_of(app).query_one("#base", Select).expanded)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "5 min: lstm 1×192" in str(plan.content) and told not in str(report.content))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: services.training.started)
        assert services.training.started[0].base_model == ""


async def test_the_old_text_is_told_while_a_model_goes_on() -> None:
    services = with_run([STARTED, OldTextMeasured("old one", 1.5), step(3)])
    async with running(services, (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: 'It went on from "old one"' in " ".join(shown(app).split()))


@pytest.mark.parametrize("size", SIZES)
async def test_the_clipped_share_and_the_moments_of_the_samples_are_seen(size: tuple[int, int]) -> None:
    late = dataclasses.replace(step(40), clipped_share=0.25)
    events = [STARTED, step(1), *evaluated(20, 2.5), *evaluated(30, 1.71)]
    events = [
        dataclasses.replace(event, seconds=float(event.step), bits_per_character=1.7 + event.step / 100)
        if isinstance(event, SampleDrawn)
        else event
        for event in events
    ]
    async with running(with_run([*events, late]), size) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: f"{'clipped' if size[0] > 100 else 'clip'} 25 %" in shown(app))
        drawn = shown(app)
        assert "At 0:30 it said" in drawn
        assert "held out 2.000" in " ".join(drawn.split())
        assert drawn.index("sample 30.") < drawn.index("0:20  1.900")
        assert drawn.count("It was") == 1


@pytest.mark.parametrize("size", SIZES)
async def test_the_chart_zooms_by_key_and_button_and_keeps_its_times(size: tuple[int, int]) -> None:
    async with running(with_run([STARTED, *map(step, range(1, 31)), *evaluated(30, 1.71)]), size) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "0:30" in shown(app))
        chart = train_of(app).query_one(LossChart)

        def axis() -> list[str]:
            return chart.render_line(chart.size.height - 1).text.split()

        assert axis() == ["0", "0:30", "1:00"]
        await pilot.press("z")
        assert axis() == ["0:15", "0:22", "0:30"]
        await pilot.click("#zoom")
        await until(pilot, lambda: axis()[-1] == "0:30" and axis()[0] == "0:22")
        await pilot.press("z")
        await until(pilot, lambda: axis() == ["0", "0:30", "1:00"])


REPORT = RunReport(
    1.4, ((1.0, 3.0), (30.0, 1.8)), ((30.0, 1.7),), (RunSample(9, "It was", " dark.", 30.0, 1.7),), "budget", 60.0, 9e3,
    2, (), "old one", 1.5, 1.6,
)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
async def test_the_report_of_a_finished_run_is_read_and_exported(folder: Path, size: tuple[int, int]) -> None:
    services = with_run([STARTED, step(30), *evaluated(30, 1.71), FINISHED])
    services.library.reports[FINISHED.model_id] = REPORT
    async with running(services, size) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "r is its report" in " ".join(shown(app).split()))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen) and "Report of war-and-peace" in shown(app))
        assert "bits per character" in shown(app)
        await pilot.press("end")
        await until(pilot, lambda: "0:30" in shown(app) or "To train it again" in shown(app))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        written = folder / "war-and-peace-report.md"
        await until(pilot, written.exists)
        await until(pilot, lambda: "The report is in" in " ".join(shown(app).split()))
        assert 'It went on from "old one"' in written.read_text(encoding="utf-8")
        await pilot.click("#report-html")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: "The report is in" in shown(app) and not isinstance(app.focused, Input))
        assert (folder / "war-and-peace-report.html").exists()
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: "already" in shown(app))  # a long name wraps the sentence anywhere
        await pilot.press("escape")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is train_of(app))


async def test_a_disk_that_refuses_the_report_says_so(folder: Path) -> None:
    services = FakeServices()
    services.write_problem = StorageError("There is no space left.", "Free some space.")
    async with running(services) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: "There is no space left." in " ".join(shown(app).split()))


async def test_the_report_is_reached_from_the_list_of_models_by_mouse() -> None:
    async with running() as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.query("#models-report"))
        await pilot.click("#models-report")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
        assert "Report of starter" in shown(app)
        await pilot.click("#report-close")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen))


async def test_the_measured_speed_changes_what_is_expected_and_is_measured_once(folder: Path) -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_train(app, pilot)
        train_of(app).form.add_files("second.md")
        await until(pilot, lambda: "measured here: 5,000 tokens/s" in shown(app))
        train_of(app).form.add_files("novel one.txt")
        await until(pilot, lambda: app.is_idle)
        assert [entry[2] for entry in services.training.looked_with] == [5.0, 0.0]
        assert "measured here: 5,000 tokens/s" in shown(app)


async def test_buttons_of_a_run_that_is_over_make_room() -> None:
    services = with_run([STARTED, step(1)])
    async with running(services) as (app, pilot):

        def row() -> list[Region]:
            return [button.region for button in train_of(app).query("#run-buttons Button") if button.display]

        await to_train(app, pilot)
        await until(pilot, lambda: train_of(app).run_watch.state.view.started)
        assert not train_of(app).query_one("#see-report", Button).display
        assert row()[-1].right <= 80
        services.training.follower.waiting = [FINISHED]
        await until(pilot, lambda: train_of(app).query_one("#see-report", Button).display)
        assert not train_of(app).query_one("#stop", Button).display
        assert row()[-1].right <= 80


async def test_the_list_of_times_and_the_line_of_the_chosen_time_agree(folder: Path) -> None:
    """Before the speed of the machine is known, and when it is."""
    async with running(size=(120, 36)) as (app, pilot):
        await pilot.press("f4")
        await until(pilot, lambda: app.screen is app.screens.find("train"))
        screen, form = train_of(app), train_of(app).form
        form.add_files("novel one.txt")
        await until(pilot, lambda: form.inspection.survey.speed and app.is_idle)
        for speed in (form.inspection.survey.speed, None):
            form.inspection.survey = dataclasses.replace(form.inspection.survey, speed=speed)
            form.show_inspected(SpeedMeasured(1.0, ()))
            await until(pilot, lambda speed=speed: ("measured here" in shown(app)) == (speed is not None))  # type: ignore[misc]
            listed = screen.query_one("#report", Static).content
            planned = screen.query_one("#form-message", Static).content
            assert isinstance(listed, Content)
            assert isinstance(planned, Content)
            times = planned.plain.partition(" it ")[2].replace("about ", "").rstrip(".")
            assert f" 5 minutes  {times}\n" in listed.plain
            assert ("about" in planned.plain) == (speed is None)


def test_what_was_put_right_in_a_file_is_no_warning_and_everything_else_is() -> None:
    mended = Findings(
        **{
            entry.name: True if entry.type in (bool, "bool") else 3
            for entry in dataclasses.fields(Findings)
            if entry.type in (bool, int, "bool", "int") and entry.name != "skipped"
        }
    )
    notes = mended.notes()
    assert len(notes) > 5
    assert [note for note in notes if not is_mended(note) and "no spaces between words" not in note] == []
    for warning in (
        held_out_seen_in_words(0.4),
        "3 records could not be read and were left out.",
        "x: It was read as cp1252.",
    ):
        assert not is_mended(warning)


async def test_good_news_of_the_files_is_not_in_the_colour_of_warnings(folder: Path) -> None:
    report = CorpusInspected(("x",), ("utf-8",), 9, 9, 9, "It", ("x: Header and licence were left out.", "x: Odd."))
    good = "x: Project Gutenberg's header and licence were left out."
    content = render_report(dataclasses.replace(report, notes=(good, "x: Odd.")), {}, (), 0.0)
    warned = {content.plain[span.start : span.end] for span in content.spans if "warning" in str(span.style)}
    assert warned == {"! ", "x: Odd."}
    assert content.plain.index("x: Odd.") < content.plain.index(good), "what is to be thought of stands first"


async def test_a_path_is_completed_from_a_list_and_the_tree_follows_it(folder: Path) -> None:
    (folder / "inner" / "more.txt").write_text("It was late. " * 20, encoding="utf-8")
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        screen = train_of(app)
        listed, tree = screen.query_one("#completions", OptionList), screen.query_one(TextTree)
        await until(pilot, lambda: isinstance(app.focused, PathInput))
        assert not listed.display
        await pilot.press(*"~/")
        await until(pilot, lambda: listed.display and listed.option_count == 3)
        assert "second.md" in shown(app)
        await pilot.press("s")
        await until(pilot, lambda: not listed.display)
        await pilot.press("backspace")
        await until(pilot, lambda: listed.display)
        await pilot.press("down", "end", "enter")
        await until(pilot, lambda: screen.query_one("#path", Input).value == "~/inner/")
        await until(pilot, lambda: Path(tree.path) == folder / "inner" and listed.option_count == 2)
        await pilot.press("down", "enter")
        await until(pilot, lambda: screen.form.files == (folder / "inner" / "deep.txt",))
        assert not listed.display
        await until(pilot, lambda: app.is_idle)


async def test_what_is_done_before_the_first_step_is_listed_with_its_share_and_the_time_left() -> None:
    services = with_run([])
    async with running(services, (120, 36)) as (app, pilot):
        await to_train(app, pilot)
        await until(pilot, lambda: "Before it learns" in shown(app) and "starting the trainer" in shown(app))
        services.training.follower.waiting = [
            Preparing("reading the text", 1.0, 1.0, 60.0),
            Preparing("counting words", 0.25, 2.0, 60.0, 6.0),
            Preparing("counting words", 0.5, 3.0, 60.0, 4.0),
        ]
        await until(pilot, lambda: "━━━━━━━━──────── 50 % 0:04 left" in shown(app))
        assert "✓ reading the text" in shown(app)
        assert "▸ counting words" in shown(app)
        services.training.follower.waiting = [STARTED, step(1)]
        await until(pilot, lambda: "it writes a line here" in str(train_of(app).query_one("#samples", Static).content))
        assert "Before it learns" not in shown(app)
