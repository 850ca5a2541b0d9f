"""Words of scripts without spaces: found in the text, cut the same way everywhere, chosen where they predict better."""

import json
import unicodedata
from array import array
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import ModelFileError
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens import splitting
from rnntui.lm.tokens.corpus import CountedText, tail_split
from rnntui.lm.tokens.segmenter import MOST_COST, Segmenter, unspaced_letters
from rnntui.lm.tokens.segments import Numbering, Splitting, answer
from rnntui.lm.tokens.splitting import LONGEST_RUN, split
from rnntui.lm.tokens.text_counts import WordCount
from rnntui.lm.tokens.tokenizer import CONTINUATION, UNKNOWN_ID, Tokenizer
from rnntui.lm.tokens.vocabulary_extension import extend_tokenizer
from rnntui.lm.tokens.word_choice import WordChoice, tokenizer_steps
from rnntui.lm.tokens.word_finding import find_words
from tests.effort import examples
from tests.odd_texts.languages import without_spaces

SCRIPTS = ("han", "japanese", "thai")


def counted(text: str) -> CountedText:
    """What counting a text finds, as far as a vocabulary is chosen by it."""
    training, tuning = tail_split(text, len(text))
    counts = Counter(split(training))
    return CountedText(
        sources=(),
        cuts=(),
        counts=counts,
        alphabet=frozenset(training),
        pieces=counts.total(),
        words=counts.total(),
        characters=len(training),
        held_out="",
        tuning=tuning,
        recent=training,
        opening="",
        notes=(),
        repeated_share=0.0,
        repeated_example="",
        unspaced_share=1.0,
    )


def chosen(text: str, limit: int = 4_000) -> tuple[Tokenizer, WordChoice | None]:
    return run_to_end(tokenizer_steps(counted(text), limit, 0))


@pytest.fixture(scope="module", params=SCRIPTS)
def unspaced(request: pytest.FixtureRequest) -> tuple[str, list[list[str]], Tokenizer, WordChoice]:
    """A text, its words by sentence, and what was chosen for it."""
    text, sentences = without_spaces(request.param, 3, 60_000, words=400)
    tokenizer, choice = chosen(text)
    assert choice is not None
    return text, sentences, tokenizer, choice


def test_words_are_taken_where_they_predict_better(
    unspaced: tuple[str, list[list[str]], Tokenizer, WordChoice],
) -> None:
    _, _, _, choice = unspaced
    assert choice.bits[0] > choice.bits[choice.words] <= 1.01 * min(choice.bits.values())
    assert f"{choice.words:,} words" in choice.note


def test_most_words_are_those_of_the_lexicon(unspaced: tuple[str, list[list[str]], Tokenizer, WordChoice]) -> None:
    _, sentences, tokenizer, _ = unspaced
    right = meant = made = 0
    for sentence in sentences[-100:]:
        ends = [set(), set()]  # type: list[set[tuple[int, int]]]
        said = [tokenizer.piece(token) for token in tokenizer.encode("".join(sentence))]
        for spans, words in zip(ends, (sentence, said), strict=True):
            at = 0
            for word in words:
                spans.add((at, at + len(word)))
                at += len(word)
        right, meant, made = right + len(ends[0] & ends[1]), meant + len(ends[0]), made + len(ends[1])
    assert right > 0.7 * meant
    assert right > 0.7 * made


def test_text_comes_back_and_no_piece_is_half_a_letter(
    unspaced: tuple[str, list[list[str]], Tokenizer, WordChoice],
) -> None:
    text, _, tokenizer, _ = unspaced
    text = text[:50_000]  # of which every character is known
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    begins_with_mark = [unicodedata.category(tokenizer.piece(token)[0])[0] == "M" for token in ids]
    assert begins_with_mark == [tokenizer.is_continuation(token) for token in ids]
    assert sum(begins_with_mark) < 0.02 * len(ids), "letters with marks that stand there once"


def test_a_vocabulary_with_words_survives_as_bytes(
    unspaced: tuple[str, list[list[str]], Tokenizer, WordChoice],
) -> None:
    text, _, tokenizer, _ = unspaced
    again = Tokenizer.from_bytes(tokenizer.to_bytes())
    assert (again.pieces, again.costs, again.rules) == (tokenizer.pieces, tokenizer.costs, tokenizer.rules)
    assert again.encode(text) == tokenizer.encode(text)


def test_segments_are_numbered_as_a_text_is_read(unspaced: tuple[str, list[list[str]], Tokenizer, WordChoice]) -> None:
    text, _, tokenizer, _ = unspaced
    cut = text.index("\n", 2_000)
    numbered = [
        array("I", answer(Numbering(tokenizer), answer(Splitting(), part.encode())))
        for part in (text[:cut], text[cut:])
    ]
    assert [*numbered[0], *numbered[1]] == tokenizer.encode(text)


def test_letters_are_in_the_order_of_their_frequency(
    unspaced: tuple[str, list[list[str]], Tokenizer, WordChoice],
) -> None:
    """The first few hundred tokens are scored at every step: they should be those that come."""
    text, _, tokenizer, _ = unspaced
    letters = unspaced_letters(set(text))
    numbers = [number for number, piece in enumerate(tokenizer.pieces) if piece[0] in letters]
    times = Counter(tokenizer.encode(text))
    half = len(numbers) // 2
    assert sum(times[number] for number in numbers[:half]) > 3 * sum(times[number] for number in numbers[half:])
    assert not any(CONTINUATION + letter in tokenizer.pieces for letter in letters)


def test_a_word_counts_as_one_word() -> None:
    text, _ = without_spaces("han", 5, 30_000, words=300)
    tokenizer, _ = chosen(text)
    count = WordCount(tokenizer)
    ids = tokenizer.encode(text[:2_000])
    count.add(torch.tensor(ids))
    assert count.words == sum(bool(tokenizer.piece(token).strip()) for token in ids)
    assert count.spelled_words == 0


def test_the_same_text_gives_the_same_words_every_time() -> None:
    text, _ = without_spaces("japanese", 5, 30_000, words=300)
    assert len({chosen(text)[0].to_bytes() for _ in range(3)}) == 1


def test_text_with_spaces_is_chosen_for_as_ever() -> None:
    text = "The cat saw 我们的猫, and the dog saw it. " * 400
    tokenizer, choice = chosen(text)
    assert choice is None
    assert tokenizer.pieces == Tokenizer.from_counts(counted(text).counts, counted(text).alphabet, 4_000).pieces
    assert tokenizer.costs is None


def test_single_characters_are_kept_where_words_do_not_help() -> None:
    """Characters drawn without any order have no words; what stands there often by chance is none."""
    text, _ = without_spaces("han", 7, 40_000, words=22)
    tokenizer, choice = chosen("".join(sorted(set(text))) + "。" + text[:40])
    assert choice is None or choice.words == 0
    words = [piece for piece in tokenizer.pieces if piece[0] in unspaced_letters(set(text)) and len(piece) > 1]
    assert words == []


def test_found_words_are_counted_as_the_text_is_cut_into_them() -> None:
    text, sentences = without_spaces("han", 9, 20_000, words=200)
    found = run_to_end(find_words(text))
    length = sum(map(len, found.runs))
    assert length == sum(len(word) for sentence in sentences for word in sentence)
    for most in (0, 50, found.longer):
        counts = run_to_end(found.limited(most))
        assert sum(word not in found.units for word in counts) == most
        assert sum(len(word) * count for word, count in counts.items()) == length


def test_a_run_is_cut_where_its_words_cost_least() -> None:
    costs = {"我": 300, "们": 300, "的": 100, "我们": 250, "们的": 390}
    assert Segmenter(costs).words("我们的") == ["我们", "的"]
    assert Segmenter({**costs, "我们": 400, "们的": 90}).words("我们的") == ["我", "们的"]


def words_of_two() -> Tokenizer:
    text = "我们 我们。ที่นี่ ที่นี่\n" * 3
    words = {"我们": 9, "ที่นี่": 9, "ที่": 2, "นี่": 2}
    return Tokenizer.from_counts(Counter(split(text)), set(text), 200, words=words)


@settings(max_examples=examples(150), deadline=None)
@given(text=st.text(alphabet="我们ทนี่ x.。\n他", max_size=60))
def test_any_mixture_is_spelled_without_loss(text: str) -> None:
    tokenizer = words_of_two()
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == "".join(letter if tokenizer.knows(letter) else "\ufffd" for letter in text)
    assert ids.count(UNKNOWN_ID) == sum(not tokenizer.knows(letter) for letter in text)


def test_a_mark_goes_on_with_the_letter_before_it() -> None:
    tokenizer = words_of_two()
    assert [tokenizer.pieces[token] for token in tokenizer.encode("น่")] == ["น", f"{CONTINUATION}่"]
    assert [tokenizer.pieces[token] for token in tokenizer.encode("我们ที่นี่")] == ["我们", "ที่นี่"]


def test_the_space_before_a_run_stands_alone() -> None:
    tokenizer = words_of_two()
    assert [tokenizer.piece(token) for token in tokenizer.encode(" 我们 ที่")] == [" ", "我们", " ", "ที่"]


def test_a_run_without_end_is_only_long(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = words_of_two()
    text = "我们" * 50_000
    assert tokenizer.encode(text) == tokenizer.encode("我们") * 50_000
    monkeypatch.setattr(splitting, "_BLOCK", 10 * LONGEST_RUN)
    assert tokenizer.encode(text) == tokenizer.encode("我们") * 50_000


@pytest.mark.parametrize(
    "costs", [[], [1], [1, 2, 3, 4, 5, 6, 7, "8"], [-1] * 8, [MOST_COST + 1] * 8, [True] * 8, [1.5] * 8, "x", {}, 7]
)
def test_costs_that_do_not_fit_are_refused_in_a_sentence(costs: object) -> None:
    stored = json.loads(words_of_two().to_bytes())
    assert len(stored["costs"]) == 8
    with pytest.raises(ModelFileError, match=r"^[A-Z].*\. Get the model again\.$"):
        Tokenizer.from_bytes(json.dumps({**stored, "costs": costs}).encode())


def test_a_vocabulary_with_words_grows_by_another_text() -> None:
    old = words_of_two()
    text = "我们和他们 the cat the cat ที่ 和和"
    grown = extend_tokenizer(old, Counter(split(text)), set(text))
    assert grown.pieces[: len(old)] == old.pieces
    assert grown.encode("我们 ที่นี่") == old.encode("我们 ที่นี่")
    assert [grown.piece(token) for token in grown.encode("和我们 cat")] == ["和", "我们", " cat"]
    assert Tokenizer.from_bytes(grown.to_bytes()).encode(text) == grown.encode(text)
