"""Markdown, reStructuredText and Org -> what a reader sees of the page: words without markup.

Headings, items of lists and lines of code stay lines; links and emphasis stay as their words. What a page does not
show, or only as a mark or a picture, is left out and counted. Knows decoded text in parts; holds one block of lines.

Sources: CommonMark 0.31 with GitHub's tables and notes; Obsidian's links; docutils; Org 9.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.marked.soft_breaks import Paragraphs, join_soft
from rnntui.lm.text.streams import lines_of, together
from rnntui.records import ReadOptions

_LONGEST_BLOCK = 1 << 14
"""Characters of lines without an empty one between that are looked at together."""
_SCENE_BREAK = "* * *"
_LONGEST_FRONT = 200
"""Lines of facts at the beginning of a file; more are no such facts."""

_FENCE = re.compile(r"\s{0,9}(?:[-*+>]\s{1,4})?(`{3,}|~{3,})([^`]*)\Z")
_HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s+(.*?))?(?:\s+#+)?\s*\Z")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-{2,})\s*\Z")
_RULE = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})\Z")
_ITEM = re.compile(r"(\s*)([-*+•]|\d{1,9}[.)])(\s+)(?:\[[ xX]\]\s+)?(?=\S)")
_HARD_BREAK = re.compile(r"(?: {2,}|\\|<br\s*/?>\s*)\Z")
_STARTS_LINE = re.compile(r"\s*(?:<|(?:\*\*|__)[^*_\n]{1,40}(?::(?:\*\*|__)|(?:\*\*|__):))")
"""Tags, and the name of a speaker in bold letters."""
_QUOTE = re.compile(r"\s{0,3}(?:>\s?)+")
_CALLOUT = re.compile(r"\[![\w-]{1,30}\][+-]?\s*")
_DEFINITION = re.compile(
    r"\s{0,3}\[(?:(\^[^\]\s]{1,60})\]:(?:\s|\Z)|[^\]\n]{1,200}\]:\s*<?[^\s<>]{1,2000}>?(?:\s+[\"'(].*)?\s*\Z)"
)
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*\Z")
_ROW = re.compile(r"\s*\|.*\|\s*\Z")
_IMAGE = re.compile(
    r" ?!\[([^\[\]\n]{0,500})\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])| ?!\[\[[^\[\]\n]{1,500}\]\]"
)
_EMPTY_LINK = re.compile(r" ?\[\s{0,3}\]\([^()\n]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]]{1,1000})\](?:\((?:[^()\n]|\([^()\n]{0,200}\)){0,500}\)|\[[^\[\]\n]{0,200}\])")
_PAGE_LINK = re.compile(r"\[\[(?:[^\[\]|\n]{1,300}\|)?([^\[\]|\n]{1,300})\]\]")
_NOTE = re.compile(r"\[\^[^\]\s]{1,60}\]")
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]{1,2000}|[^<>\s@]{1,100}@[^<>\s@]{1,100})>")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,30}(?:\s[^<>]{0,1000})?/?>")
_CODE = re.compile(r"(`{1,3})(?!`)(.{1,500}?)(?<!`)\1(?!`)", re.S)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = (
    re.compile(r"\*{3}(?=\S)([^*]{1,2000}?)(?<=\S)\*{3}"),
    re.compile(r"\*\*(?=\S)((?:[^*]|\*(?!\*)){1,4000}?)(?<=\S)\*\*"),
    re.compile(r"\*(?=\S)([^*]{1,4000}?)(?<=\S)\*"),
    re.compile(r"(?<!\w)__(?=\S)((?:[^_]|_(?!_)){1,4000}?)(?<=\S)__(?!\w)"),
    re.compile(r"(?<!\w)_(?=\S)([^_]{1,4000}?)(?<=\S)_(?!\w)"),
    re.compile(r"~~(?=\S)([^~]{1,4000}?)(?<=\S)~~"),
    re.compile(r"==(?=\S)([^=]{1,4000}?)(?<=\S)=="),
)
_KEPT = "\ue000{}\ue001"
_KEPT_AGAIN = re.compile("\ue000(\\d{1,9})\ue001")


def read_markdown(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """Markdown as its page shows it."""
    lines = _without_comments(_without_front(lines_of(parts), findings), findings)
    yield from together(_with_single_gaps(_blocks(lines, findings, is_joined=reading.join_lines is not False)))


def _with_single_gaps(texts: Iterable[str]) -> Iterator[str]:
    """Without a second empty line after another, and without any at the beginning of a part that only has those."""
    newlines = 2
    for text in texts:
        shown = text
        if not text.strip("\n"):
            shown = text[: max(0, 2 - newlines)]
        newlines = newlines + len(shown) if not shown.strip("\n") else len(shown) - len(shown.rstrip("\n"))
        yield shown


def _without_front(lines: Iterable[str], findings: Findings) -> Iterator[str]:
    """Without the facts between two lines of three signs at the very beginning."""
    source = iter(lines)
    first = next((line for line in source if line), "")
    mark = first.strip()
    if mark not in {"---", "+++"}:
        yield first
        yield from source
        return
    facts: list[str] = []
    for line in source:
        if not line:
            yield ""
            continue
        if line.strip() in {mark, "..."}:
            findings.leave_out("front matter", " ".join(map(str.strip, facts)))
            break
        facts.append(line)
        if len(facts) > _LONGEST_FRONT or not line.strip():
            yield first
            yield from facts
            break
    else:
        yield first
        yield from facts
    yield from source


def _without_comments(lines: Iterable[str], findings: Findings) -> Iterator[str]:
    """Without what stands between "<!--" and "-->", but inside code."""
    is_comment = is_code = False
    kept = ""
    for line in lines:
        if not is_comment and _FENCE.match(line.rstrip("\n")):
            is_code = not is_code
        if is_code or ("<!--" not in line and not is_comment):
            yield line
            continue
        shown, at = "", 0
        while at < len(line):
            end = line.find("-->" if is_comment else "<!--", at)
            until = end if end >= 0 else len(line)
            if is_comment:
                kept = (kept + line[at:until])[:_LONGEST_FRONT]
            else:
                shown += line[at:until]
            if end < 0:
                break
            at = end + (3 if is_comment else 4)
            is_comment = not is_comment
            if not is_comment:
                findings.leave_out("comment", kept)
                kept = ""
        yield shown if shown.strip() or not line.strip() else ""


def _blocks(lines: Iterable[str], findings: Findings, *, is_joined: bool) -> Iterator[str]:
    """Lines up to an empty one, without their marks; code as it stands."""
    fence, length = "", 0
    block: list[str] = []
    for line in lines:
        if not line:
            yield ""
            continue
        text = line.rstrip("\n")
        found = _FENCE.match(text)
        is_border = bool(found) and (
            not fence or (found is not None and found[1].startswith(fence) and not found[2].strip())
        )
        if is_border or fence or not text.strip():
            yield _shown(block, findings, is_joined=is_joined)
            block, length = [], 0
            if found is not None and is_border:
                fence = "" if fence else found[1]
            else:
                yield line
            continue
        block.append(line)
        length += len(line)
        if length >= _LONGEST_BLOCK:
            yield _shown(block, findings, is_joined=is_joined)
            block, length = [], 0
    yield _shown(block, findings, is_joined=is_joined)


def _shown(block: list[str], findings: Findings, *, is_joined: bool) -> str:
    """A block of lines as a page shows it, a paragraph in one line if that is wished."""
    if not block:
        return ""
    if all(line.startswith(("    ", "\t")) and not _ITEM.match(line) for line in block):
        return "".join(block)  # code
    lines: list[str] = []
    sources: list[str] = []
    rests: list[bool] = []
    is_note = is_open = False
    for line in block:
        is_rest, is_open = is_open and is_joined and _depth(line) == _depth(sources[-1]), False
        text = _QUOTE.sub("", line.rstrip("\n"), count=1) if line.lstrip().startswith(">") else line.rstrip("\n")
        text = _CALLOUT.sub("", text) if "[!" in text else text
        is_note = is_note and text.startswith((" ", "\t"))
        if definition := _DEFINITION.match(text):
            is_note = bool(definition[1])
            findings.leave_out("footnote" if is_note else "link address", text)
        elif is_note or (_TABLE_RULE.match(text) and "|" in text):
            continue
        elif _UNDERLINE.match(text) and lines and lines[-1].strip() and not _ITEM.match(lines[-1]):
            lines.append("")
        elif _RULE.match(text):
            lines += ["", _SCENE_BREAK, ""]
        elif heading := _HEADING.match(text):
            lines += ["", heading[1] or "", ""]
        elif _ROW.match(text):
            lines.append("\t".join(cell.strip() for cell in text.strip().strip("|").split("|")))
        else:
            item = _ITEM.match(text)
            bullet = (item[2] if item[2][0].isdigit() else "-") if item else ""
            hard = text.rstrip().removesuffix("\\")
            lines.append(f"{item[1]}{bullet} {hard[item.end() :]}" if item else hard)
            rests += [False] * (len(lines) - len(rests) - 1) + [is_rest and not item and not _STARTS_LINE.match(text)]
            sources += [""] * (len(lines) - len(sources) - 1) + [line.rstrip()]
            is_open = bool(text.strip()) and not _HARD_BREAK.search(text)
    rests += [False] * (len(lines) - len(rests))
    sources += [""] * (len(lines) - len(sources))
    text = _without_marks("\n".join(join_soft(sources, lines, rests, findings)), findings)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n" + ("\n" if lines and not lines[-1] else "")


def _depth(line: str) -> int:
    """How often a line is quoted."""
    quote = _QUOTE.match(line)
    return quote[0].count(">") if quote else 0


def _without_marks(text: str, findings: Findings) -> str:
    """Words of a few lines without the marks inside them."""
    kept: list[str] = []

    def keep(words: str) -> str:
        kept.append(words)
        return _KEPT.format(len(kept) - 1)

    def leave_out(kind: str) -> Callable[[re.Match[str]], str]:
        def left_out(found: re.Match[str]) -> str:
            findings.leave_out(kind, found[0])
            return ""

        return left_out

    if "`" in text:
        text = _CODE.sub(lambda found: keep(found[2].strip() or found[2]), text)
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: keep(found[1]), text)
    if "[" in text:
        text = _EMPTY_LINK.sub("", _IMAGE.sub(leave_out("image"), text))
        text = _NOTE.sub(leave_out("mark of a note"), text)
        text = _PAGE_LINK.sub(r"\1", _LINK.sub(r"\1", text))
    if "<" in text:
        text = _TAG.sub("", _AUTOLINK.sub(lambda found: keep(found[1]), text))
    for marks in _EMPHASIS:
        text = marks.sub(r"\1", text)
    text = html.unescape(text) if "&" in text else text
    return _KEPT_AGAIN.sub(lambda found: kept[int(found[1])] if int(found[1]) < len(kept) else "", text)


# ---- reStructuredText -------------------------------------------------------------------------------------------

_RST_UNDERLINE = re.compile(r"([=\-`:.'\"~^_*+#])\1{2,}\s*\Z")
_RST_DIRECTIVE = re.compile(r"(\s*)\.\.(?:\s|\Z)")
_RST_SHOWN = re.compile(
    r"(\s*)\.\.\s+(?:note|warning|tip|hint|important|caution|epigraph|pull-quote|parsed-literal)::\s*(.*)\Z"
)
_RST_ITEM = re.compile(r"\s*(?:[-*+\u2022]|\(?(?:\d{1,9}|#|[a-zA-Z])[.)])\s+\S")
_RST_LINE = re.compile(r"\s*(?:\|\s|\||\+[-=+]+|>>> |\.\.\. |[=-]+ +[=-])")
"""A line of its own: of verse, of a table, of a session with Python."""
_RST_FIELD = re.compile(r"\s*:[\w -]{1,40}:(?:\s|\Z)")
_RST_MARKS = (
    (re.compile(r":[\w:+.-]{1,40}:`([^`<]{1,500}?)(?:\s*<[^`>]{0,500}>)?`"), r"\1"),
    (re.compile(r"`([^`<]{1,1000}?)\s*<[^`>]{1,1000}>`__?"), r"\1"),
    (re.compile(r"``(.{1,1000}?)``", re.S), r"\1"),
    (re.compile(r"`([^`]{1,1000})`_{0,2}"), r"\1"),
    (re.compile(r"\*\*(?=\S)([^*]{1,2000}?)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"\*(?=\S)([^*]{1,2000}?)(?<=\S)\*"), r"\1"),
    (re.compile(r"\|(?=\S)([^|\n]{1,200})(?<=\S)\|_?"), r"\1"),
    (re.compile(r"(?<=\w)__?(?=[\s.,;:!?)]|\Z)"), ""),
    (re.compile(r"\s?\[(?:#\w{0,30}|\d{1,4}|\*)\]_"), ""),
    (re.compile(r"::(?=\n|\Z)"), ":"),
)


def read_structured_text(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """reStructuredText, as a page of it shows its words, each paragraph in one line."""
    paragraphs = Paragraphs(findings, is_joined=reading.join_lines is not False)

    def shown() -> Iterator[str]:
        inside = -1  # how far a comment or directive that is left out is indented
        literal = -1  # how far what ended with two colons is indented, while code follows
        announces, depth_before = False, 0
        for line in lines_of(parts):
            text = line.rstrip()
            if not line:
                yield ""
                continue
            depth = len(text) - len(text.lstrip())
            if inside >= 0 and (not text or depth > inside):
                continue
            inside = -1
            if not text:
                yield f"{paragraphs.finish()}\n"
                literal, announces = depth_before if announces else literal, False
                continue
            literal = literal if depth > literal else -1
            depth_before, announces = depth, text.endswith("::")
            if note := _RST_SHOWN.match(text):
                announces = False
                yield paragraphs.finish() + (f"{note[2]}\n" if note[2] else "\n")
            elif directive := _RST_DIRECTIVE.match(text):
                inside, announces = len(directive[1]), False
                findings.leave_out("directive or comment", text)
                yield f"{paragraphs.finish()}\n"
            elif _RST_FIELD.match(text):
                findings.leave_out("field", text)
                yield paragraphs.finish()
            elif _RST_UNDERLINE.match(text):
                yield paragraphs.finish()
            else:
                is_kept = literal >= 0 or bool(_RST_LINE.match(text))
                yield paragraphs.add(
                    text, _substituted(text, _RST_MARKS), is_item=bool(_RST_ITEM.match(text)), is_kept=is_kept
                )
        yield paragraphs.finish()

    yield from together(_with_single_gaps(shown()))


# ---- Org --------------------------------------------------------------------------------------------------------

_ORG_HEADING = re.compile(
    r"\*+\s+(?:(?:TODO|DONE|NEXT|WAIT(?:ING)?|CANCELLED)\s+)?(?:\[#[A-Z]\]\s+)?(.*?)(?:\s+:[\w@:]+:)?\s*\Z"
)
_ORG_LEFT_OUT = re.compile(r"\s*(?:#\+[\w-]+|#(?:\s|\Z)|:[\w-]+:(?:\s|\Z)|(?:SCHEDULED|DEADLINE|CLOSED):\s)", re.I)
_ORG_KEPT = re.compile(r"#\+begin_(?:src|example|verse|export)\b")
_ORG_SIGNS = (r"\*", "/", "_", "=", "~", r"\+")
_ORG_MARKS = (
    (re.compile(r"\[\[[^\[\]\n]{1,1000}\]\[([^\[\]\n]{1,1000})\]\]"), r"\1"),
    (re.compile(r"\[\[([^\[\]\n]{1,1000})\]\]"), r"\1"),
    (re.compile(r"\[fn:[^\]\n]{0,200}\]"), ""),
    *(
        (re.compile(rf"(?<!\w){mark}(?=\S)([^{mark}\n]{{1,1000}}?)(?<=\S){mark}(?!\w)"), r"\1")
        for mark in (r"\*", "/", "_", "=", "~", r"\+")
    ),
    (re.compile(r"^(\s*)[+*](?=\s)", re.M), r"\1-"),
    (re.compile(r"^(\s*-\s)\[[ X-]\]\s", re.M), r"\1"),
)


def read_org(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """Org, as a page of it shows its words, each paragraph in one line."""
    paragraphs = Paragraphs(findings, is_joined=reading.join_lines is not False)

    def shown() -> Iterator[str]:
        is_drawer = is_block = False
        for line in lines_of(parts):
            text = line.rstrip()
            if not line:
                yield ""
            elif is_drawer or _ORG_LEFT_OUT.match(text):
                word = text.strip().lower()
                is_drawer = (is_drawer or word in {":properties:", ":logbook:"}) and word != ":end:"
                is_block = bool(_ORG_KEPT.match(word)) or (is_block and not word.startswith("#+end"))
                findings.leave_out("line of keywords or comments", text)
                yield paragraphs.finish()
            elif heading := _ORG_HEADING.match(text):
                yield f"{paragraphs.finish()}\n{_substituted(heading[1], _ORG_MARKS)}\n\n"
            elif not text:
                yield f"{paragraphs.finish()}\n"
            else:
                is_kept = is_block or text.lstrip()[0] in "|:" or text.endswith("\\\\")
                words = _substituted(text.removesuffix("\\\\").rstrip(), _ORG_MARKS)
                yield paragraphs.add(text, words, is_item=bool(_ITEM.match(text)), is_kept=is_kept)
        yield paragraphs.finish()

    yield from together(_with_single_gaps(shown()))


def _substituted(text: str, marks: Iterable[tuple[re.Pattern[str], str]]) -> str:
    for pattern, words in marks:
        text = pattern.sub(words, text)
    return text
