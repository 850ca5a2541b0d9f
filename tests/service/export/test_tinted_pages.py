"""Conversations as pages and pictures: what they say of each word, and that hostile text stays text."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnntui.errors import InputError
from rnntui.service.export.exporters import export_text, write_conversation
from rnntui.service.export.tinted_pages import to_html, to_svg
from rnntui.service.export.word_facts import ConversationFacts, TurnFacts, WordFacts, find_word_facts
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.tui.helpers import HOSTILE

WORST = (*HOSTILE, "</script><script>alert(1)</script>", "<b onmouseover=x>", '"', "'&amp;", "]]>", "\ufffe", "\uffff")
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
SVG = "{http://www.w3.org/2000/svg}"


class _Elements(HTMLParser):
    """Every element of a page with its attributes, and the text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self._is_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._is_style = tag == "style"

    def handle_data(self, data: str) -> None:
        self.shown += "" if self._is_style else data


def talk(services: Services, *prompts: str) -> None:
    chat = services.new_chat("small")
    chat.set_sampler(replace(chat.sampler, max_words=8, stop="words", seed=3))
    for prompt in prompts:
        assert list(chat.send(prompt))


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314  it was made here


def facts(*words: WordFacts, **changes: object) -> ConversationFacts:
    turn = TurnFacts("network", "", words, "small", "complete", SamplerSettings(seed=5), 4.2)
    return ConversationFacts("a talk", (replace(turn, **changes),), ())  # type: ignore[arg-type]


def test_each_word_has_its_stored_probability_and_what_the_model_expects_at_its_place(services: Services) -> None:
    talk(services, "The cat saw a mouse", "and the")
    (session,) = services.sessions()
    chat = services.open_chat(session_id=session.session_id)
    list(chat.load())
    found = find_word_facts(services, session)
    assert [turn.role for turn in found.turns] == ["person", "network"] * 2
    for turn, stored in zip(found.turns, chat.facts.turns, strict=True):
        assert "".join(word.text for word in turn.words) == stored.text
        whole = sum(word.bits for word in turn.words)
        assert whole == pytest.approx(-sum(stored.logprobs) / math.log(2))
    reply, word = chat.facts.turns[3], found.turns[3].words[2]
    at = [token.piece for token in chat.facts.tokens(reply.turn_id)].index(word.text)
    (looked,) = (event for event in chat.inspection.inspect(reply.turn_id, at) if hasattr(event, "rank"))
    assert word.rank == looked.rank
    assert word.probability == pytest.approx(math.exp(looked.logprob))
    expected = [(entry.piece, pytest.approx(entry.probability)) for entry in looked.alternatives[:5]]
    assert list(word.alternatives) == expected


def test_a_page_and_a_picture_say_of_each_word_what_is_known_of_it(services: Services) -> None:
    talk(services, "The cat saw a mouse")
    (session,) = services.sessions()
    known = find_word_facts(services, session)
    page = _Elements(export_text(services, session, "html"))
    told = [entry["data-facts"] for _, entry in page.found if entry.get("data-facts")]
    picture = parsed(export_text(services, session, "svg"))
    hovered = [element.text for element in picture.iter(f"{SVG}title")]
    words = [word for turn in known.turns for word in turn.words if word.text.strip()]
    assert len(told) == len(hovered) == len(words)
    for word, one, other in zip(words, told, hovered, strict=True):
        assert one is not None
        assert one == other
        assert one.splitlines()[0] == word.text.strip()
        rank = f" · rank {word.rank}" if word.rank else ""  # a word that is spelled has none
        assert one.splitlines()[1].endswith(f"{word.bits:.1f} bits{rank}")
        assert len(one.splitlines()) == 2 + len(word.alternatives)
    assert "small · temperature 1.00 · length 8 words · stop length only · seed 3 · " in page.shown
    assert "The cat saw a mouse" in page.shown


def test_hostile_text_stays_text() -> None:
    words = [WordFacts(f" {text}", 5.0, 3, ((text, 0.5),)) for text in WORST]
    for text in WORST:
        hostile = facts(*words, model=text, text=text)
        hostile = replace(hostile, title=text or "x", missing=(text,))
        page = to_html(hostile)
        elements = _Elements(page)
        allowed = {"html", "head", "meta", "title", "style", "body", "h1", "p", "span"}
        assert {tag for tag, _ in elements.found} == allowed
        names = {name for _, attributes in elements.found for name in attributes}
        assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "data-facts", "tabindex"}
        for drawn in (page, to_svg(hostile)):
            assert not FORBIDDEN.search(drawn)
        tags = {element.tag.removeprefix(SVG) for element in parsed(to_svg(hostile)).iter()}
        assert tags == {"svg", "style", "rect", "text", "g", "title"}


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    page = to_html(facts(WordFacts("so", 1.0)))
    policy = next(entry["content"] for _, entry in _Elements(page).found if entry.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    for drawn in (page, to_svg(facts(WordFacts("so", 1.0)))):
        assert not re.search(r"url\(|@import|<script|href|https?://(?!www\.w3\.org/2000/svg)", drawn)
        assert "prefers-color-scheme: dark" in drawn
    assert "@media print" in page


def test_the_band_of_a_word_is_that_of_the_transcript_and_the_legend_wears_it() -> None:
    page = to_html(facts(*(WordFacts(f" w{band}", bits) for band, bits in enumerate((0.1, 2.0, 5.0, 9.0, 20.0)))))
    assert re.findall(r'class="w s(\d)"[^>]*>w(\d)<', page) == [(str(band), str(band)) for band in range(5)]
    legend = re.search(r'<p class="legend">(.*?)</p>', page)
    assert legend is not None
    assert re.findall(r'class="s(\d)">', legend[1]) == list("01234")


def test_in_a_picture_no_row_is_longer_than_it_is_wide() -> None:
    words = [WordFacts(f" {text}", 3.0) for text in ("word", "中文中文", "x" * 300, "and\tso", "on") * 30]
    picture = parsed(to_svg(facts(*words)))
    width = float(picture.attrib["width"])
    ends = [
        float(entry.attrib["x"]) + float(entry.attrib["textLength"])
        for entry in picture.iter(f"{SVG}text")
        if "textLength" in entry.attrib
    ]
    assert len(ends) > len(words)
    assert max(ends) < width
    lowest = max(float(entry.attrib["y"]) for entry in picture.iter(f"{SVG}text"))
    assert lowest < float(picture.attrib["height"])


def test_one_reply_comes_with_what_it_goes_on_from(services: Services, tmp_path: Path) -> None:
    talk(services, "The cat saw a mouse", "and the")
    (session,) = services.sessions()
    first, second, third, last = services.conversations.branch(session.session_id)
    found = find_word_facts(services, session, last.turn_id)
    assert [turn.text for turn in found.turns] == [third.text, last.text]
    assert found.turns[1] == find_word_facts(services, session).turns[3]
    assert export_text(services, session, "text", reply_id=second.turn_id).strip() == (first.text + second.text).strip()
    services.archive.export_conversation(session.session_id, tmp_path / "reply.htm", second.turn_id)
    page = (tmp_path / "reply.htm").read_text(encoding="utf-8")
    assert "mouse" in page
    assert page.count('class="facts"') == 1
    with pytest.raises(InputError, match="jsonl is for whole conversations"):
        write_conversation(services, session, tmp_path / "reply.jsonl", "jsonl", reply_id=second.turn_id)


def test_without_its_model_a_conversation_is_written_with_what_is_stored(services: Services) -> None:
    talk(services, "The cat saw a mouse")
    (session,) = services.sessions()
    (card,) = (entry for entry in services.models() if entry.name == "small")
    services.library.remove(card.model_id)
    found = find_word_facts(services, session)
    assert found.missing == (card.model_id,)
    assert [turn.words for turn in found.turns] == [(), ()]
    assert found.turns[1].bits_per_word > 0
    page = _Elements(to_html(found))
    assert "The cat saw a mouse" in page.shown
    assert f"the model {card.model_id} is not here" in page.shown
    assert parsed(to_svg(found)) is not None


def test_a_word_chosen_by_hand_is_marked(services: Services) -> None:
    talk(services, "The cat saw a mouse")
    chat = services.open_chat()
    list(chat.load())
    reply = chat.facts.turns[-1]
    list(chat.branch(reply.turn_id, 2, " mouse"))
    (session,) = services.sessions()
    marked = [word.text for turn in find_word_facts(services, session).turns for word in turn.words if word.is_chosen]
    assert marked == [" mouse"]
    assert to_html(find_word_facts(services, session)).count("chosen by hand") == 1
