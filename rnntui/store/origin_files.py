"""The index of what a model has learned from: a file in the model's folder, removed with it. Knows bytes.

A cache: it can be made again as long as the text is there, so one that is damaged is replaced without asking. It holds
the text itself.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.store.files import durable

ORIGIN_FILE = "origin.index"
_MODEL_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class OriginFiles:
    """The indexes of the models on this machine.

    Args:
        models_folder: Where model folders are kept.
    """

    def __init__(self, models_folder: Path) -> None:
        self._folder = models_folder

    def path(self, model_id: str) -> Path | None:
        """Where the index of a model is; None when there is none."""
        path = self._place(model_id)
        return path if path and durable.kind_of(path) == "file" else None

    def keep(self, model_id: str, data: Iterable[bytes]) -> Path:
        """Keep an index; at no moment it is half new. Returns where it is.

        Raises:
            StorageError: If the disk refuses, or the model is not there.
        """
        path = self._place(model_id)
        if path is None or durable.kind_of(path.parent) != "folder":
            raise StorageError("The model is not there any more.", "Nothing was kept of it.")
        with durable.NewFile(path) as fresh:
            for part in data:
                fresh.write(part)
            fresh.complete()
        return path

    def _place(self, model_id: str) -> Path | None:
        return self._folder / model_id / ORIGIN_FILE if _MODEL_ID.fullmatch(model_id) else None
