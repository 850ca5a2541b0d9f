"""One run that is watched: looked for, started, followed and told what is wished, in a thread, while keys are taken.

Everything is asked for on one desk, so that a run answers in the order in which it was asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rnntui.events import TrainEvent
from rnntui.records import RunRecord, TrainRequest
from rnntui.service.run.run_view import RunView, fold_all, going_on
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.run.training import RunFollower
    from rnntui.service.services import Services

_STARTING = "starting the trainer"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watched:
    """A run, and what it has told until now."""

    run: RunRecord
    follower: "RunFollower"
    view: RunView


class RunWatch:
    """Watches one run at a time, or none.

    Args:
        services: Know the runs.
        desk: Where they are asked.
        turned: Called when another run is watched, or none.
        told: Called when the run has told something; True when it has just come to its end.
        lost: Takes the name of a run that can be followed no more, and why; none is watched then.
    """

    def __init__(
        self,
        services: "Services",
        desk: Desk,
        turned: Callable[[], None],
        told: Callable[[bool], None],
        lost: Callable[[str, str], None],
    ) -> None:
        self._services = services
        self._desk = desk
        self._turned = turned
        self._told = told
        self._lost = lost
        self.run: RunRecord | None = None
        self.view = RunView()
        self.is_stopping = False
        """The person has said so; the trainer may not have heard it."""
        self.is_starting = False
        """A trainer was asked for, and is not there."""
        self._is_finding = False
        self._left_alone = ""
        """A run that the person has turned away from; one that was broken off is not offered again."""
        self._follower: RunFollower | None = None
        self._asked: RunFollower | None = None
        """Has not answered yet what is new."""

    @property
    def is_on(self) -> bool:
        """True while a run is watched."""
        return self._follower is not None

    # ---- which run

    def find(self, refused: Callable[[str], None]) -> None:
        """Look for the run that goes on, or one that was broken off, and watch it."""
        training, left_alone = self._services.training, self._left_alone

        def find() -> Watched | None:
            run = training.active() or training.interrupted()
            is_left = run is not None and run.run_id == left_alone and not run.is_running
            return None if run is None or is_left else self._read(run)

        if not self._is_finding:
            self._find(find, refused)

    def find_next(self, refused: Callable[[str], None]) -> None:
        """Watch the run that has started after the one that was left, if there is one."""
        training, left_alone = self._services.training, self._left_alone

        def find() -> Watched | None:
            run = training.active()
            return None if run is None or run.run_id == left_alone else self._read(run)

        self._find(find, refused)

    def _find(self, find: Callable[[], Watched | None], refused: Callable[[str], None]) -> None:
        def take(found: Watched | None) -> None:
            self._is_finding = False
            if found and not self.is_on:
                self._watch(found)

        def refuse(sentence: str) -> None:
            self._is_finding = False
            refused(sentence)

        self._is_finding = True
        self._desk.do("", find, take, refuse)

    def begin(self, request: TrainRequest, then: Callable[[RunRecord], None], refused: Callable[[str], None]) -> None:
        """Start a run and watch it, unless it has to wait for its turn.

        Args:
            request: What to train.
            then: Takes the run.
            refused: Takes a sentence why it cannot be started.
        """
        training = self._services.training

        def start() -> RunRecord | Watched:
            run = training.start(request, may_wait=True)
            return run if run.is_queued else self._read(run)

        def take(started: RunRecord | Watched) -> None:
            self.is_starting = False
            if isinstance(started, Watched):
                self._watch(started)
                started = started.run
            then(started)

        self._start(start, take, refused)

    def leave(self) -> None:
        """Watch no run; this one goes on by itself."""
        if self.run is not None:
            self._left_alone = self.run.run_id
            self._forget()

    def _read(self, run: RunRecord) -> Watched:
        """All that a run has told: work for the desk."""
        follower = self._services.training.follow(run.run_id)
        return Watched(run, follower, fold_all(follower.poll()))

    def _watch(self, found: Watched) -> None:
        self.run, self._follower, self.view = found.run, found.follower, found.view
        self.is_stopping = False
        self._turned()

    def _forget(self) -> None:
        self.run, self._follower, self.view = None, None, RunView()
        self._turned()

    # ---- what it tells

    def look(self) -> None:
        """Ask the run what is new."""
        if follower := self._follower:
            self._ask(follower, follower.poll)

    def listen(self) -> None:
        """Ask the run what is new if it is over, and be quiet until then."""
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
            if self._follower is follower and self.run is not None:
                name = self.run.name
                self._forget()
                self._lost(name, sentence)

        self._asked = follower
        self._desk.do("", news, take, refuse)

    def _take_news(self, news: list[TrainEvent]) -> None:
        if self.run is None:
            return
        if news or self.view.phase == "waiting":
            was_over = self.view.is_over
            self.view = fold_all(news, self.view)
            self._told(self.view.is_over and not was_over and self.run.is_running)
        if self.view.is_over and self.run.is_running:
            self._look_at_the_end(self.run.run_id)

    def _look_at_the_end(self, run_id: str) -> None:
        """The last event comes before the end of the process, and only after that the run can go on."""

        def take(run: RunRecord) -> None:
            is_the_same = self.run is not None and self.run.run_id == run_id
            if is_the_same and self.view.is_over and not run.is_running:
                self.run = run
                self._told(False)

        training = self._services.training
        self._desk.do("", lambda: training.record(run_id), take, lambda _: None)  # the next look says what is wrong

    # ---- what it is told

    def go_on(self, refused: Callable[[str], None]) -> None:
        """Go on with a run that was broken off or stopped, from exactly where it was."""
        training, run, follower = self._services.training, self.run, self._follower
        if run is None or follower is None:
            return

        def go_on() -> RunRecord:
            resumed = training.resume(run.run_id)
            follower.go_on()
            return resumed

        def take(resumed: RunRecord) -> None:
            self.is_starting = False
            if self._follower is follower:
                self.run, self.is_stopping, self.view = resumed, False, going_on(self.view)
                self._told(False)

        self._start(go_on, take, refused)

    def _start(self, start: Callable[[], T], take: Callable[[T], None], refused: Callable[[str], None]) -> None:
        def refuse(sentence: str) -> None:
            self.is_starting = False
            refused(sentence)

        if not self.is_starting:
            self.is_starting = True
            self._desk.do(_STARTING, start, take, refuse)

    def pause(self, refused: Callable[[str], None]) -> None:
        """Let it wait, or go on when it waits."""
        training = self._services.training
        self._order(training.resume if self.view.phase == "paused" else training.pause, lambda: None, refused)

    def stop(self, refused: Callable[[str], None]) -> None:
        """End it and keep the best weights: said at once, and taken back when that cannot be told."""
        follower = self._follower

        def refuse(sentence: str) -> None:
            if self._follower is follower:
                self.is_stopping = False
                self._told(False)
            refused(sentence)

        self.is_stopping = True
        self._told(False)
        self._order(self._services.training.stop, lambda: None, refuse)

    def extend(self, minutes: float, then: Callable[[], None], refused: Callable[[str], None]) -> None:
        """Give it more time."""
        training = self._services.training
        self._order(lambda run_id: training.extend(run_id, minutes), then, refused)

    def _order(self, order: Callable[[str], object], then: Callable[[], None], refused: Callable[[str], None]) -> None:
        run, follower = self.run, self._follower

        def take(_: object) -> None:
            if self._follower is follower:
                then()

        if run is not None:
            self._desk.do("", lambda: order(run.run_id), take, refused)
