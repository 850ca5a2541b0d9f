"""What the help shows and searches: the keys of every place, the settings by name, and what our words mean."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rnntui.settings import SamplerSettings
from rnntui.tui.action import PLACES
from rnntui.tui.actions import ACTIONS
from rnntui.tui.keys import key_name
from rnntui.tui.slash_commands import SETTING_WORDS

GLOSSARY: dict[str, str] = {
    "word": "what a person counts: letters between spaces; marks such as . and , are no words",
    "token": "what the network reads and says one at a time: a frequent word, a mark, or a part of a rare word",
    "vocabulary": "all tokens a network knows; other words are read and spelled in parts",
    "bits": "how unexpected something was: 0 was certain, 1 was one of two, 10 was one of a thousand; each figure says "
    "of what: this reply, the last 30 words, the next word",
    "surprise": "the bits of each word, as a tint; what the network would have said itself is dim",
    "perplexity": "the same as bits, counted as a choice: so many equally likely words; 2 to the power of the bits",
    "bits per character": "bits of a text that was never learned, shared among its characters; lower is better, and it "
    "can be compared between networks",
    "memory": "the hidden state: some hundred numbers, all that the network knows of what it has read so far",
    "unit": "one of these numbers; some follow quotes, line ends or names",
    "temperature": "how daring the draw is: 0 takes the likeliest word, 1 draws as the network learned, above 1 wilder",
    "top-k": "only so many of the likeliest words can be drawn",
    "top-p": "only the likeliest words that together have this share can be drawn; also called nucleus",
    "min-p": "words that are less likely than this share of the likeliest cannot be drawn",
    "repetition penalty": "how much less likely a word gets that was said before",
    "cut": "what top-k, top-p, min-p and their kin do; a share says whether it is before or after the cuts",
    "seed": "the number from which all dice follow: the same seed and settings say the same words",
    "pace": "how fast words appear; the network may be ahead, and stopping takes both back to the last word shown",
    "drafts": "sentences that are written in secret, of which the best is said",
    "version": "a reply or prompt that was written again stands beside the old one; both stay",
    "counting": "the predictor beside the network that counted which words follow which in the training text",
    "recent words": "the predictor beside the network that remembers what this conversation said",
    "held out": "a part of the text that is never learned, on which a network is measured",
}
"""Terms of the program and what they mean."""


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """One line of the help."""

    keys: str
    """Or a term of the glossary."""
    slash: str
    text: str
    also: str = ""
    """Searched and not shown."""

    def has(self, words: Sequence[str]) -> bool:
        """Whether all of these stand in it."""
        searched = f"{self.keys} {self.slash} {self.text} {self.also}".casefold()
        return all(word in searched for word in words)


@dataclass(frozen=True, slots=True)
class HelpSection:
    """Lines with one heading."""

    title: str
    entries: tuple[HelpEntry, ...]


def help_sections(first: Sequence[str], keys_of: Callable[[str], tuple[str, ...]]) -> tuple[HelpSection, ...]:
    """All sections.

    Args:
        first: Places of the table of actions whose keys stand before all others, in their order.
        keys_of: Tells the keys of an action by its id.
    """
    places = [*dict.fromkeys([*(place for place in first if place in PLACES), *PLACES])]
    sections = [HelpSection(PLACES[place], _entries_of(place, keys_of)) for place in places]
    facts = {entry.name: entry.metadata for entry in dataclasses.fields(SamplerSettings)}
    settings = tuple(
        HelpEntry("", f"/{word} VALUE", str(facts[name]["help"]), name.replace("_", " "))
        for word, name in SETTING_WORDS.items()
    )
    terms = tuple(HelpEntry(term, "", meaning, "glossary") for term, meaning in GLOSSARY.items())
    found = (*sections, HelpSection("Settings by name, such as /top-k 40", settings), HelpSection("Glossary", terms))
    return tuple(section for section in found if section.entries)


def _entries_of(place: str, keys_of: Callable[[str], tuple[str, ...]]) -> tuple[HelpEntry, ...]:
    return tuple(
        HelpEntry(
            ", ".join(keys_of(entry.id)),
            f"/{entry.slash} {entry.argument}".strip() if entry.slash else "",
            entry.help,
            f"{entry.label} {entry.also} {PLACES[place]} {' '.join(key_name(key) for key in keys_of(entry.id))}",
        )
        for entry in ACTIONS
        if entry.where == place
    )


def narrow(sections: Sequence[HelpSection], typed: str) -> tuple[HelpSection, ...]:
    """The sections with only those lines in which every typed word stands."""
    words = typed.casefold().split()
    left = (HelpSection(one.title, tuple(entry for entry in one.entries if entry.has(words))) for one in sections)
    return tuple(section for section in left if section.entries)
