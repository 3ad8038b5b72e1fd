"""Disk work on several files at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

_N_THREADS: Final = 8

_T = TypeVar("_T")


def at_once(call: Callable[[_T], object], arguments: Sequence[_T]) -> None:
    """Make calls at the same time: a disk makes several files durable about as fast as one.

    Raises:
        Exception: the first of those that the calls raised, after all have ended.
    """
    if len(arguments) <= 1:
        for argument in arguments:
            call(argument)
        return
    with ThreadPoolExecutor(min(len(arguments), _N_THREADS)) as pool:
        for _ in pool.map(call, arguments):
            pass
