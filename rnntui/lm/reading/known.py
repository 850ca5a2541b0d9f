"""What a model knows, in a few words: "Cyrillic letters only", "Latin capitals only, no digits"."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping

_LEAST_SHARE = 0.01
"""A script with less of the letters is not named."""
_MOST_NAMED = 3
_NAMES = {
    "CJK": "Chinese characters",
    "HIRAGANA": "Japanese kana",
    "KATAKANA": "Japanese kana",
    "KATAKANA-HIRAGANA": "Japanese kana",
    "HANGUL": "Korean letters",
}


def describe_known(shares: Mapping[str, float], only_case: str) -> str:
    """The scripts whose letters a model knows, without a full stop; what it lacks beside them is said too.

    Args:
        shares: How often its text has each character.
        only_case: "capitals" or "small letters" where it has no others, else empty.
    """
    scripts: defaultdict[str, float] = defaultdict(float)
    for character, share in shares.items():
        if character.isalpha():
            scripts[script_of(character)] += share
    total = sum(scripts.values())
    named = [name for name, share in scripts.items() if share >= _LEAST_SHARE * total]
    named.sort(key=lambda name: -scripts[name])
    lacks_digits = not any(map(str.isdigit, shares))
    if not named:
        return "no letters" + (" and no digits" if lacks_digits else "")
    letters = _joined(named[:_MOST_NAMED])
    if only_case and letters.endswith("letters"):
        letters = letters.removesuffix("letters") + only_case
    return f"{letters} only{', no digits' if lacks_digits else ''}"


def script_of(letter: str) -> str:
    """What the letters of a script are called, such as "Latin letters"."""
    script = unicodedata.name(letter, "other").split(" ", 1)[0]
    return _NAMES.get(script, f"{script.title()} letters")


def _joined(names: list[str]) -> str:
    """Names as a list; a last word that all have is said once."""
    if len(names) > 1 and all(name.endswith(" letters") for name in names):
        return f"{_joined([name.removesuffix(' letters') for name in names])} letters"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
