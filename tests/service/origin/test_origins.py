"""The index of a model: made at the end of its run, made again when it is lost, honest where its text is gone."""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnntui.errors import OriginError
from rnntui.records import ModelCard
from rnntui.service.origin.opening import Opening
from rnntui.service.origin.origin import Origin
from rnntui.service.origin.origins import Origins
from rnntui.service.services import Services
from tests.small_world import world_request


def opened(services: Services, card: ModelCard) -> Origin:
    """The text of a model, with nothing remembered of what was opened before."""
    origin = Opening(services, card, lambda sentence: None).run()
    assert origin is not None
    return origin


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ModelCard]]:
    """A data folder with one trained model, and beside it the file that it has learned from."""
    from rnntui.paths import find_paths

    folder = tmp_path_factory.mktemp("origin")
    services = Services(find_paths(folder / "data"))
    list(services.training.run_here(world_request(folder)))
    yield folder, services.find_model("world")
    services.close()


@pytest.fixture
def at(trained: tuple[Path, ModelCard], tmp_path: Path) -> Iterator[tuple[Services, ModelCard, Path]]:
    """A copy of that, to be damaged; the file stays where the run knows it."""
    from rnntui.paths import find_paths

    folder, card = trained
    file, content = folder / "world.txt", (folder / "world.txt").read_bytes()
    shutil.copytree(folder / "data", tmp_path / "data")
    services = Services(find_paths(tmp_path / "data"))
    yield services, card, file
    file.write_bytes(content)
    services.close()


def index_file(services: Services, card: ModelCard) -> Path:
    path = services.library.origins.path(card.model_id)
    assert path is not None
    return path


def test_a_run_keeps_the_index_and_the_card_says_how_much_the_model_copies(
    at: tuple[Services, ModelCard, Path],
) -> None:
    services, card, file = at
    assert card.copying is not None
    assert 0.0 <= card.copying.human_share <= 1.0
    assert card.copying.human_words > 100
    header = Origins.of(services).header(card)
    assert header is not None
    assert header.human_words == card.copying.human_words
    assert header.human_share == pytest.approx(card.copying.human_share, abs=1e-3)
    assert services.library.sizes(card.model_id)["origin.index"] == index_file(services, card).stat().st_size
    line = file.read_text().split("\n")[10]
    origin = opened(services, card)
    looked = origin.look(f"“Nobody wrote this,” {line}")
    run = looked.run_at(25, 30)
    assert run is not None
    place = origin.place(origin.places(run)[0], run)
    assert (place.name, place.state, place.remark) == ("world.txt", "same", "")
    assert place.run in line
    assert place.where == f"world.txt, line {place.line}"
    assert place.run.split()[0] in file.read_text().split("\n")[place.line - 1]
    assert looked.share > 0.5
    assert origin.look("").words == 0


def test_an_index_that_is_lost_or_damaged_is_made_again_and_is_the_same(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, _ = at
    path = index_file(services, card)
    whole = path.read_bytes()
    for damage in (None, whole[:-5], b"", whole[: len(whole) // 2] + b"x" + whole[len(whole) // 2 + 1 :]):
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)
        opened(services, card)
        assert path.read_bytes() == whole


def test_without_what_was_prepared_the_files_are_read_again(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, file = at
    path = index_file(services, card)
    whole = path.read_bytes()
    path.unlink()
    for entry in services.paths.corpora.rglob("pieces"):
        entry.unlink()
    opened(services, card)
    assert path.read_bytes() == whole
    path.unlink()
    shutil.rmtree(services.paths.corpora)
    opened(services, card)
    assert path.read_bytes() == whole
    path.unlink()
    shutil.rmtree(services.paths.corpora)
    file.write_text("Another text. " * 3_000)
    with pytest.raises(OriginError, match="changed since"):
        opened(services, card)
    file.unlink()
    with pytest.raises(OriginError, match="cannot be looked at"):
        opened(services, card)
    assert services.library.origins.path(card.model_id) is None


def test_what_was_kept_is_shown_when_the_file_has_changed_or_is_gone(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, file = at
    line = file.read_text().split("\n")[10]
    for change, state in ((lambda: file.write_text("Another text."), "changed"), (file.unlink, "gone")):
        change()
        origin = opened(services, card)
        run = origin.look(line).runs[0]
        place = origin.place(origin.places(run)[0], run)
        assert place.state == state
        assert place.run in line
        assert place.line > 0
        assert "has learned from" in place.remark


def test_a_model_whose_run_was_removed_is_found_among_prepared_texts(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, _ = at
    path = index_file(services, card)
    path.unlink()
    services.training.remove(services.training.runs()[0].run_id)
    origin = opened(services, card)
    run = origin.look("small and live under the moon").runs[0]
    place = origin.place(origin.places(run)[0], run)
    assert (place.state, place.run) == ("unknown", "small and live under the moon")
    path.unlink()
    shutil.rmtree(services.paths.corpora)
    with pytest.raises(OriginError, match="run was removed"):
        opened(services, card)


def test_an_index_of_another_model_is_not_taken(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, _ = at
    path = index_file(services, card)
    whole = path.read_bytes()
    stranger = dataclasses.replace(card, sources=(dataclasses.replace(card.sources[0], sha256="0" * 64),))
    with pytest.raises(OriginError, match="another text"):
        opened(services, stranger)
    assert path.read_bytes() == whole


def test_the_starter_says_that_its_books_do_not_come_with_it(at: tuple[Services, ModelCard, Path]) -> None:
    services, _, _ = at
    starter = services.library.starter()
    assert starter is not None
    with pytest.raises(OriginError, match="do not come with it"):
        opened(services, starter)


def test_opening_can_be_stopped_and_leaves_nothing(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, _ = at
    index_file(services, card).unlink()
    told: list[str] = []
    opening = Opening(services, card, lambda sentence: (told.append(sentence), opening.stop()))
    assert opening.run() is None
    assert len(told) == 1
    assert services.library.origins.path(card.model_id) is None


def test_removing_a_model_removes_its_text(at: tuple[Services, ModelCard, Path]) -> None:
    services, card, _ = at
    folder = index_file(services, card).parent
    services.library.remove(card.model_id)
    assert not folder.exists()
