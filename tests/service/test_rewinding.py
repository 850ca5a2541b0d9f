"""Undo, redo, rewind, retry, edit, branch, siblings, switches: every word, exactly, and never lost."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rnntui.lm.cells import CELLS
from rnntui.paths import find_paths
from rnntui.service.services import Services
from tests.service.rewinding import STEPS, begun
from tests.small_models import save_small_model


def walk(tmp_path: Path, cell: str, examples: int, length: int) -> None:
    """Many random walks through one data folder."""
    services = Services(find_paths(tmp_path / "walk"))
    save_small_model(services.library, name="first", cell=cell, layers=2)
    save_small_model(services.library, name="second", cell=cell, seed=5)
    models = ("first", "second")

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        report_multiple_bugs=False,
    )
    @given(st.lists(STEPS, min_size=1, max_size=length))
    def check(steps: list[tuple[str, object, object]]) -> None:
        at = begun(services, models, lambda: services.new_chat("first"))
        for step in steps:
            at.take(*step)

    check()
    services.close()


@pytest.mark.parametrize("cell", CELLS)
def test_any_sequence_of_operations_is_exact_and_loses_nothing(
    tmp_path: Path, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnntui.service.trail.DENSE", 24)
    monkeypatch.setattr("rnntui.service.trail.SPARSE", 1)
    walk(tmp_path, cell, 20, 12)
