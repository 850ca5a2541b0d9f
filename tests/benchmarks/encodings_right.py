"""Whether texts in old code pages are read right: python -m tests.benchmarks.encodings_right shared/data/library.

Every book is written in every code page that can hold it, and read again; so is a paragraph of it of 300 characters,
and invented sentences in many languages. Right is what comes out to the last character, whatever the name.
"""

import argparse
import functools
import time
from collections import Counter, defaultdict
from pathlib import Path

from rnntui.lm.text.encodings.survey import Survey, decoded
from tests.benchmarks.seed_novel import machine
from tests.odd_texts.encodings import PAGES, PARAGRAPHS, held

OUTCOMES = ("right", "right, said not sure", "wrong, said not sure", "wrong")


@functools.lru_cache(maxsize=64)
def outcome(text: str, data: bytes) -> tuple[str, str]:
    """How the bytes of a text are read, and as which."""
    survey = Survey(len(data))
    for start in range(0, len(data), 1 << 20):
        survey.feed(data[start : start + (1 << 20)])
    survey.finish()
    encoding = survey.choose("text.txt")
    is_right = "".join(decoded([data], encoding)) == text
    if is_right:
        return ("right" if encoding.is_sure else "right, said not sure"), encoding.name
    return ("wrong" if encoding.is_sure else "wrong, said not sure"), encoding.name


def paragraph(text: str, number: int) -> str:
    """300 characters from the inside of a book, whole words."""
    start = text.index(" ", len(text) * (number + 1) // 8)
    return text[start + 1 : text.rindex(" ", start, start + 300)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path, help="a folder with a folder of books for each language")
    parser.add_argument("--every", type=int, default=1, help="only each n-th English book")
    parser.add_argument("--largest", type=int, default=200_000, help="characters of a book that are taken")
    asked = parser.parse_args()
    print(machine())
    began = time.perf_counter()
    books: dict[str, Counter[str]] = defaultdict(Counter)
    short: dict[str, Counter[str]] = defaultdict(Counter)
    for folder in sorted(asked.library.iterdir()):
        for path in sorted(folder.glob("*.txt"))[:: asked.every if folder.name == "en" else 1]:
            text = path.read_text(encoding="utf-8")[: asked.largest].replace("\ufeff", "")
            for page in PAGES:
                if not held(text, page) or text.isascii():
                    continue
                kind, read = outcome(text, text.encode(page))
                books[page][kind] += 1
                if kind != "right":
                    print(f"{folder.name}/{path.name} in {page}: {kind}, read as {read}", flush=True)
            for number in range(6):
                piece = paragraph(text, number)
                for page in PAGES if not piece.isascii() else ():
                    if held(piece, page):
                        kind, read = outcome(piece, piece.encode(page))
                        short[page][kind] += 1
                        if kind == "wrong":
                            print(f"300 characters of {path.name} in {page}: {kind}, read as {read}", flush=True)
    invented: dict[str, Counter[str]] = defaultdict(Counter)
    for name, text in PARAGRAPHS.items():
        for page in PAGES:
            if held(text, page):
                kind, read = outcome(text, text.encode(page))
                invented[page][kind] += 1
                if kind != "right":
                    print(f"{name} in {page}: {kind}, read as {read}", flush=True)
    for title, table in (("books", books), ("300 characters of them", short), ("invented paragraphs", invented)):
        print(f"\n{title:24}" + "".join(f"{kind:>24}" for kind in OUTCOMES))
        for page in sorted(table):
            print(f"{page:24}" + "".join(f"{table[page][kind]:24}" for kind in OUTCOMES))
        total = sum(table.values(), Counter())
        print(f"{'all':24}" + "".join(f"{total[kind]:24}" for kind in OUTCOMES))
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
