"""What is typed becomes what the text of a model has, by what it counted and by nothing else."""

import functools

import pytest
import torch

from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.reading.prompt_reader import PromptReader
from rnntui.lm.text.typography import typographic
from rnntui.lm.tokens.tokenizer import Tokenizer
from tests.odd_texts.prompts import TEXTS, TYPED, Typed, text_of


@functools.cache
def reader_of(name: str, is_counted: bool = True) -> PromptReader:
    text = text_of(name)
    tokenizer = Tokenizer.train([text], 3_000)
    ids = torch.tensor(tokenizer.encode(text))
    return PromptReader(tokenizer, KneserNey(ids, len(tokenizer), 5) if is_counted else None)


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: f"{typed.text}: {typed.written[:24]}")
def test_a_prompt_is_read_in_the_form_that_the_text_has(typed: Typed) -> None:
    reading = reader_of(typed.text).read(typed.written)
    assert reading.text == typed.read
    assert typed.note in reading.note
    changed = reading.marks or reading.letters or reading.case
    assert bool(changed) == (typed.read != typed.written)


@pytest.mark.parametrize("name", TEXTS)
def test_what_was_read_is_read_the_same_again(name: str) -> None:
    reader = reader_of(name)
    for typed in TYPED:
        read = reader.in_terms(typed.written)
        assert reader.in_terms(read) == read
        assert reader.read(read).text == read


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "code"])
def test_the_text_itself_stays_as_it_is(name: str) -> None:
    text = text_of(name)
    assert reader_of(name).in_terms(text) == text


def test_a_model_that_keeps_no_counts_goes_by_its_vocabulary() -> None:
    assert reader_of("typographic", is_counted=False).in_terms('"I don\'t" -- no...') == "“I don’t”—no…"
    assert reader_of("german", is_counted=False).in_terms('"Ja" -- nein') == "„Ja“ – nein"
    assert reader_of("capitals", is_counted=False).in_terms("the cat") == "THE CAT"


def test_a_form_that_the_text_hardly_has_is_read_as_the_other_one() -> None:
    text = text_of("typographic") * 12 + 'He said "no" once, in a slip of the pen... It wasn\'t his.\n'
    tokenizer = Tokenizer.train([text], 3_000)
    reader = PromptReader(tokenizer, KneserNey(torch.tensor(tokenizer.encode(text)), len(tokenizer), 5))
    assert tokenizer.knows('"')
    assert reader.in_terms('"I don\'t"') == "“I don’t”"


def test_a_text_with_both_forms_keeps_both() -> None:
    text = text_of("typographic") + text_of("straight")
    tokenizer = Tokenizer.train([text], 3_000)
    reader = PromptReader(tokenizer, KneserNey(torch.tensor(tokenizer.encode(text)), len(tokenizer), 5))
    for written in ('"I don\'t know," she said -- and left...', "“I don’t know,” she said—and left…"):
        assert reader.in_terms(written) == written


def test_a_text_that_was_given_typographic_marks_is_read_by_their_rules() -> None:
    tokenizer = Tokenizer.train([typographic(text_of("typographic"))], 3_000)
    reader = PromptReader(Tokenizer(tokenizer.pieces, is_typographic=True))
    written = "'Twas \"so\" -- don't 'bout it. . . he said ---- and \"'em\""
    assert reader.in_terms(written) == typographic(written)
    assert reader.in_terms('"', "word") == "”"
    assert reader.in_terms('"', "word ") == "”"
    assert reader.in_terms('"no', "word ") == "“no"


def test_marks_that_the_text_has_stay_where_a_part_of_it_is_read_alone() -> None:
    for part in ("ikke,« sagde hun", "det.« »Hvem er", "han: »Ja.«"):
        assert reader_of("danish").in_terms(part) == part
    text = text_of("straight").replace("Quincy", "`Quincy`") + "Prince P--y left. " * 4
    tokenizer = Tokenizer.train([text], 3_000)
    reader = PromptReader(tokenizer, KneserNey(torch.tensor(tokenizer.encode(text)), len(tokenizer), 5))
    assert reader.in_terms("`Quincy` left P--y") == "`Quincy` left P--y"


def test_a_quote_that_follows_a_letter_closes() -> None:
    assert reader_of("german").in_terms('"', "Wort") == "“"
    assert reader_of("german").in_terms(' "Wort', "Wort") == " „Wort"


def test_unknown_characters_are_named_and_are_no_words_in_parts() -> None:
    reading = reader_of("capitals").read("THE CAT & THE BEAR {SLEPT} IN 7 HOLES~")
    assert reading.unknown_characters == ("&", "B", "{", "P", "}", "7", "~")
    assert "this model has never seen &, B, {, P and 3 more" in reading.notes
    assert reading.spelled == ("IN", "HOLES")


def test_words_in_parts_are_said_apart_from_unknown_characters() -> None:
    reading = reader_of("typographic").read("The boy’s bookshelf was there, ж.")
    assert reading.spelled == ("bookshelf",)
    assert reading.notes == ("this model has never seen ж", "not in the vocabulary, read in parts: bookshelf")


def test_a_word_that_is_known_with_other_capitals_or_accents_is_suggested_and_not_changed() -> None:
    reading = reader_of("typographic").read("In london the WHALE wept.")
    assert reading.text == "In london the WHALE wept."
    assert reading.known_as == (("london", "London"), ("WHALE", "whale"))
    assert (
        reading.note
        == "not in the vocabulary, read in parts: london, WHALE · london is known as London, WHALE is known as whale"
    )
    assert reader_of("french").read("un cafe").known_as == (("cafe", "café"),)


@pytest.mark.parametrize(
    ("name", "written", "knows", "read"),
    [
        ("russian", "Who is there? сказал он", "Cyrillic letters only, no digits", "2 of 5 words"),
        ("typographic", "Кто там?", "Latin letters only", "0 of 2 words"),
        ("capitals", "Кто", "Latin capitals only, no digits", "0 of 1 word"),
        ("small letters", "Кто", "Latin small letters only, no digits", "0 of 1 word"),
        ("chinese", "hello", "Chinese characters only, no digits", "0 of 1 word"),
        ("japanese", "hello", "Japanese kana and Chinese characters only, no digits", "0 of 1 word"),
    ],
)
def test_a_model_says_what_it_knows_when_it_can_read_little_of_a_prompt(
    name: str, written: str, knows: str, read: str
) -> None:
    assert reader_of(name).read(written).note == f"this model knows {knows}; of this prompt it can read {read}"


def test_characters_that_only_look_otherwise_are_those_that_are_meant() -> None:
    reading = reader_of("typographic").read("the ﬂat ｃａt\u00a0we\u00adpt, cafe\u0301")
    assert (reading.text, reading.letters) == ("the flat cat wept, cafe", (("é", "e"),))


def test_a_prompt_from_elsewhere_becomes_the_words_that_the_text_has() -> None:
    reader = PromptReader(Tokenizer.train(["The efficient office was wonderful, it was late.\n" * 9], 200))
    for written in (
        "The\u00a0e\ufb03cient of\ufb01ce was won\u00adder\u200bful",
        "\uff34\uff48\uff45 e\ufb03cient office\u202fwas wonder\ufeffful",
        "\x1b[1mThe\x1b[0m efficient office wa\x00s w\bwonderful",
    ):
        assert reader.read(written).text == "The efficient office was wonderful"
    assert reader.read("it was\r\nlate\r\n").text == "it was\nlate\n"


def test_a_character_that_an_older_model_has_learned_stays() -> None:
    reader = PromptReader(Tokenizer.train(["Quoi\u00a0? O\ufb03ce\u00a0!\n" * 9], 200))
    assert reader.read("Quoi\u00a0? O\ufb03ce\u202f!").text == "Quoi\u00a0? O\ufb03ce !"


def test_nothing_is_said_of_a_prompt_that_is_known() -> None:
    assert reader_of("typographic").read("The boy’s book was there.").note == ""
    assert reader_of("typographic").read("").note == ""


def test_only_what_was_changed_in_a_text_is_read_anew() -> None:
    reader = reader_of("typographic")
    old = ' "I don\'t know," she said'  # as an earlier version kept it
    assert reader.read_instead('"I don\'t know," she asked "why"', old).text == '"I don\'t know," she asked “why”'
    assert reader.read_instead('"I don\'t know," she said', old).text == '"I don\'t know," she said'
    assert reader.read_instead("", old).text == ""
    assert reader.read_instead('"Who', '"I').text == "“Who"


def test_hostile_text_is_read_and_named_without_harm() -> None:
    reading = reader_of("typographic").read("\x1b[31m[/red] \u202e\u0000 \ud800 " + "e" + "\u0301" * 400)
    assert "\x1b" not in reading.text + reading.note
    assert "\u202e" not in reading.note


def test_a_long_prompt_takes_time_in_proportion() -> None:
    written = '"I don\'t know -- Müller ещё",' * 20_000
    assert len(reader_of("typographic").read(written).text) > 400_000
