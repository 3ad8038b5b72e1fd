"""The runs behind a shared report: those of the run sets of a published grid, as they are.

The bound of a request is computed from what is published, as the page computes which runs a run
set shows; nothing that a request says makes it wider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import FilterError, WeftError
from weft.queries.filter_text import parse_filter
from weft.queries.filters import And, Comparison, Filter, Not, Or, Order
from weft.queries.shown import FIRST_SHOWN, figures_of_groups, first_shown, order_of_groups
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath, SharedLink
from weft.server.services.access.permissions import Action, require
from weft.server.services.columns.project_columns import View
from weft.server.services.selecting.grouping import decode_group_value, group_runs
from weft.server.services.selecting.ordering import sorted_runs
from weft.server.services.selecting.pages import columns_needed_by, slots_of
from weft.server.services.selecting.types import GroupSelection
from weft.server.services.sharing.content import texts_of
from weft.server.services.sharing.restriction import PANEL_COLUMNS, SHOWN_COLUMNS, Restriction
from weft.server.services.sharing.shared_reports import SharedGrid, SharedReportService
from weft.server.services.stores.stores import Stores
from weft.wire.reports.grids import Panel, RunChoice, RunSet
from weft.wire.reports.shared import SHOWN_ENTITY
from weft.wire.runs.selecting import Aggregate, Under

_NEWEST: Final = RunSet(selection=RunChoice(base="newest"))
"""The runs of a grid without run sets."""

_NO_RUN: Final = Comparison("id", "in", ())
_EACH_RUN: Final = And(())
_UNBOUND: Final = Restriction(_EACH_RUN)
_TEXT_PANEL: Final = "markdown"


class ReportRunBound(NamedTuple):
    """The runs of a project that a link to a report shows in one grid, or the one of a page."""

    path: ProjectPath
    project_id: int
    restriction: Restriction


@dataclass(eq=False)
class ReportRuns:
    """Computes which runs of a project a link shows."""

    _stores: Stores
    _reports: SharedReportService

    def open(self, actor: Actor, link: SharedLink) -> ReportRunBound:
        """The bound of the requests of a grid, or of the page of one of its runs; NotFound if the
        link shows no runs there.
        """
        require(actor, Action.READ, link)
        shared = self._reports.grid(actor, link)
        of_grid = self._of_grid(shared) if shared.grid else _UNBOUND
        if not link.run:
            return ReportRunBound(shared.path, shared.project_id, of_grid)
        tree = And((of_grid.tree, _among([link.run])))
        page = Restriction(tree, is_of_report=True)
        return ReportRunBound(shared.path, shared.project_id, page)

    def _of_grid(self, shared: SharedGrid) -> Restriction:
        sets = list(_sets_of(shared))
        panels = _panels_of(shared.grid)
        filters = [_filter_of(run_set.filter) for run_set in sets]
        trees = [
            self._tree(shared.project_id, run_set, tree)
            for run_set, tree in zip(sets, filters, strict=True)
            if tree is not None
        ]
        if shared.name == _panel_project(shared):
            own = [_filter_of(panel.runFilter) for panel in panels if panel.runFilter is not None]
            filters += own
            trees += [tree for tree in own if tree is not None]
        named = [
            [run_set.groupBy, [key.column for key in run_set.order], run_set.colorBy]
            for run_set in sets
        ]
        stored: dict[str, Any] = shared.grid.get("panels") or {}
        # a title is no choice of a column
        drawn = [{**panel, "title": None} for panel in stored.values()]
        texts = texts_of([named, drawn, shared.grid.get("settings") or {}])
        return Restriction(
            tree=Or(tuple(trees)) if trees else _NO_RUN,
            texts=frozenset(texts),
            columns=PANEL_COLUMNS | (SHOWN_COLUMNS & texts),
            filters=tuple(tree for tree in filters if tree is not None and tree != _EACH_RUN),
            searches=frozenset((run_set.runSearch, run_set.isRunRegex) for run_set in sets),
            is_of_report=True,
        )

    def _tree(self, project_id: int, run_set: RunSet, tree: Filter) -> Filter:
        """A filter for the runs that a set shows."""
        choice = run_set.selection or RunChoice(base="all")
        try:
            if run_set.runSearch:
                tree = _among(self._ids(project_id, run_set, tree))
            if choice.base == "newest":
                tree_of_first = self._first(project_id, run_set, tree)
            else:
                tree_of_first = _EACH_RUN if choice.base == "all" else _NO_RUN
        except WeftError:
            # a filter, a pattern or a column that this server does not read: the page reads none
            return _NO_RUN
        shown = And((tree_of_first, Not(_among(choice.off))))
        return And((tree, Or((shown, _among(choice.on)))))

    def _first(self, project_id: int, run_set: RunSet, tree: Filter) -> Filter:
        """A filter for the first runs of a set's list, or those of its first groups, and for the
        first that run.
        """
        order = [Order(key.column, key.descending) for key in run_set.order]
        if not run_set.groupBy:
            running = And((tree, Comparison("state", "=", "running")))
            ids = (self._ids(project_id, run_set, each) for each in (tree, running))
            return _among(first_shown(*ids))
        by = run_set.groupBy[0]
        figures = figures_of_groups(order, run_set.groupBy)
        columns = {by, *(figure.column for figure in figures)}
        view = self._view(project_id, columns | columns_needed_by(tree, ""))
        page = group_runs(
            view,
            slots_of(view, tree),
            GroupSelection(
                by=(by,),
                aggregates=tuple(Aggregate(figure.column, figure.function) for figure in figures),
                order=tuple(order_of_groups(order, run_set.groupBy)),
                limit=FIRST_SHOWN,
            ),
        )
        shown: list[str] = []
        for group in page.groups:
            under = Under((by,), (decode_group_value(group.values[0]),))
            shown += view.runs.ids_of(slots_of(view, tree, under=under))
        return _among(shown)

    def _ids(self, project_id: int, run_set: RunSet, tree: Filter) -> list[str]:
        """The runs of a set's list that match, in its order."""
        order = [Order(key.column, key.descending) for key in run_set.order]
        names = columns_needed_by(tree, run_set.runSearch) | {key.column for key in order}
        view = self._view(project_id, names)
        slots = slots_of(view, tree, search=run_set.runSearch, regex=run_set.isRunRegex)
        return view.runs.ids_of(sorted_runs(view, slots, order))

    def _view(self, project_id: int, names: set[str]) -> View:
        return self._stores.columns.view(SYSTEM, project_id, names)


def _sets_of(shared: SharedGrid) -> Iterator[RunSet]:
    """The published run sets of a grid with runs of the project."""
    stored: dict[str, Any] = shared.grid.get("runSets") or {}
    sets = [msgspec.convert(run_set, RunSet) for run_set in stored.values()] or [_NEWEST]
    for run_set in sets if _draws_runs(shared.grid) else ():
        if _name_of(shared, run_set) == shared.name:
            yield run_set


def _draws_runs(grid: Mapping[str, Any]) -> bool:
    return any(panel.kind != _TEXT_PANEL for panel in _panels_of(grid))


def _panels_of(grid: Mapping[str, Any]) -> list[Panel]:
    stored: dict[str, Any] = grid.get("panels") or {}
    return [msgspec.convert(panel, Panel) for panel in stored.values()]


def _name_of(shared: SharedGrid, run_set: RunSet) -> str:
    return shared.projects.name(run_set.project) if run_set.project else f"{SHOWN_ENTITY}/1"


def _panel_project(shared: SharedGrid) -> str:
    """The name of the project of the grid's panels: of its first run set that is shown."""
    stored: dict[str, Any] = shared.grid.get("runSets") or {}
    order = [name for name in shared.grid.get("runSetOrder") or () if name in stored]
    names = list(dict.fromkeys([*order, *sorted(stored)]))
    sets = [msgspec.convert(stored[name], RunSet) for name in names] or [_NEWEST]
    return _name_of(shared, next((each for each in sets if each.isShown), sets[0]))


def _filter_of(text: str) -> Filter | None:
    """A published filter; None if this server does not read it."""
    try:
        return parse_filter(text) if text.strip() else _EACH_RUN
    except FilterError:
        return None


def _among(ids: Sequence[str]) -> Filter:
    return Comparison("id", "in", tuple(ids))
