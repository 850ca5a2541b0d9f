"""Texts that are not worth training on, and texts that only look like them: what should be said of each."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass

FUNCTION_WORDS = {
    "English": "the and of to in that was he it his with as had for is not her she but at on you be which him they",
    "German": "der die und das nicht ich er sie es ist den mit dem ein zu sich auf eine von so aber war wie im auch",
    "French": "de la le et les des un une que il qui en ne pas se dans du je vous est elle pour au ce lui avec sur",
    "Russian": "и в не на что он с как это по но из его все она так за было они же от то ее мне только бы",
    "Spanish": "de que la el en los se del las un por con una no su para es al lo como le más pero sus me muy había",
    "Italian": "di che il la un non per una è in del della con si gli le più era da al lo come ma dei nel mi sono",
}
_SYLLABLES = {
    "Russian": "ба ве го ди жу за ки лю мо на пе ро си ту фа хо цы ча шу ще",
    "Greek": "βα γε δο ζι θυ κα λε μο νι πυ ρα σε το φι χυ",
    "": "ba ve go di ju za ki lu mo na pe ro si tu fa ho ty cha shu que bri stor glen mark",
}


@dataclass(frozen=True)
class WorthCase:
    """A text, and the kinds of what is said of it."""

    text: str
    kinds: frozenset[str] = frozenset()


def lexicon(dice: random.Random, language: str = "", size: int = 1_500) -> list[str]:
    """Invented words of a language, the frequent ones first."""
    syllables = _SYLLABLES.get(language, _SYLLABLES[""]).split()
    return list(dict.fromkeys("".join(dice.choices(syllables, k=dice.choice((1, 2, 2, 3)))) for _ in range(2 * size)))


def sentences(seed: int, count: int, language: str = "English") -> list[str]:
    """Sentences of about 14 words, half of them the language's most frequent ones."""
    dice = random.Random(seed)
    known = lexicon(dice, language)
    weights = [1 / rank for rank in range(1, len(known) + 1)]
    frequent = FUNCTION_WORDS.get(language, "").split()
    found = []
    for _ in range(count):
        length = dice.randint(6, 22)
        content = dice.choices(known, weights, k=length)
        words = [dice.choice(frequent) if frequent and dice.random() < 0.5 else word for word in content]
        found.append(" ".join(words).capitalize() + dice.choice(".....?!"))
    return found


def prose(seed: int = 1, count: int = 600, language: str = "English") -> str:
    """Paragraphs of five sentences."""
    said = sentences(seed, count, language)
    return "\n\n".join(" ".join(said[start : start + 5]) for start in range(0, count, 5)) + "\n"


def verse(seed: int = 1, count: int = 600) -> str:
    """Lines of six words without full stops."""
    words = " ".join(sentences(seed, count)).replace(".", "").split()
    return "\n".join(" ".join(words[start : start + 6]) for start in range(0, len(words), 6)) + "\n"


def log(seed: int = 1, count: int = 400, stamp: str = "2026-03-{day:02} 10:{minute:02}:17") -> str:
    """A line a message, each after its time."""
    dice = random.Random(seed)
    said = sentences(seed, count)
    times = (stamp.format(day=1 + at // 60 % 28, minute=at % 60, number=dice.random()) for at in range(count))
    return "\n".join(f"{time} {line}" for time, line in zip(times, said, strict=True)) + "\n"


def numbers(seed: int = 1, rows: int = 600) -> str:
    """A table of measurements."""
    dice = random.Random(seed)
    return "\n".join("\t".join(f"{dice.gauss(3, 2):.3f}" for _ in range(8)) for _ in range(rows)) + "\n"


def word_list(seed: int = 1) -> str:
    """A word a line, none twice."""
    words = sorted(set(lexicon(random.Random(seed), size=3_000)))
    return "\n".join(words) + "\n"


def html(seed: int = 1) -> str:
    """A page with as many marks as words."""
    rows = (
        f'<div class="row"><span id="a{at}">{line}</span><br/></div>' for at, line in enumerate(sentences(seed, 300))
    )
    return "<html><body>" + "\n".join(rows) + "</body></html>\n"


def minified(seed: int = 1) -> str:
    """Code in one line."""
    dice = random.Random(seed)
    names = lexicon(dice)
    parts = (
        f"function {dice.choice(names)}(a,b){{var c=a[b]||{{}};return(c>{dice.randint(1, 9)})?a(b):c;}}"
        for _ in range(900)
    )
    return ";".join(parts) + "\n"


def code(seed: int = 1) -> str:
    """The same in lines, indented."""
    return minified(seed).replace("{", "{\n    ").replace(";", ";\n    ").replace("}", "\n}\n")


def scanned(text: str, seed: int = 1, share: float = 0.12) -> str:
    """As a machine reads a bad scan."""
    dice = random.Random(seed)

    def spoil(word: str) -> str:
        if len(word) < 3 or dice.random() > share:
            return word
        return dice.choice((word[:1] + dice.choice("1|~^5") + word[2:], word[:2] + word[2:].title() + "x", "|~"))

    return "\n".join(" ".join(map(spoil, line.split(" "))) for line in text.split("\n"))


def interleaved(first: str, second: str, share: float = 0.5, seed: int = 1) -> str:
    """Lines of two texts, mixed."""
    dice = random.Random(seed)
    one, other = iter(first.split("\n")), iter(second.split("\n"))
    lines = [next(other if dice.random() < share else one, "") for _ in range(500)]
    return "\n".join(line for line in lines if line) + "\n"


def _dated_letters(seed: int) -> str:
    """Letters: a date, then paragraphs."""
    body = prose(seed).split("\n\n")
    return "\n\n".join(f"{1 + at % 28}/3/1897\n\n{text}" if at % 6 == 0 else text for at, text in enumerate(body))


def _verses_of_scripture(seed: int) -> str:
    return "\n".join(f"{at // 30 + 1}:{at % 30 + 1} {line}" for at, line in enumerate(sentences(seed, 500)))


_Made = dict[str, Callable[[int], WorthCase]]


def _is(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


CASES: _Made = {
    # what is said
    "one line repeated": lambda seed: WorthCase("The ferry waits for nobody.\n" * 3_000, _is("uniform")),
    "one paragraph repeated": lambda seed: WorthCase((" ".join(sentences(seed, 6)) + "\n\n") * 90, _is("uniform")),
    "a table of numbers": lambda seed: WorthCase(numbers(seed), _is("numbers")),
    "a log with dates": lambda seed: WorthCase(log(seed), _is("log")),
    "a log of a server": lambda seed: WorthCase(log(seed, stamp="10.0.{day}.7 - - GET"), _is("log")),
    "a log with levels": lambda seed: WorthCase(log(seed, stamp="WARNING"), _is("log")),
    "a word list": lambda seed: WorthCase(word_list(seed), _is("word list")),
    "HTML as text": lambda seed: WorthCase(html(seed), _is("markup")),
    "brackets of a forum": lambda seed: WorthCase(
        "\n".join(f"[quote=x{at}][b]{line}[/b][/quote]" for at, line in enumerate(sentences(seed, 400))), _is("markup")
    ),
    "TeX as text": lambda seed: WorthCase(
        "\n".join(f"\\textbf{{{line}}} \\emph \\footnotesize \\hspace" for line in sentences(seed, 400)), _is("markup")
    ),
    "minified code": lambda seed: WorthCase(minified(seed), _is("minified")),
    "base64": lambda seed: WorthCase(
        "\n".join(base64.b64encode(random.Random(seed + at).randbytes(57)).decode() for at in range(500)),
        _is("machine"),
    ),
    "checksums": lambda seed: WorthCase(
        "\n".join(f"{random.Random(seed + at).randbytes(32).hex()}  name.txt" for at in range(500)), _is("machine")
    ),
    "private use characters": lambda seed: WorthCase(prose(seed).replace("a", "\ue123"), _is("binary")),
    "read in a wrong encoding": lambda seed: WorthCase(
        prose(seed, language="French").replace("e", "é").encode().decode("cp1252", "replace"), _is("mojibake")
    ),
    "Russian read as cp1252": lambda seed: WorthCase(
        prose(seed, language="Russian").encode().decode("cp1252", "replace"), _is("mojibake")
    ),
    "a bad scan": lambda seed: WorthCase(scanned(prose(seed)), _is("garbled")),
    "filler": lambda seed: WorthCase(
        "\n".join(f"Lorem ipsum dolor sit amet, {line}" for line in sentences(seed, 400, "Italian")), _is("filler")
    ),
    "two languages, line by line": lambda seed: WorthCase(
        interleaved("\n".join(sentences(seed, 500)), "\n".join(sentences(seed, 500, "German"))), _is("languages")
    ),
    "two languages, one after another": lambda seed: WorthCase(
        prose(seed) + prose(seed, language="French"), _is("languages")
    ),
    "a fifth in another language": lambda seed: WorthCase(
        interleaved(prose(seed, 2_000, "Spanish"), prose(seed, 2_000, "Italian"), 0.2), _is("languages")
    ),
    "two scripts": lambda seed: WorthCase(prose(seed, 500, "Russian") + prose(seed, 100), _is("scripts")),
    "no full stop, no line": lambda seed: WorthCase(
        prose(seed).replace(".", "").replace("!", "").replace("?", "").replace("\n", " "), _is("unpunctuated")
    ),
    "capitals": lambda seed: WorthCase(prose(seed).upper(), _is("capitals")),
    "Russian capitals": lambda seed: WorthCase(prose(seed, language="Russian").upper(), _is("capitals")),
    "one line of a novel": lambda seed: WorthCase(" ".join(sentences(seed, 4_000)), _is("one line")),
    # what only looks like it
    "prose": lambda seed: WorthCase(prose(seed)),
    "verse without full stops": lambda seed: WorthCase(verse(seed)),
    "German prose": lambda seed: WorthCase(prose(seed, language="German")),
    "Russian prose": lambda seed: WorthCase(prose(seed, language="Russian")),
    "Greek prose": lambda seed: WorthCase(prose(seed, language="Greek")),
    "English with sayings in French": lambda seed: WorthCase(
        interleaved("\n".join(sentences(seed, 500)), "\n".join(sentences(seed, 500, "French")), 0.03)
    ),
    "English with Greek words": lambda seed: WorthCase(
        interleaved("\n".join(sentences(seed, 500)), "\n".join(sentences(seed, 500, "Greek")), 0.03)
    ),
    "letters with dates": lambda seed: WorthCase(_dated_letters(seed)),
    "numbered verses": lambda seed: WorthCase(
        "\n".join(line.split(" ", 1)[1] for line in _verses_of_scripture(seed).split("\n"))
    ),
    "code in lines": lambda seed: WorthCase(code(seed)),
    "some italics": lambda seed: WorthCase(prose(seed).replace(" de", " <i>de</i>").replace(" go ", " <i>go</i> ")),
    "years and prices": lambda seed: WorthCase(
        "\n".join(f"{line} In {1800 + at % 99} it was {at} pounds." for at, line in enumerate(sentences(seed, 400)))
    ),
    "names such as McDonald": lambda seed: WorthCase(prose(seed).replace(" mark", " McMark")),
    "headings in capitals": lambda seed: WorthCase(
        "\n\n".join(f"{text[:30].upper()}\n\n{text}" for text in prose(seed).split("\n\n"))
    ),
    "long sentences": lambda seed: WorthCase(prose(seed).replace(". ", ", ").replace("! ", "; ")),
    "long paragraphs": lambda seed: WorthCase("\n".join(" ".join(sentences(seed + at, 250)) for at in range(20))),
    "a play": lambda seed: WorthCase(
        "\n\n".join(f"{('HAMNET', 'ORLA')[at % 2]}. {line}" for at, line in enumerate(sentences(seed, 500)))
    ),
    "Chinese poems": lambda seed: WorthCase(_chinese_poems(seed)),
    "Thai without full stops": lambda seed: WorthCase(_thai(seed)),
    "links now and then": lambda seed: WorthCase(
        prose(seed).replace("\n\n", "\n\nhttps://example.org/a-long-name/of-a-page-that-nobody-reads/index\n\n", 30)
    ),
    "a refrain": lambda seed: WorthCase(
        "\n\n".join(f"{text}\n\nAnd the ferry waits for nobody." for text in prose(seed).split("\n\n"))
    ),
    "too short to say": lambda seed: WorthCase("1 2 3\n" * 100),
    "records of JSON read right": lambda seed: WorthCase(
        "\n".join(json.loads(json.dumps(line)) for line in sentences(seed, 400))
    ),
}


def _chinese_poems(seed: int) -> str:
    dice = random.Random(seed)
    signs = [chr(0x4E00 + 7 * at) for at in range(900)]
    lines = ("".join(dice.choices(signs, k=7)) + "，。"[at % 2] for at in range(900))
    return "\n".join(lines) + "\n"


def _thai(seed: int) -> str:
    dice = random.Random(seed)
    letters = [chr(code) for code in range(0x0E01, 0x0E2F)]
    words = ("".join(dice.choices(letters, k=dice.randint(20, 60))) for _ in range(400))
    return " ".join(words) + "\n"
