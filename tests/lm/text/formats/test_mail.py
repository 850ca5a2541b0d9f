"""Mail: what each sender wrote, in whatever form, without what was quoted, signed and attached."""

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.lm.text.chats.mail import read_mail
from rnntui.lm.text.findings import Findings
from rnntui.records import ReadOptions
from tests.effort import examples
from tests.lm.text.formats.test_chats import read
from tests.odd_texts.chats import ANSWER, FORMS_OF_MAIL, HELLO, ORLA, TOMAS, folder, head, letter


def letters(data: bytes, **said: object) -> tuple[str, Findings]:
    findings = Findings()
    reading = ReadOptions(**said)  # type: ignore[arg-type]
    return "".join(read_mail(io.BytesIO(data), "a.mbox", reading, findings)), findings


@pytest.mark.parametrize("form", FORMS_OF_MAIL)
def test_a_letter_gives_what_its_sender_wrote(tmp_path: Path, form: str) -> None:
    for name in ("a.eml", "a.txt", "no-suffix"):
        text, findings = read(tmp_path, name, FORMS_OF_MAIL[form], join_lines=False)
        assert text == HELLO
        assert findings.format == "mail"
        assert [one.name for one in findings.speakers()] == ["Orla Miller"]


def test_what_is_left_out_of_a_letter_is_counted(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "a.eml", FORMS_OF_MAIL["nested"])
    assert findings.left_out == {"attachment": 1, "forwarded mail": 1}
    for form, kind in {"signed": "signature", "outlook": "quoted mail", "list": "mailing list footer"}.items():
        assert read(tmp_path, "a.eml", FORMS_OF_MAIL[form])[1].left_out == {kind: 1}


def test_a_folder_of_letters_names_who_writes_and_leaves_out_what_was_quoted(tmp_path: Path) -> None:
    data = folder(letter(ORLA, HELLO), letter(TOMAS, ANSWER), letter(ORLA, ">From here on: good.\n"))
    text, findings = read(tmp_path, "all.mbox", data, join_lines=False)
    assert text == f"Orla Miller: {HELLO}\n\nTomás: I'll be late.\n\nSee you!\n\nOrla Miller: From here on: good."
    assert findings.left_out == {"quoted mail": 1, "signature": 1}
    assert read(tmp_path, "all.mbox", data, speakers=("Tomás",))[0] == "I'll be late.\n\nSee you!"


def test_only_a_line_after_an_empty_one_begins_a_letter() -> None:
    body = "One.\nFrom Monday at 10:15 on it rained.\nTwo."
    assert letters(folder(letter(ORLA, body)))[0].strip() == body


def test_a_letter_without_words_of_its_own_is_counted() -> None:
    text, findings = letters(folder(letter(ORLA, "> old\n> words\n"), letter(ORLA, ""), letter(ORLA, "New.")))
    assert text.strip() == "New."
    assert findings.left_out["empty letter"] == 2


def test_a_folder_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    data = folder(*(letter(ORLA, f"This is letter {at} of many.") for at in range(50)))
    for share in (0.2, 0.5, 0.99):
        text, _ = letters(data[: int(len(data) * share)])
        assert text.count("of many.") >= int(50 * share) - 1


HOSTILE = {
    "a line without an end": letter(ORLA, b"x" * 3_000_000),
    "heads without an end": head(ORLA).encode() * 5_000,
    "a head of folds": b"From: a\nSubject: x\n" + b" y\n" * 100_000,
    "parts inside of parts": b"".join(
        f"Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n".encode() for at in range(3_000)
    ),
    "boundaries": letter(ORLA, b"--b\n" * 100_000, Content_Type="multipart/mixed; boundary=b"),
    "broken base64": letter(ORLA, b"A=B" * 1_001, Content_Transfer_Encoding="base64"),
    "an odd charset": letter(ORLA, b"xn--" * 9_999, Content_Type="text/plain; charset=idna"),
    "a charset of bytes": letter(ORLA, b"00ff", Content_Type="text/plain; charset=hex"),
    "an odd sender": letter("=?utf-8?b?!!!?= =?x?q?=ZZ?= <<<>>>,,,((((", "Words."),
    "addresses": letter("(" * 20_000 + '"' * 2_000 + "@" * 9_000, "Words."),
    "separators": b"From a 10:15\n\n" * 30_000,
    "quotes": letter(ORLA, b"> \n\n" * 50_000),
    "zeros": letter(ORLA, b"\0" * 99_999),
    "markup": letter(ORLA, b"<div>" * 100_000, Content_Type="text/html"),
    "parameters": letter(ORLA, "Words.", Content_Type="text/plain; " + "a*0=b; " * 3_000 + "charset*=x''%ZZ"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_mail_ends(kind: str) -> None:
    for data in (HOSTILE[kind], folder(HOSTILE[kind])):
        text, _ = letters(data)
        assert len(text) <= 2 * len(data) + 1_000


PIECES = (
    *(b"From a 10:15\n", b"\n", b"From: \xff@b\n", b"Content-Type: multipart/x; boundary=b\n", b"--b\n", b"--b--\n"),
    *(b"x ", b"Content-Transfer-Encoding: base64\n", b"> q\n", b"Content-Type: text/html; charset=q\n", b"\xe2=\r\n"),
    *(b"-- \n", b"On Sunday a wrote:\n"),
)


@settings(max_examples=examples(60), deadline=None)
@given(data=st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_mail_is_read_or_refused(data: list[bytes]) -> None:
    with contextlib.suppress(CorpusError):
        letters(b"".join(data))


def test_of_a_letter_without_an_end_only_the_first_megabytes_are_read_and_the_rest_is_counted() -> None:
    text, findings = letters(letter(ORLA, "A line of words.\n" * 300_000))
    assert 4_000_000 < len(text) < 5_000_000
    assert findings.left_out == {"rest of a letter of more than 4 MB": 1}


def test_a_letter_of_very_many_parts_is_not_read_to_its_last_part() -> None:
    part = "--b\nContent-Type: text/plain\n\nWords.\n"
    text, findings = letters(f"{head(ORLA)}Content-Type: multipart/mixed; boundary=b\n\n{part * 8_000}".encode())
    assert 1_000 < text.count("Words.") < 5_000
    assert findings.left_out == {"rest of a letter of more than 4 MB": 1}
