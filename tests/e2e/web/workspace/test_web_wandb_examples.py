"""Ten scripts in the manner of W&B's public examples, run by the official client, and shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from at_length import at_length
from live_runs import LiveServer
from wandb_client import KEY, WandbClient

PROJECT = "examples"

TRAINING = """
run = wandb.init(project="examples", id="training", config={"epochs": 10, "lr": 0.02})
offset = 0.1
for epoch in range(2, run.config.epochs):
    acc = 1 - 2**-epoch - offset / epoch
    wandb.log({"acc": acc, "loss": 2**-epoch + offset / epoch, "epoch": epoch})
wandb.finish()
"""

CONFIG = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=32)
with wandb.init(project="examples", id="config", config=parser.parse_args([])) as run:
    run.config["dropout"] = 0.2
    run.config.update({"net": {"layers": [64, 32]}})
    run.log({"loss": 0.3})
"""

IMAGES = """
with wandb.init(project="examples", id="images") as run:
    for step in range(3):
        pixels = np.full((24, 24, 3), 80 * step, dtype="uint8")
        run.log({"examples": [wandb.Image(pixels, caption=f"image {n}") for n in range(3)]})
"""

TABLES = """
with wandb.init(project="examples", id="tables") as run:
    table = wandb.Table(columns=["id", "guess", "truth"])
    for n in range(20):
        table.add_data(n, n % 3, n % 2)
    run.log({"predictions": table})
"""

CHARTS = """
with wandb.init(project="examples", id="charts") as run:
    truth = [n % 3 for n in range(60)]
    guesses = [(n + (n % 7 == 0)) % 3 for n in range(60)]
    run.log({"confusion": wandb.plot.confusion_matrix(
        y_true=truth, preds=guesses, class_names=["cat", "dog", "fox"])})
    rows = wandb.Table(columns=["step", "height"], data=[[n, n * n] for n in range(10)])
    run.log({"curve": wandb.plot.line(rows, "step", "height", title="Heights")})
    run.log({"scatter": wandb.plot.scatter(rows, "step", "height")})
"""

DATASET = """
with wandb.init(project="examples", id="dataset", job_type="dataset") as run:
    np.save("digits.npy", np.arange(100))
    artifact = wandb.Artifact("digits", type="dataset")
    artifact.add_file("digits.npy")
    run.log_artifact(artifact)
"""

MODEL = """
with wandb.init(project="examples", id="model", job_type="train") as run:
    folder = run.use_artifact("digits:latest").download()
    data = np.load(os.path.join(folder, "digits.npy"))
    run.log({"mean": float(data.mean())})
    np.save("model.npy", data * 2)
    run.log_model("model.npy", name="doubled")
"""

HISTOGRAMS = """
with wandb.init(project="examples", id="histograms", group="ablation") as run:
    rng = np.random.default_rng(0)
    for step in range(20):
        weights = wandb.Histogram(rng.normal(step / 10, 1, 500))
        run.log({"weights": weights, "step_loss": 1 / (step + 1)})
"""

ALERTS = """
run = wandb.init(project="examples", id="alerts", tags=["baseline"], notes="the *first* one")
for acc in (0.5, 0.2):
    run.log({"acc": acc})
    if acc < 0.3:
        run.alert(title="Low accuracy", text=f"accuracy is {acc}", level=wandb.AlertLevel.WARN)
run.finish(exit_code=1)
"""

METRICS = """
run = wandb.init(project="examples", id="metrics")
run.define_metric("val/*", step_metric="epoch")
run.define_metric("val/loss", summary="min", step_metric="epoch")
for epoch in range(5):
    for batch in range(4):
        run.log({"train/loss": 1 / (epoch * 4 + batch + 1)})
    run.log({"epoch": epoch, "val/loss": 1 / (epoch + 1), "val/acc": epoch / 5})
run.finish()
"""

SCRIPTS = [
    TRAINING, CONFIG, IMAGES, TABLES, CHARTS, DATASET, MODEL, HISTOGRAMS, ALERTS, METRICS
]  # fmt: skip
RUNS = [
    "training", "config", "images", "tables", "charts", "dataset", "model", "histograms",
    "alerts", "metrics",
]  # fmt: skip


@pytest.fixture(scope="module")
def shown(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("examples")
    client = WandbClient(live.url, KEY, folder)
    for script in SCRIPTS:
        client.run(script, exit_code=None)
    return f"{live.url}/local/{PROJECT}"


@at_length
def test_ten_examples_end_as_they_should(shown: str, live: LiveServer) -> None:
    states = {run.id: run.state for run in live.api.runs(f"local/{PROJECT}")}
    assert states == {run: "failed" if run == "alerts" else "finished" for run in RUNS}


@at_length
def test_the_workspace_shows_their_curves(shown: str, page: Page) -> None:
    page.goto(shown)
    for metric in ("acc", "loss"):  # the others are in sections further down
        expect(page.get_by_text(metric, exact=True).first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


@at_length
def test_the_pages_of_runs_show_what_they_logged(shown: str, page: Page) -> None:
    page.goto(f"{shown}/runs/images/media")
    expect(page.get_by_text("image 2").first).to_be_visible()
    page.goto(f"{shown}/runs/tables/media")
    expect(page.get_by_text("20 rows").first).to_be_visible()
    page.goto(f"{shown}/runs/charts/media")
    expect(page.get_by_text("confusion", exact=True).first).to_be_visible()
    page.goto(f"{shown}/runs/alerts")
    expect(page.get_by_text("Low accuracy").first).to_be_visible()
    page.goto(f"{shown}/artifacts")
    for name in ("digits", "doubled"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
