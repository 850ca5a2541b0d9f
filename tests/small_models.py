"""Models with random weights, small enough to be made in milliseconds; the language they speak is noise."""

import dataclasses

import torch

from rnntui.lm.mix.mixture import Gates, starting_gate
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, pack, pack_counts, sha256
from rnntui.lm.text.typography import typographic
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.records import Metrics, ModelCard, Source
from rnntui.settings import ModelConfig
from rnntui.store.library import Library

TEXT = (
    "Mice are small. Dinosaurs are big. The cat saw a mouse, and the mouse saw the cat!\n\n"
    "“Who are you?” said the cat. “I am a mouse,” said the mouse; it didn't stay.\n\n"
) * 4
SPELLED = " A mouse yawned. The cat amused it with catalogues; it yawned and yawned, amusingly.\n\n"
"""Words of the counted text without an entry of their own."""


def small_model(
    name: str = "small",
    cell: str = "lstm",
    layers: int = 1,
    seed: int = 0,
    is_typographic: bool = False,
    text: str = TEXT,
) -> tuple[ModelCard, bytes, bytes]:
    """A card, weights and vocabulary that fit together."""
    tokenizer = Tokenizer.train([typographic(text), "—…"] if is_typographic else [text], 500)
    config = ModelConfig(cell, 500, 12, 16, layers, True, 0)
    model = WordRNN(config, len(tokenizer))
    model.initialise(torch.Generator().manual_seed(seed))
    with torch.no_grad():
        model.embedding.weight.mul_(12)  # so that words differ in probability and the memory matters
    weights, vocabulary = pack(model.state_dict(), tokenizer)
    card = ModelCard(
        model_id=f"{name}-{cell}-{layers}",
        name=name,
        made_at="2026-01-02T03:04:05+00:00",
        config=config,
        vocabulary_size=len(tokenizer),
        sources=(Source("small.txt", "0" * 64, len(TEXT), "utf-8"),),
        training_words=1_000,
        minutes=0.1,
        passes=1.0,
        figures=Metrics(),
        command="rnntui train small.txt",
        torch_version=str(torch.__version__),
        seed=seed,
        weights_sha256=sha256(weights),
        vocabulary_sha256=sha256(vocabulary),
        weights_bytes=len(weights),
        is_typographic=is_typographic,
    )
    return card, weights, vocabulary


def save_small_model(library: Library, text: str = "", **choices: object) -> ModelCard:
    """Put a small model into a library, with the counts of its text."""
    if text:
        choices["text"] = text
    card, weights, vocabulary = small_model(**choices)  # type: ignore[arg-type]
    tokenizer = Tokenizer.from_bytes(vocabulary)
    text = text or TEXT + SPELLED
    text = typographic(text) if card.is_typographic else text
    counts = pack_counts(torch.tensor(tokenizer.encode(text)), Gates(starting_gate(COUNTED_ORDER)), len(tokenizer))
    card = dataclasses.replace(card, counts_sha256=sha256(counts))
    library.save(card, weights, vocabulary, counts)
    return card
