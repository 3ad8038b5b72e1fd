"""The faults of callbacks as warnings, and the active run that a callback logs to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import weft
from weft.errors import UsageError

_Method = TypeVar("_Method", bound=Callable[..., Any])


def shielded(method: _Method) -> _Method:
    """A method whose exceptions become one warning: a logger never stops a training.

    It returns None then, or True where a framework reads the answer as "go on": such methods
    call a shielded one instead.
    """

    @functools.wraps(method)
    def call(*arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except Exception as error:  # noqa: BLE001  of whatever kind, training goes on
            warn_of(error, method.__qualname__)
            return None

    return call  # type: ignore[return-value]


def warn_of(error: Exception, source: str) -> None:
    """Warn once of an error that left something out of the run."""
    with suppress(Exception):  # invalid settings are an error here, too
        text = f"{source} logged nothing: {type(error).__name__}: {error}"
        weft.termwarn(text, repeat=False)


def active_run(caller: str) -> weft.Run:
    """The run that a callback logs to.

    Raises:
        UsageError: no run is active.
    """
    if weft.run is None:
        raise UsageError(f"{caller} logs to the active run: call weft.init() before it is made")
    return weft.run
