"""The panel beside the conversation: how words are sampled, what may come next, how surprising it was, the memory.

It has two parts, the settings and the inspector: below each other, or on a broad screen two columns side by side. It is
empty in the first paint of the app, and furnished right behind it.
"""

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from rnntui.chat_events import WordLooked, WordSampled
from rnntui.setting_fields import shown_value, word_for
from rnntui.settings import PRESETS, UNCUT, SamplerSettings, preset
from rnntui.text import plural
from rnntui.tui.panel.memory_panel import MemoryPanel
from rnntui.tui.panel.messages import PanelMessage
from rnntui.tui.panel.next_words import NextWords, how_open_after_cuts
from rnntui.tui.panel.presets import Presets
from rnntui.tui.panel.sliders import SamplingFields, Sliders, TemperatureBar
from rnntui.tui.safe import joined, shown, shown_line
from rnntui.tui.widgets.bars import sparkline

_HIGHEST_BITS = 13.0
LAST_WORDS = 100
"""The curve is made of at most so many of the newest words."""
AVERAGED_WORDS = 30


class SidePanel(Vertical):
    """Four sections; a short screen shows the sampler as a summary until it is asked for."""

    is_furnished = False
    """True when there is something in it that can be shown and gone to."""

    class Shown(PanelMessage):
        """The panel can be seen again: by a key, or because there is room for it now."""

    def on_show(self) -> None:
        """What it holds is as old as its hiding."""
        self.post_message(self.Shown())

    async def furnish(self) -> None:
        """Mount headings and sections; until then the panel shows nothing, whatever it is told."""
        await self.mount(
            Vertical(
                Static(_heading("SAMPLING"), classes="heading", id="sampling-heading"),
                TemperatureBar(id="temperature"),
                Static(id="sampler"),
                SamplingFields(id="sampling-fields"),
                Presets(id="presets"),
                Static(id="setting-help"),
                id="sampling",
            ),
            Vertical(
                Vertical(id="box-place"),
                Static(_heading("NEXT WORD"), classes="heading", id="next-heading"),
                NextWords(id="next"),
                Static(_heading("SURPRISE"), classes="heading", id="surprise-heading"),
                Static(id="surprise-curve"),
                Static(_heading("MEMORY"), classes="heading", id="memory-heading"),
                MemoryPanel(id="memory-panel"),
                id="inspector",
            ),
        )
        self.is_furnished = True

    @property
    def box_place(self) -> Vertical | None:
        """Where the alternatives of a word can stand beside the text; None where there is no room but over it."""
        has_room = self.is_furnished and self.display and self.screen.has_class("-broad")
        return self.query_one("#box-place", Vertical) if has_room else None

    def on_sliders_explained(self, message: Sliders.Explained) -> None:
        """What the chosen setting does, where there is room for it."""
        self.query_one("#setting-help", Static).update(shown(message.help))

    def show_sampler(self, sampler: SamplerSettings, pace: float, seed: int) -> None:
        """Show how words are sampled."""
        if not self.is_furnished:
            return
        for sliders in self.query(Sliders):
            sliders.show(sampler, pace, seed)
        self.query_one(Presets).show(next((name for name in PRESETS if _holds(sampler, preset(name))), ""))
        self.query_one("#sampler", Static).update(_summary(sampler))

    def show_word(self, word: WordSampled, before: tuple[float, ...]) -> None:
        """Show what the network had in mind for a word, and the memory after it; `before` is the memory before it."""
        if not self.is_furnished:
            return
        self.query_one(NextWords).show(word)
        self.query_one(MemoryPanel).show(word.memory, before)
        self._head_next("LAST WORD", word.drawable_bits)

    def show_outlook(self, looked: WordLooked | None) -> None:
        """Show what may come next; None for nothing known."""
        if not self.is_furnished:
            return
        self.query_one(NextWords).show(looked)
        self._head_next("NEXT WORD", looked.drawable_bits if looked else None)

    def show_surprise(self, bits: list[float]) -> None:
        """The newest words as a curve."""
        if not self.is_furnished:
            return
        newest = bits[-AVERAGED_WORDS:]
        mean = f"{sum(newest) / len(newest):.1f} bits" if newest else ""
        of_words = f"last {plural(len(newest), 'word')}: {mean}"
        texts = (f"{of_words} a word", of_words, f"last {len(newest)}: {mean}") if newest else ("",)
        self._head("surprise", "SURPRISE", *texts)
        curve = self.query_one("#surprise-curve", Static)
        content = shown_line(sparkline(bits[-max(10, curve.size.width) :], _HIGHEST_BITS), "$primary")
        curve.update(content, layout=False)

    def show_memory(self, units: tuple[float, ...], size: str) -> None:
        """Show the memory and how large it is."""
        if not self.is_furnished:
            return
        self.query_one(MemoryPanel).show(units)
        texts = (f"{plural(len(units), 'unit')} · {size} in all", f"{size} in all") if units else ("",)
        self._head("memory", "MEMORY", *texts)

    def _head_next(self, words: str, bits: float | None) -> None:
        about = "" if bits is None else how_open_after_cuts(bits, self._room_beside(words))
        self._head("next", words, about)

    def _room_beside(self, words: str) -> int:
        """Cells for what stands beside a heading, known also before the panel was first laid out."""
        return (self.query_one("#next-heading").size.width or 36) - len(words) - 2

    def _head(self, section: str, words: str, *texts: str) -> None:
        """The heading of a section, with the longest of the texts that fits; it is one row high, whatever it says."""
        room = self._room_beside(words)
        beside = next((text for text in texts if len(text) <= room), texts[-1])
        self.query_one(f"#{section}-heading", Static).update(_heading(words, beside), layout=False)

    def compare_with(self, piece: str, units: tuple[float, ...]) -> None:
        """Tell how far the memory has moved since a word."""
        if not self.is_furnished:
            return
        self.query_one(MemoryPanel).compare_with(piece, units)


def _holds(sampler: SamplerSettings, fields: dict[str, float]) -> bool:
    return all(getattr(sampler, name) == value for name, value in fields.items())


def _heading(words: str, beside: str = "") -> Content:
    return joined((words, "bold $foreground-muted"), (f"  {beside}", "$foreground-muted"))


def _summary(sampler: SamplerSettings) -> Content:
    """What a short screen shows of the settings: the rules that are on, how long a reply gets, and the seed."""
    rules = [_named(sampler, name) for name in UNCUT if getattr(sampler, name) != UNCUT[name]]
    lines = [
        " · ".join(rules) or "no word is cut",
        f"{_named(sampler, 'max_words')} · {_named(sampler, 'stop')}",
        f"{_named(sampler, 'loop_penalty')} · {_named(sampler, 'drafts')}",
    ]
    return joined(("\n".join(lines), "$foreground-muted"))


def _named(sampler: SamplerSettings, name: str) -> str:
    """A setting in words, such as "top-p 0.9"."""
    return f"{word_for(SamplerSettings, name)} {shown_value(SamplerSettings, name, getattr(sampler, name))}"
