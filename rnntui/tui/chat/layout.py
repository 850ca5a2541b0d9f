"""What the chat screen is made of: transcript, prompt, one status line and one side panel, and what its lines say.

Knows no events; the view shows those on it.
"""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer, Static

from rnntui.text import plural, visible_line
from rnntui.tui.actions import slash_words
from rnntui.tui.chat.chat_worker import ChatWorker
from rnntui.tui.chat.draft_saver import DraftSaver
from rnntui.tui.keys import key_of
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.panel.temperature_bar import temperature_words
from rnntui.tui.safe import shown_line
from rnntui.tui.slash_commands import completions
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.transcript.welcome import Welcome
from rnntui.tui.widgets.prompt import Prompt
from rnntui.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat
    from rnntui.service.services import Services

_PHASES = {
    "idle": "",
    "loading": "loading the model",
    "reading": "reading",
    "thinking": "thinking",
    "writing": "writing",
    "stopping": "stopping",
    "forgetting": "forgetting",
    "keeping": "",
    "moving": "",
    "switching": "another model reads the conversation",
    "looking": "",
    "guessing": "",
    "following": "",
    "drafting": "drawing the drafts once more",
}
_COMMANDS_SHOWN = 6


class ChatStage(Screen[None]):
    """The parts of the chat screen, and where a sentence goes."""

    def __init__(self, services: "Services", feed: ChatWorker) -> None:
        super().__init__()
        self._services = services
        self._feed = feed
        self._feed.pace = services.config.app.pace
        self._measured: float = 0.0
        self._reading = "reading"
        """What the prompt's frame says while a long prompt is read."""
        self._said = ""
        """What the prompt's frame says about what was done last; empty for nothing."""
        self._said_with = ""
        """What stood in the prompt then; the sentence goes when something else is written there."""
        self._editing = 0
        """The turn that the prompt's text will replace; 0 for none."""
        self._draft = ""
        """What stood in the prompt before a turn was edited."""
        self._edited = ""
        """The text of the turn that is edited, as it was."""
        self._left: str | None = None
        """What stood in the prompt of the conversation that is being left; None while none is."""
        self._unsent = DraftSaver(self._unsent_text, self.run_worker)

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """Conversation on the left, panel on the right, status and keys below."""
        with Horizontal(id="body"):
            with Vertical(id="conversation"):
                with Vertical(id="stage"):
                    yield Transcript(id="transcript")
                    yield Welcome(id="welcome")
                    yield Static(shown_line("↓ new words"), id="pill")
                yield Alternatives(id="alternatives")
                self._prompt = Prompt(id="prompt")
                yield self._prompt
            yield SidePanel(id="side")
        yield StatusLine(id="status")
        yield Footer(compact=True, show_command_palette=False)

    @property
    def transcript(self) -> Transcript:
        """The conversation as it is shown."""
        return self.query_one(Transcript)

    @property
    def prompt(self) -> Prompt:
        """Where the person writes; what stands there can still be asked while the screen is taken down."""
        return self._prompt

    @property
    def side(self) -> SidePanel:
        """What is shown beside the conversation."""
        return self.query_one(SidePanel)

    @property
    def chat(self) -> "Chat | None":
        """The open conversation; None when none could be opened."""
        return self._feed.chat

    def _show_welcome(self, is_shown: bool) -> None:
        self.query_one(Welcome).display = is_shown
        self.transcript.display = not is_shown

    # ---- what is not sent

    def _show_draft(self, draft: str) -> None:
        if not draft:
            return
        self.prompt.give_back(draft)
        self.say(f"what you had not sent last time · {self.key('send')} sends it")

    def _unsent_text(self) -> str:
        """Prompts that wait, what stands in the prompt, and what stood there before a turn was edited."""
        typed = self.prompt.unsent if self._left is None else self._left
        if self._editing:
            typed = "" if typed == self._edited else typed
        return "\n".join(part for part in (*self._feed.unread, self._draft, typed) if part)

    def _leave_prompt(self) -> None:
        """What stands in the prompt is for the conversation that is left; what is typed from now on is not."""
        if self.chat and self._left is None:
            self._left = self.prompt.unsent
            self.prompt.resume()  # what stands behind a command stays with what is left
            self.prompt.put("")

    def _begin_edit(self, turn_id: int, text: str) -> None:
        """Put a text into the prompt that is to replace a turn; what stood there comes back afterwards."""
        if not self._editing:
            self._draft = self.prompt.text
        self._editing, self._edited = turn_id, text
        self.prompt.put(text)

    def _leave_edit(self) -> None:
        if self._editing:
            self._editing = 0
            self.prompt.put(self._draft)
            self._draft = ""
            self._show_prompt_state()

    # ---- sentences

    def say(self, sentence: str, *, is_warning: bool = False) -> None:
        """One line about what was just done, at the prompt; a toast for a warning, or where the prompt has no frame."""
        self._said, self._said_with = "" if is_warning else sentence, self.prompt.text
        if is_warning or self.has_class("-tiny"):
            self.app.notify(sentence, severity="warning" if is_warning else "information", timeout=4)
        self._show_prompt_state()

    def _show_sign(self, what: str) -> None:
        """What takes its time, at the prompt."""
        self._said = f"{what} …" if what else ""
        self._show_prompt_state()

    def key(self, action_id: str) -> str:
        """The key of an action, as it stands in a sentence."""
        return key_of(self.app, action_id)

    def _show_sampler(self) -> None:
        sampler = self.chat.sampler if self.chat else self._services.config.sampler
        self.side.show_sampler(sampler, self._feed.pace, self.chat.seed if self.chat else 0)

    def _show_memory(self) -> None:
        if self.chat and self.side.display:
            self.side.show_memory(self.chat.facts.memory(), _size(self.chat.facts.counters.state_bytes))

    # ---- the status line

    def _show_status(self) -> None:
        status = self.query_one(StatusLine)
        chat = self.chat
        if chat is None:
            status.show((1, "no model is open"), (2, f"{self.key('models')} chooses one"), (0, self._keeping_words()))
            return
        facts, counters = chat.facts, chat.facts.counters
        size = _size(counters.state_bytes)
        status.show(
            (1, visible_line(chat.facts.card.name, 24)),
            (0, self._keeping_words()),
            (8, _PHASES[self._feed.phase]),
            (3, self._waiting_words()),
            (2, f"read {facts.words_read(self._feed.shown_position):,} words"),
            (4, f"re-read {counters.tokens_reread:,}"),
            (5, f"memory {size}"),
            (7, f"seed {chat.seed}{' locked' if chat.sampler.seed is not None else ''}"),
            (6, self._pace_words()),
        )
        self._show_prompt_state()

    def _keeping_words(self) -> str:
        return "" if self._services.is_keeping else "NOT SAVED"

    def _waiting_words(self) -> str:
        return f"{self._feed.waiting} waiting" if self._feed.waiting else ""

    def _thinking_words(self) -> str:
        thinking = self._feed.thinking
        return f"thinking · {thinking.draft + 1} of {plural(thinking.of_drafts, 'draft')}" if thinking else "thinking"

    def _pace_words(self) -> str:
        if self._feed.pace > 0:
            return f"{self._feed.pace:g} words/s"
        return f"{self._measured:,.0f} words/s" if self._measured else "full speed"

    def _show_prompt_state(self) -> None:
        prompt = self.prompt
        phase = self._feed.phase
        waiting = f" · {words}" if (words := self._waiting_words()) else ""
        states = {
            "loading": f"loading the model, write ahead{waiting}",
            "reading": f"{self._reading}{waiting} · {self.key('stop')} takes it back",
            "thinking": f"{self._thinking_words()}{waiting} · {self.key('stop')} stops",
            "writing": f"writing{waiting} · {self.key('stop')} stops",
        }
        sentence = states.get(phase, _PHASES[phase] or self._said)
        if self._editing and phase not in states:
            sentence = (
                f"editing what you wrote · {self.key('send')} replaces it, {self.key('edit')} the turn before · "
                f"{self.key('stop')} leaves it"
            )
        commands = completions(prompt.text, slash_words)
        if commands:
            sentence = "  ".join(commands[:_COMMANDS_SHOWN]) + (" …" if len(commands) > _COMMANDS_SHOWN else "")
        content = shown_line(sentence)
        if prompt.border_title != content.markup:
            prompt.border_title = content
        subtitle_content = shown_line(f"temperature {temperature_words(self._temperature)}")
        if prompt.border_subtitle != subtitle_content.markup:
            prompt.border_subtitle = subtitle_content

    @property
    def _temperature(self) -> float:
        return self.chat.sampler.temperature if self.chat else self._services.config.sampler.temperature

    @on(Transcript.FollowChanged)
    def _show_pill(self, event: Transcript.FollowChanged) -> None:
        self.query_one("#pill").set_class(not event.is_following and event.is_behind, "-shown")


def _size(count: int) -> str:
    return f"{count / 1000:.1f} kB" if count else "unknown"
