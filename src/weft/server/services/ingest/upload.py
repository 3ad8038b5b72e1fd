"""One decoded upload, as `server.intake` passes it to `ingest.service`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from weft.records.clock_offset import OffsetBounds
from weft.records.record import Exit, File, Preempting, Record
from weft.runlog.format import Header
from weft.server.storage.contract import ConsoleLine, RowBlock

_MOST_STATES: Final = 10
"""A log has one Exit, and few signals of preemption."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of an upload whose rows are all of one kind.

    Rows and system samples of a log share one numbering; where they alternate, each range is its
    own segment. `to_position` is the stream's position after it.
    """

    rows: RowBlock
    system: bool
    to_position: int


@dataclass(slots=True)
class Upload:
    """One decoded upload of one stream: bytes `[from_position, to_position)` of a run log.

    Attributes:
        stream: the stream whose position advances; for a run log, the writer's id.
        records: all records but Row, System, Key, Schema and Console, each with the position of
            the end of its frame. Their `micros` are µs since 1970 on the writer's clock: the
            decoder has added the anchor where the log counts from it.
        segments: the rows, in log order; refused ones leave gaps in the row numbers.
        refused: position and reason of each record that breaks a rule and was left out [RL40].
        state: the decoder's state at `to_position`; None if unchanged.
        tail: the part of the decoder's state that changes with every upload; None if unchanged.
        n_damaged: bytes at the start that hold no valid frame and were skipped [RL9].
        n_rows: rows of the stream before `to_position`, including refused ones.
        n_bytes: its size, where positions do not count bytes; None where they do.
        header: header of the stream's log, if the upload starts at 0.
        offset_bounds: the lead of the server's clock over the writer's; None if unknown.
        live: whether the writer's process was running when this was sent.
        followed: whether this was read from a log in a followed directory instead of sent.
        ended: the writer's Exit, if rows before it wait on the client for room.
    """

    writer: str
    stream: str
    from_position: int
    to_position: int
    records: Sequence[tuple[int, Record]] = ()
    segments: Sequence[Segment] = ()
    console: Sequence[ConsoleLine] = ()
    refused: Sequence[tuple[int, str]] = ()
    state: bytes | None = None
    tail: bytes | None = None
    n_damaged: int = 0
    n_rows: int | None = None
    n_bytes: int | None = None
    header: Header | None = None
    offset_bounds: OffsetBounds | None = None
    live: bool = False
    followed: bool = False
    ended: Exit | None = None

    def is_of_states(self) -> bool:
        """Whether it only has records of the run's state. A full quota admits these."""
        return (
            0 < len(self.records) <= _MOST_STATES
            and not self.segments
            and not self.console
            and all(type(record) in {Exit, Preempting} for _, record in self.records)
        )

    def announces_files(self) -> bool:
        """Whether a record of it is a File."""
        return any(type(record) is File for _, record in self.records)
