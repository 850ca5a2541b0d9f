"""What a run begins from when nobody says: the starter where it reads the text, nothing where it does not."""

import dataclasses
import shutil
import signal
from pathlib import Path

import pytest

from rnntui.events import BaseChosen, CorpusInspected, Evaluated, OldTextMeasured, RunFinished, RunResumed, TrainEvent
from rnntui.figures import Table
from rnntui.paths import find_paths
from rnntui.records import FROM_NOTHING, WHERE_IT_HELPS, RunReport, TrainRequest
from rnntui.service.export.report import beginning_in_words, figures_of, sentences
from rnntui.service.model_loader import load_model
from rnntui.service.run.training import Training
from rnntui.service.services import Services
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library, card_to_json
from rnntui.store.runs.runs import Runs
from tests.small_world import rare_words_text

WRITTEN = rare_words_text(words=24_000)
READ, UNREAD = WRITTEN[: 3 * len(WRITTEN) // 4], WRITTEN[3 * len(WRITTEN) // 4 :]
QUICK: dict[str, str | int | float | bool] = {"rows": 4, "bptt_length": 16, "threads": 1}


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has read a made-up language, where the one that ships with the program would be."""
    folder = tmp_path_factory.mktemp("starter")
    services = Services(find_paths(folder / "data"))
    shape: dict[str, str | int | float | bool] = {"hidden_size": 24, "learning_rate": 0.03}
    request = asked(folder, READ, name="starter", overrides={**QUICK, **shape}, minutes=0.08, base_model="")
    *_, last = services.training.run_here(request)
    assert isinstance(last, RunFinished)
    return services.paths.models / last.model_id


@pytest.fixture
def training(services: Services, starter: Path) -> Training:
    paths = services.paths
    return Training(Runs(paths.runs), Library(paths.models, starter), Corpora(paths.corpora), paths.data_dir)


def asked(folder: Path, text: str, **changes: object) -> TrainRequest:
    file = folder / "text.txt"
    file.write_text(text, encoding="utf-8")
    request = TrainRequest((str(file),), "mine", 0.03, "", dict(QUICK), base_model=WHERE_IT_HELPS)
    return dataclasses.replace(request, **changes)  # type: ignore[arg-type]


def chosen(events: list[TrainEvent]) -> BaseChosen:
    (event,) = [event for event in events if isinstance(event, BaseChosen)]
    return event


def model_of(training: Training) -> tuple[str, str, RunReport]:
    library = training._library
    card = library.find("mine")
    report = library.report(card.model_id)
    assert report
    return card.base_name, card.command, report


def test_a_text_that_the_starter_reads_begins_from_it_and_says_so_with_both_figures(
    training: Training, tmp_path: Path
) -> None:
    event = chosen(list(training.run_here(asked(tmp_path, f"A quagga saw a quagga.\n\n{UNREAD}"))))
    assert event.is_taken
    assert 0 < event.bits_per_character < 1.15 * event.counting_bits_per_character
    figures = f"at {event.bits_per_character:.2f} bits", f"reach {event.counting_bits_per_character:.2f}."
    assert all(figure in beginning_in_words(event) for figure in figures)
    assert beginning_in_words(event).startswith("It begins from the starter, which reads this text")
    name, command, report = model_of(training)
    assert name == "starter"
    assert "--from starter" in command
    assert any(
        "It began from the starter" in sentence for sentence in sentences(training._library.find("mine"), report)
    )
    card = training._library.find("mine")
    assert card.config.hidden_size == 24
    facts = next(figure for figure in figures_of(card, report) if isinstance(figure, Table))
    assert ("began from", "starter") in facts.rows
    quagga = load_model(training._library, card).tokenizer.id_of(" quagga")
    assert quagga is not None, "it was met twice"
    is_unsaid = any(start <= quagga < end for start, end in card.hardly_learned)
    assert is_unsaid or card.passes > 4, "and is not said of itself before it was read eight times or so"


def test_a_text_in_another_language_begins_from_nothing_and_says_so_with_both_figures(
    training: Training, tmp_path: Path
) -> None:
    event = chosen(list(training.run_here(asked(tmp_path, rare_words_text("cyrillic")))))
    assert not event.is_taken
    assert event.bits_per_character > 1.15 * event.counting_bits_per_character > 0
    assert beginning_in_words(event).startswith("It begins from nothing: the starter reads this text at")
    name, command, report = model_of(training)
    assert name == ""
    assert f"--from {FROM_NOTHING}" in command
    assert report.beginning
    assert not report.beginning.is_taken


def test_a_text_keeps_its_quotes_where_a_starter_with_other_ones_is_no_help(
    training: Training, tmp_path: Path, starter: Path
) -> None:
    formed = tmp_path / "formed"
    shutil.copytree(starter, formed)
    card = training._library.starter()
    assert card is not None
    (formed / "card.json").write_bytes(card_to_json(dataclasses.replace(card, is_typographic=True)))
    training._library = Library(training._library._folder, formed)
    text = rare_words_text("cyrillic").replace(". ", '." -- ')
    assert not chosen(list(training.run_here(asked(tmp_path, text)))).is_taken
    mine = training._library.find("mine")
    assert not mine.is_typographic
    assert load_model(training._library, mine).tokenizer.knows('"')


def test_another_shape_than_the_starters_begins_from_nothing_and_the_same_shape_does_not(
    training: Training, tmp_path: Path
) -> None:
    other = chosen(list(training.run_here(asked(tmp_path, UNREAD, overrides={**QUICK, "cell": "gru"}))))
    assert not other.is_taken
    assert beginning_in_words(other) == (
        "It begins from nothing, because --cell gru is not that of the starter (lstm)."
    )
    same = asked(tmp_path, UNREAD, overrides={**QUICK, "cell": "lstm", "hidden_size": 24})
    assert chosen(list(training.run_here(same))).is_taken


def test_nothing_is_looked_at_where_nothing_was_asked_for(training: Training, tmp_path: Path) -> None:
    events = list(training.run_here(asked(tmp_path, UNREAD, base_model="")))
    assert not any(isinstance(event, BaseChosen) for event in events)
    assert f"--from {FROM_NOTHING}" in model_of(training)[1]


def test_a_starter_that_cannot_be_read_is_no_reason_to_fail(training: Training, tmp_path: Path, starter: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(starter, broken)
    (broken / "weights.safetensors").write_bytes(b"nothing of the kind")
    training._library = Library(tmp_path / "models", broken)
    events = list(training.inspect([asked(tmp_path, UNREAD).files[0]]))
    assert chosen(events).reason == "the starter cannot be read"
    training._library = Library(tmp_path / "models", tmp_path / "nowhere")
    assert not any(isinstance(event, BaseChosen) for event in training.inspect([str(tmp_path / "text.txt")]))


def test_a_look_into_files_tells_what_a_run_would_begin_from(training: Training, tmp_path: Path) -> None:
    file = asked(tmp_path, UNREAD).files[0]
    events = list(training.inspect([file]))
    assert chosen(events).is_taken
    found = next(event for event in events if isinstance(event, CorpusInspected))
    assert {expectation.hidden_size for expectation in found.expectations} == {24}
    sample = chosen(list(training.inspect(["sample:animals"])))
    assert beginning_in_words(sample) == (
        "It begins from nothing, because a sample shows what can be learned from nothing."
    )


def test_a_run_that_goes_on_begins_as_it_began(training: Training, tmp_path: Path) -> None:
    for event in training.run_here(asked(tmp_path, UNREAD, minutes=0.06)):
        if (
            isinstance(event, Evaluated) and not event.is_final
        ):  # five passes may take no second: no step is logged then
            signal.raise_signal(signal.SIGTERM)
    run = training.runs()[0]
    plan = training._runs.folder(run.run_id).manifest()
    assert plan is not None
    assert plan.base_model == training._library.find("starter").model_id
    rest = list(training.resume_here(run.run_id))
    assert not any(isinstance(event, BaseChosen) for event in rest)
    assert any(isinstance(event, RunResumed) and event.note == "" for event in rest)
    name, _, report = model_of(training)
    assert name == "starter"
    assert report.beginning
    assert report.beginning.is_taken


def test_what_is_forgotten_is_measured_on_passages_that_lie_beside_a_model_without_counts(
    training: Training, tmp_path: Path, starter: Path
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(starter, bare)
    (bare / "counts.safetensors").unlink()
    card = dataclasses.replace(training._library.find("starter"), counts_sha256="")
    (bare / "card.json").write_bytes(card_to_json(card))
    training._library = Library(tmp_path / "models", bare)

    def told() -> list[OldTextMeasured]:
        events = training.run_here(asked(tmp_path, UNREAD))
        return [event for event in events if isinstance(event, OldTextMeasured)]

    assert [(event.before, event.after) for event in told()] == [(0.0, 0.0)] * 2
    (bare / "old-text.txt").write_bytes(b"\xff\xfe no text")
    assert training._library.old_text(card.model_id) == ""
    (bare / "old-text.txt").write_text(READ[-3_000:], encoding="utf-8")
    before, after = told()
    assert 0 < before.before < 3
    assert after.before == before.before
    assert 0 < after.after < 1.3 * after.before
