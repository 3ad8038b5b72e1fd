"""The client of `weft.Api` and of commands, for any number of threads.

`Caller.call` sends any endpoint; here are the requests that take more than that.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from io import BufferedReader
from typing import Any, Generic, TypeVar

import msgspec

from weft.client.artifact_client import ArtifactClient
from weft.client.calls import Caller, Json
from weft.client.file_part import FilePart
from weft.client.script_client import LogTarget
from weft.client.shared import SharedTransport
from weft.errors import LimitExceeded
from weft.records.value import with_ints
from weft.wire.files.files import File, list_files, upload_file
from weft.wire.ingest.uploads import Ack, upload_log
from weft.wire.metrics.exports import SqlQuery, query_sql
from weft.wire.metrics.metrics import get_history
from weft.wire.runs.runs import get_run
from weft.wire.runs.selecting import RunQuery, Table, query_runs

_Item = TypeVar("_Item")


class Page(msgspec.Struct, Generic[_Item], frozen=True):
    """A part of a list.

    `cursor` requests the next, None after the last. `total` counts the items of all parts, if the
    server tells.
    """

    items: list[_Item]
    cursor: str | None = None
    total: int | None = None


class ApiClient(Caller[SharedTransport]):
    """Sends requests to one server."""

    @property
    def api_key(self) -> str | None:
        return self._transport.server.api_key

    @property
    def artifacts(self) -> ArtifactClient:
        return ArtifactClient(self._transport)

    def run(self, entity: str, project: str, run_id: str) -> Json:
        """Return one run with its full config and summary: fields of `weft.wire.runs.runs.Run`."""
        return self.call_json(get_run, entity, project, run_id)

    def runs(
        self,
        entity: str,
        project: str,
        query: Mapping[str, Any],
        *,
        limit: int,
        cursor: str | None = None,
    ) -> Page[Json]:
        """Return a page of runs, each in the form that `run` returns.

        `query` has members of `RunQuery`.
        """
        body = RunQuery(**query, limit=limit, cursor=cursor)
        page = self.call_json(query_runs, entity, project, body)
        return Page(page["runs"], page.get("cursor"), page.get("total"))

    def run_rows(
        self,
        entity: str,
        project: str,
        query: Mapping[str, Any],
        columns: Sequence[str],
        *,
        limit: int,
        cursor: str | None = None,
    ) -> Table:
        """Return a page of runs as table rows of some columns.

        `query` has members of `RunQuery`. Ints beyond 64 bits are still `big_int` objects.
        """
        body = RunQuery(**query, columns=list(columns), limit=limit, cursor=cursor)
        reply = self._ask(query_runs, query_runs.call(entity, project, body))
        return self._transport.decode(reply, Table)

    def begin_run(self, target: LogTarget, body: bytes, *, live: bool) -> Ack:
        """Send the whole log of a new writer."""
        headers = {"Content-Type": "application/zstd", "X-Weft-Live": "1" if live else "0"}
        return self.send(upload_log, upload_log.call(*target, position=0), body, headers)

    def history(
        self,
        entity: str,
        project: str,
        run_id: str,
        *,
        keys: Sequence[str] | None,
        limit: int = 1000,
        cursor: str | None = None,
        step_lo: float | None = None,
        step_hi: float | None = None,
        superseded: bool = False,
        apart: bool = False,
        system: bool = False,
        samples: int | None = None,
    ) -> Page[Json]:
        """Return a page of rows in order, or a sample of all rows; see `get_history`.

        Only rows that have one of `keys`, and only these columns. `apart` marks writers and
        returns one after the other.
        """
        page = self.call(
            get_history,
            entity,
            project,
            run_id,
            key=None if keys is None else list(keys),
            limit=limit,
            cursor=cursor,
            step_lo=step_lo,
            step_hi=step_hi,
            superseded=superseded,
            writers="apart" if apart else "merged",
            system=system,
            samples=samples,
        )
        return Page([with_ints(row) for row in page.rows], page.cursor)

    def sql(self, entity: str, project: str, query: str) -> bytes:
        """Return the answer to an SQL query, as an Arrow stream.

        LimitExceeded if it has more rows than a server returns; a partial answer is discarded.
        """
        body = SqlQuery(query=query, format="arrow")
        reply = self._ask(query_sql, query_sql.call(entity, project, body))
        if reply.headers.get("weft-truncated") == "true":
            raise LimitExceeded(
                "the query returns more rows than the server sends: ask for fewer, or read "
                "whole histories with Api.history and Api.export"
            )
        return reply.body

    def files(
        self,
        entity: str,
        project: str,
        run_id: str,
        *,
        prefix: str = "",
        limit: int,
        cursor: str | None = None,
    ) -> Page[File]:
        """Return a page of a run's files, sorted by path."""
        page = self.call(
            list_files, entity, project, run_id, prefix=prefix, limit=limit, cursor=cursor
        )
        return Page(page.files, page.cursor, page.total)

    def upload(
        self, entity: str, project: str, run_id: str, path: str, content: BufferedReader
    ) -> None:
        """Upload a file to a run; it replaces a file with the same path."""
        headers = {"Content-Type": mimetypes.guess_type(path)[0] or "application/octet-stream"}
        call = upload_file.call(entity, project, run_id, path)
        self.send(upload_file, call, FilePart.whole(content), headers)
