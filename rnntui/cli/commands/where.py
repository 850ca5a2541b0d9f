"""`rnntui where`: every location that the program uses."""

from typing import Any

from rnntui.cli.context import resolve_paths
from rnntui.cli.output import Output
from rnntui.errors import EXIT_OK
from rnntui.files import state_of


def where(args: Any, output: Output) -> int:
    """Print every location."""
    paths = resolve_paths(args)
    places = {
        "data": paths.data_dir,
        "models": paths.models,
        "runs": paths.runs,
        "prepared texts": paths.corpora,
        "conversations": paths.database,
        "games": paths.games,
        "log": paths.log_file,
        "configuration": paths.config_file,
        "starter model": paths.starter_model,
    }
    if output.is_json:
        output.result({name.replace(" ", "_"): str(path) for name, path in places.items()})
        return EXIT_OK
    width = max(len(name) for name in places)
    for name, path in places.items():
        remark = state_of(path)
        output.text(f"{name.ljust(width)}  {path}{'  (' + remark + ')' if remark else ''}")
    return EXIT_OK
