"""Fits of scikit-learn's estimators, and of all classes derived from its base class."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any, Final

import weft
from weft.integrations.autologging.fits import Call, Fit, Fits, Training, run_logged
from weft.integrations.autologging.models import log_stream
from weft.integrations.patching import PatchedMethod, Patches

METHODS: Final = ("fit", "fit_transform", "fit_predict")

MAX_SCORED_EXAMPLES: Final = 10_000
"""Training data are scored on so many examples at most: predictions of some models take long."""

MAX_SEARCH_ROWS: Final = 10_000

_BOOSTERS: Final = frozenset({"xgboost", "lightgbm"})

_INNER_MODULES: Final = ("sklearn.", "weft.integrations.sklearn.")
"""Modules whose functions fit estimators as a part of something larger."""


def patch(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log the fits of all classes derived from scikit-learn's base class, also later ones."""
    base = module.BaseEstimator
    inherited = base.__init_subclass__.__func__

    def around(
        method: Any, instance: Any, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        # Checked in this order: within a fit, the stack need not be searched.
        fit = None
        if fits.current is None and not _is_inner(instance, base):
            fit = fits.begin("scikit-learn")
        if fit is None:
            return method(instance, *arguments, **options)
        fit.inner = _booster(instance)
        call = Call(method, (instance, *arguments), options, instance)
        return run_logged(fits, fit, EstimatorTraining(), call)

    def __init_subclass__(cls: type, **options: Any) -> None:
        inherited(cls, **options)
        _wrap(cls, patches, around)

    patches.replace(base, "__init_subclass__", classmethod(__init_subclass__))
    for estimator_class in _subclasses(base):
        _wrap(estimator_class, patches, around)


def _wrap(estimator_class: type, patches: Patches, around: Callable[..., Any]) -> None:
    for name in METHODS:
        method = vars(estimator_class).get(name)
        if isinstance(method, FunctionType):
            patches.replace(estimator_class, name, PatchedMethod(method, around))


def _subclasses(base: type) -> Iterator[type]:
    for subclass in base.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _is_inner(estimator: Any, base: type) -> bool:
    """Whether scikit-learn, or a method of another estimator, fits this one."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        if first is not estimator:
            if code.co_varnames[:1] == ("self",) and base in type(first).__mro__:
                return True
            if f"{frame.f_globals.get('__name__')}.".startswith(_INNER_MODULES):
                return True
        frame = frame.f_back
    return False


def _booster(estimator: Any) -> str | None:
    """The library of boosted trees that a class like scikit-learn's belongs to."""
    roots = (cls.__module__.partition(".")[0] for cls in type(estimator).__mro__)
    return next((root for root in roots if root in _BOOSTERS), None)


class EstimatorTraining(Training):
    """Parameters before; scores, the results of a search and the model after."""

    def before(self, fit: Fit, call: Call) -> None:
        name = type(call.instance).__name__
        fit.log_config({"estimator_name": name, **call.instance.get_params(deep=True)})

    def after(self, fit: Fit, call: Call, result: Any) -> None:  # noqa: ARG002
        estimator = call.instance
        with fit.warnings():
            _log_scores(fit, call)
        if hasattr(estimator, "cv_results_"):
            with fit.warnings():
                _log_search(fit, estimator)
        if _booster(estimator) == "lightgbm":
            with fit.warnings():
                import_module("weft.integrations.lightgbm").log_summary(estimator.booster_)
        if fit.options.log_models:
            _log_model(fit, estimator)


def _log_scores(fit: Fit, call: Call) -> None:
    bound = inspect.signature(call.function).bind(*call.arguments, **call.options).arguments
    _, x, *_ = (*bound.values(), None)
    if x is None or not hasattr(call.instance, "predict"):
        return
    scores = training_scores(call.instance, x, bound.get("y"))
    if scores:
        fit.run.log(scores)


def training_scores(estimator: Any, x: Any, y: Any) -> dict[str, float]:
    """The usual scores on training data, by MLflow's names, without those that can't be made."""
    from sklearn import metrics
    from sklearn.base import is_classifier, is_regressor
    from sklearn.utils import resample

    n_examples = x.shape[0] if hasattr(x, "shape") else len(x)
    if n_examples > MAX_SCORED_EXAMPLES:
        options = {"n_samples": MAX_SCORED_EXAMPLES, "replace": False, "random_state": 0}
        x, y = (resample(x, **options), None) if y is None else resample(x, y, **options)
    predicted = estimator.predict(x)
    scores: dict[str, Callable[[], Any]] = {}
    if y is None:
        scores["training_score"] = lambda: estimator.score(x)
    elif is_classifier(estimator):
        average = {"average": "weighted", "zero_division": 0}
        scores = {
            "training_score": lambda: metrics.accuracy_score(y, predicted),
            "training_precision_score": lambda: metrics.precision_score(y, predicted, **average),
            "training_recall_score": lambda: metrics.recall_score(y, predicted, **average),
            "training_f1_score": lambda: metrics.f1_score(y, predicted, **average),
            "training_log_loss": lambda: metrics.log_loss(
                y, estimator.predict_proba(x), labels=estimator.classes_
            ),
        }
    elif is_regressor(estimator):
        scores = {
            "training_score": lambda: metrics.r2_score(y, predicted),
            "training_mean_squared_error": lambda: metrics.mean_squared_error(y, predicted),
            "training_mean_absolute_error": lambda: metrics.mean_absolute_error(y, predicted),
        }
    values = {name: _score(score) for name, score in scores.items()}
    return {name: value for name, value in values.items() if value is not None}


def _score(score: Callable[[], Any]) -> float | None:
    try:
        return float(score())
    except (AttributeError, TypeError, ValueError, NotImplementedError):
        return None  # a model without probabilities, several outputs, a target of another kind


def _log_search(fit: Fit, search: Any) -> None:
    """The best parameters, and a table of all candidates."""
    results = search.cv_results_
    columns = [
        name
        for name in results
        if name.startswith(("param_", "mean_test", "std_test", "rank_test", "mean_fit"))
    ]
    rows = [
        [_cell(value) for value in row]
        for row in list(zip(*(results[name] for name in columns), strict=True))[:MAX_SEARCH_ROWS]
    ]
    table = weft.Table(columns=columns, data=rows, allow_mixed_types=True)
    row: dict[str, Any] = {"cv_results": table, "n_candidates": len(results["params"])}
    if hasattr(search, "best_score_"):
        row["best_cv_score"] = float(search.best_score_)
    fit.run.log(row)
    if hasattr(search, "best_params_"):
        fit.log_config({f"best_{name}": value for name, value in search.best_params_.items()})


def _cell(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, bool | int | float | str | None) else repr(value)


def _log_model(fit: Fit, estimator: Any) -> None:
    import joblib

    log_stream(fit, "model.joblib", lambda file: joblib.dump(estimator, file))
