"""Parts of the chat screen, each alone: what they need of it is stood in for by plain values."""

from types import SimpleNamespace
from typing import Any

from rnntui.errors import InputError
from rnntui.records import Turn
from rnntui.tui.action import Action
from rnntui.tui.chat.command_runner import CommandRunner
from rnntui.tui.chat.turn_remarks import TurnRemarks
from rnntui.tui.status_messages import describe_drafts, surprise_bits, version_of


class Line:
    """A prompt, and what was said, as they are after a command."""

    def __init__(self) -> None:
        self.text, self.remembered, self.said = "", [], []

    def give_back(self, text: str) -> None:
        self.text = text

    def remember(self, text: str) -> None:
        self.remembered.append(text)

    def resume(self) -> bool:
        return False

    def notify(self, sentence: str) -> None:
        self.said.append(sentence)


def runner() -> tuple[CommandRunner, Line, list[object]]:
    line, done = Line(), []
    stage: Any = SimpleNamespace(prompt=line, status=line)

    def set_field(name: str, value: object, shown_as: str) -> None:
        if value == "hot":
            raise InputError("temp cannot be hot.", "Give a number.")
        done.append((name, value, shown_as))

    def run(action: Action) -> None:
        done.append(action.id)

    return CommandRunner(stage, set_field, run, {"find": lambda words: done.append(("find", words))}), line, done


def test_a_command_runs_an_action_sets_a_field_or_hands_on_its_words() -> None:
    commands, line, done = runner()
    for text in ("/undo", "/temp 0.8", "/find the sea"):
        commands.run(text)
    assert done == ["undo", ("temperature", "0.8", "temp"), ("find", "the sea")]
    assert line.remembered == ["/undo", "/temp 0.8", "/find the sea"]
    assert (line.text, line.said) == ("", [])


def test_a_command_that_cannot_be_carried_out_comes_back_with_a_sentence() -> None:
    commands, line, done = runner()
    commands.run("/temp hot")
    assert (line.text, done, line.remembered) == ("/temp hot", [], [])
    assert line.said == ["temp cannot be hot. Give a number."]


def remarks(turns: tuple[Turn, ...], siblings: dict[int, tuple[int, ...]], *, is_tinted: bool = False) -> TurnRemarks:
    facts = SimpleNamespace(
        siblings=lambda turn_id: siblings.get(turn_id, (turn_id,)), bits_per_word=lambda turn: 4.25, turns=turns
    )
    content = SimpleNamespace(shows_surprise=is_tinted)
    stage: Any = SimpleNamespace(
        chat=SimpleNamespace(facts=facts), turns=turns, transcript=SimpleNamespace(content=content)
    )
    return TurnRemarks(stage, lambda model_id: {"a": "Anna"}.get(model_id, ""))


def test_a_version_is_counted_from_one_and_named_only_where_there_are_several() -> None:
    assert version_of((3, 5, 8), 5) == (2, 3)
    found = remarks((), {5: (3, 5, 8)})
    assert found.version(5) == "‹ 2/3 ›"
    assert found.version_text(5) == "2 of 3"
    assert found.version(9) == found.version_text(9) == found.version_text(0) == ""


def test_the_surprise_of_a_token_is_in_bits() -> None:
    assert round(surprise_bits(-0.6931471805599453), 9) == 1.0


def test_a_reply_without_drafts_says_nothing_of_them() -> None:
    assert describe_drafts(SimpleNamespace(draws=())) == []  # type: ignore[arg-type]


def turn(role: str, text: str = "the sea", status: str = "complete", words: int = 2) -> Turn:
    logprobs = (-1.0,) * words
    return Turn(7, "s", None, role, text, tuple(range(words)), logprobs, status, 0, "a", words=words)


def test_a_persons_own_surprise_is_told_only_while_it_is_tinted() -> None:
    own = turn("person")
    assert remarks((own,), {}).remark(own) == ""
    assert remarks((own,), {}, is_tinted=True).remark(own).startswith("2 words · 4.2 bits a word")
    reply = turn("network")
    assert remarks((reply,), {}).remark(reply).startswith("2 words · 4.2 bits a word")


def test_a_damaged_turn_says_so_without_its_words() -> None:
    lost = turn("person", status="damaged", words=0)
    assert "the disk lost a part" in remarks((lost,), {}).remark(lost)


def test_a_model_is_named_as_it_was_when_it_was_loaded() -> None:
    shown: list[str] = []
    switch = turn("switch", text="", words=0)
    found = remarks((switch,), {})
    content: Any = found._stage.transcript.content
    content.show_turns = lambda turns, remark, mark: shown.append(mark(turns[0]))
    found.show_turns((switch,))
    found.learn_name("a", "Anna the second")
    found.show_turns((switch,))
    assert shown == ["Anna goes on from here", "Anna the second goes on from here"]
