"""Every test starts a whole app and leaves thousands of objects in cycles; visiting them took a quarter of the time."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    yield
    gc.set_threshold(*before)
