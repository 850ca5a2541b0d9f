"""What is told when the work ends with an error: never the words of an error that is not ours."""

from rnntui.errors import InputError
from rnntui.events import Failed, from_json, to_failure, to_json


def test_an_error_of_ours_keeps_its_sentence_and_another_one_only_its_kind_and_place() -> None:
    assert to_failure(InputError("There is no file.", "Check the path.")) == Failed(
        "There is no file.", "Check the path.", InputError.exit_code
    )
    try:
        int("a private prompt")
    except ValueError as error:
        told = to_failure(error)
    line = to_json(told)
    assert "private" not in line
    assert "ValueError at test_events.py:" in told.details
    assert from_json(line) == told
