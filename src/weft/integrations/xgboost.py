"""XGBoost: metrics of each round, the booster's configuration, importances, the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import xgboost as xgb

import weft
from weft.errors import UsageError
from weft.integrations.boosting import define_best, log_importances, log_model
from weft.integrations.shielding import active_run, shielded
from weft.integrations.versions import check_version

check_version(xgb)

_IMPORTANCES: Final = ("weight", "gain", "cover", "total_gain", "total_cover")


class WeftCallback(xgb.callback.TrainingCallback):
    """A callback for `xgboost.train` and the classes like scikit-learn's.

    Logs one row a round: `<data>-<metric>` for each evaluated set, and `epoch`, which counts the
    rounds of a model that the training continues, too. The booster's configuration goes to
    `run.config`, the best score and round are logged at the end.

    Args:
        log_model: whether to log the model as an artifact at the end.
        log_feature_importance: whether to log a bar chart of importances.
        importance_type: "weight", "gain", "cover", "total_gain" or "total_cover"; "weight" for
            linear boosters.
        define_metric: whether the summary has the best value of each metric instead of the last.

    Raises:
        UsageError: no run is active, or `importance_type` is unknown.

    >>> import weft
    >>> from weft.integrations.xgboost import WeftCallback
    >>> run = weft.init(mode="disabled")
    >>> booster = xgb.train({"max_depth": 2}, data, 3, callbacks=[WeftCallback()])
    ... # doctest: +SKIP
    """

    def __init__(
        self,
        log_model: bool = False,
        log_feature_importance: bool = True,
        importance_type: str = "gain",
        define_metric: bool = True,
    ) -> None:
        super().__init__()
        active_run("xgboost's callback")
        if importance_type not in _IMPORTANCES:
            raise UsageError(
                f"importance_type is one of {', '.join(_IMPORTANCES)}, not {importance_type!r}"
            )
        self._logs_model = log_model
        self._logs_importances = log_feature_importance
        self._importance_type = importance_type
        self._defines_metrics = define_metric
        self._n_rounds_before = 0

    def before_training(self, model: Any) -> Any:
        self._log_beginning(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        self._log_metrics(epoch, evals_log)
        return False

    def after_training(self, model: Any) -> Any:
        self._log_end(model)
        return model

    @shielded
    def _log_beginning(self, model: Any) -> None:
        if isinstance(model, xgb.Booster):  # not so in a cross-validation
            self._n_rounds_before = model.num_boosted_rounds()
        weft.config.update(json.loads(model.save_config()), allow_val_change=True)

    @shielded
    def _log_metrics(self, epoch: int, evals_log: Any) -> None:
        row: dict[str, Any] = {"epoch": self._n_rounds_before + epoch}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                key = f"{data}-{metric}"
                if self._defines_metrics:
                    define_best(key, metric)
                # Cross-validation has pairs of mean and deviation.
                last = values[-1]
                row[key] = last[0] if isinstance(last, tuple) else last
        self._defines_metrics = False
        weft.log(row)

    @shielded
    def _log_end(self, model: Any) -> None:
        run = active_run("xgboost's callback")
        if self._logs_model:
            name = f"{run.id}_model.json"
            file = Path(run.dir) / name
            model.save_model(str(file))
            log_model(file, name)
        if self._logs_importances:
            scores = model.get_score(importance_type=self._importance_type)
            log_importances(scores.keys(), scores.values())
        if model.attr("best_score") is not None:
            best = float(model.attr("best_score")), int(model.attr("best_iteration"))
            weft.log({"best_score": best[0], "best_iteration": best[1]})


# W&B's names
WandbCallback = WeftCallback
