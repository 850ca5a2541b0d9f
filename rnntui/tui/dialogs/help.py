"""Help: what has the focus, then every key and slash word, the settings and a glossary; typing narrows it."""

from textwrap import wrap
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.dialogs.help_rows import HelpEntry, HelpSection, help_sections, narrow
from rnntui.tui.keys import keys_of, with_keys
from rnntui.tui.safe import joined, shown, shown_line, shown_name
from rnntui.tui.widgets.ask_line import AskLine

_KEY_CELLS, _SLASH_CELLS = 20, 15
_NARROW_FROM = 64
"""Below so many cells the columns are smaller."""
_NARROW_KEY_CELLS, _NARROW_SLASH_CELLS = 14, 12
_LEAST_CELLS = 12
_NOTHING = "Nothing here is called that; {help-manual} opens the manual, which can be searched, too."


class HelpScreen(Dialog[None]):
    """One page to scroll through, and a line that narrows it.

    Args:
        paragraphs: Help for what has the focus.
        places: The places of the table of actions whose keys work there, from the inside out.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("help")

    def __init__(self, paragraphs: tuple[str, ...], places: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._paragraphs = paragraphs
        self._places = places
        self._glossary_row = 0
        self._goes_to_glossary = False
        """True until what was typed is gone and the glossary is shown."""

    def compose(self) -> ComposeResult:
        """The line and the page."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Help"), classes="dialog-title")
            yield AskLine("help", "find")
            with VerticalScroll(id="page", can_focus=False):
                for number, text in enumerate(self._paragraphs):
                    yield Static(shown(text), classes="paragraph -more" if number else "paragraph")
                yield Static(id="help-keys")

    def on_resize(self) -> None:
        """What an action does stands in its own column, on as many lines as it needs."""
        self.call_after_refresh(self._show)

    @on(AskLine.Typed)
    def _narrow(self) -> None:
        self._show()
        self.query_one("#page").scroll_home(animate=False)
        if self._goes_to_glossary:
            self._show_glossary()

    def _show(self) -> None:
        typed = self.query_one(AskLine).text
        for paragraph in self.query(".paragraph"):
            paragraph.set_class(bool(typed.strip()), "-hidden")
        all_of_it = help_sections(self._places, lambda name: keys_of(self.app, name))
        sections = narrow(all_of_it, typed)
        width = self.query_one("#page").scrollable_content_region.width
        self.query_one("#help-keys", Static).update(self._render_sections(sections, width))

    def _render_sections(self, sections: tuple[HelpSection, ...], width: int) -> Content:
        if not sections:
            return shown_line(with_keys(self.app, _NOTHING))
        lines: list[Content] = []
        for section in sections:
            if section.title == "Glossary":
                self._glossary_row = len(lines)
            lines += [shown_line(section.title, "bold $text-primary")]
            for entry in section.entries:
                lines += _lines(entry, width)
            lines += [Content("")]
        return Content("\n").join(lines)

    def action_glossary(self) -> None:
        """What the words of the program mean."""
        field = self.query_one(AskLine)
        self._goes_to_glossary = bool(field.text)
        if field.text:
            field.ask("help", "find", "")
        else:
            self._show_glossary()

    def _show_glossary(self) -> None:
        self._goes_to_glossary = False
        page, keys = self.query_one("#page"), self.query_one("#help-keys")

        def scroll() -> None:
            page.scroll_to(y=keys.virtual_region.y + self._glossary_row, animate=False)

        self.call_after_refresh(self.call_after_refresh, scroll)  # after what was hidden has its place again

    def action_scroll(self, by: int) -> None:
        """So many rows on, or back."""
        page = self.query_one("#page")
        page.scroll_to(y=page.scroll_y + by, animate=False)

    def action_scroll_page(self, by: int) -> None:
        """A page on, or back."""
        self.action_scroll(by * max(1, self.query_one("#page").size.height - 1))

    def action_leave(self) -> None:
        """Drop what was typed; with nothing typed, close."""
        field = self.query_one(AskLine)
        if field.text:
            field.ask("help", "find", "")
        else:
            self.dismiss(None)


def _lines(entry: HelpEntry, width: int) -> list[Content]:
    is_narrow = width < _NARROW_FROM
    key_cells, slash_cells = (_NARROW_KEY_CELLS, _NARROW_SLASH_CELLS) if is_narrow else (_KEY_CELLS, _SLASH_CELLS)
    if not entry.slash and not is_narrow and len(entry.keys) > key_cells:
        key_cells, slash_cells = key_cells + slash_cells, 0
    indent = _indent(is_narrow)
    first, *more = wrap(entry.text, max(_LEAST_CELLS, width - indent))
    columns: list[str | Content | tuple[str, str]] = [shown_name(entry.keys, key_cells).stylize("$text-accent"), " "]
    if slash_cells:
        columns += [shown_name(entry.slash, slash_cells), " "]
    else:
        columns += [" "]
    line = joined(*columns, (first, "$foreground-muted"))
    return [line, *(joined((" " * indent + rest, "$foreground-muted")) for rest in more)]


def _indent(is_narrow: bool) -> int:
    return (_NARROW_KEY_CELLS + _NARROW_SLASH_CELLS if is_narrow else _KEY_CELLS + _SLASH_CELLS) + 2
