"""From a model in the library to a network that can speak: the one place where a model is loaded to generate."""

from typing import TYPE_CHECKING

from rnntui.records import ModelCard
from rnntui.service.devices import send_speaker
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator
    from rnntui.lm.model_file import LoadedModel


def load_generator(library: Library, card: ModelCard, device: str = "auto") -> "Generator":
    """A generator with an empty memory. It speaks on one thread: a word at a time gains nothing from more.

    Args:
        library: Where the model is.
        card: Of the model.
        device: One of DEVICE_CHOICES; left open, it is the processor.

    Raises:
        DeviceError: If the device cannot compute it.
        InputError: If the device is not there.
        ModelFileError: If the model is missing or damaged.
    """
    from rnntui.lm.generator import Generator
    from rnntui.lm.hardware.allocator import return_freed_memory
    from rnntui.lm.tokens.lexicon import Lexicon

    use_one_thread()
    with return_freed_memory():
        loaded = load_model(library, card)
        lexicon = None
        if loaded.word_ids is not None:
            lexicon = Lexicon.of(loaded.word_ids, loaded.tokenizer, loaded.counted_ids)
        note = send_speaker(loaded.model, device)
        generator = Generator(loaded.model, loaded.tokenizer, loaded.mixture, lexicon, card.hardly_learned)
        generator.note = note
        del loaded
    return generator


def load_model(library: Library, card: ModelCard) -> "LoadedModel":
    """All of a model, checked: each file from how it begins before it is read.

    Raises:
        ModelFileError: If the model is missing or damaged.
    """
    from rnntui.lm.hardware.allocator import return_freed_memory
    from rnntui.lm.model_file import COUNTS, VOCABULARY, WEIGHTS, check_head, unpack

    with return_freed_memory():
        files = library.read(card.model_id, check_head)
        return unpack(card, files[WEIGHTS], files[VOCABULARY], files.get(COUNTS, b""))


def use_one_thread() -> None:
    """One processor thread for what this thread computes; the screen needs the other core.

    A new thread starts with the default for its first sums, whatever was set elsewhere, and rounds them otherwise: call
    this in every thread that speaks, or a replay differs in the last bit.
    """
    import torch

    torch.set_num_threads(1)
