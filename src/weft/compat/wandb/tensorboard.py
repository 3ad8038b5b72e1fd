"""The integration of TensorBoard, by W&B's names."""

from wandb.integration.tensorboard import *  # noqa: F403
