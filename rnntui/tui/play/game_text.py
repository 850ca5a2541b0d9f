"""A question, its answer and the end of a game as text for the screen. Every word of a passage is foreign."""

from collections.abc import Sequence

from textual.content import Content

from rnntui.service.play.game import GameState
from rnntui.service.play.rules import COUNTING, NETWORK, PERSON, Question, Verdict
from rnntui.service.play.words import NAMES, describe_lesson
from rnntui.text import visible_line
from rnntui.tui.safe import joined, shown, shown_line, shown_name

STYLES = {PERSON: "bold $text-accent", NETWORK: "$text-primary", COUNTING: "$foreground"}
"""One colour for each player, everywhere on the screen; the name always stands beside it."""
_GAP = "_____"
_LOOK_AHEAD = 24
"""Characters that are shown of what follows a word, once it is known: fewer than stand before the next question."""
_LONGEST_WORD = 40


def passage_of(question: Question, verdict: Verdict | None) -> Content:
    """The passage up to the word, with the words of earlier questions marked; then a gap, or the word itself."""
    parts: list[Content] = [shown_line(question.source, "italic $text-muted"), Content("\n\n")]
    at = 0
    for start, end in question.marks:
        parts += [shown(question.before[at:start]), shown(question.before[start:end], "underline")]
        at = end
    parts.append(shown(question.before[at:]))
    if verdict is None:
        parts.append(Content.styled(_GAP, "bold $text-accent"))
        return joined(*parts)
    ahead = question.after[:_LOOK_AHEAD].rpartition(" ")[0]
    parts += [shown(question.truth, "bold underline $text-success"), shown(ahead, "$text-muted"), Content(" …")]
    return joined(*parts)


def verdict_text(verdict: Verdict, state: GameState, is_short: bool) -> Content:
    """What the word was, what each player gave to it, and one line of what that means.

    Args:
        verdict: The answer.
        state: The game with it.
        is_short: Leaves out what the network found likeliest, where there is little room.
    """
    truth = shown_line(verdict.question.truth, "bold", _LONGEST_WORD)
    said = visible_line(verdict.guess.word, _LONGEST_WORD)
    head = "Right: " if verdict.is_right else "Not " if said else "It was "
    parts: list[str | Content | tuple[str, str]] = [
        (head, "bold $text-success" if verdict.is_right else "bold"),
    ]
    if not verdict.is_right and said:
        parts += ["“", shown_line(said), "” but "]
    parts += ["“", truth, "”.  "]
    for number, player in enumerate(state.players):
        share = (
            "" if verdict.question.choices else f"{percent(verdict.given[player])}, "
        )  # else they stand at the words
        name = NAMES[player].removeprefix("the ")
        parts += [" · " if number else "", (name, STYLES[player]), f" {share}{verdict.bits[player]:.1f} bits"]
    if not is_short:
        parts += ["\n", ("Of all words the network found likeliest: ", "$text-muted")]
        for number, one in enumerate(verdict.question.likeliest):
            parts += [", " if number else "", shown_line(one.word, "", _LONGEST_WORD), f" {percent(one.share)}"]
    parts += ["\n", (describe_lesson(verdict, len(state.verdicts)), "italic")]
    return joined(*parts)


def rounds_text(state: GameState, rows: int) -> Content:
    """The last words of a game, the newest first: what each of them cost each player."""
    lines: list[Content] = []
    for number, verdict in reversed(list(enumerate(state.verdicts, start=1))[-rows:]):
        sign = ("✓", "bold $text-success") if verdict.is_right else (" ", "")
        figures = [(f"{verdict.bits[player]:6.1f}", STYLES[player]) for player in state.players]
        lines.append(
            joined((f"{number:3} ", "$text-muted"), sign, " ", shown_name(verdict.question.truth, 12), *figures)
        )
    return Content("\n").join(lines)


def end_text(lines: Sequence[str], best: str, command: str, code: str, model: str) -> Content:
    """The end of a game: the score, what it means, and the line for a friend."""
    first, *others = lines or ["No word was guessed, so there is no score."]
    parts: list[str | Content | tuple[str, str]] = [shown(first, "bold"), "\n"]
    for line in [*others, *([best] if best else [])]:
        parts += ["\n", shown(line), "\n"]
    if lines:
        parts += [
            "\n",
            ("For a friend, who gets the same words to guess:\n", "$text-muted"),
            shown(visible_line(command, 2_000), "bold $text-accent"),
            shown(f"\nwith the text {code} and the model {visible_line(model, 60)}", "$text-muted"),
        ]
    return joined(*parts)


def percent(share: float) -> str:
    """A share in at most five characters."""
    if share >= 0.0995:
        return f"{share:.0%}"
    return f"{share:.1%}" if share >= 0.0005 else "<.1%"
