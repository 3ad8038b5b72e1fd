"""Confusion matrices of classifiers. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from weft.errors import UsageError
from weft.sdk.media.tables.table import Table
from weft.sdk.plot.charts import CustomChart, drawing, plot_table
from weft.sdk.values.arrays import numpy_of


@drawing
def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[Any] | None = None,
    title: str | None = "Confusion matrix",
    split_table: bool = False,
) -> CustomChart:
    """Draw how often each class was taken for each.

    Args:
        probs: the score of each sample for each class; the highest is the prediction.
        y_true: the true class of each sample: its number, or its name.
        preds: the predicted classes, instead of `probs`.
        class_names: names of the classes, by their number. Defaults to the names in the data, or
            Class_1, Class_2, … for numbers.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.

    Raises:
        UsageError: the arguments do not fit each other, or a class is unknown.

    >>> chart = confusion_matrix(y_true=[0, 1, 1], preds=[0, 1, 0], class_names=["cat", "dog"])
    >>> chart.table.data
    [['cat', 'cat', 1.0], ['cat', 'dog', 0.0], ['dog', 'cat', 1.0], ['dog', 'dog', 1.0]]
    """
    if probs is not None and preds is not None:
        raise UsageError("Only one of `probs` or `preds` should be provided, not both.")
    if y_true is None or (probs is None and preds is None):
        raise UsageError("a confusion matrix needs y_true, and preds or probs")
    truth = _listed(y_true)
    predicted = _listed(preds) if probs is None else _array(probs).argmax(axis=1).tolist()
    if len(truth) != len(predicted):
        raise UsageError("The number of predictions and true labels must be equal.")
    names, numbers = _classes(truth, predicted, class_names)
    counts: Any = np.zeros((len(names), len(names)))
    if truth:
        rows = [_number(label, numbers) for label in truth]
        columns = [_number(label, numbers) for label in predicted]
        np.add.at(counts, (rows, columns), 1)
    cells = [
        [actual, guess, count]
        for actual, row in zip(names, counts.tolist(), strict=True)
        for guess, count in zip(names, row, strict=True)
    ]
    columns_of_table: list[str | int] = ["Actual", "Predicted", "nPredictions"]
    table = Table.of_rows(columns_of_table, cells)
    fields = {name: name for name in ("Actual", "Predicted", "nPredictions")}
    return plot_table("weft/confusion_matrix/v0", table, fields, {"title": title}, split_table)


def _classes(
    truth: list[Any], predicted: list[Any], class_names: Sequence[Any] | None
) -> tuple[list[Any], dict[Any, int]]:
    """Names of the classes, and the number of each by what the data calls it."""
    present = {*truth, *predicted}
    if class_names is None:
        labels = sorted(present)
        are_names = all(isinstance(label, str) for label in labels)
        names = labels if are_names else [f"Class_{nth}" for nth in range(1, len(labels) + 1)]
        return names, {label: nth for nth, label in enumerate(labels)}
    names = [*class_names]
    for values, subject in ((predicted, "predicted classes"), (truth, "true labels")):
        if len({*values}) > len(names):
            raise UsageError(f"The number of unique {subject} exceeds the number of class names.")
    if present <= {*names} and not present <= {*range(len(names))}:
        return names, {name: nth for nth, name in enumerate(names)}
    return names, {nth: nth for nth in range(len(names))}


def _number(value: Any, numbers: dict[Any, int]) -> int:
    if value not in numbers:
        raise UsageError(
            f"class {value!r} is neither the number of a class name, 0 to {len(numbers) - 1}, "
            "nor one of the names"
        )
    return numbers[value]


def _array(values: Any) -> Any:
    return numpy_of(values if hasattr(values, "dtype") else np.array(values))


def _listed(values: Any) -> list[Any]:
    return _array(values).tolist() if hasattr(values, "dtype") else [*values]
