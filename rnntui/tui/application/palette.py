"""What the palette finds: every action of the table by its title, its key, its help and other programs' words for it.

What is heard only inside a dialog, on another screen or at a word leads there.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual.app import App, SystemCommand
from textual.command import DiscoveryHit, Hit, Hits, Provider

from rnntui.settings import SamplerSettings
from rnntui.tui.action import PLACES, Action
from rnntui.tui.actions import ACTIONS, action, actions_for_palette
from rnntui.tui.keys import key_name, keys_of
from rnntui.tui.slash_commands import PLAIN_SETTING_WORDS, SETTING_WORDS

if TYPE_CHECKING:
    from rnntui.tui.app import RnntuiApp
    from rnntui.tui.application.screen_switcher import ScreenSwitcher

WAYS = {
    "chat": "show-chat",
    "prompt": "show-chat",
    "transcript": "inspect",
    "alternatives": "inspect",
    "train": "show-train",
    "lab": "show-lab",
    "help": "help",
    "models": "models",
    "report": "models",
    "sessions": "sessions",
    "branches": "branches",
    "drafts": "drafts",
    "memories": "memories",
}
"""The action that leads to a place of the table."""
_SHARES = {"title": 1.0, "key": 0.9, "usual": 0.85, "also": 0.8, "help": 0.6}
"""How much a word counts that stands there; "usual" is the first of the other words."""
_INSIDE_WORD = 0.5
"""So much less a match counts that does not begin a word."""


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing that the palette offers."""

    title: str
    help: str
    also: str
    """Other words for it."""
    keys: tuple[str, ...]
    call: Callable[[], None]
    is_near: bool
    """True for what can be done right here; the rest leads elsewhere and is found only by words."""

    @property
    def line(self) -> str:
        """The title with its first key."""
        return f"{self.title} ({key_name(self.keys[0])})" if self.keys else self.title


def match(entry: PaletteEntry, query: str) -> float:
    """How well an entry fits: 1 when its title begins with what is typed, 0 when a word is nowhere in it."""
    usual = entry.also.partition(" ")[0]
    keys = " ".join(entry.keys)
    texts = {"title": entry.title, "key": keys, "usual": usual, "also": entry.also, "help": entry.help}
    words = query.casefold().split()
    shares = [max(share * _fits(word, texts[name].casefold()) for name, share in _SHARES.items()) for word in words]
    if not shares or not min(shares):
        return 0.0
    is_named = entry.title.casefold() == query.casefold().strip()
    return max(0.01, sum(shares) / len(shares) - (not is_named) * 0.02 - (not entry.is_near) * 0.05)


def _fits(word: str, text: str) -> float:
    if word not in text:
        return 0.0
    return 1.0 if any(part.startswith(word) for part in text.replace(":", " ").split()) else _INSIDE_WORD


def palette_entries(app: App[Any], screens: "ScreenSwitcher") -> Iterator[PaletteEntry]:
    """Everything that can be offered now, what can be done right here first.

    Args:
        app: Carries out what works everywhere; its current screen all else, after its dialogs are left.
        screens: Leaves them.
    """
    screen = app.screen_stack[0]

    def runner(entry: Action) -> Callable[[], None]:
        is_of_app = entry.owner == "app"

        def call() -> None:
            if not is_of_app:
                screens.leave_dialogs()
            app.call_later((app if is_of_app else screen).run_action, entry.call.removeprefix("screen."))

        return call

    here = actions_for_palette(app.current_mode)
    for entry in here:
        keys = keys_of(app, entry.id)
        yield PaletteEntry(entry.label, _sentence(entry.help), entry.also, keys, runner(entry), is_near=True)
    for entry in ACTIONS:
        if not entry.in_palette or entry in here or entry.where not in WAYS:
            continue
        way = action(WAYS[entry.where])
        is_reachable = way in here or way.where == "everywhere"
        place = f"{PLACES[entry.where]}: {entry.label}"
        yield PaletteEntry(
            place,
            _sentence(entry.help),
            entry.also,
            keys_of(app, entry.id),
            runner(way if is_reachable else action("show-chat")),
            is_near=False,
        )
    if app.current_mode == "chat":
        yield from _settings(runner)


def _settings(runner: Callable[[Action], Callable[[], None]]) -> Iterator[PaletteEntry]:
    """Each setting of the draw by its name: its command is begun in the prompt."""
    facts = {entry.name: entry.metadata for entry in dataclasses.fields(SamplerSettings)}
    for word in PLAIN_SETTING_WORDS:
        begin = dataclasses.replace(action("keep"), run=f"composer.begin_command('/{word} ')")
        name = SETTING_WORDS[word]
        title = f"Set {word.removesuffix('-rule').replace('-', ' ')}"
        yield PaletteEntry(title, _sentence(str(facts[name]["help"])), f"{word} {name}", (), runner(begin), False)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def palette_commands(app: App[Any], screens: "ScreenSwitcher") -> Iterable[SystemCommand]:
    """The same as Textual asks an app for it: what can be done right here."""
    for entry in palette_entries(app, screens):
        if entry.is_near:
            yield SystemCommand(entry.line, entry.help, entry.call)


class ActionProvider(Provider):
    """What the palette searches in."""

    @property
    def _entries(self) -> Iterator[PaletteEntry]:
        app = cast("RnntuiApp", self.app)
        return palette_entries(app, app.screens)

    async def discover(self) -> Hits:
        """Before anything is typed: what can be done right here, in the order of the table."""
        for entry in self._entries:
            if entry.is_near:
                yield DiscoveryHit(entry.line, entry.call, help=entry.help)

    async def search(self, query: str) -> Hits:
        """What fits all words that were typed."""
        matcher = self.matcher(query)
        for number, entry in enumerate(self._entries):
            if score := match(entry, query):
                score -= number / 100_000  # of two that fit as well, the one that stands first in the table
                yield Hit(score, matcher.highlight(entry.line), entry.call, text=entry.line, help=entry.help)
