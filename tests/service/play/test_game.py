"""The same seed asks the same questions; what is offered is fair; texts are found; what was reached is kept."""

import dataclasses
import hashlib
import itertools
import os
from pathlib import Path

import pytest

from rnntui.errors import CorpusError, InputError
from rnntui.events import RunFinished, to_json
from rnntui.json_records import format_record
from rnntui.lm.text.text_source import WrittenText
from rnntui.lm.tokens.corpus import count_text
from rnntui.paths import find_paths
from rnntui.records import ModelCard, RunManifest, Source, TrainRequest
from rnntui.service.play.game import GameState, PlayEvent, best_of, to_result
from rnntui.service.play.passages import PASSAGE_CHARACTERS, choose_passages
from rnntui.service.play.rules import Guess, Opened, PlayRequest, Question
from rnntui.service.play.scoring import score
from rnntui.service.play.texts import PlayText, Section, shipped_text
from rnntui.service.play.words import describe_best, describe_end, describe_leads, describe_lesson, describe_result
from rnntui.service.services import Services
from rnntui.settings import TrainConfig
from rnntui.store.corpora import Corpora
from rnntui.store.games import Games
from rnntui.store.runs.runs import Runs
from tests.small_models import TEXT, save_small_model, small_model

STORY = (TEXT * 6).replace("Mice are small", "“The mice are small")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    folder = tmp_path_factory.mktemp("play")
    services = Services(find_paths(folder))
    save_small_model(services.library)
    (folder / "story.txt").write_text(STORY, encoding="utf-8")
    return services


def request_of(services: Services, **changes: object) -> PlayRequest:
    plain = PlayRequest(model="small", file=str(services.paths.data_dir / "story.txt"), seed=7, rounds=6)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def play(services: Services, request: PlayRequest) -> tuple[Opened, list[Question]]:
    events: list[PlayEvent] = list(services.play.begin(request))
    (opened,) = (event for event in events if isinstance(event, Opened))
    return opened, [event for event in events if isinstance(event, Question)]


def state_of(opened: Opened, questions: list[Question], confidence: float = 0.6) -> GameState:
    state = GameState(opened)
    for question in questions:
        state = state.after(score(question, Guess(question.truth, confidence)))
    return state


@pytest.mark.parametrize("mode", ["choose", "type"])
def test_the_same_seed_asks_the_same_and_another_asks_otherwise(services: Services, mode: str) -> None:
    request = request_of(services, mode=mode)
    first = play(services, request)
    assert play(services, request) == first
    assert play(Services(services.paths), request) == first
    assert play(services, dataclasses.replace(request, seed=8))[1] != first[1]
    opened, questions = first
    assert [question.number for question in questions] == [1, 2, 3, 4, 5, 6]
    assert opened.voices == ("network", "counting", "together")
    assert STORY.replace("\n", " ").find("mice") > 0


def test_more_rounds_begin_with_the_same_questions(services: Services) -> None:
    few, many = (play(services, request_of(services, rounds=rounds))[1] for rounds in (2, 6))
    assert many[:2] == few


def test_a_question_is_a_place_of_the_passage_and_its_choices_share_everything(services: Services) -> None:
    _, questions = play(services, request_of(services))
    for question in questions:
        assert question.choices[question.answer].casefold() == question.truth.casefold()
        assert len(set(question.choices)) == len(question.choices) == 8
        for voice, shares in question.shares.items():
            assert sum(shares) == pytest.approx(1)
            assert shares[question.answer] == question.given[voice]
        passage = question.before + question.truth + question.after
        assert passage.strip() in STORY
        assert all(question.before[start:end].strip() for start, end in question.marks)
        assert len(question.marks) == (question.number - 1) % 5


def test_what_is_offered_does_not_depend_on_which_of_the_eight_is_true(services: Services) -> None:
    """All eight are those that the voices together find likeliest, so nothing tells which one was put among them."""
    from rnntui.lm.mix.passage_odds import PassageReader
    from rnntui.service.model_loader import load_generator

    _, questions = play(services, request_of(services))
    reader = PassageReader(load_generator(services.library, services.find_model("small")))
    for question in questions:
        passage = question.before + question.truth + question.after
        read = reader.read(reader.tokenizer.encode(passage))
        place = len(reader.tokenizer.encode(question.before.rstrip()))
        odds = reader.odds(read, place)
        assert {odds.words[number] for number in odds.likeliest("mixture", 8)} == set(question.choices)


def test_the_true_word_stands_anywhere_among_the_eight(services: Services) -> None:
    answers = [question.answer for seed in range(4) for question in play(services, request_of(services, seed=seed))[1]]
    assert len(answers) > 20
    assert len(set(answers)) >= 6
    assert max(map(answers.count, answers)) < len(answers) / 2


def test_a_typed_game_gives_shares_of_all_words(services: Services) -> None:
    _, questions = play(services, request_of(services, mode="type"))
    for question in questions:
        assert question.choices == ()
        assert 0 < question.given["counting"] < 1
        assert score(question, Guess()).bits["you"] == score(question, Guess()).bits["counting"]


def test_the_line_for_a_friend_asks_the_same(services: Services) -> None:
    from rnntui.cli.parser import parse_arguments

    opened, questions = play(services, request_of(services))
    assert opened.command == f"rnntui play story.txt --model small --seed 7 --rounds 6 --text {opened.text_code}"
    args = parse_arguments(opened.command.split()[1:])
    file = str(services.paths.data_dir / args.file)
    again = PlayRequest(args.model, file, seed=int(args.seed), rounds=int(args.rounds))
    assert play(services, dataclasses.replace(again, text_code=args.text))[1] == questions
    with pytest.raises(InputError, match="The text here is"):
        play(services, dataclasses.replace(again, text_code="00000000"))


@pytest.mark.parametrize(
    "change", [{"rounds": 0}, {"rounds": 1_000}, {"seed": -1}, {"mode": "sing"}, {"model": "nobody"}]
)
def test_what_cannot_be_played_is_refused_in_a_sentence(services: Services, change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        play(services, request_of(services, **change))


def test_a_text_in_which_nothing_can_be_asked_is_refused(services: Services) -> None:
    file = services.paths.data_dir / "short.txt"
    file.write_text("123 456 789\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no place that can be asked"):
        play(services, request_of(services, file=str(file)))


def test_the_passages_that_ship_are_named_and_begin_apart(services: Services) -> None:
    text = shipped_text()
    assert len(text.sections) >= 5
    assert all("Project Gutenberg" in section.source and len(section.text) > 4_000 for section in text.sections)
    assert not any(section.text.startswith("#") for section in text.sections)
    passages = list(choose_passages(text, 7))
    assert len(passages) >= 10
    assert all(len(passage.text) <= PASSAGE_CHARACTERS for passage in passages)
    assert passages != list(choose_passages(text, 8))


def test_passages_do_not_overlap_and_one_line_has_some_too() -> None:
    text = PlayText("one line", (Section("a book", "The cat saw it. It was a mouse! " * 400),))
    starts = sorted(int(passage.place.split(":")[1]) for passage in choose_passages(text, 3))
    assert len(starts) >= 4
    assert all(after - before >= PASSAGE_CHARACTERS for before, after in itertools.pairwise(starts))
    assert list(choose_passages(PlayText("nothing", (Section("a book", " \n"),)), 3)) == []


def test_the_end_of_the_models_own_book_is_played_with_while_it_is_kept(services: Services) -> None:
    card = dataclasses.replace(services.find_model("small"), name="mine")
    with pytest.raises(CorpusError, match='end of the book of "mine"'):
        find_text(services, card)
    assert find_text(services, dataclasses.replace(card, name="starter")).is_shipped
    keep_run(services, card)
    own = find_text(services, card)
    assert own.name == "the end of small.txt, which the model has not learned from"
    (section,) = own.sections
    assert section.text in STORY * 8
    assert len(section.text) > 500
    assert find_text(services, dataclasses.replace(card, name="starter")) == own


def keep_run(services: Services, card: ModelCard) -> None:
    """A finished run that made a model, with its prepared text."""
    counting = count_text([WrittenText("small.txt", STORY * 8)], 0.1)
    while True:
        try:
            next(counting)
        except StopIteration as end:
            Corpora(services.paths.corpora).keep_counted("0" * 32, end.value.to_bytes())
            break
    run = Runs(services.paths.runs).create(TrainRequest(("/book.txt",), "mine", 1.0), "2026-01-02T03:04:05+00:00")
    plan = RunManifest(card.config, TrainConfig(threads=1), card.model_id, "0" * 32, "0" * 64, {}, "2.13", "any")
    folder = services.paths.runs / run.run_id
    (folder / "plan.json").write_bytes(format_record(plan))
    finished = to_json(RunFinished("budget", card.model_id, "mine", 1.0, 1, 1.0, 2.0, 9.0))
    (folder / "events.jsonl").write_text(f"{finished}\n", encoding="utf-8")


def find_text(services: Services, card: ModelCard, file: str = "") -> PlayText:
    work = services.play._texts.find(PlayRequest(file=file), card)
    while True:
        try:
            next(work)
        except StopIteration as end:
            text: PlayText = end.value
            return text


@pytest.mark.parametrize("mode", ["choose", "type"])
def test_a_model_without_counts_plays_alone_and_says_so(tmp_path: Path, services: Services, mode: str) -> None:
    alone = Services(find_paths(tmp_path))
    card, weights, vocabulary = small_model()
    alone.library.save(card, weights, vocabulary)
    opened, questions = play(alone, request_of(services, mode=mode))
    state = state_of(opened, questions)
    assert opened.voices == ("network",)
    assert "against the network alone" in opened.remark
    assert state.players == ("you", "network")
    assert score(questions[0], Guess()).bits["you"] == (3.0 if mode == "choose" else network_bits(questions[0]))
    assert not any("ounting" in line for line in describe_end(state))
    assert not any(
        describe_lesson(verdict, number).startswith("Counting") for verdict in state.verdicts for number in range(9)
    )


def network_bits(question: Question) -> float:
    return score(question, Guess()).bits["network"]


def test_a_file_that_the_model_has_learned_from_is_said_to_be_known(services: Services) -> None:
    file = services.paths.data_dir / "story.txt"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    card = services.find_model("small")
    card = dataclasses.replace(card, sources=(Source("story.txt", digest, 1, "utf-8"),))
    assert "by heart" in find_text(services, card, str(file)).remark


def test_results_are_kept_and_the_best_is_known(services: Services) -> None:
    opened, questions = play(services, request_of(services))
    unsure, sure = state_of(opened, questions, 0.3), state_of(opened, questions, 0.9)
    assert services.play.keep(GameState(opened)) == ""
    assert services.play.results() == []
    assert services.play.keep(unsure) == ""
    assert describe_best(services.play.results(), sure).startswith(
        "Your best with this text so far: before it was 1.74"
    )
    assert services.play.keep(sure) == ""
    assert describe_best(services.play.results(), unsure) == "Your best with this text is 0.15, with seed 7."
    results = services.play.results()
    assert [result.right for result in results] == [6, 6]
    assert best_of(results, opened) == results[1]
    assert best_of(results, dataclasses.replace(opened, mode="type")) is None
    assert "seed 7 · 6 words: you 0.15, network" in describe_result(results[1], results)
    assert [describe_result(result, results).endswith("your best") for result in results] == [False, True]
    assert not to_result(state_of(opened, questions[:3])).is_whole


def test_lines_that_nobody_wrote_are_left_out(tmp_path: Path, services: Services) -> None:
    games = Games(tmp_path / "games.jsonl")
    assert games.results() == []
    opened, questions = play(services, request_of(services))
    games.add(to_result(state_of(opened, questions)))
    whole = (tmp_path / "games.jsonl").read_bytes()
    torn = whole[:40]
    odd = whole.replace(b'"rounds": 6', b'"rounds": -1'), b"[]\n", b"\xff\n", whole.replace(b'"seed"', b'"sead"')
    (tmp_path / "games.jsonl").write_bytes(whole + b"".join(odd) + torn)
    games.add(to_result(state_of(opened, questions)))
    assert [result.rounds for result in games.results()] == [6, 6]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nobody is kept out here")
def test_a_disk_that_refuses_is_a_sentence_and_no_end(services: Services, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    locked = Services(find_paths(tmp_path / "locked" / "data"))
    opened, questions = play(services, request_of(services))
    assert locked.play.keep(state_of(opened, questions)).startswith("The result is not kept.")


def test_the_end_says_what_the_numbers_mean(services: Services) -> None:
    opened, questions = play(services, request_of(services))
    state = state_of(opened, questions, 0.9)
    lines = describe_end(state)
    assert lines[0].startswith("6 words, bits a word: you 0.15, the network ")
    assert "ou beat the network by" in lines[1]
    assert "you were as unsure as among 1.1 words" in lines[2]
    assert 'of 6 "sure" 6 were right (90 % were said)' in lines[-1]
    assert describe_end(GameState(opened)) == []
    assert describe_leads((), state.players) == ""
    assert all(describe_lesson(verdict, number) for number, verdict in enumerate(state.verdicts, start=1))
