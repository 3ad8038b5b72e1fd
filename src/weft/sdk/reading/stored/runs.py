"""The runs of a project that match a filter, sorted. Does network I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from weft.client.api_client import ApiClient, Json, Page
from weft.errors import ConfigError, NoSuchProject, NotFound
from weft.libraries.optional import needed
from weft.queries.filter_json import encode_filter
from weft.queries.filters import Filter
from weft.queries.orders import order_from_wandb
from weft.sdk.guard import warn_caller
from weft.sdk.reading.filters import read_filter, uses_summary
from weft.sdk.reading.pages import Pages
from weft.sdk.reading.paths import ProjectName
from weft.sdk.reading.rows.runs_table import MAX_PAGE_RUNS, pandas_of_runs, polars_of_runs
from weft.sdk.reading.rows.scan import checked_keys
from weft.sdk.reading.stored.edits import changes
from weft.sdk.reading.stored.facts import EDITED
from weft.sdk.reading.stored.run import StoredRun, Stream
from weft.sdk.reading.unknown_names import notes_on_query
from weft.wire.metrics.metrics import MetricDeletion, delete_metrics
from weft.wire.runs.bulk import (
    BulkAction,
    BulkAnswer,
    BulkChange,
    DeleteAction,
    EditAction,
    MoveAction,
    StopAction,
    UndeleteAction,
    change_runs,
)
from weft.wire.server.server import catch_up

_LOADERS: Final = 8
Format = Literal["default", "pandas", "polars"]


class StoredRuns(Pages[StoredRun]):
    """Runs of a project, fetched page by page.

    Attributes:
        entity, project: the project of the runs.
        filters: the filter as the caller wrote it.
        order: the order as the caller wrote it.
    """

    def __init__(
        self,
        client: ApiClient,
        entity: str,
        project: str,
        *,
        filters: Mapping[str, Any] | str | Filter | None = None,
        order: str | None = None,
        per_page: int = 50,
        search: str = "",
        lazy: bool = True,
        warns: bool = True,
    ) -> None:
        """Begin. `warns` about columns that no run has: the caller may have mistyped one."""
        super().__init__(min(per_page, MAX_PAGE_RUNS))
        self._client = client
        self.entity = entity
        self.project = project
        self.filters = filters
        self.order = order or "-created_at"
        self._lazy = lazy
        self._warns = warns
        self._filter = read_filter(filters)
        self._order = order_from_wandb(self.order)
        self._query = {
            "filter": None if self._filter is None else encode_filter(self._filter),
            "order": [{"column": key.column, "descending": key.descending} for key in self._order],
            "search": search,
        }

    @property
    def query(self) -> Json:
        """`filter`, `order` and `search`, as the HTTP API takes them."""
        return dict(self._query)

    def _ask(self, cursor: str | None) -> Page[Json]:
        if cursor is None and uses_summary(self._query):
            self._client.call(catch_up)
        try:
            page = self._client.runs(
                self.entity, self.project, self._query, limit=self.per_page, cursor=cursor
            )
        except NotFound as error:
            raise NoSuchProject(str(error)) from error
        if cursor is None and self._warns:
            order = [key.column for key in self._order]
            for note in notes_on_query(
                self._client, self.entity, self.project, self._filter, order, page.items
            ):
                warn_caller(note)
        return page

    def _item(self, fields: Json) -> StoredRun:
        return StoredRun(self._client, fields)

    def _load_page(self) -> bool:
        first = len(self.objects)
        has_page = super()._load_page()
        if has_page and not self._lazy:
            _load_whole(self.objects[first:])
        return has_page

    def upgrade_to_full(self) -> None:
        """Fetch the config and summary of each run in full, also of runs on later pages.

        A list shortens configs and summaries of more than 200 values until a run's are read.
        """
        self._lazy = False
        _load_whole(self.objects)

    def histories(
        self,
        samples: int = 500,
        keys: list[str] | None = None,
        x_axis: str = "_step",
        format: Format = "default",  # noqa: A002  W&B's name
        stream: Stream = "default",
    ) -> Any:
        """Return the rows of all these runs, each run thinned as by `StoredRun.history`.

        To get all rows of thousands of runs at once, use `Api.history`.

        Args:
            samples, keys, x_axis, stream: as for `StoredRun.history`, for each run.
            format: "default" for a list of dicts with `run_id`; "pandas" or "polars" for a table
                with a column `run_id`.

        Raises:
            ConfigError: the format is unknown.
            MissingLibrary: pandas or polars is not installed.
        """
        if format not in {"default", "pandas", "polars"}:
            raise ConfigError(f"format must be 'default', 'pandas' or 'polars', not {format!r}")
        library = None if format == "default" else needed(format, f"format={format!r}")
        rows = [
            {**row, "run_id": run.id}
            for run in self
            for row in run.history(samples, keys, x_axis, pandas=False, stream=stream)
        ]
        if library is None:
            return rows
        columns = sorted({name for row in rows for name in row})
        if format == "pandas":
            return library.DataFrame.from_records(rows, columns=columns)
        return library.DataFrame({name: [row.get(name) for row in rows] for name in columns},
                                 strict=False)  # fmt: skip

    def pandas(self, columns: Sequence[str] | None = None) -> Any:
        """Return these runs as a DataFrame of pandas: a row for each run, in their order.

        Columns have the names that filters use: `name`, `state`, `created`, `config.lr`,
        `summary.loss`. Values are those of lists of runs: long texts are cut.

        Args:
            columns: their names. All in which some of the runs have a value, by default, without
                metrics that are hidden.

        Raises:
            MissingLibrary: pandas is not installed.
            ConfigError: a column has a name that no column can have.
        """
        return pandas_of_runs(self._client, self._project(), self._query, columns)

    def polars(self, columns: Sequence[str] | None = None) -> Any:
        """Return these runs as a DataFrame of polars; see `pandas`."""
        return polars_of_runs(self._client, self._project(), self._query, columns)

    def _project(self) -> ProjectName:
        return ProjectName(self.entity, self.project)

    # -- changes of all of them at once ---

    def edit(
        self,
        *,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        config: Mapping[str, Any] | None = None,
        **fields: str | int | None,
    ) -> BulkAnswer:
        """Change all these runs in one request.

        The answer names the runs that failed; they stay as they were.

        Args:
            add_tags, remove_tags: the tags to add and to remove.
            config: values to set, nested. Values that it does not name are kept.
            fields: `name`, `notes`, `group`, `job_type`, `color`.

        Raises:
            ConfigError: a field is unknown, or no change is given.
        """
        unknown = sorted(fields.keys() - set(EDITED))
        if unknown:
            raise ConfigError(f"runs have no field {unknown[0]!r}; use {', '.join(EDITED)}")
        action: Json = dict(fields)
        if add_tags:
            action["add_tags"] = list(add_tags)
        if remove_tags:
            action["remove_tags"] = list(remove_tags)
        if config:
            action["config"] = changes({}, dict(config), is_input=True)
        return self._change(EditAction(**action))

    def delete(self, *, permanently: bool = False) -> BulkAnswer:
        """Move all these runs to the trash, or delete them permanently."""
        return self._change(DeleteAction(permanently=permanently))

    def undelete(self) -> BulkAnswer:
        """Restore the runs among these that are in the trash."""
        return self._change(UndeleteAction())

    def stop(self) -> BulkAnswer:
        """Ask the scripts of all these runs to end."""
        return self._change(StopAction())

    def move(self, project: str, entity: str | None = None) -> BulkAnswer:
        """Move all these runs to another project, which is created if it does not exist."""
        return self._change(MoveAction(project=project, entity=entity))

    def delete_metrics(self, keys: Sequence[str]) -> int:
        """Delete metrics of all these runs permanently; they do not go to the trash.

        Args:
            keys: their names. Names that a run lacks are ignored.

        Returns:
            How many metrics were deleted, in all runs together.
        """
        keys = checked_keys(keys) or []
        try:
            deletion = MetricDeletion(**self._these(), keys=keys)
            answer = self._client.call(delete_metrics, self.entity, self.project, deletion)
        except NotFound as error:
            raise NoSuchProject(str(error)) from error
        return answer.n_metrics

    def _change(self, action: BulkAction) -> BulkAnswer:
        try:
            change = BulkChange(**self._these(), action=action)
            return self._client.call(change_runs, self.entity, self.project, change)
        except NotFound as error:
            raise NoSuchProject(str(error)) from error

    def _these(self) -> Json:
        """Return the selection of all these runs in a request that changes many."""
        if uses_summary(self._query):
            self._client.call(catch_up)
        if self._query["search"]:
            return {"runs": [run.id for run in self]}
        return {"filter": self._query["filter"] or {"and": []}}

    def _repr_html_(self) -> str:
        from weft.sdk.display.pictures import MAX_ROWS
        from weft.sdk.reading.stored.html import runs_html

        return runs_html(self[:MAX_ROWS], len(self), self._client)

    def __repr__(self) -> str:
        return f"<Runs {self.entity}/{self.project}>"


def _load_whole(runs: list[StoredRun]) -> None:
    short = [run for run in runs if run.load().get("truncated")]
    if len(short) < 2:
        for run in short:
            run.load_full_data()
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(_LOADERS, len(short))) as pool:
        list(pool.map(StoredRun.load_full_data, short))
