"""Shapes of panel grids: panels over run sets.

Panels, and the settings of run sets, have the names and shapes that they have in the document of a
workspace (`web/src/data/view/`), so a grid is drawn and edited by the workspace's own code. Here
only what the server reads is stated; all other keys are stored unchanged.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

MAX_PANELS: Final = 200
MAX_RUN_SETS: Final = 50

_Text = Annotated[str, Meta(max_length=512)]
_Filter = Annotated[str, Meta(max_length=64 * 1024)]


class RunOrder(Struct, frozen=True, kw_only=True):
    column: Annotated[str, Meta(max_length=2048)]
    descending: bool = False


class RunChoice(Struct, frozen=True, kw_only=True):
    """The runs that charts show of those that match: a base, and the runs that differ from it."""

    base: Literal["newest", "all", "none"]
    on: Annotated[list[str], Meta(max_length=10_000)] = []
    off: Annotated[list[str], Meta(max_length=10_000)] = []


class RunSet(Struct, frozen=True, kw_only=True):
    """Runs of a project, as the run list of a workspace selects them.

    Attributes:
        project: `entity/project`. None: the report's own project.
        filter: in the filter language.
        groupColors: numbers of colors by group.
        runColors: numbers of colors by run id.
    """

    name: _Text = ""
    project: _Text | None = None
    isShown: bool = True
    filter: _Filter = ""
    runSearch: _Text = ""
    isRunRegex: bool = False
    groupBy: list[str] = []
    order: list[RunOrder] = []
    selection: RunChoice | None = None
    baseline: str | None = None
    colorBy: str | None = None
    groupColors: dict[str, int] = {}
    runColors: dict[str, int] = {}


class Panel(Struct, frozen=True, kw_only=True):
    """A panel, as `Panel` of the workspace, without `id` and `section`."""

    kind: Annotated[str, Meta(min_length=1, max_length=64)]
    title: _Text | None = None
    keys: Annotated[list[str], Meta(max_length=10_000)] = []
    runFilter: _Filter | None = None
    settings: dict[str, Any] = {}
    options: dict[str, Any] = {}


class Grid(Struct, frozen=True, kw_only=True):
    """A block of panels.

    Attributes:
        runSets: by id, drawn in the order of `runSetOrder`; those that it lacks follow by id.
        panels: by id, in the order of `panelOrder`.
        settings: of all panels, as those of a workspace.
    """

    runSets: Annotated[dict[str, RunSet], Meta(max_length=MAX_RUN_SETS)] = {}
    runSetOrder: list[str] = []
    panels: Annotated[dict[str, Panel], Meta(max_length=MAX_PANELS)] = {}
    panelOrder: list[str] = []
    settings: dict[str, Any] = {}


GRID_PARTS: Final = ("runSets", "panels")
"""Keys of a grid whose values are objects by id: two people may edit two of them at once."""
