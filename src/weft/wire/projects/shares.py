"""Shares: links that show a part of a project to anyone who has them, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.records.limits import MAX_NAME_CHARS
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.files.files import FileList
from weft.wire.metrics.charts import HistogramList, HistogramQuery, PanelsQuery
from weft.wire.metrics.metrics import LatestList, LatestQuery, MetricNames
from weft.wire.runs.logs import MAX_LINES, LineStart, LogPage, Tail
from weft.wire.runs.runs import Limit, Run, RunList
from weft.wire.runs.selecting import GroupList, GroupQuery, RunQuery, Table

MAX_SHARED_RUNS: Final = 10_000
MAX_DAYS: Final = 365

ShareKind = Literal["run", "selection", "view", "panel", "report"]


class ShareCreate(RequestBody, frozen=True, kw_only=True):
    """A part of a project to share."""

    kind: ShareKind
    name: Annotated[
        str,
        Meta(max_length=MAX_NAME_CHARS, description="title of the page; empty: of the content"),
    ] = ""
    runs: Annotated[
        Annotated[list[str], Meta(max_length=MAX_SHARED_RUNS)] | None,
        Meta(description="ids; null: the runs that match `filter`"),
    ] = None
    filter: Annotated[FilterForm, Meta(description="a filter tree, or its text")] = None
    is_live: Annotated[
        bool,
        Meta(
            description="show the runs that match `filter` when the link is opened, not those "
            "that match now"
        ),
    ] = False
    view: Annotated[
        str | None, Meta(description="id of a saved view, for `view`; its filter is the default")
    ] = None
    document: Annotated[
        dict[str, Any] | None,
        Meta(description="contents of the view; for `panel`: `{panel, settings}`"),
    ] = None
    report: Annotated[
        str | None,
        Meta(description="id of a report, for `report`: what was published, with its figures"),
    ] = None
    days: Annotated[
        Annotated[float, Meta(gt=0, le=MAX_DAYS)] | None,
        Meta(description="until the link ends; null: never"),
    ] = 30
    may_embed: Annotated[bool, Meta(description="whether other sites may show it in a frame")] = (
        False
    )
    shows_files: Annotated[
        bool,
        Meta(
            description="for `run`, and with `shows_pages`: also show the files and media that "
            "its script saved"
        ),
    ] = False
    shows_console: Annotated[
        bool,
        Meta(description="for `run`, and with `shows_pages`: also show what its script printed"),
    ] = False
    shows_runs: Annotated[
        bool,
        Meta(description="for `report`: its panels also draw the runs of its run sets as now"),
    ] = False
    shows_pages: Annotated[
        bool,
        Meta(
            description="with `shows_runs`: each of these runs, and of those that the text names, "
            "has a page with its config, summary and all metrics"
        ),
    ] = False


class Share(Struct, frozen=True, kw_only=True):
    """A share, for members of its project."""

    id: str
    path: Annotated[str, Meta(description="address of its page on this server: `/share/…`")]
    kind: ShareKind
    name: str
    n_runs: Annotated[
        int | None, Meta(description="null: those that match `filter`, or it is of a report")
    ]
    filter: Annotated[str | None, Meta(description="of the runs that it shows; null: fixed runs")]
    user: Annotated[str | None, Meta(description="who shared it; null: a server without accounts")]
    created_micros: int
    expires_micros: Annotated[int | None, Meta(description="null: never")]
    has_expired: bool
    may_embed: bool
    shows_files: bool
    shows_console: bool
    report: Annotated[str | None, Meta(description="id of the report that it shows")] = None
    shows_runs: Annotated[
        bool, Meta(description="panels of the report also draw its runs as they are now")
    ] = False
    shows_pages: Annotated[bool, Meta(description="each of these runs has a page")] = False
    n_opened: int
    opened_micros: Annotated[int | None, Meta(description="when it was last opened")]


class ShareList(Struct, frozen=True):
    """The shares of a project, newest first, without those that were revoked."""

    shares: list[Share]


class SharedSet(Struct, frozen=True, kw_only=True):
    """The contents of a share, for a reader who has the link."""

    kind: ShareKind
    name: Annotated[str, Meta(description="title of the page; of a report its own")]
    n_runs: Annotated[int, Meta(description="0 of a report, whose figures are all of its runs")]
    expires_micros: int | None
    may_embed: bool
    shows_files: bool
    shows_console: bool
    document: Annotated[dict[str, Any], Meta(description="of the view, or `{panel, settings}`")]
    shows_runs: Annotated[
        bool,
        Meta(
            description="of a report: its panels also draw the runs of its run sets as now. "
            "ID.CODE.GRID.N as `share` are those of a grid and of the project `-/N`"
        ),
    ] = False
    shows_pages: Annotated[
        bool,
        Meta(
            description="of a report: ID.CODE.GRID.N.RUN as `share` is the page of a run, a share "
            "of the kind `run`; `~` as GRID stands for the runs that the text names"
        ),
    ] = False


_shares = Endpoints("/api/v1/projects/{entity}/{project}/shares", tag="shares")
_shared = Endpoints("/api/v1/shared/{share}", tag="shares")


@_shares.get()
def list_shares(entity: str, project: str) -> ShareList:
    """List the shares of a project that were not revoked, with their links."""


@_shares.post()
def create_share(entity: str, project: str, new: ShareCreate) -> Share:
    """Share a run, a selection of runs, a view, a panel or a report by a link that needs no
    account.
    """


@_shares.delete("/{share}")
def revoke_share(entity: str, project: str, share: str) -> None:
    """Revoke a share: its link stops working at once."""


@_shared.get()
def get_shared(share: str) -> SharedSet:
    """Describe a share; `share` is the end of its link, id and code."""


@_shared.post("/runs/query")
def query_shared_runs(share: str, query: RunQuery) -> RunList | Table:
    """Query the runs of a share, as rows or as runs."""


@_shared.post("/runs/groups")
def group_shared_runs(share: str, query: GroupQuery) -> GroupList:
    """Group the runs of a share by columns that it shows."""


@_shared.get("/runs/{run}")
def get_shared_run(share: str, run: str) -> Run:
    """Return one run of a share, without its project, user and host."""


@_shared.get("/runs/{run}/files")
def list_shared_files(
    share: str, run: str, *, limit: Limit = 1000, cursor: str | None = None
) -> FileList:
    """List the files that a shared run's script saved, if the share shows them."""


@_shared.get("/runs/{run}/files/{path:path}")
def download_shared_file(share: str, run: str, path: str) -> bytes:
    """Download a file of a shared run, or one byte range of it."""


@_shared.get("/runs/{run}/logs")
def get_shared_lines(
    share: str,
    run: str,
    *,
    start: LineStart = 0,
    limit: Annotated[int, Meta(ge=1, le=MAX_LINES)] = 1000,
    tail: Tail = False,
) -> LogPage:
    """Return console lines of a shared run, if the share shows them; `writer` is empty."""


@_shared.get("/metrics/names")
def list_shared_metric_names(share: str, *, runs: str | None = None) -> MetricNames:
    """List the names of the metrics of a share's runs."""


@_shared.post("/latest")
def latest_shared_values(share: str, query: LatestQuery) -> LatestList:
    """Return the last values of some metrics of a share's runs."""


@_shared.post("/series")
def query_shared_series(share: str, query: PanelsQuery) -> bytes:
    """Query series of a share's runs for charts, as those of a project."""


@_shared.post("/histograms")
def query_shared_histograms(share: str, query: HistogramQuery) -> HistogramList:
    """Query histograms of a share's runs."""
