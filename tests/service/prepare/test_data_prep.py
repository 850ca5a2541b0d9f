"""Looking into texts: what is found, what is kept for the next time, and how it is given up."""

import dataclasses
import gzip
import hashlib
import itertools
import json
import os
import random
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from rnntui.errors import CorpusError, InputError, StorageError
from rnntui.events import BaselinesMeasured, CorpusInspected, Preparing, SpeedMeasured, TrainEvent, from_json, to_json
from rnntui.lm.tokens import corpus
from rnntui.lm.tokens.corpus import PreparedText, count_text, split_text
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.segments import numbered
from rnntui.lm.tokens.splitting import split_block
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.records import ReadOptions
from rnntui.service.prepare import data_prep, inspection
from rnntui.service.services import Services
from rnntui.settings import ModelConfig
from rnntui.store.corpora import Corpora, NewRecords
from tests.odd_texts.languages import without_spaces
from tests.small_world import SCRIPTS, rare_words_text, world_text


@pytest.fixture
def corpora(tmp_path: Path) -> Corpora:
    return Corpora(tmp_path / "corpora")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "world.txt"
    path.write_text(world_text(), encoding="utf-8")
    return path


def outcome(work):  # type: ignore[no-untyped-def]
    events = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return events, end.value


def prepared(corpora: Corpora, *files: Path, reading: ReadOptions | None = None):  # type: ignore[no-untyped-def]
    first, chosen = outcome(data_prep.survey_files([str(file) for file in files], reading or ReadOptions(), 0.1))
    second, counted = outcome(data_prep.count_tokens(chosen, corpora))
    tokenizer = data_prep.build_tokenizer(counted, ModelConfig(vocabulary_limit=500))
    third, text = outcome(data_prep.encode_corpus(chosen, counted, tokenizer, corpora))
    return [*first, *second, *third], counted, tokenizer, text


def test_a_packed_text_is_prepared_as_the_text_is(corpora: Corpora, file: Path, tmp_path: Path) -> None:
    ids = prepared(corpora, file)[3].ids.tolist()
    packed = tmp_path / "world.txt.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    events, counted, _, text = prepared(corpora, packed)
    assert "counting words" not in doings(events)
    assert [source.name for source in counted.sources] == ["world.txt.gz"]
    assert text.ids.tolist() == ids
    for kept in corpora._folder.glob("*/*"):
        kept.unlink()
    events, counted, _, text = prepared(corpora, packed, file)
    assert text.ids.tolist() == ids
    assert counted.notes == ()
    assert text.notes == ("world.txt: The same as world.txt.gz; it is read once.",)


def test_the_texts_of_an_archive_are_prepared_one_after_another(corpora: Corpora, tmp_path: Path) -> None:
    texts = {f"{seed}.txt": world_text(seed=seed) for seed in (1, 2)}
    with zipfile.ZipFile(tmp_path / "worlds.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
            (tmp_path / name).write_text(text, encoding="utf-8")
    _, counted, _, packed = prepared(corpora, tmp_path / "worlds.zip")
    assert [source.name for source in counted.sources] == ["worlds.zip/1.txt", "worlds.zip/2.txt"]
    ids = packed.ids.tolist()
    events, _, _, plain = prepared(corpora, *(tmp_path / name for name in texts))
    assert "counting words" not in doings(events)
    assert plain.ids.tolist() == ids


def test_a_text_that_stands_in_another_is_said_before_anything_is_trained(corpora: Corpora, tmp_path: Path) -> None:
    book = rare_words_text(words=20_000, seed=3).replace("a", "é")
    whole, half, other = tmp_path / "whole.txt", tmp_path / "half.txt", tmp_path / "other.txt"
    whole.write_text(book, encoding="utf-8")
    half.write_bytes(textwrap.fill(book[: len(book) // 2], 70).encode("cp1252"))
    other.write_text(rare_words_text("cyrillic", words=20_000), encoding="utf-8")
    note = "half.txt: all of it stands in whole.txt too and is read twice."
    for _ in range(2):  # found, and kept
        inspected = inspection.inspect([str(whole), str(other), str(half)], corpora, ReadOptions(), 0.1)
        notes = next(event.notes for event in inspected if isinstance(event, CorpusInspected))
        assert [note for note in notes if "stands in" in note] == [note]
    assert note in prepared(corpora, whole, other, half)[3].notes
    half = half.rename(tmp_path / "renamed.txt")
    assert note.replace("half.txt", "renamed.txt") in prepared(corpora, whole, other, half)[3].notes


def doings(events: list[TrainEvent]) -> set[str]:
    return {event.what for event in events if isinstance(event, Preparing)}


def test_the_numbers_are_those_of_the_whole_training_text(corpora: Corpora, file: Path) -> None:
    _, counted, tokenizer, text = prepared(corpora, file)
    assert isinstance(text, PreparedText)
    training = tokenizer.decode(text.numbers(tokenizer).tolist())
    assert "\n\n".join((training, text.tuning, text.validation)).split() == world_text().split()
    assert len(training) == text.training_characters
    assert tokenizer.encode(training) == text.numbers(tokenizer).tolist()
    assert tokenizer.to_bytes() == Tokenizer.train([training], 500).to_bytes()
    assert counted.recent == training


def test_what_was_prepared_once_is_not_prepared_again(corpora: Corpora, file: Path) -> None:
    events, counted, _, text = prepared(corpora, file)
    assert {"counting words", "turning words into numbers"} <= doings(events)
    again, counted_again, _, text_again = prepared(corpora, file)
    assert not {"counting words", "turning words into numbers"} & doings(again)
    assert counted_again.held_out == counted.held_out
    assert text_again.ids.equal(text.ids)
    renamed = file.rename(file.with_name("other.txt"))
    assert prepared(corpora, renamed)[1].sources[0].name == "other.txt"


def _all_of(corpora: Corpora, file: Path) -> dict[str, object]:
    """Everything that is made of a text before training, to the last bit."""
    _, chosen = outcome(data_prep.survey_files([str(file)], ReadOptions(), 0.1))
    _, counted = outcome(data_prep.count_tokens(chosen, corpora))
    tokenizer = data_prep.build_tokenizer(counted, ModelConfig(vocabulary_limit=400, word_parts=60))
    _, text = outcome(data_prep.encode_corpus(chosen, counted, tokenizer, corpora))
    ids = text.numbers(tokenizer)
    tuning = torch.tensor(tokenizer.encode(text.tuning))
    learned = torch.cat((ids.long(), tuning))
    _, bits = outcome(data_prep.baselines(counted.held_out, learned, tokenizer, [str(file)]))
    looked_at = [to_json(event) for event in inspection.inspect([str(file)], corpora, ReadOptions(), 0.1)]
    return {
        "key": chosen.key,
        "counted": counted,
        "order of counts": list(counted.counts.items()),
        "vocabulary": tokenizer.pieces,
        "ids": (ids.dtype, ids.tolist()),
        "text": (text.validation, text.tuning, text.notes, text.training_characters),
        "words": Lexicon.of(learned, tokenizer)._words,
        "baselines": bits,
        "inspected": [line for line in looked_at if "Preparing" not in line],
    }


def _fresh_and_kept(corpora: Corpora, file: Path) -> tuple[dict[str, object], dict[str, object]]:
    fresh = _all_of(corpora, file)
    return fresh, _all_of(corpora, file)


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_made_of_a_text_now_is_what_is_kept_of_it(corpora: Corpora, tmp_path: Path, script: str) -> None:
    file = tmp_path / "text.txt"
    file.write_text(rare_words_text(script), encoding="utf-8")
    fresh, kept = _fresh_and_kept(corpora, file)
    assert [name for name in fresh if fresh[name] != kept[name]] == []


BOOKS = sorted(Path(os.environ.get("RNNTUI_BOOKS", "/nowhere")).rglob("*.txt"))
"""Plain-text books, where there are any."""


@pytest.mark.skipif(not BOOKS, reason="RNNTUI_BOOKS names no folder with books")
@pytest.mark.parametrize("book", random.Random(5).sample(BOOKS, min(6, len(BOOKS))), ids=lambda path: path.stem)
def test_what_is_made_of_a_book_now_is_what_is_kept_of_it(corpora: Corpora, book: Path) -> None:
    fresh, kept = _fresh_and_kept(corpora, book)
    assert [name for name in fresh if fresh[name] != kept[name]] == []


def _printed(text: str) -> str:
    """A text with italics, captions and notes as plain-text books spell them."""
    paragraphs = [f"The _{text[at : at + 9].strip()}_ of it.[{at}]" for at in range(20)]
    return "\n\n".join((*paragraphs, "[Illustration: a cat]", "* * * * *", "[Footnote 1: of a dog]", text))


def _fixed_files(folder: Path) -> list[Path]:
    """The same bytes every time, in many forms: wrapped, framed by a licence, verse, a table, a page, other scripts."""
    latin, cyrillic, han = (rare_words_text(script, 2_000) for script in SCRIPTS)
    wrapped = "\n\n".join(textwrap.fill(paragraph, 70) for paragraph in latin.split("\n\n"))
    framed = (
        f"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n{wrapped}\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n"
    )
    words = cyrillic.split()
    verse = "\n".join(" ".join(words[at : at + 6]) for at in range(0, len(words), 6))
    contents = {
        "book.txt": framed.replace("\n", "\r\n").encode(),
        "printed.txt": _printed(latin).encode(),
        "verse.txt": verse.encode("koi8-r"),
        "wrapped.txt": "\n".join(textwrap.wrap(han, 30)).encode(),
        "lines.jsonl": "".join(json.dumps({"text": part}) + "\n" for part in latin.split("\n\n")[:20]).encode(),
        "table.csv": b"number,text\n" + b"".join(b'%d,"said, and done"\n' % at for at in range(50)),
        "page.html": b"<p>It was late,&nbsp;and the <b>old</b> man\xe2\x80\x99s cat didn't sleep.</p>" * 20,
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in contents]


PIECES_BY_RULES = {2: "8f53b18f23d1f1c8", 3: "6fd275dd3cfd6b1a", 4: "20825ad3441a844d"}
"""What the fixed files gave by each rules, as a hash. Other pieces under the same number would be mixed up with those
that a cache or a run has kept: count `RULES` up, and add the new hash here."""


def test_other_pieces_of_the_same_files_count_the_rules_up(corpora: Corpora, tmp_path: Path) -> None:
    _, counted, tokenizer, text = prepared(corpora, *_fixed_files(tmp_path))
    made = [tokenizer.pieces, text.ids.tolist(), text.validation, text.tuning, counted.recent]
    found = hashlib.sha256(json.dumps(made).encode()).hexdigest()[:16]
    assert {**PIECES_BY_RULES, data_prep.RULES: found} == PIECES_BY_RULES
    assert len(set(PIECES_BY_RULES.values())) == data_prep.RULES - 1


def test_the_key_of_a_text_is_known_whatever_rules_it_was_read_by(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("A text.", encoding="utf-8")
    _, chosen = outcome(data_prep.survey_files([str(file)], ReadOptions(), 0.1))
    known = {"4dc662e50e0ebbdaddbe3fd15b72f65f", "66c98f2146bccbb8369ab84bd1eb6e1e"}
    assert known <= {chosen.key, *chosen.earlier_keys}


@pytest.mark.parametrize("change", ["content", "reading"])
def test_other_content_or_settings_are_prepared_anew(corpora: Corpora, file: Path, change: str) -> None:
    prepared(corpora, file)
    reading = ReadOptions(encoding="cp1252") if change == "reading" else None
    if change == "content":
        file.write_text(world_text(seed=2), encoding="utf-8")
    assert "counting words" in doings(prepared(corpora, file, reading=reading)[0])


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"cuts": 3}', b"\xff\xff\xff\xff" * 9])
def test_a_damaged_cache_is_made_again(corpora: Corpora, file: Path, damage: bytes, tmp_path: Path) -> None:
    _, _, _, text = prepared(corpora, file)
    ids = text.ids.tolist()
    del text
    for kept in (tmp_path / "corpora").rglob("*"):
        if kept.is_file():
            kept.write_bytes(damage)
    events, _, _, text = prepared(corpora, file)
    assert {"counting words", "turning words into numbers"} <= doings(events)
    assert text.ids.tolist() == ids


def _cut(data: bytes) -> bytes:
    return data[:-4096]


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2 & ~3
    return data[:middle] + bytes((data[middle] ^ 1,)) + data[middle + 1 :]


@pytest.mark.parametrize("damage", [_cut, _flipped])
def test_a_cache_with_another_number_or_letter_in_it_is_made_again(
    corpora: Corpora, file: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    fresh = _all_of(corpora, file)
    for kept in (tmp_path / "corpora").rglob("*"):
        if kept.is_file() and not kept.name.startswith("sum-"):
            kept.write_bytes(damage(kept.read_bytes()))
    again = _all_of(corpora, file)
    assert [name for name in fresh if fresh[name] != again[name]] == []


def _lost(_: bytes) -> None:
    return None


def _cut_at_a_record(data: bytes) -> bytes:
    return data[: 24 + int.from_bytes(data[:8], "big")]


@pytest.mark.parametrize("damage", [_cut, _flipped, _lost, _cut_at_a_record, lambda _: b"", lambda _: b"\xff" * 99])
def test_a_counted_text_is_split_again_when_its_pieces_are_not_what_they_were(
    corpora: Corpora, file: Path, tmp_path: Path, damage: Callable[[bytes], bytes | None]
) -> None:
    ids = prepared(corpora, file)[3].ids.tolist()
    for kept in (tmp_path / "corpora").rglob("ids-*"):
        kept.unlink()
    (pieces,) = (tmp_path / "corpora").rglob("pieces")
    damaged = damage(pieces.read_bytes())
    pieces.unlink()
    if damaged is not None:
        pieces.write_bytes(damaged)
    events, _, _, text = prepared(corpora, file)
    assert {"counting words", "splitting the text into words"} & doings(events) == {"splitting the text into words"}
    assert text.ids.tolist() == ids


@pytest.mark.parametrize("refused", ["new_pieces", "write", "complete"])
def test_pieces_that_cannot_be_kept_do_not_stop_the_look(
    corpora: Corpora, file: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    monkeypatch.setattr(Corpora if refused == "new_pieces" else NewRecords, refused, full)
    events = list(inspection.inspect([str(file)], corpora, ReadOptions(), 0.1))
    assert isinstance(events[-1], BaselinesMeasured)


def test_a_cache_that_cannot_be_written_does_not_stop_the_look(
    corpora: Corpora, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    monkeypatch.setattr(Corpora, "keep_counted", full)
    events = list(inspection.inspect([str(file)], corpora, ReadOptions(), 0.1))
    assert isinstance(events[-1], BaselinesMeasured)


def test_only_so_many_prepared_texts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnntui.store.corpora._MOST_ENTRIES", 3)
    corpora = Corpora(tmp_path / "corpora")
    keys = [f"{at:032x}" for at in range(9)]
    for key in keys:
        corpora.keep_counted(key, b"x")
    kept = [key for key in keys if corpora.counted(key)]
    assert keys[-1] in kept
    assert len(kept) <= 4


def test_the_vocabulary_is_the_one_that_the_shape_asks_for(corpora: Corpora, file: Path) -> None:
    _, chosen = outcome(data_prep.survey_files([str(file)], ReadOptions(), 0.1))
    _, counted = outcome(data_prep.count_tokens(chosen, corpora))
    shape = ModelConfig(vocabulary_limit=500, word_parts=30)
    made = data_prep.build_tokenizer(counted, shape)
    assert made.pieces == Tokenizer.from_counts(counted.counts, counted.alphabet, 500, 30).pieces
    assert any(piece.startswith("##") and len(piece) > 3 for piece in made.pieces)


@pytest.mark.parametrize("script", ["han", "thai"])
def test_a_text_without_spaces_is_numbered_in_the_words_that_were_chosen(
    script: str, corpora: Corpora, tmp_path: Path
) -> None:
    whole, _ = without_spaces(script, 2, 40_000, words=300)
    (tmp_path / "text.txt").write_text(whole, encoding="utf-8")
    _, chosen = outcome(data_prep.survey_files([str(tmp_path / "text.txt")], ReadOptions(), 0.1))
    _, counted = outcome(data_prep.count_tokens(chosen, corpora))
    made = []
    for _ in range(2):  # as it was counted, and as it was kept
        events, (tokenizer, note) = outcome(data_prep.choose_tokenizer(counted, ModelConfig(vocabulary_limit=3_000)))
        assert set(doings(events)) == {"choosing the vocabulary"}
        made.append((tokenizer.to_bytes(), note))
        counted = data_prep.read_counted(chosen.key, corpora)
    assert made[0] == made[1]
    assert "words that were found in it" in note
    _, text = outcome(data_prep.encode_corpus(chosen, counted, tokenizer, corpora))
    assert text.ids.tolist() == tokenizer.encode(counted.recent)
    assert text.ids.numel() < 0.8 * len(counted.recent)


def test_work_that_is_given_up_leaves_nothing_behind(corpora: Corpora, file: Path, tmp_path: Path) -> None:
    _, chosen = outcome(data_prep.survey_files([str(file)], ReadOptions(), 0.1))
    _, counted = outcome(data_prep.count_tokens(chosen, corpora))
    work = data_prep.encode_corpus(
        chosen, counted, data_prep.build_tokenizer(counted, ModelConfig(vocabulary_limit=500)), corpora
    )
    next(work)
    work.close()
    kept = sorted(kept.name for kept in (tmp_path / "corpora").rglob("*") if kept.is_file())
    assert kept == ["counted", "pieces"]


def test_no_step_reads_much_between_two_events(tmp_path: Path) -> None:
    """What is asked to stop stops at the next event."""
    from rnntui.lm.text.text_source import TextFile

    path = tmp_path / "long.txt"
    path.write_text("\n\n".join(f"{at} {world_text(400)}" for at in range(2_000)), encoding="utf-8")
    text = TextFile(path)
    passed = [0]
    for _ in text.survey():
        passed.append(text.passed)
    assert max(after - before for before, after in itertools.pairwise(passed)) <= 1 << 20
    work = count_text([text], 0.1)
    passed, counted = [0], None
    while counted is None:
        try:
            next(work)
            passed.append(text.passed)
        except StopIteration as end:
            counted = end.value
    assert len(passed) > 40
    tokenizer = Tokenizer.from_counts(counted.counts, counted.alphabet, 500)
    sizes = [len(numbers) // 4 for _, numbers in numbered(split_text([text], counted.cuts), tokenizer)]
    assert max(sizes) <= 1 << 19  # what a segment of the text has


def test_the_same_file_twice_is_read_once(corpora: Corpora, file: Path) -> None:
    copy = file.with_name("copy.txt")
    copy.write_bytes(file.read_bytes())
    events = list(inspection.inspect([str(file), str(copy)], corpora, ReadOptions(), 0.1))
    report = next(event for event in events if isinstance(event, CorpusInspected))
    assert report.files == ("world.txt",)
    assert "copy.txt: The same as world.txt; it is read once." in report.notes


def test_a_file_cannot_be_learned_from_and_held_out(corpora: Corpora, file: Path) -> None:
    with pytest.raises(CorpusError, match="both learned from and held out"):
        list(inspection.inspect([str(file)], corpora, ReadOptions(), 0.1, str(file)))


def test_repeated_passages_are_told(corpora: Corpora, tmp_path: Path) -> None:
    passage = "It was a dark and stormy night, and nobody in the old house could sleep for the thunder. "
    path = tmp_path / "text.txt"
    path.write_text(world_text() + "\n\n" + "\n".join([passage] * 200), encoding="utf-8")
    report = next(
        event
        for event in inspection.inspect([str(path)], corpora, ReadOptions(), 0.1)
        if isinstance(event, CorpusInspected)
    )
    assert report.repeated_share > 0.5
    assert any("stand there more than once" in said and "dark and stormy" in said for said in report.warnings)


def test_the_look_says_what_to_expect(services: Services, file: Path) -> None:
    events = list(services.training.inspect([str(file)]))
    report = next(event for event in events if isinstance(event, CorpusInspected))
    assert [entry.minutes for entry in report.expectations] == [1, 5, 15, 60]
    assert all(a.passes < b.passes for a, b in itertools.pairwise(report.expectations))
    assert 0 <= report.spelled_share < 0.2
    assert isinstance(events[-1], BaselinesMeasured)
    assert from_json(to_json(report)) == report


def test_words_and_characters_are_those_of_the_whole_text(services: Services, file: Path) -> None:
    def looked_at(validation: str = "") -> CorpusInspected:
        events = services.training.inspect([str(file)], validation_file=validation)
        return next(event for event in events if isinstance(event, CorpusInspected))

    other = file.with_name("other.txt")
    other.write_text(world_text(seed=5), encoding="utf-8")
    pieces = [piece for piece in split_block(file.read_text(encoding="utf-8")) if not piece.isspace()]
    more = [piece for piece in split_block(other.read_text(encoding="utf-8")) if not piece.isspace()]
    alone, measured = looked_at(), looked_at(str(other))
    assert alone.words == pytest.approx(len(pieces), rel=0.002)  # a block's edge may cut a piece
    assert measured.words == pytest.approx(len(pieces) + len(more), rel=0.002)
    assert measured.characters == alone.characters + measured.held_out_characters


def test_counting_less_than_a_run_would_is_told(
    services: Services, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "MOST_RECENT", 2_000)
    report = next(event for event in services.training.inspect([str(file)]) if isinstance(event, CorpusInspected))
    assert any("Counting has read the last 2,000 characters" in note for note in report.notes)


def test_notes_of_a_renamed_file_have_its_new_name(services: Services, tmp_path: Path) -> None:
    def notes(path: Path) -> tuple[str, ...]:
        found = services.training.inspect([str(path)])
        return next(event.notes for event in found if isinstance(event, CorpusInspected))

    path = tmp_path / "old.txt"
    path.write_bytes(("Über den Wolken. " * 2_000).encode("cp1252"))
    before = notes(path)
    assert any(note.startswith("old.txt: ") for note in before)
    assert notes(path.rename(tmp_path / "new.txt")) == tuple(note.replace("old.txt", "new.txt") for note in before)


@pytest.mark.parametrize("name", ["counting", "animals"])
def test_a_sample_comes_with_the_best_possible(services: Services, name: str) -> None:
    *_, last = services.training.inspect([f"sample:{name}"])
    assert isinstance(last, BaselinesMeasured)
    bits = dict(last.bits_per_character)
    best = bits.pop("best possible")
    assert 0.1 < best < min(bits.values())


def test_an_unknown_sample_or_encoding_is_one_sentence(services: Services, file: Path) -> None:
    with pytest.raises(InputError, match="no sample"):
        list(services.training.inspect(["sample:novel"]))
    with pytest.raises(InputError, match="no encoding"):
        list(services.training.inspect([str(file)], ReadOptions(encoding="rot13")))


def test_the_person_may_choose_another_encoding(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(("Ћ Ђ љубав и мир. " * 900).encode("cp1251"))
    report = next(
        event
        for event in services.training.inspect([str(path)], ReadOptions(encoding="cp1251"))
        if isinstance(event, CorpusInspected)
    )
    assert report.preview.startswith("Ћ Ђ љубав")
    assert not any("guessed" in note for note in report.notes)


def test_an_event_of_an_earlier_version_is_understood() -> None:
    event = Preparing("reading", 0.5)
    assert from_json('{"event": "Preparing", "what": "reading"}') == dataclasses.replace(event, fraction=0.0)
    with pytest.raises(ValueError, match="lacks the field"):
        from_json('{"event": "Preparing"}')


def test_the_speed_of_this_machine_says_what_to_expect_here(services: Services) -> None:
    *_, last = services.training.inspect(["sample:animals"], speed_seconds=0.01)
    assert isinstance(last, SpeedMeasured)
    assert [entry.minutes for entry in last.expectations] == [1.0, 5.0, 15.0, 60.0]
    assert last.words_per_second > 0
    assert from_json(to_json(last)) == last
