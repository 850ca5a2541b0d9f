"""How words are drawn, as the chat screen sets it: sliders, presets, seed, pace, and the panel they stand in."""

import dataclasses
from typing import TYPE_CHECKING

from textual import on

from rnntui.errors import InputError
from rnntui.settings import PRESETS, SamplerSettings, changed, checked_value, preset
from rnntui.tui.chat.presenter import ChatView
from rnntui.tui.panel.presets import Presets
from rnntui.tui.panel.sampling_fields import PACES, SamplingFields
from rnntui.tui.panel.side_panel import LAST_WORDS, SidePanel
from rnntui.tui.panel.temperature_bar import TemperatureBar

if TYPE_CHECKING:
    from rnntui.tui.dialogs.settings import ChosenSettings

_TEMPERATURE_STEP = 0.05


class ChatDraw(ChatView):
    """A conversation whose draw can be changed while words appear."""

    # ---- what the panel posts, and what others set

    def set_sampler_field(self, name: str, value: object, shown_as: str = "") -> None:
        """Change one field of the draw; it holds from the next word on.

        Raises:
            InputError: If the value does not fit.
        """
        if self.chat is None:
            raise InputError("No model is open.", f"Choose one with {self.key('models')}.")
        checked = checked_value(SamplerSettings, name, _none_if_off(name, value), shown_as)
        self.set_sampler(changed(self.chat.sampler, **{name: checked}))

    def set_sampler(self, sampler: SamplerSettings) -> None:
        """Draw like this from the next word on."""
        if self.chat is None:
            return
        self.chat.set_sampler(sampler)
        self._show_sampler()
        self._look_ahead()
        self._show_status()

    @on(TemperatureBar.MemoryChoice)
    def _set_temperature(self, event: TemperatureBar.MemoryChoice) -> None:
        if self.chat:
            wanted = event.temperature(self.chat.sampler.temperature)
            self.set_sampler(dataclasses.replace(self.chat.sampler, temperature=wanted))

    @on(SamplingFields.MemoryChoice)
    def _set_field(self, event: SamplingFields.MemoryChoice) -> None:
        if event.name == "pace":
            self.set_pace(float(str(event.change(self.pace))))
        elif self.chat:
            wanted = event.change(getattr(self.chat.sampler, event.name))
            self.set_sampler(changed(self.chat.sampler, **{event.name: wanted}))

    @on(Presets.SurveyedText)
    def _set_preset(self, event: Presets.SurveyedText) -> None:
        self.action_preset(event.name)

    @on(TemperatureBar.RequestRefused)
    @on(SamplingFields.RequestRefused)
    def _say_refused(self, event: TemperatureBar.RequestRefused | SamplingFields.RequestRefused) -> None:
        self.app.notify(str(event.problem), severity="warning")

    @on(TemperatureBar.Done)
    @on(SamplingFields.Done)
    def _leave_sampling(self) -> None:
        self.prompt.focus()
        self.side.remove_class("-sampling")
        self.query_one(SamplingFields).styles.clear_rule("display")
        if self._opened_for_temperature:
            self._opened_for_temperature = False
            self.action_fold()

    @on(TemperatureBar.Escaped)
    @on(SamplingFields.Escaped)
    def _escape_sampling(self, event: TemperatureBar.Escaped | SamplingFields.Escaped) -> None:
        """Esc stops first, wherever one is; then it drops what was typed, then it leaves."""
        if self._feed.can_stop:
            self._stop_writing()
            self._frame()
        elif not event.had_typed:
            self._leave_sampling()

    @on(SamplingFields.Left)
    def _back_to_temperature(self) -> None:
        self.query_one(TemperatureBar).focus()

    def _move_temperature(self, by: float) -> None:
        wanted = round(max(0.0, min(2.0, self._temperature + by)), 2)
        if self.chat:
            self.set_sampler(dataclasses.replace(self.chat.sampler, temperature=wanted))

    @property
    def pace(self) -> float:
        """Words per second; 0 is full speed."""
        return self._feed.pace

    def set_pace(self, pace: float) -> None:
        """Let words appear at this many a second; 0 is full speed."""
        self._feed.pace = pace
        self._measured = 0.0
        self._show_sampler()
        self._show_status()

    def take_settings(self, chosen: "ChosenSettings | None") -> None:
        """What the settings dialog closed with."""
        if chosen is None or self.chat is None:
            return
        self.set_sampler(chosen.sampler)
        self.set_pace(chosen.pace)
        if chosen.join != self.chat.join:
            self.chat.set_join(chosen.join)
            self._feed.do(lambda chat: chat.save_join(), "keeping")
            self._wake()

    # ---- actions

    def action_focus_temperature(self) -> None:
        """Go to the temperature bar, unfolding the panel if need be."""
        if not self.side.is_furnished:
            return
        self._unfold_for_now()
        self.query_one(TemperatureBar).focus()

    def action_sampling(self) -> None:
        """Go to the other settings of the draw."""
        if not self.side.is_furnished:
            return
        self._unfold_for_now()
        self.side.add_class("-sampling")
        fields = self.query_one(SamplingFields)
        fields.styles.display = "block"  # at once, so that the next key finds it there
        fields.focus()

    def _unfold_for_now(self) -> None:
        if not self.side.display:
            self._opened_for_temperature = True
            self.action_fold()

    def action_preset(self, name: str) -> None:
        """Draw as one of the presets says."""
        if self.chat:
            self.set_sampler(changed(self.chat.sampler, **preset(name)))
            values = (f"{field.replace('_', '-')} {value:g}" for field, value in PRESETS[name].items())
            self.say(f"{name}: {', '.join(values)}")

    def action_lock_seed(self) -> None:
        """Keep the dice, or choose freely again."""
        if self.chat:
            is_locked = self.chat.sampler.seed is not None
            seed = self.chat.seed
            self.set_sampler(dataclasses.replace(self.chat.sampler, seed=None if is_locked else seed))
            self.say("the dice are free" if is_locked else f"the dice are locked at {seed}")

    def action_warmer(self) -> None:
        """Raise the temperature."""
        self._move_temperature(_TEMPERATURE_STEP)

    def action_cooler(self) -> None:
        """Lower the temperature."""
        self._move_temperature(-_TEMPERATURE_STEP)

    def action_faster(self) -> None:
        """The next faster pace."""
        faster = [pace for pace in PACES if pace > self.pace] if self.pace else []
        self.set_pace(min(faster, default=0.0))

    def action_slower(self) -> None:
        """The next slower pace."""
        slower = [pace for pace in PACES if pace and (pace < self.pace or not self.pace)]
        self.set_pace(max(slower, default=min(pace for pace in PACES if pace)))

    def action_full_speed(self) -> None:
        """Words as fast as they come."""
        self.set_pace(0.0)

    def action_fold(self) -> None:
        """Show or fold the side panel."""
        is_shown = self.side.display
        self.set_class(is_shown, "-folded")
        self.set_class(not is_shown, "-unfolded")
        if is_shown and (self.focused is None or self.focused in self.side.query("*")):
            self.prompt.focus()

    @on(SidePanel.Shown)
    def _fill_side(self) -> None:
        self._show_sampler()
        self.side.show_surprise(self.transcript.content.last_bits(LAST_WORDS))
        self._look_ahead()
        self._show_memory()


def _none_if_off(name: str, value: object) -> object:
    return None if name == "seed" and str(value).strip().lower() in {"", "none", "new", "off"} else value
