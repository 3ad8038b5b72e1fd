"""The trash: lists deleted runs, views, reports and projects, empties it, and expires them.

`services.runs` and `services.projects` put them here. The background job `expire` permanently
deletes those that have been here for longer than `Stores.trash_micros`.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Final

from weft.errors import NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, may, require
from weft.server.services.removal.deleting import delete_trashed
from weft.server.services.removal.purging import purge_project
from weft.server.services.stores.originals import TrashedOriginal
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import (
    PERMANENT,
    ReportRow,
    TrashedProjectRow,
    TrashedRunRow,
    ViewRow,
)
from weft.wire.projects.trash import (
    Trash,
    TrashedProject,
    TrashedReport,
    TrashedRun,
    TrashedView,
)
from weft.wire.runs.runs import MAX_PAGE

_RUNS_AT_ONCE: Final = 1000
_EXPIRED_AT_ONCE: Final = 200
"""Runs that one call of the background job deletes; other jobs wait about half a second."""


class TrashService(Service):
    """Lists and empties the trash."""

    def list(
        self,
        actor: Actor,
        path: ProjectPath,
        *,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> Trash:
        """List the runs, views and reports of a project that are in the trash, last deleted first.

        Reports are for those who may edit them.
        """
        require(actor, Action.READ, path)
        check_limit(limit, MAX_PAGE)
        before = None if cursor is None else decode_cursor(cursor, tuple[int, int])
        stores = self._stores
        others = _only_files(stores, path)
        project_id = stores.registry.find_project(path)
        if project_id is None:
            if not others:
                raise NotFound(f"no project {path}")
            return _page_of_files(others)
        trash = stores.metadata.trash
        with stores.metadata.read() as tx:
            rows = trash.page(tx, project_id, before=before, limit=limit + 1)
            total = trash.count(tx, project_id)
            everything = trash.page(tx, project_id) if total else []
            views = stores.metadata.views.trashed(tx, project_id) if before is None else []
            is_listed = before is None and may(actor, Action.WRITE, path)
            reports = stores.metadata.reports.trashed(tx, project_id) if is_listed else []
            file_bytes = stores.metadata.files.bytes_of_runs(tx, project_id) if total else {}
        by_run: dict[str, int] = {}
        if total:
            with stores.metrics.use(project_id) as store:
                by_run = store.usage().by_run

        sizes = {row.row_id: by_run.get(row.run, 0) for row in everything}
        for row_id in sizes:
            sizes[row_id] += file_bytes.get(row_id, 0)
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        ids = {row.run for row in everything}
        files = _page_of_files([original for original in others if original.path.run not in ids])
        return Trash(
            runs=[
                *(_run_info(stores, row, sizes.get(row.row_id, 0)) for row in page),
                *(files.runs if last is None else ()),
            ],
            views=[
                _view_info(stores, row) for row in views if row.is_listed_for(actor.user or "")
            ],
            reports=[_report_info(stores, row) for row in reports],
            cursor=None if last is None else encode_cursor((last.trashed_micros, last.row_id)),
            total=total + files.total,
            n_bytes=sum(sizes.values()) + files.n_bytes,
        )

    def empty(self, actor: Actor, path: ProjectPath) -> int:
        """Permanently delete a project's runs in the trash, and return how many there were.

        Its reports and views there are deleted, too, but the personal views of others.
        """
        require(actor, Action.DELETE, path)
        stores = self._stores
        others = _only_files(stores, path)
        project_id = stores.registry.find_project(path)
        if project_id is None and not others:
            raise NotFound(f"no project {path}")
        n_runs = 0 if project_id is None else _empty(stores, project_id, path)
        if project_id is not None:
            self._empty_views(actor, path, project_id)
            self._empty_reports(actor, path, project_id)
        if n_runs:
            stores.audit.note_alone(actor, "run.purge", path.entity, path, {"n_runs": n_runs})
        remaining = _only_files(stores, path)
        if stores.originals is not None:
            stores.originals.remove(
                [original.path for original in remaining if original in others]
            )
        return n_runs + len([original for original in remaining if original in others])

    def _empty_views(self, actor: Actor, path: ProjectPath, project_id: int) -> None:
        views = self._stores.metadata.views
        with self._stores.metadata.write() as tx:
            user = actor.user or ""
            rows = [row for row in views.trashed(tx, project_id) if row.is_listed_for(user)]
            for row in rows:
                views.delete(tx, row.row_id)
            if rows:
                names = {"views": [row.name for row in rows]}
                self._stores.audit.note(tx, actor, "view.purge", path.entity, path, names)

    def _empty_reports(self, actor: Actor, path: ProjectPath, project_id: int) -> None:
        reports = self._stores.metadata.reports
        with self._stores.metadata.write() as tx:
            rows = reports.trashed(tx, project_id)
            for row in rows:
                self._stores.blobs.drop_after(tx, reports.delete(tx, row.row_id))
            if rows:
                titles = {"reports": [row.title for row in rows]}
                self._stores.audit.note(tx, actor, "report.purge", path.entity, path, titles)

    def list_projects(self, actor: Actor) -> builtins.list[TrashedProject]:
        """List the projects in the trash that the actor may restore, newest first."""
        require(actor, Action.READ, SERVER)
        return [_project_info(self._stores, row) for row in self._trashed_projects(actor)]

    def empty_projects(self, actor: Actor) -> int:
        """Permanently delete the actor's projects in the trash, and return how many there were."""
        require(actor, Action.READ, SERVER)
        rows = self._trashed_projects(actor)
        n_projects = 0
        for row in rows:
            if delete_trashed_project(self._stores, row.row_id):
                n_projects += 1
                path = ProjectPath(row.entity, row.project)
                self._stores.audit.note_alone(actor, "project.purge", path.entity, path)
        return n_projects

    def _trashed_projects(self, actor: Actor) -> Sequence[TrashedProjectRow]:
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.trash.projects(tx)
        return [
            row for row in rows if may(actor, Action.READ, ProjectPath(row.entity, row.project))
        ]


def delete_trashed_project(stores: Stores, project_id: int) -> bool:
    """Permanently delete a project in the trash; False if it was restored or is already gone."""
    metadata = stores.metadata
    with stores.presence, metadata.write() as tx:
        is_trashed = any(row.row_id == project_id for row in metadata.trash.projects(tx))
        if is_trashed:
            metadata.trash.put_project(tx, project_id, PERMANENT)
    if is_trashed:
        purge_project(stores, project_id)
    return is_trashed


def expire(stores: Stores) -> bool:
    """Permanently delete expired runs and projects in the trash; True if there may be more."""
    if stores.trash_micros is None:
        return False
    end = stores.now() - stores.trash_micros
    metadata = stores.metadata
    with metadata.read() as tx:
        projects = metadata.trash.projects_before(tx, end)
        projects_with_runs = metadata.trash.projects_with_runs(tx)
        views = metadata.views.trashed_before(tx, end)
        reports = metadata.reports.trashed_before(tx, end)
    _expire_teams(stores, end)
    if views or reports:
        with metadata.write() as tx:
            for row_id in views:
                metadata.views.delete(tx, row_id)
            for row_id in reports:
                stores.blobs.drop_after(tx, metadata.reports.delete(tx, row_id))
    for trashed in projects:
        delete_trashed_project(stores, trashed.row_id)
    for project_id, project_path in projects_with_runs.items():
        with metadata.read() as tx:
            due = metadata.trash.runs_before(tx, project_id, end, _EXPIRED_AT_ONCE)
        if due:
            delete_trashed(stores, project_id, ProjectPath(*project_path), due)
            return True
    return False


def _expire_teams(stores: Stores, end_micros: int) -> None:
    """Permanently delete the teams that were deleted before a time, with their projects."""
    metadata = stores.metadata
    with metadata.read() as tx:
        teams = metadata.teams.trashed_before(tx, end_micros)
    for row_id, name in teams:
        with stores.presence, stores.people.write() as tx:
            projects = metadata.projects.ids_of_entities(tx, [name])
            names = metadata.projects.names_of_entity(tx, name)
            for project_id in projects:
                metadata.tombstones.add_project(tx, project_id, now_micros=stores.now())
                metadata.trash.put_project(tx, project_id, PERMANENT)
            metadata.teams.delete(tx, row_id)
        for project in names:
            stores.registry.forget_project(ProjectPath(name, project))
        for project_id in projects:
            purge_project(stores, project_id)


def _empty(stores: Stores, project_id: int, path: ProjectPath) -> int:
    n_runs = 0
    # Only the present runs: the user did not mean runs that go to the trash meanwhile.
    end = stores.now() + 1
    while True:
        with stores.metadata.read() as tx:
            batch = stores.metadata.trash.runs_before(tx, project_id, end, _RUNS_AT_ONCE)
        if not batch:
            return n_runs
        n_runs += delete_trashed(stores, project_id, path, batch)


def _only_files(stores: Stores, path: ProjectPath) -> list[TrashedOriginal]:
    """Runs of a project that are in the trash of a followed directory."""
    originals = [] if stores.originals is None else stores.originals.trashed()
    return [original for original in originals if original.path.of_project == path]


def _page_of_files(files: Sequence[TrashedOriginal]) -> Trash:
    """Runs that only files in the trash still know, because the store was deleted since."""
    runs = [
        TrashedRun(
            id=original.path.run,
            name=original.path.run,
            state="pending",
            created_micros=original.trashed_micros,
            trashed_micros=original.trashed_micros,
            purge_micros=None,
            n_bytes=original.n_bytes,
        )
        for original in files
    ]
    return Trash(
        runs=runs,
        cursor=None,
        total=len(runs),
        n_bytes=sum(original.n_bytes for original in files),
    )


def _run_info(stores: Stores, row: TrashedRunRow, n_bytes: int) -> TrashedRun:
    return TrashedRun(
        id=row.run,
        name=row.name,
        state=row.state,
        created_micros=row.created_micros,
        trashed_micros=row.trashed_micros,
        purge_micros=_purge_micros(stores, row.trashed_micros),
        n_bytes=n_bytes,
    )


def _view_info(stores: Stores, row: ViewRow) -> TrashedView:
    assert row.trashed_micros is not None
    return TrashedView(
        id=row.view,
        kind=row.kind,
        name=row.name,
        owner=row.owner or None,
        trashed_micros=row.trashed_micros,
        purge_micros=_purge_micros(stores, row.trashed_micros),
    )


def _report_info(stores: Stores, row: ReportRow) -> TrashedReport:
    assert row.trashed_micros is not None
    return TrashedReport(
        id=row.report,
        title=row.title,
        author=row.author or None,
        trashed_micros=row.trashed_micros,
        purge_micros=_purge_micros(stores, row.trashed_micros),
    )


def _project_info(stores: Stores, row: TrashedProjectRow) -> TrashedProject:
    return TrashedProject(
        entity=row.entity,
        project=row.project,
        trashed_micros=row.trashed_micros,
        purge_micros=_purge_micros(stores, row.trashed_micros),
        n_runs=row.n_runs,
        n_bytes=stores.metrics.file_bytes(row.row_id),
    )


def _purge_micros(stores: Stores, trashed_micros: int) -> int | None:
    return None if stores.trash_micros is None else trashed_micros + stores.trash_micros
