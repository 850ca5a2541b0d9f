"""A cell, a sampling rule and an optimizer: each a few lines in at most three files, tried in a copy of the program.

What is then there by itself is asked from outside: flags, their help, sliders, training, speaking, the lab. A new
screen and a new form of export are tried beside the tests of their own rooms.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import rnntui
from tests.small_world import world_text

PACKAGE = Path(rnntui.__file__).parent
CELL = '''class LeakyCell(Cell):
    """h' = h / 2 + tanh(x W_ih^T + b_ih) / 2.  Source: Jaeger et al. 2007, with one leak for all units."""

    facts = CELL_FACTS["leaky"]
    gates = (Gate("n", torch.tanh, "what comes in"),)
    equations = ("h' = h / 2 + n / 2",)

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        return (state[0] / 2 + torch.tanh(weights.product("ih", inputs)) / 2,)


'''
RULE = '''def flatten(logits: Tensor, context: RuleContext) -> Tensor:
    """Take a share of every difference away."""
    return logits * (1.0 - context.settings.flatten)


'''
OPTIMIZER = '''def adamax(groups: Sequence[dict[str, Any]], learning_rate: float) -> torch.optim.Optimizer:
    """Adam by the largest gradient.  Source: Kingma and Ba 2015, section 7.1."""
    return uncompiled(torch.optim.Adamax)(groups, lr=learning_rate)


'''
ADDITIONS = (
    ("lm/cells.py", "CELLS: dict[str, type[Cell]] = {", CELL, ""),
    ("lm/cells.py", "CELLS: dict[str, type[Cell]] = {", "", '"leaky": LeakyCell, '),
    ("settings.py", "CELL_FACTS = {\n", "", '    "leaky": CellFacts("a leaky", "y", 1, 0, 4e-3),\n'),
    ("lm/sampling.py", "LOGIT_RULES: dict[str, LogitRule] = {\n", RULE, '    "flatten": flatten,\n'),
    (
        "settings.py",
        "    top_k: int = setting(\n",
        '    flatten: float = setting(0.0, low=0.0, high=1.0, help="take so much off every difference", off=0.0)\n',
        "",
    ),
    ("lm/train/optimizers.py", "@dataclass(frozen=True, slots=True)\nclass OptimizerKind", OPTIMIZER, ""),
    (
        "lm/train/optimizers.py",
        "OPTIMIZERS = {\n",
        "",
        '    "adamax": OptimizerKind(adamax, ("exp_avg", "exp_inf"), ("step",)),\n',
    ),
    ("settings.py", "OPTIMIZER_RATES = {", "", '"adamax": 1.0, '),
)
"""File, what stands there once, what comes before it, what comes after it."""
CHECK = """
import asyncio, contextlib, io, sys
from rnntui.cli.main import run
from tests.tui.fakes import FakeServices
from tests.tui.helpers import running, shown


async def panel():
    async with running(FakeServices(), (120, 60)) as (app, pilot):
        assert "flatten" in shown(app), "it has a slider"
        await pilot.press("f2")
        await pilot.pause()
        assert "flatten" in shown(app)

def help_of(command):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        run([command, "--help"])
    return " ".join(said.getvalue().split())

assert "take so much off every difference" in help_of("gen")
assert "leaky" in help_of("train")
assert "adamax" in help_of("train")
asyncio.run(panel())
world = sys.argv[1]
small = ["--hidden-size", "16", "--rows", "4", "--threads", "1", "--from", "nothing"]
chosen = ["--cell", "leaky", "--optimizer", "adamax", *small]
assert run(["train", world, "--name", "leaks", "--minutes", "0.02", *chosen]) == 0
assert run(["gen", "The cat", "--model", "leaks", "--flatten", "0.3", "--seed", "1", "--max-words", "5"]) == 0
for station in ("inside-step", "same-as-torch", "gradients"):
    assert run(["lab", station, "--model", "leaks"]) == 0, station
"""


def test_a_cell_a_rule_and_an_optimizer_are_a_few_lines_and_known_everywhere(tmp_path: Path) -> None:
    copy = tmp_path / "rnntui"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "assets").symlink_to(PACKAGE.parent / "assets")
    for file, place, before, after in ADDITIONS:
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert text.count(place) == 1, f"{file}: {place}"
        path.write_text(text.replace(place, before + place + after), encoding="utf-8")
    world = tmp_path / "world.txt"
    world.write_text(world_text(), encoding="utf-8")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(PACKAGE.parent)!r}]\n{CHECK}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(world)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]
