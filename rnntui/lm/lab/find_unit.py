"""Station "find-a-unit": which unit tracks quotes, the position in the paragraph, the position in the sentence?

T = time steps, B = rows in a batch, H = hidden size. Units are looked for in one half of what the network writes and
judged on the other, so that luck among many units does not count as skill. Source of the idea: Karpathy et al. 2015.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.figures import Bar, Bars, Figure, Finding, HighlightedText, LabEvent, Note, Progress, Table
from rnntui.lm.lab.bench import Bench, memory_over, variable_of, writing
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.text import piece_name

_LENGTH = 120
_ROWS = 24
_OPENING, _CLOSING, _EITHER = frozenset("“«"), frozenset("”»"), frozenset('"')
_ENDS = frozenset(".!?…")
_LONGEST = 60
"""Lengths are counted up to this many words: beyond it one more makes no difference."""
_LEAST_COUNT = 4
_LISTED = 8


@dataclass(frozen=True, slots=True)
class Tracker:
    """The unit that follows one property of the text best."""

    property: str
    unit: int
    found_correlation: float
    """On the half in which it was looked for, -1 to 1."""
    held_out_correlation: float
    """On the other half: what it is worth."""


@dataclass(frozen=True, slots=True)
class Loved:
    """A word, and where it leaves the unit."""

    piece: str
    mean: float
    count: int


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """Everything the station found."""

    words: int
    units: int
    variable: str
    """What is looked at of a unit: "h", or "tanh(c)" of an LSTM."""
    trackers: tuple[Tracker, ...]
    unit: int
    reason: str
    """Why this unit is shown."""
    reach: float
    """Its largest value, without sign, in what the network wrote."""
    coloured: tuple[tuple[str, float], ...]
    """The person's text: (piece, value of the unit after it)."""
    highest: tuple[Loved, ...]
    lowest: tuple[Loved, ...]


def run(bench: Bench) -> Iterator[LabEvent]:
    """Let the network write, look for units, colour the person's text."""
    ids, asked = bench.prompt_ids(), bench.unit()
    columns: list[Tensor] = []
    for column in writing(bench.model, _LENGTH, _ROWS, bench.asked.seed):
        columns.append(column)
        yield Progress(0.9 * len(columns) / _LENGTH, f"letting it write {_LENGTH * _ROWS:,} words")
    text = torch.stack(columns)  # [T,B]
    yield Progress(0.95, "looking at every unit")
    hidden = memory_over(bench.model, text)  # [T,B,H]
    own = memory_over(bench.model, torch.tensor(ids).unsqueeze(1))
    trackers = tuple(_trackers(bench.tokenizer, text, hidden))
    best = max(trackers, key=lambda entry: abs(entry.held_out_correlation), default=None)
    unit = asked if asked is not None else best.unit if best else int(hidden.std(dim=(0, 1)).argmax())
    reason = "you asked for it" if asked is not None else f"it tracks {best.property}" if best else "it moves most"
    values = hidden[:, :, unit]
    loved = _loved(bench.tokenizer, text, values)
    found = FoundUnit(
        words=text.numel(),
        units=hidden.shape[2],
        variable=variable_of(bench.model),
        trackers=trackers,
        unit=unit,
        reason=reason,
        reach=float(values.abs().max()),
        coloured=tuple(
            (bench.tokenizer.piece(word), value) for word, value in zip(ids, own[:, 0, unit].tolist(), strict=True)
        ),
        highest=loved[:_LISTED],
        lowest=loved[: -_LISTED - 1 : -1],
    )
    yield Finding(found, figures(found), bench.asked.seed)


def properties(pieces: Sequence[str]) -> dict[str, list[float]]:
    """What can be said of the text after each of its pieces, by name."""
    found: dict[str, list[float]] = {"quotes": [], "position in the paragraph": [], "position in the sentence": []}
    is_quoted, line, sentence = False, 0, 0
    for piece in pieces:
        for character in piece:
            if character in _EITHER:
                is_quoted = not is_quoted
            elif character in _OPENING or character in _CLOSING:
                is_quoted = character in _OPENING
        line = 0 if "\n" in piece else line + 1
        sentence = 0 if piece.strip() in _ENDS else sentence + 1
        found["quotes"].append(float(is_quoted))
        found["position in the paragraph"].append(float(min(line, _LONGEST)))
        found["position in the sentence"].append(float(min(sentence, _LONGEST)))
    return found


def correlations(hidden: Tensor, values: Tensor) -> Tensor:
    """Pearson's correlation of each unit [N,H] with one property [N]: [H]; 0 where either never changes."""
    units = hidden.double() - hidden.double().mean(dim=0)
    wanted = values.double() - values.double().mean()
    lengths = units.norm(dim=0) * wanted.norm()
    return torch.where(lengths > 1e-12, units.T @ wanted / lengths.clamp(min=1e-12), 0.0)


def _trackers(tokenizer: Tokenizer, text: Tensor, hidden: Tensor) -> Iterator[Tracker]:
    columns = [properties([tokenizer.piece(word) for word in column]) for column in text.T.tolist()]
    half = text.shape[1] // 2
    for name in columns[0]:
        values = torch.tensor([column[name] for column in columns]).T  # [T,B]
        looked = correlations(hidden[:, :half].flatten(0, 1), values[:, :half].flatten())
        if not looked.any():
            continue  # the network never wrote such a thing
        unit = int(looked.abs().argmax())
        judged = correlations(hidden[:, half:, unit].flatten().unsqueeze(1), values[:, half:].flatten())
        yield Tracker(name, unit, float(looked[unit]), float(judged[0]))


def _loved(tokenizer: Tokenizer, text: Tensor, values: Tensor) -> tuple[Loved, ...]:
    """Words from where the unit is highest to where it is lowest."""
    seen: defaultdict[str, list[float]] = defaultdict(list)
    for word, value in zip(text.flatten().tolist(), values.flatten().tolist(), strict=True):
        seen[tokenizer.piece(word)].append(value)
    means = [
        Loved(piece, sum(found) / len(found), len(found)) for piece, found in seen.items() if len(found) >= _LEAST_COUNT
    ]
    return tuple(sorted(means, key=lambda entry: -entry.mean))


def figures(found: FoundUnit) -> tuple[Figure, ...]:
    """The result as it is shown."""
    reach = max(found.reach, 1e-9)
    return (
        Table(
            f"{found.variable} of {found.units:,} units, after {found.words:,} words of the network's own writing",
            ("tracks", "unit", "Pearson's r", "on the other half"),
            tuple(
                (
                    entry.property,
                    str(entry.unit),
                    f"{entry.found_correlation:+.2f}",
                    f"{entry.held_out_correlation:+.2f}",
                )
                for entry in found.trackers
            ),
        ),
        Note("1 or -1 is a perfect tracker, 0 knows nothing of it. Only the last column counts.", "muted"),
        HighlightedText(
            f"Your text, coloured by {found.variable} of unit {found.unit} ({found.reason}); the row below is its "
            f"value, low for {-reach:.2f}, high for {reach:.2f}",
            tuple((piece, value / reach) for piece, value in found.coloured),
        ),
        Bars(
            f"Words after which unit {found.unit} is highest",
            tuple(Bar(piece_name(entry.piece), max(0.0, entry.mean), f"{entry.mean:+.3f}") for entry in found.highest),
            reach,
        ),
        Bars(
            f"Words after which unit {found.unit} is lowest",
            tuple(Bar(piece_name(entry.piece), max(0.0, -entry.mean), f"{entry.mean:+.3f}") for entry in found.lowest),
            reach,
        ),
    )
