"""An index that was cut off, changed or made up is refused in one sentence, and none leads outside of itself."""

import dataclasses
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rnntui.errors import OriginError
from rnntui.lm.origin.copying import CopyFinder
from rnntui.lm.origin.index_file import MAGIC, open_index, read_header
from tests.lm.origin.indexes import done, index_of, parts_of, words_of

TEXTS = ["It was a bright cold day in April, and the clocks were striking thirteen.", "Call me Ishmael."]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    index_of(tmp_path, TEXTS).close()
    return tmp_path / "origin"


def test_what_is_read_is_what_was_written(path: Path) -> None:
    header = read_header(path)
    assert header.words == len(words_of(" ".join(TEXTS)))
    index = done(open_index(path))
    assert index.text(0, header.text) == "\n\n".join(TEXTS)
    assert [index.text(source.start, source.end).strip() for source in header.sources] == TEXTS
    index.close()


def test_every_damage_is_seen(path: Path) -> None:
    whole = path.read_bytes()
    dice = random.Random(1)
    damaged = [whole[:length] for length in (0, 5, len(MAGIC), 60, len(whole) - 1)]
    damaged += [whole + b"x", b"PK" + whole[2:], MAGIC + b"\xff" * 8 + whole[24:]]
    for _ in range(200):
        at = dice.randrange(len(whole))
        damaged.append(whole[:at] + bytes([whole[at] ^ (1 << dice.randrange(8))]) + whole[at + 1 :])
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(OriginError, match="damaged"):
            done(open_index(path))
    path.unlink()
    with pytest.raises(OriginError):
        done(open_index(path))
    path.mkdir()
    with pytest.raises(OriginError):
        read_header(path)


@pytest.mark.parametrize(
    "change",
    [
        {"text": -1},
        {"words": 10**9},
        {"sources": []},
        {"human_share": 2.0},
        {"lines": 3},
        {"more": 1},
        {"sources": [{"name": "a", "sha256": "", "start": 50, "end": 10, "lines": 0}]},
        {"sources": [{"name": "a", "sha256": "", "start": 0, "end": 10**6, "lines": 0}]},
    ],
)
def test_a_header_of_a_stranger_that_does_not_fit_is_refused(path: Path, change: dict[str, object]) -> None:
    values = dataclasses.asdict(read_header(path)) | change
    data = json.dumps(values).encode()
    body = path.read_bytes()[-read_header(path).body :]
    path.write_bytes(MAGIC + len(data).to_bytes(8, "little") + hashlib.sha256(data).digest() + data + body)
    with pytest.raises(OriginError):
        done(open_index(path))


def test_places_that_a_stranger_made_up_lead_nowhere(tmp_path: Path) -> None:
    parts = parts_of(TEXTS)
    places = np.array([0xFFFFFFFF, 3, 3, 70, 10**9, *range(11)], dtype=np.uint32)
    path = tmp_path / "origin"
    path.write_bytes(b"".join(dataclasses.replace(parts, text=b"\xff\xfe" * 60, places=places).to_bytes()))
    index = done(open_index(path))
    finder = CopyFinder(index)
    for run in finder.runs(words_of("It was a bright cold day")):
        for byte in finder.places(["It"]):
            finder.passage(byte, run.length)
    finder.passage(0xFFFFFFFF, 4)
    index.close()


def test_an_index_is_at_most_twice_as_large_as_its_text(tmp_path: Path) -> None:
    dice = random.Random(2)
    text = "\n".join(" ".join(dice.choices(TEXTS[0].split(), k=9)) for _ in range(4_000))
    index_of(tmp_path, [text], raw=[text]).close()
    assert read_header(tmp_path / "origin").lines == 4_000
    assert (tmp_path / "origin").stat().st_size <= 2 * len(text)
