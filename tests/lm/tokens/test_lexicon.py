"""How a begun word may go on, against the definition in plain Python, and what a network says that obeys it."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnntui.errors import ModelFileError
from rnntui.lm.generator import Generator, words_of
from rnntui.lm.mix.mixture import Mixture, starting_gate
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model_file import unpack
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.settings import SamplerSettings
from tests.effort import examples
from tests.small_models import TEXT, small_model

STARTS, ALL = range(4), range(8)
GOES_ON = np.arange(len(ALL)) >= len(STARTS)
token_lists = st.lists(st.sampled_from(ALL), max_size=30)


def words(ids: list[int]) -> list[tuple[int, ...]]:
    """The words of a text; what stands before its first beginning is none."""
    found: list[list[int]] = []
    for token in ids:
        if token in STARTS:
            found.append([token])
        elif found:
            found[-1].append(token)
    return [tuple(word) for word in found]


def array(ids: list[int]) -> np.ndarray:
    return np.array(ids, dtype=np.int32)


@settings(max_examples=examples(400), deadline=None)
@given(text=token_lists, recent=token_lists, wrote_it=st.booleans())
@example(text=[], recent=[], wrote_it=False)
@example(text=[0, 4, 5, 0, 4, 1], recent=[0, 4], wrote_it=False)
@example(text=[0, 4, 5, 0, 4, 1], recent=[0, 4], wrote_it=True)
@example(text=[0, 4, 5, 1], recent=[0, 6, 1, 0], wrote_it=False)
@example(text=[0, 4, 5, 1], recent=[4, 4, 4], wrote_it=False)
def test_what_may_come_next_is_what_the_definition_says(text: list[int], recent: list[int], wrote_it: bool) -> None:
    known = {*words(text)[:-1], *words(recent)[:-1]}
    begun = words(recent)[-1] if words(recent) else None
    goes_on = {word[len(begun)] for word in known if begun and word[: len(begun)] == begun and word != begun}
    may_end = begun is None or begun in known or not goes_on or wrote_it
    begins = {word[0] for word in known} | {token for token in recent if token in STARTS}
    expected = goes_on | (begins if may_end else set())
    found = Lexicon(array(text), GOES_ON).known_next(array(recent), wrote_it)
    assert set(np.flatnonzero(found).tolist()) == expected


@given(text=token_lists, word=st.tuples(st.sampled_from(STARTS)) | token_lists.map(tuple))
def test_it_holds_the_words_of_the_text_and_no_others(text: list[int], word: tuple[int, ...]) -> None:
    lexicon = Lexicon(array(text), GOES_ON)
    held = set(words(text)[:-1])  # the last one may be cut off
    assert all(known in lexicon for known in held)
    assert (word in lexicon) == (word in held)
    assert not any(known[:-1] in lexicon for known in held if known[:-1] not in held)
    begins = {known[0] for known in held}
    assert [lexicon.only_begins(token) for token in ALL] == [token in begins and (token,) not in held for token in ALL]


def test_entries_that_the_text_lacks_are_words() -> None:
    entries = np.array([False] * 4 + [True] * 40 + [False] * 4)
    goes_on = np.array([False] * 44 + [True] * 4)
    lexicon = Lexicon(array([*range(4, 43), 4, 44, 5, 44, 0]), goes_on, entries)  # all but one of them
    assert (43,) in lexicon
    assert (0,) not in lexicon
    begins = Lexicon(array([*range(5, 44), 4, 44, 5, 44, 0]), goes_on, entries)
    assert begins.only_begins(4), "it only begins a word, as a part does"
    other = Lexicon(array([4, 44, 5, 6, 7, 0]), goes_on, entries)
    assert not other.only_begins(4), "most entries are words of another text, and so may this one be"
    assert all((number,) in other for number in range(4, 44))


def test_endless_words_are_nobodys_and_end() -> None:
    endless = [0, *[4] * 100_000, 1, 2]
    lexicon = Lexicon(array(endless), GOES_ON)
    assert (0, 4) not in lexicon
    assert np.flatnonzero(lexicon.known_next(array(endless[:1_000]))).tolist() == [1]


def speaker() -> Generator:
    card, weights, vocabulary = small_model()
    loaded = unpack(card, weights, vocabulary)
    tokenizer = loaded.tokenizer
    text = torch.tensor(tokenizer.encode(TEXT + " smiling seamstresses mused.\n"))
    return Generator(loaded.model, tokenizer, lexicon=Lexicon.of(text, tokenizer))


def words_said(generator: Generator, sampler: SamplerSettings, prompt: str) -> list[tuple[int, ...]]:
    """The tokens of each word; the last one may not have come to its end."""
    generator.feed(generator.tokenizer.encode(prompt))
    steps = itertools.islice(generator.generate(lambda: sampler, 3), 2_000)
    return list(words_of(generator.tokenizer, [step.token_id for step, _ in steps]))[:-1]


def said(generator: Generator, sampler: SamplerSettings, prompt: str) -> set[str]:
    return {"".join(map(generator.tokenizer.piece, word)).strip() for word in words_said(generator, sampler, prompt)}


def test_only_words_of_the_text_and_of_the_prompt_are_said() -> None:
    usual = SamplerSettings(temperature=1.3, top_p=1.0, max_words=1_500, stop="words")
    texts = {piece.strip() for piece in Tokenizer.train([TEXT], 500).pieces if len(piece) > 1}
    known = said(speaker(), usual, " The hamster sat.")
    spelled = {word for word in known if f" {word}" not in texts and word not in texts and len(word) > 1}
    assert spelled <= {"smiling", "seamstresses", "mused", "hamster", "sat"}
    assert spelled, "the test says something of spelled words only when there are some"


def test_words_may_be_invented_where_that_is_wished() -> None:
    free = SamplerSettings(temperature=1.3, top_p=1.0, max_words=300, stop="words", spelling="free")
    generator = speaker()
    lexicon = generator.lexicon
    assert lexicon is not None
    assert any(word not in lexicon for word in words_said(generator, free, " The cat sat."))
    known = dataclasses.replace(free, spelling="known")
    assert all(word in lexicon for word in words_said(speaker(), known, ""))


def test_a_token_that_only_begins_words_is_told_from_a_word() -> None:
    generator = speaker()
    tokenizer = generator.tokenizer
    begun = [number for number in range(len(tokenizer)) if generator.is_begun(number)]
    assert tokenizer.encode(" smiling")[0] in begun
    assert tokenizer.id_of(" mouse") not in begun
    assert not any(tokenizer.is_continuation(number) for number in begun)
    generator.lexicon = None
    assert not any(map(generator.is_begun, begun))


def hardly_learned_speaker(mixture: Mixture | None = None) -> tuple[Generator, set[int]]:
    """The last quarter of its vocabulary is new."""
    plain = speaker()
    size = len(plain.tokenizer)
    span = (size - size // 4, size)
    return Generator(plain.model, plain.tokenizer, mixture, plain.lexicon, [span]), set(range(*span))


@pytest.mark.parametrize("spelling", ["known", "free"])
def test_the_network_alone_does_not_say_what_it_has_hardly_learned(spelling: str) -> None:
    wild = SamplerSettings(temperature=1.5, top_p=1.0, max_words=500, stop="words", spelling=spelling)
    generator, new = hardly_learned_speaker()
    spoken = {token for word in words_said(generator, wild, " The cat sat.") for token in word}
    assert not spoken & new
    assert {token for word in words_said(speaker(), wild, " The cat sat.") for token in word} & new, "else it would"


def test_what_counting_brings_up_may_be_said_although_the_network_has_hardly_learned_it() -> None:
    tokenizer = speaker().tokenizer
    ids = torch.tensor(tokenizer.encode(TEXT))
    mixture = Mixture(KneserNey(ids, len(tokenizer)), starting_gate(5))
    generator, new = hardly_learned_speaker(mixture)
    sampler = SamplerSettings(spelling="free")
    met = 0
    for word in ids[:200].tolist():
        blend = generator.distribution("mixture")
        known = generator.context(sampler, blend).known_next
        assert known is not None
        network, counting, recent = blend.parts
        for token in new:
            assert bool(known[token]) == bool(counting[token] + recent[token] > network[token])
            met += bool(known[token])
        assert all(bool(known[token]) for token in range(len(tokenizer)) if token not in new)
        generator.feed([word])
    assert met


@pytest.mark.parametrize("spans", [((3, 2),), ((0, 10**12),), ((5, 9), (7, 12)), ((1, 2, 3),), ((-4, 2),)])
def test_ranges_of_hardly_learned_words_outside_the_vocabulary_are_refused(spans: tuple[tuple[int, int], ...]) -> None:
    card, weights, vocabulary = small_model()
    unpack(dataclasses.replace(card, hardly_learned=((2, 5), (5, card.vocabulary_size))), weights, vocabulary)
    with pytest.raises(ModelFileError, match="hardly learned"):
        unpack(dataclasses.replace(card, hardly_learned=spans), weights, vocabulary)


@pytest.mark.parametrize("spelling", ["known", "free"])
def test_without_a_text_every_word_may_be_invented(spelling: str) -> None:
    generator = speaker()
    generator.lexicon = None
    assert generator.context(SamplerSettings(spelling=spelling)).known_next is None


def test_a_word_that_a_person_wrote_may_end_where_one_of_the_network_may_not() -> None:
    generator = speaker()
    begun = generator.tokenizer.encode(" smil")
    generator.feed(begun)
    goes_on = {"##i"}
    sampler = SamplerSettings()
    known = generator.context(sampler).known_next
    assert known is not None
    assert int(known.sum()) > len(goes_on)
    generator.memory = dataclasses.replace(generator.memory, is_read=False)
    known = generator.context(sampler).known_next
    assert known is not None
    assert {generator.tokenizer.pieces[number] for number in known.nonzero().flatten().tolist()} == goes_on


def test_words_that_only_the_vocabulary_knows_can_be_said() -> None:
    """A model that went on with another text counts that text alone."""
    old = speaker()
    letters = torch.tensor(old.tokenizer.encode(" a mouse saw a catalogue. " * 3))
    generator = Generator(old.model, old.tokenizer, lexicon=Lexicon.of(letters, old.tokenizer))
    free = SamplerSettings(temperature=1.3, top_p=1.0, max_words=1_500, stop="words")
    heard = said(generator, free, "")
    assert {"Dinosaurs", "big", "cat"} <= heard
    assert "catalogue" in heard


def test_a_part_that_nothing_was_spelled_with_is_no_word() -> None:
    """Every word of this text has an entry, so what they have in common stands nowhere by itself."""
    text = (
        "".join(f" {start}{end}" for start in ("walk", "want", "wait", "warm") for end in ("s", "ed", "ing", "er")) * 3
    )
    tokenizer = Tokenizer.train([text], 200, parts=20)
    lexicon = Lexicon.of(torch.tensor(tokenizer.encode(text)), tokenizer)
    part, word = tokenizer.id_of(" wa"), tokenizer.id_of(" walks")
    assert part is not None
    assert word is not None
    assert (part,) not in lexicon
    assert (word,) in lexicon
    known = lexicon.known_next(np.array([word]))
    assert (known[part], known[word]) == (False, True)


def test_a_word_that_the_text_lacks_is_one_all_the_same() -> None:
    text = " the cat saw the dog and the dog saw the cat and so on" * 3
    tokenizer = Tokenizer.train([f"{text} horse horse"], 200)
    lexicon = Lexicon.of(torch.tensor(tokenizer.encode(text)), tokenizer)
    assert (tokenizer.id_of(" horse"),) in lexicon
