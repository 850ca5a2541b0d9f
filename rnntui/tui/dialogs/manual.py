"""The manual: its pages on the left, one of them on the right, and a line to find words in all of them."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.manual import page_names, read_page
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.widgets.markdown_view import MarkdownView
from rnntui.tui.work import Desk


@dataclass(frozen=True, slots=True)
class ManualPage:
    """One page as it was read."""

    name: str
    text: str
    """Markdown, its title in the first line."""

    def has(self, words: str) -> bool:
        """Whether these words stand in it."""
        return words.strip().casefold() in self.text.casefold()


class ManualScreen(Dialog[None]):
    """Pages to read; typing leaves those in which the words stand."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("manual")
    HELP = "The manual that comes with the program. Type words to find the pages they stand in."

    def __init__(self) -> None:
        super().__init__()
        self._desk = Desk(self)
        self._pages: tuple[ManualPage, ...] = ()
        self._found: tuple[ManualPage, ...] = ()

    def compose(self) -> ComposeResult:
        """The line, the pages, the one that is open, and a hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Manual"), classes="dialog-title")
            yield AskLine("find", "find")
            with Horizontal(id="manual-body"):
                yield OptionList(id="manual-pages", compact=True)
                with VerticalScroll(id="manual-page", can_focus=False):
                    yield MarkdownView(id="manual-text")

    def on_mount(self) -> None:
        """Read all pages; they are few and short."""
        self.query_one(OptionList).can_focus = False
        self._desk.ask(lambda: tuple(ManualPage(name, read_page(name)) for name in page_names()), self._take, self._say)

    def _take(self, pages: tuple[ManualPage, ...]) -> None:
        self._pages = pages
        self._find(self.query_one(AskLine).text)

    def _say(self, sentence: str) -> None:
        self.query_one(MarkdownView).show(sentence)

    @on(AskLine.Typed)
    def _find_typed(self, event: AskLine.Typed) -> None:
        self._find(event.text)

    def _find(self, words: str) -> None:
        listed = self.query_one(OptionList)
        before = self._found[listed.highlighted].name if self._found and listed.highlighted is not None else ""
        self._found = tuple(page for page in self._pages if page.has(words))
        listed.clear_options()
        listed.add_options([Option(shown_line(page.name, "", 40)) for page in self._found])
        names = [page.name for page in self._found]
        listed.highlighted = (names.index(before) if before in names else 0) if names else None
        if not names:
            self._say("Nothing was found." if self._pages else "The manual is not here. Install rnntui again.")
        self._show()

    @on(OptionList.OptionHighlighted)
    def _show(self) -> None:
        """Show the page that is marked, from where the words stand first."""
        at = self.query_one(OptionList).highlighted
        if at is None or at >= len(self._found):
            return
        line = self.query_one(MarkdownView).show(self._found[at].text, self.query_one(AskLine).text)
        self.query_one("#manual-page").scroll_to(y=max(0, line - 2), animate=False)

    def action_move(self, by: int) -> None:
        """Another page."""
        listed = self.query_one(OptionList)
        if self._found:
            listed.highlighted = ((listed.highlighted or 0) + by) % len(self._found)

    def action_scroll_page(self, by: int) -> None:
        """Scroll the page that is open."""
        page = self.query_one("#manual-page")
        page.scroll_to(y=page.scroll_y + by * max(1, page.size.height - 1), animate=False)
