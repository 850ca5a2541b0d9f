"""What stands out in a transcript: places of a search, runs of words that stand elsewhere too, a word that differs.

Whoever highlights names turns and tokens, or characters of turns; rows and widths are found here. What is drawn is one
style for each kind, put over whatever colour the words have.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rnntui.tui.transcript.turn_block import Block

HIGHLIGHTS = ("copied", "differs", "found")
"""Kinds of highlights, each with a style of the transcript; a later one is drawn over an earlier one."""
Span = tuple[int, int]
"""From the first on, up to the last but without it: tokens of a turn, or characters of a turn as it is displayed."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """All highlights of one kind; in each turn they are in order and do not overlap."""

    of_tokens: bool
    spans: Mapping[int, tuple[Span, ...]]


class Highlights:
    """What stands out, by kind.

    `highlight_words("copied", {turn_id: [(4, 9)]})` makes the tokens 4 to 8 of a turn stand out, whatever the width of
    the window, and also after the turn was taken back and came again; calling it once more replaces all highlights of
    the kind, `hide("copied")` takes them away. White space before the first token of a span stays as it is.

    Args:
        has_tokens: Asks for the tokens of a block where they are missing; whether they are known now.
        tell: Called with the turns that look different.
    """

    def __init__(
        self,
        has_tokens: Callable[[Block], bool] = lambda block: bool(block.ends),
        tell: Callable[[set[int]], None] = lambda turn_ids: None,
    ) -> None:
        self._has_tokens = has_tokens
        self._tell = tell
        self._layers: dict[str, _Layer] = {}

    def highlight_words(self, kind: str, spans: Mapping[int, Iterable[Span]]) -> None:
        """Let tokens stand out, and nothing else of this kind.

        Args:
            kind: One of HIGHLIGHTS.
            spans: For each turn, by its number, spans of its tokens.
        """
        self._replace(kind, spans, of_tokens=True)

    def highlight_text(self, kind: str, spans: Mapping[int, Iterable[Span]]) -> None:
        """Let characters stand out, and nothing else of this kind.

        Args:
            kind: One of HIGHLIGHTS.
            spans: For each turn, by its number, spans of characters of its block's text.
        """
        self._replace(kind, spans, of_tokens=False)

    def hide(self, kind: str) -> None:
        """Nothing of this kind stands out any more."""
        self._replace(kind, {}, of_tokens=False)

    def word_span(self, kind: str, turn_id: int, index: int) -> Span | None:
        """The span of tokens in which a token of a turn stands; None where it is not highlighted like this."""
        layer = self._layers.get(kind)
        if layer is None or not layer.of_tokens:
            return None
        spans = layer.spans.get(turn_id, ())
        place = bisect_right(spans, index, key=lambda span: span[0]) - 1
        return spans[place] if place >= 0 and index < spans[place][1] else None

    def find_in_row(self, block: Block, row: int) -> list[tuple[Span, str]]:
        """What stands out in a row of a block: spans of characters of the row's text, and the kind of each."""
        if not self._layers or not block.turn_id:
            return []
        line = block.wrapper.rows[row]
        found: list[tuple[Span, str]] = []
        for kind in HIGHLIGHTS:
            layer = self._layers.get(kind)
            spans = layer.spans.get(block.turn_id) if layer else None
            if not layer or not spans or (layer.of_tokens and not self._has_tokens(block)):
                continue
            ends = block.ends if layer.of_tokens else None
            found += [(span, kind) for span in _cut(spans, ends, line.start, line.text)]
        return found

    def _replace(self, kind: str, spans: Mapping[int, Iterable[Span]], *, of_tokens: bool) -> None:
        if kind not in HIGHLIGHTS:
            raise ValueError(f"no kind of highlight: {kind}")
        before = self._layers.pop(kind, None)
        fresh = {turn_id: joined for turn_id, some in spans.items() if (joined := _in_order(some))}
        if fresh:
            self._layers[kind] = _Layer(of_tokens, fresh)
        changed = {*fresh, *(before.spans if before else ())}
        if changed:
            self._tell(changed)


def _in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans that are not empty, in order; those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _cut(spans: tuple[Span, ...], ends: Sequence[int] | None, start: int, text: str) -> list[Span]:
    """The parts of spans that stand in a row; `ends` turns tokens into characters."""
    found: list[Span] = []
    for first, last in spans:
        if ends is not None:
            if first >= len(ends):
                break
            first, last = ends[first - 1] if first else 0, ends[min(last, len(ends)) - 1]
        begin, end = max(0, first - start), min(len(text), last - start)
        begin += len(text[begin:end]) - len(text[begin:end].lstrip(" ")) if begin < end else 0
        if begin < end:
            found.append((begin, end))
        if first - start >= len(text):
            break
    return found
