"""Texts whose lines mean something, and texts whose lines were only wrapped, with what should come out of them.

Every text is invented, and the same for the same seed. `KINDS` names them all.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.odd_texts.sentences import CHARACTERS, NAMES, WORDS, paragraph, sentence, wrap


@dataclass(frozen=True, slots=True)
class LinedText:
    """A text and what it should become."""

    kind: str
    text: str
    expected: str


def prose(
    seed: int, width: int = 72, language: str = "en", *, indent: int = 0, gap: bool = True, paragraphs: int = 12
) -> LinedText:
    """Prose wrapped to a width, its paragraphs after empty lines or with an indented first line or only begun anew."""
    dice = random.Random(seed)
    texts = [paragraph(dice, language, 2) for _ in range(paragraphs)]
    first = ("\u3000" * (indent // 2)) if language in {"zh", "ja"} else " " * indent
    blocks = ["\n".join(wrap(text, width, first)) for text in texts]
    space = "\n\n" if gap else "\n"
    return LinedText("prose", space.join(blocks) + "\n", space.join(first + text for text in texts) + "\n")


def speeches(seed: int, width: int = 78, indent: int = 4) -> LinedText:
    """A novel without empty lines whose paragraphs are indented; people speak in it, one line each."""
    dice = random.Random(seed)
    texts = []
    for _ in range(20):
        texts.append(paragraph(dice, "en", 3))
        texts += [f"\u201c{sentence(dice, 'en', 3, 8)}\u201d" for _ in range(dice.randrange(5))]
    blocks = ["\n".join(wrap(text, width, " " * indent)) for text in texts]
    return LinedText("prose", "\n".join(blocks) + "\n", "\n".join(" " * indent + text for text in texts) + "\n")


def squared(seed: int, count: int = 40, language: str = "zh", indent: int = 0) -> LinedText:
    """Chinese or Japanese cut after so many characters, whatever their width, with Latin words among them."""
    dice = random.Random(seed)
    texts, blocks = [], []
    for _ in range(30):
        one = "\u3000" * indent + paragraph(dice, language, 4)
        lines = [one[at : at + count] for at in range(0, len(one), count)]
        lines = [f"{line[:5]}RAID{line[9:]}" if len(line) > 12 and dice.random() < 0.4 else line for line in lines]
        blocks.append("\n".join(lines))
        texts.append("".join(lines))
    gap = "\n" if indent else "\n\n"
    return LinedText("prose", gap.join(blocks) + "\n", gap.join(texts) + "\n")


def hyphenated(seed: int, width: int = 60) -> LinedText:
    """Prose in which words are broken at line ends."""
    dice = random.Random(seed)
    texts = [paragraph(dice, "en", 4) for _ in range(12)]
    blocks = []
    for text in texts:
        lines, line = [], ""
        for word in text.split():
            room = width - len(line) - bool(line)
            if len(word) <= room:
                line = f"{line} {word}".lstrip()
            elif len(word) > 7 and word[:-1].isalpha() and 4 < room < len(word) - 2:
                lines.append(f"{line} {word[:4]}-".lstrip())
                line = word[4:]
            else:
                lines.append(line)
                line = word
        blocks.append("\n".join([*lines, line]))
    return LinedText("prose", "\n\n".join(blocks) + "\n", "\n\n".join(texts) + "\n")


def quoted(seed: int, width: int = 70) -> LinedText:
    """An e-mail that quotes another one, both wrapped."""
    dice = random.Random(seed)
    text, expected = [], []
    for depth in (0, 1, 0, 2, 1, 0):
        prefix = "> " * depth
        one = paragraph(dice, "en", 3)
        text += [prefix + line for line in wrap(one, width - 2 * depth)]
        expected.append(prefix + one)
        text.append("")
        expected.append("")
    return LinedText("prose", "\n".join(text), "\n".join(expected))


def letter(seed: int, width: int = 72) -> LinedText:
    """A letter: address, salutation, wrapped paragraphs, farewell."""
    dice = random.Random(seed)
    head = [f"{dice.choice(NAMES)} Brandt", f"{dice.randint(1, 90)} Ferry Lane", "Old Harbour", "", "Dear Pia,", ""]
    foot = ["Yours ever,", dice.choice(NAMES)]
    texts = [paragraph(dice, "en", 3) for _ in range(4)]
    text = [*head, *(line for one in texts for line in [*wrap(one, width), ""]), *foot]
    expected = [*head, *(line for one in texts for line in [one, ""]), *foot]
    return LinedText("prose", "\n".join(text), "\n".join(expected))


def _verse_line(dice: random.Random, least: int, most: int, *, is_small: bool, is_free: bool) -> str:
    words = WORDS["en"].split()
    target = dice.randint(least, most)
    line = ""
    while len(line) < target:
        line = f"{line} {dice.choice(words)}".lstrip()
    marks = ["", "", "", ","] if is_free else [",", ",", ";", ".", "", "", "!"]
    line += dice.choice(marks)
    return line if is_small else line[0].upper() + line[1:]


def verse(
    seed: int,
    stanza: int = 4,
    stanzas: int = 12,
    least: int = 26,
    most: int = 36,
    *,
    is_small: bool = False,
    is_free: bool = False,
    indent: int = 0,
) -> LinedText:
    """Stanzas; free verse has lines of very different lengths and few marks."""
    dice = random.Random(seed)
    least, most = (6, most) if is_free else (least, most)
    blocks = []
    for _ in range(stanzas):
        count = dice.randint(3, 9) if is_free else stanza
        lines = [_verse_line(dice, least, most, is_small=is_small, is_free=is_free) for _ in range(count)]
        blocks.append("\n".join(" " * (indent * (at % 2)) + line for at, line in enumerate(lines)))
    text = "\n\n".join(blocks) + "\n"
    return LinedText("verse", text, text)


def lyrics(seed: int) -> LinedText:
    """A song with named parts."""
    dice = random.Random(seed)
    chorus = [_verse_line(dice, 18, 30, is_small=False, is_free=True) for _ in range(4)]
    blocks = []
    for number in range(1, 5):
        lines = [_verse_line(dice, 18, 30, is_small=False, is_free=True) for _ in range(4)]
        blocks += ["\n".join([f"[Verse {number}]", *lines]), "\n".join(["[Chorus]", *chorus])]
    text = "\n\n".join(blocks) + "\n"
    return LinedText("lyrics", text, text)


def haiku(seed: int) -> LinedText:
    """Three short lines each, small letters."""
    dice = random.Random(seed)
    pieces = [
        [_verse_line(dice, length, length + 4, is_small=True, is_free=True) for length in (14, 22, 14)]
        for _ in range(15)
    ]
    text = "\n\n".join("\n".join(lines) for lines in pieces) + "\n"
    return LinedText("verse", text, text)


def chinese_verse(seed: int, letters: int = 7) -> LinedText:
    """Regulated verse: as many characters in every line."""
    dice = random.Random(seed)
    lines = ["".join(dice.choices(CHARACTERS["zh"], k=letters)) + "，。"[at % 2] for at in range(32)]
    blocks = ["\n".join(lines[at : at + 4]) for at in range(0, 32, 4)]
    text = "\n\n".join(blocks) + "\n"
    return LinedText("verse", text, text)


def items(seed: int, mark: str = "- ", *, width: int = 0, gap: bool = False, count: int = 14) -> LinedText:
    """A list; with a width, its items are wrapped with a hanging indent."""
    dice = random.Random(seed)
    text, expected = ["Things to remember:", ""], ["Things to remember:", ""]
    for number in range(1, count + 1):
        sign = f"{number}. " if mark == "1." else mark
        one = (
            paragraph(dice, "en", 1, 4) if width else " ".join(dice.choices(WORDS["en"].split(), k=dice.randint(1, 6)))
        )
        lines = wrap(one, width, sign, " " * len(sign)) if width else [sign + one]
        text += [*lines, *([""] if gap else [])]
        expected += [sign + one, *([""] if gap else [])]
    return LinedText("list", "\n".join(text) + "\n", "\n".join(expected) + "\n")


def one_each(seed: int, language: str = "en", count: int = 40) -> LinedText:
    """One sentence a line."""
    dice = random.Random(seed)
    text = "\n".join(sentence(dice, language).strip() for _ in range(count)) + "\n"
    return LinedText("sentences", text, text)


def words_each(seed: int, most: int = 3, count: int = 60) -> LinedText:
    """One word or a few a line."""
    dice = random.Random(seed)
    text = "\n".join(" ".join(dice.choices(WORDS["en"].split(), k=dice.randint(1, most))) for _ in range(count)) + "\n"
    return LinedText("short lines", text, text)


def long_paragraphs(seed: int, language: str = "en", *, gap: bool = False) -> LinedText:
    """One paragraph a line."""
    dice = random.Random(seed)
    text = ("\n\n" if gap else "\n").join(paragraph(dice, language, 1, 12) for _ in range(25)) + "\n"
    return LinedText("paragraphs", text, text)


def script(seed: int, form: str = "{}: ", *, width: int = 0, gap: bool = False, is_loud: bool = False) -> LinedText:
    """A play: who speaks, and what; with a width, the speeches are wrapped."""
    dice = random.Random(seed)
    text, expected = [], []
    for _ in range(30):
        name = dice.choice(NAMES)
        head = form.format(name.upper() if is_loud else name)
        speech = paragraph(dice, "en", 1, 4 if width else 2)
        text += wrap(head + speech, width) if width else [head + speech]
        expected.append(head + speech)
        if gap:
            text.append("")
            expected.append("")
    return LinedText("script", "\n".join(text) + "\n", "\n".join(expected) + "\n")


def screenplay(seed: int) -> LinedText:
    """Names on lines of their own above short speeches."""
    dice = random.Random(seed)
    blocks = []
    for _ in range(20):
        blocks.append(f"{dice.choice(NAMES).upper()}\n{sentence(dice, 'en', 3, 7)}")
    text = "\n\n".join(blocks) + "\n"
    return LinedText("script", text, text)


def chat(seed: int, form: str = "[{h:02}:{m:02}] {name}: {text}", count: int = 50) -> LinedText:
    """Messages with times and names."""
    dice = random.Random(seed)
    lines = []
    for at in range(count):
        text = sentence(dice, "en", 1, 14).rstrip(".")
        lines.append(
            form.format(
                h=9 + at // 10, m=at % 60, d=1 + at // 20, name=dice.choice(NAMES), text=text[0].lower() + text[1:]
            )
        )
    text = "\n".join(lines) + "\n"
    return LinedText("chat", text, text)


def log(seed: int, form: str = "2024-03-{d:02} {h:02}:{m:02}:07,113 {level} {text}", count: int = 50) -> LinedText:
    """Lines of a program's log."""
    dice = random.Random(seed)
    levels = ("INFO", "WARNING", "ERROR", "DEBUG")
    lines = [
        form.format(
            d=1 + at // 9,
            h=at % 24,
            m=(7 * at) % 60,
            level=dice.choice(levels),
            text=f"ferry.{dice.choice(('db', 'web'))} {sentence(dice, 'en', 3, 9)} id={dice.randint(1, 9999)}",
        )
        for at in range(count)
    ]
    text = "\n".join(lines) + "\n"
    return LinedText("log", text, text)


def python_code(seed: int) -> LinedText:
    """Functions of a program, with comments."""
    dice = random.Random(seed)
    names = ["ladder", "kettle", "ferry", "meadow", "violin"]
    blocks = ["import math\nimport os\n\nfrom collections import Counter\n"]
    for number in range(10):
        one, two = dice.sample(names, 2)
        blocks.append(
            f"def {one}_{number}({two}, size=3):\n"
            f"    # Counts every {two} that was opened\n    # before the {one} was.\n"
            f"    result = []\n    for item in {two}:\n        if item.size > {dice.randint(1, 9)}:\n"
            f"            result.append(item * size)\n    return result\n"
        )
    text = "\n\n".join(blocks)
    return LinedText("code", text, text)


def c_code(seed: int) -> LinedText:
    """Functions of another language."""
    dice = random.Random(seed)
    blocks = ["#include <stdio.h>\n#include <stdlib.h>\n"]
    for number in range(10):
        blocks.append(
            f"int ladder_{number}(const char *kettle, int size)\n{{\n    int total = {dice.randint(0, 9)};\n"
            f"    for (int i = 0; i < size; i++) {{\n        total += kettle[i];\n    }}\n    return total;\n}}\n"
        )
    text = "\n".join(blocks)
    return LinedText("code", text, text)


def table(seed: int, gap: str = "\t") -> LinedText:
    """Rows of names and numbers."""
    dice = random.Random(seed)
    rows = [
        gap.join(
            (
                dice.choice(NAMES).ljust(10),
                str(dice.randint(1, 9999)).rjust(6),
                dice.choice(WORDS["en"].split()).ljust(12),
                "x",
            )
        )
        for _ in range(30)
    ]
    text = "\n".join(rows) + "\n"
    return LinedText("table", text, text)


def contents(seed: int, lead: str = " . . . . ") -> LinedText:
    """A table of contents with pages."""
    dice = random.Random(seed)
    lines = [
        f"Chapter {number}: {' '.join(dice.choices(WORDS['en'].split(), k=4)).title()}{lead}{number * 9 + 2}"
        for number in range(1, 25)
    ]
    text = "\n".join(lines) + "\n"
    return LinedText("contents", text, text)


def addresses(seed: int) -> LinedText:
    """Addresses, three or four lines each."""
    dice = random.Random(seed)
    blocks = [
        f"{dice.choice(NAMES)} {dice.choice(NAMES)}son\n"
        f"{dice.randint(1, 99)} {dice.choice(('Ferry', 'Orchard'))} Street\n"
        f"{dice.randint(10000, 99999)} Old Harbour"
        for _ in range(15)
    ]
    text = "\n\n".join(blocks) + "\n"
    return LinedText("short lines", text, text)


def recipe(seed: int, width: int = 66) -> LinedText:
    """Ingredients, and numbered steps that are wrapped."""
    dice = random.Random(seed)
    text, expected = [], []
    for _ in range(3):
        things = [f"{dice.randint(1, 500)} g {dice.choice(WORDS['en'].split())}" for _ in range(7)]
        head = [f"{dice.choice(NAMES)}'s Kettle Soup", "", "Ingredients:", *things, ""]
        text += head
        expected += head
        for number in range(1, 6):
            one = paragraph(dice, "en", 2, 4)
            text += wrap(one, width, f"{number}. ", "   ")
            expected.append(f"{number}. {one}")
        text.append("")
        expected.append("")
    return LinedText("list", "\n".join(text), "\n".join(expected))


def poem_in_prose(seed: int, width: int = 72, indent: int = 4, *, every: int = 4, passages: int = 12) -> LinedText:
    """A novel in which people recite, every so many passages."""
    dice = random.Random(seed)
    text, expected = [], []
    for at in range(passages):
        if at % every == every // 2:
            lines = [" " * indent + _verse_line(dice, 24, 34, is_small=False, is_free=False) for _ in range(4)]
            text.append("\n".join(lines))
            expected.append("\n".join(lines))
            continue
        one = paragraph(dice, "en", 3)
        text.append("\n".join(wrap(one, width)))
        expected.append(one)
    return LinedText("mixed", "\n\n".join(text) + "\n", "\n\n".join(expected) + "\n")


def prose_in_verse(seed: int, width: int = 72) -> LinedText:
    """Poems with a note in prose before each."""
    dice = random.Random(seed)
    text, expected = [], []
    for at in range(20):
        if at % 5 == 0:
            one = paragraph(dice, "en", 4)
            text.append("\n".join(wrap(one, width)))
            expected.append(one)
            continue
        lines = [_verse_line(dice, 26, 36, is_small=False, is_free=False) for _ in range(4)]
        text.append("\n".join(lines))
        expected.append("\n".join(lines))
    return LinedText("mixed", "\n\n".join(text) + "\n", "\n\n".join(expected) + "\n")


def two_widths(seed: int) -> LinedText:
    """Messages of people who wrap to other widths."""
    dice = random.Random(seed)
    text, expected = [], []
    for width in (72, 50, 72, 60, 50, 80):
        for _ in range(3):
            one = paragraph(dice, "en", 5)
            text.append("\n".join(wrap(one, width)))
            expected.append(one)
    return LinedText("mixed", "\n\n".join(text) + "\n", "\n\n".join(expected) + "\n")


def notes_of_all_kinds(seed: int) -> LinedText:
    """Prose, a list, code and a table one after the other."""
    pieces = [prose(seed, paragraphs=4), items(seed + 1), prose(seed + 2, paragraphs=3), python_code(seed), table(seed)]
    return LinedText("mixed", "\n".join(one.text for one in pieces), "\n".join(one.expected for one in pieces))


def ragged(seed: int, width: int = 68) -> LinedText:
    """Prose broken by hand, now earlier, now later."""
    dice = random.Random(seed)
    texts = [paragraph(dice, "en", 3) for _ in range(14)]
    blocks = []
    for text in texts:
        lines, words = [], text.split()
        while words:
            limit, line = width - dice.randint(0, 9), words.pop(0)
            while words and len(line) + 1 + len(words[0]) <= limit:
                line += f" {words.pop(0)}"
            lines.append(line)
        blocks.append("\n".join(lines))
    return LinedText("prose", "\n\n".join(blocks) + "\n", "\n\n".join(texts) + "\n")


Maker = Callable[[int], LinedText]


def _kinds() -> Iterator[tuple[str, Maker]]:
    for language, widths in {
        "en": (30, 40, 60, 72, 80, 100, 120),
        "de": (40, 72, 100),
        "ru": (40, 72, 100),
        "zh": (60, 70, 80),
        "ja": (60, 80),
        "th": (40, 72),
        "ko": (40, 72),
        "ar": (60, 80),
    }.items():
        for width in widths:
            yield f"prose {language} {width}", partial(prose, width=width, language=language)
    for width in (30, 60, 72, 100):
        yield f"prose indented {width}", partial(prose, width=width, indent=4)
        yield f"prose indented without gaps {width}", partial(prose, width=width, indent=4, gap=False)
        yield f"prose without gaps {width}", partial(prose, width=width, gap=False)
    for width in (66, 78, 95, 130):
        yield f"prose with speeches {width}", partial(speeches, width=width)
    for count in (30, 40):
        yield f"prose zh cut at {count}", partial(squared, count=count)
        yield f"prose zh indented cut at {count}", partial(squared, count=count, indent=2)
    yield "prose ja cut at 34", partial(squared, count=34, language="ja")
    yield "prose zh without gaps", partial(prose, width=70, language="zh", indent=4, gap=False)
    yield "prose ja indented", partial(prose, width=70, language="ja", indent=2)
    yield "prose de without gaps", partial(prose, width=72, language="de", gap=False)
    yield "prose short", partial(prose, paragraphs=1)
    yield "prose two paragraphs", partial(prose, paragraphs=2)
    yield "prose two paragraphs narrow", partial(prose, paragraphs=2, width=40)
    yield "prose short zh", partial(prose, paragraphs=3, width=60, language="zh")
    yield "prose ragged", ragged
    yield "prose ragged 76", partial(ragged, width=76)
    yield "prose hyphenated", hyphenated
    yield "mail quoted", quoted
    yield "mail quoted 60", partial(quoted, width=60)
    yield "letter", letter
    yield "letter 60", partial(letter, width=60)
    yield "verse", verse
    yield "verse of one stanza", partial(verse, stanzas=1, stanza=8)
    yield "verse in couplets", partial(verse, stanza=2, stanzas=20)
    yield "verse in threes", partial(verse, stanza=3, stanzas=20)
    yield "verse without stanzas", partial(verse, stanza=150, stanzas=1)
    yield "verse with long lines", partial(verse, least=55, most=66)
    yield "verse of even lines", partial(verse, least=38, most=42, stanza=14)
    yield "verse small letters", partial(verse, is_small=True)
    yield "verse free", partial(verse, is_free=True, most=60)
    yield "verse free small letters", partial(verse, is_free=True, is_small=True, most=50)
    yield "verse indented", partial(verse, indent=4)
    yield "verse zh 5", partial(chinese_verse, letters=5)
    yield "verse zh 7", chinese_verse
    yield "lyrics", lyrics
    yield "haiku", haiku
    for mark in ("- ", "* ", "1.", "\u2022 ", "[ ] "):
        yield f"list {mark.strip()}", partial(items, mark=mark)
        yield f"list wrapped {mark.strip()}", partial(items, mark=mark, width=66)
    yield "list wrapped with gaps", partial(items, width=72, gap=True)
    yield "list short", partial(items, count=4)
    yield "list wrapped short", partial(items, count=4, width=60)
    for language in ("en", "de", "ru", "zh", "ko", "th"):
        yield f"one sentence a line {language}", partial(one_each, language=language)
    yield "one sentence a line short", partial(one_each, count=6)
    yield "one word a line", partial(words_each, most=1)
    yield "few words a line", words_each
    yield "names and words", partial(words_each, most=6)
    yield "one paragraph a line", long_paragraphs
    yield "one paragraph a line with gaps", partial(long_paragraphs, gap=True)
    yield "one paragraph a line zh", partial(long_paragraphs, language="zh")
    yield "one paragraph a line ru", partial(long_paragraphs, language="ru")
    yield "script", script
    yield "script with gaps", partial(script, gap=True)
    yield "script wrapped", partial(script, width=70)
    yield "script wrapped loud", partial(script, width=66, form="{}. ", is_loud=True)
    yield "script wrapped loud with gaps", partial(script, width=72, form="{}. ", is_loud=True, gap=True)
    yield "script loud", partial(script, form="{}. ", is_loud=True)
    yield "screenplay", screenplay
    yield "chat", chat
    yield "chat whatsapp", partial(chat, form="{d}/3/24, {h}:{m:02} - {name}: {text}")
    yield "chat irc", partial(chat, form="<{name}> {text}")
    yield "chat irc with times", partial(chat, form="{h:02}:{m:02} <{name}> {text}")
    yield "chat short", partial(chat, count=6)
    yield "log", log
    yield "log syslog", partial(log, form="Mar {d:2} {h:02}:{m:02}:09 orla kernel: {text}")
    yield "log levels", partial(log, form="{level}: {text}")
    yield "code python", python_code
    yield "code c", c_code
    yield "table tabs", table
    yield "table bars", partial(table, gap=" | ")
    yield "table spaces", partial(table, gap="   ")
    yield "table commas", partial(table, gap=",")
    yield "contents", contents
    yield "contents with gaps", partial(contents, lead="      ")
    yield "addresses", addresses
    yield "recipe", recipe
    yield "poem in prose", poem_in_prose
    yield "poem in prose not indented", partial(poem_in_prose, indent=0)
    for indent in (0, 2, 8):
        poems = partial(poem_in_prose, every=2, passages=80, indent=indent)
        yield f"as many poems as paragraphs {indent}", poems
        yield f"as many poems as paragraphs {indent} narrow", partial(poems, width=58)
    yield "prose in verse", prose_in_verse
    yield "two widths", two_widths
    yield "notes of all kinds", notes_of_all_kinds


KINDS: dict[str, Maker] = dict(_kinds())
