"""A passage in the game costs what an evaluation says it costs, and what is given to the words is a distribution."""

import math

import pytest

from rnntui.lm.evaluation import UNKNOWN_CHARACTER_NATS, Evaluator
from rnntui.lm.generator import Generator
from rnntui.lm.mix.passage_odds import VOICES, PassageReader
from rnntui.lm.progress import run_to_end
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from tests.small_models import TEXT, save_small_model

PASSAGE = (
    " A mouse saw the cat. The small dinosaurs saw a big mouse; “Who are you?” said the mouse, and it didn't stay."
)


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    services = Services(find_paths(tmp_path_factory.mktemp("odds")))
    return load_generator(services.library, save_small_model(services.library, layers=2))


@pytest.mark.parametrize("text", [PASSAGE, TEXT])
def test_the_bits_of_a_passage_are_those_of_an_evaluation(generator: Generator, text: str) -> None:
    import torch

    assert generator.mixture is not None
    ids = generator.tokenizer.encode(text)
    evaluator = Evaluator(
        generator.model, generator.tokenizer, generator.mixture, {"counting": generator.mixture.counting}
    )
    run_to_end(evaluator.read(torch.tensor(ids, dtype=torch.int32)))
    measured, counting = evaluator.result(), evaluator.baselines()["counting"]
    read = PassageReader(generator).read(ids)
    unknown = measured.unknown_characters * UNKNOWN_CHARACTER_NATS  # which character it was is beyond any token
    nats = {voice: unknown - float(read.logs[voice].sum()) for voice in VOICES}
    assert nats["network"] == pytest.approx(measured.nats, rel=1e-6)
    assert nats["mixture"] == pytest.approx(measured.mixture_nats, rel=1e-6)
    assert nats["counting"] / math.log(2) == pytest.approx(counting * measured.characters, rel=1e-9)


def test_what_each_voice_gives_to_the_words_is_what_it_gave_to_the_token_that_stands_there(
    generator: Generator,
) -> None:
    reader = PassageReader(generator)
    read = reader.read(generator.tokenizer.encode(PASSAGE))
    places = [place for place in range(len(read.ids)) if reader.is_word(read, place)]
    assert len(places) > 8
    for place in places:
        odds = reader.odds(read, place)
        piece = generator.tokenizer.piece(read.ids[place])
        assert odds.words[odds.truth].casefold() == piece.strip().casefold()
        assert len(set(map(str.casefold, odds.words))) == len(odds.words)
        entries = [
            entry
            for entry in range(len(generator.tokenizer))
            if not generator.tokenizer.is_continuation(entry)
            and generator.tokenizer.piece(entry).startswith(" ") == piece.startswith(" ")
            and generator.tokenizer.piece(entry).strip().casefold() in set(map(str.casefold, odds.words))
        ]
        for voice in VOICES:
            assert odds.shares[voice].sum() == pytest.approx(1)
            one = math.exp(float(read.logs[voice][place - 1]))
            generator.memory = read.before(place)
            if voice != "counting":
                all_of_them = float(generator.log_probabilities(voice).exp()[entries].sum())
                assert odds.shares[voice][odds.truth] >= one / all_of_them - 1e-6


def test_a_word_in_two_ways_to_write_it_is_one_word(generator: Generator) -> None:
    reader = PassageReader(generator)
    read = reader.read(generator.tokenizer.encode(" The cat saw the mouse and"))
    (first, second) = (place for place in range(1, 6) if reader.is_word(read, place) and place in {3, 4})
    odds = reader.odds(read, second)
    assert first < second
    assert [word.casefold() for word in odds.words].count("the") == 1
    tokenizer = generator.tokenizer
    generator.memory = read.before(second)
    network = generator.log_probabilities("network").exp()
    both = [entry for entry in map(tokenizer.id_of, (" the", " The")) if entry is not None]
    words = {word.casefold() for word in odds.words}
    all_of_them = sum(
        float(network[entry])
        for entry in range(len(tokenizer))
        if tokenizer.piece(entry).startswith(" ")
        and not tokenizer.is_continuation(entry)
        and not generator.is_begun(entry)
        and tokenizer.piece(entry).strip().casefold() in words
    )
    the = [word.casefold() for word in odds.words].index("the")
    assert odds.shares["network"][the] == pytest.approx(sum(float(network[e]) for e in both) / all_of_them)


def test_neither_the_first_token_nor_the_last_nor_a_part_nor_a_mark_is_asked(generator: Generator) -> None:
    reader, tokenizer = PassageReader(generator), generator.tokenizer
    read = reader.read(tokenizer.encode(" The cat yawned, and the mouse"))
    asked = [tokenizer.piece(read.ids[place]) for place in range(len(read.ids)) if reader.is_word(read, place)]
    assert asked == [" cat", " and", " the"]


def test_a_model_without_counts_plays_alone(generator: Generator) -> None:
    alone = PassageReader(Generator(generator.model, generator.tokenizer))
    read = alone.read(alone.tokenizer.encode(PASSAGE))
    assert set(read.logs) == {"network"}
    assert set(alone.odds(read, 3).shares) == {"network"}


def test_odds_list_the_likeliest_words_first(generator: Generator) -> None:
    reader = PassageReader(generator)
    odds = reader.odds(reader.read(generator.tokenizer.encode(PASSAGE)), 3)
    order = odds.likeliest("mixture", 5)
    shares = odds.shares["mixture"]
    assert [float(shares[number]) for number in order] == sorted(shares.tolist(), reverse=True)[:5]
