import itertools
from collections import Counter
from math import log2

import pytest

from rnntui.lm.lab import what_a_memory_buys
from rnntui.lm.lab.bench import Bench
from rnntui.lm.lab.small_world import world_text
from rnntui.lm.lab.what_a_memory_buys import Buys
from rnntui.lm.tokens.tokenizer import Tokenizer
from tests.lab_oracle import divergence_bits, hidden_of, probabilities_of, small_bench


@pytest.fixture(scope="module")
def bench() -> Bench:
    return small_bench()


@pytest.fixture(scope="module")
def found(bench: Bench) -> Buys:
    result = list(what_a_memory_buys.run(bench))[-1].result
    assert isinstance(result, Buys)
    return result


def test_the_loaded_model_is_asked_rightly(bench: Bench, found: Buys) -> None:
    first, second = bench.prompt_ids(), bench.ids(bench.asked.other)
    tables = [probabilities_of(bench.model, hidden_of(bench.model, ids))[-1] for ids in (first, second)]
    assert found.own.rows[0].first == pytest.approx(tables[0].max(), abs=1e-5)
    assert found.own.difference_bits == pytest.approx(divergence_bits(*tables), abs=1e-5)
    assert first[-1] == second[-1]
    assert found.own_last_word.difference_bits == 0
    assert all(row.first == row.second for row in found.own_last_word.rows)


def test_shuffling_keeps_the_words_and_moves_the_table(bench: Bench, found: Buys) -> None:
    assert Counter(found.shuffled.split()) == Counter(found.prompt.split())
    assert found.shuffled.split() != found.prompt.split()
    assert found.shuffled.split()[-1] == found.prompt.split()[-1]
    before, after = (
        probabilities_of(bench.model, hidden_of(bench.model, bench.ids(text)))[-1]
        for text in (found.prompt, found.shuffled.strip())
    )
    assert found.shuffled_difference_bits == pytest.approx(divergence_bits(before, after), abs=1e-5)
    assert found.shuffled_difference_bits > 1e-3


def test_the_last_word_model_says_what_counting_says(found: Buys) -> None:
    words = world_text().replace(".", " .").split()
    after_are = Counter(follower for word, follower in itertools.pairwise(words) if word == "are")
    rows = {row.piece.strip(): row for row in found.world_last_word.rows}
    assert all(row.first == row.second for row in rows.values())
    for size in ("big", "small"):
        assert rows[size].first == pytest.approx(after_are[size] / after_are.total(), abs=0.02)


def test_the_network_of_the_small_world_knows_every_animal(found: Buys) -> None:
    assert found.right_animals == found.animals == 6
    rows = {row.piece.strip(): row for row in found.world_network.rows}
    assert rows["big"].first > 0.5  # likelier than all else together; how far above depends on torch's dice
    assert rows["small"].second > 0.5
    assert found.losses[0] > 5 * found.losses[-1]


def test_figures_of_simpler_models_are_per_character(found: Buys) -> None:
    tokenizer = Tokenizer.train([world_text()], 500)
    held_out = world_text(600, 2)
    ids = tokenizer.encode(held_out)
    characters = len(held_out) - len(tokenizer.piece(ids[0]))
    assert found.world_figures["uniform"] == pytest.approx((len(ids) - 1) * log2(len(tokenizer)) / characters)
    assert found.world_figures["network"] < 0.9 * found.world_figures["last word only"]
