"""What stands in the prompt while turns are edited, come back and are undone, without a screen."""

from types import SimpleNamespace
from typing import Any

from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.work.jobs import PromptReturned


class Box:
    """The text of a prompt."""

    def __init__(self) -> None:
        self.text, self.is_selected = "", False

    @property
    def unsent(self) -> str:
        return self.text

    def put(self, text: str) -> None:
        self.text, self.is_selected = text, False

    def give_back(self, text: str) -> None:
        self.put(f"{text}\n{self.text}" if self.text else text)

    def select_all(self) -> None:
        self.is_selected = True

    def resume(self) -> bool:
        return False


class Status:
    def __init__(self) -> None:
        self.is_editing, self.expected = False, ""

    def show_editing(self, is_editing: bool) -> None:
        self.is_editing = is_editing

    def expect_text(self, text: str) -> None:
        self.expected = text


def turns(*ids: int) -> tuple[Any, ...]:
    roles = ("person", "network")
    return tuple(SimpleNamespace(turn_id=turn_id, role=roles[at % 2]) for at, turn_id in enumerate(ids))


def composer(*ids: int, unstored: tuple[str, ...] = ()) -> tuple[Composer, Box, Status]:
    box, status = Box(), Status()
    worker = SimpleNamespace(unstored_prompts=unstored)
    stage: Any = SimpleNamespace(prompt=box, status=status, worker=worker, chat=object(), turns=turns(*ids))
    return Composer(stage, lambda work: work.close(), lambda path, data: None, suggests=False), box, status


def test_what_was_being_written_comes_back_after_a_turn_was_edited() -> None:
    made, box, status = composer(1, 2, 3, 4)
    box.put("half a sen")
    made.edit(3, "the second")
    assert (box.text, made.edited_turn, status.is_editing) == ("the second", 3, True)
    made.edit(1, "the first")
    made.leave_edit()
    assert (box.text, made.edited_turn, status.is_editing) == ("half a sen", 0, False)


def test_one_edit_after_the_other_goes_back_turn_by_turn_and_stays_at_the_first() -> None:
    made, _, _ = composer(1, 2, 3, 4)
    edited = []
    for _ in range(3):
        turn = made.next_to_edit()
        assert turn is not None
        edited.append(turn.turn_id)
        made.edit(turn.turn_id, "text")
    assert edited == [3, 1, 3] or edited == [3, 1, 1]
    assert composer()[0].next_to_edit() is None


def test_a_prompt_that_comes_back_during_an_edit_waits_behind_it() -> None:
    made, box, _ = composer(1, 2)
    box.put("later")
    made.edit(1, "the first")
    made.take_back(PromptReturned("not read"))
    assert box.text == "the first"
    made.leave_edit()
    assert box.text == "not read\nlater"


def test_an_edit_that_comes_back_is_an_edit_again() -> None:
    made, box, _ = composer(1, 2)
    made.take_back(PromptReturned("other words", 1))
    assert (box.text, made.edited_turn) == ("other words", 1)


def test_an_undone_prompt_can_be_sent_again_unless_something_else_was_typed() -> None:
    made, box, status = composer(1, 2)
    made.offer("/slash as it is", is_redone=False)
    assert (box.text, box.is_selected, status.expected) == (" /slash as it is", True, " /slash as it is")
    made.offer("the one before", is_redone=False)
    assert box.text == "the one before"
    made.offer("", is_redone=True)
    assert box.text == ""
    box.put("typed")
    made.offer("undone", is_redone=False)
    assert box.text == "typed"


def test_what_is_not_sent_is_what_waits_and_what_was_written_but_no_unchanged_edit() -> None:
    made, box, _ = composer(1, 2, unstored=("waits",))
    box.put("half")
    assert made.unsent_text() == "waits\nhalf"
    made.edit(1, "the first")
    assert made.unsent_text() == "waits\nhalf"
    box.put("the first, changed")
    assert made.unsent_text() == "waits\nhalf\nthe first, changed"


def test_what_stands_there_stays_with_the_conversation_that_is_left() -> None:
    made, box, _ = composer(1, 2)
    box.put("for the old one")
    made.leave_conversation()
    box.put("for the new one")
    assert made.unsent_text() == "for the old one"
    made.stay(["sent meanwhile"])
    assert box.text == "for the old one\nsent meanwhile\nfor the new one"
