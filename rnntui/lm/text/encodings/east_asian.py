"""How surprising characters are in Chinese, Japanese and Korean: for encodings with two bytes for a character.

What counts is in which part of the national standards a character stands: the standards put the frequent ones first.
"""

import functools
from collections.abc import Iterator

import numpy as np

from rnntui.lm.text.encodings.kinds import plain_neighbours
from rnntui.lm.text.encodings.languages import Floats, languages

_RARE = 15.0
_NO_CHARACTER = 20.0
_TO_ANOTHER_SCRIPT = 8.0
_KANA = (
    "のにいてたるしをとはがでなもれかっらりんきうさこまそくえあけちせどよみつだめやろわおじばほすごぐずげ"
    "へぶひふむびぞざゆべねぼぎしぬょゃゅ"
)
_KATAKANA = "ンースルトリアイラクレシタロドマフカジサメコテグプバッデパ"
_JAPANESE = "日一人国年大本中出会生時事行見言上分来前気自手私間者思場方入下話小今何家心目学子女男彼水道後名山夜物"
_CHINESE = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政"
    "美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡"
    "用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她"
)
_KOREAN = (
    "이다는을에의가고지하한은로도나그리사기를자어서아인라수시대니해들일정여있과부전보제면만상것장게스주안"
    "우조국으원성마없었요구생오내말했적동문거려람물신경모속공두소무간때집저비세실"
)
_MARKS = "、。「」『』・，！？：；（）《》〈〉【】…—“”　〜ー々"


@functools.cache
def surprises(language: str) -> Floats:
    """In nats, for every character below U+10000, in "zh", "zh-hant", "ja" or "ko"; ASCII is not meant."""
    costs = np.full(0x10000, _RARE, np.float32)
    for characters, share in _PARTS[language]():
        known = [ord(c) for c in dict.fromkeys(characters) if ord(c) < 0x10000]
        fresh = np.float32(-np.log(share / max(1, len(known))))
        costs[known] = np.minimum(costs[known], fresh)
    costs[[ord(mark) for mark in _MARKS]] = np.minimum(costs[[ord(mark) for mark in _MARKS]], 5.0)
    costs[0xE000:0xF900] = costs[0xD800:0xE000] = costs[0xFFFD] = _NO_CHARACTER
    costs[0x80:0xA0] = _NO_CHARACTER
    return costs


def text_cost(text: str, language: str) -> float:
    """How surprising a text is, in nats; words of English are taken as such."""
    english = languages()[0]
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    codes = np.minimum(codes, 0xFFFF)
    is_plain = codes < 0x80
    lower = np.where((codes >= 65) & (codes <= 90), codes + 32, codes)
    is_letter = is_plain & (lower >= 97) & (lower <= 122)
    signs = np.where(is_letter, lower - 96, 0)
    pairs = english.surprise[np.concatenate(([0], signs[:-1])), signs]
    costs = np.where(is_plain, pairs, surprises(language)[codes])
    before, after = codes[:-1], codes[1:]
    are_plain = is_plain[:-1] & is_plain[1:]
    around = plain_neighbours(np.minimum(before, 127), np.minimum(after, 127)) * are_plain
    turns = (is_letter[:-1] & ~is_plain[1:]) | (~is_plain[:-1] & is_letter[1:])
    return float(costs.sum() + around.sum() + _TO_ANOTHER_SCRIPT * turns.sum())


def _rows(codec: str, first: range, second: range) -> str:
    return b"".join(bytes((a, b)) for a in first for b in second).decode(codec, "ignore")


def _chinese() -> Iterator[tuple[str, float]]:
    usual = range(0xA1, 0xFF)
    yield _CHINESE, 0.4
    yield _rows("gb2312", range(0xB0, 0xD8), usual), 0.42
    yield _rows("gb2312", range(0xD8, 0xF8), usual), 0.03
    yield _rows("gb2312", range(0xA1, 0xA4), usual), 0.02
    yield _rows("big5", range(0xA4, 0xC7), range(0x40, 0xFF)), 0.01


def _traditional() -> Iterator[tuple[str, float]]:
    yield _TRADITIONAL, 0.35
    yield _rows("big5", range(0xA4, 0xC7), range(0x40, 0xFF)), 0.47
    yield _rows("big5", range(0xC9, 0xFA), range(0x40, 0xFF)), 0.03
    yield _rows("big5", range(0xA1, 0xA4), range(0x40, 0xFF)), 0.02


def _japanese() -> Iterator[tuple[str, float]]:
    usual = range(0xA1, 0xFF)
    yield _KANA[:24], 0.36
    yield _KANA, 0.12
    yield _KATAKANA, 0.06
    yield _JAPANESE, 0.1
    yield _rows("euc_jp", range(0xA4, 0xA6), usual), 0.03
    yield _rows("euc_jp", range(0xB0, 0xD0), usual), 0.2
    yield _rows("euc_jp", range(0xD0, 0xF5), usual), 0.01
    yield _rows("euc_jp", range(0xA1, 0xA4), usual), 0.01
    yield "".join(map(chr, range(0xFF61, 0xFFA0))), 0.002


def _korean() -> Iterator[tuple[str, float]]:
    usual = range(0xA1, 0xFF)
    yield _KOREAN, 0.55
    yield _rows("euc_kr", range(0xB0, 0xC9), usual), 0.35
    yield _rows("euc_kr", range(0xCA, 0xFE), usual), 0.005
    yield _rows("euc_kr", range(0xA1, 0xA4), usual), 0.01
    yield "".join(map(chr, range(0xAC00, 0xD7A4))), 0.005


_PARTS = {"zh": _chinese, "zh-hant": _traditional, "ja": _japanese, "ko": _korean}
