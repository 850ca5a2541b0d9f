"""What every part of the chat screen works with: its widgets, its worker and frames, and its sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from rnntui.tui.chat.chat_status import ChatStatus
from rnntui.tui.chat.work.chat_worker import ChatWorker
from rnntui.tui.chat.work.frame_loop import FrameLoop
from rnntui.tui.messages import ChatSettled
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.transcript.legend import Legend
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.transcript.welcome import Welcome
from rnntui.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from rnntui.records import Turn
    from rnntui.service.chat.chat import Chat


@dataclass(frozen=True)
class Stage:
    """One chat screen, for its parts."""

    frames: FrameLoop
    status: ChatStatus
    prompt: Prompt
    transcript: Transcript
    welcome: Welcome
    legend: Legend
    alternatives: Alternatives
    side: SidePanel

    @property
    def screen(self) -> Screen[Any]:
        """Where the widgets stand."""
        return self.prompt.screen

    @property
    def worker(self) -> ChatWorker:
        """Does what is asked of the conversation."""
        return self.frames.worker

    @property
    def chat(self) -> "Chat | None":
        """The open conversation; None when none could be opened."""
        return self.frames.worker.chat

    @property
    def turns(self) -> "tuple[Turn, ...]":
        """The visible turns of the open conversation."""
        chat = self.chat
        return chat.facts.turns if chat else ()

    def show_welcome(self, is_shown: bool) -> None:
        """The card of the model in place of the transcript, or no longer."""
        self.welcome.display = is_shown
        self.transcript.display = not is_shown

    def show_problem(self, sentence: str) -> None:
        """Show a problem as one sentence, where the conversation is and as a toast."""
        self.transcript.content.close("interrupted")
        self.show_welcome(False)
        self.transcript.content.add_error(sentence)
        self.screen.post_message(ChatSettled())
        self.status.notify(sentence, "error")
