"""The command that trains a model again, as it stands on the model's card."""

import itertools
import shlex
from pathlib import Path

from rnntui.records import FROM_NOTHING, TrainRequest

_LONGEST_FILE_NAMES = 2_000
"""Characters of the command; what does not fit is counted."""


def build_command(request: TrainRequest, seed: int, base_name: str = FROM_NOTHING) -> str:
    """The command that trains this again; files by name, because folders are nobody's business.

    Args:
        request: What was asked for.
        seed: Of the run.
        base_name: The model it began from.
    """
    names = [file if file.startswith("sample:") else Path(file).name for file in request.files]
    lengths = itertools.accumulate(len(shlex.quote(name)) for name in names)
    shown = max(1, sum(length <= _LONGEST_FILE_NAMES for length in lengths))
    words = ["rnntui", "train", *names[:shown], "--name", request.name, "--minutes", f"{request.minutes:g}"]
    words += ["--from", base_name]
    if request.validation_file:
        words += ["--validation", Path(request.validation_file).name]
    reading = request.reading
    words += ["--encoding", reading.encoding] if reading.encoding else []
    words += ["--field", reading.field] if reading.field else []
    words += ["--typographic"] if reading.is_typographic else []
    words += [] if reading.join_lines is None else ["--join-lines" if reading.join_lines else "--keep-lines"]
    words += [word for name in reading.speakers for word in ("--speaker", name)]
    words += [word for kind in reading.leave_out for word in ("--leave-out", kind)]
    flags = {"vocabulary_limit": "vocabulary"}
    for name, value in sorted(request.overrides.items()):
        if name != "seed":
            words += [f"--{flags.get(name, name).replace('_', '-')}", str(value)]
    command = shlex.join([*words, "--seed", str(seed)])
    return f"{command}  # and {len(names) - shown:,} more files" if shown < len(names) else command
