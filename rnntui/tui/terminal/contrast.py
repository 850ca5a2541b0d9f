"""Text that can be told from its ground, whatever the theme: the ratio of WCAG 2, and styles that have enough of it."""

from functools import lru_cache

from rich.color import Color
from rich.style import Style

LEAST_CONTRAST = 4.5
"""What WCAG 2 (level AA) asks for text of an ordinary size; black or white has it on every ground."""
_STYLES = 1_024
_BLACK, _WHITE = Color.from_rgb(0, 0, 0), Color.from_rgb(255, 255, 255)


def contrast(one: Color, other: Color) -> float:
    """How far two colours are apart, from 1 for the same to 21 for black and white.

    Source: WCAG 2.2, "contrast ratio".
    """
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@lru_cache(_STYLES)
def make_legible(style: Style) -> Style:
    """The same style; where its text cannot be told from its ground, the text is black or white instead.

    What the terminal paints in colours of its own is left as it is.
    """
    ground = style.bgcolor
    if ground is None or ground.is_default or style.color is None or style.color.is_default:
        return style
    if contrast(style.color, ground) >= LEAST_CONTRAST:
        return style
    return style + Style(color=max(_BLACK, _WHITE, key=lambda color: contrast(color, ground)))


def _luminance(color: Color) -> float:
    linear = [
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in color.get_truecolor()
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
