"""The one thing in which two sides differ, as a person writes it."""

import dataclasses

import pytest

from rnntui.errors import InputError
from rnntui.service.compare.variants import WORDS, Variant, describe_sides, parse_variant, usual_variant
from rnntui.settings import SamplerSettings, preset


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("temperature=0.5", Variant("temperature", 0.5)),
        ("temp 0.5", Variant("temperature", 0.5)),
        (" Top-K : 40 ", Variant("top_k", 40)),
        ("top_k=40", Variant("top_k", 40)),
        ("repetition penalty=1.2", Variant("repetition_penalty", 1.2)),
        ("repetition penalty 1.2", Variant("repetition_penalty", 1.2)),
        ("loops off", Variant("loop_penalty", 0.0)),
        ("voice alone", Variant("voice", "network")),
        ("stop-rule=words", Variant("stop", "words")),
        ("preset=careful", Variant("style", "careful")),
        ("seed=7", Variant("seed", 7)),
        ("model=war and peace", Variant("model", "war and peace")),
        ("model war: and peace", Variant("model", "war: and peace")),
        ("memory=forgotten", Variant("memory", "forgotten")),
        ("memory", Variant("memory", "forgotten")),
        ("forget", Variant("memory", "forgotten")),
    ],
)
def test_a_difference_is_written_as_flags_panel_and_slash_words_call_it(written: str, meant: Variant) -> None:
    assert parse_variant(written) == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("tempreture=0.5", "Did you mean temperature?"),
        ("tempr=0.5", "Did you mean temperature?"),
        ("", "Choose temperature, top-k"),
        ("=5", "Choose temperature, top-k"),
        ("\x1b[31m=5", "Two sides cannot differ in"),
        ("temperature", "Write --compare temperature=0.5."),
        ("top-k", "Write --compare top-k=40."),
        ("voice=", "Write --compare voice=network."),
        ("model", "Write --compare model=NAME."),
        ("temperature=9", "Give a number from 0 to 2."),
        ("top-k=many", "top-k must be a whole number"),
        ("voice=alto", "together or alone"),
        ("memory=kept", "Write memory=forgotten"),
        ("style=carful", "Did you mean careful?"),
        ("seed=none", "seed must be a whole number"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_with_what_could(written: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_variant(written, "--compare")
    assert said in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_b_samples_as_a_but_for_that_one_thing() -> None:
    as_set = SamplerSettings(temperature=0.8, top_k=10, seed=3)
    assert parse_variant("top-p=0.5").sampler(as_set) == dataclasses.replace(as_set, top_p=0.5)
    assert parse_variant("style=careful").sampler(as_set) == dataclasses.replace(as_set, **preset("careful"))
    assert parse_variant("memory").sampler(as_set) == parse_variant("model=x").sampler(as_set) == as_set


@pytest.mark.parametrize(("temperature", "other"), [(1.0, 0.5), (0.6, 0.1), (0.55, 1.05), (0.0, 0.5)])
def test_usually_b_is_half_a_degree_cooler_or_hotter_where_it_is_cool(temperature: float, other: float) -> None:
    assert usual_variant(SamplerSettings(temperature=temperature)) == Variant("temperature", other)


def test_both_sides_have_a_name_for_everything_that_can_differ() -> None:
    values = {"model": "other", "style": "careful", "memory": "forgotten", "voice": "network", "spelling": "free"}
    values |= {"stop": "words", "loop-length": "9"}
    for word in WORDS:
        variant = parse_variant(f"{word}={values.get(word, '1')}")
        one, other = describe_sides(variant, SamplerSettings(), 5, "mine")
        assert one
        assert other
    assert describe_sides(Variant("temperature", 0.5), SamplerSettings(), 5, "mine") == (
        "temperature 1.00",
        "temperature 0.50",
    )
    assert describe_sides(Variant("model", "a\x1bb"), SamplerSettings(), 5, "mine") == ("model mine", "model a␛b")
