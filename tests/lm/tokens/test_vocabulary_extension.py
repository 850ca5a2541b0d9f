"""A model that goes on with another text: what it knew is where it was, and new words have a place."""

import dataclasses

import pytest
import torch

from rnntui.lm.evaluation import measure
from rnntui.lm.model import WordRNN
from rnntui.lm.output import group_limits
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.tokens.vocabulary_extension import (
    extend_config,
    extend_tokenizer,
    extend_weights,
    hardly_learned,
    tuning_text,
)
from rnntui.settings import CELL_NAMES, ModelConfig

OLD = "The cat saw the dog. A mouse heard the rain. " * 9
NEW = "The zebra saw a yak; the zebra slept. " * 9
SHAPE = ModelConfig("lstm", 100, 12, 12, 1, True, 0)


def counts_of(text: str, tokenizer: Tokenizer) -> torch.Tensor:
    return torch.bincount(torch.tensor(tokenizer.encode(text)), minlength=len(tokenizer))


def grown(old: Tokenizer) -> Tokenizer:
    from collections import Counter

    from rnntui.lm.tokens.splitting import split

    return extend_tokenizer(old, Counter(split(NEW)), set(NEW))


def made(shape: ModelConfig, size: int) -> WordRNN:
    model = WordRNN(shape, size)
    model.initialise(torch.Generator().manual_seed(4), torch.arange(size, 0, -1))
    return model


def test_old_ids_mean_what_they_meant_and_new_words_have_an_entry() -> None:
    old = Tokenizer.train([OLD], 100)
    new = grown(old)
    assert new.pieces[: len(old)] == old.pieces
    assert new.encode(OLD) == old.encode(OLD)
    assert new.decode(new.encode(NEW)) == NEW
    assert new.spelled_words(" The zebra saw a yak") == []
    assert old.spelled_words(" The zebra saw the yak") == ["zebra", "yak"]
    assert grown(new).pieces == new.pieces
    for character in "zky;":
        assert new.knows(character)


def test_the_most_frequent_new_words_come_first_and_not_too_many() -> None:
    old = Tokenizer.train([OLD], 100)
    counts = {f" w{number}x": 20_000 - number for number in range(9_000)}
    new = extend_tokenizer(old, counts, "wx0123456789 ")
    words = [piece for piece in new.pieces[len(old) :] if piece.startswith(" w")]
    assert words == [f" w{number}x" for number in range(6_000)]


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_before_it_learns_the_old_text_is_known_nearly_as_well(cell: str, tied: bool) -> None:
    shape = dataclasses.replace(SHAPE, cell=cell, tied=tied)
    old = Tokenizer.train([OLD], 100)
    new = grown(old)
    model = made(shape, len(old))
    config = extend_config(shape, len(old), len(new))
    after = WordRNN(config, len(new))
    after.load_state_dict(extend_weights(model, config, counts_of(NEW, new)))
    one, two = (measure(entry, tokenizer, OLD) for entry, tokenizer in ((model, old), (after, new)))
    assert one.bits_per_character <= two.bits_per_character < 1.35 * one.bits_per_character
    state = model.zero_state()
    assert torch.equal(model.step(5, state).parts["h"], after.step(5, state).parts["h"])


@pytest.mark.parametrize(
    ("old_size", "new_size", "head", "most", "groups"),
    [
        (150, 400, 100, 2, 0),
        (260, 300, 100, 2, 1),
        (260, 900, 100, 2, 2),
        (900, 1_000, 100, 2, 2),
        (150, 400, 0, 2, 0),
        (260, 9_000, 100, 4, 4),
        (900, 9_000, 100, 8, 4),
    ],
)
def test_the_group_of_new_words_is_as_much_likelier_as_it_has_grown(
    old_size: int, new_size: int, head: int, most: int, groups: int
) -> None:
    shape = dataclasses.replace(SHAPE, softmax_head=head, softmax_groups=most)
    model = made(shape, old_size)
    config = extend_config(shape, old_size, new_size)
    counts = torch.cat((torch.arange(old_size, 0, -1), torch.full((new_size - old_size,), 9)))
    weights = extend_weights(model, config, counts)
    after = WordRNN(config, new_size)
    after.load_state_dict(weights)
    assert after.groups.shape[0] == groups
    hidden = torch.zeros(1, 12)
    with torch.no_grad():
        before, now = model.log_probabilities(hidden)[0].exp(), after.log_probabilities(hidden)[0].exp()
    assert float(now.sum()) == pytest.approx(1.0, abs=1e-5)
    if groups:
        low = (0, *group_limits(old_size, shape))[-2]
        grown = float(counts[low:].sum() + 1) / float(counts[low:old_size].sum() + 1)
        rest, share = float(before[:low].sum()), float(before[low:].sum())
        assert float(now[:low].sum()) == pytest.approx(rest / (rest + share * grown), rel=1e-3)
        assert float(now[old_size:].sum() / now[low:].sum()) == pytest.approx(1 - 1 / grown, rel=0.1)


def test_the_end_of_the_counted_text_is_the_old_text() -> None:
    tokenizer = Tokenizer.train([OLD], 100)
    ids = torch.tensor(tokenizer.encode(OLD * 60))
    text = tuning_text(ids, tokenizer)
    assert (OLD * 60).endswith(text)
    assert len(tokenizer.encode(text)) == pytest.approx(min(1_400, len(ids) / 10), abs=1)


def test_new_entries_that_stood_in_too_few_steps_are_ranges_of_ids() -> None:
    counts = torch.tensor([9, 0, 1, 40, 90, 12, 8, 4, 2, 1])
    assert hardly_learned(counts, 2.0, 10_000, 5) == ((7, 10),), "7.997 steps are fewer than 8"
    assert hardly_learned(counts, 100.0, 10_000, 5) == ()
    assert hardly_learned(counts, 0.0, 0, 5) == ((5, 10),)
    assert hardly_learned(counts, 0.3, 10_000, 10) == (), "nothing is new"
    assert hardly_learned(counts, 2.0, 4, 5) == ((5, 10),), "in 4 steps nothing is learned"
    learned_now = hardly_learned(counts, 2.0, 10_000, 8, before=[(1, 5)])
    assert learned_now == ((1, 3), (8, 10)), "of what the model before had hardly learned, 3 and 4 were learned now"
    assert hardly_learned(counts, 1e6, 10**9, 8, before=[(1, 5)]) == ((1, 2),), "what the new text lacks was not"
