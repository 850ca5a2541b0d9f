"""A conversation as text: whose words are kept, and how messages stand under each other."""

import pytest

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import PAUSE_SECONDS, SILENCE, Speech, refuse_absent, write_out
from rnntui.records import ReadOptions
from rnntui.text_facts import Speaker, TextFacts

TALK = [Speech("Anna", "Hello."), Speech("Anna", "Are you there?"), Speech("Ben", "Yes."), Speech("Anna", "Good.")]


def written(speeches: list[Speech], *speakers: str) -> tuple[str, Findings]:
    findings = Findings()
    return "".join(write_out(speeches, ReadOptions(speakers=speakers), findings)), findings


def test_a_talk_of_several_names_who_speaks_in_each_line() -> None:
    text, findings = written(TALK)
    assert text == "Anna: Hello.\nAnna: Are you there?\nBen: Yes.\nAnna: Good.\n"
    assert findings.speakers() == (Speaker("Anna", 5, 3), Speaker("Ben", 1, 1))
    assert findings.notes() == ['Who speaks: "Anna" (83 %), "Ben" (17 %).']


def test_the_words_of_one_alone_stand_without_a_name() -> None:
    assert written([speech for speech in TALK if speech.speaker == "Anna"])[0] == "Hello.\nAre you there?\nGood.\n"
    text, findings = written(TALK, " aNNa ")
    assert text == "Hello.\nAre you there?\nGood.\n"
    assert [speaker.is_kept for speaker in findings.speakers()] == [True, False]
    assert findings.left_out == {"other person's message": 1}
    assert findings.notes() == ['Only the words of "Anna" are learned from: 5 of 6.']


def test_of_two_chosen_ones_both_are_named_and_a_third_is_left_out() -> None:
    text, _ = written([*TALK, Speech("Cleo", "No!")], "anna", "ben")
    assert text.splitlines()[-2:] == ["Ben: Yes.", "Anna: Good."]


def test_hours_of_silence_and_a_new_conversation_are_empty_lines() -> None:
    pause = PAUSE_SECONDS
    text, _ = written([Speech("A", "1", 0.0), Speech("B", "2", pause - 1), Speech("A", "3", 2 * pause)])
    assert text == "A: 1\nB: 2\n\nA: 3\n"
    text, _ = written([Speech("A", "1", is_apart=True), SILENCE, Speech("B", "2"), Speech("A", "3", is_apart=True)])
    assert text == "A: 1\nB: 2\n\nA: 3\n"


def test_a_pause_is_one_also_where_the_message_before_it_was_left_out() -> None:
    text, _ = written([Speech("A", "1", 0.0), Speech("B", "2", 2.0 * PAUSE_SECONDS), Speech("A", "3", 15e4)], "A")
    assert text == "1\n\n3\n"


def test_words_that_nobody_said_are_kept_with_everybodys_and_left_out_with_one_persons() -> None:
    talk = [*TALK, Speech("", "The sun sets.")]
    assert written(talk)[0].endswith("Anna: Good.\nThe sun sets.\n")
    assert "sun" not in written(talk, "Anna")[0]


def test_a_name_is_found_whatever_its_case_pictures_and_marks_of_direction() -> None:
    talk = [Speech("\u200eÉlise 🌸 ", "Oui."), Speech("Bo", "Non.")]
    assert written(talk, "élise")[0] == "Oui.\n"


def test_a_chosen_speaker_is_counted_by_name_among_thousands() -> None:
    talk = [Speech(f"n{at}", "x") for at in range(1_500)] + [Speech("Anna", "y")]
    text, findings = written(talk, "Anna")
    assert text == "y\n"
    assert Speaker("Anna", 1, 1) in findings.speakers()


def test_a_name_that_nobody_has_is_refused_with_the_names_there_are() -> None:
    facts = TextFacts("a.txt", speakers=(Speaker("Anna", 62, 9), Speaker("Ben\x1b[31m", 38, 9)))
    refuse_absent(["anna"], [facts])
    refuse_absent([], [])
    with pytest.raises(CorpusError, match='Nobody called "Annna" speaks in it') as problem:
        refuse_absent(["Anna", "Annna"], [facts])
    assert '"Anna" (62 %)' in problem.value.next_step
    assert "\x1b" not in problem.value.next_step
    with pytest.raises(CorpusError, match="says who speaks"):
        refuse_absent(["Anna"], [TextFacts("b.txt")])
