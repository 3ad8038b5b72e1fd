"""The lead of a server's clock over a log's clock, as bounds that a client can know. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple


class OffsetBounds(NamedTuple):
    """Bounds of the server's clock minus the log's, in µs: at least `least`, at most `most`.

    Bounds come from whole exchanges (request and answer). A request alone proves nothing: its
    delay looks the same as a clock that is behind.
    """

    least: int
    most: int


SAME_CLOCK: Final = OffsetBounds(0, 0)
"""The offset of a log that was made on the server's own machine, in the same boot."""
