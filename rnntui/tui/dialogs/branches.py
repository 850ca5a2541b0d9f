"""All versions of all visible turns: where the conversation could have gone, and did."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.errors import RnntuiError
from rnntui.service.chat.facts import count_written_words, surprise
from rnntui.service.compare.variants import name_of, value_text
from rnntui.settings import SamplerSettings
from rnntui.text import plural
from rnntui.tui.actions import bindings_for
from rnntui.tui.compare.versions import VersionsComparison, compare_versions
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import with_keys
from rnntui.tui.safe import joined, shown, shown_line
from rnntui.tui.widgets.turn_preview import TurnPreview
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.records import Turn

_HINT = "Enter goes there · ● is shown now · {branch-mark} marks one to see two side by side · {branches-close}"
_WHO = {"person": "you", "network": "net", "forget": "forgets", "switch": "switch"}
_ROW_CHARACTERS = 400
_BEFORE_THE_DIFFERENCE = 24
"""Characters of what is alike that a row shows before the first difference."""
_IN_EVERY_ROW = frozenset({"temperature", "seed"})


@dataclass(frozen=True, slots=True)
class VersionChoice:
    """From a visible turn so many versions on, or back when it is negative."""

    turn_id: int
    by: int


@dataclass(frozen=True, slots=True)
class _Version:
    """One row of the list."""

    choice: VersionChoice
    turn: "Turn"
    number: int
    count: int
    shown_text: str
    """Of the version that is shown; empty where this is it."""
    settings: str
    """Of a reply: how it came about."""

    @property
    def is_shown(self) -> bool:
        return self.choice.by == 0


class BranchesScreen(Dialog[VersionChoice]):
    """Closes with the way to the chosen version, or with nothing.

    Args:
        forks: For each visible turn that has several versions, itself and their numbers, oldest first.
        turn: Reads one turn of the conversation by its number.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("branches")
    HELP = (
        "Every version of every turn of this conversation, with the settings and the seed of each reply. What differs "
        "from the version that is shown (●) stands bright. Enter goes there, with what was said after it. "
        "{branch-mark} marks one (◆); Enter at another one then shows both side by side."
    )

    def __init__(self, forks: Sequence[tuple[int, tuple[int, ...]]], turn: "Callable[[int], Turn]") -> None:
        super().__init__()
        self._forks = tuple(forks)
        self._turn = turn
        self._versions: list[_Version] = []
        self._marked: int | None = None
        """The row that is to be compared with another one."""
        self._desk = Desk(self)

    def compose(self) -> ComposeResult:
        """List, preview where there is room, and hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Versions"), classes="dialog-title")
            with Horizontal(id="branches-columns"):
                yield OptionList(id="branches")
                yield TurnPreview(id="branch-preview")
            yield Static(shown_line(with_keys(self.app, _HINT)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Read the turns."""
        self.query_one(OptionList).focus()
        self._desk.ask(self._read, self._show, lambda sentence: self.app.notify(sentence, severity="error"))

    def _read(self) -> list[_Version]:
        versions: list[_Version] = []
        for turn_id, numbers in self._forks:
            turns: dict[int, Turn] = {}
            for number in numbers:
                try:
                    turns[number] = self._turn(number)
                except RnntuiError:
                    continue
            versions += _versions_of(turn_id, numbers, turns)
        return versions

    def _show(self, versions: list[_Version]) -> None:
        self._versions = versions
        listed = self.query_one(OptionList)
        listed.add_options([Option(_row(version)) for version in versions])
        listed.highlighted = len(versions) - 1 if versions else None

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        version = self._versions[event.option_index]
        text = _mark_difference(version.turn.text.strip("\n"), version.shown_text.strip("\n"))
        self.query_one(TurnPreview).show(joined(_facts(version), "\n\n", text), at_end=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A version was chosen, to go there or to stand beside the marked one."""
        at = event.option_index
        if self._marked is None or self._marked == at:
            self.dismiss(self._versions[at].choice)
            return
        pair = [self._versions[index] for index in sorted((self._marked, at))]
        one, other = ((version.turn, f"version {version.number} of {version.count}") for version in pair)

        def take(side: int | None) -> None:
            if side is not None:
                self.dismiss(pair[side].choice)

        self.app.push_screen(VersionsComparison(*compare_versions(one, other)), take)

    def action_mark(self) -> None:
        """Mark the version under the bar, or no longer."""
        listed = self.query_one(OptionList)
        if listed.highlighted is None:
            return
        before, here = self._marked, listed.highlighted
        self._marked = None if before == here else here
        for at in {here} if before is None else {before, here}:
            listed.replace_option_prompt_at_index(at, _row(self._versions[at], is_marked=at == self._marked))


def _versions_of(turn_id: int, numbers: tuple[int, ...], turns: "dict[int, Turn]") -> list[_Version]:
    """The versions of one visible turn."""
    here, visible = numbers.index(turn_id), turns.get(turn_id)
    shown_text = visible.text if visible else ""
    differing = _differing([turn.sampler for turn in turns.values() if turn.sampler])
    return [
        _Version(
            VersionChoice(turn_id, at - here),
            turns[number],
            at + 1,
            len(numbers),
            "" if number == turn_id else shown_text,
            _settings(turns[number].sampler, differing),
        )
        for at, number in enumerate(numbers)
        if number in turns
    ]


def count_alike(text: str, other: str) -> int:
    """How many characters two texts have in common from the beginning, up to the end of a word."""
    if text == other:
        return len(text)
    differs = (at for at, (one, two) in enumerate(zip(text, other, strict=False)) if one != two)
    common = next(differs, min(len(text), len(other)))
    while common and not (text[common - 1].isspace() or (_ends_word(text, common) and _ends_word(other, common))):
        common -= 1
    return common


def _ends_word(text: str, at: int) -> bool:
    return at >= len(text) or not text[at].isalnum()


def _differing(samplers: Sequence[SamplerSettings]) -> tuple[str, ...]:
    """The settings in which these replies differ, beside those that every row shows."""
    names = (entry.name for entry in dataclasses.fields(SamplerSettings) if entry.name not in _IN_EVERY_ROW)
    return tuple(name for name in names if len({getattr(sampler, name) for sampler in samplers}) > 1)


def _settings(sampler: SamplerSettings | None, differing: tuple[str, ...]) -> str:
    if sampler is None:
        return ""
    told = ("temperature", *differing)
    return " · ".join(f"{name_of(name)} {value_text(name, getattr(sampler, name))}" for name in told)


def _facts(version: _Version) -> Content:
    turn = version.turn
    count = count_written_words(turn)
    bits = f"{surprise(turn, count):.1f} bits a word" if count and turn.logprobs else ""
    words = plural(count, "word") if count else ""
    seed = f"seed {turn.sampler.seed}" if turn.sampler else ""
    facts = " · ".join(filter(None, (version.settings, bits, words, seed)))
    return joined(
        (f"{version.number}/{version.count} {_WHO.get(turn.role, turn.role)}", "bold $text-accent"),
        (f"  {facts}", "$foreground-muted"),
    )


def _row(version: _Version, *, is_marked: bool = False) -> Content:
    """Facts, and the text from shortly before the first word that differs."""
    text, other = (" ".join(each.split()) for each in (version.turn.text, version.shown_text))
    start = max(0, count_alike(text, other) - _BEFORE_THE_DIFFERENCE)
    content = _mark_difference(text[start : start + _ROW_CHARACTERS], other[start:] if other else "")
    return joined(
        ("◆ " if is_marked else "● " if version.is_shown else "  ", "$text-accent"),
        _facts(version),
        "\n    …" if start else "\n    ",
        content.stylize("bold") if version.is_shown else content,
        "" if text else "(nothing)",
    )


def _mark_difference(text: str, other: str) -> Content:
    """A text with what it has in common with another one dim, up to the first word that differs."""
    same = count_alike(text, other)
    return joined(shown(text[:same], "$foreground-muted"), shown(text[same:]))
