"""Names of the classes of masks, which the client keeps in the config and not in rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.wandb_format.charts import Amend

_LABELS: Final = "mask/class_labels"
"""The entry of the names in what the client notes for itself, by metric and mask."""

_BETWEEN: Final = "_wandb_delimeter_"


def labels_in(internal: Mapping[str, Any]) -> Amend | None:
    """A function that adds names of classes to the masks of rows; None if the config has none.

    >>> noted = {"img_wandb_delimeter_m": {"value": {"0": "sky"}}}
    >>> amend = labels_in({"mask/class_labels": noted})
    >>> row = {"img": {"_type": "image-file", "masks": {"m": {"_type": "mask", "path": "m.png"}}}}
    >>> amend(row)
    >>> row["img"]["masks"]["m"]["class_labels"]
    {'0': 'sky'}
    """
    by_metric = labels_by_metric(internal)

    def amend(row: dict[str, Any]) -> None:
        for metric in by_metric.keys() & row.keys():
            value = _dict(row[metric])
            several: Any = value.get("all_masks") or []
            for masks in (value.get("masks"), *several):
                for mask, layer in _dict(masks).items():
                    labels = by_metric[metric].get(mask)
                    if labels is not None and isinstance(layer, dict):
                        cast("dict[str, Any]", layer).setdefault("class_labels", labels)

    return amend if by_metric else None


def labels_by_metric(internal: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """The names of classes by metric, mask and number.

    >>> labels_by_metric({"mask/class_labels": {"img_wandb_delimeter_m": {"value": {"0": "sky"}}}})
    {'img': {'m': {'0': 'sky'}}}
    """
    by_metric: dict[str, dict[str, dict[str, str]]] = {}
    for name, entry in _dict(internal.get(_LABELS)).items():
        metric, is_known, mask = name.partition(_BETWEEN)
        labels = _dict(_dict(entry).get("value"))
        if is_known and labels:
            names = {str(number): str(label) for number, label in labels.items()}
            by_metric.setdefault(metric, {})[mask] = names
    return by_metric


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
