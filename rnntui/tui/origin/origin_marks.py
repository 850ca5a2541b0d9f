"""Runs of words that a reply has in common with the text its model learned from: underlined, counted, shown in place.

The text is asked in the background; where there is no index yet, one is made there first, and the same key stops that.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

from rnntui.service.origin.sentences import share_in_words
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.turn_remarks import TurnRemarks
from rnntui.tui.origin.messages import OriginProgress
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.records import Turn
    from rnntui.service.origin.opening import Opening
    from rnntui.service.origin.origin import Copied, CopiedRun, Origin, Place
    from rnntui.service.services import Services

_FORGOTTEN_FROM = 1_000
"""Replies that were looked at and are kept."""


class OriginMarks:
    """The marks of one transcript.

    Args:
        stage: The screen.
        remarks: What stands below each turn.
        desk: Where the text is asked.
        services: What the program can do.
    """

    def __init__(self, stage: Stage, remarks: TurnRemarks, desk: Desk, services: "Services") -> None:
        self._stage = stage
        self._remarks = remarks
        self._desk = desk
        self._services = services
        self._origin: Origin | None = None
        self._opening: Opening | None = None
        self._then: Callable[[], None] = lambda: None
        self._looked: dict[tuple[int, int], Copied] = {}
        self.is_shown = False
        remarks.notes_of = self._notes

    # ---- what a person asks for

    def toggle(self) -> None:
        """Underline what stands in the text, or no longer; while its index is made, stop that."""
        if self._opening:
            self._stop_opening()
            self._stage.status.say("the text is not indexed; the same key begins again")
        elif self.is_shown:
            self._hide()
            self._stage.status.say("where words come from is no longer shown")
        else:
            self.is_shown = True
            self._with_origin(self._say_shown)

    def show_place(self) -> None:
        """Where the chosen word stands in the text, with the words around it."""
        if not (place := self._stage.transcript.cursor.place):
            key = self._stage.status.key("inspect")
            self._stage.status.say(f"No word is chosen. Go to one with {key} and the arrow keys.", is_warning=True)
            return
        turn_id, index = place
        self._with_origin(lambda: self._look_for_place(turn_id, index))

    def open_marked(self, turn_id: int, index: int) -> bool:
        """Show the place of a word that is underlined; False where it is not."""
        if not self._is_marked(turn_id, index):
            return False
        self._with_origin(lambda: self._look_for_place(turn_id, index))
        return True

    @property
    def is_at_marked(self) -> bool:
        """True while the chosen word is underlined."""
        place = self._stage.transcript.cursor.place
        return place is not None and self._is_marked(*place)

    def update(self) -> None:
        """Words came or went, or another model speaks."""
        if not self.is_shown or self._opening or self._stage.worker.can_stop:
            return
        if self._is_of_this_model():
            self._look()
        elif self._stage.chat:
            self._with_origin(self._look)

    def show_progress(self, sentence: str) -> None:
        """How far the index is."""
        self._stage.status.show_progress(sentence if self._opening else "")

    # ---- the text

    def _is_of_this_model(self) -> bool:
        chat, origin = self._stage.chat, self._origin
        return bool(chat and origin and chat.facts.card.weights_sha256 == origin.card.weights_sha256)

    def _is_marked(self, turn_id: int, index: int) -> bool:
        highlights = self._stage.transcript.content.highlights
        return self.is_shown and highlights.word_span("copied", turn_id, index) is not None

    def _with_origin(self, then: Callable[[], None]) -> None:
        """Do something when the text can be asked."""
        if self._is_of_this_model():
            then()
            return
        self._then = then
        chat = self._stage.chat
        if self._opening or chat is None:
            return
        from rnntui.service.origin.opening import Opening

        post = self._stage.screen.post_message
        opening = Opening(self._services, chat.facts.card, lambda sentence: post(OriginProgress(sentence)))
        self._opening = opening
        self._desk.do(
            "",
            opening.run,
            lambda origin: self._take(origin, opening),
            lambda sentence: self._refuse(sentence, opening),
        )

    def _take(self, origin: "Origin | None", opening: "Opening") -> None:
        if origin is None or self._opening is not opening:
            return
        self._end_opening()
        self._origin = origin
        self._looked.clear()
        if self._is_of_this_model():
            self._then()
        else:  # another model speaks since
            self.update()

    def _refuse(self, sentence: str, opening: "Opening") -> None:
        if self._opening is opening:
            self._end_opening()
            self._hide()
            self._stage.status.say(sentence, is_warning=True)

    def _stop_opening(self) -> None:
        if self._opening:
            self._opening.stop()
        self._end_opening()
        self._hide()

    def _end_opening(self) -> None:
        self._opening = None
        self._stage.status.show_progress("")

    # ---- runs

    def _say_shown(self) -> None:
        if self._origin:
            note = f" · {self._origin.note}" if self._origin.note else ""
            self._stage.status.say(f"what stands in its text is underlined; Enter there shows the place{note}")
        self._look()

    def _look(self) -> None:
        """Look at the replies that were not looked at, and show what is known."""
        origin = self._origin
        if origin is None:
            return
        fresh = {
            key: text for turn in self._replies() if (key := _key(turn)) not in self._looked and (text := turn.text)
        }
        if not fresh:
            self._show()
            return

        def show(found: "dict[tuple[int, int], Copied]") -> None:
            if len(self._looked) > _FORGOTTEN_FROM:
                self._looked.clear()
            self._looked |= found
            self._show()

        self._desk.ask(lambda: {key: origin.look(text) for key, text in fresh.items()}, show, self._stage.status.say)

    def _show(self) -> None:
        if not self.is_shown:
            return
        spans = {}
        for turn in self._replies():
            if copied := self._looked.get(_key(turn)):
                starts = self._token_starts(turn.turn_id)
                spans[turn.turn_id] = [_token_span(run, starts) for run in copied.runs] if starts else []
        self._stage.transcript.content.highlights.highlight_words("copied", spans)
        self._remarks.refresh()

    def _hide(self) -> None:
        self.is_shown = False
        self._stage.transcript.content.highlights.hide("copied")
        self._remarks.refresh()

    def _replies(self) -> "list[Turn]":
        """The visible replies of the model whose text can be asked."""
        model_id = self._origin.card.model_id if self._origin else ""
        return [turn for turn in self._stage.turns if turn.role == "network" and turn.model_id == model_id]

    def _token_starts(self, turn_id: int) -> list[int]:
        """The character at which each token of a turn begins."""
        lengths = [len(text) for text, _ in self._remarks.words_of(turn_id)]
        return list(accumulate(lengths, initial=0))[:-1]

    def _notes(self, turn: "Turn") -> tuple[str, ...]:
        """What stands below a reply while the marks are shown, in more and in fewer words."""
        copied = self._looked.get(_key(turn)) if self.is_shown and turn.role == "network" else None
        if copied is None or self._origin is None:
            return ()
        header = self._origin.header
        human = header.human_share if header.human_words else None
        return share_in_words(copied.share, human), share_in_words(copied.share, human, is_short=True)

    # ---- places

    def _look_for_place(self, turn_id: int, index: int) -> None:
        """Find the places of the longest run through a token, then show the first."""
        turn = next((turn for turn in self._stage.turns if turn.turn_id == turn_id), None)
        origin, starts = self._origin, self._token_starts(turn_id)
        if turn is None or origin is None or index >= len(starts):
            return
        start = starts[index]
        end = starts[index + 1] if index + 1 < len(starts) else len(turn.text)
        text = turn.text
        start += len(text[start:end]) - len(text[start:end].lstrip())

        def find() -> "tuple[CopiedRun, tuple[int, ...], Place] | None":
            run = origin.look(text).run_at(start, end)
            if run is None:
                return None
            places = origin.places(run)
            return run, places, origin.place(places[0], run)

        self._desk.ask(find, lambda found: self._open_place(origin, found), self._stage.status.say)

    def _open_place(self, origin: "Origin", found: "tuple[CopiedRun, tuple[int, ...], Place] | None") -> None:
        from rnntui.tui.origin.place_screen import PlaceScreen

        if found is None:
            self._stage.status.say("no four words in a row here stand in its text")
            return
        run, places, first = found
        self._stage.screen.app.push_screen(
            PlaceScreen(lambda number: origin.place(number, run), places, first, run.words)
        )


def _key(turn: "Turn") -> tuple[int, int]:
    return turn.turn_id, len(turn.text)


def _token_span(run: "CopiedRun", starts: list[int]) -> tuple[int, int]:
    """The tokens in which the characters of a run stand."""
    return bisect_right(starts, run.start) - 1, bisect_right(starts, run.end - 1)
