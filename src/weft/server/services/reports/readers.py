"""Readers of reports: their stars, and how often they open what was published."""

from __future__ import annotations

from weft.errors import Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.reports.describing import info_of
from weft.server.services.reports.finding import find_report
from weft.server.services.reports.listing.views import ReportViews
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import ReportRow
from weft.wire.reports.reports import ReportInfo


class ReportReaderService(Service):
    """Operations of readers on reports."""

    def __init__(self, stores: Stores, views: ReportViews) -> None:
        super().__init__(stores)
        self._views = views

    def star(self, actor: Actor, path: ProjectPath, report: str) -> None:
        """Star a report for the actor."""
        require(actor, Action.READ, path)
        user, row = self._find(actor, path, report)
        with self._stores.metadata.write() as tx:
            self._stores.metadata.report_stars.add(tx, row.row_id, user, self._stores.now())

    def unstar(self, actor: Actor, path: ProjectPath, report: str) -> None:
        """Take the actor's star from a report."""
        require(actor, Action.READ, path)
        user, row = self._find(actor, path, report)
        with self._stores.metadata.write() as tx:
            self._stores.metadata.report_stars.remove(tx, row.row_id, user)

    def note_view(self, actor: Actor, path: ProjectPath, report: str) -> None:
        """Count an opening of what was published."""
        require(actor, Action.READ, path)
        row = find_readable(self._stores, actor, path, report)
        if row.published_version is not None:
            self._views.note(row.row_id, actor.user or actor.address, self._stores.now())

    def _find(self, actor: Actor, path: ProjectPath, report: str) -> tuple[str, ReportRow]:
        user = reader_of(actor)
        if user is None:
            raise Forbidden("sign in to star reports")
        return user, find_readable(self._stores, actor, path, report)


def find_readable(stores: Stores, actor: Actor, path: ProjectPath, report: str) -> ReportRow:
    """A report that an actor may read: who may not write does not learn of those that were never
    published.
    """
    return find_report(stores, path, report, is_writer=may(actor, Action.WRITE, path))


def info_for(stores: Stores, actor: Actor, row: ReportRow, *, is_writer: bool) -> ReportInfo:
    """A report as an actor sees it, with their star."""
    with stores.metadata.read() as tx:
        is_starred = stores.metadata.report_stars.is_starred(tx, row.row_id, reader_of(actor))
    return info_of(row, is_writer=is_writer, is_starred=is_starred)


def reader_of(actor: Actor) -> str | None:
    """The name under which stars of an actor are stored, empty without accounts; None of someone
    who has not signed in.
    """
    return None if actor.kind == "anyone" else actor.user or ""
