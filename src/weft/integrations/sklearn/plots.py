"""The functions that log charts of scikit-learn's models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import weft
from weft.integrations.shielding import active_run, shielded
from weft.integrations.sklearn import charts

# Arguments have scikit-learn's names.


def plot_classifier(
    model: Any,
    X_train: Any,
    X_test: Any,
    y_train: Any,
    y_test: Any,
    y_pred: Any,
    y_probas: Any,
    labels: Sequence[str] | None = None,
    is_binary: bool = False,
    model_name: str = "Classifier",
    feature_names: Sequence[str] | None = None,
    log_learning_curve: bool = False,
) -> None:
    """Log all charts of a classifier.

    Args:
        model: the classifier, fitted.
        X_train, X_test: features to train and to test.
        y_train, y_test: their classes.
        y_pred: predicted classes of `X_test`.
        y_probas: predicted probabilities of `X_test`, shape (examples, classes).
        labels: names of the classes, by number.
        is_binary: whether to log the calibration too, which needs two classes.
        model_name: the name in the calibration.
        feature_names: names of the features.
        log_learning_curve: whether to fit models on parts of the data, which takes time.

    Raises:
        UsageError: no run is active.
    """
    active_run("plot_classifier").config.setdefaults(_settings(model) or {})
    plot_feature_importances(model, feature_names)
    if log_learning_curve:
        plot_learning_curve(model, X_train, y_train)
    plot_confusion_matrix(y_test, y_pred, labels)
    plot_summary_metrics(model, X_train, y_train, X_test, y_test)
    plot_class_proportions(y_train, y_test, labels)
    if is_binary:
        plot_calibration_curve(model, X_train, y_train, model_name)
    plot_roc(y_test, y_probas, labels)
    plot_precision_recall(y_test, y_probas, labels)


def plot_regressor(
    model: Any,
    X_train: Any,
    X_test: Any,
    y_train: Any,
    y_test: Any,
    model_name: str = "Regressor",  # noqa: ARG001  W&B's; no chart shows it
) -> None:
    """Log all charts of a regressor: scores, learning curve, outliers, residuals.

    Args:
        model: the regressor, fitted.
        X_train, X_test: features to train and to test.
        y_train, y_test: their values.
        model_name: has no effect.

    Raises:
        UsageError: no run is active.
    """
    active_run("plot_regressor").config.setdefaults(_settings(model) or {})
    plot_summary_metrics(model, X_train, y_train, X_test, y_test)
    plot_learning_curve(model, X_train, y_train)
    plot_outlier_candidates(model, X_train, y_train)
    plot_residuals(model, X_train, y_train)


def plot_clusterer(
    model: Any,
    X_train: Any,
    cluster_labels: Any,
    labels: Sequence[str] | None = None,
    model_name: str = "Clusterer",  # noqa: ARG001  W&B's; no chart shows it
) -> None:
    """Log all charts of a clustering: the elbow curve and the silhouettes.

    Args:
        model: the clusterer, fitted.
        X_train: features.
        cluster_labels: the cluster of each example.
        labels: names of the clusters, by number.
        model_name: has no effect.

    Raises:
        UsageError: no run is active.
    """
    active_run("plot_clusterer").config.setdefaults(_settings(model) or {})
    if hasattr(model, "n_clusters"):
        plot_elbow_curve(model, X_train)
    plot_silhouette(model, X_train, cluster_labels, labels)


@shielded
def plot_summary_metrics(model: Any, X: Any, y: Any, X_test: Any, y_test: Any) -> None:  # noqa: ARG001
    """Log a model's scores on `X_test` as the chart `summary_metrics`."""
    weft.log({"summary_metrics": charts.summary_metrics(model, X_test, y_test)})


@shielded
def plot_learning_curve(
    model: Any,
    X: Any,
    y: Any,
    cv: Any = None,
    shuffle: bool = False,
    random_state: Any = None,
    train_sizes: Any = None,
    n_jobs: int = 1,
    scoring: Any = None,
) -> None:
    """Log the scores of models fitted on parts of the data as the chart `learning_curve`."""
    options = {"cv": cv, "shuffle": shuffle, "random_state": random_state, "n_jobs": n_jobs}
    if train_sizes is not None:
        options["train_sizes"] = train_sizes
    chart = charts.learning(model, X, y, scoring=scoring, **options)
    weft.log({"learning_curve": chart})


@shielded
def plot_feature_importances(
    model: Any,
    feature_names: Sequence[str] | None = None,
    title: str = "Feature Importance",  # noqa: ARG001  W&B's; the panel has the key
    max_num_features: int = 50,
) -> None:
    """Log a model's importances or coefficients as the chart `feature_importances`."""
    chart = charts.feature_importances(model, feature_names, max_num_features)
    weft.log({"feature_importances": chart})


@shielded
def plot_class_proportions(
    y_train: Any, y_test: Any = None, labels: Sequence[str] | None = None
) -> None:
    """Log the numbers of examples by class as the chart `class_proportions`."""
    weft.log({"class_proportions": charts.class_proportions(y_train, y_test, labels)})


@shielded
def plot_calibration_curve(clf: Any, X: Any, y: Any, clf_name: str = "Classifier") -> None:
    """Log how well probabilities of two classes are calibrated as `calibration_curve`."""
    weft.log({"calibration_curve": charts.calibration(clf, X, y, clf_name)})


@shielded
def plot_roc(
    y_true: Any,
    y_probas: Any,
    labels: Sequence[str] | None = None,
    plot_micro: bool = True,  # noqa: ARG001  W&B's; it has no effect there either
    plot_macro: bool = True,  # noqa: ARG001
    classes_to_plot: Sequence[Any] | None = None,
) -> None:
    """Log the ROC curve of each class as the chart `roc`."""
    weft.log({"roc": weft.plot.roc_curve(y_true, y_probas, labels, classes_to_plot)})


@shielded
def plot_precision_recall(
    y_true: Any,
    y_probas: Any,
    labels: Sequence[str] | None = None,
    plot_micro: bool = True,  # noqa: ARG001  W&B's; it has no effect there either
    classes_to_plot: Sequence[Any] | None = None,
) -> None:
    """Log precision and recall of each class as the chart `precision_recall`."""
    chart = weft.plot.pr_curve(y_true, y_probas, labels, classes_to_plot)
    weft.log({"precision_recall": chart})


@shielded
def plot_confusion_matrix(
    y_true: Any,
    y_pred: Any,
    labels: Sequence[str] | None = None,
    true_labels: Any = None,  # noqa: ARG001  W&B's; it raises there
    pred_labels: Any = None,  # noqa: ARG001
    normalize: bool = False,
) -> None:
    """Log predictions by actual class as the chart `confusion_matrix`."""
    chart = charts.confusion_matrix(y_true, y_pred, labels, normalize)
    weft.log({"confusion_matrix": chart})


@shielded
def plot_residuals(regressor: Any, X: Any, y: Any) -> None:
    """Log errors by predicted value as the chart `residuals`. A copy of the model is fitted."""
    weft.log({"residuals": charts.residuals(regressor, X, y)})


@shielded
def plot_outlier_candidates(regressor: Any, X: Any, y: Any) -> None:
    """Log Cook's distances as the chart `outlier_candidates`. A copy of the model is fitted."""
    weft.log({"outlier_candidates": charts.outliers(regressor, X, y)})


@shielded
def plot_elbow_curve(
    clusterer: Any,
    X: Any,
    cluster_ranges: Iterable[int] | None = None,
    n_jobs: int = 1,  # noqa: ARG001  W&B's; parallel fits would falsify the times
    show_cluster_time: bool = True,  # noqa: ARG001  W&B's; it has no effect there either
) -> None:
    """Log errors and times by the number of clusters as the chart `elbow_curve`."""
    ranges = range(1, 10, 2) if cluster_ranges is None else cluster_ranges
    weft.log({"elbow_curve": charts.elbow(clusterer, X, ranges)})


@shielded
def plot_silhouette(
    clusterer: Any,
    X: Any,
    cluster_labels: Any = None,
    labels: Sequence[str] | None = None,
    metric: str = "euclidean",
    kmeans: bool = True,  # noqa: ARG001  W&B's; centers are not drawn
) -> None:
    """Log the silhouette of each example as the chart `silhouette_plot`."""
    clusters = clusterer.fit_predict(X) if cluster_labels is None else cluster_labels
    weft.log({"silhouette_plot": charts.silhouette(X, clusters, labels, metric)})


@shielded
def _settings(model: Any) -> dict[str, Any] | None:
    return model.get_params()
