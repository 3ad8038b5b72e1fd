"""The reports of many projects, in pages: those that an actor may see."""

from __future__ import annotations

import msgspec

from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may
from weft.server.services.reports.describing import fields_of, info_of
from weft.server.services.reports.listing.thumbnails import thumbnail_tags
from weft.server.services.reports.readers import reader_of
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.reports.texts import words_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ReportPart, ReportScope
from weft.wire.reports.listing import MAX_GALLERY, GalleryReport, GalleryState, ReportGallery

_Position = tuple[int, int]
"""When the last report of a page was edited, and its row id."""


class Gallery:
    """Reads pages of the reports of many projects. Thread-safe."""

    def __init__(self, stores: Stores, search: ReportSearch) -> None:
        self._stores = stores
        self._search = search

    def page(
        self,
        actor: Actor,
        *,
        entity: str,
        search: str,
        state: GalleryState | None,
        limit: int,
        cursor: str | None,
    ) -> ReportGallery:
        """A page of the reports that an actor may see, of one entity or of all."""
        check_limit(limit, MAX_GALLERY)
        before = None if cursor is None else decode_cursor(cursor, _Position)
        words = words_of(search)
        metadata = self._stores.metadata
        paths, scope = self._visible(actor, entity)
        if words:
            self._search.refresh("draft", scope.written)
            self._search.refresh("published", scope.read)
        with metadata.read() as tx:
            rows = metadata.report_lists.page(
                tx, scope, words=words, state=state, before=before, limit=limit + 1
            )
            page = rows[:limit]
            row_ids = [row.row_id for row in page]
            starred = metadata.report_lists.starred(tx, row_ids, reader_of(actor))
        tags = thumbnail_tags(self._stores, actor, row_ids)
        reports: list[GalleryReport] = []
        for row in page:
            is_writer = row.project_id in scope.written
            info = info_of(row, is_writer=is_writer, is_starred=row.row_id in starred)
            info = msgspec.structs.replace(info, thumbnail=tags.get(row.row_id))
            part: ReportPart = "draft" if is_writer else "published"
            path = paths[row.project_id]
            reports.append(
                GalleryReport(
                    **fields_of(info),
                    entity=path.entity,
                    project=path.project,
                    match=self._search.excerpt(row, part, words) if words else None,
                )
            )
        last = (reports[-1].edited_micros, page[-1].row_id) if len(rows) > limit else None
        return ReportGallery(reports, None if last is None else encode_cursor(last))

    def _visible(self, actor: Actor, entity: str) -> tuple[dict[int, ProjectPath], ReportScope]:
        """The projects with reports that an actor may read, by row id."""
        paths: dict[int, ProjectPath] = {}
        written: set[int] = set()
        name = actor.named(entity) if entity else None
        with self._stores.metadata.read() as tx:
            projects = self._stores.metadata.report_lists.projects(tx, name)
        for row_id, *names in projects:
            path = ProjectPath(*names)
            if may(actor, Action.READ, path):
                paths[row_id] = path
                if may(actor, Action.WRITE, path):
                    written.add(row_id)
        return paths, ReportScope(written, paths.keys() - written)
