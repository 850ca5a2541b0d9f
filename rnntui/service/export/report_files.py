"""The report of a model as what a screen shows, and as a file for people."""

from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.figures import Figure
from rnntui.files import is_there
from rnntui.paths import absolute_path
from rnntui.records import ModelCard
from rnntui.service.export.report import figures_of
from rnntui.service.export.report_pages import to_html, to_markdown
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.service.services import Services

KINDS = {"markdown": (".md", to_markdown), "html": (".html", to_html)}
"""What a report can be written as, with the ending of the file."""


def report_of_model(services: "Services", model_id: str) -> tuple[ModelCard, tuple[Figure, ...]]:
    """A model and all that is known of how it came about.

    Raises:
        InputError: If there is no such model.
    """
    card = services.library.find(model_id)
    return card, figures_of(card, services.library.report(card.model_id), services.library.sizes(card.model_id))


def write_report(services: "Services", model_id: str, path: Path, kind: str) -> Path:
    """Write the report into a new file, complete or not at all; returns where it is.

    Args:
        services: Where the model is.
        model_id: Which.
        path: The file; ~ is the person's home.
        kind: One of KINDS.

    Raises:
        InputError: If there is no such model, or the file is there already.
        StorageError: If the disk refuses.
    """
    target = absolute_path(str(path))
    if is_there(target):
        raise InputError(f'"{visible_line(str(target), 160)}" is there already.', "Choose another name or remove it.")
    card, figures = report_of_model(services, model_id)
    services.write(target, KINDS[kind][1](card.name, figures).encode("utf-8", "replace"))
    return target
