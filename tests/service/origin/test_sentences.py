"""What is said of words that stand in a model's text."""

import pytest

from rnntui.lm.origin import index_file
from rnntui.records import Copying
from rnntui.service.origin.sentences import RUN, copies_more, copying_in_words, has_verdict, share_in_words


def test_shares_count_the_runs_that_the_index_counts() -> None:
    assert index_file.RUN == RUN


def test_a_share_stands_beside_that_of_held_out_text() -> None:
    assert share_in_words(0.124, 0.11) == "12 % in runs of 5 and more; the text's own held-out end: 11 %"
    assert share_in_words(0.124, 0.11, is_short=True) == "12 % in runs of 5+; held-out end 11 %"
    assert share_in_words(0.124, None) == "12 % in runs of 5 and more"


@pytest.mark.parametrize(
    ("share", "human", "is_more"),
    [
        (0.1, 0.1, False),
        (0.14, 0.1, False),
        (0.16, 0.1, True),
        (0.04, 0.0, False),
        (0.06, 0.0, True),
        (0.5, 0.4, False),
    ],
)
def test_a_model_that_says_more_word_for_word_than_a_person_knows_passages_by_heart(
    share: float, human: float, is_more: bool
) -> None:
    copying = Copying(share, 1_000, human, 5_000, 0.7)
    assert copies_more(copying) is is_more
    sentence = copying_in_words(copying)
    assert ("it knows passages by heart" in sentence) is is_more
    assert ("no more than a person of that text would" in sentence) is not is_more
    assert "at temperature 0.7" in sentence


def test_few_words_are_no_ground_for_a_verdict() -> None:
    assert not has_verdict(None)
    assert not has_verdict(Copying(0.5, 100, 0.1, 5_000, 1.0))
    assert not has_verdict(Copying(0.5, 1_000, 0.0, 0, 1.0))
    assert has_verdict(Copying(0.5, 1_000, 0.1, 5_000, 1.0))
