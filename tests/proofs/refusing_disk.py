"""Let the disk refuse every command that writes, at each of its steps: one sentence, nothing is destroyed or hidden.

Every step of the store fails with each of five errors of the system, and with strace every call of SQLite with one of
them. A folder that is gone or that is a file ends in one sentence as well.
"""

import random
import shutil
from collections.abc import Iterator

from tests.proofs import Proof, Setup
from tests.proofs.commands_that_write import COMMANDS, Command, World, forget, leftovers, seen

_ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT")
_OF_SQLITE = {"pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"}
_MOST_STEPS = 200
_DOCUMENTED = {0, 2, 3, 4, 5}


def prove(setup: Setup) -> Proof:
    """See the module."""
    world, dice = World(setup), random.Random(setup.seed)
    left_out = () if shutil.which("strace") else ("the calls of SQLite: there is no strace here",)
    broken: list[str] = []
    cases = refused = 0
    commands = [command for command in COMMANDS if command.arguments[1] == "-m"]
    for command in dice.sample(commands, setup.cases(len(commands))):
        untouched, done = world.copy(command), world.copy(command)
        before, _ = seen(untouched), world.run(command, done)
        after = seen(done)
        forget(untouched)
        forget(done)
        places = list(_places(world, command, dice))
        for place in dice.sample(places, min(len(places), setup.cases(len(places), least=2))):
            cases += 1
            paths = world.copy(command)
            if place.startswith("inject="):
                result = world.run(command, paths, ("strace", "-f", "-qq", "-o", "/dev/null", "-e", place))
            else:
                result = world.run(command, paths, fail_point=place)
            refused += result.returncode == 4
            broken += [f"{command.name}, {place}: {problem}" for problem in _wrong(result.returncode, result.stderr)]
            found = seen(paths)
            if found not in (before, after):
                different = [name for name in found if found[name] not in (before[name], after[name])]
                broken.append(f"{command.name}, {place}: neither what was nor what should be: {different}")
            if left := leftovers(paths):
                broken.append(f"{command.name}, {place}: left after the next start: {left}")
            forget(paths)
        for kind in ("gone", "a file"):
            cases += 1
            paths = world.copy(command)
            shutil.rmtree(paths.data_dir)
            if kind == "a file":
                paths.data_dir.write_bytes(b"theirs")
            result = world.run(command, paths)
            broken += [
                f"{command.name}, folder {kind}: {problem}" for problem in _wrong(result.returncode, result.stderr)
            ]
            if kind == "a file" and paths.data_dir.read_bytes() != b"theirs":
                broken.append(f"{command.name}: wrote over a file where the folder should be")
            forget(paths)
    return Proof(cases, f"{refused} of {cases} ended with a refusal", tuple(broken), left_out)


def _places(world: World, command: Command, dice: random.Random) -> Iterator[str]:
    for number in range(1, _MOST_STEPS):
        paths = world.copy(command)
        is_over = world.run(command, paths, fail_point=f"{number}:KILL").returncode not in {137, -9}
        forget(paths)
        if is_over:
            break
        yield from (f"{number}:{error}" for error in _ERRORS)
    if shutil.which("strace"):
        calls = [(name, number) for name, number in world.calls(command) if name in _OF_SQLITE]
        yield from (f"inject={name}:error={dice.choice(_ERRORS)}:when={number}" for name, number in calls)


def _wrong(code: int, said: str) -> list[str]:
    """What is wrong with how a command ended."""
    problems = [] if code in _DOCUMENTED else [f"exit code {code}: {said[-300:]!r}"]
    if "Traceback" in said:
        problems.append(f"a traceback: {said[-300:]!r}")
    if code == 4 and sum(line.startswith("rnntui: ") for line in said.splitlines()) != 1:
        problems.append(f"not one sentence: {said[-300:]!r}")
    return problems
