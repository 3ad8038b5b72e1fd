"""One method per route of `docs/http-api.md`, with typed answers. Step 5 of a point's way.

Receives targets and bytes from `weft.sync.uploader`, and questions from `weft.Api`; hands them to
`transport`. Does I/O through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from weft.client.policy import Policy
from weft.client.transport import MSGPACK_MEDIA_TYPE, Transport
from weft.records.continuation import Continuation
from weft.records.value import with_ints

_API: Final = "/api/v1"
Json: TypeAlias = dict[str, Any]


class LogTarget(NamedTuple):
    """The server's name for one writer's log."""

    entity: str
    project: str
    run_id: str
    writer_id: str

    @property
    def path(self) -> str:
        return f"{_run_path(self.entity, self.project, self.run_id)}/log/{_quoted(self.writer_id)}"


class Ack(msgspec.Struct, frozen=True):
    """What a server says to an upload.

    Attributes:
        position: every byte of the log before it is durable at the server.
        pause_millis: wait at least this long before the next upload.
        stop: a person asked for the run's end.
    """

    position: int
    pause_millis: int = 0
    stop: bool = False


class ServerInfo(msgspec.Struct, frozen=True):
    """Who answers at an address."""

    version: str
    server: str
    mode: str = ""
    url: str = ""


class _RunPage(msgspec.Struct):
    runs: list[Json]
    cursor: str | None = None
    total: int | None = None


class _HistoryPage(msgspec.Struct):
    rows: list[Json]
    cursor: str | None = None


class Client:
    """The HTTP API as methods. One thread at a time.

    Args:
        base_url: such as `http://127.0.0.1:8080`.
        api_key: sent as a bearer token.
        policy: how the server is talked to; None = as `Policy()` says.

    Raises:
        ConfigError: `base_url` is no address.
    """

    def __init__(
        self, base_url: str, api_key: str | None = None, policy: Policy | None = None
    ) -> None:
        self._transport = Transport(base_url, api_key, policy)

    @property
    def url(self) -> str:
        return self._transport.url

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        """Break off what another thread is asking: its request fails soon."""
        self._transport.abort()

    def upload(
        self,
        target: LogTarget,
        position: int,
        body: bytes,
        *,
        time_micros: int,
        live: bool,
        n_damaged: int = 0,
        after: int | None = None,
        timeout_secs: float | None = None,
    ) -> Ack:
        """Send bytes of a log.

        Args:
            position: of the first byte in the log.
            body: zstd of whole frames; empty = a heart-beat.
            time_micros: the log's clock now, µs since 1970 UTC.
            live: whether the log's writer runs.
            n_damaged: bytes before `position` that hold no valid frame and were passed over.
            after: checksum of the frame that ends before those; None = it is not said.

        Raises:
            PositionConflict: the server's copy ends elsewhere.
            Diverged: it ends with another frame than `after`.
            NewerLog: the server is older than the log's format.
            Gone: the run was deleted.
            CorruptLog: the server can't read the bytes; it took none of them.
            LimitExceeded: too many bytes at once.
            Forbidden: the key is missing or wrong.
            Unavailable: no server, a wrong one, or one that can't answer now.
        """
        query = f"position={position}"
        if n_damaged:
            query += f"&damaged={n_damaged}"
        if after is not None:
            query += f"&after={after:08x}"
        reply = self._transport.request(
            "POST",
            f"{target.path}?{query}",
            body=body,
            headers={
                "Content-Type": "application/zstd",
                "X-Weft-Time": str(time_micros),
                "X-Weft-Live": "1" if live else "0",
            },
            timeout_secs=timeout_secs,
        )
        ack: Ack = self._transport.decode(reply, Ack)
        return ack

    def server(self) -> ServerInfo:
        """Ask who the server is."""
        info: ServerInfo = self._get(f"{_API}/server", ServerInfo)
        return info

    def run(self, entity: str, project: str, run_id: str) -> Json:
        """One run, with its config and summary.

        Raises:
            NotFound: there is none of that name.
        """
        run: Json = self._get(_run_path(entity, project, run_id), Json)
        return run

    def continuation(
        self,
        entity: str,
        project: str,
        run_id: str,
        step: int | float | None = None,
        *,
        joining: bool = False,
    ) -> Continuation:
        """What a script needs to go on with a run, as of a step.

        Args:
            step: rows beyond it do not count; None = the run as it is now.
            joining: to the last step add nothing of processes that began a moment ago and run.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
        """
        asked = {"step": step, "joining": "true" if joining else None}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        path = f"{_run_path(entity, project, run_id)}/continuation?{query}"
        found: Continuation = self._get(path, Continuation)
        return msgspec.structs.replace(
            found,
            config=with_ints(found.config),
            summary=with_ints(found.summary),
            summary_set=with_ints(found.summary_set),
        )

    def delete_run(self, entity: str, project: str, run_id: str) -> None:
        """Delete a run; a tombstone keeps late uploads from bringing it back."""
        self._transport.request("DELETE", _run_path(entity, project, run_id))

    def stop_run(self, entity: str, project: str, run_id: str) -> None:
        """Ask for a run's end: its script's next `log()` raises KeyboardInterrupt."""
        self._transport.request("POST", f"{_run_path(entity, project, run_id)}/stop")

    def runs(self, entity: str, project: str, **filters: str | int) -> Iterator[Json]:
        """All runs of a project, newest first, page by page.

        Args:
            filters: `search`, `regex`, `state`, `limit` (runs per page).
        """
        yield from self._pages(f"{_project_path(entity, project)}/runs", filters, _RunPage, "runs")

    def writers(self, entity: str, project: str, run_id: str) -> list[Json]:
        """Who wrote to a run, in the order in which they were first heard of."""
        path = f"{_run_path(entity, project, run_id)}/writers"
        writers: list[Json] = self._get(path, dict[str, list[Json]])["writers"]
        return writers

    def alerts(self, entity: str, project: str, run_id: str) -> list[Json]:
        """What a run's scripts wanted a person to see, oldest first."""
        path = f"{_run_path(entity, project, run_id)}/alerts"
        alerts: list[Json] = self._get(path, dict[str, list[Json]])["alerts"]
        return alerts

    def history(
        self,
        entity: str,
        project: str,
        run_id: str,
        keys: list[str] | None,
        page_rows: int,
        *,
        superseded: bool = False,
    ) -> Iterator[Json]:
        """All rows of a run, in order, page by page; nothing is sampled.

        Args:
            keys: only rows that have one of these, and only these columns; None = all.
            superseded: rows that a rewind no longer counts, too.
        """
        query: dict[str, Any] = {"limit": page_rows}
        if superseded:
            query["superseded"] = "true"
        if keys is not None:
            query["key"] = keys
        path = f"{_run_path(entity, project, run_id)}/history"
        yield from self._pages(path, query, _HistoryPage, "rows")

    def _get(self, path: str, shape: Any) -> Any:
        # A route that has no msgpack answers in JSON.
        headers = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}
        reply = self._transport.request("GET", path, headers=headers)
        return self._transport.decode(reply, shape)

    def _pages(self, path: str, query: dict[str, Any], shape: Any, field: str) -> Iterator[Json]:
        cursor: str | None = None
        while True:
            asked = {**query, "cursor": cursor} if cursor else query
            page = self._get(f"{path}?{urlencode(asked, doseq=True)}", shape)
            yield from getattr(page, field)
            cursor = page.cursor
            if cursor is None:
                return


def _quoted(segment: str) -> str:
    return quote(segment, safe="")


def _project_path(entity: str, project: str) -> str:
    return f"{_API}/projects/{_quoted(entity)}/{_quoted(project)}"


def _run_path(entity: str, project: str, run_id: str) -> str:
    return f"{_project_path(entity, project)}/runs/{_quoted(run_id)}"
