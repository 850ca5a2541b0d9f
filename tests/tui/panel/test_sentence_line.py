"""A word in its sentence on one line, at every width; and what cannot be seen said in words."""

from hypothesis import given
from hypothesis import strategies as st

from rnntui.text import piece_label
from rnntui.tui.panel.sentence_line import Surroundings, sentence_line
from tests.tui.helpers import HOSTILE

AROUND = Surroundings("It was late, and the door came at", " ten that night when nobody was there.")
texts = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.text("ab 中\n", max_size=90))


def test_the_word_stands_in_brackets_between_what_is_around_it() -> None:
    assert sentence_line(AROUND, " him", False, 40).plain == "… the door came at [him] ten that …"
    assert sentence_line(AROUND, ",", True, 30).plain == "… door came at[,] ten that …"
    assert sentence_line(AROUND, " him", False, 200).plain == f"{AROUND.before} [him]{AROUND.after}"
    assert sentence_line(Surroundings("", " old man"), "The", False, 60).plain == "[The] old man"
    assert (
        sentence_line(Surroundings("It was.", "\n\nThen"), "\n\n", False, 60).plain == "It was.[⏎ paragraph] ⏎ ⏎ Then"
    )


@given(texts, texts, texts, st.integers(20, 90))
def test_whatever_stands_around_it_the_line_is_no_longer_than_its_room_and_has_the_word(
    before: str, piece: str, after: str, cells: int
) -> None:
    line = sentence_line(Surroundings(before, after), piece, False, cells)
    assert line.cell_length <= cells
    assert "\n" not in line.plain
    assert "[" in line.plain
    assert "]" in line.plain


def test_what_cannot_be_seen_is_said_in_words() -> None:
    said = {piece: piece_label(piece) for piece in ("\n", "\n\n", "\n\n\n", " ", "   ", " \n", " ship", "”")}
    assert list(said.values()) == [
        *("⏎ new line", "⏎ paragraph", "⏎ 3 new lines", "␣ space", "␣ 3 spaces", "⏎ new line", "ship", "”"),
    ]
    assert piece_label(" sh", goes_on=True) == "sh…"
