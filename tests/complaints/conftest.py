"""Servers of the complaints: one that says nothing, and a real one that does for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from live_runs import LiveServer, await_no_sidecar, sidecars
from mute_server import MuteServer


@pytest.fixture
def mute() -> Iterator[MuteServer]:
    """A server that never answers; sidecars that still wait for it are ended."""
    server = MuteServer()
    yield server
    server.close()
    for process in sidecars():
        process.kill()
    await_no_sidecar()


@pytest.fixture
def held_up(live: LiveServer) -> Callable[[], AbstractContextManager[None]]:
    """While its block lasts `live` takes connections and answers none of them."""

    @contextmanager
    def hold() -> Generator[None]:
        live.process.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            live.process.process.send_signal(signal.SIGCONT)

    return hold
