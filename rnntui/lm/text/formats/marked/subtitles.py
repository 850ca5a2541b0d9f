"""Subtitles and timed lyrics -> what is said, one speech a line.

Numbers, times, places, styles and sounds are left out and counted; a sentence that goes on in the next cue is one line
again, and what rolls through several cues is read once. Knows decoded text in parts.

Sources: SubRip as players read it; WebVTT (W3C, 2019); Advanced SubStation Alpha v4+; MicroDVD; YouTube's SBV; LRC.
"""

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import Voices, speech_remarks
from rnntui.lm.text.streams import UNSPACED, lines_of, together
from rnntui.records import ReadOptions

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?"
_TIMING = re.compile(rf"\s{{0,9}}{_CLOCK}\s{{0,9}}(?:-->|--&gt;|[,-])\s{{0,9}}{_CLOCK}(?:\s.*)?\Z")
_STAMP_ALONE = re.compile(r"\s{0,9}[\[(]?(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(\.\d{1,3})?[\])]?\s{0,9}\Z")
_LEAST_STAMPS = 5
_MOST_LINES_A_STAMP = 6
_BEGINNINGS = frozenset("0123456789{")
_EXACT = re.compile(r"\d{1,2}:\d\d:\d\d\.\d{2,3},\d{1,2}:\d\d:\d\d\.\d{2,3}\s*\Z")
_FRAMES = re.compile(r"\{(\d{1,9})\}\{(\d{0,9})\}(.*)\Z")
_FRAMES_A_SECOND = 25
_LYRIC_TIME = re.compile(r"\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\]|<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_LYRIC_FACT = re.compile(r"\[(?:ar|al|ti|au|by|re|ve|la|id|length|offset|lr|tool|#)\s{0,3}:[^\]]{0,300}\]\s*\Z", re.I)
_BLOCK = re.compile(r"(NOTE|STYLE|REGION)(?:\s|\Z)|WEBVTT")
_VOICE = re.compile(r"<v(?:\.[^\s>]{1,60})?\s+([^>]{1,80})>")
_MARKUP = re.compile(r"</?[a-zA-Z0-9][^<>]{0,200}>|\{\\[^{}]{0,500}\}|\{[yYcCfFsSoPpH]:[^{}]{0,80}\}")
_LINE_BREAK = re.compile(r"<br\s{0,3}/?>", re.I)
_DRAWING = re.compile(r"\\p[1-9]")
_SOUND = re.compile(r"\[[^\[\]]{0,200}\]|【[^【】]{0,200}】|\*[^*\n]{1,60}\*(?=\s*\Z)")
_SOUND_IN_BRACKETS = re.compile(r"[(（][^()（）]{0,200}[)）]")
_NOTES_OF_MUSIC = re.compile(r"[♪♫♬♩]+|(?<!\w)#(?=\s)|(?<=\s)#(?!\w)")
_DASH = re.compile(r"\s{0,9}(?:[-‐–—]{1,2}(?![-–—>])|>{2,3})\s{0,9}(?=\S)")
_LOUD_NAME = re.compile(
    r"((?=[^a-z:]{0,40}[^\W\d_])[^\W_a-z][^a-z:!?\n]{0,39})\s{0,3}(?:\([^()]{1,40}\)\s?)?:(?:\s+|\Z)"
)
_NAME = re.compile(r"([^\W\d_][\w.'’-]{0,30}(?: [^\W_][\w.'’-]{0,30}){0,2})\s?:(?:\s+|\Z)")
_ADVERT = re.compile(
    r"opensubtitles|addic7ed|subscene|\byts\b|\bwww\.[\w.]{1,60}|subtitles? (?:downloaded|by)\b|"
    r"\b(?:synced|sync|corrected|corrections|transcript|captions?|encoded|ripped|resync) (?:&|and|by)\b",
    re.I,
)
_MOST_OF_AN_ADVERT = 160
_ENDED = re.compile(r"[.?!…:;。？！♪؟।॥]['\"’”»)\]]*\Z")
_GOES_ON = re.compile(r"(?:\.{2,4}|…|--|—|–|-|,|、|，)\Z")
_DOTS_BEFORE = re.compile(r"\s{0,3}(?:\.{2,4}|…|--|—)\s{0,3}")
_MOST_LINES = 200
"""Of a cue that does not end."""
_LONGEST_IN_CUE = 1 << 12
_LONGEST_SPEECH = 1_000
_LONGEST_GAP = 5.0
_LONGEST_GAP_WITHOUT_SIGNS = 1.5
"""Seconds between two cues of one sentence, in texts with and without full stops."""
_ADJOINING = 0.1
_LOOKED_AT = 200
_LOOKED_AT_CHARACTERS = 1 << 19
_LEAST_ENDED = 0.25
_LEAST_REPEATED_NAME = 3


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is shown at one time."""

    lines: tuple[str, ...]
    start: float = 0.0
    end: float = 0.0
    speaker: str = ""
    """Where the format has a place for it."""


_SIGN_OF_LIFE = _Cue(())


def read_subtitles(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """SubRip, WebVTT, SBV and SubViewer: blocks with a line of times."""
    yield from _speeches(_blocks(lines_of(parts), findings), reading, findings)


def read_styled_subtitles(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """SubStation Alpha: a line for each cue, whose fields a line above names."""
    yield from _speeches(_events(lines_of(parts), findings), reading, findings)


def read_frame_subtitles(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """MicroDVD: numbers of frames in braces; a file with lines of times is read as such."""
    lines = lines_of(parts)
    opening = list(itertools.islice(lines, 20))
    has_frames = any(_FRAMES.match(line.strip()) for line in opening)
    every = itertools.chain(opening, lines)
    yield from _speeches((_frames if has_frames else _blocks)(every, findings), reading, findings)


def read_stamped(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """A transcript as it is copied from a page with a film: a line with a time, then what is said from there on."""
    yield from _speeches(_stamped(lines_of(parts), findings), reading, findings)


def read_timed_lyrics(parts: Iterable[str], _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """LRC: lines of a song with the time at which each is sung; the lines stay lines."""

    def sung() -> Iterator[str]:
        for line in lines_of(parts):
            if not line:
                yield ""
            elif _LYRIC_FACT.match(line):
                findings.leave_out("fact about the song", line)
            else:
                text, times = _LYRIC_TIME.subn("", line)
                if times:
                    findings.leave_out("timing", line)
                yield " ".join(text.split()) + "\n"

    yield from together(sung())


def is_subtitles(opening: str) -> bool:
    """True for an opening with lines of times as SubRip, WebVTT and SBV have them."""
    if re.match(r"WEBVTT(?:\s|\Z)", opening):
        return True
    lines = [line for line in opening.split("\n")[:40] if line.strip()]
    times = [at for at, line in enumerate(lines) if _TIMING.match(line) and ("-->" in line or _EXACT.match(line))]
    return bool(times) and times[0] <= 1


def has_times(opening: str) -> bool:
    """True where a line of times stands anywhere in an opening; without one, no subtitles can be read."""
    lines = (line.strip() for line in opening.split("\n"))
    return any(line[:1] in _BEGINNINGS and bool(_TIMING.match(line) or _FRAMES.match(line)) for line in lines)


def is_stamped(opening: str) -> bool:
    """True for an opening in which lines with a time, later and later, stand between those with words."""
    lines = [line for line in opening.split("\n")[:-1] if line.strip()]
    stamps = [(at, _stamp_seconds(found)) for at, line in enumerate(lines) if (found := _STAMP_ALONE.match(line))]
    if len(stamps) < max(_LEAST_STAMPS, len(lines) / _MOST_LINES_A_STAMP) or stamps[0][0] > _LEAST_STAMPS:
        return False
    pairs = list(itertools.pairwise(stamps))
    apart = sum(before < at - 1 for (before, _), (at, _) in pairs)
    onward = sum(before <= time for (_, before), (_, time) in pairs)
    return apart >= 0.9 * len(pairs) and onward >= 0.95 * len(pairs)


def is_styled_subtitles(opening: str) -> bool:
    """True for the opening of a SubStation Alpha file."""
    return opening.lstrip().lower().startswith("[script info]")


def is_frame_subtitles(opening: str) -> bool:
    """True for an opening whose first lines have two numbers of frames."""
    lines = [line for line in opening.split("\n")[:4] if line.strip()]
    return bool(lines) and all(_FRAMES.match(line.strip()) for line in lines[:2])


def is_timed_lyrics(opening: str) -> bool:
    """True for an opening most of whose lines begin with a time in brackets."""
    lines = [line for line in opening.split("\n")[:20] if line.strip()]
    timed = sum(bool(re.match(r"(?:\[\d{1,3}:\d\d(?:[.:]\d{1,3})?\]){1,9}", line)) for line in lines)
    return timed >= 2 and timed + sum(bool(_LYRIC_FACT.match(line)) for line in lines) >= 0.9 * len(lines)


# ---- cues of each format ----------------------------------------------------------------------------------------


def _blocks(lines: Iterable[str], findings: Findings) -> Iterator[_Cue]:
    """A line of times, then what is said; the line before the times is a number or a name of the cue."""
    begun: _Cue | None = None
    said: list[str] = []
    since_gap = 0  # lines since the last empty one
    is_skipped = False
    for line in lines:
        if not line:
            yield _SIGN_OF_LIFE
            continue
        text = line.strip()
        timing = _TIMING.match(text) if text[:1].isdigit() else None
        if timing:
            findings.leave_out("timing", text)
            is_named = bool(said) and (said[-1].isdigit() or since_gap == 1)
            if begun is not None:
                yield replace(begun, lines=tuple(said[:-1] if is_named else said))
            begun, said = _Cue((), _seconds(timing, 1), _seconds(timing, 5)), []
            since_gap, is_skipped = 2, False
        elif not text:
            since_gap, is_skipped = 0, False
        elif since_gap == 0 and (block := _BLOCK.match(text)) and (block[1] or begun is None):
            findings.leave_out("note", text)
            is_skipped, since_gap = True, 1
        elif begun is not None and not is_skipped:
            said.append(text.replace("[br]", "\n"))
            since_gap += 1
            if len(said) >= _MOST_LINES or len(text) >= _LONGEST_IN_CUE:
                yield replace(begun, lines=tuple(said))
                said = []
    if begun is not None:
        yield replace(begun, lines=tuple(said))


def _stamped(lines: Iterable[str], findings: Findings) -> Iterator[_Cue]:
    begun = _Cue(())
    said: list[str] = []
    for line in lines:
        if not line:
            yield _SIGN_OF_LIFE
        elif stamp := _STAMP_ALONE.match(line):
            findings.leave_out("timing", line)
            start = _stamp_seconds(stamp)
            yield replace(begun, lines=tuple(said), end=start)
            begun, said = _Cue((), start, start), []
        elif text := line.strip():
            said.append(text)
            if len(said) >= _MOST_LINES or len(text) >= _LONGEST_IN_CUE:
                yield replace(begun, lines=tuple(said))
                said = []
    yield replace(begun, lines=tuple(said))


def _stamp_seconds(found: re.Match[str]) -> int:
    return int(found[1] or 0) * 3_600 + int(found[2]) * 60 + int(found[3])


def _seconds(found: re.Match[str], first: int) -> float:
    hours, minutes, seconds, rest = (found[at] or "" for at in range(first, first + 4))
    return int(hours or 0) * 3_600 + int(minutes or 0) * 60 + int(seconds or 0) + (float(f"0.{rest}") if rest else 0.0)


def _events(lines: Iterable[str], findings: Findings) -> Iterator[_Cue]:
    fields = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    is_inside = True
    for line in lines:
        if not line:
            yield _SIGN_OF_LIFE
        kind, colon, rest = line.strip().partition(":")
        if kind.startswith("["):
            is_inside = kind.lower().startswith("[events]")
        if not colon or not is_inside:
            continue
        if kind.lower() == "format":
            fields = [name.strip().lower() for name in rest.split(",")][:30]
        elif kind.lower() == "comment":
            findings.leave_out("note", rest)
        elif kind.lower() == "dialogue":
            facts = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
            text = facts.get("text", "")
            findings.leave_out("timing", line[:60])
            if _DRAWING.search(text):
                findings.leave_out("drawing", text)
                continue
            said = re.sub(r"\\[Nn]", "\n", text).replace(r"\h", " ")
            times = (_ass_seconds(facts.get("start", "")), _ass_seconds(facts.get("end", "")))
            yield _Cue(tuple(said.split("\n")[:_MOST_LINES]), *times, facts.get("name", "").strip())


def _ass_seconds(written: str) -> float:
    found = re.match(rf"\s*{_CLOCK}", written)
    return _seconds(found, 1) if found else 0.0


def _frames(lines: Iterable[str], findings: Findings) -> Iterator[_Cue]:
    for line in lines:
        found = _FRAMES.match(line.strip())
        if not found:
            yield _SIGN_OF_LIFE
            continue
        findings.leave_out("timing", line)
        if found[1] in {"0", "1"} and re.fullmatch(r"[\d.]{1,9}", found[3]):  # how many frames a second has
            continue
        start = int(found[1]) / _FRAMES_A_SECOND
        said = tuple(text.removeprefix("/") for text in found[3].split("|")[:_MOST_LINES])
        yield _Cue(said, start, int(found[2]) / _FRAMES_A_SECOND if found[2] else start)


# ---- what is said -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """One speech, or a part of one."""

    text: str
    speaker: str
    start: float
    end: float
    is_apart: bool
    """True when another person begins to speak."""


def _speeches(cues: Iterator[_Cue], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """Cues -> speeches, one a line."""
    opening: list[_Cue] = []
    length = 0
    while len(opening) < _LOOKED_AT and length < _LOOKED_AT_CHARACTERS and (cue := next(cues, None)) is not None:
        if cue.lines:
            opening.append(cue)
            length += sum(map(len, cue.lines))
        else:
            yield ""
    names = Counter(found[1] for cue in opening for line in cue.lines if (found := _NAME.match(_plain(line))))
    speakers = frozenset(name for name, times in names.items() if times >= _LEAST_REPEATED_NAME)
    ended = sum(bool(_ENDED.search(_plain(cue.lines[-1]))) for cue in opening)
    has_signs = ended >= _LEAST_ENDED * len(opening)
    voices = Voices(reading, findings)
    yield from together(
        _joined(_fresh(itertools.chain(opening, cues), findings), speakers, has_signs, voices, findings)
    )
    findings.remarks += speech_remarks(reading, findings)


def _fresh(cues: Iterable[_Cue], findings: Findings) -> Iterator[_Cue]:
    """Without the lines that the cue before shows too: what rolls up, and what is drawn twice for its shadow."""
    shown: tuple[str, ...] = ()
    end = -1.0
    for cue in cues:
        if not cue.lines:
            yield cue
            continue
        lines = tuple(line for line in map(_plain, cue.lines) if line)
        fresh, marked = lines, tuple(line for line in cue.lines if _plain(line))
        if cue.start <= end + _ADJOINING:
            most = min(len(shown), len(lines))
            same = next((size for size in range(most, 0, -1) if shown[-size:] == lines[:size]), 0)
            fresh, marked = lines[same:], marked[same:]
            for line in lines[:same]:
                findings.leave_out("repeated line", line)
        if lines:
            shown, end = lines, max(cue.end, cue.start)
        yield replace(cue, lines=marked) if fresh else _SIGN_OF_LIFE


def _plain(line: str) -> str:
    """A line without markup."""
    text = _MARKUP.sub("", _LINE_BREAK.sub(" ", line)) if "<" in line or "{" in line else line
    return " ".join((html.unescape(text) if "&" in text else text).split())


def _parts_of(cue: _Cue, speakers: frozenset[str], findings: Findings) -> Iterator[_Said]:
    """The speeches of one cue: two people in one have a dash each."""
    if len(" ".join(cue.lines)) <= _MOST_OF_AN_ADVERT and _ADVERT.search(" ".join(cue.lines)):
        findings.leave_out("advertisement", " ".join(map(_plain, cue.lines)))
        return
    has_dashes = any(_DASH.match(_plain(line)) for line in cue.lines)
    said: list[tuple[str, str, bool]] = []
    whole = _without_sounds("\n".join(f"{_voice(line)}{_plain(line)}" for line in cue.lines), findings)
    for line in whole.split("\n"):
        speaker, _, text = line.rpartition("\0")
        is_apart = False
        if has_dashes and (dash := _DASH.match(text)):
            text, is_apart = text[dash.end() :], True
        named = _LOUD_NAME.match(text) or _NAME.match(text)
        if named and (named.re is _LOUD_NAME or named[1] in speakers):
            speaker, text, is_apart = named[1], text[named.end() :], True
        is_apart = is_apart or bool(speaker)
        text = text.strip() if any(map(str.isalnum, text)) else ""
        if not text and not speaker:
            continue
        if said and not is_apart:
            before = said[-1]
            said[-1] = (_glued(before[0], text), before[1], before[2])
        else:
            said.append((text, speaker or cue.speaker, is_apart or bool(cue.speaker)))
    yield from (_Said(text, who, cue.start, cue.end, is_apart) for text, who, is_apart in said)


def _voice(line: str) -> str:
    """The speaker whom WebVTT names in a tag, with a sign that text never has."""
    found = _VOICE.search(line)
    return f"{found[1].strip()}\0" if found else "\0"


def _without_sounds(text: str, findings: Findings) -> str:
    """Without what is heard but not said; words that are sung stay, without their notes."""

    def leave_out(found: re.Match[str]) -> str:
        findings.leave_out("sound", found[0].replace("\0", ""))
        return ""

    def leave_out_loud(found: re.Match[str]) -> str:
        inside = found[0][1:-1].replace("\0", "")
        line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0].replace("\0", "")
        is_alone = _DASH.sub("", line).strip() == found[0].replace("\0", "")
        return leave_out(found) if is_alone or "\n" in found[0] or inside == inside.upper() else found[0]

    if "[" in text or "【" in text or "*" in text:
        text = _SOUND.sub(leave_out, text)
    if "(" in text or "（" in text:
        text = _SOUND_IN_BRACKETS.sub(leave_out_loud, text)
    if _NOTES_OF_MUSIC.search(text):
        text, _ = _NOTES_OF_MUSIC.subn("", text)
        findings.treated["notes of music"] += 1
    return text


def _glued(before: str, after: str) -> str:
    if not before or not after:
        return before or after
    is_unspaced = UNSPACED.match(before[-1]) and UNSPACED.match(after[0])
    return f"{before}{after}" if is_unspaced else f"{before} {after}"


def _joined(
    cues: Iterable[_Cue], speakers: frozenset[str], has_signs: bool, voices: Voices, findings: Findings
) -> Iterator[str]:
    """Speeches as lines: a sentence that goes on in the next cue is put together."""
    begun: _Said | None = None
    for cue in cues:
        if not cue.lines:
            yield ""
            continue
        for said in _parts_of(cue, speakers, findings):
            if begun is None:
                begun = said
                continue
            if _goes_on(begun, said, has_signs):
                begun = _put_together(begun, said)
                continue
            if begun.text and voices.keep(begun.speaker, begun.text):
                yield f"{begun.text}\n"
            begun = said
    if begun is not None and begun.text and voices.keep(begun.speaker, begun.text):
        yield f"{begun.text}\n"


def _goes_on(begun: _Said, said: _Said, has_signs: bool) -> bool:
    """Whether a speech is the rest of the one before it."""
    same_speaker = not said.is_apart or (bool(said.speaker) and said.speaker == begun.speaker)
    if not begun.text:  # a name on a line of its own
        return not said.is_apart
    if not same_speaker or not said.text or len(begun.text) + len(said.text) > _LONGEST_SPEECH:
        return False
    gap = said.start - begun.end
    if gap > (_LONGEST_GAP if has_signs else _LONGEST_GAP_WITHOUT_SIGNS):
        return False
    first = next((sign for sign in said.text if sign.isalnum()), "")
    if _GOES_ON.search(begun.text) and (first.islower() or _DOTS_BEFORE.match(said.text)):
        return True
    if _ENDED.search(begun.text):
        return False
    return has_signs or first.islower()


def _put_together(begun: _Said, said: _Said) -> _Said:
    before, after = begun.text, said.text
    dots = _DOTS_BEFORE.match(after)
    if dots and (_GOES_ON.search(before) or dots[0].strip()[0] in ".…"):
        before, after = _GOES_ON.sub("", before).rstrip(), after[dots.end() :]
    return replace(begun, text=_glued(before, after), end=said.end)
