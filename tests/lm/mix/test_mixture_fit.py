"""What is easier for anyone is told apart from what was learned by heart."""

import pytest
import safetensors.numpy
import torch

from rnntui.lm.mix import mixture_fit
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.mixture import Inherited, Mixture, starting_gate
from rnntui.lm.mix.mixture_fit import choose_base_table, count_base_steps, fit_mixture, spread, unread_nats
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model import WordRNN
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.settings import ModelConfig


def test_a_segment_that_was_not_counted_costs_as_much_as_a_text_of_its_kind() -> None:
    dice = torch.Generator().manual_seed(1)
    words = torch.multinomial(1.0 / torch.arange(1.0, 201), 70_000, replacement=True, generator=dice)
    training, held_out = words[:60_000], words[60_000:]
    unread, other = unread_nats(training, held_out, 200)
    assert abs(unread / other - 1) < 0.02, "counting has not read the segment: nothing in it is known by heart"


def test_an_easier_beginning_is_easier_for_one_who_has_not_read_it() -> None:
    dice = torch.Generator().manual_seed(2)
    plain = torch.multinomial(1.0 / torch.arange(1.0, 51), 60_000, replacement=True, generator=dice)
    rich = torch.multinomial(torch.ones(200), 10_000, replacement=True, generator=dice)
    unread, other = unread_nats(plain, rich, 200)
    assert unread < 0.7 * other


def test_of_too_little_nothing_is_said() -> None:
    few = torch.arange(500) % 7
    assert torch.equal(spread(few), few)
    assert unread_nats(few, few, 10) == (0.0, 0.0), "all of it is the segment; nothing is left to count"


@pytest.mark.parametrize("judged_by", [1, 700, 5_000, 100_000])
def test_counting_judges_by_the_last_words_that_are_not_in_the_segments(
    judged_by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixture_fit, "_JUDGED_BY_TOKENS", judged_by)
    training, held_out = torch.arange(30_000, dtype=torch.int32).remainder(97), torch.arange(300).remainder(89)
    is_taken = torch.zeros(30_000, dtype=torch.bool)
    is_taken[spread(torch.arange(30_000))] = True
    rest = training[~is_taken][-judged_by:].long()
    expected = (0.0, 0.0)
    if rest.numel() > 1:
        counting = KneserNey(rest, 100)
        unread, other = (counting.log_probabilities(ids) for ids in (training[is_taken].long(), held_out))
        expected = (-float(unread.mean()), -float(other.mean()))
    assert unread_nats(training, held_out, 100) == expected


# ---- what is kept of a base -------------------------------------------------------------------------------------


def words(count: int, seed: int) -> torch.Tensor:
    """A text in which few runs of four words come back."""
    dice = torch.Generator().manual_seed(seed)
    return torch.multinomial(1.0 / torch.arange(1.0, 201), count, replacement=True, generator=dice).int()


def mixture_of(ids: torch.Tensor, base: CountTable | None = None) -> Mixture:
    counting = KneserNey(ids, 200)
    return Mixture(counting, starting_gate(counting.order, base.order if base else 0), base)


def test_what_a_base_counted_becomes_a_table_that_says_the_same() -> None:
    ids, asked = words(5_000, 1), words(500, 2)
    mixture = mixture_of(ids)
    (table,) = run_to_end(count_base_steps(mixture, ids))
    given, said = (counts.score(asked.long()).probability for counts in (mixture.counting, table))
    assert torch.allclose(given, said, rtol=0.05), "a byte for each probability"
    kept = choose_base_table((table,), asked.long(), 230)
    assert kept is not None
    assert kept.vocabulary_size == 230


def test_of_a_base_and_its_own_base_the_larger_table_is_kept() -> None:
    long, short, asked = words(9_000, 1), words(800, 2), words(500, 3).long()
    (library,) = run_to_end(count_base_steps(mixture_of(long), long))
    tables = run_to_end(count_base_steps(mixture_of(short, library), short))
    assert tables[1] is library
    for order in (tables, tables[::-1]):
        kept = choose_base_table(order, asked, 200)
        assert kept is not None
        assert kept.ngrams == library.ngrams > tables[0].ngrams
    table_in_turn = Mixture(library, starting_gate(5))
    assert run_to_end(count_base_steps(table_in_turn, short)) == (library,)


def test_a_table_that_knows_the_text_by_heart_is_not_kept() -> None:
    long, other = words(9_000, 1), words(800, 2)
    (library,), (small,) = (run_to_end(count_base_steps(mixture_of(ids), ids)) for ids in (long, other))
    of_library = long[2_000:2_600].long()
    kept = choose_base_table((library, small), of_library, 200)
    assert kept is not None
    assert kept.ngrams == small.ngrams < library.ngrams
    assert choose_base_table((library,), of_library, 200) is None
    assert choose_base_table((library,), of_library[:0], 200) is not None, "nothing is told by a text without words"


def test_a_vocabulary_that_no_table_can_hold_keeps_what_stood_before(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = words(800, 1)
    (library,) = run_to_end(count_base_steps(mixture_of(ids), ids))
    monkeypatch.setattr(mixture_fit, "LARGEST_VOCABULARY", 100)
    assert run_to_end(count_base_steps(mixture_of(ids, library), ids)) == (library,)
    assert run_to_end(count_base_steps(mixture_of(ids), ids)) == ()


def fitted(before: torch.Tensor | None, training: torch.Tensor, tuning: torch.Tensor) -> tuple[Mixture, int]:
    """The mixture of a text, and how many words are kept for counting."""
    tokenizer = Tokenizer(["<unk>", *(f" w{number}" for number in range(199))])
    model = WordRNN(ModelConfig("gru", 200, 4, 4, 1, True, 0), 200)
    model.initialise(torch.Generator().manual_seed(1))
    inherited = Inherited(None, words=before)
    mixture, counts = run_to_end(fit_mixture(model, training, tuning.long(), tokenizer, inherited=inherited))
    return mixture, len(safetensors.numpy.load(counts)["ids"])


def test_what_the_base_counted_itself_is_counted_together_with_the_new_text_where_that_helps() -> None:
    new, tuning = words(900, 1), words(200, 2)
    alike, unlike = words(6_000, 3), 199 - words(6_000, 4)
    alone, kept = fitted(None, new, tuning)
    assert kept == 1_100
    together, kept = fitted(alike, new, tuning)
    assert kept == 7_100
    apart, kept = fitted(unlike, new, tuning)
    assert kept == 1_100
    asked = words(500, 5).long()
    nats = [-float(mixture.counting.log_probabilities(asked).mean()) for mixture in (alone, together, apart)]
    assert nats[1] < nats[0]
    assert nats[2] == nats[0]


def test_words_that_hold_the_text_for_tuning_are_not_counted_again() -> None:
    new, tuning = words(900, 1), words(200, 2)
    _, kept = fitted(torch.cat((words(6_000, 3), new, tuning)), new, tuning)
    assert kept == 1_100
