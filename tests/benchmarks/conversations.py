"""What a conversation costs: going back and forth, a committed turn, opening a long one, words per second.

    python -m tests.benchmarks.conversations [--vocabulary 10000] [--hidden 256] [--turns 10000] [--repeats 30]

Makes a network with random weights in a temporary folder, so that it needs no training. Times are medians and worst
cases. "Shown" is until the event that a screen waits for, "stored" until the head is on the disk. "Bare loop" is what
one would write with PyTorch alone: nn.LSTMCell, one matrix product, softmax, multinomial.
"""

import argparse
import dataclasses
import statistics
import struct
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from rnntui.events import WordSampled
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import pack, sha256
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.paths import find_paths
from rnntui.records import Metrics, ModelCard, Turn
from rnntui.service.chat.chat import Chat
from rnntui.service.services import Services
from rnntui.settings import ModelConfig, SamplerSettings
from rnntui.store.library import Library
from tests.benchmarks.seed_novel import machine
from tests.store.conversations.heads import set_head

WORDS_IN_A_TURN = 20
SAMPLER = SamplerSettings(stop="words", max_words=WORDS_IN_A_TURN, seed=1, temperature=1.0, top_p=1.0)


def save_model(library: Library, vocabulary: int, hidden: int) -> ModelCard:
    """A network of this size that speaks noise."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [a + b + c for a in letters for b in letters for c in letters][: vocabulary - 100]
    tokenizer = Tokenizer.train([" ".join(words) + " ." * 3, " ".join(words)], vocabulary)
    config = ModelConfig("lstm", vocabulary, hidden, hidden, 1, True, 1_000)
    model = WordRNN(config, len(tokenizer))
    model.initialise(torch.Generator().manual_seed(1))
    weights, pieces = pack(model.state_dict(), tokenizer)
    card = ModelCard(
        "bench", "bench", "2026-01-01T00:00:00+00:00", config, len(tokenizer), (), 1, 1.0, 1.0, Metrics(), "",
        str(torch.__version__), 1, sha256(weights), sha256(pieces), len(weights),
    )  # fmt: skip
    library.save(card, weights, pieces)
    return card


def show(name: str, seconds: list[float], goal: str = "") -> None:
    middle, worst = statistics.median(seconds) * 1e3, max(seconds) * 1e3
    print(f"  {name:<58} {middle:9.2f} ms   worst {worst:9.2f} ms   {goal}")


def timed(repeats: int, work: Callable[[int], Iterator[object]]) -> tuple[list[float], list[float]]:
    """Seconds until the first event, and until the end, of some work done several times."""
    shown, stored = [], []
    for number in range(repeats):
        events = work(number)
        began = time.perf_counter()
        next(events)
        shown.append(time.perf_counter() - began)
        for _ in events:
            pass
        stored.append(time.perf_counter() - began)
    return shown, stored


def long_conversation(services: Services, card: ModelCard, turns: int) -> str:
    """A conversation of many turns with plausible tokens, written straight into the file."""
    session = services.conversations.create("long", card.model_id, SAMPLER, "inline", "2026")
    chat = Chat(services.library, services.conversations, card, session)
    list(chat.send("aaa aab aac"))
    model = chat.facts.turns[-1]
    ids = model.token_ids[:WORDS_IN_A_TURN] or (1,)
    ids = (ids * WORDS_IN_A_TURN)[:WORDS_IN_A_TURN]
    snapshot = services.conversations.snapshot(model.turn_id)
    assert snapshot
    position, parent = model.start_position + len(model.token_ids), model.turn_id
    packed = struct.pack(f"<{len(ids)}I", *ids), struct.pack(f"<{len(ids)}d", *[-5.0] * len(ids))
    with services._database.transaction() as connection:
        sampler = connection.execute("SELECT sampler FROM turns WHERE turn_id = ?", (model.turn_id,)).fetchone()[0]
        for number in range(2, turns):
            role = "network" if number % 2 else "person"
            connection.execute(
                "INSERT INTO turns (session_id, parent_id, role, text, token_ids, logprobs, status, start_position,"
                " model_id, sampler, created_at, words) VALUES (?, ?, ?, ?, ?, ?, 'complete', ?, ?, ?, '2026', ?)",
                (session.session_id, parent, role, " aaa" * len(ids), *packed, position, card.model_id,
                 sampler if role == "network" else None, len(ids)),
            )  # fmt: skip
            parent = connection.execute("SELECT last_insert_rowid()").fetchone()[0]
            position += len(ids)
            connection.execute(
                "INSERT INTO snapshots VALUES (?, ?, ?, ?)", (parent, position, card.model_id, snapshot.blob)
            )
    set_head(services.conversations, session.session_id, parent)
    return session.session_id


def opening(services: Services, session_id: str) -> None:
    began = time.perf_counter()
    chat = services.open_chat(session_id=session_id)
    seconds = time.perf_counter() - began
    words = sum(len(turn.token_ids) for turn in chat.facts.turns)
    print(f"Opening {len(chat.facts.turns):,} turns, {words:,} words")
    show("until the turns can be shown", [seconds], "goal 500 ms")
    tracemalloc.start()
    kept = services.open_chat(session_id=session_id)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"  memory of Python objects, kept {now / 1e6:.1f} MB, at most {peak / 1e6:.1f} MB   goal 50 MB")
    began = time.perf_counter()
    list(kept.load())
    show("the model and the memory", [time.perf_counter() - began])
    print(f"  words read again: {kept.facts.counters.tokens_reread}")


def moving(chat: Chat, repeats: int) -> None:
    print(f"Going back and forth in {len(chat.facts.turns):,} turns")
    before = chat.facts.counters.tokens_reread
    list(chat.send("aaa aab"))
    list(chat.retry())
    shown, stored = [], []
    for _ in range(repeats):
        for work in (chat.undo, chat.redo):
            first, last = timed(1, lambda _, work=work: work())  # type: ignore[misc]
            shown += first
            stored += last
    show("undo and redo, shown", shown, "goal 2 ms")
    show("undo and redo, stored", stored)
    shown, stored = timed(
        repeats, lambda number: chat.show_sibling(chat.facts.turns[-1].turn_id, 1 if number % 2 else -1)
    )
    show("sibling, shown", shown, "goal 2 ms")
    show("sibling, stored", stored)
    reply = chat.facts.turns[-1].turn_id
    shown, stored = timed(repeats, lambda number: chat.rewind(reply, 1 + number % 15))
    show("rewind inside the window, shown", shown, "goal 2 ms")
    show("rewind inside the window, stored", stored)
    print(f"  words read again: {chat.facts.counters.tokens_reread - before}   goal 0")
    whole = [turn for turn in chat.facts.turns if len(turn.token_ids) == WORDS_IN_A_TURN]
    list(chat.undo())
    shown, stored, most = [], [], 0
    for number in range(repeats):
        turn = whole[len(whole) // 2 + number]
        before = chat.facts.counters.tokens_reread
        first, last = timed(1, lambda _, turn=turn: chat.rewind(turn.turn_id, WORDS_IN_A_TURN - 1))  # type: ignore[misc]
        most = max(most, chat.facts.counters.tokens_reread - before)
        shown += first
        stored += last
        list(chat.undo())
    show(f"rewind beyond the window, {most} words read again, shown", shown, "goal 30 ms")
    show("rewind beyond the window, stored", stored)


def committing(services: Services, chat: Chat, repeats: int) -> None:
    turn = dataclasses.replace(chat.facts.turns[-1], turn_id=0, parent_id=chat.facts.turns[-1].turn_id)
    snapshot = services.conversations.snapshot(chat.facts.turns[-1].turn_id)
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        stored: Turn = services.conversations.add_turn(turn)
        services.conversations.finish_turn(stored, snapshot, sampler=SAMPLER)
        seconds.append(time.perf_counter() - began)
    print("Committing")
    show("a turn: stored before the reply, and again with its memory", seconds, "goal 30 ms")


def bare_loop(card: ModelCard, words: int) -> float:
    """Words per second of a sampling loop in plain PyTorch."""
    size, vocabulary = card.config.hidden_size, card.vocabulary_size
    embedding, cell = torch.nn.Embedding(vocabulary, size), torch.nn.LSTMCell(size, size)
    output, dice = torch.nn.Linear(size, vocabulary), torch.Generator().manual_seed(1)
    with torch.inference_mode():
        state, word = (torch.zeros(1, size), torch.zeros(1, size)), torch.zeros(1, dtype=torch.long)
        began = time.perf_counter()
        for _ in range(words):
            state = cell(embedding(word), state)
            word = torch.multinomial(torch.softmax(output(state[0]), dim=1), 1, generator=dice)[0]
            int(word)
    return words / (time.perf_counter() - began)


def speaking(chat: Chat, words: int) -> float:
    """Words per second of a conversation with scores, alternatives and a memory after every word."""
    chat.set_sampler(dataclasses.replace(SAMPLER, max_words=words))
    count, began = 0, time.perf_counter()
    for event in chat.send(""):
        count += isinstance(event, WordSampled)
    return count / (time.perf_counter() - began)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, value in (("vocabulary", 10_000), ("hidden", 256), ("turns", 10_000), ("repeats", 30), ("words", 1_500)):
        options.add_argument(f"--{name}", type=int, default=value)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        services = Services(find_paths(Path(folder)))
        card = save_model(services.library, chosen.vocabulary, chosen.hidden)
        print(f"V = {card.vocabulary_size:,}, H = {chosen.hidden}")
        session_id = long_conversation(services, card, chosen.turns)
        opening(services, session_id)
        chat = services.open_chat(session_id=session_id)
        list(chat.load())
        moving(chat, chosen.repeats)
        print("Speaking, words per second, one thread, by turns")
        rates = []
        for _ in range(3):
            fresh = services.new_chat("bench")
            list(fresh.load())
            rates.append((bare_loop(card, chosen.words), speaking(fresh, chosen.words), speaking(chat, chosen.words)))
        bare, short, long = (statistics.median(column) for column in zip(*rates, strict=True))
        print(f"  bare loop {bare:,.0f}   new conversation {short:,.0f}   long conversation {long:,.0f}")
        print(f"  share of the bare loop: {short / bare:.2f} and {long / bare:.2f}   goal 0.90")
        committing(services, chat, chosen.repeats)
        services.close()


if __name__ == "__main__":
    main()
