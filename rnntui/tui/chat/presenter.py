"""What the chat screen shows of a conversation, as events come in.

Knows no keys; what a person can do is asked of the worker elsewhere.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnntui.chat_events import (
    BranchMoved,
    DraftsLooked,
    Failed,
    Forgotten,
    MemoryKept,
    ModelLoaded,
    ModelSwitched,
    PromptRead,
    PromptReading,
    PromptScored,
    ReplyBegun,
    SideBegun,
    SideEnded,
    SideReading,
    SideRefused,
    SideSaid,
    SideThinking,
    StateRebuilt,
    TurnFinished,
    UnitFollowed,
    WordForced,
    WordLooked,
    WordSampled,
    WordsSuggested,
)
from rnntui.text import plural, visible_line
from rnntui.tui import status_messages
from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.side_view import SideView
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.tints import Tints
from rnntui.tui.chat.turn_remarks import TurnRemarks
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.chat.work.jobs import Kind, PromptReturned, RequestRefused, Stopped, TurnsChanged, WorkerEvent
from rnntui.tui.compare.comparing import Comparing
from rnntui.tui.messages import ChatSettled
from rnntui.tui.origin.origin_marks import OriginMarks
from rnntui.tui.status_messages import surprise_bits

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat


class ChatPresenter:
    """Shows one conversation at a time.

    Args:
        stage: The widgets, and where sentences go.
        remarks: What stands below each turn.
        side: The panel beside the conversation.
        tints: What one unit said at the newest words.
        marks: What stands in the text that the model learned from.
        words: What is found at a chosen word.
        show_drafts: Shows the drafts of one sentence.
        composer: Takes prompts that come back.
        comparing: Shows what is written side by side.
    """

    def __init__(
        self,
        stage: Stage,
        remarks: TurnRemarks,
        side: SideView,
        tints: Tints,
        marks: OriginMarks,
        words: WordInspector,
        show_drafts: Callable[[DraftsLooked], None],
        composer: Composer,
        comparing: Comparing,
    ) -> None:
        self._stage = stage
        self._remarks = remarks
        self._side = side
        self._tints = tints
        self._marks = marks
        self._words = words
        self._show_drafts = show_drafts
        self._composer = composer
        self._comparing = comparing

    def open(self, chat: "Chat", sentence: str) -> None:
        """Show another conversation, and say something of it; "" says nothing."""
        stage = self._stage
        self._words.leave()
        unsent = self._composer.open(chat)
        for event in stage.worker.open(chat):
            self._show(event)
        stage.status.drop_measure()
        stage.status.announce("")
        stage.transcript.content.clear()
        self._remarks.show_turns(chat.facts.turns)
        self._side.show_surprise()
        stage.welcome.show(chat.facts.card)
        stage.show_welcome(stage.transcript.content.is_blank)
        self._side.open()
        self._look_ahead()
        stage.prompt.focus()
        self._composer.show_unsent(unsent)
        stage.frames.advance()
        if sentence:
            stage.status.say(sentence)

    def show(self, events: list[WorkerEvent]) -> None:
        """Show these events, the words between them together, and where things stand."""
        words: list[WordSampled] = []
        for event in events:
            if isinstance(event, WordSampled):
                words.append(event)
                continue
            self._show_words(words)
            words = []
            self._show(event)
        self._show_words(words)
        self._stage.status.show()

    def _show_words(self, words: list[WordSampled]) -> None:
        if words:
            self._stage.transcript.content.extend((word.piece, surprise_bits(word.logprob)) for word in words)
            self._side.take_words(words)

    def _show(self, event: WorkerEvent) -> None:
        match event:
            case PromptRead():
                self._stage.status.show_reading(event.tokens, event.of_tokens)
            case PromptScored():
                self._show_scored(event)
            case WordForced():
                self._stage.transcript.content.extend([(event.piece, surprise_bits(event.logprob))])
            case TurnFinished():
                self._show_finished(event)
            case TurnsChanged():
                self._show_turns(event)
            case Stopped():
                self._stage.transcript.content.close("stopped")
                self._look_ahead()
                self._stage.screen.call_after_refresh(self._side.show_memory)  # a slow line shows that it stopped first
            case PromptReturned():
                self._take_back(event)
            case RequestRefused():
                self._show_refused(event)
            case Failed():
                sentence = f"{event.sentence} {event.next_step}".rstrip()
                self._comparing.refuse(sentence)
                self._stage.show_problem(sentence)
            case _:
                self._show_answer(event)

    def _show_answer(self, event: WorkerEvent) -> None:
        """What came of a question, or of something done to the model or its memory."""
        match event:
            case WordLooked() if event.turn_id:
                self._words.show(event)
            case WordLooked():
                self._side.show_outlook(event)
            case UnitFollowed():
                self._tints.show(event)
            case WordsSuggested():
                self._composer.suggest(event)
            case DraftsLooked():
                self._show_drafts(event)
            case ModelLoaded():
                self._show_loaded(event)
            case StateRebuilt():
                self._show_rebuilt(event)
            case ModelSwitched():
                self._show_switched(event)
            case Forgotten():
                self._show_forgotten(event)
            case MemoryKept():
                self._stage.status.say(f'this memory is kept as "{visible_line(event.name, 40)}"')
            case SideReading() | SideBegun() | SideThinking() | SideSaid() | SideEnded() | SideRefused():
                self._comparing.show(event)
            case _:
                pass

    # ---- turns

    def _show_turns(self, changed: TurnsChanged) -> None:
        transcript = self._stage.transcript
        self._composer.unsent.note_sent()
        self._side.show_sampler()
        if isinstance(changed.event, ReplyBegun):
            self._stage.status.name_seed(changed.event.seed)
        before = len(transcript.content.turns)
        self._remarks.show_turns(changed.turns)
        self._side.show_surprise()
        self._stage.show_welcome(transcript.content.is_blank and not isinstance(changed.event, ReplyBegun))
        if isinstance(changed.event, BranchMoved):
            self._show_moved(changed.event, before)

    def _show_moved(self, event: BranchMoved, turns_before: int) -> None:
        version, turns_now = self._remarks.version_text(event.turn_id), len(self._stage.transcript.content.turns)
        key = self._stage.status.key
        self._follow_move(status_messages.describe_move(event, turns_before, turns_now, version, key))
        self._composer.offer(event.prompt, is_redone=event.reason == "redo")

    def _follow_move(self, sentence: str) -> None:
        """After text or memory have moved: say so, and show what comes next from there."""
        if sentence:
            self._stage.status.say(sentence)
        chat = self._stage.chat
        self._stage.worker.shown_position = chat.facts.counters.position if chat else 0
        self._look_ahead()
        self._side.show_memory()

    def _look_ahead(self) -> None:
        self._side.look_ahead()
        self._tints.update()
        self._marks.update()

    def _take_back(self, prompt: PromptReturned) -> None:
        """A prompt was not read: it leaves the conversation."""
        self._stage.transcript.content.drop_person(prompt.text, {turn.turn_id for turn in self._stage.turns})
        self._composer.take_back(prompt)
        self._stage.show_welcome(self._stage.transcript.content.is_blank)

    def _show_scored(self, event: PromptScored) -> None:
        bits = map(surprise_bits, event.logprobs)
        self._stage.transcript.content.set_tokens(event.turn_id, list(zip(event.pieces, bits, strict=True)))
        reading = event.reading or PromptReading("", spelled=event.unknown)
        if reading.note:
            self._stage.transcript.content.add_note(reading.note, event.turn_id)
        self._side.show_memory()

    def _show_finished(self, event: TurnFinished) -> None:
        if event.role != "network":
            self._stage.transcript.content.set_remark(event.turn_id, self._remarks.finish_own(event))
            return
        self._stage.status.measure(event)
        self._side.finish_reply()
        self._stage.transcript.content.close(self._remarks.finish(event))
        self._look_ahead()
        self._side.show_memory()

    # ---- model and memory

    def _show_loaded(self, event: ModelLoaded) -> None:
        self._remarks.learn_name(event.model_id, event.name)
        if event.note:
            self._stage.status.say(event.note, is_warning=True)
        self._side.show_memory()
        self._stage.screen.post_message(ChatSettled())

    def _show_rebuilt(self, event: StateRebuilt) -> None:
        content = self._stage.transcript.content
        if event.tokens_reread:
            content.add_note(f"The memory was rebuilt by reading {plural(event.tokens_reread, 'token')} once more.")
        content.show_surprise(content.shows_surprise)  # the words are known now
        self._side.show_surprise()
        self._side.show_memory()

    def _show_switched(self, event: ModelSwitched) -> None:
        name = visible_line(event.name, 40)
        chat = self._stage.chat
        if event.turn_id:
            self._stage.transcript.content.add_mark(f"{name} goes on from here", event.turn_id)
        elif chat:
            self._stage.welcome.show(chat.facts.card)
        read = f"; it read {plural(event.tokens_read, 'token')} once" if event.tokens_read else ""
        self._follow_move(f"{name} goes on from here{read} · {self._stage.status.key('undo')} goes back")

    def _show_forgotten(self, event: Forgotten) -> None:
        self._stage.transcript.content.add_mark("memory emptied here", event.turn_id)
        self._stage.show_welcome(False)
        key = self._stage.status.key("undo")
        self._follow_move(f"the memory is empty, the text stays · {key} brings it back")

    # ---- refusals

    def show_unopened(self, sentence: str, waiting: list[str]) -> None:
        """Another conversation could not be opened: the open one goes on, with the prompts that wait for the other."""
        if self._stage.worker.can_stop:  # its reply stays one
            self._stage.status.notify(sentence, "error")
        else:
            self._stage.show_problem(sentence)
        if self._stage.chat:
            self._composer.stay(waiting)

    def _show_refused(self, event: RequestRefused) -> None:
        if event.kind is Kind.INSPECT:
            self._words.show_refusal(event.sentence)
        elif event.kind is Kind.COMPARE:
            self._comparing.refuse(event.sentence)
        elif event.kind not in {Kind.SUGGEST, Kind.FOLLOW}:  # nobody waits for these
            self._stage.status.say(event.sentence, is_warning=True)
