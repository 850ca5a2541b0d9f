"""How a text that is still being typed may go on: the rest of its last word and the likeliest words after it.

The generator reads the text and is put back to where it stood; nothing of it counts as read.
"""

from typing import TYPE_CHECKING

from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator

WORDS = 3
"""So many words are suggested."""
_LONGEST_READ = 60
"""Tokens; after a longer text nothing is suggested, reading it with every key would take too long."""
_LONGEST_SAID = 24
"""Tokens: eight for each of the words."""


def complete(generator: "Generator", text: str, ends_with_space: bool, sampler: SamplerSettings) -> str:
    """What may follow a text that joins the memory; empty when nothing can be said.

    Args:
        generator: Its memory is as before afterwards.
        text: As it would be read, joining white space included, without white space at its end.
        ends_with_space: Whether the person has typed a space after it.
        sampler: Who suggests, and whether words may be invented; the rest of it does not matter.
    """
    from rnntui.lm.tokens.splitting import split

    pieces = split(text)
    before, read = generator.memory, generator.tokens_read
    is_open = bool(pieces) and not ends_with_space and pieces[-1][-1].isalnum()
    head = generator.tokenizer.encode("".join(pieces[:-1] if is_open else pieces))
    if not pieces or len(head) > _LONGEST_READ:
        return ""
    try:
        generator.feed(head, voice=sampler.voice)
        rest = _rest_of(generator, pieces[-1], sampler) if is_open else ""
        if rest is None:
            return ""
        more = _likeliest(generator, WORDS - bool(rest), sampler, is_open)
        return rest + (more.lstrip(" ") if ends_with_space else more)
    finally:
        generator.memory = before
        generator.tokens_read = read


def _rest_of(generator: "Generator", begun: str, sampler: SamplerSettings) -> str | None:
    """The rest of the likeliest word that begins so, which is read; None when there is no such word."""
    tokenizer = generator.tokenizer
    logs = generator.log_probabilities(sampler.voice, sampler.own_words)
    fitting = [
        word
        for word in range(len(tokenizer))
        if not tokenizer.is_continuation(word) and tokenizer.piece(word).startswith(begun)
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda word: float(logs[word]))
    generator.feed([best], voice=sampler.voice, is_drawn=True)
    return tokenizer.piece(best)[len(begun) :]


def _likeliest(generator: "Generator", count: int, sampler: SamplerSettings, is_open: bool) -> str:
    """The likeliest word, again and again, up to the end of a line; each is spelled to its end.

    Args:
        generator: It reads what it says.
        count: At most so many words begin.
        sampler: Who suggests, and whether words may be invented.
        is_open: Whether the last word that was read may go on.

    Returns:
        What was said; without its last word if that came to no end.
    """
    from rnntui.lm.sampling import filtered_probabilities

    greedy = SamplerSettings(
        temperature=0.0, voice=sampler.voice, spelling=sampler.spelling, own_words=sampler.own_words
    )
    said, ended = "", 0
    for _ in range(_LONGEST_SAID):
        logs = generator.log_probabilities(greedy.voice, greedy.own_words)
        word = int(filtered_probabilities(logs, generator.context(greedy)).argmax())
        piece, goes_on = generator.tokenizer.piece(word), generator.tokenizer.is_continuation(word)
        if "\n" in piece or (goes_on and not is_open) or (not goes_on and not count):
            return said
        if not goes_on:
            count, ended = count - 1, len(said)
        is_open = True
        said += piece
        generator.feed([word], voice=greedy.voice, is_drawn=True)
    return said[:ended]
