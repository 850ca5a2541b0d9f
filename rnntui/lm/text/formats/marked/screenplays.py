"""Screenplays: Fountain, and those typed with the columns of a typewriter -> scenes, and who says what.

Headings of scenes, action, names and speech stay, each a line; title pages, synopses, notes, page numbers and marks are
left out and counted. Whose words are learned from can be chosen. Knows decoded text in parts.

Source: fountain.io/syntax, 1.1.
"""

import re
from collections.abc import Iterable, Iterator

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import Voices, speech_remarks
from rnntui.lm.text.streams import UNSPACED, lines_of, together
from rnntui.records import ReadOptions

_SCENE = re.compile(r"\s*(?:\d{1,4}[A-Z]?\.?\s+)?(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. /](?=.*\S)", re.I)
_SCENE_NUMBER = re.compile(r"\s+#[\w.-]{1,12}#\s*\Z|\A\s*\d{1,4}[A-Z]?\.?\s+|\s+\d{1,4}[A-Z]?\s*\Z")
_TRANSITION = re.compile(r"\s*(?:[A-Z][A-Z .]{1,30} TO:|FADE (?:IN|OUT)[:.]?|CUT TO BLACK[:.]?)\s*\Z")
_EXTENSION = re.compile(r"\s*\([^()]{1,60}\)")
_TITLE_FACT = re.compile(
    r"(?:title|credit|authors?|source|draft date|date|contact|copyright|notes|revision|format):", re.I
)
_CONTINUED = re.compile(r"\s*\(?(?:CONTINUED|MORE|CONT['’]?D)\)?:?\s*(?:\(\d+\))?\s*(?:CONTINUED:?)?\s*\d{0,4}\.?\s*\Z")
_PAGE_NUMBER = re.compile(r"\s*\d{1,4}\.?\s*\Z")
_EMPHASIS = re.compile(r"(\*{1,3})(?=\S)([^*\n]{1,1000})(?<=\S)\1|(?<!\w)(_)(?=\S)([^_\n]{1,1000})(?<=\S)_(?!\w)")
_NOTE = re.compile(r"\[\[[^\]]{0,2000}\]\]")
_LEAST_SCENES = 3
_COLUMN_OF_NAMES = 15
"""A typewriter sets names so far from the edge at least; Fountain has no columns."""
_LONGEST_KEPT = 300
_LONGEST_NAME = 60
_LONGEST_SPEECH = 1 << 14


def read_screenplay(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """A screenplay as scenes; with chosen speakers, only what they say, one speech a line."""
    voices = Voices(reading, findings)
    yield from together(_elements(_without_boneyard(lines_of(parts), findings), voices, findings))
    findings.remarks += speech_remarks(reading, findings)


def is_screenplay(opening: str) -> bool:
    """True for an opening with several headings of scenes in capitals, and names above what they say."""
    lines = opening.split("\n")
    scenes = sum(1 for line in lines if _SCENE.match(line) and line.upper() == line)
    names = sum(
        1
        for before, line, after in zip(["", *lines], lines, lines[1:], strict=False)
        if not before.strip() and after.strip() and line.strip() and _is_name(line.strip())
    )
    return scenes >= _LEAST_SCENES and names >= _LEAST_SCENES


def _without_boneyard(lines: Iterable[str], findings: Findings) -> Iterator[str]:
    """Without what stands between "/*" and "*/", over lines."""
    is_inside, kept = False, ""
    for line in lines:
        if "/*" not in line and not is_inside:
            yield line
            continue
        shown, at = "", 0
        while at < len(line):
            end = line.find("*/" if is_inside else "/*", at)
            until = end if end >= 0 else len(line)
            if is_inside:
                kept = (kept + line[at:until])[:_LONGEST_KEPT]
            else:
                shown += line[at:until]
            if end < 0:
                break
            at, is_inside = end + 2, not is_inside
            if not is_inside:
                findings.leave_out("boneyard", kept)
                kept = ""
        yield shown if shown.strip() else ""


def _elements(lines: Iterable[str], voices: Voices, findings: Findings) -> Iterator[str]:
    """Scenes, action and speeches; a line says what it is by the empty lines around it and by its capitals."""
    speaker, said, action = "", "", ""
    is_titled = is_begun = False  # inside of the title page; past the first line
    was_empty = True
    length = 0

    def finished() -> str:
        """What was begun, written out."""
        nonlocal speaker, said, action
        shown = ""
        if speaker and not said:
            shown = "" if voices.are_chosen else f"{speaker}\n\n"
        elif speaker:
            is_kept = voices.keep(_EXTENSION.sub("", speaker).strip(), said)
            shown = "" if not is_kept else f"{said}\n" if voices.are_chosen else f"{speaker}\n{said}\n\n"
        elif action and not voices.are_chosen:
            shown = f"{action}\n\n"
        speaker = said = action = ""
        return shown

    for line in lines:
        if not line:
            yield ""
            continue
        text = line
        if "[[" in line:
            for note in _NOTE.findall(line):
                findings.leave_out("note", note)
            text = _NOTE.sub("", line)
        text = text.rstrip().replace("\t", "    ")
        stripped = text.strip()
        if not stripped:
            yield finished()
            was_empty, is_titled, is_begun = True, False, True
            continue
        if not is_begun and _TITLE_FACT.match(stripped):
            is_titled = True
        is_begun = True
        if is_titled:
            findings.leave_out("line of the title page", stripped)
            continue
        column = len(text) - len(text.lstrip())
        mark = stripped[0]
        if (stripped.startswith("=") and not speaker) or (mark == "#" and not speaker):
            yield finished()
            if stripped.strip("="):
                findings.leave_out("synopsis" if mark == "=" else "section", stripped)
        elif _CONTINUED.match(stripped) or (_PAGE_NUMBER.match(stripped) and (was_empty or column > _COLUMN_OF_NAMES)):
            findings.leave_out("page mark", stripped)
            continue
        elif (was_empty and _SCENE.match(stripped)) or (mark == "." and stripped[1:2].isalnum() and was_empty):
            yield finished()
            action = _SCENE_NUMBER.sub("", stripped.removeprefix(".")).strip()
            yield finished()
        elif was_empty and (_TRANSITION.match(stripped) or (mark == ">" and not stripped.endswith("<"))):
            yield finished()
            findings.leave_out("transition", stripped)
        elif (mark == "@" and was_empty) or (_is_name(stripped) and (was_empty or column >= _COLUMN_OF_NAMES)):
            yield finished()
            speaker = stripped.removeprefix("@").rstrip("^ ")
        elif speaker:
            said = _added(said, _words(stripped), is_apart=stripped.startswith("(") or said.endswith(")"))
            length = len(said)
        else:
            is_line = mark in "~>" or column > 0
            action = _added(action, _words(stripped), is_apart=not is_line and column == 0 and mark in "-•")
            length = len(action)
        if length > _LONGEST_SPEECH:
            yield finished()
            length = 0
        was_empty = False
    yield finished()


def _is_name(text: str) -> bool:
    """True for a line of capitals, with or without a direction in brackets, that is no sentence."""
    if len(text) > _LONGEST_NAME or text[0] in "><!~(" or text[-1] in ".!?:,":
        return False
    name = _EXTENSION.sub("", text).rstrip("^ ")
    return name == name.upper() != name.lower() and not any(sign in name for sign in ":!?")


def _words(text: str) -> str:
    """A line without its marks."""
    text = text.removeprefix("!").removeprefix("~")
    text = text[1:-1].strip() if text.startswith(">") and text.endswith("<") else text
    return _EMPHASIS.sub(lambda found: found[2] or found[4], text) if "*" in text or "_" in text else text


def _added(before: str, line: str, *, is_apart: bool) -> str:
    """A line behind another: directions in brackets stand on lines of their own."""
    if not before:
        return line
    if is_apart:
        return f"{before}\n{line}"
    is_unspaced = UNSPACED.match(before[-1]) and UNSPACED.match(line[:1])
    return f"{before}{line}" if is_unspaced else f"{before} {line}"
