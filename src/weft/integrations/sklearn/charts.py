"""The table and preset of each chart. Columns are those of W&B's charts of the same name."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import learning_curve, train_test_split
from sklearn.utils.multiclass import unique_labels

import weft


def _chart(preset: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    table = weft.Table(columns=list(columns), data=[list(row) for row in rows])
    return weft.visualize(f"weft/{preset}/v0", table)


def class_names(classes: Any, labels: Sequence[str] | None) -> list[Any]:
    """Names of classes: `labels` by number, where classes are numbers."""
    is_number = labels is not None and all(isinstance(c, int | np.integer) for c in classes)
    return [labels[c] for c in classes] if labels is not None and is_number else list(classes)


def class_proportions(y_train: Any, y_test: Any, labels: Sequence[str] | None) -> Any:
    """Numbers of examples of each class, to train and to test."""
    sets = {"train": np.asarray(y_train)}
    if y_test is not None:
        sets["test"] = np.asarray(y_test)
    classes = unique_labels(*sets.values())
    rows = [
        (name, data, int((targets == label).sum()))
        for label, name in zip(classes, class_names(classes, labels), strict=True)
        for data, targets in sets.items()
    ]
    return _chart("class_proportions", ("class", "dataset", "count"), rows)


def confusion_matrix(
    y_true: Any, y_pred: Any, labels: Sequence[str] | None, normalize: bool
) -> Any:
    """Predictions of each actual class, as numbers or as shares of the class."""
    classes = unique_labels(y_true, y_pred)
    names = class_names(classes, labels)
    counts = metrics.confusion_matrix(
        y_true, y_pred, labels=classes, normalize="true" if normalize else None
    )
    rows = [
        (predicted, actual, counts[i, j].item())
        for i, actual in enumerate(names)
        for j, predicted in enumerate(names)
    ]
    return _chart("confusion_matrix", ("Predicted", "Actual", "Count"), rows)


def feature_importances(model: Any, names: Sequence[str] | None, most: int) -> Any:
    """A model's importances, coefficients or log probabilities, the largest ones first."""
    for attribute in ("feature_importances_", "coef_", "feature_log_prob_"):
        if hasattr(model, attribute):
            importances = np.squeeze(np.asarray(getattr(model, attribute)))
            break
    else:
        raise ValueError(f"{type(model).__name__} has no importances and no coefficients")
    if importances.ndim != 1:
        raise ValueError(f"importances of {importances.ndim} dimensions are several charts")
    order = np.argsort(importances)[::-1][:most]
    rows = [(str(i) if names is None else names[i], float(importances[i])) for i in order]
    return _chart("feature_importances", ("feature_names", "importances"), rows)


def calibration(model: Any, x: Any, y: Any, name: str) -> Any:
    """Predicted probabilities against what is true of them, for a model calibrated in two ways."""
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.9, random_state=42)
    models = {
        "Logistic": LogisticRegression(max_iter=1000),
        f"{name} Isotonic": CalibratedClassifierCV(clone(model), cv=2, method="isotonic"),
        f"{name} Sigmoid": CalibratedClassifierCV(clone(model), cv=2, method="sigmoid"),
    }
    rows: list[tuple[Any, ...]] = [
        ("Perfectly calibrated", end, end, 0, 0.0) for end in (0.0, 1.0)
    ]
    for title, candidate in models.items():
        positive = candidate.fit(x_train, y_train).predict_proba(x_test)[:, 1]
        counts, edges = np.histogram(positive, bins=10)
        curve = calibration_curve(y_test, positive, n_bins=10)
        rows += [
            (title, float(fraction), float(mean), int(count), float(edge))
            for fraction, mean, count, edge in zip(*curve, counts, edges, strict=False)
        ]
    columns = ("model", "fraction_of_positives", "mean_predicted_value", "hist_dict", "edge_dict")
    return _chart("calibration", columns, rows)


def summary_metrics(model: Any, x_test: Any, y_test: Any) -> Any:
    """The usual scores of a classifier or a regressor."""
    predicted = model.predict(x_test)
    if is_classifier(model):
        options = {"average": "weighted", "zero_division": 0}
        scores = {
            "accuracy_score": metrics.accuracy_score(y_test, predicted),
            "precision": metrics.precision_score(y_test, predicted, **options),
            "recall": metrics.recall_score(y_test, predicted, **options),
            "f1_score": metrics.f1_score(y_test, predicted, **options),
        }
    else:
        scores = {
            "mae": metrics.mean_absolute_error(y_test, predicted),
            "mse": metrics.mean_squared_error(y_test, predicted),
            "r2_score": metrics.r2_score(y_test, predicted),
        }
    name = type(model).__name__
    rows = [(metric, float(score), name) for metric, score in scores.items()]
    return _chart("summary_metrics", ("metric_name", "metric_value", "model_name"), rows)


def learning(model: Any, x: Any, y: Any, **options: Any) -> Any:
    """Scores of training and test by the number of examples."""
    sizes, train, test = learning_curve(model, x, y, **options)[:3]
    rows = [
        (data, float(scores.mean()), int(size))
        for size, *both in zip(sizes, train, test, strict=True)
        for data, scores in zip(("train", "test"), both, strict=True)
    ]
    return _chart("learning_curve", ("dataset", "score", "train_size"), rows)


def residuals(model: Any, x: Any, y: Any, most: int = 1000) -> Any:
    """Predictions less true values, with a fifth of the data kept for the test."""
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    model = clone(model).fit(x_train, y_train)
    scores = model.score(x_train, y_train), model.score(x_test, y_test)
    sets = {"train": (x_train, y_train), "test": (x_test, y_test)}
    rows = [
        (data, float(predicted), float(predicted - actual), *scores)
        for data, (features, targets) in sets.items()
        for predicted, actual in zip(
            model.predict(features[:most]), np.asarray(targets)[:most], strict=True
        )
    ]
    columns = ("dataset", "y_pred", "residuals", "train_score", "test_score")
    return _chart("residuals", columns, rows)


def outliers(model: Any, x: Any, y: Any, most: int = 10_000) -> Any:
    """Cook's distance of each example: how much a linear fit would change without it."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    errors = y - clone(model).fit(x, y).predict(x)
    leverage = (x * np.linalg.pinv(x).T).sum(1)
    freedom = len(x) - np.linalg.matrix_rank(x)
    variance = errors @ errors / freedom
    studentized = errors / np.sqrt(variance) / np.sqrt(1 - leverage)
    distances = studentized**2 / x.shape[1] * leverage / (1 - leverage)
    threshold = 4 / len(x)
    percentage = round(100 * float((distances >= threshold).mean()), 3)
    rows = [(float(d), i, percentage, threshold) for i, d in enumerate(distances[:most])]
    columns = ("distance", "instance_indicies", "outlier_percentage", "influence_threshold")
    return _chart("outliers", columns, rows)


def elbow(model: Any, x: Any, ranges: Iterable[int]) -> Any:
    """The error of a clustering, and its time, by the number of clusters."""
    rows = []
    for n_clusters in sorted(ranges):
        start = time.perf_counter()
        fitted = clone(model).set_params(n_clusters=n_clusters).fit(x)
        rows.append((n_clusters, abs(float(fitted.score(x))), time.perf_counter() - start))
    return _chart("elbow", ("cluster_ranges", "errors", "clustering_time"), rows)


def silhouette(x: Any, clusters: Any, labels: Sequence[str] | None, metric: str) -> Any:
    """The silhouette of each example, by cluster and size."""
    clusters = np.asarray(clusters)
    average = float(metrics.silhouette_score(x, clusters, metric=metric))
    values = metrics.silhouette_samples(x, clusters, metric=metric)
    order = np.lexsort((values, clusters))
    names = dict(zip(np.unique(clusters), class_names(np.unique(clusters), labels), strict=True))
    gap = 10
    rows = [
        (position + gap * int(np.searchsorted(np.unique(clusters), clusters[i])), 0.0,
         float(values[i]), names[clusters[i]], average)
        for position, i in enumerate(order)
    ]  # fmt: skip
    return _chart("silhouette", ("y_sil", "x1", "x2", "color_sil", "silhouette_avg"), rows)
