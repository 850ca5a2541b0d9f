"""The left side of the form: a line for paths, a tree of folders and the samples. Says which files were named."""

from collections.abc import Callable, Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, DirectoryTree, Input, Label

from rnntui.paths import working_folder
from rnntui.text import visible_line
from rnntui.tui.file_choice import SAMPLES, find_files
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_tree import TextTree
from rnntui.tui.work import Desk


class FileChooser(Vertical):
    """Where files are typed, pasted, dropped or picked.

    Args:
        desk: Where the files are looked for.
        id: The widget's id.
    """

    class Found(Message):
        """These files were named."""

        def __init__(self, files: Sequence[Path]) -> None:
            self.files = tuple(files)
            super().__init__()

    class Refused(Message):
        """What was named is no file; the sentence says so."""

        def __init__(self, sentence: str) -> None:
            self.sentence = sentence
            super().__init__()

    def __init__(self, desk: Desk, id: str | None = None) -> None:
        super().__init__(id=id)
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Line, tree and samples, from top to bottom."""
        yield PathInput(id="path")
        yield TextTree(working_folder(), id="tree")
        with Horizontal(id="samples-row"):
            yield Label(shown_line("or a sample"), id="samples-name")
            for name in SAMPLES:
                label = name.partition(":")[2]
                yield Button(shown_line(label), id=f"sample-{label}", classes="sample", compact=True)

    def find(self, typed: str, then: Callable[[bool], None] = lambda is_found: None) -> None:
        """Look for the files that a line of text names, and say which they are.

        Args:
            typed: Paths, as they are typed, pasted or dropped.
            then: Called afterwards; False when it names none.
        """

        def tell(files: list[Path]) -> None:
            self.post_message(self.Found(files))
            then(True)

        def refuse(sentence: str) -> None:
            self.post_message(self.Refused(sentence))
            then(False)

        self._desk.do("looking for the files", lambda: find_files(typed), tell, refuse)

    @on(Input.Submitted, "#path")
    def _find_typed(self, event: Input.Submitted) -> None:
        event.stop()

        def clear(is_found: bool) -> None:
            if is_found and event.input.value == event.value:
                event.input.clear()

        if event.value.strip():
            self.find(event.value, clear)

    @on(PathInput.PathsPasted)
    def _find_pasted(self, event: PathInput.PathsPasted) -> None:
        event.stop()

        def show(is_found: bool) -> None:
            if not is_found:
                self.query_one("#path", Input).value = visible_line(event.text, 1_000)

        self.find(event.text, show)

    @on(DirectoryTree.FileSelected)
    def _tell_picked(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self.post_message(self.Found([event.path.absolute()]))

    @on(Button.Pressed, ".sample")
    def _find_sample(self, event: Button.Pressed) -> None:
        event.stop()
        self.find(f"sample:{(event.button.id or '').removeprefix('sample-')}")
