"""`weft.plot`: the tables of charts, their numbers, presets, and what is logged."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from at_length import at_length
from media_files import make_files, offline_run, rows_of
from weft import plot
from weft.errors import Error
from weft.plots.catalog import preset_of, presets
from weft.sdk.media.tables.joined import JoinedTable, PartitionedTable
from weft.sdk.media.tables.reading import read_table
from weft.sdk.media.tables.table import Table

WEB = Path(__file__).parents[4] / "web"
SCORES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])


@at_length
@given(st.lists(st.tuples(st.booleans(), SCORES), min_size=2, max_size=30))
def test_curves_are_those_of_scikit_learn(samples: list[tuple[bool, float]]) -> None:
    from sklearn import metrics  # imported late: it takes two seconds

    y = np.array([0, 1, *[int(label) for label, _ in samples]])
    scores = np.array([0.3, 0.6, *[score for _, score in samples]])
    both = np.stack([1 - scores, scores], axis=1)
    rows = plot.roc_curve(y, both, classes_to_plot=[1]).table.data
    fpr, tpr, _ = metrics.roc_curve(y, scores)
    assert [row[1] for row in rows] == [round(rate, 3) for rate in fpr.tolist()]
    assert [row[2] for row in rows] == [round(rate, 3) for rate in tpr.tolist()]
    rows = plot.pr_curve(y, both, classes_to_plot=[1], interp_size=7).table.data
    precision, recall, _ = metrics.precision_recall_curve(y, scores)
    for _, p, r in rows:
        at_least = precision[recall >= round(r * 6) / 6 - 1e-12]
        assert p == round(at_least.max(), 3)


def test_rows_are_wandbs() -> None:
    # From wandb 0.31 with scikit-learn 1.9.
    y = [0, 1, 2, 2, 1]
    p = [[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.1, 0.4, 0.5], [0.4, 0.4, 0.2], [0.3, 0.3, 0.4]]
    roc = plot.roc_curve(y, p, labels=["a", "b", "c"])
    assert roc.table.columns == ["class", "fpr", "tpr"]
    assert roc.table.data == ROC
    pr = plot.pr_curve(y, p, interp_size=3)
    assert pr.table.columns == ["class", "precision", "recall"]
    assert pr.table.data == PR
    assert roc.spec.fields == {"x": "fpr", "y": "tpr", "class": "class"}
    assert pr.spec.string_fields == {
        "title": "Precision-Recall Curve",
        "x-axis-title": "Recall",
        "y-axis-title": "Precision",
    }
    matrix = plot.confusion_matrix(probs=p, y_true=y, class_names=["a", "b", "c"])
    assert matrix.table.columns == ["Actual", "Predicted", "nPredictions"]
    assert matrix.table.data == MATRIX


ROC = [
    ['a', 0.0, 0.0], ['a', 0.0, 1.0], ['a', 1.0, 1.0], ['b', 0.0, 0.0], ['b', 0.0, 0.5], ['b',
    0.667, 0.5], ['b', 0.667, 1.0], ['b', 1.0, 1.0], ['c', 0.0, 0.0], ['c', 0.0, 0.5], ['c',
    0.667, 0.5], ['c', 0.667, 1.0], ['c', 1.0, 1.0],
]  # fmt: skip
PR = [
    [0, 1.0, 1.0], [0, 1.0, 0.5], [0, 1.0, 0.0], [1, 0.5, 1.0], [1, 1.0, 0.5], [1, 1.0, 0.0],
    [2, 0.5, 1.0], [2, 1.0, 0.5], [2, 1.0, 0.0],
]  # fmt: skip
MATRIX = [
    ['a', 'a', 1.0], ['a', 'b', 0.0], ['a', 'c', 0.0], ['b', 'a', 0.0], ['b', 'b', 1.0], ['b',
    'c', 1.0], ['c', 'a', 1.0], ['c', 'b', 0.0], ['c', 'c', 1.0],
]  # fmt: skip


def test_scores_of_classes_that_are_missing_are_not_taken_for_others() -> None:
    p = [[0.1, 0.8, 0.1], [0.1, 0.2, 0.7], [0.7, 0.2, 0.1]]
    rows = plot.roc_curve([0, 2, 0], p, labels=["a", "b", "c"]).table.data
    assert [row[1:] for row in rows if row[0] == "c"] == [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]


def test_scores_of_one_class_are_those_of_the_larger() -> None:
    y, scores = ["no", "yes", "yes"], np.array([0.2, 0.9, 0.4])
    both = np.stack([1 - scores, scores], axis=1)
    for curve in (plot.roc_curve, plot.pr_curve):
        assert curve(y, scores).table.data == curve(y, both).table.data


def test_nothing_is_cut() -> None:
    rng = np.random.default_rng(0)
    y, scores = rng.integers(0, 2, 50_000), rng.random(50_000)
    rows = plot.roc_curve(y, scores, classes_to_plot=[1]).table.data
    assert len(rows) > 10_000
    assert rows[0][1:] == [0.0, 0.0]
    assert rows[-1][1:] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs y_true and y_probas"),
        ({"y_true": [0, 1], "y_probas": [[1, 0]]}, "2 samples and y_probas 1"),
        ({"y_true": [0, 1, 2], "y_probas": [[1, 0]] * 3}, "3 classes, y_probas 2 columns"),
        (
            {"y_true": [0, 1], "y_probas": [[1, 0]] * 2, "classes_to_plot": [5]},
            r"none of the classes to plot is in y_true, which has \[0, 1\]",
        ),
        ({"y_true": [0, 1], "y_probas": [0, 1], "labels": ["a"]}, "none for class 1"),
        ({"y_true": [0, 1], "y_probas": [[0.5, 0.5], [float("nan"), 0.5]]}, "y_probas has 1 NaN"),
    ],
)
def test_curves_without_classes_are_refused(arguments: dict[str, Any], message: str) -> None:
    for curve in (plot.roc_curve, plot.pr_curve):
        with pytest.raises(ValueError, match=message):
            curve(**arguments)


def test_names_of_a_confusion_matrix() -> None:
    by_text = plot.confusion_matrix(y_true=["x", "y"], preds=["y", "y"]).table.data
    assert by_text == [["x", "x", 0.0], ["x", "y", 1.0], ["y", "x", 0.0], ["y", "y", 1.0]]
    named = plot.confusion_matrix(y_true=["x", "y"], preds=["y", "y"], class_names=["x", "y"])
    assert named.table.data == by_text
    numbers = plot.confusion_matrix(y_true=np.array([4, 7]), preds=[7, 7]).table.data
    assert [row[:2] for row in numbers[:2]] == [["Class_1", "Class_1"], ["Class_1", "Class_2"]]
    for arguments, message in (
        ({"y_true": [0]}, "needs y_true, and preds or probs"),
        ({"y_true": [0], "preds": [0], "probs": [[1]]}, "Only one of `probs` or `preds`"),
        ({"y_true": [0], "preds": [0, 1]}, "must be equal"),
        ({"y_true": [0, 1], "preds": [0, 0], "class_names": ["a"]}, "true labels exceeds"),
        ({"y_true": [0, 0], "preds": [0, 1], "class_names": ["a"]}, "predicted classes exceeds"),
        ({"y_true": [3], "preds": [0], "class_names": ["a", "b"]}, "class 3 is neither"),
    ):
        with pytest.raises(ValueError, match=message):
            plot.confusion_matrix(**arguments)  # type: ignore[arg-type]


def test_line_series() -> None:
    chart = plot.line_series([1, 2, 3], [[1, 2, 3], np.array([4, 5])], xname="epoch")
    assert chart.table.columns == ["step", "lineKey", "lineVal"]
    assert chart.table.data == [
        [1, "line_0", 1], [2, "line_0", 2], [3, "line_0", 3], [1, "line_1", 4], [2, "line_1", 5],
    ]  # fmt: skip
    assert chart.spec.string_fields == {"title": "", "xname": "epoch"}
    each = plot.line_series([[1], [2]], [[1], [2]], keys=["a", "b"], split_table=True)
    assert each.table.data == [[1, "a", 1], [2, "b", 2]]
    each.set_key("c")
    assert each.spec.table_key == "Custom Chart Tables/c_table"
    with pytest.raises(ValueError, match=r"Number of x-series \(1\) must match y-series \(2\)"):
        plot.line_series([[1]], [[1], [2]])
    with pytest.raises(ValueError, match=r"Number of keys \(1\) must match y-series \(2\)"):
        plot.line_series([1], [[1], [2]], keys=["a"])
    with pytest.raises(TypeError, match="ys must be a list of series, not of int"):
        plot.line_series([1], [1])  # type: ignore[list-item]


def test_a_chart_needs_a_table_and_a_key() -> None:
    for make in (lambda: plot.line([[1]], "x", "y"), lambda: plot.visualize("a", [1])):  # type: ignore[arg-type]
        with pytest.raises(Error, match=r"must be a weft\.Table, not list"):
            make()
    with pytest.raises(Error, match="the chart has no key yet"):
        _ = plot.bar(Table(columns=["a", "b"]), "a", "b").spec.table_key


def test_a_logged_chart_is_its_preset_and_its_table(tmp_path: Path) -> None:
    table = Table(columns=["x", "y"], data=[[1, 2]])
    with offline_run(tmp_path) as run:
        run.log(
            {
                "line": plot.line(table, "x", "y", title="T"),
                "group": {"split": plot.scatter(table, "x", "y", split_table=True)},
                "list": [plot.histogram(table, "x")],
                "fixed": plot.visualize("wandb/metrics/v1", table),
            }
        )
    assert len(make_files(run.directory)) == 1
    [row] = rows_of(run.directory)
    assert {*row} == {
        "line", "line_table", "group.split", "Custom Chart Tables/group.split_table", "list",
        "fixed", "_step",
    }  # fmt: skip
    assert row["line"] == {
        "_type": "custom-chart",
        "panel_type": "Vega2",
        "preset": "weft/line/v0",
        "fields": {"x": "x", "y": "y", "stroke": None},
        "strings": {"title": "T"},
        "table": row["line_table"],
    }
    assert row["line_table"]["path"].startswith("media/table/line_table_0_")
    assert read_table(run.directory / "files" / row["line_table"]["path"]).data == [[1, 2]]
    assert row["list"][0]["table"] == row["fixed"]["table"] == row["line_table"]
    assert row["fixed"]["preset"] == "wandb/metrics/v1"
    assert row["Custom Chart Tables/group.split_table"] == row["line_table"]


def test_the_columns_of_a_chart_have_the_types_of_their_cells(tmp_path: Path) -> None:
    scores = [[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]
    charts = {
        "roc": plot.roc_curve([0, 1, 1], scores, ["cat", "dog"]),
        "pr": plot.pr_curve([0, 1, 1], scores, ["cat", 7]),
        "confusion": plot.confusion_matrix(scores, [0, 1, 1], class_names=["cat", "dog"]),
        "lines": plot.line_series([0, 1], [[1, 2.5], [3, None]], keys=["a", "b"]),
    }
    with offline_run(tmp_path) as run:
        run.log(charts)
    types = {
        key: [column["type"] for column in rows_of(run.directory)[-1][key]["table"]["columns"]]
        for key in charts
    }
    assert types == {
        "roc": ["string", "number", "number"],
        "pr": ["any", "number", "number"],
        "confusion": ["string", "string", "number"],
        "lines": ["number", "string", "number"],
    }


def test_odd_names_and_texts_of_a_chart_keep_the_row(tmp_path: Path) -> None:
    table = Table(columns=["x", 1], data=[[1, 2]])
    fields = {"x": np.str_("x"), "y": 1, 3: object, "z": "\ud800" * 20_000}
    with offline_run(tmp_path) as run:
        run.log({"c": plot.plot_table("me/\ud800", table, fields, {"title": Path("a")}), "n": 1})
    [row] = rows_of(run.directory)
    assert row["n"] == 1
    assert row["c"]["preset"] == "me/\\ud800"
    assert {**row["c"]["fields"], "z": ""} == {
        "x": "x", "y": "1", "3": "<class 'object'>", "z": ""
    }  # fmt: skip
    assert len(row["c"]["fields"]["z"]) == 10_000
    assert row["c"]["strings"] == {"title": "a"}


def test_a_chart_of_a_column_that_is_missing_warns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(columns=["x"], data=[[1]])
    with offline_run(tmp_path) as run:
        run.log({"c": plot.line(table, "x", "z"), "d": plot.plot_table("wandb/bar/v0", table, {})})
    printed = capsys.readouterr().err
    assert "draws column 'z' as 'y', which its table lacks: it has ['x']" in printed
    assert "needs a column for 'label', 'value' of its preset" in printed


def test_a_chart_of_an_unknown_preset_warns(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = Table(columns=["x"], data=[[1]])
    with offline_run(tmp_path) as run:
        run.log({"c": plot.plot_table("weft/lines/v0", table, {"x": "x"})})
    assert "names the preset 'weft/lines/v0', which weft does not have" in capfd.readouterr().err


def test_a_logged_dataframe_is_a_table(tmp_path: Path) -> None:
    import pandas as pd
    import polars as pl

    frame = pd.DataFrame({"a": [1, "x"], ("b", 1): [1.5, None]})
    with offline_run(tmp_path) as run:
        polars = pl.DataFrame({"a": [1, None]})
        run.log({"frame": frame, "nested": {"frame": frame}, "polars": polars})
        make_files(run.directory)
    [row] = rows_of(run.directory)
    stored = read_table(run.directory / "files" / row["polars"]["path"])
    assert stored.data == [[1], [None]]
    assert row["frame"]["_type"] == row["nested.frame"]["_type"] == "table-file"
    table = read_table(run.directory / "files" / row["frame"]["path"])
    assert table.columns == ["a", "('b', 1)"]
    assert table.get_column("a") == [1, "x"]


def test_joined_and_partitioned_tables_refer_to_tables(tmp_path: Path) -> None:
    left, right = (Table(columns=["id", name], data=[["x", 1]]) for name in "ab")
    joined = JoinedTable(left, right, ["id", "id"])
    with offline_run(tmp_path) as run:
        run.log({"j": joined, "p": PartitionedTable("parts"), "left": left})
        assert len(make_files(run.directory)) == 2
    [row] = rows_of(run.directory)
    assert row["j"]["table1"] == row["left"]
    assert row["j"]["join_key"] == ["id", "id"]
    assert row["p"] == {"_type": "partitioned-table", "parts_path": "parts"}
    assert joined == JoinedTable(left, right, ["id", "id"])
    assert joined != JoinedTable(left, right, "id")
    assert PartitionedTable("a") != PartitionedTable("b")
    JoinedTable("a.table.parquet", PartitionedTable("p"), "id")
    for arguments in (
        (left, right, ["id"]),
        (left, right, 3),
        ("a.csv", right, "id"),
        (left, 1, "id"),
    ):
        with pytest.raises(ValueError, match="JoinedTable"):
            JoinedTable(*arguments)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="parts_path must be a path"):
        PartitionedTable(1)  # type: ignore[arg-type]


def test_presets_are_found_by_both_names() -> None:
    assert len(presets()) == 17
    for name, preset in presets().items():
        assert (preset.name, "title" in preset.strings) == (name, True)
    for name, fields in {
        "line": {"x", "y", "stroke"}, "scatter": {"x", "y"}, "bar": {"label", "value"},
        "histogram": {"value"}, "lineseries": {"step", "lineKey", "lineVal"},
        "area-under-curve": {"x", "y", "class"},
    }.items():  # fmt: skip
        preset = preset_of(f"wandb/{name}/v0")
        assert preset is not None
        assert preset.fields == fields
    matrix = preset_of("wandb/confusion_matrix/v1")
    assert matrix is not None
    assert matrix.fields == {"Actual", "Predicted", "nPredictions"}
    # As W&B's plots of scikit-learn name the columns of its table.
    assert set(matrix.default_columns.values()) == {"Actual", "Predicted", "Count"}
    assert preset_of("me/mine") is None


def test_presets_compile_without_a_warning() -> None:
    script = """
        import { compile } from "vega-lite";
        const said = [];
        const note = (...parts) => { said.push(parts.join(" ")); return logger; };
        const logger = { level: () => logger, warn: note, info: note, debug: note, error: note };
        for (const spec of JSON.parse(process.argv[1])) compile(spec, { logger });
        console.log(JSON.stringify(said));
    """
    placeholder = r"\$\{(?:field|string):([^:}]+)(?::[^}]*)?\}"
    specs = [re.sub(placeholder, r"\1", json.dumps(preset.spec)) for preset in presets().values()]
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script, f"[{','.join(specs)}]"],
        cwd=WEB, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
