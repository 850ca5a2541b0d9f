"""Talk, leave, come back: the memory is the same to the last bit, or it is read again and that is said.

Each case talks at random (says, cuts off, says again, rewinds, forgets, begins with a kept memory), leaves, and starts
the program again: with the stored memories as they were, without them, and with each of them damaged. The hash of the
memory and a greedy continuation are compared; what was not stored as it was must be told as read again.
"""

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from rnntui.config import Config
from rnntui.errors import InputError
from rnntui.events import ChatEvent, StateRebuilt, WordSampled
from rnntui.paths import Paths, find_paths
from rnntui.service.chat.chat import Chat
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.proofs import Proof, Setup
from tests.small_models import save_small_model

_SHAPES = (("lstm", 1), ("gru", 1), ("elman", 1), ("lstm", 2))
_SPEAK = SamplerSettings(max_words=9, stop="words", seed=5)
_GREEDY = SamplerSettings(max_words=12, stop="words", temperature=0.0, seed=1)
_PROMPTS = ("The cat saw a mouse.", " Who are you?", "Mice are small", "catalogues yawned, amusingly", "it didn't stay")
_IN_A_PROCESS_EVERY = 10


@dataclass(frozen=True)
class Remembered:
    """A memory and what follows from it."""

    state: str
    """Hash of its numbers."""
    continuation: str
    """What the network says next when it always takes the likeliest word."""
    was_told: bool
    """True when it was said that the transcript was read again."""
    words_reread: int


def prove(setup: Setup) -> Proof:
    """See the module."""
    broken: list[str] = []
    most_reread, looks = 0, 0
    cases = setup.cases(60)
    for number in range(cases):
        seed = setup.seed * 1_000 + number
        cell, layers = _SHAPES[number % len(_SHAPES)]
        paths = find_paths(setup.folder / str(number) / "data", setup.folder / "config.toml")
        left = _talk(paths, cell, layers, random.Random(seed))
        for harm in ("none", "deleted", "bit", "cut", "emptied"):
            place = find_paths(setup.folder / f"{number}-{harm}", setup.folder / "config.toml")
            shutil.copytree(paths.data_dir, place.data_dir)
            _harm(place.database, harm, random.Random(seed))
            is_restart = number % _IN_A_PROCESS_EVERY == 0 and harm in {"none", "bit"}
            found = _in_a_process(place) if is_restart else come_back(place)
            looks += 1
            most_reread = max(most_reread, found.words_reread)
            told = f"seed {seed}, {cell} of {layers} layers, stored memories: {harm}"
            if (found.state, found.continuation) != (left.state, left.continuation):
                broken.append(f"{told}: another memory than before")
            if bool(found.words_reread) != found.was_told or (harm == "none" and found.was_told):
                broken.append(f"{told}: {found.words_reread} words read again, said: {found.was_told}")
            shutil.rmtree(place.data_dir)
        shutil.rmtree(paths.data_dir)
    return Proof(looks, f"{most_reread} words read again", tuple(broken))


def come_back(paths: Paths) -> Remembered:
    """Open the conversation that was used last, as the next start does."""
    with closing(Services.open(paths, Config())) as services:
        chat = services.open_chat()
        return _remembered(chat, list(chat.load()))


def _remembered(chat: Chat, events: Iterable[ChatEvent]) -> Remembered:
    reread = sum(event.tokens_reread for event in events if isinstance(event, StateRebuilt))
    was_told = any(isinstance(event, StateRebuilt) and event.source == "replay" for event in events)
    state = hashlib.sha256(chat._speaker.generator.memory.state.to_bytes()).hexdigest()
    chat.set_sampler(_GREEDY)
    said = "".join(event.piece for event in chat.send("") if isinstance(event, WordSampled))
    return Remembered(state, said, was_told, reread)


def _in_a_process(paths: Paths) -> Remembered:
    program = (
        "import json, sys; from pathlib import Path; from dataclasses import asdict\n"
        "from rnntui.paths import find_paths; from tests.proofs.memory import come_back\n"
        "print(json.dumps(asdict(come_back(find_paths(Path(sys.argv[1]), Path(sys.argv[2]))))))"
    )
    command = [sys.executable, "-c", program, str(paths.data_dir), str(paths.config_file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return Remembered(**json.loads(done.stdout))


# ---- talking ----------------------------------------------------------------------------------------------------


def _talk(paths: Paths, cell: str, layers: int, dice: random.Random) -> Remembered:
    """Say something at random, and tell what is remembered in the end. A copy goes on from there, the person leaves."""
    with closing(Services.open(paths, Config())) as services:
        card = save_small_model(services.library, cell=cell, layers=layers)
        chat = services.new_chat(card.model_id)
        list(chat.load())
        for number in range(dice.randrange(2, 7)):
            chat.set_sampler(_SPEAK)
            list(chat.send(dice.choice(_PROMPTS)))
            with suppress(InputError):
                _move(chat, dice)
            if number == 1 and dice.random() < 0.3:
                list(chat.save_memory("kept"))
                chat = services.new_chat(card.model_id, services.memories.find("kept"))
                list(chat.load())
                list(chat.send(dice.choice(_PROMPTS)))
    aside = find_paths(paths.data_dir.with_name("aside"), paths.config_file)
    shutil.copytree(paths.data_dir, aside.data_dir)
    state = hashlib.sha256(chat._speaker.generator.memory.state.to_bytes()).hexdigest()
    with closing(Services.open(aside, Config())) as services:
        again = services.open_chat()
        list(again.load())
        left = _remembered(again, [])
    shutil.rmtree(aside.data_dir)
    return Remembered(state, left.continuation, False, 0)


def _move(chat: Chat, dice: random.Random) -> None:
    turn = dice.choice(chat.facts.turns)
    match dice.randrange(7):
        case 0:
            list(chat.undo())
        case 1:
            list(chat.rewind(turn.turn_id, dice.randint(min(1, len(turn.token_ids)), len(turn.token_ids))))
        case 2:
            list(chat.retry())
        case 3:
            list(chat.forget())
        case 4:
            speaking = chat.send(dice.choice(_PROMPTS))
            for _ in range(dice.randrange(1, 12)):
                next(speaking, None)
            speaking.close()  # type: ignore[attr-defined]


# ---- harm -------------------------------------------------------------------------------------------------------


def _harm(database: Path, kind: str, dice: random.Random) -> None:
    """Do it to every memory that is stored along the turns."""
    with closing(sqlite3.connect(database)) as file, file:
        rows = file.execute("SELECT rowid, blob FROM snapshots").fetchall()
        if kind == "deleted":
            file.execute("DELETE FROM snapshots")
        for number, blob in rows:
            if kind in {"bit", "cut", "emptied"}:
                file.execute("UPDATE snapshots SET blob = ? WHERE rowid = ?", (_damaged(blob, kind, dice), number))


def _damaged(blob: bytes, kind: str, dice: random.Random) -> bytes:
    if kind == "emptied":
        return bytes(len(blob))
    if kind == "cut":
        return blob[: dice.randrange(len(blob))]
    at = dice.randrange(len(blob))
    return blob[:at] + bytes([blob[at] ^ 1 << dice.randrange(8)]) + blob[at + 1 :]
