"""What the footer calls a key of the chat screen just now; what cannot be done now is not in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from rnntui.tui.action import Action
from rnntui.tui.footer.hints import Hint
from rnntui.tui.slash_commands import is_command

if TYPE_CHECKING:
    from rnntui.tui.chat.parts import ChatParts


class Caption(NamedTuple):
    """How an entry of the footer stands there."""

    label: str
    is_first: bool = False
    """Before everything else."""
    is_of_focus: bool = False
    """Among the keys of what has the focus, wherever it is heard."""


@runtime_checkable
class HasCaptions(Protocol):
    """A screen that knows which keys mean something now."""

    def caption(self, entry: Action | Hint) -> Caption | None:
        """What an entry is called; None leaves it out."""


def own_caption(entry: Action | Hint) -> Caption:
    """What an entry is called where nothing else is known of it."""
    return Caption(entry.label if isinstance(entry, Hint) else entry.footer_label or entry.label)


@dataclass(frozen=True)
class ChatCaptions:
    """The keys of the chat screen."""

    parts: "ChatParts"

    def caption(self, entry: Action | Hint) -> Caption | None:
        """What an entry is called; None leaves it out."""
        if isinstance(entry, Hint):
            return self._of_hint(entry)
        if entry.where == "prompt":
            return self._of_prompt(entry)
        if entry.where == "transcript" and not self.parts.words.has_place:
            return None
        match entry.id:
            case "stop" | "leave-words" if self.parts.frames.worker.can_stop:
                return Caption("Stop", is_first=True)
            case "stop":
                return self._of_escape()
            case "leave-words" | "close-alternatives":
                return Caption("")
            case "inspect" | "retry" | "undo" | "redo":
                return own_caption(entry) if self._is_possible(entry.id) else None
            case "open-word" if self.parts.origin.is_at_marked:
                return Caption("Where from")
            case "find" if self.parts.finder.has_focus:
                return Caption("In all conversations", is_of_focus=True)
            case _:
                return own_caption(entry)

    def _of_hint(self, hint: Hint) -> Caption | None:
        if hint.where == "prompt":
            return own_caption(hint) if self.parts.stage.prompt.commands.is_open else None
        is_searching = hint.where == "alternatives" and self.parts.stage.alternatives.typed
        return None if is_searching and hint.press == "u" else own_caption(hint)

    def _of_prompt(self, entry: Action) -> Caption | None:
        prompt, is_writing = self.parts.stage.prompt, self.parts.frames.worker.can_stop
        if prompt.commands.is_open and entry.id in {"accept", "clear-prompt"}:
            return None
        match entry.id:
            case "send" if not prompt.text:
                return None if is_writing else Caption("Go on")
            case "send" if is_command(prompt.text) or prompt.commands.is_open:
                return Caption("Run")
            case "send":
                return Caption("Replace it" if self.parts.composer.edited_turn else "Send")
            case "accept":
                return own_caption(entry) if prompt.suggestion else None
            case _:
                return own_caption(entry) if prompt.text else None

    def _of_escape(self) -> Caption | None:
        """What Esc leaves where nothing is written."""
        if self.parts.finder.has_focus or self.parts.stage.prompt.commands.is_open:
            return Caption("Close", is_of_focus=True)
        if self.parts.stage.side.has_focus_within:
            return Caption("Back", is_of_focus=True)
        if self.parts.composer.edited_turn:
            return Caption("Leave it", is_of_focus=True)
        return None

    def _is_possible(self, name: str) -> bool:
        parts, chat = self.parts, self.parts.stage.chat
        if chat is None:
            return False
        match name:
            case "inspect":
                return not parts.words.has_place and not parts.transcript.content.is_blank
            case "retry":
                return not parts.frames.worker.can_stop and any(turn.role == "network" for turn in parts.stage.turns)
            case "undo":
                return chat.facts.can_undo or parts.frames.worker.can_stop
            case _:
                return chat.facts.can_redo
