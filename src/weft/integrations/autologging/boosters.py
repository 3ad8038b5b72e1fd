"""Trainings of XGBoost, LightGBM and CatBoost: by the callbacks of their integrations."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from functools import partial
from types import ModuleType
from typing import Any

from weft.integrations.autologging.fits import (
    Call,
    Fit,
    Fits,
    Training,
    logged_function,
    logged_method,
)
from weft.integrations.autologging.models import log_written
from weft.integrations.patching import PatchedMethod, Patches


def patch_train(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log calls of the `train` of XGBoost or LightGBM, in each module that has it."""
    library = module.__name__.partition(".")[0]
    training = _XgboostTraining() if library == "xgboost" else _LightgbmTraining()
    train = module.train
    logged = logged_function(fits, library, train, training)
    names = (module.__name__, library, f"{library}.sklearn")
    _exchange(names, train, logged)
    # The other modules import it from the first one, perhaps later.
    patches.on_removal(partial(_exchange, names, logged, train))


def _exchange(modules: Iterable[str], before: Any, after: Any) -> None:
    for name in modules:
        module = sys.modules.get(name)
        if module is not None and vars(module).get("train") is before:
            setattr(module, "train", after)  # noqa: B010  modules have no such attribute in types


def patch_catboost(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log `fit` of CatBoost's models."""
    around = logged_method(fits, "catboost", _CatboostTraining())
    for name in ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker"):
        model_class = getattr(module, name)
        method = vars(model_class).get("fit")
        if method is not None:
            patches.replace(model_class, "fit", PatchedMethod(method, around))


def _add_callback(call: Call, callback: Any) -> None:
    """Add a callback to the arguments, without a change of the list that the script passed."""
    bound = inspect.signature(call.function).bind(*call.arguments, **call.options)
    callbacks = bound.arguments.get("callbacks") or []
    if not any(type(each) is type(callback) for each in callbacks):
        bound.arguments["callbacks"] = [*callbacks, callback]
    call.arguments, call.options = bound.args, bound.kwargs


class _XgboostTraining(Training):
    def before(self, fit: Fit, call: Call) -> None:
        from weft.integrations.xgboost import WeftCallback

        bound = inspect.signature(call.function).bind(*call.arguments, **call.options).arguments
        fit.log_config({**bound["params"], "num_boost_round": bound.get("num_boost_round", 10)})
        _add_callback(call, WeftCallback())

    def after(self, fit: Fit, call: Call, result: Any) -> None:  # noqa: ARG002
        if fit.options.log_models:
            log_written(fit, "model.ubj", result.save_model)


class _LightgbmTraining(Training):
    def before(self, fit: Fit, call: Call) -> None:
        from weft.integrations.lightgbm import WeftCallback

        bound = inspect.signature(call.function).bind(*call.arguments, **call.options).arguments
        fit.log_config({**bound["params"], "num_boost_round": bound.get("num_boost_round", 100)})
        _add_callback(call, WeftCallback())

    def after(self, fit: Fit, call: Call, result: Any) -> None:  # noqa: ARG002
        from weft.integrations.lightgbm import log_summary

        log_summary(result)
        if fit.options.log_models:
            log_written(fit, "model.txt", result.save_model)


class _CatboostTraining(Training):
    def before(self, fit: Fit, call: Call) -> None:
        from weft.integrations.catboost import WeftCallback

        parameters = call.instance.get_params()
        fit.log_config({"estimator_name": type(call.instance).__name__, **parameters})
        if parameters.get("task_type") != "GPU":  # where CatBoost refuses callbacks
            _add_callback(call, WeftCallback(parameters.get("metric_period") or 1))

    def after(self, fit: Fit, call: Call, result: Any) -> None:  # noqa: ARG002
        from weft.integrations.catboost import log_summary

        log_summary(call.instance)
        if fit.options.log_models:
            log_written(fit, "model", call.instance.save_model)
