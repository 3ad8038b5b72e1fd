"""The content of a share, as its row holds it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, cast

import msgspec

from weft.queries.filter_json import decode_filter
from weft.queries.filters import Comparison, Filter
from weft.wire.projects.shares import ShareKind

_VIEW_FIELDS: Final = frozenset(
    {
        "colorBy",
        "groupBy",
        "hiddenPanels",
        "isPanelRegex",
        "isSynced",
        "order",
        "panelSearch",
        "panels",
        "pinned",
        "sectionOrder",
        "sections",
        "settings",
        "table",
    }
)
"""Fields of a view that say nothing about runs that are not shown."""

_PANEL_FIELDS: Final = frozenset({"panel", "settings"})


class ShareContent(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a share, by id or by a filter, and the document that its page draws; of a run
    also whether its files and its console lines are shown; or the id of a report, whether its
    runs are shown as they are, and whether each of them has a page.
    """

    runs: list[str] | None = None
    filter: dict[str, Any] | None = None
    document: dict[str, Any] = {}
    shows_files: bool = False
    shows_console: bool = False
    report: str | None = None
    shows_runs: bool = False
    shows_pages: bool = False

    @property
    def tree(self) -> Filter:
        """The filter that the runs of the share match."""
        if self.filter is not None:
            return decode_filter(self.filter)
        return Comparison("id", "in", tuple(self.runs or ()))


def shown_document(
    kind: ShareKind, document: dict[str, Any], runs: Collection[str]
) -> dict[str, Any]:
    """The part of a document that a share shows: no filters of lists, hidden runs, baselines, and
    no styles or annotations of runs or groups that it does not have.

    >>> shown_document("view", {"filter": "name = a", "settings": {"by": None}}, [])
    {'settings': {'by': None}}
    """
    fields = _PANEL_FIELDS if kind == "panel" else _VIEW_FIELDS
    shown = {name: value for name, value in document.items() if name in fields}
    return cast("dict[str, Any]", _without_others(shown, frozenset(runs)))


def _without_others(value: Any, runs: frozenset[str]) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {name: _without_others(part, runs) for name, part in items.items()}
    if isinstance(value, list):
        parts = cast("list[Any]", value)
        return [_without_others(part, runs) for part in parts if not _is_of_other(part, runs)]
    return value


def _is_of_other(part: Any, runs: frozenset[str]) -> bool:
    """Whether an entry of a list is an annotation or a style of a run or group not in a share."""
    if not isinstance(part, dict):
        return False
    items = cast("dict[str, Any]", part)
    subject = items.get("id") if items.get("of") == "run" else items.get("run")
    return items.get("of") == "group" or (subject is not None and subject not in runs)


def texts_of(value: Any) -> set[str]:
    """All texts in a JSON value, names of fields too.

    >>> sorted(texts_of({"keys": ["loss"], "axisBy": "epoch"}))
    ['axisBy', 'epoch', 'keys', 'loss']
    """
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return set(items).union(*map(texts_of, items.values()))
    if isinstance(value, list):
        return set[str]().union(*map(texts_of, cast("list[Any]", value)))
    return set()
