"""Reads the console lines of a run. Does network I/O.

`StoredRun.console_logs` and `weft logs` use it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, Literal

from weft.client.api_client import ApiClient
from weft.errors import ConfigError, NotFound
from weft.sdk.reading.paths import RunName
from weft.wire.runs.logs import MAX_LINES, LogLine, LogPage, get_log_lines
from weft.wire.runs.runs import list_writers

PAGE_LINES: Final = 5000

POLL_SECS: Final = 0.5

_OPEN_STATES: Final = frozenset({"pending", "running", "preempting"})

OPEN_LINES: Final = 1000
"""Lines at the end of a log that are compared at each look, as they may still change."""

_LineKey = tuple[str, str, int]


def log_lines(
    client: ApiClient,
    name: RunName,
    *,
    rank: int | None,
    stream: Literal["stdout", "stderr"] | None,
    search: str,
    is_pattern: bool,
    tail: int | None,
) -> Iterator[LogLine]:
    """The lines of a run in order, fetched a page at a time. See `StoredRun.console_logs`.

    The first page is fetched at once, so that errors come from this call. Without `search`, it has
    all lines.
    """
    if stream not in {None, "stdout", "stderr"}:
        raise ConfigError(f"stream must be 'stdout' or 'stderr', not {stream!r}")
    if tail is not None and not 1 <= tail <= MAX_LINES:
        raise ConfigError(f"tail must be 1 to {MAX_LINES:,}, not {tail}")
    if tail is not None and search:
        raise ConfigError("tail can't be combined with a search")
    writers = None if rank is None else writers_of_rank(client, name, rank)
    if tail is not None:
        page = client.call(
            get_log_lines, *name, writer=writers, stream=stream, limit=tail, tail=True
        )
        return iter(page.lines)

    def fetch(start: int) -> list[LogLine]:
        return client.call(
            get_log_lines,
            *name,
            writer=writers,
            stream=stream,
            start=start,
            limit=PAGE_LINES,
            search=search,
            regex=is_pattern,
        ).lines

    def lines(page: list[LogLine]) -> Iterator[LogLine]:
        while page:
            yield from page
            page = fetch(page[-1].position + 1) if len(page) == PAGE_LINES else []

    return lines(fetch(0))


def writers_of_rank(client: ApiClient, name: RunName, rank: int) -> list[str]:
    """The writers of one rank. Without ranks, rank 0 is all writers."""
    writers = client.call(list_writers, *name).writers
    of_rank = [writer.writer for writer in writers if writer.labels.get("rank", "0") == str(rank)]
    if not of_rank:
        ranks = sorted({int(writer.labels.get("rank", "0")) for writer in writers})
        raise NotFound(f"run {name.run_id} has no rank {rank}; its ranks are {_listed(ranks)}")
    return of_rank


def _listed(ranks: list[int]) -> str:
    return ", ".join(map(str, ranks[:20])) + (", …" if len(ranks) > 20 else "")


def follow_lines(
    client: ApiClient,
    name: RunName,
    *,
    rank: int | None,
    stream: Literal["stdout", "stderr"] | None,
    tail: int | None,
) -> Iterator[LogLine]:
    """The lines of a run, and new ones as they come, until the run ends.

    The last line of a stream comes once it has stood still from one look to the next.
    """
    writers = None if rank is None else writers_of_rank(client, name, rank)

    def last(n: int) -> LogPage:
        n = min(n, MAX_LINES)
        return client.call(get_log_lines, *name, writer=writers, stream=stream, limit=n, tail=True)

    n_known = last(1).total
    first = 0 if tail is None else max(n_known - tail, 0)
    while first < n_known - OPEN_LINES:
        page = client.call(
            get_log_lines, *name, writer=writers, stream=stream, start=first,
            limit=min(PAGE_LINES, n_known - OPEN_LINES - first),
        )  # fmt: skip
        yield from page.lines
        first += len(page.lines)
    yielded: dict[_LineKey, str] | None = None
    open_lines: dict[_LineKey, str] = {}
    while True:
        has_ended = client.run(*name)["state"] not in _OPEN_STATES
        page = last(OPEN_LINES)
        if page.total - n_known > OPEN_LINES // 2:
            page = last(page.total - n_known + OPEN_LINES)
        n_known = page.total
        if yielded is None:
            yielded = {_line_key(line): line.text for line in page.lines if line.position < first}
        ends = {(line.writer, line.stream): _line_key(line) for line in page.lines}
        before, open_lines = open_lines, {}
        for line in page.lines:
            key = _line_key(line)
            if yielded.get(key) == line.text:
                continue
            is_open = ends[line.writer, line.stream] == key
            if is_open and not has_ended and before.get(key) != line.text:
                open_lines[key] = line.text
                continue
            yielded[key] = line.text
            yield line
        if has_ended:
            return
        present = {_line_key(line) for line in page.lines}
        yielded = {key: text for key, text in yielded.items() if key in present}
        time.sleep(POLL_SECS)


def _line_key(line: LogLine) -> _LineKey:
    return line.writer, line.stream, line.line
