"""Tables in all dialects: the column with the text comes out whole, and rows without text are counted."""

from pathlib import Path

import pytest

from rnntui.errors import CorpusError
from rnntui.lm.text.text_source import read_document
from rnntui.records import ReadOptions
from tests.lm.text.formats.test_chats import read
from tests.odd_texts.chats import SENTENCES, SHORT, TABLES, TEXTS, WHO, Odd, table
from tests.odd_texts.reading import read_file


@pytest.mark.parametrize("odd", TABLES, ids=lambda odd: odd.name)
def test_a_table_in_any_dialect_gives_its_text(tmp_path: Path, odd: Odd) -> None:
    text, findings = read(tmp_path, odd.name, odd.data)
    assert text == odd.text
    assert findings.format == odd.format
    assert dict(odd.left_out).items() <= findings.left_out.items()
    assert findings.skipped == 0


def test_rows_that_are_left_out_can_be_looked_at(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "short.csv", table(SHORT))
    assert [(one.kind, one.text) for one in findings.examples] == [
        ("short or empty row", "2"),
        ("short or empty row", "3 |"),
    ]


def test_a_speaker_of_a_table_can_be_kept(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", table(WHO), speakers=("ORLA",))[0].split("\n") == [TEXTS[0], TEXTS[2]] * 3


def test_many_authors_are_no_talk_but_one_of_them_can_be_chosen(tmp_path: Path) -> None:
    rows = [["author", "text"], *([f"writer{at}", one] for at, one in enumerate(SENTENCES))]
    assert read(tmp_path, "a.csv", table(rows))[0] == "\n\n".join(SENTENCES)
    assert read(tmp_path, "a.csv", table(rows), speakers=("writer7",))[0] == SENTENCES[7]


def test_a_table_of_numbers_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for rows in ([["1", "2.5"]] * 20, [["1,000.5", "-3 %"]] * 9, [["x", "y"], *[["2024-01-02", "2"]] * 20]):
        path.write_bytes(table(rows, ";"))
        with pytest.raises(CorpusError, match="table of numbers"):
            read_document(path)


def test_a_column_that_is_not_there_is_named_also_where_there_is_only_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(SENTENCES), encoding="utf-8")
    with pytest.raises(CorpusError, match='no column "body"'):
        read_document(path, ReadOptions(field="body"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_table_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, share: float) -> None:
    data = table([["id", "text"], *([str(at), one] for at, one in enumerate(SENTENCES * 9))])
    text, _ = read(tmp_path, "a.csv", data[: int(len(data) * share)])
    found = text.split("\n\n")[:-1]
    assert found == list((SENTENCES * 9)[: len(found)])
    assert len(found) >= int(270 * share) - 3


def test_pairs_of_sentences_without_a_heading_keep_the_first_pair(tmp_path: Path) -> None:
    rows = "".join(f"He came late, the {at}th time.\tEr kam wieder spät, zum {at}. Mal.\n" for at in range(3, 60))
    text, findings = read_file("pairs.tsv", rows)
    assert text.startswith("Er kam wieder spät, zum 3. Mal.\n")
    assert findings.remarks == ['The text was taken from the column "2"; --field takes another: "1".']
