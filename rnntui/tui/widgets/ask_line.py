"""One line that asks for one thing after another: words to search for, a new title, a file name."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from rnntui.text import clean
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.text_input import TextInput


class AskLine(Horizontal):
    """A question with a field; what it is about is a word that comes back with the answer.

    Args:
        about: What it asks for at first, and again after each answer.
        question: The words before the field.
    """

    DEFAULT_CSS = """
    AskLine { height: 1; }
    AskLine > Static { width: auto; color: $text-primary; text-style: bold; padding: 0 1 0 0; }
    AskLine > Input { width: 1fr; }
    """

    class Answered(Message):
        """Enter was pressed."""

        def __init__(self, about: str, text: str) -> None:
            self.about = about
            self.text = text
            super().__init__()

    class Typed(Message):
        """What is typed changed while the first question is asked."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def __init__(self, about: str, question: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._first = (about, question)
        self._about = about
        self._first_typed = ""

    def compose(self) -> ComposeResult:
        """The question and the field."""
        yield Static(shown_line(self._first[1]))
        field = TextInput(compact=True, placeholder="")
        field.cursor_blink = False
        yield field

    @property
    def about(self) -> str:
        """What is asked for now."""
        return self._about

    @property
    def text(self) -> str:
        """What is typed."""
        return clean(self.query_one(Input).value).text

    @property
    def first_text(self) -> str:
        """What is typed for the first question, also while another one is asked."""
        return self.text if self._about == self._first[0] else clean(self._first_typed).text

    def ask(self, about: str, question: str, text: str) -> None:
        """Ask for something else, with a text to change."""
        field = self.query_one(Input)
        if self._about == self._first[0]:
            self._first_typed = field.value
        self._about = about
        self.query_one(Static).update(shown_line(question))
        field.value = text
        field.cursor_position = len(text)
        field.focus()

    def ask_first(self) -> bool:
        """Back to the first question; False when it is asked already."""
        if self._about == self._first[0]:
            return False
        self._about, question = self._first
        self.query_one(Static).update(shown_line(question))
        self.query_one(Input).value = self._first_typed
        return True

    @on(Input.Changed)
    def _tell_typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._about == self._first[0]:
            self.post_message(self.Typed(self.text))

    @on(Input.Submitted)
    def _tell_answer(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Answered(self._about, self.text))
