"""Reads the console lines of a run. Does network I/O.

`StoredRun.console_logs` and `weft logs` use it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from weft.client.api_client import ApiClient
from weft.errors import ConfigError, NotFound
from weft.sdk.reading.paths import RunName
from weft.wire.logs import MAX_LINES, LogLine, LogPage

PAGE_LINES: Final = 5000

POLL_SECS: Final = 0.5

_OPEN_STATES: Final = frozenset({"pending", "running", "preempting"})

OPEN_LINES: Final = 1000
"""Lines at the end of a log that are compared at each look, as they may still change."""

_Place = tuple[str, str, int]


def log_lines(
    client: ApiClient,
    name: RunName,
    *,
    rank: int | None,
    stream: str | None,
    search: str,
    is_pattern: bool,
    tail: int | None,
) -> Iterator[LogLine]:
    """The lines of a run in order, fetched a page at a time. See `StoredRun.console_logs`.

    The first page is fetched at once, so that errors come from this call.

    Args:
        search: text or pattern. If empty, all lines.
    """
    if stream not in {None, "stdout", "stderr"}:
        raise ConfigError(f"stream must be 'stdout' or 'stderr', not {stream!r}")
    if tail is not None and not 1 <= tail <= MAX_LINES:
        raise ConfigError(f"tail must be 1 to {MAX_LINES:,}, not {tail}")
    if tail is not None and search:
        raise ConfigError("tail can't be combined with a search")
    writers = None if rank is None else writers_of_rank(client, name, rank)
    if tail is not None:
        page = client.log_lines(*name, writers=writers, stream=stream, limit=tail, tail=True)
        return iter(page.lines)

    def fetch(start: int) -> list[LogLine]:
        return client.log_lines(
            *name,
            writers=writers,
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
    """The writers of one rank. Without ranks, rank 0 is all writers.

    Raises:
        NotFound: the run has no such rank.
    """
    writers = client.writers(*name)
    found = [one.writer for one in writers if one.labels.get("rank", "0") == str(rank)]
    if not found:
        ranks = sorted({int(one.labels.get("rank", "0")) for one in writers})
        raise NotFound(f"run {name.run_id} has no rank {rank}; its ranks are {_listed(ranks)}")
    return found


def _listed(ranks: list[int]) -> str:
    return ", ".join(map(str, ranks[:20])) + (", …" if len(ranks) > 20 else "")


def follow_lines(
    client: ApiClient,
    name: RunName,
    *,
    rank: int | None,
    stream: str | None,
    tail: int | None,
) -> Iterator[LogLine]:
    """The lines of a run, and new ones as they come, until it ends.

    The last line of a stream comes once it has stood still from one look to the next.
    """
    writers = None if rank is None else writers_of_rank(client, name, rank)

    def last(n: int) -> LogPage:
        n = min(n, MAX_LINES)
        return client.log_lines(*name, writers=writers, stream=stream, limit=n, tail=True)

    n_known = last(1).total
    first = 0 if tail is None else max(n_known - tail, 0)
    while first < n_known - OPEN_LINES:
        page = client.log_lines(
            *name, writers=writers, stream=stream, start=first,
            limit=min(PAGE_LINES, n_known - OPEN_LINES - first),
        )  # fmt: skip
        yield from page.lines
        first += len(page.lines)
    given: dict[_Place, str] | None = None
    waiting: dict[_Place, str] = {}
    while True:
        has_ended = client.run(*name)["state"] not in _OPEN_STATES
        page = last(OPEN_LINES)
        if page.total - n_known > OPEN_LINES // 2:
            page = last(page.total - n_known + OPEN_LINES)
        n_known = page.total
        if given is None:
            given = {_place(line): line.text for line in page.lines if line.position < first}
        ends = {(line.writer, line.stream): _place(line) for line in page.lines}
        before, waiting = waiting, {}
        for line in page.lines:
            place = _place(line)
            if given.get(place) == line.text:
                continue
            is_open = ends[line.writer, line.stream] == place
            if is_open and not has_ended and before.get(place) != line.text:
                waiting[place] = line.text
                continue
            given[place] = line.text
            yield line
        if has_ended:
            return
        present = {_place(line) for line in page.lines}
        given = {place: text for place, text in given.items() if place in present}
        time.sleep(POLL_SECS)


def _place(line: LogLine) -> _Place:
    return line.writer, line.stream, line.line
