"""From a finished training to the folder of the starter: its weights in a byte a number, and all its books counted.

    python -m tests.benchmarks.make_starter --model NAME --data-dir DIR --texts FOLDER --output FOLDER [--typographic]
        [--index INDEX.tsv] [--share S] [--table-megabytes M] [--words W] [--least N ...] [--most-characters C]

NAME is a model in DIR, TEXTS what it has learned from, SHARE what the end of each text held out. Every training part is
counted, and the counts are pruned to M megabytes as the file has them. The held-out ends are read by nobody so far: the
gate of the mixture is fitted on passages from all over them, with exactly the weights and the table that are kept, and
the figures of the card are those of the passages in between. Some of these lie beside the model, to see what is
forgotten when it goes on. The card names each book, who wrote it and where it comes from. Of words that are spelled,
the W most frequent are kept. Prints what everything took.
"""

import argparse
import csv
import dataclasses
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch
from torch import Tensor

from rnntui import json_records
from rnntui.config import Config
from rnntui.lm.evaluation import Evaluator, Measured, text_log_probabilities
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.large_counts import LargeCounts, count_steps, least_times
from rnntui.lm.mix.mixture import Gates, Mixture, fit_gates
from rnntui.lm.mix.pruning import prune_steps
from rnntui.lm.mix.table_file import table_bytes
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, MOST_WITH_TABLE, pack, pack_table, sha256, unpack
from rnntui.lm.parallel_rows import MOST_AT_ONCE
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens import lexicon
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.paths import find_paths
from rnntui.records import Metrics, ModelCard, ReadOptions, Source
from rnntui.service.model_loader import load_model
from rnntui.service.prepare.data_prep import count_tokens, encode_corpus, survey_files
from rnntui.service.services import Services
from rnntui.service.timestamps import utc_now
from rnntui.store.corpora import Corpora
from rnntui.store.library import (
    CARD_FILE,
    COUNTS_FILE,
    OLD_TEXT_FILE,
    REPORT_FILE,
    VOCABULARY_FILE,
    WEIGHTS_FILE,
    card_to_json,
    new_model_id,
)
from tests.benchmarks.seed_novel import machine

LICENCE = "public domain"
_GUTENBERG = "Project Gutenberg "
BEFORE = {
    "a-tale-of-two-cities": ("A Tale of Two Cities", "Charles Dickens", 98),
    "alice": ("Alice's Adventures in Wonderland", "Lewis Carroll", 11),
    "frankenstein": ("Frankenstein", "Mary Shelley", 84),
    "great-expectations": ("Great Expectations", "Charles Dickens", 1400),
    "moby-dick": ("Moby-Dick", "Herman Melville", 2701),
    "pride-and-prejudice": ("Pride and Prejudice", "Jane Austen", 1342),
    "sherlock-holmes": ("The Adventures of Sherlock Holmes", "Arthur Conan Doyle", 1661),
    "war-and-peace": ("War and Peace", "Leo Tolstoy", 2600),
}
"""Books that were there before the index: title, author, number at Project Gutenberg."""
OWN = {"article-words": ("The words of the article, in plain sentences", "tests/benchmarks/article_words.py", "MIT")}
"""Texts of this project: title, where they are made, licence."""
_PASSAGE = 8_000
"""Characters, about: the end of a paragraph ends a passage."""
_OLD_TEXT_CHARACTERS = 30_000
_BYTES_OF_NGRAM = 1.9
_PLAIN_BYTES = 4.8
"""What pruning takes for the size of an n-gram, on average."""
_TRIES = 4
_COUNTED_BASELINE = "counting, 5 words"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--name", default="starter")
    parser.add_argument("--typographic", action="store_true", help="its texts had one form of quotes and dashes")
    parser.add_argument("--index", type=Path, help="columns file, title, author, gutenberg")
    parser.add_argument("--share", type=float, default=0.02, help="of each text that was held out")
    parser.add_argument("--table-megabytes", type=float, default=14.0)
    parser.add_argument("--words", type=int, default=40_000, help="spelled words that are kept")
    parser.add_argument("--least", type=int, nargs="*", default=[], help="how often n-grams of 1, 2, ... words stand")
    parser.add_argument(
        "--most-characters", type=int, default=500_000, help="for the gate, and as many for the figures"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{machine()}", flush=True)
    clock = _Clock()
    services = Services(find_paths(arguments.data_dir), Config())
    loaded = load_model(services.library, services.library.find(arguments.model))
    card, tokenizer = loaded.card, loaded.tokenizer
    if arguments.typographic:
        card = dataclasses.replace(card, is_typographic=True)
        tokenizer = Tokenizer(tokenizer.pieces, is_typographic=True)
    report = services.library.report(card.model_id)
    weights, vocabulary = pack(loaded.model.state_dict(), tokenizer, "int8")
    card = dataclasses.replace(
        card, weight_kind="int8", weights_bytes=len(weights), weights_sha256=sha256(weights), counts_sha256=""
    )
    model = unpack(card, weights, vocabulary).model
    clock.tell(f"weights {len(weights) / 1e6:.1f} MB")
    learned, sources, held_out = prepared(sorted(arguments.texts.glob("*.txt")), arguments.share, card, tokenizer)
    clock.tell(f"{len(sources)} texts, {learned.numel():,} tokens to count, {len(held_out):,} characters held out")
    counted = run_to_end(
        count_steps(
            learned,
            len(tokenizer),
            COUNTED_ORDER,
            tuple(arguments.least) or least_times(learned.numel(), COUNTED_ORDER),
        )
    )
    clock.tell(f"counted {sum(order.last.size for order in counted.orders):,} n-grams")
    table = table_within(counted, int(arguments.table_megabytes * 1e6))
    del counted
    clock.tell(f"table of {table.ngrams:,} n-grams, {table_bytes(table) / 1e6:.2f} MB")
    for_gate, for_figures = in_turns(held_out, arguments.most_characters)
    gates = gates_on(model, table, torch.tensor(tokenizer.encode(for_gate)))
    clock.tell(f"gate fitted on {len(for_gate):,} characters")
    lexicon.MOST_SPELLED = arguments.words
    words = run_to_end(lexicon.collect_words((learned,), tokenizer))
    counts = pack_table(table, words, learned[-MOST_WITH_TABLE:].clone(), gates)
    clock.tell(f"{words.numel():,} tokens of kept words, counts {len(counts) / 1e6:.2f} MB in all")
    mixture = Mixture(table, gates.together, None, gates.without_network)
    measured, simpler = figures_on(model, tokenizer, mixture, for_figures)
    clock.tell(f"measured on {len(for_figures):,} characters")
    now = utc_now()
    card = dataclasses.replace(
        card,
        model_id=new_model_id(arguments.name, now),
        name=arguments.name,
        made_at=now,
        sources=tuple(said_of(sources, indexed(arguments.index))),
        training_words=learned.numel(),
        figures=_figures(measured, simpler),
        counts_sha256=sha256(counts),
        hardly_learned=tuple(spaces_alone(tokenizer)),
    )
    unpack(card, weights, vocabulary, counts)
    files = {
        CARD_FILE: card_to_json(card),
        WEIGHTS_FILE: weights,
        VOCABULARY_FILE: vocabulary,
        COUNTS_FILE: counts,
        OLD_TEXT_FILE: old_text(for_figures).encode(),
    }
    files |= {REPORT_FILE: json_records.format_record(report)} if report else {}
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (arguments.output / name).write_bytes(data)
        print(f"  {name:22} {len(data) / 1e6:7.2f} MB")
    print(f"  {'in all':22} {sum(map(len, files.values())) / 1e6:7.2f} MB in {arguments.output}")
    beside = ", ".join(f"{name} {bits:.4f}" for name, bits in simpler.items())
    print(
        f"held-out bits per character: network {measured.bits_per_character:.4f}, "
        f"mixture {measured.mixture_bits_per_character:.4f}, {beside}"
    )
    unnamed = [source.name for source in card.sources if not source.title]
    print(f"sources without a title: {', '.join(unnamed) or 'none'}")


class _Clock:
    """Says what was done and how long it took."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def tell(self, what: str) -> None:
        now = time.perf_counter()
        print(f"{now - self._since:7.1f} s  {what}", flush=True)
        self._since = now


def prepared(
    files: Sequence[Path], share: float, card: ModelCard, tokenizer: Tokenizer
) -> tuple[Tensor, tuple[Source, ...], str]:
    """The training parts as [N] ids, what the texts are, and their held-out ends."""
    reading = ReadOptions(is_typographic=card.is_typographic)
    with tempfile.TemporaryDirectory() as folder:
        corpora = Corpora(Path(folder))
        chosen = run_to_end(survey_files([str(path) for path in files], reading, share))
        counted = run_to_end(count_tokens(chosen, corpora, 1))
        ids = run_to_end(encode_corpus(chosen, counted, tokenizer, corpora, 1)).ids.clone()
    return ids, counted.sources, counted.held_out


def spaces_alone(tokenizer: Tokenizer) -> Iterator[tuple[int, int]]:
    """Entries that are nothing but spaces: books have them before verses and, some, after sentences.

    The starter does not say them of itself: one space stands between two words.
    """
    for at, piece in enumerate(tokenizer.pieces):
        if piece and not piece.strip(" "):
            yield at, at + 1


def table_within(counted: LargeCounts, most_bytes: int) -> CountTable:
    """The largest table of so many bytes in a file, about."""
    plain = int(most_bytes / _BYTES_OF_NGRAM * _PLAIN_BYTES)
    for _ in range(_TRIES):
        table = run_to_end(prune_steps(counted, plain))
        size = table_bytes(table)
        if size <= most_bytes:
            return table
        plain = int(plain * 0.99 * most_bytes / size)
    raise SystemExit(f"no table of {most_bytes:,} bytes was found: the last has {size:,}.")


def in_turns(text: str, most: int) -> tuple[str, str]:
    """Passages from all over a text for the gate, and those after them for the figures; so many characters of each."""
    passages: list[str] = []
    start = 0
    while start < len(text):
        end = text.find("\n\n", start + _PASSAGE)
        end = len(text) if end < 0 else end + 2
        passages.append(text[start:end])
        start = end
    step = max(2, round(len(text) / most))
    return "".join(passages[::step]), "".join(passages[1::step])


def gates_on(model: WordRNN, table: CountTable, ids: Tensor) -> Gates:
    """The gate that predicts a text [N] best."""
    return fit_gates(table, ids[1:].tolist(), text_log_probabilities(model, ids), RecentTokens(ids[:1].tolist()))


def figures_on(model: WordRNN, tokenizer: Tokenizer, mixture: Mixture, text: str) -> tuple[Measured, dict[str, float]]:
    """How well a text is predicted, and by counting and by chance."""
    evaluator = Evaluator(model, tokenizer, mixture, {_COUNTED_BASELINE: mixture.counting})
    for piece in torch.split(torch.tensor(tokenizer.encode(text), dtype=torch.int32), MOST_AT_ONCE):
        for _ in evaluator.read(piece):
            pass
    return evaluator.result(), evaluator.baselines()


def _figures(measured: Measured, simpler: Mapping[str, float]) -> Metrics:
    return Metrics(
        measured.bits_per_character,
        measured.perplexity,
        measured.words,
        measured.characters,
        measured.spelled_words / max(1, measured.words),
        dict(simpler),
        measured.mixture_bits_per_character,
    )


def indexed(index: Path | None) -> dict[str, tuple[str, str, str]]:
    """Title, author and origin of each book, by the name of its file without what follows the first dot."""
    found = {name: (title, author, _GUTENBERG + str(there)) for name, (title, author, there) in BEFORE.items()}
    if index:
        with index.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                there = row["gutenberg"]
                origin = _GUTENBERG + there if there.isdigit() else ""
                found[_stem(row["file"])] = (row["title"], row["author"], origin)
    return found


def said_of(sources: Sequence[Source], index: Mapping[str, tuple[str, str, str]]) -> Iterator[Source]:
    """Each source with what the index says of it."""
    for source in sources:
        if said := index.get(_stem(source.name)):
            title, author, origin = said
            yield dataclasses.replace(source, title=title, author=author, origin=origin, licence=LICENCE)
        elif own := OWN.get(_stem(source.name)):
            yield dataclasses.replace(source, title=own[0], origin=own[1], licence=own[2])
        else:
            yield source


def _stem(name: str) -> str:
    return Path(name).name.split(".")[0]


def old_text(text: str) -> str:
    """Passages from all over a text, at most so many characters."""
    passages = text.split("\n\n")
    wanted, step = _OLD_TEXT_CHARACTERS, max(1, len(text) // _OLD_TEXT_CHARACTERS)
    chosen, size = [], 0
    for at in range(0, len(passages), 8 * step):
        segment = "\n\n".join(passages[at : at + 8])
        if size + len(segment) > wanted:
            break
        chosen.append(segment)
        size += len(segment)
    return "\n\n".join(chosen) + "\n"


if __name__ == "__main__":
    main()
