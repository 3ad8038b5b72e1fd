"""Free ports for the servers of tests.

They are below those that the system takes for connections. While a server that was killed is away,
no connection can have its port: not even one that looks whether it is back, which would be
connected to itself.
"""

from __future__ import annotations

import itertools
import os
import socket
from contextlib import suppress
from typing import Final

_FIRST: Final = 20_000
_N_PORTS: Final = 12_000
_APART: Final = 1009
"""Ports between those of processes with neighbouring ids, such as the workers of a test run."""

_calls = itertools.count()


def free_port() -> int:
    """A port that no program uses."""
    for call in _calls:
        port = _FIRST + (os.getpid() * _APART + call) % _N_PORTS
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError
