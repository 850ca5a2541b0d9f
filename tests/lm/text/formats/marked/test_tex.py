"""Of TeX the prose is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.odd_texts.reading import read_file, read_in_parts

HEAD = r"\documentclass[a4paper]{book}\usepackage{x}\title{No}\newcommand{\x}{y}%c"
WHOLE = f"{HEAD}\n\\begin{{document}}TEXT\\end{{document}} no"
TEX = {
    "headings": (r"\chapter{One} \section*[s]{T\emph{w}o}\label{x} Text.", "One\n\nTwo\n\nText."),
    "accents": (
        r"caf\'e caf\'{e} na\"{\i}ve \c{c}a Erd\H{o}s \v{s} \~n \aa\ \o{} \ss.",
        "café café naïve ça Erdős š ñ å ø ß.",
    ),
    "quotes and dashes": ("``a'' `b' c---d e--f g-h a~b", "“a” `b' c—d e–f g-h a b"),
    "escapes": (r"50\% \& \$5 \# a\_b \{c\}", "50% & $5 # a_b {c}"),
    "comments": ("One % two\nthree 4\\% five\n% six\n\nSeven.", "One three 4% five\n\nSeven."),
    "unknown commands": (r"\foo{a} \bar[x]{b} {\it c} \baz d", "a b c d"),
    "references": (r"As in~\cite{a,b}, see \ref{x} (p.~\pageref{y}).", "As in, see (p.)."),
    "notes": (r"One\footnote{Gone {x} \emph{y}.} two\footnote[2]{z}.", "One two."),
    "formulas": (r"Let $x$ be $x^2+\frac{1}{2}$, \(y\) and \[z=1\] $$w^2$$ so.", "Let x be, y and so."),
    "equations": ("One\n\\begin{align*}\na &= b\\\\\n\\end{align*}\ntwo.", "One\n\ntwo."),
    "items": (r"\begin{itemize}\item One \item[Mill] Two\end{itemize}", "- One\n- Mill Two"),
    "listings": ("\\begin{verbatim}\n\\begin{x} { $ %\n\\end{verbatim}\nOne.", "One."),
    "tables": ("\\begin{tabular}{l|l}\na & b \\\\\nc & d\n\\end{tabular}", "a\tb\nc\td"),
    "lines": ("One\ntwo\\\\three\n\nfour\\newline five", "One two\nthree\n\nfour\nfive"),
    "colours": (r"\textcolor{red}{a} \href{http://x}{b}", "a b"),
    "quotations": (r"\begin{quote}One.\end{quote}Two.", "One.\n\nTwo."),
    "unbalanced": (r"a } b { c \begin{x d", "a b c"),
}


@pytest.mark.parametrize("kind", TEX)
def test_the_prose_of_tex_is_read(kind: str) -> None:
    written, text = TEX[kind]
    for size in (1, 9, 10_000):
        assert read_in_parts(".tex", written, size)[0].strip() == text


def test_of_a_document_only_what_is_printed_is_read_and_the_rest_is_counted() -> None:
    text, findings = read_file("a.tex", WHOLE.replace("TEXT", r"One. $a^2$\footnote{n}"))
    assert text == "One."
    assert findings.left_out == {"formula": 1, "footnote": 1}
    assert read_file("a.txt", WHOLE.replace("TEXT", "One."))[1].format == "TeX"


@pytest.mark.parametrize("unit", ["{", "\\begin{a}", "$", "\\", "[", "\\footnote{", "%", "\\section{", "``", "a b "])
def test_what_does_not_end_comes_to_an_end(unit: str) -> None:
    read_in_parts(".tex", unit * 20_000, 1 << 14)


@settings(max_examples=examples(60), deadline=None)
@given(st.text(alphabet="\\{}[]$%&~`'-\n abcbeginend", max_size=200))
def test_any_marks_at_all_are_read(written: str) -> None:
    assert read_in_parts(".tex", written, 5)[0] is not None
