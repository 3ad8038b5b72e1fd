"""A dataset, a training run that uses it and logs a model, and a run that evaluates the model.

    weft server &
    python examples/artifacts_lineage.py

Each step is a run of its own, as it would be on machines of their own. The page of the model then
shows what it came from and what came of it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import weft

PROJECT = "lineage"
N_ROWS = 400


def table_of(points: np.ndarray, labels: np.ndarray) -> weft.Table:
    return weft.Table(columns=["x", "y", "label"], data=np.column_stack([points, labels]))


def make_data() -> None:
    """Log points of two classes as `points`: a part to train on, and a part that is held out."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, N_ROWS)
    points = rng.normal(size=(N_ROWS, 2)) + 2.0 * labels[:, None]
    with weft.init(project=PROJECT, job_type="prepare") as run:
        data = weft.Artifact("points", "dataset", metadata={"rows": N_ROWS, "classes": 2})
        for name, rows in (("train", slice(0, 300)), ("held-out", slice(300, None))):
            with data.new_file(f"{name}.npz", "wb") as file:
                np.savez(file, points=points[rows], labels=labels[rows])
        data.add(table_of(points[:50], labels[:50]), "preview")
        run.log_artifact(data, aliases=["clean"]).wait()


def train() -> None:
    """Fit a logistic regression to `points:clean`, and log it as the model `boundary`."""
    with weft.init(project=PROJECT, job_type="train", config={"lr": 0.5, "epochs": 60}) as run:
        folder = run.use_artifact("points:clean", type="dataset").download()
        data = np.load(Path(folder, "train.npz"))
        points, labels = data["points"], data["labels"]
        weights, bias = np.zeros(2), 0.0
        for epoch in range(run.config.epochs):
            chances = 1 / (1 + np.exp(-(points @ weights + bias)))
            loss = -np.mean(np.log(np.where(labels == 1, chances, 1 - chances)))
            run.log({"loss": loss}, step=epoch)
            wrong = chances - labels
            weights -= run.config.lr * (points.T @ wrong) / len(points)
            bias -= run.config.lr * wrong.mean()
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "boundary.npz")
            np.savez(path, weights=weights, bias=bias)
            run.log_model(path, "boundary", aliases=["candidate"]).wait()


def evaluate() -> None:
    """Try `boundary:candidate` on the rows that it has not seen, and log what it got wrong."""
    with weft.init(project=PROJECT, job_type="evaluate") as run:
        model = np.load(run.use_model("boundary:candidate"))
        folder = run.use_artifact("points:clean").download(path_prefix="held-out")
        data = np.load(Path(folder, "held-out.npz"))
        guessed = data["points"] @ model["weights"] + model["bias"] > 0
        right = guessed == data["labels"]
        run.log({"accuracy": right.mean()})
        report = weft.Artifact("mistakes", "evaluation")
        report.add(table_of(data["points"][~right], data["labels"][~right]), "mistakes")
        run.log_artifact(report).wait()


def main() -> None:
    make_data()
    train()
    evaluate()
    model = weft.Api({"project": PROJECT}).artifact("boundary:candidate")
    made_by = model.logged_by()
    assert made_by is not None
    print(f"{model.name} was made by {made_by.id}")
    print(f"it came from {', '.join(artifact.name for artifact in made_by.used_artifacts())}")
    for run in model.used_by():
        print(f"{run.id} used it: accuracy {run.summary['accuracy']:.2f}")


if __name__ == "__main__":
    main()
