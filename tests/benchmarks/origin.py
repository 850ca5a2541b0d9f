"""How fast a text is indexed, how large its index is, how fast a reply is looked up, and how much a model copies.

    python -m tests.benchmarks.origin PATH [--words N] [--model NAME] [--temperatures T ...] [--seed N]

PATH is a text file or a folder of them. The last tenth of each is held out: its runs are looked up as those of
replies, beside a plain search of the same run of bytes in the same text, in the same run. With a model, which has to
have learned from a text of its own that is still here, its share of words in runs of five and more stands beside that
of its held-out text.
"""

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeVar

from rnntui.lm.origin.builder import LearnedFile, build_index
from rnntui.lm.origin.copying import CopyFinder, copied_share
from rnntui.lm.origin.index_file import OriginIndex, open_index
from rnntui.lm.origin.words import spoken_words
from rnntui.lm.text.text_source import TextFile, read_document
from rnntui.lm.tokens.segments import Splitting, pack_segments, run_in_order
from rnntui.lm.tokens.splitting import blocks
from rnntui.paths import find_paths
from rnntui.service.generation import Spoken, generate_once
from rnntui.service.origin.opening import Opening
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.benchmarks.seed_novel import machine

HELD_OUT = 0.1
MOST_HELD_OUT = 2_000_000
R = TypeVar("R")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a text file, or a folder of them")
    parser.add_argument("--words", type=int, default=300, help="of a reply that is looked up")
    parser.add_argument("--model", default="", help="whose replies are looked up too")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.5, 0.7, 1.0])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(machine())
    paths = sorted(arguments.path.rglob("*.txt")) if arguments.path.is_dir() else [arguments.path]
    with tempfile.TemporaryDirectory() as folder:
        measure_index(paths, Path(folder) / "origin", arguments.words)
    if arguments.model:
        measure_model(arguments.model, arguments.temperatures, arguments.seed)


def measure_index(paths: Sequence[Path], place: Path, words: int) -> None:
    """Make the index of some files, and look up what was held out."""
    texts = [read_document(path).text for path in paths]
    cuts = [int(len(text) * (1 - HELD_OUT)) for text in texts]
    learned = "\n\n".join(text[:cut] for text, cut in zip(texts, cuts, strict=True))
    held_out = "\n\n".join(text[cut:] for text, cut in zip(texts, cuts, strict=True))[:MOST_HELD_OUT]
    files = [
        LearnedFile(path.name, "", cut, raw.raw_parts())
        for path, cut, raw in zip(paths, cuts, map(surveyed, paths), strict=True)
    ]
    began, used = time.perf_counter(), time.process_time()
    splits = [(1.0, split) for split in run_in_order(Splitting(), pack_segments(blocks(learned))) if split]
    split_seconds = time.process_time() - used
    parts = done(build_index(splits, files, held_out))
    place.write_bytes(b"".join(parts.to_bytes()))
    wall, processor = time.perf_counter() - began, time.process_time() - used
    size, text = place.stat().st_size, len(learned.encode())
    print(
        f"text {text / 1e6:.1f} MB, {parts.places.size:,} words, {len(paths)} files, {parts.lines.size:,} lines known"
    )
    print(f"made in {wall:.1f} s, {processor:.1f} of one processor, of which {split_seconds:.1f} split the text")
    print(f"index {size / 1e6:.1f} MB, {size / text:.2f} times the text")
    began = time.perf_counter()
    index = done(open_index(place))
    print(f"opened and checked in {1e3 * (time.perf_counter() - began):.0f} ms")
    look_up(index, learned, held_out, words)
    print(f"held-out text: {100 * parts.human_share:.1f} % of {parts.human_words:,} words in runs of 5 and more")
    index.close()


def look_up(index: OriginIndex, learned: str, held_out: str, words: int) -> None:
    """The runs of several texts as long as a reply, and a plain search for their runs of four words."""
    finder = CopyFinder(index)
    said = [found.word for found in spoken_words(held_out)]
    replies = [said[start : start + words] for start in range(0, len(said), max(words, len(said) // 10))][:10]
    began = time.perf_counter()
    shares = [copied_share(finder.runs(reply), len(reply)) for reply in replies]
    ours = (time.perf_counter() - began) / len(replies)
    began = time.perf_counter()
    for start in range(0, min(40, len(replies[0]) - 4)):
        learned.find(" ".join(replies[0][start : start + 4]))
    plain = (time.perf_counter() - began) * words / 40
    print(
        f"{words} words looked up in {1e3 * ours:.0f} ms, {ours / plain:.3f} of a plain search for their runs of four; "
        f"shares {min(shares):.2f} to {max(shares):.2f}"
    )


def measure_model(name: str, temperatures: Sequence[float], seed: int) -> None:
    """How much a model says word for word, at several temperatures."""
    services = Services(find_paths())
    card = services.find_model(name)
    origin = Opening(services, card, lambda sentence: None).run()
    assert origin is not None
    print(f"{name}: a person of its text {100 * origin.header.human_share:.1f} %")
    for temperature in temperatures:
        settings = dataclasses.replace(SamplerSettings(), temperature=temperature, stop="words", max_words=300)
        copied = words = 0.0
        for number in range(5):
            drawn = dataclasses.replace(settings, seed=seed + number)
            for event in generate_once(services.library, card, "The", drawn):
                if isinstance(event, Spoken):
                    found = origin.look(event.text)
                    copied, words = copied + found.share * found.words, words + found.words
        print(f"  at temperature {temperature:g}: {100 * copied / max(1, words):.1f} % of {words:,.0f} words")


def surveyed(path: Path) -> TextFile:
    """A file whose encoding is known."""
    file = TextFile(path)
    for _ in file.survey():
        pass
    return file


def done(work: Generator[float, None, R]) -> R:
    """What comes of work that says how far it is."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: R = end.value
            return result


if __name__ == "__main__":
    main()
