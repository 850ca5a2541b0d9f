"""Two ways to go on from where a conversation stands: asked of its worker, shown in a screen, taken over or left."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rnntui.chat_events import ComparisonEvent
from rnntui.errors import InputError
from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.chat.work.jobs import Kind
from rnntui.tui.slash_commands import is_command

if TYPE_CHECKING:
    from rnntui.records import ModelCard
    from rnntui.service.compare.chat_comparison import Start
    from rnntui.service.compare.variants import Variant
    from rnntui.tui.compare.screen import ComparisonScreen, Taken

_AFTER_CHARACTERS = 36


class Comparing:
    """The comparisons of one chat screen.

    Args:
        stage: The screen.
        words: Know which place is looked at.
        composer: Has the prompt's text, which both sides read first.
        models: Reads all models.
    """

    def __init__(
        self, stage: Stage, words: WordInspector, composer: Composer, models: "Callable[[], Sequence[ModelCard]]"
    ) -> None:
        self._stage = stage
        self._words = words
        self._composer = composer
        self._models = models
        self._screen: ComparisonScreen | None = None

    # ---- opening

    def open(self) -> None:
        """Compare with the usual difference."""
        self._open(None)

    def open_with(self, text: str) -> None:
        """Compare with a difference that a person wrote, such as "temperature 0.5", "model NAME" or "memory".

        Raises:
            InputError: If it is not understood.
        """
        from rnntui.service.compare.variants import parse_name, parse_variant

        name, value = parse_name(text)
        self._open(parse_variant(text) if value or name == "memory" else name)

    def _open(self, wanted: "Variant | str | None") -> None:
        from rnntui.tui.compare.screen import Asked, ComparisonScreen

        stage, chat = self._stage, self._stage.chat
        if chat is None or not chat.facts.is_loaded:
            stage.status.say(
                "the model is still loading" if chat else f"open a model with {stage.status.key('models')}"
            )
            return
        stage.frames.stop_writing()
        stage.frames.advance()
        start, after = self._start(), self._after()
        last = stage.turns[-1] if stage.turns else None
        can_replace = not start.turn_id and not start.prompt and last is not None and last.role == "network"
        asked = Asked(chat.sampler, chat.seed, chat.facts.card.name, after, can_replace)

        def begin(variant: "Variant", seed: int | None, is_instead: bool) -> None:
            from rnntui.service.compare.chat_comparison import Start

            where = Start(last.turn_id) if is_instead and last else start
            stage.worker.submit(lambda chat: chat.comparison.write(variant, where, seed), Kind.COMPARE)
            stage.frames.advance()

        self._screen = ComparisonScreen(
            asked, wanted, begin, self._stop, lambda: [card.name for card in self._models()]
        )
        stage.screen.app.push_screen(self._screen, lambda taken: self._close(taken, start))

    def _start(self) -> "Start":
        """After the chosen word; else where the conversation stands, after what is typed."""
        from rnntui.service.compare.chat_comparison import HERE, Start

        if self._words.has_place:
            turn_id, index = self._words.place
            return Start(turn_id, index + 1)
        typed = self._stage.prompt.text
        if not typed.strip() or is_command(typed) or self._composer.edited_turn:
            return HERE
        return Start(prompt=typed)

    def _after(self) -> str:
        """The end of what both go on from, as a person reads it."""
        start = self._start()
        turns = (turn for turn in self._stage.turns if not start.turn_id or turn.turn_id < start.turn_id)
        text = "".join(turn.text for turn in turns) + self._text_before(start)
        words = f"{text} {start.prompt}".split()
        shown = " ".join(words)[-_AFTER_CHARACTERS:]
        return f"… {shown}" if len(" ".join(words)) > len(shown) else shown

    def _text_before(self, start: "Start") -> str:
        """What the turn in which both begin says before that."""
        chat = self._stage.chat
        if chat is None or not start.turn_id:
            return ""
        try:
            pieces = [token.piece for token in chat.facts.tokens(start.turn_id)[: start.kept]]
        except InputError:  # its model is not loaded; the comparison loads it
            return ""
        return "".join(pieces)

    # ---- while it is written

    def _stop(self) -> None:
        self._stage.worker.stop_comparing()
        self._stage.frames.advance()

    def show(self, event: ComparisonEvent) -> None:
        """What one side has done."""
        if self._screen and self._screen.is_attached:
            self._screen.take(event)

    def refuse(self, sentence: str) -> None:
        """Neither side can write."""
        if self._screen and self._screen.is_attached:
            self._screen.refuse(sentence)

    # ---- what comes of it

    def _close(self, taken: "Taken | None", start: "Start") -> None:
        self._screen = None
        self._stop()
        if taken is None:
            return
        if start.prompt and not taken.is_instead:
            self._stage.prompt.remember(self._stage.prompt.text)
            self._stage.prompt.put("")
        self._words.leave_for_change()
        side, tokens, key = taken.side, taken.tokens, self._stage.status.key
        whose = f"B is said now, {taken.shown} from here on" if side else "A is said now"
        self._stage.status.announce(f"{whose} · {key('send')} goes on as it would have · {key('undo')} takes it back")
        self._stage.worker.submit(lambda chat: chat.comparison.take(side, tokens), Kind.MOVE)
        self._stage.transcript.follower.follow()
        self._stage.prompt.focus()
        self._stage.frames.advance()
