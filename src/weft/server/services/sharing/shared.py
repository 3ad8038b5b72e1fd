"""Answers those who have a share's link, with what the share shows and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, cast
from urllib.parse import quote

import msgspec

from weft.errors import Forbidden, NotFound
from weft.queries.filter_json import filter_of
from weft.queries.filters import And, Comparison, Filter
from weft.records.files.described import describes_run
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.access.paths import ProjectPath, RunPath, SharedLink
from weft.server.services.access.permissions import NO_SHARE, Action, require
from weft.server.services.charting.service import PanelAnswers, SeriesService
from weft.server.services.files.service import FileService
from weft.server.services.logs import LogService, StreamSelection
from weft.server.services.metrics.service import MetricService
from weft.server.services.runs.service import RunService
from weft.server.services.selecting.select import select_runs
from weft.server.services.selecting.service import SelectionService
from weft.server.services.selecting.types import GroupSelection, RunSelection
from weft.server.services.sharing.content import ShareContent, texts_of
from weft.server.services.sharing.opened import ShareHeading, open_share
from weft.server.services.sharing.report_runs import ReportRuns
from weft.server.services.sharing.restriction import Restriction, shown_run
from weft.server.services.sharing.shared_reports import SharedReportService
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ShareRow
from weft.wire.files.files import File, FileList
from weft.wire.metrics.charts import HistogramQuery, HistogramSeries, PanelQuery
from weft.wire.metrics.metrics import LatestList, LatestQuery, MetricNames
from weft.wire.projects.shares import SharedSet, ShareKind
from weft.wire.runs.logs import LogPage
from weft.wire.runs.runs import Run, RunList
from weft.wire.runs.selecting import GroupList, Table

_TITLES: Final = {"run": "A run", "view": "A view", "panel": "A panel"}


class _Opened(NamedTuple):
    content: ShareContent
    path: ProjectPath
    project_id: int
    restriction: Restriction


@dataclass(eq=False)
class SharedService:
    """Reads what is shared. The runs of each request are replaced by those of the share."""

    _stores: Stores
    _runs: RunService
    _selecting: SelectionService
    _metrics: MetricService
    _series: SeriesService
    _files: FileService
    _logs: LogService
    _reports: SharedReportService
    _report_runs: ReportRuns

    def describe(self, actor: Actor, link: SharedLink) -> SharedSet:
        """Describe a share, and count that it was opened."""
        require(actor, Action.READ, link)
        row, content, _ = open_share(self._stores, link)
        if link.run:
            return self._describe_page(actor, link, row)
        name, n_runs = row.name, 0
        if content.report is None:
            n_runs = len(self._ids(self._open(actor, link)))
        else:
            name = self._reports.heading(actor, link).title
        with self._stores.metadata.write() as tx:
            self._stores.metadata.shares.note_opened(tx, row.row_id, self._stores.now())
        return SharedSet(
            kind=cast("ShareKind", row.kind),
            name=name,
            n_runs=n_runs,
            expires_micros=row.expires_micros,
            may_embed=row.may_embed,
            shows_files=content.shows_files,
            shows_console=content.shows_console,
            document=content.document,
            shows_runs=content.shows_runs,
            shows_pages=content.shows_pages,
        )

    def _describe_page(self, actor: Actor, link: SharedLink, row: ShareRow) -> SharedSet:
        """Describe the page of a run behind a report, as a share of that run."""
        opened = self._open(actor, link)
        return SharedSet(
            kind="run",
            name=self.run(actor, link, link.run).name,
            n_runs=1,
            expires_micros=row.expires_micros,
            may_embed=row.may_embed,
            shows_files=opened.content.shows_files,
            shows_console=opened.content.shows_console,
            document={},
        )

    def heading(self, actor: Actor, link: SharedLink) -> ShareHeading | None:
        """Return what the page and previews of a link say of a share; None if it has ended."""
        require(actor, Action.READ, link)
        try:
            opened = open_share(self._stores, link)
            if link.run:
                return ShareHeading(self._describe_page(actor, link, opened.row).name)
            if opened.content.report is not None:
                return self._reports.heading(actor, link)
        except NotFound:
            return None
        title = opened.row.name or _TITLES.get(opened.row.kind, "Shared runs")
        return ShareHeading(title, may_embed=opened.row.may_embed)

    def runs(
        self,
        actor: Actor,
        link: SharedLink,
        selection: RunSelection,
        columns: Sequence[str] | None,
    ) -> RunList | Table:
        """A page of the share's runs."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        selection = opened.restriction.selection(selection, columns)
        if columns is not None:
            return self._selecting.table(SYSTEM, opened.path, selection, columns)
        answer = self._runs.list(SYSTEM, opened.path, selection)
        ids = self._ids(opened)
        return msgspec.structs.replace(answer, runs=[shown_run(run, ids) for run in answer.runs])

    def groups(self, actor: Actor, link: SharedLink, selection: GroupSelection) -> GroupList:
        """A page of groups of the share's runs."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        selection = opened.restriction.groups(selection)
        return self._selecting.groups(SYSTEM, opened.path, selection)

    def run(self, actor: Actor, link: SharedLink, run: str) -> Run:
        """One run of the share."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        if opened.restriction.texts is not None:
            raise Forbidden("this share shows one panel, and not all about its runs")
        ids = self._ids(opened)
        if run not in ids:
            raise NotFound(f"no run {run} in this share")
        return shown_run(self._runs.get(SYSTEM, opened.path.run(run)), ids)

    def files(
        self, actor: Actor, link: SharedLink, run: str, limit: int, cursor: str | None
    ) -> FileList:
        """A page of the files that a shared run's script saved."""
        require(actor, Action.READ, link)
        target = self._run_with(self._open(actor, link), run, "files")
        page = self._files.saved(SYSTEM, target, limit=limit, cursor=cursor)
        address = f"/api/v1/shared/{link}/runs/{run}/files"
        files = [
            msgspec.structs.replace(file, url=f"{address}/{quote(file.path)}")
            for file in page.files
        ]
        return msgspec.structs.replace(page, files=files)

    def file(self, actor: Actor, link: SharedLink, run: str, path: str) -> tuple[RunPath, File]:
        """A file of a shared run, and the run's own path, by which its content is read."""
        require(actor, Action.READ, link)
        target = self._run_with(self._open(actor, link), run, "files")
        absent = NotFound(f"this share shows no file {path!r}")
        if describes_run(path):
            raise absent
        try:
            return target, self._files.get(SYSTEM, target, path)
        except NotFound:  # its message names the project
            raise absent from None

    def content(
        self,
        actor: Actor,
        link: SharedLink,
        target: RunPath,
        file: File,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[bytes]:
        """The content of a file that `file` returned, or its bytes `[start, stop)`."""
        require(actor, Action.READ, link)
        try:
            return self._files.read(SYSTEM, target, file.path, file.sha256, start, stop)
        except NotFound:
            raise NotFound(f"the content of {file.path!r} is gone") from None

    def lines(
        self, actor: Actor, link: SharedLink, run: str, *, start: int, limit: int, tail: bool
    ) -> LogPage:
        """Console lines of a shared run, without the names of its processes."""
        require(actor, Action.READ, link)
        target = self._run_with(self._open(actor, link), run, "console")
        selection = StreamSelection()
        if tail:
            page = self._logs.tail(SYSTEM, target, selection, limit)
        else:
            page = self._logs.lines(SYSTEM, target, selection, start=start, limit=limit)
        lines = [msgspec.structs.replace(line, writer="") for line in page.lines]
        return msgspec.structs.replace(page, lines=lines)

    def names(
        self, actor: Actor, link: SharedLink, runs: Sequence[str] | None = None
    ) -> MetricNames:
        """The names of metrics of the share's runs."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        names = self._metrics.names(SYSTEM, opened.path, self._ids(opened, runs))
        return opened.restriction.names(names)

    def latest(self, actor: Actor, link: SharedLink, query: LatestQuery) -> LatestList:
        """The last values of some metrics of the share's runs."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        opened.restriction.check_metrics(query.keys)
        opened.restriction.selection(RunSelection(tree=filter_of(query.filter)), ())
        ids = self._ids(opened, query.runs, filter_of(query.filter))
        query = msgspec.structs.replace(query, runs=ids, filter=None)
        return self._metrics.latest(SYSTEM, opened.path, query)

    def panels(
        self,
        actor: Actor,
        link: SharedLink,
        queries: Sequence[PanelQuery],
        waits: Cancellation | None = None,
        *,
        full: bool = False,
        reasons: bool = False,
    ) -> PanelAnswers:
        """Answer the queries of charts, as `SeriesService.panels` does."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        limited = [self._limited(opened, query) for query in queries]
        return self._series.panels(
            SYSTEM, opened.path, limited, waits,
            full=full, reasons=reasons and opened.restriction.texts is None,
        )  # fmt: skip

    def histograms(
        self, actor: Actor, link: SharedLink, query: HistogramQuery
    ) -> list[HistogramSeries]:
        """Histograms of metrics of the share's runs."""
        require(actor, Action.READ, link)
        opened = self._open(actor, link)
        opened.restriction.histograms(query)
        query = msgspec.structs.replace(query, runs=self._ids(opened, query.runs))
        return self._series.histograms(SYSTEM, opened.path, query)

    def _limited(self, opened: _Opened, query: PanelQuery) -> PanelQuery:
        tree = filter_of(query.filter)
        query = opened.restriction.panel(query, tree)
        if query.runs is not None:
            ids = self._ids(opened, query.runs)
        else:
            both = (
                opened.restriction.tree if tree is None else And((opened.restriction.tree, tree))
            )
            selected = select_runs(self._stores, SYSTEM, opened.project_id, both, query.order)
            ids = selected.ids[: query.limit]
        baseline = query.baseline
        if baseline is not None and not self._ids(opened, [baseline]):
            baseline = None
        return msgspec.structs.replace(query, runs=ids, filter=None, order=(), baseline=baseline)

    def _open(self, actor: Actor, link: SharedLink) -> _Opened:
        row, content, path = open_share(self._stores, link)
        if row.kind == "report":
            of, project_id, restriction = self._report_runs.open(actor, link)
            return _Opened(content, of, project_id, restriction)
        if link.part:
            raise NotFound(NO_SHARE)
        texts = frozenset(texts_of(content.document)) if row.kind == "panel" else None
        return _Opened(content, path, row.project_id, Restriction(content.tree, texts))

    def _run_with(self, opened: _Opened, run: str, part: Literal["files", "console"]) -> RunPath:
        """The run of a share that shows its files or its console lines."""
        content = opened.content
        if not (content.shows_files if part == "files" else content.shows_console):
            raise NotFound(f"this share shows no {part}")
        if opened.restriction.texts is not None:
            # the panels of a report, whose runs have them on their pages
            raise NotFound(f"panels show no {part}")
        if run not in self._ids(opened):
            raise NotFound(f"no run {run} in this share")
        return opened.path.run(run)

    def _ids(
        self, opened: _Opened, runs: Sequence[str] | None = None, tree: Filter | None = None
    ) -> list[str]:
        """The runs of a share, those of them that a request names in its order, or that match."""
        parts: list[Any] = [opened.restriction.tree]
        if runs is not None:
            parts.append(Comparison("id", "in", tuple(runs)))
        if tree is not None:
            parts.append(tree)
        ids = select_runs(self._stores, SYSTEM, opened.project_id, And(tuple(parts))).ids
        if runs is None:
            return ids
        shared = set(ids)
        return [run for run in runs if run in shared]
