"""P7: whatever is put before it, preparing a text takes little memory, and time that grows with the size alone.

A process looks into one huge file after another, as `rnntui inspect` does, and says how much memory each took above
what the process had before, how much processor time, and how long it said nothing: who stops it waits so long.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.odd_texts.documents import write_document, write_pdf
from tests.peak_memory import peak_memory
from tests.proofs import Proof, Setup

MOST_MEGABYTES = 300.0
MOST_GROWTH = 2.0
"""So many times what is in proportion to the size: twice four times the time for four times the size."""
_LEAST_SECONDS = 2.0
"""Of less, the rest of the machine has the larger part."""
_SMALLER = 4
_CHUNK = 1_000_000
PROSE = "the cat saw a dog and then it was a cold evening in the old house of men "
GIGABYTE = 1_000_000_000


def repeated(unit: str, before: str = "", after: str = "") -> Callable[[Path, int], list[Path]]:
    """Writes one file of so many bytes."""

    def write(path: Path, size: int) -> list[Path]:
        chunk = unit * max(1, _CHUNK // len(unit))
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(before)
            for _ in range(max(1, size // len(chunk))):
                file.write(chunk)
            file.write(after)
        return [path]

    return write


def zeros(path: Path, size: int) -> list[Path]:
    with path.open("wb") as file:
        file.truncate(size)  # takes no room on the disk
    return [path]


def bomb(path: Path, size: int) -> list[Path]:
    """An e-book whose chapters have so many bytes together, in a hundredth of that."""
    chapters = 100
    items = "".join(f'<item id="i{at}" href="{at}"/>' for at in range(chapters))
    spine = "".join(f'<itemref idref="i{at}"/>' for at in range(chapters))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("META-INF/container.xml", '<rootfile full-path="a.opf"/>')
        archive.writestr("a.opf", f"<manifest>{items}</manifest><spine>{spine}</spine>")
        for at in range(chapters):
            archive.writestr(str(at), "word " * (size // chapters // 5))
    return [path]


def many_files(path: Path, size: int) -> list[Path]:
    """Files of 2,000 bytes each, no two alike."""
    path.mkdir()
    files = [path / f"{at}.txt" for at in range(max(20, size // 2_000))]
    for at, file in enumerate(files):
        file.write_text(f"{at} {PROSE * 27}\n", encoding="utf-8")
    return files


CELL = json.dumps({"cell_type": "code", "outputs": [{"data": "A" * 1_000}], "source": [f"{PROSE}\n"] * 5})
RECORD = json.dumps({"id": 1, "text": PROSE * 10}) + "\n"
MESSAGE = json.dumps(
    {"id": 1, "type": "message", "date": "2023-12-31T10:00:00", "from": "Orla", "text": [PROSE, {"text": "No."}]}
)
MESSAGE += ","
LETTER_HEAD = "From: Orla <o@a.example>\nDate: Sun, 31 Dec 2023 10:10:10 +0000\nMessage-ID: <1@a>\n"
LETTER = f"From o@a.example Sun Dec 31 10:10:10 2023\n{LETTER_HEAD}\n{PROSE}\n{PROSE}\n> old\n\n"
MULTIPART = f"{LETTER_HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
KINDS: dict[str, tuple[str, Callable[[Path, int], list[Path]], int]] = {
    "one line of words": (".txt", repeated(PROSE), 2 * GIGABYTE),
    "JSON Lines": (".jsonl", repeated(RECORD), 2 * GIGABYTE),
    "one line without spaces": (".txt", repeated("abcdefghijklmnopqrstuvwxyz"), GIGABYTE // 10),
    "notes never closed": (".txt", repeated("[Transcriber's note: "), GIGABYTE // 20),
    "marks on one letter": (".txt", repeated("\u0301\u0316", before=PROSE * 1_000), GIGABYTE // 50),
    "a record of lists": (".jsonl", repeated("[],", before="[", after=f"[]]\n{RECORD * 100}"), GIGABYTE // 4),
    "a table of commas": (".csv", repeated(",", after="\nid,text\n" + f"1,{PROSE}\n" * 1_000), GIGABYTE // 4),
    "a cell without an end": (".csv", repeated(f"{PROSE}\n", before='id,text\n1,"'), GIGABYTE // 4),
    "a page nested deeply": (".html", repeated("<div>", after=PROSE * 1_000), GIGABYTE // 20),
    "an e-book that unpacks without an end": (".epub", bomb, GIGABYTE),
    "subtitles": (".srt", repeated(f"1\n00:00:01,000 --> 00:00:02,000\n- {PROSE}\n{PROSE}.\n\n"), GIGABYTE // 10),
    "a cue without an end": (
        ".srt",
        repeated(f"{PROSE}\n", before="1\n00:00:01,000 --> 00:00:02,000\n"),
        GIGABYTE // 10,
    ),
    "rich text": (".rtf", repeated(f"\\f1 {PROSE}\\'e9\\u8211?\\par\n", before="{\\rtf1 ", after="}"), GIGABYTE // 10),
    "groups in rich text": (".rtf", repeated("{\\b {\\i x}}", before="{\\rtf1 ", after="}"), GIGABYTE // 20),
    "a picture in rich text": (".rtf", repeated("89504e47", before="{\\rtf1 a{\\pict ", after="}b}"), GIGABYTE // 10),
    "a Word document": (".docx", write_document, GIGABYTE // 10),
    "an OpenDocument text": (".odt", write_document, GIGABYTE // 10),
    "one paragraph": (".fodt", repeated(PROSE, before="<?xml?><office:document><text:p>"), GIGABYTE // 10),
    "an e-book in XML": (".fb2", repeated(f"<p>{PROSE}</p>", before="<FictionBook><body>"), GIGABYTE // 10),
    "a PDF": (".pdf", write_pdf, GIGABYTE // 40),
    "Markdown": (".md", repeated(f"# A *b*\n\n- [{PROSE}](http://x) `y` **{PROSE}**\n\n"), GIGABYTE // 10),
    "one block of Markdown": (".md", repeated(f"*{PROSE}\n"), GIGABYTE // 20),
    "a comment without an end": (".md", repeated(f"{PROSE}\n", before="Word. <!--"), GIGABYTE // 10),
    "TeX": (".tex", repeated(f"\\section{{A}} {PROSE} $x^2$ \\emph{{b}}\\footnote{{c}}\n\n"), GIGABYTE // 10),
    "a formula without an end": (".tex", repeated(PROSE, before="Word. $"), GIGABYTE // 10),
    "a screenplay": (".fountain", repeated(f"INT. X - DAY\n\nBOB\n{PROSE}\n\n"), GIGABYTE // 10),
    "a notebook": (".ipynb", repeated(f"{CELL},", before='{"cells": [', after=f"{CELL}]}}"), GIGABYTE // 10),
    "source code": (".py", repeated("def f(x):\n\treturn x == 1\n"), GIGABYTE // 10),
    "a list in JSON": (".json", repeated(f"{RECORD.strip()},", before="[", after=f"{RECORD}]"), GIGABYTE // 10),
    "one text in JSON": (".json", repeated(f"{PROSE}\\n\\u00e9", before='{"text": "', after='"}'), GIGABYTE // 10),
    "many names in JSON": (".json", repeated(f'"a": "{PROSE}",', before="{", after='"b": ""}'), GIGABYTE // 10),
    "lists inside of lists": (".json", repeated('{"a": [', before="[", after=RECORD), GIGABYTE // 10),
    "a chat in JSON": (".json", repeated(MESSAGE, before='{"messages": [', after="{}]}"), GIGABYTE // 10),
    "a chat": (
        ".txt",
        repeated(f"31.12.23, 22:15 - Orla: {PROSE}\n31.12.23, 22:16 - Tomas: No.\n{PROSE}\n"),
        GIGABYTE // 10,
    ),
    "a message without an end": (
        ".txt",
        repeated(f"{PROSE}\n", before=f"31.12.23, 22:15 - Orla: {PROSE}\n31.12.23, 22:16 - Tomas: No.\n" * 300),
        GIGABYTE // 10,
    ),
    "a transcript": (".txt", repeated(f"ANNA: {PROSE}\nBEN: {PROSE}\nBEN: No.\n"), GIGABYTE // 20),
    "mail": (".mbox", repeated(LETTER), GIGABYTE // 10),
    "an attachment": (
        ".eml",
        repeated("QUJDREVGQUJDREVGQUJDREVG\n", before=f"{MULTIPART}{PROSE * 1_000}\n--b\nContent-Type: image/png\n\n"),
        GIGABYTE // 10,
    ),
    "parts of a letter": (
        ".eml",
        repeated("--b\nContent-Type: text/plain\n\na\n", before=f"{MULTIPART}{PROSE}\n"),
        GIGABYTE // 20,
    ),
    "small objects in JSON": (".json", repeated('{"a":1},', before="[", after=RECORD + "]"), GIGABYTE // 40),
    "messages of a word in JSON": (
        ".json",
        repeated('{"role":"user","content":"a b"},', before="[", after="{}]"),
        GIGABYTE // 40,
    ),
    "thousands of files": ("", many_files, 10_000_000),
}
SPARSE = ("zero bytes", ".txt", zeros, 2 * GIGABYTE)
"""Costs nothing: tried whole each time."""
LEAST = 400_000
"""Bytes of each with the smallest share."""


@dataclass(frozen=True)
class Seen:
    """What came of one case."""

    name: str
    size: int
    outcome: str
    """"read", or the sentence that refuses it; what went wrong begins with "!"."""
    megabytes: float
    seconds: float
    """Of the processor."""
    silence: float
    """The longest time between two signs of life, in seconds."""


def inspect_all() -> None:
    """The process that looks into texts: a line of JSON with name, size and files for each; one to warm up first."""
    from rnntui.errors import RnntuiError
    from rnntui.records import ReadOptions
    from rnntui.service.prepare import inspection
    from rnntui.store.corpora import Corpora

    corpora = Corpora(Path(sys.argv[1]))
    for line in sys.stdin:
        name, size, files = json.loads(line)
        reading = ReadOptions(field="text") if files[0].endswith(".csv") else ReadOptions()
        begun, spoken, silence, outcome = time.process_time(), time.monotonic(), 0.0, "read"
        with peak_memory() as peak:
            try:
                for _ in inspection.inspect(files, corpora, reading, 0.1):
                    silence = max(silence, time.monotonic() - spoken)
                    spoken = time.monotonic()
            except RnntuiError as problem:
                outcome = str(problem)
            except BaseException as problem:
                outcome = f"! {problem!r:.200}"
            silence = max(silence, time.monotonic() - spoken)
        seen = Seen(name, size, outcome, peak.megabytes, time.process_time() - begun, silence)
        print(json.dumps(dataclasses.astuple(seen)), flush=True)


class NextTokenInspector:
    """The process, and what is put before it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.huge_texts", str(folder / "corpora")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self.see("warming up", ".txt", repeated(PROSE), 200_000)

    def see(self, name: str, suffix: str, write: Callable[[Path, int], list[Path]], size: int) -> Seen:
        """Writes it, lets the process look, and removes it at once."""
        path = self._folder / f"text{suffix}"
        try:
            files = write(path, size)
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps((name, size, list(map(str, files)))) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
            shutil.rmtree(self._folder / "corpora", ignore_errors=True)
        return Seen(*json.loads(line)) if line else Seen(name, size, "! the process ended", 0.0, 0.0, 0.0)

    def end(self) -> None:
        """No more follows."""
        self._process.kill()
        self._process.communicate()


def broken_by(seen: Seen, smaller: Seen | None) -> Iterator[str]:
    """What is wrong with a case, one sentence each."""
    what = f"{seen.name}, {seen.size / 1e6:,.0f} MB"
    if seen.outcome.startswith("!"):
        yield f"{what}: {seen.outcome[2:]}"
    if seen.megabytes > MOST_MEGABYTES:
        yield f"{what}: {seen.megabytes:,.0f} MB of memory"
    if smaller and seen.seconds > _LEAST_SECONDS and growth(seen, smaller) > MOST_GROWTH:
        yield f"{what}: {seen.seconds:,.1f} s; a quarter of it {smaller.seconds:,.1f} s"


def growth(seen: Seen, smaller: Seen) -> float:
    """How much more time it took than in proportion to the size; 1 is in proportion."""
    return seen.seconds / max(smaller.seconds, 0.2) / (seen.size / smaller.size)


def prove(setup: Setup) -> Proof:
    """Lets a process look into each kind, whole or in a share, and into a quarter of it."""
    looking, found, broken, left_out = NextTokenInspector(setup.folder), [], [], []
    worst_growth = (0.0, "")
    try:
        found.append(looking.see(*SPARSE))
        broken += broken_by(found[-1], None)
        for name, (suffix, write, whole) in KINDS.items():
            size = setup.cases(whole, LEAST)
            if write is not bomb and shutil.disk_usage(setup.folder).free < 3 * size:
                left_out.append(f"{name}: there is no room for {size / 1e6:,.0f} MB on the disk.")
                continue
            smaller = looking.see(name, suffix, write, size // _SMALLER) if size > LEAST else None
            seen = looking.see(name, suffix, write, size)
            broken += broken_by(seen, smaller)
            found += [seen, *([smaller] if smaller else [])]
            if smaller and seen.seconds > _LEAST_SECONDS:
                worst_growth = max(worst_growth, (growth(seen, smaller), name))
    finally:
        looking.end()
    largest, silent = max(found, key=lambda seen: seen.megabytes), max(found, key=lambda seen: seen.silence)
    worst = f"{largest.megabytes:,.0f} MB ({largest.name}, {largest.size / 1e6:,.0f} MB)"
    worst += f"; silent for {silent.silence:.2f} s ({silent.name})"
    if worst_growth[1]:
        worst += f"; {worst_growth[0]:.2f} times the time in proportion ({worst_growth[1]})"
    return Proof(len(found), worst, tuple(broken), tuple(left_out))


if __name__ == "__main__":
    inspect_all()
