"""What the tints of the words mean: one line that is there as long as they are, each part in the style it explains."""

from collections.abc import Sequence
from itertools import pairwise

from textual.content import Content
from textual.widgets import Static

from rnntui.figures import SURPRISE_LIMITS
from rnntui.tui.safe import joined
from rnntui.tui.transcript.transcript import Transcript

_LEVELS = (-0.5, -0.15, 0.15, 0.5)
"""Where the levels of a unit end, in shares of half its range."""


class Legend(Static):
    """Nothing, as long as no word is tinted.

    Args:
        transcript: Has the styles.
        id: The widget's id.
    """

    DEFAULT_CSS = """
    Legend { height: 1; padding: 0 1 0 3; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, transcript: Transcript, id: str | None = None) -> None:
        super().__init__(id=id)
        self._transcript = transcript
        self._about = self._after = ""
        self._parts: tuple[tuple[str, str], ...] = ()

    def explain(self, about: str, parts: Sequence[tuple[str, str]] = (), after: str = "") -> None:
        """Say what the tints mean.

        Args:
            about: What is tinted.
            parts: Words, and the name of the style they explain, such as "surprise-0".
            after: What stands behind them; with neither parts nor it nothing is shown.
        """
        self._about, self._parts, self._after = about, tuple(parts), after
        self.display = bool(parts or after)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Made anew each time: another theme has other styles."""
        shown: list[str | Content | tuple[str, str]] = [(f"{self._about}  ", "$foreground-muted")]
        for at, (words, style) in enumerate(self._parts):
            visual = self._transcript.get_visual_style(f"transcript--{style}", partial=True)
            shown += [(" · ", "$foreground-muted")] if at else []
            shown.append(Content(words).stylize(visual))
        return joined(*shown, (self._after, "$foreground-muted"))


def surprise_parts() -> list[tuple[str, str]]:
    """The bands of surprise in bits, each with its style: "<1", "1–3" and so on."""
    limits = [f"{limit:g}" for limit in SURPRISE_LIMITS]
    words = [f"<{limits[0]}", *(f"{one}–{other}" for one, other in pairwise(limits))]
    return [(text, f"surprise-{band}") for band, text in enumerate([*words, f">{limits[-1]}"])]


def unit_parts(low: float, high: float) -> list[tuple[str, str]]:
    """The levels of a unit that goes from `low` to `high`, each with its style."""
    middle, half = (low + high) / 2, (high - low) / 2
    ends = [signed(middle + share * half) for share in _LEVELS]
    words = [f"below {ends[0]}", *(f"to {end}" for end in ends[1:]), "above"]
    return [(text, f"unit-{level}") for level, text in enumerate(words)]


def signed(value: float) -> str:
    """A number with two decimals and a real minus."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
