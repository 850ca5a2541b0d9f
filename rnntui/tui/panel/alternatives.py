"""What else could have stood at one place of the text: the likely words, and the whole vocabulary to search in.

It shows what was found there and posts requests; the screen decides. Letters search, digits choose at once.
"""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static

from rnntui.chat_events import WORD_SOURCES, Alternative, WordLooked
from rnntui.text import bar, clean, piece_name, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.panel.messages import AlternativesMessage
from rnntui.tui.panel.next_words import how_open
from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.widgets.bars import percent

_COLUMNS_FROM = 56
_WORD_CELLS = 13
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
_FRAME_CELLS = 4
_WORD = "word"
"""Where the cells of a row keep what a click on them says."""


class Alternatives(Static, can_focus=True):
    """A box below the transcript, for one place at a time."""

    DEFAULT_CSS = """
    Alternatives {
        height: auto;
        max-height: 60%;
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

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: WordLooked | None = None
        self._piece = ""
        self._typed = ""
        self._is_searching = False
        self._marked = -1
        self._problem = ""
        self._waiting = ""

    # ---- what a screen tells it

    def wait_for(self, piece: str, *, is_writing: bool = False) -> None:
        """Another place will be shown in a moment, or when the network has written to its end."""
        self._piece = piece
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

    # ---- its content

    def on_resize(self) -> None:
        """The columns are as wide as there is room."""
        self._refresh_content()

    def _refresh_content(self) -> None:
        self.border_title = self._title()
        self.border_subtitle = self._hint()
        self.update(self._make_content())

    def _title(self) -> Content:
        if self._is_searching or self._typed:
            return joined("words that begin with ", shown_line(self._typed or "…", "bold", 40))
        return joined("instead of ", shown_line(piece_name(self._piece), "bold", 40))

    def _hint(self) -> Content:
        hints = _SEARCH_HINTS if self._is_searching or self._typed else _HINTS
        return shown_line(next((hint for hint in hints if cell_len(hint) <= self._width - 2), hints[-1]))

    def _make_content(self) -> Content:
        if self._problem:
            return shown_line(self._problem)
        found = self._found
        if found is None:
            return shown_line(self._waiting, "$foreground-muted")
        head = [] if self._typed else [self._fact_line(found), *self._source_lines(found)]
        head = [line.truncate(self._width, ellipsis=True) for line in head]
        rows = [self._row(number, entry, found) for number, entry in enumerate(found.alternatives[:9])]
        if self._typed and not self._same_word(found):
            typed = shown_line(self._typed, "bold")
            row = joined(("⏎ ", "$text-accent"), typed, ("  as you typed it", "$foreground-muted"))
            rows.append(_link_word(row, self._as_word(self._typed)))
        return Content("\n").join([*head, *self._columns(rows)])

    def _fact_line(self, found: WordLooked) -> Content:
        unsure = f"before it {how_open(found.entropy_bits)}"
        if not found.rank:
            return joined((unsure, "$foreground-muted"))
        bits = -found.logprob / 0.6931471805599453
        return joined((f"{bits:.1f} bits", "bold"), (f" · rank {found.rank:,} · {unsure}", "$foreground-muted"))

    def _source_lines(self, found: WordLooked) -> list[Content]:
        if not found.shares:
            return []
        shares = [(name, share) for name, share in zip(WORD_SOURCES, found.shares, strict=False) if share]
        line = "from " + "  ".join(f"{name} {share:.0%} {bar(share, 8)}" for name, share in shares)
        lines = [line]
        if cell_len(line) > self._width:
            lines = _fill_lines([f"{name} {share:.0%}" for name, share in shares], self._width)
        return [joined((line, "$foreground-muted")) for line in lines]

    def _same_word(self, found: WordLooked) -> list[Alternative]:
        """The words of the list that are what was typed, not only its beginning."""
        typed = self._typed.strip()
        return [entry for entry in found.alternatives if entry.piece.strip() == typed and not entry.is_begun]

    def _columns(self, rows: list[Content]) -> list[Content]:
        if self._width < _COLUMNS_FROM or len(rows) < 4:
            return rows
        half = -(-len(rows) // 2)
        left, right = rows[:half], rows[half:]
        cells = self._cells()
        padded = [row.pad_right(max(0, cells - row.cell_length)) for row in left]
        beside = [*right, *[Content("")] * (half - len(right))]
        return [joined(one, "  ", other) for one, other in zip(padded, beside, strict=True)]

    def _cells(self) -> int:
        return self._width if self._width < _COLUMNS_FROM else (self._width - 2) // 2

    @property
    def _width(self) -> int:
        """Cells for text, known also before the box was first laid out."""
        around = self.parent.size.width if isinstance(self.parent, Widget) else 0
        return max(20, around - _FRAME_CELLS)

    def _row(self, number: int, entry: Alternative, found: WordLooked) -> Content:
        is_said = bool(found.rank) and entry.piece == found.piece
        name = shown_name(piece_name(entry.piece, entry.is_begun), _WORD_CELLS)
        if number == self._marked:
            name = name.stylize("reverse bold")
        elif is_said:
            name = name.stylize("bold")
        elif entry.drawable <= 0:
            name = name.stylize("strike $foreground-disabled")
        chance = percent(entry.probability)
        room = max(3, self._cells() - _WORD_CELLS - cell_len(chance) - 6)
        row = joined(
            (f"{number + 1}", "$text-accent"),
            "▸" if is_said else " ",
            name,
            (f" {chance} ", "$foreground-muted"),
            (bar(entry.probability, room), "$text-primary" if is_said else "$text-secondary"),
        )
        return _link_word(row, entry.token_id)

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
        word = event.style.meta.get(_WORD)
        if word is not None:
            self.post_message(self.Taken(word))


def _fill_lines(pieces: list[str], width: int) -> list[str]:
    """Some pieces in lines of so many cells."""
    lines = pieces[:1]
    for piece in pieces[1:]:
        longer = f"{lines[-1]}  {piece}"
        if cell_len(longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return lines


def _link_word(row: Content, word: int | str) -> Content:
    """A row that knows what a click on it says, wherever it stands."""
    return row.stylize(Style.from_meta({_WORD: word}))
