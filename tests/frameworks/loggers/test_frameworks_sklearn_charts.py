"""Each chart of `weft.integrations.sklearn` of models of real data: preset, columns, rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sdk_script import log_rows, only_log, run_well
from weft.plots.catalog import presets

CODE = """
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

import weft
from weft.integrations import sklearn as charts

weft.init(project="charts")

x, y = load_breast_cancer(return_X_y=True)
x, x_test, y, y_test = train_test_split(x, y, random_state=0)
forest = RandomForestClassifier(5, random_state=0).fit(x, y)
charts.plot_classifier(
    forest, x, x_test, y, y_test, forest.predict(x_test), forest.predict_proba(x_test),
    labels=["malignant", "benign"], is_binary=True, model_name="forest", log_learning_curve=True,
)
weft.log({"part": "regressor"})

x, y = load_diabetes(return_X_y=True)
x, x_test, y, y_test = train_test_split(x, y, random_state=0)
line = LinearRegression().fit(x, y)
charts.plot_regressor(line, x, x_test, y, y_test, "line")
weft.log({"part": "clusterer"})

x, _ = load_iris(return_X_y=True)
clusters = KMeans(3, n_init=1, random_state=0).fit(x)
charts.plot_clusterer(clusters, x, clusters.labels_, ["a", "b", "c"], "means")
weft.log({"part": "each"})

charts.plot_elbow_curve(clusters, x, cluster_ranges=[4, 2])
charts.plot_silhouette(clusters, x, labels=["a", "b", "c"])
charts.plot_learning_curve(line, *load_diabetes(return_X_y=True), cv=3, train_sizes=[0.5, 1.0])
charts.plot_residuals(line, *load_diabetes(return_X_y=True))
charts.plot_outlier_candidates(line, *load_diabetes(return_X_y=True))
weft.finish()
"""

COLUMNS = {
    "calibration_curve": "model fraction_of_positives mean_predicted_value hist_dict edge_dict",
    "class_proportions": "class dataset count",
    "confusion_matrix": "Predicted Actual Count",
    "elbow_curve": "cluster_ranges errors clustering_time",
    "feature_importances": "feature_names importances",
    "learning_curve": "dataset score train_size",
    "outlier_candidates": "distance instance_indicies outlier_percentage influence_threshold",
    "precision_recall": "class precision recall",
    "residuals": "dataset y_pred residuals train_score test_score",
    "roc": "class fpr tpr",
    "silhouette_plot": "y_sil x1 x2 color_sil silhouette_avg",
    "summary_metrics": "metric_name metric_value model_name",
}
PRESETS = {
    "calibration_curve": "calibration",
    "elbow_curve": "elbow",
    "outlier_candidates": "outliers",
    "precision_recall": "curve",
    "roc": "curve",
    "silhouette_plot": "silhouette",
}
"""Presets, of the charts whose key has another name."""

N_ROWS = {
    "classifier": {
        "calibration_curve": None,  # empty bins of the probabilities have no rows
        "class_proportions": 4,
        "confusion_matrix": 4,
        "feature_importances": 30,
        "learning_curve": 10,
        "precision_recall": 42,
        "roc": None,  # as many as the probabilities have values
        "summary_metrics": 4,
    },
    "regressor": {
        "learning_curve": 10,
        "outlier_candidates": 331,
        "residuals": 331,
        "summary_metrics": 3,
    },
    "clusterer": {"elbow_curve": 5, "silhouette_plot": 150},
    "each": {
        "elbow_curve": 2,
        "silhouette_plot": 150,
        "learning_curve": 4,
        "residuals": 442,
        "outlier_candidates": 442,
    },
}
"""Rows of each chart's table, by the part of the script."""


def test_each_chart_has_its_preset_and_table(tmp_path: Path) -> None:
    script = run_well(tmp_path, CODE, is_forked=False)
    assert "logged nothing" not in script.stderr
    log = only_log(tmp_path)
    part = "classifier"
    n_rows: dict[str, dict[str, int]] = {name: {} for name in N_ROWS}
    tables: dict[str, pd.DataFrame] = {}
    for row in log_rows(log):
        part = row.pop("part", part)
        del row["_step"]
        for key, chart in row.items():
            if chart["_type"] != "custom-chart":
                continue
            # the table of a curve has a key of its own
            table = chart["table"] if "table" in chart else row[f"{key}_table"]
            names = [column["name"] for column in table["columns"]]
            assert chart["preset"] == f"weft/{PRESETS.get(key, key)}/v0", key
            assert names == COLUMNS[key].split(), key
            columns = presets()[chart["preset"]].default_columns | chart["fields"]
            assert set(columns.values()) <= set(names), key
            n_rows[part][key] = table["nrows"]
            tables[f"{part}: {key}"] = pd.read_parquet(log.parent / "files" / table["path"])
    for name, rows in N_ROWS.items():
        assert n_rows[name].keys() == rows.keys(), name
        for key, n in rows.items():
            assert n_rows[name][key] == len(tables[f"{name}: {key}"]) > 0, key
            assert n in {n_rows[name][key], None}, f"{name}: {key}"

    matrix = tables["classifier: confusion_matrix"]
    assert set(matrix["Predicted"]) == {"malignant", "benign"}
    assert matrix["Count"].sum() == 143
    importances = tables["classifier: feature_importances"]["importances"]
    assert importances.is_monotonic_decreasing
    assert [*tables["each: elbow_curve"]["cluster_ranges"]] == [2, 4]
    errors = tables["clusterer: elbow_curve"]["errors"]
    assert errors.is_monotonic_decreasing
    silhouettes = tables["clusterer: silhouette_plot"]
    assert silhouettes.groupby("color_sil").size().sum() == 150
    assert set(silhouettes["color_sil"]) == {"a", "b", "c"}
    assert silhouettes["silhouette_avg"].nunique() == 1
    assert set(tables["each: residuals"]["dataset"]) == {"train", "test"}
    assert tables["each: outlier_candidates"]["distance"].min() >= 0
    assert set(tables["each: learning_curve"]["train_size"]) == {147, 294}
