import math

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from rnntui.service.run.run_view import Point
from rnntui.tui.widgets.loss_chart import LossChart, fit_frame

floats = st.floats(allow_nan=True, allow_infinity=True)


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield LossChart()


async def test_both_curves_the_baseline_and_the_times_are_drawn() -> None:
    app = Host()
    async with app.run_test(size=(60, 16)) as pilot:
        curve = tuple(Point(float(second), 1.5 + 3 / second) for second in range(1, 200))
        chart = app.query_one(LossChart)
        chart.show(curve, (Point(60.0, 1.9), Point(120.0, 1.7)), {"counting": 1.72}, 300.0)
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
        chart.show(points, points, {"odd": math.nan, "[b]": 1.0}, 0.0)
        for size in [(1, 1), (11, 4), (60, 3), (200, 50), (60, 16)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()


@given(st.lists(st.tuples(st.floats(0, 1e6), floats), max_size=30), st.floats(0, 1e6))
def test_every_frame_has_an_extent(values: list[tuple[float, float]], budget: float) -> None:
    frame = fit_frame([[Point(*value) for value in values]], {"x": 1.0}, budget)
    assert frame.seconds >= 1
    assert frame.high > frame.low
