"""The conversation: what its screen is made of, and which part does what a key, a click or a slash word asks for.

The work itself is the service's; what comes of it is shown by the presenter.
"""

import asyncio
import contextlib
import inspect
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from rnntui.tui.action import Action
from rnntui.tui.actions import bindings_for
from rnntui.tui.chat.parts import ChatParts
from rnntui.tui.footer.captions import Caption, ChatCaptions
from rnntui.tui.footer.hints import Hint
from rnntui.tui.footer.key_line import KeyLine
from rnntui.tui.messages import ChatOpened, LabRequested
from rnntui.tui.origin.messages import OriginProgress
from rnntui.tui.panel.messages import AlternativesMessage, PanelMessage
from rnntui.tui.safe import shown_line
from rnntui.tui.slash_commands import is_command
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.widgets.prompt import Prompt
from rnntui.tui.widgets.slash_list import SlashList

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat
    from rnntui.service.services import Services

_LAB_WORDS = 40
"""So many of the newest words go to the lab; a word further back changes next to nothing."""


class ChatScreen(Screen[None]):
    """Where a person and the network write in turns.

    Args:
        services: What the program can do.
        model: Name or id of the model to open; empty for the last one used.
        session_id: The conversation to open; empty for the last one.
    """

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("chat")
    HELP = (
        "Type a beginning and press {send}: the network reads it into its memory and goes on writing. {stop} stops it "
        "at once. It does not answer questions; it continues text the way its training text did. Everything can be "
        "taken back: {undo} undoes, {inspect} goes from word to word to see what else could have stood there."
    )

    def __init__(self, services: "Services", model: str = "", session_id: str = "") -> None:
        super().__init__()
        self.parts = ChatParts(self, services, self._end_opening)
        self.prompt, self.transcript = self.parts.stage.prompt, self.parts.stage.transcript
        self.worker = self.parts.frames.worker
        self._first = (model, session_id)
        self._was_shown = False

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """Conversation on the left, panel on the right, status and keys below."""
        stage = self.parts.stage
        with Horizontal(id="body"):
            with Vertical(id="conversation"):
                with Vertical(id="stage"):
                    yield stage.transcript
                    yield stage.welcome
                    yield Static(shown_line("↓ new words"), id="pill")
                yield stage.alternatives
                yield stage.legend
                yield stage.prompt.commands
                yield stage.prompt
            yield stage.side
        yield self.parts.status_line
        yield KeyLine()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """What is shown for the first time has just been given its style."""
        event.refresh_styles = self._was_shown
        self._was_shown = True

    def on_mount(self) -> None:
        """Open the conversation right after the first paint."""
        self.parts.frames.mount()
        self.parts.status.show()
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        await self.parts.stage.side.furnish()
        self.parts.side.show_sampler()
        self.parts.opening.first(*self._first)

    def _end_opening(self, sent_meanwhile: list[str], is_first: bool) -> None:
        for text in sent_meanwhile:
            self.post_message(Prompt.Sent(text))
        if is_first:
            self.post_message(ChatOpened())

    # ---- how things stand

    @property
    def chat(self) -> "Chat | None":
        """The open conversation; None when none could be opened."""
        return self.worker.chat

    @property
    def is_idle(self) -> bool:
        """True when nothing is loaded, read or written and everything is shown."""
        return not self.parts.opening.is_on and self.worker.is_idle

    async def settle(self, seconds: float) -> None:
        """Stop what goes on and wait, at most this long, until text and memory are where the person saw them.

        What is not sent is on the disk then.
        """
        await self.parts.frames.settle(seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.parts.composer.unsent.save(), seconds)

    def caption(self, entry: Action | Hint) -> Caption | None:
        """What the footer calls a key just now; None leaves it out."""
        return ChatCaptions(self.parts).caption(entry)

    # ---- actions, and what widgets post

    async def action_call_part(self, part: str, name: str, *arguments: object) -> None:
        """Let a part of the screen do something, as the table of actions says."""
        result = getattr(getattr(self.parts, part), name)(*arguments)
        if inspect.isawaitable(result):
            await result

    def action_word_in_lab(self) -> None:
        """Look in the lab at what comes after the newest word here."""
        self.post_message(LabRequested(" ".join(self.transcript.content.story.split()[-_LAB_WORDS:])))

    @on(Prompt.Sent)
    def _send(self, event: Prompt.Sent) -> None:
        if is_command(event.text):
            self.parts.commands.run(event.text)
        else:
            self.parts.turns.send(event.text)

    @on(SlashList.Chosen)
    def _take_command(self, event: SlashList.Chosen) -> None:
        self.prompt.put(event.row.completed)
        self.prompt.focus()
        if not event.row.argument:
            self.prompt.action_send()

    @on(TextArea.Changed, "#prompt")
    def _follow_typing(self) -> None:
        self.parts.composer.follow_typing()

    @on(Prompt.Cut)
    def _say_cut(self, event: Prompt.Cut) -> None:
        self.parts.composer.say_cut(event.length)

    @on(PanelMessage)
    def _handle_panel(self, message: PanelMessage) -> None:
        self.parts.sampling.handle(message)

    @on(AlternativesMessage)
    def _handle_alternatives(self, message: AlternativesMessage) -> None:
        self.parts.words.handle(message)

    @on(Transcript.WordOpened)
    def _open_word(self, event: Transcript.WordOpened) -> None:
        if not self.parts.origin.open_marked(event.turn_id, event.index):
            self.parts.words.open(event.turn_id, event.index)

    @on(OriginProgress)
    def _show_origin_progress(self, event: OriginProgress) -> None:
        self.parts.origin.show_progress(event.sentence)

    @on(Transcript.SiblingWanted)
    def _show_version(self, event: Transcript.SiblingWanted) -> None:
        self.parts.turns.walk(event.turn_id, event.by)

    @on(Transcript.FollowChanged)
    def _show_pill(self, event: Transcript.FollowChanged) -> None:
        self.query_one("#pill").set_class(not event.is_following and event.is_behind, "-shown")

    @on(AskLine.Answered)
    def _find(self, event: AskLine.Answered) -> None:
        self.parts.finder.go_on(event.text)

    @on(AskLine.Typed)
    def _mark_found(self, event: AskLine.Typed) -> None:
        self.parts.finder.follow(event.text)

    def on_click(self, event: events.Click) -> None:
        """The pill follows again; the summary of the sampler opens its settings."""
        clicked = event.widget.id if event.widget else ""
        if clicked == "pill":
            self.parts.follower.follow()
        elif clicked == "sampler":
            self.parts.sampling.focus_fields()

    def on_key(self, event: events.Key) -> None:
        """Typing anywhere goes to the prompt, but while going from word to word."""
        is_inspecting = self.focused is self.transcript and self.transcript.cursor.place is not None
        if event.is_printable and event.character and not _takes_text(self.focused) and not is_inspecting:
            event.stop()
            event.prevent_default()
            self.prompt.focus()
            self.prompt.insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere goes to the prompt."""
        if not _takes_text(self.focused):
            self.prompt.focus()
            self.prompt.post_message(events.Paste(event.text))


def _takes_text(widget: Widget | None) -> bool:
    return isinstance(widget, Input | TextArea)
