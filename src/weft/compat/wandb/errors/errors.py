"""An inner path to the classes of errors."""

from wandb.errors import *  # noqa: F403
