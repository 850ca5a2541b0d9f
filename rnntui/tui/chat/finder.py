"""Finding words in the conversation: the line in which they are typed, and going from place to place."""

from rnntui.text import visible_line
from rnntui.tui.chat.stage import Stage
from rnntui.tui.messages import SearchRequested
from rnntui.tui.transcript.find_line import FindLine
from rnntui.tui.transcript.text_search import TextSearch
from rnntui.tui.transcript.turn_block import Block


class Finder:
    """The search in one transcript.

    Args:
        stage: The screen.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._search = TextSearch(stage.transcript.content, stage.transcript.cursor, self._reveal)

    @property
    def _line(self) -> FindLine | None:
        """Where one types what to find; None before it was first asked for."""
        return next(iter(self._stage.screen.query(FindLine)), None)

    @property
    def has_focus(self) -> bool:
        """True while one types there."""
        return self._line is not None and self._line.has_focus_within

    async def ask(self, words: str = "") -> None:
        """Find words here; when the line is there already, in all conversations."""
        line = self._line
        if line is None:
            line = FindLine("find", "find", id="find")
            await self._stage.screen.query_one("#conversation").mount(line, before=self._stage.prompt)
        if line.display and line.has_focus_within and not words:
            self._stage.screen.post_message(SearchRequested(line.text))
            return
        line.display = True
        line.ask("find", "find", words or line.text)
        self.follow(line.text)

    def follow(self, words: str) -> None:
        """What is typed has changed: mark all places where it stands, go to one of them, and say how many there are."""
        line = self._line
        if line is None or not line.display or words == self._search.words:
            return
        self._search.look_for(words)
        self._show_count(line)

    def find(self, words: str) -> None:
        """Find words that were given with the command."""
        self._stage.screen.call_later(self.ask, words)

    def go_on(self, words: str) -> None:
        """Go to the next place where these words stand."""
        self._step(words, 1)

    def find_next(self) -> None:
        """The next place of the words that are looked for."""
        if line := self._line:
            self._step(line.text, 1)

    def find_before(self) -> None:
        """The place before, of the words that are looked for."""
        if line := self._line:
            self._step(line.text, -1)

    def leave(self) -> bool:
        """Put the line away; False when it was not there."""
        line = self._line
        if line is None or not line.display:
            return False
        line.display = False
        self._search.leave()
        return True

    def _step(self, words: str, by: int) -> None:
        if not self._search.step(words, by) and words.strip():
            where = f"{self._stage.status.key('sessions')} searches in all conversations"
            self._stage.status.say(f'"{visible_line(words, 40)}" stands nowhere here; {where}.', is_warning=True)
        if line := self._line:
            self._show_count(line)

    def _show_count(self, line: FindLine) -> None:
        line.show_count(self._search.number, self._search.count, self._search.inside)

    def _reveal(self, block: Block, offset: int) -> None:
        self._stage.transcript.follower.stay()
        self._stage.transcript.follower.reveal(block.first_row + block.row_at(offset))
