"""A line that a person writes -> what they say: a word or its number, and how sure they are of it."""

import re

from rnntui.errors import InputError
from rnntui.service.play.rules import Guess, Question
from rnntui.service.play.scoring import SURENESS, same_word
from rnntui.text import visible_line

USUAL_SURENESS = "rather"
NO_IDEA, LEAVE = "?", "q"
_PERCENT = re.compile(r"(\d{1,3}) ?%")


def parse_reply(line: str, question: Question) -> Guess | None:
    """What a line says; None when the person wants to leave.

    "3", "3 sure", "ship rather", "ship 75%", "?" for no idea, "q" to leave.

    Args:
        line: What was written.
        question: What was asked.

    Raises:
        InputError: If it is no answer to that.
    """
    said = line.strip()
    if said.lower() in {LEAVE, "/quit"}:
        return None
    if said == NO_IDEA:
        return Guess()
    word, confidence = _split(said)
    if not word:
        raise InputError("That is no answer.", how_to_answer(question))
    if not question.choices:
        return Guess(word, confidence)
    if word.isdecimal() and 1 <= int(word[:9]) <= len(question.choices):
        return Guess(question.choices[int(word) - 1], confidence)
    found = next((choice for choice in question.choices if same_word(choice, word)), None)
    if found is None:
        raise InputError(f'"{visible_line(word, 40)}" is none of the words.', how_to_answer(question))
    return Guess(found, confidence)


def how_to_answer(question: Question) -> str:
    """What can be written, in one sentence."""
    what = f"a number from 1 to {len(question.choices)}" if question.choices else "a word"
    return (
        f"Write {what}, then how sure you are: {', '.join(SURENESS)} or 75% (usual is {USUAL_SURENESS}); "
        f"{NO_IDEA} for no idea, {LEAVE} to leave."
    )


def _split(said: str) -> tuple[str, float]:
    """The word, and how sure; a word alone is said as usual."""
    if (percent := _PERCENT.search(said)) and percent.end() == len(said):
        return said[: percent.start()].strip(), min(100, int(percent[1])) / 100
    word, _, last = said.rpartition(" ")
    if word and last.lower() in SURENESS:
        return word.strip(), SURENESS[last.lower()]
    return said, SURENESS[USUAL_SURENESS]
