"""The lab: the stations on the left, one of them on the right, with its words, its question and what it found.

The screen asks and shows; every number comes from the service. Work runs in the background, one piece at a time.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from rnntui.chat_events import Failed
from rnntui.errors import RnntuiError
from rnntui.figures import Finding, LabEvent, Progress
from rnntui.service.lab import GLOSSARY, STATIONS, Station
from rnntui.text import bar, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.footer.key_line import KeyLine
from rnntui.tui.keys import with_keys
from rnntui.tui.lab.station_form import StationForm
from rnntui.tui.safe import joined, shown, shown_line
from rnntui.tui.single_run import SingleRun
from rnntui.tui.widgets.figure_view import FigureView

if TYPE_CHECKING:
    from rnntui.service.services import Services

_BAR_CELLS = 24
_STARTS = "This station trains for some seconds: {run-station} starts it."


class LabScreen(Screen[None]):
    """Ten stops of a way through a recurrent network.

    Args:
        services: What the program can do.
        model: Asked for the id of the model to look into, whenever a station runs; empty for the preferred one.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("lab")
    HELP = (
        "Ten stations, from the next word to a single unit; every number comes from the model that is open in the "
        "chat, or from a toy that is trained before your eyes. {next-station} and {previous-station} change the "
        "station, Enter or {run-station} runs it, {stop-station} stops it.\n\nThe words of the field:\n"
        + "\n".join(f"{word}: {sentence}" for word, sentence in GLOSSARY)
    )

    class Advanced(Message):
        """The station at work has told something."""

    def __init__(self, services: "Services", model: Callable[[], str]) -> None:
        super().__init__()
        self._services = services
        self._model = model
        self._number = 0
        self._work = SingleRun[LabEvent](lambda: self.post_message(self.Advanced()))
        self.finding: Finding | None = None
        """What the open station found; None before it was run."""

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """Stations, and the one that is open."""
        with Horizontal(id="lab-body"):
            yield OptionList(
                *(Option(_station_row(number, entry)) for number, entry in enumerate(STATIONS, start=1)),
                id="stations",
                compact=True,
            )
            with Vertical(id="station"):
                yield Static(id="lab-title")
                yield StationForm()
                yield Static(id="lab-state")
                with VerticalScroll(id="lab-page"):
                    yield Static(id="lesson")
                    yield Static(id="equation")
                    yield FigureView(id="findings")
                    yield Static(id="try-this")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the first station."""
        self.query_one("#stations", OptionList).highlighted = 0
        self.open_station(0)

    @property
    def station(self) -> Station:
        """The open station."""
        return STATIONS[self._number]

    @property
    def is_idle(self) -> bool:
        """True when nothing is computed."""
        return self._work.is_idle

    @property
    def _form(self) -> StationForm:
        return self.query_one(StationForm)

    # ---- going from station to station

    def open_station(self, number: int) -> None:
        """Show a station; one that takes no time runs at once."""
        self._number = number % len(STATIONS)
        station = self.station
        self._form.show(station)
        self.query_one("#lab-title", Static).update(self._title())
        self.query_one("#lesson", Static).update(_lesson(station))
        self.query_one("#equation", Static).update(shown(station.equation))
        self.query_one("#try-this", Static).update(joined(("Try: ", "bold $text-accent"), shown(station.try_this)))
        self.query_one(FigureView).show(())
        self.query_one("#lab-page").scroll_home(animate=False)
        stations = self.query_one("#stations", OptionList)
        if stations.highlighted != self._number:
            stations.highlighted = self._number
        self.finding = None
        self._work.stop()
        self._say("…" if station.is_quick else with_keys(self.app, _STARTS), "$foreground-muted")
        self._show_buttons()
        if station.is_quick:
            self.action_run_station()

    def ask(self, prompt: str) -> None:
        """Put words into the prompt and look at what comes next after them."""
        self._form.write_prompt(" ".join(prompt.split()))
        self.open_station(0)

    def _title(self) -> Content:
        where = f"{self._number + 1} of {len(STATIONS)}  "
        return joined((where, "$foreground-disabled"), shown_line(self.station.title, "bold $text-primary"))

    @on(OptionList.OptionHighlighted, "#stations")
    def _follow_list(self, event: OptionList.OptionHighlighted) -> None:
        number = event.option_list.highlighted  # the event may be older than the newest key
        if number is not None and number != self._number:
            self.open_station(number)

    @on(OptionList.OptionSelected, "#stations")
    def _run_from_list(self) -> None:
        self.action_run_station()

    def action_next_station(self) -> None:
        """The station after this one."""
        self.open_station(self._number + 1)

    def action_previous_station(self) -> None:
        """The station before this one."""
        self.open_station(self._number - 1)

    # ---- running

    @on(Input.Submitted)
    @on(Button.Pressed, "#lab-run")
    def action_run_station(self) -> None:
        """Run the station with what is asked."""
        self._work.request(self._begin)
        self._advance()

    @on(Button.Pressed, "#lab-stop")
    def action_stop_station(self) -> None:
        """Stop what goes on."""
        if not self._work.is_busy:
            return
        self._work.stop()
        self._say("Stopped.", "$text-warning")
        self._show_buttons()

    @on(Button.Pressed, "#lab-step")
    def action_add_word(self) -> None:
        """Add the drawn word to the prompt and look again."""
        text = self.finding.next_prompt if self.finding else ""
        if not text:
            return
        if "\n" in text:
            self.app.notify("The network ended the paragraph here; a prompt is one line.", severity="warning")
            return
        self._form.write_prompt(text.strip())
        self.action_run_station()

    def action_page_up(self) -> None:
        """Scroll back."""
        self.query_one("#lab-page").scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll on."""
        self.query_one("#lab-page").scroll_page_down(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys mean something now."""
        if action == "stop_station":
            return self._work.is_busy
        if action == "run_station":
            return not self._work.is_busy
        if action == "add_word":
            return bool(self.finding and self.finding.next_prompt)
        return True

    @on(Advanced)
    def _advance(self) -> None:
        self._show_events(self._work.advance())
        self._show_buttons()

    def _begin(self) -> Iterator[LabEvent] | None:
        """Ask the station what stands in the fields; nothing, with a sentence, when something does not fit."""
        try:
            asked = self._form.read(self.station)
        except RnntuiError as problem:
            self._say(str(problem), "$text-error")
            return None
        self.finding = None
        self._say("…", "$foreground-muted")
        return self._services.lab.run(self.station.name, asked, self._model())

    def _show_events(self, taken: list[LabEvent | Failed]) -> None:
        if not taken:
            return
        figures = next(
            (event.figures for event in reversed(taken) if isinstance(event, Progress) and event.figures), ()
        )
        if figures:
            self.query_one(FigureView).show(figures)
        last = taken[-1]
        match last:
            case Progress():
                self._show_progress(last)
            case Finding():
                self._show_finding(last)
            case Failed():
                self._say(f"{last.sentence} {last.next_step}".rstrip(), "$text-error")

    def _show_progress(self, progress: Progress) -> None:
        full = bar(progress.fraction, _BAR_CELLS)
        self.query_one("#lab-state", Static).update(
            joined(
                (full, "$primary"),
                ("─" * (_BAR_CELLS - len(full)), "$foreground-disabled"),
                f" {100 * progress.fraction:3.0f} % ",
                shown_line(progress.what, "$foreground-muted", 120),
            )
        )

    def _show_finding(self, finding: Finding) -> None:
        self.finding = finding
        self.query_one(FigureView).show(finding.figures)
        self._form.suggest(finding.choices)
        facts = f"{visible_line(finding.model, 40)} · seed {finding.seed} · {finding.seconds:.1f} s"
        self._say(facts, "$foreground-muted")

    def _say(self, sentence: str, style: str) -> None:
        self.query_one("#lab-state", Static).update(shown_line(sentence, style, 300))

    def _show_buttons(self) -> None:
        can_add = bool(self.finding and self.finding.next_prompt)
        self._form.show_buttons(is_busy=self._work.is_busy, can_add=can_add)
        self.refresh_bindings()

    def on_screen_suspend(self, event: events.ScreenSuspend) -> None:
        """A toy need not train on while nobody looks; behind a dialog it does, and what a quick station found stays."""
        if self not in self.app.screen_stack:
            self.action_stop_station()


def _station_row(number: int, station: Station) -> Content:
    return joined((f"{number:<4}", "$foreground-disabled"), shown_line(station.title))


def _lesson(station: Station) -> Content:
    return joined(
        shown(station.question, "italic $text-accent"),
        "\n",
        shown(station.text),
    )
