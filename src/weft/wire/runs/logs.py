"""Console output of runs: lines in the order of several streams, and searches in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

MAX_LINES: Final = 10_000
"""Most lines on one page."""

MAX_HITS: Final = 100_000
DEFAULT_HITS: Final = 10_000

MAX_LOG_WRITERS: Final = 1000
"""Most writers that a request names."""

Position = Annotated[
    int, Meta(description="number of the line in the order of all requested lines")
]


class LogStream(Struct, frozen=True, kw_only=True):
    """Lines that one process printed to a stream. Times are corrected by its clock's offset."""

    writer: str
    stream: Annotated[str, Meta(description="`stdout` or `stderr`")]
    host: str | None
    labels: Annotated[Mapping[str, str], Meta(description="such as rank, node, process")]
    n_lines: int
    first_micros: Annotated[int, Meta(description="time of its earliest line")]
    last_micros: Annotated[int, Meta(description="time of its latest line")]


class LogStreams(Struct, frozen=True):
    """The streams of a run that have lines: writers in the order in which they began."""

    streams: list[LogStream]


class LogLine(Struct, frozen=True, kw_only=True):
    """A line of console output."""

    position: Position
    writer: str
    stream: str
    line: Annotated[int, Meta(description="its number in its stream; the text may still change")]
    time_micros: Annotated[int, Meta(description="when its text last changed")]
    text: Annotated[str, Meta(description="text with SGR codes for colors, without a line break")]


class LogPage(Struct, frozen=True, kw_only=True):
    """Lines in order."""

    lines: list[LogLine]
    total: Annotated[int, Meta(description="number of lines of the requested streams")]


class Moment(Struct, frozen=True, kw_only=True):
    """The step and the console line of a run at one time."""

    step: Annotated[
        int | float | None,
        Meta(
            description="of the last row logged up to the requested time, or of the first row "
            "from the requested step on; null: there is no such row"
        ),
    ]
    time_micros: Annotated[
        int | None, Meta(description="the requested time, or when the step was logged")
    ]
    line: Annotated[
        int,
        Meta(
            description="position of the first line from then on; `total` if all lines are older"
        ),
    ]
    total: Annotated[int, Meta(description="number of lines of the requested streams")]


class LogHits(Struct, frozen=True, kw_only=True):
    """The lines that match a search."""

    positions: Annotated[list[Position], Meta(description="ascending")]
    complete: Annotated[
        bool, Meta(description="false: there may be more lines; the limit was reached")
    ]
    total: Annotated[int, Meta(description="number of lines of the requested streams")]
