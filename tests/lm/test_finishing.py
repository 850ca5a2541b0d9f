"""What is easier for anyone is told apart from what was learned by heart."""

import torch

from rnntui.lm.finishing import spread, unread_nats


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
