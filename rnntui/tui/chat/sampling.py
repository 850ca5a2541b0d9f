"""How words are sampled, as a person sets it while they appear: sliders, presets, seed, pace, and their panel."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.setting_fields import changed, checked_value
from rnntui.settings import SamplerSettings, preset
from rnntui.tui.chat.side_view import SideView
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.work.jobs import Kind
from rnntui.tui.panel.presets import Presets, describe_preset
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.panel.slider_rows import PACE, TEMPERATURE
from rnntui.tui.panel.sliders import SamplingFields, Sliders, TemperatureBar

if TYPE_CHECKING:
    from rnntui.tui.dialogs.settings import ChosenSettings


class Sampling:
    """The settings of the open conversation's sampler, and of the pace.

    Args:
        stage: The screen.
        side: Shows what is set.
    """

    def __init__(self, stage: Stage, side: SideView) -> None:
        self._stage = stage
        self._side = side
        self._unfolded_for_now = False
        """True while the panel is unfolded only to set something."""

    @property
    def pace(self) -> float:
        """Words per second; 0 is full speed."""
        return self._stage.worker.pace.words_per_second

    # ---- setting

    def set_field(self, name: str, value: object, shown_as: str = "") -> None:
        """Change one field; it holds from the next word on.

        Args:
            name: A field of SamplerSettings.
            value: As it was typed, or as it is; no seed is "none", "new", "off" or nothing.
            shown_as: How the person knows the field; empty for its name in words.

        Raises:
            InputError: If the value does not fit, or no model is open.
        """
        chat = self._stage.chat
        if chat is None:
            raise InputError("No model is open.", f"Choose one with {self._stage.status.key('models')}.")
        wanted = None if name == "seed" and str(value).strip().lower() in {"", "none", "new", "off"} else value
        checked = checked_value(SamplerSettings, name, wanted, shown_as)
        self.set_sampler(changed(chat.sampler, **{name: checked}))

    def set_sampler(self, sampler: SamplerSettings) -> None:
        """Sample like this from the next word on."""
        if chat := self._stage.chat:
            chat.set_sampler(sampler)
            self._side.show_sampler()
            self._side.look_ahead()
            self._stage.status.show()

    def set_pace(self, pace: float) -> None:
        """Let words appear at this many a second; 0 is full speed."""
        self._stage.worker.pace.words_per_second = pace
        self._stage.status.drop_measure()
        self._side.show_sampler()
        self._stage.status.show()

    def take_settings(self, chosen: "ChosenSettings | None") -> None:
        """What the settings dialog closed with."""
        chat = self._stage.chat
        if chosen is None or chat is None:
            return
        self.set_sampler(chosen.sampler)
        self.set_pace(chosen.pace)
        if chosen.join != chat.join:
            chat.set_join(chosen.join)
            self._stage.worker.submit(lambda chat: chat.save_join(), Kind.SAVE)
            self._stage.frames.wake()

    def use_preset(self, name: str) -> None:
        """Sample as one of the presets says."""
        if chat := self._stage.chat:
            self.set_sampler(changed(chat.sampler, **preset(name)))
            self._stage.status.say(f"{name}: {describe_preset(name)}")

    def lock_seed(self) -> None:
        """Keep the seed for every reply, or choose freely again."""
        if chat := self._stage.chat:
            is_locked, seed = chat.sampler.seed is not None, chat.seed
            self.set_sampler(dataclasses.replace(chat.sampler, seed=None if is_locked else seed))
            self._stage.status.say("each reply gets a new seed" if is_locked else f"every reply gets seed {seed}")

    def warm(self, by: int) -> None:
        """Raise the temperature by so many steps, or lower it."""
        if chat := self._stage.chat:
            wanted = TEMPERATURE.move(chat.sampler.temperature, by)
            self.set_sampler(changed(chat.sampler, temperature=wanted))

    def hasten(self, by: int) -> None:
        """The next faster pace, or the next slower one; full speed is the fastest."""
        paces = [float(str(stop)) for stop in PACE.stops if stop]
        if by > 0:
            self.set_pace(min((pace for pace in paces if self.pace and pace > self.pace), default=0.0))
        else:
            slower = (pace for pace in paces if not self.pace or pace < self.pace)
            self.set_pace(max(slower, default=min(paces)))

    # ---- what the panel posts

    def handle(self, message: object) -> None:
        """Do what the person wants who moved something in the panel."""
        match message:
            case Sliders.Moved():
                self._move(message)
            case Sliders.Refused():
                self._stage.status.notify(str(message.problem))
            case Sliders.Done():
                self._leave_fields()
            case Sliders.Escaped():
                self._escape(message)
            case Sliders.LeftAbove():
                self._stage.screen.set_focus(self._stage.side.query_one(TemperatureBar))
            case Presets.Picked():
                self.use_preset(message.name)
            case SidePanel.Shown():
                self._side.refill()
            case _:
                pass

    def _move(self, message: Sliders.Moved) -> None:
        chat = self._stage.chat
        if message.name == PACE.name:
            self.set_pace(float(str(message.change(self.pace))))
        elif chat:
            wanted: Mapping[str, object] = {message.name: message.change(getattr(chat.sampler, message.name))}
            self.set_sampler(changed(chat.sampler, **wanted))

    def _escape(self, message: Sliders.Escaped) -> None:
        """Esc stops first, wherever one is; then it drops what was typed, then it leaves."""
        if self._stage.worker.can_stop:
            self._stage.frames.stop_writing()
            self._stage.frames.advance()
        elif not message.had_typed:
            self._leave_fields()

    # ---- the panel

    def focus_temperature(self) -> None:
        """Go to the temperature bar, unfolding the panel if need be."""
        if self._stage.side.is_furnished:
            self._unfold_for_now()
            self._stage.screen.set_focus(self._stage.side.query_one(TemperatureBar))  # at once, for the next key

    def focus_fields(self) -> None:
        """Go to the first of the other settings of the sampler."""
        side = self._stage.side
        if side.is_furnished:
            self._unfold_for_now()
            side.add_class("-sampling")
            fields = side.query_one(SamplingFields)
            fields.styles.display = "block"  # at once, so that the next key finds it there
            fields.choose(0)
            self._stage.screen.set_focus(fields)

    def fold(self) -> None:
        """Show or fold the side panel."""
        screen, side = self._stage.screen, self._stage.side
        is_shown = side.display
        screen.set_class(is_shown, "-folded")
        screen.set_class(not is_shown, "-unfolded")
        if is_shown and (screen.focused is None or screen.focused in side.query("*")):
            self._stage.prompt.focus()

    def _unfold_for_now(self) -> None:
        if not self._stage.side.display:
            self._unfolded_for_now = True
            self.fold()

    def _leave_fields(self) -> None:
        self._stage.prompt.focus()
        self._stage.side.remove_class("-sampling")
        self._stage.side.query_one(SamplingFields).styles.clear_rule("display")
        if self._unfolded_for_now:
            self._unfolded_for_now = False
            self.fold()
