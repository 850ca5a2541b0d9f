"""What a command after a slash does: an action of the table, or another value for one setting."""

from collections.abc import Callable, Mapping

from rnntui.errors import RnntuiError
from rnntui.tui.action import Action
from rnntui.tui.chat.stage import Stage
from rnntui.tui.slash_commands import CommandCall, SettingCall, parse_command


class CommandRunner:
    """Carries out what was typed after a slash.

    Args:
        stage: The screen.
        set_field: Takes the name of a setting of the sampler, its value, and what it is called.
        run: Runs an action of the table.
        takers: What is done with the words that follow a command, by its slash word.
    """

    def __init__(
        self,
        stage: Stage,
        set_field: Callable[[str, object, str], None],
        run: Callable[[Action], None],
        takers: Mapping[str, Callable[[str], None]],
    ) -> None:
        self._stage = stage
        self._set_field = set_field
        self._run = run
        self._takers = takers

    def run(self, text: str) -> None:
        """Carry out a command; what cannot be understood comes back into the prompt."""
        prompt = self._stage.prompt
        try:
            self._obey(parse_command(text))
        except RnntuiError as problem:
            self._stage.status.notify(str(problem))
            prompt.give_back(text)
            return
        prompt.remember(text)
        prompt.resume()

    def _obey(self, call: SettingCall | CommandCall) -> None:
        if isinstance(call, SettingCall):
            self._set_field(call.name, call.value, call.shown_as)
        elif call.argument:
            self._takers[call.action.slash](call.argument)
        else:
            self._run(call.action)
