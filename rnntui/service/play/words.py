"""What the numbers of a game mean, in sentences for people: after each word, and at the end."""

import math
from collections.abc import Sequence

from rnntui.records import GameResult
from rnntui.service.play.game import GameState, best_of
from rnntui.service.play.rules import CHOICES, COUNTING, MIXTURE, NETWORK, PERSON, Verdict
from rnntui.service.play.scoring import SURENESS, choices_in_words, lead, mean_bits
from rnntui.text import plural

NAMES = {PERSON: "you", NETWORK: "the network", COUNTING: "counting", MIXTURE: "network and counting together"}
_MUCH = 1.0
"""Bits that are worth a remark."""
_HARD = 4.0
_LEVEL = 0.005

RULES_IN_WORDS = {
    "choose": (
        "You read a passage up to a word. Eight words could come next; choose one and say how sure you are: "
        f"{', '.join(f'{name} gives it {100 * share:.0f} %' for name, share in SURENESS.items())}, and the other seven "
        "share the rest."
    ),
    "type": (
        "You read a passage up to a word. Type the next one and say how sure you are: "
        f"{', '.join(f'{name} puts {100 * share:.0f} % on it' for name, share in SURENESS.items())}. The rest stays "
        "where counting puts it: your guess is a bet against counting."
    ),
}
HOW_IT_IS_SCORED = (
    "The network and counting answer too, having read what you have read. Each pays in bits for the word that came: "
    "the less it was given, the more bits. Fewer bits are better; whoever says honestly how sure they are pays least."
)
_BASICS = (
    "A bit is a yes-no question: ½ costs 1 bit, ¼ costs 2, ⅛ costs 3. The share halves, one bit more.",
    "Bits add up: over a whole text, bits a word say how well it was foreseen. Zero would be knowing it by heart.",
    "Counting looks at the last four words and what followed them in the book. It has no memory beyond that.",
    "The network keeps a memory of all it has read here, a few hundred numbers, whatever the length.",
    "Say what you believe: sure costs little when it is right and much when it is wrong, so it pays only at 9 of 10.",
)


def describe_lesson(verdict: Verdict, number: int) -> str:
    """One line on what just happened.

    Args:
        verdict: Of the word.
        number: Of the round, from 1.
    """
    bits, given = verdict.bits, verdict.given
    mine, network, counting = bits[PERSON], bits[NETWORK], bits.get(COUNTING, bits[NETWORK])
    share = f"{100 * given[PERSON]:.0f} %" if given[PERSON] >= 0.01 else "less than 1 %"
    if number == 1:
        return _BASICS[0]
    if verdict.guess.word and not verdict.is_right and verdict.guess.confidence >= SURENESS["sure"]:
        return (
            f"Sure, and wrong: you had left {share} for it, which is {mine:.1f} bits. Certainty is dear when it fails."
        )
    if verdict.is_right and verdict.guess.confidence >= SURENESS["sure"]:
        return f"Sure, and right: {share} is {mine:.2f} bits, hardly a surprise."
    if not verdict.guess.word and verdict.question.choices:
        count = len(verdict.question.choices)
        return f"No idea gives each of {count} words the same: {mine:.0f} bits, whatever comes."
    if counting - network > _MUCH:
        return "Counting sees the last four words only; the network carries a memory of all that stands above."
    if network - counting > _MUCH:
        return "Words that often stand together are what counting is best at: it has seen just these in its book."
    if min(mine, network, counting) > _HARD:
        return "Everybody was surprised. A text in which nothing surprises would have nothing to say."
    if verdict.is_right and mine < min(network, counting):
        return "You knew what neither of them knew: you have read more books than they have, and you understand them."
    basics = [one for one in _BASICS if COUNTING in bits or not one.startswith("Counting")]
    return basics[(number - 1) % len(basics)]


def describe_score(state: GameState) -> str:
    """The standing in one line: bits a word of everyone."""
    figures = ", ".join(f"{NAMES[player]} {state.mean(player):.2f}" for player in state.players)
    return f"{plural(len(state.verdicts), 'word')}, bits a word: {figures}."


def describe_leads(verdicts: Sequence[Verdict], players: Sequence[str]) -> str:
    """Who beat whom, from the person's side; empty before the first word."""
    if not verdicts:
        return ""
    sentences, errors = [], []
    for player in players:
        if player == PERSON:
            continue
        gap, error = lead(verdicts, PERSON, player)
        errors.append(error)
        if abs(gap) < _LEVEL:
            sentences.append(f"you and {NAMES[player]} are level")
        elif gap > 0:
            sentences.append(f"you beat {NAMES[player]} by {gap:.2f} bits a word")
        else:
            sentences.append(f"{NAMES[player]} beat you by {-gap:.2f} bits a word")
    said = "; ".join(sentences)
    chance = max(errors)
    doubt = f" In so few words chance alone makes about {chance:.1f}." if math.isfinite(chance) else ""
    return f"{said[:1].upper()}{said[1:]}.{doubt}"


def describe_end(state: GameState) -> list[str]:
    """What was reached and what it means, one sentence or two each; empty before the first word."""
    if not state.verdicts:
        return []
    mine = state.mean(PERSON)
    lines = [
        describe_score(state),
        describe_leads(state.verdicts, state.players),
        f"{mine:.2f} bits: you were as unsure as among {_round(choices_in_words(mine))} words that are all alike.",
    ]
    if state.opened.mode == "choose":
        lines[-1] += f" Without any idea it is {math.log2(CHOICES):.0f} bits, {CHOICES} words."
    if MIXTURE in state.opened.voices:
        lines.append(f"Network and counting together, as they speak in the chat: {state.mean(MIXTURE):.2f}.")
    if honest := _describe_honesty(state.verdicts):
        lines.append(honest)
    return lines


def describe_best(results: Sequence[GameResult], state: GameState) -> str:
    """How the game stands beside earlier ones of its kind; empty where there are none.

    Args:
        results: Those before this game.
        state: The game.
    """
    best = best_of(results, state.opened)
    if best is None or not state.verdicts:
        return ""
    before, mine = best.bits[PERSON], mean_bits(state.verdicts, PERSON)
    if state.is_over and mine < before:
        return f"Your best with this text so far: before it was {before:.2f}."
    return f"Your best with this text is {before:.2f}, with seed {best.seed}."


def describe_result(result: GameResult, results: Sequence[GameResult] = ()) -> str:
    """An earlier game in one line; it says so if it is the best of its kind among others."""
    figures = ", ".join(f"{player} {bits:.2f}" for player, bits in result.bits.items() if player != MIXTURE)
    left = "" if result.is_whole else ", left early"
    best = " · your best" if best_of(results, result) is result else ""
    return f"{result.ended_at[:10]} · seed {result.seed} · {plural(result.rounds, 'word')}{left}: {figures}{best}"


def _round(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def _describe_honesty(verdicts: Sequence[Verdict]) -> str:
    """How often the person was right where they had said how sure they are."""
    parts = []
    for name, share in reversed(SURENESS.items()):
        asked = [verdict for verdict in verdicts if verdict.guess.word and verdict.guess.confidence == share]
        if asked:
            right = sum(verdict.is_right for verdict in asked)
            parts.append(
                f'of {len(asked)} "{name}" {right} {"was" if right == 1 else "were"} right ({100 * share:.0f} %'
                " were said)"
            )
    return f"How honest: {'; '.join(parts)}." if parts else ""
