"""Hours of chat, as fast as the machine goes: memory does not grow, and nothing is left open.

Processes of their own talk with a small model: through the services, through the real app without a terminal, both
with a new conversation now and then, and through the app in one conversation that never ends. Again and again
everything is counted: the memory that this process alone has (Linux' Private_Clean + Private_Dirty, after garbage was
collected and freed pages were given back), descriptors, threads and temporary files. An hour is 72,000 words, as many
as appear at the usual 20 words a second without a pause. The growth an hour is the median of the slopes between all
pairs of counts of the second half (Theil and Sen), so that neither loading nor one odd count decides.

Caches that have an end are not counted. SQLite keeps 2 MB of its file in memory: before the first count, texts are read
until the file is larger. Those of Textual and Rich took 6 MB in the first 4,000 words of the app and .5 MB in the next
8,000; its second half begins at 24,000. An open conversation keeps its words, their scores and memories to go back to:
that is its content, it is released with it, and what a word of it takes is told and held below a limit of its own.
"""

import asyncio
import contextlib
import ctypes
import gc
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from rnntui.config import AppSettings, Config
from rnntui.events import WordSampled
from rnntui.paths import find_paths
from rnntui.records import Turn
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.proofs import Proof, Setup
from tests.small_models import save_small_model

ROOT = Path(__file__).parents[2]
WORDS_AN_HOUR = 20 * 3_600
MOST_BYTES_AN_HOUR = 1_000_000
MOST_BYTES_A_WORD = 400
"""Of one conversation that is open: text, scores, rows, and every 32nd memory of a small network."""
WORDS = {"app": 48_000, "service": 120_000, "one conversation": 24_000}
COUNTS, FEWEST_COUNTS = 24, 3
TURN_WORDS = 200
FEWEST_WORDS = {"app": 600, "service": 900, "one conversation": 300}
CACHED_BYTES = 3_000_000
READ_AT_ONCE = "The cat saw a mouse, and the mouse saw the cat! " * 100
AT_THE_SAME_TIME = 2
SHARE_FOR_SLOPES = 0.5
"""With less, too little is said after the caches are full."""
PATIENCE_SECONDS = 3_600.0
ALLOWED_IN_A_FEW_WORDS = 12_000_000
"""In the few words of the suite a slope says nothing; only what is left open is looked at, and a gross leak."""


@dataclass(frozen=True)
class Count:
    """What the process has at one moment."""

    words: int
    own_bytes: int
    descriptors: int
    threads: int
    temporary_files: int


def prove(setup: Setup) -> Proof:
    """All parts, two beside each other."""
    if not sys.platform.startswith("linux"):
        return Proof(0, "nothing tried", left_out=("a process' own memory is read from /proc, which is not here",))
    broken: list[str] = []
    told: list[str] = []
    words = 0

    with ThreadPoolExecutor(AT_THE_SAME_TIME) as parts:
        found = list(parts.map(lambda part: _counted(part, setup), WORDS))
    for part, counts in zip(WORDS, found, strict=True):
        words += counts[-1].words
        faults, sentence = _judged(part, counts, is_whole=setup.share >= SHARE_FOR_SLOPES)
        broken += faults
        told.append(sentence)
    return Proof(words, "; ".join(told), tuple(broken))


def _counted(part: str, setup: Setup) -> list[Count]:
    folder = setup.folder / part
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    command = [
        sys.executable,
        "-m",
        "tests.proofs.long_chat",
        part,
        str(folder / "data"),
        str(setup.cases(WORDS[part], FEWEST_WORDS[part])),
        str(setup.cases(COUNTS, FEWEST_COUNTS)),
        str(CACHED_BYTES if setup.share >= SHARE_FOR_SLOPES else 0),
    ]
    environment = {**os.environ, "TMPDIR": str(scratch), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    if done.returncode:
        raise AssertionError(f"{part}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return [Count(**json.loads(line)) for line in done.stdout.splitlines()]


def _judged(part: str, counts: list[Count], is_whole: bool) -> tuple[list[str], str]:
    settled = counts[len(counts) // 2 :]
    first, last = settled[0], settled[-1]
    faults = [
        f"{part}: {after} {name.replace('_', ' ')}, {before} at first"
        for name in ("descriptors", "threads", "temporary_files")
        if (after := getattr(last, name)) > (before := getattr(first, name))
    ]
    if not is_whole:
        grown = last.own_bytes - first.own_bytes
        sentence = f"{part} {grown / 1e6:+.2f} MB in {last.words:,} words, too few for more"
        return faults + [sentence] * (grown > ALLOWED_IN_A_FEW_WORDS), sentence
    a_word = growth(settled)
    if part == "one conversation":
        sentence = f"{part} {a_word:.0f} bytes a word, all of it its content, over {last.words:,} words"
        is_too_much = a_word >= MOST_BYTES_A_WORD
    else:
        sentence = f"{part} {a_word * WORDS_AN_HOUR / 1e6:+.2f} MB an hour over {last.words:,} words"
        is_too_much = a_word * WORDS_AN_HOUR >= MOST_BYTES_AN_HOUR
    if is_too_much:
        faults.append(f"{sentence}; counts were {[asdict(count) for count in counts]}")
    return faults, sentence


def growth(counts: list[Count]) -> float:
    """Bytes a word: the median of the slopes between all pairs of counts."""
    slopes = [
        (later.own_bytes - earlier.own_bytes) / (later.words - earlier.words)
        for earlier, later in itertools.combinations(counts, 2)
        if later.words > earlier.words
    ]
    return statistics.median(slopes)


# ---- the process that talks


def count(words: int) -> Count:
    """What this process has now."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    own = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
    temporary = sum(1 for _ in Path(tempfile.gettempdir()).iterdir())
    return Count(words, own, len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), temporary)


def tell(counted: Count) -> None:
    print(json.dumps(asdict(counted)), flush=True)


def services_in(folder: Path, cached_bytes: int) -> Services:
    """With a small model, and with so large a file that SQLite keeps as much of it in memory as it ever does."""
    sampler = SamplerSettings(max_words=TURN_WORDS, stop="words", temperature=1.0)
    paths = find_paths(folder)
    services = Services.open(paths, Config(sampler, AppSettings(pace=0.0, model="small", ghost=False)))
    save_small_model(services.library)
    while paths.database.stat().st_size < cached_bytes:
        for _ in services.new_chat("small").send(READ_AT_ONCE):
            pass
    return services


def talk_to_services(services: Services, words: int, counts: int) -> None:
    """A conversation after the other, without any screen."""
    said = 0
    for number in range(counts):
        chat = services.new_chat("small")
        for _ in chat.load():
            pass
        tell(count(said))
        while said < words * (number + 1) / counts:
            said += sum(isinstance(event, WordSampled) for event in chat.send("The cat saw a mouse."))
    tell(count(said))


async def talk_to_app(services: Services, words: int, counts: int, *, begins_anew: bool) -> None:
    """The same through the app: prompts are typed, and new conversations begun by key."""
    from rnntui.tui.app import RnntuiApp

    app = RnntuiApp(services)
    said = 0

    def turns() -> tuple[Turn, ...]:
        assert app.chat_screen
        assert app.chat_screen.chat
        return app.chat_screen.chat.facts.turns

    async with app.run_test(size=(120, 36)) as pilot:
        await _until(lambda: app.chat_screen and app.chat_screen.chat and app.is_idle)
        for number in range(counts + 1):
            if begins_anew:
                await pilot.press("ctrl+n")
                await _until(lambda: app.is_idle)
            tell(count(said))
            while said < words * (number + 1) / counts and number < counts:
                before = len(turns())
                await pilot.press(*"The cat saw", "enter")
                await _until(lambda before=before: app.is_idle and len(turns()) > before)  # type: ignore[misc]
                said += sum(len(turn.token_ids) for turn in turns()[before:] if turn.role == "network")


async def _until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)


def main(part: str, folder: str, words: str, counts: str, cached_bytes: str) -> None:
    services = services_in(Path(folder), int(cached_bytes))
    if part == "service":
        talk_to_services(services, int(words), int(counts))
    else:
        asyncio.run(talk_to_app(services, int(words), int(counts), begins_anew=part == "app"))
    services.close()


if __name__ == "__main__":
    main(*sys.argv[1:6])
