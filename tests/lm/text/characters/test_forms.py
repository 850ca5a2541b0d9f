"""Characters in the form that words are written in."""

from collections import Counter

import pytest

from rnntui.lm.text.characters import forms
from rnntui.lm.text.characters.forms import in_one_form

FORMS = {
    "a zero byte inside a word": ("be\0fore", "before", forms.CONTROLS),
    "a bell": ("ding\x07 dong", "ding dong", forms.CONTROLS),
    "separators of fields": ("name\x1fvalue\x1e", "name value ", forms.CONTROLS),
    "a form feed": ("one\ftwo", "one\ntwo", forms.SEPARATORS),
    "a form feed at a line end": ("one\n\ftwo\f\nthree\n\f\nfour", "one\ntwo\nthree\nfour", forms.SEPARATORS),
    "a vertical tab": ("one\vtwo", "one\ntwo", forms.SEPARATORS),
    "a line end of mainframes": ("one\x85two", "one\ntwo", forms.SEPARATORS),
    "a line separator": ("one\u2028two", "one\ntwo", forms.SEPARATORS),
    "a paragraph separator": ("one\u2029two", "one\n\ntwo", forms.SEPARATORS),
    "French spaces": ("Quoi\xa0? Non\u202f!", "Quoi ? Non !", forms.SPACES),
    "spaces of figures and type": ("10\u2007000\u2009km\u200a.", "10 000 km .", forms.SPACES),
    "a wide space between Latin words": ("one\u3000two", "one two", forms.SPACES),
    "soft hyphens": ("won\xadder\xadful", "wonderful", forms.SOFT_HYPHENS),
    "a soft hyphen at a line end": ("a won\xad\nderful day\nnext", "a wonderful\nday\nnext", forms.SOFT_HYPHENS),
    "hyphens that do not break": ("twenty\u2011one \u2010", "twenty-one -", forms.HYPHENS),
    "zero width spaces": ("ha\u200bven \u2060x\ufeffy", "haven xy", forms.INVISIBLE),
    "text in tags": ("see\U000e0041\U000e0042 it", "see it", forms.INVISIBLE),
    "a selector behind a letter": ("a\ufe0fb\U000e0101c", "abc", forms.INVISIBLE),
    "marks of direction": ("\u202eabc\u202c \u200fx\u2067y\u2069", "abc xy", forms.DIRECTIONS),
    "ligatures": ("ﬁne ﬂag oﬀ eﬃcient baﬄe ﬆ", "fine flag off efficient baffle st", forms.LIGATURES),
    "a ligature with long s": ("iﬅ", "iſt", forms.LIGATURES),
    "Armenian ligatures": ("ﬓ", "մն", forms.LIGATURES),
    "wide letters and digits": ("ＡＢＣ１２３ａｂ", "ABC123ab", forms.WIDE),
    "marks between wide letters": ("ｄｏｎ＇ｔ ３．１４ ａ＠ｂ", "don't 3.14 a@b", forms.WIDE),
    "half-width katakana": ("ｶﾀｶﾅ｡ｱｲｰ", "カタカナ。アイー", forms.NARROW),
    "their voicing": ("ｶﾞｷﾞｸﾞ ﾊﾟﾝ ｳﾞ", "ガギグ パン ヴ", forms.NARROW),
    "voicing that joins nothing": ("ｱﾞ", "ア゛", forms.NARROW),
    "voicing behind a wide one": ("カﾞ", "ガ", forms.NARROW),
    "accents apart": ("cafe\u0301 u\u0308ber", "café über", forms.ACCENTS),
    "accents without a letter": ("a \u0301b\n\u0308c", "a b\nc", forms.LONE_ACCENTS),
    "shapes of Arabic letters": ("\ufe91\ufe8e\ufe8f \ufefb", "باب لا", forms.ARABIC),
    "words in one character of Arabic": ("\ufdf2", "الله", forms.ARABIC),
    "strokes inside Arabic words": ("كـــانت اللـه مُـــحمد", "كانت الله مُحمد", forms.LENGTHENED),
    "Arabic vowels alone": ("\ufe91\ufe77", "ب\u064e", forms.ARABIC),
    "quotes of Windows": ("\x93It\x92s\x94 \x96 \x80 5", "“It’s” – € 5", forms.WINDOWS),
    "dots of Windows": ("wait\x85 he", "wait… he", forms.WINDOWS),
    "dots of Windows among its quotes": ("it\x92s\x85so", "it’s…so", forms.WINDOWS),
    "words in styles of mathematics": ("𝓗𝓮𝓵𝓵𝓸 𝐛𝐨𝐥𝐝", "Hello bold", forms.STYLED),
    "bullets of word processors": ("\uf0b7 item", "• item", forms.BULLETS),
    "placeholders of pictures": ("see \ufffc here", "see  here", forms.PLACEHOLDERS),
    "halves of characters": ("a\ud800b", "a\ufffdb", forms.UNREADABLE),
    "characters of one font": ("a\ue123b", "a\ue123b", forms.PRIVATE),
    "unreadable ones": ("caf\ufffd", "caf\ufffd", forms.UNREADABLE),
}
KEPT = {
    "Chinese punctuation": "你好，世界！（测试）：“引号”《书》。",
    "wide spaces of Chinese": "\u3000\u3000他说。\u3000她说\u3000",
    "long s and Roman numerals": "Waſſer Ⅷ ⅳ ① Ⓜ ㈱",
    "wide spaces before a quote": "他说。\n\u3000\u3000“今天有鱼吗？”她问。",
    "strokes behind Arabic words": "سنة 1405 هـ.",
    "joiners": "می\u200cخواهم क्\u200dष 👩\u200d🚀",
    "pictures and their selectors": "❤\ufe0f 1\ufe0f\u20e3 ℹ\ufe0f 🏴\U000e0067\U000e0062\U000e0065\U000e007f",
    "formulas": "𝑥 = ℝ² ½ x² H₂O",
    "letters of other scripts": "ёж й Ελλάδα שָׁלוֹם اَلْعَرَبِيَّة ไทย 한국어 カタカナ",
    "tabs and newlines": "a\tb\n\n c",
    "a tied word of Arabic": "\ufdfa",
    "dashes and quotes": "– — ‐".replace("‐", "") + " ‘x’ “y” … „z“ «a»",
}


@pytest.mark.parametrize(("written", "meant", "name"), FORMS.values(), ids=FORMS)
def test_a_character_becomes_what_is_meant_and_is_counted(written, meant, name):
    treated = Counter()
    assert in_one_form(written, treated) == meant
    assert set(treated) == {name}
    assert treated[name] > 0


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_carries_meaning_stays(text):
    treated = Counter()
    assert in_one_form(text, treated) == text
    assert not treated


def test_surrogate_pairs_are_one_character():
    assert in_one_form("\ud83d\ude00!", Counter()) == "😀!"


def test_only_newlines_end_records_that_are_still_to_be_read():
    record = '{"text": "one\u2028two\x85three\fva\xad"}\n{"text": "four"}\n'
    assert in_one_form(record, Counter(), has_records=True) == record
    assert in_one_form("ﬁ\n", Counter(), has_records=True) == "fi\n"
    assert in_one_form("Ada: \u200eno\n", Counter(), has_records=True) == "Ada: \u200eno\n"


def test_a_character_that_is_kept_stays():
    assert in_one_form("ﬁ\xa0ﬂ", Counter(), kept="\xa0ﬂ") == "fi\xa0ﬂ"


def test_very_many_different_characters_are_treated_alike():
    shapes = "".join(chr(code) for code in range(0xFE80, 0xFEF5))
    whole = in_one_form(shapes, Counter())
    assert whole == "".join(in_one_form(shape, Counter()) for shape in shapes)
    assert not any("\ufe70" <= letter <= "\ufeff" for letter in whole)
