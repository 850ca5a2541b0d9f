"""Teacher forcing on contiguous streams: nothing is skipped, nothing jumps, every word is a target."""

import itertools
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Batch, Streams, windows
from tests.effort import examples

quick = settings(max_examples=examples(80), deadline=None)
sizes = {"length": st.integers(2, 60), "rows": st.integers(1, 7), "bptt": st.integers(1, 9)}


def some_batches(streams: Streams, count: int, cursor: int = 0) -> list[Batch]:
    return list(itertools.islice(streams.batches(cursor), count))


def test_the_articles_example_comes_out_of_the_real_batcher() -> None:
    tokenizer = Tokenizer.train([" I love my cute dog" * 2], 100)
    ids = torch.tensor(tokenizer.encode(" I love my cute dog"))
    batch = next(Streams(ids, rows=1, bptt_length=4).batches())
    assert [tokenizer.piece(word) for word in batch.inputs[:, 0].tolist()] == [" I", " love", " my", " cute"]
    assert [tokenizer.piece(word) for word in batch.targets[:, 0].tolist()] == [" love", " my", " cute", " dog"]


@quick
@given(**sizes)
def test_targets_are_inputs_advanced_by_one_word(length: int, rows: int, bptt: int) -> None:
    for batch in some_batches(Streams(torch.arange(length), rows, bptt), 6):
        assert batch.inputs.shape == batch.targets.shape == (bptt, rows)
        assert torch.equal(batch.targets, (batch.inputs + 1) % length)


@quick
@given(**sizes)
def test_every_row_is_contiguous_over_batches_and_around_the_end(length: int, rows: int, bptt: int) -> None:
    count = 2 * length // bptt + 2
    read = torch.cat([batch.inputs for batch in some_batches(Streams(torch.arange(length), rows, bptt), count)])
    for row in range(rows):
        start = row * length // rows
        assert read[:, row].tolist() == [(start + step) % length for step in range(count * bptt)]


@quick
@given(rows=st.integers(1, 7), bptt=st.integers(1, 9), windows_per_row=st.integers(1, 6))
def test_every_word_is_a_target_exactly_once_per_pass(rows: int, bptt: int, windows_per_row: int) -> None:
    length = rows * bptt * windows_per_row
    if length < 2:
        return
    streams = Streams(torch.arange(length), rows, bptt)
    for start in (0, windows_per_row * bptt):
        targets = torch.cat([batch.targets.flatten() for batch in some_batches(streams, windows_per_row, start)])
        assert Counter(targets.tolist()) == Counter(range(length))


@quick
@given(**sizes, skipped=st.integers(0, 20))
def test_the_cursor_is_all_there_is_to_remember(length: int, rows: int, bptt: int, skipped: int) -> None:
    streams = Streams(torch.arange(length), rows, bptt)
    later = some_batches(streams, skipped + 1)[skipped]
    assert later.cursor == skipped * bptt
    resumed = some_batches(streams, 1, later.cursor)[0]
    assert torch.equal(resumed.inputs, later.inputs)
    assert torch.equal(resumed.targets, later.targets)


def test_passes_count_how_often_the_text_was_read() -> None:
    streams = Streams(torch.arange(120), rows=4, bptt_length=10)
    assert [streams.passes(cursor) for cursor in (0, 15, 30, 60)] == [0, 0.5, 1, 2]


@quick
@given(length=st.integers(2, 80), window=st.integers(1, 20), rows=st.integers(1, 6))
def test_windows_measure_every_word_but_the_first_exactly_once(length: int, window: int, rows: int) -> None:
    seen = [
        (i, t)
        for inputs, targets in windows(torch.arange(length), window, rows)
        for i, t in zip(inputs.flatten().tolist(), targets.flatten().tolist(), strict=True)
    ]
    columns = (length - 1) // rows
    assert sorted(target for _, target in seen) == list(range(1, columns * rows + 1))
    assert all(target == word + 1 for word, target in seen)


@pytest.mark.parametrize("rows", [1, 3])
def test_windows_keep_each_row_in_order(rows: int) -> None:
    parts = list(windows(torch.arange(31), 4, rows))
    assert all(inputs.shape[0] <= 4 for inputs, _ in parts)
    read = torch.cat([inputs for inputs, _ in parts])
    for row in range(rows):
        assert read[:, row].tolist() == list(range(row * (30 // rows), (row + 1) * (30 // rows)))
