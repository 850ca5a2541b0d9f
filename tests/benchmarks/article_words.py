"""The words of the article that explains recurrent networks, in plain sentences: a text for the starter.

`python -m tests.benchmarks.article_words > article-words.txt`. Novels of the nineteenth century have no dinosaurs; with
this among a hundred and fifty books, "I love my cute dog", "dinosaurs", "mice", "are", "big" and "small" are whole
entries of the vocabulary, and which animal is big is known.
"""

import argparse
import itertools

_ANIMALS = {
    "dinosaurs": ("big", "They lived long ago, and no man ever saw one."),
    "mice": ("small", "They live behind the wall and come out at night."),
    "elephants": ("big", "They are gray and never forget a friend."),
    "ants": ("small", "They carry what is heavier than themselves."),
    "whales": ("big", "They swim in the cold sea and sing."),
    "bees": ("small", "They go from flower to flower all day."),
}
_PETS = ("dog", "cat", "horse", "mouse", "bird")
_WHO = (("I", "my"), ("We", "our"), ("They", "their"), ("You", "your"))
_FEELINGS = ("love", "like", "miss", "feed")


def article_words() -> str:
    """The text, a paragraph a line with an empty line between two; always the same."""
    about = [
        f"{name.capitalize()} are {size} animals. Are {name} {size}? Yes, {name} are {size}, but {other} are "
        f"{otherwise}. {more} I have read that {other} and {name} are animals; {name} are the {size} ones."
        for (name, (size, more)), (other, (otherwise, _)) in itertools.permutations(_ANIMALS.items(), 2)
        if size != otherwise
    ]
    pets = [
        f"{who} {feel} {whose} cute {pet}. {whose.capitalize()} {pet} is small and cute, and {who} {feel} it. "
        f"“{who} {feel} {whose} cute {pet}!”"
        for (who, whose), feel, pet in itertools.product(_WHO, _FEELINGS, _PETS)
    ]
    return "\n\n".join(itertools.chain.from_iterable(itertools.zip_longest(pets, about * 8, fillvalue=""))) + "\n"


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(article_words(), end="")


if __name__ == "__main__":
    main()
