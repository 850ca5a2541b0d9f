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
    "comments": ("One <!-- two\n\nthree --> four.", "One four."),
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


PARAGRAPH = (
    "The ferry that **Orla** rows goes to the\nother side of the [river](http://x/y/z), and\ncomes back at noon.\n"
)
JOINED = "The ferry that Orla rows goes to the other side of the river, and comes back at noon."
VERSE = "The *ferry* goes,\nAnd no one knows the day\nOr why,\nOr when it goes away.\n"
SOFT = {
    ".md": {
        "a paragraph": (PARAGRAPH, JOINED),
        "an item": ("- One\n  two\n  three\n- Four\nfive", "- One two three\n- Four five"),
        "a quote": ("> One two three four\n> five six\nseven.\n", "One two three four five six\nseven."),
        "a line end that is meant": ("One  \ntwo\\\nthree<br>\nfour\nfive", "One\ntwo\nthree\nfour five"),
        "a table after a paragraph": ("One\ntwo\n| a | b |\n|--|--|\n| 1 | 2 |\n", "One two\na\tb\n1\t2"),
        "code": ("```\nOne\ntwo\n```\n\n    three\n    four\n", "One\ntwo\n\n    three\n    four"),
        "a heading": ("# One\nTwo\nthree\n# Four\nfive", "One\n\nTwo three\n\nFour\n\nfive"),
        "verse": (VERSE, VERSE.replace("*", "").strip()),
        "speakers": ("**Orla:** One.\n**Pia**: Two\nthree.", "Orla: One.\nPia: Two three."),
        "Chinese": ("\u6e21\u53e3\u7684\n\u8001\u4eba", "\u6e21\u53e3\u7684\u8001\u4eba"),
    },
    ".rst": {
        "a paragraph": (
            "The ferry that **Orla** rows goes\nto the `river <http://x>`_\nat noon.\n",
            "The ferry that Orla rows goes to the river at noon.",
        ),
        "an item": ("* One\n  two\n* Three\n\n#. Four\n   five", "* One two\n* Three\n\n#. Four five"),
        "a term": ("One\n    two\n    three\n", "One\n    two three"),
        "code": (
            "One::\n\n    two\n    three\n\n    four\n    five\n\nSix\nseven",
            "One:\n\n    two\n    three\n\n    four\n    five\n\nSix seven",
        ),
        "lines": ("| One\n| two\n", "| One\n| two"),
        "a session": (">>> one\n>>> two\n", ">>> one\n>>> two"),
        "verse": (VERSE, VERSE.replace("*", "").strip()),
    },
    ".org": {
        "a paragraph": (
            "The ferry that *Orla* rows goes\nto the [[http://x][river]]\nat noon.\n",
            "The ferry that Orla rows goes to the river at noon.",
        ),
        "an item": ("- One\n  two\n- Three", "- One two\n- Three"),
        "code": ("#+BEGIN_SRC\none\ntwo\n#+END_SRC\nthree\nfour", "one\ntwo\nthree four"),
        "verse": ("#+begin_verse\nOne one one one\ntwo\n#+end_verse\n", "One one one one\ntwo"),
        "a table": ("One\ntwo\n| a | b |\n| 1 | 2 |", "One two\n| a | b |\n| 1 | 2 |"),
    },
}


@pytest.mark.parametrize(("suffix", "kind"), [(suffix, kind) for suffix, kinds in SOFT.items() for kind in kinds])
def test_a_line_end_inside_a_paragraph_is_a_space_and_no_other_is(suffix: str, kind: str) -> None:
    written, text = SOFT[suffix][kind]
    for size in (1, 10_000):
        assert read_in_parts(suffix, written, size)[0].strip() == text


@pytest.mark.parametrize("suffix", SOFT)
def test_a_person_can_say_that_all_lines_of_a_page_stay(suffix: str) -> None:
    text = "One two three four\nfive six."
    assert read_file(f"a{suffix}", text, ReadOptions(join_lines=False))[0] == text
    joined, findings = read_file(f"a{suffix}", text)
    assert joined == "One two three four five six."
    assert findings.are_lines_joined


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
