"""Where the words of every script end; what earlier versions learned is read as they split it."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import ModelFileError
from rnntui.lm.tokens.splitting import COMMON, FIRST_RULES, LATEST_RULES, blocks, rules_of, split
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.lm.tokens.vocabulary_extension import extend_tokenizer
from rnntui.text import clean
from tests.effort import examples

ZWNJ, ZWJ = "\u200c", "\u200d"
WORDS = {
    "Persian plural": f"کتاب{ZWNJ}ها",
    "Persian verb": f"نمی{ZWNJ}خواهم",
    "Malayalam final": f"അവന{chr(0xD4D)}{ZWJ}",
    "Sinhala": f"ශ{chr(0xDCA)}{ZWJ}රී",
    "Hindi half letter": f"क{chr(0x94D)}{ZWJ}ष",
    "Hindi": "क्षत्रिय",
    "Bengali": "বাংলাদেশ",
    "Tamil": "தமிழ்நாட்டில்",
    "Hebrew points": "שָׁלוֹם",
    "Hebrew abbreviation": "צה״ל",
    "Hebrew abbreviation with an ending": "מנכ״לית",
    "Hebrew abbreviation on a keyboard": 'צה"ל',
    "Hebrew geresh": "ג׳ורג׳",
    "Hebrew geresh on a keyboard": "ג'ירפה",
    "Arabic vowels": "السَّلَامُ",
    "Arabic tatweel": "كتـــاب",
    "Ukrainian": "п'ять",
    "Ukrainian typographic": "п’ять",
    "Ukrainian letter": "п\u02bcять",
    "Hawaiian": "Hawai\u02bbi",
    "French": "l’homme",
    "French twice": "aujourd’hui",
    "Catalan": "col·lecció",
    "Turkish": "İstanbul’un",
    "Turkish dotless": "ısırgan",
    "Vietnamese": "Việt",
    "Korean": "한국어",
    "Thai consonant with marks": "ที่",
    "Khmer cluster": "ខ្ញុំ",
    "Burmese stack": "က္က",
    "family": f"👩{ZWJ}👩{ZWJ}👧{ZWJ}👦",
    "skin tone": "👍🏽",
    "profession": f"👩🏽{ZWJ}⚕\ufe0f",
    "flag": "🇩🇪",
    "flag of a region": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "rainbow flag": f"🏳\ufe0f{ZWJ}🌈",
    "heart": "❤\ufe0f",
    "key": "1\ufe0f\u20e3",
    "hash key": "#\ufe0f\u20e3",
    "Devanagari digits": "१२३",
    "Arabic digits": "٣٤٥",
    "full-width digits": "１２３",
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_a_word_is_one_piece_alone_behind_another_and_once_more(word: str) -> None:
    assert split(word) == [word]
    assert split(f"{word} {word}") == [word, f" {word}"]
    assert split(f"({word})") == ["(", word, ")"]
    assert split(f"{word}\n{word}") == [word, "\n", word]


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_a_word_seen_twice_is_one_token_and_any_other_way_of_its_characters_is_spelled(word: str) -> None:
    text = clean(f"{word}\n{word} {word} {word}").text
    tokenizer = Tokenizer.train([text], 1_000)
    assert tokenizer.encode(text) == [tokenizer.id_of(piece) for piece in split(text)]
    again = Tokenizer.from_bytes(tokenizer.to_bytes())
    backwards = text[::-1]
    assert again.encode(text) == tokenizer.encode(text)
    assert again.decode(again.encode(backwards)) == backwards


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("मैं घर। वह॥", ["मैं", " घर", "।", " वह", "॥"]),
        ("مرحبا، كيف؟", ["مرحبا", "،", " كيف", "؟"]),
        ("¿Qué? ¡No!", ["¿", "Qué", "?", " ¡", "No", "!"]),
        ("Quoi ? « Oui »", ["Quoi", " ?", " «", " Oui", " »"]),
        ("Τι; Καλά·", ["Τι", ";", " Καλά", "·"]),
        ("「はい」。", ["「", "は", "い", "」", "。"]),
        ('אמר "כן" לי', ["אמר", ' "', "כן", '"', " לי"]),
        ("コーヒー", ["コ", "ー", "ヒ", "ー"]),
        ("well·known", ["well", "·", "known"]),
        ("mil·lió", ["mil·lió"]),
        ("co-op", ["co", "-", "op"]),
        ("👍👍", ["👍", "👍"]),
        ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
        (f"a{ZWJ} b", [f"a{ZWJ}", " b"]),
        (f"{ZWJ}a", [ZWJ, "a"]),
        (" \u0301x", [" \u0301", "x"]),
        ("น้ำ", ["น้", "ำ"]),
    ],
)
def test_marks_stand_where_a_reader_sees_them(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


def test_marks_typed_apart_are_the_composed_letter_once_cleaned() -> None:
    for apart, one in (("Vie\u0323\u0302t", "Việt"), ("I\u0307stanbul", "İstanbul"), ("ไทย", "ไทย"), ("한", "한")):
        assert split(clean(apart).text) == split(one)


def test_a_flood_of_marks_is_cut() -> None:
    assert max(map(len, split("e" + f"\u0301{ZWJ}" * 5_000))) <= 9
    assert max(map(len, split(f"👩{ZWJ}" * 5_000))) <= 100


def test_text_without_such_characters_is_stored_as_ever() -> None:
    """What earlier versions wrote and read: a bare list."""
    tokenizer = Tokenizer.train(["The naïve cat didn’t see Привет, — мир ελληνικά 我是 👍 " * 2], 300)
    assert tokenizer.rules == FIRST_RULES
    assert json.loads(tokenizer.to_bytes()) == list(tokenizer.pieces)
    assert json.loads(Tokenizer.train([WORDS["Persian verb"] * 2], 300).to_bytes())["rules"] == LATEST_RULES


@pytest.mark.parametrize("word", [word for word in WORDS.values() if rules_of(word) == LATEST_RULES])
def test_a_vocabulary_of_an_earlier_version_is_read_by_its_rules(word: str) -> None:
    text = f"{word} {word} the cat {word}"
    old = Tokenizer.from_bytes(json.dumps(Tokenizer.train([text], 300).pieces).encode())
    assert old.rules == FIRST_RULES
    parts = split(text, FIRST_RULES)
    assert [old.piece(token) for token in old.encode(text) if not old.is_continuation(token)] != []
    assert old.decode(old.encode(text)) == text
    assert old.encode(text) == list(itertools.chain.from_iterable(old.encode(part) for part in parts))
    if split(text) != parts:
        assert old.ids_of_pieces(split(text)) is None, "else it would be learned in other pieces than it is read in"


@settings(max_examples=examples(100), deadline=None)
@given(text=st.text(alphabet=[*COMMON[::7], *"我是のไท한👍", "\n", " "], max_size=60))
def test_both_rules_agree_on_what_the_first_are_kept_for(text: str) -> None:
    assert rules_of(text) == FIRST_RULES
    assert split(text, FIRST_RULES) == split(text, LATEST_RULES)


def test_a_vocabulary_that_grows_by_such_a_text_gets_its_rules() -> None:
    old = Tokenizer.train(["the cat the cat"], 300)
    word = WORDS["Persian verb"]
    assert extend_tokenizer(old, {"dog": 2}, set("dog")).rules == FIRST_RULES
    grown = extend_tokenizer(old, {word: 2}, set(word))
    assert grown.encode(word) == [grown.id_of(word)]
    assert grown.encode("the cat") == old.encode("the cat")


@pytest.mark.parametrize("rules", [0, 3, "2", None, [2]])
def test_rules_of_a_later_version_are_refused_in_a_sentence(rules: object) -> None:
    with pytest.raises(ModelFileError, match=r"^[A-Z].*\. Get .*\.$"):
        Tokenizer.from_bytes(json.dumps({"rules": rules, "pieces": ["<unk>", "a"]}).encode())


def test_a_long_run_of_letters_is_cut_between_words_rather_than_inside() -> None:
    text = "我是一只猫。" * 30_000
    ends = list(itertools.accumulate(len(block) for block in blocks(text)))
    assert len(ends) > 1
    assert all(text[end - 1] == "。" or text[end] == "。" for end in ends[:-1])


def test_an_unknown_mark_does_not_take_its_word_along() -> None:
    tokenizer = Tokenizer.train(["می\nمی می می"], 300)
    assert tokenizer.encode(f"می{ZWNJ} می") == [tokenizer.id_of("می"), UNKNOWN_ID, tokenizer.id_of(" می")]
