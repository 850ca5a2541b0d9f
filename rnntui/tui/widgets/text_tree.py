"""Folders and the text files in them; other files are left out."""

from collections.abc import Iterable
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.widgets import DirectoryTree
from textual.widgets.directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from rnntui.text import visible_line
from rnntui.tui.file_choice import is_text_name


class TextTree(DirectoryTree):
    """Enter or a click adds a file."""

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "
    ICON_FILE = "  "
    HELP = "Arrow keys move, Enter opens a folder or adds a file, {tree-up} shows the folder above."

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Folders and text files, hidden ones left out."""
        return [path for path in paths if not path.name.startswith(".") and (is_text_name(path) or _is_folder(path))]

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        """A name with everything in it made visible."""
        icon = self.ICON_FILE
        if node.allow_expand:
            icon = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        name = visible_line(node.label.plain if isinstance(node.label, Text) else str(node.label), 120)
        return Text.assemble((icon, base_style), (name, style))

    def show_parent(self) -> None:
        """Show the folder above."""
        here = Path(self.path).absolute()
        if here.parent != here:
            self.path = here.parent


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
