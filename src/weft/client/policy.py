"""The connection policy for a server, which `where` chooses and `transport` follows. No I/O."""

from __future__ import annotations

from typing import Final

import msgspec

READ_TIMEOUT_SECS: Final = 30.0
"""Longest wait for the next byte of an answer. Longer than any fsync of a server."""


class Policy(msgspec.Struct, frozen=True):
    """The settings of connections to a server; `insecure` accepts any certificate."""

    insecure: bool = False
    timeout_secs: float = READ_TIMEOUT_SECS
