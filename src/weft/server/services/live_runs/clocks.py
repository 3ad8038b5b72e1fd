"""The server's clock, and the offset of a writer's clock from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from weft.records.clock_offset import OffsetBounds
from weft.runlog.platform import boot_clock_nanos

Clock = Callable[[], int]
"""Returns µs since 1970 UTC."""

TOLERATED_MICROS: Final = 2_000_000
"""A smaller difference between two clocks is not corrected."""

LASTING_MICROS: Final = 60_000_000
"""A step of the wall clock is followed once it has lasted this long."""

_SLEWED_MICROS: Final = 10_000
"""A smaller change between wall and boot clock is no step. Both are slewed alike, but they are
read at slightly different moments."""


def wall_micros() -> int:
    """The system clock in µs since 1970 UTC. It may step."""
    return time.time_ns() // 1000


def boot_micros() -> int:
    """The clock that includes sleep and never steps, in µs."""
    return boot_clock_nanos() // 1000


class SteadyClock:
    """Wall time without short-lived steps, used as the server's time.

    A step of the wall clock is followed only once it has lasted: a system that boots with a wrong
    clock is soon corrected, and a clock that is set wrong by mistake is set back.

    >>> wall = boot = 0
    >>> clock = SteadyClock(wall=lambda: wall, boot=lambda: boot)
    >>> boot = 1_000_000; wall = boot - 3_600_000_000
    >>> clock()
    1000000
    >>> boot += LASTING_MICROS; wall += LASTING_MICROS
    >>> clock() == wall
    True
    """

    def __init__(self, *, wall: Clock = wall_micros, boot: Clock = boot_micros) -> None:
        self._wall = wall
        self._boot = boot
        self._anchor = wall() - boot()
        self._step: tuple[int, int] | None = None  # (anchor after it, when it was first seen)

    def __call__(self) -> int:
        """The time in µs since 1970 UTC. Thread-safe."""
        boot = self._boot()
        anchor = self._wall() - boot
        step = self._step
        if abs(anchor - self._anchor) <= _SLEWED_MICROS:
            self._step = None
        elif step is None or abs(anchor - step[0]) > _SLEWED_MICROS:
            self._step = (anchor, boot)
        elif boot - step[1] >= LASTING_MICROS:
            self._anchor, self._step = anchor, None
        return self._anchor + boot


class DatabaseWall:
    """The clock of a database that servers share, carried on by this machine's boot clock.

    `read` asks the database for its time.

    >>> boot = 0
    >>> wall = DatabaseWall(lambda: 5_000, boot=lambda: boot)
    >>> boot = 30
    >>> wall()
    5030
    """

    def __init__(self, read: Clock, *, boot: Clock = boot_micros) -> None:
        self._read = read
        self._boot = boot
        self._anchor = 0
        self.measure()

    def measure(self) -> None:
        """Ask the database again: both clocks are slewed, and another database may take over."""
        begin = self._boot()
        micros = self._read()
        self._anchor = micros - (begin + self._boot()) // 2

    def __call__(self) -> int:
        """The time in µs since 1970 UTC. Thread-safe."""
        return self._anchor + self._boot()


server_micros: Final = SteadyClock()
"""The clock of the server in this process."""


class ClockOffset:
    """The correction that is added to one writer's times.

    Attributes:
        micros: server's clock minus the writer's. 0 if they may differ by less than 2 s; None if
            unknown: a log of an earlier boot, or of another machine.

    >>> clock = ClockOffset(None)
    >>> clock.see(OffsetBounds(-1000, 5_000_000))
    0
    >>> clock.see(OffsetBounds(59_000_000, 61_000_000))
    60000000
    """

    __slots__ = ("micros",)

    def __init__(self, micros: int | None) -> None:
        self.micros = micros

    def see(self, bounds: OffsetBounds) -> int:
        """Update the offset from a request that a running process sent, and return it."""
        least, most = bounds.least - TOLERATED_MICROS, bounds.most + TOLERATED_MICROS
        if self.micros is None or not least <= self.micros <= most:
            self.micros = 0 if least <= 0 <= most else (bounds.least + bounds.most) // 2
        return self.micros
