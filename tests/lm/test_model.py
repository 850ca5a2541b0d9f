"""The network and its memory: one step equals many, and a stored memory is bit for bit the same."""

import dataclasses
import itertools
import struct

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import ModelFileError
from rnntui.lm.cells import CELLS
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.settings import CELL_NAMES, ModelConfig
from tests.effort import examples

VOCABULARY = 50
SHAPES = {
    "one layer": {},
    "three layers": {"layers": 3},
    "projection": {"embedding_size": 5},
    "untied": {"tied": False, "embedding_size": 7},
    "grouped words": {"softmax_head": 5},
}
every_cell = pytest.mark.parametrize("cell", CELL_NAMES)
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def network(cell: str = "lstm", seed: int = 0, **shape: object) -> WordRNN:
    plain = ModelConfig(cell, 1_000, 8, 8, 1, True, 0)
    model = WordRNN(dataclasses.replace(plain, **shape), VOCABULARY)  # type: ignore[arg-type]
    dice = torch.Generator().manual_seed(seed)
    for weight in model.parameters():
        weight.data.uniform_(-0.9, 0.9, generator=dice)
    return model.eval()


def words(steps: int, rows: int = 1, seed: int = 3) -> torch.Tensor:
    return torch.randint(VOCABULARY, (steps, rows), generator=torch.Generator().manual_seed(seed))


def same_bits(one: HiddenState, other: HiddenState) -> bool:
    return list(one.parts) == list(other.parts) and all(
        torch.equal(one.parts[name].view(torch.int32), other.parts[name].view(torch.int32)) for name in one.parts
    )


def test_every_unit_can_be_chosen() -> None:
    assert set(CELLS) == set(CELL_NAMES)


@every_cell
@every_shape
@torch.no_grad()
def test_reading_word_by_word_equals_reading_at_once(cell: str, shape: dict[str, object]) -> None:
    model = network(cell, **shape)
    read = words(12)
    hidden, expected = model(read)
    state = model.zero_state()
    for at, word in enumerate(read[:, 0].tolist()):
        state = model.step(word, state)
        torch.testing.assert_close(state.parts["h"][-1], hidden[at], rtol=0, atol=1e-6)
    for name, part in expected.parts.items():
        torch.testing.assert_close(state.parts[name], part, rtol=0, atol=1e-6)


@every_cell
@every_shape
@torch.no_grad()
def test_reading_in_pieces_equals_reading_at_once(cell: str, shape: dict[str, object]) -> None:
    model = network(cell, **shape)
    read = words(11, rows=3)
    at_once, expected = model(read)
    first, state = model(read[:4])
    second, state = model(read[4:], state)
    torch.testing.assert_close(torch.cat((first, second)), at_once, rtol=0, atol=1e-6)
    for name, part in expected.parts.items():
        torch.testing.assert_close(state.parts[name], part, rtol=0, atol=1e-6)


@every_cell
@torch.no_grad()
def test_reading_leaves_the_earlier_memory_as_it_was(cell: str) -> None:
    model = network(cell, layers=2)
    _, state = model(words(3))
    before = state.to_bytes()
    model.step(1, state)
    model(words(5), state)
    assert state.to_bytes() == before


@every_cell
@every_shape
@torch.no_grad()
def test_words_get_probabilities_that_sum_to_one(cell: str, shape: dict[str, object]) -> None:
    model = network(cell, **shape)
    hidden, _ = model(words(6, rows=2))
    logs = model.log_probabilities(hidden)
    assert logs.shape == (6, 2, VOCABULARY)
    torch.testing.assert_close(logs.exp().sum(-1), torch.ones(6, 2))


@every_shape
@torch.no_grad()
def test_the_loss_is_that_of_the_probabilities(shape: dict[str, object]) -> None:
    model = network(**shape)
    read = words(9, rows=4)
    hidden, _ = model(read[:-1])
    expected = -model.log_probabilities(hidden).gather(2, read[1:].unsqueeze(2)).sum()
    torch.testing.assert_close(model.loss_nats(hidden.flatten(0, 1), read[1:].flatten()), expected)


def test_a_projection_stands_only_between_tied_layers_of_different_size() -> None:
    assert network().projection is None
    assert network(tied=False, embedding_size=5).projection is None
    assert network(embedding_size=5).projection is not None


def test_a_tied_output_layer_is_the_embedding() -> None:
    names = dict(network().named_parameters())
    assert "output_words" not in names
    assert "output_words" in dict(network(tied=False).named_parameters())


@every_shape
@torch.no_grad()
def test_a_new_network_guesses_word_frequencies(shape: dict[str, object]) -> None:
    model = network(**shape)
    counts = torch.arange(VOCABULARY, 0, -1) ** 2
    model.initialise(torch.Generator().manual_seed(1), counts)
    expected = (counts + 0.5) / (counts + 0.5).sum()
    empty = torch.zeros(model.config.hidden_size)
    torch.testing.assert_close(model.log_probabilities(empty).exp(), expected)
    hidden, _ = model(words(5))
    guess = model.log_probabilities(hidden[-1, 0]).exp()
    assert float((guess - expected).abs().max()) < 0.3 * float(expected.max())


@every_cell
def test_the_seed_decides_every_weight(cell: str) -> None:
    first, again, other = (network(cell, softmax_head=5) for _ in range(3))
    for model, seed in ((first, 7), (again, 7), (other, 8)):
        model.initialise(torch.Generator().manual_seed(seed))
    pairs = zip(first.parameters(), again.parameters(), strict=True)
    assert all(torch.equal(one, two) for one, two in pairs)
    assert not torch.equal(first.embedding.weight, other.embedding.weight)


def test_an_lstm_begins_by_remembering() -> None:
    model = network()
    model.initialise(torch.Generator().manual_seed(0))
    assert model.recurrent.bias_ih_l0[8:16].tolist() == [1.0] * 8


@every_cell
def test_a_detached_memory_goes_on_without_the_gradient(cell: str) -> None:
    model = network(cell)
    _, state = model(words(3))
    assert all(part.requires_grad for part in state.parts.values())
    cut = state.detach()
    assert not any(part.requires_grad for part in cut.parts.values())
    assert all(torch.equal(cut.parts[name], state.parts[name]) for name in state.parts)


@torch.no_grad()
def test_a_row_is_the_memory_of_one_text() -> None:
    model = network(layers=2)
    read = words(7, rows=3)
    _, together = model(read)
    _, alone = model(read[:, 1:2])
    for name, part in together.row(1).parts.items():
        torch.testing.assert_close(part, alone.parts[name], rtol=0, atol=1e-6)


def test_the_memory_cannot_be_exchanged_in_place() -> None:
    state = network().zero_state()
    with pytest.raises(TypeError):
        state.parts["h"] = torch.ones(1)  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.parts = {}  # type: ignore[misc]


@torch.no_grad()
def test_the_size_of_the_memory_is_its_numbers() -> None:
    _, state = network("lstm", layers=3)(words(2))
    assert state.size_bytes == 2 * 3 * 8 * 4
    assert len(state.top_units()) == 8


@every_cell
@torch.no_grad()
def test_the_memory_of_a_unit_is_its_cell_state_where_it_has_one(cell: str) -> None:
    _, state = network(cell, layers=2)(words(5))
    shown = torch.tanh(state.parts["c"][-1, 0]) if cell == "lstm" else state.parts["h"][-1, 0]
    assert state.top_units() == tuple(shown.tolist())


@every_cell
@settings(max_examples=examples(25), deadline=None)
@given(layers=st.integers(1, 3), data=st.data())
def test_a_stored_memory_is_bit_for_bit_the_same(cell: str, layers: int, data: st.DataObject) -> None:
    config = network(cell, layers=layers).config
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    count = layers * config.hidden_size
    parts = {
        name: torch.tensor(data.draw(st.lists(numbers, min_size=count, max_size=count))).view(layers, 1, -1)
        for name in CELLS[cell].state_parts
    }
    state = HiddenState(parts)
    assert same_bits(HiddenState.from_bytes(state.to_bytes(), config), state)


@every_cell
@torch.no_grad()
def test_every_cut_memory_is_refused(cell: str) -> None:
    model = network(cell)
    data = model(words(3))[1].to_bytes()
    for length in (*range(len(data)), len(data) + 1):
        with pytest.raises(ModelFileError, match="does not fit this model"):
            HiddenState.from_bytes((data + b"\0")[:length], model.config)


@torch.no_grad()
def test_the_memory_of_a_model_of_another_shape_is_refused() -> None:
    models = [
        network(cell, layers=layers, hidden_size=size)
        for cell, layers, size in itertools.product(("gru", "lstm"), (1, 2), (8, 16))
    ]
    for one, other in itertools.permutations(models, 2):
        with pytest.raises(ModelFileError, match="does not fit this model"):
            HiddenState.from_bytes(one.zero_state().to_bytes(), other.config)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_memory_with_numbers_that_are_none_is_refused(number: float) -> None:
    model = network()
    data = model.zero_state().to_bytes()
    with pytest.raises(ModelFileError, match="is damaged"):
        HiddenState.from_bytes(data[:-4] + struct.pack("<f", number), model.config)


def test_a_foreign_blob_is_refused() -> None:
    model = network()
    for data in (b"", b"RNNh", b"\0" * 200, bytes(len(model.zero_state().to_bytes()))):
        with pytest.raises(ModelFileError):
            HiddenState.from_bytes(data, model.config)
