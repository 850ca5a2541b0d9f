"""The moment as the records hold it."""

from datetime import UTC, datetime


def utc_now() -> str:
    """Now, UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
