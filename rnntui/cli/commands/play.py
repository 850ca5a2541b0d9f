"""`rnntui play`: guess the next word of a text against a network and against counting, in plain lines.

Reads one line for each word, from a person, a pipe or through a screen reader: a word or its number, and how sure.
"""

from collections.abc import Sequence
from typing import Any

from rnntui.cli.context import load_services
from rnntui.cli.output import Output, to_values
from rnntui.cli.process.streams import are_terminals, read_line
from rnntui.errors import EXIT_INTERRUPTED, EXIT_OK, InputError
from rnntui.events import Preparing
from rnntui.paths import absolute_path
from rnntui.records import GameResult
from rnntui.service.export.text_render import wrap
from rnntui.service.play.game import GameState, Play, PlayEvent, to_result
from rnntui.service.play.replies import how_to_answer, parse_reply
from rnntui.service.play.rules import (
    LARGEST_SEED,
    MODES,
    MOST_ROUNDS,
    Guess,
    Opened,
    PlayRequest,
    Question,
    Verdict,
    new_seed,
)
from rnntui.service.play.scoring import score
from rnntui.service.play.words import (
    HOW_IT_IS_SCORED,
    NAMES,
    RULES_IN_WORDS,
    describe_best,
    describe_end,
    describe_lesson,
    describe_result,
    describe_score,
)
from rnntui.text import visible_line

_COLUMNS = 80
_LONGEST_LINE = 4_096
_SHOWN_RESULTS = 5


def play(args: Any, output: Output) -> int:
    """Play a game, or what is played of it before the lines end or the person leaves."""
    request = _to_request(args)
    game = load_services(args).play
    table = _Table(game, output)
    code = EXIT_OK
    try:
        for event in game.begin(request):
            if not table.take(event):
                break
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    table.close()
    return code


class _Table:
    """Where a game is played: shows, asks, and adds up.

    Args:
        game: Keeps what is reached.
        output: Where it is shown.
    """

    def __init__(self, game: Play, output: Output) -> None:
        self._game = game
        self._output = output
        self._results = game.results()
        self._state: GameState | None = None
        self._said = ""

    def take(self, event: PlayEvent) -> bool:
        """Show what happens, ask what is asked; False when the person leaves."""
        match event:
            case Preparing():
                if not self._output.is_json and event.what != self._said:
                    self._output.say(f"{event.what} ...")
                self._said = event.what
            case Opened():
                self._state = GameState(event)
                self._tell({"kind": "game", **to_values(event)}, _describe_opening(event, self._results))
            case Question():
                guess = self._ask(event)
                if guess is None or self._state is None:
                    return False
                verdict = score(event, guess)
                self._state = self._state.after(verdict)
                self._tell(_to_object(verdict), _describe_verdict(verdict, self._state))
        return True

    def close(self) -> None:
        """Say how it ended, and keep it."""
        state = self._state
        if state is None:
            return
        if not state.verdicts:
            self._output.say("No word was guessed, so there is no score.")
            return
        best = describe_best(self._results, state)
        problem = self._game.keep(state)
        opened = state.opened
        lines = ["", *describe_end(state), *([best] if best else [])]
        same = f"It asks the same where the text is {opened.text_code} and the model {visible_line(opened.model, 60)}."
        self._tell(
            {"kind": "result", **to_values(to_result(state)), "command": opened.command, "sentences": lines[1:]},
            [*lines, "", f"For a friend. {same}"],
        )
        if not self._output.is_json:
            self._output.text(opened.command)  # in one line, to be copied
        if problem:
            self._output.say(problem)

    def _ask(self, question: Question) -> Guess | None:
        """What the person says; None when they leave, or there are no more lines."""
        self._tell(_to_question_object(question), _describe_question(question))
        while True:
            if not self._output.is_json and are_terminals():
                self._output.text("> ", end="")
            line = read_line(_LONGEST_LINE)
            if line is None:
                return None
            if not line.strip():
                continue
            try:
                return parse_reply(line, question)
            except InputError as problem:
                self._output.say(str(problem))

    def _tell(self, values: dict[str, Any], lines: Sequence[str]) -> None:
        """The same for a program or for a person."""
        if self._output.is_json:
            self._output.result(values)
            return
        for line in lines:
            self._output.text("\n".join(wrap(line, _COLUMNS)))


def _to_request(args: Any) -> PlayRequest:
    return PlayRequest(
        model=args.model,
        file=str(absolute_path(args.file)) if args.file else "",
        is_shipped=args.shipped,
        seed=new_seed() if args.seed is None else _whole_number(args.seed, "--seed", 0, LARGEST_SEED),
        mode=MODES[1] if args.type else MODES[0],
        rounds=_whole_number(args.rounds, "--rounds", 1, MOST_ROUNDS),
        text_code=args.text,
    )


def _whole_number(argument: str, flag: str, low: int, high: int) -> int:
    if argument.isdecimal() and len(argument) < 20 and low <= int(argument) <= high:
        return int(argument)
    raise InputError(
        f'{flag} cannot be "{visible_line(argument, 40)}".', f"Give a whole number from {low:,} to {high:,}."
    )


def _describe_opening(opened: Opened, results: Sequence[GameResult]) -> list[str]:
    earlier = [describe_result(result, results) for result in results if result.text_code == opened.text_code]
    return [
        f"GUESS THE NEXT WORD: {visible_line(opened.text, 120)}",
        "",
        RULES_IN_WORDS[opened.mode],
        HOW_IT_IS_SCORED,
        *([opened.remark] if opened.remark else []),
        *(["", "Before, with this text:", *earlier[-_SHOWN_RESULTS:]] if earlier else []),
    ]


def _describe_question(question: Question) -> list[str]:
    """The passage, or what of it is new since the last word, and what can be chosen."""
    begin = question.marks[-1][0] if question.marks else 0
    passage = f"{question.before[begin:]}____"
    lines = ["", f"{question.number}. {visible_line(question.source, 120)}" if not begin else f"{question.number}."]
    lines += ["", *(line for line in passage.splitlines() if line.strip()), ""]
    lines += [f"{number} {choice}" for number, choice in enumerate(question.choices, start=1)]
    return [*lines, how_to_answer(question)] if question.number == 1 else lines


def _describe_verdict(verdict: Verdict, state: GameState) -> list[str]:
    truth = visible_line(verdict.question.truth, 60)
    word = visible_line(verdict.guess.word, 60)
    said = f'You said "{word}".' if word else "You had no idea."
    gave = ", ".join(
        f"{NAMES[player]} {_percent(verdict.given[player])} ({verdict.bits[player]:.1f} bits)"
        for player in state.players
    )
    likeliest = ", ".join(f"{visible_line(one.word, 40)} {_percent(one.share)}" for one in verdict.question.likeliest)
    return [
        "",
        f'It was "{truth}". ' + ("Right!" if verdict.is_right else said),
        f"Given to it: {gave}.",
        f"Of all words the network found likeliest: {likeliest}.",
        describe_lesson(verdict, len(state.verdicts)),
        describe_score(state),
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}" if share >= 0.0005 else "below .1%"


def _to_question_object(question: Question) -> dict[str, Any]:
    """What a player may know before they answer."""
    return {
        "kind": "question",
        "number": question.number,
        "source": question.source,
        "before": question.before,
        "choices": list(question.choices),
    }


def _to_object(verdict: Verdict) -> dict[str, Any]:
    question = verdict.question
    return {
        "kind": "round",
        "number": question.number,
        "truth": question.truth,
        "guess": verdict.guess.word,
        "confidence": verdict.guess.confidence,
        "is_right": verdict.is_right,
        "given": verdict.given,
        "bits": verdict.bits,
        "shares": {voice: list(shares) for voice, shares in question.shares.items()},
        "likeliest": [to_values(one) for one in question.likeliest],
    }
