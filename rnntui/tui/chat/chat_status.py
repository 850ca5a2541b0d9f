"""What the chat screen says in sentences: its status line, the prompt's frame, and toasts.

Knows no events; whoever handles one tells it what to say.
"""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.notifications import SeverityLevel

from rnntui.chat_events import TurnFinished
from rnntui.text import plural, visible_line
from rnntui.tui.chat.work.chat_worker import ChatWorker
from rnntui.tui.keys import key_of
from rnntui.tui.panel.slider_rows import TEMPERATURE
from rnntui.tui.safe import shown_line
from rnntui.tui.slash_commands import is_command
from rnntui.tui.widgets.prompt import Prompt
from rnntui.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from rnntui.service.services import Services

_SAID_SECONDS = 20.0
"""So long the prompt's frame says what was done last."""
_READING = "reading"
_PHASES = {
    "load": "loading the model",
    "reading": _READING,
    "thinking": "thinking",
    "writing": "writing",
    "stopping": "stopping",
    "forget": "forgetting",
    "switch": "another model reads the conversation",
    "drafts": "drawing the drafts once more",
}
"""What goes on, in words; what takes no time has none."""
_FRAME_CELLS = 4
"""Corners and spaces around a sentence in the prompt's frame."""


class ChatStatus:
    """The sentences of one chat screen.

    Args:
        services: Say whether the conversation is saved, and how words are sampled where none is open.
        worker: Says what goes on.
        prompt: Its frame shows what was done last, or what goes on.
        line: Shows where things stand.
    """

    def __init__(self, services: "Services", worker: ChatWorker, prompt: Prompt, line: StatusLine) -> None:
        self._services = services
        self._worker = worker
        self._prompt = prompt
        self._line = line
        self._measured_pace = 0.0
        """Words a second of the last reply; 0 when none was measured."""
        self._reading = _READING
        """What the frame says while a long prompt is read."""
        self._sentence = ""
        """What the frame says about what was done last; empty for nothing."""
        self._sentence_text = ""
        """What stood in the prompt then; the sentence goes when something else is written there."""
        self._is_editing = False
        self._possible: tuple[object, ...] = ()
        """What decides which keys mean something now."""

    # ---- sentences

    def key(self, action_id: str) -> str:
        """The key of an action, as it stands in a sentence."""
        return key_of(self._prompt.app, action_id)

    def say(self, sentence: str, *, is_warning: bool = False) -> None:
        """One line about what was just done, at the prompt; a toast for a warning, or where the prompt has no frame."""
        self._sentence, self._sentence_text = "" if is_warning else sentence, self._prompt.text
        if is_warning or self._prompt.screen.has_class("-tiny"):
            self._prompt.app.notify(sentence, severity="warning" if is_warning else "information", timeout=4)
        elif sentence:
            self._prompt.set_timer(_SAID_SECONDS, lambda: self._outlive(sentence))
        self.show_frame()

    def _outlive(self, sentence: str) -> None:
        """After a while nobody looks for it any more."""
        if self._sentence == sentence:
            self._sentence = ""
            self.show_frame()

    def notify(self, sentence: str, severity: SeverityLevel = "warning") -> None:
        """A toast alone; the sentence at the prompt stays."""
        self._prompt.app.notify(sentence, severity=severity)

    def show_progress(self, activity: str) -> None:
        """What takes its time, at the prompt; "" when it is over."""
        self._sentence = f"{activity} …" if activity else ""
        self.show_frame()

    def announce(self, sentence: str) -> None:
        """What the frame is to say when nothing goes on any more; it is shown with the next frame."""
        self._sentence = sentence

    def name_seed(self, seed: int) -> None:
        """A reply has this seed: what was announced of its seed says which."""
        if self._sentence.endswith(" seed"):
            self._sentence += f" {seed}"

    def expect_text(self, text: str) -> None:
        """This text will stand in the prompt without having been typed: the sentence stays."""
        self._sentence_text = text

    def drop_outdated(self) -> None:
        """The prompt has changed: a sentence about something else goes."""
        if self._sentence and self._prompt.text and self._prompt.text != self._sentence_text:
            self._sentence = ""
        self.show_frame()

    # ---- facts that only events tell

    def show_reading(self, tokens: int, of_tokens: int) -> None:
        """How much of a long prompt was read."""
        self._reading = f"reading {tokens:,} of {of_tokens:,} tokens"

    def begin_reading(self) -> None:
        """Another prompt: nothing of it was read yet."""
        self._reading = _READING

    def measure(self, reply: TurnFinished) -> None:
        """How fast a reply was written."""
        self._measured_pace = reply.words / reply.seconds if reply.seconds > 0 else 0.0

    def drop_measure(self) -> None:
        """What was measured tells nothing of what comes next."""
        self._measured_pace = 0.0

    def show_editing(self, is_editing: bool) -> None:
        """Whether the prompt holds a text that will replace a turn."""
        self._is_editing = is_editing
        self.show_frame()

    # ---- the status line

    def show(self) -> None:
        """Show where things stand, in the line and in the frame."""
        chat = self._worker.chat
        if chat is None:
            models = f"{self.key('models')} chooses one"
            self._line.show((1, "no model is open"), (2, models), (0, self._save_text()))
            return
        facts, counters = chat.facts, chat.facts.counters
        self._line.show(
            (1, visible_line(facts.card.name, 24)),
            (0, self._save_text()),
            (8, _PHASES.get(self._worker.phase, "")),
            (3, self._waiting_text()),
            (2, f"read {facts.words_read(self._worker.shown_position):,} words"),
            (4, f"{plural(counters.tokens_reread, 'token')} read twice" if counters.tokens_reread else ""),
            (5, f"its whole memory {size_text(counters.state_bytes)}" if counters.state_bytes else ""),
            (7, f"seed {chat.seed}{' locked' if chat.sampler.seed is not None else ''}"),
            (6, self._pace_text()),
        )
        self.show_frame()

    def _save_text(self) -> str:
        return "" if self._services.is_saving else "NOT SAVED"

    def _waiting_text(self) -> str:
        return f"{self._worker.waiting} waiting" if self._worker.waiting else ""

    def _thinking_text(self) -> str:
        thinking = self._worker.thinking
        return f"thinking · {thinking.draft + 1} of {plural(thinking.of_drafts, 'draft')}" if thinking else "thinking"

    def _pace_text(self) -> str:
        if self._worker.pace.words_per_second > 0:
            return f"{self._worker.pace.words_per_second:g} words/s"
        return f"{self._measured_pace:,.0f} words/s" if self._measured_pace else "full speed"

    # ---- the prompt's frame

    def show_frame(self) -> None:
        """Show what goes on, or what was done last."""
        prompt, chat = self._prompt, self._worker.chat
        self._follow_keys()
        content = shown_line(self._frame_text())
        if prompt.border_title != content.markup:
            prompt.border_title = content
        sampler = chat.sampler if chat else self._services.config.sampler
        content = shown_line(f"temperature {TEMPERATURE.text(sampler.temperature)}")
        if prompt.border_subtitle != content.markup:
            prompt.border_subtitle = content

    def _follow_keys(self) -> None:
        """The footer follows what can be done, but not every word."""
        facts, text = self._worker.chat.facts if self._worker.chat else None, self._prompt.text
        is_writing = self._worker.can_stop
        ways_back = (facts.can_undo, facts.can_redo, len(facts.turns)) if facts and not is_writing else None
        typed = (bool(text), is_command(text), bool(self._prompt.suggestion), self._is_editing)
        possible = (is_writing, *typed, ways_back)
        if possible != self._possible:
            self._possible = possible
            self._prompt.screen.refresh_bindings()

    def _frame_text(self) -> str:
        phase = self._worker.phase
        waiting = f" · {text}" if (text := self._waiting_text()) else ""
        stop = self.key("stop")
        stoppable = {
            "load": f"loading the model … you can already type{waiting}",
            "reading": f"{self._reading}{waiting} · {stop} takes it back",
            "thinking": f"{self._thinking_text()}{waiting} · {stop} stops",
            "writing": f"writing{waiting} · {stop} stops",
        }
        if self._is_editing and phase not in stoppable:
            before = f" · {self.key('edit')} the turn before"
            sentences = [
                f"editing what you wrote · {self.key('send')} replaces it{middle} · {stop}" for middle in (before, "")
            ]
            room = self._prompt.size.width - _FRAME_CELLS
            return next((sentence for sentence in sentences if cell_len(sentence) <= room), sentences[-1])
        return stoppable.get(phase, _PHASES.get(phase) or self._sentence)


def size_text(count: int) -> str:
    """A size in memory, in thousands of bytes; 0 is not known."""
    return f"{count / 1000:.1f} kB" if count else "unknown"
