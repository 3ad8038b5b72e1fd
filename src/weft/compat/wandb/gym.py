"""The integration of Gymnasium, by W&B's names."""

from wandb.integration.gym import *  # noqa: F403
