"""What else could have stood at one place of the text: the likely words, and the whole vocabulary to search in.

It shows what was found there and posts requests; the screen decides. Letters search, digits choose at once. It lies
over the lower end of the text, or beside it where there is a place for it.
"""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from rnntui.chat_events import Alternative, WordLooked
from rnntui.text import clean, piece_label, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.panel.alternatives_rows import WORD, fact_lines, in_columns, link_word, source_lines, word_row
from rnntui.tui.panel.messages import AlternativesMessage
from rnntui.tui.panel.sentence_line import Surroundings, sentence_line
from rnntui.tui.safe import joined, shown_line

_CLINGING = frozenset(".,;:!?…)]”’\n")
_LONGEST = 60
_HINTS = (  # the longest that there is room for
    "1-9 says it here · type to search · u rewinds to here · ← → beside · Esc",
    "1-9 says it · type to search · u rewinds · ← → beside · Esc",
    "1-9 says it · type to search · u rewinds · Esc",
    "1-9 say it · type to search",
)
_SEARCH_HINTS = ("1-9 or Enter says it here · Esc drops the search", "1-9 or Enter · Esc drops the search")
_WRITING = "the network writes; this place is looked at when it is done · Esc stops it"
_FRAME_CELLS, _FRAME_ROWS = 4, 2
_SHARE_OF_THE_TEXT = 0.7
"""So much of the conversation's height it may take; the rest is for the word it is about."""
_ALONE = Surroundings()
_MOST_LINES = 24
_LEAST_ROWS = 4
"""Rows of words that are shown before its other lines are."""


class Alternatives(Static, can_focus=True):
    """A box below the transcript, for one place at a time."""

    DEFAULT_CSS = """
    Alternatives {
        height: auto;
        border: round $foreground 30%;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        background: $surface;
        &:focus { border: round $border; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("alternatives")
    HELP = (
        "What the network expected at this word. 1 to 9, or the arrow keys and Enter, say another word here and go on "
        "from it; the text as it was stays beside it. Letters search the whole vocabulary, after a space also those "
        "that begin with u; u alone goes back to just after this word. Left and right look at the words beside it."
    )

    class Taken(AlternativesMessage):
        """The person wants another word here."""

        def __init__(self, word: int | str) -> None:
            self.word = word
            """A token, or text that is no word of the vocabulary."""
            super().__init__()

    class Searched(AlternativesMessage):
        """Only words that begin like this are wanted; empty for the likeliest."""

        def __init__(self, begins: str) -> None:
            self.begins = begins
            super().__init__()

    class RewindWanted(AlternativesMessage):
        """Back to just after this word."""

    class Closed(AlternativesMessage):
        """The person has seen enough."""

    def __init__(self, id: str | None = None, find_place: Callable[[], Widget | None] = lambda: None) -> None:
        super().__init__(id=id)
        self._find_place = find_place
        self._place: Widget | None = None
        """What it stands over beside the text; None while it lies over the text."""
        self._place_region = Region()
        self._surroundings = _ALONE
        self._found: WordLooked | None = None
        self._piece = ""
        self._typed = ""
        self._is_searching = False
        self._marked = -1
        self._problem = ""
        self._waiting = ""
        self._lines = 0
        """Lines of what was shown last."""

    # ---- what a screen tells it

    def wait_for(self, piece: str, surroundings: Surroundings = _ALONE, *, is_writing: bool = False) -> None:
        """Another place will be shown in a moment, or when the network has written to its end."""
        self._piece, self._surroundings = piece, surroundings
        self._waiting = _WRITING if is_writing else "looking …"
        self._found = None
        self._typed, self._is_searching = "", False
        self._marked, self._problem = -1, ""
        self._refresh_content()

    def show(self, found: WordLooked) -> None:
        """What was found; an answer to an older search is left out."""
        if found.begins == self._typed:
            self._found = found
            self._piece = found.piece or self._piece
            self._marked = min(self._marked, len(found.alternatives) - 1)
            self._refresh_content()

    def refuse(self, sentence: str) -> None:
        """This place cannot be looked at."""
        self._problem = sentence
        self._refresh_content()

    @property
    def typed(self) -> str:
        """What is searched for."""
        return self._typed

    # ---- where it stands

    def on_mount(self) -> None:
        """From now on it moves to where there is room for it."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._settle)

    def _settle(self, screen: Screen[object]) -> None:
        """Stand beside the text where there is a place, as wide as that; else over the lower end of the text."""
        place = self._find_place() if self.display else None
        region = place.region if place else Region()
        if place and region.height != self.outer_size.height:
            place.styles.height = self.outer_size.height
        known = self._place_region
        if place is self._place and (region.offset, region.width) == (known.offset, known.width):
            return
        if self._place and self._place is not place:
            self._place.styles.height = "auto"
        self._place, self._place_region = place, region
        self.styles.overlay = "screen" if place else "none"
        self.styles.width = region.width if place else "auto"
        self.absolute_offset = Offset(*region.offset) if place else None
        self._refresh_content()

    # ---- its content

    def on_resize(self) -> None:
        """The columns are as wide as there is room."""
        self._refresh_content()

    def _refresh_content(self) -> None:
        self.border_title = self._title()
        self.border_subtitle = self._hint()
        self.update(self._make_content())

    def _title(self) -> Content:
        shares = " · shares before the cuts" if self._found else ""
        if self._is_search:
            return joined("words that begin with ", shown_line(self._typed or "…", "bold", 40), shares)
        return joined("instead of ", shown_line(piece_label(self._piece), "bold", 40), shares)

    def _hint(self) -> Content:
        hints = _SEARCH_HINTS if self._is_search else _HINTS
        return shown_line(next((hint for hint in hints if cell_len(hint) <= self._width - 2), hints[-1]))

    @property
    def _is_search(self) -> bool:
        return self._is_searching or bool(self._typed)

    def _make_content(self) -> Content:
        found = self._found
        lines = [sentence_line(self._surroundings, *self._said(), self._width)]
        if self._problem:
            lines.append(shown_line(self._problem))
        elif found is None:
            lines.append(shown_line(self._waiting, "$foreground-muted"))
            lines += [Content("")] * (self._lines - len(lines))  # what was found will not move the text again
        else:
            rows = in_columns(self._rows(found), self._width)
            head = [] if self._typed else [*fact_lines(found, self._width), *source_lines(found, self._width)]
            lines += head[: max(0, self._most_lines - len(lines) - len(rows))]
            lines += self._around_mark(rows, self._most_lines - len(lines))
            self._lines = len(lines)
        return Content("\n").join(line.truncate(self._width, ellipsis=True) for line in lines)

    def _said(self) -> tuple[str, bool]:
        """The word in the sentence, and whether it is another one than stands there."""
        if self._found and 0 <= self._marked < len(self._found.alternatives):
            entry = self._found.alternatives[self._marked]
            return entry.piece, entry.piece != self._piece
        typed = self._typed.strip()
        return (self._as_word(typed), True) if typed else (self._piece, False)

    def _rows(self, found: WordLooked) -> list[Content]:
        numbers = range(min(9, len(found.alternatives)))
        rows = [word_row(number, found, self._width, is_marked=number == self._marked) for number in numbers]
        if self._typed and not self._same_word(found):
            typed = shown_line(self._typed, "bold")
            row = joined(("⏎ ", "$text-accent"), typed, ("  as you typed it", "$foreground-muted"))
            rows.append(link_word(row, self._as_word(self._typed)))
        return rows

    def _around_mark(self, rows: list[Content], room: int) -> list[Content]:
        """As many rows as there is room for, with that of the marked word."""
        room = max(1, room)
        marked = self._marked % len(rows) if self._marked >= 0 and rows else 0
        first = max(0, min(marked - room + 1, len(rows) - room))
        return rows[first : first + room]

    @property
    def _most_lines(self) -> int:
        """Lines that there is room for without covering the word."""
        around = self.parent.size.height if isinstance(self.parent, Widget) and not self._place else 0
        return max(1 + _LEAST_ROWS, int(around * _SHARE_OF_THE_TEXT) - _FRAME_ROWS) if around else _MOST_LINES

    def _same_word(self, found: WordLooked) -> list[Alternative]:
        """The words of the list that are what was typed, not only its beginning."""
        typed = self._typed.strip()
        return [entry for entry in found.alternatives if entry.piece.strip() == typed and not entry.is_begun]

    @property
    def _width(self) -> int:
        """Cells for text, known also before the box was first laid out."""
        around = self._place_region.width if self._place else 0
        if not around and isinstance(self.parent, Widget):
            around = self.parent.size.width
        return max(20, around - _FRAME_CELLS)

    # ---- keys

    async def on_key(self, event: events.Key) -> None:
        """Letters search, digits choose."""
        character = event.character or ""
        if event.key == "backspace":
            self._search(self._typed[:-1])
        elif character and character in "123456789" and event.is_printable:
            self._take_number(int(character) - 1)
        elif character == "u" and not self._is_searching and not self._typed:
            self.post_message(self.RewindWanted())
        elif character in {"/", " "} and not self._typed and event.is_printable:
            self._is_searching = True
            self._refresh_content()
        elif event.is_printable and character:
            self._search(clean(self._typed + character).text[:_LONGEST])
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A pasted word is searched for."""
        event.stop()
        self._search(visible_line(clean(event.text).text, _LONGEST))

    def _search(self, typed: str) -> None:
        self._typed = typed
        self._is_searching = self._is_searching and bool(typed)
        self._marked = -1
        self._refresh_content()
        self.screen.refresh_bindings()
        self.post_message(self.Searched(typed))

    def _take_number(self, number: int) -> None:
        if self._found and number < len(self._found.alternatives):
            self.post_message(self.Taken(self._found.alternatives[number].token_id))

    def action_mark(self, by: int) -> None:
        """Mark another word."""
        if self._found and self._found.alternatives:
            last = min(9, len(self._found.alternatives)) - 1
            self._marked = max(0, min(last, self._marked + by)) if self._marked >= 0 else 0
            self._refresh_content()

    def action_take(self) -> None:
        """Say the marked word here, or what was typed."""
        if self._marked >= 0:
            self._take_number(self._marked)
        elif self._typed:
            same = self._same_word(self._found) if self._found else []
            self.post_message(self.Taken(same[0].token_id if same else self._as_word(self._typed)))

    def _as_word(self, typed: str) -> str:
        word = typed.strip()
        return word if word[:1] in _CLINGING else f" {word}"

    def action_close(self) -> None:
        """Drop what was typed; with nothing typed, close."""
        if self._typed or self._is_searching:
            self._is_searching = False
            self._search("")
            return
        self.post_message(self.Closed())

    def on_click(self, event: events.Click) -> None:
        """A click on a word says it here."""
        word = event.style.meta.get(WORD)
        if word is not None:
            self.post_message(self.Taken(word))
