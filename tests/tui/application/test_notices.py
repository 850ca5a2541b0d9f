"""What is told twice stands there once, with how often it was told."""

from tests.tui.helpers import running, toasts, until


async def test_the_same_toast_is_counted_and_another_one_stands_beside_it() -> None:
    async with running() as (app, pilot):
        for sentence in (*("There is nothing here.",) * 2, "Something else.", "There is nothing here."):
            app.notify(sentence)
        await until(pilot, lambda: toasts(app) == ["Something else.", "There is nothing here. (×3)"])
        assert app._notices.told[-4:].count("There is nothing here.") == 3
