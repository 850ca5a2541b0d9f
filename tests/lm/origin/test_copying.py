"""The runs of a text that stand in another one, beside what looking at every place finds."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnntui.lm.origin.copying import CopyFinder, Run, copied_share, longest_through
from tests.lm.origin.indexes import index_of, longest_by_hand, places_by_hand, words_of

WORD = st.sampled_from(["a", "b", "A", "ab", "don't", "don’t", "é", "7", "语", "Ω", "ß"])
MARK = st.sampled_from([" ", " ", " ", ", ", "\n\n", " — ", ".” ", "-"])
TEXT = st.lists(st.tuples(WORD, MARK), min_size=1, max_size=40).map(lambda pairs: "".join(map("".join, pairs)).strip())


@given(texts=st.lists(TEXT, min_size=1, max_size=3), asked=TEXT)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_runs_and_places_are_those_that_brute_force_finds(tmp_path: Path, texts: list[str], asked: str) -> None:
    index = index_of(tmp_path, texts)
    finder, words = CopyFinder(index), words_of(asked)
    runs = finder.runs(words)
    through = longest_through(runs, len(words))
    assert [run.length if run else 0 for run in through] == [
        longest_by_hand(texts, words, number) for number in range(len(words))
    ]
    for run in runs:
        said = words[run.start : run.end]
        found = [finder.passage(byte, run.length) for byte in finder.places(said)]
        starts = [(number, at) for number, text in enumerate(texts) for at in places_by_hand(text, said)]
        assert [passage.source for passage in found] == [number for number, _ in starts]
        assert all(words_of(passage.run) == said for passage in found)
        for passage, (number, at) in zip(found, starts, strict=True):
            assert texts[number][:at].endswith(passage.before)
            assert texts[number][at:].startswith(passage.run + passage.after)
    index.close()


def test_marks_and_line_ends_make_no_difference_and_capitals_do(tmp_path: Path) -> None:
    index = index_of(tmp_path, ["He said: “the old\nman’s boat”, and\n\nwent — slowly."])
    finder = CopyFinder(index)
    assert finder.runs(words_of("the old man's boat and went slowly")) == [Run(0, 7)]
    assert finder.runs(words_of("The old man's boat")) == [Run(1, 3)]
    assert finder.runs(words_of("nothing of this")) == []
    assert finder.runs([]) == []
    index.close()


def test_a_run_ends_where_a_file_ends(tmp_path: Path) -> None:
    index = index_of(tmp_path, ["one two three", "four five six"])
    finder = CopyFinder(index)
    assert finder.runs(words_of("two three four five")) == [Run(0, 2), Run(2, 2)]
    assert finder.places(["three", "four"]) == []
    index.close()


def test_a_text_that_repeats_itself_has_all_of_its_places(tmp_path: Path) -> None:
    index = index_of(tmp_path, ["over and over again, " * 2_000])
    finder = CopyFinder(index)
    assert len(finder.places(["over", "and", "over", "again"])) == 2_000
    run = words_of("and over again over " * 300)
    assert finder.runs(run) == [Run(0, 1_200)]
    assert len(finder.places(run)) == 1_700
    index.close()


def test_the_share_counts_words_in_runs_of_five_and_more() -> None:
    runs = [Run(0, 4), Run(2, 5), Run(6, 5), Run(20, 9)]
    assert copied_share(runs, 40) == pytest.approx((9 + 9) / 40)
    assert copied_share([], 0) == 0.0
    assert longest_through(runs, 12)[5] == Run(2, 5)


@given(text=TEXT, held_out=st.lists(TEXT, max_size=6).map(" ".join))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_held_out_text_is_measured_as_a_reply_is(tmp_path: Path, text: str, held_out: str) -> None:
    index = index_of(tmp_path, [text, "a b ab A 7 don't"], held_out)
    words = words_of(held_out)
    assert index.header.human_words == len(words)
    assert index.header.human_share == pytest.approx(copied_share(CopyFinder(index).runs(words), len(words)))
    index.close()
