"""Parses `fork_from` and `resume_from`, which name a run or a step of it. No I/O."""

from __future__ import annotations

import math

import msgspec

from weft.errors import ConfigError
from weft.records.ids import check_name
from weft.records.value import INT64_MAX


class Moment(msgspec.Struct, frozen=True):
    """A run at a step, None for its end."""

    run_id: str
    step: int | float | None = None


def parse_moment(setting: str, text: str) -> Moment:
    """Parse `RUN` or `RUN?_step=N`, W&B's form. Errors name the setting.

    >>> parse_moment("fork_from", "ab12cd34?_step=100"), parse_moment("fork_from", "ab12cd34").step
    (Moment(run_id='ab12cd34', step=100), None)
    """
    run_id, mark, rest = text.partition("?")
    name, equals, number = rest.partition("=")
    if mark and (name != "_step" or not equals):
        raise ConfigError(
            f"{setting} takes a run, or one of its steps as '{run_id or 'ab12cd34'}?_step=100', "
            f"not {text!r}"
        )
    check_name(f"the run of {setting}", run_id)
    if not mark:
        return Moment(run_id)
    try:
        step: int | float = int(number)
    except ValueError:
        try:
            step = float(number)
        except ValueError:
            step = math.nan
    if not 0 <= step <= INT64_MAX:
        raise ConfigError(
            f"{setting} must end with a step, a number from 0, not {number!r}: "
            f"write '{run_id}?_step=100'"
        )
    return Moment(run_id, step)
