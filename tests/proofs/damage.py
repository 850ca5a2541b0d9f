"""Damage a file of conversations made by real use and start the program: every whole turn is there, and it is said.

A file is cut, a page of it is overwritten (with zeros, with noise, with another page), or bits of it are flipped. A
turn is whole when every byte of its row, further pages included, still stands in the file; where they stand is found
here by looking for the bytes, not by the program's own reader.
"""

import random
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress

from rnntui.config import Config
from rnntui.errors import RnntuiError
from rnntui.paths import Paths, find_paths
from rnntui.records import Turn
from rnntui.service.export.conversation_file import from_json_lines
from rnntui.service.export.exporters import export_text
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.rows import pack_ids, pack_logprobs
from rnntui.text import visible
from tests.proofs import Proof, Setup
from tests.small_models import save_small_model
from tests.store.conversations.heads import set_head

_PAGE = 4096
_CONVERSATIONS = 6
_TURNS = 17
_LONGEST_TEXT = 9_000
_BEFORE_TEXT = 64
"""More than stands in a row before its text: its length, number and header, the conversation, the parent, the role."""
_AFTER_STATUS = 60
"""More than stands in it after the status: the position, the model, the moment."""


def prove(setup: Setup) -> Proof:
    """See the module."""
    folder = setup.folder / "whole"
    folder.mkdir(parents=True, exist_ok=True)
    paths = find_paths(folder, folder / "config.toml")
    turns = _used(paths, random.Random(setup.seed))
    whole = paths.database.read_bytes()
    places = {turn.turn_id: _places(whole, turn) for turn in turns}
    broken, worst = [], 0
    cases = setup.cases(500, least=12)
    for number in range(cases):
        seed = setup.seed * 100_000 + number
        name, damaged = _harm(whole, number, random.Random(seed))
        there = [turn for turn in turns if _is_there(whole, damaged, places[turn.turn_id])]
        case = setup.folder / f"case-{number}"
        shutil.copytree(folder, case)
        (case / paths.database.name).write_bytes(damaged)
        found, problems = _looked_at(find_paths(case, case / "config.toml"), is_same=damaged == whole)
        missing = [turn for turn in there if not any(_is_same(turn, other) for other in found)]
        worst = max(worst, len(turns) - len(found))
        if missing:
            problems.append(f"{len(missing)} of {len(there)} whole turns are missing, turn {missing[0].turn_id} first")
        broken += [f"seed {seed}, {name}: {problem}" for problem in problems]
        shutil.rmtree(case)
    return Proof(cases, f"{worst} of {len(turns)} turns lost with the bytes that held them", tuple(broken))


# ---- a file made by use -----------------------------------------------------------------------------------------


def _used(paths: Paths, dice: random.Random) -> list[Turn]:
    """A data folder in which much was said, edited, deleted and searched. Returns what must survive."""
    with closing(Services.open(paths, Config())) as services:
        card = save_small_model(services.library)
        conversations = services.conversations
        sessions = [
            conversations.create(f"conversation {number}", card.model_id, SamplerSettings(), "inline", "")
            for number in range(_CONVERSATIONS)
        ]
        for number in range(_TURNS):
            for session in sessions:
                session = conversations.session(session.session_id)
                parent = None if session.head_turn_id is None else conversations.turn(session.head_turn_id)
                turn = _a_turn(session.session_id, parent, card.model_id, number, dice)
                stored = conversations.finish_turn(turn, None)
                if turn.role == "network" and dice.random() < 0.3:  # said again, in pieces
                    again = conversations.add_turn(_a_turn(session.session_id, parent, card.model_id, number, dice))
                    for _ in range(3):
                        longer = _a_turn(session.session_id, parent, card.model_id, number, dice)
                        again = Turn(**{**_values(longer), "turn_id": again.turn_id})
                        conversations.update_turn(again)
                    set_head(conversations, session.session_id, stored.turn_id)
        gone = sessions.pop()
        conversations.delete(gone.session_id, "2020-01-01T00:00:00+00:00")
        conversations.purge_deleted("9999")
        conversations.search("mouse")
        return [turn for session in sessions for turn in conversations.all_turns(session.session_id)]


def _values(turn: Turn) -> dict[str, object]:
    return {name: getattr(turn, name) for name in Turn.__slots__}


def _a_turn(session_id: str, parent: Turn | None, model_id: str, number: int, dice: random.Random) -> Turn:
    """A turn with words that no other has."""
    length = dice.choice((40, 200, 900, _LONGEST_TEXT))
    text = " ".join(["the cat saw mouse", *(f"{dice.getrandbits(32):08x}" for _ in range(dice.randrange(length) // 9))])
    count = len(text) // 6
    return Turn(
        turn_id=0,
        session_id=session_id,
        parent_id=parent.turn_id if parent else None,
        role="network" if number % 2 else "person",
        text=f" {text} {dice.getrandbits(64):016x}",
        token_ids=tuple(dice.randrange(20) for _ in range(count)),
        logprobs=tuple(-dice.random() for _ in range(count)),
        status="complete",
        start_position=parent.start_position + len(parent.token_ids) if parent else 0,
        model_id=model_id,
        created_at="2026-03-04T05:06:07+00:00",
    )


def _places(whole: bytes, turn: Turn) -> list[tuple[int, int]]:
    """Where the bytes of a turn stand in the file: its row with some more, and all pages that its values go on in."""
    text = turn.text.encode()
    body = text + pack_ids(turn.token_ids) + pack_logprobs(turn.logprobs) + turn.status.encode()
    for found in re.finditer(re.escape(turn.role.encode() + text[:40]), whole):
        at = found.start() + len(turn.role)
        if places := _run(whole, at - _BEFORE_TEXT, at, body):
            return places
    raise AssertionError(f"turn {turn.turn_id} is not where it should be")


def _run(whole: bytes, begin: int, at: int, body: bytes) -> list[tuple[int, int]]:
    """Where these bytes stand, from page to page; nothing if they do not begin here, or what was there before did."""
    length = _alike(whole[at : at // _PAGE * _PAGE + _PAGE], body)
    if length == len(body):
        return [(begin, at + length + _AFTER_STATUS)]
    for end in range(at + length, at + length - 5, -1):  # the number of a page may begin like what it interrupts
        if further := _further(whole, int.from_bytes(whole[end : end + 4], "big"), body[end - at :]):
            return [(begin, end + 4), *further]
    return []


def _further(whole: bytes, page: int, body: bytes) -> list[tuple[int, int]]:
    """The pages that these bytes go on in; nothing if they do not."""
    begin, piece = (page - 1) * _PAGE, body[: _PAGE - 4]
    if not 0 < begin < len(whole) or not whole[begin + 4 :].startswith(piece):
        return []
    if piece == body:
        return [(begin, begin + 4 + len(body) + _AFTER_STATUS)]
    rest = _further(whole, int.from_bytes(whole[begin : begin + 4], "big"), body[_PAGE - 4 :])
    return [(begin, begin + _PAGE), *rest] if rest else []


def _alike(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _is_there(whole: bytes, damaged: bytes, places: list[tuple[int, int]]) -> bool:
    return all(damaged[start:end] == whole[start:end] for start, end in places)


# ---- harm -------------------------------------------------------------------------------------------------------


def _harm(whole: bytes, number: int, dice: random.Random) -> tuple[str, bytes]:
    """What was done, and the file after it."""
    pages = len(whole) // _PAGE
    match number % 5:
        case 0:
            size = dice.choice((len(whole) - _PAGE * dice.randrange(1, pages), dice.randrange(_PAGE, len(whole))))
            return f"cut to {size} bytes", whole[:size]
        case 1:
            page = dice.randrange(pages)
            other = dice.randrange(pages)
            fill = dice.choice((bytes(_PAGE), b"\xff" * _PAGE, dice.randbytes(_PAGE), _page(whole, other)))
            return f"page {page + 1} overwritten", _with(whole, page * _PAGE, fill)
        case 2:
            damaged, count = whole, dice.randrange(1, 8)
            for _ in range(count):
                damaged = _flipped(damaged, dice.randrange(len(whole)), dice)
            return f"{count} bits flipped", damaged
        case 3:  # where order stands: the header of a page, or its list of cells
            at = dice.randrange(pages) * _PAGE + dice.choice((0, dice.randrange(8), dice.randrange(64)))
            return f"a bit flipped at {at}", _flipped(whole, at, dice)
        case _:
            at = dice.randrange(pages) * _PAGE + dice.randrange(_PAGE)
            noise = dice.randbytes(dice.randrange(1, 600))[: len(whole) - at]
            return f"{len(noise)} bytes overwritten at {at}", _with(whole, at, noise)


def _page(data: bytes, number: int) -> bytes:
    return data[number * _PAGE : (number + 1) * _PAGE]


def _with(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at + len(piece) :]


def _flipped(data: bytes, at: int, dice: random.Random) -> bytes:
    return _with(data, at, bytes([data[at] ^ 1 << dice.randrange(8)]))


# ---- what is there afterwards -----------------------------------------------------------------------------------


def _looked_at(paths: Paths, is_same: bool) -> tuple[list[Turn], list[str]]:
    """Every turn that the program shows at the next start, and what is wrong with it."""
    before = paths.database.read_bytes()
    problems: list[str] = []
    try:
        with closing(Services.open(paths, Config())) as services:
            kept = [path for path in paths.data_dir.iterdir() if ".damaged-" in path.name and path.suffix != ".txt"]
            if kept and not any(str(path.name) in " ".join(services.notices) for path in kept):
                problems.append(f"nothing was said: {services.notices}")
            if kept and kept[0].read_bytes() != before:
                problems.append("the damaged file was not kept as it was")
            if not services.save_status.is_on:
                problems.append(f"nothing is saved: {services.save_status.reason}")
            found = list(_shown(services, problems))
            return found, problems
    except RnntuiError as problem:
        return [], [f"the start ended with: {problem}"]


def _shown(services: Services, problems: list[str]) -> Iterator[Turn]:
    for session in services.conversations.sessions():
        try:
            yield from services.conversations.all_turns(session.session_id)
            visible_turns = services.conversations.branch(session.session_id)
            for turn in visible_turns:
                visible(turn.text)
            from_json_lines(export_text(services, session, "jsonl").encode(), "again.jsonl")
            export_text(services, session, "markdown")
            with suppress(RnntuiError):
                services.open_chat(session_id=session.session_id)
        except Exception as problem:
            problems.append(f"{session.session_id} cannot be used: {type(problem).__name__}: {problem}")


def _is_same(one: Turn, other: Turn) -> bool:
    return (one.text, one.role, one.token_ids) == (other.text, other.role, other.token_ids)
