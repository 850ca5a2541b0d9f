"""Numbers and titles of pages in scans: left out wherever they stand, and nothing else is."""

import random
import textwrap

import pytest

from tests.odd_texts.reading import read_file
from tests.odd_texts.worth import prose

PARAGRAPHS = [text for seed in range(40) for text in prose(seed, 12).split("\n") if text.strip()]
LINES = [line for text in PARAGRAPHS for line in textwrap.wrap("    " + text, 60)]
HEADS = {
    "numbers alone": "{number}",
    "numbers between dashes": "— {number} —",
    "numbers beside a title": "THE HARBOUR                              {number}",
    "numbers before a title": "{number}    The Harbour",
    "pages by name": "Page {number} of 90",
    "pages in brackets": "[Pg {number}]",
}


def pages(head: str, lines: int = 30, gap: str = "\n", first: int = 11) -> str:
    """A book as a scan gives it: a head, then the lines of the page, whatever sentence they cut."""
    starts = range(0, len(LINES), lines)
    return "\n".join(
        f"{head.format(number=first + at)}{gap}\n" + "\n".join(LINES[start : start + lines]) + gap
        for at, start in enumerate(starts)
    )


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_scan_is_read_as_if_it_had_no_pages(head: str) -> None:
    for lines, gap in ((30, "\n"), (42, "")):
        text, findings = read_file("scan.txt", pages(head, lines, gap))
        assert findings.left_out["page head"] == -(-len(LINES) // lines)
        assert [line.strip() for line in text.split("\n") if line.strip()] == [
            " ".join(text.split()) for text in PARAGRAPHS
        ], (lines, gap)


def test_titles_in_lines_of_their_own_are_left_out_after_the_first() -> None:
    text, _ = read_file("scan.txt", pages("The Harbour\n{number}"))
    assert text.count("The Harbour") == 1
    assert not any(line.strip().isdecimal() for line in text.split("\n"))


def test_numbers_of_chapters_stanzas_and_items_stay() -> None:
    dice = random.Random(3)
    chapters = "\n\n".join(
        f"{at + 1}\n\n" + "\n\n".join(textwrap.fill(text, 60) for text in dice.sample(PARAGRAPHS, dice.randint(1, 9)))
        for at in range(30)
    )
    stanzas = "\n\n".join(
        f"{at + 1}\n\n" + "\n".join(["And the ferry waited,"] * 13 + ["And it was so."]) for at in range(50)
    )
    items = "\n".join(f"{at + 1}\n{text[:50]}" for at, text in enumerate(PARAGRAPHS))
    for written in (chapters, stanzas, items):
        text, findings = read_file("a.txt", written)
        assert not findings.left_out["page head"]
        assert sum(line.strip().isdecimal() for line in text.split("\n")) == sum(
            map(str.isdecimal, written.split("\n"))
        )
