"""The integration of Ultralytics, by W&B's name: Ultralytics' own logger for W&B."""

from __future__ import annotations

from typing import Any

from ultralytics.utils.callbacks.wb import callbacks

import weft

__all__ = ["add_wandb_callback"]


def add_wandb_callback(
    model: Any,
    epoch_logging_interval: int = 1,
    enable_model_checkpointing: bool = False,
    enable_train_validation_logging: bool = True,
    enable_validation_logging: bool = True,
    enable_prediction_logging: bool = True,
    max_validation_batches: int | None = 1,
    visualize_skeleton: bool | None = True,
) -> Any:
    """Add Ultralytics' logger to a model: losses, metrics, plots and the best weights of `train`.

    The other arguments have no effect: no tables of predictions are logged.

    Returns:
        The model.

    Raises:
        UsageError: this version of Ultralytics has its logger switched off.
    """
    if not callbacks:
        raise weft.UsageError(
            "Ultralytics' logger is off: run `yolo settings wandb=True`, and start again"
        )
    weft.termwarn(
        "add_wandb_callback adds Ultralytics' own logger, which logs no tables of predictions",
        repeat=False,
    )
    for event, callback in callbacks.items():
        model.add_callback(event, callback)
    return model
