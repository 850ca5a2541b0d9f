"""Everything a person can do, in one table: keys, palette, slash words, footer and the README's table come from it.

`where` says where a key is heard: "everywhere", on the "chat", "train" or "lab" screen, or inside one of its widgets
("prompt", "temperature", "sampling", "transcript", "alternatives"). `run` is the Textual action: with "app." for the
app, "screen." for the screen from inside a widget, the name of a part of the chat screen for a method of that part,
otherwise the screen's or the widget's own.
"""

import dataclasses
from dataclasses import dataclass
from typing import TypeGuard

from textual.binding import Binding, BindingType

from rnntui.service.export.exporters import suffixes_in_words
from rnntui.settings import SamplerSettings

PLACES = {
    "everywhere": "Everywhere",
    "chat": "Chat",
    "prompt": "Chat, in the prompt",
    "temperature": "Chat, on the temperature bar",
    "sampling": "Chat, on the settings of the draw",
    "transcript": "Chat, at a word",
    "alternatives": "Chat, what else",
    "find": "Chat, in the line to find words",
    "tour": "Chat, on the tour",
    "help": "Help",
    "manual": "Manual",
    "models": "Models",
    "report": "Report",
    "sessions": "Conversations",
    "branches": "Versions",
    "compare": "Side by side",
    "versions-compared": "Versions side by side",
    "drafts": "Drafts",
    "memories": "Memories",
    "settings": "Settings",
    "themes": "Themes",
    "log": "Log",
    "origin": "A place in the book",
    "train": "Training",
    "runs": "Training runs",
    "history": "How a model learned",
    "lab": "Lab",
    "play": "Play",
    "choices": "Play, at the words",
}
HEARD_TOGETHER = {
    ("chat", "prompt"),
    ("chat", "temperature"),
    ("chat", "transcript"),
    ("chat", "alternatives"),
    ("chat", "sampling"),
    ("chat", "find"),
    ("chat", "tour"),
    ("play", "choices"),
}
"""Places of which the second one is inside the first, so that a key may mean only one thing in both."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do."""

    id: str
    keys: tuple[str, ...]
    """Empty when it has no key of its own."""
    label: str
    help: str
    where: str
    run: str
    slash: str = ""
    """The word after the slash in the prompt; empty when it makes no sense there."""
    argument: str = ""
    """What may follow the slash word, in capitals; empty when nothing may."""
    footer: int = 0
    """Its place in the footer among the keys of `where`, from 1; 0 keeps it out. Keys with one place stand together."""
    footer_label: str = ""
    """What the footer calls it; empty for its label."""
    also: str = ""
    """What other programs call it, for whoever searches: words with spaces between them."""
    in_palette: bool = True
    priority: bool = False
    """Heard before the focused widget."""

    @property
    def owner(self) -> str:
        """What carries it out: "app", "screen", a part of the chat screen, or "" for the place where it is heard."""
        return self.run.partition("(")[0].rpartition(".")[0]

    @property
    def call(self) -> str:
        """The Textual action: what a part of the chat screen does is handed on by the screen."""
        if self.owner in {"", "app", "screen"}:
            return self.run
        name, _, arguments = self.run.removeprefix(f"{self.owner}.").partition("(")
        return f"screen.call_part({', '.join(filter(None, (repr(self.owner), repr(name), arguments.rstrip(')'))))})"

    @property
    def call_anywhere(self) -> str:
        """The same for whoever does not stand in its place, such as the palette."""
        return self.call if self.call.startswith(("app.", "screen.")) else f"screen.{self.call}"


_FACTS = next(entry.metadata for entry in dataclasses.fields(SamplerSettings) if entry.name == "temperature")
_TEMPERATURE, _HOTTEST = _FACTS["slider"], _FACTS["high"]
_STEP = _TEMPERATURE.step

ACTIONS: tuple[Action, ...] = (
    # everywhere
    Action("help", ("f1",), "Help", "keys, and help for what has the focus", "everywhere", "app.open('help')", "help",
           footer=4, also="shortcuts keys keybindings cheatsheet what"),
    Action("settings", ("f2",), "Settings", "all settings of the draw, the pace and the join", "everywhere",
           "app.open('settings')", "settings", footer=11, also="preferences options parameters config sampler"),
    Action("show-chat", ("f3",), "Chat", "the conversation", "everywhere", "app.show('chat')", "chat", footer=1,
           also="talk conversation write"),
    Action("show-train", ("f4",), "Train", "train a network on your own text, or watch it learn", "everywhere",
           "app.show('train')", "train", "FILE", footer=2, also="learn fit fine-tune finetune teach corpus"),
    Action("show-lab", ("f6",), "Lab", "the lab: see how your network works", "everywhere", "app.show('lab')",
           priority=True, footer=12, also="experiments explain inside look"),
    Action("models", ("ctrl+l",), "Models", "choose a model; it goes on in the conversation, or begins a new one",
           "everywhere", "app.open('models')", "model", "NAME", also="switch network choose load weights checkpoint"),
    Action("sessions", ("ctrl+s",), "Conversations", "all conversations: search, open, rename, pin, delete, copy, "
           "export, import", "everywhere", "app.open('sessions')", "sessions",
           also="history chats threads search open resume recent"),
    Action("memories", ("alt+m",), "Memories", "memories with names: keep, begin from one, blend two", "everywhere",
           "app.open('memories')", "memories", priority=True, also="state snapshot hidden blend mix"),
    Action("new-chat", ("ctrl+n",), "New chat", "start an empty conversation with the same model", "everywhere",
           "app.new_chat", "new", also="fresh start empty session clear conversation"),
    Action("palette", ("ctrl+p", "f12"), "Palette", "search in everything you can do", "everywhere",
           "app.command_palette", "palette", in_palette=False, footer=3, also="commands"),
    Action("manual", (), "Manual", "the pages that come with the program: first steps, training, figures and more",
           "everywhere", "app.open('manual')", "manual", also="documentation docs guide pages tutorial"),
    Action("tour", ("f10",), "Tour", "five stops on your own screen: what this is and what it can do; again: back to "
           "its card", "everywhere", "app.open('tour')", "tour", also="introduction tutorial onboarding demo start"),
    Action("theme", (), "Theme", "choose the colours; each is tried on, Enter keeps it", "everywhere",
           "app.open('themes')", "theme", also="dark light mode colours colors appearance scheme style"),
    Action("log", (), "Log", "what was said, and the details of what went wrong", "everywhere", "app.open('log')",
           "log", also="errors messages notifications traceback debug history"),
    Action("suspend", ("ctrl+z",), "Suspend", "back to the shell, whose fg brings it back", "everywhere",
           "app.suspend_process", "suspend", also="background shell stop fg job"),
    Action("interrupt", ("ctrl+c",), "Copy, stop or quit", "copies a selection, else stops the network, twice quits",
           "everywhere", "app.interrupt", in_palette=False, priority=True),
    Action("quit", ("ctrl+q",), "Quit", "leave; a training run goes on by itself", "everywhere", "app.quit", "quit",
           priority=True, footer=5, also="exit leave close bye q"),
    # chat
    Action("stop", ("escape",), "Stop", "stop at once; text and memory stay at the last word shown", "chat",
           "turns.stop", "stop", "WHERE", footer=9, also="cancel interrupt abort halt"),
    Action("undo", ("f8",), "Undo", "take back what was done last: an exchange, a retry, a rewind, a walk to a version",
           "chat", "turns.undo", "undo", priority=True, footer=3, also="back revert take"),
    Action("redo", ("f9",), "Redo", "do again what was taken back", "chat", "turns.redo", "redo", priority=True,
           footer=4, also="forward again"),
    Action("retry", ("ctrl+r",), "Retry", "write the last reply once more with a new seed; the old one stays beside it",
           "chat", "turns.retry", "retry", priority=True, footer=2, also="regenerate reroll again resample swipe"),
    Action("retry-same", ("alt+r",), "Retry, same seed", "write it once more with the same seed: only what you changed "
           "shows", "chat", "turns.retry_same", "same", priority=True, also="regenerate seed repeat compare"),
    Action("continue", ("alt+c",), "Go on", "let the network go on writing", "chat", "turns.go_on", "continue",
           priority=True, also="generate more resume extend"),
    Action("edit", ("alt+e",), "Edit", "change what you wrote; again for the turn before", "chat", "turns.edit", "edit",
           priority=True, also="change modify rewrite prompt branch"),
    Action("older-version", ("alt+left",), "Version before", "the reply as it was written before", "chat",
           "turns.show_version(-1)", "older", priority=True, also="previous swipe sibling branch"),
    Action("newer-version", ("alt+right",), "Version after", "the reply as it was written after that", "chat",
           "turns.show_version(1)", "newer", priority=True, also="next swipe sibling branch"),
    Action("branches", ("alt+v",), "Versions", "all versions of all turns, and the way to them", "chat",
           "turns.list_versions", "versions", priority=True, also="branch tree fork alternatives siblings history"),
    Action("drafts", ("alt+d",), "Drafts", "the other drafts of the newest sentence, or of the chosen word's: look at "
           "them, say another", "chat", "drafts.ask", "drafts", "NUMBER", priority=True,
           also="candidates best of beam"),
    Action("compare", ("alt+t",), "Side by side", "two ways to go on from here: A as all is set, B with one "
           "thing changed, same dice; take one over", "chat", "comparing.open", "compare", "WHAT", priority=True,
           also="diff versus a/b ab test two models temperatures split"),
    Action("inspect", ("f7",), "Look at words", "go from word to word: what else could have stood there", "chat",
           "words.enter", "inspect", priority=True, footer=1, footer_label="Words",
           also="inspect tokens logprobs probabilities alternatives cursor select"),
    Action("surprise", ("alt+s",), "Surprise", "tint every word by how unexpected it was, yours too", "chat",
           "tints.toggle_surprise", "surprise", priority=True,
           also="highlight colour heat map logprob perplexity tint"),
    Action("origin", ("alt+o",), "Where it is from", "underline runs of four words and more that stand in the text the "
           "model learned from, and say how much it copies", "chat", "origin.toggle", "origin", priority=True,
           also="copied plagiarism source verbatim memorised quote book"),
    Action("unit", ("alt+u",), "Follow a unit", "tint the newest words by what one unit of the memory said", "chat",
           "tints.leave_unit", "unit", "NUMBER", priority=True, also="neuron activation cell hidden tint"),
    Action("temperature", ("ctrl+t",), "Temperature", "go to the temperature bar", "chat", "sampling.focus_temperature",
           "temp", "NUMBER", priority=True, footer=13, also="heat randomness creativity"),
    Action("sampling", (), "Sampling", "go to the settings of the draw in the panel", "chat", "sampling.focus_fields",
           "sampling", also="top-k top-p min-p repetition penalty parameters sliders"),
    Action("editor", ("ctrl+g",), "Editor", "write the prompt in your own editor", "chat", "composer.open_editor",
           "editor", also="vim nano emacs external $EDITOR"),
    Action("ghost", ("alt+g",), "Suggestions", "show or hide how the prompt may go on", "chat",
           "composer.toggle_suggestions", "ghost", priority=True, also="autocomplete completion suggest"),
    Action("keep", (), "Keep the memory", "keep the memory as it is now, or after the chosen word, under a name",
           "chat", "composer.begin_command('/keep ')", "keep", "NAME", also="save state snapshot bookmark checkpoint"),
    Action("find", ("ctrl+f",), "Find", "find words in this conversation; again: in all of them", "chat", "finder.ask",
           "find", "WORDS", priority=True, footer=14, also="search look grep"),
    Action("export", (), "Export the conversation", f"write it to a file: {suffixes_in_words()}; the last two show the "
           "surprise as colour", "chat", "exporting.ask", "export", "FILE", also="save share send html svg picture"),
    Action("careful", (), "Careful", "draw carefully: cooler, less likely words cut", "chat",
           "sampling.use_preset('careful')", "careful", also="preset cold precise"),
    Action("balanced", (), "Balanced", "draw as it is at first", "chat", "sampling.use_preset('balanced')", "balanced",
           also="preset default reset"),
    Action("wild", (), "Wild", "draw daringly: warmer, nothing cut", "chat", "sampling.use_preset('wild')", "wild",
           also="preset hot creative"),
    Action("lock-seed", ("alt+k",), "Lock the seed", "keep this seed for every reply, or let each get its own", "chat",
           "sampling.lock_seed", "lock", priority=True, also="seed fix deterministic random reproducible"),
    Action("warmer", ("alt+up",), "Warmer", f"raise the temperature by {_STEP:g}", "chat", "sampling.warm(1)", "warmer",
           also="temperature raise hotter"),
    Action("cooler", ("alt+down",), "Cooler", f"lower the temperature by {_STEP:g}", "chat", "sampling.warm(-1)",
           "cooler", also="temperature lower colder"),
    Action("faster", ("alt+pageup",), "Faster", "let words appear faster", "chat", "sampling.hasten(1)", "faster",
           also="speed pace"),
    Action("slower", ("alt+pagedown",), "Slower", "let words appear more slowly", "chat", "sampling.hasten(-1)",
           "slower", also="speed pace"),
    Action("pace", (), "Full speed", "words as fast as they come; /pace 20 for twenty a second", "chat",
           "sampling.set_pace(0.0)", "pace", "NUMBER", also="speed instant words second"),
    Action("forget", ("ctrl+o",), "Forget", "empty the memory; the text stays", "chat", "memory.forget", "forget",
           also="clear reset context memory wipe"),
    Action("fold", ("f5",), "Panel", "show or fold the side panel", "chat", "sampling.fold", "panel", footer=10,
           also="sidebar side inspector hide toggle"),
    Action("show-play", ("alt+p",), "Play", "guess the next word against your network and against counting", "chat",
           "app.show('play')", "play", priority=True, also="game guess quiz shannon entropy bits"),
    Action("word-in-lab", ("alt+l",), "Newest word in the lab", "look at what comes after these words, or after the "
           "newest word here", "chat", "word_in_lab", "lab", "WORDS", priority=True, also="next word"),
    Action("page-up", ("pageup",), "Page up", "scroll back; streaming goes on below", "chat",
           "transcript.action_page_up", "up", in_palette=False, priority=True),
    Action("page-down", ("pagedown",), "Page down", "scroll on", "chat", "transcript.action_page_down", "down",
           in_palette=False, priority=True),
    Action("follow", ("ctrl+end",), "Follow", "go to the newest word and stay there", "chat", "follower.follow",
           "follow", also="bottom end scroll newest"),
    # prompt
    Action("send", ("enter",), "Send", "send; an empty prompt lets the network go on", "prompt", "send",
           in_palette=False, footer=1),
    Action("newline", ("shift+enter", "ctrl+j", "alt+enter"), "New line", "start a new line in the prompt", "prompt",
           "newline", in_palette=False),
    Action("clear-prompt", ("alt+w",), "Clear the prompt", "empty the prompt; ctrl+z brings the text back",
           "prompt", "composer.clear", "clear", footer=3, footer_label="Clear", also="delete empty erase text line"),
    Action("undo-typing", ("ctrl+z",), "Undo typing", "bring back what was written before; where there is nothing "
           "more, suspend", "prompt", "undo_or_suspend", in_palette=False, footer=10),
    Action("older", ("up",), "Older", "on the first line: the prompt before", "prompt", "older", in_palette=False),
    Action("newer", ("down",), "Newer", "on the last line: the prompt after", "prompt", "newer", in_palette=False),
    Action("accept", ("right",), "Take the suggestion", "at the end of the text: take the dim words", "prompt",
           "accept", in_palette=False, footer=2, footer_label="Take it"),
    Action("accept-or-leave", ("tab",), "Take it or leave", "take the dim words; without any, to the next part of the "
           "screen", "prompt", "accept_or_leave", in_palette=False),
    # temperature bar
    Action("step-down", ("left",), "Cooler", f"lower by {_STEP:g}", "temperature", "step(-1)", in_palette=False,
           footer=1, footer_label=f"±{_STEP:g}"),
    Action("step-up", ("right",), "Warmer", f"raise by {_STEP:g}", "temperature", "step(1)", in_palette=False, footer=1,
           footer_label=f"±{_STEP:g}"),
    Action("fine-down", ("shift+left",), "A little cooler", f"lower by {_TEMPERATURE.fine:g}", "temperature",
           "fine(-1)", in_palette=False),
    Action("fine-up", ("shift+right",), "A little warmer", f"raise by {_TEMPERATURE.fine:g}", "temperature", "fine(1)",
           in_palette=False),
    Action("coldest", ("home",), "Greedy", "0: always the likeliest word", "temperature", "lowest", in_palette=False),
    Action("hottest", ("end",), "Wildest", f"{_HOTTEST:g}", "temperature", "highest", in_palette=False),
    Action("temperature-done", ("enter", "tab"), "Done", "take a typed number and go back to the prompt", "temperature",
           "done", in_palette=False, footer=4),
    Action("to-fields", ("down",), "Other settings", "the other settings of the draw", "temperature",
           "sampling.focus_fields", in_palette=False, footer=2, footer_label="more"),
    # sampling fields
    Action("field-up", ("up",), "Row above", "the setting above", "sampling", "row(-1)", in_palette=False, footer=2,
           footer_label="row"),
    Action("field-down", ("down",), "Row below", "the setting below", "sampling", "row(1)", in_palette=False, footer=2,
           footer_label="row"),
    Action("field-less", ("left",), "Less", "the value before", "sampling", "step(-1)", in_palette=False, footer=1,
           footer_label="value"),
    Action("field-more", ("right",), "More", "the next value", "sampling", "step(1)", in_palette=False, footer=1,
           footer_label="value"),
    Action("field-finer-less", ("shift+left",), "A little less", "a small step down", "sampling", "fine(-1)",
           in_palette=False),
    Action("field-finer-more", ("shift+right",), "A little more", "a small step up", "sampling", "fine(1)",
           in_palette=False),
    Action("field-done", ("enter",), "Done", "take a typed number; lock or free the seed; else back to the prompt",
           "sampling", "done", in_palette=False, footer=4),
    # transcript
    Action("scroll-top", ("home",), "First word", "scroll to the beginning", "transcript", "scroll_home",
           in_palette=False),
    Action("scroll-end", ("end",), "Newest word", "scroll to the end and follow", "transcript", "scroll_end",
           in_palette=False),
    Action("word-left", ("left", "h"), "Word before", "to the word before", "transcript", "word(-1)", in_palette=False,
           footer=1, footer_label="word"),
    Action("word-right", ("right", "l"), "Next word", "to the next word", "transcript", "word(1)", in_palette=False,
           footer=1, footer_label="word"),
    Action("row-up", ("up", "k"), "Row above", "to the row above", "transcript", "row(-1)", in_palette=False),
    Action("row-down", ("down", "j"), "Row below", "to the row below", "transcript", "row(1)", in_palette=False),
    Action("turn-up", ("{",), "Turn before", "to the beginning of the turn, then to the one before", "transcript",
           "turn(-1)", in_palette=False),
    Action("turn-down", ("}",), "Next turn", "to the next turn", "transcript", "turn(1)", in_palette=False),
    Action("first-word", ("g",), "Very first word", "to the first word of all", "transcript", "first_word",
           in_palette=False),
    Action("last-word", ("G",), "Last word", "to the newest word", "transcript", "last_word", in_palette=False),
    Action("open-word", ("enter",), "What else", "what else could have stood here, and how likely it was", "transcript",
           "open_word", in_palette=False, footer=2),
    Action("rewind-here", ("u",), "Rewind to here", "stand just after this word, in text and memory", "transcript",
           "words.rewind", "rewind", footer=3, footer_label="Rewind", also="go back cut truncate"),
    Action("retry-here", ("r",), "Write on from here", "another end for this reply, from just after this word",
           "transcript", "words.retry", "from-here", footer=4, footer_label="Write on",
           also="regenerate continue branch fork"),
    Action("edit-here", ("e",), "Edit this turn", "change the turn this word stands in", "transcript", "words.edit",
           "edit-here", footer=5, footer_label="Edit", also="change modify rewrite"),
    Action("version-before", ("[",), "This turn before", "the version of this turn before it", "transcript",
           "words.show_version(-1)", in_palette=False),
    Action("version-after", ("]",), "This turn after", "the next version of this turn", "transcript",
           "words.show_version(1)", in_palette=False),
    Action("drafts-here", ("d",), "Drafts of this sentence", "what else it thought of before it said this sentence",
           "transcript", "drafts.ask", in_palette=False, footer=10, footer_label="Drafts"),
    Action("copy-turn", ("y",), "Copy this turn", "put the turn this word stands in on the clipboard", "transcript",
           "words.copy", "copy", footer=6, footer_label="Copy", also="clipboard yank"),
    Action("word-origin", ("w",), "Where this is from", "the place in the book where this word and those around it "
           "stand", "transcript", "origin.show_place", "where", footer=7, footer_label="Where from",
           also="source passage line copied book"),
    Action("export-here", ("x",), "Export this reply", "write the reply this word stands in to a file, with what it "
           "goes on from", "transcript", "exporting.ask_reply", "export-reply", "FILE", footer=11,
           footer_label="Export", also="save share send html svg picture"),
    Action("tint-here", ("s",), "Tint the words", "surprise colours on or off", "transcript", "tints.toggle_surprise",
           in_palette=False),
    Action("leave-words", ("escape", "i"), "Back to the prompt", "stop looking at words", "transcript",
           "words.leave_or_stop", in_palette=False, footer=9, footer_label="Back"),
    # alternatives
    Action("say-instead", ("enter",), "Say this instead", "branch here with the marked word", "alternatives", "take",
           in_palette=False),
    Action("alternative-up", ("up",), "Likelier", "mark the likelier word", "alternatives", "mark(-1)",
           in_palette=False, footer=10, footer_label="mark"),
    Action("alternative-down", ("down",), "Less likely", "mark the less likely word", "alternatives", "mark(1)",
           in_palette=False, footer=10, footer_label="mark"),
    Action("look-left", ("left",), "Word before", "look at the word before", "alternatives", "words.open_beside(-1)",
           in_palette=False, footer=3, footer_label="beside"),
    Action("look-right", ("right",), "Next word", "look at the next word", "alternatives", "words.open_beside(1)",
           in_palette=False, footer=3, footer_label="beside"),
    Action("close-alternatives", ("escape",), "Close", "drop what was typed, then close", "alternatives", "close",
           in_palette=False, footer=9),
    # find
    Action("find-next", ("down",), "Next place", "the next place where it stands", "find", "finder.find_next",
           in_palette=False, footer=2, footer_label="places"),
    Action("find-before", ("up",), "Place before", "the place before it", "find", "finder.find_before",
           in_palette=False, footer=2, footer_label="places"),
    # tour
    Action("tour-next", ("enter", "right"), "Next", "the next stop; after the last one, back to where you were", "tour",
           "next", in_palette=False, footer=1),
    Action("tour-back", ("left",), "Back", "the stop before, with what was there", "tour", "back", in_palette=False,
           footer=2),
    Action("tour-keep", ("k",), "Keep", "leave, but stay in the conversation of the tour", "tour", "keep",
           in_palette=False, footer=4),
    Action("tour-leave", ("escape",), "Leave", "leave the tour; all is as it was before", "tour", "leave",
           in_palette=False, footer=3),
    # help
    Action("help-up", ("up",), "Scroll back", "scroll back", "help", "scroll(-1)", in_palette=False, footer=2,
           footer_label="scroll"),
    Action("help-down", ("down",), "Scroll on", "scroll on", "help", "scroll(1)", in_palette=False, footer=2,
           footer_label="scroll"),
    Action("help-page-up", ("pageup",), "Page back", "scroll back by a page", "help", "scroll_page(-1)",
           in_palette=False),
    Action("help-page-down", ("pagedown",), "Page on", "scroll on by a page", "help", "scroll_page(1)",
           in_palette=False),
    Action("help-glossary", ("ctrl+t",), "Glossary", "what token, bits, surprise, memory and other words mean", "help",
           "glossary", footer=3, also="terms dictionary meaning vocabulary"),
    Action("help-manual", ("ctrl+g",), "Manual", "the pages of the manual", "help", "app.open('manual')",
           in_palette=False, footer=4),
    Action("help-close", ("escape",), "Close", "back to where you were", "help", "leave", in_palette=False, footer=9),
    # manual
    Action("manual-up", ("up",), "Page before", "the page before", "manual", "move(-1)", in_palette=False, footer=1,
           footer_label="page"),
    Action("manual-down", ("down",), "Next page", "the next page", "manual", "move(1)", in_palette=False, footer=1,
           footer_label="page"),
    Action("manual-page-up", ("pageup",), "Scroll back", "scroll back", "manual", "scroll_page(-1)", in_palette=False,
           footer=2, footer_label="scroll"),
    Action("manual-page-down", ("pagedown",), "Scroll on", "scroll on", "manual", "scroll_page(1)", in_palette=False,
           footer=2, footer_label="scroll"),
    Action("manual-close", ("escape",), "Close", "back to where you were", "manual", "leave", in_palette=False,
           footer=9),
    # models
    Action("model-new", ("n",), "New chat with it", "begin a new conversation with the model", "models", "begin_new",
           footer=2, footer_label="New chat"),
    Action("model-report", ("r",), "Report", "how the model came about and how good it is", "models", "see_report",
           footer=3, also="quality evaluation perplexity loss card statistics"),
    Action("model-sort", ("s",), "Sort", "by age, name, bits per character or size", "models", "sort", footer=4,
           also="order arrange"),
    Action("model-find", ("/",), "Find", "find by name and text as you type", "models", "find", footer=5,
           also="filter search"),
    Action("model-rename", ("e",), "Rename", "give it another name", "models", "rename", footer=6, also="name title"),
    Action("model-remove", ("d",), "Remove", "remove it for good, after a question", "models", "remove", footer=7,
           also="delete erase trash"),
    Action("models-close", ("escape",), "Close", "back without a choice", "models", "leave", in_palette=False,
           footer=9),
    # report
    Action("report-markdown", ("m",), "Export Markdown", "write it to a file as Markdown", "report", "export_markdown",
           footer=1, also="export save report write"),
    Action("report-html", ("h",), "Export HTML", "write it to a file as one page for a browser, with the curve",
           "report", "export_html", footer=2, also="export save report write browser"),
    Action("report-history", ("s",), "How it learned", "what it said when, with a slider over the curve", "report",
           "show_history", footer=3, also="samples scrub slider history"),
    Action("report-close", ("escape",), "Close", "back, then close", "report", "leave", in_palette=False, footer=9),
    # conversations
    Action("session-up", ("up",), "Above", "the conversation above", "sessions", "move(-1)", in_palette=False),
    Action("session-down", ("down",), "Below", "the conversation below", "sessions", "move(1)", in_palette=False),
    Action("session-page-up", ("pageup",), "Ten above", "ten conversations up", "sessions", "move(-10)",
           in_palette=False),
    Action("session-page-down", ("pagedown",), "Ten below", "ten conversations down", "sessions", "move(10)",
           in_palette=False),
    Action("session-rename", ("alt+r",), "Rename", "give it another title", "sessions", "rename", priority=True,
           footer=2, also="rename title name conversation"),
    Action("session-pin", ("alt+p",), "Pin", "let it stand first, or no longer", "sessions", "pin", priority=True,
           footer=6, also="favourite star top"),
    Action("session-delete", ("alt+d",), "Delete", "take it out of the list", "sessions", "delete", priority=True,
           footer=3, also="remove trash erase conversation"),
    Action("session-restore", ("alt+z",), "Bring back", "bring back what was deleted last", "sessions", "restore",
           priority=True, footer=7, also="undelete recover trash"),
    Action("session-sort", ("alt+s",), "Sort", "by last use, title, length or age", "sessions", "sort",
           in_palette=False, priority=True, footer=5),
    Action("session-copy", ("alt+c",), "Copy", "a copy with a life of its own", "sessions", "duplicate", priority=True,
           footer=5, also="duplicate fork clone"),
    Action("session-export", ("alt+x",), "Export", f"write it to a file: {suffixes_in_words()}", "sessions", "export",
           priority=True, footer=4, also="save download write markdown html jsonl text share conversation"),
    Action("session-import", ("alt+i",), "Import", "read one from a .jsonl file", "sessions", "import", priority=True,
           footer=8, also="load read upload jsonl"),
    Action("sessions-close", ("escape",), "Close", "back to the search, then close", "sessions", "leave",
           in_palette=False, footer=9),
    # versions
    Action("branch-mark", ("space",), "Mark", "mark one; Enter at another one shows both side by side", "branches",
           "mark", in_palette=False, footer=2),
    Action("branches-close", ("escape",), "Close", "back without a choice", "branches", "leave", in_palette=False,
           footer=9),
    # side by side
    Action("compare-what-before", ("up",), "What before", "let something else differ: the kind before", "compare",
           "kind(-1)", in_palette=False, footer=2, footer_label="what differs"),
    Action("compare-what-next", ("down",), "What next", "let something else differ: the next kind", "compare",
           "kind(1)", in_palette=False, footer=2, footer_label="what differs"),
    Action("compare-less", ("left",), "Less", "the value of B before", "compare", "value(-1)", in_palette=False,
           footer=1, footer_label="value of B"),
    Action("compare-more", ("right",), "More", "the next value of B", "compare", "value(1)", in_palette=False,
           footer=1, footer_label="value of B"),
    Action("compare-finer-less", ("shift+left",), "A little less", "a small step down", "compare", "fine(-1)",
           in_palette=False),
    Action("compare-finer-more", ("shift+right",), "A little more", "a small step up", "compare", "fine(1)",
           in_palette=False),
    Action("compare-take-a", ("1",), "Take A over", "say in the conversation what A has said; undo takes it back",
           "compare", "take(0)", in_palette=False, footer=3, footer_label="Take A"),
    Action("compare-take-b", ("2",), "Take B over", "the same for B; what differed is set from then on", "compare",
           "take(1)", in_palette=False, footer=4, footer_label="Take B"),
    Action("compare-take", ("enter",), "Take it over", "take the marked side over", "compare", "take_current",
           in_palette=False),
    Action("compare-other", ("tab",), "Other side", "mark the other side for Enter", "compare", "other_side",
           in_palette=False),
    Action("compare-dice", ("r",), "New dice", "both once more with another seed", "compare", "new_dice",
           in_palette=False, footer=5),
    Action("compare-instead", ("f",), "Instead of the last reply", "both in its place, or after it again", "compare",
           "instead", in_palette=False, footer=6, footer_label="From the last reply"),
    Action("compare-up", ("pageup",), "Page up", "scroll both back", "compare", "scroll_columns(-1)", in_palette=False,
           footer=7, footer_label="scroll"),
    Action("compare-down", ("pagedown",), "Page down", "scroll both on", "compare", "scroll_columns(1)",
           in_palette=False, footer=7, footer_label="scroll"),
    Action("compare-close", ("escape",), "Stop or leave", "stop both; then leave the conversation as it was", "compare",
           "stop_or_leave", in_palette=False, footer=9),
    # versions side by side
    Action("versions-a", ("1",), "Go to A", "show this version in the conversation", "versions-compared", "choose(0)",
           in_palette=False, footer=1),
    Action("versions-b", ("2",), "Go to B", "show that version in the conversation", "versions-compared", "choose(1)",
           in_palette=False, footer=2),
    Action("versions-up", ("pageup",), "Page up", "scroll both back", "versions-compared", "scroll_columns(-1)",
           in_palette=False, footer=3, footer_label="scroll"),
    Action("versions-down", ("pagedown",), "Page down", "scroll both on", "versions-compared", "scroll_columns(1)",
           in_palette=False, footer=3, footer_label="scroll"),
    Action("versions-close", ("escape",), "Close", "back without a choice", "versions-compared", "leave",
           in_palette=False, footer=9),
    # a place in the book
    Action("next-place", ("n", "right"), "Next place", "where else these words stand", "origin", "go(1)",
           in_palette=False, footer=1, footer_label="place"),
    Action("place-before", ("p", "left"), "Place before", "the place before this one", "origin", "go(-1)",
           in_palette=False, footer=1, footer_label="place"),
    Action("copy-place", ("y",), "Copy the passage", "put the passage on the clipboard", "origin", "copy",
           in_palette=False, footer=2, footer_label="Copy"),
    Action("origin-close", ("escape", "w", "enter"), "Close", "back to the conversation", "origin", "leave",
           in_palette=False, footer=3),
    # drafts
    Action("drafts-close", ("escape",), "Close", "back without a choice", "drafts", "leave", in_palette=False,
           footer=9),
    # memories
    Action("memory-mark", ("space",), "Mark", "mark two for a blend", "memories", "mark", footer=2,
           also="blend mix merge interpolate"),
    Action("memory-less", ("left",), "Less", "less of the first, more of the second", "memories", "share(-1)",
           in_palette=False),
    Action("memory-more", ("right",), "More", "more of the first, less of the second", "memories", "share(1)",
           in_palette=False),
    Action("memory-keep", ("k",), "Keep", "keep the memory there is now", "memories", "keep", footer=3),
    Action("memory-rename", ("r",), "Rename", "give it another name", "memories", "rename", footer=4,
           also="name title"),
    Action("memory-remove", ("d",), "Delete", "remove it; conversations keep their copies", "memories", "remove",
           footer=5, also="remove erase trash"),
    Action("memory-restore", ("z",), "Bring back", "bring back what was removed last, as long as the list is open",
           "memories", "restore", footer=6, also="undelete recover"),
    Action("memories-close", ("escape",), "Close", "back to the list, then close", "memories", "leave",
           in_palette=False, footer=9),
    # settings
    Action("settings-take", ("ctrl+r",), "Apply", "draw like this from now on", "settings", "take", in_palette=False,
           footer=1),
    Action("settings-close", ("escape",), "Back", "back without a change", "settings", "leave", in_palette=False,
           footer=9),
    # themes
    Action("theme-up", ("up",), "Theme before", "try on the theme before", "themes", "move(-1)", in_palette=False,
           footer=2, footer_label="try on"),
    Action("theme-down", ("down",), "Next theme", "try on the next theme", "themes", "move(1)", in_palette=False,
           footer=2, footer_label="try on"),
    Action("themes-close", ("escape",), "Back", "back to the theme before", "themes", "leave", in_palette=False,
           footer=9),
    # log
    Action("log-close", ("escape",), "Close", "back to where you were", "log", "leave", in_palette=False, footer=9),
    # train
    Action("start", ("ctrl+r",), "Start", "start training on the chosen files", "train", "start", footer=1,
           also="run learn fit begin"),
    Action("pause", ("space",), "Pause", "pause, or go on", "train", "pause", footer=1, also="resume hold continue"),
    Action("stop-training", ("s",), "Stop, keep best", "end training now and keep the best weights", "train",
           "stop_training", footer=2, also="end finish early"),
    Action("more-time", ("m",), "More time", "give the run 5 more minutes; the rate falls more slowly from now on",
           "train", "more_time", footer=6, also="longer extend minutes"),
    Action("chat-with-it", ("c",), "Chat with it", "open the new model in a new chat", "train", "chat_with_it",
           footer=3, also="try use open"),
    Action("another", ("a",), "Train another", "back to the form", "train", "another", footer=7, also="new form back"),
    Action("report", ("r",), "Report", "read how the new model came about and how good it is", "train", "see_report",
           footer=4, also="quality evaluation perplexity loss"),
    Action("zoom", ("z",), "Zoom", "the whole curve, its last half, its last quarter", "train", "zoom", footer=8,
           also="curve chart loss plot"),
    Action("overlay", ("o",), "Compare", "draw another run on the same axis, or this one alone again", "train",
           "overlay", footer=9, also="overlay two runs beside"),
    Action("moment-before", ("left",), "Earlier", "what it said at the look before, and its figures then", "train",
           "moment(-1)", footer=5, footer_label="Samples", also="scrub slider history samples before"),
    Action("moment-after", ("right",), "Later", "what it said at the next look", "train", "moment(1)", footer=5,
           footer_label="Samples", also="scrub slider history samples next"),
    Action("moment-first", ("home",), "First words", "what it said first", "train", "moment(-1_000_000)",
           in_palette=False),
    Action("moment-newest", ("end",), "Newest words", "what it says now, and whatever comes", "train",
           "moment(1_000_000)", in_palette=False),
    Action("runs", ("alt+l",), "All runs", "the list of all training runs: look at one again", "train", "runs",
           priority=True, footer=10, also="history list jobs experiments"),
    Action("advanced", ("alt+a",), "More settings", "sizes, rates, seed, held-out file and how files are read; what is "
           "left empty is planned", "train", "advanced", priority=True, footer=5,
           also="options hyperparameters learning rate size"),
    Action("start-from", ("alt+s",), "Start from", "choose a model, or nothing, to begin from", "train", "start_from",
           priority=True, footer=6, also="base fine-tune finetune checkpoint pretrained"),
    Action("tree-up", ("alt+up",), "Folder up", "show the folder above in the tree", "train", "folder_up",
           also="parent directory folder"),
    # runs
    Action("runs-close", ("escape",), "Close", "back without a choice", "runs", "leave", in_palette=False, footer=9),
    # history
    Action("history-before", ("left",), "Earlier", "what it said at the look before", "history", "moment(-1)",
           in_palette=False, footer=1, footer_label="Samples"),
    Action("history-after", ("right",), "Later", "what it said at the next look", "history", "moment(1)",
           in_palette=False, footer=1, footer_label="Samples"),
    Action("history-first", ("home",), "First words", "what it said first", "history", "moment(-1_000_000)",
           in_palette=False),
    Action("history-last", ("end",), "Last words", "what it said last", "history", "moment(1_000_000)",
           in_palette=False),
    Action("history-zoom", ("z",), "Zoom", "the whole curve, its last half, its last quarter", "history", "zoom",
           in_palette=False, footer=2),
    Action("history-close", ("escape",), "Close", "back to the report", "history", "leave", in_palette=False, footer=9),
    # lab
    Action("run-station", ("ctrl+r",), "Run", "run the station with what is asked", "lab", "run_station", footer=1,
           also="start compute"),
    Action("stop-station", ("escape",), "Stop", "stop what is being computed or trained", "lab", "stop_station",
           footer=2, also="cancel abort"),
    Action("next-station", ("alt+down",), "Next", "the next station", "lab", "next_station", footer=3),
    Action("previous-station", ("alt+up",), "Previous", "the station before", "lab", "previous_station", footer=10),
    Action("add-word", ("alt+right",), "Add the word", "add the drawn word to the prompt and look again", "lab",
           "add_word", footer=11),
    Action("lab-up", ("pageup",), "Page up", "scroll back", "lab", "page_up", in_palette=False, priority=True),
    Action("lab-down", ("pagedown",), "Page down", "scroll on", "lab", "page_down", in_palette=False, priority=True),
    # play
    Action("play-sure", ("tab",), "How sure", "how sure you are of the next word: guess, rather or sure", "play",
           "next_sureness", footer=2, in_palette=False, also="confidence bet"),
    Action("play-again", ("ctrl+r",), "New game", "play again, with a new seed or the one in the field", "play",
           "again", footer=10, also="restart again"),
    Action("play-copy", ("y",), "Copy the line", "put the line that a friend types on the clipboard, after a game",
           "play", "copy_line", footer=5, also="share send seed"),
    Action("play-leave", ("escape",), "Back", "end the game with the score so far; again to the first page, then to "
           "the chat", "play", "leave", footer=3, also="quit stop leave"),
    Action("play-page-up", ("pageup",), "Page up", "scroll back", "play", "page_up", in_palette=False, priority=True),
    Action("play-page-down", ("pagedown",), "Page down", "scroll on", "play", "page_down", in_palette=False,
           priority=True),
    # choices
    Action("choice-take", ("enter", "space"), "Answer, next", "say the marked word, then go on; 1 to 8 say a word at "
           "once", "choices", "take", footer=2, in_palette=False),
    Action("choice-none", ("0",), "No idea", "say that you have no idea: all words alike", "choices", "none", footer=3,
           in_palette=False),
    Action("choice-up", ("up",), "Word above", "mark the word above", "choices", "move(-1, 0)", in_palette=False),
    Action("choice-down", ("down",), "Word below", "mark the word below", "choices", "move(1, 0)", in_palette=False),
    Action("choice-left", ("left",), "Word beside", "mark the word to the left", "choices", "move(0, -1)",
           in_palette=False),
    Action("choice-right", ("right",), "Word beside", "mark the word to the right", "choices", "move(0, 1)",
           in_palette=False),
)  # fmt: skip

_BY_ID = {action.id: action for action in ACTIONS}


def action(action_id: str) -> Action:
    """The action with this id."""
    return _BY_ID[action_id]


def is_action(name: str | None) -> TypeGuard[str]:
    """Whether an action has this id."""
    return name in _BY_ID


def bindings_for(where: str) -> list[BindingType]:
    """Textual bindings for one place of the table."""
    return [
        Binding(
            ",".join(entry.keys),
            entry.call,
            entry.label,
            show=entry.footer > 0,
            priority=entry.priority,
            tooltip=entry.help,
            id=entry.id,
        )
        for entry in ACTIONS
        if entry.where == where and entry.keys
    ]


def actions_for_palette(where: str) -> list[Action]:
    """What the palette offers on the screen `where`, in the order of the table."""
    heard = {"everywhere", where, *(inner for outer, inner in HEARD_TOGETHER if outer == where)}
    return [entry for entry in ACTIONS if entry.in_palette and entry.where in heard]
