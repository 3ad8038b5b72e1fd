"""Resolves the runs that a caller of `weft.Api` names: a list, a filter, or `StoredRuns`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from weft.errors import ConfigError
from weft.queries.filter_json import encode_filter
from weft.queries.filters import And, Comparison, Filter, Not, Or
from weft.sdk.reading.filters import read_filter
from weft.sdk.reading.paths import ProjectName, run_name
from weft.sdk.reading.rows.table import Chosen
from weft.sdk.reading.stored.run import StoredRun
from weft.sdk.reading.stored.runs import StoredRuns


def choose_runs(runs: Any, project: ProjectName) -> Chosen:
    """Return the runs that a caller names: `StoredRuns`, a filter in any form, or a list of runs,
    paths or ids; None for all. `project` is of runs that do not name theirs.
    """
    if isinstance(runs, StoredRuns):
        if runs.query["search"]:
            return Chosen(
                ProjectName(runs.entity, runs.project), {"runs": [run.id for run in runs]}
            )
        tree = runs.query["filter"]
        return Chosen(ProjectName(runs.entity, runs.project), {"filter": tree} if tree else {})
    if isinstance(runs, StoredRun):
        runs = [runs]
    if runs is None or isinstance(runs, (str, Mapping, Comparison, And, Or, Not)):
        tree = read_filter(cast("str | Mapping[str, Any] | Filter | None", runs))
        return Chosen(project, {} if tree is None else {"filter": encode_filter(tree)})
    if not isinstance(runs, Iterable):
        raise ConfigError(f"runs are a list, a filter or Api.runs(), not {type(runs).__name__}")
    return _listed(cast("Iterable[Any]", runs), project)


def _listed(runs: Iterable[Any], project: ProjectName) -> Chosen:
    ids: dict[str, None] = {}
    projects: set[ProjectName] = set()
    for run in runs:
        if isinstance(run, StoredRun):
            projects.add(ProjectName(run.entity, run.project))
            ids[run.id] = None
        elif isinstance(run, str):
            name = run_name(run, project)
            projects.add(ProjectName(name.entity, name.project))
            ids[name.run_id] = None
        else:
            raise ConfigError(f"give a run by its path or id, not by {type(run).__name__}")
    if len(projects) > 1:
        names = ", ".join(sorted("/".join(project_name) for project_name in projects))
        raise ConfigError(f"a table has runs of one project, not of {names}")
    return Chosen(projects.pop() if projects else project, {"runs": list(ids)})
