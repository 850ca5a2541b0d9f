"""What the program calls words is what a person counts, wherever it says so: limit, footer, status line, JSON."""

import contextlib
import dataclasses
import json
from pathlib import Path

import pytest

from rnntui.cli.main import run
from rnntui.events import TurnFinished
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.tui.helpers import chat_of, shown, until
from tests.tui.real import real_chat, real_services, really_running

LIMIT = 25
PROMPT = "The cat yawned."
PROMPT_WORDS = 4
SPELLING = SamplerSettings(temperature=1.3, top_p=1.0, stop="words", max_words=LIMIT, spelling="free", seed=5)


def counted(text: str) -> int:
    """Words and punctuation marks, as a person would count them in what the small model says."""
    marks = sum(not (character.isalnum() or character.isspace() or character in "’'") for character in text)
    for character in text:
        if not (character.isalnum() or character in "’'"):
            text = text.replace(character, " ")
    return marks + len(text.split())


async def test_limit_footer_status_line_and_facts_count_the_same_words_of_one_reply(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(140, 30)) as (app, pilot):
        chat = real_chat(app)
        chat.set_sampler(SPELLING)
        chat_of(app).prompt.text = PROMPT
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle and len(chat.facts.turns) == 2)
        reply = chat.facts.turns[-1]
        assert len(reply.token_ids) > LIMIT + 5, "words are spelled in it"
        assert reply.words == LIMIT == counted(reply.text)
        assert chat.facts.words_read(chat.facts.counters.position) == PROMPT_WORDS + LIMIT
        await until(pilot, lambda: f"read {PROMPT_WORDS + LIMIT} words" in shown(app))
        assert f"{LIMIT} words" in shown(app)


def test_what_a_command_prints_of_the_same_reply_counts_the_same_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.closing(real_services(tmp_path)) as services:
        chat = services.new_chat("small")
        chat.set_sampler(SPELLING)
        *_, finished = chat.send(PROMPT)
        reply = chat.facts.turns[-1].text
    flags = ["--temperature", "1.3", "--top-p", "1", "--stop", "words", "--spelling", "free", "--seed", "5"]
    command = ["--data-dir", str(tmp_path), "gen", PROMPT, "--model", "small", "--max-words", str(LIMIT), *flags]
    assert run([*command, "--json"]) == 0
    *_, ended, result = map(json.loads, capsys.readouterr().out.splitlines())
    assert result["text"] == reply
    assert isinstance(finished, TurnFinished)
    assert result["words"] == ended["words"] == finished.words == LIMIT
    assert result["words_read"] == PROMPT_WORDS
    assert result["words_per_second"] * result["seconds"] == pytest.approx(LIMIT)


def test_words_are_counted_up_to_any_word_of_a_reply_while_it_is_written(tmp_path: Path) -> None:
    with contextlib.closing(real_services(tmp_path)) as services:
        for stop_after in (0, 7, 20):
            assert_counts_on_the_way(services, stop_after)


def assert_counts_on_the_way(services: Services, stop_after: int) -> None:
    chat = services.new_chat("small")
    chat.set_sampler(dataclasses.replace(SPELLING, seed=stop_after))
    known: dict[int, int] = {}
    for event in chat.send(PROMPT):
        facts = chat.facts
        position = facts.counters.position
        if type(event).__name__ != "WordSampled" or position < stop_after:
            continue
        counts = [facts.words_read(at) for at in range(position + 1)]
        assert counts == sorted(counts)
        assert counts[-1] <= PROMPT_WORDS + LIMIT
        assert counts[-1] - counts[-2] in {0, 1}, stop_after
        assert all(counts[at] == count for at, count in known.items()), stop_after
        known[position] = counts[-1]
    assert counts[-1] == PROMPT_WORDS + LIMIT
    facts = chat.facts
    assert facts.words_read(facts.counters.position) == counts[-1]
