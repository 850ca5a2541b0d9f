"""Two texts side by side, or one above the other where there is little room, with the first different word marked.

Knows nothing of where the texts come from.
"""

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from rnntui.service.compare.agreement import Agreement, compare_texts
from rnntui.tui.safe import joined, shown, shown_line

LETTERS = ("A", "B")
_LEAST_BESIDE = 70
"""With fewer cells the columns stand one above the other."""
_ENDS = "∎"
"""Stands where one text ends and the other one goes on."""
_LIKE = "$foreground-muted"
_MARKED = "bold reverse"


class Column(Vertical):
    """One text, under what it is and over its figures.

    Args:
        side: 0 for A, 1 for B.
    """

    class Clicked(Message):
        """The last line was clicked: this side is wanted."""

        def __init__(self, side: int) -> None:
            self.side = side
            super().__init__()

    def __init__(self, side: int) -> None:
        super().__init__(classes="column")
        self.side = side
        self._head = Static(classes="column-head")
        self._text = Static(classes="column-text")
        self._page = VerticalScroll(self._text, classes="column-page", can_focus=False)
        self._figures = Static(classes="column-figures")
        self.is_following = True
        """False once the person has scrolled back while words come."""

    def compose(self) -> ComposeResult:
        """Head, text, figures."""
        yield self._head
        yield self._page
        yield self._figures

    def show_head(self, what: str) -> None:
        """What this side is."""
        self._head.update(joined((f"{LETTERS[self.side]} ", "bold $text-accent"), shown_line(what, "bold", 120)))

    def show_text(self, text: str, place: tuple[int, int] | None, *, follows: bool) -> None:
        """The text, what both have in common dimmed, the first different word marked.

        Args:
            text: All of it.
            place: Of the marked word; None as long as nothing differs.
            follows: True to keep the end in sight, unless the person has scrolled back.
        """
        self._text.update(_marked(text, place))
        if follows and self.is_following:
            self._page.scroll_end(animate=False)

    def show_instead(self, sentence: str, *, is_refusal: bool) -> None:
        """What goes on before there is a text, or why there is none."""
        self._text.update(shown_line(sentence, "$text-warning" if is_refusal else "$foreground-muted", 400))

    def show_figures(self, figures: str) -> None:
        """Words, surprise, and why it ended."""
        self._figures.update(shown_line(figures, "$foreground-muted", 300))

    def scroll(self, by: int) -> None:
        """So many pages on, or back."""
        if by > 0:
            self._page.scroll_page_down(animate=False)
        else:
            self._page.scroll_page_up(animate=False)
        self._follow_again(by)

    def on_mouse_scroll_up(self) -> None:
        """The wheel scrolls back."""
        self._follow_again(-1)

    def on_mouse_scroll_down(self) -> None:
        """The wheel scrolls on."""
        self._follow_again(1)

    def _follow_again(self, by: int) -> None:
        """Who comes back to the end follows again."""
        if by < 0:
            self.is_following = False
        else:
            self.call_after_refresh(self._note_end)

    def _note_end(self) -> None:
        self.is_following = self._page.is_vertical_scroll_end

    def on_click(self, event: events.Click) -> None:
        """A click on the figures takes this side."""
        if event.widget is self._figures:
            self.post_message(self.Clicked(self.side))


class Columns(Container):
    """Both columns; what is marked in them follows from their texts."""

    def __init__(self) -> None:
        super().__init__(classes="columns")
        self.columns = (Column(0), Column(1))

    def compose(self) -> ComposeResult:
        """A and B."""
        yield from self.columns

    def on_resize(self, event: events.Resize) -> None:
        """One above the other where two do not fit."""
        self.set_class(event.size.width < _LEAST_BESIDE, "-stacked")

    def show_texts(self, one: str, other: str, *, are_growing: bool = False) -> Agreement:
        """Show both texts with the first different word marked; says how far they agree."""
        found = compare_texts(one, other, are_growing=are_growing)
        for column, text, place in zip(self.columns, (one, other), found.places or (None, None), strict=True):
            column.show_text(text, place, follows=are_growing)
        return found

    def follow(self) -> None:
        """Keep the ends in sight again."""
        for column in self.columns:
            column.is_following = True

    def scroll(self, by: int) -> None:
        """Both texts so many pages on, or back."""
        for column in self.columns:
            column.scroll(by)


def _marked(text: str, place: tuple[int, int] | None) -> Content:
    body = text.lstrip()
    if place is None:
        return shown(body)
    start, end = (max(0, at - (len(text) - len(body))) for at in place)
    if start == end:
        return joined(shown(body[:start], _LIKE), (f" {_ENDS}", _MARKED))
    return joined(shown(body[:start], _LIKE), shown(body[start:end], _MARKED), shown(body[end:]))
