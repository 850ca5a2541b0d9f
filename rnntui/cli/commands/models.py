"""`rnntui models`: list, show, rename and remove models."""

import shutil
from typing import Any

from rnntui.cli.context import load_services
from rnntui.cli.output import Output, render_table, to_values
from rnntui.errors import EXIT_OK, InputError
from rnntui.paths import named_path
from rnntui.records import ModelCard
from rnntui.service.export.advice import advice
from rnntui.service.export.report import figures_of, sentences
from rnntui.service.export.report_pages import to_html, to_markdown
from rnntui.service.export.text_render import plain_text, render_all
from rnntui.service.services import Services
from rnntui.service.timestamps import local_time
from rnntui.text import visible_line


def models(args: Any, output: Output) -> int:
    """List, show, rename, remove models."""
    services = load_services(args)
    if args.action == "list":
        return _list(services, output)
    if not args.name:
        raise InputError(f"models {args.action} needs the name of a model.", "See rnntui models.")
    card = services.library.find(args.name)
    if args.action == "rename":
        if not args.new_name:
            raise InputError("models rename needs a new name.", "Write: rnntui models rename OLD NEW.")
        card = services.library.rename(card.model_id, args.new_name)
        output.say(f"It is called {card.name} now.")
    elif args.action == "remove":
        services.library.remove(card.model_id)
        output.say(f"The model {card.name} was removed.")
    elif args.action == "show":
        return _show(services, card, args, output)
    if output.is_json:
        output.result(to_values(card))
    return EXIT_OK


def _list(services: Services, output: Output) -> int:
    cards = services.models()
    problems = services.library.problems()
    if output.is_json:
        for card in cards:
            output.result(to_values(card))
    else:
        heading = ("model", "cell", "hidden", "words", "bits/char", "minutes", "made")
        rows = [
            (
                card.name,
                card.config.cell,
                str(card.config.hidden_size),
                f"{card.training_words:,}",
                f"{card.figures.bits_per_character:.3f}",
                f"{card.minutes:g}",
                local_time(card.made_at),
            )
            for card in cards
        ]
        output.text(render_table(rows, heading) if rows else "No model here yet.")
    for folder, sentence in problems:
        output.say(f"Left out: {folder}: {sentence}")
    return EXIT_OK


def _show(services: Services, card: ModelCard, args: Any, output: Output) -> int:
    """The report of a model: printed, as an object, or written into files."""
    report = services.library.report(card.model_id)
    sizes = services.library.sizes(card.model_id)
    figures = figures_of(card, report, sizes)
    for file, write in ((args.markdown, to_markdown), (args.html, to_html)):
        if file:
            services.write(named_path(file), write(card.name, figures).encode("utf-8", "replace"))
            output.say(f"The report is in {visible_line(file, 200)}.")
    if output.is_json:
        output.result(
            {
                **to_values(card),
                "report": to_values(report),
                "sizes": sizes,
                "sentences": list(sentences(card, report)),
                "advice": list(advice(card, report)),
            }
        )
    elif not (args.markdown or args.html):
        columns = max(60, min(110, shutil.get_terminal_size().columns))
        output.text("\n".join(plain_text(line) for line in render_all(figures, columns)))
    return EXIT_OK
