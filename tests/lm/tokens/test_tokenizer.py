"""Text <-> ids: lossless for known characters, harmless for everything else."""

import itertools
import json
import random
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnntui.errors import ModelFileError
from rnntui.lm.tokens import splitting
from rnntui.lm.tokens.splitting import COMMON, LATEST_RULES, LONGEST_PIECE, blocks, split
from rnntui.lm.tokens.tokenizer import CONTINUATION, LONGEST_ENTRY, UNKNOWN, UNKNOWN_ID, Tokenizer, choose_vocabulary
from tests.effort import examples

ENGLISH = (
    "The cat didn't see the dog. “Who’s there?” said the dog; the cat said nothing.\n\n"
    "It was 9 o'clock, and the rock 'n' roll of 1984 -- no more -- was over!\n\n"
) * 3
WORLD = (
    ENGLISH
    + "Ich heiße Jörg und übe, ich heiße Jörg. Ça va, garçon? Привет, привет мир мир! שלום עולם שלום עולם "
    + "我是一只猫。我是一只狗。 ฉันรักแมว ฉันรักหมา नमस्ते नमस्ते 👩\u200d👩\u200d👧 👍🏽 e\u0301 "
    + "\ttab\u00a0space  two   three\n\n\n"
) * 2
HOSTILE = [
    "\x00",
    "\x1b[31m",
    "\x07",
    "\r\n",
    "\r",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u200b",
    "\u202e",
    "\u2066",
    "\ud800",
    "\udfff\ud800",
    "👩\u200d👩\u200d👧\u200d👦",
    "🏳\ufe0f\u200d🌈",
    "e" + "\u0301" * 50,
    "\u0301\u0301",
    "שלום",
    "ا\u064eل",
    "東京",
    "ภาษาไทย",
    "한국어",
    "ﷺ",
    "ǆ",
    "ß",
    "\U0010ffff",
    "\U000e0001",
    "½²",
    "٣٤",
    "<unk>",
    "##x",
    "[UNK]",
    "'",
    "’’’",
    "a'b'c'd'e'f",
    " ",
    "     ",
    "\n\n\n\n",
    " \n \n ",
    "\t\t",
    "\u3000",
    "]",
    "^",
    "\\x{41}",
    "-",
    "&&",
    "the",
    " cat",
    "didn't",
]

NOUNS = ("walk", "talk", "wander", "listen", "paint", "jump", "march", "whisper")
FAMILIES = " ".join(noun + ending for noun in NOUNS for ending in ("", "ing", "ed", "er")) + " "
"""Words that have their endings in common."""

quick = settings(max_examples=examples(100), deadline=None)
any_text = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=60),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5)), max_size=20).map("".join),
)
printable = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=80)


@pytest.fixture(scope="module")
def world() -> Tokenizer:
    return Tokenizer.train([WORLD], 600)


@pytest.fixture(scope="module")
def english() -> Tokenizer:
    return Tokenizer.train([ENGLISH], 300)


@pytest.fixture(scope="module")
def families() -> Tokenizer:
    return Tokenizer.train([FAMILIES * 2], 300, parts=20)


@quick
@given(st.data())
def test_text_made_of_known_characters_comes_back_exactly(data: st.DataObject) -> None:
    training = data.draw(printable, "training text")
    tokenizer = Tokenizer.train([training], data.draw(st.sampled_from([100, 300])), data.draw(st.sampled_from([0, 50])))
    text = data.draw(st.text(alphabet=sorted(set(training)), max_size=80), "text")
    assert tokenizer.decode(tokenizer.encode(text)) == text


@quick
@given(text=st.text(alphabet=sorted(set(WORLD)), max_size=120))
def test_any_mixture_of_scripts_comes_back_exactly(world: Tokenizer, text: str) -> None:
    ids = world.encode(text)
    assert UNKNOWN_ID not in ids
    assert world.decode(ids) == text


@quick
@given(text=any_text)
@example("cat\ud800cat?")
@example("aTa")
def test_unknown_characters_are_isolated_and_nothing_raises(english: Tokenizer, text: str) -> None:
    ids = english.encode(text)
    assert english.decode(ids) == "".join(letter if english.knows(letter) else "\ufffd" for letter in text)
    assert ids.count(UNKNOWN_ID) == sum(not english.knows(letter) for letter in text)
    assert english.spelled_words(text) is not None


@quick
@given(text=any_text)
def test_pieces_joined_are_the_text(text: str) -> None:
    readable = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    assert "".join(split(text)) == readable


@quick
@given(text=any_text)
def test_every_piece_can_be_an_entry_or_is_spelled(text: str) -> None:
    cleaned = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    if not cleaned:
        return
    tokenizer = Tokenizer.train([cleaned, cleaned], 10_000)
    assert tokenizer.decode(tokenizer.encode(cleaned)) == cleaned
    assert [tokenizer.piece(word) for word in tokenizer.encode(cleaned)] == split(cleaned)


@pytest.mark.parametrize("letter", ["x", "é", "東", "👩", "\u0301", "\u200d", ".", "\r", "\x00"])
def test_an_unknown_character_does_not_take_its_word_along(letter: str) -> None:
    tokenizer = Tokenizer.train(["the cat the cat the cat"], 100)
    assert tokenizer.encode(f" cat{letter} cat") == [
        tokenizer.id_of(" cat"),
        UNKNOWN_ID,
        tokenizer.id_of(" cat"),
    ]


@pytest.mark.parametrize(
    "line",
    ["a" * 10**6, "e" + "\u0301" * 100_000, " " * 200_000, "👩\u200d" * 60_000, "\n" * 150_000, "我" * 100_000],
    ids=["letters", "marks", "spaces", "joiners", "newlines", "han"],
)
def test_one_gigantic_line_is_only_long(world: Tokenizer, line: str) -> None:
    same = world.decode(world.encode(line)) == line
    assert same, "a comparison of a million characters helps nobody"


def test_words_carry_the_space_before_them() -> None:
    assert split("The cat sat, the cat ran. It's 5 o'clock") == [
        "The",
        " cat",
        " sat",
        ",",
        " the",
        " cat",
        " ran",
        ".",
        " It's",
        " 5",
        " o'clock",
    ]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("don't", ["don't"]),
        ("don’t stop", ["don’t", " stop"]),
        ("'tis", ["'", "tis"]),
        ("dogs' tails", ["dogs", "'", " tails"]),
        ("‘quoted’", ["‘", "quoted", "’"]),
        ("a\n\nb", ["a", "\n\n", "b"]),
        ("a\nb", ["a", "\n", "b"]),
        ("a  b", ["a", " ", " b"]),
        ("a \n b", ["a", " ", "\n", " b"]),
        ("abc123", ["abc", "123"]),
        ("well-known", ["well", "-", "known"]),
        ("“Yes!”", ["“", "Yes", "!", "”"]),
        ("我是猫", ["我", "是", "猫"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("ที่", ["ที่"]),
        ("naïve cafe\u0301", ["naïve", " cafe\u0301"]),
        ("a...b", ["a", ".", ".", ".", "b"]),
        ("<unk> ##x", ["<", "unk", ">", " #", "#", "x"]),
    ],
)
def test_text_is_split_as_a_reader_would(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize(("text", "joined"), [("hello", False), ("ok", True)])
def test_a_word_has_an_entry_only_when_it_was_seen_twice(text: str, joined: bool) -> None:
    tokenizer = Tokenizer.train(["ok hello ok ok"], 100)
    assert (len(tokenizer.encode(" " + text)) == 1) is joined


def test_unknown_words_are_spelled_from_their_longest_known_beginning() -> None:
    tokenizer = Tokenizer.train([" cat" * 3 + " dogs"], 100)
    assert [tokenizer.pieces[word] for word in tokenizer.encode(" catod")] == [" cat", "##o", "##d"]
    assert tokenizer.spelled_words(" cat catod\n\n catod, catod dogs") == ["catod", ",", "dogs"]


def test_unknown_words_are_spelled_with_what_known_words_have_in_common(families: Tokenizer) -> None:
    parts = ["|".join(families.piece(word) for word in families.encode(word)) for word in (" wetting", " walkers")]
    assert parts == [" w|e|t|t|ing", " walker|s"]
    assert [families.is_continuation(word) for word in families.encode(" wetting")] == [False] + [True] * 4
    assert families.spelled_words(" wetting walking") == ["wetting"]


def test_no_more_parts_than_allowed_and_none_by_chance() -> None:
    plain, some, many = (Tokenizer.train([FAMILIES * 2], 300, parts=parts) for parts in (0, 3, 200))
    assert 0 < len(set(some.pieces) - set(plain.pieces)) <= 3
    assert {"##ing", "##ed", "##er", " w"} <= set(many.pieces) - set(plain.pieces)
    assert set(plain.pieces) <= set(many.pieces)
    assert not any(piece.startswith(CONTINUATION) and len(piece) > 5 for piece in many.pieces), "seen in few words"
    assert Tokenizer.train(["a1 b2 ... --- 東京 東京 " * 9], 300, parts=50).pieces == (
        Tokenizer.train(["a1 b2 ... --- 東京 東京 " * 9], 300).pieces
    )


def test_first_letters_leave_room_for_other_parts() -> None:
    """In Korean a word begins with one of many hundred syllables."""
    beginnings = [chr(code) for code in range(ord("가"), ord("가") + 30)]
    text = "".join(f" {first}{second}하는" for first in beginnings for second in beginnings[:7]) * 2
    parts = set(Tokenizer.train([text], 400, parts=20).pieces) - set(Tokenizer.train([text], 400).pieces)
    assert any(piece[0] == " " for piece in parts)
    assert any(piece.endswith("하는") for piece in parts)


def test_a_rare_word_that_is_a_part_of_others_has_one_entry() -> None:
    text = (" wing" * 9 + " sing ring king ding" * 6) + " in in bring bring ping ping"
    counts = Counter(split(text))
    for limit in range(20, 60):
        pieces = choose_vocabulary(counts, set(text), limit, 8)
        assert len(set(pieces)) == len(pieces)


@pytest.mark.parametrize("limit", [1, 60, 80, 100, 300])
def test_parts_are_within_the_limit(limit: int) -> None:
    alphabet = 1 + 2 * len(set(FAMILIES))
    assert len(Tokenizer.train([FAMILIES * 2], limit, parts=40)) <= max(limit, alphabet)


def test_parts_are_the_same_every_time() -> None:
    dice = random.Random(5)
    words = {"".join(dice.choices("abdegilmnorst", k=dice.randint(3, 9))) for _ in range(600)}
    text = "".join(f" {word}" for word in sorted(words)) * 2
    made = {Tokenizer.train([text], 2_000, parts=200).pieces for _ in range(8)}
    assert len(made) == 1, "many pairs are equally frequent here"
    assert sum(piece.startswith(CONTINUATION) and len(piece) > 3 for piece in made.pop()) > 50


def test_words_seen_once_make_no_difference_to_a_vocabulary() -> None:
    counts = {piece: 2 for piece in split(FAMILIES)}
    letters = set(FAMILIES) | set("xyz")
    once = {" xylophoning": 1, " zoning": 1}
    assert Tokenizer.from_counts(counts | once, letters, 300, 40).pieces == (
        Tokenizer.from_counts(counts, letters, 300, 40).pieces
    )


def test_spelled_words_are_words_each_named_once() -> None:
    tokenizer = Tokenizer.train(["\n the cat the cat, dog"], 100)
    assert tokenizer.spelled_words("dog the dog\n\n\n dog  ") == ["dog"]


def test_marks_of_a_spelled_word_are_continuations(english: Tokenizer) -> None:
    ids = english.encode(" thentod")
    assert [english.is_continuation(word) for word in ids] == [False, *([True] * (len(ids) - 1))]
    assert not english.is_continuation(UNKNOWN_ID)


@pytest.mark.parametrize("text", ["<unk>", "##x", " ##", "##", "<unk><unk>", "a##b", "[UNK]"])
def test_marks_of_the_library_typed_literally_are_only_text(text: str) -> None:
    tokenizer = Tokenizer.train(["<unk> ##x a##b [UNK] " * 3], 100)
    ids = tokenizer.encode(text)
    assert UNKNOWN_ID not in ids
    assert tokenizer.decode(ids) == text


def test_every_character_can_start_and_continue_a_piece() -> None:
    tokenizer = Tokenizer.train(["“Ah” X. “Oh”"], 100)
    assert tokenizer.decode(tokenizer.encode(" “OhX AX“")) == " “OhX AX“"


def test_the_vocabulary_keeps_its_limit(english: Tokenizer) -> None:
    alphabet = 1 + 2 * len(set(ENGLISH))
    assert len(Tokenizer.train([ENGLISH], alphabet + 7)) == alphabet + 7
    assert len(Tokenizer.train([ENGLISH], 1)) == alphabet
    assert len(english) <= 300


def test_the_most_frequent_pieces_come_first() -> None:
    tokenizer = Tokenizer.train([" the" * 9 + " cat" * 5 + " dog" * 5 + " cow" * 2], 1 + 2 * 10 + 3)
    assert tokenizer.pieces[-3:] == (" the", " cat", " dog")


def test_the_vocabulary_depends_on_the_text_alone() -> None:
    parts = [f"{part}\n\n" for part in WORLD.split("\n\n")]
    shuffled = random.Random(4).sample(parts, len(parts))
    assert Tokenizer.train(parts, 400).to_bytes() == Tokenizer.train(shuffled, 400).to_bytes()


def test_a_tokenizer_survives_as_bytes(world: Tokenizer) -> None:
    again = Tokenizer.from_bytes(world.to_bytes())
    assert again.pieces == world.pieces
    assert again.encode(WORLD) == world.encode(WORLD)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b'"<unk>"',
        b"[1, 2]",
        b'["<unk>", null]',
        b'["<unk>", ["a"]]',
        b'["a", "<unk>"]',
        b'["a", "b"]',
        b'["<unk>", "a", "a"]',
        b'["<unk>", "<unk>"]',
        b'["<unk>", ""]',
        b'["<unk>", "a\\u0000"]',
        b'["<unk>", "\\u001b[31m"]',
        b'["<unk>", "\\u009b"]',
        b'["<unk>", "\\r"]',
        b'["<unk>", "\\ud800"]',
        b'["<unk>", "a",',
        b'["<unk>", "\xff"]',
        b"[" * 100_000,
        b"9" * 5_000,
        json.dumps([UNKNOWN, "a" * (LONGEST_ENTRY + 1)]).encode(),
    ],
)
def test_a_foreign_vocabulary_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(ModelFileError, match=r"^[A-Z].*\. Get the model again\.$"):
        Tokenizer.from_bytes(data)


@quick
@given(entries=st.lists(st.text(min_size=1, max_size=6), max_size=8, unique=True), text=any_text)
def test_a_strange_vocabulary_is_refused_or_works(entries: list[str], text: str) -> None:
    try:
        tokenizer = Tokenizer.from_bytes(json.dumps([UNKNOWN, *entries]).encode())
    except ModelFileError:
        return
    ids = tokenizer.encode(text)
    assert all(0 <= number < len(tokenizer) for number in ids)
    assert isinstance(tokenizer.decode(ids), str)


@pytest.mark.parametrize("entries", [[], ["東", CONTINUATION + "東"]], ids=["no character", "no common character"])
@pytest.mark.parametrize("text", ["\0", "\0\0a", " ", "a", "東\0"])
def test_a_vocabulary_without_common_characters_ends_with_every_text(entries: list[str], text: str) -> None:
    tokenizer = Tokenizer([UNKNOWN, *entries])
    assert set(tokenizer.encode(text.replace("東", ""))) <= {0}


runs = st.tuples(
    st.sampled_from(["ab", "don't ", " ", "\n", "\t", ".", "7", "東", "e\u0301", "'"]), st.integers(1, 150)
)


@settings(max_examples=examples(200), deadline=None)
@example(runs=[(" ", 86), (" ", 150), (" ", 150), ("\t", 150), ("ab", 33)], size=600)
@example(
    runs=[(".", 77), ("\t", 219), ("7", 128), ("\t", 101), ("東", 68), ("e\u0301", 150), ("don't ", 100)], size=900
)
@given(runs=st.lists(runs, max_size=12), size=st.sampled_from([600, 601, 900]))
def test_cutting_into_blocks_never_changes_the_pieces(runs: list[tuple[str, int]], size: int) -> None:
    whole = "".join(piece * count for piece, count in runs)
    expected = split(whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "_BLOCK", size)
        parts = list(blocks(whole))
        assert "".join(parts) == whole
        assert all(0 < len(part) <= size for part in parts)
        assert split(whole) == expected


def test_a_long_text_gives_the_same_ids_in_blocks_as_in_one(
    english: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ENGLISH * 4
    in_blocks = []
    for size in (100, 1_000, 1 << 16):
        monkeypatch.setattr(splitting, "_BLOCK", size)
        in_blocks.append(english.encode(text))
    assert in_blocks[0] == in_blocks[1] == in_blocks[2]


def test_runs_of_letters_are_cut_so_that_spelling_stays_cheap() -> None:
    assert [len(piece) for piece in split("a" * (2 * LONGEST_PIECE + 1))] == [LONGEST_PIECE, LONGEST_PIECE, 1]
    assert max(len(piece) for piece in split("é'" * 10_000)) <= LONGEST_ENTRY


# ---- the quick way equals the library's -------------------------------------------------------------------------

CONTEXTS = ("a{}b", " {}", "{} ", "{}", "a'{}", "{}’a", "1{}1", "  {}", "\t{}\n", "{}\n\n{}", "{}{}{}", " {} {}")
common_text = st.text(alphabet=COMMON, max_size=80)
mixed_lines = st.lists(st.one_of(common_text, any_text), max_size=6).map("\n".join)


def library_split(text: str) -> list[str]:
    return [piece for piece, _ in splitting.library_split(LATEST_RULES).pre_tokenize_str(text)]


def library_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer._library.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_common_character_is_split_as_the_library_splits_it(context: str) -> None:
    for character in COMMON:
        text = context.format(*[character] * 3)
        assert split(text) == library_split(text), repr(text)


@quick
@given(text=mixed_lines)
@example("a" * 200 + "'" + "b" * 70 + " " * 70 + "\n" * 130 + "7" * 40)
def test_any_lines_are_split_as_the_library_splits_them(text: str) -> None:
    readable = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    assert split(text) == library_split(readable)


@quick
@given(text=mixed_lines)
@example("ab  ■cd\n\n■ the cat")
def test_any_lines_are_numbered_as_the_library_numbers_them(
    world: Tokenizer, english: Tokenizer, families: Tokenizer, text: str
) -> None:
    readable = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    for tokenizer in (world, english, families):
        assert tokenizer.encode(text) == library_ids(tokenizer, readable)


@quick
@given(text=st.text(alphabet=sorted(set(FAMILIES)), max_size=80))
def test_parts_are_found_as_the_library_finds_them(families: Tokenizer, text: str) -> None:
    assert families.encode(text) == library_ids(families, text)


def test_a_foreign_list_of_longer_continuations_is_numbered_as_the_library_does() -> None:
    tokenizer = Tokenizer(["<unk>", "a", "b", "##a", "##b", "##ab"])
    assert tokenizer.encode("aab") == library_ids(tokenizer, "aab") == [1, 5]
    lacking = Tokenizer(["<unk>", "a", "b", "##a"])
    assert lacking.encode("ab") == library_ids(lacking, "ab")


@quick
@given(text=st.text(alphabet="ab '\n東", max_size=200), sizes=st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_where_the_parts_of_a_text_end_makes_no_difference(text: str, sizes: list[int]) -> None:
    ends = [0, *itertools.accumulate(sizes)]
    parts = [text[start:end] for start, end in itertools.pairwise(ends)] + [text[ends[-1] :]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "_BLOCK", 20)
        assert [block for block in blocks(parts) if block] == list(blocks(text))
