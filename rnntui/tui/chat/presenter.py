"""What the chat screen shows of a conversation, as events come in, frame by frame.

Knows no keys; what a person can do is the screen's, which is made of this.
"""

import contextlib
import math
import time
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.timer import Timer

from rnntui.chat_events import (
    BranchMoved,
    Failed,
    Forgotten,
    MemoryKept,
    ModelLoaded,
    ModelSwitched,
    PromptRead,
    PromptScored,
    ReplyBegun,
    StateRebuilt,
    TurnFinished,
    UnitFollowed,
    WordForced,
    WordLooked,
    WordSampled,
    WordsSuggested,
)
from rnntui.errors import InputError, RnntuiError
from rnntui.text import plural, visible_line
from rnntui.tui import status_messages
from rnntui.tui.chat.chat_worker import ChatWorker, FeedEvent, PromptReturned, RequestRefused, Seen, Stopped
from rnntui.tui.chat.layout import ChatStage
from rnntui.tui.chat.opening import Opening
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.side_panel import LAST_WORDS
from rnntui.tui.slash_commands import as_sent
from rnntui.tui.terminal.textual_internals import driver_of
from rnntui.tui.transcript.welcome import Welcome
from rnntui.tui.widgets.prompt import Prompt
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.records import Turn
    from rnntui.service.chat.chat import Chat
    from rnntui.service.services import Services
    from rnntui.tui.dialogs.memories import MemoryChoice

_FRAME_SECONDS = 1 / 30
_BESIDE_SECONDS = 0.2


class ChatView(ChatStage):
    """Shows one conversation at a time."""

    class WorkWaits(Message):
        """Something happened in the background."""

    class Opened(Message):
        """The conversation with which the app begins is there, or a sentence why not."""

    class Settled(Message):
        """What is loaded now stays: a model is there, or there is none to be had."""

    def __init__(self, services: "Services", model: str = "", session_id: str = "") -> None:
        super().__init__(services, ChatWorker(self._wake))
        self._opening = Opening(
            services,
            self._feed,
            Desk(self, self._show_sign),
            self._leave_prompt,
            self._show_opened,
            self._show_unopened,
            self._end_opening,
        )
        self._was_shown = False
        self._first_model = model
        self._first_session = session_id
        self._frames: Timer | None = None
        self._is_framing = False
        self._opened_for_temperature = False
        self._unit = -1
        """The unit that is followed; -1 for none."""
        self._has_ghost = services.config.app.ghost
        self._unshown: tuple[WordSampled, tuple[float, ...]] | None = None
        """The newest word and the memory before it, as long as the panel does not show them."""
        self._last_memory: tuple[float, ...] = ()
        self._shown_beside_at = 0.0
        self._given = ""
        """What an undo put into the prompt."""

    # ---- when it is shown

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """What is shown for the first time has just been given its style."""
        event.refresh_styles = self._was_shown
        self._was_shown = True

    def on_mount(self) -> None:
        """Open the conversation right after the first paint."""
        self._frames = self.set_interval(_FRAME_SECONDS, self._show_frame, pause=True)
        self.transcript.content.tokens_of = self._words_of
        self.transcript.content.rows.runs_on = self._services.config.app.replies == "inline"
        box = self.query_one(Alternatives)
        self._inspecting = WordInspector(self._feed, self.transcript, box, self._stop_writing, self._frame)
        self._show_status()
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        await self.side.furnish()
        self._show_sampler()
        self._opening.first(self._first_model, self._first_session)

    def _end_opening(self, sent_meanwhile: list[str], is_first: bool) -> None:
        for text in sent_meanwhile:
            self.post_message(Prompt.Sent(text))
        if is_first:
            self.post_message(self.Opened())

    @property
    def is_idle(self) -> bool:
        """True when nothing is loaded, read or written and everything is shown."""
        return not self.is_opening and self._feed.is_idle

    @property
    def is_opening(self) -> bool:
        """True while a conversation is being read; what is sent and asked for meanwhile is for that one."""
        return self._opening.is_on

    @property
    def is_writing(self) -> bool:
        """True while there is something to stop."""
        return self._feed.can_stop

    @property
    def is_framing(self) -> bool:
        """True while the frame timer runs."""
        return self._is_framing

    # ---- opening conversations

    def new_chat(self, model: str = "") -> None:
        """An empty conversation with a model, by name or id; without one, with the same model."""
        self._opening.new(model)

    def open_session(self, session_id: str) -> None:
        """A stored conversation; when the open one was deleted, a new one."""
        self._opening.stored(session_id)

    def take_memory(self, wanted: "MemoryChoice | None") -> None:
        """What the list of memories closed with: one to begin from, or a name for the one there is now."""
        if wanted is None:
            return
        memory = wanted.memory
        if memory:
            self._opening.begin_with(memory, f'it remembers "{visible_line(memory.name, 40)}"')
            return
        self._keep_after(None, wanted.keep_as)

    def keep_memory(self, name: str) -> None:
        """Keep the memory as it is now, or after the chosen word, under a name."""
        self._keep_after(self.transcript.cursor.place, name)

    def _keep_after(self, place: tuple[int, int] | None, name: str) -> None:
        turn_id, index = place or (0, 0)
        self._feed.do(lambda chat: chat.save_memory(name, turn_id, index + 1 if turn_id else None))
        self._frame()

    def use_model(self, model: str) -> None:
        """Let another model go on here, by name or id; in a conversation without words, begin with it."""
        if self.chat is None or self.transcript.content.is_blank:
            self.new_chat(model)
            return
        self._stop_writing()
        self._feed.do(lambda chat: chat.switch(model), "switching")
        self._frame()

    def _show_unopened(self, sentence: str) -> None:
        """The conversation that is open goes on, and its reply stays one; prompts for the other come back."""
        if self._feed.can_stop:
            self.app.notify(sentence, severity="error")
        else:
            self._show_failed(Failed(sentence, "", InputError.exit_code))
        if self.chat:
            left, self._left = self._left, None
            for text in (*reversed(self._opening.take_back()), left):
                if text:
                    self.prompt.give_back(text)

    def _show_opened(self, chat: "Chat", told: str) -> None:
        self._inspecting.leave()
        typed = self.prompt.text
        draft, self._left = self._unsent.open(chat), None
        self._leave_edit()
        self.prompt.put(typed)
        for event in self._feed.open(chat):
            self._show(event)
        self._measured = 0.0
        self._said = ""
        self.transcript.content.clear()
        for turn in chat.facts.turns:
            if turn.role == "person":
                self.prompt.remember(as_sent(turn.text.strip()))
        self._show_turns(chat.facts.turns)
        self.query_one(Welcome).show(chat.facts.card)
        self._show_welcome(self.transcript.content.is_blank)
        self.side.show_outlook(None)
        self.side.compare_with("", ())
        self._show_sampler()
        self._look_ahead()
        self.prompt.focus()
        self._show_draft(draft)
        self._frame()
        if told:
            self.say(told)

    def _show_turns(self, turns: "tuple[Turn, ...]") -> None:
        self.transcript.content.show_turns(
            turns, self._remark, lambda turn: status_messages.mark(turn, self._model_name)
        )
        self.side.show_surprise(self.transcript.content.last_bits(LAST_WORDS))

    def _remark(self, turn: "Turn") -> str:
        version = self._version(turn.turn_id)
        if turn.role == "network":
            bits = self.chat.facts.bits_per_word(turn) if self.chat and turn.words else 0.0
            return status_messages.remark(turn, bits, version)
        if turn.role == "person" and self.transcript.content.shows_surprise and turn.words and self.chat:
            return status_messages.remark(turn, self.chat.facts.bits_per_word(turn), version)
        return status_messages.remark(turn, 0.0, version) if turn.status == "damaged" else version

    def _version(self, turn_id: int) -> str:
        """Such as "‹ 2/3 ›"; empty when there is only one."""
        siblings = self.chat.facts.siblings(turn_id) if self.chat else ()
        at, count = status_messages.version_of(siblings, turn_id)
        return f"‹ {at}/{count} ›" if count > 1 else ""

    def _model_name(self, model_id: str) -> str:
        if self.chat and self.chat.facts.card.model_id == model_id:
            return self.chat.facts.card.name
        return self._opening.model_names.get(model_id, "another model")

    def _words_of(self, turn_id: int) -> list[tuple[str, float]]:
        if self.chat is None:
            return []
        with contextlib.suppress(RnntuiError):  # the model that wrote it is not loaded
            return [(word.piece, _bits(word.logprob)) for word in self.chat.facts.words(turn_id)]
        return []

    # ---- the frame loop: thirty times a second while words come, not at all otherwise

    def _wake(self) -> None:
        if self._is_framing:
            return
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self.post_message(self.WorkWaits())

    def on_chat_view_work_waits(self) -> None:
        """The background has something."""
        self._frame()

    def _show_frame(self) -> None:
        """What has come since the last one; on a slow line when that has left, so that a key does not wait for it."""
        if not getattr(driver_of(self.app), "is_behind", False) and not self._show_beside():
            self._frame()

    def _frame(self) -> None:
        self._show_all(self._feed.advance())
        if self._feed.needs_frames:
            self._set_framing(True)
            return
        if self._is_framing:
            self._set_framing(False)
            self._show_all(self._feed.advance())  # what came between the last look and the pause

    def _set_framing(self, is_framing: bool) -> None:
        if self._frames is None or is_framing == self._is_framing:
            return
        self._is_framing = is_framing
        if is_framing:
            self._frames.resume()
            return
        self._frames.pause()

    def _show_all(self, feed_events: list[FeedEvent]) -> None:
        words: list[WordSampled] = []
        for event in feed_events:
            if isinstance(event, WordSampled):
                words.append(event)
                continue
            self._show_words(words)
            words = []
            self._show(event)
        self._show_words(words)
        self._show_status()

    def _show_beside(self) -> bool:
        """The newest word in the panel, where nobody could read more than five a second; False when it is not due.

        It has frames of its own: together with new words a paint outlasts a tick of Textual's clock, and the next key
        would wait for the tick after the next.
        """
        now = time.monotonic()
        if self._unshown is None or now - self._shown_beside_at < _BESIDE_SECONDS or not self.side.display:
            return False
        (word, before), self._unshown = self._unshown, None
        self._shown_beside_at = now
        self.side.show_word(word, before)
        self.side.show_surprise(self.transcript.content.last_bits(LAST_WORDS))
        return True

    def _show_words(self, words: list[WordSampled]) -> None:
        if not words:
            return
        self.transcript.content.extend((word.piece, _bits(word.logprob)) for word in words)
        before = words[-2].memory if len(words) > 1 else self._last_memory
        self._unshown, self._last_memory = (words[-1], before), words[-1].memory

    def _show(self, event: FeedEvent) -> None:
        match event:
            case ModelLoaded():
                self._opening.model_names[event.model_id] = event.name
                if event.note:
                    self.say(event.note, is_warning=True)
                self._show_memory()
                self.post_message(self.Settled())
            case StateRebuilt():
                self._show_rebuilt(event)
            case PromptRead():
                self._reading = f"reading {event.tokens:,} of {event.of_tokens:,} tokens"
            case Seen():
                self._show_seen(event)
            case PromptScored():
                self._show_scored(event)
            case WordForced():
                self.transcript.content.extend([(event.piece, _bits(event.logprob))])
            case WordLooked():
                self._show_looked(event)
            case UnitFollowed():
                if event.unit == self._unit:
                    self.transcript.content.show_unit(event.turn_id, event.values)
            case WordsSuggested():
                self.prompt.suggest(event.text, event.suggestion if self._has_ghost else "", event.unknown)
            case TurnFinished():
                self._show_finished(event)
            case Stopped():
                self.transcript.content.close("stopped")
                self._look_ahead()
                self._show_memory()
            case Forgotten():
                self.transcript.content.add_mark("memory emptied here", event.turn_id)
                self._show_welcome(False)
                self._after_move(f"the memory is empty, the text stays · {self.key('undo')} brings it back")
            case ModelSwitched():
                self._show_switched(event)
            case MemoryKept():
                self.say(f'this memory is kept as "{visible_line(event.name, 40)}"')
            case PromptReturned():
                self._take_back(event)
            case RequestRefused():
                self._show_refused(event)
            case Failed():
                self._show_failed(event)
            case _:
                pass

    def _take_back(self, given: PromptReturned) -> None:
        """A prompt was not read: it leaves the conversation and stands in the prompt again, or waits behind an edit."""
        text = given.text
        self.transcript.content.drop_person(
            text, {turn.turn_id for turn in self.chat.facts.turns} if self.chat else set()
        )
        if given.turn_id and not self._editing:
            self._begin_edit(given.turn_id, text)
        elif self._editing:
            self._draft = f"{text}\n{self._draft}" if self._draft else text
        else:
            self.prompt.give_back(text)
        self._show_welcome(self.transcript.content.is_blank)

    def _show_rebuilt(self, event: StateRebuilt) -> None:
        if event.tokens_reread:
            self.transcript.content.add_note(
                f"The memory was rebuilt by reading {plural(event.tokens_reread, 'token')} once more."
            )
        self.transcript.content.show_surprise(self.transcript.content.shows_surprise)  # the words are known now
        self.side.show_surprise(self.transcript.content.last_bits(LAST_WORDS))
        self._show_memory()

    def _show_seen(self, seen: Seen) -> None:
        self._unsent.sent()
        self._show_sampler()  # a reply has its own dice
        before = len(self.transcript.content.turns)
        self._show_turns(seen.turns)
        self._show_welcome(self.transcript.content.is_blank and not isinstance(seen.event, ReplyBegun))
        if isinstance(seen.event, BranchMoved):
            self._show_moved(seen.event, before)

    def _show_moved(self, event: BranchMoved, turns_before: int) -> None:
        at, count = status_messages.version_of(
            self.chat.facts.siblings(event.turn_id) if self.chat and event.turn_id else (), event.turn_id
        )
        version = f"{at} of {count}" if count > 1 else ""
        self._after_move(
            status_messages.moved(event, turns_before, len(self.transcript.content.turns), version, self.key)
        )
        is_ours = self.prompt.text in {"", self._given}
        if event.prompt and is_ours:
            self._given = self._said_with = as_sent(event.prompt)
            self.prompt.put(self._given)
            self.prompt.select_all()  # Enter sends it again, an arrow key goes into it, and typing begins anew
        elif event.reason == "redo" and is_ours:
            self.prompt.put("")

    def _after_move(self, sentence: str) -> None:
        if sentence:
            self.say(sentence)
        self._feed.shown_position = self.chat.facts.counters.position if self.chat else 0
        self._look_ahead()
        self._show_memory()

    def _show_switched(self, event: ModelSwitched) -> None:
        name = visible_line(event.name, 40)
        if event.turn_id:
            self.transcript.content.add_mark(f"{name} goes on from here", event.turn_id)
        elif self.chat:
            self.query_one(Welcome).show(self.chat.facts.card)
        read = f"; it read {plural(event.tokens_read, 'token')} once" if event.tokens_read else ""
        self._after_move(f"{name} goes on from here{read} · {self.key('undo')} goes back")

    def _show_scored(self, event: PromptScored) -> None:
        self.transcript.content.set_tokens(
            event.turn_id, list(zip(event.pieces, map(_bits, event.logprobs), strict=True))
        )
        if event.unknown:
            names = ", ".join(visible_line(word, 40) for word in event.unknown[:5])
            more = f" and {len(event.unknown) - 5:,} more" if len(event.unknown) > 5 else ""
            self.transcript.content.add_note(f"not in the vocabulary, read in parts: {names}{more}")
        self._show_memory()

    def _show_looked(self, event: WordLooked) -> None:
        if event.turn_id == 0:
            self.side.show_outlook(event)
            self._show_memory()
            return
        if self._inspecting.show(event):
            self.side.compare_with(event.piece, event.memory)

    def _show_finished(self, event: TurnFinished) -> None:
        if event.role != "network":
            self._remark_own(event)
            return
        self._measured = event.words / event.seconds if event.seconds > 0 else 0.0
        if self._unshown and self.side.display:
            self.side.show_word(*self._unshown)
        self._unshown, self._last_memory = None, ()
        self.side.show_surprise(self.transcript.content.last_bits(LAST_WORDS))
        reason = status_messages.REASONS.get(event.reason, event.reason)
        version = self._version(event.turn_id) if event.words else ""
        thought = status_messages.thought(self.chat.facts.turns[-1]) if self.chat and self.chat.facts.turns else []
        words = f"{plural(event.words, 'word')} · {event.bits_per_word:.1f} bits/word"
        self.transcript.content.close(" · ".join(part for part in (version, words, *thought, reason) if part))
        self._look_ahead()
        self._show_memory()

    def _remark_own(self, event: TurnFinished) -> None:
        parts = [self._version(event.turn_id)]
        if self.transcript.content.shows_surprise:
            parts.append(f"{plural(event.words, 'word')} · {event.bits_per_word:.1f} bits/word")
        self.transcript.content.set_remark(event.turn_id, " · ".join(part for part in parts if part))

    def _show_refused(self, event: RequestRefused) -> None:
        if event.is_look and self._inspecting.refuse(event.sentence):
            return
        if not event.is_look:
            self.say(event.sentence, is_warning=True)

    def _show_failed(self, event: Failed) -> None:
        self.transcript.content.close("interrupted")
        self._show_welcome(False)
        sentence = f"{event.sentence} {event.next_step}".rstrip()
        self.transcript.content.add_error(sentence)
        self.post_message(self.Settled())
        self.app.notify(sentence, severity="error")

    def say_problem(self, problem: RnntuiError) -> None:
        """Show a problem as one sentence, where the conversation is and as a toast."""
        self._show_failed(Failed(problem.sentence, problem.next_step, problem.exit_code))

    def _look_ahead(self) -> None:
        """Ask what may come next, for the panel."""
        if self.chat and self.side.display and not self._feed.can_stop:
            self._feed.look(lambda chat: chat.inspection.inspect())
            self._wake()
        self._follow_unit()

    def _follow_unit(self) -> None:
        unit = self._unit
        if unit >= 0 and self.chat and not self._feed.can_stop:
            self._feed.look(lambda chat: chat.inspection.follow_unit(unit), "following")
            self._wake()

    def _stop_writing(self) -> None:
        for event in self._feed.stop():
            self._show(event)


def _bits(logprob: float) -> float:
    return -logprob / math.log(2)
