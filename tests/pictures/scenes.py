"""How each screen is reached, in steps of `rnntui.tui.harness`: a new screen is a few lines here.

A step that begins with `below 100:` or `from 160:` is taken only where the screen is so wide. A scene whose action is
not in the program (its `needs`) is left out, so that the same scenes show an older tree.
"""

from dataclasses import dataclass

FIRST = "It was a cold evening and the old man"
SECOND = "Then the door opened, and"
REPLY = ("wait-idle", f"type {FIRST}", "press enter", "wait-idle")

TOUR = ("wait-idle", "press f10", "wait-for TourCard:focus", "wait-idle", "wait-for #tour.-ready")
NEXT = ("press enter", "wait-for #tour.-ready")

PLAY = ("wait-idle", "press alt+p", "wait-idle", "click #play-choose", "wait-idle")


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen, and how it is reached."""

    name: str
    steps: tuple[str, ...]
    world: str = "starter"
    """Which of WORLDS the app finds."""
    rests: bool = True
    """False where something goes on for as long as one looks."""
    needs: str = ""
    """The action without which there is no such screen; empty when every tree has it."""


SCENES = (
    Scene("welcome", ("wait-idle",)),
    Scene("chat", (*REPLY, f"type {SECOND}", "press enter", "wait-idle")),
    Scene("writing", (*REPLY, "type Then the door")),
    Scene("surprise", (*REPLY, "press alt+s", "wait-idle")),
    Scene("words", (*REPLY, "press f7 left left")),
    Scene("alternatives", (*REPLY, "press f7 left left enter", "wait-idle")),
    Scene("alternatives-up", (*REPLY, f"press f7 g {'right ' * 9}enter", "wait-idle")),
    Scene("panel", (*REPLY, "below 100: press f5", "wait-idle")),
    Scene("temperature", (*REPLY, "press ctrl+t right right", "wait-idle")),
    Scene("fields", (*REPLY, "press ctrl+t down", "wait-idle")),
    Scene("unit", (*REPLY, "type /unit 12", "press enter", "wait-idle")),
    Scene("find", (*REPLY, "press ctrl+f", "type the", "press enter")),
    Scene("slash", ("wait-idle", "type /s")),
    Scene("refused", ("wait-idle", "type /temp 12", "press enter")),
    Scene("compare", (*REPLY, "press alt+t", "wait-idle"), needs="compare"),
    Scene("origin", (*REPLY, "press alt+o", "wait-idle"), "trained", needs="origin"),
    Scene(
        "origin-place",
        (*REPLY, "press alt+o", "wait-idle", "press f7 g } right right right right w", "wait-idle"),
        "trained",
        needs="origin",
    ),
    Scene("origin-unknown", (*REPLY, "press alt+o", "wait-idle"), needs="origin"),
    Scene("help", (*REPLY, "press f1", "wait-idle")),
    Scene("palette", (*REPLY, "press ctrl+p", "wait-for CommandInput", "wait-idle")),
    Scene("settings", ("wait-idle", "press f2", "wait-idle")),
    Scene("models", ("wait-idle", "press ctrl+l", "wait-idle"), "shelf"),
    Scene("conversations", ("wait-idle", "press ctrl+s", "wait-idle"), "talkative"),
    Scene("search", ("wait-idle", "press ctrl+s", "type whale", "wait-idle"), "talkative"),
    Scene("versions", (*REPLY, "press ctrl+r", "wait-idle", "press ctrl+r", "wait-idle", "press alt+v", "wait-idle")),
    Scene("memories", (*REPLY, "type /keep an evening", "press enter", "wait-idle", "press alt+m", "wait-idle")),
    Scene("manual", ("wait-idle", "type /manual", "press enter", "wait-idle")),
    Scene(
        "log", ("wait-idle", "type /temp 12", "press enter", "press ctrl+u", "type /log", "press enter", "wait-idle")
    ),
    Scene("report", ("wait-idle", "press ctrl+l", "wait-idle", "press r", "wait-idle")),
    Scene("form", ("wait-idle", "press f4", "wait-idle")),
    Scene("form-file", ("wait-idle", "press f4", "wait-idle", "type sample:counting", "press enter", "wait-idle")),
    Scene("form-more", ("wait-idle", "press f4", "wait-idle", "press alt+a", "wait-idle")),
    Scene("training-begins", ("wait-idle", "press f4", "wait-for text the-whale"), "begins", rests=False),
    Scene("training", ("wait-idle", "press f4", "wait-for text 50 %"), "learns", rests=False),
    Scene("training-done", ("wait-idle", "press f4", "wait-idle", "wait-for text Chat with it"), "has-learned"),
    Scene("lab", ("wait-idle", "press f6", "wait-idle", f"type {FIRST}", "press ctrl+r", "wait-idle")),
    Scene("lab-figure", ("wait-idle", "press f6", "wait-idle", "press alt+down", "press ctrl+r", "wait-idle")),
    Scene("play", ("wait-idle", "press alt+p", "wait-idle"), "trained", needs="show-play"),
    Scene("play-round", PLAY, "trained", needs="show-play"),
    Scene("play-guessed", (*PLAY, "press 1", "wait-idle"), "trained", needs="show-play"),
    Scene("tour", TOUR, needs="tour"),
    Scene("tour-surprise", (*TOUR, *NEXT), needs="tour"),
    Scene("tour-what-else", (*TOUR, *NEXT * 2), needs="tour"),
    Scene("tour-temperature", (*TOUR, *NEXT * 3), needs="tour"),
    Scene("tour-forget", (*TOUR, *NEXT * 4), needs="tour"),
    Scene("tour-end", (*TOUR, *NEXT * 5), needs="tour"),
)


def steps_at(scene: Scene, columns: int) -> list[str]:
    """The steps of a scene on a screen so many columns wide."""
    taken = []
    for step in scene.steps:
        kind, limit, rest = (*step.split(" ", 2), "", "")[:3]
        if not limit.endswith(":"):
            taken.append(step)
        elif (columns < int(limit[:-1])) == (kind == "below"):
            taken.append(rest)
    return taken
