"""Source code, which is learned as it stands, and notebooks, of which the cells are.

Knows decoded text in parts.
"""

from collections.abc import Iterable, Iterator

from rnntui.lm.text.chats.json_stream import EACH, LongText, json_values
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.marked.outlines import read_markdown
from rnntui.records import ReadOptions

CODE_SUFFIXES = (
    *(".py", ".js", ".ts", ".jsx", ".tsx", ".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".kt", ".go", ".rs", ".rb"),
    *(".php", ".cs", ".swift", ".scala", ".lua", ".pl", ".r", ".jl", ".hs", ".ml", ".clj", ".ex", ".erl", ".lisp"),
    *(".el", ".sh", ".bash", ".zsh", ".fish", ".ps1", ".sql", ".css", ".scss"),
)
"""Files of these keep every space, tab and line end, and no mark in them is a mark of a book or a quote."""
_SOURCES = ("source", "input")


def read_notebook(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The cells of a Jupyter notebook: what was written; what was computed is left out and counted."""
    kind = ""  # of a cell so large that its members come one by one
    for found in json_values(parts, findings):
        if found is None:
            yield ""
            continue
        path, value = found
        name = path[-1] if path else ""
        if name == "cell_type":
            kind = str(value)[:20]
        elif name in _SOURCES and "cells" in path:
            yield from _cell(kind, value, reading, findings)
        elif name == EACH and path[-2:-1] in {(source,) for source in _SOURCES}:
            yield str(value) if isinstance(value, str) else ""
        elif EACH in path[-2:] and "outputs" in path:
            findings.leave_out("output", "")
        for cell in _cells_of(value):
            yield from _cell(str(cell.get("cell_type", "")), cell.get("source", cell.get("input")), reading, findings)
            for _ in _listed(cell.get("outputs")):
                findings.leave_out("output", "")


def is_notebook(opening: str) -> bool:
    """True for the opening of a notebook."""
    return opening.lstrip().startswith("{") and '"cells"' in opening and '"cell_type"' in opening


def _cells_of(value: object) -> Iterator[dict[str, object]]:
    """The cells of a notebook, of a sheet of an old one, or this one."""
    if not isinstance(value, dict):
        return
    if "cell_type" in value:
        yield value
        return
    for sheet in _listed(value.get("worksheets")):
        yield from _cells_of(sheet)
    for cell in _listed(value.get("cells")):
        if isinstance(cell, dict):
            yield cell


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _cell(kind: str, source: object, reading: ReadOptions, findings: Findings) -> Iterator[str]:
    text = source if isinstance(source, str) else "".join(line for line in _listed(source) if isinstance(line, str))
    if not text.strip():
        return
    if kind in {"markdown", "heading"}:
        yield from read_markdown((text,), reading, findings)
    else:
        yield text
    yield "" if isinstance(source, LongText) and source.goes_on else "\n\n"
