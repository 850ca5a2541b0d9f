"""Text that can be told from its ground: the ratio of two colours, and styles that are given enough of it."""

from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from rnntui.tui.terminal.contrast import LEAST_CONTRAST, contrast, make_legible

COLORS = st.builds(Color.from_rgb, *[st.integers(0, 255)] * 3)


@given(COLORS, COLORS)
def test_every_pair_becomes_legible_and_nothing_but_the_text_changes(color: Color, ground: Color) -> None:
    style = Style(color=color, bgcolor=ground, italic=True)
    legible = make_legible(style)
    assert legible.color is not None
    assert contrast(legible.color, ground) >= LEAST_CONTRAST
    assert (legible.bgcolor, legible.italic) == (ground, True)
    assert legible == style or contrast(color, ground) < LEAST_CONTRAST


def test_the_ratio_is_that_of_the_standard_and_what_the_terminal_paints_itself_stays() -> None:
    black, white, grey = (Color.from_rgb(*[part] * 3) for part in (0, 255, 118))
    assert contrast(black, white) == contrast(white, black) == 21
    assert round(contrast(grey, white), 2) == 4.54
    for style in (Style(), Style(color="red"), Style(color="default", bgcolor="blue"), Style(bgcolor="default")):
        assert make_legible(style) is style
