"""The moment as the records hold it, and as a person here reads it."""

from datetime import UTC, datetime


def utc_now() -> str:
    """Now, UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def to_local(moment: str) -> datetime:
    """A moment of the records in the time zone of this computer; one without a zone is UTC.

    Raises:
        ValueError: If it is no moment.
        OverflowError: If its year is the first or the last there is.
        OSError: If this system knows no zone for such a year.
    """
    there = datetime.fromisoformat(moment)
    return (there if there.tzinfo else there.replace(tzinfo=UTC)).astimezone()


def local_time(moment: str) -> str:
    """A moment of the records as a person here reads it, such as "2026-12-25 18:30"; what is none stays as it is."""
    try:
        return to_local(moment).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return moment[:16].replace("T", " ")


def local_day(moment: str) -> str:
    """The day of `local_time`."""
    return local_time(moment)[:10]
