"""Texts that need no file: two that the program writes itself, and the language reference of every Python.

The two are drawn from grammars in which every choice can be read off the text, so that the number of bits that the best
possible model needs is not an estimate: it is the sum, over the choices, of the logarithms of their chances.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rnntui.errors import CorpusError, InputError
from rnntui.lm.text.text_source import WrittenText
from rnntui.text import visible_line

PREFIX = "sample:"
_SENTENCES_A_PARAGRAPH = 6
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_COUNTERS = ("The cat", "The dog", "The owl", "The old man", "Anna", "Peter", "Nobody", "The clock")
_ANIMALS = {
    "dinosaur": "big",
    "elephant": "big",
    "whale": "big",
    "horse": "big",
    "mouse": "small",
    "ant": "small",
    "bee": "small",
    "frog": "small",
}
_PEOPLE = {"Anna": "she", "Clara": "she", "Ruth": "she", "Peter": "he", "Jonas": "he", "Tom": "he"}
_PLACES = ("in the forest", "by the sea", "on the hill", "under the moon", "near the old house")
_VERBS = ("sees", "follows", "feeds", "paints", "remembers")
_FEELINGS = ("glad", "tired", "afraid", "hungry")


@dataclass(frozen=True, slots=True)
class Sample:
    """A text to train on, and what is known about it."""

    name: str
    """As it is typed, such as "sample:counting"."""
    text: str
    bits: tuple[tuple[int, float], ...] = ()
    """(where a sentence ends, bits of its choices); empty where the best possible is not known."""

    def best_bits_per_character(self, held_out: str) -> float | None:
        """What the best possible model needs for the end of the text; None where that is not known.

        Args:
            held_out: The end of the text, whole sentences.
        """
        body = self.text.rstrip("\n")
        if not self.bits or not held_out or not body.endswith(held_out):
            return None
        start = len(body) - len(held_out)
        return sum(bits for end, bits in self.bits if end > start) / len(held_out)

    def readable(self, is_typographic: bool = False) -> WrittenText:
        """The text as any other to train on."""
        return WrittenText(self.name, self.text, None if not self.bits else False, is_typographic)


@dataclass(slots=True)
class _Choices:
    """Dice that know how many bits their throws are worth."""

    dice: random.Random
    bits: float = 0.0
    words: list[str] = field(default_factory=list)

    def one_of(self, options: Sequence[str]) -> str:
        """One of several, each with the same chance."""
        self.bits += math.log2(len(options))
        return self.dice.choice(options)

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, each with the same chance."""
        self.bits += math.log2(high - low + 1)
        return self.dice.randint(low, high)


def counting(words: int = 60_000, seed: int = 1) -> Sample:
    """Somebody counts from one number to another: to know when to stop, the end must be remembered."""
    return _written("counting", _counted, words, seed)


def animals(words: int = 60_000, seed: int = 1) -> Sample:
    """A small world of animals and people: what was named decides a word that comes later."""
    return _written("animals", _seen, words, seed)


def python_reference() -> Sample:
    """The language reference that Python carries for its help.

    Raises:
        CorpusError: If this Python came without it.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as problem:
        raise CorpusError(
            "This Python came without its language reference.", f"Try {PREFIX}animals, or a file of your own."
        ) from problem
    text = "\n\n\n".join(str(topics[name]).strip("\n") for name in sorted(topics))
    return Sample(f"{PREFIX}python", text)


SAMPLES: dict[str, tuple[str, Callable[[], Sample]]] = {
    "counting": ("counting from one number to another: the end must be remembered", counting),
    "animals": ("a small world of animals and people with a known grammar", animals),
    "python": ("the language reference that Python carries", python_reference),
}
"""What it is about and who writes it, by the name that follows "sample:"."""


def is_sample(name: str) -> bool:
    """True for a name that asks for a sample and not for a file."""
    return name.startswith(PREFIX)


def find_sample(name: str) -> Sample:
    """The sample that a name asks for.

    Raises:
        InputError: If there is no such sample.
        CorpusError: If it is not to be had here.
    """
    known = SAMPLES.get(name.removeprefix(PREFIX))
    if known is None:
        listed = ", ".join(PREFIX + entry for entry in SAMPLES)
        raise InputError(f'There is no sample "{visible_line(name, 60)}".', f"There are {listed}.")
    return known[1]()


def _written(name: str, sentence: Callable[[_Choices], str], words: int, seed: int) -> Sample:
    parts: list[str] = []
    ends: list[tuple[int, float]] = []
    length = count = number = 0
    dice = random.Random(seed)  # noqa: S311  a text, no secret
    while count < words or number % _SENTENCES_A_PARAGRAPH:
        choices = _Choices(dice)
        said = sentence(choices)
        number += 1
        count += len(said.split())
        after = " " if number % _SENTENCES_A_PARAGRAPH else "\n\n"
        length += len(said)
        ends.append((length, choices.bits))
        length += len(after)
        parts += [said, after]
    return Sample(PREFIX + name, "".join(parts), tuple(ends))


def _counted(choices: _Choices) -> str:
    who = choices.one_of(_COUNTERS)
    start = choices.number(0, 11)
    end = start + choices.number(2, 8)
    steps = ", ".join(_NUMBERS[start : end + 1])
    return f"{who} counts from {_NUMBERS[start]} to {_NUMBERS[end]}: {steps}."


def _seen(choices: _Choices) -> str:
    kind = choices.one_of(("lives", "sees", "feels", "is"))
    animal = choices.one_of(tuple(_ANIMALS))
    size = _ANIMALS[animal]
    if kind == "lives":
        return f"The {size} {animal} lives {choices.one_of(_PLACES)}."
    if kind == "is":
        return f"Every {animal} is {size}, and so is this {animal} {choices.one_of(_PLACES)}."
    person = choices.one_of(tuple(_PEOPLE))
    who = _PEOPLE[person]
    if kind == "sees":
        verb, place = choices.one_of(_VERBS), choices.one_of(_PLACES)
        return f"{person} {verb} the {animal} {place}, because it is {size} and {who} is not."
    feeling = choices.one_of(_FEELINGS)
    return f"When {person} is {feeling}, {who} looks for the {animal}, which is {size}."
