import itertools
import math

import numpy as np
import pytest

from rnntui.figures import Finding, Note, Table
from rnntui.lm.lab import next_word
from rnntui.lm.lab.next_word import DRAWS, NextWord
from rnntui.settings import CELL_NAMES
from tests.lab_oracle import hidden_of, probabilities_of, small_bench


@pytest.fixture(params=CELL_NAMES)
def found(request: pytest.FixtureRequest) -> tuple[NextWord, np.ndarray, Finding]:
    bench = small_bench(request.param, temperature=0.7, seed=3)
    finding = list(next_word.run(bench))[-1]
    assert isinstance(finding, Finding)
    rows = probabilities_of(bench.model, hidden_of(bench.model, bench.prompt_ids()))
    return finding.result, rows, finding


def test_the_table_is_what_torch_nn_says(found: tuple[NextWord, np.ndarray, Finding]) -> None:
    result, rows, _ = found
    best = np.sort(rows[-1])[::-1][: len(result.likeliest)]
    assert [entry.probability for entry in result.likeliest] == pytest.approx(best, abs=1e-5)
    assert result.total == pytest.approx(1, abs=1e-6)
    assert result.others == pytest.approx(1 - best.sum(), abs=1e-5)
    assert result.entropy_bits == pytest.approx(-(rows[-1] * np.log2(rows[-1])).sum(), abs=1e-4)


def test_the_chain_multiplies_to_the_prompt(found: tuple[NextWord, np.ndarray, Finding]) -> None:
    result, rows, _ = found
    bench = small_bench()
    ids = bench.prompt_ids()
    factors = [rows[at - 1][word] for at, word in enumerate(ids) if at]
    assert [link.probability for link in result.chain[1:]] == pytest.approx(factors, abs=1e-5)
    assert "".join(link.piece for link in result.chain) == result.prompt
    assert all(link.given == result.prompt[: len(link.given)] for link in result.chain)
    assert result.prompt_bits == pytest.approx(-sum(np.log2([link.probability for link in result.chain])), abs=1e-6)


def test_temperatures_are_powers_and_the_draws_follow_them(found: tuple[NextWord, np.ndarray, Finding]) -> None:
    result, rows, _ = found
    rows[:, 0] = 0.0  # the unknown character is never drawn
    order = np.argsort(-rows[-1])[: len(result.likeliest)]
    for shape in result.shapes[1:]:
        powers = rows[-1] ** (1 / shape.temperature)
        expected = (powers / powers.sum())[order]
        assert shape.probabilities == pytest.approx(expected, abs=1e-4)
        spread = np.sqrt(DRAWS * expected * (1 - expected)) + 1
        assert (np.abs(np.array(shape.counts) - DRAWS * expected) < 5 * spread).all()
        assert sum(shape.counts) + shape.other_words == DRAWS
    greedy = result.shapes[0]
    assert (greedy.temperature, greedy.counts[0], greedy.entropy_bits) == (0.0, DRAWS, 0.0)


def test_going_on_is_the_prompt_and_the_first_drawn_word(found: tuple[NextWord, np.ndarray, Finding]) -> None:
    result, _, finding = found
    assert finding.next_prompt == result.prompt + result.steps[0].piece
    assert result.steps[1].given == finding.next_prompt


def test_of_a_long_prompt_the_listed_words_and_the_whole_of_it_have_a_product_each() -> None:
    bench = small_bench(prompt="the cat saw a dog and the dog saw the cat and a cat saw the dog " * 2)
    result = list(next_word.run(bench))[-1].result
    table, note = next(
        (figure, after)
        for figure, after in itertools.pairwise(next_word.figures(result))
        if isinstance(figure, Table) and figure.title.startswith("The prompt itself")
    )
    listed = sum(math.log2(link.probability) for link in result.chain[-len(table.rows) :])
    assert len(table.rows) < len(result.chain)
    assert isinstance(note, Note)
    assert note.text == (
        f"Product of these {len(table.rows)}: 2^{listed:.1f}. Over all {len(result.chain)} tokens it is the "
        f"probability of the whole prompt: 2^-{result.prompt_bits:.1f}."
    )
