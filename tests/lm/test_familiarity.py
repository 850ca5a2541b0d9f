"""A few thousand words say how well a model reads a text, and what counting would come to."""

import math

import pytest
import torch

from rnntui.errors import CorpusError
from rnntui.lm.evaluation import UNKNOWN_CHARACTER_NATS, measure
from rnntui.lm.familiarity import counting_bits, read_bits, segments_of
from rnntui.lm.model import WordRNN
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.planner import does_better_from
from rnntui.settings import ModelConfig
from tests.small_models import TEXT
from tests.small_world import rare_words_text, world_text


def made(text: str) -> tuple[WordRNN, Tokenizer]:
    tokenizer = Tokenizer.train([text], 200)
    model = WordRNN(ModelConfig("lstm", 200, 12, 16, 1, True, 0), len(tokenizer))
    model.initialise(torch.Generator().manual_seed(3))
    return model, tokenizer


@pytest.mark.parametrize("size", [2_000, 19_000, 300_000])
def test_segments_come_from_all_over_a_text_and_nothing_of_them_is_left_in_the_rest(size: int) -> None:
    text = "".join(f"{number:07} " for number in range(size // 8))
    segments, rest = segments_of(text)
    assert len(segments) == 8
    assert sum(map(len, segments)) <= 0.2 * len(text)
    places = [text.index(segment) / len(text) for segment in segments]
    assert all(number / 8 <= place < (number + 1) / 8 for number, place in enumerate(places))
    assert all(segment not in rest for segment in segments)
    assert len("".join([*segments, *rest.split("\n\n")])) == len(text)


def test_segments_that_are_read_side_by_side_cost_what_each_costs_alone() -> None:
    model, tokenizer = made(TEXT)
    segments = [TEXT[:300], TEXT[40:90], "x", TEXT[100:180] + "щ"]
    alone = [measure(model, tokenizer, segment) for segment in segments if segment != "x"]
    wanted = sum(one.nats for one in alone) / math.log(2) / sum(one.characters for one in alone)
    assert sum(one.unknown_characters for one in alone) == 1
    assert read_bits(model, tokenizer, segments) == pytest.approx(wanted, rel=1e-5)
    assert wanted > UNKNOWN_CHARACTER_NATS / 1_000
    with pytest.raises(CorpusError, match="too short"):
        read_bits(model, tokenizer, ["x", ""])


def test_counting_knows_what_stands_in_the_rest_and_nothing_else() -> None:
    segments, rest = segments_of(world_text())
    _, tokenizer = made(world_text())
    known = run_to_end(counting_bits(rest, tokenizer, segments))
    foreign = run_to_end(counting_bits(rest, tokenizer, [rare_words_text()[:2_000]]))
    assert 0 < known < 1.2
    assert foreign > 3 * known


@pytest.mark.parametrize(
    ("base", "counting", "usual", "begins"),
    [
        (1.71, 1.72, 1.48, True),
        (1.63, 2.16, 1.48, True),
        (1.93, 1.80, 1.48, True),  # a book of many words, which counting knows well
        (3.80, 2.94, 1.48, False),  # a short French one
        (4.94, 2.06, 1.48, False),
        (3.82, 1.74, 1.48, False),
        (6.14, 7.55, 1.48, False),  # what nobody can read
        (1.71, 1.72, 0.0, True),
    ],
)
def test_a_text_that_the_base_reads_as_well_as_counting_is_one_to_go_on_with(
    base: float, counting: float, usual: float, begins: bool
) -> None:
    assert does_better_from(base, counting, usual) == begins
