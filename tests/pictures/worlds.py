"""What the app finds when a picture is made: services over a folder that is thrown away, the same at every start."""

import atexit
import dataclasses
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

from rnntui.config import AppSettings, Config
from rnntui.events import (
    BaselinesMeasured,
    CheckpointSaved,
    Evaluated,
    Preparing,
    RunFinished,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TrainEvent,
)
from rnntui.paths import Paths
from rnntui.records import Session, TrainRequest, Turn
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.small_models import save_small_model
from tests.small_world import world_request
from tests.tui.fakes import FakeServices, card, run_record

ROOT = Path(__file__).parents[2]
SEED = 7
SECONDS = 300
STARTED = RunStarted("the-whale", 190_000, 10_000, 8_000, "lstm", 384, 1, 4_300_000, SECONDS, 2, 1, ())
FINISHED = RunFinished("budget", "id-war-and-peac", "the-whale", SECONDS, 3_000, 11_000.0, 1.92, 110.0, 1.83)
SAMPLES = (
    (30, " the, of the the. and of a the the whale, the of"),
    (90, " and the whale was the ship, and the ship of the sea was a man."),
    (150, " sat by the fire, and the captain said that the whale would come again before the morning."),
    (300, " had seen it from the masthead, a white shape that rolled and was gone under the long swell."),
)
TALKS = (
    ("The whale", "What of the whale?", " He rolled over once in the sun, and the boats hung back from him.", "09-21"),
    ("A cold evening", "It was a cold evening", " and the fire had gone out before anybody came home.", "09-22"),
    (
        "The whale",
        "The whale",
        " was not seen again that season; the captain stayed on deck and said nothing.",
        "10-02",
    ),
    ("Letters", "My dear sister,", " the house is quiet since you left, and the rain has not stopped.", "10-19"),
    ("A door", "Then the door opened, and", " nobody came in. The lamp burned on the table as before.", "11-03"),
)


def starter(folder: Path, theme: str) -> Services:
    """A first start: the model that ships, and nothing said yet."""
    config = Config(dataclasses.replace(SamplerSettings(), seed=SEED), AppSettings(theme=theme, pace=0.0, ghost=False))
    return Services.open(Paths(folder, folder / "config.toml"), config)


def shelf(folder: Path, theme: str) -> Services:
    """Several models to choose from."""
    services = starter(folder, theme)
    for number, name in enumerate(("the-whale", "letters-of-my-grandmother-1911-to-1936", "poems")):
        save_small_model(services.library, name=name, seed=number)
    return services


def trained(folder: Path, theme: str) -> Services:
    """A model that was trained here, so that what it has read is known, and what it has not."""
    shutil.copytree(_trained_folder(), folder)
    services = starter(folder, theme)
    app = dataclasses.replace(services.config.app, model="world")
    services.config = dataclasses.replace(services.config, app=app)
    return services


@functools.cache
def _trained_folder() -> Path:
    """Trained once, in a few seconds, by whoever asks first."""
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    services = Services(Paths(place / "data", place / "config.toml"))
    list(services.training.run_here(world_request(place)))
    services.close()
    return place / "data"


def talkative(folder: Path, theme: str) -> Services:
    """Conversations of some weeks; two have the same title."""
    services = starter(folder, theme)
    model = services.find_model().model_id
    for title, prompt, reply, day in TALKS:
        at = f"2026-{day}T10:20:30+00:00"
        turns = [
            Turn(number, "", number - 1 or None, role, text, (), (), "complete", 0, model, created_at=at, words=9)
            for number, (role, text) in enumerate((("person", prompt), ("network", reply)), 1)
        ]
        session = Session("", title, model, SamplerSettings(seed=SEED), "inline", 2, at, at)
        services.conversations.insert_conversation(session, turns)
    return services


def begins(folder: Path, theme: str) -> Services:
    """A run that still reads its text."""
    return _with_run(theme, [Preparing("counting words", 0.4, 2.0, SECONDS, 3.0)])


def learns(folder: Path, theme: str) -> Services:
    """A run at half of its time."""
    return _with_run(theme, _course(SECONDS // 2))


def has_learned(folder: Path, theme: str) -> Services:
    """A run that is over."""
    return _with_run(theme, [*_course(SECONDS), FINISHED])


def _with_run(theme: str, events: list[TrainEvent]) -> Services:
    services = FakeServices(models=[card(), card("the-whale", model_id="id-war-and-peac")])
    services.config = Config(app=AppSettings(theme=theme, pace=0.0, ghost=False))
    services.training.run = run_record(TrainRequest(("the-whale.txt",), "the-whale", SECONDS / 60))
    services.training.follower.waiting = events
    return cast(Services, services)


def _course(seconds: int) -> list[TrainEvent]:
    events: list[TrainEvent] = [STARTED, BaselinesMeasured({"counting": 2.31, "counting words": 2.1})]
    for second in range(2, seconds + 1, 2):
        bits = 1.75 + 6 / (1 + second / 12)
        share = second / SECONDS
        wave = 0.05 * ((second * 7) % 5 - 2)
        events.append(
            StepLogged(
                second * 10,
                900,
                second,
                SECONDS - second,
                11_000.0,
                (bits + wave) * 3,
                bits + wave,
                0.004,
                0.3,
                share * 9,
                share,
            )
        )
        if second % 30 == 0:
            events.append(
                Evaluated(second * 10, second, bits * 3, bits + 0.1, 2 ** (bits * 3.8), True, second == SECONDS, bits)
            )
            events.append(CheckpointSaved(second * 10, "id-war-and-peac"))
        events += [SampleDrawn(at * 10, "The old man", text, at) for at, text in SAMPLES if at == second]
    return events


WORLDS: dict[str, Callable[[Path, str], Services]] = {
    "starter": starter,
    "shelf": shelf,
    "talkative": talkative,
    "trained": trained,
    "begins": begins,
    "learns": learns,
    "has-learned": has_learned,
}
