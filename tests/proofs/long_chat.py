"""Hours of chat, as fast as the machine goes: memory does not grow, and nothing is left open.

A process of its own talks with a small model, in one half of the proof through the services alone, in the other
through the real app, without a terminal. At the end of each conversation a new one is begun and everything is counted:
the memory that this process alone has (Linux' Private_Clean + Private_Dirty, after garbage was collected and freed
pages were given back), descriptors, threads and temporary files. An hour is 72,000 words, as many as appear at the
usual 20 words a second without a pause. The growth an hour is the median of the slopes between all pairs of counts of
the second half (Theil and Sen), so that neither loading nor one odd count decides: until about 70,000 words SQLite
fills the 2 MB of its file that it keeps in memory.
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
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.proofs import Proof, Setup
from tests.small_models import save_small_model

ROOT = Path(__file__).parents[2]
WORDS_AN_HOUR = 20 * 3_600
MOST_BYTES_AN_HOUR = 1_000_000
WORDS = {"service": 300_000, "app": 150_000}
CONVERSATIONS, FEWEST_CONVERSATIONS = 24, 3
TURN_WORDS = 200
FEWEST_WORDS = {"service": 900, "app": 600}
PATIENCE_SECONDS = 3_600.0
ALLOWED_IN_A_FEW_WORDS = 12_000_000
"""In the few words of the suite a slope says nothing; only what is left open is looked at, and a gross leak."""


@dataclass(frozen=True)
class Count:
    """What the process has at the beginning of a conversation."""

    words: int
    own_bytes: int
    descriptors: int
    threads: int
    temporary_files: int


def prove(setup: Setup) -> Proof:
    """Both halves, beside each other."""
    if not sys.platform.startswith("linux"):
        return Proof(0, "nothing tried", left_out=("a process' own memory is read from /proc, which is not here",))
    broken: list[str] = []
    told: list[str] = []
    words = 0
    conversations = setup.cases(CONVERSATIONS, FEWEST_CONVERSATIONS)

    def counted(part: str) -> list[Count]:
        return _counted(part, setup, setup.cases(WORDS[part], FEWEST_WORDS[part]), conversations)

    with ThreadPoolExecutor(len(WORDS)) as halves:
        found = list(halves.map(counted, WORDS))
    for part, counts in zip(WORDS, found, strict=True):
        words += counts[-1].words
        faults, sentence = _judged(part, counts, is_whole=setup.share >= 0.2)
        broken += faults
        told.append(sentence)
    return Proof(words, "; ".join(told), tuple(broken))


def _counted(part: str, setup: Setup, words: int, conversations: int) -> list[Count]:
    folder = setup.folder / part
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    command = [
        sys.executable,
        "-m",
        "tests.proofs.long_chat",
        part,
        str(folder / "data"),
        str(words),
        str(conversations),
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
    an_hour = growth(settled) * WORDS_AN_HOUR
    first, last = settled[0], settled[-1]
    faults = []
    if is_whole and an_hour >= MOST_BYTES_AN_HOUR:
        faults.append(f"{part}: {an_hour / 1e6:.2f} MB an hour; counts were {[asdict(count) for count in counts]}")
    if not is_whole and last.own_bytes - first.own_bytes > ALLOWED_IN_A_FEW_WORDS:
        faults.append(f"{part}: {(last.own_bytes - first.own_bytes) / 1e6:.1f} MB in {last.words:,} words")
    for name in ("descriptors", "threads", "temporary_files"):
        before, after = getattr(first, name), getattr(last, name)
        if after > before:
            faults.append(f"{part}: {after} {name.replace('_', ' ')}, {before} at first")
    if is_whole:
        return faults, f"{part} {an_hour / 1e6:+.2f} MB an hour over {last.words:,} words"
    return (
        faults,
        f"{part} {(last.own_bytes - first.own_bytes) / 1e6:+.2f} MB in {last.words:,} words, too few for more",
    )


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


def services_in(folder: Path) -> Services:
    sampler = SamplerSettings(max_words=TURN_WORDS, stop="words", temperature=1.0)
    services = Services.open(find_paths(folder), Config(sampler, AppSettings(pace=0.0, model="small", ghost=False)))
    save_small_model(services.library)
    return services


def talk_to_services(folder: Path, words: int, conversations: int) -> None:
    """A conversation after the other, without any screen."""
    services = services_in(folder)
    said = 0
    for number in range(conversations):
        chat = services.new_chat("small")
        for _ in chat.load():
            pass
        tell(count(said))
        while said < words * (number + 1) / conversations:
            said += sum(isinstance(event, WordSampled) for event in chat.send("The cat saw a mouse."))
    tell(count(said))
    services.close()


async def talk_to_app(folder: Path, words: int, conversations: int) -> None:
    """The same through the app: prompts are typed, and new conversations begun by key."""
    from rnntui.tui.app import RnntuiApp

    services = services_in(folder)
    app = RnntuiApp(services)
    said = 0
    async with app.run_test(size=(120, 36)) as pilot:
        await _until(lambda: app.chat_screen and app.chat_screen.chat and app.is_idle)
        for number in range(conversations):
            await pilot.press("ctrl+n")
            await _until(lambda: app.is_idle)
            tell(count(said))
            while said < words * (number + 1) / conversations:
                before = len(app.chat_screen.chat.turns)
                await pilot.press(*"The cat saw", "enter")
                await _until(lambda before=before: app.is_idle and len(app.chat_screen.chat.turns) > before)
                said += TURN_WORDS
        await pilot.press("ctrl+n")
        await _until(lambda: app.is_idle)
        tell(count(said))
    services.close()


async def _until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)


def main(part: str, folder: str, words: str, conversations: str) -> None:
    if part == "service":
        talk_to_services(Path(folder), int(words), int(conversations))
        return
    asyncio.run(talk_to_app(Path(folder), int(words), int(conversations)))


if __name__ == "__main__":
    main(*sys.argv[1:5])
