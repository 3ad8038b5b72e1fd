"""The presets of scikit-learn's charts, each drawn once of a small table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from at_length import at_length
from chart_pixels import Rgb, screenshot, wait_for
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp
from weft.plots.catalog import presets

TABLES: dict[str, tuple[str, list[list[Any]]]] = {
    "calibration": (
        "model fraction_of_positives mean_predicted_value hist_dict edge_dict",
        [[model, x, x**n, 5, x] for n, model in ((1, "a"), (2, "b")) for x in (0.0, 0.5, 1.0)],
    ),
    "class_proportions": (
        "class dataset count",
        [["one", "train", 9], ["one", "test", 3], ["two", "train", 6], ["two", "test", 2]],
    ),
    "confusion_matrix": (
        "Predicted Actual Count",
        [["one", "one", 9], ["two", "one", 1], ["one", "two", 0], ["two", "two", 10]],
    ),
    "curve": ("x y class", [[x / 4, (x / 4) ** 2, "one"] for x in range(5)]),
    "decision_boundaries": ("x y color", [[x, x % 3, "ab"[x % 2]] for x in range(20)]),
    "elbow": ("cluster_ranges errors clustering_time", [[n, 90 / n, n / 10] for n in range(1, 9)]),
    "feature_importances": ("feature_names importances", [["width", 0.75], ["height", 0.25]]),
    "learning_curve": (
        "dataset score train_size",
        [[data, 1 - y / n, n] for data, y in (("train", 1), ("test", 4)) for n in (10, 20, 40)],
    ),
    "outliers": (
        "distance instance_indicies outlier_percentage influence_threshold",
        [[n % 7 / 7, n, 14.3, 0.8] for n in range(40)],
    ),
    "residuals": (
        "dataset y_pred residuals train_score test_score",
        [[data, y, (-1) ** y, 0.9, 0.8] for data in ("train", "test") for y in range(12)],
    ),
    "silhouette": (
        "y_sil x1 x2 color_sil silhouette_avg",
        [[10 * n, 0.0, n / 10, "ab"[n % 2], 0.4] for n in range(10)],
    ),
    "summary_metrics": (
        "metric_name metric_value model_name",
        [["mae", 0.5, "line"], ["r2_score", 0.9, "line"]],
    ),
}
"""Columns and rows, by preset."""

DRAWN_ELSEWHERE = {"bar", "histogram", "line", "line_series", "scatter"}
"""Presets that `test_web_charts.py` draws."""

SCRIPT = """
import weft
run = weft.init(project="presets", id="run0", name="run-0")
for name, (columns, rows) in TABLES.items():
    table = weft.Table(columns=columns.split(), data=rows)
    run.log({name: weft.visualize(f"weft/{name}/v0", table)})
run.finish()
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The runs of `SCRIPT`."""
    folder = tmp_path_factory.mktemp("script")
    code = SCRIPT.replace("TABLES", repr(TABLES))
    run_well(folder, code, WEFT_MODE="online", WEFT_BASE_URL=server.url)


def has_marks(pixels: Rgb) -> bool:
    """Whether more is drawn than axes and texts, which are grey and small."""
    is_colored = np.ptp(pixels, axis=-1) > 40
    is_dark = pixels.mean(-1) < 100
    return bool(is_colored.sum() > 60 or is_dark.mean() > 0.1)


@at_length
def test_each_preset_is_drawn(page: Page, server: ServerProcess, app: OpenApp) -> None:
    names = {name.split("/")[1] for name in presets()}
    assert names == TABLES.keys() | DRAWN_ELSEWHERE
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    address = f"{app(server)}/local/presets"
    for name in TABLES:
        page.goto(f"{address}?p={name}")
        panel = page.locator(f"[data-kind='chart'][data-metric='{name}']")
        box = panel.locator(".vega-box")
        expect(box.locator("canvas")).to_be_visible()

        wait_for(lambda box=box: has_marks(screenshot(box)), True)
        expect(panel.locator(".flag, .say")).to_have_count(0)
    assert [text for text in messages if text.startswith(("error", "warning"))] == []
