import contextlib
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import InputError, ModelFileError, StorageError
from rnntui.records import Metrics, ModelCard, RunReport, RunSample, Source
from rnntui.settings import CELL_NAMES, ModelConfig
from rnntui.store.files import durable
from rnntui.store.library import Library, card_from_json, card_to_json, checked_name, new_model_id
from tests.effort import examples
from tests.fail_points import FAIL_POINT_VARIABLE, fail_point

NOW = "2026-03-04T05:06:07Z"
WEIGHTS, VOCABULARY = b"weights " * 50, b'["a", "b"]'


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def a_card(
    name: str = "Tolstoy", made_at: str = NOW, weights: bytes = WEIGHTS, model_id: str = "", passes: float = 3.5
) -> ModelCard:
    return ModelCard(
        model_id=model_id or new_model_id(name, made_at),
        name=name,
        made_at=made_at,
        config=ModelConfig(hidden_size=128),
        vocabulary_size=2,
        sources=(Source("war.txt", "0" * 64, 1234, "utf-8"),),
        training_words=1000,
        minutes=5.0,
        passes=passes,
        figures=Metrics(1.66, 90.5, 100, 500, 0.04, {"counting": 1.72}),
        command="rnntui train war.txt",
        torch_version="2.13.0",
        seed=1,
        weights_sha256=sha256(weights),
        vocabulary_sha256=sha256(VOCABULARY),
        weights_bytes=len(weights),
    )


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    folder = tmp_path / "starter"
    card = a_card("starter", "2026-01-01T00:00:00Z", model_id="starter-000000")
    durable.write_folder(
        folder, {"card.json": card_to_json(card), "weights.safetensors": WEIGHTS, "vocabulary.json": VOCABULARY}
    )
    return folder


@pytest.fixture
def library(tmp_path: Path, starter: Path) -> Library:
    return Library(tmp_path / "models", starter)


def saved(library: Library, name: str, made_at: str = NOW) -> ModelCard:
    card = a_card(name, made_at)
    library.save(card, WEIGHTS, VOCABULARY)
    return card


def folder_of(tmp_path: Path, card: ModelCard) -> Path:
    return tmp_path / "models" / card.model_id


# ---- listing and finding


def test_models_are_listed_newest_first_with_the_starter(library: Library) -> None:
    saved(library, "older", "2026-02-01T00:00:00Z")
    saved(library, "newer", "2026-02-02T00:00:00Z")
    assert [card.name for card in library.cards()] == ["newer", "older", "starter"]
    assert library.problems() == []


def test_without_a_starter_and_models_the_library_is_empty(tmp_path: Path) -> None:
    library = Library(tmp_path / "none", tmp_path / "nowhere")
    assert library.cards() == []
    assert library.problems() == []
    with pytest.raises(InputError, match=r'There is no model "x".*rnntui train'):
        library.find("x")


def test_a_model_is_found_by_name_then_id_then_name_in_other_case(library: Library) -> None:
    exact, other = saved(library, "Anna"), saved(library, "anna", "2026-03-05T00:00:00Z")
    assert library.find("Anna") == exact
    assert library.find("anna") == other
    assert library.find(exact.model_id) == exact
    assert library.find("ANNA") == other


def test_of_several_models_with_one_name_the_newest_is_found(library: Library) -> None:
    saved(library, "Anna", "2026-03-01T00:00:00Z")
    newest = saved(library, "Anna", "2026-03-09T00:00:00Z")
    saved(library, "Anna", "2026-03-05T00:00:00Z")
    assert library.find("Anna") == newest


def test_a_name_that_is_not_there_brings_the_near_ones(library: Library) -> None:
    saved(library, "Tolstoy")
    with pytest.raises(InputError) as caught:
        library.find("tolstoi")
    assert caught.value.sentence == 'There is no model "tolstoi".'
    assert caught.value.next_step == 'Did you mean "Tolstoy"?'
    with pytest.raises(InputError, match="rnntui train"):
        library.find("zzz")


@pytest.mark.parametrize("name", ["", "../../x", "CON", "n" * 300, "\x1b]52;c;AAAA\x07", "half\ud83d", "a/b\\c", "."])
def test_a_hostile_name_is_only_data(library: Library, tmp_path: Path, name: str) -> None:
    model_id = new_model_id(name, NOW)
    with pytest.raises(InputError, match="There is no model") as caught:
        library.find(name)
    assert "\x1b" not in str(caught.value)
    for call in (library.read, library.remove, lambda wanted: library.rename(wanted, "x")):
        with pytest.raises(ModelFileError):
            call(name)
    shown = name if name and len(name) <= 200 else "long"
    library.save(a_card(shown, model_id=model_id), WEIGHTS, VOCABULARY)
    assert library.read(model_id)["weights.safetensors"] == WEIGHTS
    assert (tmp_path / "models" / model_id).parent == tmp_path / "models"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models", "starter"]


# ---- ids and names


@given(st.text(max_size=300))
def test_an_id_is_short_plain_and_readable(name: str) -> None:
    slug, _, digits = new_model_id(name, NOW).rpartition("-")
    assert 1 <= len(slug) <= 46
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert slug not in ("con", "nul", "aux", "prn", "com1")
    assert len(digits) == 6
    int(digits, 16)


def test_an_id_tells_the_name_and_differs_by_moment() -> None:
    first, second = new_model_id("Ännchen von Tharau", NOW), new_model_id("Ännchen von Tharau", NOW + "1")
    assert first.startswith("annchen-von-tharau-")
    assert first != second
    assert new_model_id("CON", NOW).startswith("model-con-")


def test_a_name_is_put_on_one_line_and_never_empty() -> None:
    assert checked_name(" a\x1b[31m\n b ") == "a [31m b"
    for name in ("", " \n", "\x00", "n" * 201):
        with pytest.raises(InputError):
            checked_name(name)


# ---- saving, reading, renaming, removing


def test_a_saved_model_reads_back_byte_for_byte(library: Library) -> None:
    card = saved(library, "Tolstoy")
    files = library.read(card.model_id)
    assert files == {
        "card.json": card_to_json(card),
        "weights.safetensors": WEIGHTS,
        "vocabulary.json": VOCABULARY,
    }


def test_a_run_may_save_its_best_again_and_again(library: Library) -> None:
    card = saved(library, "Tolstoy")
    better = b"better weights"
    library.save(a_card(weights=better, passes=4.0, model_id=card.model_id), better, VOCABULARY)
    assert library.read(card.model_id)["weights.safetensors"] == better
    assert [known.passes for known in library.cards() if known.model_id == card.model_id] == [4.0]


def test_weights_that_the_card_does_not_tell_of_are_not_saved(library: Library) -> None:
    with pytest.raises(ModelFileError, match="weights"):
        library.save(a_card(), b"other", VOCABULARY)
    assert [card.name for card in library.cards()] == ["starter"]


def test_a_full_disk_leaves_the_model_that_was_there(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = saved(library, "Tolstoy")
    better = b"better weights"
    monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(4, "ENOSPC"))
    with pytest.raises(StorageError, match="no space left"):
        library.save(a_card(weights=better, model_id=card.model_id), better, VOCABULARY)
    assert library.read(card.model_id)["weights.safetensors"] == WEIGHTS


def test_dying_while_saving_leaves_a_model_that_reads(tmp_path: Path, starter: Path) -> None:
    library = Library(tmp_path / "models", starter)
    card = saved(library, "Tolstoy")
    better = b"better weights"
    (tmp_path / "card").write_bytes(card_to_json(a_card(weights=better, model_id=card.model_id)))
    program = (
        "import pathlib, sys\nfrom rnntui.store.library import Library, card_from_json\n"
        "root = pathlib.Path(sys.argv[1])\ncard = card_from_json((root / 'card').read_bytes())\n"
        f"Library(root / 'models', root / 'starter').save(card, {better!r}, {VOCABULARY!r})"
    )
    for step in (5, 12, 13, 14, 15):  # around the exchange of the two folders
        library.save(card, WEIGHTS, VOCABULARY)
        environment = {**os.environ, FAIL_POINT_VARIABLE: f"{step}:KILL"}
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=False)
        assert done.returncode in (0, 137)
        assert library.read(card.model_id)["weights.safetensors"] in (WEIGHTS, better)
        assert [known.model_id for known in library.cards()] == [card.model_id, "starter-000000"]


def test_a_model_takes_another_name_and_keeps_its_id(library: Library) -> None:
    card = saved(library, "Tolstoy")
    assert library.rename(card.model_id, " Leo \n").name == "Leo"
    assert library.find("Leo").model_id == card.model_id
    assert library.read(card.model_id)["weights.safetensors"] == WEIGHTS


def test_a_removed_model_is_gone(library: Library, tmp_path: Path) -> None:
    card = saved(library, "Tolstoy")
    library.remove(card.model_id)
    assert [known.name for known in library.cards()] == ["starter"]
    assert not folder_of(tmp_path, card).exists()
    with pytest.raises(ModelFileError, match="missing"):
        library.remove(card.model_id)


def test_the_starter_is_read_but_neither_renamed_removed_nor_replaced(library: Library) -> None:
    assert library.read("starter-000000")["weights.safetensors"] == WEIGHTS
    for call in (
        lambda: library.rename("starter-000000", "mine"),
        lambda: library.remove("starter-000000"),
        lambda: library.save(a_card("mine", model_id="starter-000000"), WEIGHTS, VOCABULARY),
    ):
        with pytest.raises(InputError, match="ships with rnntui"):
            call()
    assert library.find("starter").name == "starter"


# ---- damage


def test_damaged_models_are_skipped_and_told_of(library: Library, tmp_path: Path) -> None:
    good, cut, bare, copied = (saved(library, name) for name in ("good", "cut", "bare", "copied"))
    card_file = folder_of(tmp_path, cut) / "card.json"
    card_file.write_bytes(card_file.read_bytes()[:100])
    (folder_of(tmp_path, bare) / "weights.safetensors").unlink()
    folder_of(tmp_path, copied).rename(tmp_path / "models" / "another-folder")
    (tmp_path / "models" / "linked").symlink_to(folder_of(tmp_path, good))
    (tmp_path / "models" / "notes.txt").write_text("not a folder")
    assert [card.name for card in library.cards()] == ["good", "starter"]
    problems = dict(library.problems())
    assert set(problems) == {cut.model_id, bare.model_id, "another-folder", "linked"}
    assert "not JSON, or cut off" in problems[cut.model_id]
    assert "weights.safetensors" in problems[bare.model_id]
    assert "another model" in problems["another-folder"]
    assert "is a link" in problems["linked"]


def test_a_flipped_bit_in_any_file_is_noticed(library: Library, tmp_path: Path) -> None:
    card = saved(library, "Tolstoy")
    for name in ("weights.safetensors", "vocabulary.json"):
        path = folder_of(tmp_path, card) / name
        data = path.read_bytes()
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
        with pytest.raises(ModelFileError, match=name):
            library.read(card.model_id)
        path.write_bytes(data)
    assert library.read(card.model_id)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_or_a_link_or_a_giant_in_place_of_a_file_is_refused_at_once(library: Library, tmp_path: Path) -> None:
    card = saved(library, "Tolstoy")
    path = folder_of(tmp_path, card) / "vocabulary.json"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ModelFileError, match="not an ordinary file"):
        library.read(card.model_id)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(ModelFileError, match="is a link"):
        library.read(card.model_id)
    path.unlink()
    with path.open("wb") as sparse:
        sparse.truncate((5 << 20) + 1)
    with pytest.raises(ModelFileError, match="at most 5,242,880"):
        library.read(card.model_id)


def test_a_models_folder_that_is_a_file_gives_a_sentence(tmp_path: Path, starter: Path) -> None:
    (tmp_path / "models").write_text("a file")
    library = Library(tmp_path / "models", starter)
    with pytest.raises(StorageError):
        library.save(a_card(), WEIGHTS, VOCABULARY)
    with pytest.raises(StorageError):
        library.cards()
    assert (tmp_path / "models").read_text() == "a file"


# ---- cards

plain_text = st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40)
names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=60)
finite = st.floats(allow_nan=False, allow_infinity=False)
count = st.integers(0, 2**60)
digest = st.text("0123456789abcdef", min_size=64, max_size=64)
cards = st.builds(
    ModelCard,
    model_id=st.just("model-123456"),
    name=names,
    made_at=plain_text,
    config=st.builds(
        ModelConfig,
        cell=st.sampled_from(CELL_NAMES),
        vocabulary_limit=st.integers(100, 200_000),
        embedding_size=st.integers(2, 4096),
        hidden_size=st.integers(2, 8192),
        layers=st.integers(1, 8),
        tied=st.booleans(),
    ),
    vocabulary_size=count,
    sources=st.lists(st.builds(Source, names, digest, count, plain_text), max_size=3).map(tuple),
    training_words=count,
    minutes=finite,
    passes=finite,
    figures=st.builds(Metrics, finite, finite, count, count, finite, st.dictionaries(plain_text, finite, max_size=3)),
    command=plain_text,
    torch_version=plain_text,
    seed=count,
    weights_sha256=digest,
    vocabulary_sha256=digest,
    weights_bytes=count,
)


def normal(card: ModelCard) -> ModelCard:
    """Names and commands as they come back: composed characters."""
    return card_from_json(card_to_json(card))


@settings(max_examples=examples(60), deadline=None)
@given(cards)
def test_a_card_comes_back_as_it_was(card: ModelCard) -> None:
    once = normal(card)
    assert normal(once) == once
    same = {"name": once.name, "sources": once.sources, "command": once.command}
    assert dataclasses.replace(card, **same) == once


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_a_mutilated_card_is_refused_or_still_a_card(data: st.DataObject) -> None:
    raw = bytearray(card_to_json(a_card()))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    del raw[data.draw(st.integers(len(raw) // 2, len(raw))) :]
    with contextlib.suppress(ModelFileError):  # any other error fails the test
        assert isinstance(card_from_json(bytes(raw)), ModelCard)


def altered(**changes: object) -> bytes:
    values = json.loads(card_to_json(a_card()))
    values.update(changes)
    return json.dumps(values).encode()


def config(**changes: object) -> dict[str, object]:
    return {**dataclasses.asdict(ModelConfig()), **changes}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"name": "a", "name": "b"}', 'field "name" twice'),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"format_version": 1}', 'lacks the field "model_id"'),
        (altered(seed="1"), 'no whole number in the field "seed"'),
        (altered(seed=True), 'no whole number in the field "seed"'),
        (altered(seed=10**30), 'impossible number in the field "seed"'),
        (altered(minutes="5"), 'no number in the field "minutes"'),
        (altered(minutes=10**400), 'impossible number in the field "minutes"'),
        (altered(minutes=float("nan")), "impossible number"),
        (altered(minutes=float("inf")), "impossible number"),
        (altered(minutes=5).replace(b'"minutes": 5', b'"minutes": 1e999'), 'impossible number in the field "minutes"'),
        (altered(seed=7).replace(b'"seed": 7', b'"seed": ' + b"9" * 5000), "not JSON"),
        (altered(extra=1), 'unknown field "extra"'),
        (altered(name=""), 'nothing in the field "name"'),
        (altered(name="n" * 201), "more than 200 characters"),
        (altered(name=["a"]), 'no text in the field "name"'),
        (altered(sources={}), 'no list in the field "sources"'),
        (altered(sources=[{"name": "a"}]), 'lacks the field "sources[0].sha256"'),
        (altered(figures=None), 'no object in the field "figures"'),
        (altered(config=config(hidden_size=9000)), "hidden size cannot be"),
        (altered(config=config(cell="transformer")), "cell cannot be"),
        (altered(config=config(layers="1")), 'no whole number in the field "config.layers"'),
        (altered(config={}), 'lacks the field "config.cell"'),
        (altered(format_version=3, extra=1), "newer rnntui"),
        (altered(command="x" * 30_000), "more than 20,000 characters"),
    ],
)
def test_a_wrong_card_is_refused_by_the_name_of_the_field(data: bytes, word: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        card_from_json(data)
    assert word in caught.value.sentence
    assert caught.value.next_step


def test_names_in_a_card_lose_their_control_characters() -> None:
    card = card_from_json(altered(name="a\x1b[31m\nb", command="rm\x1b", made_at=NOW))
    assert card.name == "a [31m b"
    assert card.command == "rm "


def test_a_deep_card_among_the_models_does_not_stop_the_listing(library: Library, tmp_path: Path) -> None:
    card = saved(library, "Tolstoy")
    (folder_of(tmp_path, card) / "card.json").write_bytes(b"[" * 1_000_000)
    assert [known.name for known in library.cards()] == ["starter"]
    assert library.problems()[0][0] == card.model_id


def test_a_report_of_an_earlier_version_can_be_read(library: Library, tmp_path: Path) -> None:
    card = saved(library, "old")
    report = RunReport(
        1.4, ((1.0, 3.0),), ((1.0, 2.0),), (RunSample(9, "It was", " dark."),), "budget", 60.0, 9e3, 2, ()
    )
    values = dataclasses.asdict(report)
    del values["samples"][0]["seconds"], values["samples"][0]["bits_per_character"]
    del values["easier_share"], values["held_out_seen_share"]
    folder = next(path.parent for path in tmp_path.rglob("card.json") if path.parent.name == card.model_id)
    (folder / "report.json").write_text(json.dumps(values), encoding="utf-8")
    assert library.report(card.model_id) == report


def test_a_card_from_before_finer_groups_and_parts_of_words_keeps_its_layout() -> None:
    values = json.loads(card_to_json(a_card("old")))
    del values["hardly_learned"]
    for name in ("softmax_groups", "softmax_growth", "word_parts"):
        del values["config"][name]
    config = card_from_json(json.dumps(values).encode()).config
    assert (config.softmax_groups, config.softmax_growth, config.word_parts) == (2, 4.0, 0)


def test_a_card_says_what_is_known_of_its_sources_and_nothing_of_what_is_not() -> None:
    named = Source(
        "alice.txt", "1" * 64, 10, "utf-8", "Alice", "Lewis Carroll", "Project Gutenberg 11", "public domain"
    )
    card = dataclasses.replace(a_card("old"), sources=(named, Source("own.txt", "2" * 64, 20, "utf-8")))
    data = card_to_json(card)
    assert card_from_json(data) == card
    own = json.loads(data)["sources"][1]
    assert set(own) == {"name", "sha256", "characters", "encoding"}, "as earlier versions wrote it"


def test_the_sizes_of_a_models_files_are_told(library: Library) -> None:
    card = saved(library, "Tolstoy")
    assert library.sizes(card.model_id)["weights.safetensors"] == len(WEIGHTS)
    assert "old-text.txt" not in library.sizes(card.model_id)
