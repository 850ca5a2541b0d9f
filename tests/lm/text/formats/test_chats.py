"""Chats, mail, records and tables: what was said comes out, the rest is counted, and whose words can be chosen."""

import contextlib
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.lm.progress import run_to_end
from rnntui.lm.text.chats import json_stream
from rnntui.lm.text.chats.chat_logs import read_chat_log
from rnntui.lm.text.chats.records import read_json
from rnntui.lm.text.chats.transcripts import read_transcript
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.text_source import TextFile, open_texts, read_document
from rnntui.lm.tokens.corpus import CountedText, count_text
from rnntui.records import ReadOptions
from rnntui.service.prepare.facts_in_words import summary_of_all
from tests.effort import examples
from tests.odd_texts.chats import (
    ENTRIES,
    JSON_FILES,
    LINES,
    LOGS,
    LONG_TALK,
    NO_CHATS,
    TALK,
    TEXTS,
    TRANSCRIPT,
    TURNS,
    Odd,
    dumped,
    lines,
)
from tests.odd_texts.reading import read_file

VALUES = st.recursive(
    st.text(max_size=20) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


def read(tmp_path: Path, name: str, data: bytes, **said: object) -> tuple[str, Findings]:
    path = tmp_path / name
    path.write_bytes(data)
    file = TextFile(path, ReadOptions(**said))  # type: ignore[arg-type]
    for _ in file.survey():
        pass
    findings = Findings()
    return "".join(file.parts(findings)), findings


@pytest.mark.parametrize("odd", JSON_FILES, ids=lambda odd: odd.name)
def test_json_in_every_common_shape_gives_its_text(tmp_path: Path, odd: Odd) -> None:
    text, findings = read(tmp_path, odd.name, odd.data)
    assert text == odd.text
    assert findings.format == odd.format
    assert dict(odd.left_out).items() <= findings.left_out.items()
    assert findings.skipped == 0


@pytest.mark.parametrize("odd", JSON_FILES, ids=lambda odd: odd.name)
def test_where_json_is_cut_makes_no_difference(tmp_path: Path, odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it comes in parts of three characters, and when next to nothing may be held as a whole."""
    monkeypatch.setattr(json_stream, "_FIRST_LOOK", 16)
    text = odd.data.decode("utf-8-sig").replace("\r\n", "\n")
    parts = [text[at : at + 3] for at in range(0, len(text), 3)]
    assert "".join(read_json(parts, ReadOptions(), Findings())).strip("\n") == odd.text


def test_a_list_that_is_too_large_to_be_held_is_read_entry_by_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_VALUE", 300)
    monkeypatch.setattr(json_stream, "_FIRST_LOOK", 16)
    for values in (ENTRIES * 9, {"data": {"items": ENTRIES * 9}}, {"a": [[ENTRIES * 9]]}):
        text = "".join(read_json([dumped(values).decode()], ReadOptions(), Findings()))
        assert text.strip() == "\n\n".join(TEXTS * 9)


def test_a_text_that_is_too_long_to_be_held_comes_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_VALUE", 300)
    monkeypatch.setattr(json_stream, "_FIRST_LOOK", 16)
    monkeypatch.setattr(json_stream, "_PIECE", 40)
    story = 'She said: "no" \\ é 🏮\n\n' * 99
    for is_ascii in (True, False):
        data = dumped([{"id": 1, "text": story}, {"id": 2, "text": "End."}], is_ascii=is_ascii).decode()
        findings = Findings()
        assert "".join(read_json([data], ReadOptions(field="text"), findings)) == f"{story}\n\nEnd.\n\n"
        assert findings.skipped == 0


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_read_as_far_as_it_is_whole(tmp_path: Path, share: float) -> None:
    many = [{"id": at, "text": f"The cat saw {at} dogs."} for at in range(500)]
    for name, data in {"a.json": dumped(many, 1), "b.json": dumped({"x": many}), "c.jsonl": lines(*many)}.items():
        text, findings = read(tmp_path, name, data[: int(share * len(data))])
        found = text.split("\n\n")
        assert found == [one["text"] for one in many[: len(found)]]
        assert len(found) >= int(500 * share) - 5
        assert findings.skipped or any("cut off" in note for note in findings.notes())


def test_what_is_broken_is_left_out_and_counted(tmp_path: Path) -> None:
    broken = (b'[{"text": "One."}, {"text": nope}, {"text": "Two."}]', b'{"text": "One."}\n{"text": \n{"text": "Two."}')
    for data in broken:
        text, findings = read(tmp_path, "a.json", data)
        assert text == "One.\n\nTwo."
        assert findings.skipped == 1


HOSTILE = {
    "lists": "[" * 300_000,
    "objects": '{"a":' * 100_000,
    "brackets": "{]" * 20_000,
    "a text without an end": '["' + "x" * 200_000,
    "backslashes": '["' + "\\" * 200_001,
    "a million keys": "{" + ",".join(f'"key{at}": "value {at}"' for at in range(100_000)) + "}",
    "a long key": '{"' + "k" * 100_000 + '": "v w"}',
    "numbers": "[" + "1.5e300," * 100_000 + "1]",
    "a long number": "[" + "9" * 100_000 + "]",
    "nested and open": '[{"a":[' * 50_000,
    "halves of characters": '["\\ud800 a b", "\\udc00 c d"]',
    "zeros": "[\x00\x00\x00]",
    "constants": "[NaN, Infinity, -Infinity, true, null]",
    "telegram of nothing": '{"messages": [{"id": 1, "type": "message", "date": [], "text": {"a": [[[]]]}}]}',
    "tree that bites its tail": '[{"mapping": {"a": {"parent": "a", "message": {}}}, "current_node": "a"}]',
    "wrong kinds": '[{"role": ["a"], "content": 5}, {"from": {}, "value": []}, {"mapping": 3}, {"ts": {}, "type": []}]',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_json_ends(kind: str) -> None:
    findings = Findings()
    text = HOSTILE[kind]
    with contextlib.suppress(CorpusError):
        parts = (text[at : at + 5_000] for at in range(0, len(text), 5_000))
        assert len("".join(read_json(parts, ReadOptions(), findings))) <= 2 * len(text)


@settings(max_examples=examples(80), deadline=None)
@given(parts=st.lists(st.text(alphabet='[]{}",:\\ \nabu09-"{[', max_size=30), max_size=8))
def test_any_json_is_read_or_refused(parts: list[str]) -> None:
    with contextlib.suppress(CorpusError):
        list(read_json(parts, ReadOptions(), Findings()))


@settings(max_examples=examples(60), deadline=None)
@given(value=VALUES, size=st.integers(1, 40))
def test_values_come_out_of_the_stream_as_the_library_reads_them(value: object, size: int) -> None:
    text = json.dumps([value])
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    assert [found[1] for found in json_stream.json_values(parts, Findings()) if found] == [[value]]


# ---- whose words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [odd for odd in JSON_FILES if odd.text == TALK], ids=lambda odd: odd.name)
def test_one_speaker_can_be_kept(tmp_path: Path, odd: Odd) -> None:
    text, findings = read(tmp_path, odd.name, odd.data, speakers=("orla",))
    assert text == f"{TEXTS[0]}\n{TEXTS[2]}"
    assert [(one.name.lower(), one.is_kept) for one in findings.speakers()] == [("tomas", False), ("orla", True)]


def test_a_name_that_nobody_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(dumped([{"speaker": who, "line": text} for who, text in LINES]))
    with pytest.raises(CorpusError, match='Nobody called "Nils"') as problem:
        read_document(path, ReadOptions(speakers=("Nils",)))
    assert '"Tomas"' in problem.value.next_step


# ---- chats saved as plain text ----------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", LOGS, ids=lambda odd: odd.name)
def test_a_chat_saved_as_text_gives_its_messages(tmp_path: Path, odd: Odd) -> None:
    text, findings = read(tmp_path, odd.name, odd.data)
    assert text == odd.text
    assert findings.format == odd.format
    assert dict(odd.left_out).items() <= findings.left_out.items()


@pytest.mark.parametrize("name", NO_CHATS)
def test_what_looks_a_little_like_a_chat_stays_as_it_is(tmp_path: Path, name: str) -> None:
    text, findings = read(tmp_path, name, NO_CHATS[name].encode(), join_lines=False)
    assert findings.format == "plain text"
    assert not findings.spoken_words
    assert text == NO_CHATS[name].rstrip("\n")


def test_a_transcript_stays_as_it_is_and_its_speakers_are_heard(tmp_path: Path) -> None:
    text, findings = read(tmp_path, "interview.txt", TRANSCRIPT.encode())
    assert text == TRANSCRIPT
    assert findings.format == "a transcript"
    assert [(one.name, one.messages) for one in findings.speakers()] == [("ANNA", 6), ("MR. BOND", 6)]
    text, _ = read(tmp_path, "interview.txt", TRANSCRIPT.encode(), speakers=("anna",))
    assert text.split("\n\n") == [said for name, said in TURNS if name == "ANNA"]


@pytest.mark.parametrize("odd", [odd for odd in LOGS if odd.text in {TALK, LONG_TALK}][::5], ids=lambda odd: odd.name)
def test_one_speaker_of_a_saved_chat_can_be_kept(tmp_path: Path, odd: Odd) -> None:
    assert read(tmp_path, odd.name, odd.data, speakers=("orla",))[0] == f"{TEXTS[0]}\n{TEXTS[2]}"


@settings(max_examples=examples(80), deadline=None)
@given(lines=st.lists(st.text(alphabet="[]<>:-/.,* 0123456789PM\tAnna\u200e\u202f\n", max_size=60), max_size=12))
def test_any_lines_are_read_as_a_chat_or_as_they_stand(lines: list[str]) -> None:
    parts = [f"{line}\n" for line in lines]
    assert len("".join(read_chat_log(parts, ReadOptions(), Findings()))) <= 3 * sum(map(len, parts)) + 10
    assert len("".join(read_transcript(parts, ReadOptions(), Findings()))) <= sum(map(len, parts)) + 1


# ---- several files ----------------------------------------------------------------------------------------------

LONG_LINES = tuple(
    (who, f"{said} It was the day number {at} of the long frost.") for at in range(120) for who, said in LINES
)


def counted(tmp_path: Path, files: dict[str, bytes], *speakers: str) -> CountedText:
    texts = []
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        texts.append(TextFile(path, ReadOptions(speakers=speakers)))
    for text in texts:
        for _ in text.survey():
            pass
    return run_to_end(count_text(texts, 0.1))


def test_among_several_files_one_in_which_the_chosen_speaker_is_silent_gives_nothing(tmp_path: Path) -> None:
    said = [{"speaker": who, "line": text} for who, text in LONG_LINES]
    silent = [{"speaker": ("Nils", "Eva")[at % 2], "line": "Nobody asked us."} for at in range(9)]
    found = counted(tmp_path, {"a.json": dumped(silent), "b.json": dumped(said), "c.json": dumped(silent[:8])}, "orla")
    assert found.sources[0].characters == found.sources[2].characters == 0
    assert "ferry" in found.opening
    assert "harbour" not in found.held_out
    with pytest.raises(CorpusError, match='Nobody called "Olga"') as problem:
        counted(tmp_path, {"a.json": dumped(silent), "b.json": dumped(said)}, "orla", "Olga")
    assert '"Nils"' in problem.value.next_step


def test_a_book_among_chats_is_read_as_a_whole_and_says_so(tmp_path: Path) -> None:
    said = [{"speaker": who, "line": text} for who, text in LONG_LINES]
    book = "\n\n".join(f"{text} And the man {at} went on." for at, (_, text) in enumerate(LONG_LINES))
    found = counted(tmp_path, {"a.json": dumped(said), "b.txt": book.encode()}, "Tomas")
    assert any(note.startswith("b.txt: Nothing in it says who speaks") for note in found.notes)
    with pytest.raises(CorpusError, match="says who speaks"):
        counted(tmp_path, {"b.txt": book.encode()}, "Tomas")


def test_an_archive_of_slack_names_its_people(tmp_path: Path) -> None:
    people = [
        {
            "id": f"U0{who.upper()}",
            "team_id": "T1",
            "name": who.lower(),
            "profile": {"real_name": who, "display_name": ""},
        }
        for who in ("Orla", "Tomas")
    ]
    channels = [
        {"id": "C1", "name": "general", "created": 1, "members": [], "topic": {"value": "x"}, "purpose": {"value": ""}}
    ]
    days = {
        f"general/2023-12-{day:02}.json": [
            {
                "type": "message",
                "user": f"U0{who.upper()}",
                "text": f"<@U0TOMAS> {said}",
                "ts": f"{1_700_000_000 + at}.5",
            }
            for at, (who, said) in enumerate(LONG_LINES[40 * day :][:240])
        ]
        for day in range(1, 4)
    }
    path = tmp_path / "Ferry Slack export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in {
            "users.json": people,
            "channels.json": channels,
            **days,
            "integration_logs.json": [],
        }.items():
            archive.writestr(name, json.dumps(value))
    texts, notes = open_texts(path)
    for text in texts:
        for _ in text.survey():
            pass
    found = run_to_end(count_text(texts, 0.1))
    assert found.opening.startswith("Orla: @Tomas Is the ferry late?")
    assert {one.name for text in found.texts for one in text.speakers} == {"Orla", "Tomas"}
    assert [text.name.rpartition("/")[2] for text in texts] == [f"2023-12-{day:02}.json" for day in range(1, 4)]
    assert notes[-1] == (
        "Ferry Slack export.zip: Nobody speaks in channels.json, integration_logs.json, users.json: names are taken "
        "from there, and nothing is learned from it."
    )
    assert dict(summary_of_all(found.texts * 2))["speakers"].startswith(("Orla ", "Tomas "))


def test_what_nobody_said_in_a_chat_of_an_iphone_is_left_out() -> None:
    said = [
        f"[05.04.2023 08:{at:02}:00] {'Ayşe' if at % 2 else 'Mehmet'}: Bugün çarşıya {at}. kez gittim."
        for at in range(30)
    ]
    notice = "[05.04.2023 09:00:00] Grup: \u200eMehmet, Ayşe'yi ekledi"
    text, findings = read_file("_chat.txt", "\n".join([notice, *said, notice]))
    assert {name for name in findings.spoken_words} == {"Ayşe", "Mehmet"}
    assert findings.left_out["system message"] == 2
    assert "ekledi" not in text


def test_how_something_is_said_may_stand_behind_the_name() -> None:
    said = [f"{'FAUST' if at % 2 else 'MEPHISTO (lacht)'}: Das ist der Satz mit der Nummer {at}." for at in range(20)]
    text, findings = read_file("akt.txt", "\n".join(said))
    assert findings.format == "a transcript"
    assert set(findings.spoken_words) == {"FAUST", "MEPHISTO"}
    assert text == "\n".join(said)


def test_posts_of_an_archive_are_read_under_the_name_that_they_have_there() -> None:
    said = [f"The ferry came late for the {at}th time." for at in range(40)]
    posts = json.dumps([{"tweet": {"id": str(at), "full_text": text}} for at, text in enumerate(said)])
    text, findings = read_file("tweets.js", f"window.YTD.tweets.part0 = {posts}")
    assert [line for line in text.split("\n") if line] == said
    assert findings.format != "source code"
