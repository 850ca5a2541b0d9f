"""What a screen asks of a conversation is answered while another thread works in it: no exception, no false value.

One thread does what a person could do, drawn at random, in a conversation between two models; another one asks for
everything that a screen shows, as fast as it can, and sets temperature and join rule. Python changes between them every
microsecond. The facts must always be of one moment, what was set must stay set, and asking must never use the disk.
"""

import dataclasses
import random
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from unittest import mock

from rnntui.config import Config
from rnntui.errors import InputError
from rnntui.paths import find_paths
from rnntui.service.chat.chat import Chat
from rnntui.service.chat.facts import end_of
from rnntui.service.services import Services
from rnntui.settings import JOIN_RULES, SamplerSettings
from rnntui.store.conversations.database import Database
from tests.proofs import Proof, Setup
from tests.small_models import save_small_model

STILL = {"undo", "redo", "rewind", "sibling", "look", "join"}
"""Work in which nothing is read or said: wherever one looks, the memory ends with the last word that is visible."""
SAMPLER = SamplerSettings(max_words=5, stop="words", seed=3)
UNITS = 16


def prove(setup: Setup) -> Proof:
    """Returns what came of so many pieces of work, each watched all the while."""
    services = Services.open(find_paths(data_dir=setup.folder / "data"), Config(SAMPLER))
    for number, name in enumerate(("small", "other")):
        save_small_model(services.library, name=name, seed=number)
    chat = services.new_chat("small")
    for text in ("The cat", "Mice are small."):
        list(chat.send(text))
    list(chat.switch("other"))
    watcher, cases = Watcher(chat), setup.cases(6_000, 40)
    dice, before = random.Random(setup.seed), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for number in range(cases):
            name, work = drawn(chat, dice)
            watcher.watch(f"seed {setup.seed}, piece {number} ({name})", work, name in STILL)
    finally:
        sys.setswitchinterval(before)
        services.close()
    worst = f"{watcher.looks:,} looks, {len(watcher.broken)} of them false"
    return Proof(cases, worst, tuple(watcher.broken[:20]))


def drawn(chat: Chat, dice: random.Random) -> tuple[str, Callable[[], object]]:
    """A piece of work that a person could ask for now; some of it is refused, in a sentence."""
    turns = [turn for turn in chat.facts.turns if turn.token_ids]
    turn = dice.choice(turns) if turns else None
    works: dict[str, Callable[[], object]] = {
        "send": lambda: list(chat.send("a mouse")),
        "undo": lambda: list(chat.undo()),
        "redo": lambda: list(chat.redo()),
        "retry": lambda: list(chat.retry()),
        "forget": lambda: list(chat.forget()),
        "switch": lambda: list(chat.switch("small" if chat.facts.card.name == "other" else "other")),
        "join": lambda: list(chat.save_join()),
    }
    if turn:
        works |= {
            "look": lambda: list(chat.inspection.inspect(turn.turn_id, 0)),
            "rewind": lambda: list(chat.rewind(turn.turn_id, 1)),
            "sibling": lambda: list(chat.show_sibling(turn.turn_id, dice.choice((1, -1)))),
        }
    name = dice.choice(sorted(works))
    return name, works[name]


class Watcher:
    """Asks and sets while something is done.

    Args:
        chat: The conversation.
    """

    def __init__(self, chat: Chat) -> None:
        self.looks = 0
        self.broken: list[str] = []
        self._chat = chat

    def watch(self, what: str, work: Callable[[], object], is_still: bool) -> None:
        """Watch one piece of work to its end."""
        refused: list[BaseException] = []

        def guarded() -> None:
            try:
                work()
            except InputError:
                pass
            except BaseException as problem:
                refused.append(problem)

        with ExitStack() as stack:
            thread = threading.Thread(target=guarded)
            for name in ("rows", "transaction"):
                stack.enter_context(mock.patch.object(Database, name, self._only_in(thread, getattr(Database, name))))
            thread.start()
            while thread.is_alive():
                self._look(what, is_still)
            thread.join()
        self.broken += [f"{what}: the work ended with {problem!r}" for problem in refused]

    def _only_in(self, thread: threading.Thread, method: Callable[..., object]) -> Callable[..., object]:
        def checked(*asked: object) -> object:
            if threading.current_thread() is not thread:
                raise AssertionError("the disk was asked by who only looks")
            return method(*asked)

        return checked

    def _look(self, what: str, is_still: bool) -> None:
        self.looks += 1
        try:
            self._ask(is_still)
        except Exception as problem:
            self.broken.append(f"{what}: {problem!r}")

    def _ask(self, is_still: bool) -> None:
        chat, facts = self._chat, self._chat.facts
        if facts.turns:
            assert facts.turns[-1].turn_id == facts.whole_turns[-1].turn_id == facts.head.turn_id, "of two moments"
        if is_still:
            end = end_of(facts.turns[-1]) if facts.turns else 0
            assert facts.counters.position == end, "the memory is elsewhere"
        assert facts.turns[:-1] == facts.whole_turns[:-1], "of two moments"
        for turn in facts.turns:
            is_made = turn.turn_id != facts.turns[-1].turn_id  # a version counts when it is read or said
            assert not is_made or turn.turn_id in facts.siblings(turn.turn_id), "not among its own versions"
            facts.tokens(turn.turn_id)
            facts.bits_per_word(turn)
        assert len(chat.facts.memory()) == UNITS, "no memory"
        assert chat.facts.counters.state_bytes > 0, "not loaded"
        wanted = dataclasses.replace(SAMPLER, temperature=self.looks % 200 / 100)
        join = JOIN_RULES[self.looks % len(JOIN_RULES)]
        chat.set_sampler(wanted)
        chat.set_join(join)
        assert chat.sampler == chat.session.sampler == wanted, "a setting was lost"
        assert chat.join == chat.session.join == join, "a setting was lost"
