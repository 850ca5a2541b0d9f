"""Export and import are inverses; a foreign file is refused with the line; a replay tells the same from the other."""

import dataclasses
import json
import math
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.cli.main import run
from rnntui.config import Config
from rnntui.errors import EXIT_DIFFERENT, InputError, StorageError
from rnntui.paths import find_paths
from rnntui.records import LARGEST_POSITION, ROLES, STATUSES, SamplerSpan, SavedState, Session, Turn
from rnntui.service.export.conversation_file import (
    ConversationFile,
    ModelMark,
    collect_conversation,
    from_json_lines,
    to_json_lines,
)
from rnntui.service.export.replay import TurnReplayed, Verdict, replay
from rnntui.service.export.text_export import to_markdown, to_text
from rnntui.service.services import Services
from rnntui.settings import JOIN_RULES, SPELLINGS, SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.library import Library
from rnntui.text import is_ordinary
from tests.effort import examples
from tests.small_models import save_small_model
from tests.store.conversations.heads import set_head

Capture = pytest.CaptureFixture[str]
NOTHING = Library(Path("nowhere"), Path("nowhere"))
LONGEST = 2**63 - 1
ordinary = st.text(max_size=12).filter(is_ordinary)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
blobs = st.binary(max_size=12)
moments = st.sampled_from(["", "2026-03-04T05:06:07+00:00", "1999-12-31T23:59:59Z"])
numbers = st.floats(allow_nan=False, allow_infinity=False)
samplers = st.builds(
    SamplerSettings,
    temperature=st.floats(0, 2),
    top_k=st.integers(0, 200_000),
    spelling=st.sampled_from(SPELLINGS),
    loop_penalty=st.floats(0, 5),
    top_p=st.floats(0, 1),
    min_p=st.floats(0, 1),
    max_words=st.integers(1, 100_000),
    stop=st.sampled_from(["paragraph", "sentence", "words"]),
    seed=st.none() | st.integers(0, LONGEST),
)
roots = st.builds(
    SavedState,
    name=names,
    model_id=names,
    blob=blobs,
    recent_ids=st.lists(st.integers(0, 2**32 - 1), max_size=4).map(tuple),
    tokens_read=st.integers(0, LARGEST_POSITION),
    text_before=ordinary,
    created_at=moments,
)


@st.composite
def draws(draw: st.DrawFn, tokens: int) -> tuple[SamplerSpan, ...]:
    """How each part of a reply was drawn, or chosen."""
    starts = sorted(draw(st.sets(st.integers(0, max(0, tokens - 1)), max_size=tokens)))
    return tuple(SamplerSpan(start, draw(st.none() | samplers)) for start in starts)


@st.composite
def conversations(draw: st.DrawFn) -> ConversationFile:
    turns: list[Turn] = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        ids = tuple(draw(st.lists(st.integers(0, 2**32 - 1), max_size=4)))
        scores = tuple(draw(st.lists(numbers, min_size=len(ids), max_size=len(ids)))) if draw(st.booleans()) else ()
        turns.append(
            Turn(
                turn_id=number,
                session_id="",
                parent_id=draw(st.none() | st.integers(1, number - 1)) if number > 1 else None,
                role=draw(st.sampled_from(ROLES)),
                text=draw(ordinary),
                token_ids=ids,
                logprobs=scores,
                status=draw(st.sampled_from(STATUSES)),
                start_position=draw(st.integers(0, LARGEST_POSITION)),
                model_id=draw(names),
                sampler=draw(st.none() | samplers),
                created_at=draw(moments),
                draws=draw(draws(len(ids))),
            )
        )
    session = Session(
        "",
        draw(names),
        draw(names),
        draw(samplers),
        draw(st.sampled_from(JOIN_RULES)),
        draw(st.none() | st.integers(1, len(turns))) if turns else None,
        draw(moments),
        draw(moments),
        draw(st.booleans()),
    )
    spoke = sorted({session.model_id, *(turn.model_id for turn in turns)})
    marks = tuple(ModelMark(name, name) for name in spoke)
    return ConversationFile(session, tuple(turns), marks, draw(st.none() | roots))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with Database(tmp_path_factory.mktemp("shared") / "db") as database:
        yield Sessions(database)


@settings(max_examples=examples(80), deadline=None)
@given(conversations())
def test_reading_gives_back_what_was_written(conversation: ConversationFile) -> None:
    assert from_json_lines(to_json_lines(conversation), "x") == conversation


@settings(max_examples=examples(40), deadline=None)
@given(conversations())
def test_import_then_export_gives_the_same_bytes(shared: Sessions, conversation: ConversationFile) -> None:
    session = shared.insert_conversation(conversation.session, conversation.turns, root=conversation.root)
    again = collect_conversation(shared, NOTHING, session)
    assert again == conversation
    assert to_json_lines(again) == to_json_lines(conversation)


@settings(max_examples=examples(150), deadline=None)
@given(conversations(), st.data())
def test_an_altered_file_is_read_or_refused_and_never_an_error(
    conversation: ConversationFile, data: st.DataObject
) -> None:
    whole = to_json_lines(conversation)
    at = data.draw(st.integers(0, len(whole) - 1))
    altered = data.draw(
        st.sampled_from([whole[:at], whole[:at] + b"\xff" + whole[at + 1 :], whole[at:], whole + b"{}\n", whole * 2])
    )
    if altered == whole:
        return
    with pytest.raises(InputError, match="Line ") as caught:
        from_json_lines(altered, "x")
    assert caught.value.next_step


def a_file(**fields: object) -> list[dict[str, object]]:
    turn = Turn(1, "", None, "network", " hi", (1, 2), (-0.5, -1.0), "complete", 0, "m", SamplerSettings(seed=1))
    session = Session("", "t", "m", SamplerSettings(), head_turn_id=1)
    data = to_json_lines(ConversationFile(session, (turn,), (ModelMark("m", "m"),)))
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (1, "kind", "turn"),
        (1, "format", 2),
        (1, "format", True),
        (1, "turns", 0),
        (1, "turns", -1),
        (1, "turns", 10**30),
        (1, "models", "1"),
        (1, "title", ""),
        (1, "title", "a\nb"),
        (1, "title", "\x1b]52;c;aGk=\x07"),
        (1, "join", "sideways"),
        (1, "head", 2),
        (1, "head", 0),
        (1, "created_at", "yesterday"),
        (1, "session_id", "mine"),
        (1, "sampler", None),
        (2, "files", {"weights": "\x1b"}),
        (2, "files", ["x"]),
        (2, "name", "x" * 300),
        (3, "number", 2),
        (3, "parent", 1),
        (3, "parent", 0),
        (3, "parent", -5),
        (3, "role", "robot"),
        (3, "status", "odd"),
        (3, "text", "\x1b[31m"),
        (3, "text", "half \ud83d"),
        (3, "text", 7),
        (3, "token_ids", [1, -1]),
        (3, "token_ids", [1, 2**32]),
        (3, "token_ids", [1, 2.5]),
        (3, "token_ids", [1, True]),
        (3, "logprobs", [-0.5]),
        (3, "logprobs", [-0.5, None]),
        (3, "start_position", -1),
        (3, "start_position", 2**70),
        (3, "model_id", "a\tb"),
        (3, "sampler", {"temperature": 0.5}),
        (3, "turn_id", 1),
        (3, "extra", 1),
    ],
)
def test_a_field_that_is_not_as_it_should_be_is_refused_with_its_line(line: int, field: str, value: object) -> None:
    values = a_file()
    values[line - 1][field] = value
    data = b"".join(json.dumps(entry).encode() + b"\n" for entry in values)
    with pytest.raises(InputError) as caught:
        from_json_lines(data, "x")
    assert 'of "x"' in caught.value.sentence
    assert "\x1b" not in str(caught.value)
    if (line, field) != (1, "turns"):
        assert f"Line {line} " in caught.value.sentence


@pytest.mark.parametrize("line", range(3))
def test_a_missing_field_is_named(line: int) -> None:
    for name in a_file()[line]:
        values = a_file()
        del values[line][name]
        with pytest.raises(InputError, match=f"Line {line + 1} "):
            from_json_lines(b"".join(json.dumps(entry).encode() + b"\n" for entry in values), "x")


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\n", b"[]\n", b"{}\n", b"[" * 100_000 + b"\n", b'{"kind": NaN}\n'])
def test_what_is_no_conversation_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="Line 1 "):
        from_json_lines(data, "x")


def test_a_number_that_json_has_no_word_for_is_refused_when_it_is_written() -> None:
    turn = Turn(1, "", None, "person", "x", (1,), (-math.inf,), "complete", 0, "m")
    with pytest.raises(StorageError):
        to_json_lines(ConversationFile(Session("", "t", "m", SamplerSettings()), (turn,), ()))


# ---- for people


def a_turn(role: str, text: str, **fields: object) -> Turn:
    return dataclasses.replace(Turn(1, "", None, role, text, (1,), (-1.0,), "complete", 0, "m"), **fields)


def test_plain_text_is_the_text_as_it_ran() -> None:
    turns = [a_turn("person", " The cat"), a_turn("network", " sat."), a_turn("forget", ""), a_turn("person", "Dogs")]
    assert to_text(turns) == " The cat sat.\n\n(the memory was emptied here)\n\nDogs\n"


def test_nothing_in_a_conversation_is_markup_in_markdown() -> None:
    hostile = "# no\n- no\n1. no\n    no\n> no\n*no* [no](http://x) <b>no</b> `no` | no\n--- \n=== \n| a |"
    turns = [a_turn("network", hostile, sampler=SamplerSettings(seed=4), status="stopped")]
    shown = to_markdown(Session("", "*t*", "m", SamplerSettings()), turns, {"m": "a_b"})
    lines = shown.split("\n")
    assert lines[0] == "# \\*t\\*"
    assert "**a\\_b**" in lines
    assert "stopped · temperature 1 · seed 4 · 1 tokens · 1.4 bits per token" in shown
    body = lines[4 : 4 + len(hostile.split("\n"))]
    assert body[:5] == ["\\# no", "\\- no", "1\\. no", "no", "\\> no"]
    assert all("<" not in line.replace("\\<", "") and "[" not in line.replace("\\[", "") for line in body)


# ---- replay and the command line


def talked(folder: Path, *, in_thread: bool = False, model: str = "small") -> ConversationFile:
    """A conversation with two branches, a forgetting and a stopped reply."""
    services = Services.open(find_paths(folder / "data"), Config())
    save_small_model(services.library)
    chat = services.new_chat(model)
    chat.set_sampler(SamplerSettings(max_words=8, stop="words", seed=3, temperature=1.2, repetition_penalty=1.3))

    def say() -> None:
        list(chat.send("It was a cold evening and the old man" if in_thread else "The cat saw a mouse"))
        list(chat.send(""))
        list(chat.forget())
        list(chat.send("Dinosaurs are"))
        list(chat.cut(chat.facts.turns[-1].start_position + 3))

    if in_thread:
        for work in (lambda: list(chat.load()), say):
            thread = threading.Thread(target=work)  # a new one each, as in the app: see `use_one_thread`
            thread.start()
            thread.join()
    else:
        say()
    sessions = services.conversations
    first = sessions.branch(chat.session.session_id)[0]
    set_head(sessions, chat.session.session_id, first.turn_id)
    again = services.open_chat()
    again.set_sampler(SamplerSettings(max_words=8, stop="words", seed=4))
    list(again.send(""))
    result = collect_conversation(sessions, services.library, sessions.session(chat.session.session_id))
    services.close()
    return result


def replayed(folder: Path, conversation: ConversationFile) -> tuple[list[TurnReplayed], Verdict]:
    *turns, verdict = replay(Services(find_paths(folder / "data")).library, conversation)
    assert isinstance(verdict, Verdict)
    return [turn for turn in turns if isinstance(turn, TurnReplayed)], verdict


def test_a_replay_of_every_branch_comes_out_the_same(tmp_path: Path) -> None:
    turns, verdict = replayed(tmp_path, talked(tmp_path))
    assert [turn.role for turn in turns] == ["person", "network", "network", "forget", "person", "network", "network"]
    assert verdict == Verdict(True, 7, 4, sum(turn.tokens for turn in turns), 0, 0.0, ("small",))


def test_what_was_said_in_threads_comes_out_the_same_to_the_last_bit(tmp_path: Path) -> None:
    _, verdict = replayed(tmp_path, talked(tmp_path, in_thread=True, model="starter"))
    assert verdict.is_identical


def drawn_with(turn: Turn, sampler: SamplerSettings) -> Turn:
    return dataclasses.replace(turn, sampler=sampler, draws=(SamplerSpan(0, sampler),))


@pytest.mark.parametrize("change", ["seed", "token", "logprob", "text", "temperature", "no seed"])
def test_a_replay_tells_what_was_changed(tmp_path: Path, change: str) -> None:
    conversation = talked(tmp_path)
    turn = conversation.turns[1]
    assert turn.sampler
    changed = {
        "seed": drawn_with(turn, dataclasses.replace(turn.sampler, seed=99)),
        "temperature": drawn_with(turn, dataclasses.replace(turn.sampler, temperature=0.1)),
        "no seed": drawn_with(turn, dataclasses.replace(turn.sampler, seed=None)),
        "token": dataclasses.replace(turn, token_ids=(turn.token_ids[0] ^ 1, *turn.token_ids[1:])),
        "logprob": dataclasses.replace(turn, logprobs=(math.nextafter(turn.logprobs[0], 0), *turn.logprobs[1:])),
        "text": dataclasses.replace(turn, text=turn.text + "!"),
    }[change]
    turns, verdict = replayed(tmp_path, dataclasses.replace(conversation, turns=(conversation.turns[0], changed)))
    assert [entry.is_identical for entry in turns] == [True, False]
    assert turns[1].difference
    assert not verdict.is_identical
    assert (verdict.off_by_nats > 0) == (change in ("token", "logprob"))


def test_a_token_that_the_model_does_not_have_is_one_sentence(tmp_path: Path) -> None:
    conversation = talked(tmp_path)
    changed = dataclasses.replace(conversation.turns[0], token_ids=(10**6,), logprobs=(-1.0,))
    with pytest.raises(InputError, match="Turn 1 holds a token"):
        replayed(tmp_path, dataclasses.replace(conversation, turns=(changed,)))


def test_a_model_that_is_not_here_is_one_sentence(tmp_path: Path) -> None:
    conversation = talked(tmp_path)
    other = tuple(dataclasses.replace(mark, files={"weights": "0" * 64}) for mark in conversation.models)
    with pytest.raises(InputError, match=r'"small", weights 000000000000\) is not in the library'):
        replayed(tmp_path, dataclasses.replace(conversation, models=other))


def test_conversations_are_kept_given_away_and_checked_on_the_command_line(tmp_path: Path, capsys: Capture) -> None:
    conversation = talked(tmp_path)
    here, there = ["--data-dir", str(tmp_path / "data")], ["--data-dir", str(tmp_path / "other")]

    def told(*arguments: str, code: int = 0) -> str:
        assert run(list(arguments)) == code
        return capsys.readouterr().out

    (listed,) = [json.loads(line) for line in told(*here, "sessions", "--json").splitlines()]
    session_id, file = listed["session_id"], tmp_path / "a.jsonl"
    told(*here, "sessions", "export", session_id, str(file))
    assert from_json_lines(file.read_bytes(), "a") == conversation
    assert told(*here, "sessions", "export", session_id[:6], "--format", "jsonl") == file.read_text()
    assert told(*here, "sessions", "export", session_id, str(file), code=2) == ""
    visible = told(*here, "sessions", "export", session_id, "--format", "jsonl", "--visible")
    assert [turn.role for turn in from_json_lines(visible.encode(), "v").turns] == ["person", "network"]
    assert told(*here, "sessions", "show", session_id).startswith(" The cat saw a mouse")
    assert told(*here, "sessions", "export", session_id).startswith("# The cat saw a mouse")
    assert told(*here, "replay", str(file)).splitlines()[-1].startswith("Identical: 4 replies")
    copy = told(*there, "sessions", "import", str(file)).strip()
    assert told(*there, "sessions", "export", copy, "--format", "jsonl") != ""
    assert "[mouse]" in told(*there, "sessions", "search", "mouse")
    hits = [json.loads(line) for line in told(*there, "sessions", "search", "cat mou", "--json").splitlines()]
    assert {hit["excerpt"][start:end] for hit in hits for start, end in hit["marks"]} >= {"cat", "mouse"}
    told(*there, "sessions", "rename", copy, "Two", "mice")
    told(*there, "sessions", "pin", "two mice")
    assert "* Two mice" in told(*there, "sessions")
    told(*there, "sessions", "unpin", copy)
    told(*there, "sessions", "duplicate", copy, "Three mice")
    told(*there, "sessions", "delete", copy)
    assert "Two mice" not in told(*there, "sessions")
    assert "Two mice" in told(*there, "sessions", "list", "--deleted")
    told(*there, "sessions", "restore", copy)
    assert "Two mice" in told(*there, "sessions")
    told(*there, "sessions", "delete", copy)
    assert json.loads(told(*there, "sessions", "empty", "--json")) == {"emptied": 1}
    told(*there, "sessions", "restore", copy, code=2)
    file.write_bytes(file.read_bytes().replace(b'"seed": 3', b'"seed": 5'))
    assert "DIFFERENT" in told(*here, "replay", str(file), code=EXIT_DIFFERENT)
    told(*there, "replay", str(file), code=2)
    for action in ("search", "show", "rename", "delete", "import", "export"):
        told(*there, "sessions", action, code=2)
    told(*there, "sessions", "search", "x", "--limit", "0", code=2)


def test_a_word_chosen_inside_a_prompt_is_said_again_as_it_was(tmp_path: Path) -> None:
    services = Services(find_paths(tmp_path / "data"))
    save_small_model(services.library)
    chat = services.new_chat("small")
    list(chat.send("“I am xyz"))
    tokenizer = chat._speaker.generator.tokenizer
    capital = tokenizer.encode("M")[0]
    list(chat.branch(chat.facts.turns[0].turn_id, 2, capital))
    changed = chat.facts.turns[0]
    assert tuple(tokenizer.encode(changed.text)) != changed.token_ids  # the text would become other tokens
    conversation = collect_conversation(services.conversations, services.library, chat.session)
    *_, verdict = replay(services.library, conversation)
    assert isinstance(verdict, Verdict)
    assert verdict.is_identical
    services.close()
