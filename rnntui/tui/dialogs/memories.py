"""Memories with names: keep the one there is now, begin a conversation from one, or from a blend of two."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.records import SavedState
from rnntui.service.timestamps import local_day
from rnntui.text import last_words, plural, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.blend_choice import BlendChoice
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import key_of, with_keys
from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_NAME_CELLS = 28
_MODEL_CELLS = 16
_LAST_CHARACTERS = 66
_HINT = (
    "Enter begins from it · {memory-mark} marks two to blend · {memory-keep} keep · {memory-rename} rename · "
    "{memory-remove} delete · {memory-restore} bring back · {memories-close}"
)


@dataclass(frozen=True, slots=True)
class MemoryChoice:
    """What the person chose: a memory to begin from, or a name for the one there is now."""

    memory: SavedState | None = None
    keep_as: str = ""


class MemoriesScreen(Dialog[MemoryChoice]):
    """Closes with what is chosen, or with nothing.

    Args:
        services: Where memories are.
        can_keep: False when there is no memory to keep now.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("memories")
    HELP = (
        "A memory is a few kilobytes: everything the network knows of what it has read. Kept under a name, it can be "
        "the beginning of other conversations; two of one model can be blended, and left and right move the shares."
    )

    def __init__(self, services: "Services", can_keep: bool) -> None:
        super().__init__()
        self._services = services
        self._desk = Desk(self, self._show_progress)
        self._can_keep = can_keep
        self._names: dict[str, str] = {}
        """What models are called, by id."""
        self._memories: list[SavedState] = []
        self._blend = BlendChoice()
        self._removed: list[SavedState] = []

    def compose(self) -> ComposeResult:
        """List, a line about the blend or what was done, hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Memories"), classes="dialog-title")
            yield AskLine("nothing", "keep as", id="ask")
            yield OptionList(id="memories")
            yield Static(id="memory-said")
            yield Static(shown_line(with_keys(self.app, _HINT)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Show all of them."""
        self._ask.display = False
        self._read()
        self.query_one(OptionList).focus()

    @property
    def _ask(self) -> AskLine:
        return self.query_one(AskLine)

    @property
    def _chosen(self) -> SavedState | None:
        at = self.query_one(OptionList).highlighted
        return self._memories[at] if at is not None and at < len(self._memories) else None

    def _read(self, sentence: str = "") -> None:
        """Read the list again, then say what was done."""
        archive = self._services.archive

        def take(found: tuple[list[SavedState], dict[str, str]]) -> None:
            self._memories, self._names = found
            self._fill()
            if sentence:
                self._say(sentence)

        self._desk.ask(lambda: (archive.memories(), archive.model_names()), take, self._say)

    def _fill(self) -> None:
        listed = self.query_one(OptionList)
        at = listed.highlighted or 0
        listed.clear_options()
        listed.add_options([Option(content) for content in self._render_rows()])
        listed.highlighted = min(at, len(self._memories) - 1) if self._memories else None
        if not self._memories:
            keep = with_keys(self.app, "No memory is kept yet; {memory-keep} keeps the one there is now.")
            self._say(keep if self._can_keep else "No memory is kept.")

    def _render_rows(self) -> list[Content]:
        return [
            joined(
                ("◆ " if memory.name in self._blend.marked else "  ", "$text-accent"),
                shown_name(memory.name, _NAME_CELLS),
                "  ",
                shown_name(self._names.get(memory.model_id, "(not here)"), _MODEL_CELLS).stylize("$foreground-muted"),
                (f"  {_size_of(memory):>14}  {local_day(memory.created_at)}", "$foreground-muted"),
                *_ending(memory),
            )
            for memory in self._memories
        ]

    def _show_progress(self, what: str) -> None:
        self._say(f"{what} …" if what else "")

    def _say(self, sentence: str) -> None:
        self.query_one("#memory-said", Static).update(shown_line(sentence, "$text-accent"))

    def _say_blend(self) -> None:
        blend = self._blend
        if not blend.is_complete:
            mark = key_of(self.app, "memory-mark")
            self._say(f'{mark} on another blends it with "{visible_line(blend.marked[0], 30)}"' if blend.marked else "")
            return
        one, other = (visible_line(name, 24) for name in blend.marked)
        keys = with_keys(self.app, "{memory-less} {memory-more} move the shares")
        self._say(f"{blend.share:.0%} {one} + {1 - blend.share:.0%} {other} · {keys} · Enter begins from it")

    # ---- what can be done

    @on(OptionList.OptionSelected)
    def _begin(self) -> None:
        memory = self._chosen
        if self._blend.is_complete:
            one, other = self._blend.marked
            services, share = self._services, self._blend.share
            self._desk.do(
                "blending",
                lambda: services.interpolate_memories(one, other, share),
                self._choose,
                self._say,
            )
        elif memory:
            self._choose(memory)

    def _choose(self, memory: SavedState) -> None:
        self.dismiss(MemoryChoice(memory))

    def action_mark(self) -> None:
        """Mark a memory for a blend, or no longer."""
        memory = self._chosen
        if memory is None:
            return
        self._blend = self._blend.toggle(memory.name)
        self._fill()
        self._say_blend()

    def action_share(self, by: int) -> None:
        """More of one, less of the other."""
        if self._blend.is_complete:
            self._blend = self._blend.move(by)
            self._say_blend()

    def action_keep(self) -> None:
        """Ask for a name for the memory there is now."""
        if not self._can_keep:
            self._say("There is no memory to keep yet; send something first.")
            return
        self._ask.display = True
        self._ask.ask("keep", "keep this memory as", "")

    def action_rename(self) -> None:
        """Ask for another name."""
        if memory := self._chosen:
            self._ask.display = True
            self._ask.ask("rename", "new name", memory.name)

    def action_remove(self) -> None:
        """Remove a memory; conversations that began with it keep their own copy."""
        if memory := self._chosen:
            gone = memory
            self._desk.do(
                "deleting",
                lambda: self._services.archive.remove_memory(gone.name),
                lambda _: self._show_removed(gone),
                self._say,
            )

    def _show_removed(self, memory: SavedState) -> None:
        self._removed.append(memory)
        self._blend = self._blend.remove(memory.name)
        self._read(f'"{visible_line(memory.name, 40)}" is gone; {key_of(self.app, "memory-restore")} brings it back.')

    def action_restore(self) -> None:
        """Bring back what was removed last, as long as this list is open."""
        if not self._removed:
            self._say("There is nothing to bring back.")
            return
        memory = self._removed.pop()

        def refuse(sentence: str) -> None:
            self._removed.append(memory)
            self._say(sentence)

        self._desk.do(
            "bringing back",
            lambda: self._services.archive.keep_memory(memory),
            lambda kept: self._read(f'"{visible_line(kept.name, 40)}" is back.'),
            refuse,
        )

    @on(AskLine.Answered)
    def _take_answer(self, event: AskLine.Answered) -> None:
        if event.about == "keep":
            self.dismiss(MemoryChoice(keep_as=event.text))
            return
        if memory := self._chosen:
            name = memory.name
            self._desk.do(
                "renaming",
                lambda: self._services.archive.rename_memory(name, event.text),
                lambda _: self._show_renamed(),
                self._say,
            )

    def _show_renamed(self) -> None:
        self._blend = BlendChoice(share=self._blend.share)
        self._back_to_list()
        self._read()

    def _back_to_list(self) -> None:
        self._ask.ask_first()
        self._ask.display = False
        self.query_one(OptionList).focus()

    def action_leave(self) -> None:
        """Back to the list; then close."""
        if self._ask.display:
            self._back_to_list()
            return
        super().action_leave()


def _size_of(memory: SavedState) -> str:
    """How much a memory had read; one that was emptied and read nothing since is empty."""
    return plural(memory.tokens_read, "token") if memory.recent_ids else "empty"


def _ending(memory: SavedState) -> tuple[str | Content, ...]:
    """A second line with the end of what it remembers; nothing where that was not kept."""
    if not memory.recent_ids or not memory.text_before.strip():
        return ()
    return ("\n    ", shown_line(last_words(memory.text_before, _LAST_CHARACTERS), "$foreground-muted"))
