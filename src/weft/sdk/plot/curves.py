"""ROC and precision-recall curves of classifiers, by NumPy. No I/O.

Gives the rows that W&B gives by way of scikit-learn 1.9, checked against both. All points are
kept: W&B draws 10,000 of them at random if there are more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from weft.errors import UsageError
from weft.sdk.media.tables.table import Table
from weft.sdk.plot.charts import CustomChart, drawing, plot_table
from weft.sdk.values.arrays import numpy_of

Floats = NDArray[np.float64]


@drawing
def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str | None = "ROC Curve",
    split_table: bool = False,
) -> CustomChart:
    """Draw the receiver operating characteristic of a classifier, one line for each class.

    Args:
        y_true: the true class of each sample.
        y_probas: the score of each sample for each class, in the order of the classes; or of one
            class, the larger of two.
        labels: names of the classes, by their number.
        classes_to_plot: the classes to draw. Defaults to those in `y_true`.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.

    Raises:
        UsageError: a score is NaN or missing for a class, or there is no class to draw.

    >>> chart = roc_curve([0, 1, 1], [[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]], ["cat", "dog"])
    >>> chart.table.data[-1]
    ['dog', 1.0, 1.0]
    """
    rows: list[list[Any]] = []
    for drawn in _classes(y_true, y_probas, labels, classes_to_plot):
        fpr, tpr = _roc_points(drawn.is_class, drawn.scores)
        rows += _rows(drawn.label, fpr, tpr)
    return plot_table(
        "weft/curve/v0",
        Table.of_rows(["class", "fpr", "tpr"], rows),
        {"x": "fpr", "y": "tpr", "class": "class"},
        {
            "title": title,
            "x-axis-title": "False positive rate",
            "y-axis-title": "True positive rate",
        },
        split_table,
    )


@drawing
def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,
    title: str | None = "Precision-Recall Curve",
    split_table: bool = False,
) -> CustomChart:
    """Draw precision over recall of a classifier, one line for each class.

    Args:
        y_true: as for `roc_curve`, as are `y_probas`, `labels` and `classes_to_plot`.
        y_probas: scores.
        labels: names.
        classes_to_plot: classes.
        interp_size: at how many values of recall, from 1 to 0, the precision is given.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.

    Raises:
        UsageError: a score is NaN or missing for a class, or there is no class to draw.

    >>> chart = pr_curve([0, 1], [[0.8, 0.2], [0.3, 0.7]], interp_size=2)
    >>> chart.table.data
    [[0, 1.0, 1.0], [0, 1.0, 0.0], [1, 1.0, 1.0], [1, 1.0, 0.0]]
    """
    grid: Floats = np.linspace(0, 1, interp_size)[::-1]
    rows: list[list[Any]] = []
    for drawn in _classes(y_true, y_probas, labels, classes_to_plot):
        precision, recall = _pr_points(drawn.is_class, drawn.scores)
        rows += _rows(drawn.label, precision[np.searchsorted(recall, grid, side="left")], grid)
    return plot_table(
        "weft/curve/v0",
        Table.of_rows(["class", "precision", "recall"], rows),
        {"x": "recall", "y": "precision", "class": "class"},
        {"title": title, "x-axis-title": "Recall", "y-axis-title": "Precision"},
        split_table,
    )


class _Class(NamedTuple):
    """One class against all others."""

    label: Any
    is_class: NDArray[np.bool_]
    scores: Floats


def _classes(y_true: Any, y_probas: Any, labels: Any, classes_to_plot: Any) -> Iterator[_Class]:
    if y_true is None or y_probas is None:
        raise UsageError("a curve needs y_true and y_probas")
    truth, scores = cast("Any", _array(y_true)), _array(y_probas).astype(np.float64)
    classes = np.unique(truth)
    if scores.ndim == 1:
        scores = np.stack([1 - scores, scores], axis=1)
    if len(scores) != len(truth):
        raise UsageError(f"y_true has {len(truth)} samples and y_probas {len(scores)}")
    n_nan = int(np.count_nonzero(np.isnan(scores)))
    if n_nan:
        raise UsageError(f"y_probas has {n_nan:,} NaN")
    columns = _columns(classes, scores.shape[1])
    n_drawn = 0
    for value, column in zip(classes.tolist(), columns, strict=True):
        if classes_to_plot is None or value in classes_to_plot:
            n_drawn += 1
            yield _Class(_label(value, labels), truth == value, scores[:, column])
    if not n_drawn:
        raise UsageError(f"none of the classes to plot is in y_true, which has {classes.tolist()}")


def _array(values: Any) -> NDArray[Any]:
    return numpy_of(values if hasattr(values, "dtype") else np.array(values))


def _columns(classes: NDArray[Any], n_columns: int) -> list[int]:
    """The column of each class: by rank, or by number if there are columns of other classes.

    W&B goes by rank in any case, so that it takes another class's scores where one is missing.
    """
    if len(classes) > n_columns:
        raise UsageError(f"y_true has {len(classes)} classes, y_probas {n_columns} columns")
    if len(classes) < n_columns and classes.dtype.kind in "iu":
        numbers: list[int] = classes.tolist()
        if numbers[0] >= 0 and numbers[-1] < n_columns:
            return numbers
    return [*range(len(classes))]


def _label(value: Any, labels: Any) -> Any:
    if labels is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    if not -len(labels) <= value < len(labels):
        raise UsageError(f"labels has {len(labels)} names and none for class {value}")
    return labels[value]


def _rows(label: Any, *columns: Floats) -> list[list[Any]]:
    rounded: list[list[float]] = [(np.rint(column * 1000) / 1000).tolist() for column in columns]
    return [[label, *cells] for cells in zip(*rounded, strict=True)]


def _counts(is_class: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """True and false positives at each distinct score, from the highest on."""
    order = np.argsort(scores, kind="stable")[::-1]
    hits, sorted_scores = is_class[order].astype(np.float64), scores[order]
    last = np.r_[np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1]
    tp = np.cumsum(hits)[last]
    return tp, 1.0 + last - tp


def _roc_points(is_class: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    tp, fp = _counts(is_class, scores)
    if len(tp) > 2:  # points on a straight line add nothing
        bends = np.logical_or(np.diff(fp, 2), np.diff(tp, 2))
        corners = np.flatnonzero(np.r_[True, bends, True])
        tp, fp = tp[corners], fp[corners]
    return _share(np.r_[0.0, fp]), _share(np.r_[0.0, tp])


def _share(counts: Floats) -> Floats:
    """Counts as shares of the last; NaN if there is nothing to share."""
    with np.errstate(invalid="ignore"):
        return counts / counts[-1]


def _pr_points(is_class: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """Precision and recall, by ascending recall; precision never rises."""
    tp, fp = _counts(is_class, scores)
    recall = tp / tp[-1] if tp[-1] else np.ones_like(tp)
    precision = np.maximum.accumulate((tp / (tp + fp))[::-1])
    return np.r_[precision, 1.0][::-1], np.r_[0.0, recall]
