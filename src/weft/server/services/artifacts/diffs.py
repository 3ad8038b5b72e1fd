"""Differences between two versions: files by path, and descriptions."""

from __future__ import annotations

from typing import Final

from weft.records.files.artifacts import parse_artifact_path
from weft.records.files.file_paths import check_file_path
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.access.permissions import Action, require
from weft.server.services.artifacts.describing import describe, find_version
from weft.server.services.artifacts.files import describe_file
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import Change
from weft.wire.artifacts.files import ArtifactDiff, ChangeCounts, ChangedFile, Changes
from weft.wire.runs.runs import MAX_PAGE

_DIFFERENT: Final[tuple[Change, ...]] = ("added", "removed", "changed")


class DiffService(Service):
    """Compares versions. Thread-safe."""

    def of_versions(
        self,
        actor: Actor,
        project: ProjectPath,
        name: str,
        ref: str,
        *,
        before: str,
        change: Changes = "different",
        search: str = "",
        limit: int = 1000,
        cursor: str | None = None,
    ) -> ArtifactDiff:
        """A page of the files of two versions, by path, each with its change.

        `before` is a version, alias or digest of the same collection, or with its name one of
        another: `other:v3`, `entity/project/other:v3`. `search` ignores case.
        """
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_PAGE)
        origin, old_name, old_ref = project, name, before
        if ":" in before:
            path = parse_artifact_path(before, *project)
            origin, old_name, old_ref = ProjectPath(path.entity, path.project), path.name, path.ref
            require(actor, Action.READ, holder_of(origin))
        after = None if cursor is None else check_file_path(decode_cursor(cursor, str))
        files = self._stores.metadata.artifact_files
        with self._stores.metadata.read() as tx:
            new = find_version(self._stores, tx, project, name, ref)
            old = find_version(self._stores, tx, origin, old_name, old_ref)
            links = self._stores.metadata.links
            own, other = links.source_id(tx, new.row_id), links.source_id(tx, old.row_id)
            rows = files.changes(
                tx,
                other,
                own,
                _changes_of(change),
                search=search,
                after=after,
                limit=limit + 1,
            )
            counts = files.n_changes(tx, other, own, search=search) if after is None else None
            (shown_old,) = describe(self._stores, tx, actor, [old])
            (shown_new,) = describe(self._stores, tx, actor, [new])

        return ArtifactDiff(
            before=shown_old,
            after=shown_new,
            files=[
                ChangedFile(
                    path=row.path,
                    change=row.change,
                    before=None
                    if row.before is None
                    else describe_file(origin, old_name, old, row.before),
                    after=None
                    if row.after is None
                    else describe_file(project, name, new, row.after),
                )
                for row in rows[:limit]
            ],
            counts=None if counts is None else ChangeCounts(**counts),
            cursor=encode_cursor(rows[limit - 1].path) if len(rows) > limit else None,
        )


def _changes_of(change: Changes) -> tuple[Change, ...]:
    if change == "all":
        return (*_DIFFERENT, "same")
    return _DIFFERENT if change == "different" else (change,)
