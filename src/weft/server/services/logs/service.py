"""Reads and searches the console output of runs.

Called by `http.runs.logs`. A forked run shows its own output only: the lines of its source belong
to another process.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from weft.errors import ConfigError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.logs.moments import micros_at, step_at
from weft.server.services.logs.order import PlacedLine
from weft.server.services.logs.streams import LogReader, LogSource, OrderCache, StreamSelection
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.selecting.patterns import compile_line_search
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import TextSearch
from weft.wire.runs.logs import (
    MAX_HITS,
    MAX_LINES,
    LogHits,
    LogLine,
    LogPage,
    LogStream,
    LogStreams,
    Moment,
)

_TEXT_LINES: Final = 5000
"""Lines per piece of a download."""

_STYLE: Final = re.compile(r"\x1b\[[0-9;:]*m")


class LogService:
    """Reads and searches the lines that runs printed."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._orders = OrderCache()

    def streams(self, actor: Actor, path: RunPath) -> LogStreams:
        """List the streams of a run that have lines."""
        require(actor, Action.READ, path)
        with self._open(path, StreamSelection()) as reader:
            return LogStreams([_stream_info(source) for source in reader.sources])

    def lines(
        self,
        actor: Actor,
        path: RunPath,
        selection: StreamSelection,
        *,
        start: int = 0,
        limit: int = 1000,
        search: str = "",
        regex: bool = False,
    ) -> LogPage:
        """Read the lines from a position on, or only those with `search`, ignoring case; with
        `regex` an RE2 pattern, which matches anywhere in a line.
        """
        require(actor, Action.READ, path)
        _check(start, limit, MAX_LINES)
        find = _line_search(search, is_pattern=regex) if search else None
        with self._open(path, selection) as reader:
            if find is None:
                end = min(start + limit, reader.total)
                placed = reader.range(start, end)
                positions = list(range(start, start + len(placed)))
            else:
                hits = reader.find_lines(find, start, limit)
                placed = reader.lines_at(hits)
                positions = [hit.position for hit in hits]
            return _page(reader, positions, placed)

    def tail(self, actor: Actor, path: RunPath, selection: StreamSelection, n: int) -> LogPage:
        """Read the last `n` lines."""
        require(actor, Action.READ, path)
        _check(0, n, MAX_LINES)
        with self._open(path, selection) as reader:
            placed = reader.last(n)
            first = reader.total - len(placed)
            return _page(reader, list(range(first, reader.total)), placed)

    def hits(
        self,
        actor: Actor,
        path: RunPath,
        selection: StreamSelection,
        search: str,
        *,
        regex: bool = False,
        start: int = 0,
        limit: int = MAX_HITS,
    ) -> LogHits:
        """Find the positions of the lines that a search finds."""
        require(actor, Action.READ, path)
        _check(start, limit, MAX_HITS)
        find = _line_search(search, is_pattern=regex)
        with self._open(path, selection) as reader:
            hits = reader.find_lines(find, start, limit + 1)
            positions = [hit.position for hit in hits[:limit]]
            return LogHits(positions=positions, complete=len(hits) <= limit, total=reader.total)

    def moment(
        self,
        actor: Actor,
        path: RunPath,
        selection: StreamSelection,
        *,
        time_micros: int | None = None,
        step: float | None = None,
    ) -> Moment:
        """The step of the row that was logged last up to a time, or the time at which a step was
        logged; and the first line printed from then on. Without time and step: now.
        """
        require(actor, Action.READ, path)
        if time_micros is not None and step is not None:
            raise ConfigError("name either `time_micros` or `step`", field="time_micros")
        if step is None and time_micros is None:
            time_micros = self._stores.now()
        entry = self._stores.find_run(path)
        run = entry.path.run
        sources = lineage_of(self._stores, entry.project_id, [run]).get(run, ())
        with self._stores.metrics.use(entry.project_id) as store:
            step_then: int | float | None
            if time_micros is None:
                assert step is not None, "checked above"
                moment = micros_at(store, run, step, sources)
                step_then, time_micros = (None, None) if moment is None else moment
            else:
                step_then = step_at(store, run, time_micros, sources)
            reader = LogReader(store, entry, selection, self._orders)
            line = 0 if time_micros is None else reader.position_at(time_micros)
            return Moment(step=step_then, time_micros=time_micros, line=line, total=reader.total)

    def text(
        self,
        actor: Actor,
        path: RunPath,
        selection: StreamSelection,
        *,
        codes: bool = False,
        times: bool = False,
    ) -> Iterator[bytes]:
        """The whole log as UTF-8 text, in pieces.

        With lines of several writers, each line begins with its writer's rank or id. `codes` keeps
        SGR codes; `times` puts the time in UTC before each line.
        """
        require(actor, Action.READ, path)
        with self._open(path, selection) as reader:
            total = reader.total
        self._stores.audit.note_alone(
            actor, "export", path.entity, path, {"kind": "log", "n_lines": total}
        )
        return self._pieces(path, selection, total, codes=codes, times=times)

    def _pieces(
        self, path: RunPath, selection: StreamSelection, total: int, *, codes: bool, times: bool
    ) -> Iterator[bytes]:
        for start in range(0, total, _TEXT_LINES):
            # Opened for each piece: a slow client must not hold the store.
            with self._open(path, selection) as reader:
                placed = reader.range(start, min(start + _TEXT_LINES, total))
                piece = _text_of(reader.sources, placed, codes=codes, times=times)
            yield piece

    @contextmanager
    def _open(self, path: RunPath, selection: StreamSelection) -> Generator[LogReader]:
        entry = self._stores.find_run(path)
        with self._stores.metrics.use(entry.project_id) as store:
            yield LogReader(store, entry, selection, self._orders)


def _check(start: int, limit: int, most: int) -> None:
    if start < 0:
        raise ConfigError("start must not be negative", field="start")
    if not 1 <= limit <= most:
        raise ConfigError(f"limit must be 1 to {most}", field="limit")


def _line_search(search: str, *, is_pattern: bool) -> TextSearch:
    if not search:
        raise ConfigError("search must not be empty", field="search")
    if is_pattern:
        return compile_line_search(search)
    return compile_line_search(re.escape(search), folded=True)


def _stream_info(source: LogSource) -> LogStream:
    stream = source.stream
    return LogStream(
        writer=stream.writer,
        stream=stream.stream,
        host=source.writer.host,
        labels=source.writer.labels,
        n_lines=stream.n_lines,
        first_micros=stream.first_micros + source.offset_micros,
        last_micros=stream.last_micros + source.offset_micros,
    )


def _page(reader: LogReader, positions: Sequence[int], placed: Sequence[PlacedLine]) -> LogPage:
    lines = [
        LogLine(
            position=position,
            writer=reader.sources[stream].stream.writer,
            stream=line.stream,
            line=line.line,
            time_micros=line.micros,
            text=line.text,
        )
        for position, (stream, line) in zip(positions, placed, strict=True)
    ]
    return LogPage(lines=lines, total=reader.total)


def _text_of(
    sources: Sequence[LogSource], placed: Sequence[PlacedLine], *, codes: bool, times: bool
) -> bytes:
    labels = [source.label for source in sources]
    has_labels = len(set(labels)) > 1
    lines: list[str] = []
    for stream, line in placed:
        text = line.text if codes else _STYLE.sub("", line.text)
        head = f"[{labels[stream]}] " if has_labels else ""
        if times:
            moment = datetime.fromtimestamp(line.micros / 1e6, UTC)
            head = f"{moment.isoformat(timespec='milliseconds')} {head}"
        lines.append(f"{head}{text}\n")
    return "".join(lines).encode()
