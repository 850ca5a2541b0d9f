"""One game: opened, asked question by question, scored, kept. Work is an iterator of events, as everywhere."""

import dataclasses
import itertools
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.errors import CorpusError, InputError, StorageError
from rnntui.events import Preparing
from rnntui.paths import Paths
from rnntui.records import GameResult, ModelCard
from rnntui.service.model_loader import load_generator, use_one_thread
from rnntui.service.play.questions import ask
from rnntui.service.play.rules import (
    COUNTING,
    MIXTURE,
    MODES,
    PERSON,
    PLAYERS,
    USUAL_ROUNDS,
    Opened,
    PlayRequest,
    Question,
    Verdict,
    checked_request,
)
from rnntui.service.play.scoring import mean_bits
from rnntui.service.play.texts import PlayText, Texts
from rnntui.service.timestamps import utc_now
from rnntui.store.games import Games
from rnntui.store.library import Library
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.mix.passage_odds import PassageReader

PlayEvent = Preparing | Opened | Question
LEAST_FOR_BEST = 5
_NO_COUNTS = "This model keeps no counts: you play against the network alone, and a typed word is a bet against it."


@dataclass(frozen=True, slots=True)
class GameState:
    """How far a game has come."""

    opened: Opened
    verdicts: tuple[Verdict, ...] = ()

    @property
    def is_over(self) -> bool:
        """True after the last round."""
        return len(self.verdicts) >= self.opened.rounds

    @property
    def right(self) -> int:
        """So many words the person has guessed."""
        return sum(verdict.is_right for verdict in self.verdicts)

    @property
    def players(self) -> tuple[str, ...]:
        """Whose bits are compared: counting only where the model has it."""
        return tuple(player for player in PLAYERS if player != COUNTING or COUNTING in self.opened.voices)

    def mean(self, player: str) -> float:
        """Bits a word of a player."""
        return mean_bits(self.verdicts, player)

    def after(self, verdict: Verdict) -> "GameState":
        """The state one round later."""
        return dataclasses.replace(self, verdicts=(*self.verdicts, verdict))


class Play:
    """Plays games with the models of a library.

    Args:
        library: Where models are.
        find_model: A card by name or id; the preferred one for an empty name.
        texts: Finds what is played with.
        games: Where results are kept.
    """

    def __init__(self, library: Library, find_model: Callable[[str], ModelCard], texts: Texts, games: Games) -> None:
        self._library = library
        self._find_model = find_model
        self._texts = texts
        self._games = games
        self._loaded: tuple[str, PassageReader] | None = None
        """Id of the model that played last, and what reads with it."""

    def begin(self, request: PlayRequest) -> Iterator[PlayEvent]:
        """A game: `Preparing`, one `Opened`, then a `Question` for each round, each made when it is taken.

        One game at a time: the next one uses the same model.

        Raises:
            InputError: If there is no such model, a value does not fit, or the text is another one than was said.
            CorpusError: If the text cannot be read, or there is nothing in it to ask.
            ModelFileError: If the model is damaged.
        """
        request = checked_request(request)
        use_one_thread()
        card = self._find_model(request.model)
        text = yield from self._texts.find(request, card)
        _refuse_another_text(request, text)
        yield Preparing(f"loading {visible_line(card.name, 40)}")
        reader = self._reader(card)
        questions = itertools.islice(ask(reader, text, request.seed, request.mode), request.rounds)
        yield Preparing("looking for a word to ask")
        first = next(questions, None)
        if first is None:
            raise CorpusError(
                f'"{visible_line(text.name, 120)}" has no place that can be asked.',
                "Take a longer text, of the kind that the model has learned from.",
            )
        yield _to_opened(request, card, text, tuple(first.given))
        yield first
        yield from questions

    def keep(self, state: GameState) -> str:
        """Keep what was reached, if a word was asked; returns why it could not be, as a sentence, else nothing."""
        if not state.verdicts:
            return ""
        try:
            self._games.add(to_result(state))
        except StorageError as problem:
            return f"The result is not kept. {problem}"
        return ""

    def results(self) -> list[GameResult]:
        """The last games, oldest first."""
        return self._games.results()

    def _reader(self, card: ModelCard) -> "PassageReader":
        from rnntui.lm.mix.passage_odds import PassageReader

        if self._loaded is None or self._loaded[0] != card.model_id:
            self._loaded = None  # before the next one is loaded: there need not be room for both
            self._loaded = card.model_id, PassageReader(load_generator(self._library, card))
        return self._loaded[1]


def open_play(paths: Paths, library: Library, find_model: Callable[[str], ModelCard]) -> Play:
    """The game over a data folder."""
    from rnntui.store.corpora import Corpora
    from rnntui.store.runs.runs import Runs

    return Play(library, find_model, Texts(Runs(paths.runs), Corpora(paths.corpora)), Games(paths.games))


def to_result(state: GameState) -> GameResult:
    """What is kept of a game with at least one round."""
    opened = state.opened
    players = (*state.players, *([MIXTURE] if MIXTURE in opened.voices else []))
    return GameResult(
        ended_at=utc_now(),
        model_id=opened.model_id,
        model=opened.model,
        text=opened.text,
        text_code=opened.text_code,
        seed=opened.seed,
        mode=opened.mode,
        rounds=len(state.verdicts),
        right=state.right,
        bits={player: state.mean(player) for player in players},
        is_whole=state.is_over,
    )


def best_of(results: Sequence[GameResult], opened: Opened | GameResult) -> GameResult | None:
    """The game with the fewest bits a word of a person, of those with this model, this text and this way to answer.

    Args:
        results: Games; those of fewer than LEAST_FOR_BEST words are luck.
        opened: A game of the kind that is looked for.
    """
    alike = [
        result
        for result in results
        if (result.model_id, result.text_code, result.mode) == (opened.model_id, opened.text_code, opened.mode)
        and result.rounds >= LEAST_FOR_BEST
        and PERSON in result.bits
    ]
    return min(alike, key=lambda result: result.bits[PERSON], default=None)


def _refuse_another_text(request: PlayRequest, text: PlayText) -> None:
    if request.text_code and request.text_code.lower() != text.code:
        raise InputError(
            f'The text here is {text.code}, not "{visible_line(request.text_code, 40)}".',
            "Take the same file and model as your friend, or leave out --text.",
        )


def _to_opened(request: PlayRequest, card: ModelCard, text: PlayText, voices: tuple[str, ...]) -> Opened:
    return Opened(
        model=card.name,
        model_id=card.model_id,
        text=text.name,
        text_code=text.code,
        seed=request.seed,
        mode=request.mode,
        rounds=request.rounds,
        voices=voices,
        remark=" ".join(filter(None, (text.remark, "" if COUNTING in voices else _NO_COUNTS))),
        command=_command(request, card, text),
    )


def _command(request: PlayRequest, card: ModelCard, text: PlayText) -> str:
    """What a friend types: flags that are as usual are left out."""
    words = ["rnntui", "play"]
    if text.is_file:
        words.append(text.name)
    elif text.is_shipped and card.name != "starter":
        words.append("--shipped")
    words += ["--model", card.name] if card.name != "starter" else []
    words += ["--seed", str(request.seed)]
    words += ["--type"] if request.mode != MODES[0] else []
    words += ["--rounds", str(request.rounds)] if request.rounds != USUAL_ROUNDS else []
    words += ["--text", text.code]
    return shlex.join(words)
