"""Everything a person can do, in one table: keys, palette, slash words, footer and the README's table come from it.

`where` says where a key is heard: "everywhere", on the "chat", "train" or "lab" screen, or inside one of its widgets
("prompt", "temperature", "sampling", "transcript", "alternatives"). `run` is the Textual action: with "app." for the
app, "screen." for the screen from inside a widget, the name of a part of the chat screen for a method of that part,
otherwise the screen's or the widget's own.
"""

import dataclasses
from typing import TypeGuard

from textual.binding import Binding, BindingType

from rnntui.service.export.exporters import suffixes_in_words
from rnntui.settings import SamplerSettings
from rnntui.tui.action import HEARD_TOGETHER, Action
from rnntui.tui.dialog_actions import DIALOG_ACTIONS

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
    Action("start-from", ("alt+s",), "Start from", "choose a model, or nothing, to begin from", "train",
           "in_form('start-from')", priority=True, footer=6, also="base fine-tune finetune checkpoint pretrained"),
    Action("how-read", ("alt+t",), "How it is read", "what the files were taken for, what was changed and left out; "
           "whose words, which encoding", "train", "in_form('how-read')", priority=True, footer=3,
           also="encoding format speakers left out lines inspect"),
    Action("turn-lines", ("alt+j",), "Turn lines", "join the lines that are kept, or keep those that are joined; "
           "again: as they were found", "train", "in_form('turn-lines')", priority=True, footer=4,
           also="join keep wrap verse line breaks"),
    Action("tree-up", ("alt+up",), "Folder up", "show the folder above in the tree", "train",
           "in_form('folder-up')", also="parent directory folder"),
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
    *DIALOG_ACTIONS,
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
