"""Estimates how far a server's clock is ahead of this machine's boot clock. Pure.

Used by `uploader`, which times each request; the server decides what to do with the bounds.
"""

from __future__ import annotations

from weft.records.clock_offset import OffsetBounds


class OffsetEstimate:
    """Bounds of the offset, which each exchange may narrow.

    The server read its clock after the request began and before the answer arrived. So its clock
    is ahead by at most (its time - ours when the request began) and by at least (its time - ours
    when the answer arrived), however slow either direction was. No bounds before the first answer.

    >>> estimate = OffsetEstimate()
    >>> estimate.note(began_micros=0, ended_micros=5_000_000, server_micros=5_000_000)
    >>> estimate.note(began_micros=6_000_000, ended_micros=6_000_300, server_micros=6_000_100)
    >>> estimate.bounds
    OffsetBounds(least=0, most=100)
    """

    def __init__(self) -> None:
        self.bounds: OffsetBounds | None = None

    def note(self, *, began_micros: int, ended_micros: int, server_micros: int) -> None:
        """Narrow the bounds by an exchange: two times by the boot clock, one by the server's."""
        new = OffsetBounds(server_micros - ended_micros, server_micros - began_micros)
        if self.bounds is not None:
            both = OffsetBounds(max(self.bounds.least, new.least), min(self.bounds.most, new.most))
            # They contradict each other if a clock was set or the clocks drift apart.
            new = both if both.least <= both.most else new
        self.bounds = new
