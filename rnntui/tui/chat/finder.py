"""Finding words in the conversation: the line in which they are typed, and going from place to place."""

from rnntui.text import visible_line
from rnntui.tui.chat.stage import Stage
from rnntui.tui.messages import SearchRequested
from rnntui.tui.transcript.find_line import FindLine


class Finder:
    """The search in one transcript.

    Args:
        stage: The screen.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _line(self) -> FindLine | None:
        """Where one types what to find; None before it was first asked for."""
        return next(iter(self._stage.screen.query(FindLine)), None)

    @property
    def has_focus(self) -> bool:
        """True while one types there."""
        return self._line is not None and self._line.has_focus_within

    async def ask(self) -> None:
        """Find words here; when the line is there already, in all conversations."""
        line = self._line
        if line is None:
            line = FindLine("find", "find", id="find")
            await self._stage.screen.query_one("#conversation").mount(line, before=self._stage.prompt)
        if line.display and line.has_focus_within:
            self._stage.screen.post_message(SearchRequested(line.text))
            return
        line.display = True
        line.ask("find", "find", line.text)

    def find(self, words: str, *, backwards: bool = False) -> None:
        """Go to the next place where these words stand, or to the one before."""
        if not self._stage.transcript.cursor.find(words, backwards=backwards):
            where = f"{self._stage.status.key('sessions')} searches in all conversations"
            self._stage.status.say(f'"{visible_line(words, 40)}" stands nowhere here; {where}.', is_warning=True)

    def find_next(self) -> None:
        """The next place of the words that are looked for."""
        if line := self._line:
            self.find(line.text)

    def find_before(self) -> None:
        """The place before, of the words that are looked for."""
        if line := self._line:
            self.find(line.text, backwards=True)

    def leave(self) -> bool:
        """Put the line away; False when it was not there."""
        line = self._line
        if line is None or not line.display:
            return False
        line.display = False
        return True
