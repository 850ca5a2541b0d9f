"""The line of keys at the bottom of a screen or a dialog. A click presses a key; pointed at, it says what it does."""

from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from rnntui.tui.action import Action
from rnntui.tui.actions import action, is_action
from rnntui.tui.footer.captions import Caption, HasCaptions, own_caption
from rnntui.tui.footer.hints import HINTS, Hint
from rnntui.tui.keys import keys_of, short_key_name
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.terminal.textual_internals import bindings_heard

_GAP = "  "
_KEPT = "help"
"""This action stays when all others have left for want of room, and so does the way out of what has the focus."""
_PLACES_INSIDE_OUT = {"chat": 1, "train": 1, "lab": 1, "play": 1, "everywhere": 2}
"""All other places are parts of these."""
_SPARE_FROM = 10
"""Entries from this place on stand behind all others."""
_PRESS = "press"
_HELP = "help"


_ARROWS = frozenset("←→↑↓")


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One entry of the line."""

    keys: tuple[tuple[str, str], ...]
    """Each as it is shown, and what a click presses; "" for nothing."""
    label: str
    help: str
    order: tuple[int, int, int]
    is_enabled: bool = True
    is_kept: bool = False

    @property
    def cells(self) -> int:
        """How wide it is."""
        keys = self.gap.join(shown for shown, _ in self.keys)
        return cell_len(keys) + cell_len(self.label) + bool(self.label)

    @property
    def gap(self) -> str:
        """Between its keys: arrows stand close together, letters and words would read as one."""
        return "" if all(shown in _ARROWS for shown, _ in self.keys) else " "


class KeyLine(Static):
    """Keys in their order; as many as there is room for, and always the one for help."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        width: 100%;
        background: $surface;
        text-wrap: nowrap;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[KeyEntry, ...] = ()
        self._pointed = ""

    @property
    def entries(self) -> tuple[KeyEntry, ...]:
        """What there is room for, in the order in which it stands."""
        return fit(self._entries, self.size.width)

    def on_mount(self) -> None:
        """The focus, or what can be done, may change at any time."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self.call_after_refresh(self._follow, self.screen)

    def on_resize(self) -> None:
        """There is other room."""
        self._show()

    def _follow(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        entries = entries_of(screen)
        if entries != self._entries:
            self._entries = entries
            self._show()

    def _show(self) -> None:
        self.update(self._render_entries(), layout=False)

    def _render_entries(self) -> Content:
        return Content(_GAP).join([self._content_of(entry) for entry in self.entries])

    def _content_of(self, entry: KeyEntry) -> Content:
        dim = "" if entry.is_enabled else " dim"
        is_pointed = bool(self._pointed) and self._pointed in {press for _, press in entry.keys}
        keys = [
            shown_line(shown, f"bold $footer-key-foreground{dim}").stylize(_meta(press, entry.help))
            for shown, press in entry.keys
        ]
        label_style = "underline $foreground" if is_pointed else f"$footer-description-foreground{dim}"
        label = shown_line(entry.label, label_style)
        shown_keys = Content(entry.gap).join(keys)
        content = joined(shown_keys, " ", label) if entry.label else shown_keys
        return content.stylize_before(_meta(entry.keys[-1][1], entry.help))

    # ---- the mouse

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked on."""
        if press := event.style.meta.get(_PRESS):
            self.app.simulate_key(press)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What the pointer is over says what it does."""
        pointed = event.style.meta.get(_PRESS, "")
        if pointed != self._pointed:
            self._pointed = pointed
            self.tooltip = shown_line(event.style.meta[_HELP]) if event.style.meta.get(_HELP) else None
            self._show()

    def on_leave(self) -> None:
        """The pointer is elsewhere."""
        self._pointed = ""
        self._show()


def _meta(press: str, help_text: str) -> Style:
    return Style.from_meta({_PRESS: press, _HELP: help_text})


def entries_of(screen: Screen[object]) -> tuple[KeyEntry, ...]:
    """All entries for what has the focus on this screen, in their order, keys with one place together."""
    active = {bound.binding.id: bound for bound in bindings_heard(screen) if is_action(bound.binding.id)}
    own = [action(name) for name in active if name]
    places = {entry.where for entry in own}
    hints = [hint for hint in HINTS if hint.where in places]
    found: dict[tuple[str, int], KeyEntry] = {}
    candidates: list[Action | Hint] = [*own, *hints]
    for entry in candidates:
        caption = screen.caption(entry) if isinstance(screen, HasCaptions) else own_caption(entry)
        if caption is None or not entry.footer:
            continue
        made = _of_action(screen, entry, active[entry.id], caption) if isinstance(entry, Action) else _of_hint(entry)
        before = found.get((entry.where, entry.footer))
        found[entry.where, entry.footer] = _together(before, made) if before else made
    return tuple(sorted(found.values(), key=lambda entry: entry.order))


def _of_action(screen: Screen[object], entry: Action, bound: ActiveBinding, caption: Caption) -> KeyEntry:
    key = keys_of(screen.app, entry.id)[0]
    tier, place, footer = _order(entry.where, entry.footer, caption)
    is_renamed = bound.binding.description != entry.label
    return KeyEntry(
        ((short_key_name(key), key),),
        bound.binding.description if is_renamed else caption.label,
        entry.help,
        (tier, place, footer),
        bound.enabled,
        entry.id == _KEPT or (key == "escape" and place == 0),
    )


def _of_hint(hint: Hint) -> KeyEntry:
    return KeyEntry(((hint.keys, hint.press),), hint.label, "", _order(hint.where, hint.footer, own_caption(hint)))


def _order(where: str, footer: int, caption: Caption) -> tuple[int, int, int]:
    if caption.is_of_focus:
        return 0, 0, footer
    return (-1 if caption.is_first else footer // _SPARE_FROM), _PLACES_INSIDE_OUT.get(where, 0), footer


def _together(one: KeyEntry, other: KeyEntry) -> KeyEntry:
    return replace(one, keys=(*one.keys, *other.keys))


def fit(entries: tuple[KeyEntry, ...], cells: int) -> tuple[KeyEntry, ...]:
    """The first entries for which there is room, and the one that is kept in any case."""
    gap = len(_GAP)
    kept = [entry for entry in entries if entry.is_kept]
    room = cells + gap - sum(entry.cells + gap for entry in kept)
    chosen = set(kept)
    for entry in (entry for entry in entries if not entry.is_kept):
        room -= entry.cells + gap
        if room < 0:
            break
        chosen.add(entry)
    return tuple(entry for entry in entries if entry in chosen)
