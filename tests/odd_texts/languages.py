"""Texts in many languages: texts without spaces whose words are known, and a page in each of fifteen languages."""

import random
from itertools import accumulate

HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
HIRAGANA = "".join(map(chr, range(0x3042, 0x3094)))
KATAKANA = "".join(map(chr, range(0x30A2, 0x30F4)))
THAI = [base + mark for base in "กขคงจชซดตถทนบปผพมยรลวสหอ" for mark in ("", "", "ิ", "ี", "ุ", "่", "้", "ี่")] + [
    "า",
    "เ",
    "แ",
]
_KINDS = 6


def lexicon(script: str, words: int, dice: random.Random) -> list[str]:
    """Different words of a script, the short ones first: "han", "japanese" or "thai"."""
    found: dict[str, None] = {}
    while len(found) < words:
        length = 1 if len(found) < words // 40 else dice.choice((2, 2, 2, 3, 3, 4))
        if script == "thai":
            letters = "".join(dice.choices(THAI, k=length + 1))
        elif script == "japanese":
            kind = dice.random()
            if kind < 0.3:
                letters = "".join(dice.choices(HIRAGANA, k=length))
            elif kind < 0.5:
                letters = "".join(dice.choices(KATAKANA, k=length + 1))
            else:
                letters = "".join(dice.choices(HAN[:500], k=min(2, length))) + dice.choice(
                    ("", HIRAGANA[dice.randrange(20)])
                )
        else:
            letters = "".join(dice.choices(HAN, k=length))
        found[letters] = None
    return list(found)


def without_spaces(script: str, seed: int, characters: int, words: int = 3_000) -> tuple[str, list[list[str]]]:
    """A text of sentences, and the words of each: drawn by rank, each kind of word mostly followed by some other kinds.

    Args:
        script: "han", "japanese" or "thai", which has spaces between sentences.
        seed: The same text for the same seed.
        characters: About how many.
        words: In the lexicon.
    """
    dice = random.Random(seed)
    all_words = lexicon(script, words, dice)
    kinds = [all_words[kind::_KINDS] for kind in range(_KINDS)]
    weights = [list(accumulate(1 / (rank + 3) for rank in range(len(kind)))) for kind in kinds]
    follows = [dice.sample(range(_KINDS), 2) for _ in range(_KINDS)]
    stop, comma, gap = (" ", " ", "\n") if script == "thai" else ("。", "，", "\n")
    sentences, text, length = [], [], 0
    while length < characters:
        kind, sentence, said = dice.randrange(_KINDS), [], ""
        for _ in range(dice.randint(5, 16)):
            kind = dice.choice(follows[kind]) if dice.random() < 0.9 else dice.randrange(_KINDS)
            word = dice.choices(kinds[kind], cum_weights=weights[kind])[0]
            sentence.append(word)
            said += word + (comma if dice.random() < 0.12 else "")
        sentences.append(sentence)
        text.append(said.rstrip(comma) + stop + (gap if len(sentences) % 6 == 0 else ""))
        length += len(text[-1])
    return "".join(text), sentences
