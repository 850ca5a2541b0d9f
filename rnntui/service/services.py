"""The front door: everything a screen or a command can ask for. Opens nothing before it is needed; loads no torch.

What does the work is imported where it is first asked for: the app paints before any of it is there.
"""

import contextlib
import importlib
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.config import Config
from rnntui.errors import InputError, ModelFileError, RnntuiError, StorageError
from rnntui.paths import Paths
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.events import Preparing
    from rnntui.records import ModelCard, SavedState, SaveStatus, Session
    from rnntui.service.archive import Archive
    from rnntui.service.chat.chat import Chat
    from rnntui.service.evaluation import Evaluation
    from rnntui.service.lab import Lab
    from rnntui.service.play.game import Play
    from rnntui.service.run.training import Training
    from rnntui.store.conversations.database import Database
    from rnntui.store.conversations.memories import Memories
    from rnntui.store.conversations.sessions import Sessions
    from rnntui.store.files.locks import Lock
    from rnntui.store.library import Library

NEW_TITLE = "new conversation"
_CLAIM = "open.lock"  # whoever holds it may save; the system frees it however the program ends


class Services:
    """All services over one data folder. What opens or asks the disk may be called from any thread, and may wait.

    Args:
        paths: Where things are kept.
        config: The person's preferences.
    """

    def __init__(self, paths: Paths, config: Config | None = None) -> None:
        self.paths = paths
        self.config = config or Config()
        self._claim: Lock | None = None
        self._opening = threading.RLock()
        """Held while the conversations are opened, so that all threads get the same ones, and none before they are."""
        self._file: Database | None = None
        self._sessions: Sessions | None = None
        self._is_begun = False
        self.notices: list[str] = []
        """What the person should know about the opening, one sentence each."""

    @cached_property
    def library(self) -> "Library":
        """The models."""
        from rnntui.store.library import Library

        return Library(self.paths.models, self.paths.starter_model)

    @cached_property
    def training(self) -> "Training":
        """Training runs."""
        from rnntui.service.run.training import Training
        from rnntui.store.corpora import Corpora
        from rnntui.store.runs.runs import Runs

        runs, corpora = Runs(self.paths.runs), Corpora(self.paths.corpora)
        return Training(runs, self.library, corpora, self.paths.data_dir, self.config.app.device)

    @cached_property
    def lab(self) -> "Lab":
        """Stations at which a model can be looked into."""
        from rnntui.service.lab import Lab

        return Lab(self.library, self.find_model)

    @cached_property
    def play(self) -> "Play":
        """The game of guessing the next word."""
        from rnntui.service.play.game import open_play

        return open_play(self.paths, self.library, self.find_model)

    @classmethod
    def open(cls, paths: Paths, config: Config) -> "Services":
        """Services that have begun; see `begin`."""
        services = cls(paths, config)
        services.begin()
        return services

    @staticmethod
    def preload() -> None:
        """Load what `begin` and the first conversation need; it may be done in any thread."""
        for name in (
            "rnntui.service.run.training",
            "rnntui.service.notices",
            "rnntui.service.chat.chat",
            "rnntui.store.conversations.memories",
        ):
            importlib.import_module(name)

    def begin(self) -> None:
        """Open the conversations, mend what a crash left, empty out what was deleted long ago; once.

        Never fails for want of a disk: where conversations cannot be saved, `save_status` and a notice say why.
        """
        with self._opening:
            if not self._is_begun:
                self._is_begun = True
                self._open_conversations()

    def _open_conversations(self) -> None:
        from rnntui.service.notices import describe_broken_run, describe_recovery, explain_not_saving, purge_limit

        with contextlib.suppress(RnntuiError):
            self.training.start_next()  # whoever should have done it was killed
        if broken_off := self.training.interrupted():
            self.notices.append(describe_broken_run(broken_off))
        self._file = self._open_database()
        interrupted = self.conversations.recover()
        if self._database.notice:
            self.notices.append(self._database.notice)
        if not self.is_saving:
            self.notices.append(explain_not_saving(self.save_status))
            return
        self.conversations.purge_deleted(purge_limit())
        if interrupted:
            self.notices.append(describe_recovery(self.conversations, interrupted))

    @classmethod
    def open_read_only(cls, paths: Paths, config: Config) -> "Services":
        """Open the services to look into the conversations; a folder that cannot be written is no hindrance."""
        from rnntui.store.conversations.database import Database

        services = cls(paths, config)
        services._file = Database(paths.database, must_keep=False, is_in_use=services._is_in_use)
        return services

    def _is_in_use(self) -> bool:
        from rnntui.store.files.locks import is_locked

        return is_locked(self.paths.data_dir / _CLAIM)

    def _open_database(self) -> "Database":
        from rnntui.store.conversations.database import Database
        from rnntui.store.files.durable import make_folder
        from rnntui.store.files.locks import is_locked, lock

        try:
            make_folder(self.paths.data_dir)
            self._claim = lock(self.paths.data_dir / _CLAIM)
        except StorageError as problem:
            refusal = _refuse_second_program(self.paths) if is_locked(self.paths.data_dir / _CLAIM) else problem
            return Database.without_disk(self.paths.database, refusal)
        return Database(self.paths.database, must_keep=False)

    @property
    def _database(self) -> "Database":
        from rnntui.store.conversations.database import Database

        with self._opening:
            if self._file is None:
                self._file = Database(self.paths.database, is_in_use=self._is_in_use)
            return self._file

    @property
    def opening_notice(self) -> str:
        """What a person should know about the opening of the conversations; empty when there is nothing."""
        return self._database.notice

    @property
    def quarantine_notices(self) -> list[str]:
        """What was said of each damaged file of conversations that is still kept, oldest first."""
        return self._database.kept_aside()

    @property
    def is_saving(self) -> bool:
        """Whether conversations are saved, as far as is known; waits for nothing."""
        return self._file is None or self._file.refusal is None

    @property
    def save_status(self) -> "SaveStatus":
        """Whether conversations are saved, and if not, why; waits for nothing."""
        from rnntui.records import SaveStatus

        refusal = self._file.refusal if self._file else None
        return SaveStatus(False, refusal.sentence, refusal.next_step) if refusal else SaveStatus()

    @cached_property
    def archive(self) -> "Archive":
        """What a person can do with many conversations and memories at once."""
        from rnntui.service.archive import Archive

        return Archive(self)

    @property
    def conversations(self) -> "Sessions":
        """Where conversations are kept.

        Raises:
            StorageError: If the data folder cannot be used.
        """
        from rnntui.store.conversations.sessions import Sessions

        with self._opening:
            if self._sessions is None:
                self._sessions = Sessions(self._database)
            return self._sessions

    def close(self) -> None:
        """Close what was opened. Nothing needs saving: everything was saved when it happened."""
        if self._file:
            self._file.close()
        if self._claim:
            self._claim.release()

    # ---- models ----

    def models(self) -> "list[ModelCard]":
        """Every model, newest first, the starter among them."""
        return self.library.cards()

    def find_model(self, name: str = "") -> "ModelCard":
        """A model by name or id; without a name the preferred one, else the starter, else the newest.

        Raises:
            InputError: If there is no such model; the next step names near ones.
            ModelFileError: If there is no model at all.
        """
        wanted = name or self.config.app.model
        if wanted:
            return self.library.find(wanted)
        cards = self.models()
        if not cards:
            raise ModelFileError(
                "There is no model here, not even the starter.",
                "Install rnntui again, or train one: rnntui train FILE --minutes 5.",
            )
        return next((card for card in cards if card.name == "starter"), cards[0])

    # ---- conversations ----

    def sessions(self) -> "list[Session]":
        """Every conversation, the last used first."""
        return self.conversations.sessions()

    def open_chat(self, model: str = "", session_id: str = "") -> "Chat":
        """A stored conversation; without an id the last one used or typed in, or a new one when a model is named.

        A model named with a conversation takes it over when it is loaded: it reads the transcript once.

        Raises:
            InputError: If the conversation or the model is not there.
        """
        from rnntui.service.chat.chat import Chat

        typed = None if session_id or model else self.conversations.unsent_texts.newest()
        if typed and not typed.session_id:
            return self.new_chat(typed.model_id if self._has_model(typed.model_id) else "")
        wanted = session_id or (typed.session_id if typed else "")
        session = self.conversations.session(wanted) if wanted else self.conversations.latest()
        if session is None or (model and not session_id):
            return self.new_chat(model)
        try:
            card = self.library.find(model or session.model_id)
        except InputError:
            if session_id:
                raise
            return self.new_chat(model)
        return Chat(self.library, self.conversations, card, session, device=self.config.app.device)

    def _has_model(self, model_id: str) -> bool:
        return any(card.model_id == model_id for card in self.models())

    def new_chat(self, model: str = "", memory: "SavedState | None" = None) -> "Chat":
        """A fresh conversation; it is stored with its first turn.

        Args:
            model: Who speaks, by name or id; empty is the model of the memory, else the preferred one.
            memory: What it begins with, such as `memories.find("storm at sea")` or a blend; None begins with nothing.

        Raises:
            InputError: If there is no such model, or the memory belongs to another one.
        """
        from rnntui.records import Session
        from rnntui.service.chat.chat import Chat

        card = self.find_model(model or (memory.model_id if memory else ""))
        if memory and memory.model_id != card.model_id:
            raise InputError(
                f'The memory "{visible_line(memory.name, 60)}" belongs to another model.', "Start with that model."
            )
        session = Session("", NEW_TITLE, card.model_id, self.config.sampler, self.config.app.join)
        return Chat(self.library, self.conversations, card, session, root=memory, device=self.config.app.device)

    # ---- memories with names ----

    @property
    def memories(self) -> "Memories":
        """Memories that were kept under a name; `Chat.save_memory` adds one.

        Raises:
            StorageError: If the data folder cannot be used.
        """
        return self.conversations.memories

    def interpolate_memories(self, one: str, other: str, share: float) -> "SavedState":
        """A memory between two kept ones, `share` of the first and the rest of the second, to begin with or to keep.

        Raises:
            InputError: If there is no such memory, they are of different models, or the share is outside 0 to 1.
        """
        from rnntui.service.interpolation import interpolate_states

        first, second = self.memories.find(one), self.memories.find(other)
        return interpolate_states(first, second, share, self.library.find(first.model_id))

    # ---- files ----

    def write(self, path: Path, data: bytes, *, is_private: bool = False) -> None:
        """Write a file the person asked for: complete or not at all, and as open to others as their umask says.

        Args:
            path: Where to.
            data: The whole content.
            is_private: True for what nobody else should read, whatever the umask.

        Raises:
            StorageError: If the disk refuses.
        """
        from rnntui.store.files import unfinished
        from rnntui.store.files.durable import ORDINARY_FILE, PRIVATE_FILE, write_file

        with unfinished.note_place(self.paths.data_dir, path.parent):
            write_file(path, data, PRIVATE_FILE if is_private else ORDINARY_FILE)

    # ---- measuring ----

    def evaluate(self, files: Sequence[Path], model: str = "") -> "Iterator[Preparing | Evaluation]":
        """How well a model predicts files it may never have seen: progress, then one `Evaluation`.

        Raises:
            CorpusError: If a file cannot be read.
        """
        from rnntui.service.evaluation import evaluate

        return evaluate(self.library, self.find_model(model), files, self.config.app.device)


def _refuse_second_program(paths: Paths) -> StorageError:
    folder = visible_line(str(paths.data_dir), 160)
    return StorageError(
        f'Another rnntui has the conversations in "{folder}" open; this one shows and continues them without saving.',
        "Close the other one and start this one again, or name another folder with --data-dir.",
    )
