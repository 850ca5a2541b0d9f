"""`rnntui eval`: how well a model predicts text files."""

from typing import Any

from rnntui.cli.context import load_services
from rnntui.cli.output import Output, render_table, to_values
from rnntui.errors import EXIT_OK
from rnntui.events import Preparing
from rnntui.paths import named_path
from rnntui.service.evaluation import Evaluation
from rnntui.service.run.run_view import work_in_words

_TOLD_SHARE = 0.05
_LARGE = 1e7
"""Nobody counts the digits of a larger figure."""
_TOLD_UNKNOWN = 0.005
_WORTH_TELLING_SECONDS = 10.0
"""How far measuring has come is said after so much of it, when it takes so long still."""


def evaluate(args: Any, output: Output) -> int:
    """Measure a model on files."""
    services, told = load_services(args), Preparing("")
    for event in services.evaluate([named_path(file) for file in args.files], args.model):
        if isinstance(event, Evaluation):
            _report(event, output)
            continue
        is_far = event.fraction >= told.fraction + _TOLD_SHARE and event.eta_seconds >= _WORTH_TELLING_SECONDS
        if not output.is_json and (event.what != told.what or is_far):
            told = event
            output.say(f"{work_in_words(event)} ...")
    return EXIT_OK


def _report(found: Evaluation, output: Output) -> None:
    if output.is_json:
        output.result(to_values(found))
        return
    if found.warning:
        output.say(found.warning)
    mixed = found.mixture_bits_per_character
    rows = [
        ("bits per character", f"{found.bits_per_character:.3f}"),
        *([("  with counting and recent words", f"{mixed:.3f}")] if mixed else []),
        *((f"  {name}", f"{bits:.3f}") for name, bits in reversed(found.baselines.items())),
        *((f"  share of {name}", f"{share:.0%}") for name, share in found.shares.items()),
        ("perplexity per word", f"{found.perplexity:{'.1f' if found.perplexity < _LARGE else '.1e'}}"),
        ("words and marks", f"{found.words:,}"),
        ("characters", f"{found.characters:,}{_length_as_written(found)}"),
        ("words spelled", f"{found.spelled_words:,}"),
        ("unknown characters", f"{found.unknown_characters:,}{_share_of(found)}"),
        ("words per second", f"{found.words_per_second:,.0f}"),
    ]
    output.text(render_table(rows, (f"{found.model} on {', '.join(found.files)}", "")))
    if found.remark:
        output.say(found.remark)


def _share_of(found: Evaluation) -> str:
    return f" ({100 * found.unknown_share:.0f} %)" if found.unknown_share >= _TOLD_UNKNOWN else ""


def _length_as_written(found: Evaluation) -> str:
    """How long the text is in its own form, where that is another length."""
    other = found.original_characters
    return f" ({other:,} with the quotes, dashes and dots it has)" if other not in {0, found.characters} else ""
