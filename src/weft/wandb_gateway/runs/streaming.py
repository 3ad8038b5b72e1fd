"""File streams: parts of a run's history, samples, summary and console output.

The client sends one request at a time, and sends it again after a failure. So each part may come
twice: rows count by their line number, console lines and the summary replace what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from weft.errors import LimitExceeded, StorageFull
from weft.records.limits import MAX_ROW_KEYS
from weft.records.record import Exit, Preempting, Record, Summary
from weft.server.intake.lines import LinesMissing, LineUploads
from weft.server.services.access import Action, Actor, RunPath, require
from weft.server.services.opening import Services
from weft.server.storage.contract import ConsoleLine
from weft.wandb_format import additions_in, same_additions
from weft.wandb_format.charts import Amend, all_of
from weft.wandb_format.tensorboard import (
    collect_copied,
    copies_tensorboard,
    tensorboard_definitions,
)
from weft.wandb_gateway.runs.config import changes, read_summary
from weft.wandb_gateway.runs.late_additions import LateAdditions
from weft.wandb_gateway.runs.memory import CONSOLE, EVENTS, HISTORY, Memories, RunMemory

SUMMARY: Final = "wandb-summary.json"

_MAX_LINES: Final = 250_000
"""The client's parts of up to 10 MiB have fewer, and each line costs memory of its own."""

_MAX_FAULTS: Final = 100
"""More of one request are counted only."""

_STAMP_CHARS: Final = len("2026-11-20T07:01:38.654137")


class FilePart(Struct):
    """Lines of one file."""

    content: list[str]
    offset: Annotated[int, Meta(ge=0, le=2**40)] = 0


class StreamPart(Struct):
    """A request; everything may be missing."""

    files: dict[str, FilePart] = {}
    uploaded: list[str] | None = None
    preempting: bool | None = None
    complete: bool | None = None
    exitcode: int | None = None


class StreamAnswer(Struct):
    """The answer to a request."""

    stopped: bool = False


class _Request(NamedTuple):
    """A request of a process. `client` is the process of a run in shared mode."""

    actor: Actor
    path: RunPath
    part: StreamPart
    client: str | None


@dataclass(slots=True)
class _Outcome:
    """The effects of a request so far.

    Attributes:
        stop: whether the run was asked to stop.
        faults: what was left out, and why.
        copied: the metrics that come from TensorBoard.
    """

    stop: bool = False
    faults: list[str] = field(default_factory=list[str])
    copied: set[str] = field(default_factory=set[str])


class FileStreams:
    """Applies the requests of file streams. Thread-safe."""

    def __init__(self, services: Services, memories: Memories) -> None:
        self._services = services
        self._memories = memories
        self._lines = LineUploads(services.ingest, services.stores.now)
        self._late_additions = LateAdditions(services)

    def apply_part(
        self, actor: Actor, path: RunPath, part: StreamPart, client: str | None
    ) -> StreamAnswer:
        """Apply a request; when this returns, all of it is durable.

        LinesMissing if rows before those of the request were not sent. Nothing is applied; the run
        has a warning. StorageFull if there is no room; the run's state is noted. Unavailable if a
        store failed; the request may be sent again.
        """
        require(actor, Action.LOG, path)
        if sum(len(lines.content) for lines in part.files.values()) > _MAX_LINES:
            raise LimitExceeded(f"a part of a file stream has at most {_MAX_LINES} lines")
        request = _Request(actor, path, part, client)
        try:
            return self._apply(request)
        except StorageFull:
            # Lines that wait for room must not make a run that has ended look like a running one.
            states = self._states(part)
            if states:
                writer = self._memories.read_begun(actor, path).writer_of(client)
                self._write(request, writer, states=states)
            raise

    def _apply(self, request: _Request) -> StreamAnswer:
        actor, path, part, client = request
        memory = self._detect_resend(request, self._memories.read_begun(actor, path))
        writer = memory.writer_of(client)
        self._check_complete(request, memory)
        outcome = _Outcome()
        self._add_rows(request, memory, HISTORY, outcome)
        self._add_rows(request, memory, EVENTS, outcome)
        console = part.files.get(CONSOLE)
        if console is not None and console.content:
            now = self._services.stores.now()
            lines = [
                _console_line(line, number, now)
                for number, line in enumerate(console.content, console.offset)
            ]
            batch = self._lines.put_console(actor, path, memory.stream(CONSOLE, client), lines)
            outcome.stop |= batch.stop
        if not outcome.copied.issubset(memory.copied) and len(memory.copied) < MAX_ROW_KEYS:
            self._define_copied(actor, path, outcome.copied)
        states = self._states(part)
        summary = part.files.get(SUMMARY)
        summary_lines = [] if summary is None else summary.content
        if states or outcome.faults or summary_lines:
            outcome.stop |= self._write(
                request, writer, summary=summary_lines, states=states, faults=outcome.faults
            )
        elif not part.files:
            outcome.stop |= self._services.ingest.note_heartbeat(actor, path, writer).stop
        return StreamAnswer(outcome.stop)

    def _add_rows(
        self, request: _Request, memory: RunMemory, file: str, outcome: _Outcome
    ) -> None:
        actor, path, part, client = request
        lines = part.files.get(file)
        if lines is None or not lines.content:
            return
        is_system = file == EVENTS
        batch = self._lines.add_rows(
            actor,
            path,
            memory.stream(file, client),
            _first_line(memory, file, lines),
            lines.content,
            is_system=is_system,
            amend=None if is_system else _amend(memory, outcome.copied),
        )
        outcome.stop |= batch.stop
        outcome.faults += batch.faults
        if not is_system and any(map(_may_lack, lines.content)):
            self._add_late(request, memory)

    def _check_complete(self, request: _Request, memory: RunMemory) -> None:
        """Refuse a request whose rows do not follow those that the run has.

        The client does not send them again by itself: it stops, and `wandb sync` sends all.
        """
        actor, path, part, client = request
        for file in (HISTORY, EVENTS):
            lines = part.files.get(file)
            if lines is None or not lines.content:
                continue
            stream = memory.stream(file, client)
            first_line = _first_line(memory, file, lines)
            expected = self._lines.count(actor, path, stream)
            if first_line <= (expected or stream.latest_start):
                continue
            shift = lines.offset - first_line
            missing = LinesMissing(file, expected + shift, lines.offset)
            warning = f"{missing}; `wandb sync` of the run's directory sends all"
            self._write(request, memory.writer_of(client), faults=[warning])
            raise missing

    def _detect_resend(self, request: _Request, memory: RunMemory) -> RunMemory:
        """Find out whether a process that restarted a run sends the earlier rows again."""
        actor, path = request.actor, request.path
        history = request.part.files.get(HISTORY)
        if memory.before is None or memory.repeats is not None:
            return memory
        if history is None or not history.content:
            return memory
        with self._memories.hold(path):
            memory = self._memories.read_begun(actor, path)
            stream = memory.stream(HISTORY)
            is_first = history.offset == memory.base
            if is_first and self._lines.restarts(actor, path, stream, history.content[0]):
                newest = memory.writer
                memory.repeat()
                # It has nothing of its own, and must not count as a process that died.
                ended = Exit(self._services.stores.now(), 0)
                self._memories.write(actor, path, memory, [ended], writer=newest)
            else:
                memory.repeats = False
                self._memories.write(actor, path, memory, [])
            return memory

    def _add_late(self, request: _Request, memory: RunMemory) -> None:
        """Add to rows whose config came while they were stored."""
        actor, path, _, client = request
        with self._memories.hold(path):
            newest = self._memories.read_begun(actor, path)
            if not same_additions(newest.internal, memory.internal):
                self._late_additions.add_rows(actor, path, newest, client)

    def _define_copied(self, actor: Actor, path: RunPath, copied: set[str]) -> None:
        """Define the axis of metrics that were not copied from TensorBoard before."""
        with self._memories.hold(path):
            memory = self._memories.read_begun(actor, path)
            new = copied.difference(memory.copied)
            now = self._services.stores.now()
            records = tensorboard_definitions(new, memory.internal, now)
            memory.copied = sorted({*memory.copied, *new})[:MAX_ROW_KEYS]
            self._memories.write(actor, path, memory, records)

    def _states(self, part: StreamPart) -> list[Record]:
        """The records of the run's state."""
        now = self._services.stores.now()
        states: list[Record] = []
        if part.preempting:
            states.append(Preempting(now))
        if part.complete:
            states.append(Exit(now, part.exitcode or 0))
        return states

    def _write(
        self,
        request: _Request,
        writer: str,
        *,
        summary: Sequence[str] = (),
        states: Sequence[Record] = (),
        faults: Sequence[str] = (),
    ) -> bool:
        """Write the records of a request; return whether the run was asked to stop."""
        actor, path = request.actor, request.path
        with self._memories.hold(path):
            memory = self._memories.read_begun(actor, path)
            records = [*(self._summary(request, summary[-1]) if summary else ()), *states]
            if not records and not faults:
                return False
            refused = [*faults[:_MAX_FAULTS]]
            if len(faults) > _MAX_FAULTS:
                refused += ["and more of the kind"] * (len(faults) - _MAX_FAULTS)
            ack = self._memories.write(
                actor, path, memory, records, writer=writer, refused=refused
            )
        return ack.stop

    def _summary(self, request: _Request, line: str) -> list[Record]:
        """The records that make the run's summary the client's.

        Values that the rows give anyway are left out, so that they follow the rows.
        """
        sent = read_summary(line)
        shown = self._services.runs.get(request.actor, request.path).summary
        values, removed = changes(shown, sent)
        if request.client is not None:
            removed = []  # the other processes of the run know the rest
        if not values and not removed:
            return []
        return [Summary(self._services.stores.now(), values, removed)]


def _may_lack(line: str) -> bool:
    """Whether a row may have a table or a mask, of which the config has the rest."""
    return "table-file" in line or "masks" in line


def _amend(memory: RunMemory, copied: set[str]) -> Amend | None:
    """The change to rows; it adds to `copied` the metrics that come from TensorBoard."""
    collect = collect_copied(copied) if copies_tensorboard(memory.internal) else None
    return all_of(additions_in(memory.internal), collect)


def _first_line(memory: RunMemory, file: str, lines: FilePart) -> int:
    """The number of a part's first line in its stream."""
    return lines.offset - (memory.base if memory.repeats and file == HISTORY else 0)


def _console_line(line: str, number: int, now_micros: int) -> ConsoleLine:
    """A line of `output.log`, `[ERROR ]<UTC time> text`.

    >>> line = _console_line("ERROR 2026-11-20T07:01:38.805136 text", 4, 0)
    >>> line.stream, line.line, line.micros, line.text
    ('stderr', 4, 1795158098805136, 'text')
    """
    is_error = line.startswith("ERROR ")
    content = line.removeprefix("ERROR ") if is_error else line
    stamp, text = content[:_STAMP_CHARS], content[_STAMP_CHARS + 1 :]
    try:
        moment = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    except ValueError:
        micros, text = now_micros, content
    else:
        micros = round(moment.timestamp() * 1e6)
    return ConsoleLine("stderr" if is_error else "stdout", number, micros, text)


def decode_part(body: bytes) -> StreamPart:
    """Decode a request. Unknown members are ignored."""
    return _decode(body)


_decode: Final = msgspec.json.Decoder(StreamPart).decode
