"""Tables of all runs of a project: rows, groups, columns.

`services.runs` answers lists.
"""

from __future__ import annotations

from collections.abc import Sequence

from weft.errors import ConfigError
from weft.queries.filters import kind_of_column
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.selecting.discovery import find_columns
from weft.server.services.selecting.grouping import check_order, group_runs
from weft.server.services.selecting.pages import (
    check_selection,
    columns_needed_by,
    slots_of,
    table_of,
)
from weft.server.services.selecting.types import (
    MAX_BY,
    MAX_COLUMNS,
    ColumnSelection,
    GroupSelection,
    RunSelection,
)
from weft.server.services.stores.stores import Service
from weft.wire.runs.runs import MAX_PAGE
from weft.wire.runs.selecting import ColumnList, GroupList, Table, Under


class SelectionService(Service):
    """Queries over all runs of a project."""

    def table(
        self,
        actor: Actor,
        path: ProjectPath,
        selection: RunSelection,
        columns: Sequence[str],
    ) -> Table:
        """A page of runs as rows with these columns."""
        require(actor, Action.READ, path)
        check_selection(selection)
        if len(columns) > MAX_COLUMNS:
            raise ConfigError(f"a table has at most {MAX_COLUMNS} columns", field="columns")
        for column in columns:
            kind_of_column(column, field="columns")
        project_id = self._stores.find_project(path)
        return table_of(self._stores, actor, project_id, selection, columns)

    def groups(self, actor: Actor, path: ProjectPath, selection: GroupSelection) -> GroupList:
        """A page of groups of runs, with the aggregates of each group."""
        require(actor, Action.READ, path)
        _check_groups(selection)
        project_id = self._stores.find_project(path)
        names = columns_needed_by(selection.tree, selection.search) | set(selection.by)
        names |= {requested.column for requested in selection.aggregates}
        view = self._stores.columns.view(actor, project_id, names)
        slots = slots_of(
            view,
            selection.tree,
            search=selection.search,
            regex=selection.regex,
            under=Under(selection.by, selection.under),
        )
        return group_runs(view, slots, selection)

    def columns(self, actor: Actor, path: ProjectPath, selection: ColumnSelection) -> ColumnList:
        """A page of the columns that at least one run of a project has."""
        require(actor, Action.READ, path)
        check_limit(selection.limit, MAX_PAGE)
        return find_columns(self._stores, actor, self._stores.find_project(path), selection)


def _check_groups(selection: GroupSelection) -> None:
    check_limit(selection.limit, MAX_PAGE)
    if not 1 <= len(selection.by) <= MAX_BY:
        raise ConfigError(f"runs are grouped by 1 to {MAX_BY} columns", field="by")
    if len(set(selection.by)) < len(selection.by):
        raise ConfigError("runs are grouped by each column once", field="by")
    if len(selection.under) >= len(selection.by):
        raise ConfigError("under has fewer values than there are columns in by", field="under")
    if not 1 <= selection.levels <= MAX_BY:
        raise ConfigError(f"levels must be 1 to {MAX_BY}", field="levels")
    if len(selection.aggregates) > MAX_COLUMNS:
        raise ConfigError(f"groups have at most {MAX_COLUMNS} figures", field="aggregates")
    for column in selection.by:
        kind_of_column(column, field="by")
    for requested in selection.aggregates:
        kind_of_column(requested.column, field="aggregates")
    check_order(selection)
