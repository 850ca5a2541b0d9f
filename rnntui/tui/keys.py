"""The keys of the actions as they are in this app, a person's own ones included, for the sentences that name them."""

import re
from typing import Any

from textual import events
from textual.app import App
from textual.widget import Widget

from rnntui.tui.actions import action
from rnntui.tui.terminal.textual_internals import bindings_of, own_keys

_NAMED = re.compile(r"\{([a-z-]+)\}")
_SIGNS = {
    "escape": "Esc", "enter": "Enter", "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←",
    "right": "→", "space": "Space", "tab": "Tab",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as it stands in a sentence: "F8", "ctrl+r", "alt+←"; the first one where several are given."""
    *held, last = key.split(",")[0].split("+")
    if last in _SIGNS:
        last = _SIGNS[last]
    elif len(last) > 1 and last[0] == "f" and last[1:].isdigit():
        last = last.upper()
    return "+".join([*held, last])


def keys_of(app: App[Any], action_id: str) -> tuple[str, ...]:
    """All keys of an action by their long names; empty when it has none."""
    own = own_keys(app).get(action_id)
    return tuple(own.split(",")) if own else action(action_id).keys


def short_key_name(key: str) -> str:
    """A key as it stands in the footer: "F8", "^R", "alt+w"."""
    *held, last = key_name(key).split("+")
    if held == ["ctrl"]:
        return f"^{last.upper() if len(last) == 1 else last}"
    return "+".join([*held, last])


def key_of(app: App[Any], action_id: str) -> str:
    """What to press for an action, as it stands in a sentence: its first key, else its slash word."""
    keys = keys_of(app, action_id)
    return key_name(keys[0]) if keys else f"/{action(action_id).slash}"


def with_keys(app: App[Any], sentence: str) -> str:
    """A sentence of ours with the keys of the actions it names in braces, such as "{undo} undoes"."""
    return _NAMED.sub(lambda found: key_of(app, found.group(1)), sentence)


def is_letter(event: events.Key) -> bool:
    """True for what is simply written; with Alt held Textual tells the letter, too."""
    return event.is_printable and "+" not in event.key


def is_held_letter(event: events.Key) -> bool:
    """True for a letter with Alt held: it is a key, and nothing to write."""
    return event.is_printable and event.key.startswith("alt+")


async def run_own_binding(widget: Widget, event: events.Key) -> bool:
    """Carry out what a widget itself binds to a key; False when it binds nothing to it.

    Called where the widget takes letters, it keeps the order in which keys were pressed. Textual's own way is longer
    than that of a letter: of keys that wait, Backspace would come after the letters that were typed behind it.
    """
    for binding in bindings_of(widget, event.key):
        if not binding.priority and await widget.app.run_action(binding.action, widget):
            event.stop()
            event.prevent_default()
            return True
    return False
