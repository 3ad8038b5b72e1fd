"""Reads the forms in which W&B's client writes configs, metric definitions and charts. Pure.

For `weft.wandb_gateway`, which gets them in requests, and `weft.wandb_import`, which finds them in
files and on other servers.
"""

from collections.abc import Mapping
from typing import Any

from weft.wandb_format.charts import Amend, all_of, charts_in
from weft.wandb_format.masks import labels_in


def additions_in(internal: Mapping[str, Any]) -> Amend | None:
    """A function that adds to rows all that the client keeps in the config; None if nothing."""
    return all_of(charts_in(internal), labels_in(internal))
