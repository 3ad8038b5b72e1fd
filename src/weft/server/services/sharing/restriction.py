"""Limits requests to what a share shows: its runs, and the metrics that a panel names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from weft.errors import Forbidden
from weft.queries.filters import And, Comparison, Filter, Not, Order
from weft.server.services.selecting.evaluate import columns_of
from weft.server.services.selecting.types import GroupSelection, RunSelection
from weft.wire.metrics.charts import HistogramQuery, PanelQuery
from weft.wire.metrics.metrics import MetricNames
from weft.wire.runs.runs import Run

SHOWN_COLUMNS: Final = frozenset(
    {
        "id",
        "name",
        "notes",
        "tags",
        "group",
        "job_type",
        "state",
        "created",
        "started",
        "ended",
        "heartbeat",
        "runtime",
        "color",
    }
)
"""The runs' own columns that are shown. The others name people, machines, sweeps or artifacts."""

PANEL_COLUMNS: Final = frozenset(
    {"id", "name", "state", "created", "ended", "runtime", "color", "tags"}
)


class Restriction(msgspec.Struct, frozen=True):
    """The runs and texts of a share, to which requests are limited.

    Attributes:
        tree: the filter that its runs match.
        texts: the texts of its panel, which alone may be read; None for all metrics and config.
        columns: the runs' own columns that are shown; None for those of such a share.
        filters: published filters, which requests may repeat whatever they name.
        searches: published searches, each with whether it is a pattern.
        is_of_report: whether it has the runs of a report: an order by what is not shown is left
            out, as the run set has it, and curves of single writers are not shown.
    """

    tree: Filter
    texts: frozenset[str] | None = None
    columns: frozenset[str] | None = None
    filters: tuple[Filter, ...] = ()
    searches: frozenset[tuple[str, bool]] = frozenset()
    is_of_report: bool = False

    def selection(self, selection: RunSelection, columns: Sequence[str] | None) -> RunSelection:
        """A query for runs, among those of the share; Forbidden if it reads what is not shown."""
        under = () if selection.under is None else selection.under.by
        order = self._order(selection.order)
        self._check_columns([*self._columns_of(selection.tree), *under, *(columns or ())])
        if self.texts is not None and columns is None:
            raise Forbidden("this share shows panels, and not all about its runs")
        self._check_search(selection.search, regex=selection.regex)
        tree = self._among(selection.tree)
        return msgspec.structs.replace(selection, tree=tree, order=order, trashed=False)

    def groups(self, selection: GroupSelection) -> GroupSelection:
        """A query for groups of the share's runs; Forbidden if it reads what is not shown."""
        aggregates = [aggregate.column for aggregate in selection.aggregates]
        self._check_columns([*self._columns_of(selection.tree), *selection.by, *aggregates])
        self._check_search(selection.search, regex=selection.regex)
        return msgspec.structs.replace(selection, tree=self._among(selection.tree))

    def panel(self, query: PanelQuery, tree: Filter | None) -> PanelQuery:
        """A chart's query; Forbidden if it reads what the share does not show."""
        group = () if query.group is None else query.group.by
        order = self._order(query.order)
        self._check_columns([*self._columns_of(tree), *group])
        if self.is_of_report and query.by is not None:
            raise Forbidden("this share does not show the curves of single writers")
        axis = [] if query.axis_metric is None else [query.axis_metric]
        texts = [expression.text for expression in query.expressions]
        if query.axis_expression is not None:
            texts.append(query.axis_expression)
        if query.by is not None:
            texts.append(query.by)
        self.check_metrics([*query.keys, *axis, *texts])
        return msgspec.structs.replace(query, order=order)

    def histograms(self, query: HistogramQuery) -> None:
        axis = [] if query.axis_metric is None else [query.axis_metric]
        self.check_metrics([*query.keys, *axis])

    def check_metrics(self, names: Iterable[str]) -> None:
        """Forbidden if a metric or an expression is not one of the panel's."""
        if self.texts is None:
            return
        for name in names:
            if name not in self.texts:
                raise Forbidden(f"this share does not show {name!r}")

    def names(self, names: MetricNames) -> MetricNames:
        """The names of metrics that the share shows in charts: media and tables are in files."""
        texts = self.texts
        keys = [*names.numbers, *names.objects]
        n_runs = dict(zip(keys, names.n_runs, strict=True))
        kinds = dict(zip(names.objects, names.kinds, strict=True))
        numbers = [key for key in names.numbers if texts is None or key in texts]
        objects = [
            key
            for key in names.objects
            if kinds[key] == "histogram" and (texts is None or key in texts)
        ]
        shown = {*numbers, *objects}
        return MetricNames(
            numbers=numbers,
            objects=objects,
            kinds=[kinds[key] for key in objects],
            chart_tables=[],
            n_runs=[n_runs[key] for key in (*numbers, *objects)],
            system=[key for key in names.system if key in shown],
            both=[key for key in names.both if key in shown],
            hidden=[key for key in names.hidden if key in shown],
            steps=[key for key in names.steps if key in shown],
            total=len(shown),
        )

    def _among(self, tree: Filter | None) -> Filter:
        return self.tree if tree is None else And((self.tree, tree))

    def _order(self, order: Sequence[Order]) -> tuple[Order, ...]:
        if not self.is_of_report:
            self._check_columns(key.column for key in order)
        return tuple(key for key in order if self._shows(key.column))

    def _check_search(self, search: str, *, regex: bool) -> None:
        """Forbidden if a search could find out what the runs of panels are called."""
        if self.texts is not None and search and (search, regex) not in self.searches:
            raise Forbidden("this share shows panels, and its runs are not searched")

    def _columns_of(self, tree: Filter | None) -> set[str]:
        """The columns that a filter reads beyond what was published."""
        others = others_than(self.filters, tree)
        return set[str]().union(*map(columns_of, others))

    def _check_columns(self, names: Iterable[str]) -> None:
        for name in names:
            if not self._shows(name):
                raise Forbidden(f"this share does not show the column {name!r}")

    def _shows(self, column: str) -> bool:
        root, _, path = column.partition(".")
        if not path:
            if self.columns is not None:
                return column in self.columns
            return column in (SHOWN_COLUMNS if self.texts is None else PANEL_COLUMNS)
        if self.texts is None:
            return root != "writer"
        if root == "writer" and self.is_of_report:
            return False
        return column in self.texts or any(
            path == text or path.startswith(f"{text}.") for text in self.texts
        )


def others_than(filters: Sequence[Filter], tree: Filter | None) -> Iterator[Filter]:
    """The conditions of a filter that are not those of the given filters, each taken as a whole.

    So a published `user = "ada" and config.lr > 1` is repeated, and not its first condition alone.
    """
    if tree is None or tree in filters:
        return
    if isinstance(tree, Not):
        yield from others_than(filters, tree.of)
    elif isinstance(tree, Comparison):
        yield tree
    else:
        parts = list(tree.of)
        for published in filters:
            # a filter joined with another is one list of conditions
            if isinstance(published, type(tree)) and all(part in parts for part in published.of):
                parts = [part for part in parts if part not in published.of]
        for part in parts:
            yield from others_than(filters, part)


def shown_run(run: Run, runs: Iterable[str]) -> Run:
    """A run as a share shows it: without its project, people, machine and other runs."""
    fork = run.fork if run.fork is not None and run.fork.run in set(runs) else None
    return msgspec.structs.replace(
        run, entity="", project="", user=None, stopped_by=None, edited_by=None, notes_by=None,
        locked_by=None, locked_micros=None, host=None, sweep=None, fork=fork, warnings=[],
        n_alerts=0,
    )  # fmt: skip
