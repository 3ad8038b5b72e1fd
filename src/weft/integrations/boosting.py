"""Best metrics, feature importances and models of boosted trees, for their three libraries."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import weft
from weft.integrations.sizes import add_model

_LOWER_IS_BETTER: Final = frozenset(
    """
    binary_logloss error error@t fair gamma huber l1 l2 logloss mae mape merror mphe poisson rmse
    rmsle
    """.split()  # noqa: SIM905  as a list it would take a screen
)
_HIGHER_IS_BETTER: Final = frozenset(
    {"auc", "aucpr", "average_precision", "map", "map@n", "ndcg", "ndcg@n"}
)


def define_best(key: str, metric: str) -> None:
    """Let the summary have a metric's best value, where it is known which one that is.

    Args:
        key: the key that is logged, such as "validation-rmse".
        metric: the library's name of the metric, such as "rmse".
    """
    name = metric.lower()
    if "loss" in name or name in _LOWER_IS_BETTER:
        weft.define_metric(key, summary="min")
    elif name in _HIGHER_IS_BETTER:
        weft.define_metric(key, summary="max")


def log_importances(features: Iterable[str], importances: Iterable[float]) -> None:
    """Log a bar chart of features by importance."""
    rows = [[name, float(value)] for name, value in zip(features, importances, strict=True)]
    table = weft.Table(data=rows, columns=["Feature", "Importance"])
    chart = weft.plot.bar(table, "Feature", "Importance", title="Feature Importance")
    weft.log({"Feature Importance": chart})


def log_model(file: Path, name: str, aliases: list[str] | None = None, **metadata: Any) -> None:
    """Log a model's file as a version of an artifact of type "model", or refer to a large one."""
    artifact = weft.Artifact(name, type="model", metadata=metadata or None)
    add_model(artifact, file)
    weft.log_artifact(artifact, aliases=aliases)
