"""The report: what a run leaves, what it says in words, and pages that no text can break out of."""

import dataclasses
import html.parser
import math
import re
from pathlib import Path

import pytest

from rnntui.events import BaselinesMeasured, Evaluated, RunStarted, SampleDrawn, StepLogged, TrainEvent
from rnntui.figures import Bars, Chart, Note, Series, Table
from rnntui.records import Beginning, Metrics, ModelCard, RunReport, RunSample, Source
from rnntui.service.export.advice import advice, first_advice
from rnntui.service.export.report import build_report, figures_of, sentences
from rnntui.service.export.report_pages import to_html, to_markdown, to_svg
from rnntui.service.export.text_render import plain_text, render_all
from rnntui.service.run.run_view import WITHOUT_NETWORK, fold_all
from rnntui.service.services import Services
from tests.small_models import small_model
from tests.small_world import world_request

BASELINES = {"uniform": 4.2, "word frequency": 2.4, "last word only": 1.9, "counting, 5 words": 1.7}
FALLING = tuple((float(at), 3.0 - 0.1 * at) for at in range(11))
FLAT = tuple((float(at), 1.6) for at in range(11))
HOSTILE = '</script><img src=x onerror=alert(1)> [x](javascript:y) \x1b]0;z\x07 | `q` & "r"'


def card(bits: float = 1.6, **changes: object) -> ModelCard:
    figures = Metrics(bits, 90.0, 6_000, 30_000, 0.02, BASELINES, 1.5)
    plain = dataclasses.replace(small_model()[0], figures=figures, training_words=500_000, passes=5.0, minutes=5.0)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def report(seen: float = 1.55, held_out: tuple[tuple[float, ...], ...] = FLAT, reason: str = "budget") -> RunReport:
    samples = (RunSample(7, "It was", " the the the"), RunSample(900, "It was", " a dark night."))
    plain = RunReport(seen, FALLING, held_out, samples, reason, 300.0, 9_000.0, 2, ("a.txt: It was wet.",))
    return dataclasses.replace(plain, easier_share=0.001)


def easier(seen: float, share: float) -> RunReport:
    """Of a text whose beginning is easier than its end for anyone."""
    return dataclasses.replace(report(seen), easier_share=share)


def from_starter(held_out: tuple[tuple[float, ...], ...] = FLAT) -> RunReport:
    begun = Beginning("starter", True, 1.744, 1.951)
    return dataclasses.replace(report(held_out=held_out), base_name="starter", beginning=begun)


def spelling(entries: int) -> ModelCard:
    """A fifth of the held-out words had to be spelled; the vocabulary may have 500 entries."""
    return card(figures=dataclasses.replace(card().figures, spelled_share=0.2), vocabulary_size=entries)


def no_task() -> ModelCard:
    """Of a text of one line again and again."""
    return card(figures=Metrics(0.003, 1.0, 6_000, 30_000, 0.0, {"counting, 5 words": 0.0001}, 0.002))


# ---- what is kept


def test_the_report_of_a_run_holds_its_curves_samples_and_last_measurement() -> None:
    steps: list[TrainEvent] = [
        StepLogged(at, 1, float(at), 1.0, 9.0, 1.0, math.nan if at == 5 else 2.0, 0.1, 0.1, 1.0, at / 500)
        for at in range(500)
    ]
    started = RunStarted("x", 1, 1, 1, "gru", 8, 1, 1, 60.0, 2, 1, ("Wet.",))
    looks: list[TrainEvent] = [Evaluated(9, 9.0, 1.0, 1.9, 9.0, True, False), SampleDrawn(9, "It", " was.")]
    final = Evaluated(9, 500.0, 1.0, 1.8, 9.0, True, True, 1.7, 1.6, 0.04)
    compared = BaselinesMeasured({}, 0.3)
    made = build_report(fold_all([compared, started, *steps, *looks, final]), "budget", 1_234.0)
    assert (made.seen_bits_per_character, made.easier_share, made.held_out_seen_share) == (1.6, 0.04, 0.3)
    assert made.held_out_curve == ((9.0, 1.9),)
    assert made.samples == (RunSample(9, "It", " was.", 9.0, 1.9, 2.0, 0.1, 1, 1.0),)
    assert (made.threads, made.budget_seconds, made.notes) == (2, 60.0, ("Wet.",))
    assert 100 < len(made.training_curve) <= 160
    assert made.training_curve[-1][0] == 499.0
    assert {bits for _, bits in made.training_curve} == {2.0}


def test_a_trained_model_keeps_its_report_and_a_renamed_one_does_too(services: Services, tmp_path: Path) -> None:
    list(services.training.run_here(world_request(tmp_path)))
    model = services.find_model("world")
    kept = services.library.report(model.model_id)
    assert kept is not None
    assert kept.reason == "budget"
    assert kept.training_curve
    assert 0 < kept.seen_bits_per_character < 4
    services.library.rename(model.model_id, "globe")
    assert services.library.report(model.model_id) == kept
    (services.paths.models / model.model_id / "report.json").write_bytes(b"{")
    assert services.library.report(model.model_id) is None
    assert services.library.read(model.model_id)


# ---- what it says


@pytest.mark.parametrize(
    ("model", "kept", "said"),
    [
        (card(1.6), report(), "5.9 % better than counting"),
        (card(1.8), report(), "5.9 % worse than counting"),
        (card(1.6), report(), "15.8 % better than last word only"),
        (card(1.6), report(1.2), "knows passages by heart"),
        (card(1.6), report(1.55), "3 % less than on held-out text: it learns the language"),
        (card(1.6), report(1.7), "needs 1.700, no less than on held-out text: it learns the language"),
        (card(1.6), report(), "it reaches 1.500"),
        (card(1.6), easier(1.3, 0.1), "19 % less than on held-out text, of which 10 % would be less for anyone"),
        (card(1.6), easier(1.3, 0.1), "the vocabulary: it learns the language"),
        (card(1.6), easier(1.3, -0.1), "19 % less than on held-out text: it knows passages by heart"),
        (card(1.6), easier(1.3, 0.0), "19 % less than on held-out text: it learns the language"),
        (card(4.0), report(), "The network needs 2.4 times as much as counting, 5 words (1.700)"),
        (card(1.4), report(), "needs 1.500: no gain over the network alone (1.400)"),
        (no_task(), report(), "The text is no task: counting, 5 words needs 0.000 bits per character"),
        (card(1.6), dataclasses.replace(report(), held_out_seen_share=0.4), "40 % of the held-out text stands word"),
        (card(1.6, minutes=2.0), from_starter(), "done before its minutes: on top of a model a text is learned by"),
        (
            card(1.6),
            from_starter(),
            "began from the starter, which read this text at 1.74 bits per character; counting",
        ),
    ],
)
def test_figures_are_said_in_words(model: ModelCard, kept: RunReport, said: str) -> None:
    assert said in " ".join(sentences(model, kept))


def test_the_best_possible_is_said_where_it_is_known() -> None:
    figures = dataclasses.replace(card().figures, baselines={**BASELINES, "best possible": 1.28})
    assert "needs 1.280; the network needs 25.0 % more" in " ".join(sentences(card(figures=figures), None))
    figures = dataclasses.replace(card().figures, baselines={**BASELINES, "best possible": 1.58})
    (only,) = advice(card(figures=figures), report())
    assert only.startswith("Nothing")


def test_what_all_but_the_network_need_is_said_and_drawn_where_it_was_measured() -> None:
    assert "without the network" not in " ".join(sentences(card(), None))
    figures = dataclasses.replace(card().figures, baselines={**BASELINES, WITHOUT_NETWORK: 1.58})
    said = " ".join(sentences(card(figures=figures), None))
    assert "that is how it speaks. Those two alone, without the network, need 1.580." in said
    (bars,) = (figure for figure in figures_of(card(figures=figures), None) if isinstance(figure, Bars))
    assert (WITHOUT_NETWORK, "1.580") in [(bar.label, bar.shown) for bar in bars.bars]


@pytest.mark.parametrize(
    ("model", "kept", "tip", "not_said"),
    [
        (card(passes=20.0), report(1.2), "More text", "More time"),
        (card(), report(1.2, FALLING), "More time", "more minutes will not help"),
        (card(passes=0.7), report(), "read the text only 0.7 times", "Go on"),
        (card(training_words=9_000, passes=40.0), report(), "9,000 words more", "More time"),
        (card(passes=40.0), report(1.6, reason="stopped"), "Go on", "More"),
        (card(), report(1.2, reason="stopped"), "more minutes will not help", "Go on"),
        (card(1.75, counts_sha256="0" * 64), report(), "worse than counting", "Go on"),
        (card(1.75, counts_sha256=""), report(reason="stopped"), "Go on", "with counting"),
        (card(figures=Metrics(1.9)), None, "--resume", "with counting"),
        (spelling(500), None, "--vocabulary: 20.0 %", "Go on"),
        (spelling(499), None, "More text: 20.0 %", "--vocabulary"),
        (card(), easier(1.3, 0.19), "", "by the same author"),
        (card(minutes=2.0), from_starter(FALLING), "", "More time"),
        (card(minutes=4.5, passes=2.0), from_starter(FALLING), "More time", "done before"),
        (card(minutes=4.5), from_starter(), "", "done before"),
    ],
)
def test_what_to_try_next_follows_from_the_figures(
    model: ModelCard, kept: RunReport | None, tip: str, not_said: str
) -> None:
    said = " ".join(advice(model, kept))
    assert tip in said
    assert not_said not in said


@pytest.mark.parametrize(
    ("model", "kept", "first"),
    [
        (
            card(passes=5.0),
            report(),
            "More time: 5 more minutes, about 0.02 bits per character less (10 instead of 5).",
        ),
        (
            card(passes=20.0),
            report(1.1),
            "More text, by the same author or of the same kind: 500,000 words more",
        ),
        (card(command="rnntui train x.txt --from nothing"), report(), "Begin from the starter, if this is English"),
        (card(passes=4.0), from_starter(FALLING), "More time: 5 more minutes"),
        (card(passes=99.0), report(1.6), ""),
    ],
)
def test_the_first_suggestion_is_the_one_that_pays_most_and_says_how_much(
    model: ModelCard, kept: RunReport, first: str
) -> None:
    said = first_advice(model, kept)
    assert said.startswith(first)
    assert bool(said) == bool(first)


def test_a_model_without_a_report_has_a_short_one() -> None:
    kinds = [type(figure) for figure in figures_of(card(), None)]
    assert Bars in kinds
    assert Chart not in kinds
    plain = dataclasses.replace(card(), figures=Metrics())
    assert [type(figure) for figure in figures_of(plain, None)].count(Bars) == 0


def test_the_report_fits_its_columns() -> None:
    for columns in (60, 80, 110):
        lines = [plain_text(line) for line in render_all(figures_of(card(), report()), columns)]
        assert max(map(len, lines)) <= columns
        assert any("this network" in line for line in lines)


# ---- pages


class Reader(html.parser.HTMLParser):
    """Notes every tag and attribute, and that tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in {"meta", "line", "polyline", "circle"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def hostile() -> list[object]:
    return [
        Note(HOSTILE),
        Table(HOSTILE, (HOSTILE, "b"), ((HOSTILE, "1"),)),
        Bars(HOSTILE, ()),
        Chart(HOSTILE, (Series(HOSTILE, "·", ((0.0, 1.0), (1.0, math.nan))),), HOSTILE, "y", 0.0, 1.0),
    ]


def test_no_text_becomes_markup_in_html() -> None:
    page = to_html(HOSTILE, hostile())  # type: ignore[arg-type]
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert not {"script", "img", "a", "iframe", "link"} & set(reader.tags)
    assert not any(name.startswith("on") or name in {"src", "href"} for name in reader.attributes)
    assert "\x1b" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_no_text_becomes_markup_in_markdown() -> None:
    page = to_markdown(HOSTILE, hostile())  # type: ignore[arg-type]
    assert "\x1b" not in page
    outside = re.sub(r"```text.*?```", "", page, flags=re.S)
    assert not re.search(r"(?<!\\)[<\[`]", outside)
    row = next(line for line in page.splitlines() if line.endswith("| 1 |"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


def test_the_chart_in_the_page_has_a_line_for_every_curve() -> None:
    page = to_html("a model", figures_of(card(), report()))
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.tags.count("svg") == 1
    assert reader.tags.count("polyline") == 3
    assert "counting, 5 words" in page
    assert "<h2>Bits per character on held-out text; less is better</h2>" in page


def test_points_of_the_chart_lie_inside_the_picture() -> None:
    chart = Chart("x", (Series("a", "·", ((0.0, 5.0), (10.0, -5.0), (20.0, 0.5))),), "s", "b", 0.0, 1.0)
    (points,) = re.findall(r'points="([^"]*)"', to_svg(chart))
    places = [tuple(map(float, place.split(","))) for place in points.split()]
    assert len(places) == 3
    assert all(0 <= x <= 760 and 0 <= y <= 300 for x, y in places)


def test_samples_stand_below_each_other_with_their_moment_and_quality() -> None:
    samples = (
        RunSample(7, "It was", " the the", 6.0, 2.5),
        RunSample(900, "It was", " a dark night.", 66.0, 1.75),
    )
    told = dataclasses.replace(report(), samples=samples)
    table = next(shown for shown in figures_of(card(), told) if isinstance(shown, Table) and "wrote" in shown.title)
    assert table.title == 'What it wrote after "It was", with the same dice'
    assert table.rows == (("0:06", "2.500", "the the"), ("1:06", "1.750", "a dark night."))


def facts(figure: object) -> dict[str, str]:
    assert isinstance(figure, Table)
    return {row[0]: row[1] for row in figure.rows}


def test_of_many_texts_the_largest_are_named_and_all_licences() -> None:
    books = [
        Source(f"{at}.txt", f"{at:064}", 1_000 + at, "utf-8", f"Book {at}", "A. Writer", "", "public domain")
        for at in range(30)
    ]
    told = facts(figures_of(card(sources=tuple(books)), report())[0])
    assert told["text"].startswith("30 texts, 30,435 characters: Book 29 by A. Writer, Book 28 by A. Writer, ")
    assert told["text"].endswith(" and 22 more")
    assert told["licence"].startswith("public domain (30 texts); ")
    few = facts(figures_of(card(sources=(books[0], Source("own.txt", "", 9, "utf-8"))), report())[0])
    assert few["text"] == "Book 0 by A. Writer (1,000 characters), own.txt (9 characters)"
    assert "licence" not in facts(figures_of(card(), report())[0])


def test_what_a_models_files_take_is_told_where_it_is_known() -> None:
    sizes = {"weights.safetensors": 9_100_000, "counts.safetensors": 13_000_000, "vocabulary.json": 300_000}
    told = facts(figures_of(card(weight_kind="int8"), report(), sizes)[0])
    assert told["size"] == "22.4 MB: weights 9.1 (a byte a number), counts 13.0, vocabulary 0.3"
    assert "size" not in facts(figures_of(card(), report())[0])
