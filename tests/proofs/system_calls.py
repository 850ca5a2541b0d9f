"""Kill every command that writes between any two of its system calls: old or new, never neither, and nothing is left.

With strace each call that changes a file is a place to die, those of SQLite among them; without it the fail points of
the store are.
"""

import random
import shutil

from tests.proofs import Proof, Setup
from tests.proofs.commands_that_write import COMMANDS, Command, World, forget, leftovers, seen

_KILLED = {-9, 137}
_MOST_STEPS = 200


def prove(setup: Setup) -> Proof:
    """See the module."""
    world, dice = World(setup), random.Random(setup.seed)
    left_out = () if shutil.which("strace") else ("the calls of SQLite: there is no strace here",)
    chosen = dice.sample(COMMANDS, setup.cases(len(COMMANDS)))
    broken: list[str] = []
    cases, most, longest = 0, 0, ""
    for command in chosen:
        places = _places(world, command)
        if len(places) > most:
            most, longest = len(places), command.name
        before, after = _before_and_after(world, command)
        for place in dice.sample(places, min(len(places), setup.cases(len(places), least=2))):
            cases += 1
            broken += _killed(world, command, place, before, after)
    return Proof(cases, f"{longest} is {most} places to die", tuple(broken), left_out)


def _places(world: World, command: Command) -> list[str]:
    if shutil.which("strace"):
        return [f"inject={name}:signal=KILL:when={number}" for name, number in world.calls(command)]
    for number in range(1, _MOST_STEPS):
        paths = world.copy(command)
        is_over = world.run(command, paths, fail_point=f"{number}:KILL").returncode not in _KILLED
        forget(paths)
        if is_over:
            return [f"{step}:KILL" for step in range(1, number)]
    raise AssertionError(f"{command.name} never ends")


def _before_and_after(world: World, command: Command) -> tuple[dict[str, object], dict[str, object]]:
    paths = world.copy(command)
    untouched = world.copy(command)
    before = seen(untouched)
    done = world.run(command, paths)
    if done.returncode:
        raise AssertionError(f"{command.name} failed by itself: {done.stderr}")
    after = seen(paths)
    forget(paths)
    forget(untouched)
    return before, after


def _killed(
    world: World, command: Command, place: str, before: dict[str, object], after: dict[str, object]
) -> list[str]:
    paths = world.copy(command)
    told = f"{command.name}, {place}"
    if place.startswith("inject="):
        world.run(command, paths, ("strace", "-f", "-qq", "-o", "/dev/null", "-e", place))
    else:
        world.run(command, paths, fail_point=place)
    found, left = seen(paths), leftovers(paths)
    problems = []
    if found not in (before, after):
        different = [name for name in found if found[name] not in (before[name], after[name])]
        problems.append(f"{told}: neither what was nor what should be: {different}")
    if left:
        problems.append(f"{told}: left after the next start: {left}")
    forget(paths)
    return problems
