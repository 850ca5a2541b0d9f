"""The chat screen as objects, each for one concern, and how they are put together."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from rnntui.config import AppSettings
from rnntui.setting_fields import checked_value
from rnntui.tui.action import Action
from rnntui.tui.chat.chat_status import ChatStatus
from rnntui.tui.chat.command_runner import CommandRunner
from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.draft_chooser import DraftChooser
from rnntui.tui.chat.finder import Finder
from rnntui.tui.chat.memory_actions import MemoryActions
from rnntui.tui.chat.presenter import ChatPresenter
from rnntui.tui.chat.sampling import Sampling
from rnntui.tui.chat.side_view import SideView
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.tints import Tints
from rnntui.tui.chat.turn_actions import TurnActions
from rnntui.tui.chat.turn_remarks import TurnRemarks
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.chat.work.frame_loop import FrameLoop
from rnntui.tui.chat.work.opening import Opening
from rnntui.tui.compare.comparing import Comparing
from rnntui.tui.export.exporting import Exporting
from rnntui.tui.messages import LabRequested, TrainingRequested
from rnntui.tui.origin.origin_marks import OriginMarks
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.transcript.legend import Legend
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.transcript.welcome import Welcome
from rnntui.tui.widgets.prompt import Prompt
from rnntui.tui.widgets.status_line import StatusLine
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services


class ChatParts:
    """The parts of one chat screen; the table of actions calls some of them by the names they have here.

    Args:
        screen: Will hold the widgets.
        services: What the program can do.
        end_opening: Called when a conversation is open or was refused; takes the prompts that were sent meanwhile,
            and True the first time.
    """

    def __init__(
        self, screen: Screen[Any], services: "Services", end_opening: Callable[[list[str], bool], None]
    ) -> None:
        self.status_line = StatusLine(id="status")
        self.frames = FrameLoop(screen, lambda events: self.presenter.show(events), lambda: self.side.show_newest())
        worker, prompt = self.frames.worker, Prompt(id="prompt")
        worker.pace.words_per_second = services.config.app.pace
        self.status = ChatStatus(services, worker, prompt, self.status_line)
        self.transcript = Transcript(id="transcript")
        self.follower = self.transcript.follower
        side = SidePanel(id="side")
        self.stage = stage = Stage(
            self.frames,
            self.status,
            prompt,
            self.transcript,
            Welcome(id="welcome"),
            Legend(self.transcript, id="legend"),
            Alternatives(id="alternatives", find_place=lambda: side.box_place),
            side,
        )
        self.composer = Composer(stage, screen.run_worker, services.write, services.config.app.ghost)
        self.opening = Opening(
            services,
            worker,
            Desk(screen, self.status.show_progress),
            self.composer.leave_conversation,
            lambda chat, sentence: self.presenter.open(chat, sentence),
            lambda sentence, waiting: self.presenter.show_unopened(sentence, waiting),
            end_opening,
        )
        self.side = SideView(stage, services.config.sampler)
        self.words = WordInspector(stage, self.side, self.composer)
        remarks = TurnRemarks(stage, self.opening.model_name)
        self.tints = Tints(stage, remarks)
        self.origin = OriginMarks(stage, remarks, Desk(screen), services)
        self.drafts = DraftChooser(stage, self.words)
        self.comparing = Comparing(stage, self.words, self.composer, services.models)
        self.presenter = ChatPresenter(
            stage,
            remarks,
            self.side,
            self.tints,
            self.origin,
            self.words,
            self.drafts.show,
            self.composer,
            self.comparing,
        )
        self.sampling = Sampling(stage, self.side)
        self.finder = Finder(stage)
        self.memory = MemoryActions(stage, self.words, self.opening)
        self.exporting = Exporting(stage, self.words, self.composer, services, Desk(screen, self.status.show_progress))
        self.turns = TurnActions(stage, self.composer, self.words, self.finder, self.opening)
        self.commands = CommandRunner(stage, self.sampling.set_field, self._run, self._takers())
        self.transcript.content.tokens_of = remarks.words_of
        self.transcript.content.rows.runs_on = services.config.app.replies == "inline"

    def _run(self, action: Action) -> None:
        screen = self.stage.screen
        screen.call_later(screen.run_action, action.call_anywhere)

    def _takers(self) -> Mapping[str, Callable[[str], None]]:
        """What is done with the words that follow a command, by its slash word."""
        return {
            "pace": lambda text: self.sampling.set_pace(checked_value(AppSettings, "pace", text)),
            "model": self.turns.use_model,
            "keep": self.memory.keep,
            "find": self.finder.find,
            "compare": self.comparing.open_with,
            "unit": self.tints.choose_unit,
            "export": self.exporting.write,
            "export-reply": self.exporting.write_reply,
            "train": lambda path: self._post(TrainingRequested(path)),
            "lab": lambda words: self._post(LabRequested(words)),
        }

    def _post(self, message: TrainingRequested | LabRequested) -> None:
        self.stage.screen.post_message(message)
