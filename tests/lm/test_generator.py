"""A model with a memory: exact undo, honest counts, repeatable dice, endings, and joining of turns."""

import dataclasses
import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import ModelFileError
from rnntui.lm.generator import Generator, GeneratorState, Step, count_words, join_turn
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import MixedDistribution
from rnntui.lm.model_file import unpack
from rnntui.lm.sampling import REPETITION_WINDOW
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.settings import CELL_NAMES, SamplerSettings
from tests.effort import examples
from tests.small_models import small_model

every_cell = pytest.mark.parametrize("cell", CELL_NAMES)
DARING = SamplerSettings(temperature=1.3, top_p=1.0, max_words=30, stop="words")
PROMPT = "The cat saw a mouse."


def speaker(cell: str = "lstm", layers: int = 1) -> Generator:
    card, weights, vocabulary = small_model(cell=cell, layers=layers)
    loaded = unpack(card, weights, vocabulary)
    return Generator(loaded.model, loaded.tokenizer)


def spoken(generator: Generator, chosen: SamplerSettings = DARING, seed: int = 5, most: int = 1_000) -> list[Step]:
    return [step for step, _ in itertools.islice(generator.generate(lambda: chosen, seed), most)]


def feed(generator: Generator, text: str) -> list[float]:
    return generator.feed(generator.tokenizer.encode(text))


def same_memory(one: GeneratorState, other: GeneratorState) -> bool:
    return one.state.to_bytes() == other.state.to_bytes() and one.position == other.position


class Reciter(Generator):
    """Says a given text whatever it remembers, and hums one word when the text is over."""

    def __init__(self, tokenizer: Tokenizer, text: str) -> None:
        heard = speaker()
        super().__init__(heard.model, heard.tokenizer)
        self.tokenizer = tokenizer
        self.script = [*tokenizer.encode(text), *tokenizer.encode(" hum") * 200]

    def distribution(self, voice: str = "mixture", own_words: float = 1.0) -> MixedDistribution:
        scores = torch.full((len(self.tokenizer),), -50.0, dtype=torch.float64)
        scores[self.script[self.memory.position]] = 0.0
        return MixedDistribution(scores, ())

    def _after(self, word: int) -> GeneratorState:
        return GeneratorState(self.memory.state, self.memory.position + 1)


def recited(text: str, stop: str, max_words: int = 1_000) -> tuple[str, str]:
    """What is said of a text before the stop rule ends it, and the reason."""
    tokenizer = Tokenizer.train([text + " hum hum", " the the cat cat said said \n\n\n\n"], 500)
    reciter = Reciter(tokenizer, text)
    chosen = SamplerSettings(temperature=0.0, stop=stop, max_words=max_words)
    said = list(reciter.generate(lambda: chosen, 0))
    return "".join(step.piece for step, _ in said), said[-1][1]


# ---- memory -----------------------------------------------------------------------------------------------------


@every_cell
def test_restoring_a_snapshot_gives_the_identical_continuation(cell: str) -> None:
    generator = speaker(cell, layers=2)
    feed(generator, PROMPT)
    snapshot = generator.memory
    first = spoken(generator)
    after = generator.memory
    generator.memory = snapshot
    again = spoken(generator)
    assert [dataclasses.replace(step, memory=snapshot) for step in first] == [
        dataclasses.replace(step, memory=snapshot) for step in again
    ]
    assert same_memory(generator.memory, after)


@every_cell
def test_a_memory_stored_as_bytes_goes_on_identically(cell: str) -> None:
    generator, other = speaker(cell), speaker(cell)
    feed(generator, PROMPT)
    stored = generator.memory
    state = type(stored.state).from_bytes(stored.state.to_bytes(), other.model.config)
    other.memory = dataclasses.replace(stored, state=state)
    assert [step.token_id for step in spoken(generator)] == [step.token_id for step in spoken(other)]


def test_reading_a_text_again_rebuilds_the_memory_bit_for_bit() -> None:
    generator, other = speaker(), speaker()
    feed(generator, PROMPT)
    words = [step.token_id for step in spoken(generator)]
    feed(other, PROMPT)
    other.feed(words, again=True, is_drawn=True)
    assert same_memory(generator.memory, other.memory)
    assert generator.memory.recent == other.memory.recent


@settings(max_examples=examples(20), deadline=None)
@given(cuts=st.lists(st.integers(0, 40), max_size=4))
def test_feeding_in_pieces_equals_feeding_at_once(cuts: list[int]) -> None:
    at_once, in_pieces = speaker(), speaker()
    ids = at_once.tokenizer.encode(PROMPT * 3)
    expected = at_once.feed(ids)
    borders = [0, *sorted(min(cut, len(ids)) for cut in cuts), len(ids)]
    scores = [score for low, high in itertools.pairwise(borders) for score in in_pieces.feed(ids[low:high])]
    assert scores == pytest.approx(expected, abs=1e-5)
    assert same_memory(at_once.memory, in_pieces.memory)


@every_cell
@torch.no_grad()
def test_scores_of_fed_words_are_the_networks_log_probabilities(cell: str) -> None:
    generator = speaker(cell, layers=2)
    ids = generator.tokenizer.encode(PROMPT * 4)
    scores = generator.feed(ids)
    hidden, _ = generator.model(torch.tensor(ids[:-1]).unsqueeze(1))
    logs = generator.model.log_probabilities(hidden[:, 0])
    assert scores[1:] == pytest.approx([float(row[word]) for row, word in zip(logs, ids[1:], strict=True)], abs=1e-4)
    empty = generator.model.log_probabilities(torch.zeros(generator.model.config.hidden_size))
    assert scores[0] == pytest.approx(float(empty[ids[0]]), abs=1e-5)


def test_feeding_nothing_changes_nothing() -> None:
    generator = speaker()
    before = generator.memory
    assert generator.feed([]) == []
    assert generator.memory is before


def test_words_are_read_once_and_counted_once() -> None:
    generator = speaker()
    fed = len(feed(generator, PROMPT))
    said = len(spoken(generator))
    assert (generator.tokens_read, generator.tokens_reread) == (fed + said, 0)
    assert generator.memory.position == fed + said
    generator.feed([1, 2, 3], again=True)
    assert (generator.tokens_read, generator.tokens_reread) == (fed + said + 3, 3)


def test_forgetting_empties_the_memory_and_keeps_the_position() -> None:
    generator = speaker()
    feed(generator, PROMPT)
    position = generator.memory.position
    generator.reset()
    assert generator.memory.position == position
    assert generator.memory.recent == RecentTokens()
    assert not any(part.any() for part in generator.memory.state.parts.values())


def test_only_the_last_words_are_kept_for_the_repetition_penalty() -> None:
    generator = speaker()
    ids = [at % 20 + 1 for at in range(REPETITION_WINDOW + 10)]
    generator.feed(ids)
    assert generator.context(SamplerSettings()).recent_ids == tuple(ids[-REPETITION_WINDOW:])
    assert REPETITION_WINDOW == 64


# ---- dice -------------------------------------------------------------------------------------------------------


def test_what_is_sampled_is_the_networks_own_and_what_is_fed_is_not() -> None:
    generator = speaker()
    feed(generator, "The cat")
    assert generator.memory.recent.weights(0.5) is None
    generator.commit(generator.sample(DARING, 1))
    weights = generator.memory.recent.weights(0.5)
    assert weights is not None
    assert weights.tolist() == [1.0] * (len(weights) - 1) + [0.5]
    assert not generator.memory.is_read


def test_a_word_depends_on_nothing_that_was_drawn_elsewhere() -> None:
    generator, disturbed = speaker(), speaker()
    feed(generator, PROMPT)
    expected = spoken(generator)
    spoken(disturbed, seed=99)
    torch.rand(10)
    disturbed.memory = speaker().memory
    feed(disturbed, PROMPT)
    for _ in range(3):
        disturbed.sample(DARING, seed=123)
    assert [step.token_id for step in spoken(disturbed)] == [step.token_id for step in expected]


def test_any_word_can_be_drawn_again_from_the_memory_before_it() -> None:
    generator = speaker()
    feed(generator, PROMPT)
    memories = [generator.memory]
    steps = []
    for step in spoken(generator):
        steps.append(step)
        memories.append(step.memory)
    for memory, step in zip(memories, steps, strict=False):
        generator.memory = memory
        again = generator.sample(DARING, 5)
        assert (again.token_id, again.position, again.logprob) == (step.token_id, step.position, step.logprob)


def test_another_seed_or_position_throws_other_dice() -> None:
    generator = speaker()
    feed(generator, PROMPT)
    start = generator.memory
    texts = set()
    for seed, position in ((5, 0), (6, 0), (5, 1)):
        generator.memory = dataclasses.replace(start, position=start.position + position)
        texts.add(tuple(step.token_id for step in spoken(generator, seed=seed)))
    assert len(texts) == 3


def test_drawing_reads_nothing() -> None:
    generator = speaker()
    before = generator.memory
    generator.sample(DARING, 1)
    assert generator.memory is before
    assert generator.tokens_read == 0


def test_an_unknown_character_is_never_said() -> None:
    generator = speaker()
    with torch.no_grad():
        generator.model.output_bias[UNKNOWN_ID] = 1e3
    for chosen in (DARING, dataclasses.replace(DARING, temperature=0.0)):
        assert UNKNOWN_ID not in [step.token_id for step in spoken(generator, chosen)]


def test_a_step_tells_what_was_likely() -> None:
    generator = speaker()
    feed(generator, PROMPT)
    logs = generator.log_probabilities()
    chosen = SamplerSettings(temperature=1.0, top_k=2, top_p=1.0)
    step = generator.sample(chosen, 3, alternatives=4)
    assert step.logprob == float(logs[step.token_id])
    assert step.rank == 1 + sum(value > step.logprob for value in logs.tolist())
    assert step.entropy_bits == pytest.approx(
        -sum(value.exp() * value for value in logs) / torch.log(torch.tensor(2.0))
    )
    left = [entry.drawable for entry in step.alternatives[:2]]
    assert step.drawable_bits == pytest.approx(-sum(chance * math.log2(chance) for chance in left))
    assert generator.sample(SamplerSettings(temperature=0.0), 3, alternatives=4).drawable_bits == 0.0
    best = torch.topk(logs, 4)
    assert [entry.token_id for entry in step.alternatives] == best.indices.tolist()
    assert [entry.probability for entry in step.alternatives] == pytest.approx(best.values.exp().tolist())
    assert [entry.drawable > 0 for entry in step.alternatives] == [True, True, False, False]
    assert sum(entry.drawable for entry in step.alternatives) == pytest.approx(1)


def test_settings_changed_between_words_apply_to_the_next_word() -> None:
    changing, greedy = speaker(), speaker()
    chosen = [DARING]
    for count, (step, _) in enumerate(changing.generate(lambda: chosen[0], 5), start=1):
        if count == 4:
            chosen[0] = dataclasses.replace(DARING, temperature=0.0)
            greedy.memory = step.memory
        if count == 5:
            expected = greedy.sample(chosen[0], 5)
            assert step.token_id == expected.token_id
            assert step.rank == 1 or expected.rank == step.rank
            break


def test_a_word_is_drawn_with_the_settings_that_were_last_asked_for() -> None:
    generator, oracle = speaker(), speaker()
    asked: list[SamplerSettings] = []

    def alternating() -> SamplerSettings:
        asked.append(dataclasses.replace(DARING, temperature=1.9 if len(asked) % 2 else 0.0))
        return asked[-1]

    for step, _ in itertools.islice(generator.generate(alternating, 5), 12):
        assert step.token_id == oracle.sample(asked[-1], 5).token_id
        oracle.commit(step)


def test_weights_beyond_numbers_are_reported_and_nothing_is_read() -> None:
    generator = speaker()
    feed(generator, PROMPT)
    before = generator.memory
    with torch.no_grad():
        generator.model.output_bias[3] = float("inf")
    for work in (lambda: feed(generator, PROMPT), lambda: generator.sample(DARING, 1), lambda: spoken(generator)):
        assert_refused(work)
    assert generator.memory is before


def assert_refused(work: Callable[[], object]) -> None:
    with pytest.raises(ModelFileError, match="not finite"):
        work()


# ---- endings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" the cat said.\n\n the cat", " the cat said.\n\n"),
        (" the cat\n said.\n\n the cat", " the cat\n said.\n\n"),
        ("\n\n the cat.\n\n the", "\n\n the cat.\n\n"),
        (" the cat.\n\n\n\n the cat", " the cat.\n\n\n\n"),
    ],
)
def test_a_paragraph_end_ends_the_reply(text: str, said: str) -> None:
    assert recited(text, "paragraph") == (said, "paragraph")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" the cat said. the cat", " the cat said."),
        (" the cat! the cat", " the cat!"),
        (" the cat?! the cat", " the cat?!"),
        (" the cat... the cat", " the cat..."),
        (" the cat… the cat", " the cat…"),
        (" “the cat said.” the cat", " “the cat said.”"),
        (' "the cat said." the cat', ' "the cat said."'),
        (" (“the cat said!”) the cat", " (“the cat said!”)"),
        (" Mr. Cat said. the cat", " Mr. Cat said."),
        (" the Dr. said. Mrs. Cat", " the Dr. said."),
        (" J. R. Cat said. the cat", " J. R. Cat said."),
        (" zebra zygote. the cat", " zebra zygote."),
        (". the cat. the cat", ". the cat."),
        (" “the cat.” said the cat. The", " “the cat.”"),
    ],
)
def test_a_sentence_end_ends_the_reply(text: str, said: str) -> None:
    assert recited(text, "sentence") == (said, "sentence")


@pytest.mark.parametrize("stop", ["paragraph", "sentence", "words"])
def test_a_number_of_words_ends_the_reply(stop: str) -> None:
    assert recited(" the cat, the cat said the cat", stop, 5) == (" the cat, the cat", "words")
    assert recited(" the cat, the cat said the cat", stop, 2) == (" the cat", "words")


def test_paragraphs_and_sentences_do_not_end_a_reply_by_length() -> None:
    assert recited(" the cat.\n\n the cat. the cat", "words", 6) == (" the cat.\n\n the cat.", "words")


def test_a_reply_ends_only_after_the_last_word_is_whole() -> None:
    tokenizer = Tokenizer.train([" the the cat cat", " zebra quagga hum hum"], 500)
    reciter = Reciter(tokenizer, " the zebra quagga the cat")
    assert len(tokenizer.encode(" the zebra quagga the cat")) > 10
    chosen = SamplerSettings(temperature=0.0, stop="words", max_words=3)
    assert "".join(step.piece for step in spoken(reciter, chosen)) == " the zebra quagga"


def test_the_rest_of_a_word_that_began_before_the_reply_is_no_word_of_it() -> None:
    tokenizer = Tokenizer.train([" the the cat cat", " zebra quagga hum hum"], 500)
    reciter = Reciter(tokenizer, " zebra the cat quagga")
    reciter.script.pop(0)
    assert tokenizer.is_continuation(reciter.script[0])
    steps = spoken(reciter, SamplerSettings(temperature=0.0, stop="words", max_words=2))
    assert "".join(step.piece for step in steps) == "zebra the cat"
    assert count_words(tokenizer, [step.token_id for step in steps]) == 2


@pytest.mark.parametrize("text", [", " * 300, "\n\n" * 300, " " * 300, ".,;" * 300])
def test_a_reply_without_words_ends_too(text: str) -> None:
    said, reason = recited(text, "paragraph", 5)
    assert reason == "words"
    assert len(said) < 3_000


def test_max_words_counts_a_spelled_word_once() -> None:
    tokenizer = Tokenizer.train([" the the cat cat", " zebra,.\n"], 500)
    assert tokenizer.pieces[tokenizer.encode(" zebra")[0]] == " ", "spelled from its space on"
    assert count_words(tokenizer, tokenizer.encode(" the zebra, the cat\n\n zebra.")) == 7


def test_words_and_marks_count_and_white_space_does_not() -> None:
    tokenizer = Tokenizer.train(["the cat\n\n\n said  it"], 500)
    assert count_words(tokenizer, []) == 0
    assert count_words(tokenizer, tokenizer.encode("\n\n\n   \n")) == 0
    assert count_words(tokenizer, tokenizer.encode("the cat.\n\n said")) == 4
    assert count_words(tokenizer, tokenizer.encode(" cat")[1:]) == 0, "the rest of a word is none"


# ---- joining turns ----------------------------------------------------------------------------------------------

JOINING = Tokenizer.train(
    [" The cat saw the dog. The cat, the dog! Is the cat here?\n\n“The cat” said the cat.\n\n" * 3], 500
)


@pytest.mark.parametrize(
    ("before", "prompt", "rule", "expected"),
    [
        ("", "the cat", "inline", " the cat"),
        ("", "the cat", "paragraph", " the cat"),
        ("", "“The cat”", "inline", "“The cat”"),
        ("", "  the cat  ", "inline", " the cat"),
        ("The cat", "saw the dog", "inline", " saw the dog"),
        ("The cat.", "The dog", "inline", " The dog"),
        ("The cat!”", "The dog", "inline", " The dog"),
        ("The cat", ", the dog", "inline", ", the dog"),
        ("The cat", ".", "inline", "."),
        ("The cat", "?! the dog", "inline", "?! the dog"),
        ("“The cat", "” said", "inline", "” said"),
        ("The cat", "“The dog", "inline", " “The dog"),
        ("The cat.\n\n", "the dog", "inline", " the dog"),
        ("The cat.\n", "the dog", "inline", " the dog"),
        ("The cat.\n\n", "“The dog", "inline", "“The dog"),
        ("The cat ", "the dog", "inline", "the dog"),
        ("The cat", "\nthe dog", "inline", "\nthe dog"),
        ("The cat", "\n\n", "inline", "\n\n"),
        ("The cat.", "the dog", "paragraph", "\n\n the dog"),
        ("The cat.\n", "the dog", "paragraph", "\n the dog"),
        ("The cat.\n\n", "the dog", "paragraph", " the dog"),
        ("The cat.\n\n\n", "the dog", "paragraph", " the dog"),
        ("The cat.", "\n\n“The dog”\n", "paragraph", "\n\n“The dog”"),
        ("The cat", ", the dog", "paragraph", "\n\n, the dog"),
        ("The cat", "", "inline", ""),
        ("The cat", "   ", "paragraph", ""),
        ("我们去", "北京", "inline", "北京"),
        ("我们去。", "他们", "inline", "他们"),
        ("“我们去。”", "“他们", "inline", "“他们"),
        ("“The cat.”", "他们", "inline", " 他们"),
        ("”", "他们", "inline", " 他们"),
        ("はい」", "「いいえ", "inline", "「いいえ"),
        ("ฉันรัก", "แมว", "inline", "แมว"),
        ("한국", "사람", "inline", " 사람"),
        ("The cat", "我们", "inline", " 我们"),
        ("我们", "cat", "inline", " cat"),
        ("मैं घर", "।", "inline", "।"),
        ("مرحبا", "، كيف", "inline", "، كيف"),
        ("我们。", "他们", "paragraph", "\n\n他们"),
    ],
)
def test_a_prompt_is_joined_as_a_writer_would(before: str, prompt: str, rule: str, expected: str) -> None:
    assert join_turn(before, prompt, rule, JOINING) == expected


@pytest.mark.parametrize("rule", ["inline", "paragraph"])
@pytest.mark.parametrize("before", ["", "The cat", "The cat.", "The cat.\n", "The cat.\n\n", "“The cat”"])
@pytest.mark.parametrize("word", ["the", "cat", "dog", "saw", "The"])
def test_no_word_is_spelled_for_want_of_its_space(before: str, word: str, rule: str) -> None:
    fed = join_turn(before, word, rule, JOINING)
    assert JOINING.spelled_words(fed) == []


@settings(max_examples=examples(150), deadline=None)
@given(before=st.text(max_size=12), prompt=st.text(max_size=30), rule=st.sampled_from(["inline", "paragraph"]))
def test_joining_adds_only_white_space_around_the_prompt(before: str, prompt: str, rule: str) -> None:
    fed = join_turn(before, prompt, rule, JOINING)
    assert fed.strip() == prompt.strip()
    assert len(fed) <= len(prompt) + 3
