"""Sizes of projects, runs, artifacts and metrics on disk, largest first. Reads no blobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.stores.stores import Service
from weft.server.storage.contract import RunUsage, Usage
from weft.wire.projects.sizes import ArtifactSize, MetricSize, ProjectSizes, RunSize, RunSizes
from weft.wire.runs.runs import MAX_PAGE

T = TypeVar("T", bound=tuple[Any, ...])


class SizeService(Service):
    """Reports sizes on disk."""

    def project(
        self,
        actor: Actor,
        path: ProjectPath,
        *,
        limit: int = 100,
        cursor: str | None = None,
    ) -> ProjectSizes:
        """The sizes of a project, and of at most `limit` runs and `limit` artifacts of it."""
        require(actor, Action.READ, path)
        stores = self._stores
        project_id = stores.find_project(path)
        with stores.metadata.read() as tx:
            runs = stores.metadata.trash.names_of_rows(tx, project_id)
            files = stores.metadata.files.bytes_of_runs(tx, project_id)
            contents = stores.metadata.content_sizes.of_project(tx, project_id)
            artifacts = stores.metadata.content_sizes.of_artifacts(tx, project_id)
        with stores.metrics.use(project_id) as store:
            usage: Usage = store.usage()
        sizes: list[tuple[int, str, str, int, int]] = []
        trash_bytes = contents.of_trash
        for row_id, run, name, is_trashed in runs:
            metric_bytes = usage.by_run.get(run, 0)
            file_bytes = files.get(row_id, 0)
            if is_trashed:
                trash_bytes += metric_bytes
            else:
                sizes.append((-metric_bytes - file_bytes, run, name, metric_bytes, file_bytes))
        sizes.sort()
        page, following = _page(sizes, limit, cursor)
        return ProjectSizes(
            n_bytes=usage.file_bytes + sum(contents),
            metric_file_bytes=usage.file_bytes,
            free_bytes=usage.free_bytes,
            file_bytes=contents.of_runs + contents.of_trash,
            artifact_bytes=contents.of_artifacts,
            trash_bytes=trash_bytes,
            runs=[
                RunSize(id=run, name=name, n_bytes=-size, metric_bytes=metrics, file_bytes=others)
                for size, run, name, metrics, others in page
            ],
            artifacts=[
                ArtifactSize(name=name, n_versions=n_versions, n_bytes=n_bytes)
                for name, n_versions, n_bytes in artifacts[:limit]
            ],
            cursor=following,
            total=len(sizes),
        )

    def run(
        self,
        actor: Actor,
        path: RunPath,
        *,
        search: str = "",
        limit: int = 100,
        cursor: str | None = None,
    ) -> RunSizes:
        """The sizes of a run and its metrics, of those whose name contains `search`,
        case-insensitive.
        """
        require(actor, Action.READ, path)
        stores = self._stores
        entry = stores.find_run(path)
        with stores.metadata.read() as tx:
            file_bytes = stores.metadata.files.bytes_of_run(tx, entry.row_id)
        with stores.metrics.use(entry.project_id) as store:
            usage = store.run_usage(path.run) or RunUsage(0, 0, 0)
        folded = search.casefold()
        sizes = sorted(
            (-n_bytes, key) for key, n_bytes in usage.by_key.items() if folded in key.casefold()
        )
        page, following = _page(sizes, limit, cursor)
        parts = usage.fresh_bytes + usage.console_bytes + sum(usage.by_key.values())
        return RunSizes(
            n_bytes=usage.n_bytes + file_bytes,
            fresh_bytes=usage.fresh_bytes,
            console_bytes=usage.console_bytes,
            shared_bytes=usage.n_bytes - parts,
            file_bytes=file_bytes,
            metrics=[MetricSize(key=key, n_bytes=-size) for size, key in page],
            cursor=following,
            total=len(sizes),
        )


def _page(sizes: Sequence[T], limit: int, cursor: str | None) -> tuple[Sequence[T], str | None]:
    """The page after a cursor, of items sorted by their first two members, and the next cursor."""
    check_limit(limit, MAX_PAGE)
    start = 0
    if cursor is not None:
        last = decode_cursor(cursor, tuple[int, str])
        start = sum(size[:2] <= last for size in sizes)
    page = sizes[start : start + limit]
    more = start + limit < len(sizes)
    return page, encode_cursor(page[-1][:2]) if more else None
