"""The connection policy for a server, which `where` chooses and `transport` follows. No I/O."""

from __future__ import annotations

from typing import Final, NamedTuple

READ_TIMEOUT_SECS: Final = 30.0
"""Longest wait for the next byte of an answer. Longer than any fsync of a server."""


class Policy(NamedTuple):
    """The settings of connections to a server.

    Attributes:
        insecure: accept any certificate.
        timeout_secs: longest wait for an answer.
    """

    insecure: bool = False
    timeout_secs: float = READ_TIMEOUT_SECS
