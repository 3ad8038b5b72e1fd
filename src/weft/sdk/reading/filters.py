"""Reads filters as callers of `weft.Api` write them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.errors import ConfigError, FilterError
from weft.queries.filter_text import parse_filter
from weft.queries.filters import And, Comparison, Filter, Not, Or
from weft.queries.wandb_filters import filter_from_wandb

_SHOWN_CHARS: Final = 50
"""Characters of an invalid filter that an error shows on each side of the invalid position."""


def read_filter(filters: Mapping[str, Any] | str | Filter | None) -> Filter | None:
    """Read a filter in any of its forms: weft's text, W&B's dict, or a tree; None or empty for no
    filter.
    """
    if isinstance(filters, (Comparison, And, Or, Not)):
        return filters
    if not filters:
        return None
    if isinstance(filters, str):
        try:
            return parse_filter(filters)
        except FilterError as error:
            if error.column is None:
                raise
            message = f"{error}\n{_marked(filters, error.column)}"
            raise FilterError(message, column=error.column) from None
    if isinstance(filters, Mapping):
        return filter_from_wandb(filters)
    raise ConfigError(f"filters must be a text or a dict, not {type(filters).__name__}")


def _marked(text: str, column: int) -> str:
    """Return the part of a filter around a column, and a mark below that column.

    >>> print(_marked("config.lr >> 1", 12))
        config.lr >> 1
                   ^
    """
    first = max(0, column - 1 - _SHOWN_CHARS)
    shown = text[first : column - 1 + _SHOWN_CHARS].translate({10: " ", 13: " ", 9: " "})
    return f"    {shown}\n    {' ' * (column - 1 - first)}^"


def uses_summary(query: Any) -> bool:
    """Return whether a query depends on summaries: its filter or order names one.

    >>> uses_summary({"filter": None, "order": [{"column": "summary.loss", "descending": True}]})
    True
    """
    if isinstance(query, dict):
        items = cast("dict[str, Any]", query)
        column = items.get("column")
        if isinstance(column, str) and column.startswith("summary."):
            return True
        return any(uses_summary(items[name]) for name in ("filter", "order", "and", "or", "not")
                   if name in items)  # fmt: skip
    return isinstance(query, list) and any(map(uses_summary, cast("list[Any]", query)))
