"""Three ways to sample with a name each; a click chooses one."""

from textual import events
from textual.content import Content
from textual.widgets import Static

from rnntui.setting_fields import shown_value, word_for
from rnntui.settings import PRESETS, SamplerSettings
from rnntui.tui.panel.messages import PanelMessage
from rnntui.tui.safe import joined, shown

_GAP = " "


class Presets(Static):
    """The names beside each other; the one that holds now is marked."""

    DEFAULT_CSS = """
    Presets { height: 1; }
    """

    class Picked(PanelMessage):
        """The person wants to sample like this."""

        def __init__(self, name: str) -> None:
            self.name = name
            super().__init__()

    def on_mount(self) -> None:
        """None is marked yet."""
        self.show("")

    def show(self, current: str) -> None:
        """Mark one; empty marks none."""
        parts: list[tuple[str, str]] = []
        for name in PRESETS:
            is_here = name == current
            parts.append(
                (f"{'●' if is_here else '○'} {name}{_GAP}", "bold $text-accent" if is_here else "$foreground-muted")
            )
        content = Content.assemble(*parts)
        self.update(joined(content))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What the name under the mouse sets."""
        name = self._name_at(event.x)
        about = shown(f"{name}: {describe_preset(name)}") if name else None
        if self.tooltip != about:
            self.tooltip = about

    def on_click(self, event: events.Click) -> None:
        """Choose the name under the mouse."""
        if name := self._name_at(event.x):
            self.post_message(self.Picked(name))

    def _name_at(self, x: int) -> str:
        """The name in a cell; empty between two and beyond the last."""
        start = 0
        for name in PRESETS:
            end = start + len(name) + 2 + len(_GAP)
            if start <= x < end - len(_GAP):
                return name
            start = end
        return ""


def describe_preset(name: str) -> str:
    """What a preset sets, in the words of the panel."""
    own = SamplerSettings
    return ", ".join(
        f"{word_for(own, field)} {shown_value(own, field, value)}" for field, value in PRESETS[name].items()
    )
