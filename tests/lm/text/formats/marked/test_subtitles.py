"""Of subtitles, what is said is read, one speech a line."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.readers import READERS
from rnntui.records import ReadOptions
from tests.effort import examples
from tests.odd_texts.documents import subtitles
from tests.odd_texts.reading import read_file, read_in_parts

TALK = ["Where were you?", "I was at the mill,\nand then", "at the river.", "- Alone?\n- With Orla.", "Good."]
LINES = ["Where were you?", "I was at the mill, and then at the river.", "Alone?", "With Orla.", "Good."]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_sentence_over_several_cues_is_one_line_and_each_speaker_has_one(end: str, mark: str) -> None:
    text, findings = read_file("film.srt", mark + subtitles(TALK, end))
    assert text.split("\n") == LINES
    assert findings.format == "subtitles"
    assert findings.left_out["timing"] == len(TALK)


@pytest.mark.parametrize("size", [1, 3, 7, 64, 5_000])
def test_where_parts_end_makes_no_difference(size: int) -> None:
    assert read_in_parts(".srt", subtitles(TALK), size)[0].split() == " ".join(LINES).split()


@pytest.mark.parametrize(
    ("cue", "line"),
    [
        ("<i>Quiet!</i>", "Quiet!"),
        ('<font color="#ff0000">Quiet!</font>', "Quiet!"),
        ("{\\an8}{\\i1}Quiet!{\\i0}", "Quiet!"),
        ("Tea &amp; cake.", "Tea & cake."),
        ("[door slams]\nQuiet!", "Quiet!"),
        ("(DOOR SLAMS) Quiet!", "Quiet!"),
        ("(door slams)\nQuiet!", "Quiet!"),
        ("He said (I think) yes.", "He said (I think) yes."),
        ("[a door\nslams far off] Quiet!", "Quiet!"),
        ("♪ Row, row, row your boat. ♪", "Row, row, row your boat."),
        ("JOHN: Quiet!", "Quiet!"),
        ("MAN 2: Quiet!", "Quiet!"),
        ("WOMAN (on the phone): Quiet!", "Quiet!"),
        ("Quiet!<br>Now.", "Quiet! Now."),
        (">> JOHN: Quiet!", "Quiet!"),
        ("- [sighs]\n- Quiet!", "Quiet!"),
        ("At 5:30, 3 < 4 stands there.", "At 5:30, 3 < 4 stands there."),
        ("A line\n\nafter a gap.", "A line after a gap."),
        ("- 1984\n- Oui.", "1984\nOui."),
        ("Ça va ? — Oui.", "Ça va ? — Oui."),
    ],
)
def test_only_what_is_said_stays(cue: str, line: str) -> None:
    text, _ = read_in_parts(".srt", subtitles(["Before.", cue, "After."]), 50)
    assert text == f"Before.\n{line}\nAfter.\n"


def test_a_cue_of_sounds_alone_leaves_no_line() -> None:
    text, findings = read_in_parts(".srt", subtitles(["Before.", "[thunder]", "♪♪", "(sighs)", "After."]), 50)
    assert text == "Before.\nAfter.\n"
    assert findings.left_out["sound"] == 2


def test_dots_where_a_sentence_goes_on_are_left_out() -> None:
    assert (
        read_in_parts(".srt", subtitles(["I only wanted...", "...to see it."]), 50)[0] == "I only wanted to see it.\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r"])
@pytest.mark.parametrize("name", ["a.srt", "a.txt"])
def test_subtitles_are_known_in_any_encoding(name: str, encoding: str) -> None:
    cues = ["Где ты был вчера?", "Я был на мельнице,\nа потом", "у реки с Ольгой."]
    text, findings = read_file(name, subtitles(cues * 20).encode(encoding))
    assert findings.format == "subtitles"
    assert text.startswith("Где ты был вчера?\nЯ был на мельнице, а потом у реки с Ольгой.\n")


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.ass", "a.sub"])
def test_plain_text_with_the_name_of_subtitles_is_plain_text(name: str) -> None:
    text, findings = read_file(name, "It is prose.\n\nIt has no times.\n")
    assert (text, findings.format) == ("It is prose.\n\nIt has no times.", "plain text")


def test_after_a_long_silence_a_line_begins() -> None:
    assert read_in_parts(".srt", subtitles(["I only wanted", "Orla came."], gap=60), 50)[0].count("\n") == 2


def test_who_speaks_is_heard_and_can_be_chosen() -> None:
    cues = ["ANN: I am here.", "BOB: And I", "am there.", "Nobody knows who says that.", "ANN: Good."]
    text, findings = read_file("a.srt", subtitles(cues))
    assert text == "I am here.\nAnd I am there.\nNobody knows who says that.\nGood."
    assert findings.spoken_words == {"ANN": 4, "BOB": 4}
    text, findings = read_file("a.srt", subtitles(cues), ReadOptions(speakers=("bob",)))
    assert text == "And I am there."
    assert findings.silenced == {"ANN"}


def test_a_name_in_small_letters_is_one_when_it_comes_back() -> None:
    cues = ["Ann: Yes.", "Bob: No.", "Ann: Yes.", "Bob: No.", "Ann: So.", "Bob: So.", "One thing: rain."]
    text, findings = read_in_parts(".srt", subtitles(cues), 50)
    assert text.split("\n")[-2] == "One thing: rain."
    assert set(findings.spoken_words) == {"Ann", "Bob"}


def test_captions_that_roll_up_are_read_once() -> None:
    page = (
        "WEBVTT\nKind: captions\nLanguage: en\n\n"
        "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nso<00:00:00.500><c> today</c>\n\n"
        "00:00:02.000 --> 00:00:02.010\nso today\n \n\n"
        "00:00:02.010 --> 00:00:04.000\nso today\nwe<00:00:02.500><c> talk</c>\n\n"
        "00:00:04.000 --> 00:00:04.010\nwe talk\n \n\n"
        "00:00:04.010 --> 00:00:06.000\nwe talk\nof<00:00:05.000><c> mills</c>\n"
    )
    text, findings = read_in_parts(".vtt", page, 40)
    assert text == "so today we talk of mills\n"
    assert findings.left_out["repeated line"] == 4


def test_the_same_word_said_twice_is_kept() -> None:
    assert read_in_parts(".srt", subtitles(["No.", "No."], gap=1), 50)[0] == "No.\nNo.\n"


def test_notes_styles_and_names_of_cues_are_left_out_and_voices_heard() -> None:
    page = (
        "WEBVTT - A title\n\nSTYLE\n::cue { color: red }\n\nNOTE a\nnote\n\nintro\n00:01.000 --> 00:02.000\n"
        "<v Mary Ann>Yes.</v>\n\nNOTE another\n\n00:02.000 --> 00:03.000 line:0\n<v.loud Bob>No.\n"
    )
    text, findings = read_in_parts(".vtt", page, 9)
    assert text == "Yes.\nNo.\n"
    assert findings.spoken_words == {"Mary Ann": 1, "Bob": 1}


ASS = """[Script Info]
Title: not this
[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not this
Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ann,0,0,0,,{\\i1}Well,{\\i0} yes,\\Nof course.
Dialogue: 1,0:00:01.00,0:00:02.00,Default,Ann,0,0,0,,Well, yes,\\Nof course.
Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
Dialogue: 0,0:00:13.00,0:00:14.00,Default,Bob,0,0,0,,Hm.
"""


@pytest.mark.parametrize("name", ["a.ass", "a.ssa", "a.txt", "a"])
def test_styled_subtitles_lose_styles_drawings_and_what_is_drawn_twice(name: str) -> None:
    text, findings = read_file(name, ASS)
    assert text == "Well, yes, of course.\nHm."
    assert findings.left_out["drawing"] == 1
    assert findings.left_out["repeated line"] == 2


@pytest.mark.parametrize(
    ("suffix", "written", "text"),
    [
        (".sub", "{1}{1}23.976\n{10}{25}{y:i}Hello|there.\n{30}{50}- You?\n", "Hello there.\nYou?\n"),
        (".sub", "00:00:01.00,00:00:02.00\nHello[br]there.\n\n00:00:03.00,00:00:04.00\nYou?\n", "Hello there.\nYou?\n"),
        (".sbv", "0:00:01.000,0:00:02.000\nHello\nthere.\n\n0:00:03.000,0:00:04.000\nYou?\n", "Hello there.\nYou?\n"),
        (".lrc", "[ar:Nobody]\n[00:12.00]Hello <00:12.50>there\n\n[00:14.00][00:20.00]You\n", "Hello there\n\nYou\n"),
    ],
)
def test_rarer_kinds(suffix: str, written: str, text: str) -> None:
    for size in (1, 10, 1_000):
        assert read_in_parts(suffix, written, size)[0] == text


def test_chinese_cues_are_put_together_without_a_space() -> None:
    assert read_in_parts(".srt", subtitles(["今天天气\n很好。", "我们走吧。"]), 9)[0] == "今天天气很好。\n我们走吧。\n"


def test_speech_without_full_stops_goes_on_where_a_small_letter_follows() -> None:
    cues = ["so today we look", "at a mill", "Anh đi đâu", "Tôi đi chợ"]
    assert read_in_parts(".srt", subtitles(cues), 9)[0] == "so today we look at a mill\nAnh đi đâu\nTôi đi chợ\n"


def test_advertisements_of_subtitle_sites_are_left_out() -> None:
    text, findings = read_in_parts(".srt", subtitles(["Yes.", "Subtitles by\nwww.OpenSubtitles.org"]), 90)
    assert (text, findings.left_out["advertisement"]) == ("Yes.\n", 1)


@pytest.mark.parametrize("written", ["", "\n\n", "00:00:01,000 --> 00:00:02,000", "1\n2\n3\n", "1\n00:00:01,000 --> "])
def test_files_without_speech_give_nothing(written: str) -> None:
    assert read_in_parts(".srt", written, 5)[0].strip() == ""


@pytest.mark.parametrize(
    "end", ["word ", "word\n", "<i>", "{\\i1}", "[", "(", "♪ ", "- no ", "00:00:01,000 --> 00:00:02,000\n"]
)
def test_what_does_not_end_takes_no_memory(end: str) -> None:
    parts = itertools.chain(["1\n00:00:01,000 --> 00:00:02,000\n"], itertools.repeat(end * 1_000, 100))
    longest = max(map(len, READERS[".srt"].read(parts, ReadOptions(), Findings())))
    assert longest < 1 << 18


@settings(max_examples=examples(60), deadline=None)
@given(st.text(alphabet="\n\r0123:,.->{}<>[]()♪aB \\", max_size=300), st.sampled_from([".srt", ".ass", ".sub", ".lrc"]))
def test_whatever_stands_in_a_file_is_read(written: str, suffix: str) -> None:
    assert read_in_parts(suffix, f"1\n00:00:01,000 --> 00:00:02,000\n{written}", 11)[0] is not None


@pytest.mark.parametrize("written", ["{}:{:02}", "{:02}:{:02}", "[{:02}:{:02}]", "({}:{:02})"])
def test_a_transcript_copied_with_its_times_is_read_without_them(written: str) -> None:
    said = ["so we went down", "to the harbour and", "waited there.", "Nobody came until", "the evening."] * 8
    lines = [f"{written.format(at // 12, at * 5 % 60)}\n{text}" for at, text in enumerate(said)]
    text, findings = read_file("film.txt", "\n".join(lines))
    assert findings.format == "a transcript with times"
    assert text.split("\n")[:2] == [
        "so we went down to the harbour and waited there.",
        "Nobody came until the evening.",
    ]
    assert findings.left_out["timing"] == len(said)


def test_numbered_verses_and_opening_hours_are_no_transcript_with_times() -> None:
    hours = "\n".join(f"{day}\n09:30\n18:00\nWe are there all day long." for day in ("Monday", "Tuesday") * 9)
    verses = "\n".join(f"{at // 20 + 1}:{at % 20 + 1} And it was so, and nobody knew." for at in range(90))
    for written in (hours, verses):
        assert read_file("a.txt", written)[1].format == "plain text"


def test_a_cue_of_tags_without_an_end_gives_signs_of_life_while_it_is_read() -> None:
    source, taken = itertools.repeat("<i>" * 20_000, 100), 0
    parts = itertools.chain(("1\n00:00:01,000 --> 00:00:02,000\n",), source)

    def counted() -> Iterator[str]:
        nonlocal taken
        for part in parts:
            taken += 1
            yield part

    before = most = 0
    for _ in READERS[".srt"].read(counted(), ReadOptions(), Findings()):
        most, before = max(most, taken - before), taken
    assert taken == 101
    assert most < 10
