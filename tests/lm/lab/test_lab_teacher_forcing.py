import pytest
import torch

from rnntui.errors import InputError
from rnntui.lm.lab.teacher_forcing import teacher_forcing
from rnntui.lm.train.batches import Streams
from rnntui.settings import CELL_NAMES
from tests.lab_oracle import hidden_of, probabilities_of, small_bench


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_losses_are_torchs_cross_entropy(cell: str) -> None:
    bench = small_bench(cell)
    ids = bench.prompt_ids()
    found = teacher_forcing(bench)
    logs = torch.tensor(probabilities_of(bench.model, hidden_of(bench.model, ids[:-1]))).log()
    losses = torch.nn.functional.cross_entropy(logs, torch.tensor(ids[1:]), reduction="none")
    assert [place.loss_nats for place in found.places] == pytest.approx(losses.tolist(), abs=1e-4)
    assert found.mean_loss_nats == pytest.approx(float(losses.mean()), abs=1e-4)
    guesses = [bench.tokenizer.piece(int(word)) for word in logs.argmax(dim=1)]
    assert [place.guess for place in found.places] == guesses


def test_targets_are_the_text_advanced_and_do_not_care_for_the_guess() -> None:
    bench = small_bench()
    pieces = [bench.tokenizer.piece(word) for word in bench.prompt_ids()]
    found = teacher_forcing(bench)
    assert (list(found.inputs), list(found.targets)) == (pieces[:-1], pieces[1:])
    assert found.changed_targets == 0
    assert found.changed_guesses > 0
    assert [place.loss_nats for place in found.places] != [place.other_loss_nats for place in found.places]


def test_a_batcher_that_does_not_advance_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Streams.batches

    def stuck(self, cursor=0):  # type: ignore[no-untyped-def]
        for batch in right(self, cursor):
            yield type(batch)(batch.inputs, batch.inputs, batch.cursor)

    monkeypatch.setattr(Streams, "batches", stuck)
    assert not teacher_forcing(small_bench()).targets_are_inputs_advanced


def test_one_word_has_no_next_word() -> None:
    with pytest.raises(InputError, match="next word"):
        teacher_forcing(small_bench(prompt="cat"))
