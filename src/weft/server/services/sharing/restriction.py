"""Limits requests to what a share shows: its runs, and the metrics that a panel names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from weft.errors import Forbidden
from weft.queries.filters import And, Filter
from weft.server.services.selecting.evaluate import columns_of
from weft.server.services.selecting.types import RunSelection
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
    """

    tree: Filter
    texts: frozenset[str] | None = None

    def selection(self, selection: RunSelection, columns: Sequence[str] | None) -> RunSelection:
        """A query for runs, among those of the share; Forbidden if it reads what is not shown."""
        under = () if selection.under is None else selection.under.by
        names = {order.column for order in selection.order}
        self._check_columns([*columns_of(selection.tree), *names, *under, *(columns or ())])
        if self.texts is not None and (selection.search or columns is None):
            raise Forbidden("this share shows one panel, and not all about its runs")
        tree = self.tree if selection.tree is None else And((self.tree, selection.tree))
        return msgspec.structs.replace(selection, tree=tree, trashed=False)

    def panel(self, query: PanelQuery, tree: Filter | None) -> None:
        """Check a chart's query; Forbidden if it reads what the share does not show."""
        group = () if query.group is None else query.group.by
        orders = [order.column for order in query.order]
        self._check_columns([*columns_of(tree), *orders, *group])
        axis = [] if query.axis_metric is None else [query.axis_metric]
        texts = [expression.text for expression in query.expressions]
        if query.axis_expression is not None:
            texts.append(query.axis_expression)
        if query.by is not None:
            texts.append(query.by)
        self.check_metrics([*query.keys, *axis, *texts])

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

    def _check_columns(self, names: Iterable[str]) -> None:
        for name in names:
            if not self._shows(name):
                raise Forbidden(f"this share does not show the column {name!r}")

    def _shows(self, column: str) -> bool:
        root, _, path = column.partition(".")
        if not path:
            return column in (SHOWN_COLUMNS if self.texts is None else PANEL_COLUMNS)
        if self.texts is None:
            return root != "writer"
        return column in self.texts or any(
            path == text or path.startswith(f"{text}.") for text in self.texts
        )


def shown_run(run: Run, runs: Iterable[str]) -> Run:
    """A run as a share shows it: without its project, people, machine and other runs."""
    fork = run.fork if run.fork is not None and run.fork.run in set(runs) else None
    return msgspec.structs.replace(
        run, entity="", project="", user=None, stopped_by=None, edited_by=None, notes_by=None,
        locked_by=None, locked_micros=None, host=None, sweep=None, fork=fork, warnings=[],
        n_alerts=0,
    )  # fmt: skip
