"""A request to train, refused in a sentence before anything is made of it."""

import dataclasses

from rnntui.errors import InputError
from rnntui.records import WHERE_IT_HELPS, TrainRequest
from rnntui.service.prepare import data_prep
from rnntui.settings import ModelConfig
from rnntui.store.library import checked_name

_MOST_FILES = 10_000
"""Each stands on the model's card."""


def _refuse_another_shape(request: TrainRequest) -> None:
    given = sorted(set(request.overrides) & set(ModelConfig.__dataclass_fields__))
    if request.base_model not in {"", WHERE_IT_HELPS} and given:
        flag = given[0].replace("_limit", "").replace("_", "-")
        raise InputError(f"A model that goes on keeps its shape, so --{flag} cannot be chosen.", "Leave it out.")


def check_request(request: TrainRequest) -> TrainRequest:
    """The request with its name cleaned, before a run is made of it.

    Raises:
        CorpusError: If a file cannot be read as text.
        InputError: If the name, a file or a setting does not do.
    """
    _refuse_another_shape(request)
    if not request.files:
        raise InputError("No file was named to train on.", "Name at least one text file.")
    if len(request.files) > _MOST_FILES:
        raise InputError(
            f"{len(request.files):,} files are too many; at most {_MOST_FILES:,} can be read together.",
            "Put the text into fewer files.",
        )
    for file in (*request.files, request.validation_file):
        if file:
            data_prep.check_name(file)
    return dataclasses.replace(request, name=checked_name(request.name))
