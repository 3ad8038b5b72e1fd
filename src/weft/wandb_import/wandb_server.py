"""Reads runs from a W&B server by its public API: GraphQL and downloads. Does I/O.

Only fields that W&B's own client asks for are used, so any version of the server answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import urljoin

from weft.errors import Forbidden, NoServer, NotFound, Unavailable
from weft.libraries.optional import needed
from weft.records.lenient_json import parse_json
from weft.wandb_import.json_fields import as_object

if TYPE_CHECKING:
    import httpx
else:
    httpx = needed("httpx", "weft import wandb-server")

_TIMEOUT_SECS: Final = 60.0
_TRIES: Final = 4
_AGAIN_SECS: Final = 1.0

_RUNS_PER_PAGE: Final = 50
_FILES_PER_PAGE: Final = 200
_ARTIFACTS_PER_PAGE: Final = 50
_LINES_PER_PAGE: Final = 10_000
_STEPS_AT_FIRST: Final = 1_000
_MOST_ROWS: Final = 10_000
_SAMPLES: Final = 10_000

_RUN_FIELDS: Final = (
    "name displayName state config summaryMetrics tags notes group jobType sweepName createdAt "
    "historyKeys"
)
_OF_RUN: Final = "($entity: String!, $project: String!, $run: String!%s)"
_IN_RUN: Final = "{ project(name: $project, entityName: $entity) { run(name: $run) { %s } } }"

_RUN: Final = f"query Run{_OF_RUN % ''} {_IN_RUN % _RUN_FIELDS}"
_RUNS: Final = (
    "query Runs($entity: String!, $project: String!, $cursor: String, $perPage: Int = 50) "
    "{ project(name: $project, entityName: $entity) "
    '{ runs(after: $cursor, first: $perPage, order: "+created_at") '
    f"{{ edges {{ node {{ {_RUN_FIELDS} }} cursor }} pageInfo {{ endCursor hasNextPage }} }} }} }}"
)
_HISTORY: Final = (
    f"query HistoryPage{_OF_RUN % ', $minStep: Int64!, $maxStep: Int64!, $pageSize: Int!'} "
    f"{_IN_RUN % 'history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize)'}"
)
_EVENTS: Final = (
    f"query RunFullHistory{_OF_RUN % ', $samples: Int'} {_IN_RUN % 'events(samples: $samples)'}"
)
_LINES: Final = (
    f"query RunConsoleLogPage{_OF_RUN % ', $first: Int, $after: String'} "
    + _IN_RUN
    % "logLines(first: $first, after: $after, useImprovedPagination: true) "
    "{ edges { node { number timestamp level line } } pageInfo { endCursor hasNextPage } }"
)
_FILES: Final = (
    f"query RunFiles{_OF_RUN % ', $first: Int, $after: String'} "
    + _IN_RUN
    % "files(first: $first, after: $after) "
    "{ edges { node { name directUrl sizeBytes } cursor } pageInfo { endCursor hasNextPage } }"
)
_ARTIFACT_FIELDS: Final = (
    "id versionIndex state createdAt description metadata "
    "artifactSequence { name } artifactType { name } "
    "aliases { alias artifactCollection { name } } tags { name } "
    "currentManifest { file { directUrl } }"
)
_ARTIFACTS: Final = {
    name: f"query RunArtifacts{_OF_RUN % ', $first: Int, $after: String'} "
    + _IN_RUN
    % f"{name}(first: $first, after: $after) "
    f"{{ edges {{ node {{ {_ARTIFACT_FIELDS} }} cursor }} pageInfo {{ endCursor hasNextPage }} }}"
    for name in ("outputArtifacts", "inputArtifacts")
}
_ARTIFACT_FILES: Final = (
    "query ArtifactFiles($id: ID!, $first: Int, $after: String) { artifact(id: $id) "
    "{ files(first: $first, after: $after) "
    "{ edges { node { name: displayName directUrl sizeBytes } cursor } "
    "pageInfo { endCursor hasNextPage } } } }"
)


class RemoteFile(NamedTuple):
    """A file that can be downloaded."""

    name: str
    url: str
    n_bytes: int


class WandbServer:
    """A project on a W&B server."""

    def __init__(self, url: str, entity: str, project: str, api_key: str | None) -> None:
        self.url = url.rstrip("/")
        self.entity = entity
        self.project = project
        self._client = httpx.Client(
            auth=("api", api_key) if api_key else None,
            timeout=_TIMEOUT_SECS,
            follow_redirects=True,
        )
        # Links of files have their own signature; a bucket refuses any other credentials.
        self._bare_client = httpx.Client(timeout=_TIMEOUT_SECS, follow_redirects=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._bare_client.close()

    def runs(self) -> Iterator[dict[str, Any]]:
        """All runs of the project, oldest first."""
        cursor: str | None = None
        while True:
            answer = self._ask(_RUNS, cursor=cursor, perPage=_RUNS_PER_PAGE)
            edges = _edges(answer.get("runs"))
            for edge in edges:
                yield edge["node"]
            page = as_object(as_object(answer.get("runs")).get("pageInfo"))
            before = cursor
            cursor = page.get("endCursor") or (edges[-1].get("cursor") if edges else None)
            if not page.get("hasNextPage") or cursor is None or cursor == before:
                return

    def run(self, run_id: str) -> dict[str, Any]:
        return self._ask_run(_RUN, run_id)

    def history(self, run_id: str, last_step: int) -> Iterator[dict[str, Any]]:
        """All rows up to a step, in the order of their steps.

        A server may answer with a sample of a range's rows. As many as were asked for may be one,
        so the range is then made shorter.
        """
        start, n_steps = 0, _STEPS_AT_FIRST
        while start <= last_step:
            stop = start + n_steps
            run = self._ask_run(_HISTORY, run_id, minStep=start, maxStep=stop, pageSize=_MOST_ROWS)
            lines: list[Any] = run.get("history") or []
            if len(lines) >= _MOST_ROWS and n_steps > 1:
                n_steps = max(1, n_steps // 4)
                continue
            yield from (row for row in map(_object, lines) if row is not None)
            start = stop
            if len(lines) < _MOST_ROWS // 20:
                n_steps *= 2

    def samples(self, run_id: str) -> list[dict[str, Any]]:
        """Samples of the machine, at most 10,000, oldest first."""
        run = self._ask_run(_EVENTS, run_id, samples=_SAMPLES)
        return [row for row in map(_object, run.get("events") or []) if row is not None]

    def lines(self, run_id: str) -> Iterator[dict[str, Any]]:
        """The lines of console output: number, timestamp, level, line."""
        for edge in self._pages(_LINES, run_id, "logLines", _LINES_PER_PAGE):
            yield edge["node"]

    def files(self, run_id: str) -> Iterator[RemoteFile]:
        for edge in self._pages(_FILES, run_id, "files", _FILES_PER_PAGE):
            yield self._file(edge["node"])

    def artifacts(self, run_id: str, *, used: bool = False) -> Iterator[dict[str, Any]]:
        """The artifact versions that a run logged, or those that it used."""
        name = "inputArtifacts" if used else "outputArtifacts"
        for edge in self._pages(_ARTIFACTS[name], run_id, name, _ARTIFACTS_PER_PAGE):
            yield edge["node"]

    def artifact_files(self, artifact_id: str) -> Iterator[RemoteFile]:
        """The files of an artifact version that the server has."""

        def ask(first: int, after: str | None) -> dict[str, Any]:
            variables = {"id": artifact_id, "first": first, "after": after}
            answer = self._post({"query": _ARTIFACT_FILES, "variables": variables})
            self._check(answer)
            return as_object(as_object(answer.get("data")).get("artifact"))

        for edge in _pages(ask, "files", _FILES_PER_PAGE):
            yield self._file(edge["node"])

    def manifest(self, artifact: dict[str, Any]) -> dict[str, Any]:
        """The manifest of an artifact version: an entry for each path."""
        file = as_object(as_object(artifact.get("currentManifest")).get("file"))
        url = urljoin(f"{self.url}/", str(file.get("directUrl") or ""))
        try:
            answer = self._downloader(url).get(url).raise_for_status()
            tree: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"the manifest can't be read: {error}") from error
        return as_object(as_object(tree).get("contents"))

    def _file(self, node: dict[str, Any]) -> RemoteFile:
        url = str(node.get("directUrl") or "")
        return RemoteFile(str(node["name"]), urljoin(f"{self.url}/", url), node["sizeBytes"])

    def _downloader(self, url: str) -> httpx.Client:
        return self._client if url.startswith(f"{self.url}/") else self._bare_client

    def download(self, file: RemoteFile, target: Path) -> None:
        client = self._downloader(file.url)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with client.stream("GET", file.url) as answer, target.open("wb") as out:
                answer.raise_for_status()
                for piece in answer.iter_bytes():
                    out.write(piece)
        except httpx.HTTPError as error:
            raise Unavailable(f"{file.name} can't be downloaded: {error}") from error

    def _pages(
        self, document: str, run_id: str, name: str, first: int
    ) -> Iterator[dict[str, Any]]:
        def ask(first: int, after: str | None) -> dict[str, Any]:
            return self._ask_run(document, run_id, first=first, after=after)

        return _pages(ask, name, first)

    def _ask_run(self, document: str, run_id: str, **variables: Any) -> dict[str, Any]:
        run = self._ask(document, run=run_id, **variables).get("run")
        if run is None:
            raise NotFound(f"no run {self.entity}/{self.project}/{run_id} on {self.url}")
        return cast("dict[str, Any]", run)

    def _ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The answer about the project."""
        named = {"entity": self.entity, "project": self.project, **variables}
        answer = self._post({"query": document, "variables": named})
        project = as_object(answer.get("data")).get("project")
        self._check(answer)
        if project is None:
            raise NotFound(
                f"no project {self.entity}/{self.project} on {self.url}, or the key has no access"
            )
        return cast("dict[str, Any]", project)

    def _check(self, answer: dict[str, Any]) -> None:
        errors = answer.get("errors")
        if errors:
            text = "; ".join(str(as_object(error).get("message", error)) for error in errors)
            raise Unavailable(f"{self.url} refuses the request: {text[:500]}")

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        reason = ""
        for nth in range(_TRIES):
            if nth:
                time.sleep(_AGAIN_SECS * 2**nth)
            try:
                answer = self._client.post(f"{self.url}/graphql", json=body)
            except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
                raise NoServer(f"no server at {self.url}: {error}") from error
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
                continue
            if answer.status_code in {401, 403}:
                raise Forbidden(f"{self.url} refuses the key; give one with --api-key")
            if answer.status_code == 429 or answer.status_code >= 500:
                reason = f"status {answer.status_code}"
                continue
            try:
                body_: Any = answer.json()
            except ValueError:
                body_ = None
            if not isinstance(body_, dict):
                raise Unavailable(f"{self.url} is not a W&B server: it does not answer in JSON")
            return cast("dict[str, Any]", body_)
        raise Unavailable(f"{self.url} does not answer: {reason}")


def _pages(
    ask: Callable[[int, str | None], dict[str, Any]], name: str, first: int
) -> Iterator[dict[str, Any]]:
    """The edges of all pages of a connection."""
    after: str | None = None
    while True:
        connection = as_object(ask(first, after).get(name))
        yield from _edges(connection)
        page = as_object(connection.get("pageInfo"))
        before, after = after, page.get("endCursor")
        if not page.get("hasNextPage") or after is None or after == before:
            return


def _object(line: Any) -> dict[str, Any] | None:
    try:
        row = parse_json(line) if isinstance(line, str) else line
    except ValueError:
        return None
    return cast("dict[str, Any]", row) if isinstance(row, dict) else None


def _edges(connection: Any) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", as_object(connection).get("edges") or [])
