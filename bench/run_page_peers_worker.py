"""Writes the run of `run_page.py` for a peer; runs in the peer's environment.

python run_page_peers_worker.py tensorboard|mlflow FOLDER N_IMAGES N_POINTS
"""

from __future__ import annotations

import sys

import numpy as np

from run_page_images import picture


def for_tensorboard(folder: str, n_images: int, n_points: int) -> None:
    from tensorboardX import SummaryWriter

    chance = np.random.default_rng(7)
    writer = SummaryWriter(folder)
    for step in range(n_points // 10):
        for metric in range(10):
            writer.add_scalar(f"train/m{metric}", 1 / (1 + step), step)
    for step in range(n_images):
        writer.add_image("val/image", picture(chance), step, dataformats="HWC")
    writer.close()


def for_mlflow(folder: str, n_images: int, n_points: int) -> None:
    import mlflow
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    client = MlflowClient()
    experiment = mlflow.create_experiment("bench", artifact_location=f"file://{folder}/artifacts")
    run = client.create_run(experiment).info.run_id
    n_steps = n_points // 10
    for first in range(0, n_steps, 100):
        client.log_batch(
            run,
            [
                Metric(f"train_m{metric}", 1 / (1 + step), step * 10, step)
                for step in range(first, min(first + 100, n_steps))
                for metric in range(10)
            ],
        )
    chance = np.random.default_rng(7)
    for step in range(n_images):
        client.log_image(run, picture(chance), key="val_image", step=step)
    client.set_terminated(run)
    print(f"{experiment} {run}")


if __name__ == "__main__":
    {"tensorboard": for_tensorboard, "mlflow": for_mlflow}[sys.argv[1]](
        sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    )
