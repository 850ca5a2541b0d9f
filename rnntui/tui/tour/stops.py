"""What the tour shows and says, in order: a new stop is an entry here and what it does in `tour`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of the tour."""

    title: str
    says: str
    """One or two sentences; actions in braces become their keys. Two rows of 60 columns have room for 110 letters."""


STOPS = (
    Stop("A sentence goes on", "You begin, it writes on, the way its books did. It does not answer questions."),
    Stop("Surprise", "The stronger a word is marked, the less it was expected. {surprise} marks words, or no longer."),
    Stop("What else", "These words could have stood there. Press a digit to take one: it writes on from that."),
    Stop(
        "Temperature",
        "The same dice, but hotter: rarer words. {temperature} sets it, {compare} shows both at once.",
    ),
    Stop("Forget", "Its memory is empty, the text stays: what it writes now knows nothing of what stands above."),
    Stop(
        "That is all",
        "{show-train} trains it on your own text. {help} has every key, and {undo} undoes whatever you do.",
    ),
)
BEGINNING = "It was a cold evening and the old man"
"""What the tour sends; the network goes on from there."""
