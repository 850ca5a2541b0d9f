"""`rnntui gen`: continue a prompt, word by word, to standard output.

In a file of its own, so that speaking waits for nothing that only other commands need.
"""

import gc
import json
import time
from typing import Any

from rnntui.cli.main import EXIT_OK, paths_of
from rnntui.cli.output import Output
from rnntui.cli.process.streams import read_input
from rnntui.config import load_config, with_device
from rnntui.events import ModelLoaded, PromptScored, Thinking, TurnFinished, WordSampled, to_json
from rnntui.service.generation import as_read, speak
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings, changed, checked_value, preset
from rnntui.text import plural

_LARGEST_PROMPT = 10 * 2**20


def gen(chosen: Any, output: Output) -> int:
    """Continue a prompt."""
    gc.disable()  # what is loaded now stays
    paths = paths_of(chosen)
    services = Services(paths, with_device(load_config(paths.config_file), chosen.device))
    settings = services.config.sampler
    if chosen.style:
        settings = changed(settings, **preset(chosen.style))
    flags = {name: getattr(chosen, name) for name in SamplerSettings.__dataclass_fields__}
    for name, value in flags.items():
        if value is not None:
            fresh = checked_value(SamplerSettings, name, value, f"--{name.replace('_', '-')}")
            settings = changed(settings, **{name: fresh})
    prompt = _prompt(chosen.prompt)
    card = services.find_model(chosen.model)
    said: list[str] = []
    began = first = 0.0
    seed, tokens, words, read = 0, 0, 0, 0
    for event in speak(services.library, card, prompt, settings, services.config.app.device):
        match event:
            case ModelLoaded():
                gc.freeze()
                gc.enable()
                if event.note and not output.is_json:
                    output.say(event.note)
                if prompt.strip() and not output.is_json:
                    output.text(as_read(card, prompt).rstrip(), end="")
            case PromptScored():
                read = len(event.pieces)
                if event.unknown and not output.is_json:
                    output.say(f"Not in the vocabulary, read in parts: {', '.join(event.unknown[:10])}.")
                began = time.perf_counter()
            case WordSampled():
                first = first or time.perf_counter()
                began = began or first
                tokens += 1
                said.append(event.piece)
                if not output.is_json:
                    output.text(event.piece, end="")
            case TurnFinished() if event.role == "network":
                seed, words = event.seed, event.words
        if output.is_json and not isinstance(event, Thinking):  # of these only the newest matters to anybody
            output.result(json.loads(to_json(event)))
    seconds = max(time.perf_counter() - began, 1e-9)
    if output.is_json:
        output.result(
            {
                "text": "".join(said),
                "model": card.name,
                "seed": seed,
                "words": words,
                "words_read": read,
                "seconds": seconds,
                "words_per_second": words / seconds,
            }
        )
        return EXIT_OK
    output.text("" if said and said[-1].endswith("\n") else "\n", end="")
    output.say(f"{card.name} · seed {seed} · {plural(words, 'word')} · {words / seconds:,.0f} words/s")
    return EXIT_OK


def _prompt(argument: str) -> str:
    if argument != "-":
        return argument
    return read_input(_LARGEST_PROMPT, "prompt").decode("utf-8", "replace")
