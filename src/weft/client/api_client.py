"""The requests of `weft.Api` to a server, one method per route, with typed answers.

Receives names and values from `weft.sdk.reading` and sends them through `transport`, which does
the I/O. Lists are fetched a page at a time: `Page.cursor` requests the next page.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from weft.client.artifact_client import ArtifactClient
from weft.client.endpoints import API_PATH, LogTarget, file_path, project_path, run_path
from weft.client.file_part import FilePart
from weft.client.registry_client import RegistryClient
from weft.client.shared import SharedTransport
from weft.client.sweep_client import SweepClient
from weft.client.transport import MSGPACK_MEDIA_TYPE
from weft.errors import LimitExceeded
from weft.records.value import json_safe, tagged_floats, with_ints
from weft.wire.files.files import File, FileList
from weft.wire.ingest.uploads import Ack
from weft.wire.metrics.metrics import DeletedMetrics, History, Metric, MetricList
from weft.wire.projects.projects import Project, ProjectList
from weft.wire.projects.sizes import ProjectSizes
from weft.wire.projects.trash import Trash, TrashedRun
from weft.wire.runs.bulk import BulkAnswer
from weft.wire.runs.continuation import Continuation
from weft.wire.runs.logs import LogPage, LogStream, LogStreams
from weft.wire.runs.runs import Alert, AlertList, Writer, WriterList
from weft.wire.runs.selecting import ColumnList
from weft.wire.server.server import ServerInfo

Json = dict[str, Any]

_TYPED: Final = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}
"""Routes without msgpack answer in JSON."""

_LONG_SECS: Final = 600.0
"""Longer than a server's limit for an SQL query, or than it needs to change 100,000 runs."""

_Item = TypeVar("_Item")
_T = TypeVar("_T")

_ARROW: Final = "application/vnd.apache.arrow.stream"


class Page(msgspec.Struct, Generic[_Item], frozen=True):
    """A part of a list.

    Attributes:
        cursor: requests the next part. None if this is the last.
        total: the number of items in all parts. None if not given.
    """

    items: list[_Item]
    cursor: str | None = None
    total: int | None = None


class ApiClient:
    """The HTTP API as methods, for any number of threads."""

    def __init__(self, transport: SharedTransport) -> None:
        self._transport = transport

    @property
    def url(self) -> str:
        return self._transport.url

    @property
    def api_key(self) -> str | None:
        return self._transport.server.api_key

    @property
    def artifacts(self) -> ArtifactClient:
        """The requests about artifacts."""
        return ArtifactClient(self._transport)

    @property
    def registries(self) -> RegistryClient:
        """The requests about registries."""
        return RegistryClient(self._transport)

    @property
    def sweeps(self) -> SweepClient:
        """The requests about sweeps."""
        return SweepClient(self._transport)

    def close(self) -> None:
        self._transport.close()

    def server(self) -> ServerInfo:
        """Return the server's version and other facts about it."""
        return self._get(f"{API_PATH}/server", ServerInfo)

    def catch_up(self) -> None:
        """Make filters, orders and SQL use the summaries of everything logged before this call.

        Otherwise these summaries lag by about a second, or more if a thousand runs log at once.
        """
        self._tell("POST", f"{API_PATH}/server/catch-up", {})

    # -- projects ---

    def projects(self) -> list[Project]:
        """Return all projects, most recently active first."""
        return self._get(f"{API_PATH}/projects", ProjectList).projects

    def project(self, entity: str, project: str) -> Project:
        """Return one project.

        Raises:
            NotFound: no such project.
        """
        return self._get(project_path(entity, project), Project)

    def project_sizes(self, entity: str, project: str, *, limit: int = 100) -> ProjectSizes:
        """Return the disk space of a project, its runs and its artifacts.

        Args:
            limit: the number of runs, and of artifacts; the largest come first.

        Raises:
            NotFound: no such project.
        """
        path = f"{project_path(entity, project)}/sizes?limit={limit}"
        return self._get(path, ProjectSizes)

    def create_project(self, entity: str, project: str) -> Project:
        """Create a project, unless it exists already, and return it."""
        headers = {**_TYPED, "Content-Type": "application/json"}
        reply = self._transport.request(
            "PUT", project_path(entity, project), body=b"{}", headers=headers
        )
        return self._transport.decode(reply, Project)

    def delete_project(self, entity: str, project: str, *, permanently: bool) -> None:
        """Move a project and its runs to the trash, or delete them permanently."""
        self._transport.request("DELETE", project_path(entity, project) + _finality(permanently))

    def undelete_project(self, entity: str, project: str) -> None:
        """Restore a project from the trash."""
        self._tell("POST", f"{project_path(entity, project)}/undelete", {})

    def trash(self, entity: str, project: str) -> Iterator[TrashedRun]:
        """Yield a project's runs in the trash, last deleted first."""
        cursor: str | None = ""
        while cursor is not None:
            behind = f"?cursor={quote(cursor, safe='')}" if cursor else ""
            page = self._get(f"{project_path(entity, project)}/trash{behind}", Trash)
            yield from page.runs
            cursor = page.cursor

    # -- runs ---

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

        Args:
            query: `filter`, `order`, `search`, … of the route `runs/query`.
        """
        body = {**query, "limit": limit, "cursor": cursor}
        page = self._ask(f"{project_path(entity, project)}/runs/query", body)
        return Page(page["runs"], page.get("cursor"), page.get("total"))

    def run(self, entity: str, project: str, run_id: str) -> Json:
        """Return one run with its full config and summary: fields of `weft.wire.runs.runs.Run`."""
        return with_ints(self._get(run_path(entity, project, run_id), Json))

    def edit_run(self, entity: str, project: str, run_id: str, edit: Mapping[str, Any]) -> Json:
        """Change the fields that `edit` names; return the changed run."""
        path = run_path(entity, project, run_id)
        reply = self._transport.request(
            "PATCH",
            path,
            body=msgspec.json.encode(tagged_floats(edit)),
            headers={**_TYPED, "Content-Type": "application/json"},
        )
        return with_ints(self._transport.decode(reply, Json))

    def delete_run(self, entity: str, project: str, run_id: str, *, permanently: bool) -> None:
        """Move a run to the trash, or delete it permanently."""
        path = run_path(entity, project, run_id)
        self._transport.request("DELETE", path + _finality(permanently))

    def undelete_run(self, entity: str, project: str, run_id: str) -> None:
        """Restore a run from the trash."""
        self._tell("POST", f"{run_path(entity, project, run_id)}/undelete", {})

    def stop_run(self, entity: str, project: str, run_id: str) -> None:
        """Ask a run's script to end: its next `log()` raises KeyboardInterrupt."""
        self._transport.request("POST", f"{run_path(entity, project, run_id)}/stop")

    def change_runs(
        self, entity: str, project: str, runs: Mapping[str, Any], action: Mapping[str, Any]
    ) -> BulkAnswer:
        """Apply one action to many runs.

        Args:
            runs: `runs` or `filter`.
            action: `kind` and the fields of that kind.
        """
        reply = self._transport.request(
            "POST",
            f"{project_path(entity, project)}/runs/bulk",
            body=msgspec.json.encode(tagged_floats({**runs, "action": action})),
            headers={"Content-Type": "application/json"},
            timeout_secs=_LONG_SECS,
        )
        return self._transport.decode(reply, BulkAnswer)

    def writers(self, entity: str, project: str, run_id: str) -> list[Writer]:
        """Return a run's writers, in the order in which the server first saw them."""
        return self._get(f"{run_path(entity, project, run_id)}/writers", WriterList).writers

    def alerts(self, entity: str, project: str, run_id: str) -> list[Alert]:
        """Return the alerts that a run's scripts sent, oldest first."""
        return self._get(f"{run_path(entity, project, run_id)}/alerts", AlertList).alerts

    def continuation(self, entity: str, project: str, run_id: str) -> Continuation:
        """Return what a script needs to continue the run; callers here use only its last step."""
        return self._get(f"{run_path(entity, project, run_id)}/continuation", Continuation)

    def begin_run(self, target: LogTarget, body: bytes, *, live: bool) -> Ack:
        """Send the whole log of a new writer."""
        reply = self._transport.request(
            "POST",
            f"{target.path}?position=0",
            body=body,
            headers={
                "Content-Type": "application/zstd",
                "X-Weft-Live": "1" if live else "0",
            },
        )
        return self._transport.decode(reply, Ack)

    # -- metrics and history ---

    def delete_metrics(
        self, entity: str, project: str, runs: Mapping[str, Any], keys: Sequence[str]
    ) -> DeletedMetrics:
        """Delete metrics of runs permanently.

        Args:
            runs: `runs` or `filter`.
        """
        reply = self._transport.request(
            "POST",
            f"{project_path(entity, project)}/metrics/delete",
            body=msgspec.json.encode({**runs, "keys": list(keys)}),
            headers={"Content-Type": "application/json"},
            timeout_secs=_LONG_SECS,
        )
        return self._transport.decode(reply, DeletedMetrics)

    def metrics(
        self, entity: str, project: str, run_id: str, *, search: str = ""
    ) -> Iterator[Metric]:
        """Yield the metrics that a run's scripts logged, sorted by key.

        Args:
            search: only metrics with this text in their name.
        """
        query: Json = {"runs": run_id, "system": "false"} | ({"search": search} if search else {})
        path = f"{project_path(entity, project)}/metrics"
        while True:
            page = self._get(f"{path}?{urlencode(query)}", MetricList)
            yield from page.metrics
            query["cursor"] = page.cursor
            if page.cursor is None:
                return

    def metric_names(
        self, entity: str, project: str, run_id: str | None, *, search: str = ""
    ) -> MetricList:
        """Return the first page of metrics, sorted by key.

        Args:
            run_id: the run. If None, all runs of the project.
            search: only metrics with this text in their name.
        """
        query = {"search": search} | ({} if run_id is None else {"runs": run_id})
        path = f"{project_path(entity, project)}/metrics?{urlencode(query)}"
        return self._get(path, MetricList)

    def columns(self, entity: str, project: str, *, scope: str, search: str = "") -> ColumnList:
        """Return the first page of the columns that runs have, sorted by name.

        Args:
            scope: `run`, `config`, `summary` or `writer`.
            search: only columns with this text in their name.
        """
        query = {"scope": scope, "search": search}
        path = f"{project_path(entity, project)}/columns?{urlencode(query)}"
        return self._get(path, ColumnList)

    def history(
        self,
        entity: str,
        project: str,
        run_id: str,
        *,
        keys: Sequence[str] | None,
        limit: int,
        cursor: str | None = None,
        step_lo: float | None = None,
        step_hi: float | None = None,
        superseded: bool = False,
        apart: bool = False,
        system: bool = False,
    ) -> Page[Json]:
        """Return a page of rows in order, without sampling.

        Args:
            keys: only rows that have one of these, and only these columns. None for all.
            step_lo, step_hi: only rows with `step_lo <= step < step_hi`.
            superseded: include rows that a rewind has discarded, and mark them.
            apart: return one writer's rows after the other, marked, instead of sorting by step.
            system: return system metrics instead of logged rows.
        """
        query: Json = {"limit": limit, "key": keys, "cursor": cursor}
        query |= {"step_lo": step_lo, "step_hi": step_hi}
        if superseded:
            query["superseded"] = "true"
        if apart:
            query["writers"] = "apart"
        if system:
            query["system"] = "true"
        parameters = {name: value for name, value in query.items() if value is not None}
        path = f"{run_path(entity, project, run_id)}/history?{urlencode(parameters, doseq=True)}"
        page = self._get(path, History)
        return Page([with_ints(row) for row in page.rows], page.cursor)

    def thinned_history(
        self,
        entity: str,
        project: str,
        run_id: str,
        samples: int,
        *,
        keys: Sequence[str] | None,
        system: bool = False,
    ) -> list[Json]:
        """Return at most `samples` rows that include every extreme."""
        query: Json = {"samples": samples, "key": keys, "system": "true" if system else None}
        parameters = {name: value for name, value in query.items() if value is not None}
        path = f"{run_path(entity, project, run_id)}/history?{urlencode(parameters, doseq=True)}"
        return [with_ints(row) for row in self._get(path, History).rows]

    def export(self, entity: str, project: str, query: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield a table of many runs' rows or points, as a file in pieces.

        Args:
            query: `runs` or `filter`, `keys`, `format`, … of the route `export`.
        """
        return self._stream(f"{project_path(entity, project)}/export", query)

    def sql(self, entity: str, project: str, query: str) -> bytes:
        """Return the answer to an SQL query, as an Arrow stream.

        Raises:
            LimitExceeded: it has more rows than a server returns; a partial answer is discarded.
        """
        reply = self._transport.request(
            "POST",
            f"{project_path(entity, project)}/sql",
            body=msgspec.json.encode({"query": query, "format": "arrow"}),
            headers={"Content-Type": "application/json", "Accept": _ARROW},
            timeout_secs=_LONG_SECS,
        )
        if reply.headers.get("weft-truncated") == "true":
            raise LimitExceeded(
                "the query returns more rows than the server sends: ask for fewer, or read "
                "whole histories with Api.history and Api.export"
            )
        return reply.body

    # -- console output ---

    def log_streams(self, entity: str, project: str, run_id: str) -> list[LogStream]:
        """Return a run's streams that have console lines."""
        return self._get(f"{run_path(entity, project, run_id)}/logs/streams", LogStreams).streams

    def log_lines(
        self,
        entity: str,
        project: str,
        run_id: str,
        *,
        writers: Sequence[str] | None = None,
        stream: str | None = None,
        start: int = 0,
        limit: int = 1000,
        tail: bool = False,
        search: str = "",
        regex: bool = False,
    ) -> LogPage:
        """Return console lines of a run from a position on, or its last ones.

        Args:
            writers, stream: only lines of these. None for all.
            tail: return the last `limit` lines; `start` must be 0 then.
            search: only lines with this text.
            regex: `search` is an RE2 pattern.
        """
        query: Json = {"writer": writers, "stream": stream, "start": start, "limit": limit}
        query |= {"tail": "true" if tail else None, "search": search or None}
        query |= {"regex": "true" if regex else None}
        parameters = {name: value for name, value in query.items() if value is not None}
        path = f"{run_path(entity, project, run_id)}/logs?{urlencode(parameters, doseq=True)}"
        return self._get(path, LogPage)

    # -- files ---

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
        query: Json = {"prefix": prefix, "limit": limit, "cursor": cursor}
        parameters = {name: value for name, value in query.items() if value not in {None, ""}}
        page = self._get(
            f"{run_path(entity, project, run_id)}/files?{urlencode(parameters)}", FileList
        )
        return Page(page.files, page.cursor, page.total)

    def download(self, entity: str, project: str, run_id: str, path: str) -> Iterator[bytes]:
        """Yield a file's content in pieces."""
        where = file_path(entity, project, run_id, path)
        return self._transport.stream("GET", where, headers={"Accept": "*/*"})

    def upload(
        self, entity: str, project: str, run_id: str, path: str, content: BufferedReader
    ) -> None:
        """Upload a file to a run; it replaces a file with the same path."""
        where = file_path(entity, project, run_id, path)
        media_type = mimetypes.guess_type(path)[0]
        headers = {"Content-Type": media_type or "application/octet-stream"}
        self._transport.request("PUT", where, body=FilePart.whole(content), headers=headers)

    def delete_file(self, entity: str, project: str, run_id: str, path: str) -> None:
        """Delete a file of a run."""
        where = file_path(entity, project, run_id, path)
        self._transport.request("DELETE", where)

    # -- sending ---

    def _get(self, path: str, shape: type[_T]) -> _T:
        reply = self._transport.request("GET", path, headers=_TYPED)
        return self._transport.decode(reply, shape)

    def _ask(self, path: str, body: Mapping[str, Any]) -> Json:
        reply = self._transport.request(
            "POST",
            path,
            body=msgspec.json.encode(json_safe(body)),
            headers={**_TYPED, "Content-Type": "application/json"},
        )
        answer: Json = self._transport.decode(reply, Json)
        return answer

    def _tell(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        self._transport.request(method, path, body=msgspec.json.encode(body), headers=headers)

    def _stream(self, path: str, body: Mapping[str, Any]) -> Iterator[bytes]:
        return self._transport.stream(
            "POST",
            path,
            body=msgspec.json.encode(json_safe(body)),
            headers={"Content-Type": "application/json", "Accept": f"{_ARROW}, */*"},
        )


def _finality(permanently: bool) -> str:
    return "?permanently=true" if permanently else ""
