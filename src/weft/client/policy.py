"""How a server is talked to: a value that `where` settles and `transport` follows. No I/O."""

from __future__ import annotations

from typing import Final, NamedTuple

READ_TIMEOUT_SECS: Final = 30.0
"""Between two bytes of an answer. Above any fsync that a server may wait for."""


class Policy(NamedTuple):
    """How a server is talked to.

    Attributes:
        insecure: take whatever certificate it shows.
        timeout_secs: longest wait for an answer.
    """

    insecure: bool = False
    timeout_secs: float = READ_TIMEOUT_SECS
