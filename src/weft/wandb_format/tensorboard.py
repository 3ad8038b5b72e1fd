"""Metrics that W&B's client copies from TensorBoard: their axis is TensorBoard's own step. Pure.

Each summary writer fills rows of its own, so the numbers of rows say nothing. The step of a row is
in `global_step`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from weft.records.record import MetricDefinition
from weft.wandb_format.charts import Amend
from weft.wandb_format.definitions import read_definitions

STEP: Final = "global_step"

_FEATURES: Final = "3"
_TENSORBOARD: Final = frozenset({29, 34, 35})
"""Numbers of the client's features `tensorboard_log`, `tensorboard_patch`, `tensorboard_sync`."""

_ABOUT_ROW: Final = frozenset({STEP, "_step", "_runtime", "_timestamp", "_wandb"})


def copies_tensorboard(internal: Mapping[str, Any]) -> bool:
    """Whether `_wandb` of a config says that the client copies metrics from TensorBoard.

    >>> copies_tensorboard({"t": {"3": [2, 14, 35]}})
    True
    """
    telemetry = internal.get("t")
    features: Any = (
        cast("dict[str, Any]", telemetry).get(_FEATURES) if isinstance(telemetry, dict) else None
    )
    return isinstance(features, list) and not _TENSORBOARD.isdisjoint(
        feature for feature in cast("list[Any]", features) if type(feature) is int
    )


def collect_copied(keys: set[str]) -> Amend:
    """A function that adds keys of rows with TensorBoard's step to `keys`; rows stay so."""

    def collect(row: dict[str, Any]) -> None:
        if STEP in row:
            keys.update(row.keys() - _ABOUT_ROW)

    return collect


def tensorboard_definitions(
    keys: Collection[str], internal: Mapping[str, Any], micros: int
) -> list[MetricDefinition]:
    """Definitions of copied metrics, unless the script defines them, and of their hidden step.

    Args:
        micros: the time of the definitions, in µs since 1970.

    >>> [definition.name for definition in tensorboard_definitions(["loss"], {}, 0)]
    ['global_step', 'loss']
    """
    defined = [definition.name for definition in read_definitions(internal.get("m"), 0)]
    step = MetricDefinition(STEP, hidden=True, overwrite=True, micros=micros)
    return [
        definition
        for definition in (
            step,
            *(
                MetricDefinition(key, step_metric=STEP, overwrite=True, micros=micros)
                for key in sorted(keys)
            ),
        )
        if not any(fnmatchcase(definition.name, name) for name in defined)
    ]
