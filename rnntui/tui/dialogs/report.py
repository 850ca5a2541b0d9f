"""The report of a model: the same text as `rnntui models show NAME`, to scroll through and to write into a file."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from rnntui.figures import Figure
from rnntui.paths import working_folder
from rnntui.records import ModelCard, RunReport
from rnntui.service.export.report_files import KINDS, write_report
from rnntui.text import visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.file_choice import suggest_name
from rnntui.tui.runs.run_past import past_of_report
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.widgets.figure_view import FigureView
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services


class ReportScreen(Dialog[None]):
    """One page to scroll through.

    Args:
        services: Where files are written.
        card: The model.
        figures: What is known of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("report")
    HELP = (
        "How the network came about and how good it is, on text it has never seen. Arrow keys and page keys scroll; "
        "m writes it as Markdown, h as one page for a browser, with the curve as a picture; {report-history} shows "
        "what it said when, with a slider over the curve."
    )

    def __init__(self, services: "Services", card: ModelCard, figures: tuple[Figure, ...]) -> None:
        super().__init__()
        self._services = services
        self._desk = Desk(self, lambda what: self._say(f"{what} …" if what else ""))
        self._card = card
        self._figures = figures

    def compose(self) -> ComposeResult:
        """The page, a line for the file's name, and what can be done."""
        with Vertical(classes="dialog"):
            yield Static(shown_line(f"Report of {self._card.name}"), classes="dialog-title")
            with VerticalScroll(id="report-page"):
                yield FigureView(id="report-figures")
            yield AskLine("", "write to", id="report-file")
            yield Static(id="report-said")
            with Horizontal(classes="buttons"):
                yield Button(shown_line("Export Markdown"), id="report-markdown", compact=True)
                yield Button(shown_line("Export HTML"), id="report-html", compact=True)
                yield Button(shown_line("How it learned"), id="report-history", compact=True)
                yield Button(shown_line("Close"), id="report-close", compact=True)

    def on_mount(self) -> None:
        """Show the page."""
        self.query_one("#report-file").display = False
        self.query_one(FigureView).show(self._figures)
        self.query_one("#report-page").focus()

    @on(Button.Pressed, "#report-markdown")
    def action_export_markdown(self) -> None:
        """Ask where the report goes as Markdown."""
        self._ask("markdown")

    @on(Button.Pressed, "#report-html")
    def action_export_html(self) -> None:
        """Ask where the report goes as one page for a browser."""
        self._ask("html")

    @on(Button.Pressed, "#report-history")
    def action_show_history(self) -> None:
        """What it said when, with a slider over the curve."""
        from rnntui.tui.runs.history_screen import HistoryScreen

        card, archive = self._card, self._services.archive

        def show(found: tuple[RunReport | None, int]) -> None:
            report, _ = found
            past = past_of_report(card, report) if report else None
            if past is None or not past.moments:
                self._say("This report kept no samples with their times.", is_wrong=True)
                return
            self.app.push_screen(HistoryScreen(past))

        self._desk.ask(lambda: archive.model_facts(card.model_id), show, self._say)

    @on(Button.Pressed, "#report-close")
    def action_leave(self) -> None:
        """Back to the page when a file's name is asked for; else close."""
        if self.query_one("#report-file").display:
            self._fold()
            return
        self.dismiss(None)

    @on(AskLine.Answered)
    def _write(self, event: AskLine.Answered) -> None:
        event.stop()
        name, kind = event.text.strip(), event.about
        if not name or self._desk.is_busy:  # Enter was pressed twice
            return

        def done(written: Path) -> None:
            self._fold()
            self._say(_describe_written(written))

        def work() -> Path:
            return write_report(self._services, self._card.model_id, Path(name), kind)

        self._desk.do(
            "writing", work, done, lambda sentence: self._say(sentence, is_wrong=True), closed=_describe_written
        )

    def _ask(self, kind: str) -> None:
        line = self.query_one("#report-file", AskLine)
        line.display = True
        file = working_folder() / f"{suggest_name([Path(self._card.name)])}-report{KINDS[kind][0]}"
        line.ask(kind, f"write {'Markdown' if kind == 'markdown' else 'HTML'} to", str(file))
        self._say("Enter writes it; Esc goes back.")

    def _fold(self) -> None:
        self.query_one("#report-file").display = False
        self._say("")
        self.query_one("#report-page").focus()

    def _say(self, sentence: str, *, is_wrong: bool = False) -> None:
        style = "$text-error" if is_wrong else "$text-success"
        self.query_one("#report-said", Static).update(shown_line(sentence, style, 500))


def _describe_written(written: Path) -> str:
    return f"The report is in {visible_line(str(written), 300)}."
