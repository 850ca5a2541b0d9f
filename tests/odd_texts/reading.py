"""Reads what a script made, as `train` would: through a file with a name."""

import tempfile
from pathlib import Path

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.readers import READERS
from rnntui.lm.text.text_source import TextFile
from rnntui.records import ReadOptions


def read_file(name: str, data: str | bytes, reading: ReadOptions | None = None) -> tuple[str, Findings]:
    """What is learned from a file of this name, and what was noticed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        text, findings = TextFile(path, reading), Findings()
        for _ in text.survey():
            pass
        return "".join(text.parts(findings)), findings


def read_in_parts(suffix: str, text: str, size: int, *speakers: str) -> tuple[str, Findings]:
    """What a reader of characters gives when they come in parts of this size."""
    findings = Findings()
    parts = (text[at : at + size] for at in range(0, len(text), size))
    return "".join(READERS[suffix].read(parts, ReadOptions(speakers=speakers), findings)), findings
