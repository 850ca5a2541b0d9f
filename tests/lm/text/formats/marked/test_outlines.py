"""Of Markdown, reStructuredText and Org, what a reader sees of the page is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.records import ReadOptions
from tests.effort import examples
from tests.odd_texts.reading import read_file, read_in_parts

MARKDOWN = {
    "headings": ("# One\nText.\n\n## Two ##\n\nThree\n===\nMore.\n", "One\n\nText.\n\nTwo\n\nThree\n\nMore."),
    "emphasis": ("A *b* **c** ***d*** _e_ __f__ ~~g~~ ==h== **i *j* k**.", "A b c d e f g h i j k."),
    "no emphasis": ("2 * 3 * 4, a_b_c, * x, 5*6, __init__x", "2 * 3 * 4, a_b_c, * x, 5*6, __init__x"),
    "escapes": (r"\*no\* \# 1\. a\\b", r"*no* # 1. a\b"),
    "links": ("[a](http://x (t)) [b][1] [c](<u>) [d](x_(y)) <http://z>", "a b c d http://z"),
    "pages of a wiki": ("[[Page]] and [[Page|shown]]", "Page and shown"),
    "images": ("See ![alt](x.png) and ![[x.png]].", "See and."),
    "a picture that is a link": ("A [![alt](x.png)](http://x) b", "A b"),
    "notes": ("Word[^1].\n\n[^1]: The note\n    goes on.\n\nEnd.", "Word.\n\nEnd."),
    "addresses": ('Word [a].\n\n[a]: http://x "T"\n', "Word [a]."),
    "a letter": ("[Orla]: I am here.", "[Orla]: I am here."),
    "front matter": ("---\ntitle: x\ntags: [a]\n---\n\nText.", "Text."),
    "front matter of another kind": ("+++\ntitle = 1\n+++\nText.", "Text."),
    "a rule at the beginning": ("---\n\nText.\n\n---\n\nEnd.", "* * *\n\nText.\n\n* * *\n\nEnd."),
    "comments": ("One <!-- two\n\nthree --> four.", "One \n four."),
    "tags and entities": ("<b>A</b> &amp; b<br/> 1 < 2", "A & b 1 < 2"),
    "items": ("* a\n+ b\n- [x] c\n  1. d\n2) e", "- a\n- b\n- c\n  1. d\n2) e"),
    "quotes": ("> a\n> > b\n\n> [!note] c", "a\nb\n\nc"),
    "tables": ("| a | b |\n|:--|-:|\n| 1 | *2* |", "a\tb\n1\t2"),
    "scenes": ("One.\n\n* * *\n\nTwo.\n\n***\n\nThree.", "One.\n\n* * *\n\nTwo.\n\n* * *\n\nThree."),
    "code": ("```py\nx = a * b * c\n\n\ty = `_z_`\n```\nEnd.", "x = a * b * c\n\n\ty = `_z_`\nEnd."),
    "code in waves": ("~~~\n```\n# no\n~~~\nEnd.", "```\n# no\nEnd."),
    "code by its indentation": ("Text.\n\n    a * b * c\n\nEnd.", "Text.\n\n    a * b * c\n\nEnd."),
    "code in a line": ("Call `f(*a, **k)` or ``a`b``.", "Call f(*a, **k) or a`b."),
    "code without an end": ("```\nx *y* z", "x *y* z"),
    "line ends": ("One  \ntwo\\\nthree", "One\ntwo\nthree"),
}


@pytest.mark.parametrize("kind", MARKDOWN)
def test_markdown_is_read_as_its_page_shows_it(kind: str) -> None:
    written, text = MARKDOWN[kind]
    for size in (1, 7, 10_000):
        found = read_in_parts(".md", written, size)[0].strip()
        assert [line.rstrip() for line in found.split("\n")] == [line.rstrip() for line in text.split("\n")]


def test_what_markdown_does_not_show_is_counted() -> None:
    written = "---\na: b\n---\nOne[^1] ![x](y).<!-- c -->\n\n[^1]: Note.\n[u]: http://x\n"
    _, findings = read_file("a.md", written)
    assert findings.left_out == {
        **{"front matter": 1, "mark of a note": 1, "image": 1, "comment": 1, "footnote": 1, "link address": 1}
    }
    assert findings.format == "Markdown"


RST = {
    "headings": ("=====\nTitle\n=====\n\nPart\n----\n\nText.", "Title\n\nPart\n\nText."),
    "marks": ("*a* **b** ``c`` `d <http://x>`_ :ref:`e <f>` |g| h_ [1]_.", "a b c d e g h."),
    "directives": ("One.\n\n.. image:: x\n   :alt: y\n\n.. a comment\n\nTwo.", "One.\n\nTwo."),
    "shown directives": (".. note:: One\n   two.\n", "One\n   two."),
    "fields": (":author: x\n\nOne::\n\n    code", "One:\n\n    code"),
}


@pytest.mark.parametrize("kind", RST)
def test_structured_text_is_read_without_marks(kind: str) -> None:
    written, text = RST[kind]
    for size in (1, 10_000):
        assert read_in_parts(".rst", written, size)[0].strip() == text


ORG = {
    "headings": ("#+TITLE: x\n* TODO [#A] One :tag:\nText.\n** Two", "One\n\nText.\n\nTwo"),
    "marks": ("*a* /b/ _c_ =d= ~e~ +f+ [[u][g]] [[h]] a/b/c [fn:1].", "a b c d e f g h a/b/c ."),
    "drawers": ("* A\n:PROPERTIES:\n:ID: 1\n:END:\nB\nSCHEDULED: <2020>\n# no", "A\n\nB"),
    "items": ("- [ ] a\n+ b\n  * c", "- a\n- b\n  - c"),
}


@pytest.mark.parametrize("kind", ORG)
def test_org_is_read_without_marks(kind: str) -> None:
    written, text = ORG[kind]
    for size in (1, 10_000):
        assert read_in_parts(".org", written, size)[0].strip() == text


UNITS = ("*a ", "_a ", "**a", "[a](", "`a ", "``", "<a ", "![", "[[", "|", "> ", "- ", "==", "&", "\\", "#")


@pytest.mark.parametrize("unit", UNITS)
def test_marks_without_an_end_are_only_signs(unit: str) -> None:
    for suffix in (".md", ".rst", ".org"):
        text, _ = read_in_parts(suffix, unit * 20_000, 1 << 14)
        assert len(text) <= 21_000 + len(unit) * 20_000


@settings(max_examples=examples(60), deadline=None)
@given(st.text(alphabet="*_`[]()<>!#-=|~^:.\\\n abc1", max_size=200), st.sampled_from([".md", ".rst", ".org"]))
def test_where_parts_end_makes_no_difference(written: str, suffix: str) -> None:
    assert read_in_parts(suffix, written, 3)[0] == read_in_parts(suffix, written, 1_000)[0]


def test_prose_in_markdown_is_prose() -> None:
    prose = "It was the best of times, it was the worst of times.\n\nIt was the age of wisdom."
    assert read_file("a.md", prose, ReadOptions())[0] == prose
