"""P4: a model folder of a stranger can only be refused in one sentence, or speak.

More than a hundred bad models are made by hand, most of them with the right hashes, and then good models are changed at
random. A process opens each with a hook that forbids to run, compile, import, connect, write and unpickle, and says how
long it took and how much memory. A case is named by its number and the seed: the same seed makes the same models.
"""

import contextlib
import dataclasses
import json
import os
import pickle
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peak_memory import peak_memory
from tests.proofs import Proof, Setup

MOST_SECONDS, MOST_MEGABYTES = 1.0, 50.0
WHOLE_FUZZ = 20_000
_AT_ONCE = 1_000
_FORBIDDEN = (
    *("compile", "exec", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.remove"),
    *("os.rename", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "subprocess.Popen"),
    *("pickle.find_class", "marshal.loads", "shutil.rmtree", "socket.__new__", "socket.connect", "socket.bind"),
)
_ALLOWED = ("/.lock", "/proc/self/clear_refs")
"""The lock of a folder of models, which holds nothing; and what measures the memory here."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
WEIGHTS, VOCABULARY, COUNTS, CARD = "weights.safetensors", "vocabulary.json", "counts.safetensors", "card.json"
NAN, LARGE = struct.pack("<e", float("nan")), struct.pack("<f", 3e38)

Files = dict[str, bytes]
Header = dict[str, Any]


# ---- good models ------------------------------------------------------------------------------------------------


def good_model() -> Files:
    """A small model with counts, as the program saves it."""
    import torch

    from rnntui.lm.mix.mixture import Gates, starting_gate
    from rnntui.lm.model import WordRNN
    from rnntui.lm.model_file import COUNTED_ORDER, pack, pack_counts, sha256
    from rnntui.lm.tokens.tokenizer import Tokenizer
    from rnntui.records import Metrics, ModelCard, Source
    from rnntui.settings import ModelConfig
    from rnntui.store.library import card_to_json

    text = " the cat saw a dog and the dog saw the cat." * 20
    tokenizer, config = Tokenizer.train([text], 100), ModelConfig("lstm", 100, 6, 6, 1, True, 0)
    model = WordRNN(config, len(tokenizer))
    model.initialise(torch.Generator().manual_seed(1))
    weights, vocabulary = pack(model.state_dict(), tokenizer)
    counts = pack_counts(torch.tensor(tokenizer.encode(text)), Gates(starting_gate(COUNTED_ORDER)), len(tokenizer))
    card = ModelCard(
        *("good", "good", "2026-01-02T03:04:05+00:00", config, len(tokenizer)),
        *((Source("cat.txt", sha256(b""), 100, "utf-8"),), 15, 0.1, 1.0, Metrics(), "rnntui train cat.txt", "2.13", 1),
        *(sha256(weights), sha256(vocabulary), len(weights), sha256(counts)),
    )
    return {CARD: card_to_json(card), WEIGHTS: weights, VOCABULARY: vocabulary, COUNTS: counts}


def small_model() -> Files:
    """The same in a byte a number, with a packed table of what was counted."""
    import torch

    from rnntui.lm.mix.large_counts import count_steps
    from rnntui.lm.mix.mixture import Gates, starting_gate
    from rnntui.lm.mix.pruning import prune_steps
    from rnntui.lm.model_file import COUNTED_ORDER, pack, pack_table, sha256, unpack
    from rnntui.lm.progress import run_to_end
    from rnntui.records import WEIGHT_KINDS
    from rnntui.store.library import card_from_json

    good = good_model()
    loaded = unpack(card_from_json(good[CARD]), good[WEIGHTS], good[VOCABULARY], good[COUNTS])
    weights, _ = pack(loaded.model.state_dict(), loaded.tokenizer, WEIGHT_KINDS[1])
    ids = torch.tensor(loaded.tokenizer.encode(" the cat saw a dog and the dog saw the cat." * 20), dtype=torch.int32)
    table = run_to_end(prune_steps(run_to_end(count_steps(ids, len(loaded.tokenizer), COUNTED_ORDER)), 100_000))
    counts = pack_table(table, ids, ids, Gates(starting_gate(COUNTED_ORDER)))
    files = forged(forged(good, WEIGHTS, weights), COUNTS, counts)
    return with_card(files, weight_kind=WEIGHT_KINDS[1], counts_sha256=sha256(counts))


def with_card(files: Files, **fields: Any) -> Files:
    return {**files, CARD: json.dumps({**json.loads(files[CARD]), **fields}).encode()}


def forged(files: Files, name: str, data: bytes) -> Files:
    """Another file, and a card that promises it: what whoever means harm would do."""
    import hashlib

    fields: dict[str, Any] = {f"{name.partition('.')[0]}_sha256": hashlib.sha256(data).hexdigest()}
    if name == WEIGHTS:
        fields["weights_bytes"] = len(data)
    return {**with_card(files, **fields), name: data} if name != CARD else {**files, CARD: data}


def parts_of(data: bytes) -> tuple[Header, bytes]:
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(data: bytes, change: Callable[[Header], Any]) -> bytes:
    header, rest = parts_of(data)
    fresh = change(header)
    text = fresh if isinstance(fresh, bytes) else json.dumps(header if fresh is None else fresh).encode()
    return struct.pack("<Q", len(text)) + text + rest


def with_words(files: Files, words: Any) -> Files:
    return forged(files, VOCABULARY, words if isinstance(words, bytes) else json.dumps(words).encode())


# ---- bad models -------------------------------------------------------------------------------------------------


class Payload:
    """Unpickled, it would run a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/rnntui-was-here",)


def crafted(good: Files, small: Files) -> Iterator[tuple[str, Files]]:
    """Bad models by name."""
    yield from _wrong_small(small)
    yield from _cut(good)
    yield from _wrong_cards(good)
    yield from _wrong_headers(good)
    yield from _wrong_numbers(good)
    yield from _wrong_words(good)
    yield from _other_formats(good)


def _cut(good: Files) -> Iterator[tuple[str, Files]]:
    for name, data in good.items():
        for length in (0, 1, 7, 8, 9, len(data) // 3, len(data) - 1):
            yield f"{name} cut to {length} with the right hash", forged(good, name, data[:length])
        yield f"{name} cut", {**good, name: data[:-2]}
        yield f"{name} with a byte more", forged(good, name, data + b"\0")
        yield f"{name} twice", forged(good, name, data + data)
        yield f"{name} missing", {other: data for other, data in good.items() if other != name}
        yield f"{name} of zeros", forged(good, name, bytes(len(data)))


def _wrong_cards(good: Files) -> Iterator[tuple[str, Files]]:
    values: dict[str, list[Any]] = {
        "format_version": [True, 0, -1, 2.0, "2", None, 10**18, 3],
        "vocabulary_size": [0, -1, True, 10**9, 2**63 - 1, 2**64, 1.5, "50"],
        "weights_bytes": [-1, 2**62, True],
        "name": ["", "x" * 300, None, ["a"], 7],
        "model_id": ["../../x", "CON", "", "a/b", "\x1b[31m", "other"],
        "minutes": ["1", [], True],
        "sources": [{}, [1], [{"name": "a"}], [[]] * 50_000],
        "figures": [None, [], {"words": -1}],
        "counts_sha256": ["0" * 64, 5],
        "seed": [2**64, 0.5],
        "unknown": [1],
    }
    for field, wrong in values.items():
        for value in wrong:
            yield f"card with {field} {str(value)[:30]!r}", with_card(good, **{field: value})
    config = json.loads(good[CARD])["config"]
    bombs = {
        "hidden_size": 8_192,
        "embedding_size": 4_096,
        "layers": 8,
        "cell": "pickle",
        "tied": 1,
        "softmax_head": -1,
    }
    for field, value in bombs.items():
        yield f"card with config.{field} {value}", with_card(good, config={**config, field: value})
    card = good[CARD]
    source = json.loads(card)["sources"][0]
    yield "card with 40,000 sources", with_card(good, sources=[source] * 40_000)
    yield "card of lists", {**good, CARD: b"[" + b"[]," * 2_000_000 + b"[]]"}
    yield "card nested deeply", {**good, CARD: b'{"a":' * 100_000 + b"1" + b"}" * 100_000}
    yield (
        "card with a number of 100,000 digits",
        {**good, CARD: card.replace(b'"seed": 1', b'"seed": ' + b"9" * 100_000)},
    )
    yield "card with 1e999", {**good, CARD: card.replace(b'"minutes": 0.1', b'"minutes": 1e999')}
    yield "card with NaN", {**good, CARD: card.replace(b'"minutes": 0.1', b'"minutes": NaN')}
    yield "card with a field twice", {**good, CARD: card.replace(b"{", b'{"seed": 1,', 1)}
    yield "card with 50,000 names", with_card(good, **{f"field{at}": at for at in range(50_000)})
    yield "card in UTF-16", {**good, CARD: card.decode().encode("utf-16")}
    yield "card of 9 MB", {**good, CARD: card + b" " * (9 << 20)}


def _wrong_headers(good: Files) -> Iterator[tuple[str, Files]]:
    def made(name: str, change: Callable[[Header], Any], file: str = WEIGHTS) -> tuple[str, Files]:
        return f"{file} {name}", forged(good, file, with_header(good[file], change))

    def entry(field: str, value: Any) -> Callable[[Header], Any]:
        return lambda header: header["embedding.weight"].update({field: value})

    rows, width = parts_of(good[WEIGHTS])[0]["embedding.weight"]["shape"]
    for shape in (
        [],
        [width, rows],
        [2**40, 2**40],
        [True, rows * width],
        [float(rows), width],
        [-rows, -width],
        "x",
        None,
    ):
        yield made(f"of shape {shape}", entry("shape", shape))
    for kind in ("F64", "BF16", "I8", "BOOL", "F8_E4M3", "", None, ["F16"], "F32"):
        yield made(f"of kind {kind}", entry("dtype", kind))
    for offsets in ([0, 2**63], [-8, 0], [8, 0], [0.0, 8.0], [0], [True, 8], "0", {}):
        yield made(f"with offsets {offsets}", entry("data_offsets", offsets))
    yield made("with 100,000 tensors", lambda header: header.update({f"t{at}": 0 for at in range(100_000)}))
    yield made("with a tensor more", lambda header: header.update(more=header["output_bias"]))
    yield made("with a tensor less", lambda header: header.pop("output_bias") and None)
    yield made("with a tensor for another", lambda header: header.update(output_bias=header["embedding.weight"]))
    yield made("with a large remark", lambda header: header.update(__metadata__={"a": "x" * 70_000}))
    yield made("nested deeply", lambda _: b"[" * 60_000)
    yield made("with a name twice", lambda header: json.dumps(header).replace("{", '{"groups": 1,', 1).encode())
    yield made("that is a list", lambda header: [header])
    yield made("with NaN", lambda header: json.dumps(header).encode().replace(b"0", b"NaN", 1))
    yield made("with other counts", lambda header: header["ids"].update(dtype="I64"), COUNTS)
    yield made("with another gate", lambda header: header["gate"].update(shape=[1, 2]), COUNTS)
    for file in (WEIGHTS, COUNTS):
        for length in (0, 1, 2**31, 2**63, 2**64 - 1, 100 << 20, len(good[file])):
            data = struct.pack("<Q", length) + good[file][8:]
            yield f"{file} whose header has {length} bytes", forged(good, file, data)


def _wrong_numbers(good: Files) -> Iterator[tuple[str, Files]]:
    header, data = parts_of(good[WEIGHTS])
    start = len(good[WEIGHTS]) - len(data)
    for name, number in {"NaN": float("nan"), "inf": float("inf"), "-inf": float("-inf"), "65504": 65_504.0}.items():
        for tensor in ("embedding.weight", "output_bias", "recurrent.bias_hh_l0"):
            at = start + header[tensor]["data_offsets"][0]
            changed = good[WEIGHTS][:at] + struct.pack("<e", number) + good[WEIGHTS][at + 2 :]
            yield f"weights with {name} in {tensor}", forged(good, WEIGHTS, changed)
    largest = good[WEIGHTS][:start] + struct.pack("<e", 65_504.0) * (len(data) // 2)
    yield "weights that are all as large as can be", forged(good, WEIGHTS, largest)
    header, data = parts_of(good[COUNTS])
    start = len(good[COUNTS]) - len(data)
    for number in (1e308, -1e308, float("nan"), float("inf"), 1e9, 1e-320):
        at = start + header["gate"]["data_offsets"][0]
        changed = good[COUNTS][:at] + struct.pack("<d", number) + good[COUNTS][at + 8 :]
        yield f"gate with {number}", forged(good, COUNTS, changed)
    first, last = header["ids"]["data_offsets"]
    for number in (0, 1, 30, 60_000, 65_535):
        ids = struct.pack("<H", number) * ((last - first) // 2)
        changed = good[COUNTS][: start + first] + ids + good[COUNTS][start + last :]
        yield f"counts of {number} alone", forged(good, COUNTS, changed)


def _wrong_words(good: Files) -> Iterator[tuple[str, Files]]:
    words = json.loads(good[VOCABULARY])
    for at, word in enumerate(("", "\x00", "\x1b[31m", "x" * 257, "\ud800", words[3], 5, None, [], {}, True, UNUSUAL)):
        yield f"vocabulary with entry number {at}", with_words(good, [*words[:-1], word])
    yield "vocabulary without the unknown word", with_words(good, ["a", *words[1:]])
    yield "vocabulary with a word more", with_words(good, [*words, "more"])
    yield "vocabulary with a word less", with_words(good, words[:-1])
    yield "vocabulary of 300,000 words", with_words(good, [f"w{at}" for at in range(300_000)])
    yield "vocabulary of 100,000 words", with_words(good, ["<unk>", *(f"w{at}" for at in range(100_000))])
    yield "vocabulary that is an object", with_words(good, dict.fromkeys(words, 1))
    yield "vocabulary that is a number", with_words(good, b"7")
    yield "vocabulary of 7 MB of lists", with_words(good, b"[" + b"[]," * 2_400_000 + b"[]]")
    yield "vocabulary of 60 MB of lists", with_words(good, b"[" + b"[]," * 20_000_000 + b"[]]")
    yield "vocabulary of 7 MB of numbers", with_words(good, b"[" + b"1.5," * 1_800_000 + b"1]")
    yield "vocabulary of one word of 7 MB", with_words(good, b'["' + b"x" * (7 << 20) + b'\xf0\x9f\x98\x80"]')
    yield "vocabulary nested deeply", with_words(good, b"[" * 100_000 + b"]" * 100_000)
    yield "vocabulary in UTF-16", with_words(good, json.dumps(words).encode("utf-16"))


UNUSUAL = "[@click=app.quit]\u202ex[/]"
"""A word that could stand in a text: it has to be spoken without harm."""


def _wrong_small(small: Files) -> Iterator[tuple[str, Files]]:
    """In a byte a number and with a packed table: wrong types, sizes that lie, columns that unpack to gigabytes."""
    import zlib

    import numpy as np
    import safetensors.numpy

    def made(name: str, file: str, **arrays: Any) -> tuple[str, Files]:
        data = safetensors.numpy.save({**safetensors.numpy.load(small[file]), **arrays})
        return f"small {file} with {name}", forged(small, file, data)

    steps = safetensors.numpy.load(small[WEIGHTS])["embedding.weight.steps"]
    for number in (float("nan"), float("inf"), 65_504.0, -65_504.0):
        yield made(f"steps of {number}", WEIGHTS, **{"embedding.weight.steps": np.full_like(steps, number)})
    yield made("steps in doubles", WEIGHTS, **{"embedding.weight.steps": steps.astype("float64")})
    yield made("steps of steps", WEIGHTS, **{"embedding.weight.steps.steps": steps})
    for kind in ("int4", "float32", "", "pickle"):
        yield f"small card with weights in {kind!r}", with_card(small, weight_kind=kind)
    yield "small card with weights in halves", with_card(small, weight_kind="float16")
    for sizes in ([1 << 24] * 5, [(1 << 31) - 1] * 5, [-1] * 5, [0] * 5, [1, 2], []):
        yield made(f"sizes {sizes}", COUNTS, sizes=np.array(sizes, dtype=np.int32))
    bomb = np.frombuffer(zlib.compress(bytes(1 << 28)), dtype=np.uint8)
    for length in (1, 2, 5):
        yield made(f"a packed column {length} of 256 MB", COUNTS, **{f"packed{length}": bomb})
        large = {f"packed{length}": bomb, "sizes": np.array([1 << 24] * 5, dtype=np.int32)}
        yield made(f"the same, and sizes that say so {length}", COUNTS, **large)
        for name, junk in {"noughts": bytes(99), "a pickle": pickle.dumps(Payload()), "nothing": b""}.items():
            yield made(f"{name} in {length}", COUNTS, **{f"packed{length}": np.frombuffer(junk, dtype=np.uint8)})
    for file in (WEIGHTS, COUNTS):
        for length in (0, 8, 9, len(small[file]) // 3, len(small[file]) - 1):
            yield f"small {file} cut to {length}", forged(small, file, small[file][:length])


def _other_formats(good: Files) -> Iterator[tuple[str, Files]]:
    payload = pickle.dumps(Payload())
    others = {
        "a pickle": payload,
        "an archive": b"PK\x03\x04" + payload,
        "another library's model": b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60),
        "an array": b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "a program": b"\x7fELF" + payload,
        "a script": b"#!/bin/sh\ntouch /tmp/rnntui-was-here\n",
    }
    for what, data in others.items():
        for name in (WEIGHTS, COUNTS, VOCABULARY):
            yield f"{name} that is {what}", forged(good, name, data)
        yield f"weights with {what} behind", forged(good, WEIGHTS, good[WEIGHTS] + data)
    yield "a pickle beside the model", {**good, "model.pt": payload, "__init__.py": others["a script"]}


def unusual_folders(good: Files, folder: Path) -> Iterator[tuple[str, Path]]:
    """Folders that files alone cannot describe, by name: links, pipes, sockets, folders, files of gigabytes."""

    def fresh(name: str, without: str) -> tuple[Path, Path]:
        place = folder / name.replace(" ", "-") / "good"
        write(place, {other: data for other, data in good.items() if other != without})
        return place.parent, place / without

    for file in good:
        where, path = fresh(f"link to {file}", file)
        (where.parent / f"kept-{file}").write_bytes(good[file])
        path.symlink_to(where.parent / f"kept-{file}")
        yield f"{file} is a link", where
        where, path = fresh(f"folder {file}", file)
        path.mkdir()
        yield f"{file} is a folder", where
        where, path = fresh(f"device {file}", file)
        path.symlink_to("/dev/zero")
        yield f"{file} is a link to a device", where
        where, path = fresh(f"pipe {file}", file)
        os.mkfifo(path)
        yield f"{file} is a pipe", where
        where, path = fresh(f"giant {file}", file)
        with path.open("wb") as sparse:
            sparse.truncate((2 << 30) - 1)  # takes no room on the disk
        yield f"{file} has two gigabytes", where
    where, path = fresh("socket", VOCABULARY)
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(path.parent):  # a name of 107 characters at most
        listening.bind(path.name)
    yield "the vocabulary is a socket", where
    whole = folder / "whole" / "good"
    write(whole, good)
    linked = folder / "linked"
    linked.mkdir()
    (linked / "good").symlink_to(whole)
    yield "the folder is a link", linked
    promised = {"weights_bytes": (2 << 30) - 1}
    where, path = fresh("promised giant", WEIGHTS)
    write(path.parent, {CARD: with_card(good, **promised)[CARD]})
    with path.open("wb") as sparse:
        sparse.truncate((2 << 30) - 1)
    yield "the weights have two gigabytes and the card says so", where


def mutated(good: Files, dice: random.Random) -> Files:
    """A good model with a few bytes changed at random in one of its files, two times of three with the right hash."""
    name = dice.choice(list(good))
    data = bytearray(good[name])
    for _ in range(dice.choice((1, 1, 2, 8))):
        at, end = sorted(dice.choices(range(len(data) + 1), k=2))
        end = min(end, at + 40)
        change = dice.randrange(5)
        if change == 0 and at < len(data):
            data[at] ^= 1 << dice.randrange(8)
        elif change == 1:
            del data[at:end]
        elif change == 2:
            data[at:at] = data[at:end]
        elif change == 3:
            data[at:end] = dice.choice(
                (b"0", b"-1", b"true", b"1e308", b"[]", b"{}", b'"', b"\xff" * 8, b"\0" * 8, NAN, LARGE)
            )
        else:
            data[at:end] = dice.randbytes(end - at)
    return forged(good, name, bytes(data)) if dice.randrange(3) else {**good, name: bytes(data)}


# ---- opening them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """What came of one model."""

    name: str
    outcome: str
    """"speaks", a sentence that refuses it, or what went wrong, which begins with "!"."""
    seconds: float
    megabytes: float


def write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def forbid() -> list[str]:
    """From now on nothing may be run, imported, connected, written or unpickled; returns what was tried."""
    tried: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & _WRITING or str(path).endswith(_ALLOWED):
                return
        elif event not in _FORBIDDEN or _is_for_the_lock(event, arguments):
            return
        tried.append(f"{event} {arguments!r:.100}")
        raise PermissionError(f"{event} is not allowed here")

    sys.addaudithook(hook)
    return tried


def _is_for_the_lock(event: str, arguments: tuple[Any, ...]) -> bool:
    """The folder of models is made if it is not there, and its lock is private: both whatever a model holds."""
    if event == "os.mkdir":
        return Path(arguments[0]).is_dir()
    return event == "os.chmod" and isinstance(arguments[0], int) and arguments[1] == 0o600


def opened(models: Path) -> str:
    """What comes of the models in a folder: the first sentence that refuses one, else "speaks"."""
    from rnntui.errors import ModelFileError
    from rnntui.service.model_loader import load_generator
    from rnntui.settings import SamplerSettings
    from rnntui.store.library import Library

    library = Library(models, models / "no-starter")
    if problems := library.problems():
        return problems[0][1]
    cards = library.cards()
    if not cards:
        return "There is no model."
    try:
        generator = load_generator(library, cards[0])
        generator.feed(generator.tokenizer.encode(" the cat saw"))
        words = generator.generate(lambda: SamplerSettings(max_words=3, stop="words"), seed=1, alternatives=5)
        for _ in range(3):
            next(words)
    except ModelFileError as problem:
        return str(problem)
    return "speaks"


def open_all() -> None:
    """The process that opens models: names and folders as lines of standard input, a line of JSON for each."""
    warnings.simplefilter("error")
    cases = [json.loads(line) for line in sys.stdin]
    (_, good), (_, bad), *_ = cases
    if opened(Path(good)) != "speaks" or opened(Path(bad)) == "speaks":  # these two load all that is ever needed
        raise SystemExit("the good model does not speak, or the bad one does")
    tried = forbid()
    for name, folder in cases:
        begun, before = time.process_time(), len(tried)
        try:
            with peak_memory() as peak:
                outcome = opened(Path(folder))
        except BaseException as problem:
            outcome = f"! {problem!r:.200}"
        if len(tried) > before:
            outcome = f"! it tried to {tried[-1]}"
        result = Opened(name, outcome, time.process_time() - begun, peak.megabytes)
        print(json.dumps(dataclasses.astuple(result)), flush=True)


def results(cases: list[tuple[str, Path]]) -> Iterator[Opened]:
    """Opens models in a process of its own, a good and a bad one first; what ends the process is the last result."""
    lines = "".join(json.dumps((name, str(folder))) + "\n" for name, folder in cases)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.proofs.model_files"]
    limit = 60 + 2 * len(cases)
    try:
        done = subprocess.run(
            command, input=lines, capture_output=True, text=True, timeout=limit, env=environment, check=False
        )
        output, end = done.stdout, f"it ended with {done.returncode}: {done.stderr[-300:]}"
    except subprocess.TimeoutExpired as late:
        output, end = (late.stdout or b"").decode(), f"it hung for {limit} s"
    found = [Opened(*json.loads(line)) for line in output.splitlines()]
    yield from found
    if len(found) < len(cases):
        yield Opened(cases[len(found)][0], f"! {end}", 0.0, 0.0)


def broken_by(result: Opened) -> str:
    """What is wrong with what came of a model, as a sentence; empty when nothing is."""
    if result.outcome.startswith("!"):
        return f"{result.name}: {result.outcome[2:]}"
    if result.outcome != "speaks" and (not result.outcome.rstrip().endswith(".") or "\n" in result.outcome):
        return f"{result.name}: is no sentence: {result.outcome!r:.200}"
    if not result.outcome.isprintable():
        return f"{result.name}: the sentence has control characters: {result.outcome!r:.200}"
    if result.outcome != "speaks" and (result.seconds > MOST_SECONDS or result.megabytes > MOST_MEGABYTES):
        return f"{result.name}: refused after {result.seconds:.2f} s and {result.megabytes:.0f} MB"
    return ""


def prove(setup: Setup) -> Proof:
    """Opens all crafted models, and as many mutated ones as the share says."""
    good, small = good_model(), small_model()
    write(setup.folder / "good" / "good", good)
    write(setup.folder / "small" / "good", small)
    write(setup.folder / "bad" / "good", {**good, WEIGHTS: b""})
    first = [("the good model", setup.folder / "good"), ("the bad model", setup.folder / "bad")]
    found = []
    cases = [*first, ("the small model", setup.folder / "small")]
    for number, (name, files) in enumerate(crafted(good, small)):
        write(setup.folder / f"crafted{number}" / "good", files)
        cases.append((name, setup.folder / f"crafted{number}"))
    cases += unusual_folders(good, setup.folder / "unusual")
    found += results(cases)
    clean_up(setup.folder, "crafted*")
    whole = setup.cases(WHOLE_FUZZ, 100)
    for start in range(0, whole, _AT_ONCE):
        cases = [*first]
        for number in range(start, min(whole, start + _AT_ONCE)):
            folder = setup.folder / f"mutated{number}"
            kind = small if number % 3 == 2 else good
            write(folder / "good", mutated(kind, random.Random(f"{setup.seed} {number}")))
            cases.append((f"mutation {number} of seed {setup.seed}", folder))
        found += results(cases)
        clean_up(setup.folder, "mutated*")
    if not any(result.name == "the small model" and result.outcome == "speaks" for result in found):
        found.append(Opened("the small model", "! it does not speak", 0.0, 0.0))
    refused = [result for result in found if result.outcome != "speaks"]
    slowest, largest = (max(refused, key=lambda result: getattr(result, of)) for of in ("seconds", "megabytes"))
    return Proof(
        len(found),
        f"refused after {slowest.seconds:.2f} s ({slowest.name}) and {largest.megabytes:.0f} MB ({largest.name}); "
        f"{len(found) - len(refused):,} spoke",
        tuple(sentence for result in found if (sentence := broken_by(result))),
    )


def clean_up(folder: Path, names: str) -> None:
    for path in folder.glob(names):
        shutil.rmtree(path)


if __name__ == "__main__":
    open_all()
