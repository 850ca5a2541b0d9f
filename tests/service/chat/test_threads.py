"""What may be asked of a conversation while another thread works in it, and that nothing else is."""

import ast
import contextlib
import dataclasses
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

import rnntui
from rnntui.errors import InputError
from rnntui.events import ReplyBegun, StateRebuilt, TurnFinished, TurnStored, WordSampled
from rnntui.service.chat.chat import Chat
from rnntui.service.chat.facts import ChatFacts, PublishedChat, end_of
from rnntui.service.chat.inspection import Inspection
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from tests.small_models import save_small_model

PACKAGE = Path(rnntui.__file__).parent
SAMPLER = SamplerSettings(max_words=5, stop="words", seed=3)
CHATS = {"chat", "self.chat", "job.chat", "screen.chat", "self._stage.chat", "stage.chat", "self._worker.chat"}
"""What an open conversation is called in the screens."""
MAY_WAIT = {"unsent_text", "save_unsent"}
"""What a screen may use as well, in a thread of its own: it waits for the disk, and rests on published facts."""
WALKS = 5
UNITS = 16
WORKS_IN = PACKAGE / "service" / "chat"
ASKED = str(WORKS_IN / "facts.py")


@contextlib.contextmanager
def threads_that_take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def chat_over_two_models(services: Services) -> Chat:
    """A conversation with a fork, that another model went on with."""
    save_small_model(services.library, name="other", seed=5)
    chat = services.new_chat("small")
    chat.set_sampler(SAMPLER)
    for text in ("The cat", "Mice are small."):
        list(chat.send(text))
    list(chat.retry())
    list(chat.switch("other"))
    list(chat.send("a mouse"))
    return chat


def walk(chat: Chat) -> None:
    """Back before the switch, to the other version there, and forward again: both models and all turns are used."""
    for _ in range(3):
        list(chat.undo())
    list(chat.inspection.inspect())
    for _ in range(3):
        list(chat.redo())


def interrupted_everywhere(work: Callable[[], None], look: Callable[[], None]) -> int:
    """Do some work, and look at it before each of its lines, as another thread might; returns how often."""
    looks = 0

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., object] | None:
        nonlocal looks
        if Path(frame.f_code.co_filename).parent != WORKS_IN or frame.f_code.co_filename == ASKED:
            return None
        if event == "line":
            looks += 1
            look()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return looks


def test_whatever_is_asked_at_any_line_of_the_work_is_answered(services: Services) -> None:
    chat = chat_over_two_models(services)
    reread = chat.facts.counters.tokens_reread

    def look() -> None:
        assert chat.facts.counters.tokens_reread >= reread
        assert len(chat.facts.memory()) == UNITS
        for turn in chat.facts.turns:
            assert turn.turn_id in chat.facts.siblings(turn.turn_id)
            assert len(chat.facts.tokens(turn.turn_id)) == len(turn.token_ids)

    assert interrupted_everywhere(lambda: walk(chat), look) > 1_000


def test_what_an_event_tells_can_be_seen_when_it_comes(services: Services) -> None:
    chat = services.new_chat("small")
    chat.set_sampler(SAMPLER)
    seen = set()
    for event in chat.send("The cat"):
        seen.add(type(event))
        if isinstance(event, TurnStored | ReplyBegun):
            assert chat.facts.turns[-1].turn_id == event.turn_id
        if isinstance(event, WordSampled | StateRebuilt):
            assert chat.facts.counters.position >= event.position
        if isinstance(event, TurnFinished):
            assert chat.facts.turns[-1].words == event.words
    assert {StateRebuilt, TurnStored, ReplyBegun, WordSampled, TurnFinished} <= seen


def test_what_is_seen_at_any_line_of_the_work_is_of_one_moment(services: Services) -> None:
    chat = chat_over_two_models(services)

    def look() -> None:
        facts = chat.facts
        assert facts.turns[-1].turn_id == facts.whole_turns[-1].turn_id == facts.head.turn_id
        assert facts.turns[-1].model_id == facts.card.model_id
        assert facts.counters.position == end_of(facts.turns[-1])

    assert interrupted_everywhere(lambda: walk(chat), look) > 1_000


def test_what_is_set_at_any_line_of_the_work_stays_set_and_the_head_stays_where_it_went(services: Services) -> None:
    chat = chat_over_two_models(services)
    numbers = itertools.count()

    def look() -> None:
        assert chat.session.sampler == chat.sampler
        chat.set_sampler(dataclasses.replace(SAMPLER, temperature=next(numbers) % 200 / 100))
        assert chat.session.sampler == chat.sampler

    assert interrupted_everywhere(lambda: walk(chat), look) > 1_000
    list(chat.undo())
    stored = services.conversations.session(chat.session.session_id)
    assert chat.session.head_turn_id == stored.head_turn_id == chat.facts.turns[-1].turn_id


def test_asking_while_another_thread_works_raises_nothing_and_never_touches_the_disk(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = chat_over_two_models(services)
    versions = {version for turn in chat.facts.turns for version in chat.facts.siblings(turn.turn_id)}
    used: set[int] = set()
    rows, transaction = Database.rows, Database.transaction
    monkeypatch.setattr(Database, "rows", lambda *asked: (used.add(threading.get_ident()), rows(*asked))[1])
    monkeypatch.setattr(Database, "transaction", lambda self: (used.add(threading.get_ident()), transaction(self))[1])

    def look() -> None:
        for member in (
            chat.facts,
            chat.facts.counters,
            chat.session,
            chat.seed,
            chat.facts.can_undo,
            chat.facts.can_redo,
            chat.facts.memory(),
        ):
            assert member is not None
        for turn_id in versions:
            assert turn_id in chat.facts.siblings(turn_id)
            with contextlib.suppress(InputError):  # it is not visible now
                chat.facts.tokens(turn_id)
        chat.set_join("paragraph")
        chat.set_sampler(SAMPLER)

    thread = threading.Thread(target=lambda: [walk(chat) for _ in range(WALKS)])
    with threads_that_take_turns_often():
        thread.start()
        while thread.is_alive():
            look()
    assert used
    assert threading.get_ident() not in used


def test_how_prompts_are_joined_is_stored_by_the_thread_that_works(services: Services) -> None:
    chat = chat_over_two_models(services)
    chat.set_join("paragraph")
    assert services.conversations.session(chat.session.session_id).join == "inline"
    list(chat.save_join())
    assert services.conversations.session(chat.session.session_id).join == "paragraph"
    assert services.open_chat("", chat.session.session_id).session.join == "paragraph"


# ---- the contract, as the source has it


def class_of(file: str, name: str) -> ast.ClassDef:
    tree = ast.parse((WORKS_IN / file).read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)


def own_names(tree: ast.AST, owner: str = "self") -> set[str]:
    """What is asked of a variable."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner
    }


def test_what_any_thread_may_use_rests_on_published_values_alone() -> None:
    assert own_names(class_of("facts.py", "PublishedChat")) == {"_facts", "_settings"}
    assert ChatFacts.__dataclass_params__.frozen


def test_the_thread_that_works_never_takes_what_was_published_for_what_is() -> None:
    published = {name for name in vars(PublishedChat) if not name.startswith("_")}
    works = [node for node in class_of("chat.py", "Chat").body if getattr(node, "name", "") not in MAY_WAIT]
    assert not set().union(*map(own_names, works)) & published
    for file in sorted(WORKS_IN.glob("*.py")):
        if file.name not in {"facts.py", "chat.py"}:
            assert "PublishedChat" not in file.read_text(encoding="utf-8"), file.name


@pytest.mark.parametrize("worker", [Chat, Inspection])
def test_everything_that_works_publishes_what_became_of_it(worker: type) -> None:
    works = [
        work for name, work in vars(worker).items() if not name.startswith("_") and name not in {*MAY_WAIT, "publish"}
    ]
    assert len(works) >= 4
    assert all(hasattr(work, "__wrapped__") for work in works)


def test_the_screens_ask_a_conversation_only_for_what_any_thread_may_use() -> None:
    allowed = {name for name in vars(PublishedChat) if not name.startswith("_")} | MAY_WAIT
    for file in sorted((PACKAGE / "tui").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        in_the_background = {node for work in ast.walk(tree) if isinstance(work, ast.Lambda) for node in ast.walk(work)}
        asked = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node not in in_the_background and ast.unparse(node.value) in CHATS
        }
        assert asked <= allowed, file.name
