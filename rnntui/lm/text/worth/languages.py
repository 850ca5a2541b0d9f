"""Which scripts and which languages excerpts are in: by their letters, and by the words that each language uses most.

Only what is plain is told: a piece of text with few of these words, or with those of two languages, is in none.
"""

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

_FREQUENT = {
    "English": "the and of to in that was he it his with as had for is not her she but at on you be which him they",
    "German": "der die und das nicht ich er sie es ist den mit dem ein zu sich auf eine von so aber war wie im auch",
    "French": "de la le et les des un une que il qui en ne pas se dans du je vous est elle pour au ce lui avec sur",
    "Spanish": "de que la el en los se del las un por con una no su para es al lo como le más pero sus me muy había",
    "Italian": "di che il la un non per una è in del della con si gli le più era da al lo come ma dei nel mi sono",
    "Portuguese": "de que não do da em um para com uma os no se na por mais as dos ao ele das seu sua ou quando muito",
    "Dutch": "de het een van en dat niet te zijn op aan met voor er maar om hij ze ik was als bij naar ook nog had",
    "Swedish": "och att det som en på är av för med han den till inte jag om ett hade de hon men var så sig man",
    "Danish or Norwegian": "og det at en den til er som på de med han af av for ikke der var jeg men et har om ham hun",
    "Finnish": "ja on ei se että hän oli kun niin mutta en myös hänen sen joka jos vain kuin minä olen ole mitä",
    "Polish": "nie się że na jest do to jak co ale po za od czy był tak przez jego już mnie tylko dla ich jej",
    "Czech": "se na že je to jako ale za by jsem už když jeho tak do si byl není jen ve pro jsou byla ještě",
    "Hungarian": "hogy nem az és egy is ez azt de meg volt csak már van mint még mert ha vagy kell ki ezt",
    "Romanian": "și în nu să la din pe cu care este mai au sunt pentru ca că lui era dar fost când după ei",
    "Turkish": "bir ve bu da de için çok ne o gibi daha var ama kadar diye sonra ben mi değil her şey olan",
    "Latin": "et in est non ad cum ut quod qui quae sed ab si ex nec atque enim esse eius sunt quam autem hoc",
    "Vietnamese": "và của là không một có cho người trong được với đã này những các khi đến như từ tôi ra",
    "Indonesian": "yang dan di dari untuk dengan ini itu tidak dalam akan pada adalah saya ke karena juga ada",
    "Russian": "и в не на что он с как это по но из его все она так за было они же от то ее мне только бы",
    "Ukrainian": "і в не на що він з як це та але й його до у за та був від вона було так ще чи щоб",
}
_SCRIPTS = (
    (0x0000, ""),
    (0x0041, "Latin"),
    (0x0250, ""),
    (0x0370, "Greek"),
    (0x0400, "Cyrillic"),
    (0x0530, "Armenian"),
    (0x0590, "Hebrew"),
    (0x0600, "Arabic"),
    (0x0700, ""),
    (0x0750, "Arabic"),
    (0x0780, ""),
    (0x08A0, "Arabic"),
    (0x0900, "Devanagari"),
    (0x0980, "Bengali"),
    (0x0A00, "Gurmukhi"),
    (0x0A80, "Gujarati"),
    (0x0B00, "Odia"),
    (0x0B80, "Tamil"),
    (0x0C00, "Telugu"),
    (0x0C80, "Kannada"),
    (0x0D00, "Malayalam"),
    (0x0D80, "Sinhala"),
    (0x0E00, "Thai"),
    (0x0E80, "Lao"),
    (0x0F00, "Tibetan"),
    (0x1000, "Burmese"),
    (0x10A0, "Georgian"),
    (0x1100, "Korean"),
    (0x1200, "Ethiopic"),
    (0x13A0, ""),
    (0x1780, "Khmer"),
    (0x1800, ""),
    (0x1C80, "Cyrillic"),
    (0x1C90, ""),
    (0x1E00, "Latin"),
    (0x1F00, "Greek"),
    (0x2000, ""),
    (0x3005, "Chinese or Japanese"),
    (0x3100, ""),
    (0x3130, "Korean"),
    (0x3190, ""),
    (0x3400, "Chinese or Japanese"),
    (0xA000, ""),
    (0xAC00, "Korean"),
    (0xD7B0, ""),
    (0xF900, "Chinese or Japanese"),
    (0xFB00, "Latin"),
    (0xFB10, ""),
    (0xFB1D, "Hebrew"),
    (0xFB50, "Arabic"),
    (0xFE00, ""),
    (0xFE70, "Arabic"),
    (0xFF00, ""),
    (0xFF21, "Latin"),
    (0xFF66, "Chinese or Japanese"),
    (0xFFA0, ""),
    (0x20000, "Chinese or Japanese"),
    (0x30000, ""),
)
_STARTS = [start for start, _ in _SCRIPTS]
_WORD = re.compile(r"[^\W\d_]+")
_PIECE = 300
"""Characters of a longer line that are looked at together."""
_LEAST_WORDS = 6
_OWN_LETTERS = {
    "Arabic": (("ٹڈڑےںھ", "Urdu"), ("پچژگکی", "Persian")),
    "Chinese or Japanese": (("".join(map(chr, range(0x3041, 0x30FB))), "Japanese"),),
}
"""Of scripts that several languages share: letters that one of them alone has, or of these languages the most."""
_LEAST_OWN = 0.015
"""Of the letters; Persian has 3 %, Arabic with names from abroad .2."""
_LEAST_SHARE, _LEAST_HITS = 0.15, 2
"""Of the words of a piece that are a language's most frequent ones; it has a quarter to a half of them."""
_PLAINLY = 2
"""So many times more of them than of any other language."""


def script_of(character: str) -> str:
    """The script of a letter, under the name of what is written in it; empty for what is in none or in a rare one."""
    return _SCRIPTS[bisect.bisect_right(_STARTS, ord(character)) - 1][1]


def script_shares(letters: Counter[str]) -> dict[str, float]:
    """How much of some letters is in each script, the most first.

    Args:
        letters: How often each stands there.
    """
    found: Counter[str] = Counter()
    for letter, count in letters.items():
        if letter.isalpha() and (script := script_of(letter)):
            found[script] += count
    total = max(1, found.total())
    return {script: count / total for script, count in found.most_common()}


def language_in(script: str, letters: Counter[str]) -> str:
    """The language that some letters of a script tell, or the name of the script: "Japanese", "Persian", "Thai".

    Args:
        script: Under its name in `script_shares`.
        letters: How often each character stands there.
    """
    total = sum(count for letter, count in letters.items() if letter.isalpha())
    for own, language in _OWN_LETTERS.get(script, ()):
        if sum(letters[letter] for letter in own) >= _LEAST_OWN * total:
            return language
    return {"Chinese or Japanese": "Chinese"}.get(script, script)


def language_shares(texts: Iterable[str]) -> tuple[dict[str, float], int]:
    """How much of the pieces that are plainly in one language are in each, the most first; and how many those are."""
    found: Counter[str] = Counter()
    for text in texts:
        for piece in _pieces(text):
            if language := _language_of(piece):
                found[language] += 1
    total = found.total()
    return {language: count / total for language, count in found.most_common()}, total


def _pieces(text: str) -> Iterable[list[str]]:
    """The words of its lines, of a long line in several pieces."""
    for line in text.split("\n"):
        for start in range(0, len(line), _PIECE):
            words = _WORD.findall(line[start : start + _PIECE].lower())
            if len(words) >= _LEAST_WORDS:
                yield words


def _language_of(words: list[str]) -> str:
    hits: Counter[str] = Counter()
    weights: defaultdict[str, float] = defaultdict(float)
    for word in words:
        languages = _BY_WORD.get(word, ())
        hits.update(languages)
        for language in languages:  # a word that many have tells little
            weights[language] += 1 / len(languages)
    if not weights:
        return ""
    language = max(weights, key=weights.__getitem__)
    weight = weights.pop(language)
    is_much = hits[language] >= max(_LEAST_HITS, _LEAST_SHARE * len(words))
    return language if is_much and weight >= _PLAINLY * max(weights.values(), default=0.0) else ""


def _invert() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, words in _FREQUENT.items():
        for word in set(words.split()):
            found[word] = (*found.get(word, ()), language)
    return found


_BY_WORD = _invert()
