"""The conversation: transcript, prompt, one status line and one side panel.

The screen shows what the feed lets out and turns keys into wishes; the work itself is the service's.
"""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Input, Static, TextArea

from rnntui.errors import InputError, RnntuiError
from rnntui.events import (
    Failed,
    Forgotten,
    ModelLoaded,
    PromptRead,
    PromptScored,
    StateRebuilt,
    TurnFinished,
    TurnStored,
    WordSampled,
)
from rnntui.records import Turn
from rnntui.settings import SamplerSettings, changed, checked_value
from rnntui.text import visible_line
from rnntui.tui.actions import SETTING_WORDS, bindings_for, find_slash
from rnntui.tui.feed import Feed, FeedEvent, GivenBack, Stopped
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.screens.settings import ChosenSettings
from rnntui.tui.widgets.memory_strip import MemoryStrip
from rnntui.tui.widgets.next_words import NextWords
from rnntui.tui.widgets.prompt import LONGEST_PROMPT, Prompt
from rnntui.tui.widgets.status_line import StatusLine
from rnntui.tui.widgets.temperature_bar import TemperatureBar, temperature_words
from rnntui.tui.widgets.transcript import Transcript
from rnntui.tui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from rnntui.service.chat import Chat
    from rnntui.service.services import Services

_FRAME_SECONDS = 1 / 30
_TEMPERATURE_STEP = 0.05
_LAB_WORDS = 40
"""So many of the newest words go to the lab; a word further back changes next to nothing."""
_FASTEST_PACE = 1_000.0
_PACES = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 0.0)
_REASONS = {
    "paragraph": "paragraph end",
    "sentence": "sentence end",
    "words": "word limit",
    "stopped": "stopped",
}
_PHASES = {
    "idle": "",
    "loading": "loading the model",
    "reading": "reading",
    "writing": "writing",
    "stopping": "stopping",
    "forgetting": "forgetting",
}


class ChatScreen(Screen[None]):
    """Where a person and the network write in turns."""

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("chat")
    HELP = (
        "Type a beginning and press Enter: the network reads it into its memory and goes on writing. Esc stops it at "
        "once. It does not answer questions; it continues text the way its training text did."
    )

    class WorkWaits(Message):
        """Something happened in the background."""

    def __init__(self, services: "Services", model: str = "", session_id: str = "") -> None:
        super().__init__()
        self._services = services
        self._first_model = model
        self._first_session = session_id
        self._feed = Feed(self._wake)
        self._feed.pace = services.config.app.pace
        self._frames: Timer | None = None
        self._is_framing = False
        self._measured: float = 0.0
        self._opened_for_temperature = False
        self._reading = "reading"
        """What the prompt's frame says while a long prompt is read."""

    # ---- what it is made of

    def compose(self) -> ComposeResult:
        """Conversation on the left, panel on the right, status and keys below."""
        with Horizontal(id="body"):
            with Vertical(id="conversation"):
                with Vertical(id="stage"):
                    yield Transcript(id="transcript")
                    yield Welcome(id="welcome")
                    yield Static(shown_line("↓ new words"), id="pill")
                yield Prompt(id="prompt")
            with Vertical(id="side"):
                yield Static(_heading("SAMPLING"), classes="heading")
                yield TemperatureBar(id="temperature")
                yield Static(id="sampler")
                yield Static(_heading("NEXT WORD"), classes="heading", id="next-heading")
                yield NextWords(id="next")
                yield Static(_heading("MEMORY"), classes="heading", id="memory-heading")
                yield MemoryStrip(id="memory")
        yield StatusLine(id="status")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Open the conversation right after the first paint."""
        self._frames = self.set_interval(_FRAME_SECONDS, self._show_frame, pause=True)
        self._show_status()
        self.call_after_refresh(self._open_first)

    def _open_first(self) -> None:
        services = self._services
        self._open(lambda: services.open_chat(self._first_model, self._first_session))

    @property
    def transcript(self) -> Transcript:
        """The conversation as it is shown."""
        return self.query_one(Transcript)

    @property
    def prompt(self) -> Prompt:
        """Where the person writes."""
        return self.query_one(Prompt)

    @property
    def chat(self) -> "Chat | None":
        """The open conversation; None when none could be opened."""
        return self._feed.chat

    @property
    def is_idle(self) -> bool:
        """True when nothing is loaded, read or written and everything is shown."""
        return self._feed.is_idle

    @property
    def is_writing(self) -> bool:
        """True while there is something to stop."""
        return self._feed.phase in {"reading", "writing"} or self._feed.waiting > 0

    @property
    def is_framing(self) -> bool:
        """True while the frame timer runs."""
        return self._is_framing

    # ---- opening conversations

    def new_chat(self, model: str = "") -> None:
        """An empty conversation with a model, by name or id; without one, with the same model."""
        same = self.chat.card.model_id if self.chat else ""
        self._open(lambda: self._services.new_chat(model or same))

    def _open(self, make: "Callable[[], Chat]") -> None:
        try:
            chat = make()
        except RnntuiError as problem:
            self.say_problem(problem)
            return
        for event in self._feed.open(chat):
            self._show(event)
        self._measured = 0.0
        self._fill(chat)
        self._clear_panel()
        self._show_sampler()
        self.prompt.focus()
        self._frame()

    def _fill(self, chat: "Chat") -> None:
        transcript = self.transcript
        transcript.clear()
        self._welcome(chat)
        for turn in chat.turns:
            self._fill_turn(turn)
        self._show_welcome(transcript.is_blank)

    def _fill_turn(self, turn: Turn) -> None:
        transcript = self.transcript
        match turn.role:
            case "person":
                transcript.add_person(turn.text)
                self.prompt.remember(turn.text.strip())
            case "network":
                transcript.extend([turn.text])
                transcript.close("" if turn.status == "complete" else turn.status)
            case "forget":
                transcript.add_mark("memory emptied here")
            case _:
                transcript.add_mark("another model goes on from here")

    def _welcome(self, chat: "Chat") -> None:
        self.query_one(Welcome).show(chat.card)

    def _show_welcome(self, is_shown: bool) -> None:
        self.query_one(Welcome).display = is_shown
        self.transcript.display = not is_shown

    # ---- the frame loop: thirty times a second while words come, not at all otherwise

    def _wake(self) -> None:
        if self._is_framing:
            return
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self.post_message(self.WorkWaits())

    def on_chat_screen_work_waits(self) -> None:
        """The background has something."""
        self._frame()

    def _show_frame(self) -> None:
        self._frame()

    def _frame(self) -> None:
        self._show_all(self._feed.advance())
        if self._feed.needs_frames:
            self._set_framing(True)
            return
        if self._is_framing:
            self._set_framing(False)
            self._show_all(self._feed.advance())  # what came between the last look and the pause

    def _set_framing(self, is_framing: bool) -> None:
        if self._frames is None or is_framing == self._is_framing:
            return
        self._is_framing = is_framing
        if is_framing:
            self._frames.resume()
            return
        self._frames.pause()

    def _show_all(self, feed_events: list[FeedEvent]) -> None:
        words: list[WordSampled] = []
        for event in feed_events:
            if isinstance(event, WordSampled):
                words.append(event)
                continue
            self._show_words(words)
            words = []
            self._show(event)
        self._show_words(words)
        self._show_status()

    def _show_words(self, words: list[WordSampled]) -> None:
        if not words:
            return
        self.transcript.extend(word.piece for word in words)
        if self.query_one("#side").display:
            self._show_word(words[-1])

    def _show_word(self, word: WordSampled) -> None:
        self.query_one(NextWords).show(word)
        self.query_one(MemoryStrip).show(word.memory)
        content = joined(_heading("NEXT WORD"), (f"   {word.entropy_bits:.1f} bits", "$foreground-disabled"))
        self.query_one("#next-heading", Static).update(content)

    def _show(self, event: FeedEvent) -> None:
        match event:
            case ModelLoaded():
                self._show_memory()
            case StateRebuilt() if event.words_read:
                self.transcript.add_note(f"The memory was rebuilt by reading {event.words_read:,} words once more.")
            case StateRebuilt():
                self._show_memory()
            case PromptRead():
                self._reading = f"reading {event.words:,} of {event.of_words:,} words"
            case TurnStored():
                self._show_stored(event)
            case PromptScored():
                self._show_scored(event)
            case TurnFinished() if event.role == "network":
                self._show_finished(event)
            case Stopped():
                self.transcript.close("stopped")
                self._show_memory()
            case Forgotten():
                self._show_forgotten()
            case GivenBack():
                self.transcript.drop_person(event.text)
                self.prompt.give_back(event.text)
                self._show_welcome(self.transcript.is_blank)
            case Failed():
                self._show_failed(event)
            case _:
                pass

    def _show_stored(self, event: TurnStored) -> None:
        if self.transcript.has_waiting:
            self.transcript.settle_person()
            return
        self.transcript.add_person(event.text)

    def _show_scored(self, event: PromptScored) -> None:
        if event.unknown:
            names = ", ".join(visible_line(word, 40) for word in event.unknown[:5])
            more = f" and {len(event.unknown) - 5:,} more" if len(event.unknown) > 5 else ""
            self.transcript.add_note(f"never seen in training, read letter by letter: {names}{more}")
        self._show_memory()

    def _show_finished(self, event: TurnFinished) -> None:
        self._measured = event.words / event.seconds if event.seconds > 0 else 0.0
        reason = _REASONS.get(event.reason, event.reason)
        self.transcript.close(f"{event.words:,} words · {event.bits_per_word:.1f} bits/word · {reason}")
        self._show_memory()

    def _show_forgotten(self) -> None:
        self.transcript.add_mark("memory emptied here")
        self._clear_panel()
        self._show_welcome(False)

    def _clear_panel(self) -> None:
        self.query_one(MemoryStrip).show(())
        self.query_one(NextWords).show(None)
        self.query_one("#next-heading", Static).update(_heading("NEXT WORD"))

    def _show_failed(self, event: Failed) -> None:
        self.transcript.close("interrupted")
        self._show_welcome(False)
        sentence = f"{event.sentence} {event.next_step}".rstrip()
        self.transcript.add_error(sentence)
        self.app.notify(sentence, severity="error")

    def say_problem(self, problem: RnntuiError) -> None:
        """Show a problem as one sentence, where the conversation is and as a toast."""
        self._show_failed(Failed(problem.sentence, problem.next_step, problem.exit_code))

    def _show_memory(self) -> None:
        if self.chat and self.query_one("#side").display:
            self.query_one(MemoryStrip).show(self.chat.memory())

    # ---- the status line

    def _show_status(self) -> None:
        status = self.query_one(StatusLine)
        chat = self.chat
        if chat is None:
            status.show((1, "no model is open"), (2, "ctrl+l chooses one"), (0, self._keeping_words()))
            return
        counters = chat.counters
        ahead = max(0, counters.position - self._feed.shown_position)
        size = _size(counters.state_bytes)
        status.show(
            (1, visible_line(chat.card.name, 24)),
            (0, self._keeping_words()),
            (8, _PHASES[self._feed.phase] + (f", {self._feed.waiting} waiting" if self._feed.waiting else "")),
            (2, f"read {max(0, counters.words_read - ahead):,} words"),
            (4, f"re-read {counters.words_reread:,}"),
            (5, f"memory {size}"),
            (7, f"seed {chat.seed}"),
            (6, self._pace_words()),
        )
        self._show_prompt_state()

    def _keeping_words(self) -> str:
        return "" if self._services.keeping.is_on else "NOT SAVED"

    def _pace_words(self) -> str:
        if self._feed.pace > 0:
            return f"{self._feed.pace:g} words/s"
        return f"{self._measured:,.0f} words/s" if self._measured else "full speed"

    def _show_prompt_state(self) -> None:
        prompt = self.prompt
        phase = self._feed.phase
        states = {
            "idle": "",
            "loading": "loading the model, write ahead",
            "reading": f"{self._reading} · Esc takes it back",
            "writing": "writing · Esc stops",
        }
        content = shown_line(states.get(phase, _PHASES[phase]))
        if prompt.border_title != content.markup:
            prompt.border_title = content
        subtitle_content = shown_line(f"temperature {temperature_words(self._temperature)}")
        if prompt.border_subtitle != subtitle_content.markup:
            prompt.border_subtitle = subtitle_content

    @property
    def _temperature(self) -> float:
        return self.chat.sampler.temperature if self.chat else self._services.config.sampler.temperature

    # ---- sending

    @on(Prompt.Sent)
    def _send(self, event: Prompt.Sent) -> None:
        text = event.text
        if text.startswith("/") and text[1:2].strip():
            self._run_slash(text)
            return
        if self.chat is None:
            self.say_problem(InputError("No model is open.", "Choose one with ctrl+l, or train one with F4."))
            self.prompt.give_back(text)
            return
        self.prompt.remember(text)
        self._reading = "reading"
        self._show_welcome(False)
        if text and self._feed.phase in {"idle", "loading"} and not self._feed.waiting:
            self.transcript.add_person(text, is_waiting=True)
        self.transcript.follow()
        self._feed.send(text)
        self._frame()

    @on(Prompt.Cut)
    def _say_cut(self, event: Prompt.Cut) -> None:
        self.app.notify(
            f"That text has {event.length:,} characters; the prompt takes {LONGEST_PROMPT:,} and was filled up to "
            "there. Longer texts are better trained on (F4).",
            severity="warning",
        )

    def _run_slash(self, text: str) -> None:
        word, _, argument = text[1:].strip().partition(" ")
        argument = argument.strip()
        try:
            self._obey(word, argument)
        except RnntuiError as problem:
            self.app.notify(str(problem), severity="warning")
            self.prompt.give_back(text)
            return
        self.prompt.remember(text)

    def _obey(self, word: str, argument: str) -> None:
        if word in SETTING_WORDS and argument:
            self.set_sampler_field(SETTING_WORDS[word], argument, word)
            return
        action = find_slash(word)
        if word in SETTING_WORDS and action is None:
            raise InputError(f"/{word} needs a value.", f"Write it after the word, such as /{word} 40.")
        if action is None:
            shown_word = visible_line(word, 40)
            raise InputError(
                f'There is no command "/{shown_word}".', "/help lists them; a space before the slash sends it."
            )
        if argument and not action.argument:
            raise InputError(f"/{word} takes nothing after it.", "Leave the rest out.")
        if not argument:
            self.call_later(self.run_action, action.run if "." in action.run else f"screen.{action.run}")
            return
        takers: dict[str, Callable[[str], None]] = {
            "pace": self._set_pace_word,
            "model": self.new_chat,
            "train": self._train_on,
            "lab": self._look_at,
        }
        takers[word](argument)

    def _set_pace_word(self, argument: str) -> None:
        from rnntui.config import AppSettings

        self._set_pace(checked_value(AppSettings, "pace", argument))

    def _train_on(self, argument: str) -> None:
        self.post_message(self.TrainWanted(argument))

    class TrainWanted(Message):
        """The person named a file to train on."""

        def __init__(self, path: str) -> None:
            self.path = path
            super().__init__()

    def action_word_in_lab(self) -> None:
        """Look in the lab at what comes after the newest word here."""
        words = self.transcript.story.split()[-_LAB_WORDS:]
        self._look_at(" ".join(words))

    def _look_at(self, words: str) -> None:
        self.post_message(self.LabWanted(words))

    class LabWanted(Message):
        """The person wants to see what the network makes of these words."""

        def __init__(self, words: str) -> None:
            self.words = words
            super().__init__()

    # ---- the draw

    def set_sampler_field(self, name: str, value: object, shown_as: str = "") -> None:
        """Change one field of the draw; it holds from the next word on.

        Raises:
            InputError: If the value does not fit.
        """
        if self.chat is None:
            raise InputError("No model is open.", "Choose one with ctrl+l.")
        checked = checked_value(SamplerSettings, name, _none_if_off(name, value), shown_as)
        self.set_sampler(changed(self.chat.sampler, **{name: checked}))

    def set_sampler(self, sampler: SamplerSettings) -> None:
        """Draw like this from the next word on."""
        if self.chat is None:
            return
        self.chat.set_sampler(sampler)
        self._show_sampler()
        self._show_status()

    def _show_sampler(self) -> None:
        sampler = self.chat.sampler if self.chat else self._services.config.sampler
        self.query_one(TemperatureBar).temperature = sampler.temperature
        cuts = [
            f"top-k {sampler.top_k:,}" if sampler.top_k else "top-k all",
            f"top-p {sampler.top_p:g}",
            f"min-p {sampler.min_p:g}",
            f"repeat {sampler.repetition_penalty:g}",
        ]
        length = f"{sampler.max_words:,} words or {sampler.stop} end"
        if sampler.stop == "words":
            length = f"{sampler.max_words:,} words"
        content = joined((" · ".join(cuts[:2]) + "\n" + " · ".join(cuts[2:]) + f"\n{length}", "$foreground-muted"))
        self.query_one("#sampler", Static).update(content)

    @on(TemperatureBar.Wanted)
    def _set_temperature(self, event: TemperatureBar.Wanted) -> None:
        if self.chat:
            self.set_sampler(dataclasses.replace(self.chat.sampler, temperature=event.temperature))

    @on(TemperatureBar.Refused)
    def _say_refused(self, event: TemperatureBar.Refused) -> None:
        self.app.notify(str(event.problem), severity="warning")

    @on(TemperatureBar.Done)
    def _leave_temperature(self) -> None:
        self.prompt.focus()
        if self._opened_for_temperature:
            self._opened_for_temperature = False
            self.action_fold()

    def _move_temperature(self, by: float) -> None:
        wanted = round(max(0.0, min(2.0, self._temperature + by)), 2)
        if self.chat:
            self.set_sampler(dataclasses.replace(self.chat.sampler, temperature=wanted))

    def _set_pace(self, pace: float) -> None:
        self._feed.pace = pace
        self._measured = 0.0
        self._show_status()

    @property
    def pace(self) -> float:
        """Words per second; 0 is full speed."""
        return self._feed.pace

    def set_pace(self, pace: float) -> None:
        """Let words appear at this many a second; 0 is full speed."""
        self._set_pace(pace)

    def take_settings(self, chosen: ChosenSettings | None) -> None:
        """What the settings dialog closed with."""
        if chosen is None or self.chat is None:
            return
        self.set_sampler(chosen.sampler)
        self.set_pace(chosen.pace)
        if chosen.join != self.chat.session.join:
            self.chat.set_join(chosen.join)

    async def settle(self, seconds: float) -> None:
        """Stop what goes on and wait, at most this long, until text and memory are where the person saw them."""
        self._feed.stop()
        deadline = time.monotonic() + seconds
        while self._feed.advance() or self._feed.needs_frames:
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(0.01)

    # ---- actions

    def action_stop(self) -> None:
        """Stop at once; text and memory stay at the last word shown."""
        if self.focused is not self.prompt and not isinstance(self.focused, Input):
            self.prompt.focus()
        for event in self._feed.stop():
            self._show(event)
        self._frame()

    def action_forget(self) -> None:
        """Empty the memory; the text stays."""
        self._feed.forget()
        self._frame()

    def action_focus_temperature(self) -> None:
        """Go to the temperature bar, unfolding the panel if need be."""
        if not self.query_one("#side").display:
            self._opened_for_temperature = True
            self.action_fold()
        self.query_one(TemperatureBar).focus()

    def action_warmer(self) -> None:
        """Raise the temperature."""
        self._move_temperature(_TEMPERATURE_STEP)

    def action_cooler(self) -> None:
        """Lower the temperature."""
        self._move_temperature(-_TEMPERATURE_STEP)

    def action_faster(self) -> None:
        """The next faster pace."""
        faster = [pace for pace in _PACES if pace > self.pace] if self.pace else []
        self._set_pace(min(faster, default=0.0))

    def action_slower(self) -> None:
        """The next slower pace."""
        slower = [pace for pace in _PACES if pace and (pace < self.pace or not self.pace)]
        self._set_pace(max(slower, default=min(pace for pace in _PACES if pace)))

    def action_full_speed(self) -> None:
        """Words as fast as they come."""
        self._set_pace(0.0)

    def action_fold(self) -> None:
        """Show or fold the side panel."""
        is_shown = self.query_one("#side").display
        self.set_class(is_shown, "-folded")
        self.set_class(not is_shown, "-unfolded")
        if not is_shown:
            self.call_after_refresh(self._show_memory)
        elif self.focused is None or self.focused.id == "temperature":
            self.prompt.focus()

    def action_page_up(self) -> None:
        """Scroll back."""
        self.transcript.action_page_up()

    def action_page_down(self) -> None:
        """Scroll on."""
        self.transcript.action_page_down()

    def action_follow(self) -> None:
        """Go to the newest word."""
        self.transcript.follow()

    # ---- small things

    @on(Transcript.FollowChanged)
    def _show_pill(self, event: Transcript.FollowChanged) -> None:
        self.query_one("#pill").set_class(not event.is_following and event.is_behind, "-shown")

    def on_click(self, event: events.Click) -> None:
        """The pill follows again; the summary of the draw opens the settings."""
        if event.widget is None:
            return
        if event.widget.id == "pill":
            self.action_follow()
        if event.widget.id == "sampler":
            self.call_later(self.app.run_action, "app.settings")

    def on_key(self, event: events.Key) -> None:
        """Typing anywhere goes to the prompt."""
        if not event.is_printable or event.character is None or _takes_text(self.focused):
            return
        event.stop()
        event.prevent_default()
        self.prompt.focus()
        self.prompt.insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere goes to the prompt."""
        if not _takes_text(self.focused):
            self.prompt.focus()
            self.prompt.post_message(events.Paste(event.text))


def _heading(words: str) -> Content:
    return joined((words, "bold $foreground-muted"))


def _takes_text(widget: Widget | None) -> bool:
    return isinstance(widget, Input | TextArea)


def _none_if_off(name: str, value: object) -> object:
    return None if name == "seed" and str(value).strip().lower() in {"", "none", "new", "off"} else value


def _size(count: int) -> str:
    return f"{count / 1000:.1f} kB" if count else "unknown"
