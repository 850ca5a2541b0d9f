"""Let several programs work in one data folder for two minutes: nothing is lost, and nobody waits for long.

Two apps that talk (the second one says that it does not save), a series of commands, and two trainings at once. All
that each was told is done must be there in the end.
"""

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from rnntui.cli.main import run
from rnntui.config import Config
from rnntui.events import TurnFinished, TurnStored
from rnntui.paths import Paths, find_paths
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.proofs import Proof, Setup
from tests.small_models import save_small_model
from tests.small_world import world_text

_ROOT = Path(__file__).parents[2]
_SECONDS = 120.0
_LONGEST_WAIT = 1.0
_TRAINING_FROM = 20.0
_REPLY = SamplerSettings(max_words=5, stop="words", seed=1)


def prove(setup: Setup) -> Proof:
    """See the module."""
    paths = find_paths(setup.folder / "data", setup.folder / "config.toml")
    with closing(Services.open(paths, Config())) as services:
        save_small_model(services.library)
    seconds = max(1.5, _SECONDS * setup.share)
    children = [
        _child(paths, work, seconds, setup.seed * 10 + at) for at, work in enumerate(("app", "app", "commands"))
    ]
    trainings = _trainings(setup, paths) if seconds >= _TRAINING_FROM else []
    told = [json.loads(line) for child in children for line in child.communicate(timeout=seconds + 300)[0].splitlines()]
    ended = [training.wait(timeout=600) for training in trainings]
    broken = [f"seed {setup.seed}: {entry['problem']}" for entry in told if "problem" in entry]
    broken += [f"seed {setup.seed}: a training ended with {code}" for code in ended if code]
    broken += [f"seed {setup.seed}: {problem}" for problem in _missing(paths, told, len(trainings))]
    wait = max((entry["waited"] for entry in told if "waited" in entry), default=0.0)
    left_out = [] if trainings else ["two trainings: too little time at this share"]
    cores = os.cpu_count() or 1
    if wait > _LONGEST_WAIT and os.getloadavg()[0] > 2 * cores:
        left_out.append(f"the longest wait: {os.getloadavg()[0]:.0f} programs share {cores} cores here")
    elif wait > _LONGEST_WAIT:
        broken.append(f"seed {setup.seed}: somebody waited {wait:.2f} s")
    return Proof(len(told), f"waited {wait:.2f} s", tuple(broken), tuple(left_out))


def _child(paths: Paths, work: str, seconds: float, seed: int) -> "subprocess.Popen[str]":
    program = f"import sys; from tests.proofs import two_programs; two_programs.{work}(sys.argv[1], {seconds}, {seed})"
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "RNNTUI_DATA_DIR": str(paths.data_dir),
        "RNNTUI_CONFIG": str(paths.config_file),
    }
    command = [sys.executable, "-c", program, str(paths.data_dir)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings)


def _trainings(setup: Setup, paths: Paths) -> "list[subprocess.Popen[bytes]]":
    text = setup.folder / "world.txt"
    text.write_text(world_text(), encoding="utf-8")
    surroundings = {**os.environ, "RNNTUI_DATA_DIR": str(paths.data_dir), "RNNTUI_CONFIG": str(paths.config_file)}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "rnntui", "train", str(text), "--minutes", "0.2", "--name", name, "--threads", "1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=surroundings,
        )
        for name in ("trained one", "trained other")
    ]


def _missing(paths: Paths, told: list[dict[str, object]], trained: int) -> list[str]:
    """What was acknowledged and is not there, and what is damaged."""
    with closing(Services.open(paths, Config())) as services:
        conversations = services.conversations
        kept = [*conversations.sessions(), *conversations.deleted()]
        texts = [turn.text for session in kept for turn in conversations.all_turns(session.session_id)]
        titles = [session.title for session in kept]
        said = [entry["said"] for entry in told if "said" in entry]
        titled = [entry["titled"] for entry in told if "titled" in entry]
        problems = [f'the turn "{text}" is gone' for text in said if text not in texts]
        problems += [f'the conversation "{title}" is gone' for title in titled if title not in titles]
        if trained and sum(card.name.startswith("trained") for card in services.models()) != trained:
            problems.append("a trained model is missing")
        problems += [f"a damaged file: {path.name}" for path in paths.data_dir.glob("*damaged*")]
        if not services.save_status.is_on:
            problems.append(f"nothing can be saved: {services.save_status.reason}")
    return problems


# ---- what runs in the processes ---------------------------------------------------------------------------------


def app(folder: str, seconds: float, seed: int) -> None:
    """Talk and move about as the app does, for so long; tell what was acknowledged and how long that took."""
    paths, dice = find_paths(Path(folder)), random.Random(seed)
    until = time.monotonic() + seconds
    with closing(Services.open(paths, Config())) as services:
        chat = services.new_chat("small")
        list(chat.load())
        chat.set_sampler(_REPLY)
        number = 0
        while time.monotonic() < until:
            number += 1
            began = time.monotonic()
            for event in chat.send(f"The cat of {seed} saw mouse {number}"):
                if isinstance(event, TurnStored):
                    is_saved = services.save_status.is_on
                    _tell(waited=time.monotonic() - began, **({"said": event.text} if is_saved else {}))
                if isinstance(event, TurnFinished):
                    began = time.monotonic()
            if dice.random() < 0.3:
                began = time.monotonic()
                list(chat.undo())
                _tell(waited=time.monotonic() - began)
            if dice.random() < 0.1 and chat.session.session_id:
                services.conversations.pin(chat.session.session_id, dice.random() < 0.5)


def commands(folder: str, seconds: float, seed: int) -> None:
    """Run commands one after the other for so long."""
    paths, dice = find_paths(Path(folder)), random.Random(seed)
    until, number = time.monotonic() + seconds, 0
    export = paths.data_dir.with_name("exported.jsonl")
    while time.monotonic() < until:
        number += 1
        with closing(Services(paths)) as services:
            sessions = services.sessions()
            title = f"titled {seed} {number}"
            began = time.monotonic()
            made = services.conversations.create(title, "small-lstm-1", SamplerSettings(), "inline", "")
            _tell(waited=time.monotonic() - began, titled=title)
        export.unlink(missing_ok=True)
        other = dice.choice([made, *sessions]).session_id
        for words in (
            ["export", other, str(export)],
            ["import", str(export)],
            ["search", "mouse"],
            ["duplicate", other],
        ):
            began = time.monotonic()
            said = io.StringIO()
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
                code = run(["sessions", *words])
            if code:
                _tell(problem=f"sessions {words[0]} ended with {code}: {said.getvalue()[-200:]}")
            _tell(waited=time.monotonic() - began)


def _tell(**values: object) -> None:
    print(json.dumps(values), flush=True)
