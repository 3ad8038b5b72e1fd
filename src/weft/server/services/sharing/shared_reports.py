"""Answers those who have a link to a report: with what was published, its figures and images."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import NotFound
from weft.server.services.access.actors import ANYONE, Actor
from weft.server.services.access.paths import ProjectPath, SharedLink
from weft.server.services.access.permissions import NO_SHARE, Action, may, require
from weft.server.services.reports import (
    Figure,
    OpenImage,
    figure_info,
    find_published_image,
    first_plot,
    grids_in,
    image_info,
    unpack_figure,
)
from weft.server.services.sharing.opened import OpenedShare, ShareHeading, open_share
from weft.server.services.sharing.report_picture import draw_picture
from weft.server.services.sharing.shown_figure import shown_figure
from weft.server.services.sharing.shown_report import (
    VALUES,
    ShownProjects,
    runs_in,
    shown_document,
)
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import ReportFigureRow, ReportRow
from weft.wire.reports.reports import ReportDocument
from weft.wire.reports.shared import SHOWN_ENTITY, SharedReport

_LEVEL: Final = 6


TEXT: Final = "~"
"""Stands for the text in a part of a link, in place of a grid's id, which it can't be."""


class SharedGrid(NamedTuple):
    """A published grid of a shared report, and one of the projects that it names.

    Attributes:
        grid: empty if the part is the text.
        name: the project's name in the link, such as `-/1`.
    """

    grid: dict[str, Any]
    name: str
    path: ProjectPath
    project_id: int
    projects: ShownProjects


class _Shown(NamedTuple):
    content: dict[str, Any]
    row: ReportRow
    version: int
    document: ReportDocument
    figures: list[ReportFigureRow]
    projects: ShownProjects


class SharedReportService(Service):
    """Reads shared reports. A share of something else has none."""

    def get(self, actor: Actor, link: SharedLink) -> SharedReport:
        """Return what was published, without what a share does not show."""
        require(actor, Action.READ, link)
        shown = self._open(link)
        figures = [
            msgspec.structs.replace(
                figure_info(figure),
                part=shown.projects.part(figure.part),
                project=shown.projects.name(figure.project) if figure.project else None,
                captured_by=None,
            )
            for figure in shown.figures
        ]
        return SharedReport(
            version=shown.version,
            published_micros=shown.row.published_micros or 0,
            document=shown.document,
            figures=figures,
        )

    def heading(self, actor: Actor, link: SharedLink) -> ShareHeading:
        """Return what previews of a link show."""
        require(actor, Action.READ, link)
        opened, row = self._find(link)
        return ShareHeading(
            row.published_title or "Untitled report",
            row.published_description or "",
            has_picture=True,
            may_embed=opened.row.may_embed,
        )

    def has_figure(self, actor: Actor, link: SharedLink, sha256: str) -> bool:
        """Whether a link shows a figure."""
        require(actor, Action.READ, link)
        opened, row = self._find(link)
        return any(figure.sha256 == sha256 for figure in self._figures(opened, row))

    def figure(self, actor: Actor, link: SharedLink, sha256: str) -> bytes:
        """Return the stored answers of a figure, packed, without what a share does not show."""
        require(actor, Action.READ, link)
        if not self.has_figure(actor, link, sha256):
            raise NotFound(f"the report has no figure {sha256}")
        content = _unpacked(self._stores.blobs.store.read(sha256))
        return gzip.compress(shown_figure(content), _LEVEL, mtime=0)

    def image(self, actor: Actor, link: SharedLink, sha256: str) -> OpenImage:
        """Open an image that the published version names."""
        require(actor, Action.READ, link)
        _, row = self._find(link)
        image = find_published_image(self._stores, row, sha256)
        if image is None:
            raise NotFound(f"the report has no image {sha256}")
        info = msgspec.structs.replace(image_info(image), added_by=None)
        return OpenImage(info, partial(self._stores.blobs.store.read, sha256))

    def picture(self, actor: Actor, link: SharedLink) -> bytes:
        """Return a picture of the report, as PNG."""
        require(actor, Action.READ, link)
        shown = self._open(link)

        def figures_of(part: str) -> Iterator[Figure]:
            for figure in shown.figures:
                if figure.part == part:
                    yield unpack_figure(_unpacked(self._stores.blobs.store.read(figure.sha256)))

        grids = ((grid, figures_of(grid["id"])) for grid in grids_in(shown.document.blocks))
        document = shown.document
        return draw_picture(document.title, document.description, first_plot(grids))

    def grid(self, actor: Actor, link: SharedLink) -> SharedGrid:
        """Find the published grid that a link's part names, with one of its projects.

        NotFound if who shared it did not choose to show the runs, or may not share that project.
        """
        require(actor, Action.READ, link)
        opened, _ = self._find(link)
        if not opened.content.shows_runs:
            raise NotFound("this share shows a report, and nothing else about its runs")
        if link.run and not opened.content.shows_pages:
            raise NotFound("this share has no pages of runs")
        shown, number = self._open(link), link.project_number
        if link.block == TEXT:
            named = runs_in(shown.document.blocks)
            grid = {} if f"{SHOWN_ENTITY}/{number}/{link.run}" in named else None
        else:
            grids = grids_in(shown.content["blocks"])
            grid = next((grid for grid in grids if grid.get("id") == link.block), None)
        path = shown.projects.path(number)
        project_id = None if path is None else self._stores.registry.find_project(path)
        if grid is None or path is None or project_id is None:
            raise NotFound(f"this share shows no runs {link.part!r}")
        if path != opened.path and not self._may_show(opened, path):
            raise NotFound(f"this share shows no runs {link.part!r}")
        return SharedGrid(grid, f"{SHOWN_ENTITY}/{number}", path, project_id, shown.projects)

    def _find(self, link: SharedLink) -> tuple[OpenedShare, ReportRow]:
        opened = open_share(self._stores, link)
        reports = self._stores.metadata.reports
        with self._stores.metadata.read() as tx:
            row = reports.find_report(tx, opened.row.project_id, opened.content.report or "")
        if row is None or row.published_version is None or row.trashed_micros is not None:
            raise NotFound(NO_SHARE)
        return opened, row

    def _open(self, link: SharedLink) -> _Shown:
        opened, row = self._find(link)
        version = row.published_version or 0
        reports = self._stores.metadata.reports
        with self._stores.metadata.read() as tx:
            packed = reports.document(tx, row.row_id, version)
        assert packed is not None, "versions are deleted with their report"
        content = msgspec.json.decode(zlib.decompress(packed), type=dict[str, Any])
        figures = self._figures(opened, row)
        projects = ShownProjects(opened.path)
        for figure in figures:
            if not figure.project and figure.part.startswith(VALUES):
                projects.add_earlier(figure.part.removeprefix(VALUES))
        document = shown_document(content, projects)
        return _Shown(content, row, version, document, figures, projects)

    def _figures(self, opened: OpenedShare, row: ReportRow) -> list[ReportFigureRow]:
        reports, version = self._stores.metadata.reports, row.published_version or 0
        with self._stores.metadata.read() as tx:
            figures = reports.figures(tx, row.row_id, version)
        return [figure for figure in figures if self._is_shown(opened, figure)]

    def _is_shown(self, opened: OpenedShare, figure: ReportFigureRow) -> bool:
        """Whether a figure is of the report's project, or of one whose runs who shared the report
        may share now, or that everyone may read.
        """
        if not figure.project:
            return True
        path = ProjectPath(*figure.project.split("/", 1))
        if self._stores.registry.find_project(path) is None:
            return False
        return self._may_show(opened, path)

    def _may_show(self, opened: OpenedShare, path: ProjectPath) -> bool:
        """Whether who shared the report may share a project now, or everyone may read it."""
        people, user = self._stores.people, opened.row.user
        entry = people.current.users.get(user)
        if not user:
            sharer = Actor("local", people=people)
        elif entry is None or entry.is_disabled:
            sharer = ANYONE
        else:
            sharer = Actor("user", user, is_admin=entry.is_admin, people=people)
        anyone = Actor("anyone", people=people)
        return may(sharer, Action.SHARE, path) or may(anyone, Action.READ, path)


def _unpacked(pieces: Iterator[bytes]) -> bytes:
    return gzip.decompress(b"".join(pieces))
