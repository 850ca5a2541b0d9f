from collections import defaultdict

import numpy as np
import pytest
import torch

from rnntui.lm.lab import find_unit
from rnntui.lm.lab.bench import own_writing
from rnntui.lm.lab.find_unit import correlations, properties
from tests.lab_oracle import memory_of, small_bench


def test_correlations_are_numpys() -> None:
    dice = torch.Generator().manual_seed(1)
    hidden, values = torch.randn(50, 4, generator=dice), torch.randn(50, generator=dice)
    theirs = [np.corrcoef(hidden[:, unit], values)[0, 1] for unit in range(4)]
    assert correlations(hidden, values).tolist() == pytest.approx(theirs, abs=1e-6)
    assert correlations(hidden, torch.ones(50)).tolist() == [0.0] * 4


def test_properties_are_what_a_reader_would_say() -> None:
    pieces = ["“", "Go", "!", "”", " he", " said", ".", "\n\n", ' "', "No", '"', "."]
    found = properties(pieces)
    assert found["quotes"] == [1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0]
    assert found["position in the paragraph"] == [1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4]
    assert found["position in the sentence"] == [1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0]


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_a_unit_found_in_one_half_is_judged_on_the_other(cell: str) -> None:
    bench = small_bench(cell, seed=2)
    found = list(find_unit.run(bench))[-1].result
    text = own_writing(bench.model, find_unit._LENGTH, find_unit._ROWS, 2)
    hidden, half = memory_of(bench.model, text), find_unit._ROWS // 2
    for tracker in found.trackers:
        columns = [
            properties([bench.tokenizer.piece(word) for word in row])[tracker.property] for row in text.T.tolist()
        ]
        values = np.array(columns).T
        all_units = [
            np.corrcoef(hidden[:, :half, unit].flatten(), values[:, :half].flatten())[0, 1]
            for unit in range(found.units)
        ]
        assert tracker.unit == int(np.abs(all_units).argmax())
        assert tracker.found_correlation == pytest.approx(all_units[tracker.unit], abs=1e-4)
        judged = np.corrcoef(hidden[:, half:, tracker.unit].flatten(), values[:, half:].flatten())[0, 1]
        assert tracker.held_out_correlation == pytest.approx(judged, abs=1e-4)


def test_the_text_is_coloured_by_the_unit_and_words_are_ranked_by_it() -> None:
    bench = small_bench(unit=3)
    found = list(find_unit.run(bench))[-1].result
    ids = bench.prompt_ids()
    assert found.unit == 3
    assert [piece for piece, _ in found.coloured] == [bench.tokenizer.piece(word) for word in ids]
    assert [value for _, value in found.coloured] == pytest.approx(memory_of(bench.model, ids)[:, 3].tolist(), abs=1e-5)
    text = own_writing(bench.model, find_unit._LENGTH, find_unit._ROWS, 1)
    seen = defaultdict(list)
    for word, value in zip(
        text.flatten().tolist(), memory_of(bench.model, text)[..., 3].flatten().tolist(), strict=True
    ):
        seen[bench.tokenizer.piece(word)].append(value)
    for loved in (*found.highest, *found.lowest):
        assert (loved.mean, loved.count) == pytest.approx(
            (np.mean(seen[loved.piece]), len(seen[loved.piece])), abs=1e-5
        )
    assert found.highest[0].mean == max(np.mean(values) for values in seen.values() if len(values) >= 4)
