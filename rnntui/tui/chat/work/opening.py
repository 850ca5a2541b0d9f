"""Turning from one conversation to another: it is read in a thread, and what is typed meanwhile is for that one.

Sits between the services, the worker and the screen; the screen shows what was opened, or why it was not.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnntui.tui.chat.work.chat_worker import ChatWorker
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.records import SavedState, Turn
    from rnntui.service.chat.chat import Chat
    from rnntui.service.services import Services


class Opening:
    """The openings of one screen; of several that are asked for at once the last one counts.

    Args:
        services: Know the conversations.
        worker: Has the open conversation; it is held while another one is read.
        desk: Where they are read.
        leave: Called when the open conversation is turned away from.
        show: Takes the conversation that is open now, and what is to be said of it; "" for nothing.
        refuse: Takes a sentence why it could not be opened, and the prompts that were sent meanwhile if another
            conversation goes on.
        end: Called when it is open or refused; takes the prompts that were sent meanwhile, and True the first time.
    """

    def __init__(
        self,
        services: "Services",
        worker: ChatWorker,
        desk: Desk,
        leave: Callable[[], None],
        show: "Callable[[Chat, str], None]",
        refuse: Callable[[str, list[str]], None],
        end: Callable[[list[str], bool], None],
    ) -> None:
        self._services = services
        self._worker = worker
        self._desk = desk
        self._leave = leave
        self._show = show
        self._refuse = refuse
        self._end = end
        self._waiting: list[str] = []
        self._was_there = False
        self._model_names: dict[str, str] = {}

    @property
    def is_on(self) -> bool:
        """True while a conversation is being read; what is sent and asked for meanwhile is for that one."""
        return not self._was_there or self._desk.is_asking

    def model_name(self, model_id: str) -> str:
        """What a model is called; empty when that is not known."""
        return self._model_names.get(model_id, "")

    def turn(self, turn_id: int) -> "Turn":
        """One stored turn, which need not be visible; reads the disk."""
        return self._services.archive.turn(turn_id)

    # ---- which one

    def first(self, model: str, session_id: str) -> None:
        """The conversation with which the app begins; keys are taken while what opens conversations is loaded."""
        services = self._services

        def make() -> "Chat":
            services.preload()
            return services.open_chat(model, session_id)

        if not self._desk.is_asking:  # otherwise the person was faster
            self._open(make)

    def new(self, model: str = "") -> None:
        """An empty conversation with a model, by name or id; without one, with the same model."""
        same = self._worker.chat.facts.card.model_id if self._worker.chat else ""
        self._open(lambda: self._services.new_chat(model or same))

    def begin_with(self, memory: "SavedState", told: str) -> None:
        """An empty conversation that remembers something.

        Args:
            memory: What it begins with.
            told: What is said when it is open.
        """
        self._open(lambda: self._services.new_chat("", memory), told)

    def stored(self, session_id: str, then: Callable[[], None] = lambda: None) -> None:
        """A stored conversation; when the open one was deleted, a new one.

        Args:
            session_id: Which one; empty for the open one.
            then: Called when it is open and shown, unless it was refused or is gone.
        """
        current = self._worker.chat.session.session_id if self._worker.chat else ""
        if session_id not in {"", current}:
            self._open(lambda: self._services.open_chat("", session_id), then=then)
        elif current:
            archive = self._services.archive

            def go_on(is_there: bool) -> None:
                if is_there:
                    then()
                elif not self._desk.is_asking:
                    self.new()

            self._desk.do("", lambda: archive.is_there(current), go_on, self._show_refusal)

    # ---- prompts that were sent meanwhile

    def wait(self, text: str) -> None:
        """Keep a prompt for the conversation that is being read."""
        self._waiting.append(text)

    def _take_waiting(self) -> list[str]:
        waiting, self._waiting = self._waiting, []
        return waiting

    # ---- reading it

    def _open(self, make: "Callable[[], Chat]", told: str = "", then: Callable[[], None] = lambda: None) -> None:
        services = self._services

        def read() -> "tuple[Chat, dict[str, str]]":
            services.begin()
            return make(), services.archive.model_names()

        def show(found: "tuple[Chat, dict[str, str]]") -> None:
            chat, self._model_names = found
            self._show(chat, told)
            self._let_go()
            then()

        self._leave()
        self._worker.hold()
        self._desk.ask(read, show, self._show_refusal, "opening the conversation")

    def _show_refusal(self, sentence: str) -> None:
        self._refuse(sentence, self._take_waiting() if self._worker.chat else [])
        self._let_go()

    def _let_go(self) -> None:
        self._worker.release()
        is_first, self._was_there = not self._was_there, True
        self._end(self._take_waiting(), is_first)
