"""The model that ships: everything in its folder is what its card tells of, and the wheel has room for it."""

from pathlib import Path

from rnntui.files import shipped_folder
from rnntui.service.model_loader import load_model
from rnntui.store.library import Library

PACKAGE = Path(__file__).parents[1] / "rnntui"
LARGEST_WHEEL = 48_000_000
KEPT = {"card.json", "weights.safetensors", "vocabulary.json", "counts.safetensors", "report.json", "old-text.txt"}


def test_a_wheel_has_room_for_the_starter_even_if_nothing_in_it_could_be_packed() -> None:
    starter = [path.stat().st_size for path in shipped_folder("starter").iterdir()]
    code = [path.stat().st_size for path in PACKAGE.rglob("*.*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(starter) > 1_000_000
    assert sum(starter) + sum(code) < LARGEST_WHEEL


def test_the_starter_passes_every_check_and_nothing_else_lies_beside_it(tmp_path: Path) -> None:
    library = Library(tmp_path / "models", shipped_folder("starter"))
    (card,) = library.cards()
    assert {path.name for path in shipped_folder("starter").iterdir()} <= KEPT
    loaded = load_model(library, card)
    assert loaded.mixture is not None
    assert card.figures.words > 10_000
    assert card.sources
    assert library.report(card.model_id) is not None
