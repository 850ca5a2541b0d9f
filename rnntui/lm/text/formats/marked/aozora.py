"""Books of Aozora Bunko -> what is printed large: readings, notes of those who typed it and the colophon are left out.

Knows decoded text in parts.  Source: the annotation manual of Aozora Bunko (青空文庫 注記一覧).
"""

import re
from collections.abc import Iterable, Iterator

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import lines_of, together
from rnntui.records import ReadOptions

_RULE = re.compile(r"-{20,}\s*\Z")
_KEY = "【テキスト中に現れる記号について】"
_READING = re.compile(r"(?<=[\u3005\u3400-\u9fff\uf900-\ufaffぁ-ヿ々〆ヶA-Za-zＡ-ｚ\]］」』〕])《[^《》\n]{1,60}》")
_NOTE = re.compile(r"※?［＃[^［］\n]{1,300}］")
_BEGIN = re.compile(r"[｜|](?=[^｜|《\n]{1,40}《)")
_COLOPHON = re.compile(r"底本(?:の親本)?：")
_SHIFT_JIS = "cp932"
_LEAST_READINGS = 3
_LONGEST_KEY = 40
"""Lines of the list of signs at the start."""


def is_aozora(opening: str) -> bool:
    """True for an opening with readings in 《》 behind characters, beside the signs of such books."""
    if _KEY in opening[:4_000]:
        return True
    readings = len(_READING.findall(opening))
    return readings >= _LEAST_READINGS and bool(_NOTE.search(opening) or _BEGIN.search(opening))


def is_aozora_in_shift_jis(opening: bytes) -> bool:
    """The same of bytes: most of these books are in Shift JIS, in which a format is not seen otherwise."""
    has_signs = _KEY.encode(_SHIFT_JIS) in opening or "［＃".encode(_SHIFT_JIS) in opening
    return has_signs and is_aozora(opening.decode(_SHIFT_JIS, "replace"))


def read_aozora(parts: Iterable[str], _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The words of a book, a paragraph a line as it stands."""
    yield from together(_lines(parts, findings))


def _lines(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    key: list[str] | None = None  # lines of what may be the list of signs
    at = 0
    for line in lines_of(parts):
        if not line:
            yield ""
            continue
        at += 1
        if key is not None:
            key.append(line)
            if _RULE.match(line.strip()) and any(_KEY in entry for entry in key):
                findings.leave_out("list of signs", " ".join(entry.strip() for entry in key[1:3]))
                key = None
            elif len(key) > _LONGEST_KEY:
                yield "".join(key)
                key = None
            continue
        if at <= _LONGEST_KEY and _RULE.match(line.strip()):
            key = [line]
            continue
        if _COLOPHON.match(line):
            findings.leave_out("colophon", line.strip())
            yield from _rest(parts)
            return
        yield _without_notes(line, findings)
    if key:
        yield "".join(key)


def _rest(parts: Iterable[str]) -> Iterator[str]:
    """What follows the colophon is nothing to learn from, and is gone through with signs of life."""
    for _ in parts:
        yield ""


def _without_notes(line: str, findings: Findings) -> str:
    if "《" in line:
        line = _BEGIN.sub("", line)
        for reading in _READING.findall(line):
            findings.leave_out("reading", reading)
        line = _READING.sub("", line)
    if "［＃" in line:
        for note in _NOTE.findall(line):
            findings.leave_out("note", note)
        line = _NOTE.sub("", line)
    return line
