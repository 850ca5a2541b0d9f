"""One run that is watched: found, started, followed and given orders, in a thread, while keys are taken.

Everything is asked for on one desk, so that a run answers in the order in which it was asked.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from rnntui.events import TrainEvent
from rnntui.records import RunRecord, TrainRequest
from rnntui.service.run.run_view import fold_all, going_on
from rnntui.tui.training.run_state import RunState
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.run.run_follower import RunFollower
    from rnntui.service.run.training import Training

_STARTING = "starting the trainer"
Refused = Callable[[str], None]
"""Takes a sentence why something cannot be done."""
T = TypeVar("T")


class RunObserver(Protocol):
    """Who wants to know of the run."""

    def show_run(self, state: RunState, *, has_switched: bool = False, has_ended: bool = False) -> None:
        """The state is another one: of another run, or of none; or the run has just come to its end."""

    def show_lost(self, name: str, sentence: str) -> None:
        """The run of this name can no longer be followed, and why; none is watched any more."""


@dataclass(frozen=True, slots=True)
class FollowedRun:
    """A run as it was read, with its follower, which knows what comes next."""

    follower: "RunFollower"
    state: RunState


class RunWatch:
    """Watches one run at a time, or none.

    Args:
        training: Knows the runs.
        desk: Where they are asked.
        observer: Is told of every change of the state.
    """

    def __init__(self, training: "Training", desk: Desk, observer: RunObserver) -> None:
        self._training = training
        self._desk = desk
        self._observer = observer
        self.state = RunState()
        """What is known of the run that is watched."""
        self._is_starting = False
        """A trainer was asked for, and is not there."""
        self._is_finding = False
        self._left_run = ""
        """A run that the person has turned away from; one that was broken off is not offered again."""
        self._follower: RunFollower | None = None
        self._advised: RunFollower | None = None
        """Of the run for which it was asked what to try next."""
        self._asked: RunFollower | None = None
        """Has not answered yet what is new."""

    # ---- which run

    def find(self, refused: Refused) -> None:
        """Look for the run that goes on, or one that was broken off, and watch it."""
        training, left = self._training, self._left_run

        def find() -> FollowedRun | None:
            run = training.active() or training.interrupted()
            is_left = run is not None and run.run_id == left and not run.is_running
            return None if run is None or is_left else self._read(run)

        if not self._is_finding:
            self._find(find, refused)

    def find_next(self, refused: Refused) -> None:
        """Watch the run that has started after the one that was left, if there is one."""
        training, left = self._training, self._left_run

        def find() -> FollowedRun | None:
            run = training.active()
            return None if run is None or run.run_id == left else self._read(run)

        self._find(find, refused)

    def _find(self, find: Callable[[], FollowedRun | None], refused: Refused) -> None:
        def take(found: FollowedRun | None) -> None:
            self._is_finding = False
            if found and not self.state.is_on:
                self._switch(found)

        def refuse(sentence: str) -> None:
            self._is_finding = False
            refused(sentence)

        self._is_finding = True
        self._desk.do("", find, take, refuse)

    def begin(self, request: TrainRequest, then: Callable[[RunRecord], None], refused: Refused) -> None:
        """Start a run and watch it, unless it has to wait for its turn.

        Args:
            request: What to train.
            then: Takes the run.
            refused: Takes a sentence why it cannot be started.
        """

        def start() -> tuple[RunRecord, FollowedRun | None]:
            run = self._training.start(request, may_wait=True)
            return run, None if run.is_queued else self._read(run)

        def take(started: tuple[RunRecord, FollowedRun | None]) -> None:
            self._is_starting = False
            run, followed = started
            if followed:
                self._switch(followed)
            then(run)

        self._start(start, take, refused)

    def watch(self, run: RunRecord, refused: Refused) -> None:
        """Watch this run, whatever has become of it."""
        self._desk.do("reading the run", lambda: self._read(run), self._switch, refused)

    def leave(self) -> None:
        """Watch no run; this one goes on by itself."""
        if self.state.record is not None:
            self._left_run = self.state.record.run_id
            self._switch(None)

    def _read(self, run: RunRecord) -> FollowedRun:
        """All that a run has told: work for the desk."""
        follower = self._training.follow(run.run_id)
        return FollowedRun(follower, RunState(run, fold_all(follower.poll())))

    def _switch(self, found: FollowedRun | None) -> None:
        self._follower, state = (found.follower, found.state) if found else (None, RunState())
        self._show(state, has_switched=True)

    def _show(self, state: RunState, *, has_switched: bool = False, has_ended: bool = False) -> None:
        self.state = state
        self._ask_advice()
        self._observer.show_run(state, has_switched=has_switched, has_ended=has_ended)

    def _ask_advice(self) -> None:
        """Find out once what to try next after a run that is done."""
        model_id, follower, training = self.state.report_id, self._follower, self._training
        if not model_id or follower is None or self._advised is follower:
            return

        def take(sentence: str) -> None:
            if self._follower is follower and self.state.report_id == model_id:
                self._show(dataclasses.replace(self.state, advice=sentence))

        self._advised = follower
        self._desk.do("", lambda: training.next_step(model_id), take, lambda _: None)

    # ---- what it tells

    def poll(self) -> None:
        """Ask the run what is new."""
        if follower := self._follower:
            self._ask(follower, follower.poll)

    def poll_end(self) -> None:
        """Ask the run what is new if its process has ended, and be quiet until then."""
        if follower := self._follower:
            self._ask(follower, lambda: None if follower.is_running else follower.poll())

    def _ask(self, follower: "RunFollower", news: Callable[[], list[TrainEvent] | None]) -> None:
        """While an answer is waited for, nothing is asked; and one for a run that is watched no more is dropped."""
        if self._asked is follower:
            return

        def take(told: list[TrainEvent] | None) -> None:
            self._asked = None if self._asked is follower else self._asked
            if told is not None and self._follower is follower:
                self._take_news(told)

        def refuse(sentence: str) -> None:
            self._asked = None if self._asked is follower else self._asked
            if self._follower is follower:
                name = self.state.name
                self._switch(None)
                self._observer.show_lost(name, sentence)

        self._asked = follower
        self._desk.do("", news, take, refuse)

    def _take_news(self, news: list[TrainEvent]) -> None:
        before, run = self.state, self.state.record
        if run is None:
            return
        if news or before.view.phase == "waiting":
            view = fold_all(news, before.view)
            has_ended = view.is_over and not before.view.is_over and run.is_running
            self._show(dataclasses.replace(before, view=view), has_ended=has_ended)
        if self.state.view.is_over and run.is_running:
            self._read_end(run.run_id)

    def _read_end(self, run_id: str) -> None:
        """The last event comes before the end of the process, and only after that the run can go on."""

        def take(run: RunRecord) -> None:
            is_the_same = self.state.record is not None and self.state.record.run_id == run_id
            if is_the_same and self.state.view.is_over and not run.is_running:
                self._show(dataclasses.replace(self.state, record=run))

        training = self._training
        self._desk.do("", lambda: training.record(run_id), take, lambda _: None)  # the next poll says what is wrong

    # ---- what it is told

    def toggle_pause(self, refused: Refused) -> None:
        """Let it wait, or go on when it waits or was broken off; nothing while it can do neither."""
        if self.state.can_resume:
            self._resume(refused)
        elif self.state.is_learning:
            is_paused = self.state.view.phase == "paused"
            self._order(self._training.resume if is_paused else self._training.pause, lambda: None, refused)

    def _resume(self, refused: Refused) -> None:
        """Go on with a run that was broken off or stopped, from exactly where it was."""
        training, run, follower = self._training, self.state.record, self._follower
        if run is None or follower is None:
            return

        def resume() -> RunRecord:
            resumed = training.resume(run.run_id)
            follower.go_on()
            return resumed

        def take(resumed: RunRecord) -> None:
            self._is_starting = False
            if self._follower is follower:
                self._show(RunState(resumed, going_on(self.state.view)))

        self._start(resume, take, refused)

    def _start(self, start: Callable[[], T], take: Callable[[T], None], refused: Refused) -> None:
        def refuse(sentence: str) -> None:
            self._is_starting = False
            refused(sentence)

        if not self._is_starting:
            self._is_starting = True
            self._desk.do(_STARTING, start, take, refuse)

    def stop(self, refused: Refused) -> None:
        """End it and keep the best weights: said at once, and taken back when that cannot be told."""
        follower = self._follower

        def refuse(sentence: str) -> None:
            if self._follower is follower:
                self._show(dataclasses.replace(self.state, is_stopping=False))
            refused(sentence)

        if self.state.is_learning:
            self._show(dataclasses.replace(self.state, is_stopping=True))
            self._order(self._training.stop, lambda: None, refuse)

    def extend(self, minutes: float, then: Callable[[], None], refused: Refused) -> None:
        """Give it more time while it learns."""
        training = self._training
        if self.state.is_learning:
            self._order(lambda run_id: training.extend(run_id, minutes), then, refused)

    def _order(self, order: Callable[[str], object], then: Callable[[], None], refused: Refused) -> None:
        run, follower = self.state.record, self._follower

        def take(_: object) -> None:
            if self._follower is follower:
                then()

        if run is not None:
            self._desk.do("", lambda: order(run.run_id), take, refused)
