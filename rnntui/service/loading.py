"""From a model in the library to a network that can speak: the one place where a model is loaded to generate."""

from typing import TYPE_CHECKING

from rnntui.records import ModelCard
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator


def load_generator(library: Library, card: ModelCard) -> "Generator":
    """A generator with an empty memory. It speaks on one thread: a word at a time gains nothing from more.

    Raises:
        ModelFileError: If the model is missing or damaged.
    """
    from rnntui.lm.freed_memory import given_back
    from rnntui.lm.generator import Generator
    from rnntui.lm.lexicon import Lexicon
    from rnntui.lm.model_file import COUNTS, VOCABULARY, WEIGHTS, unpack

    use_one_thread()
    with given_back():
        files = library.read(card.model_id)
        loaded = unpack(card, files[WEIGHTS], files[VOCABULARY], files.get(COUNTS, b""))
        del files
        lexicon = None if loaded.counted_ids is None else Lexicon.of(loaded.counted_ids, loaded.tokenizer)
        generator = Generator(loaded.model, loaded.tokenizer, loaded.mixture, lexicon, card.hardly_learned)
        del loaded
    return generator


def use_one_thread() -> None:
    """One processor thread for what this thread computes; the screen needs the other core.

    A new thread starts with the default for its first sums, whatever was set elsewhere, and rounds them otherwise: call
    this in every thread that speaks, or a replay differs in the last bit.
    """
    import torch

    torch.set_num_threads(1)
