"""By how much a server's clock is ahead of a log's, as a client can know it. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple


class OffsetBounds(NamedTuple):
    """The server's clock minus the log's, µs: at least `least`, at most `most`.

    Bounds come from whole exchanges. A single request proves nothing: its delay looks the same as
    a clock that is behind.
    """

    least: int
    most: int


SAME_CLOCK: Final = OffsetBounds(0, 0)
"""Of a log on the server's own machine, made in the same boot."""
