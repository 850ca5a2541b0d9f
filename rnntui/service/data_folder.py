"""The data folder before a command begins: without leftovers of killed processes, and private."""

from rnntui.paths import Paths


def clean_up(paths: Paths) -> None:
    """Clear away what was never completed, and close to others what an earlier version left open. Never fails."""
    from rnntui.store.files import unfinished

    unfinished.clean_up(paths.data_dir)
