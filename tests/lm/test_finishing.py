"""What is easier for anyone is told apart from what was learned by heart."""

import pytest
import torch

from rnntui.lm import finishing
from rnntui.lm.finishing import spread, unread_nats
from rnntui.lm.ngram import CountingModel


def test_a_stretch_that_was_not_counted_costs_as_much_as_a_text_of_its_kind() -> None:
    dice = torch.Generator().manual_seed(1)
    words = torch.multinomial(1.0 / torch.arange(1.0, 201), 70_000, replacement=True, generator=dice)
    training, held_out = words[:60_000], words[60_000:]
    unread, other = unread_nats(training, held_out, 200)
    assert abs(unread / other - 1) < 0.02, "counting has not read the stretch: nothing in it is known by heart"


def test_an_easier_beginning_is_easier_for_one_who_has_not_read_it() -> None:
    dice = torch.Generator().manual_seed(2)
    plain = torch.multinomial(1.0 / torch.arange(1.0, 51), 60_000, replacement=True, generator=dice)
    rich = torch.multinomial(torch.ones(200), 10_000, replacement=True, generator=dice)
    unread, other = unread_nats(plain, rich, 200)
    assert unread < 0.7 * other


def test_of_too_little_nothing_is_said() -> None:
    few = torch.arange(500) % 7
    assert torch.equal(spread(few), few)
    assert unread_nats(few, few, 10) == (0.0, 0.0), "all of it is the stretch; nothing is left to count"


@pytest.mark.parametrize("judged_by", [1, 700, 5_000, 100_000])
def test_counting_judges_by_the_last_words_that_are_not_in_the_stretches(
    judged_by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_JUDGED_BY_WORDS", judged_by)
    training, held_out = torch.arange(30_000, dtype=torch.int32).remainder(97), torch.arange(300).remainder(89)
    is_taken = torch.zeros(30_000, dtype=torch.bool)
    is_taken[spread(torch.arange(30_000))] = True
    rest = training[~is_taken][-judged_by:].long()
    expected = (0.0, 0.0)
    if rest.numel() > 1:
        counting = CountingModel(rest, 100)
        unread, other = (counting.log_probabilities(ids) for ids in (training[is_taken].long(), held_out))
        expected = (-float(unread.mean()), -float(other.mean()))
    assert unread_nats(training, held_out, 100) == expected
