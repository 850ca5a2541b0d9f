"""How a run stands, in a word."""

from rnntui.records import RunRecord


def state_in_words(run: RunRecord) -> str:
    """One or two words for a list."""
    if run.is_running:
        return "running"
    if run.is_queued:
        return "waits"
    if run.has_failed:
        return "failed"
    if not run.finished:
        return "broken off"
    if run.can_resume:
        return "stopped"
    return "done" if run.model_id else "failed"
