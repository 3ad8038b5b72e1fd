"""Checks the arguments of `run.alert()` and converts them for the record. No I/O."""

from __future__ import annotations

import math
from datetime import timedelta
from enum import Enum
from typing import Final, NamedTuple

from weft.errors import UsageError, WrongType
from weft.records.limits import MAX_TEXT_BYTES

DEFAULT_WAIT_SECS: Final = 60.0


class AlertLevel(Enum):
    """The urgency of an alert.

    >>> AlertLevel.WARN.value
    'WARN'
    """

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class CheckedAlert(NamedTuple):
    """An alert to record. Alerts with the same title are dropped for `wait_secs`."""

    title: str
    text: str
    level: str
    wait_secs: float


def checked_alert(
    title: object,
    text: object,
    level: object = None,
    wait_duration: object = None,
) -> CheckedAlert:
    """Check the arguments of `alert`.

    >>> checked_alert("diverged", "loss is NaN", "warn")
    CheckedAlert(title='diverged', text='loss is NaN', level='WARN', wait_secs=60.0)
    """
    for argument, value in (("title", title), ("text", text)):
        if not isinstance(value, str):
            raise WrongType(f"alert() takes a {argument} that is text, not {type(value).__name__}")
    if not str(title).strip():
        raise UsageError("alert() takes a title that is not empty")
    word = level.value if isinstance(level, AlertLevel) else level
    chosen = "INFO" if word is None else str(word).upper()
    if chosen not in AlertLevel.__members__:
        raise UsageError(f"alert() takes level 'INFO', 'WARN' or 'ERROR', not {level!r}")
    return CheckedAlert(_bounded(str(title)), _bounded(str(text)), chosen, _secs_of(wait_duration))


def _secs_of(wait_duration: object) -> float:
    if wait_duration is None:
        return DEFAULT_WAIT_SECS
    if isinstance(wait_duration, timedelta):
        return wait_duration.total_seconds()
    if isinstance(wait_duration, bool) or not isinstance(wait_duration, (int, float)):
        raise WrongType(
            "alert() takes wait_duration in seconds or as a timedelta, "
            f"not {type(wait_duration).__name__}"
        )
    if not math.isfinite(wait_duration):
        raise UsageError(f"alert() takes a finite wait_duration, not {wait_duration!r}")
    return float(wait_duration)


def _bounded(text: str) -> str:
    # Surrogates can't be encoded in UTF-8, where a character takes at most 4 bytes.
    return text.encode(errors="replace").decode()[: MAX_TEXT_BYTES // 4]
