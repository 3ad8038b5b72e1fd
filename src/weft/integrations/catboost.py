"""CatBoost: metrics of each iteration, all parameters, importances, the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import catboost

import weft
from weft.errors import UsageError, WrongType
from weft.integrations.boosting import log_importances, log_model
from weft.integrations.shielding import active_run, shielded
from weft.integrations.versions import check_version

check_version(catboost)


class WeftCallback:
    """A callback for `fit` of CatBoost's models.

    Logs a row each time CatBoost evaluates its metrics: `<data>-<metric>`, and the iteration.

    Args:
        metric_period: the `metric_period` of the model, in iterations.

    Raises:
        UsageError: no run is active, or `metric_period` is not a positive number.
    """

    def __init__(self, metric_period: int = 1) -> None:
        active_run("catboost's callback")
        if not isinstance(metric_period, int) or metric_period < 1:
            raise UsageError(f"metric_period is a number of iterations: {metric_period!r}")
        self._period = metric_period
        self._n_values = 0

    def after_iteration(self, info: Any) -> bool:
        self._log_metrics(info)
        return True

    @shielded
    def _log_metrics(self, info: Any) -> None:
        series = {
            f"{data}-{metric}": values
            for data, metrics in info.metrics.items()
            for metric, values in metrics.items()
        }
        n_values = sum(map(len, series.values()))
        if n_values == self._n_values:
            return
        self._n_values = n_values
        row = {key: values[-1] for key, values in series.items()}
        weft.log({**row, f"iteration@metric-period-{self._period}": info.iteration})


def log_summary(
    model: Any,
    log_all_params: bool = True,
    save_model_checkpoint: bool = False,
    log_feature_importance: bool = True,
) -> None:
    """Log a trained model's best iteration and scores to the summary.

    Args:
        model: a `CatBoostClassifier` or `CatBoostRegressor`.
        log_all_params: whether its parameters go to `run.config`.
        save_model_checkpoint: whether to log the model as an artifact, with the alias "best" if
            it is the best one and "last" otherwise.
        log_feature_importance: whether to log a bar chart of importances.

    Raises:
        UsageError: no run is active.
        WrongType: `model` is no model of CatBoost.
    """
    run = active_run("catboost.log_summary")
    if not isinstance(model, catboost.CatBoost):
        raise WrongType(f"model is one of CatBoost's, not a {type(model).__name__}")
    parameters = model.get_all_params()
    if log_all_params:
        run.config.update(parameters, allow_val_change=True)
    run.summary["best_iteration"] = model.get_best_iteration()
    run.summary["best_score"] = model.get_best_score()
    if save_model_checkpoint:
        file = Path(run.dir) / "model"
        model.save_model(str(file))
        is_best = parameters.get("use_best_model", False)
        log_model(file, f"model_{run.id}", ["best" if is_best else "last"])
    if log_feature_importance:
        importances = model.get_feature_importance(prettified=True)
        log_importances(map(str, importances["Feature Id"]), importances["Importances"])


# W&B's names
WandbCallback = WeftCallback
