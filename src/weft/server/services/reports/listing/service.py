"""Operations on lists of reports: pins on the overview of a project, reports of many projects, and
small pictures.
"""

from __future__ import annotations

from weft.errors import LimitExceeded
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.reports.finding import present_report
from weft.server.services.reports.listing.gallery import Gallery
from weft.server.services.reports.listing.thumbnails import Thumbnails
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.stores.stores import Service, Stores
from weft.wire.reports.listing import MAX_PINNED, GalleryState, ReportGallery, ReportThumbnail


class ReportListingService(Service):
    """Operations on lists of reports."""

    def __init__(self, stores: Stores, search: ReportSearch) -> None:
        super().__init__(stores)
        self._gallery = Gallery(stores, search)
        self._thumbnails = Thumbnails(stores)

    def gallery(
        self,
        actor: Actor,
        *,
        entity: str = "",
        search: str = "",
        state: GalleryState | None = None,
        limit: int = 24,
        cursor: str | None = None,
    ) -> ReportGallery:
        """List the reports of all projects that the actor may see, or of those of one entity."""
        require(actor, Action.READ, SERVER)
        return self._gallery.page(
            actor, entity=entity, search=search, state=state, limit=limit, cursor=cursor
        )

    def thumbnail(self, actor: Actor, path: ProjectPath, report: str) -> ReportThumbnail:
        """Return a small picture of what was published."""
        require(actor, Action.READ, path)
        return self._thumbnails.get(actor, path, report)

    def pin(self, actor: Actor, path: ProjectPath, report: str) -> None:
        """Pin a report to the overview of its project; once more changes nothing.

        LimitExceeded if the project has as many pinned ones as it may have.
        """
        require(actor, Action.WRITE, path)
        reports = self._stores.metadata.reports
        project_id = self._stores.find_project(path)
        with self._stores.metadata.write() as tx:
            row = present_report(reports.find_report(tx, project_id, report), report)
            if row.pinned_micros is not None:
                return
            if reports.count_pinned(tx, project_id) >= MAX_PINNED:
                raise LimitExceeded(
                    f"the overview of {path} has {MAX_PINNED} pinned reports already: unpin one"
                )
            reports.set_pinned(tx, row.row_id, self._stores.now())

    def unpin(self, actor: Actor, path: ProjectPath, report: str) -> None:
        """Take a report off the overview of its project."""
        require(actor, Action.WRITE, path)
        reports = self._stores.metadata.reports
        project_id = self._stores.find_project(path)
        with self._stores.metadata.write() as tx:
            row = present_report(reports.find_report(tx, project_id, report), report)
            reports.set_pinned(tx, row.row_id, None)
