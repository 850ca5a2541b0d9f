"""A model that knows one form of quotes and dashes reads whatever it reads in that form; others read what is there."""

import dataclasses
import json
import signal
from pathlib import Path

import pytest

from rnntui.errors import ModelFileError
from rnntui.events import CheckpointSaved, PromptScored, RunFinished, RunResumed, WordLooked, WordsSuggested
from rnntui.lm.lab.bench import text_ids
from rnntui.lm.model_file import COUNTS, VOCABULARY, WEIGHTS
from rnntui.records import ReadOptions
from rnntui.service.evaluation import Evaluation
from rnntui.service.export.conversation_file import collect_conversation
from rnntui.service.export.replay import Verdict, replay
from rnntui.service.generation import generate_once
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.library import card_from_json, card_to_json
from tests.small_models import TEXT, save_small_model
from tests.small_world import world_request, world_text

TYPED = '"Who\'s that?" said the cat -- "I am..."'
READ = "“Who’s that?” said the cat—“I am…”"


@pytest.fixture
def formed(services: Services) -> Services:
    save_small_model(services.library, name="formed", is_typographic=True)
    return services


def test_a_prompt_is_shown_and_scored_as_it_is_read(formed: Services) -> None:
    chat = formed.open_chat("formed")
    events = list(chat.send(TYPED))
    scored = next(event for event in events if isinstance(event, PromptScored))
    assert (chat.facts.turns[0].text.strip(), "".join(scored.pieces).strip()) == (READ, READ)
    other = formed.open_chat("small")
    list(other.send(TYPED))
    assert other.facts.turns[0].text.strip() == "“Who's that?” said the cat -- “I am...”"  # its text has these quotes


def test_one_prompt_of_the_command_line_is_read_in_the_form(formed: Services) -> None:
    events = list(
        generate_once(formed.library, formed.find_model("formed"), TYPED, SamplerSettings(seed=1, max_words=2))
    )
    scored = next(event for event in events if isinstance(event, PromptScored))
    assert "".join(scored.pieces).strip() == READ


def test_what_the_command_line_prints_of_a_prompt_is_what_was_read(formed: Services) -> None:
    generator = load_generator(formed.library, formed.find_model("formed"))
    assert generator.reader.in_terms('"Well--"') == "“Well—”"


def test_an_edit_and_a_chosen_word_are_read_in_the_form(formed: Services) -> None:
    chat = formed.open_chat("formed")
    list(chat.send("the cat said"))
    list(chat.edit(chat.facts.turns[0].turn_id, 'the cat said "no', go_on=False))
    first = chat.facts.turns[0]
    assert first.text.strip() == "the cat said “no"
    list(chat.branch(first.turn_id, len(first.token_ids), '"', go_on=False))
    assert chat.facts.turns[0].text.strip() == "the cat said “no”"
    list(chat.undo())
    assert chat.facts.turns[0].text.strip() == "the cat said “no"
    list(chat.redo())
    assert chat.facts.turns[0].text.strip() == "the cat said “no”"


def test_a_conversation_of_two_forms_is_replayed_exactly(formed: Services) -> None:
    chat = formed.open_chat("small")
    list(chat.send(TYPED))
    list(chat.switch("formed"))
    list(chat.send(TYPED))
    assert chat.facts.turns[-2].text.strip() == READ
    *_, verdict = replay(formed.library, collect_conversation(formed.conversations, formed.library, chat.session))
    assert isinstance(verdict, Verdict)
    assert verdict.is_identical


def test_words_are_looked_for_and_suggested_whatever_their_quotes(formed: Services) -> None:
    chat = formed.open_chat("formed")
    list(chat.send("the mouse"))
    looked = [event for typed in ("didn't", "didn’t") for event in chat.inspection.inspect(begins=typed)]
    pieces = [[word.piece for word in event.alternatives] for event in looked if isinstance(event, WordLooked)]
    assert pieces == [[" didn’t"], [" didn’t"]]
    (said,) = (event for event in chat.inspection.suggest("it's the cat's") if isinstance(event, WordsSuggested))
    assert said.unknown == ("it's", "cat's")


def test_the_lab_reads_in_the_form(formed: Services) -> None:
    reader = load_generator(formed.library, formed.find_model("formed")).reader
    assert reader.tokenizer.decode(text_ids(reader, TYPED)).strip() == READ


def test_a_file_costs_the_same_in_both_forms_and_its_own_length_is_told(formed: Services, tmp_path: Path) -> None:
    found = []
    for name, text in (("typed", TEXT + TYPED), ("read", TEXT.replace("'", "’") + READ)):
        file = tmp_path / f"{name}.txt"
        file.write_text(text, encoding="utf-8")
        *_, figures = formed.evaluate([file], "formed")
        assert isinstance(figures, Evaluation)
        found.append(figures)
    typed, read = found
    assert typed.bits_per_character == read.bits_per_character
    assert typed.characters == read.characters == read.original_characters
    assert typed.original_characters == read.characters + len(TYPED) - len(READ)


def _quoted_world() -> str:
    return world_text().replace("Mice are", '"Mice" aren\'t').replace(". ", '." -- "', 40)


def test_a_text_is_learned_in_the_form_of_the_model_before_and_a_run_keeps_it(
    services: Services, tmp_path: Path
) -> None:
    request = world_request(tmp_path, 0.03, "base")
    Path(request.files[0]).write_text(_quoted_world(), encoding="utf-8")
    list(services.training.run_here(dataclasses.replace(request, reading=ReadOptions(is_typographic=True))))
    base = services.find_model("base")
    assert base.is_typographic
    assert "--typographic" in base.command
    follows = dataclasses.replace(
        request, name="again", minutes=0.05, overrides={"rows": 4, "threads": 1}, base_model=base.model_id
    )
    for event in services.training.run_here(follows):
        if isinstance(event, CheckpointSaved):
            signal.raise_signal(signal.SIGTERM)
    run = next(run for run in services.training.runs() if run.can_resume)
    files = services.library.read(base.model_id)
    as_written = dataclasses.replace(base, is_typographic=False)
    services.library.save(as_written, files[WEIGHTS], files[VOCABULARY], files[COUNTS])
    events = list(services.training.resume_here(run.run_id))
    assert any(isinstance(event, RunResumed) and not event.note for event in events)
    assert isinstance(events[-1], RunFinished)
    again = services.find_model("again")
    assert again.is_typographic
    assert again.vocabulary_size == base.vocabulary_size  # no straight quote came to it
    report = services.library.report(again.model_id)
    assert report is not None
    assert any(note.endswith("became “ ” ‘ ’ —, as the model writes them.") for note in report.notes)


def test_a_card_of_an_earlier_version_reads_as_it_was_written(formed: Services) -> None:
    card = formed.find_model("small")
    values = json.loads(card_to_json(card))
    del values["is_typographic"]
    assert card_from_json(json.dumps(values).encode()) == card
    with pytest.raises(ModelFileError, match="is_typographic"):
        card_from_json(json.dumps({**values, "is_typographic": "yes"}).encode())
