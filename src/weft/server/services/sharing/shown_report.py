"""The part of a published report that a share shows. Pure.

A share names no project, so each has a number in the order in which the report refers to it; the
report's own is the first. `shown_figures` does the same for stored answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.server.services.access.paths import ProjectPath
from weft.wire.reports.blocks import OBJECT_BLOCKS, TEXT_BLOCKS
from weft.wire.reports.inline import INLINE_KINDS, TextRun
from weft.wire.reports.reports import ReportDocument
from weft.wire.reports.shared import SHOWN_ENTITY

VALUES: Final = "values:"
"""Begins the name of a part of a version: the values of a project's runs in the text."""

_OF_RUNS: Final = frozenset({"run", "metric", "table"})
"""Cards whose content is in figures."""

_NAMES_RUN: Final = {"value": "run", "card": "path"}
"""By kind, the member with the path of a run."""

_MEMBERS: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(type_.__struct_fields__) | {"id", "kind"}
    for kind, type_ in {**TEXT_BLOCKS, **INLINE_KINDS, **OBJECT_BLOCKS}.items()
}
_TEXT_MEMBERS: Final = frozenset(TextRun.__struct_fields__)
_FOREIGN: Final = "wandb"
"""Begins the members that other programs added."""


class ShownProjects:
    """The names of projects in a share of a report.

    >>> projects = ShownProjects(ProjectPath("lab", "mnist"))
    >>> projects.run("lab/other/ab12"), projects.run("lab/mnist/ab12"), projects.run("?")
    ('-/2/ab12', '-/1/ab12', '')
    """

    def __init__(self, own: ProjectPath) -> None:
        self._own = own
        self._names: dict[str, str] = {str(own): f"{SHOWN_ENTITY}/1"}
        self._n_projects = 1

    def add_earlier(self, path: str) -> None:
        """Add an earlier path of the report's own project."""
        self._names[path] = f"{SHOWN_ENTITY}/1"

    def name(self, path: str) -> str:
        """The name that stands for a project; without an entity it is one of the report's."""
        entity, separator, project = path.partition("/")
        path = path if separator else f"{self._own.entity}/{entity}"
        if not project and separator:
            return ""
        if path not in self._names:
            self._n_projects += 1
            self._names[path] = f"{SHOWN_ENTITY}/{self._n_projects}"
        return self._names[path]

    def run(self, path: str) -> str:
        """The path of a run, with the name of its project; empty if it is not a path."""
        parts = path.split("/")
        if len(parts) != 3 or not all(parts):
            return ""
        return f"{self.name('/'.join(parts[:2]))}/{parts[2]}"

    def path(self, number: str) -> ProjectPath | None:
        """The project with a number, as it is written in the report; None without one.

        >>> ShownProjects(ProjectPath("lab", "mnist")).path("1")
        ProjectPath(entity='lab', project='mnist')
        """
        if number == "1":
            return self._own
        shown = f"{SHOWN_ENTITY}/{number}"
        path = next((path for path, name in self._names.items() if name == shown), None)
        return None if path is None else ProjectPath(*path.split("/", 1))

    def part(self, part: str) -> str:
        """The name of a part of a version, which may have a project's path in it."""
        return VALUES + self.name(part.removeprefix(VALUES)) if part.startswith(VALUES) else part


def shown_document(content: Mapping[str, Any], projects: ShownProjects) -> ReportDocument:
    """The content of a version without what only its project's members see.

    Members that weft does not know are left out, as are links to pages of this server, and
    addresses of its files.
    """
    return ReportDocument(
        schema=content["schema"],
        title=content["title"],
        description=content["description"],
        width=content["width"],
        blocks=_shown(content["blocks"], projects),
    )


def runs_in(value: Any) -> set[str]:
    """The paths of runs that values and cards of a shown document name.

    >>> sorted(runs_in([{"kind": "value", "run": "-/1/ab"}, {"kind": "card", "path": "-/2/cd"}]))
    ['-/1/ab', '-/2/cd']
    """
    if isinstance(value, list):
        return set[str]().union(*map(runs_in, cast("list[Any]", value)))
    if not isinstance(value, dict):
        return set()
    item = cast("dict[str, Any]", value)
    name = _NAMES_RUN.get(str(item.get("kind")))
    if name is not None:
        return {str(item.get(name))}
    return set[str]().union(*map(runs_in, item.values()))


def _shown(value: Any, projects: ShownProjects) -> Any:
    if isinstance(value, list):
        return [_shown(part, projects) for part in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    item = cast("dict[str, Any]", value)
    kind = item.get("kind")
    if kind == "grid":
        return _shown_grid(item, projects)
    if isinstance(kind, str):
        # of a kind that weft does not know, the page says that it is there
        item = _chosen(item, _MEMBERS.get(kind, frozenset({"id", "kind"})))
        return _shown_object(kind, item, projects)
    if "text" in item:
        item = _chosen(item, _TEXT_MEMBERS)
        if str(item.get("link") or "").startswith("/"):
            del item["link"]
        return item
    # an item of a list, a row or a cell of a table, a column
    return {
        name: _shown(part, projects)
        for name, part in item.items()
        if not name.startswith(_FOREIGN)
    }


def _shown_object(kind: str, item: dict[str, Any], projects: ShownProjects) -> dict[str, Any]:
    if kind == "value":
        return {**item, "run": projects.run(str(item.get("run")))}
    if kind == "card":
        is_of_run = item.get("of") in _OF_RUNS
        path = projects.run(str(item.get("path"))) if is_of_run else ""
        return {"id": item.get("id"), "kind": kind, "of": item.get("of"), "path": path} | (
            {"key": item["key"]} if is_of_run and "key" in item else {}
        )
    if kind == "image" and str(item.get("url") or "").startswith("/"):
        del item["url"]
    return {name: _shown(part, projects) for name, part in item.items()}


def _shown_grid(grid: dict[str, Any], projects: ShownProjects) -> dict[str, Any]:
    grid = _chosen(grid, _MEMBERS["grid"])
    run_sets = cast("dict[str, dict[str, Any]]", grid.get("runSets") or {})
    grid["runSets"] = {
        name: _without_foreign(run_set)
        | ({"project": projects.name(run_set["project"])} if run_set.get("project") else {})
        for name, run_set in run_sets.items()
    }
    panels = cast("dict[str, dict[str, Any]]", grid.get("panels") or {})
    grid["panels"] = {name: _without_foreign(panel) for name, panel in panels.items()}
    return grid


def _chosen(item: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: part for name, part in item.items() if name in names}


def _without_foreign(item: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in item.items() if not name.startswith(_FOREIGN)}
