"""What a model writes of itself, from several beginnings, to see how much of it stands in its text."""

from collections.abc import Iterator

from rnntui.lm.generator import Generator, join_turn, one_thread
from rnntui.lm.origin.words import spoken_words
from rnntui.settings import SamplerSettings

_PER_SECOND = 4
_MOST_WORDS = 1_200
_WRITTEN_PER_SECOND = 100
"""Words, on a slow machine."""
_INDEXED_PER_SECOND = 200_000
"""Words of a text that are sorted on a slow machine."""
_PROMPTS = 24
_PROMPT_WORDS = 5


def words_to_write(budget_seconds: float) -> int:
    """How many words are worth their time at the end of a run of so many seconds."""
    return min(_MOST_WORDS, int(_PER_SECOND * budget_seconds))


def looking_seconds(budget_seconds: float, training_words: int) -> float:
    """How long it takes to see how much a model copies, at most."""
    return words_to_write(budget_seconds) / _WRITTEN_PER_SECOND + training_words / _INDEXED_PER_SECOND


def write_replies(generator: Generator, held_out: str, words: int, seed: int) -> Iterator[str]:
    """Replies with the settings that a person begins with, until they have so many words together.

    Args:
        generator: The model; it forgets before each reply.
        held_out: Text that it has not learned from, whose paragraphs begin the replies.
        words: How many to write at least; with 0 none.
        seed: Of all dice.
    """
    settings, prompts, written, number = SamplerSettings(), _beginnings(held_out), 0, 0
    while written < words:
        generator.reset()
        prompt = join_turn("", prompts[number % len(prompts)], "inline", generator.tokenizer)
        with one_thread():
            generator.feed(generator.tokenizer.encode(prompt))
            steps = generator.generate(lambda: settings, seed + number)
            reply = "".join(step.piece for step, _ in steps)
        written += len(spoken_words(reply)) or _PROMPT_WORDS  # a reply without words has taken its time too
        number += 1
        yield reply


def _beginnings(text: str) -> list[str]:
    """The first words of some paragraphs, evenly over the text; never none."""
    paragraphs = [paragraph for paragraph in text.split("\n") if len(paragraph.split()) > 2 * _PROMPT_WORDS]
    chosen = paragraphs[:: max(1, len(paragraphs) // _PROMPTS)]
    return [" ".join(paragraph.split()[:_PROMPT_WORDS]) for paragraph in chosen] or ["The"]
