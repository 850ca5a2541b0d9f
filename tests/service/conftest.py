"""A data folder with small models in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from rnntui.paths import find_paths
from rnntui.service.services import Services
from tests.small_models import save_small_model


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = Services.open(find_paths(tmp_path / "data"), Services(find_paths(tmp_path / "data")).config)
    save_small_model(services.library)
    yield services
    services.close()
