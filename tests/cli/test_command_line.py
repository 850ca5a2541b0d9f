"""The command line as a person meets it: data on standard output, sentences on standard error, documented codes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.cli.main import JUST_OPEN, run
from rnntui.cli.narration import TrainingNarrator
from rnntui.cli.output import Output
from rnntui.cli.parser import parse_arguments
from rnntui.events import Measuring, Preparing, StepLogged
from rnntui.paths import find_paths
from rnntui.records import TrainRequest, Turn
from rnntui.service.run.training import Training
from rnntui.service.services import Services
from rnntui.service.timestamps import local_time
from rnntui.settings import SamplerSettings, preset
from rnntui.store.runs.runs import Runs
from tests.small_models import save_small_model
from tests.small_world import world_text

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _small_model() -> None:
    save_small_model(Services(find_paths()).library)


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    file = tmp_path / "world.txt"
    file.write_text(world_text(), encoding="utf-8")
    return file


def _sentence(capture: Capture) -> str:
    shown = capture.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    (line,) = [line for line in shown.err.splitlines() if line.startswith("rnntui: ")]
    return line


@pytest.mark.parametrize("value", ["abc", "-1", "nan", "inf", "1e999", "", "3"])
def test_a_wrong_temperature_is_one_sentence(value: str, capsys: Capture) -> None:
    assert run(["gen", "The cat", "--model", "small", "--temperature", value]) == 2
    assert "--temperature" in _sentence(capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gen", "x", "--model", "smal"], '"small"'),
        (["eval", "nothing.txt", "--model", "small"], "nothing.txt"),
        (["train", "nothing.txt"], "nothing.txt"),
        (["train", "."], "folder"),
        (["train", "x.txt", "--minutes", "soon"], "--minutes"),
        (["train"], "No file was named"),
        (["train", "--resume", "nothing"], '"nothing"'),
        (["train", "x.txt", "--from", "nobody"], '"nobody"'),
        (["train", "x.txt", "--resume", "last"], "as it began"),
        (["train", "--resume", "last", "--cell", "gru"], "as it began"),
        (["train", "--resume", "last", "--keep-lines"], "as it began"),
        (["train", "x.txt", "--cell", "transformer"], "elman, gru, lstm or mingru"),
        (["gen", "x", "--top-k", "1.5"], "--top-k"),
        (["gen", "x", "--style", "mild"], "careful, balanced or wild"),
        (["nonsense"], 'no command "nonsense"'),
        (["gen", "--seed"], "--seed needs a value"),
        (["models", "show"], "name"),
        (["models", "rename", "small"], "new name"),
        (["runs", "show", "x"], "run"),
        (["sessions", "x"], 'no action "x"'),
        (["sessions", "show", "x"], "conversation"),
        (["drive", "nothing.txt"], "nothing.txt"),
        ([], "terminal"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(arguments: list[str], words: str, capsys: Capture) -> None:
    assert run(arguments) == 2
    assert words in _sentence(capsys)


def test_an_error_is_an_object_with_json(capsys: Capture) -> None:
    assert run(["gen", "x", "--model", "nobody", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2


def test_gen_streams_prompt_and_words_and_repeats_with_the_seed(capsys: Capture) -> None:
    texts = []
    for _ in range(2):
        assert run(["gen", "The cat", "--model", "small", "--seed", "7", "--max-words", "9", "--stop", "words"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert texts[0].startswith("The cat")
    assert len(texts[0]) > len("The cat") + 9


def test_gen_draws_in_a_named_style_and_other_flags_count_more(capsys: Capture) -> None:
    def said(*flags: str) -> str:
        assert run(["gen", "The cat", "--model", "small", "--seed", "7", "--stop", "words", *flags]) == 0
        return capsys.readouterr().out

    wild = [f"--{name.replace('_', '-')}={value:g}" for name, value in preset("wild").items()]
    assert said("--style", "wild") == said(*wild) != said("--style", "careful")
    assert said("--style", "wild", "--temperature", "0") == said(*wild, "--temperature", "0") != said(*wild)


def test_gen_json_ends_with_the_fixed_fields(capsys: Capture) -> None:
    assert run(["gen", "The cat", "--model", "small", "--seed", "7", "--json"]) == 0
    *events, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"text", "seed", "model", "words", "seconds", "words_per_second"} <= set(result)
    assert "".join(event["piece"] for event in events if event["event"] == "WordSampled") == result["text"]


def test_gen_says_the_best_of_several_drafts_and_tells_their_scores(capsys: Capture) -> None:
    command = ["gen", "The cat", "--model", "small", "--seed", "7", "--drafts", "3", "--stop", "sentence"]
    assert run([*command, "--json"]) == 0
    *events, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (judged,) = [event for event in events if event["event"] == "DraftsJudged"]
    assert max(judged["drafts"], key=lambda draft: draft["score"])["text"] == result["text"]
    assert [draft["draft"] for draft in judged["drafts"]] == [0, 1, 2]
    assert "Thinking" not in {event["event"] for event in events}
    assert run(command) == 0
    assert result["text"] in capsys.readouterr().out
    assert run(["gen", "The cat", "--model", "small", "--drafts", "17"]) == 2


@pytest.mark.parametrize("prompt", ["", "漢字", "\x1b]52;c;aGk=\x07", "[/bold]", "cat " * 4_000])
def test_gen_takes_any_prompt_and_sends_no_control_byte(prompt: str, capsys: Capture) -> None:
    assert run(["gen", prompt, "--model", "small", "--max-words", "2"]) == 0
    shown = capsys.readouterr()
    assert not any(ord(character) < 32 and character != "\n" for character in shown.out + shown.err)


def test_eval_reports_the_fixed_fields(world_file: Path, capsys: Capture) -> None:
    assert run(["eval", str(world_file), "--model", "small", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"bits_per_character", "perplexity", "words", "characters", "seconds", "words_per_second"} <= set(result)
    assert result["trained_on"] == []
    assert list(result["shares"]) == ["network", "counting", "recent words"]
    assert run(["eval", str(world_file), "--model", "small"]) == 0
    shown = capsys.readouterr().out
    assert all(f"share of {name}" in shown for name in ("network", "counting", "recent words"))


def test_eval_of_a_long_text_says_how_far_it_has_come(
    world_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = [0.01 * percent for percent in range(0, 100, 2)]
    events = [Preparing("measuring", share, eta_seconds=60.0 * (1.0 - share)) for share in shares]
    monkeypatch.setattr(Services, "evaluate", lambda *_: iter(events))
    assert run(["eval", str(world_file), "--model", "small"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "measuring, 1:00 more ..."
    assert lines[1] == "measuring 6 %, 0:56 more ..."
    assert 10 < len(lines) < 20
    assert not any("0:09" in line for line in lines)


def test_train_makes_a_model_that_can_be_shown_renamed_and_removed(world_file: Path, capsys: Capture) -> None:
    small = ["--hidden-size", "16", "--rows", "4", "--bptt-length", "16", "--threads", "1"]
    rounded = ["--arithmetic", "bfloat16"]
    assert run(["train", str(world_file), "--minutes", "0.03", "--name", "the world", *small, *rounded]) == 0
    told = capsys.readouterr()
    assert "bits per character" in told.out
    assert "1 thread in bfloat16" in told.err
    assert "It begins from nothing, because --hidden-size 16 is not that of the starter" in told.err
    assert run(["models", "show", "the world"]) == 0
    shown = capsys.readouterr().out
    assert "It began from nothing, because" in shown
    assert "--from nothing" in " ".join(shown.split())
    assert "than counting" in shown
    assert "products in bfloat16" in shown
    pages = world_file.with_name("report.html"), world_file.with_name("report.md")
    assert run(["models", "show", "the world", "--html", str(pages[0]), "--markdown", str(pages[1])]) == 0
    assert "<svg" in pages[0].read_text(encoding="utf-8")
    assert pages[1].read_text(encoding="utf-8").startswith("# the world")
    assert capsys.readouterr().out == ""
    assert run(["models", "show", "the world", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["arithmetic"], shown["report"]["reason"]) == ("bfloat16", "budget")
    assert run(["models", "rename", "the world", "globe"]) == 0
    assert run(["models", "--json"]) == 0
    assert "globe" in capsys.readouterr().out
    assert run(["runs", "show"]) == 0
    assert "16 units" in capsys.readouterr().err
    assert run(["runs", "show", "--samples"]) == 0
    shown = capsys.readouterr().out
    assert "it said:  held out " in shown
    assert run(["runs", "show", "--samples", "--json"]) == 0
    moments = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert 0 < len(moments) == shown.count("it said:")
    assert all(moment["text"] and moment["seconds"] > 0 for moment in moments)
    assert run(["models", "remove", "globe"]) == 0
    assert run(["models", "show", "globe"]) == 2


@pytest.mark.parametrize(
    ("given", "wanted"),
    [((), "auto"), (("--from", "auto"), "auto"), (("--from", "nothing"), ""), (("--from", "small"), "small-lstm-1")],
)
def test_what_a_run_begins_from_is_asked_for_or_left_to_it(
    given: tuple[str, ...], wanted: str, world_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrainRequest] = []
    monkeypatch.setattr(Training, "run_here", lambda _, request: iter(asked.append(request) or ()))
    assert run(["train", str(world_file), *given]) == 0
    assert [request.base_model for request in asked] == [wanted]


def test_a_part_of_the_text_it_has_learned_from_is_noticed(world_file: Path, capsys: Capture) -> None:
    small = ["--hidden-size", "16", "--rows", "4", "--bptt-length", "16", "--threads", "1", "--arithmetic", "auto"]
    assert run(["train", str(world_file), "--minutes", "0.03", "--name", "the world", *small]) == 0
    told = capsys.readouterr().err
    for phase in (
        "loading PyTorch",
        "counting words",
        "preparing the network",
        "measuring the best weights on all held",
    ):
        assert f"{phase} ..." in told or f"{phase}-out text ..." in told
    text = world_file.read_text(encoding="utf-8")
    part = world_file.with_name("part.txt")
    part.write_text(text[: len(text) // 2].replace(". ", ".\n"), encoding="utf-8")
    assert run(["eval", str(part), "--model", "the world"]) == 0
    assert "of this text word for word: these figures show memory" in capsys.readouterr().err
    assert run(["eval", str(part), "--model", "the world", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["seen_share"] > 0.9
    assert measured["baselines"]["counting + recent"] > 0


def test_a_text_of_one_line_is_no_task_and_its_end_is_known(tmp_path: Path, capsys: Capture) -> None:
    same = tmp_path / "same.txt"
    same.write_text("The same line again.\n" * 2_000, encoding="utf-8")
    small = ["--hidden-size", "16", "--rows", "4", "--bptt-length", "16", "--threads", "1"]
    assert run(["train", str(same), "--minutes", "0.03", "--name", "same", *small]) == 0
    shown = capsys.readouterr()
    assert "100 % of the held-out text stands word for word in what is learned from" in shown.err
    assert "The text is no task: counting needs 0.000 bits per character" in shown.out
    assert "% worse than" not in shown.out
    assert run(["inspect", str(same)]) == 0
    assert "100 % of the held-out text stands word for word" in capsys.readouterr().out


def test_stopping_is_answered_once_and_every_phase_is_a_line(capsys: Capture) -> None:
    stopping = [Measuring(what, share, 9.0, 1.0, True) for what in ("looking", "measuring") for share in (0.0, 0.5)]
    with TrainingNarrator(Output(is_json=False)) as narrator:
        for event in [Preparing("counting words", 0.1), Preparing("counting words", 0.9), *stopping]:
            narrator.tell(event)
    assert capsys.readouterr().err.splitlines() == [
        "counting words ...",
        "Stopping; the best weights are kept and measured. Ctrl-C again ends at once.",
        "looking ...",
        "measuring ...",
    ]


def test_a_run_that_was_told_to_leave_goes_on_where_it_was(world_file: Path, capsys: Capture) -> None:
    small: dict[str, str | int | float | bool] = {"hidden_size": 16, "rows": 4, "bptt_length": 16, "threads": 1}
    training = Services(find_paths()).training
    for event in training.run_here(TrainRequest((str(world_file),), "the world", 0.06, "", small)):
        if isinstance(event, StepLogged):
            signal.raise_signal(signal.SIGTERM)
    assert run(["runs"]) == 0
    assert "broken off" in capsys.readouterr().out
    text = world_file.read_text(encoding="utf-8")
    world_file.write_text(text.replace("big", "huge"), encoding="utf-8")
    assert run(["train", "--resume", "the world"]) == 2
    assert "Go on with it" not in capsys.readouterr().err
    assert run(["runs"]) == 0
    assert "broken off" in capsys.readouterr().out
    world_file.write_text(text, encoding="utf-8")
    assert run(["train", "--resume", "the world", "--threads", "2"]) == 0
    shown = capsys.readouterr()
    assert "2 threads instead of 1" in shown.err
    assert "bits per character" in shown.out
    assert run(["train", "--resume", "last"]) == 2
    assert "is over" in capsys.readouterr().err


def test_where_and_doctor_answer_as_text_and_as_json(capsys: Capture) -> None:
    for command in ("where", "doctor"):
        assert run([command]) == 0
        assert capsys.readouterr().out
        assert run([command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)


def test_the_data_dir_flag_works_before_and_after_the_command(tmp_path: Path, capsys: Capture) -> None:
    for arguments in (["--data-dir", str(tmp_path / "x"), "where"], ["where", "--data-dir", str(tmp_path / "x")]):
        assert run(arguments) == 0
        assert str(tmp_path / "x" / "models") in capsys.readouterr().out


def test_a_damaged_model_is_refused_with_code_3(capsys: Capture) -> None:
    weights = find_paths().models / "small-lstm-1" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4])
    assert run(["gen", "The cat", "--model", "small"]) == 3
    assert "small" in _sentence(capsys)


def test_a_wrong_configuration_names_the_key(tmp_path: Path, capsys: Capture) -> None:
    Path(os.environ["RNNTUI_CONFIG"]).write_text("[sampler]\ntemperature = 9\n", encoding="utf-8")
    assert run(["models"]) == 2
    assert "temperature" in _sentence(capsys)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_without_permission_is_code_4(tmp_path: Path, world_file: Path, capsys: Capture) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert run(["--data-dir", str(locked / "data"), "train", str(world_file)]) == 4


def test_a_data_folder_that_is_a_file_is_code_4(tmp_path: Path, world_file: Path, capsys: Capture) -> None:
    assert run(["--data-dir", str(world_file), "train", str(world_file)]) == 4
    assert "world.txt" in _sentence(capsys)


def test_the_prompt_can_come_from_standard_input() -> None:
    command = [sys.executable, "-m", "rnntui", "gen", "-", "--model", "small", "--max-words", "4", "--seed", "1"]
    done = subprocess.run(command, input="It was\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("It was")


def test_a_reader_that_leaves_early_ends_the_command_quietly() -> None:
    command = [sys.executable, "-m", "rnntui", "gen", "The cat", "--model", "small", "--max-words", "100000"]
    writer = subprocess.Popen([*command, "--stop", "words"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.read(40)
    writer.stdout.close()
    assert writer.wait(timeout=60) == 1
    assert b"Traceback" not in writer.stderr.read()
    writer.stderr.close()


def test_inspect_tells_what_is_in_a_file_and_what_to_expect(world_file: Path, capsys: Capture) -> None:
    assert run(["inspect", str(world_file)]) == 0
    shown = capsys.readouterr().out
    assert "world.txt (utf-8)" in shown
    assert "held out to measure on" in shown
    assert "counting, 5 words" in shown
    assert "times read" in shown


def test_inspect_json_gives_the_findings_as_objects(world_file: Path, capsys: Capture) -> None:
    assert run(["inspect", "--json", str(world_file), "--encoding", "cp1252"]) == 0
    beginning, report, baselines, speed = map(json.loads, capsys.readouterr().out.splitlines())
    assert beginning["event"] == "BaseChosen"
    assert (report["event"], report["encodings"]) == ("CorpusInspected", ["cp1252"])
    assert baselines["bits_per_character"]["counting, 5 words"] > 0
    assert (speed["event"], len(speed["expectations"])) == ("SpeedMeasured", 4)
    assert speed["words_per_second"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sample:novel"], "sample:counting"),
        (["x.txt", "--encoding", "rot13"], "no encoding"),
        (["x.txt", "--join-lines", "--keep-lines"], "exclude each other"),
    ],
)
def test_inspecting_nonsense_is_one_sentence(arguments: list[str], words: str, capsys: Capture) -> None:
    assert run(["inspect", *arguments]) == 2
    assert words in _sentence(capsys)


def test_the_list_of_conversations_says_how_each_ends(capsys: Capture) -> None:
    services = Services(find_paths())
    conversations, model = services.conversations, services.models()[0]
    session = conversations.create("a title", model.model_id, SamplerSettings(), "inline", "2020-01-02T22:04:05+00:00")
    text = f"{'far ' * 40}out at sea\x1b[31m"
    conversations.add_turn(Turn(0, session.session_id, None, "person", text, (), (), "complete", 0, model.model_id))
    assert run(["sessions"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if session.session_id in line]
    assert "      1  …" in row
    assert row.rstrip().endswith("out at sea [31m")
    assert run(["sessions", "--json"]) == 0
    (kept,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (kept["turns"], kept["title"]) == (1, "a title")
    assert kept["last_words"].endswith("far out at sea [31m")


@pytest.mark.usefixtures("five_hours_ahead")
def test_lists_tell_the_time_of_this_place_and_objects_that_of_the_records(capsys: Capture) -> None:
    services = Services(find_paths())
    model = services.models()[0]
    services.conversations.create("a title", model.model_id, SamplerSettings(), "inline", "2020-01-02T22:04:05+00:00")
    request = TrainRequest(("a.txt",), "a", 1.0, "", {})
    Runs(find_paths().runs).create(request, "2020-01-02T22:04:05+00:00")
    for what, field in ((["sessions", "list"], "updated_at"), (["models"], "made_at"), (["runs"], "started_at")):
        assert run(what) == 0
        read = capsys.readouterr().out
        assert run([*what, "--json"]) == 0
        for kept in map(json.loads, capsys.readouterr().out.splitlines()):
            moment = kept[field]
            assert local_time(moment) in read
            assert moment[:16].replace("T", " ") not in read


def test_nothing_written_is_understood_as_its_parsers_would_understand_it() -> None:
    assert vars(JUST_OPEN) == vars(parse_arguments([]))
