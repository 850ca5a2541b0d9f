"""From word to word: what else could have stood there, going back to a word, changing what one wrote, tints.

The screen adds what is typed and sent, and what is done with whole turns.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on

from rnntui.chat_events import DraftsLooked
from rnntui.errors import InputError
from rnntui.settings import LabSettings, checked_value
from rnntui.tui.chat.chat_worker import FeedEvent
from rnntui.tui.chat.sampling import ChatDraw
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.slash_commands import as_sent
from rnntui.tui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from rnntui.records import Turn

_LEGEND = "surprise, rising: dim, plain, italic, underlined, bold underlined"


class ChatWords(ChatDraw):
    """A conversation whose words can be chosen, looked into and taken back."""

    # ---- actions: changing what one wrote

    def action_edit(self) -> None:
        """Put the last own turn into the prompt to change it; again, the one before. What is still read comes back."""
        if self._took_back():
            return
        own = [turn for turn in self.chat.facts.turns if turn.role == "person"] if self.chat else []
        if self._editing:
            own = [turn for turn in own if turn.turn_id < self._editing] or own[-1:]
        if not own:
            self.say("you have not written anything yet that could be changed")
            return
        self._edit(own[-1])

    def _took_back(self) -> bool:
        """Put prompts that nobody has read yet back into the prompt; False when there is none."""
        if not self._feed.is_taking_in:
            return False
        self._stop_writing()
        self._frame()
        return True

    def _edit(self, turn: "Turn") -> None:
        self._leave_words()
        self._stop_writing()
        self._begin_edit(turn.turn_id, as_sent(turn.text.strip()))
        self.prompt.focus()
        self._frame()

    # ---- actions: from word to word

    def action_inspect(self) -> None:
        """Go from word to word."""
        self._try(self._inspecting.enter)

    def action_leave_words(self) -> None:
        """Stop the network if it writes; else back to the prompt."""
        if self._feed.can_stop:
            self._stop_writing()
            self._frame()
            return
        self._inspecting.leave()
        self.side.compare_with("", ())
        self.prompt.focus()
        self.transcript.follower.follow()

    def _leave_words(self) -> None:
        """Before what changes the conversation: the chosen word, or what was found at it, may be gone afterwards."""
        if self.transcript.cursor.place or self._inspecting.is_open:
            self._inspecting.leave()
            self.prompt.focus()

    def action_rewind_here(self) -> None:
        """Stand just after the chosen word."""
        self._try(self._inspecting.rewind)
        self.prompt.focus()

    def action_retry_here(self) -> None:
        """Another end of this reply."""
        self._try(self._inspecting.retry)
        self.prompt.focus()

    def action_edit_here(self) -> None:
        """Change the turn in which the chosen word stands."""
        self._try(self._edit_here)

    def _edit_here(self) -> None:
        turn_id, _ = self._inspecting.place
        turn = next((turn for turn in self.chat.facts.turns if turn.turn_id == turn_id), None) if self.chat else None
        if turn:
            self._edit(turn)

    def action_version_here(self, by: int) -> None:
        """Another version of the turn in which the chosen word stands."""
        self._try(lambda: self._inspecting.version(by))

    def action_drafts(self) -> None:
        """The drafts of the sentence in which the chosen word stands; without one, of the newest."""
        turns = self.chat.facts.turns if self.chat else ()
        newest = next((turn for turn in reversed(turns) if turn.role == "network" and turn.token_ids), None)
        is_chosen = self._inspecting.is_open or self.transcript.cursor.place is not None
        if not is_chosen and newest is None:
            self.say("/drafts 4 lets it think before it speaks")
            return
        turn_id, index = self._inspecting.place if is_chosen or newest is None else _end_of(newest)
        self._feed.look(lambda chat: chat.inspection.list_drafts(turn_id, index), "drafting")
        self._frame()

    def _show(self, event: FeedEvent) -> None:
        if not isinstance(event, DraftsLooked):
            super()._show(event)
            return
        from rnntui.tui.dialogs.drafts import DraftsScreen

        def take(draft: int | None) -> None:
            if draft is not None:
                self._inspecting.say_draft(event.turn_id, event.index, draft)
                self.prompt.focus()

        self.app.push_screen(DraftsScreen(event), take)

    def action_copy_turn(self) -> None:
        """The turn in which the chosen word stands, to the clipboard; without one, the last reply."""
        place = self.transcript.cursor.place
        turns = self.chat.facts.turns if self.chat else ()
        turn = next((turn for turn in reversed(turns) if not place or turn.turn_id == place[0]), None)
        if turn:
            self.app.copy_to_clipboard(turn.text.strip())

    def action_look_beside(self, by: int) -> None:
        """Look at the word beside the one that is looked at."""
        self._inspecting.beside(by)

    def action_surprise(self) -> None:
        """Tint words by how unexpected they were, or no longer."""
        is_shown = not self.transcript.content.shows_surprise
        self.transcript.content.show_surprise(is_shown)
        turns = {turn.turn_id: turn for turn in self.chat.facts.turns} if self.chat else {}
        self.transcript.content.set_remarks(lambda turn_id: self._remark(turns[turn_id]) if turn_id in turns else "")
        self.say(_LEGEND if is_shown else "surprise is no longer shown")

    def action_unit(self) -> None:
        """Follow no unit any more; or say how one is chosen."""
        if self._unit < 0:
            self.say("/unit 12 follows unit 12; the panel names those that changed most")
            self.prompt.begin("/unit ")
            self.prompt.focus()
            return
        self._unit = -1
        self.transcript.content.hide_unit()
        self.say("no unit is followed any more")

    def _follow(self, argument: str) -> None:
        if argument in {"off", "none"}:
            argument = "-1"
        unit = checked_value(LabSettings, "unit", argument) if argument != "-1" else -1
        count = len(self.chat.facts.memory()) if self.chat else 0
        if count and unit >= count:
            raise InputError(f"There is no unit {unit}.", f"Choose a number from 0 to {count - 1}.")
        self.transcript.content.hide_unit()
        self._unit = unit
        self.say(f"unit {unit}: italic is negative, underlined is positive, bold is strong" if unit >= 0 else "")
        self._follow_unit()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except InputError as problem:
            self.say(str(problem), is_warning=True)

    @on(Transcript.WordOpened)
    def _open_word(self, event: Transcript.WordOpened) -> None:
        self._inspecting.open(event.turn_id, event.index)

    @on(Alternatives.Taken)
    def _take_word(self, event: Alternatives.Taken) -> None:
        self._try(lambda: self._inspecting.take(event.word))
        self.prompt.focus()

    @on(Alternatives.Searched)
    def _search_words(self, event: Alternatives.Searched) -> None:
        self._inspecting.search(event.begins)

    @on(Alternatives.RewindWanted)
    def _rewind_wanted(self) -> None:
        self.action_rewind_here()

    @on(Alternatives.Closed)
    def _close_alternatives(self) -> None:
        if self._feed.can_stop:  # Esc stops first, wherever one is
            self._stop_writing()
            self._frame()
            return
        self._inspecting.close()


def _end_of(turn: "Turn") -> tuple[int, int]:
    """The place of its last token."""
    return turn.turn_id, len(turn.token_ids) - 1
