"""What is said before minutes are spent that may be wasted: one sentence each, the gravest first.

What was found in each text comes with the counted text; here it becomes sentences, with what all texts together are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rnntui.service.pipeline.plan_preview import preview_plan
from rnntui.settings import ModelConfig
from rnntui.text import plural, visible_line
from rnntui.text_facts import Doubt, TextFacts

if TYPE_CHECKING:
    from rnntui.lm.tokens.corpus import CountedText

FEW_WORDS = 10_000
"""Words to learn from. Of 180 books one has fewer; a model of so many says hardly a sentence of its own."""
WORTH_TALKING_TO = 100_000
"""Words from which a model is worth talking to."""
MUCH_REPEATED = 0.25
"""Share of the long sentences that stand there more than once, by characters; of 173 books .02 at most."""
MOST_WARNINGS = 8
_MOST_OF_ONE_TEXT = 2
"""What is a log is also full of numbers, and uniform."""
_USUAL_MINUTES = 5.0
_OTHER_LANGUAGE = 0.1
"""Share of the characters in texts of another language than most of them."""
_MOST_TEXTS_NAMED = 3
_SAMPLE = "sample:"

SENTENCES: Mapping[str, str] = {
    "binary": "{figure} of the characters are no letters of any script: it is no text, or read in a wrong encoding; "
    "choose another file, or say --encoding.",
    "mojibake": "letters such as “Ã©” stand where others belong, in {figure} of the words: it was once read in a wrong "
    "encoding; mend that first, or say --encoding.",
    "machine": "{figure} of it are long rows of letters and digits, such as base64 or checksums, which nobody can "
    "learn; take them out.",
    "uniform": "it says nearly the same again and again: {figure} of each passage can be foretold from what stands "
    "before, where a book has half; take what repeats out, or nothing is there to learn.",
    "markup": "{figure} of it are marks such as <p>, [b] or \\section: save it as plain text, or under the suffix of "
    "its format.",
    "minified": "it is code without line ends; a model of words makes nothing of that: choose the source it was made "
    "from.",
    "log": "{figure} of the lines begin with a date or a time, as in a log: the model learns to write those; take the "
    "words out of it first.",
    "numbers": "{figure} of its words have digits in them: a model of words cannot calculate, and what it says will be "
    "made-up numbers; choose running text.",
    "word list": "it is a list of words and no running text, {figure} of them different: there is no next word to "
    "learn; choose texts with sentences.",
    "filler": "it is filler text (“lorem ipsum”), made without a meaning; choose a text that somebody wrote.",
    "garbled": "{figure} of its words have signs or capitals inside, as when a scan was read by a machine: the model "
    "will write such words; look for a better copy.",
    "scripts": "{figure} of its letters are in another script ({what}): a small model learns one script well; train "
    "on one of them, or on each.",
    "languages": "{figure} of its sentences are in another language ({what}): a small model learns one language well; "
    "train on one of them, or on each.",
    "unpunctuated": "there is a full stop or a line end only every {figure} words: the model will not know where a "
    "sentence ends; look for a copy with punctuation.",
    "capitals": "{figure} of its letters are capitals: the model will know and write no others.",
    "one line": "a line end comes only every {figure} characters: the model will not know where a paragraph ends.",
}
"""What is said of each kind of doubt."""
_COUNTS = frozenset(("unpunctuated", "one line"))
"""Kinds whose figure is a number and no share."""


def warnings_of(
    counted: "CountedText", base: ModelConfig | None = None, best_possible: float | None = None
) -> tuple[str, ...]:
    """Why the minutes may be wasted.

    Args:
        counted: The texts.
        base: The shape of the model that a run goes on from; None for one that begins with nothing.
        best_possible: What no model can beat, where that is known: then the text was made to be learned from.
    """
    if best_possible is not None:
        return ()
    learned = [text for text in counted.texts[: len(counted.sources)] if not text.name.startswith(_SAMPLE)]
    few = [_few_words(counted, base)] if counted.words < FEW_WORDS else []
    found = [
        *_of_texts(learned),
        *few,
        *_repeated(counted),
        *_unsure_encodings(learned),
        *_several_languages(counted),
    ]
    return tuple(found[:MOST_WARNINGS])


def _of_texts(texts: Sequence[TextFacts]) -> list[str]:
    """One sentence for each kind, whatever the number of texts that it is said of."""
    by_kind: dict[str, list[tuple[TextFacts, Doubt]]] = {kind: [] for kind in SENTENCES}
    for text in texts:
        said = [doubt for doubt in text.doubts if doubt.kind in by_kind]
        for doubt in said[:_MOST_OF_ONE_TEXT]:
            by_kind[doubt.kind].append((text, doubt))
    return [_say(kind, found, len(texts)) for kind, found in by_kind.items() if found]


def _say(kind: str, found: Sequence[tuple[TextFacts, Doubt]], texts: int) -> str:
    figures = sorted(doubt.figure for _, doubt in found)
    middle = figures[len(figures) // 2]
    shown = f"{middle:,.0f}" if kind in _COUNTS else percent(middle)
    sentence = SENTENCES[kind].format(figure=shown, what=found[0][1].what)
    if texts == 1:
        return sentence[0].upper() + sentence[1:]
    names = [visible_line(text.name, 60) for text, _ in found]
    if len(names) <= _MOST_TEXTS_NAMED:
        return f"{', '.join(names)}: {sentence}"
    return f"{len(names):,} of {texts:,} texts, such as {names[0]}: {sentence}"


def _few_words(counted: "CountedText", base: ModelConfig | None) -> str:
    passes = preview_plan(counted.pieces, 60 * _USUAL_MINUTES, {}, base).passes
    comes = "known by heart, and what it says is made of their passages"
    if base:
        comes = "taken over a little; most of what it says comes from the model that it goes on from"
    return (
        f"{counted.words:,} words are few: in {_USUAL_MINUTES:g} minutes they are read {passes:,.0f} times and "
        f"{comes}; {WORTH_TALKING_TO:,} make a model worth talking to."
    )


def _repeated(counted: "CountedText") -> list[str]:
    if counted.repeated_share < MUCH_REPEATED:
        return []
    return [
        f"{percent(counted.repeated_share)} of the long sentences stand there more than once, such as "
        f'"{counted.repeated_example}": the model learns them by heart, and the figures look too good; take copies '
        "out."
    ]


def _unsure_encodings(texts: Sequence[TextFacts]) -> list[str]:
    unsure = [text for text in texts if not text.is_encoding_sure and text.other_encoding]
    if not unsure:
        return []
    text = unsure[0]
    openings = " or ".join(f"“{visible_line(line, 60)}”" for line in text.openings[:2])
    which = f"{openings} there" if openings else "its opening"
    others = f" {plural(len(unsure) - 1, 'more text')} likewise." if len(unsure) > 1 else ""
    return [
        f"{visible_line(text.name, 60)} may be in {text.encoding} or in {text.other_encoding}: look whether {which} is "
        f"right, and say --encoding.{others}"
    ]


def _several_languages(counted: "CountedText") -> list[str]:
    """Texts that are each in one language, but not all in the same."""
    sizes: Counter[str] = Counter()
    for text, source in zip(counted.texts, counted.sources, strict=False):
        if text.language:
            sizes[text.language] += source.characters
    if len(sizes) < 2:
        return []
    (first, _), (second, size) = sizes.most_common(2)
    share = size / sizes.total()
    if share < _OTHER_LANGUAGE:
        return []
    others = f" and {len(sizes) - 2} more" if len(sizes) > 2 else ""
    return [
        f"The texts are in {len(sizes)} languages ({first}, {second}{others}; {percent(share)} are {second}): a small "
        "model learns one language well; train one on each."
    ]


def percent(share: float) -> str:
    """A share as a person reads it; what is nearly all is not called all."""
    if 0.99 <= share < 1:
        return f"{min(99.9, 100 * share):.1f} %"
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"
