"""What a person writes in a line is understood, or answered with what can be written."""

import pytest

from rnntui.errors import InputError
from rnntui.service.play.replies import how_to_answer, parse_reply
from rnntui.service.play.rules import Guess
from tests.service.play.test_scoring import question


@pytest.mark.parametrize(
    ("line", "guess"),
    [
        ("2", Guess("ship", 0.6)),
        (" 2 Sure ", Guess("ship", 0.9)),
        ("SHIP guess", Guess("ship", 0.3)),
        ("man 75%", Guess("man", 0.75)),
        ("man 75 %", Guess("man", 0.75)),
        ("man 900%", Guess("man", 1.0)),
        ("?", Guess()),
        ("q", None),
        ("/quit", None),
    ],
)
def test_a_line_is_a_word_or_its_number_and_how_sure(line: str, guess: Guess | None) -> None:
    assert parse_reply(line, question()) == guess


@pytest.mark.parametrize("line", ["", "  ", "0", "5", "boat", "sure", "75%", "9" * 5_000, "\x1b[2J", "2 3"])
def test_what_is_no_answer_is_said_with_what_can_be_written(line: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_reply(line, question())
    assert refused.value.next_step == how_to_answer(question())


def test_a_typed_word_may_be_any_word() -> None:
    typed = question(())
    assert parse_reply("sure", typed) == Guess("sure", 0.6)
    assert parse_reply("sure sure", typed) == Guess("sure", 0.9)
    assert parse_reply("3", typed) == Guess("3", 0.6)
