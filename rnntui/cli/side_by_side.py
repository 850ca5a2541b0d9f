"""`rnntui gen --compare`: two texts beside each other where the terminal is wide enough, else one after the other."""

import contextlib
import io
import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from rnntui.chat_events import ChatEvent, ModelLoaded, SideSaid, SideThinking, Thinking
from rnntui.cli.output import Output, reading_in_words, to_values
from rnntui.cli.process.streams import write_data
from rnntui.events import to_json
from rnntui.records import ModelCard
from rnntui.service.compare.agreement import Agreement, compare_texts, describe_agreement
from rnntui.service.compare.one_prompt import Compared, Side, compare_once
from rnntui.settings import SamplerSettings
from rnntui.text import plural, visible, visible_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from rnntui.service.compare.variants import Variant
    from rnntui.service.services import Services

_LETTERS = ("A", "B")
_LEAST_BESIDE = 72
_MOST = 180
_GLIMPSE_SECONDS = 1 / 15
_REASONS = {"paragraph": "paragraph end", "sentence": "sentence end", "words": "word limit"}


def compare(
    services: "Services", card: ModelCard, prompt: str, settings: SamplerSettings, variant: "Variant", output: Output
) -> None:
    """Write both sides and show them."""
    events = compare_once(services.library, card, prompt, settings, variant, services.config.app.device)
    if output.is_json:
        for event in events:
            _tell_as_object(event, output)
        return
    with contextlib.ExitStack() as stack:
        glimpse = stack.enter_context(_Glimpse()) if sys.stderr.isatty() and sys.stdout.isatty() else None
        for event in events:
            if isinstance(event, ModelLoaded) and event.note:
                output.say(event.note)
            elif isinstance(event, SideSaid) and glimpse:
                glimpse.show(event)
            elif isinstance(event, Compared):
                stack.close()
                for note in dict.fromkeys(reading_in_words(side.reading) for side in event.sides if side.reading.note):
                    output.say(note)
                _show(event, event.sides[0].reading.text.strip(), output)


class _Glimpse:
    """Both texts while they are written; they are gone when it is left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(
            console=Console(file=sys.stderr, no_color=True),
            transient=True,
            auto_refresh=False,
            vertical_overflow="crop",
        )
        self._texts = ["", ""]
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, event: SideSaid) -> None:
        """One more token; the screen is drawn a few times a second."""
        self._texts[event.side] += event.piece
        if time.monotonic() - self._shown_at < _GLIMPSE_SECONDS:
            return
        self._shown_at = time.monotonic()
        found = compare_texts(*self._texts, are_growing=True)
        self._live.update(_grid((self._texts[0], self._texts[1]), found), refresh=True)


def _tell_as_object(event: ChatEvent | Compared, output: Output) -> None:
    if isinstance(event, Compared):
        output.result(to_values(event))
    elif not isinstance(event, Thinking | SideThinking):
        output.result(json.loads(to_json(event)))


def _show(compared: Compared, opening: str, output: Output) -> None:
    found = compare_texts(*(side.text for side in compared.sides))
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if opening:
        output.text(f"{opening} …\n")
    if columns >= _LEAST_BESIDE:
        write_data(_beside(compared.sides, found, min(columns, _MOST)))
    else:
        for letter, side in zip(_LETTERS, compared.sides, strict=True):
            output.text(f"{letter}  {visible_line(side.label)}\n{side.text.strip()}\n{_figures(side)}\n")
    output.say(describe_agreement(found))


def _figures(side: Side) -> str:
    figures = f"{plural(side.words, 'word')} · {side.bits_per_word:.1f} bits a word · {_REASONS[side.reason]}"
    return f"{figures} · {visible_line(side.model, 40)} · seed {side.seed}"


def _beside(sides: tuple[Side, Side], found: Agreement, columns: int) -> str:
    """Two columns of text for a terminal, safe to write: what is alike is dim, the first different word reversed."""
    from rich.console import Console

    page = io.StringIO()
    console = Console(file=page, width=columns, force_terminal=True, color_system="standard", no_color=True)
    console.print(_table(sides, found))
    return page.getvalue()


def _table(sides: tuple[Side, Side], found: Agreement) -> "Table":
    from rich.text import Text

    heads = (f"{letter}  {side.label}" for letter, side in zip(_LETTERS, sides, strict=True))
    table = _grid((sides[0].text, sides[1].text), found, [Text(visible_line(head), "bold") for head in heads])
    table.add_row(*(Text(_figures(side), "dim") for side in sides))
    return table


def _grid(texts: tuple[str, str], found: Agreement, heads: "Sequence[Text]" = ()) -> "Table":
    from rich.table import Table

    table = Table.grid(padding=(0, 3), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    if heads:
        table.add_row(*heads)
    places = found.places or (None, None)
    table.add_row(*(_marked(text, place) for text, place in zip(texts, places, strict=True)))
    return table


def _marked(text: str, place: tuple[int, int] | None) -> "Text":
    from rich.text import Text

    if place is None:
        return Text(visible(text.strip()))
    start, end = place
    parts = (visible(text[:start]).lstrip(), visible(text[start:end]) or " ∎", visible(text[end:]).rstrip())
    return Text.assemble((parts[0], "dim"), (parts[1], "bold reverse"), parts[2])
