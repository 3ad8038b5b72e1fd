"""Times as text. Pure."""

from __future__ import annotations

from datetime import datetime, timezone


def iso_time(micros: int) -> str:
    """Format a time as W&B does.

    >>> iso_time(1_700_000_000_250_000)
    '2023-11-14T22:13:20.250000Z'
    """
    moment = datetime.fromtimestamp(micros // 1_000_000, timezone.utc)
    return f"{moment.replace(tzinfo=None).isoformat()}.{micros % 1_000_000:06d}Z"


def iso_time_or_none(micros: int | None) -> str | None:
    """Like `iso_time`, but returns None for None."""
    return None if micros is None else iso_time(micros)


def shown_time(micros: int) -> str:
    """Format a time for people: local, to the second.

    >>> len(shown_time(1_700_000_000_250_000))
    19
    """
    return datetime.fromtimestamp(micros // 1_000_000).strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ006


def shown_day(micros: int) -> str:
    """Format the day of a time, in UTC.

    >>> shown_day(1_700_000_000_250_000)
    '2023-11-14'
    """
    return datetime.fromtimestamp(micros // 1_000_000, timezone.utc).strftime("%Y-%m-%d")
