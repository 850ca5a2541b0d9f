import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from rnntui.service.run.run_view import WITHOUT_NETWORK, Point
from rnntui.tui.widgets.chart_picture import ChartContent, RunCurves, draw, fit_frame, time_axis
from rnntui.tui.widgets.loss_chart import LossChart

floats = st.floats(allow_nan=True, allow_infinity=True)
CURVE = tuple(Point(float(second), 1.5 + 3 / second) for second in range(1, 200))
OTHER = tuple(Point(float(second), 1.8 + 2 / second) for second in range(1, 200))
LOOKS = (Point(60.0, 1.9), Point(120.0, 1.7))


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield LossChart()


def text_of(content: ChartContent, columns: int = 100, rows: int = 24, zoom: int = 1) -> list[str]:
    return ["".join(sign for sign, _ in row) for row in draw(content, columns, rows, zoom).cells]


def styles_of(content: ChartContent, columns: int = 100, rows: int = 24) -> dict[str, str]:
    """The signs of every style."""
    cells = sorted(itertools.chain(*draw(content, columns, rows).cells), key=lambda cell: cell[1])
    return {
        style: "".join(sign for sign, _ in group) for style, group in itertools.groupby(cells, lambda cell: cell[1])
    }


async def test_both_curves_the_baseline_and_the_times_are_drawn() -> None:
    app = Host()
    async with app.run_test(size=(60, 16)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(ChartContent(RunCurves(CURVE, LOOKS, 1.7), {"counting": 1.72}, 300.0))
        await pilot.pause()
        rows = [chart.render_line(y).text for y in range(16)]
        rendered = "\n".join(rows)
        assert rendered.count("○") == 2
        assert "counting 1.72" in rendered
        assert any(0x2800 < ord(sign) < 0x2900 for sign in rendered)
        assert rows[-1].split() == ["0", "2:30", "5:00"]
        assert {len(row) for row in rows} == {60}


async def test_odd_numbers_and_small_sizes_do_no_harm() -> None:
    app = Host()
    async with app.run_test(size=(60, 16)) as pilot:
        chart = app.query_one(LossChart)
        points = (Point(0.0, math.nan), Point(1.0, math.inf), Point(2.0, 1.0))
        odd = RunCurves(points, points, math.nan, "中文 [b]\x1b[31m")
        chart.show(ChartContent(odd, {"odd": math.nan, "[b]中文": 1.0}, 0.0, odd, (0.0, math.inf), 1))
        for size in [(1, 1), (11, 4), (60, 3), (200, 50), (60, 16)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert {chart.render_line(y).cell_length for y in range(chart.size.height)} <= {chart.size.width}


def test_every_line_is_named_where_it_ends() -> None:
    baselines = {"counting, 5 words": 1.72, WITHOUT_NETWORK: 1.68}
    rows = text_of(ChartContent(RunCurves(CURVE, LOOKS, 1.7), baselines, 200.0))
    named = {name: next(row for row in rows if name in row) for name in ("training", "held out, best 1.70")}
    assert any(0x2800 < ord(sign) < 0x2900 for sign in named["training"].partition("training")[0])
    assert "counting, 5 words 1.72" in "\n".join(rows)
    assert "counting + recent words 1.68" in "\n".join(rows)
    assert "○ held out, best 1.70" in named["held out, best 1.70"]


@pytest.mark.parametrize("columns", [30, 56, 110])
def test_names_of_lines_that_end_together_stand_below_each_other(columns: int) -> None:
    lines = {f"model {number}": 1.7 + number / 1000 for number in range(5)}
    rows = text_of(ChartContent(RunCurves(CURVE, LOOKS, 1.7), lines, 200.0), columns)
    assert {cell_len(row) for row in rows} == {columns}
    assert all(row.count("model") <= 1 for row in rows)
    assert sum("model" in row for row in rows) == 5


def test_two_runs_that_lie_on_each_other_are_both_seen_without_colour() -> None:
    one, other = RunCurves(CURVE, LOOKS, 1.7, "one"), RunCurves(OTHER, (*LOOKS, Point(180.0, 1.95)), 1.7, "other")
    drawn = styles_of(ChartContent(one, {}, 200.0, other))
    assert "◘◘" in drawn["both"], "looks at the same place"
    assert "□" in drawn["other-held-out"]
    assert {"one training", "other training"} <= {
        name
        for row in text_of(ChartContent(one, {}, 200.0, other))
        for name in ("one training", "other training")
        if name in row
    }
    same = styles_of(ChartContent(one, {}, 200.0, one))
    assert "training" not in same or not any(0x2800 < ord(sign) < 0x2900 for sign in same["other-training"])
    alone, broken = (styles_of(ChartContent(one, {}, 200.0, run)) for run in (None, other))
    dots = [
        sum(0x2800 < ord(sign) < 0x2900 for sign in cells) for cells in (broken["other-training"], alone["training"])
    ]
    assert 0 < dots[0] < dots[1], "the second curve is broken"


def test_the_slider_stands_below_the_curve_with_its_time() -> None:
    moments = (8.0, 60.0, 120.0)
    content = ChartContent(RunCurves(CURVE, LOOKS, 1.7), {}, 300.0, None, moments, 1)
    picture = draw(content, 60, 12)
    line, times = time_axis(picture, content)
    at = line.index("◆")
    assert line.count("┴") == 2
    row = "".join(text for text, _ in times)
    assert ("1:00", "chosen") in times
    assert row.index("1:00") <= at <= row.index("1:00") + 4
    assert "●" in "".join(cell[at][0] for cell in picture.cells), "the look at that moment is filled"


@pytest.mark.parametrize("zoom", [1, 2, 4])
@pytest.mark.parametrize("columns", [20, 34, 54, 114])
@pytest.mark.parametrize("at", [None, 0, 2])
def test_both_ends_of_the_axis_or_the_slider_are_always_told(zoom: int, columns: int, at: int | None) -> None:
    content = ChartContent(RunCurves(CURVE, LOOKS, 1.7), {}, 3_000.0, None, (8.0, 120.0, 199.0), at)
    picture = draw(content, columns, 12, zoom)
    _, times = time_axis(picture, content)
    row = "".join(text for text, _ in times)
    assert len(row) <= picture.columns
    told = row.split()
    assert len(told) >= 2
    assert told == sorted(told, key=lambda time: [int(part) for part in time.split(":")] if ":" in time else [0, 0])


@given(st.lists(st.tuples(st.floats(0, 1e6), floats), max_size=30), st.floats(0, 1e6))
def test_every_frame_has_an_extent(values: list[tuple[float, float]], budget: float) -> None:
    frame = fit_frame([[Point(*value) for value in values]], {"x": 1.0}, budget)
    assert frame.seconds >= 1
    assert frame.high > frame.low
