"""Console output of runs: lines in the order of several streams, and searches in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filters import MAX_PATTERN_CHARS
from weft.wire.endpoint import Endpoints

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


_Writers = Annotated[
    Annotated[list[str], Meta(max_length=MAX_LOG_WRITERS)] | None,
    Meta(description="only lines of these writers; default: all"),
]
_Stream = Annotated[
    Literal["stdout", "stderr"] | None, Meta(description="only lines of this stream")
]
_Search = Annotated[str, Meta(max_length=MAX_PATTERN_CHARS)]
LineStart = Annotated[int, Meta(ge=0, le=2**53, description="position of the first line")]
Tail = Annotated[bool, Meta(description="the last `limit` lines instead")]

_run = Endpoints("/api/v1/projects/{entity}/{project}/runs/{run}/logs", tag="logs")


@_run.get("/streams")
def list_log_streams(entity: str, project: str, run: str) -> LogStreams:
    """List which writers of a run printed lines, to which stream, and how many."""


@_run.get()
def get_log_lines(
    entity: str,
    project: str,
    run: str,
    *,
    writer: _Writers = None,
    stream: _Stream = None,
    start: LineStart = 0,
    limit: Annotated[int, Meta(ge=1, le=MAX_LINES)] = 1000,
    tail: Tail = False,
    search: _Search = "",
    regex: bool = False,
) -> LogPage:
    """Return console lines of a run, ordered by time; each stream keeps its own order.

    With `search`, only lines with that text are returned, at positions from `start` on. Case is
    ignored unless `regex` is true. SGR codes are not searched.
    """


@_run.get("/hits")
def find_log_lines(
    entity: str,
    project: str,
    run: str,
    *,
    search: Annotated[str, Meta(min_length=1, max_length=MAX_PATTERN_CHARS)],
    regex: bool = False,
    writer: _Writers = None,
    stream: _Stream = None,
    start: LineStart = 0,
    limit: Annotated[int, Meta(ge=1, le=MAX_HITS)] = DEFAULT_HITS,
) -> LogHits:
    """Find the positions of console lines with a text, as `search` of the lines finds them."""


@_run.get("/moment")
def get_moment(
    entity: str,
    project: str,
    run: str,
    *,
    time_micros: Annotated[int, Meta(ge=0, le=2**53)] | None = None,
    step: Annotated[float, Meta(ge=-(2**53), le=2**53)] | None = None,
    writer: _Writers = None,
    stream: _Stream = None,
) -> Moment:
    """Return which step was logged at a time, or when a step was logged, and the line of then."""


@_run.get("/text")
def download_log(
    entity: str,
    project: str,
    run: str,
    *,
    writer: _Writers = None,
    stream: _Stream = None,
    codes: Annotated[bool, Meta(description="whether to keep SGR codes")] = False,
    times: Annotated[bool, Meta(description="whether lines begin with their time, UTC")] = False,
) -> bytes:
    """Download the console output of a run as text, streamed.

    With lines of several writers, each line begins with its writer's rank or id.
    """
