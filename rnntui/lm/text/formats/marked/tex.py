"""TeX and LaTeX -> prose: the words of a paper or a book without commands, formulas, preamble and comments.

One pass over the marks, without expanding anything: of a command that is not known the name is left out and what stands
in its braces stays. Knows decoded text in parts.

Source: Lamport, LaTeX: A Document Preparation System, 1994; accents as in Knuth, The TeXbook, chapter 9.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.markup import squeeze_blanks
from rnntui.lm.text.streams import together
from rnntui.records import ReadOptions

_TOKEN = re.compile(
    r"%[^\n]*(?:\n[ \t]*(?=\S))?|\\([A-Za-z@]+\*?)[ \t]*|\\(.|\n)|(\$\$?)|([{}\[\]])|(---?|``|''|~|&)|(\n[ \t]*\n\s*)"
    r"|(\n)|([^%\\${}\[\]\-`'~&\n]+|.)",
    re.S,
)
_LONGEST_TOKEN = 200
_DEEPEST = 2_000
_LONGEST_KEPT = 300
_BEGUN = re.compile(r"\\document(?:class|style)\b")
_LOOKED_AT = 1 << 14
_ACCENTS = {
    **{"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307"},
    **{
        "u": "\u0306",
        "v": "\u030c",
        "H": "\u030b",
        "c": "\u0327",
        "k": "\u0328",
        "r": "\u030a",
        "d": "\u0323",
        "b": "\u0331",
    },
}
_LETTERS = {
    **{"ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å"},
    **{"AA": "Å", "i": "i", "j": "j", "dh": "ð", "th": "þ", "dots": "…", "ldots": "…", "textellipsis": "…"},
    **{"textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“"},
    **{"textquotedblright": "”", "glqq": "„", "grqq": "“", "flqq": "«", "frqq": "»", "guillemotleft": "«"},
    **{"guillemotright": "»", "textbackslash": "\\", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€"},
    **{"quad": " ", "qquad": " ", "newline": "\n", "par": "\n\n", "linebreak": "\n", "item": "\n- ", "TeX": "TeX"},
    **{
        "LaTeX": "LaTeX",
        "today": "",
        "textdegree": "°",
        "og": "«",
        "fg": "»",
        "linebreak*": "\n",
        "textasciitilde": "~",
    },
}
_ESCAPED = {"\\": "\n", " ": " ", "\n": " ", ",": " ", ";": " ", ":": " ", "/": "", "-": "", "@": "", "!": ""}
_PARTS = frozenset(("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph", "title"))
_WITHOUT_ARGUMENTS = frozenset(
    {
        *("label", "ref", "eqref", "pageref", "autoref", "cref", "Cref", "cite", "citep", "citet"),
        *("citeauthor", "nocite", "parencite", "textcite", "autocite", "usepackage", "RequirePackage"),
        *("input", "include", "includegraphics", "bibliography", "bibliographystyle", "addbibresource"),
        *("vspace", "hspace", "setlength", "addtolength", "newcommand", "renewcommand", "providecommand"),
        *("newenvironment", "renewenvironment", "newtheorem", "def", "renewenvironment", "pagestyle"),
        *("thispagestyle", "setcounter", "addtocounter", "stepcounter", "documentclass", "documentstyle"),
        *("hypersetup", "graphicspath", "geometry", "url", "index", "glossary", "pagenumbering", "fontsize"),
        *("color", "definecolor", "textcolor", "selectlanguage", "foreignlanguage", "rule", "phantom"),
        *("hyphenation", "date", "addcontentsline", "markboth", "markright", "DeclareMathOperator"),
        *("PassOptionsToPackage", "vskip", "hskip", "titleformat", "titlespacing", "setmainfont"),
        *("theoremstyle", "captionsetup", "lstset", "tikzset", "put"),
    }
)
"""Commands whose braces and brackets hold no words."""
_DEFINITIONS = frozenset({"newcommand", "renewcommand", "providecommand", "newenvironment", "renewenvironment", "def"})
_ONLY_FIRST = frozenset({"textcolor", "foreignlanguage", "color", "selectlanguage", "pagestyle", "thispagestyle"})
"""Of these only the first argument is none of the words."""
_NOTES = {
    "footnote": "footnote",
    "footnotetext": "footnote",
    "thanks": "footnote",
    "marginpar": "margin note",
    "todo": "note",
}
_ENVIRONMENTS = {
    **dict.fromkeys(
        ("equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat"), "formula"
    ),
    **dict.fromkeys(("tikzpicture", "picture", "pspicture", "asy"), "picture"),
    **dict.fromkeys(("lstlisting", "verbatim", "minted", "Verbatim", "algorithmic"), "listing"),
    **{"thebibliography": "bibliography", "comment": "comment", "filecontents": "comment"},
}
_WITH_ARGUMENTS = ("tabular", "minipage", "array", "figure", "table", "longtable", "wrapfigure", "multicols")
_CLOSING = frozenset(".,;:!?)")
_SIMPLE_FORMULA = re.compile(r"[\w.,%+ -]{1,16}")
_MARKS = {"---": "—", "--": "–", "-": "-", "``": "“", "''": "”", "~": " ", "&": "\t"}


def read_tex(parts: Iterable[str], _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The prose of a document in LaTeX, plain TeX, or a piece of one."""
    yield from squeeze_blanks(together(_Prose(findings).texts(parts)))


def is_tex(opening: str) -> bool:
    """True for the opening of a LaTeX document."""
    lines = [line.strip() for line in opening.split("\n")[:200]]
    shown = [line for line in lines if line and not line.startswith("%")]
    return bool(shown) and _BEGUN.match(shown[0]) is not None


@dataclass(slots=True)
class _Group:
    """What holds up to the brace that ends it."""

    kind: str = ""
    """What is left out, by its name; "-" for what is not even counted; empty for words."""
    after: str = ""
    """What follows its end."""
    closing: str = "}"


@dataclass(slots=True)
class _Prose:
    """Goes through the marks and gives the words."""

    findings: Findings
    _groups: list[_Group] = field(default_factory=list)
    _silent: int = 0
    """Groups and environments around this place that are left out."""
    _kept: str = ""
    _math: str = ""
    _formula: str = ""
    _environment: str = ""
    """The one that is left out and not yet ended."""
    _environment_name: str = ""
    _is_naming: str = ""
    """"begin" or "end": the next group names an environment."""
    _name: str = ""
    _accent: str = ""
    _arguments: int = 0
    """How many groups, one after another, still hold no words."""
    _is_definition: bool = False
    """True when spaces may stand between those groups."""
    _next: _Group | None = None
    """What the next group is."""
    _gap: str = ""
    """A space that is given on with what follows."""
    _is_behind_tab: bool = False
    _is_behind_command: bool = False
    """True directly behind a command: brackets that follow are its options."""
    _is_behind_item: bool = False
    _is_before: bool = False
    """True before the beginning of the document."""
    _is_over: bool = False

    def texts(self, parts: Iterable[str]) -> Iterator[str]:
        """Words, spaces and line ends."""
        rest, is_begun, opening = "", False, ""
        for part in parts:
            if not is_begun:
                opening += part
                if len(opening) < _LOOKED_AT:
                    yield ""
                    continue
                part, is_begun = opening, True
                self._is_before = _BEGUN.search(opening) is not None
            text = rest + part
            cut = self._safe(text)
            rest = text[cut:]
            yield from self._pieces(text[:cut])
            yield ""
        if not is_begun:
            rest = opening
            self._is_before = _BEGUN.search(opening) is not None
        yield from self._pieces(rest)
        self._end_formula(is_whole=False)

    def _safe(self, text: str) -> int:
        """Where a text can be cut: not inside a command, a comment, or marks that belong together."""
        at = max(0, len(text) - _LONGEST_TOKEN)
        places = [text.rfind(sign, at) for sign in "\\%\n"]
        begun = max(places)
        if begun > at:
            before = begun
            while before > at and text[before - 1] in "\\%":
                before -= 1
            return before
        return len(text) - 3 if len(text) > _LONGEST_TOKEN else 0

    def _pieces(self, text: str) -> Iterator[str]:
        for token in _TOKEN.finditer(text):
            piece = self._piece(token)
            if piece and not self._is_over:
                yield self._tidied(piece)

    def _tidied(self, piece: str) -> str:
        """A space goes where what stood behind it was left out, and a comma or a full stop follows."""
        text = piece.lstrip(" ")
        is_joined = text[:1] in _CLOSING or text[:1] == "\t" or self._is_behind_tab
        piece = text if is_joined else self._gap + piece
        kept = piece.rstrip(" ")
        self._gap = piece[len(kept) :][:1]
        self._is_behind_tab = kept.endswith("\t") or (self._is_behind_tab and not kept)
        return kept

    def _piece(self, token: re.Match[str]) -> str:
        command, escaped, dollars, brace, mark, gap, end, words = token.groups()
        if not brace:
            self._is_behind_command = self._is_behind_item = False
        if token[0][0] == "%":
            if not self._silent and not self._is_before:
                self.findings.leave_out("comment", token[0])
            return ""
        if self._is_naming:
            return self._of_name(brace, words or mark or "")
        if dollars:
            return self._of_dollars(dollars)
        if command is not None:
            return self._of_command(command)
        if escaped is not None:
            return self._of_escaped(escaped)
        if brace:
            return self._of_brace(brace)
        if (self._next or self._arguments) and not self._is_option() and (gap or (words or mark or "").strip()):
            self._next, self._arguments = None, 0
        elif self._arguments and not self._is_definition and not self._is_option():
            self._arguments = 0
        text = "\n\n" if gap else " " if end else _MARKS.get(mark, mark) if mark else words
        return self._shown(self._accented(text) if self._accent else text)

    def _is_option(self) -> bool:
        """True inside of brackets that hold no words."""
        return bool(self._groups) and self._groups[-1].closing == "]"

    def _shown(self, text: str) -> str:
        if self._is_before or self._is_over:
            return ""
        if self._math:
            if len(self._formula) < _LONGEST_KEPT:
                self._formula += text
            return ""
        if self._silent or self._environment:
            if len(self._kept) < _LONGEST_KEPT:
                self._kept += text
            return ""
        return text

    def _accented(self, text: str) -> str:
        if text.isspace():
            return text if text != " " else ""
        accent, self._accent = self._accent, ""
        letter = "i" if text[0] == "ı" else text[0]
        return unicodedata.normalize("NFC", letter + accent) + text[1:]

    def _of_command(self, command: str) -> str:
        name = command.rstrip("*")
        if command in {"begin", "end"}:
            self._is_naming, self._name = command, ""
            return ""
        if self._environment in {"listing", "comment"}:
            return ""
        if name in _ACCENTS and len(name) == 1 and not self._math:
            self._accent = _ACCENTS[name]
            return ""
        if name in _LETTERS:
            letter = _LETTERS[name]
            self._is_behind_item = name == "item"
            if self._accent:
                letter = self._accented(letter)
            return self._shown(letter)
        if name in _NOTES:
            self._next = _Group(_NOTES[name])
        elif name in _PARTS:
            self._next = _Group("", "\n\n")
            return self._shown("\n\n")
        elif name == "href":
            self._arguments = 1
        elif name in _WITHOUT_ARGUMENTS:
            self._arguments = 1 if name in _ONLY_FIRST else 9
            self._is_definition = name in _DEFINITIONS
        else:
            self._is_behind_command = True
        return ""

    def _of_escaped(self, sign: str) -> str:
        if self._environment in {"listing", "comment"}:
            return ""
        if sign in "([" and not self._math:
            self._math, self._formula = sign, ""
            return ""
        if sign in ")]" and self._math in {"(", "["}:
            return self._end_formula()
        if sign in _ACCENTS and not self._math:
            self._accent = _ACCENTS[sign]
            return ""
        return self._shown(_ESCAPED.get(sign, sign))

    def _of_dollars(self, dollars: str) -> str:
        if self._environment:
            return ""
        if self._math:
            return self._end_formula()
        self._math, self._formula = dollars, ""
        return ""

    def _end_formula(self, *, is_whole: bool = True) -> str:
        """A number or a letter between dollars is a word of the sentence; all else is left out."""
        if not self._math:
            return ""
        kind, self._math = self._math, ""
        if is_whole and kind in {"$", "("} and _SIMPLE_FORMULA.fullmatch(self._formula):
            return self._shown(self._formula)
        if not self._is_before:
            self.findings.leave_out("formula", self._formula)
        return ""

    def _of_brace(self, brace: str) -> str:
        if self._environment in {"listing", "comment"}:
            return ""
        if brace == "{":
            return self._begin_group()
        if brace == "}":
            return self._end_group()
        if brace == "[" and self._is_behind_item:  # the word that an entry of a list explains
            self._is_behind_item = False
            self._push(_Group("", " ", "]"))
            return ""
        if brace == "[" and (self._arguments or self._next is not None or self._is_behind_command):
            self._push(_Group("-", "", "]"))
            return ""
        if brace == "]" and self._groups and self._groups[-1].closing == "]":
            return self._pop()
        return self._shown(brace)

    def _begin_group(self) -> str:
        if self._next is not None:
            group, self._next = self._next, None
        elif self._arguments:
            self._arguments -= 1
            group = _Group("-")
        else:
            group = _Group()
        self._push(group)
        return ""

    def _push(self, group: _Group) -> None:
        if len(self._groups) < _DEEPEST:
            self._groups.append(group)
            self._silent += bool(group.kind)

    def _end_group(self) -> str:
        while self._groups and self._groups[-1].closing == "]":
            self._pop()
        return self._pop() if self._groups else ""

    def _pop(self) -> str:
        group = self._groups.pop()
        self._silent -= bool(group.kind)
        if group.kind and not self._silent and not self._is_before:
            if group.kind != "-":
                self.findings.leave_out(group.kind, self._kept)
            self._kept = ""
        return self._shown(group.after) if group.after else ""

    def _of_name(self, brace: str | None, words: str) -> str:
        """The name of an environment that begins or ends."""
        if brace != "}":
            if brace is None:
                self._name += words
            if len(self._name) > _LONGEST_KEPT or (brace is None and not self._name.strip()):
                self._is_naming = ""
            return ""
        what, name, self._is_naming = self._is_naming, self._name.strip(), ""
        if name == "document":
            self._is_before, self._is_over = False, what == "end"
            return ""
        kind = _ENVIRONMENTS.get(name.rstrip("*"), "")
        if what == "begin" and kind and not self._environment:
            self._environment, self._environment_name, self._kept = kind, name, ""
            return ""
        if what == "end" and self._environment and name == self._environment_name:
            if not self._is_before:
                self.findings.leave_out(self._environment, self._kept)
            self._environment = self._kept = ""
            return self._shown("\n\n")
        if what == "begin" and not self._environment:
            self._arguments = (
                2 if name.startswith(("tabular", "minipage", "array", "figure", "table", "longtable")) else 0
            )
        return self._shown("\n\n") if not self._environment else ""
