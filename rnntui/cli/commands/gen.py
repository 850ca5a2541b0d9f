"""`rnntui gen`: continue a prompt, word by word, to standard output.

Imports no more than speaking needs, so that the first word waits for nothing that only other commands use.
"""

import gc
import json
from typing import TYPE_CHECKING, Any

from rnntui.chat_events import PromptReading
from rnntui.cli.context import load_services
from rnntui.cli.output import Output, reading_in_words, to_values
from rnntui.cli.process.streams import decode_input, read_input
from rnntui.errors import EXIT_OK, InputError
from rnntui.events import ChatEvent, ModelLoaded, PromptScored, Thinking, WordSampled, to_json
from rnntui.service.generation import Spoken, generate_once
from rnntui.setting_fields import changed, checked_value
from rnntui.settings import SamplerSettings, preset
from rnntui.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnntui.records import ModelCard
    from rnntui.service.compare.variants import Variant
    from rnntui.service.services import Services

_LARGEST_PROMPT = 10 * 2**20


def gen(args: Any, output: Output) -> int:
    """Continue a prompt."""
    gc.disable()  # what is loaded now stays
    services = load_services(args)
    settings = _sampler_settings(args, services.config.sampler)
    variant = _variant(args.compare) if args.compare else None
    prompt = _read_prompt(args.prompt)
    card = services.find_model(args.model)
    if variant:
        from rnntui.cli.side_by_side import compare

        if args.origin:
            raise InputError("--compare and --origin do not go together.", "Leave out one of them.")

        compare(services, card, prompt, settings, variant, output)
        return EXIT_OK
    tell_origin = _origin_teller(services, card, output) if args.origin else None
    for event in generate_once(services.library, card, prompt, settings, services.config.app.device):
        if isinstance(event, ModelLoaded):
            gc.freeze()
            gc.enable()
        if output.is_json:
            _tell_as_object(event, output)
        else:
            _tell(event, output)
        if tell_origin and isinstance(event, Spoken):
            tell_origin(event.text)
    return EXIT_OK


def _origin_teller(services: "Services", card: "ModelCard", output: Output) -> "Callable[[str], None]":
    """Says where the words of a text come from; what forbids that is said before anything is written."""
    from rnntui.cli.copied_runs import open_origin, tell_copied

    origin = open_origin(services, card, output)
    return lambda text: tell_copied(origin, text, output)


def _sampler_settings(args: Any, preferred: SamplerSettings) -> SamplerSettings:
    settings = changed(preferred, **preset(args.style)) if args.style else preferred
    for name in SamplerSettings.__dataclass_fields__:
        value = getattr(args, name)
        if value is not None:
            fresh = checked_value(SamplerSettings, name, value, f"--{name.replace('_', '-')}")
            settings = changed(settings, **{name: fresh})
    return settings


def _variant(written: list[str]) -> "Variant":
    from rnntui.service.compare.variants import parse_variant

    if len(written) > 1:
        raise InputError(
            "--compare can be given once: A is what the other flags say, B differs in one thing.",
            "Leave out all but one.",
        )
    return parse_variant(written[0], "--compare")


def _tell_as_object(event: ChatEvent | Spoken, output: Output) -> None:
    if isinstance(event, Spoken):
        output.result(to_values(event))
    elif not isinstance(event, Thinking):  # of these only the newest matters to anybody
        output.result(json.loads(to_json(event)))


def _tell(event: ChatEvent | Spoken, output: Output) -> None:
    """Show an event to a person."""
    match event:
        case ModelLoaded() if event.note:
            output.say(event.note)
        case PromptScored(reading=PromptReading() as reading):
            if reading.note:
                output.say(reading_in_words(reading))
            output.text(reading.text.rstrip(), end="")
        case WordSampled():
            output.text(event.piece, end="")
        case Spoken():
            output.text("" if event.text.endswith("\n") else "\n", end="")
            speed = f"{event.words_per_second:,.0f} words/s"
            output.say(f"{event.model} · seed {event.seed} · {plural(event.words, 'word')} · {speed}")


def _read_prompt(argument: str) -> str:
    if argument != "-":
        return argument
    return decode_input(read_input(_LARGEST_PROMPT, "prompt"))
