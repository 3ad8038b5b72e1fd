"""Disk work on several files at the same time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Final, TypeVar

_N_THREADS: Final = 32
"""Threads of all requests together. Each of them mostly waits for the disk, or for a bucket."""

_ArgumentT = TypeVar("_ArgumentT")
_ResultT = TypeVar("_ResultT")


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads that stay: to start some for each request takes a tenth of its CPU time."""
    return ThreadPoolExecutor(_N_THREADS, "weft-disk")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)


def start_call(call: Callable[[], _ResultT]) -> Future[_ResultT]:
    """Start a call, and return its future. The call starts no others."""
    return _threads().submit(call)


def run_together(call: Callable[[_ArgumentT], object], arguments: Sequence[_ArgumentT]) -> None:
    """Make calls at the same time: a disk makes several files durable about as fast as one.

    After all have ended, the first error is raised.
    """
    if len(arguments) <= 1:
        for argument in arguments:
            call(argument)
        return
    results_of([_threads().submit(call, argument) for argument in arguments])


def results_of(calls: Sequence[Future[_ResultT]]) -> list[_ResultT]:
    """Wait for calls that were started, and return their results.

    After all have ended, the first error is raised.
    """
    wait(calls)
    return [call.result() for call in calls]
