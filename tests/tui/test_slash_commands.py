"""What is typed after a slash, read without a screen."""

import pytest

from rnntui.errors import InputError
from rnntui.tui.slash_commands import CommandCall, SettingCall, as_sent, completions, is_command, parse_command


def test_a_word_of_the_table_is_an_action_with_what_follows_it() -> None:
    call = parse_command("/find  the sea ")
    assert isinstance(call, CommandCall)
    assert (call.action.id, call.argument) == ("find", "the sea")
    assert parse_command("/undo") == CommandCall(parse_command("/undo").action, "")


def test_a_setting_gets_a_value_and_keeps_the_word_that_was_typed() -> None:
    assert parse_command("/temp .8") == SettingCall("temperature", ".8", "temp")
    assert parse_command("/stop-rule words") == SettingCall("stop", "words", "stop-rule")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/top-k", "/top-k needs a value. Write it after the word, such as /top-k 40."),
        ("/stop-rule", "/stop-rule needs a value. Write /stop-rule at paragraph or /stop-rule at sentence or"),
        ("/sing", 'There is no command "/sing".'),
        ("/undo twice", "/undo takes nothing after it. Leave the rest out."),
    ],
)
def test_what_cannot_be_used_is_a_sentence_with_a_way_on(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_command(text)
    assert str(raised.value).startswith(sentence)


def test_a_slash_that_is_meant_as_it_is_gets_a_space_before_it() -> None:
    assert is_command("/undo")
    assert not is_command("/ undo")
    assert not is_command(" /undo")
    assert as_sent("/undo") == " /undo"
    assert as_sent("undo") == "undo"


def test_only_the_beginning_of_a_command_is_completed() -> None:
    words = ["/undo", "/unit NUMBER", "/find WORDS"]
    assert completions("/un", lambda: words) == ["/undo", "/unit NUMBER"]
    assert completions("/find the", lambda: words) == []
    assert completions("un", lambda: words) == []
