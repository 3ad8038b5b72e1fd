"""LightGBM: metrics of each iteration, its parameters, importances, the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm

import weft
from weft.errors import WrongType
from weft.integrations.boosting import define_best, log_importances, log_model
from weft.integrations.shielding import active_run, shielded
from weft.integrations.versions import check_version

check_version(lightgbm)


class WeftCallback:
    """A callback for `lightgbm.train`, `cv` and the classes like scikit-learn's.

    Logs one row an iteration: `<data>_<metric>` for each evaluated set, and `iteration`.

    Args:
        log_params: whether the training's parameters go to `run.config`.
        define_metric: whether the summary has the best value of each metric instead of the last.

    Raises:
        UsageError: no run is active.
    """

    order = 20
    before_iteration = False

    def __init__(self, log_params: bool = True, define_metric: bool = True) -> None:
        active_run("lightgbm's callback")
        self._logs_params = log_params
        self._defines_metrics = define_metric

    @shielded
    def __call__(self, env: Any) -> None:
        if env.iteration == env.begin_iteration and self._logs_params:
            weft.config.update(env.params, allow_val_change=True)
        row: dict[str, Any] = {"iteration": env.iteration}
        for data, metric, value, *more in _evaluations(env.evaluation_result_list):
            key = f"{data}_{metric}"
            row |= {f"{key}-mean": value, f"{key}-stdv": more[0]} if more else {key: value}
        if env.iteration == env.begin_iteration and self._defines_metrics:
            for key in row:
                define_best(key, key.rpartition("_")[2].removesuffix("-mean"))
        weft.log(row)


def _evaluations(results: Any) -> Any:
    """Data, metric, value, and in a cross-validation the deviation.

    Its tuples are `("cv_agg", "valid l2", mean, is_higher_better, deviation)`, and since
    LightGBM 4.6 `("valid", "l2", mean, is_higher_better, deviation)`.
    """
    for data, metric, value, _, *deviation in results or ():
        if data == "cv_agg":
            data, metric = metric.split(" ", 1)
        yield data, metric, value, *deviation


def log_summary(
    model: Any, feature_importance: bool = True, save_model_checkpoint: bool = False
) -> None:
    """Log a trained model's best iteration and scores to the summary.

    Args:
        model: a `lightgbm.Booster`.
        feature_importance: whether to log a bar chart of importances.
        save_model_checkpoint: whether to log the model as an artifact with the alias "best".

    Raises:
        UsageError: no run is active.
        WrongType: `model` is no booster.
    """
    run = active_run("lightgbm.log_summary")
    if not isinstance(model, lightgbm.Booster):
        raise WrongType(f"model is a lightgbm.Booster, not a {type(model).__name__}")
    run.summary["best_iteration"] = model.best_iteration
    run.summary["best_score"] = model.best_score
    if feature_importance:
        log_importances(model.feature_name(), model.feature_importance())
    if save_model_checkpoint:
        file = Path(run.dir) / f"model_ckpt_{model.best_iteration}.txt"
        model.save_model(file, num_iteration=model.best_iteration)
        log_model(file, f"model_{run.id}", ["best"])


# W&B's names
wandb_callback = WeftCallback
