"""The recurrent units against PyTorch's own: one step, many steps, many rows, carried state."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnntui.lm.cells import CELLS, Cell, CellWeights, PackedCellWeights, State, recurrent_module
from rnntui.settings import CELL_FACTS
from tests.effort import examples
from tests.lab_oracle import MODULES

TOLERANCES = {torch.float32: 5e-6, torch.float64: 1e-12}
quick = settings(max_examples=examples(25), deadline=None)
shapes = st.fixed_dictionaries(
    {
        "steps": st.integers(1, 9),
        "rows": st.integers(1, 5),
        "inputs": st.integers(1, 9),
        "hidden": st.integers(1, 12),
        "seed": st.integers(0, 2**32),
    }
)
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
every_type = pytest.mark.parametrize("dtype", TOLERANCES, ids=["float32", "float64"])


class Example:
    """A unit of ours and one of PyTorch's with the same weights, an input and a memory."""

    def __init__(self, cell: type[Cell], dtype: torch.dtype, shape: dict[str, int]) -> None:
        dice = torch.Generator().manual_seed(shape["seed"])
        name = next(key for key, value in CELLS.items() if value is cell)
        self.oracle = MODULES[name](shape["inputs"], shape["hidden"]).to(dtype)
        for weight in self.oracle.parameters():
            weight.data.uniform_(-1, 1, generator=dice)
        self.weights = CellWeights.of_layer(self.oracle)
        self.inputs = torch.randn(shape["steps"], shape["rows"], shape["inputs"], dtype=dtype, generator=dice)
        self.state: State = tuple(
            torch.randn(shape["rows"], shape["hidden"], dtype=dtype, generator=dice).tanh() for _ in cell.state_parts
        )

    @property
    def empty(self) -> State:
        return tuple(torch.zeros_like(part) for part in self.state)

    @torch.no_grad()
    def expected(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        wrapped = tuple(part.unsqueeze(0) for part in state)
        said, after = self.oracle(inputs, wrapped[0] if len(wrapped) == 1 else wrapped)
        parts = after if isinstance(after, tuple) else (after,)
        return said, tuple(part.squeeze(0) for part in parts)


def assert_same(ours: State, theirs: State, tolerance: float) -> None:
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=tolerance)


@every_cell
@every_type
@quick
@given(shape=shapes)
def test_a_sequence_equals_pytorchs(cell: type[Cell], dtype: torch.dtype, shape: dict[str, int]) -> None:
    example = Example(cell, dtype, shape)
    for state in (example.empty, example.state):
        expected_said, expected_after = example.expected(example.inputs, state)
        for way in (cell.unroll, cell.forward):
            said, after = way(example.inputs, state, example.weights)
            assert_same((said, *after), (expected_said, *expected_after), TOLERANCES[dtype])


@every_cell
@every_type
@quick
@given(shape=shapes)
def test_one_further_step_from_the_carried_state_equals_pytorchs(
    cell: type[Cell], dtype: torch.dtype, shape: dict[str, int]
) -> None:
    example = Example(cell, dtype, shape)
    _, carried = cell.forward(example.inputs, example.empty, example.weights)
    further = cell.step(example.inputs[0], carried, example.weights)
    again = torch.cat((example.inputs, example.inputs[:1]))
    assert_same(further, example.expected(again, example.empty)[1], TOLERANCES[dtype])


@every_cell
@quick
@given(shape=shapes)
def test_rows_of_a_batch_do_not_see_each_other(cell: type[Cell], shape: dict[str, int]) -> None:
    example = Example(cell, torch.float64, shape)
    together, _ = cell.forward(example.inputs, example.state, example.weights)
    for row in range(shape["rows"]):
        alone = slice(row, row + 1)
        state = tuple(part[alone] for part in example.state)
        said, _ = cell.forward(example.inputs[:, alone], state, example.weights)
        torch.testing.assert_close(said, together[:, alone], rtol=0, atol=1e-12)


@every_cell
@quick
@given(shape=shapes, data=st.data())
def test_feeding_in_pieces_equals_feeding_at_once(cell: type[Cell], shape: dict[str, int], data: st.DataObject) -> None:
    example = Example(cell, torch.float32, shape)
    cut = data.draw(st.integers(0, shape["steps"]), "cut")
    for way, tolerance in ((cell.unroll, 0.0), (cell.forward, TOLERANCES[torch.float32])):
        at_once, expected = way(example.inputs, example.state, example.weights)
        state, said = example.state, []
        for piece in (example.inputs[:cut], example.inputs[cut:]):
            if len(piece):
                part, state = way(piece, state, example.weights)
                said.append(part)
        assert_same((torch.cat(said), *state), (at_once, *expected), tolerance)


@pytest.mark.parametrize("cell", [cell for cell in CELLS.values() if cell.facts.memory_gates])
@every_type
@quick
@given(shape=shapes)
def test_the_two_products_equal_one_with_the_stacked_matrix(
    cell: type[Cell], dtype: torch.dtype, shape: dict[str, int]
) -> None:
    example = Example(cell, dtype, shape)
    inputs, hidden = example.inputs[0], example.state[0]
    from_input, from_memory = (example.weights.product(*part) for part in (("ih", inputs), ("hh", hidden)))
    matrix, bias = example.weights.stacked()
    assert matrix.shape == (len(cell.gates) * shape["hidden"], shape["inputs"] + shape["hidden"])
    side_by_side = torch.cat((inputs, hidden), dim=1) @ matrix.T + bias
    torch.testing.assert_close(side_by_side, from_input + from_memory, rtol=0, atol=20 * TOLERANCES[dtype])


@every_cell
def test_a_step_changes_nothing_it_was_given(cell: type[Cell]) -> None:
    shape = {"steps": 3, "rows": 2, "inputs": 4, "hidden": 5, "seed": 1}
    example, untouched = Example(cell, torch.float32, shape), Example(cell, torch.float32, shape)
    cell.step(example.inputs[0], example.state, example.weights)
    cell.forward(example.inputs, example.state, example.weights)
    given_values = (example.inputs, *example.state, *example.oracle.parameters())
    expected = (untouched.inputs, *untouched.state, *untouched.oracle.parameters())
    assert all(torch.equal(mine, other) for mine, other in zip(given_values, expected, strict=True))


@every_cell
@quick
@given(shape=shapes)
def test_gradients_equal_pytorchs(cell: type[Cell], shape: dict[str, int]) -> None:
    example = Example(cell, torch.float64, shape)
    inputs = example.inputs.requires_grad_()
    theirs_said, _ = example.oracle(inputs)
    theirs = torch.autograd.grad(theirs_said.square().sum(), (inputs, *example.oracle.parameters()))
    for way in (cell.unroll, cell.forward):
        said, _ = way(inputs, example.empty, example.weights)
        ours = torch.autograd.grad(said.square().sum(), (inputs, *example.oracle.parameters()))
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-10)


def test_the_shape_of_a_unit_is_not_a_unit() -> None:
    example = Example(CELLS["elman"], torch.float32, {"steps": 1, "rows": 1, "inputs": 1, "hidden": 1, "seed": 0})
    with pytest.raises(TypeError, match="use one from CELLS"):
        Cell.step(example.inputs[0], example.state, example.weights)


@every_cell
@quick
@given(shape=shapes)
def test_packed_weights_step_as_the_plain_ones(cell: type[Cell], shape: dict[str, int]) -> None:
    example = Example(cell, torch.float32, shape)
    halved = CellWeights({name: weight.half().float() for name, weight in example.weights.tensors.items()})
    packed = PackedCellWeights.of(halved)
    if "fbgemm" not in torch.backends.quantized.supported_engines:
        assert packed is None
        return
    assert packed
    plain = cell.step(example.inputs[0], example.state, halved)
    fast = cell.step(example.inputs[0], example.state, packed)
    for one, other in zip(plain, fast, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=5e-6)


def test_weights_with_more_digits_than_half_precision_are_not_packed() -> None:
    layer = nn.LSTM(3, 4)
    layer.weight_hh_l0.data.fill_(1 / 3)
    assert PackedCellWeights.of(CellWeights.of_layer(layer)) is None


def test_every_unit_is_what_the_settings_say_of_it() -> None:
    assert CELLS.keys() == CELL_FACTS.keys()
    for name, cell in CELLS.items():
        assert cell.facts is CELL_FACTS[name]
        assert len(cell.gates) == cell.facts.input_gates
        assert cell.facts.memory_gates in (0, len(cell.gates))
        matrices = [shape for shape in cell.shapes(3, 5).values() if len(shape) == 2]
        assert cell.facts.multiplications(3, 5) == sum(map(math.prod, matrices))
    marks = [facts.mark for facts in CELL_FACTS.values()]
    assert len(set(marks)) == len(marks)


@every_cell
def test_a_module_has_the_parameters_that_its_unit_names(cell: type[Cell]) -> None:
    module = recurrent_module(cell, 3, 5, 2)
    expected = {
        f"{name}_l{layer}": shape for layer in (0, 1) for name, shape in cell.shapes(5 if layer else 3, 5).items()
    }
    assert {name: tuple(weight.shape) for name, weight in module.named_parameters()} == expected


def test_a_unit_without_a_module_of_pytorchs_is_read_layer_by_layer() -> None:
    class Remembering(Cell):
        """h' = c, c' = x + c: two parts, and no gate."""

        facts = CELL_FACTS["mingru"]
        state_parts = ("h", "c")

        @staticmethod
        def step(inputs: Tensor, state: State, weights: CellWeights) -> State:
            return state[1], inputs + state[1]

        @classmethod
        def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
            return {}

    module = recurrent_module(Remembering, 2, 2, 2)
    inputs = torch.tensor([1.0, 2.0, 4.0, 8.0]).view(4, 1, 1).expand(4, 1, 2)
    outputs, (hidden, carried) = module(inputs)
    assert outputs[:, 0, 0].tolist() == [0, 0, 1, 4]  # each layer sums up what the one below gave before
    assert carried[:, 0, 0].tolist() == [15, 11]
    first, state = module(inputs[:2])
    second, state = module(inputs[2:], state)
    assert torch.cat((first, second)).equal(outputs)
    assert state[0].equal(hidden)
    assert state[1].equal(carried)
