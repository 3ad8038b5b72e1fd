"""Decides which of the lines that were sent are new, and passes them to `services.ingest`.

The position of a stream is the number of lines it has. A part that is sent again, in whole or in
part, adds only what is new. Checksums of the last lines tell whether a line that is known was sent
again, or whether two programs write the same stream.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from weft.errors import Conflict, PositionConflict, Unavailable
from weft.server.intake.lines.rows import Amend, checksum, parse_rows, read_rows
from weft.server.services.access import Action, Actor, RunPath, require
from weft.server.services.ingest import IngestService, Segment, Upload
from weft.server.storage.contract import ConsoleLine, StreamPosition

KNOWN_LINES: Final = 1000
"""So many checksums of a stream's last lines are kept: more than a client sends again."""

SYSTEM_ROWS: Final = 2**40
"""Row number of the first line of a stream of system samples. Its writer's other rows have lower
numbers, as row numbers are unique in a writer."""

_ATTEMPTS: Final = 5
_CRC_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class LineStream:
    """A stream of lines.

    Its name is unique in its run; new lines become rows of `writer`. `latest_start` is the highest
    number that its first line may have.
    """

    name: str
    writer: str
    latest_start: int = 0


@dataclass(frozen=True, slots=True)
class LinesResult:
    """The result of storing the lines of a request: whether the run was asked to stop, and the
    values left out, with reasons.
    """

    stop: bool = False
    faults: Sequence[str] = ()


class LinesMissing(Conflict):
    """A part of a stream begins after the line number `expected`."""

    def __init__(self, stream: str, expected: int, first_line: int) -> None:
        super().__init__(
            f"lines {expected} to {first_line - 1} of {stream} are missing: send from offset "
            f"{expected}"
        )
        self.expected = expected


class LineUploads:
    """Applies parts of streams. Thread-safe."""

    def __init__(self, ingest: IngestService, now: Callable[[], int]) -> None:
        self._ingest = ingest
        self._now = now

    def count(self, actor: Actor, target: RunPath, stream: LineStream) -> int:
        """The number of lines of a stream."""
        return _end(self._ingest.position(actor, target, stream.name))

    def add_rows(
        self,
        actor: Actor,
        target: RunPath,
        stream: LineStream,
        first_line: int,
        lines: Sequence[str],
        *,
        is_system: bool = False,
        row_offset: int = 0,
        amend: Amend | None = None,
    ) -> LinesResult:
        """Add lines that are rows; lines that the stream has are not added again.

        `row_offset` is the row number of the stream's first line. `amend` is called with each row,
        which it may change. Unavailable if other requests changed the stream all the time, or a
        store failed.
        """
        require(actor, Action.LOG, target)
        row_offset += SYSTEM_ROWS if is_system else 0
        rows = parse_rows(lines)
        crcs = array("I", map(checksum, rows))

        def attempt(stored: StreamPosition | None) -> LinesResult:
            end = _end(stored)
            if first_line > (end if stored else stream.latest_start):
                raise LinesMissing(stream.name, end, first_line)
            n_old = min(max(end - first_line, 0), len(lines))
            before = _Checksums.of(stored)
            faults = before.differing(stream, first_line, crcs[:n_old], end)
            new, first = rows[n_old:], first_line + n_old
            if not new:
                return LinesResult(faults=faults)
            if amend is not None:
                for row in new:
                    if row is not None:
                        amend(row)
            read = read_rows(
                new,
                first_line=first,
                row_lo=first + row_offset,
                now_micros=self._now(),
                is_system=is_system,
            )
            start, stop = stored.position if stored else 0, first + len(new)
            ends = [*(block.row_lo + len(block) for block in read.blocks[:-1])]
            segments = [
                Segment(block, is_system, end - row_offset)
                for block, end in zip(read.blocks, [*ends, stop + row_offset], strict=False)
            ]
            ack = self._ingest.apply_upload(
                actor,
                target,
                Upload(
                    stream.writer,
                    stream.name,
                    start,
                    stop,
                    segments=segments,
                    tail=before.with_lines(crcs[n_old:]).encode(),
                    n_bytes=sum(map(len, lines[n_old:])),
                    live=True,
                ),
            )
            return LinesResult(ack.stop, [*faults, *read.faults])

        return self._try(actor, target, stream, attempt)

    def restarts(self, actor: Actor, target: RunPath, stream: LineStream, line: str) -> bool:
        """Whether a line is the first one of a stream, so that its sender starts over."""
        checksums = _Checksums.of(self._ingest.position(actor, target, stream.name))
        return checksums.first is not None and checksums.first == checksum(parse_rows([line])[0])

    def put_console(
        self, actor: Actor, target: RunPath, stream: LineStream, lines: Sequence[ConsoleLine]
    ) -> LinesResult:
        """Store lines of console output by number; the later text of a line counts."""
        require(actor, Action.LOG, target)
        if not lines:
            return LinesResult()

        def attempt(stored: StreamPosition | None) -> LinesResult:
            start = stored.position if stored else 0
            stop = max(start, *(line.line + 1 for line in lines))
            n_bytes = sum(len(line.text) for line in lines)
            upload = Upload(
                stream.writer, stream.name, start, stop, console=lines, n_bytes=n_bytes, live=True
            )
            return LinesResult(self._ingest.apply_upload(actor, target, upload).stop)

        return self._try(actor, target, stream, attempt)

    def _try(
        self,
        actor: Actor,
        target: RunPath,
        stream: LineStream,
        attempt: Callable[[StreamPosition | None], LinesResult],
    ) -> LinesResult:
        for _ in range(_ATTEMPTS):
            try:
                return attempt(self._ingest.position(actor, target, stream.name))
            except PositionConflict:
                continue  # another request of the same stream came in between
        raise Unavailable(f"stream {stream.name} of run {target} changes all the time: send again")


def _end(position: StreamPosition | None) -> int:
    return position.position if position else 0


@dataclass(frozen=True, slots=True)
class _Checksums:
    """The stored checksums of a stream's lines.

    `first` is the checksum of its first line; None if it has none.
    """

    first: int | None
    last: array[int]

    @classmethod
    def of(cls, stored: StreamPosition | None) -> _Checksums:
        crcs: array[int] = array("I")
        tail = stored.tail if stored else b""
        crcs.frombytes(tail[: len(tail) // _CRC_BYTES * _CRC_BYTES])
        return cls(crcs[0] if crcs else None, crcs[1:])

    def encode(self) -> bytes:
        return (array("I", [self.first or 0]) + self.last).tobytes()

    def with_lines(self, crcs: array[int]) -> _Checksums:
        """Add the lines that follow."""
        last = self.last + crcs
        return _Checksums(crcs[0] if self.first is None else self.first, last[-KNOWN_LINES:])

    def differing(
        self, stream: LineStream, first_line: int, sent: array[int], end: int
    ) -> list[str]:
        """A fault for each line that was sent before with other content, as far as is known."""
        first_known = end - len(self.last)
        return [
            f"line {line} of {stream.name} was sent before with other content, and was left out: "
            "two processes may write the same run"
            for line, crc in enumerate(sent, first_line)
            if line >= first_known and self.last[line - first_known] != crc
        ]
