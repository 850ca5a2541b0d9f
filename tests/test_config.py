"""The configuration file: whatever stands there ends in settings or in one sentence, soon."""

import os
from pathlib import Path

import pytest

from rnntui.config import load_config
from rnntui.errors import InputError

HOSTILE = {
    "nested deeply": (b"x = " + b"[" * 20_000 + b"]" * 20_000, "nested too deeply"),
    "ten thousand digits": (b"[sampler]\nseed = " + b"9" * 10_000, "not valid TOML"),
    "five thousand digits in hexadecimal": (b"[sampler]\nseed = 0x" + b"f" * 5_000, "thousands of digits"),
    "twenty thousand dots": (b".".join([b"a"] * 20_000) + b" = 1", "too many dots"),
    "UTF-16": ("[sampler]\nseed = 1".encode("utf-16"), "not UTF-8"),
    "NUL": (b"\0" * 100, "not valid TOML"),
    "an unknown section": (b"[samplers]\nseed = 1", '"samplers"'),
    "a table for a number": (b"[sampler]\nseed = {a = 1}", "a dict"),
    "a date for a number": (b"[sampler]\nseed = 1979-05-27", "a date"),
    "a number for a key": (b"[keys]\nundo = 1", "must name a key"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_content_is_one_sentence_that_names_the_file(kind: str, tmp_path: Path) -> None:
    content, words = HOSTILE[kind]
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=words) as problem:
        load_config(file, {})
    assert "config.toml" in problem.value.sentence
    assert problem.value.sentence.isprintable()
    assert problem.value.next_step.endswith(".")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(InputError, match="a pipe or a device"):
        load_config(tmp_path / "config.toml", {})


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "config.toml").open("wb") as file:
        file.truncate(8 << 30)
    with pytest.raises(InputError, match="larger than"):
        load_config(tmp_path / "config.toml", {})


def test_a_byte_order_mark_and_lines_of_windows_are_fine(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[sampler]\r\ntemperature = 0.5\r\n")
    assert load_config(tmp_path / "config.toml", {}).sampler.temperature == 0.5


def test_the_null_device_says_that_there_is_none() -> None:
    assert load_config(Path(os.devnull), {}) == load_config(Path("/no/such/file"), {})


def test_a_wrong_value_in_the_environment_names_its_variable() -> None:
    with pytest.raises(InputError, match="RNNTUI_TEMPERATURE"):
        load_config(Path("/no/such/file"), {"RNNTUI_TEMPERATURE": "²"})
