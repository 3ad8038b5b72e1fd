"""Reads the forms in which W&B's client writes configs, metric definitions and charts. Pure.

For `weft.wandb_gateway`, which gets them in requests, and `weft.wandb_import`, which finds them in
files and on other servers.
"""

from collections.abc import Mapping
from typing import Any

from weft.wandb_format.charts import Amend, all_of, chart_tables, charts_in
from weft.wandb_format.masks import labels_by_metric, labels_in


def additions_in(internal: Mapping[str, Any]) -> Amend | None:
    """A function that adds to rows all that the client keeps in the config; None if nothing."""
    return all_of(charts_in(internal), labels_in(internal))


def added_keys(internal: Mapping[str, Any]) -> set[str]:
    """The keys of rows that `additions_in` reads or changes."""
    tables = chart_tables(internal)
    return {*tables, *tables.values(), *labels_by_metric(internal)}


def same_additions(internal: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two configs add the same to rows, as far as their names tell."""
    return chart_tables(internal) == chart_tables(other) and labels_by_metric(
        internal
    ) == labels_by_metric(other)
