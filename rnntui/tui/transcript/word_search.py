"""Where words stand in the blocks of a transcript, without regard to capitals."""

from collections.abc import Iterator, Sequence

from rnntui.tui.transcript.turn_block import Block, displayable

Place = tuple[int, int]
"""Number of a block, and offset of a character in it."""


def find_words(blocks: Sequence[Block], words: str, start: Place, *, backwards: bool = False) -> Iterator[Place]:
    """Blocks in which words stand, from `start` on and around the end, each with the first place in that direction.

    Args:
        blocks: What is searched.
        words: Compared without regard to capitals.
        start: Forwards the first offset that may be found, backwards the last that may not.
        backwards: Search towards the beginning.
    """
    wanted = _fold(displayable(words)).strip()
    if not wanted or not blocks:
        return
    first, offset = start
    for distance in range(len(blocks) + 1):
        number = (first + (-distance if backwards else distance)) % len(blocks)
        text = _fold(blocks[number].text)
        limits = (offset, distance == 0, distance == len(blocks))
        found = _find_before(text, wanted, *limits) if backwards else _find_after(text, wanted, *limits)
        if found >= 0:
            yield number, found


def _fold(text: str) -> str:
    """Without regard to capitals; every character stays in its place, also where its folded form is longer."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)


def _find_after(text: str, wanted: str, offset: int, is_first: bool, is_last: bool) -> int:
    if is_first:
        return text.find(wanted, offset)
    return text.find(wanted, 0, offset + len(wanted)) if is_last else text.find(wanted)


def _find_before(text: str, wanted: str, offset: int, is_first: bool, is_last: bool) -> int:
    if is_first:
        return text.rfind(wanted, 0, max(0, offset + len(wanted) - 1))
    return text.rfind(wanted, offset) if is_last else text.rfind(wanted)
