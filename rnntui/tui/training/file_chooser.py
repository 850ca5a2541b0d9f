"""The left side of the form: a line for paths, a tree of folders and the samples. Says which files were named."""

from collections.abc import Callable, Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, DirectoryTree, Input, Label, OptionList
from textual.widgets.option_list import Option

from rnntui.paths import working_folder
from rnntui.text import clean, visible_line
from rnntui.tui.file_choice import SAMPLES, find_files, folder_named, list_completions
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.path_input import PathInput
from rnntui.tui.widgets.text_tree import TextTree
from rnntui.tui.work import Desk

_MOST_COMPLETIONS = 40


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
        self._completing = Desk(self)
        self._completions: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Line, tree and samples, from top to bottom."""
        yield PathInput(id="path")
        yield OptionList(id="completions", compact=True)
        yield TextTree(working_folder(), id="tree")
        with Horizontal(id="samples-row"):
            yield Label(shown_line("or a sample"), id="samples-name")
            for name in SAMPLES:
                label = name.partition(":")[2]
                yield Button(shown_line(label), id=f"sample-{label}", classes="sample", compact=True)

    def on_mount(self) -> None:
        """The list is there while a path is typed that can go on in more than one way."""
        self.query_one("#completions").display = False

    @on(Input.Changed, "#path")
    def _follow_typed(self, event: Input.Changed) -> None:
        """Offer how the path may go on, and let the tree show the folder in which it stands."""
        event.stop()
        typed = clean(event.value).text

        def show(found: tuple[list[str], Path | None]) -> None:
            completions, folder = found
            offered = completions if len(completions) > 1 and self.query_one("#path").has_focus else []
            self._offer(offered)
            tree = self.query_one(TextTree)
            if folder and Path(tree.path).absolute() != folder:
                tree.path = folder

        self._completing.ask(
            lambda: (list_completions(typed, _MOST_COMPLETIONS), folder_named(typed)), show, lambda _: self._offer([])
        )

    def _offer(self, completions: Sequence[str]) -> None:
        listed = self.query_one("#completions", OptionList)
        listed.clear_options()
        listed.add_options([Option(shown_line(_ending(path), "", 80)) for path in completions])
        listed.display = bool(completions)
        self._completions = tuple(completions)

    @on(PathInput.ListWanted)
    def _go_to_completions(self, event: PathInput.ListWanted) -> None:
        event.stop()
        listed = self.query_one("#completions", OptionList)
        if listed.display:
            listed.highlighted = 0
            listed.focus()

    @on(OptionList.OptionSelected, "#completions")
    def _take_completion(self, event: OptionList.OptionSelected) -> None:
        """A folder goes into the line, to go on from; a file is added."""
        event.stop()
        chosen, field = self._completions[event.option_index], self.query_one("#path", Input)
        field.focus()
        self._offer([])
        field.value = chosen
        field.cursor_position = len(chosen)
        if not chosen.endswith("/"):
            field.post_message(Input.Submitted(field, chosen))

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

        self._offer([])

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


def _ending(path: str) -> str:
    """The last name of a path, with its slash."""
    return path.rstrip("/").rpartition("/")[2] + ("/" if path.endswith("/") else "")
